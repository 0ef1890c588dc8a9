"use strict";
// A list that changes while somebody looks at it: what stays in it is not moved, so focus, place and selection stay.

/** Show a line each, and leave those as they are that have not changed. */
function keep(list, lines, make) {
  const focused = placeOf(document.activeElement);
  const before = new Map([...list.children].map((item) => [item.dataset.version, item]));
  const items = lines.map((line) => {
    const version = JSON.stringify(line);
    const item = before.get(version) ?? make(line);
    Object.assign(item.dataset, { version, of: line.photo ?? line.name });
    return item;
  });
  arrange(list, items);
  freshen(list);
  if (focused?.list === list) refocus(focused);
}

function arrange(list, items) {
  const staying = new Set(items);
  for (const item of [...list.children]) if (!staying.has(item)) item.remove();
  items.forEach((item, at) => {
    if (item !== list.children[at]) list.insertBefore(item, list.children[at] ?? null);
  });
}

/** Where in a list an element stands; null outside of one. */
function placeOf(made) {
  const item = made?.closest(".faces > li, .rows > li");
  if (!item) return null;
  const list = item.parentElement;
  return { list, item, at: [...list.children].indexOf(item) };
}

/** Where the item is gone that had the focus, give it to the same file's, else to that in its place, else to the heading. */
function refocus({ list, item, at }) {
  if (item.isConnected) return;
  const items = [...list.children];
  const next = items.find(({ dataset }) => dataset.of === item.dataset.of) ?? items[Math.min(at, items.length - 1)];
  (next?.querySelector("button") ?? byId("heading")).focus({ preventScroll: true });
}
