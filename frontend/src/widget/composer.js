/** Where a question is written: grows with it, says what it is about, sends with Enter, turns into "stop" while one is answered. */
import { h, icon } from "../js/dom.js";
import { typeIcon } from "./cites.js";
import { has, s } from "./strings.js";

const LONGEST = 8_000;
const WARN_FROM = 7_500;

export class Composer {
  #about;
  #asksList; // "maybe" while the page has a list, "meant" once they said so, false when its chip was taken off

  /** `about` {type, id, name} is the record of the page, or null; `listed()` its list. `send(text)` returns false to keep the text. */
  constructor({ about, listed, send, stop, last }) {
    this.#about = about;
    this.listed = listed ?? (() => null);
    this.#asksList = this.listed() ? "maybe" : false;
    this.chip = this.#chip();
    this.last = last;
    this.send = send;
    this.field = h("textarea", { class: "chat-field", rows: "1", placeholder: s("placeholder"), "aria-label": s("placeholder"), dir: "auto", enterkeyhint: "send", "data-chat-field": true });
    this.button = h("button", { type: "submit", class: "btn btn-primary btn-square chat-send", "aria-label": s("send"), title: s("send") }, icon("arrow-up"));
    this.stopButton = h("button", { type: "button", class: "btn btn-square chat-send chat-stop", "aria-label": s("stop"), title: `${s("stop")} (Esc)`, hidden: true, onclick: stop }, icon("player-stop"));
    this.count = h("span", { class: "chat-count num", role: "status", hidden: true });
    this.mode = h("p", { class: "chat-mode" });
    this.element = h("form", { class: "chat-composer", novalidate: true }, h("div", { class: "chat-box" }, this.chip, this.field, h("div", { class: "chat-box-foot" }, this.count, this.stopButton, this.button)), this.mode);
    this.element.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#fit());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("click", (event) => event.target.closest(".chat-box") && !event.target.closest("button, a") && this.field.focus());
    this.#fit();
  }

  /** What a question would be about; null when the page is about no record, or its chip was taken off. */
  get page() {
    return this.#about && { type: this.#about.type, id: this.#about.id };
  }

  /** The list that “these” means, as it is filtered now. */
  get list() {
    const found = this.#asksList && this.listed();
    if (!found || found.query.length > LONGEST) return null; // the server takes no longer one
    return { type: found.type, query: found.query, is_meant: this.#asksList === "meant" };
  }

  meanList() {
    if (!this.listed()) return;
    this.#asksList = "meant";
    const chip = this.#chip();
    if (this.chip?.isConnected) this.chip.replaceWith(chip);
    else this.field.before(chip);
    this.chip = chip;
  }

  /** After the page was loaded again: what they said of the same list still holds. */
  meanAgain(kept) {
    const { type, query, is_meant: isMeant } = kept ?? {};
    const now = this.listed();
    if (isMeant && now?.type === type && now.query === query) this.meanList();
  }

  get text() {
    return this.field.value;
  }

  set text(text) {
    this.field.value = text;
    this.#fit();
  }

  setLive(isLive) {
    this.button.hidden = isLive;
    this.stopButton.hidden = !isLive;
    if (isLive && document.activeElement === this.button) this.field.focus();
    this.#fit();
  }

  say(text, { icon: name = "info-circle" } = {}) {
    this.mode.replaceChildren(...(text ? [icon(name, "icon-xs"), h("span", {}, text)] : []));
  }

  /** What questions are about, and the way out of it. */
  #chip() {
    const list = this.#about ? null : this.#asksList && this.listed();
    const { type, name } = this.#about ?? list ?? {};
    if (!type) return null;
    const shown = list ? s("this_list", { name }) : name || (has(`type_${type}`) ? s(`type_${type}`) : type);
    const chip = h("div", { class: "chat-about" }, h("span", { class: `chat-about-chip${this.#asksList === "meant" ? " is-meant" : ""}` }, icon(list ? "filter" : typeIcon(type), "icon-xs"),
      h("span", { class: "visually-hidden" }, s("about")), h("span", { class: "clip", dir: "auto" }, shown),
      h("button", { type: "button", "aria-label": s("not_about", { name: list ? shown : name ?? "" }), title: s("not_about_short"), onclick: () => {
        this.#about = null;
        this.#asksList = false;
        chip.remove();
        this.field.focus();
      } }, icon("x", "icon-xs"))));
    return chip;
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || text.length > LONGEST || this.send(text) === false) return;
    this.text = "";
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that chooses a word of an input method
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === "ArrowUp" && this.field.value === "") {
      const question = this.last();
      if (!question) return;
      event.preventDefault();
      this.text = question;
    }
  }

  #fit() {
    const { field } = this;
    if (!CSS.supports("field-sizing", "content")) {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
    }
    const length = field.value.trim().length;
    this.button.disabled = length === 0 || length > LONGEST;
    this.count.hidden = length < WARN_FROM;
    this.count.classList.toggle("is-over", length > LONGEST);
    this.count.textContent = length < WARN_FROM ? "" : length > LONGEST ? s("too_long", { n: LONGEST }) : s("left", { n: LONGEST - length });
  }
}
