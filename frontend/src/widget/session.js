/**
 * One conversation as it goes on: the turns, what is sent for them, and keeping them whole across cuts and pages.
 *
 * Events: "turns" (another conversation is shown), "turn" {turn} (this one changed), "state" {state, reason} of the line,
 * "about" (title, model or limits became known).
 */
import { randomKey } from "../js/dom.js";
import { api } from "./api.js";
import { Connection } from "./connection.js";
import { asked, fromStored, isLive, isUnderWay, take } from "./turns.js";

const LOOK_AGAIN_MS = 2_000; // at an answer whose frames cannot be had
const GAP_PATIENCE_MS = 3_000; // a replay under way is not asked for again

/** A turn that is shown already stays the same object, so that only what differs is drawn; an answer under way goes on. */
function renewed(shown, stored, since) {
  if (isLive(stored)) return shown;
  for (const [key, value] of Object.entries({ ...stored, actions: stored.actions.map((action) => newer(shown, action, since)) })) {
    if (JSON.stringify(shown[key] ?? null) !== JSON.stringify(value ?? null)) shown[key] = value;
  }
  return shown;
}

/** What was decided here while the stored conversation was on its way is newer than what it says. */
function newer({ actions }, action, since) {
  const shown = actions.find(({ id }) => id === action.id);
  return shown && (shown.deciding || shown.changedAt >= since) ? shown : Object.assign(shown ?? {}, action);
}

/** Records of a list were changed, or are as they were: a page that shows them draws them anew. */
const listChanged = ({ record }) => document.dispatchEvent(new CustomEvent("listChanged", { detail: { type: record?.type } }));

export class Session extends EventTarget {
  turns = [];
  conversation = null; // its public id; none until the first question was acknowledged
  title = "";
  about = {}; // what `ready` said: models, limits
  earlier = null; // where the messages before those shown begin; null if there are none
  page = null;
  #resumed = new Map(); // turn id → when its replay was last asked for
  #loading = null;
  #watching = null; // the next look at actions on lists that go on

