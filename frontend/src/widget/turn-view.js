/** A question and its answer on the page. Redraws only the parts of which a frame says something. */
import { copy, h, icon } from "../js/dom.js";
import { actionCard } from "./action-card.js";
import { inlineOf, sourceList } from "./cites.js";
import { Growing } from "./markdown.js";
import { feedback, howIGotThis, plainText } from "./turn-foot.js";
import { resultTable } from "./table.js";
import { isLive } from "./turns.js";
import { has, s } from "./strings.js";

const CURES = new Set([ // errors for which there is advice beyond the server's own sentence
  "ollama_down", "model_missing", "model_loading_timeout", "out_of_memory", "queue_full", "context_overflow", "rate_limited", "busy_turn", "too_long",
  "interrupted", "retrieval_failed", "bad_model_output", "internal", "unauthorized",
]);

export class TurnView {
  #growing;
  #parts = {};
  #drawn = {}; // what each part was last drawn from
  #queued = false;

  /** `act`: what a person may do with a turn: ask, decide, undo, rate, copy, retry. `changed` is told after each drawing. */
  constructor(turn, act, changed) {
    this.turn = turn;
    this.act = act;
    this.changed = changed;
    const part = (name, tag = "div") => (this.#parts[name] = h(tag, { class: `chat-${name}` }));
    const answer = h("div", { class: "chat-answer" }, part("status"), part("rows"), part("text"), part("choices"), part("actions"), part("problem"), part("sources-part"), part("tools"));
    this.element = h("li", { class: "chat-turn", tabindex: "-1" }, h("div", { class: "chat-question" }, h("span", { class: "visually-hidden" }, `${s("you")}: `), h("div", { dir: "auto" }, asRead(turn.question))), answer);
    this.#growing = new Growing(this.#parts.text, inlineOf(turn));
    this.draw();
  }

  /** At most once a frame of the screen, however many frames of the socket come in. A hidden page draws no frames. */
  update() {
    if (this.#queued) return;
    this.#queued = true;
    const draw = () => {
      this.#queued = false;
      this.draw();
      this.changed();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(draw);
    else setTimeout(draw, 250);
  }

  draw() {
    const { turn } = this;
    const isOver = !isLive(turn);
    this.element.classList.toggle("is-live", !isOver);
    this.element.dataset.turn = turn.id ?? "";
    this.element.dataset.state = turn.state;
    // Rows of a plan stand below the sentence that counts them; rows that a text then tells about stand above it.
    this.element.dataset.route = turn.route?.kind ?? "";
    this.#part("status", [turn.state, turn.stage, turn.detail, Boolean(turn.text)], () => status(turn));
    this.#text(isOver);
    this.#part("rows", [turn.table], () => turn.table && resultTable(turn.table));
    this.#part("choices", [turn.route?.choices, isOver], () => choices(turn, this.act));
    this.#part("actions", [JSON.stringify(turn.actions)], () => turn.actions.map((action) => actionCard(action, {
      decide: (decision, edits) => this.act.decide(turn, action, decision, edits), undo: () => this.act.undo(turn, action),
    })));
    this.#part("problem", [turn.state, turn.error], () => problem(turn, this.act));
    this.#part("sources-part", [turn.sources, isOver], () => (isOver || !turn.text) && turn.route?.kind !== "structured" ? sourceList(used(turn, isOver)) : null);
    this.#part("tools", [isOver, turn.rating, turn.ms, turn.id], () => isOver && turn.id && tools(turn, this.act));
  }

  #text(isOver) {
    const { turn } = this;
    const now = [turn.text, turn.sources, isOver];
    if (isSame(this.#drawn.text, now)) return;
    const sourcesCame = this.#drawn.text && this.#drawn.text[1] !== turn.sources;
    this.#drawn.text = now;
    this.#growing.show(turn.text, { isFinal: isOver || sourcesCame });
    this.#parts.text.classList.toggle("is-growing", !isOver && turn.text !== "");
  }

  #part(name, from, make) {
    if (isSame(this.#drawn[name], from)) return;
    this.#drawn[name] = from;
    const part = this.#parts[name];
    const hadFocus = part.contains(document.activeElement) && document.activeElement.closest("[data-action]")?.dataset.action;
    part.replaceChildren(...[make()].flat().filter(Boolean));
    if (hadFocus) part.querySelector(`[data-action="${CSS.escape(hadFocus)}"]`)?.focus();
  }
}

/** A question as people read it: one made by a choice names its record (`[contact:12]`), for the server alone. */
const asRead = (question) => question.replace(/\s?\[[a-z]+:\d+\]/g, "");

/** Of a finished answer the sources it names; all that were read, if it names none. */
function used({ sources, text }, isOver) {
  const named = isOver ? sources.filter(({ n }) => text.includes(`[${n}]`)) : [];
  return named.length ? named : sources;
}

const isSame = (before, now) => Boolean(before) && before.length === now.length && before.every((value, at) => value === now[at]);

function status(turn) {
  if (!isLive(turn) || (turn.text && turn.stage !== "loading_model")) return null;
  const stage = turn.state === "waiting" ? "sending" : turn.stage ?? "routing";
  const text = turn.detail || (has(`stage_${stage}`) ? s(`stage_${stage}`) : s("stage_thinking"));
  return h("span", { class: "chat-status-line" }, h("span", { class: "chat-dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", { dir: "auto" }, text));
}

function choices(turn, act) {
  const offered = turn.route?.choices ?? [];
  return offered.length ? h("div", { class: "chat-choice-list", role: "group", "aria-label": s("which") }, ...offered.map(({ label, question }) =>
    h("button", { type: "button", class: "chat-choice", dir: "auto", onclick: () => act.ask(question ?? label) }, label))) : null;
}

function problem(turn, act) {
  const { state, error } = turn;
  if (state === "stopped") return h("p", { class: "chat-ended" }, icon("hand-stop", "icon-sm"), s("stopped"), again(turn, act));
  if (state === "length") return h("p", { class: "chat-ended" }, icon("arrow-down", "icon-sm"), s("cut_off"), h("button", { type: "button", class: "chat-link", onclick: () => act.ask(s("go_on")) }, s("go_on")));
  if (state === "interrupted" && !error) return h("p", { class: "chat-ended" }, icon("plug-connected", "icon-sm"), s("interrupted"), again(turn, act));
  if (state === "done") return null; // it was answered in spite of it
  if (!error) return state === "error" ? failure(turn, { message: s("failed") }, act) : null;
  return failure(turn, error, act);
}

function failure(turn, { code, message, retryable }, act) {
  const advice = CURES.has(code) && has(`cure_${code}`) ? s(`cure_${code}`) : null;
  return h("div", { class: "chat-failure", role: "alert" }, icon("alert-circle"), h("div", {},
    h("strong", { dir: "auto" }, message || s("failed")), advice ? h("p", {}, advice) : null,
    retryable !== false && !isLive(turn) ? h("button", { type: "button", class: "btn btn-sm", onclick: () => act.retry(turn) }, icon("refresh"), s("again")) : null));
}

const again = (turn, act) => h("button", { type: "button", class: "chat-link", onclick: () => act.retry(turn) }, s("ask_again"));

function tools(turn, act) {
  const copier = h("button", { type: "button", class: "btn btn-sm btn-square btn-quiet", "aria-label": s("copy"), title: s("copy"), onclick: async () => {
    await copy(plainText(turn));
    copier.replaceChildren(icon("check"));
    setTimeout(() => copier.replaceChildren(icon("copy")), 1500);
  } }, icon("copy"));
  const hasAnswer = turn.text || turn.table;
  return [h("div", { class: "chat-tool-row" }, ...(hasAnswer ? [copier, ...feedback(turn, act)] : []), hasAnswer || turn.actions.length ? howIGotThis(turn) : "")];
}
