"use strict";
// Whether everything is in order: what the app finds when it examines itself, asked for when the rest is there.

const STATES = { green: "synced", yellow: "failed", red: "rejected" }; // whose sign each has
const WORDS = { green: "in order", yellow: "to be looked at", red: "not in order" };
const HOLDS = 300000; // milliseconds for which what was found is not asked for again

let examining = null; // the promise of what is being asked for
let examined = 0; // when the app last told, in milliseconds
let wasRed = false;

/** Show what the app finds, where what is shown is old. */
async function keepHealth() {
  freshen(byId("health"));
  if (Date.now() - examined >= HOLDS) await showHealth();
}

/** Ask the app; whoever comes meanwhile waits for the same answer. */
function showHealth() {
  examining ??= askHealth().finally(() => { examining = null; });
  return examining;
}

async function askHealth() {
  try {
    putHealth(await ask("health"));
    examined = Date.now();
  } catch (fault) {
    if (fault.rest) setTimeout(() => document.hidden || showHealth(), 1000 * fault.rest);
    else putHealth({ checks: [{ name: "status page", state: "red", told: fault.message }], looked: new Date().toISOString() });
  }
}

function putHealth({ checks, looked }) {
  const isRed = checks.some(({ state }) => state === "red");
  keep(byId("checks"), checks, check);
  byId("health-told").replaceChildren(...inOneLine(checks, looked));
  byId("health").hidden = false;
  if (isRed && !wasRed) byId("health").querySelector("details").open = true;
  wasRed = isRed;
}

function check({ name, state, told }) {
  const sign = element("span", `sign ${state}`, icon(STATES[state]), element("span", "unseen", WORDS[state]));
  return element("li", "", sign, element("div", "", element("strong", "", name), element("p", "", told)));
}

function inOneLine(checks, looked) {
  const of = (wanted) => checks.filter(({ state }) => state === wanted).length;
  const [red, yellow] = [of("red"), of("yellow")];
  const worst = red ? "red" : yellow ? "yellow" : "green";
  const about = `${sentence(checks.length, "thing was", "things were")} looked at `;
  const found = {
    red: `No: ${sentence(red, "thing is", "things are")} not in order`,
    yellow: `Yes, but ${sentence(yellow, "thing should", "things should")} be looked at`,
    green: "Yes",
  };
  return [element("span", `sign ${worst}`, icon(STATES[worst])), element("span", "found", `${found[worst]}. `), element("small", "", about, ago(looked), ".")];
}
