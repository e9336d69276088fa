/** Files, looks, the history: an uploaded file joins its record's; a page that is opened says so, once; what the history
    is narrowed to stands in the address. */
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

document.addEventListener("change", ({ target }) => {
  if (!target.matches(".timeline-filters input") || target.closest("#panel")) return;
  const address = new URL(location.href);
  if (target.value) address.searchParams.set("shown", target.value);
  else address.searchParams.delete("shown");
  history.replaceState(history.state, "", address);
});
