/** <details class="menu">: closes on a click outside, Escape or a choice; arrow keys move; opens upwards near the foot. */
const open = () => document.querySelectorAll("details.menu[open]");
const items = (menu) => [...menu.querySelectorAll(".menu-item:not([disabled])")];

function close(menu, { focus = false } = {}) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const inside = menu.contains(event.target);
    if (!inside || (event.target.closest(".menu-item") && !event.target.closest("[data-keep-open]"))) close(menu);
  }
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches("details.menu") || !menu.open) return;
  for (const other of open()) if (other !== menu) close(other);
  menu.classList.remove("menu-up");
  const list = menu.querySelector(".menu-list").getBoundingClientRect();
  menu.classList.toggle("menu-up", list.bottom > innerHeight && menu.getBoundingClientRect().top > list.height);
}, true);

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
