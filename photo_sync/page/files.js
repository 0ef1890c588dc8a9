"use strict";
// The list of files: which ones it shows, and for each that is not in place why, and what to do.

/** What is shown; it stands behind the # of the address, so that a reload and a link show the same. */
const shown = { show: "open", search: "" };

function readShown() {
  const read = new URLSearchParams(location.hash.slice(1));
  const show = read.get("show");
  shown.show = show === "all" || Object.hasOwn(OUTCOMES, show) ? show : "open";
  shown.search = (read.get("search") ?? "").slice(0, 200);
  byId("search").value = shown.search;
}

function keepShown() {
  const kept = new URLSearchParams(Object.entries(shown).filter(([, value]) => value && value !== "open"));
  history.replaceState(null, "", location.pathname + location.search + (kept.size ? `#${kept}` : ""));
}

/** What the app is asked for: a search without an outcome is among all files. */
function filterShown() {
  const { show, search } = shown;
  const outcome = { all: "", waiting: "", open: search ? "" : OPEN.join(",") }[show] ?? show;
  return { outcome, search };
}

function headingShown(tally) {
  const { show, search } = shown;
  const open = search || (tally.isComplete && !tally.of(...OPEN, "waiting")) ? "Files" : "Not in place yet";
  const label = { all: "All files", open }[show] ?? OUTCOMES[show][0];
  return search ? `${label} with “${search}”` : label;
}

function showFiles(finding, tally, opened) {
  byId("files").hidden = tally.isComplete && !tally.total;
  setText("heading", headingShown(tally));
  byId("search").placeholder = `Search ${among()} files`;
  setText("open-count", number(tally.of(...OPEN, "waiting")));
  setText("all-count", number(tally.total));
  for (const choice of document.querySelectorAll("[data-show]")) choice.ariaPressed = String(choice.dataset.show === shown.show);
  const lines = [...finding.lines, ...waitingShown(finding, tally)];
  keep(byId("rows"), lines, (line) => row(line, opened));
  byId("rows").hidden = !lines.length;
  showEnd(finding, tally, lines);
}

/** Of the files that wait, those to be shown: below all that is found, for they have no receipt that could be found. */
function waitingShown(finding, tally) {
  const isWanted = ["open", "all", "waiting"].includes(shown.show) && finding.rest === null;
  const named = shown.search.toLowerCase();
  return isWanted ? tally.waiting.filter(({ photo }) => photo.toLowerCase().includes(named) && !finding.has(photo)) : [];
}

function showEnd(finding, tally, lines) {
  const isOver = finding.isFull;
  byId("none").hidden = lines.length > 0 || !isOver;
  setText("none", nothingFound());
  byId("further").hidden = !(isOver && finding.rest);
  const progress = `Looked through ${number(finding.seen)} of ${tally.isComplete ? number(tally.total) : "all"} files…`;
  setText("searched", isOver || finding.seen < ONE_PART ? othersWaiting(tally, lines) : progress);
}

/** How many more wait than are told by name. */
function othersWaiting(tally, lines) {
  const more = tally.of("waiting") - tally.waiting.length;
  const isAtEnd = lines.at(-1)?.outcome === "waiting" && more > 0;
  return isAtEnd ? `${sentence(more, "more file waits", "more files wait")} for the app.` : "";
}

/** Among which files is searched. */
function among() {
  return OUTCOMES[shown.show]?.[0].toLowerCase() ?? "all";
}

function nothingFound() {
  if (shown.search) return `Nothing is named so among ${among()} files.`;
  return shown.show === "open" ? "Every file is in place. Search for one, or press a figure above to list its files." : "There are none.";
}

function row(line, opened) {
  const [folders, file] = nameParts(visible(line.photo));
  const name = button("name", () => opened(line), element("span", "folders", folders), file);
  name.ariaLabel = `${folders}${file}, details`;
  const side = element("div", "side", badge(line.outcome), ago(line.written));
  return element("li", "row", face(line), element("div", "about", name, ...told(line)), side);
}

/** Why a photo is not in place, and what to do; and when it is tried again. */
function told(line) {
  const [wrong, remedy] = reasonParts(line.reason);
  const pieces = [];
  if (wrong) pieces.push(prose("wrong", wrong));
  if (remedy) pieces.push(prose("remedy", remedy));
  if (line.outcome === "retrying" && line.due && line.code !== "in-progress") pieces.push(element("p", "due", icon("retrying"), ago(line.due, nextTry)));
  return pieces;
}
