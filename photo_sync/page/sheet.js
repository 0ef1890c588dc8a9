"use strict";
// One photo in full: the picture as it was sent, what became of the file, and what Microsoft's support asks for.

let opening = null; // the line whose sheet is open, or was last
let opener = null; // where in a list it was opened
let answered = ""; // what the open sheet was filled with

function openSheet(line) {
  opener = placeOf(document.activeElement);
  answered = "";
  byId("sheet-name").textContent = visible(line.photo);
  byId("sheet-facts").replaceChildren();
  putLine(line);
  byId("sheet").showModal();
  byId("sheet").scrollTop = 0;
  fillSheet();
}

function putLine(line) {
  opening = line;
  byId("sheet-face").replaceChildren(face(line, `The photo of ${visible(line.photo)}, as it was sent`));
  byId("sheet-face").hidden = !IN_PLACE.includes(line.outcome);
  byId("sheet-told").replaceChildren(...told(line));
  byId("sheet-badge").replaceChildren(badge(line.outcome), ago(line.written));
}

/** Show in the open sheet what became of the file by now. */
async function fillSheet() {
  const line = opening;
  freshen(byId("sheet"));
  try {
    const answer = await ask("receipt", { name: line.photo });
    if (opening === line) putAnswer(answer);
  } catch (fault) {
    if (opening === line && !(line.outcome === "waiting" && fault.status === 404)) putNotes([fault.message]);
  }
}

function putAnswer(answer) {
  if (answered === JSON.stringify(answer)) return;
  answered = JSON.stringify(answer);
  putLine(lineOf(answer.receipt, opening));
  putNotes(notes(answer));
  byId("sheet-facts").replaceChildren(...facts(answer.receipt));
}

/** The line that a listing would have of this receipt: the one that it had, unless something happened since. */
function lineOf({ photo, etag, outcome, code, reason, due, finished }, line) {
  const told = { photo, etag, outcome, code, reason, due: due ?? "" };
  const isSame = Object.entries(told).every(([name, value]) => line[name] === value);
  return isSame ? line : { ...told, written: finished ?? "" };
}

function putNotes(told) {
  byId("sheet-told").querySelectorAll(".note").forEach((note) => note.remove());
  byId("sheet-told").append(...told.map((note) => element("p", "note", note)));
}

function notes({ receipt, is_there, is_as_sent, is_made_alike }) {
  const isInPlace = IN_PLACE.includes(receipt.outcome);
  const told = [receipt.warning];
  if (isInPlace && is_there && !is_as_sent) told.push("The file was replaced since. The new one has not become the photo yet.");
  if (isInPlace && !is_there) told.push("The file was deleted since, so there is no picture of it here.");
  if (is_as_sent && !is_made_alike) told.push("The app was changed since: the picture is shown as it would be sent today.");
  return told.filter(Boolean);
}

function facts(receipt) {
  const told = [
    ["Became", measures(receipt)],
    ["Faces", receipt.faces],
    ["Code", receipt.code],
    ["Tries", receipt.attempts && number(receipt.attempts)],
    ["Uploaded", receipt.uploaded && new Date(receipt.uploaded)],
    ["First tried", receipt.first_tried && new Date(receipt.first_tried)],
    ["Last tried", receipt.finished && new Date(receipt.finished)],
    ["In Graph", receipt.graph_path],
    ["Graph said", [receipt.status, receipt.error_code].filter(Boolean).join(" ")],
    ["request-id", receipt.request_id],
    ["client-request-id", receipt.client_request_id],
    ["SHA-256", receipt.sha256],
  ];
  return told.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", "", name), element("dd", "", shownAs(value))]);
}

function shownAs(value) {
  return value instanceof Date ? value.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }) : value;
}

function measures(receipt) {
  if (!receipt.source_format) return "";
  const source = `${receipt.source_format}, ${receipt.source_width} × ${receipt.source_height}, ${number(receipt.source_bytes)} bytes`;
  if (!receipt.photo_bytes) return source;
  return `${source} → JPEG, ${receipt.photo_width} × ${receipt.photo_height}, ${number(receipt.photo_bytes)} bytes`;
}

/** A press beside the sheet closes it, as Escape does. The row that opened it may be gone by then. */
function makeSheet() {
  byId("sheet").addEventListener("click", ({ target }) => target === byId("sheet") && byId("sheet").close());
  byId("sheet").addEventListener("close", () => opener && refocus(opener));
}
