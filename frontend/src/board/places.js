/** Where a card is. A place is {list, next}: the column's list and the element the card stands before. */

export const columnOf = (element) => element.closest("[data-stage]");
export const listOf = (column) => column.querySelector(".board-cards");
export const cardsIn = (list) => [...list.querySelectorAll(":scope > [data-deal]")];
export const placeOf = (card) => ({ list: card.parentElement, next: card.nextElementSibling });

/** Moving an element takes its focus away: it is given back, to the card's name, and stays in sight. */
export function moved(card, place) {
  const hadFocus = card.contains(document.activeElement);
  place();
  if (!hadFocus) return;
  card.querySelector(".board-title").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function putBack(card, { list, next }) {
  if (!list.isConnected) return;
  const isThere = next?.parentElement === list;
  moved(card, () => list.insertBefore(card, isThere ? next : list.querySelector(":scope > .list-more")));
}

/** Before the card whose middle lies below `y`; after the last, before "load more". */
export function insertAt(card, list, y) {
  const below = cardsIn(list).find((other) => {
    if (other === card) return false;
    const { top, height } = other.getBoundingClientRect();
    return y < top + height / 2;
  });
  const next = below ?? list.querySelector(":scope > .list-more");
  if (card.parentElement === list && card.nextElementSibling === next) return;
  list.insertBefore(card, next);
}
