/**
 * Evidence in the transcript. Where it stands is said by the cards ("utterance:start-end", in characters), so that a
 * decision changes the cards alone and a browser may keep the transcript. Refused findings mark nothing.
 */
const drawn = new WeakMap(); // a line's paragraph → the spans marked in it

function spansByLine() {
  const lines = new Map();
  for (const card of document.querySelectorAll(".insight[data-marks]:not(.insight-rejected)")) {
    for (const mark of card.dataset.marks.split(" ")) {
      const [, line, start, end] = mark.match(/^(\d+):(\d+)-(\d+)$/);
      if (!lines.has(line)) lines.set(line, []);
      lines.get(line).push({ start: Number(start), end: Number(end), id: card.dataset.insight });
    }
  }
  return lines;
}

/** Cut at every beginning and end, so that overlapping evidence marks each stretch with all it belongs to. */
function draw(paragraph, spans) {
  const letters = [...paragraph.textContent]; // characters as the server counts them: an emoji is one
  const inside = spans.map(({ start, end, id }) => ({ start, end: Math.min(end, letters.length), id })).filter(({ start, end }) => start < end);
  const cuts = [...new Set([0, letters.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  const pieces = cuts.slice(1).map((to, at) => {
    const from = cuts[at];
    const ids = inside.filter(({ start, end }) => start <= from && to <= end).map(({ id }) => id);
    const said = letters.slice(from, to).join("");
    if (!ids.length) return said;
    const mark = document.createElement("mark");
    mark.dataset.insights = ids.join(" ");
    mark.textContent = said;
    return mark;
  });
  paragraph.replaceChildren(...pieces);
}

/** Mark what the cards say now. Only lines whose marks differ are touched: a selection elsewhere stays. */
export function markEvidence() {
  const lines = spansByLine();
  const marked = [...document.querySelectorAll(".transcript mark")].map((mark) => mark.closest(".utterance").id.slice(2));
  for (const line of new Set([...lines.keys(), ...marked])) {
    const paragraph = document.querySelector(`#u-${line} > p`);
    if (!paragraph) continue;
    const spans = lines.get(line) ?? [];
    const now = JSON.stringify(spans);
    if (drawn.get(paragraph) === now) continue;
    draw(paragraph, spans);
    drawn.set(paragraph, now);
  }
}
