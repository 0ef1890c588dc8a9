"use strict";
// The page's small parts. Whatever comes from a file's name goes through `textContent`, and is never markup.

const OUTCOMES = {
  synced: ["Synced", "in Microsoft 365"],
  unchanged: ["Unchanged", "same picture again"],
  retrying: ["Retrying", "tried again later"],
  rejected: ["Rejected", "to be mended"],
  failed: ["Failed", "given up"],
  removed: ["Removed", "file deleted"],
  waiting: ["Waiting", "not seen yet"], // the only one that no receipt has
};
const IN_PLACE = ["synced", "unchanged"];
const OPEN = ["rejected", "failed", "retrying"];

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");

function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function button(className, pressed, ...children) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
}

function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("class", "icon");
  drawn.setAttribute("aria-hidden", "true");
  const used = document.createElementNS("http://www.w3.org/2000/svg", "use");
  used.setAttribute("href", `#${name}`);
  drawn.append(used);
  return drawn;
}

function badge(outcome) {
  const [label] = OUTCOMES[outcome] ?? ["Unknown"];
  return element("span", `badge ${outcome}`, icon(outcome), label);
}

/** A time as people say it. */
function spoken(time) {
  const seconds = (new Date(time) - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? [];
  if (unit) return RELATIVE.format(Math.round(seconds / length), unit);
  return seconds > 0 ? "in a moment" : "just now";
}

/** A time in words, which `freshen` keeps true; the exact one is its tooltip. */
function ago(time, worded = spoken) {
  const made = element("time", "", worded(time));
  made.dateTime = time;
  made.title = new Date(time).toLocaleString();
  made.worded = worded;
  return made;
}

/** Tell the times anew; a text that stays the same is left alone, for somebody may have it selected. */
function freshen(shown) {
  for (const time of shown.querySelectorAll("time")) {
    const words = time.worded(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}

function nextTry(time) {
  return new Date(time) <= Date.now() ? "Its next try is due" : `Next try ${spoken(time)}`;
}

/** A name in two pieces: the folders, and what stands for somebody. */
function nameParts(photo) {
  const cut = photo.lastIndexOf("/") + 1;
  return [photo.slice(0, cut), photo.slice(cut)];
}

/** A name with its invisible characters made visible: they could turn it around, or hide what it is. */
function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const OPAQUE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[\w=-]{40,}$/i; // an id that says nothing to people

/** What a photo is called where there is little room: a person's name without the domain; else what it is. */
function shortName(photo) {
  const [folders, file] = nameParts(visible(photo));
  const id = file.replace(/\.[^.]+$/, "");
  if (id.includes("@")) return id.replace(/(_[^_]*#EXT#)?@[^@]*$/i, "");
  const kind = folders.split("/").at(-2)?.toLowerCase().replace(/s$/, "");
  return kind === "contact" || (kind && OPAQUE.test(id)) ? kind[0].toUpperCase() + kind.slice(1) : id;
}

/** A text for people; what stands between backticks in it is to be typed so. */
function prose(className, text) {
  const pieces = text.split("`").map((piece, at) => (at % 2 ? element("code", "", piece) : piece));
  return element("p", className, ...pieces);
}

/** A reason in two pieces: its first sentence says what is wrong, the rest what to do. Quotes hold no sentence's end. */
function reasonParts(reason) {
  const found = reason.match(/^((?:“[^”]*”|[^“.]|\.(?!\s))*\.)\s+(.*)$/s);
  return found ? [found[1], found[2]] : [reason, ""];
}
