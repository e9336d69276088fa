/**
 * A turn (one question and its answer) as data: what frames make of it. No page, no network: the view draws what stands
 * here, the tab's memory keeps it as JSON, and a replay after a cut leads to the same.
 */

/** A question just asked; `id` is known once the server has acknowledged it. */
export function asked({ clientId, text, conv, page, list }) {
  return { ...blank(), clientId, question: text, conv, page, list, state: "waiting" };
}

const blank = () => ({
  id: null, clientId: null, conv: null, question: "", page: null, list: null, state: "running", seq: 0, stage: null, detail: "", route: null,
  table: null, sources: [], text: "", actions: [], error: null, messageId: null, usage: null, ms: null, engine: null, timings: null,
  rating: 0,
});

/** A change of many records goes on. */
export const isUnderWay = ({ many }) => Boolean(many?.progress?.is_under_way);

export const isLive = (turn) => turn.state === "waiting" || turn.state === "running";

/**
 * Take a frame of this turn: "new" (taken), "seen" (had it before) or "gap" (frames are missing: ask for a replay).
 * Deltas are only right when each is taken once and in order; that is all there is to surviving a cut.
 */
export function take(turn, { seq, type, data }) {
  if (seq) {
    if (seq <= turn.seq) return "seen";
    if (seq > turn.seq + 1) return "gap";
    turn.seq = seq;
  }
  changes[type]?.(turn, data ?? {});
  return "new";
}

const changes = {
  "turn.start": (turn, { question }) => {
    turn.state = "running";
    turn.question ||= question ?? "";
  },
  status: (turn, { stage, detail }) => Object.assign(turn, { state: "running", stage, detail: detail ?? "" }),
  route: (turn, { kind, sentence, choices, ...more }) => { turn.route = { kind, sentence: sentence ?? "", choices: choices ?? [], ...more }; },
  table: (turn, data) => { turn.table = data; },
  sources: (turn, { items }) => { turn.sources = items ?? []; },
  delta: (turn, { text }) => { turn.text += text ?? ""; },
  action: (turn, card) => {
    const at = turn.actions.findIndex(({ id }) => id === card.id);
    const action = { ...card, status: card.status ?? card.state ?? "proposed" };
    if (at < 0) turn.actions.push(action);
    else turn.actions[at] = { ...turn.actions[at], ...action };
  },
  "action.result": (turn, { again, ...result }) => {
    const action = turn.actions.find(({ id }) => id === (result.id ?? result.action));
    if (again && !turn.actions.some(({ id }) => id === again.id)) changes.action(turn, again); // its list had changed
    if (action) Object.assign(action, result, { id: action.id, status: result.is_undone ? "undone" : result.status, deciding: null, changedAt: Date.now() });
  },
  error: (turn, error) => { turn.error = error; },
  "turn.end": (turn, { reason, message_id: messageId, text, ...more }) => {
    turn.state = turn.error?.code === "interrupted" ? "interrupted" : reason ?? "done";
    turn.stage = null;
    if (typeof text === "string") turn.text = text; // the answer as it was checked at the end
    Object.assign(turn, { messageId, usage: more.usage, ms: more.ms }, pick(more, ["engine", "timings"]));
  },
};

const pick = (object, names) => Object.fromEntries(names.filter((name) => object[name] != null).map((name) => [name, object[name]]));

/**
 * Turns from a stored conversation: an answer shares its question's turn. `isReplayed`: the frames of one that is still
 * being written will come from the first on, so what is stored of it is not needed.
 */
export function fromStored({ id: conv, messages = [] }, { isReplayed = true } = {}) {
  const turns = new Map();
  for (const message of messages) {
    const turn = turns.get(message.turn) ?? { ...blank(), id: message.turn, conv, state: "interrupted" };
    turns.set(message.turn, turn);
    if (message.role === "user") Object.assign(turn, { question: message.text, page: message.page, list: message.list ?? null, clientId: message.client_id ?? null });
    else stored(turn, message, isReplayed && message.state === "running");
  }
  return [...turns.values()];
}

function stored(turn, message, isRunning) {
  Object.assign(turn, {
    state: message.state ?? "done",
    seq: isRunning ? 0 : message.frames ?? 0,
    text: isRunning ? "" : message.text ?? "",
    route: message.route ? { kind: message.route, sentence: message.sentence ?? "", choices: message.choices ?? [] } : null,
    table: isRunning ? null : message.table ?? null,
    sources: isRunning ? [] : message.citations ?? [],
    error: message.error ?? null,
    messageId: message.id ?? null,
    usage: message.usage ?? null,
    timings: message.timings ?? null,
    ms: message.ms ?? message.timings?.total ?? null,
    engine: message.engine ?? null,
    rating: message.rating ?? 0,
    actions: isRunning ? [] : (message.actions ?? []).map((action) => ({ ...action })),
  });
}
