/**
 * Where the panel lies: docked at the end edge (the page makes room), floating over the page, a sheet that covers a phone,
 * or the whole of the stand-alone page. What was chosen and how large is remembered; what fits is decided here.
 */
import { h } from "../js/dom.js";
import { layout } from "./memory.js";
import { s } from "./strings.js";

const phone = matchMedia("(max-width: 767.98px)");
const wide = matchMedia("(min-width: 1360px)");
const WIDTH = { least: 340, most: 760 };
const HEIGHT = { least: 380, most: 1200 };
const STEP = 24; // of an arrow key

export class Frame {
  /** `changed(mode)`: dock, float, sheet or page. */
  constructor(host, { isPage, changed }) {
    Object.assign(this, { host, isPage, changed });
    this.isOpen = false;
    this.handle = isPage ? null : this.#handle();
    phone.addEventListener("change", () => this.apply());
    wide.addEventListener("change", () => this.apply());
    window.visualViewport?.addEventListener("resize", () => this.#fitKeyboard());
    window.visualViewport?.addEventListener("scroll", () => this.#fitKeyboard());
  }

  get mode() {
    if (this.isPage) return "page";
    if (phone.matches) return "sheet";
    return wide.matches && layout.read().dock ? "dock" : "float";
  }

  get canDock() {
    return !this.isPage && wide.matches;
  }

  open(isOpen, { isRemembered = true } = {}) {
    this.isOpen = isOpen;
    if (isRemembered && !this.isPage) layout.save({ open: isOpen });
    this.apply();
  }

  toggleDock() {
    layout.save({ dock: !layout.read().dock });
    this.apply();
  }

  apply() {
    const { host, mode, isOpen } = this;
    const root = document.documentElement;
    host.dataset.frame = mode;
    host.hidden = !isOpen;
    root.classList.toggle("chat-docked", isOpen && mode === "dock");
    this.#size(layout.read());
    // A sheet covers the page: nothing behind it can be reached, which is what keeps the focus inside.
    const shell = document.querySelector(".app-shell");
    if (shell && !this.isPage) shell.inert = isOpen && mode === "sheet";
    this.changed(mode);
  }

  #size({ width, height }) {
    document.documentElement.style.setProperty("--chat-width", `${clamp(width, WIDTH)}px`);
    document.documentElement.style.setProperty("--chat-height", `${clamp(height, HEIGHT)}px`);
    this.handle?.setAttribute("aria-valuenow", String(clamp(width, WIDTH)));
  }

  #resize(changes) {
    layout.save(changes);
    this.#size(layout.read());
  }

  /** A phone's keyboard lies over the sheet: only the part above it counts. */
  #fitKeyboard() {
    const { height, offsetTop } = window.visualViewport;
    this.host.style.setProperty("--chat-visible", `${Math.round(height)}px`);
    this.host.style.setProperty("--chat-above", `${Math.round(offsetTop)}px`);
  }

  /** The edge to drag; with the keyboard, arrows. When floating it is the corner, so the height follows too. */
  #handle() {
    const handle = h("div", {
      class: "chat-resize", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": s("resize"),
      "aria-valuemin": String(WIDTH.least), "aria-valuemax": String(WIDTH.most), "aria-valuenow": String(layout.read().width),
    });
    const isRtl = () => getComputedStyle(this.host).direction === "rtl";
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const { width, height } = this.host.getBoundingClientRect();
      let now = layout.read();
      const move = ({ clientX, clientY }) => {
        now = { ...now, width: clamp(width + (event.clientX - clientX) * (isRtl() ? -1 : 1), WIDTH) };
        if (this.mode === "float") now.height = clamp(height + event.clientY - clientY, HEIGHT);
        this.#size(now);
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("lostpointercapture", () => {
        handle.removeEventListener("pointermove", move);
        this.#resize({ width: now.width, height: now.height });
      }, { once: true });
    });
    handle.addEventListener("keydown", ({ key }) => {
      const { width, height } = layout.read();
      const along = { ArrowLeft: 1, ArrowRight: -1 }[key];
      const up = { ArrowUp: 1, ArrowDown: -1 }[key];
      if (along) this.#resize({ width: clamp(width + along * STEP * (isRtl() ? -1 : 1), WIDTH) });
      else if (up && this.mode === "float") this.#resize({ height: clamp(height + up * STEP, HEIGHT) });
    });
    return handle;
  }
}

/** Within the limits and the window. */
const clamp = (value, { least, most }) => Math.round(Math.max(least, Math.min(most, Number(value) || least)));