  constructor({ page, memory }) {
    super();
    this.page = page;
    this.memory = memory;
    this.line = new Connection({ seen: () => this.#seen(), page });
    this.line.addEventListener("state", ({ detail }) => this.#tell("state", detail));
    this.line.addEventListener("ready", ({ detail }) => this.#ready(detail));
    this.line.addEventListener("frame", ({ detail }) => this.#frame(detail));
  }

  /** Show what this tab showed on its last page, at once; then what the server knows. */
  start() {
    const kept = this.memory.snapshot();
    const wanted = this.memory.conversation();
    const isKept = kept.turns?.length && (kept.conversation ?? null) === wanted;
    this.about = kept.about ?? {};
    this.earlier = isKept ? kept.earlier ?? null : null;
    if (isKept) this.#show(kept.turns, { conversation: kept.conversation, title: kept.title });
    this.line.open();
    if (wanted && (!isKept || !this.live)) this.load(wanted, { isQuiet: isKept });
    return kept;
  }

  snapshot() {
    return { conversation: this.conversation, title: this.title, turns: this.turns, earlier: this.earlier, about: this.about };
  }

  get live() {
    return this.turns.find(isLive) ?? null;
  }

  /** Ask. While another answer is under way nothing is sent (the server would refuse it). */
  ask(text, { page = this.page, list = null } = {}) {
    if (this.live) return null;
    const turn = asked({ clientId: randomKey(), text, conv: this.conversation, page, list });
    this.turns.push(turn);
    this.#tell("turn", { turn, isNew: true });
    this.#sendAsk(turn);
    return turn;
  }

  #sendAsk(turn) {
    const { clientId, question, conv, page, list } = turn;
    this.line.send("ask", { client_id: clientId, text: question, page: page ?? null, ...(list && { list }), ...(conv && { conv }) });
  }

  stop() {
    const turn = this.live;
    if (!turn) return;
    if (turn.id && this.line.send("stop", { turn: turn.id })) return;
    if (turn.id) turn.stopWanted = true; // no line: told as soon as there is one
    else this.#end(turn, "stopped"); // never sent, or never acknowledged
  }

  /** Decide on a proposed action. The key makes sending it again after a cut harmless. */
  decide(turn, action, decision, edits) {
    action.deciding = { decision, edits: edits ?? null, key: action.deciding?.key ?? randomKey() };
    this.#sendDecision(action);
    this.#tell("turn", { turn });
  }

  #sendDecision({ id, deciding: { decision, edits, key } }) {
    this.line.send("decide", { action: id, decision, key, ...(edits && { edits }) });
  }

  async undo(turn, action) {
    action.deciding = { decision: "undo" };
    this.#tell("turn", { turn });
    try {
      const answer = await api.undo(action.id);
      Object.assign(action, { detail: null }, answer?.action ?? answer ?? {}, { id: action.id, status: "undone" });
      if (action.many) listChanged(action);
    } catch (error) {
      action.detail = error.text ?? null;
      action.undoFailed = true;
    }
    Object.assign(action, { deciding: null, changedAt: Date.now() });
    this.#tell("turn", { turn });
    this.#watch();
  }

  /** Actions on lists that go on are looked at again and again; the page's own list is told at their end. */
  #watch() {
    const underWay = this.turns.flatMap((turn) => turn.actions.filter(isUnderWay).map((action) => ({ turn, action })));
    if (!underWay.length || this.#watching) return;
    this.#watching = setTimeout(async () => {
      for (const { turn, action } of underWay) {
        const answer = await api.action(action.id).catch(() => null);
        if (!answer) continue;
        Object.assign(action, answer.action, { changedAt: Date.now() });
        if (!isUnderWay(action)) listChanged(action);
        this.#tell("turn", { turn });
      }
      this.#watching = null;
      this.#watch();
    }, LOOK_AGAIN_MS);
  }

  rate(turn, score, why) {
    turn.rating = score;
    if (!this.line.send("rate", { turn: turn.id, score, ...(why && { why }) })) api.rate(turn.id, score, why).catch(() => this.#tell("refused", { message: null }));
    this.#tell("turn", { turn });
  }

  /** Show a stored conversation. One that is gone (deleted in another tab) leaves an empty one. */
  async load(id, { isQuiet = false } = {}) {
    const load = (this.#loading = {});
    const before = { turns: new Set(this.turns), at: Date.now() };
    if (!isQuiet) this.#tell("loading");
    try {
      const stored = await api.conversation(id);
      if (this.#loading !== load || (isQuiet && this.conversation !== id)) return;
      this.#merge(stored, before);
    } catch (error) {
      if (this.#loading !== load) return;
      if (error.status === 404) this.fresh();
      else if (!isQuiet) this.#tell("failed", { error, retry: () => this.load(id) });
    }
  }

  /** Messages before those shown; the server sends the last hundred at first. */
  async loadEarlier() {
    const stored = await api.conversation(this.conversation, this.earlier);
    this.earlier = stored.earlier ?? null;
    const turns = fromStored(stored);
    this.turns.unshift(...turns);
    return turns;
  }

  fresh() {
    this.#loading = null;
    this.memory.remember(null);
    this.earlier = null;
    this.#show([], { conversation: null, title: "" });
  }

  /** Take the stored conversation, but keep what only this tab has: questions not acknowledged, or asked since `before`. */
  #merge(stored, before) {
    const turns = fromStored(stored);
    const known = new Set(turns.map(({ id }) => id));
    const isOurs = (turn) => !known.has(turn.id) && ((!turn.id && isLive(turn)) || !before.turns.has(turn));
    const unsent = this.conversation === stored.id ? this.turns.filter(isOurs) : [];
    const shown = new Map(this.turns.map((turn) => [turn.id, turn]));
    const merged = turns.map((turn) => (shown.has(turn.id) ? renewed(shown.get(turn.id), turn, before.at) : turn));
    this.memory.remember(stored.id);
    this.earlier = stored.earlier ?? null;
    this.#show([...merged, ...unsent], { conversation: stored.id, title: stored.title });
    for (const turn of this.turns) if (isLive(turn) && turn.id) this.#resume(turn);
  }

  #show(turns, { conversation, title }) {
    Object.assign(this, { turns, conversation, title: title ?? "" });
    this.#tell("turns");
    this.#watch();
  }

  #seen() {
    return this.turns.filter((turn) => turn.id && isLive(turn)).map(({ id, seq }) => ({ turn: id, seq }));
  }

  #ready(data) {
    this.about = data;
    this.#tell("about");
    this.#resumed.clear();
    for (const turn of this.turns) {
      if (turn.state === "waiting" && !turn.id) this.#sendAsk(turn); // if it had arrived before, it is not asked twice
      else if (isLive(turn) && !this.line.greeted.has(turn.id)) this.#resume(turn);
      if (isLive(turn) && turn.stopWanted) this.line.send("stop", { turn: turn.id });
      for (const action of turn.actions) if (action.deciding?.key) this.#sendDecision(action);
    }
  }

  #resume(turn) {
    const now = performance.now();
    if (now - (this.#resumed.get(turn.id) ?? -Infinity) < GAP_PATIENCE_MS) return;
    if (this.line.send("resume", { turn: turn.id, after_seq: turn.seq })) this.#resumed.set(turn.id, now);
  }

  #frame(frame) {
    const handle = { ack: this.#ack, resync: this.#resync }[frame.type];
    if (handle) return handle.call(this, frame);
    const turn = this.turns.find(({ id }) => id && id === frame.turn);
    if (!turn) return frame.type === "error" ? this.#refused(frame.data) : this.#stranger(frame);
    if (turn.resyncing) return undefined;
    const taken = take(turn, frame);
    if (taken === "gap") this.#resume(turn);
    if (taken === "new") {
      this.#tell("turn", { turn, frame });
      if (frame.type === "action.result") this.#decided(turn, frame.data);
      if (frame.type === "turn.end") this.#afterEnd(turn);
    }
    return undefined;
  }

  #decided(turn, { id }) {
    const action = turn.actions.find((one) => one.id === id);
    if (action?.many && action.status === "approved") listChanged(action);
    this.#watch();
  }

  #ack({ conv, turn: turnId, data }) {
    const turn = this.turns.find(({ clientId }) => clientId && clientId === data.client_id);
    if (!turn) return;
    turn.id = data.turn ?? turnId;
    turn.conv = data.conv ?? conv;
    if (turn.state === "waiting") turn.state = "running";
    if (!this.conversation) {
      this.conversation = turn.conv;
      this.memory.remember(turn.conv);
    }
    this.#tell("turn", { turn });
  }

