"use strict";
// The receipts as storage lists them, part by part, and what is kept of the parts: numbers and few lines.

const FIRST_SIZE = 500; // receipts: a small part comes at once, the others are as large as storage gives
const NEWEST = 20;
const STEP = 50; // lines that are added at a time
const ONE_PART = 5000;
const UNSEEN = "The app has not seen this file yet. It does so within seconds, or finds it in the hourly comparison.";

/** Yield the parts of the listing from a place on, each with its place. */
async function* parts(filter, signal, place = {}) {
  let size = FIRST_SIZE;
  do {
    const part = { place, ...(await ask("listing", { ...filter, ...place, size }, { signal })) };
    yield part;
    place = { token: part.next };
    size = "";
  } while (place.token);
}

/** Ask which files have no receipt yet. */
async function askWaiting(signal) {
  try {
    return await ask("waiting", {}, { signal });
  } catch (fault) {
    if (fault.status === 404) return { count: 0, oldest: null, lines: [] };
    throw fault;
  }
}

/** How many receipts there are of each outcome, and the newest photos, of the parts seen so far; and what waits. */
class Tally {
  counts = {};
  newest = [];
  waiting = []; // the first lines, as those of receipts are
  oldest = null;
  isComplete = false;

  add(part) {
    for (const [outcome, count] of Object.entries(part.counts)) this.counts[outcome] = this.of(outcome) + count;
    const byTime = (one, other) => other.written.localeCompare(one.written);
    this.newest = [...this.newest, ...part.newest].sort(byTime).slice(0, NEWEST);
  }

  /** Add the files that have no receipt yet: only then is everything counted. */
  wait({ count, oldest, lines }) {
    if (count) this.counts.waiting = count;
    this.oldest = oldest;
    const told = { outcome: "waiting", etag: "", code: "", reason: UNSEEN, due: "" };
    this.waiting = lines.map(({ photo, uploaded }) => ({ photo, ...told, written: uploaded }));
    this.isComplete = true;
  }

  of(...outcomes) {
    return outcomes.reduce((sum, outcome) => sum + (this.counts[outcome] ?? 0), 0);
  }

  get total() {
    return this.of(...Object.keys(this.counts));
  }
}

/** The lines that a filter finds, as many as are wanted for now, and the place from which there may be others. */
class Finding {
  lines = [];
  seen = 0;
  #names = new Set();

  constructor(wanted = STEP, rest = {}) {
    this.wanted = wanted;
    this.rest = rest; // null behind the last part
  }

  has(photo) {
    return this.#names.has(photo);
  }

  get isFull() {
    return this.rest === null || this.lines.length >= this.wanted;
  }

  /** Say whether this is the part that comes next. */
  awaits(part) {
    return !this.isFull && !this.rest.after && (this.rest.token ?? "") === (part.place.token ?? "");
  }

  take(part) {
    this.add(part.lines);
    this.seen += part.place.after ? 0 : Object.values(part.counts).reduce((sum, count) => sum + count, 0);
    const last = part.lines.at(-1)?.photo;
    if (part.more) this.rest = { ...part.place, after: last };
    else this.rest = part.next ? { token: part.next } : null;
  }

  add(lines) {
    const fresh = lines.filter((line) => !this.#names.has(line.photo));
    fresh.forEach((line) => this.#names.add(line.photo));
    this.lines.push(...fresh);
  }
}

/** Go on with a finding until it has what is wanted, and say so after each part. */
async function gather(finding, filter, signal, told) {
  while (!finding.isFull) {
    for await (const part of parts(filter, signal, finding.rest)) {
      finding.take(part);
      told();
      if (finding.isFull || part.more) break;
    }
  }
}

/** Find at once what begins as a name does: the parts of a long listing take their time. */
async function gatherBeginnings(finding, filter, signal) {
  const prefix = filter.search.includes("/") ? filter.search : `users/${filter.search}`;
  finding.add((await ask("listing", { ...filter, prefix, size: FIRST_SIZE }, { signal })).lines);
}
