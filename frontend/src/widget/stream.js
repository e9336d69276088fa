/**
 * The same frames without a websocket, for proxies that break those: what the client says goes by POST, a turn's frames
 * come as server-sent events (read with fetch: an EventSource could show neither a session nor where it was cut off).
 * Looks like a WebSocket to `Connection`.
 */
export class HttpSocket {
  #base;
  #session = null;
  #following = new Map(); // turn → AbortController
  #isClosed = false;
  onopen = null;
  onmessage = null;
  onclose = null;

  constructor(base) {
    this.#base = base;
    queueMicrotask(() => !this.#isClosed && this.onopen?.());
  }

  close() {
    this.#isClosed = true;
    for (const controller of this.#following.values()) controller.abort();
  }

  async send(text) {
    const { type, data } = JSON.parse(text);
    if (type === "resume") return this.#follow(data.turn, data.after_seq);
    try {
      const answer = await fetch(`${this.#base}/chat/frames`, { method: "POST", headers: { "Content-Type": "application/json", ...this.#proof() }, body: text });
      const { frames } = await answer.json();
      for (const frame of frames ?? []) this.#take(frame);
      if (answer.status === 401) this.#end(4401);
      else if (type === "hello") for (const { turn, seq } of data.last) this.#follow(turn, seq);
    } catch {
      this.#end(1006);
    }
    return undefined;
  }

  #proof() {
    return this.#session ? { Authorization: `Bearer ${this.#session}` } : {};
  }

  #take(frame) {
    if (frame.type === "ready") this.#session = frame.data.session;
    if (!this.#isClosed) this.onmessage?.({ data: JSON.stringify(frame) });
    if (frame.type === "ack") this.#follow(frame.data.turn, 0);
  }

  async #follow(turn, after) {
    this.#following.get(turn)?.abort();
    const controller = new AbortController();
    this.#following.set(turn, controller);
    try {
      const answer = await fetch(`${this.#base}/chat/turns/${encodeURIComponent(turn)}/events`, {
        headers: { Accept: "text/event-stream", "Last-Event-ID": String(after), ...this.#proof() }, signal: controller.signal,
      });
      if (answer.status === 401) this.#end(4401);
      if (answer.ok && answer.body) await this.#read(answer.body);
    } catch {
      if (!controller.signal.aborted) this.#end(1006);
    } finally {
      if (this.#following.get(turn) === controller) this.#following.delete(turn);
    }
  }

  /** Events are separated by an empty line; ours have one line of data each. */
  async #read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (waiting + value).split("\n\n");
      waiting = events.pop();
      for (const event of events) {
        const data = event.split("\n").find((line) => line.startsWith("data: "));
        if (data && !this.#isClosed) this.onmessage?.({ data: data.slice(6) });
      }
    }
  }

  #end(code) {
    if (this.#isClosed) return;
    this.close();
    this.onclose?.({ code });
  }
}
