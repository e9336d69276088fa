/** Habits of every form: no double sending, the first wrong field has the focus, unsaved changes are not lost by accident. */
import { copy, t } from "./dom.js";
import { isReachable } from "./net.js";
import { toast } from "./toasts.js";

const reached = new WeakSet(); // forms that may go: the server has just answered

/** What somebody wrote stays on the page until the server answers: the browser's own page of a lost line would take it. */
const isWritten = (form) => form.method === "post" && (!navigator.onLine || form.matches("[data-guard], :has(textarea)")) && !form.matches("[data-confirm], [data-confirm] *");

async function sendIfReachable(form, submitter) {
  form.dataset.sent = "1";
  submitter?.setAttribute("aria-busy", "true");
  const isThere = await isReachable(() => form.requestSubmit(submitter));
  delete form.dataset.sent;
  submitter?.removeAttribute("aria-busy");
  if (!isThere) return;
  reached.add(form);
  form.requestSubmit(submitter);
}

/** A date that is half typed has no value: sent, it would empty what stood there. The browser says what is missing. */
addEventListener("submit", (event) => {
  const half = [...event.target.elements].find((control) => control.validity?.badInput);
  if (!half) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  half.reportValidity();
}, true);

// On the window, after everything that listens on the document: what asks first, or sends by itself, sends nothing here.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (isWritten(form) && !reached.delete(form)) {
    event.preventDefault();
    return sendIfReachable(form, event.submitter);
  }
  delete form.dataset.changed;
  if ("download" in form.dataset) return; // the page stays, and may ask for the file again
  if (form.method !== "get") form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", ({ persisted }) => { // back from the next page, out of the browser's cache
  // Pages are sent `no-store`: what is shown on the way back is what is so now, and only to who is signed in still.
  if (persisted && !document.querySelector("form[data-changed]:not([data-draft])")) return location.reload();
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("form [aria-busy]")) button.removeAttribute("aria-busy");
});
for (const [name, busy] of [["htmx:beforeRequest", true], ["htmx:afterRequest", false]]) {
  document.addEventListener(name, ({ detail: { elt, requestConfig } }) => {
    const button = elt.matches("button, .btn") ? elt : requestConfig?.triggeringEvent?.submitter;
    if (busy) button?.setAttribute("aria-busy", "true");
    else button?.removeAttribute("aria-busy");
  });
}

// A long text's field grows with it. Browsers that cannot do that by themselves (`field-sizing` in controls.css) are helped.
const growsAlone = CSS.supports("field-sizing", "content");
for (const name of ["focusin", "input"]) {
  document.addEventListener(name, ({ target: field }) => {
    if (growsAlone || !field.matches?.("textarea.form-control") || field.scrollHeight <= field.clientHeight) return;
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`; // borders are beside the content
  });
}

// Ctrl-Enter sends a form from a long text, where Enter is a new line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || event.isComposing) return;
  const form = event.target.matches?.("textarea") && event.target.form;
  if (!form || form.matches("[data-cell]")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button[type=submit], button:not([type])"));
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form");
  if (form && form.method !== "get") form.dataset.changed = "1";
  if (event.target.matches("[aria-invalid=true]")) event.target.removeAttribute("aria-invalid");
});
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-changed]")) event.preventDefault();
});

/** The answer to a form that was refused takes the form's address: a reload asks for the form, and sends nothing twice. */
if ("posted" in document.body.dataset) {
  if (document.referrer.startsWith(`${location.origin}/`)) history.replaceState(history.state, "", document.referrer);
  for (const wrong of document.querySelectorAll("form[data-guard] :is([aria-invalid=true], .form-problem)")) {
    wrong.closest("form").dataset.changed = "1"; // nothing of it is stored
  }
}

document.querySelector("main [data-attend], main [aria-invalid=true]")?.focus();
document.addEventListener("htmx:afterSettle", ({ detail: { xhr, elt } }) => {
  if (xhr.status === 422) elt.querySelector("form:not([data-cell]) [aria-invalid=true]")?.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  toast({ tone: "success", text: t("copied") });
});

/** A file that is made before it is sent: nothing is seen of that in the page. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-making]")) toast({ icon: "download", text: t("making"), more: t("making_more"), key: "making" });
});

/** The browser's zone is the best first guess for a zone field: <select data-guess-zone>. */
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
}

/** A filter asks anew as soon as something is chosen. */
document.addEventListener("change", ({ target }) => target.matches?.("[data-submit]") && target.form.requestSubmit());
