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
let threshold = null; // what the reviewer chose to accept at once; each decision brings the bar anew

function light(id, on) {
  for (const mark of marks(id)) mark.classList.toggle("lit", on);
  card(id)?.classList.toggle("lit", on);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const sideBySide = () => matchMedia("(min-width: 992px)").matches;

/** Where the words of a proposal stand: its first mark, else (refused ones mark nothing) the line. */
function wordsOf(id, utterance = card(id)?.querySelector("[data-utterance]")?.dataset.utterance) {
  const line = document.getElementById(`u-${utterance}`);
  return line?.querySelector(`mark[data-insights~="${id}"]`) || line || marks(id)[0];
}

/**
 * Bring the words into the upper third of the pane. Lines never shown yet have estimated heights, so a long way is jumped,
 * not glided, and the place is looked at again once the lines around it are laid out.
 */
function scrollTranscript(words) {
  const pane = document.querySelector(".review-transcript");
  if (!words || !pane || pane.scrollHeight <= pane.clientHeight + 4) return;
  const off = () => words.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  const far = Math.abs(off()) > pane.clientHeight * 1.5;
  pane.scrollBy({ top: off(), behavior: far || calm() ? "instant" : "smooth" });
  if (far) requestAnimationFrame(() => pane.scrollBy({ top: off(), behavior: "instant" }));
}

/** On a narrow screen the transcript lies below the proposals: go to the words, and offer the way back. */
function visitWords(id, words) {
  const go = () => words?.scrollIntoView({ block: "center", behavior: "instant" });
  history.pushState(null, "", `#insight-${id}`); // the phone's own "back" leads to the proposal, too
  go();
  requestAnimationFrame(go); // lines never shown yet had estimated heights
  const back = document.getElementById("back-to-card");
  back.href = `#insight-${id}`;
  back.hidden = false;
}

function choose(id, { focus = true, words = wordsOf(id) } = {}) {
  document.getElementById("back-to-card").hidden = true;
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
  scrollTranscript(words);
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

/** The button says how many it would take. */
function showTaken() {
  const option = document.getElementById("accept-above")?.selectedOptions[0];
  const button = document.getElementById("accept-all");
  if (!option || !button) return;
  button.querySelector("span").textContent = option.dataset.button;
  button.disabled = option.dataset.taken === "0";
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
  page.addEventListener("change", (event) => {
    if (event.target.id !== "accept-above") return;
    threshold = event.target.value;
    showTaken();
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    const select = document.getElementById("accept-above");
    if (select && threshold !== null) select.value = threshold;
    showTaken();
  });
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
  const back = event.target.closest("#back-to-card");
  if (back) {
    event.preventDefault();
    choose(back.hash.replace("#insight-", ""));
    return;
  }
  const mark = event.target.closest("mark[data-insights]");
  if (mark) {
    choose(mark.dataset.insights.split(" ")[0]);
    return;
  }
  const element = event.target.closest("[data-insight]");
  if (!element || event.target.closest("button, form")) return;
  const evidence = event.target.closest("[data-utterance]");
  const id = element.dataset.insight;
  const words = evidence ? wordsOf(id, evidence.dataset.utterance) : wordsOf(id);
  if (evidence) event.preventDefault();
  choose(id, { focus: !evidence, words });
  if (evidence && !sideBySide()) visitWords(id, words);
}
