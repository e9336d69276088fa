/**
 * Questions to the server while somebody types: one a pause, the one before is given up, and an answer that comes late is
 * not told. What was asked since the palette opened is not asked again.
 */
const PAUSE_MS = 70;

export class Asking {
  #timer;
  #request;
  #known = new Map();

  /** `answered(q, answer)`; the answer is null where the server could not be reached. */
  constructor(url, answered) {
    Object.assign(this, { url, answered });
  }

  get isWaiting() {
    return this.#request !== undefined;
  }

  ask(q, { isUrgent = false } = {}) {
    this.stop();
    if (this.#known.has(q)) return this.answered(q, this.#known.get(q));
    this.#request = new AbortController();
    this.#timer = setTimeout(() => this.#send(q, this.#request), isUrgent ? 0 : PAUSE_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#request = undefined;
  }

  forget() {
    this.stop();
    this.#known.clear();
  }

  async #send(q, request) {
    const answer = await fetched(`${this.url}?q=${encodeURIComponent(q)}`, request.signal);
    if (request !== this.#request) return; // something else was typed meanwhile
    this.#request = undefined;
    if (answer) this.#known.set(q, answer);
    this.answered(q, answer);
  }
}

async function fetched(url, signal) {
  try {
    const reply = await fetch(url, { headers: { Accept: "application/json" }, signal });
    if (reply.status === 401) location.reload(); // signed out: to the login page and back
    return reply.ok ? await reply.json() : null;
  } catch {
    return null;
  }
}
