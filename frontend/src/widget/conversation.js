/** The turns as they are drawn, one below the other, the way to the newest, and what is shown when there are none. */
import { h, icon } from "../js/dom.js";
import { sourceCard } from "./cites.js";
import { TurnView } from "./turn-view.js";
import { s } from "./strings.js";

const NEAR_PX = 64; // closer to the end than this counts as reading along
const MOST_DRAWN = 40; // turns drawn at first; earlier ones on demand

export class Conversation {
  #views = new Map();
  #isPinned = true;
  #top = 0; // where the scroller was at its last event
  #list = h("ol", { class: "chat-turns" });
  #latest = h("button", { type: "button", class: "btn btn-sm chat-latest", hidden: true, onclick: () => this.toEnd({ smooth: true }) }, icon("arrow-down"), s("latest"));

  /** `ask(text, page, list)`; `drawn(turn)` is told when more of an answer stands on the page. */
  constructor(session, { ask, drawn, suggestions }) {
    this.session = session;
    this.drawn = drawn;
    this.suggestions = suggestions;
    this.ask = ask;
    this.scroller = h("div", { class: "chat-scroll", tabindex: "0", role: "region", "aria-label": s("conversation") }, this.#list);
    this.element = h("div", { class: "chat-conversation" }, this.scroller, this.#latest);
    this.card = sourceCard(this.element, (anchor) => this.#sourceOf(anchor));
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#isPinned && this.toEnd()).observe(this.#list);
    new ResizeObserver(() => this.#isPinned && this.toEnd()).observe(this.scroller);
    session.addEventListener("turns", () => this.#all());
    session.addEventListener("turn", ({ detail }) => this.#one(detail));
    session.addEventListener("loading", () => this.#wait());
    session.addEventListener("failed", ({ detail }) => this.#failed(detail));
    this.#all();
  }

  toEnd({ smooth = false } = {}) {
    this.#isPinned = true;
    this.#latest.hidden = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  /** After the panel was hidden: a reader at the end stays there. */
  settle() {
    if (this.#isPinned) this.toEnd();
  }

  /** How far from the end the reader is; null at the end. */
  place() {
    return this.#isPinned ? null : this.scroller.scrollHeight - this.scroller.scrollTop;
  }

  restore(fromEnd) {
    if (typeof fromEnd !== "number") return this.toEnd();
    this.#isPinned = false;
    return this.scroller.scrollTo({ top: this.scroller.scrollHeight - fromEnd, behavior: "instant" });
  }

  /** What an answer says as it is drawn, without its chips. */
  textOf(turn) {
    const text = this.#views.get(turn)?.element.querySelector(".chat-text");
    if (!text) return "";
    const copy = text.cloneNode(true);
    for (const chip of copy.querySelectorAll(".chat-cite")) chip.remove();
    return [...copy.children].map((block) => block.textContent).join("\n");
  }

  #sourceOf(anchor) {
    const id = anchor.closest(".chat-turn")?.dataset.turn;
    return this.session.turns.find((turn) => turn.id === id)?.sources.find(({ n }) => String(n) === anchor.dataset.n);
  }

  /** Only moving up lets go of the end: an answer that grows between two events is no wish to stay where one is. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (isNear || scrollTop < this.#top) this.#isPinned = isNear;
    this.#top = scrollTop;
    this.#latest.hidden = this.#isPinned;
  }

  #all() {
    const { turns } = this.session;
    for (const view of this.#views.values()) view.update();
    const views = new Map(turns.slice(-MOST_DRAWN).map((turn) => [turn, this.#views.get(turn) ?? this.#view(turn)]));
    this.#views = views;
    if (!turns.length) return this.#list.replaceChildren(this.#empty());
    const earlier = turns.slice(0, -MOST_DRAWN);
    const lines = [...(earlier.length || this.session.earlier ? [this.#earlier(earlier)] : []), ...[...views.values()].map(({ element }) => element)];
    const isAsShown = lines.length === this.#list.children.length && lines.every((line, at) => line === this.#list.children[at]);
    if (!isAsShown) this.#list.replaceChildren(...lines); // moving a node would take the focus from it
    return this.settle();
  }

  #one({ turn, isNew }) {
    const view = this.#views.get(turn);
    if (view) return view.update();
    if (!this.#views.size) this.#list.replaceChildren();
    const made = this.#view(turn);
    this.#views.set(turn, made);
    this.#list.append(made.element);
    if (isNew) this.toEnd();
    return undefined;
  }

  #view(turn) {
    const { session } = this;
    return new TurnView(turn, {
      ask: (text) => this.ask(text),
      retry: (it) => this.ask(it.question, it.page, it.list),
      decide: (it, action, decision, edits) => session.decide(it, action, decision, edits),
      undo: (it, action) => session.undo(it, action),
      rate: (it, score, why) => session.rate(it, score, why),
    }, () => {
      if (this.#isPinned) this.toEnd();
      this.drawn(turn);
    });
  }

  #earlier(turns) {
    const line = h("li", { class: "chat-earlier" }, h("button", { type: "button", class: "chat-link", onclick: async () => {
      const height = this.scroller.scrollHeight;
      const more = turns.length ? turns : await this.session.loadEarlier();
      const views = more.map((turn) => [turn, this.#view(turn)]);
      this.#views = new Map([...views, ...this.#views]);
      line.replaceWith(...(this.session.earlier ? [this.#earlier([])] : []), ...views.map(([, { element }]) => element));
      this.scroller.scrollTop += this.scroller.scrollHeight - height;
    } }, s("earlier_ones")));
    return line;
  }

  #empty() {
    return h("li", { class: "chat-empty" }, h("h3", {}, s("empty_title")), h("p", {}, s("empty_text")),
      h("ul", { class: "chat-suggestions", "aria-label": s("suggestions") }, ...this.suggestions.map(([name, text]) =>
        h("li", {}, h("button", { type: "button", onclick: () => this.ask(text) }, icon(name, "icon-sm"), h("span", { dir: "auto" }, text))))));
  }

  #wait() {
    this.#isPinned = true;
    this.#views.clear();
    this.#list.replaceChildren(h("li", { class: "chat-skeleton", "aria-label": s("loading") }, ...[70, 100, 85].map((width) => h("span", { "data-width": String(width) }))));
  }

  #failed({ error, retry }) {
    this.#list.replaceChildren(h("li", { class: "chat-failure", role: "alert" }, icon("alert-circle"), h("div", {}, h("strong", {}, error.text ?? s("no_line")),
      h("button", { type: "button", class: "btn btn-sm", onclick: retry }, icon("refresh"), s("again")))));
  }
}
