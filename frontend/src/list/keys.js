/**
 * Rows of a list by keyboard: j and k go down and up, x selects, and on the row that has the focus Enter opens it, Space
 * shows it at the side (record/panel.js), e changes its cells (record/inline.js) and F2 its name (record/row.js). Cards of the board have arrow keys
 * (board/keys.js). Pages with keys of their own for j and k are asked first.
 */
import { t } from "../js/dom.js";
import { shortcut } from "../js/shortcuts.js";

const links = () => [...document.querySelectorAll("#list :is(tr, li) :is(.cell-main a, a.task-title)")].filter((link) => link.checkVisibility());
const rowOf = (element) => element?.closest?.("#list :is(tr, li)");
let last = 0; // where one was, should the rows be drawn anew

function step(by) {
  const all = links();
  if (!all.length) return false;
  const row = rowOf(document.activeElement);
  const here = row ? all.findIndex((link) => row.contains(link)) : -1;
  const next = here >= 0 ? here + by : document.activeElement === document.body && last ? last : by > 0 ? 0 : all.length - 1;
  if (next >= all.length) document.querySelector("#load-more a")?.click(); // the rows that come are there at the next key
  last = Math.max(0, Math.min(next, all.length - 1));
  all[last].focus({ preventScroll: true });
  all[last].scrollIntoView({ block: "nearest" });
}

function pick({ shiftKey }) {
  const box = rowOf(document.activeElement)?.querySelector("[data-pick]");
  if (!box) return false;
  box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey })); // Shift: all since the last
}

const inList = { group: t("keys_list"), when: () => links().length > 0 };
const onBoard = { group: t("keys_board"), when: () => document.querySelector("[data-board]") !== null };
shortcut("j", t("key_next"), () => step(1), inList);
shortcut("k", t("key_previous"), () => step(-1), inList);
shortcut("Enter", t("key_open"), null, inList);
shortcut("Space", t("key_peek"), null, { ...inList, when: () => document.querySelector("#list [data-preview]") !== null });
shortcut("x", t("key_pick"), pick, { ...inList, when: () => document.querySelector("#list [data-pick]") !== null });
shortcut("X", t("key_range"), pick, { ...inList, when: () => document.querySelector("#list [data-pick]") !== null });
shortcut("e", t("key_cell"), null, { ...inList, when: () => document.querySelector("#list [data-edit]") !== null });
shortcut("F2", t("key_rename"), null, { ...inList, when: () => document.querySelector("#list [data-rename]") !== null });
shortcut("← → ↑ ↓", t("key_walk"), null, onBoard);
shortcut("Space", t("key_lift"), null, onBoard);