  /** The first answer gives a conversation its name. */
  async #afterEnd(turn) {
    if (this.title || !this.conversation) return;
    this.title = turn.question.slice(0, 80);
    this.#tell("about");
  }

  /** Frames are no longer kept: what is stored is shown, again and again if it is still being written. */
  async #resync({ turn: turnId, data }) {
    const id = data?.turn ?? turnId;
    const turn = this.turns.find((one) => one.id === id);
    if (!turn || turn.resyncing) return;
    turn.resyncing = true;
    try {
      const stored = fromStored(await api.conversation(turn.conv ?? this.conversation), { isReplayed: false }).find((one) => one.id === id);
      Object.assign(turn, stored ?? { state: "interrupted" });
      if (isLive(turn)) setTimeout(() => this.#resync({ turn: id }), LOOK_AGAIN_MS);
    } catch (error) {
      if (error.status === 404) turn.state = "interrupted";
      else setTimeout(() => this.#resync({ turn: id }), LOOK_AGAIN_MS);
    } finally {
      delete turn.resyncing;
      this.#tell("turn", { turn });
    }
  }

  /** An error outside a turn's numbering names what it is about: a question, a decision, a turn that is gone. */
  #refused(error) {
    const asking = error.client_id && this.turns.find(({ id, clientId }) => !id && clientId === error.client_id);
    const deciding = error.action && this.turns.find(({ actions }) => actions.some(({ id }) => id === error.action));
    const lost = error.turn && this.turns.find((turn) => turn.id === error.turn && isLive(turn));
    if (asking) this.#end(Object.assign(asking, { error }), "error");
    else if (deciding) {
      Object.assign(deciding.actions.find(({ id }) => id === error.action), { deciding: null, detail: error.message });
      this.#tell("turn", { turn: deciding });
    } else if (lost) this.#end(lost, "interrupted");
    else if (error.code !== "bad_frame") this.#tell("refused", error);
  }

  /** A turn of this conversation that was asked in another tab. */
  #stranger({ conv, turn, type }) {
    if (!conv || conv !== this.conversation || type !== "turn.start" || !turn) return;
    this.load(conv, { isQuiet: true });
  }

  #end(turn, state) {
    turn.state = state;
    this.#tell("turn", { turn });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
