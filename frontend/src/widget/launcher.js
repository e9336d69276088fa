/**
 * The part of the chat that every page loads: a button, Ctrl/Cmd-J, and the memory of whether it was open. Everything
 * else is fetched at the first opening.
 */
import { hold } from "../js/ahead.js";
import { letterOf, t } from "../js/dom.js";
import { isMac, shortcut } from "../js/shortcuts.js";
import { toast } from "../js/toasts.js";
import { forgetAll, layout } from "./memory.js";

const chat = document.querySelector("afterword-chat");
const buttons = () => document.querySelectorAll("[data-open-chat]");
let loading;

/** Load the widget once and act on it. A page that was left open over an update names files that are gone: say so. */
async function withChat(act) {
  for (const button of buttons()) button.setAttribute("aria-busy", "true");
  try {
    loading ??= import("./element.js");
    await loading;
    act(chat);
  } catch (error) {
    loading = null;
    document.documentElement.classList.remove("chat-docked");
    console.error(error);
    toast({ tone: "error", key: "chat", text: t("unreachable"), action: t("reload"), onaction: () => location.reload() });
  } finally {
    for (const button of buttons()) button.removeAttribute("aria-busy");
  }
}

/** As asked by somebody, who may be typing the question already. */
async function toggle() {
  const release = hold();
  await withChat((it) => it.toggle());
  release();
}

function start() {
  document.addEventListener("click", (event) => event.target.closest("[data-open-chat]") && toggle());
  document.addEventListener("click", (event) => event.target.closest("[data-ask-list]") && withChat((it) => it.askList()));
  document.addEventListener("chat:ask", ({ detail: { text } }) => withChat((it) => it.ask(text))); // from the palette
  document.addEventListener("keydown", (event) => {
    if (letterOf(event) !== "j" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault(); // the browser's own meaning is the list of downloads
    if (!event.repeat && !document.querySelector("dialog:modal")) toggle();
  });
  shortcut(isMac ? "⌘ J" : "Ctrl J", chat.dataset.label, null, { group: t("general") });
  if (chat.getAttribute("mode") === "page" || layout.isOpen()) withChat((it) => it.open({ focus: false }));
}

if (chat) start();
else forgetAll(); // signed out: what was said must not stay in this tab
