/** The follow-up letter: copied, or opened in the mail program, as it stands in the form at that moment. */
import { copy, t } from "../js/dom.js";
import { toast } from "../js/toasts.js";

const form = () => document.getElementById("letter");
const value = (name) => form().elements[name].value;

/** "Jane Roe <jane@roe.example>, tom@poe.example" → the addresses alone. */
const addresses = (text) => text.split(/[,;]/).map((part) => (part.match(/<([^<>]+)>/)?.[1] ?? part).trim()).filter((part) => part.includes("@"));

function mailto(body) {
  const to = addresses(value("to")).map((address) => encodeURIComponent(address).replaceAll("%40", "@")).join(",");
  return `mailto:${to}?subject=${encodeURIComponent(value("subject"))}&body=${encodeURIComponent(body.replace(/\r?\n/g, "\r\n"))}`;
}

/** Some mail programs cut long addresses: then the text goes through the clipboard. */
async function open(event) {
  const link = event.currentTarget;
  link.href = mailto(value("body"));
  if (link.href.length <= Number(form().dataset.longestMailto)) return;
  link.href = mailto("");
  await copy(value("body"));
  toast({ tone: "info", text: form().dataset.tooLong });
}

export function mount() {
  document.querySelector("[data-mailto]").addEventListener("click", open);
  document.querySelector("[data-copy-letter]").addEventListener("click", async () => {
    await copy(value("body"));
    toast({ tone: "success", text: t("copied") });
  });
  document.querySelector("[data-stays]").addEventListener("click", ({ currentTarget: button }) => {
    // A download leaves the page where it is: its form may be sent again, and its changes are still unsaved.
    const unsaved = form().dataset.changed;
    setTimeout(() => {
      delete form().dataset.sent;
      button.removeAttribute("aria-busy");
      if (unsaved) form().dataset.changed = unsaved;
    }, 500);
  });
}
