/** What else can be done with a finding: the page has one menu, and each open card gets a copy of it. */

export function furnish() {
  const menu = document.getElementById("card-more");
  if (!menu) return;
  for (const form of document.querySelectorAll('.insight[data-open="yes"] > .insight-actions:not(:has(> .menu))')) {
    const own = menu.content.cloneNode(true);
    if (form.parentElement.dataset.kind !== "action_item") own.querySelector("[data-act=owner]").remove();
    form.append(own);
  }
}
