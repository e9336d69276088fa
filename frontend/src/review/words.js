/** The words of a proposal in the transcript: lighting them up, going there, and back. */

export const cards = () => [...document.querySelectorAll("[data-insight]")];
export const card = (id) => document.getElementById(`insight-${id}`);
const marks = (id) => [...document.querySelectorAll(`mark[data-insights~="${id}"]`)];

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const sideBySide = () => matchMedia("(min-width: 992px)").matches;

export function light(id, on) {
  for (const mark of marks(id)) mark.classList.toggle("lit", on);
  card(id)?.classList.toggle("lit", on);
}

const evidenceOf = (id) => [...(card(id)?.querySelectorAll(".evidence") ?? [])];

/** Where the words of a proposal stand: its first mark, else (refused ones mark nothing) the line. */
export function wordsOf(id, evidence = evidenceOf(id)[0]) {
  const line = evidence && document.getElementById(evidence.hash.slice(1));
  return line?.querySelector(`mark[data-insights~="${id}"]`) || line || marks(id)[0];
}

/**
 * Bring the words into the upper third of the pane; where they are well in sight already, nothing moves. A long way is
 * jumped, not glided.
 */
export function scrollTranscript(words) {
  const pane = document.querySelector(".review-transcript");
  if (!words || !pane || pane.scrollHeight <= pane.clientHeight + 4) return;
  const off = () => words.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  const top = off() + pane.clientHeight / 3;
  if (top >= pane.clientHeight * 0.05 && top <= pane.clientHeight * 0.6) return;
  const far = Math.abs(off()) > pane.clientHeight * 1.5;
  if (far) layOut(words.closest(".utterance") ?? words);
  pane.scrollBy({ top: off(), behavior: far || calm() ? "instant" : "smooth" });
}

const NEAR = 24; // as many lines as fill a screen

/** Lines never shown yet have estimated heights: lay out those around one, before it is gone to. */
export function layOut(line) {
  for (const way of ["previousElementSibling", "nextElementSibling"]) {
    for (let at = line, n = 0; at && n <= NEAR; at = at[way], n += 1) at.classList.add("utterance-near");
  }
}

/** On a narrow screen the transcript lies below the proposals: go to the words, and offer the way back. */
function visit(id, words) {
  history.pushState(null, "", `#insight-${id}`); // the phone's own "back" leads to the proposal, too
  layOut(words.closest(".utterance") ?? words);
  words.scrollIntoView({ block: "center", behavior: "instant" });
  const back = document.getElementById("back-to-card");
  back.href = `#insight-${id}`;
  back.hidden = false;
}

/** A line named by the address, as a citation or a colleague's link does. The browser goes there by estimated heights. */
export function showLine(hash = location.hash) {
  const line = /^#u-\d+$/.test(hash) && document.getElementById(hash.slice(1));
  if (!line) return;
  focusLine(line);
  layOut(line);
  if (sideBySide()) scrollTranscript(line);
  else line.scrollIntoView({ block: "center", behavior: "instant" });
}

/** The one line that was looked for. */
export function focusLine(line) {
  for (const other of document.querySelectorAll(".utterance.focused")) other.classList.remove("focused");
  line?.classList.add("focused");
}

let shown = { id: null, at: 0 };
let due = null; // what was to be shown before its line stood on the page

/** Go to one piece of evidence of a proposal; as long as its line is being fetched, to where that will stand. */
export function goToWords(id, evidence) {
  const words = wordsOf(id, evidence);
  due = words ? null : () => goToWords(id, evidence);
  if (words) focusLine(words.closest(".utterance"));
  if (sideBySide()) scrollTranscript(words ?? document.getElementById("transcript-rest"));
  else visit(id, words ?? document.getElementById("transcript-rest"));
}

/** Show the words of a proposal; asked again, those of its next piece of evidence. */
export function showWords(id) {
  const pieces = evidenceOf(id);
  if (!pieces.length) return false;
  shown = { id, at: shown.id === id ? (shown.at + 1) % pieces.length : 0 };
  goToWords(id, pieces[shown.at]);
  return true;
}

/** All lines are there now: show what was asked for meanwhile. False if nothing was. */
export function showDue() {
  due?.();
  return Boolean(due);
}
