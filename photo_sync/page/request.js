"use strict";
// What the page asks of the app, with the key that the page was opened with; and what the answers mean.

const PATIENCE = 60000; // milliseconds for an answer with all of its body: the app may have to be started first
const HOME = location.pathname.replace(/\/+$/, "");
const KEY = new URLSearchParams(location.search).get("code");

const FAULTS = {
  TimeoutError: "The app did not answer within a minute.",
  SyntaxError: "What the app answered cannot be read. Reload the page.",
};

/** A request that did not get what it asked for, in a sentence for whoever looks at the page. */
class Refused extends Error {
  constructor(sentence, status = 0, rest = 0) {
    super(sentence);
    this.status = status;
    this.rest = rest; // seconds until the same request may do better
  }
}

/** Ask for one of the page's addresses; the key goes in a header, so that no address has it but the page's own. */
async function ask(view, params = {}, { signal = null, read = (response) => response.json() } = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== "" && value !== undefined);
  const headers = KEY ? { "x-functions-key": KEY } : {};
  const ends = AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]);
  try {
    const response = await fetch(`${HOME}/${view}?${new URLSearchParams(given)}`, { headers, signal: ends, redirect: "manual" });
    if (response.ok) return await read(response);
    throw new Refused(await reason(response), response.status, Number(response.headers.get("Retry-After")));
  } catch (fault) {
    throw fault instanceof Refused || fault.name === "AbortError" ? fault : new Refused(FAULTS[fault.name] ?? "The app cannot be reached.");
  }
}

async function reason(response) {
  const isToSignIn = response.type === "opaqueredirect" || (response.status === 401 && !KEY);
  if (isToSignIn) return "Your sign-in has ended. Reload the page to sign in again.";
  const told = await response.json().catch(() => ({}));
  if (told.error) return told.error;
  if (response.status === 401) return "The key in this page's address does not count. Open the page with its new one.";
  return `The app failed at this (status ${response.status}). Its log says why.`;
}
