/**
 * The board of deals: cards are carried by pointer (drag.js) or keys (keys.js), and put down here.
 *
 *   carried ─▶ shown at once ─▶ sent ─┬─ agreed: the card and the heads of its columns as the server sees them
 *                                     └─ refused: the card goes back, visibly, with the reason
 *
 * The board may be swapped by its filter at any time, so everything listens on the document and asks the page.
 */
import { problemText, t } from "../js/dom.js";
import { toast } from "../js/toasts.js";
import { startDragging } from "./drag.js";
import { startCarrying } from "./keys.js";
import { askWhyLost } from "./lost.js";
import { say } from "./says.js";
import { columnOf, moved, placeOf, putBack } from "./places.js";

export function mount() {
  startDragging(drop);
  startCarrying(drop);
  document.addEventListener("submit", chosenInMenu);
  document.addEventListener("htmx:beforeSwap", goOn);
}

/** "Load more" goes with its click; who pressed it goes on at the first card that came. */
function goOn({ detail: { target } }) {
  if (!target.matches("[data-board] .list-more") || !target.contains(document.activeElement)) return;
  const before = target.previousElementSibling;
  document.addEventListener("htmx:afterSettle", () => before?.nextElementSibling?.querySelector(".board-title")?.focus(), { once: true });
}

/** A card's own menu moves it to the top of a column. */
function chosenInMenu(event) {
  const card = event.target.closest("[data-board] [data-deal]");
  const stage = event.submitter?.value;
  const list = stage && document.querySelector(`[data-board] [data-stage="${stage}"] .board-cards`);
  if (!card || !list) return;
  event.preventDefault();
  if (card.matches(".is-saving")) return;
  const from = placeOf(card);
  moved(card, () => list.prepend(card));
  drop(card, from);
}

/** A card stands where somebody put it, having come `from` there: keep it, or put it back. */
async function drop(card, from) {
  const column = columnOf(card);
  const isMove = column !== columnOf(from.list);
  if (!isMove && card.nextElementSibling === from.next) return;
  const body = new FormData();
  if (isMove && column.dataset.type === "lost") {
    const reason = await askWhyLost();
    if (reason === null) return putBack(card, from);
    body.set("lost_reason", reason);
  }
  body.set("stage_id", column.dataset.stage);
  body.set("version", card.dataset.version);
  for (const [name, neighbour] of [["after", card.previousElementSibling], ["before", card.nextElementSibling]]) {
    if (neighbour?.dataset.deal) body.set(name, neighbour.dataset.deal);
  }
  await send(card, from, card.querySelector(".board-menu form").action, body, { isWon: isMove && column.dataset.type === "won", isQuiet: !isMove });
}

async function send(card, from, url, body, { isWon = false, isQuiet = false, isUndo = false } = {}) {
  card.classList.add("is-saving");
  let answer; // who leaves the page meanwhile has moved the card all the same: `keepalive`
  try {
    answer = await fetch(url, { method: "POST", body, keepalive: true, headers: { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content } });
  } catch {
    return refuse(card, from, { text: t(navigator.onLine ? "unreachable" : "offline"), icon: "wifi-off", key: "offline", sticky: !navigator.onLine });
  }
  if (answer.status === 401) return location.reload();
  const type = answer.headers.get("Content-Type") || "";
  if (!answer.ok) return refuse(card, from, problemText(await answer.text(), type), answer.status);
  agree(card, from, await answer.json(), { isWon, isQuiet, isUndo });
}

function refuse(card, from, { text, more, ...note }, status = 0) {
  card.classList.remove("is-saving");
  putBack(card, from);
  card.classList.add("is-refused");
  card.addEventListener("animationend", () => card.classList.remove("is-refused"), { once: true });
  say("failed", { name: card.dataset.name, stage: columnOf(card)?.dataset.name ?? "" });
  const isOld = [404, 409, 422].includes(status);
  toast({ tone: "error", text: text || t("failed"), more, key: "board", ...note, action: isOld ? t("reload") : null, onaction: () => location.reload() });
}

function agree(card, from, { card: html, heads, lead, text, undo_url: undoUrl, stage_id: stageId }, { isWon, isQuiet, isUndo }) {
  const made = (markup) => document.createRange().createContextualFragment(markup).firstElementChild;
  const fresh = made(html);
  const hadFocus = card.contains(document.activeElement);
  card.replaceWith(fresh);
  if (hadFocus) fresh.querySelector(".board-title").focus({ preventScroll: true });
  for (const [stage, head] of Object.entries(heads)) {
    document.querySelector(`[data-board] [data-stage="${stage}"] .board-head`)?.replaceWith(made(head));
  }
  document.getElementById("list-lead")?.replaceWith(made(lead));
  if (isUndo) return say("undone", { name: fresh.dataset.name, stage: columnOf(fresh)?.dataset.name ?? "" });
  if (isWon) fresh.classList.add("is-won");
  if (isQuiet) return;
  say(isWon ? "won" : "dropped", { name: fresh.dataset.name, stage: columnOf(fresh)?.dataset.name ?? "" });
  toast({
    tone: "success", text, icon: isWon ? "trophy" : undefined, key: "board", action: undoUrl ? t("undo") : null,
    onaction: () => takeBack(fresh.dataset.deal, from, undoUrl, stageId),
  });
}

/** The card goes back at once; should the server not agree, it returns to where it is. */
function takeBack(id, from, url) {
  const card = document.querySelector(`[data-board] [data-deal="${id}"]`);
  if (!card || !from.list.isConnected) return location.reload();
  const here = placeOf(card);
  putBack(card, from);
  send(card, here, url, new FormData(), { isUndo: true });
}
