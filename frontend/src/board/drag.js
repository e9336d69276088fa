/**
 * Carrying a card with mouse, pen or finger. A mouse lifts it by moving, a finger by resting on it, so that swiping and
 * scrolling stay what they are. The card itself moves through the columns; a copy of it follows the pointer.
 */
import { columnOf, insertAt, listOf, placeOf, putBack } from "./places.js";

const MOVED_PX = 6;
const REST_MS = 280;
const EDGE_PX = 48;
let held = null; // {card, from, id, x, y, dx, dy, ghost, timer}

export function startDragging(drop) {
  document.addEventListener("pointerdown", take);
  document.addEventListener("pointermove", carry);
  document.addEventListener("pointerup", () => finish(drop));
  document.addEventListener("pointercancel", () => finish(null));
  document.addEventListener("keydown", (event) => event.key === "Escape" && held?.ghost && finish(null));
  document.addEventListener("touchmove", (event) => held?.ghost && event.preventDefault(), { passive: false });
  document.addEventListener("contextmenu", (event) => held && event.preventDefault());
}

function take(event) {
  const card = event.target.closest("[data-board][data-writes='1'] [data-deal]");
  if (!card || held || event.button !== 0 || !event.isPrimary || card.matches(".is-saving") || event.target.closest(".board-menu")) return;
  const { left, top } = card.getBoundingClientRect();
  held = { card, from: placeOf(card), id: event.pointerId, x: event.clientX, y: event.clientY, dx: event.clientX - left, dy: event.clientY - top };
  if (event.pointerType !== "mouse") held.timer = setTimeout(lift, REST_MS);
}

function lift() {
  const { card } = held;
  const { width } = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  ghost.removeAttribute("data-deal");
  ghost.classList.add("board-ghost");
  ghost.setAttribute("aria-hidden", "true");
  ghost.inert = true;
  ghost.style.width = `${width}px`;
  document.body.append(ghost);
  card.classList.add("is-dragged");
  document.documentElement.classList.add("is-dragging");
  held.ghost = ghost;
  navigator.vibrate?.(10);
  follow();
  requestAnimationFrame(scroll);
}

function carry(event) {
  if (!held || event.pointerId !== held.id) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > MOVED_PX;
  if (!held.ghost && held.timer) {
    if (far) letGo(); // a finger that moves before it rested scrolls
    return;
  }
  if (!held.ghost && !far) return;
  held.x = event.clientX;
  held.y = event.clientY;
  if (!held.ghost) lift();
  follow();
}

function follow() {
  const { card, ghost, x, y, dx, dy } = held;
  ghost.style.translate = `${x - dx}px ${y - dy}px`;
  const over = document.elementFromPoint(x, y)?.closest("[data-board] [data-stage]");
  for (const column of document.querySelectorAll(".board-column.is-over")) if (column !== over) column.classList.remove("is-over");
  if (!over) return;
  over.classList.toggle("is-over", over !== columnOf(held.from.list));
  insertAt(card, listOf(over), y - dy + ghost.offsetHeight / 2);
}

/** Near an edge the board, or the column, scrolls on by itself. */
function scroll() {
  if (!held?.ghost) return;
  const board = held.card.closest("[data-board]");
  const list = held.card.parentElement;
  if (!board) return finish(null);
  const { left, right } = board.getBoundingClientRect();
  const { top, bottom } = list.getBoundingClientRect();
  const step = (at, low, high) => (at < low + EDGE_PX ? -1 : at > high - EDGE_PX ? 1 : 0) * 12;
  board.scrollLeft += step(held.x, Math.max(left, 0), Math.min(right, innerWidth));
  list.scrollTop += step(held.y, top, bottom);
  follow();
  requestAnimationFrame(scroll);
}

function finish(drop) {
  if (!held) return;
  const { card, from, ghost } = held;
  letGo();
  if (!ghost) return;
  document.addEventListener("click", swallow, true); // of the link that the card is
  setTimeout(() => document.removeEventListener("click", swallow, true), 0);
  if (drop) drop(card, from);
  else putBack(card, from);
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function letGo() {
  clearTimeout(held.timer);
  held.ghost?.remove();
  held.card.classList.remove("is-dragged");
  document.documentElement.classList.remove("is-dragging");
  for (const column of document.querySelectorAll(".board-column.is-over")) column.classList.remove("is-over");
  held = null;
}
