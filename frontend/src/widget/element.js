/**
 * <afterword-chat>: the panel on every page and, with mode="page", the stand-alone page. Puts the parts together:
 *
 *   session (what is said) ─▶ conversation (turns drawn)      composer ─▶ session
 *   frame (where it lies)      history (earlier ones)         banner (the line)
 *
 * It lives in the page's own tree, not in a shadow: it uses the design tokens, buttons and icons the pages use, and keys
 * typed in it count as typing for the pages' shortcuts.
 */
import { h, icon } from "../js/dom.js";
import { Announcer } from "./announcer.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Frame } from "./frame.js";
import { History } from "./history.js";
import { layout, personal } from "./memory.js";
import { Session } from "./session.js";
import { s } from "./strings.js";
import { isLive } from "./turns.js";
import css from "./widget.css?text";

const LINE_PATIENCE_MS = 1_500; // a line that comes back this soon is not worth a banner
const ICON_OF = { dock: "app-window", float: "layout-sidebar-right" };

/** The list on the page as it is filtered now: {type, query, name}; null on a page without one. */
function openList() {
  const { listType: type, listQuery: query, listName: name } = document.getElementById("list-state")?.dataset ?? {};
  return type ? { type, query, name } : null;
}

class AfterwordChat extends HTMLElement {
  connectedCallback() {
    if (this.session) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    this.isPage = this.getAttribute("mode") === "page";
    this.memory = personal(this.dataset.user);
    if (this.isPage) this.#takeAddress();
    const about = this.#record();
    this.session = new Session({ page: about && { type: about.type, id: about.id }, memory: this.memory });
    this.composer = new Composer({
      about, listed: about ? null : openList, stop: () => this.#stop(), send: (text) => this.#send(text), last: () => this.session.turns.at(-1)?.question,
    });
    this.conversation = new Conversation(this.session, { ask: (text, page, list) => this.#send(text, page, list), drawn: (turn) => this.#drawn(turn), suggestions: JSON.parse(this.dataset.suggestions || "[]") });
    this.history = new History({
      open: (id) => this.#show(id), fresh: () => this.#fresh(), current: () => this.session.conversation,
      renamed: (id, title) => id === this.session.conversation && this.#title((this.session.title = title)),
    });
    this.frame = new Frame(this, { isPage: this.isPage, changed: (mode) => this.#framed(mode) });
    this.#build();
    this.#listen();
  }

  // what the launcher calls

  toggle() {
    if (this.isPage) this.composer.field.focus();
    else if (!this.frame.isOpen) this.open();
    else if (this.contains(document.activeElement) || this.frame.mode === "sheet") this.close();
    else this.composer.field.focus();
  }

  open({ focus = true } = {}) {
    this.opener = focus ? document.activeElement : null;
    this.frame.open(true);
    if (this.isPage) this.history.refresh();
    if (!this.hasStarted) this.#start();
    else this.conversation.settle();
    if (focus || this.isPage) this.composer.field.focus({ preventScroll: true });
  }

  /** Asked from elsewhere. While another answer is under way it waits in the field. */
  ask(text) {
    if (!this.frame.isOpen) this.open();
    if (!this.#send(text)) this.composer.text = text;
    this.composer.field.focus({ preventScroll: true });
  }

  /** “Ask about this list”: what is asked next means its rows. */
  askList() {
    this.composer.meanList();
    if (!this.frame.isOpen) this.open();
    this.composer.field.focus({ preventScroll: true });
  }

  close() {
    this.frame.open(false);
    const back = this.opener?.isConnected && this.opener !== document.body ? this.opener : document.querySelector("[data-open-chat]");
    back?.focus();
  }

  #start() {
    this.hasStarted = true;
    const { draft, top, list } = this.session.start();
    this.composer.meanAgain(list);
    if (draft) this.composer.text = draft;
    this.conversation.restore(top);
    if (Object.keys(this.session.about).length) this.#aboutCame();
    this.#lived();
  }

  #record() {
    const { pageType: type, pageId: id } = this.dataset;
    if (!type || !id) return null;
    return { type, id: Number(id), name: document.querySelector("#main h1")?.textContent.trim().slice(0, 120) ?? "" };
  }

  /** `/chat?c=c_…` opens that conversation; the address always names the one shown. */
  #takeAddress() {
    const wanted = new URLSearchParams(location.search).get("c");
    if (wanted) this.memory.remember(wanted);
  }

  #build() {
    const tool = (name, label, onclick, more = {}) => h("button", { type: "button", class: "btn btn-sm btn-square btn-quiet", "aria-label": label, title: label, onclick, ...more }, icon(name));
    this.heading = h("h2", { class: "chat-title clip", id: "chat-title", dir: "auto" }, s("assistant"));
    this.historyButton = tool("history", s("history"), () => this.#toggleHistory(), { "aria-expanded": "false" });
    this.dockButton = tool("app-window", s("float"), () => this.frame.toggleDock());
    this.banner = h("div", { class: "chat-banner", role: "status", hidden: true });
    this.live = h("div", { class: "visually-hidden", "aria-live": "polite", "aria-atomic": "true" });
    this.announcer = new Announcer(this.live);
    const top = h("div", { class: "chat-top" }, this.historyButton, this.heading,
      tool("edit", s("new"), () => this.#fresh()),
      ...(this.isPage ? [] : [
        h("a", { class: "btn btn-sm btn-square btn-quiet chat-whole", href: this.dataset.page, "aria-label": s("whole_page"), title: s("whole_page") }, icon("arrows-maximize")),
        this.dockButton, tool("x", s("close"), () => this.close())]));
    this.main = h("div", { class: "chat-main" }, this.banner, this.conversation.element, this.composer.element);
    this.replaceChildren(h("section", { class: "chat-panel", "aria-labelledby": "chat-title" }, this.frame.handle, top, h("div", { class: "chat-body" }, this.history.element, this.main), this.live));
    this.#toggleHistory(false);
  }

  #listen() {
    const { session } = this;
    session.addEventListener("turns", () => this.#lived());
    session.addEventListener("turn", ({ detail: { turn, frame } }) => {
      this.#lived();
      this.#announce(turn, frame);
    });
    session.addEventListener("about", () => this.#aboutCame());
    session.addEventListener("refused", ({ detail }) => this.#say(detail.message, "alert-circle"));
    session.addEventListener("state", ({ detail }) => this.#line(detail));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#followed(event));
    addEventListener("pagehide", () => this.hasStarted && this.memory.keep({ ...session.snapshot(), draft: this.composer.text, list: this.composer.list, top: this.conversation.place() }));
  }

  #send(text, page = this.composer.page, list = this.composer.list) {
    if (this.session.live) return false;
    this.#toggleHistory(false);
    this.session.ask(text, { page, list });
    this.announcer.say(s("asked"));
    return true;
  }

  #stop() {
    this.session.stop();
    this.composer.field.focus();
  }

  #fresh() {
    this.session.fresh();
    this.#toggleHistory(false);
    this.composer.field.focus();
  }

  async #show(id) {
    this.#toggleHistory(false);
    this.composer.field.focus();
    await this.session.load(id);
  }

  /** After anything that may have begun or ended an answer, or changed which conversation is shown. */
  #lived() {
    this.composer.setLive(Boolean(this.session.live));
    this.#title(this.session.title);
    if (!this.isPage) return;
    const { conversation } = this.session;
    const address = conversation ? `?c=${encodeURIComponent(conversation)}` : location.pathname;
    if (location.search !== (conversation ? address : "")) history.replaceState(null, "", address);
  }

  #title(title) {
    this.heading.textContent = title || s("assistant");
  }

