/**
 * The palette: one box, opened by Ctrl/Cmd-K, "/" or the search button of the top bar, that finds records, goes to
 * places, begins new ones and does what the open page can do. This part is loaded with every page; the rest at the first
 * opening. Without scripts the button leads to the search page.
 *
 *   box ─┬─ asking    one request a pause in typing, never an old answer over a new one
 *        ├─ commands  what the open page offers: its buttons, menus, links and keys
 *        └─ matching  which of them were meant
 */
import { letterOf, t } from "../js/dom.js";
import { isMac, shortcut } from "../js/shortcuts.js";
import { toast } from "../js/toasts.js";

const dialog = document.getElementById("palette");
let loading;

async function open() {
  if (dialog.open || document.querySelector("dialog:modal:not(#panel)")) return;
  dialog.showModal();
  try {
    loading ??= import("./box.js");
    (await loading).show();
  } catch (error) { // the page was left open over an update, and names files that are gone
    loading = null;
    console.error(error);
    toast({ tone: "error", key: "palette", text: t("unreachable"), action: t("reload"), onaction: () => location.reload() });
  }
}

function start() {
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-open-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    const isOurs = letterOf(event) === "k" && (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey;
    if (!isOurs || event.isComposing) return;
    event.preventDefault(); // some browsers go to their address bar
    if (event.repeat) return;
    if (dialog.open) dialog.close();
    else open();
  });
  for (const kbd of document.querySelectorAll("[data-palette-key]")) kbd.textContent = isMac ? "⌘K" : "Ctrl K";
  shortcut(isMac ? "⌘ K" : "Ctrl K", dialog.dataset.label, null, { group: t("general") });
}

if (dialog) start();
