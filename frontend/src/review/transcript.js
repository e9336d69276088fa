/**
 * The rest of a transcript. The page holds what is seen first; all of it is an answer of its own, which the browser
 * keeps and asks about each time (ETag), and whose lines are put around those that stand there.
 */
import { h, icon, t } from "../js/dom.js";
import { layOut } from "./words.js";

const TIMEOUT_MS = 30_000;
const pane = () => document.getElementById("transcript");

/** Resolves when all lines stand on the page. */
export async function wholeTranscript() {
  while (pane()?.dataset.rest) {
    try {
      fill(await fetched(pane().dataset.rest));
    } catch {
      await askAgain();
    }
  }
}

async function fetched(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.redirected) location.reload(); // signed out meanwhile: the page leads to the login, and back
  if (!answer.ok || answer.redirected) throw new Error(`The transcript was answered with ${answer.status}.`);
  return answer.text();
}

/** Put the lines around those that stand there, and leave what is looked at where it is. */
function fill(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const lines = [...template.content.children];
  const there = [...pane().querySelectorAll(":scope > .utterance")];
  const at = lines.findIndex((line) => line.id === there[0].id);
  if (at < 0) throw new Error("These are not the lines of this page.");
  const stay = holdStill(there);
  there[0].before(...lines.slice(0, at));
  there.at(-1).after(...lines.slice(at + there.length));
  for (const line of [there[0], there.at(-1)]) layOut(line);
  for (const rest of pane().querySelectorAll(".transcript-rest")) rest.remove();
  delete pane().dataset.rest;
  stay();
}

/** What scrolls a line: the pane, or on a narrow screen the page. */
function scrollerOf(line) {
  const box = line.closest(".review-transcript");
  return box && box.scrollHeight > box.clientHeight + 4 ? box : document.scrollingElement;
}

const HOLDS_STILL = CSS.supports("overflow-anchor", "auto");

/** Browsers hold the line that is seen in its place when others come above it, but not at the very top, and not all do. */
function holdStill(lines) {
  const scroller = scrollerOf(lines[0]);
  const box = scroller === document.scrollingElement ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
  const seen = lines.find((line) => line.getBoundingClientRect().bottom > box.top);
  const before = seen?.getBoundingClientRect().top;
  if (!seen || before > Math.min(box.bottom, innerHeight)) return () => {};
  if (!HOLDS_STILL) return () => scroller.scrollBy({ top: seen.getBoundingClientRect().top - before, behavior: "instant" });
  if (scroller.scrollTop < 1) scroller.scrollTo({ top: 1, behavior: "instant" });
  return () => {};
}

// On a narrow screen the page cannot go back to a place in the transcript before that is there: it is remembered.
const placeKey = () => `scrolled:${location.pathname}${location.search}`;

function store(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null; // blocked or full: the page begins where the browser can go
  }
}

addEventListener("pagehide", () => store((kept) => kept.setItem(placeKey(), Math.round(scrollY))));

/** After a reload or on the way back: where the page was scrolled to. */
export function returnToPlace() {
  const isReturn = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
  const place = isReturn && Number(store((kept) => kept.getItem(placeKey())));
  if (place > scrollY) scrollTo({ top: place, behavior: "instant" });
}

/** Say that it failed; resolves when it is to be tried again: by the button, or by the line that is back. */
function askAgain() {
  const rest = document.getElementById("transcript-rest");
  const before = [...rest.childNodes];
  return new Promise((resolve) => {
    const again = () => {
      removeEventListener("online", again);
      const hadFocus = rest.contains(document.activeElement);
      rest.replaceChildren(...before);
      if (hadFocus) rest.closest("[tabindex]")?.focus({ preventScroll: true });
      resolve();
    };
    addEventListener("online", again);
    const button = h("button", { class: "btn btn-sm", type: "button", onclick: again }, icon("refresh"), t("again"));
    rest.replaceChildren(h("p", {}, icon("alert-triangle"), h("span", {}, pane().dataset.failed)), button);
  });
}
