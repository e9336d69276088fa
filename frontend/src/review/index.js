/**
 * The review page: the words beside the proposals that rest on them, decided by keyboard alone.
 *
 *   stops       where j and k stop, what is chosen, what is selected
 *   transcript  the rest of the lines, beside the page
 *   marks       the evidence in them
 *   words       lighting it up, and going there
 *   more        what else can be done with a proposal
 *   others      what somebody else decides meanwhile
 *
 * After a decision the next open proposal is chosen at once; the answer is drawn when it comes, in order (hx-sync).
 */
import htmx from "htmx.org";
import { isHeard, shortcut } from "../js/shortcuts.js";
import { toast } from "../js/toasts.js";
import { markEvidence } from "./marks.js";
import { furnish } from "./more.js";
import { watch } from "./others.js";
import "./speakers.js";
import { choose, chosenId, clearSelection, drawSelection, extend, nextOpen, refreshGroups, select, selection, step, stop } from "./stops.js";
import { returnToPlace, wholeTranscript } from "./transcript.js";
import { card, focusLine, goToWords, layOut, light, scrollTranscript, showDue, showLine, showWords, sideBySide, wordsOf } from "./words.js";

const PATIENCE_MS = 400;
let threshold = null; // what the reviewer chose to accept at once; each decision brings the bar anew
let asked = null; // the proposal that the address names, until it is there
let merging = null; // the proposal that is to absorb another
let place = null; // {id, after}: what was chosen when all proposals are drawn anew, and what stood behind it
const decided = []; // ids, for an undo after the next one is chosen
let say = {};

// --- Decisions

/** Its own button: a line of known records has their cards inside. */
function act(name) {
  const element = stop(chosenId());
  const button = [...(element?.querySelectorAll(`[data-act="${name}"]`) ?? [])].find((each) => each.closest("[data-stop]") === element);
  if (!button) return false;
  button.click();
  return true;
}

function decide(name) {
  if (selection().length) return decideSelected(name);
  const element = stop(chosenId());
  if (!element || element.dataset.open !== "yes" || element.dataset.busy) return false;
  return act(name);
}

function decideSelected(name) {
  const ids = selection();
  clearSelection();
  const values = name === "reject" ? { decide: "reject", id: ids } : { accept_above: 0, id: ids };
  const url = document.querySelector("[data-reviews]").dataset.reviews;
  htmx.ajax("post", url, { source: "#proposals", values, target: "#proposals", swap: "outerHTML" });
  return true;
}

function undo() {
  if (act("undo")) return true;
  while (decided.length) {
    const id = decided.pop();
    const button = card(id)?.dataset.open === "no" && card(id).querySelector('[data-act="undo"]');
    if (!button) continue;
    choose(id);
    button.click();
    return true;
  }
  return false;
}

/** A decision is on its way: go on to the next; or back to the one that a message's "Undo" takes back. */
function underWay({ elt: form, requestConfig }) {
  const undone = requestConfig.path.match(/^\/insights\/(\d+)\/undo$/)?.[1];
  if (undone && card(undone)) choose(undone);
  if (!form.matches("form")) return;
  const element = form.closest("[data-stop]");
  const button = requestConfig.triggeringEvent?.submitter;
  if (!element || !button?.matches("[data-act=accept], [data-act=reject]")) return;
  element.dataset.busy = "1";
  if (element.dataset.insight) decided.push(element.dataset.insight);
  if (element.dataset.stop !== chosenId()) return;
  const next = nextOpen();
  if (next) choose(next);
}

function failed(source) {
  const element = source?.closest?.("[data-stop]");
  if (!element?.dataset.busy) return;
  delete element.dataset.busy;
  choose(element.dataset.stop);
}

function afterSwap(id) {
  drawSelection();
  const element = card(id);
  const isChosen = id === chosenId();
  if (isChosen && element?.dataset.open === "no") choose(nextOpen() ?? id);
  else if (isChosen) choose(id, { focus: !document.querySelector("dialog[open]") });
  refreshGroups();
}

/** All proposals were drawn anew: stay where the person was. */
function afterAll() {
  drawSelection();
  const there = place && [place.id, ...place.after].find((id) => stop(id)?.dataset.open === "yes");
  place = null;
  const next = there || nextOpen(null);
  if (next) choose(next, { focus: !document.querySelector("dialog[open]") });
  refreshGroups();
}

function remember() {
  const ids = [...document.querySelectorAll("[data-stop]")].map((element) => element.dataset.stop);
  place = { id: chosenId(), after: ids.slice(ids.indexOf(chosenId()) + 1) };
}

// --- Merging

function startMerge() {
  const element = card(chosenId());
  if (!element || element.dataset.open !== "yes") return false;
  const partners = document.querySelectorAll(`[data-insight][data-open=yes][data-kind="${element.dataset.kind}"]`);
  if (partners.length < 2) return toast({ tone: "info", text: say.same_kind, key: "merge" });
  clearSelection();
  merging = chosenId();
  element.classList.add("merging");
  for (const partner of partners) partner.classList.add("may-merge");
  document.querySelector("[data-review]").dataset.merging = element.dataset.kind;
  document.getElementById("merge-bar").hidden = false;
  step(element === [...partners].at(-1) ? -1 : 1, { kind: element.dataset.kind });
  return true;
}

