"use strict";
// The page itself: it looks at the listing, shows what it has so far, and looks again while somebody looks at it.

const EVERY = 15000; // milliseconds, for each part that the listing has: a long one is asked for as seldom as a short one
const WHILE_EMPTY = 5000;
const TYPING = 250;

let tally = new Tally();
let finding = new Finding();
let wish = 0; // counts what people have asked the list for: what was looked for before is of no use then
let looking = new AbortController();
let listing = new AbortController();
let timer = 0;

/** Look at all receipts, show them, and look again in a while. */
async function look() {
  clearTimeout(timer);
  looking.abort();
  looking = new AbortController();
  let count = 1;
  try {
    count = await lookThrough(looking.signal);
    showTrouble(null);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    showTrouble(fault);
  }
  keepHealth();
  lookLater(tally.isComplete && !tally.total ? WHILE_EMPTY : EVERY * count);
}

/** Go through all parts; at first, each is shown as it comes, later all of them at once. Returns how many there are. */
async function lookThrough(signal) {
  const isFirst = !tally.isComplete;
  const filter = filterShown();
  const wished = wish;
  const [fresh, found] = [new Tally(), begun(finding.wanted)];
  const put = () => {
    tally = fresh;
    if (wished === wish) finding = found;
    showAll();
  };
  let count = 0;
  for await (const part of parts(filter, signal)) {
    fresh.add(part);
    if (found.awaits(part)) found.take(part);
    if (isFirst) put();
    count += 1;
  }
  if (wished === wish) await gather(found, filter, signal, () => {});
  fresh.wait(await askWaiting(signal));
  put();
  lookForFaces();
  if (byId("sheet").open) fillSheet();
  return count;
}

/** A finding in which nothing is yet; those that wait have no receipts to be found. */
function begun(wanted) {
  return new Finding(wanted, shown.show === "waiting" ? null : {});
}

function lookLater(milliseconds) {
  if (!document.hidden) timer = setTimeout(look, milliseconds);
}

function showAll() {
  byId("first").hidden = !(tally.isComplete && !tally.total);
  byId("bar").hidden = byId("figures").hidden = !tally.total;
  showVerdict(tally);
  showFigures(tally, shown.show);
  showNewest(tally, openSheet);
  showFiles(finding, tally, openSheet);
}

function showTrouble(fault) {
  byId("trouble").hidden = !fault;
  setText("trouble", fault ? `${fault.message}${tally.total ? " What you see may be old." : ""}` : "");
  if (fault && !tally.total) setText("verdict", "There is nothing to see for now.");
  if (!fault) setText("looked", new Date().toLocaleTimeString([], { timeStyle: "short" }));
}

/** List anew what is wished for. */
async function list() {
  finding = begun();
  keepShown();
  showFigures(tally, shown.show);
  await goOn(async (filter, signal) => {
    if (!finding.isFull && filter.search && tally.total > ONE_PART) await gatherBeginnings(finding, filter, signal);
  });
}

/** Go on with the list until it has what is wished for. */
async function goOn(first = async () => {}) {
  wish += 1;
  listing.abort();
  listing = new AbortController();
  const [filter, signal] = [filterShown(), listing.signal];
  const show = () => showFiles(finding, tally, openSheet);
  show();
  try {
    await first(filter, signal);
    await gather(finding, filter, signal, show);
    show();
  } catch (fault) {
    if (fault.name !== "AbortError") showTrouble(fault);
  }
}

async function choose(show) {
  shown.show = shown.show === show ? "open" : show;
  await list();
  if (!isSeen(byId("rows").firstElementChild ?? byId("none"))) byId("files").scrollIntoView({ block: "nearest" });
}

function isSeen(made) {
  const { top, bottom } = made.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

/** Add some files to the list; the keyboard goes on with the first of them. */
async function showMore() {
  const [longer, before] = [finding, finding.lines.length];
  longer.wanted = before + STEP;
  await goOn();
  const isElsewhere = ![document.body, byId("further")].includes(document.activeElement);
  if (longer === finding && !isElsewhere) byId("rows").children[before]?.querySelector(".name").focus({ preventScroll: true });
}

/** Look at everything at once; it is not begun again while it goes on. */
async function lookAgain() {
  const again = byId("again");
  if (again.ariaDisabled === "true") return;
  again.ariaDisabled = "true"; // one that is `disabled` would lose the focus
  await Promise.all([look(), showHealth()]);
  again.ariaDisabled = "false";
}

function search() {
  clearTimeout(search.timer);
  search.timer = setTimeout(() => {
    shown.search = byId("search").value.trim();
    list();
  }, TYPING);
}

/** `/` leads to the search, as people know it from elsewhere. */
function key(event) {
  const isTyping = /^(input|textarea|select)$/i.test(event.target.tagName) || byId("sheet").open;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId("search").focus();
}

function start() {
  document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
  readShown();
  makeFigures(choose);
  makeSheet();
  byId("again").addEventListener("click", lookAgain);
  byId("search").addEventListener("input", search);
  byId("further").addEventListener("click", showMore);
  for (const choice of document.querySelectorAll("[data-show]")) choice.addEventListener("click", () => choose(choice.dataset.show));
  document.addEventListener("keydown", key);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  look();
}

start();
