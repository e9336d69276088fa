/** What a screen reader hears of cards that move; the sentences come with the page. */
export function say(key, values) {
  const region = document.getElementById("board-says");
  const words = JSON.parse(region?.dataset.words || "{}");
  if (words[key]) region.textContent = words[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