  #announce(turn, frame) {
    if (frame?.type === "status" && !turn.text) this.announcer.say(turn.detail || "");
    else if (frame?.type === "action") this.announcer.say(s("card_came", { summary: turn.actions.at(-1)?.summary ?? "" }));
    else if (frame) this.reading = turn;
    if (frame?.type !== "turn.end") return;
    if (turn.state === "done" && this.isPage) this.history.refresh();
    if (turn.table?.rows?.length) this.announcer.say(s("table_came", { n: turn.table.rows.length }));
  }

  /** A turn was drawn: what it now says is there to be read out. */
  #drawn(turn) {
    if (this.reading === turn) this.announcer.follow(turn.id, this.conversation.textOf(turn), !isLive(turn));
  }

  #aboutCame() {
    const { about } = this.session;
    const isDown = about.ollama === "down" || about.llm === false || about.models?.chat === null;
    const fallback = about.notice ?? about.models?.notice;
    this.composer.say(fallback ?? (isDown ? s("no_model") : ""), { icon: "cpu" });
    this.#title(this.session.title);
  }

  #say(text, name) {
    this.banner.replaceChildren(icon(name, "icon-sm"), h("span", { dir: "auto" }, text), h("button", { type: "button", class: "btn btn-sm btn-square btn-quiet", "aria-label": s("close"), onclick: () => { this.banner.hidden = true; } }, icon("x", "icon-sm")));
    this.banner.hidden = false;
  }

  /** Says that the line is down, once it is down for longer than a page change or a restart takes. */
  #line({ state, reason }) {
    if (state === "connecting" && !this.banner.hidden) return; // still down until it is up
    clearTimeout(this.lineTimer);
    if (state === "open" || state === "asleep" || (state === "closed" && !reason)) {
      this.banner.hidden = true;
      return;
    }
    if (state === "connecting") return;
    const isAtOnce = reason === "offline" || state === "closed";
    this.lineTimer = setTimeout(() => this.#lineBanner(state, reason), this.banner.hidden && !isAtOnce ? LINE_PATIENCE_MS : 0);
  }

  #lineBanner(state, reason) {
    const text = { offline: s("line_offline"), signed_out: s("line_signed_out"), origin: s("line_origin"), unavailable: s("line_unavailable") }[reason] ?? s("line_lost");
    const button = reason === "signed_out" ? [s("sign_in"), () => location.reload()] : state === "closed" ? null : [s("try_now"), () => this.session.line.retry()];
    this.banner.replaceChildren(icon(reason === "offline" ? "wifi-off" : "plug-connected", "icon-sm"), h("span", {}, text),
      button ? h("button", { type: "button", class: "chat-link", onclick: button[1] }, button[0]) : "");
    this.banner.hidden = false;
  }

  #toggleHistory(isOpen = !this.classList.contains("shows-history")) {
    this.classList.toggle("shows-history", isOpen);
    this.historyButton?.setAttribute("aria-expanded", String(isOpen));
    if (this.main && !this.isPage) this.main.inert = isOpen;
    if (!isOpen) return;
    this.history.refresh();
    this.history.focus();
  }

  #framed(mode) {
    const panel = this.querySelector(".chat-panel");
    panel?.setAttribute("role", mode === "page" ? "region" : mode === "dock" ? "complementary" : "dialog");
    if (mode === "sheet") panel?.setAttribute("aria-modal", "true");
    else panel?.removeAttribute("aria-modal");
    for (const button of document.querySelectorAll("[data-open-chat]")) button.setAttribute("aria-expanded", String(this.frame.isOpen));
    if (!this.dockButton) return;
    this.dockButton.hidden = !this.frame.canDock;
    const label = s(mode === "dock" ? "float" : "dock");
    this.dockButton.setAttribute("aria-label", label);
    this.dockButton.title = label;
    this.dockButton.replaceChildren(icon(ICON_OF[mode] ?? ICON_OF.float));
  }

  /** Escape goes back one step: the source card, the history, the answer under way, the panel itself. */
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    if (this.conversation.card.isShown()) this.conversation.card.hide();
    else if (this.classList.contains("shows-history")) {
      this.#toggleHistory(false);
      this.historyButton.focus();
    } else if (this.session.live) this.#stop();
    else if (!this.isPage && this.frame.mode !== "dock") this.close();
    else document.getElementById("main")?.focus();
  }

  /** A link out of the stand-alone page takes the conversation along; out of the sheet it must not cover what was asked for. */
  #followed(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download") || link.target) return;
    if (this.isPage) layout.save({ open: true });
    else if (this.frame.mode === "sheet") layout.save({ open: false });
  }
}

customElements.define("afterword-chat", AfterwordChat);
