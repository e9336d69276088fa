/**
 * Who works by keyboard goes on where they were. What the focus stood on is often drawn anew (a list filtered, a star
 * set, rows changed together) or gone when a dialog closes (an entry of a menu, a message): then the focus goes to what
 * stands in its place, which is known by its id, its words or its place among its like; else to the page's content,
 * never to the top. A list sorted by a link is a new page; there the same holds.
 */
const KEY = "focus";
/** A dialog that has just closed keeps the focus until the next frame where what it came from is hidden: the entry of a menu. */
const isNowhere = (at = document.activeElement) => !at || at === document.body || Boolean(at.closest("dialog:not([open])"));
const canHave = (element) => element?.isConnected && !element.disabled && element.checkVisibility();
const wordsOf = (element) => element.getAttribute("aria-label") || element.textContent.trim();
const like = (element) => `${element.localName}${element.classList.length ? `.${CSS.escape(element.classList[0])}` : ""}`;
const FIELDS = "a[href], button, summary, select, textarea, input:not([type=hidden])";
const inside = (hosts, selector) => [...(hosts.map((id) => document.getElementById(id)).find(Boolean) ?? document).querySelectorAll(selector)];

/** How to know an element again when its page or its part of the page was drawn anew. */
function describe(element) {
  const hosts = [];
  for (let up = element.parentElement?.closest("[id]"); up; up = up.parentElement?.closest("[id]")) hosts.push(up.id);
  const kin = like(element);
  return { id: element.id, hosts, kin, words: wordsOf(element), place: inside(hosts, kin).indexOf(element) };
}

function again({ id, hosts, kin, words, place }) {
  const named = id && document.getElementById(id);
  if (canHave(named)) return named;
  const all = inside(hosts, kin).filter(canHave);
  const same = all.find((other) => wordsOf(other) === words) ?? all[Math.min(place, all.length - 1)];
  const part = hosts.find((host) => document.getElementById(host));
  return same ?? (part && part !== "main" ? inside([part], FIELDS).find(canHave) : undefined);
}

/** Who works by keys sees where they are; a mouse's page stays where it was scrolled to. */
function give(to, isSeen = byKeys) {
  const menu = to?.isConnected ? to.closest("details:not([open])") : null;
  const next = menu ? menu.querySelector("summary") : to;
  if (!canHave(next)) return document.getElementById("main")?.focus({ preventScroll: true });
  next.focus({ preventScroll: true });
  if (isSeen && next.id !== "main") next.scrollIntoView({ block: "nearest" });
}

// --- Of dialogs and messages: the last that had the focus outside of them, and whether a key was what one used last

let last = isNowhere() ? null : document.activeElement; // the page may have given it before this runs
let byKeys = false;
document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("dialog, #toasts, main[tabindex='-1']:focus")) last = target;
});
for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, () => { byKeys = name === "keydown"; }, true);
const isAsked = () => isNowhere() && last && !document.querySelector("dialog:modal");
const later = () => setTimeout(() => isAsked() && give(last)); // others that know better come first
document.addEventListener("close", later, true);
document.addEventListener("click", ({ target }) => target.closest?.("#toasts button") && setTimeout(() => {
  if (target.isConnected && document.activeElement?.closest("#toasts")) give(last ?? document.getElementById("main"));
}));

// A form that unfolds is to be filled in; while its summary has the focus, letters would be shortcuts.
document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.matches("details:not(.menu)") || document.activeElement !== target.firstElementChild) return;
  target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}, true);

// --- Of what is drawn anew

const held = new WeakMap(); // request → what had the focus in what its answer replaces; fields in their place see to it themselves
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr, target, elt } }) => {
  const at = isNowhere() ? null : document.activeElement;
  const isMore = at?.closest(".load-more");
  if (at && !at.closest("[data-cell]") && (target.contains(at) || isMore || elt.contains(at))) held.set(xhr, { at, known: describe(at), before: isMore && (at.getAttribute("hx-swap") === "afterend" ? target : target.lastElementChild) });
});
document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
  const was = held.get(xhr);
  if (!was || !isNowhere()) return;
  held.delete(xhr);
  const more = was.before?.isConnected ? was.before.nextElementSibling : null; // the first of more rows, or of more groups
  const fresh = more?.querySelector("a[href]") ?? more?.querySelector("button");
  setTimeout(() => isNowhere() && give(fresh || (canHave(was.at) ? was.at : again(was.known))));
});

let beside = null; // what had the focus in a part that an answer brings along
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
  const at = isNowhere() ? null : document.activeElement;
  if (at && target.contains(at) && !at.closest(".load-more")) beside = describe(at);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  if (beside && isNowhere()) give(again(beside));
  beside = null;
});

// --- Of the page that comes next: the same anew, or where a form has led to. For those alone who work by keys.

let isSent = false;
document.addEventListener("submit", (event) => { isSent = !event.defaultPrevented; });
document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, requestConfig } }) => {
  if (xhr.getResponseHeader("HX-Redirect") && requestConfig.verb !== "get") isSent = true;
});
addEventListener("pagehide", () => {
  const at = last?.isConnected ? (last.closest("details.menu")?.querySelector("summary") ?? last) : null;
  try {
    const isLed = isSent || Boolean(document.activeElement?.closest("dialog, [data-dropzone]")); // by a form, a file, or by what a dialog asked for
    const isMain = document.activeElement?.id === "main"; // where another page has led to, which goes on by itself
    if (byKeys && (at || isLed || isMain)) sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, isLed, isMain, known: isMain ? null : at && describe(at) }));
    else sessionStorage.removeItem(KEY);
  } catch { /* storage is blocked */ }
});

function resume() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch { /* storage is blocked */ }
  byKeys = Boolean(kept); // until a mouse is used: a page may go on by itself, as an import's does once it is done
  if (!kept || !isNowhere() || location.hash || document.querySelector("[autofocus]:not(dialog *)")) return;
  const { isLed, isMain, known } = kept;
  const isSame = kept.path === location.pathname;
  if (known && isSame) give(again(isLed ? known : { ...known, place: NaN }), true); // what only stands in its place is no button to press
  else if (isLed || (isMain && isSame)) give(null);
}
resume();
