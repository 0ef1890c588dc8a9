"use strict";
// Photos as they were sent: each is asked for when it is seen, few at a time, and only once.

const AT_A_TIME = 2; // as many as the app makes at a time
const TRIES = 8;

const pictures = new Map(); // of each version of a photo, the promise of its address in the browser; of null: it has none
const missing = new Set(); // faces whose picture did not come, which says nothing about whether there is one
const queue = []; // what waits for its turn
let underway = 0;

const comingIntoView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    comingIntoView.unobserve(target);
    show(target);
  }
}, { rootMargin: "200px" });

/** A photo's picture; a plain figure stands in its place until it comes, and where there is none. */
function face(line, alt = "") {
  const made = element("span", `face ${/^(groups|teams)\//i.test(line.photo) ? "square" : ""}`, icon("person"));
  if (IN_PLACE.includes(line.outcome)) {
    made.line = line;
    made.alt = alt;
    comingIntoView.observe(made);
  }
  return made;
}

async function show(made) {
  const { photo, etag, written } = made.line;
  const version = JSON.stringify([photo, etag, written]);
  const address = await (pictures.get(version) ?? inTurn(() => (made.isConnected ? pictureOf(version, made.line) : null)));
  if (!pictures.has(version)) missing.add(made);
  if (!address) return;
  const image = element("img");
  image.alt = made.alt;
  image.src = address;
  await image.decode().then(() => made.replaceChildren(image), () => {});
}

/** Have a look at the faces again whose pictures did not come. */
function lookForFaces() {
  for (const made of missing) if (made.isConnected) comingIntoView.observe(made);
  missing.clear();
}

function pictureOf(version, line) {
  if (!pictures.has(version)) pictures.set(version, load(line).catch((fault) => without(version, fault)));
  return pictures.get(version);
}

/** There is no picture; only where the app says that there will be none, this is kept. */
function without(version, fault) {
  if (fault.status !== 404) pictures.delete(version);
  return null;
}

async function load({ photo, etag, written }) {
  for (let tries = TRIES; ; tries -= 1) {
    try {
      return URL.createObjectURL(await ask("photo", { name: photo, etag, sent: written }, { read: (response) => response.blob() }));
    } catch (fault) {
      if (fault.status !== 503 || tries === 1) throw fault;
      await new Promise((done) => setTimeout(done, 1000 * (fault.rest || 1)));
    }
  }
}

/** Do some work when its turn has come. */
function inTurn(work) {
  return new Promise((done) => {
    queue.push(async () => done(await work()));
    next();
  });
}

function next() {
  if (underway >= AT_A_TIME || !queue.length) return;
  underway += 1;
  queue.shift()().finally(() => {
    underway -= 1;
    next();
  });
}
