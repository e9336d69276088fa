/**
 * The bell: how many tasks are late or due today, and a message at the minute one is due. Asked once a minute while the
 * page is seen; what was last asked is kept for all tabs, so that opening pages asks no more and nobody is told twice.
 */
import { t } from "../js/dom.js";
import { toast } from "../js/toasts.js";

const EVERY_MS = 60_000;
const ASKING_MS = 2000; // whoever has asked and heard nothing for so long is gone: a page that was left
const KEY = "afterword.reminders";
const bell = document.querySelector("[data-bell]");
const owner = document.querySelector("afterword-chat")?.dataset.user ?? "";

const { lang } = document.documentElement;

/** In another language its words are asked for anew, at once. */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    if (found?.owner !== owner) return {};
    return found.lang === lang ? found : { ...found, at: 0, label: "" };
  } catch {
    return {};
  }
}

function show({ count = 0, label = "" }) {
  const badge = bell.querySelector(".bell-count");
  badge.hidden = !count;
  badge.textContent = count > 99 ? "99+" : String(count);
  bell.querySelector("summary").setAttribute("aria-label", label || bell.querySelector("summary").title);
}

async function ask({ now = false } = {}) {
  const last = kept();
  if (document.hidden || (!now && Date.now() - (last.at ?? 0) < EVERY_MS - 1000)) return show(last);
  if (!now && Date.now() - (last.asking ?? 0) < ASKING_MS) {
    setTimeout(ask, ASKING_MS + 500); // another tab asks; its answer is for all
    return show(last);
  }
  localStorage.setItem(KEY, JSON.stringify({ ...last, owner, lang, asking: Date.now() }));
  try {
    const url = last.since ? `${bell.dataset.bell}?since=${encodeURIComponent(last.since)}` : bell.dataset.bell;
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    const state = { owner, lang, at: Date.now(), since: found.now, count: found.count, label: found.label };
    localStorage.setItem(KEY, JSON.stringify(state));
    show(state);
    for (const { id, text, url: page } of found.due) {
      toast({ tone: "info", icon: "bell", key: `due-${id}`, text, action: t("open_it"), onaction: () => location.assign(page) });
    }
  } catch {
    // offline: the frame says so, and the next minute asks again
  }
}

if (bell) {
  show(kept());
  ask();
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", () => ask());
  addEventListener("storage", ({ key }) => key === KEY && show(kept()));
  let soon; // one answer may say both
  const again = () => { clearTimeout(soon); soon = setTimeout(ask, 50, { now: true }); };
  document.addEventListener("dayChanged", again);
  document.addEventListener("fieldChanged", ({ detail }) => detail.record?.startsWith("task:") && again());
  const fill = () => htmx.ajax("GET", bell.dataset.list, { target: "#bell-list", swap: "innerHTML" });
  bell.addEventListener("toggle", () => bell.open && fill());
  bell.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.elt.matches("[data-bell-act]") || !detail.successful) return;
    fill();
    again();
  });
}
