/** Reads an answer to a screen reader sentence by sentence, not token by token. */
const PAUSE_MS = 900;
const language = document.documentElement.lang || "en";
const sentences = (text) => [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map(({ segment }) => segment);

export class Announcer {
  #said = 0;
  #turn = null;
  #waiting = "";
  #timer = null;

  constructor(region) {
    this.region = region;
  }

  /** `text` is what the answer says so far. */
  follow(turn, text, isOver) {
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#said = 0;
    }
    const rest = text.slice(this.#said);
    const parts = sentences(rest);
    const whole = (isOver ? parts : parts.slice(0, -1)).join("");
    this.#said += whole.length;
    this.say(whole);
  }

  say(text) {
    if (!text.trim()) return;
    this.#waiting = `${this.#waiting} ${text.trim()}`.trim();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.region.textContent = this.#waiting;
      this.#waiting = "";
    }, PAUSE_MS);
  }
}