function stopMerge(back = true) {
  if (!merging) return false;
  const id = merging;
  merging = null;
  card(id)?.classList.remove("merging");
  for (const partner of document.querySelectorAll(".may-merge")) partner.classList.remove("may-merge");
  delete document.querySelector("[data-review]").dataset.merging;
  document.getElementById("merge-bar").hidden = true;
  if (back) choose(id);
  return true;
}

function mergeWith(other) {
  const id = merging;
  if (!other || other === id || card(other)?.dataset.kind !== card(id)?.dataset.kind || card(other)?.dataset.open !== "yes") return true;
  stopMerge();
  htmx.ajax("post", `/insights/${id}/merge`, { source: card(id), values: { other }, target: `#insight-${id}`, swap: "outerHTML" });
  decided.push(other);
  return true;
}

// --- Keys

/** Where several records may be meant: the number says which. */
function pickCandidate(digit) {
  const radio = stop(chosenId())?.querySelector(`[data-pick="${digit}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.focus({ preventScroll: true });
  return true;
}

/**
 * A yes without a choice: the choices get the focus, and the page says what is missing. Asked before the browser checks
 * what is required: its bubble is closed by no key, and Firefox overlooks radios that stand before their form.
 */
function askWhich(event) {
  const element = event.target.closest?.('[data-act="accept"]')?.closest("[data-stop]");
  const choices = [...(element?.querySelectorAll("[data-pick]") ?? [])];
  if (!choices.length || choices.some(({ checked }) => checked)) return;
  event.preventDefault();
  choose(element.dataset.stop);
  choices[0].focus();
  toast({ tone: "info", text: say.which, key: "decision" });
}

const walk = (by) => step(by, merging ? { kind: card(merging)?.dataset.kind } : undefined);

function enter(event) {
  if (event.target.closest?.("a, button, summary, input, select") || !chosenId()) return false;
  if (merging) return mergeWith(chosenId());
  const fold = stop(chosenId())?.querySelector(":scope > details");
  if (fold) fold.open = !fold.open;
  return fold ? true : showWords(chosenId());
}

function escape() {
  if (stopMerge()) return true;
  if (!selection().length) return false;
  clearSelection();
  return true;
}

function keys(page) {
  shortcut("j", page.dataset.next, () => walk(1));
  shortcut("k", page.dataset.previous, () => walk(-1));
  if (!page.dataset.reviews) return;
  const unlessMerging = (what) => () => (merging ? true : what());
  shortcut("a", say.accept, unlessMerging(() => decide("accept")));
  shortcut("x", say.reject, unlessMerging(() => decide("reject")));
  shortcut("e", say.edit, unlessMerging(() => act("edit")));
  shortcut("u", say.undo, unlessMerging(undo));
  shortcut("v", say.words, () => showWords(chosenId()));
  shortcut("m", say.merge, () => (merging ? mergeWith(chosenId()) : startMerge()));
  shortcut("t", say.move, unlessMerging(() => act("move")));
  shortcut("o", say.owner, unlessMerging(() => act("owner")));
  shortcut("J", say.more, unlessMerging(() => extend(1)));
  shortcut("K", say.less, unlessMerging(() => extend(-1)));
  shortcut("s", say.select, unlessMerging(() => select(chosenId(), !selection().includes(chosenId()))));
  for (const digit of "123456789") shortcut(digit, "", () => pickCandidate(digit), { hidden: true });
  shortcut("n", say.next_meeting, () => {
    const link = document.querySelector("[data-next-meeting]");
    if (!link) return false;
    link.click();
    return true;
  });
  shortcut("Enter", say.words, enter, { hidden: true });
  shortcut("Escape", "", escape, { hidden: true });
}

/** In a dialog of choices: arrows move, a digit chooses. */
function inChoices(event) {
  const list = document.querySelector("dialog[open] [data-choices]");
  if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...list.querySelectorAll(".choice")];
  const at = all.indexOf(document.activeElement);
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && at >= 0) all.at((at + by) % all.length).focus();
  else if (isHeard(event) && /^[1-9]$/.test(event.key) && !event.target.matches("input")) all[Number(event.key) - 1]?.click();
  else return;
  event.preventDefault();
}

// --- The page

/** The button says how many it would take. */
function showTaken() {
  const option = document.getElementById("accept-above")?.selectedOptions[0];
  const button = document.getElementById("accept-all");
  if (!option || !button) return;
  button.querySelector("span").textContent = option.dataset.button;
  button.disabled = option.dataset.taken === "0";
}

/** The band asked for, as long as something is left in it; else the next that has something. */
function keepThreshold() {
  const chooser = document.getElementById("accept-above");
  if (!chooser || threshold === null) return;
  const wanted = [...chooser.options].find((option) => option.value === threshold);
  if (wanted && wanted.dataset.taken !== "0") chooser.value = threshold;
}

export function mount() {
  const pane = document.getElementById("transcript");
  if (pane) {
    const whole = wholeTranscript().then(drawCards).then(nextFrame); // what is drawn in the frame of a jump counts as moved
    if (pane.dataset.focus) goToSecond(document.getElementById(`u-${pane.dataset.focus}`), whole);
    whole.then(allIsThere);
  }
  const page = document.querySelector("[data-review]");
  if (!page) return;
  drawCards();
  say = JSON.parse(document.querySelector(".review-keys")?.dataset.words || "{}");
  listen(page);
  keys(page);
  if (document.querySelector("[data-insight]")) watch(say.changed);
  showLine();
  asked = location.hash.match(/^#insight-(\d+)$/)?.[1];
  if (chooseAsked()) return;
  if (page.dataset.reviews && !pane?.dataset.focus && nextOpen(null)) choose(nextOpen(null), { focus: false });
}

function chooseAsked() {
  if (!asked || !card(asked)) return false;
  choose(asked);
  asked = null;
  return true;
}

/** What the script adds to the cards, and draws of them into the transcript. */
function drawCards() {
  furnish();
  markEvidence();
  if (chosenId()) light(chosenId(), true);
}

const nextFrame = () => new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(tell)));

/** The line that is said at the second of the address. A page that is to be scrolled itself waits a moment for the rest. */
async function goToSecond(line, whole) {
  focusLine(line);
  if (!sideBySide()) await Promise.race([whole, new Promise((tell) => setTimeout(tell, PATIENCE_MS))]);
  layOut(line);
  line.scrollIntoView({ block: "center", behavior: "instant" });
}

/** The transcript is whole: go to what was not there before. */
function allIsThere() {
  if (showDue()) return;
  if (/^#u-/.test(location.hash)) showLine();
  else if (!document.querySelector(".utterance.focused")) scrollTranscript(wordsOf(chosenId()));
  returnToPlace();
}

function listen(page) {
  page.addEventListener("mouseover", (event) => hover(event.target, true));
  page.addEventListener("mouseout", (event) => hover(event.target, false));
  page.addEventListener("click", onClick);
  page.addEventListener("change", ({ target }) => {
    if (target.matches("[data-select]")) select(target.closest("[data-insight]").dataset.insight, target.checked);
    if (target.id !== "accept-above") return;
    threshold = target.value;
    showTaken();
  });
  page.addEventListener("focusin", (event) => {
    const element = event.target.closest("[data-stop]");
    if (element && element.dataset.stop !== chosenId() && !event.target.matches("[data-select]")) choose(element.dataset.stop, { focus: false });
  });
  addEventListener("hashchange", () => showLine());
  document.addEventListener("keydown", inChoices);
  document.addEventListener("click", askWhich, true);
  document.addEventListener("htmx:oobAfterSwap", () => {
    drawCards();
    keepThreshold();
    showTaken();
    refreshGroups();
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => underWay(detail));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, ({ detail }) => failed(detail.elt));
  }
  document.addEventListener("htmx:beforeSwap", ({ detail }) => detail.target?.id === "proposals" && remember());
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    drawCards();
    chooseAsked();
    if (detail.elt?.id === "proposals") afterAll();
    const element = detail.elt?.closest?.("[data-insight]");
    if (element) afterSwap(element.dataset.insight);
  });
}

function hover(target, on) {
  const element = target.closest("[data-insight], mark[data-insights]");
  if (!element) return;
  const ids = (element.dataset.insight || element.dataset.insights).split(" ");
  for (const id of ids) if (id !== chosenId()) light(id, on);
}

function onClick(event) {
  const { target } = event;
  if (target.closest("[data-cancel-merge]")) return stopMerge();
  if (target.closest("[data-clear-selection]")) return clearSelection();
  const several = target.closest("[data-decide-selected]");
  if (several) return decideSelected(several.dataset.decideSelected);
  const back = target.closest("#back-to-card");
  if (back) {
    event.preventDefault();
    return choose(back.hash.replace("#insight-", ""));
  }
  const mark = target.closest("mark[data-insights]");
  if (mark) return choose(mark.dataset.insights.split(" ")[0]);
  const element = target.closest("[data-insight]");
  if (!element) return undefined;
  const id = element.dataset.insight;
  if (merging) return mergeWith(id);
  if (target.closest("[data-act=words]")) return showWords(id);
  if (target.closest("[data-act=merge]")) {
    choose(id);
    return startMerge();
  }
  const asks = target.closest("[data-act=edit], [data-act=move], [data-act=owner]");
  if (asks) return htmx.ajax("get", `/insights/${id}/${asks.dataset.act}`, { source: asks, target: "#modal-body", swap: "innerHTML" });
  if (target.closest("button, form, input, summary")) return undefined;
  const evidence = target.closest(".evidence");
  if (!evidence) return choose(id);
  event.preventDefault();
  choose(id, { focus: false, words: wordsOf(id, evidence) });
  if (!sideBySide() || !wordsOf(id, evidence)) goToWords(id, evidence);
  return undefined;
}
