/**
 * Carrying a card by keyboard. Arrow keys go from card to card; Space picks the focused one up, arrow keys then carry it,
 * Space or Enter puts it down, Escape (or leaving it) takes it back. Each step is said aloud.
 */
import { cardsIn, columnOf, listOf, moved, placeOf, putBack } from "./places.js";
import { say } from "./says.js";

let lifted = null; // {card, from}

export function startCarrying(drop) {
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.("[data-board] [data-deal]");
    if (!card || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches(".board-title")) return;
    if (lifted ? carry(event, drop) : walk(event, card)) event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    if (lifted && !lifted.isMoving && lifted.card.contains(event.target)) cancel();
  });
}

function walk(event, card) {
  if (event.key === " ") {
    if (card.closest("[data-board]").dataset.writes !== "1" || card.matches(".is-saving")) return true;
    lifted = { card, from: placeOf(card) };
    card.classList.add("is-lifted");
    tell("lifted");
    return true;
  }
  const to = neighbour(event.key, card);
  to?.querySelector(".board-title").focus();
  return to !== undefined;
}

/** The card an arrow key leads to; null at the end of the way, undefined for other keys. */
function neighbour(key, card) {
  const cards = cardsIn(card.parentElement);
  const at = cards.indexOf(card);
  if (key === "ArrowDown") return cards[at + 1] ?? null;
  if (key === "ArrowUp") return cards[at - 1] ?? null;
  const step = sideways(key, card);
  if (!step) return undefined;
  for (let column = beside(columnOf(card), step); column; column = beside(column, step)) {
    const others = cardsIn(listOf(column));
    if (others.length) return others[Math.min(at, others.length - 1)];
  }
  return null;
}

const beside = (column, step) => (step > 0 ? column.nextElementSibling : column.previousElementSibling);

function sideways(key, card) {
  const isRtl = getComputedStyle(card).direction === "rtl";
  if (key === "ArrowRight") return isRtl ? -1 : 1;
  if (key === "ArrowLeft") return isRtl ? 1 : -1;
  return 0;
}

function carry(event, drop) {
  const { card, from } = lifted;
  const { key } = event;
  if (key === "Escape") return cancel() ?? true;
  if (key === " " || key === "Enter") {
    card.classList.remove("is-lifted");
    lifted = null;
    drop(card, from);
    return true;
  }
  if (key === "Tab") return cancel() ?? false;
  const at = cardsIn(card.parentElement).indexOf(card);
  if (key === "ArrowUp" && at > 0) shift(() => card.previousElementSibling.before(card));
  else if (key === "ArrowDown" && card.nextElementSibling?.dataset.deal) shift(() => card.nextElementSibling.after(card));
  else if (sideways(key, card)) {
    const column = beside(columnOf(card), sideways(key, card));
    if (column) shift(() => listOf(column).insertBefore(card, cardsIn(listOf(column))[at] ?? listOf(column).querySelector(".list-more")));
  } else return key.startsWith("Arrow");
  return true;
}

/** The focus that a move takes away and gives back is no leaving. */
function shift(place) {
  lifted.isMoving = true;
  moved(lifted.card, place);
  lifted.isMoving = false;
  tell("carried");
}

function cancel() {
  const { card, from } = lifted;
  lifted.isMoving = true;
  card.classList.remove("is-lifted");
  putBack(card, from);
  lifted = null;
  say("cancelled", { name: card.dataset.name });
}

function tell(key) {
  const { card } = lifted;
  const cards = cardsIn(card.parentElement);
  say(key, { name: card.dataset.name, stage: columnOf(card).dataset.name, place: cards.indexOf(card) + 1, count: cards.length });
}
