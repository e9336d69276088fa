/**
 * The review page: the words beside the proposals that rest on them.
 *
 * Hovering or choosing a proposal lights up its words in the transcript, and the other way round. j and k walk, a accepts,
 * e edits, x rejects, u undoes; after a decision the next open proposal is chosen.
 */
import { shortcut } from "./js/shortcuts.js";

const cards = () => [...document.querySelectorAll("[data-insight]")];
const card = (id) => document.getElementById(`insight-${id}`);
const marks = (id) => [...document.querySelectorAll(`mark[data-insights~="${id}"]`)];
let chosen = null;

function light(id, on) {
  for (const mark of marks(id)) mark.classList.toggle("lit", on);
  card(id)?.classList.toggle("lit", on);
}

function scrollTranscript(id) {
  const first = marks(id)[0] || document.getElementById(`u-${card(id)?.querySelector("[data-utterance]")?.dataset.utterance}`);
  const pane = document.querySelector(".review-transcript");
  if (!first || !pane || pane.scrollHeight <= pane.clientHeight + 4) return;
  const top = first.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
  pane.scrollTo({ top: top - pane.clientHeight / 3, behavior: calm() ? "auto" : "smooth" });
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function choose(id, { focus = true } = {}) {
  if (chosen) {
    light(chosen, false);
    card(chosen)?.classList.remove("chosen");
  }
  chosen = id;
  const element = id && card(id);
  if (!element) return;
  element.classList.add("chosen");
  light(id, true);
  if (focus) {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  }
  scrollTranscript(id);
}

function step(by) {
  const all = cards();
  if (!all.length) return;
  const at = all.findIndex((element) => element.dataset.insight === chosen);
  choose(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))].dataset.insight);
}

function act(name) {
  const button = chosen && card(chosen)?.querySelector(`[data-act="${name}"]`);
  if (!button) return false;
  button.click();
  return true;
}

function afterSwap(id) {
  if (id !== chosen) return;
  const all = cards();
  const at = all.findIndex((element) => element.dataset.insight === id);
  const isOpen = (element) => element.dataset.open === "yes";
  const next = all.slice(at + 1).find(isOpen) || all.find(isOpen);
  choose(card(id)?.dataset.open === "yes" || !next ? id : next.dataset.insight);
}

export function mount() {
  const pane = document.getElementById("transcript");
  if (pane?.dataset.focus) {
    const line = document.getElementById(`u-${pane.dataset.focus}`);
    line?.classList.add("focused");
    line?.scrollIntoView({ block: "center" });
  }
  const page = document.querySelector("[data-review]");
  if (!page) return;
  page.addEventListener("mouseover", (event) => hover(event.target, true));
  page.addEventListener("mouseout", (event) => hover(event.target, false));
  page.addEventListener("click", onClick);
  page.addEventListener("focusin", (event) => {
    const element = event.target.closest("[data-insight]");
    if (element && element.dataset.insight !== chosen) choose(element.dataset.insight, { focus: false });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const element = event.detail.elt?.closest?.("[data-insight]");
    if (element) afterSwap(element.dataset.insight);
  });
  shortcut("j", page.dataset.next || "↓", () => step(1));
  shortcut("k", page.dataset.previous || "↑", () => step(-1));
  for (const [key, name] of [["a", "accept"], ["e", "edit"], ["x", "reject"], ["u", "undo"]]) {
    shortcut(key, document.querySelector(`[data-act="${name}"]`)?.textContent.trim() || name, () => act(name));
  }
}

function hover(target, on) {
  const element = target.closest("[data-insight], mark[data-insights]");
  if (!element) return;
  const ids = (element.dataset.insight || element.dataset.insights).split(" ");
  for (const id of ids) if (id !== chosen) light(id, on);
}

function onClick(event) {
  const mark = event.target.closest("mark[data-insights]");
  if (mark) {
    choose(mark.dataset.insights.split(" ")[0]);
    return;
  }
  const element = event.target.closest("[data-insight]");
  if (!element || event.target.closest("button, form")) return;
  const evidence = event.target.closest("[data-utterance]");
  const sideBySide = matchMedia("(min-width: 992px)").matches;
  if (evidence && sideBySide) event.preventDefault();
  choose(element.dataset.insight, { focus: !evidence });
}
