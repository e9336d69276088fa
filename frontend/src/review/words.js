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

/** Where the words of a proposal stand: its first mark, else (refused ones mark nothing) the line. */
export function wordsOf(id, utterance = card(id)?.querySelector("[data-utterance]")?.dataset.utterance) {
  const line = document.getElementById(`u-${utterance}`);
  return line?.querySelector(`mark[data-insights~="${id}"]`) || line || marks(id)[0];
}

/**
 * Bring the words into the upper third of the pane; where they are well in sight already, nothing moves. Lines never
 * shown yet have estimated heights, so a long way is jumped, not glided, and the place is looked at again once the lines
 * around it are laid out.
 */
export function scrollTranscript(words) {
  const pane = document.querySelector(".review-transcript");
  if (!words || !pane || pane.scrollHeight <= pane.clientHeight + 4) return;
  const off = () => words.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  const top = off() + pane.clientHeight / 3;
  if (top >= pane.clientHeight * 0.05 && top <= pane.clientHeight * 0.6) return;
  const far = Math.abs(off()) > pane.clientHeight * 1.5;
  pane.scrollBy({ top: off(), behavior: far || calm() ? "instant" : "smooth" });
  if (far) requestAnimationFrame(() => pane.scrollBy({ top: off(), behavior: "instant" }));
}

/** On a narrow screen the transcript lies below the proposals: go to the words, and offer the way back. */
export function visitWords(id, words) {
  const go = () => words?.scrollIntoView({ block: "center", behavior: "instant" });
  history.pushState(null, "", `#insight-${id}`); // the phone's own "back" leads to the proposal, too
  go();
  requestAnimationFrame(go); // lines never shown yet had estimated heights
  const back = document.getElementById("back-to-card");
  back.href = `#insight-${id}`;
  back.hidden = false;
}

/** A line named by the address, as a citation or a colleague's link does. The browser goes there by estimated heights. */
export function showLine(hash = location.hash) {
  const line = /^#u-\d+$/.test(hash) && document.getElementById(hash.slice(1));
  if (!line) return;
  const go = () => (sideBySide() ? scrollTranscript(line) : line.scrollIntoView({ block: "center", behavior: "instant" }));
  go();
  requestAnimationFrame(go);
}

let shown = { id: null, at: 0 };

/** Show the words of a proposal; asked again, those of its next piece of evidence. */
export function showWords(id) {
  const pieces = [...(card(id)?.querySelectorAll("[data-utterance]") || [])];
  if (!pieces.length) return false;
  shown = { id, at: shown.id === id ? (shown.at + 1) % pieces.length : 0 };
  const words = wordsOf(id, pieces[shown.at].dataset.utterance);
  const line = words?.closest(".utterance");
  for (const other of document.querySelectorAll(".utterance.focused")) other.classList.remove("focused");
  line?.classList.add("focused");
  if (sideBySide()) scrollTranscript(words);
  else visitWords(id, words);
  return true;
}
