"use strict";
// The page in short: a sentence, a bar, a figure for each outcome, and the newest photos.

const LONG = 600000; // milliseconds; a file is seen within seconds where everything is in order
const figures = new Map(); // the button of each outcome

/** Make the figures; whoever presses one is shown those files. */
function makeFigures(pressed) {
  for (const [outcome, [label, meaning]] of Object.entries(OUTCOMES)) {
    const name = element("span", "label", icon(outcome), label);
    const made = button(`figure ${outcome}`, () => pressed(outcome), element("strong", "", "0"), name, element("small", "", meaning));
    figures.set(outcome, made);
    byId("figures").append(made);
    byId("bar").append(element("i", outcome));
  }
}

function showFigures(tally, shown) {
  for (const [outcome, made] of figures) {
    const count = tally.of(outcome);
    made.querySelector("strong").textContent = number(count);
    made.classList.toggle("zero", count === 0);
    made.hidden = outcome === "waiting" && count === 0 && shown !== outcome;
    made.ariaPressed = String(shown === outcome);
    const share = byId("bar").querySelector(`.${outcome}`);
    share.hidden = count === 0;
    share.style.flexGrow = count;
  }
}

function showVerdict(tally) {
  const soFar = `${number(tally.total)} files counted so far.`;
  const [verdict, lead] = tally.isComplete ? inShort(tally) : ["Counting…", soFar];
  setText("verdict", verdict);
  setText("lead", lead);
  const toMend = tally.of("rejected", "failed");
  document.title = toMend ? `${number(toMend)} to mend · photo-sync` : "photo-sync";
}

function inShort(tally) {
  const toMend = tally.of("rejected", "failed");
  const [retrying, waiting] = [tally.of("retrying"), tally.of("waiting")];
  const inPlace = sentence(tally.of(...IN_PLACE), "photo is in Microsoft 365", "photos are in Microsoft 365");
  const again = retrying ? `, ${sentence(retrying, "is tried again by itself", "are tried again by themselves")}` : "";
  const wait = sentence(waiting, "file waits for the app", "files wait for the app");
  if (!tally.total) return ["No photos yet.", "Everything is ready for the first one."];
  if (toMend) return [`${sentence(toMend, "file needs", "files need")} a hand.`, `${inPlace}${again}${waiting ? `, ${wait}` : ""}. Below is what to do for each.`];
  if (waiting) return [`${wait}.`, `${howLong(tally, waiting)}${inPlace}${again}.`];
  if (retrying) return ["Nothing needs a hand.", `${inPlace}${again}.`];
  return ["Everything is in place.", `${inPlace}.`];
}

function howLong({ oldest }, waiting) {
  if (!oldest) return "";
  const isLong = Date.now() - new Date(oldest) > LONG;
  const which = waiting === 1 ? "It" : "The oldest of them";
  return `${which} was uploaded ${spoken(oldest)}${isLong ? ": look below whether everything is in order" : ""}. `;
}

function sentence(count, one, many) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Change a text only where it is another one: what has not changed is not read out again. */
function setText(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function showNewest(tally, opened) {
  byId("newest").hidden = !tally.newest.length;
  byId("newest").classList.toggle("short", tally.of(...OPEN, "waiting") > 0);
  keep(byId("faces"), tally.newest, (line) => {
    const name = element("span", "name", shortName(line.photo));
    const made = button("person", () => opened(line), face(line), name, ago(line.written));
    made.title = visible(line.photo);
    made.ariaLabel = `${made.title}, details`;
    return element("li", "", made);
  });
}
