/**
 * <details class="menu">: closes on a click outside, Escape or a choice; arrow keys move. The list is lifted into the top
 * layer and placed beside its button, so that no scrolling table cuts it off; near the foot it opens upwards.
 */
const open = () => document.querySelectorAll("details.menu[open]");
const placedAt = new WeakMap(); // menu → where its button stood when the list was placed
const items = (menu) => [...menu.querySelectorAll(".menu-item:not([disabled])")];

function close(menu, { focus = false } = {}) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const inside = menu.contains(event.target), choice = inside && event.target.closest(".menu-item");
    if (inside && (!choice || event.target.closest("[data-keep-open]"))) continue;
    // What was chosen may lead elsewhere, but for a file; and a key may have clicked elsewhere: Z, of the message's button.
    const isLeft = (!choice || choice.matches("[data-making], [download]")) && menu.contains(document.activeElement);
    close(menu, { focus: isLeft });
  }
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches("details.menu")) return;
  const list = menu.querySelector(".menu-list");
  if (list.matches(":popover-open")) list.hidePopover();
  if (!menu.open) return;
  for (const other of open()) if (other !== menu) close(other);
  const ahead = list.contains(document.activeElement) ? document.activeElement : null; // an arrow key was quicker than this
  list.popover = "manual";
  list.showPopover();
  ahead?.focus({ preventScroll: true });
  if (!menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true }); // Safari does not at a click: keys work from there
  const button = menu.querySelector("summary").getBoundingClientRect();
  placedAt.set(menu, button);
  place(list, button, menu.classList.contains("menu-end"));
}, true);

const GAP = 6, MARGIN = 16; // to its button; to the screen's edge, as all of a phone's page has
function place(list, button, atEnd) {
  const { width, height } = list.getBoundingClientRect();
  const startsLeft = (getComputedStyle(list).direction === "ltr") !== atEnd;
  const left = startsLeft ? button.left : button.right - width;
  const isBelow = button.bottom + GAP + height <= innerHeight || button.top < height + GAP;
  const room = document.documentElement.clientWidth - MARGIN; // without the scrollbar
  list.style.left = `${Math.max(MARGIN, Math.min(left, room - width))}px`;
  list.style.top = `${isBelow ? button.bottom + GAP : button.top - GAP - height}px`;
}

/** Not every scroll moves the button: that which brought it into view is told only after the click that opens the menu. */
function hasMoved(menu) {
  const before = placedAt.get(menu);
  const now = menu.querySelector("summary").getBoundingClientRect();
  return menu.querySelector(".menu-list:popover-open") && (Math.abs(now.top - before.top) > 1 || Math.abs(now.left - before.left) > 1);
}

for (const name of ["scroll", "resize"]) { // what holds the button moves away below the placed list
  addEventListener(name, () => {
    for (const menu of open()) if (name === "resize" || hasMoved(menu)) close(menu);
  }, { capture: true, passive: true });
}

document.addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element ? event.target.closest("details.menu") : null;
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.stopPropagation();
    close(menu, { focus: true });
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  menu.open = true;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  all.at(at === -1 && step < 0 ? -1 : (at + step) % all.length)?.focus();
});
