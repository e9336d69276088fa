/**
 * Three hosts that base.html provides, all real <dialog>s (the browser keeps the focus inside and gives it back):
 *
 *   hx-target="#modal-body"   a fragment opens as a dialog; `HX-Trigger: closeModal` closes it
 *   hx-target="#panel-body"   a record opens in the side panel
 *   data-confirm="Delete …?"  on a form, link, button or hx-* element: asks first
 */
const hosts = { "modal-body": "modal", "panel-body": "panel" };
const byId = (id) => document.getElementById(id);

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = byId(hosts[event.detail.target.id]);
  if (!dialog || !event.detail.target.hasChildNodes()) return;
  const heading = event.detail.target.querySelector("h1, h2");
  if (heading) {
    heading.id ||= `${dialog.id}-title`;
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  if (!dialog.open) dialog.showModal();
  // What opens a record is its heading; were that `autofocus`, htmx would go there whenever the head alone is drawn anew.
  const wrong = dialog.querySelector("[aria-invalid=true]");
  const first = wrong || dialog.querySelector("[autofocus], [data-first]");
  first?.focus();
  if (!wrong && first?.matches("input[type=text]")) first.select(); // who types says it anew
});
document.addEventListener("closeModal", () => byId("modal").close());

for (const [body, id] of Object.entries(hosts)) {
  byId(id)?.addEventListener("close", () => byId(body).replaceChildren());
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
  // A click on the backdrop hits the dialog itself. A half-filled form is not thrown away by a stray click.
  if (event.target.matches?.("dialog") && !event.target.querySelector("form[data-changed]")) event.target.close();
});

/** Ask; resolves to true or false. Focus starts on "Cancel", so that Enter never destroys anything by habit. */
export function confirm({ text, more = "", action, tone = "danger" }) {
  const dialog = byId("confirm");
  dialog.querySelector("h2").textContent = text;
  dialog.querySelector("p").textContent = more;
  dialog.querySelector("p").hidden = !more;
  const yes = dialog.querySelector("[value=yes]");
  yes.textContent = action || yes.dataset.label;
  yes.className = `btn btn-${tone === "danger" ? "danger" : "primary"}`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

const question = ({ dataset }) => ({
  text: dataset.confirm, more: dataset.confirmMore, action: dataset.confirmAction, tone: dataset.confirmTone,
});

document.addEventListener("htmx:confirm", async (event) => {
  const asker = event.detail.elt.closest("[data-confirm]");
  if (!asker) return;
  event.preventDefault();
  if (await confirm(question(asker))) event.detail.issueRequest(true);
});

const isHtmx = (element) => element.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]");
const agreed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asker = event.submitter?.closest("[data-confirm]") || form.closest("[data-confirm]");
  if (!asker || isHtmx(form) || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  if (!(await confirm(question(asker)))) return;
  agreed.add(form);
  form.requestSubmit(submitter);
}, true);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-confirm]");
  if (!link || isHtmx(link)) return;
  event.preventDefault();
  if (await confirm(question(link))) location.assign(link.href);
}, true);
