/**
 * Where the keys j and k stop: each proposal, and each line of records that are known already. One stop is chosen, and
 * several may be selected on the way to be decided together.
 */
import { calm, card, light, scrollTranscript, wordsOf } from "./words.js";

let chosen = null;
const selected = new Set(); // ids of insights

/** In the order of the page; what is folded away is passed over. */
function stops({ kind = null } = {}) {
  const all = [...document.querySelectorAll("[data-stop]")].filter((stop) => !stop.parentElement.closest("details:not([open])"));
  return kind ? all.filter((stop) => stop.dataset.kind === kind && stop.dataset.open === "yes") : all;
}

export const stop = (id) => document.querySelector(`[data-stop="${CSS.escape(id || "")}"]`);
export const chosenId = () => chosen;
const isOpen = (element) => element.dataset.open === "yes" && !element.dataset.busy;

/** `id` null lets go. */
export function choose(id, { focus = true, words = wordsOf(id) } = {}) {
  document.getElementById("back-to-card").hidden = true;
  if (chosen) {
    light(chosen, false);
    stop(chosen)?.classList.remove("chosen");
  }
  chosen = id;
  const element = id && stop(id);
  if (!element) return;
  for (let fold = element.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
  element.classList.add("chosen");
  light(id, true);
  if (focus) {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  }
  scrollTranscript(words);
}

export function step(by, which) {
  const all = stops(which);
  if (!all.length) return;
  const at = all.findIndex((element) => element.dataset.stop === chosen);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  choose(all[Math.max(0, Math.min(all.length - 1, next))].dataset.stop);
}

/** The next one that waits, behind `from` or, if there is none, the first of all. */
export function nextOpen(from = chosen) {
  const all = [...document.querySelectorAll("[data-stop]")].filter((element) => !element.closest(".known [data-stop]"));
  const at = all.findIndex((element) => element.dataset.stop === from);
  return (all.slice(at + 1).find(isOpen) || all.find(isOpen))?.dataset.stop ?? null;
}

/** Fold what is decided, open what waits again, and count. */
export function refreshGroups() {
  for (const group of document.querySelectorAll("[data-group]")) {
    const left = group.querySelectorAll("[data-insight][data-open=yes]").length;
    const wasDone = group.classList.contains("is-decided");
    group.querySelector("[data-left]").textContent = left;
    group.classList.toggle("is-decided", left === 0);
    const fold = group.querySelector(":scope > details");
    if (left === 0 && !wasDone && !group.contains(stop(chosen))) fold.open = false;
    if (left > 0 && wasDone) fold.open = true;
  }
}

// --- Several at once

export const selection = () => [...selected].filter((id) => card(id)?.dataset.open === "yes");

export function select(id, on = true) {
  if (!card(id) || card(id).dataset.open !== "yes") return;
  if (on) selected.add(id);
  else selected.delete(id);
  drawSelection();
}

/** Select the chosen one, walk on, and select that, too. */
export function extend(by) {
  select(chosen);
  step(by);
  select(chosen);
}

export function clearSelection() {
  selected.clear();
  drawSelection();
}

export function drawSelection() {
  for (const element of document.querySelectorAll("[data-insight]")) {
    const on = selected.has(element.dataset.insight) && element.dataset.open === "yes";
    element.classList.toggle("selected", on);
    const box = element.querySelector("[data-select]");
    if (box) box.checked = on;
  }
  const bar = document.getElementById("select-bar");
  if (!bar) return;
  const count = selection().length;
  bar.hidden = count === 0;
  bar.querySelector("[data-several]").textContent = bar.dataset.several.replace("{n}", count);
}
