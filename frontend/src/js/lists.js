/** Filter bars: addresses without empty parameters, and one request for one change. Rows loaded by "more" stay. */
document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
  if (!elt.matches("form.filter-bar")) return;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

// A search box reports each letter; its `change`, on leaving it, would fetch the same list again and undo "Load more".
document.addEventListener("change", (event) => event.target.matches(".filter-search input") && event.stopPropagation(), true);

// What was loaded by "Load more" is there again after a reload or on the way back: the address says how many rows.
const MOST = 200; // what a list takes as its limit
document.addEventListener("htmx:afterSwap", ({ detail: { requestConfig, target } }) => {
  if (target.id === "audit") return say(target.children.length);
  if (target.id !== "rows" || !requestConfig?.parameters?.has?.("cursor") && !/[?&]cursor=/.test(requestConfig?.path ?? "")) return;
  say(Math.min(MOST, target.querySelectorAll(":scope > [data-id], :scope > [data-task]").length));
});

function say(rows) {
  const address = new URL(location.href);
  address.searchParams.set("limit", rows);
  history.replaceState(history.state, "", address);
}

// On a phone a line of tabs or stages slides: where one is stands in sight. The page itself stays at its beginning.
if (matchMedia("(max-width: 767.98px)").matches) {
  for (const here of document.querySelectorAll(":is(.tabs, .view-tabs, .stage-bar) [aria-current]")) {
    const line = here.closest(".tabs, .view-tabs, .stage-bar");
    const [at, of] = [here, line].map((element) => element.getBoundingClientRect());
    line.scrollLeft += at.left + at.width / 2 - (of.left + of.width / 2);
  }
}
