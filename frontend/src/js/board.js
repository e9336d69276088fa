/** Dragging a deal to another stage presses the button of the card's own menu, so there is one way to move it. */
let dragged = null;
const columnOf = (target) => (target instanceof Element ? target.closest("[data-board] [data-stage]") : null);

document.addEventListener("dragstart", (event) => {
  dragged = event.target instanceof Element ? event.target.closest("[data-board] [data-deal]") : null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.deal);
  dragged.classList.add("is-dragged");
});
document.addEventListener("dragover", (event) => {
  const column = columnOf(event.target);
  if (!dragged || !column) return;
  event.preventDefault();
  for (const other of document.querySelectorAll(".board-column.is-over")) if (other !== column) other.classList.remove("is-over");
  column.classList.toggle("is-over", column !== dragged.closest("[data-stage]"));
});
document.addEventListener("drop", (event) => {
  const column = columnOf(event.target);
  if (!dragged || !column) return;
  event.preventDefault();
  dragged.querySelector(`[data-to-stage="${column.dataset.stage}"]`)?.click();
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  for (const column of document.querySelectorAll(".board-column.is-over")) column.classList.remove("is-over");
  dragged = null;
});
