/** Earlier conversations: found, opened, renamed, exported, deleted and brought back. */
import { h, icon } from "../js/dom.js";
import { toast } from "../js/toasts.js";
import { api } from "./api.js";
import { s } from "./strings.js";

const TYPING_MS = 200;

export class History {
  #list = h("ul", { class: "chat-history-list" });
  #search = h("input", { type: "search", class: "form-control", placeholder: s("search_history"), "aria-label": s("search_history"), autocomplete: "off", maxlength: "200" });
  #asked = 0;
  #typing;

  /** `open(id)`, `fresh()`, `renamed(id, title)`; `current()` is the conversation shown. */
  constructor({ open, fresh, renamed, current }) {
    Object.assign(this, { open, fresh, renamed, current });
    this.element = h("div", { class: "chat-history" }, h("div", { class: "chat-history-search" }, this.#search), this.#list);
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.refresh(), TYPING_MS);
    });
  }

  focus() {
    this.#search.focus();
  }

  async refresh() {
    const asked = (this.#asked += 1);
    const q = this.#search.value.trim();
    try {
      const { items, next_cursor: next } = await api.conversations({ q });
      if (asked === this.#asked) this.#show(items, { q, next });
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(h("li", { class: "chat-history-none", role: "alert" }, error.text ?? s("no_line"), " ",
        h("button", { type: "button", class: "chat-link", onclick: () => this.refresh() }, s("again"))));
    }
  }

  #show(items, { q, next }) {
    if (!items.length) this.#list.replaceChildren(h("li", { class: "chat-history-none" }, q ? s("no_match", { q }) : s("no_history")));
    else this.#list.replaceChildren(...byDay(items).flatMap(([name, group]) => [h("li", { class: "chat-history-day" }, name), ...group.map((item) => this.#entry(item))]));
    if (next) this.#list.append(this.#more(q, next));
  }

  #more(q, cursor) {
    const line = h("li", {}, h("button", { type: "button", class: "chat-link", onclick: async () => {
      const { items, next_cursor: next } = await api.conversations({ q, cursor });
      line.replaceWith(...items.map((item) => this.#entry(item)), ...(next ? [this.#more(q, next)] : []));
    } }, s("more")));
    return line;
  }

  #entry({ id, title }) {
    const name = title || s("untitled");
    const isCurrent = id === this.current();
    const open = h("button", { type: "button", class: "chat-history-open", "aria-current": isCurrent ? "true" : null, dir: "auto", onclick: () => this.open(id) }, name);
    const item = h("li", { class: "chat-history-item" }, open, h("div", { class: "chat-history-acts" },
      act("pencil", s("rename_it", { title: name }), () => this.#rename(item, { id, title: name })),
      h("a", { class: "btn btn-sm btn-square btn-quiet", href: api.exportHref(id), download: "", "aria-label": s("export_it", { title: name }), title: s("export") }, icon("download")),
      act("trash", s("delete_it", { title: name }), () => this.#remove(item, id))));
    return item;
  }

  #rename(item, { id, title }) {
    const field = h("input", { class: "form-control", value: title, maxlength: "200", "aria-label": s("title"), dir: "auto" });
    const form = h("form", { class: "chat-rename" }, field, h("button", { type: "submit", class: "btn btn-sm" }, s("save")));
    const done = (now) => {
      const fresh = this.#entry({ id, title: now });
      if (form.isConnected) form.closest("li").replaceWith(fresh);
      fresh.querySelector("button").focus();
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const now = field.value.trim();
      if (!now || now === title) return done(title);
      try {
        await api.rename(id, now);
        this.renamed(id, now);
        done(now);
      } catch (error) {
        toast({ tone: "error", text: error.text ?? s("no_line") });
      }
      return undefined;
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      done(title);
    });
    item.replaceChildren(form);
    field.select();
  }

  async #remove(item, id) {
    const neighbour = item.nextElementSibling?.querySelector("button") ?? item.previousElementSibling?.querySelector("button");
    const wasShown = id === this.current();
    try {
      await api.remove(id);
    } catch (error) {
      if (error.status !== 404) return toast({ tone: "error", text: error.text ?? s("no_line") });
    }
    item.remove();
    if (wasShown) this.fresh();
    (neighbour ?? this.#search).focus();
    return toast({ text: s("deleted"), action: s("undo"), onaction: async () => {
      try {
        await api.restore(id);
        await this.refresh();
        if (wasShown) this.open(id);
      } catch (error) {
        toast({ tone: "error", text: error.text ?? s("no_line") });
      }
    } });
  }
}

const act = (name, label, onclick) => h("button", { type: "button", class: "btn btn-sm btn-square btn-quiet", "aria-label": label, title: label, onclick }, icon(name));

/** [[“Today”, items], [“Yesterday”, …], [“Earlier”, …]]. */
function byDay(items) {
  const start = new Date().setHours(0, 0, 0, 0);
  const name = ({ updated_at: at }) => {
    const days = Math.ceil((start - new Date(at ?? 0)) / 864e5);
    return s(days <= 0 ? "today" : days === 1 ? "yesterday" : days <= 7 ? "this_week" : "earlier");
  };
  const groups = new Map();
  for (const item of items) groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  return [...groups];
}
