/** Filter bars: addresses without empty parameters, and one request for one change. */
document.addEventListener("htmx:configRequest", ({ detail: { elt, parameters } }) => {
  if (!elt.matches("form.filter-bar")) return;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

// A search box reports each letter; its `change`, on leaving it, would fetch the same list again and undo "Load more".
document.addEventListener("change", (event) => event.target.matches(".filter-search input") && event.stopPropagation(), true);
