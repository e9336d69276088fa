/** Short messages at the foot of the page. The server's flashes are there from the start; scripts add more with `toast`. */
import { h, icon, isTyping, letterOf, t } from "./dom.js";
import { shortcut } from "./shortcuts.js";

const ICONS = { success: "circle-check", warning: "alert-triangle", error: "alert-circle", info: "info-circle" };
const LIFE_MS = 7000;
const MOST = 4;
const region = () => document.getElementById("toasts");

/**
 * Show a message. `key` replaces an earlier one of the same key; errors and those with an action stay twice as long;
 * `sticky` stays until closed.
 */
export function toast({ tone = "info", text, more, action, onaction, key, icon: name, sticky = false }) {
  const note = h("div", { class: `note note-${tone}`, role: tone === "error" ? "alert" : null, "data-key": key },
    icon(name || ICONS[tone] || ICONS.info),
    h("div", { class: "note-text" }, text, more ? h("small", {}, more) : null),
    action ? h("button", { type: "button", class: "note-action", onclick: () => { close(note); onaction(); } }, action) : null,
    h("button", { type: "button", class: "note-close", "data-close-toast": "", "aria-label": t("close") }, icon("x", "icon-sm")),
  );
  if (key) region().querySelector(`[data-key="${key}"]`)?.remove();
  region().append(note);
  while (region().children.length > MOST) region().firstElementChild.remove();
  raise();
  if (!sticky) expire(note, tone === "error" || action ? LIFE_MS * 2 : LIFE_MS);
  return note;
}

/** A modal dialog lies above everything else; a popover opened later lies above the dialog. */
function raise() {
  const host = region();
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!host.showPopover || !dialog) return;
  if (!dialog.contains(host)) dialog.append(host); // what is outside a modal dialog cannot be clicked, even above it
  host.setAttribute("popover", "manual");
  host.showPopover();
}

function close(note) {
  note.classList.add("note-leaving");
  setTimeout(() => note.remove(), 200);
}

/** Counts down only while nobody reads: hovering or focusing the message stops the clock. */
function expire(note, ms) {
  let left = ms;
  const timer = setInterval(() => {
    if (note.matches(":hover, :focus-within") || document.hidden) return;
    left -= 500;
    if (left > 0) return;
    clearInterval(timer);
    close(note);
  }, 500);
}

/** The latest message that can be taken back, by Z and by Ctrl/Cmd-Z as everywhere. In a field that is typed in, Ctrl-Z is its own. */
const undo = () => [...document.querySelectorAll("#toasts .note:not(.note-leaving) .note-action")].findLast((button) => button.textContent.trim() === t("undo"));
shortcut("z", t("undo"), () => undo()?.click(), { when: () => Boolean(undo()) });
document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && letterOf(event) === "z";
  const button = isUndo && (!isTyping(event.target) || event.target.matches("select")) && undo();
  if (!button) return;
  event.preventDefault();
  button.click();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close-toast]");
  if (button) close(button.closest(".note"));
});
document.addEventListener("close", ({ target }) => target.contains?.(region()) && document.body.append(region()), true);
document.addEventListener("close", () => region()?.popover && region().matches(":popover-open") && region().hidePopover(), true);

function adopt() {
  for (const note of document.querySelectorAll(".note[data-flash]")) {
    delete note.dataset.flash;
    expire(note, note.querySelector("form, .note-action") || note.matches(".note-error") ? LIFE_MS * 2 : LIFE_MS);
  }
}
adopt();
document.addEventListener("htmx:oobAfterSwap", adopt);
