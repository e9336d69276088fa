/** Files and looks: an uploaded file joins the list of its record; a page that is opened says so, once. */
import htmx from "htmx.org";

document.addEventListener("fileStored", ({ target }) => {
  target.remove();
  htmx.trigger(document.body, "filesChanged");
});

function look(root) {
  const shown = root.matches?.("[data-look]") ? root : root.querySelector?.("[data-look]");
  if (!shown) return;
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const body = new URLSearchParams({ record: shown.dataset.look, csrf_token: token });
  fetch("/mine/look", { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {}); // a look that is forgotten harms nobody
}
look(document);
document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.closest?.("#panel-body") && look(elt));
