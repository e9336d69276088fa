/**
 * The line to the assistant: one websocket, opened with a one-use ticket, and what to do when it breaks.
 *
 *   closed ─ open() ─▶ connecting ─ ready ─▶ open ─ lost ─▶ waiting ─ 0.5 … 30 s ─▶ connecting …
 *                                             └ hidden for a minute ─▶ asleep ─ seen ─▶ connecting
 *
 * A lost socket loses nothing: the turn belongs to the server, `hello` says which frames were seen last, and the rest is
 * replayed. When websockets do not get through although the CRM answers, frames come over HTTP instead (`stream.js`).
 * Events: "state" {state, reason, retryAt}, "ready" {data}, "frame" {frame}.
 */
import { api } from "./api.js";
import { zone } from "./strings.js";

const PING_MS = 20_000;
const MISSED = 2; // pings without an answer before the line counts as dead
const READY_MS = 6_000;
const SLEEP_AFTER_MS = 60_000; // a tab nobody looks at, with nothing under way, holds no socket
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const TRIES_BEFORE_HTTP = 2;
const FAILURES_TO_GIVE_UP_HOPE = 2; // the CRM answers, the chat service does not: it is not running
const CLOSED_FOR_GOOD = { 4403: "origin" };

export class Connection extends EventTarget {
  #socket = null;
  #timers = {};
  #failures = 0; // in a row; decides how long to wait
  #unopened = 0; // sockets in a row that never got ready: a proxy may be in the way
  #unanswered = 0;
  #pings = 0;
  #isHttp = false;
  #sleep;
  #wasOpen = false;
  state = "closed";
  greeted = new Set();

  /** `seen()` → [{turn, seq}] of turns under way; `page` the record looked at, or null. */
  constructor({ seen, page }) {
    super();
    this.seen = seen;
    this.page = page;
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.state !== "closed" && this.#lost("offline"));
    document.addEventListener("visibilitychange", () => this.#seenOrNot());
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.#wasOpen && this.open());
  }

  open() {
    this.#wasOpen = true;
    if (this.state === "open" || this.state === "connecting") return;
    this.#connect();
  }

  close() {
    this.#drop();
    this.#to("closed");
  }

  /** Send a frame; false if there is no line now. Nothing is queued here: the session knows what still matters. */
  send(type, data) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify({ v: 1, type, data }));
    return true;
  }

  async #connect() {
    this.#drop();
    this.#to("connecting");
    const attempt = (this.#timers.attempt = {});
    const isStale = () => this.#timers.attempt !== attempt;
    try {
      const ticket = await api.ticket();
      if (!isStale()) await this.#dial(ticket, isStale);
    } catch (error) {
      if (isStale()) return;
      if (error.status === 401 || error.status === 403) this.#to("closed", { reason: "signed_out" });
      else this.#lost("unreachable");
    }
  }

  async #dial({ ticket, url, http_url: base }, isStale) {
    this.#isHttp = this.#unopened >= TRIES_BEFORE_HTTP;
    const socket = this.#isHttp ? new (await import("./stream.js")).HttpSocket(base) : new WebSocket(url);
    if (isStale()) return socket.close();
    this.#socket = socket;
    this.#timers.ready = setTimeout(() => this.#closed(1006), READY_MS);
    socket.onopen = () => socket.send(JSON.stringify({ v: 1, type: "hello", data: this.#hello(ticket) }));
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ code }) => this.#socket === socket && this.#closed(code);
    return undefined;
  }

  #hello(ticket) {
    const last = this.seen().slice(-20);
    this.greeted = new Set(last.map(({ turn }) => turn)); // the server goes on with these by itself
    return { ticket, last, tz: zone, ...(this.page && { page: this.page }) };
  }

  #heard(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // not ours
    }
    this.#unanswered = 0;
    if (frame.type === "ready") this.#ready(frame.data);
    else if (frame.type !== "pong" && frame.type !== "beat") this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #ready(data) {
    clearTimeout(this.#timers.ready);
    this.#failures = 0;
    this.#unopened = 0;
    this.#timers.ping = setInterval(() => this.#ping(), PING_MS);
    this.#to("open");
    this.dispatchEvent(new CustomEvent("ready", { detail: data ?? {} }));
  }

  #ping() {
    if (this.#unanswered >= MISSED) return this.#lost("silent");
    this.#unanswered += 1;
    return this.send("ping", { n: (this.#pings += 1) });
  }

  #closed(code) {
    if (this.state === "connecting") this.#unopened = this.#isHttp ? 0 : this.#unopened + 1; // neither way works: begin anew
    if (CLOSED_FOR_GOOD[code]) {
      this.#drop();
      this.#to("closed", { reason: CLOSED_FOR_GOOD[code] });
    } else this.#lost(code === 4429 ? "rate" : this.#failures >= FAILURES_TO_GIVE_UP_HOPE ? "unavailable" : "cut");
  }

  #lost(why) {
    const reason = navigator.onLine ? why : "offline";
    this.#drop();
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures) * (reason === "rate" ? 4 : 1);
    const wait = ceiling * (0.5 + Math.random() / 2); // so that a thousand tabs do not come back in the same moment
    this.#failures += 1;
    this.#timers.retry = setTimeout(() => this.#connect(), wait);
    this.#to("waiting", { reason, retryAt: Date.now() + wait });
  }

  #seenOrNot() {
    clearTimeout(this.#sleep);
    if (document.visibilityState === "visible") {
      if (this.state === "asleep") this.#connect();
      else this.#hurry();
    } else if (this.state !== "closed") this.#sleep = setTimeout(() => this.#fallAsleep(), SLEEP_AFTER_MS);
  }

  #fallAsleep() {
    if (this.state === "closed" || this.seen().length) return;
    this.#drop();
    this.#to("asleep");
  }

  /** Something suggests that it would work now: do not wait out the clock. */
  #hurry() {
    if (this.state === "waiting") this.retry();
  }

  retry() {
    this.#failures = 0;
    this.#connect();
  }

  #drop() {
    clearTimeout(this.#timers.ready);
    clearTimeout(this.#timers.retry);
    clearInterval(this.#timers.ping);
    this.#timers = {};
    this.#unanswered = 0;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  #to(state, more = {}) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, ...more } }));
  }
}
