/**
 * htmx, under the page's strict policy: the CSRF header on each request, a bar while one is under way, and a toast that
 * says what the server said when one fails. A 422 is swapped in as usual: it is the form with its errors.
 */
import htmx from "htmx.org";
import { problemText, t } from "./dom.js";
import { toast } from "./toasts.js";

const PATIENCE_MS = 10_000;

window.htmx = htmx; // for pages' own modules and for tests

const LONGEST_TOLD = 4096;
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const { headers } = event.detail;
  if (token && event.detail.verb !== "get") headers["X-CSRFToken"] = token;
  // A filter of many names is an address that no header holds: only the page is told then, as browsers do in `Referer`.
  if (headers["HX-Current-URL"]?.length > LONGEST_TOLD) headers["HX-Current-URL"] = location.origin + location.pathname;
});

let underWay = 0;
function count(change) {
  underWay = Math.max(0, underWay + change);
  document.documentElement.classList.toggle("is-loading", underWay > 0);
}
const isQuiet = (event) => event.detail.elt?.closest?.("[data-quiet]"); // polling must not flicker

// What has sent a request may be drawn anew before the answer comes (a row of a list that follows another change). htmx
// tells of the answer where that stood, which nobody hears any more; so it is told to the page.
const heard = new WeakSet();
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => heard.add(detail.xhr));
document.addEventListener("htmx:beforeSend", (event) => {
  const { detail } = event;
  const change = isQuiet(event) ? 0 : 1;
  count(change);
  detail.xhr.addEventListener("loadend", () => {
    count(-change);
    if (!heard.has(detail.xhr)) hear(detail);
  });
});

function hear({ xhr, elt }) {
  if (xhr.status >= 400) return failed({ xhr, elt });
  const events = Object.entries(JSON.parse(xhr.getResponseHeader("HX-Trigger") || "{}"));
  for (const [name, about] of events.filter(([key]) => !/^close/.test(key))) htmx.trigger(document.body, name, about); // its dialog is gone, another may be open
}

/** The same once more: what was sent beside the form, by which button, and where the answer goes. */
function again({ elt, requestConfig: { verb, path, triggeringEvent }, target, etc }) {
  if (!elt.isConnected) return location.reload();
  const button = triggeringEvent?.submitter;
  const values = button?.name ? { [button.name]: button.value } : etc.values;
  return htmx.ajax(verb, path, { source: elt, target, swap: etc.swapOverride, values });
}

function failed({ xhr, elt, ...sent }) {
  if (xhr.status === 401) {
    location.assign(location.href); // the server sends a signed-out visitor to the login page and back here
    return;
  }
  if (elt.closest("[data-quiet]") && xhr.status >= 500) return; // the next poll will tell
  const problem = problemText(xhr.responseText, xhr.getResponseHeader("Content-Type") || "");
  const retry = xhr.status >= 500 || xhr.status === 429;
  toast({
    tone: "error",
    text: problem.text || t("failed"),
    more: problem.more || (problem.reference && xhr.status >= 500 ? t("reference", { id: problem.reference }) : null),
    action: xhr.status === 409 ? t("reload") : retry ? t("again") : null,
    onaction: () => (xhr.status === 409 ? location.reload() : again({ elt, ...sent })),
  });
}
document.addEventListener("htmx:responseError", ({ detail }) => failed(detail));

// --- A server that cannot be reached

let missed = null; // sends again what did not get through last; once the line is back, it is offered again

function unreached(text, sendAgain) {
  missed = sendAgain;
  toast({ tone: "error", key: "offline", icon: "wifi-off", text, action: t("again"), onaction: sendAgain, sticky: !navigator.onLine });
}
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (!isQuiet(event)) unreached(t(name === "htmx:timeout" ? "slow" : "unreachable"), () => again(event.detail));
  });
}
document.addEventListener("htmx:afterOnLoad", (event) => { if (!isQuiet(event)) missed = null; });

/** Whether the server answers, asked before a page is left for what its form sends; else it is said, with "Try again". */
export async function isReachable(sendAgain) {
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
  if (!answer?.ok) unreached(t(navigator.onLine ? "unreachable" : "offline"), sendAgain);
  return Boolean(answer?.ok);
}

addEventListener("offline", () => toast({ tone: "warning", key: "offline", icon: "wifi-off", text: t("offline"), sticky: true }));
addEventListener("online", () => {
  toast({ tone: "success", key: "offline", text: t("online"), action: missed && t("again"), onaction: missed });
  missed = null;
});

// The server may answer with `HX-Trigger: {"toast": {"tone", "text", "undo_url"}}`. What the undo changed on the page its
// answer brings itself: it says where it belongs (HX-Retarget, hx-swap-oob), or tells what changed (events).
document.addEventListener("toast", (event) => {
  const { undo_url: undo, ...note } = event.detail;
  if (undo) {
    note.action = t("undo");
    note.onaction = () => htmx.ajax("post", undo, { target: "body", swap: "none", headers: { "X-Undo": "true" } });
  }
  toast(note);
});
