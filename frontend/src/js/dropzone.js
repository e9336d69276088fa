/**
 * <form data-dropzone>: drop a file on the box or anywhere on the page, choose it, or paste it. Each file is checked here
 * first (size, type), then sent with a progress bar, one after another. Without JavaScript it is a plain upload form.
 *
 * The server's answer to one file: `HX-Redirect` or JSON `{"url"}` → go there when it is the only file, else link to it and,
 * once all went well, go to the list (`data-after`); HTML → shown in the file's row; 4xx/5xx → its message, with "try again".
 */
import { body as activities, sorted } from "../activities/drop.js";
import { bytes, h, icon, isTyping, problemText, t } from "./dom.js";

const zones = () => [...document.querySelectorAll("form[data-dropzone]")];
const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
const zoneFor = (event) => event.target.closest?.("form[data-dropzone]") || zones().find((form) => "anywhere" in form.dataset);

function problemWith(form, file) {
  const limit = Number(form.dataset.maxBytes);
  if (file.size === 0) return t("file_empty");
  if (limit && file.size > limit) return t("file_too_large", { size: bytes(file.size), limit: bytes(limit) });
  const accepted = (form.dataset.accept || "").split(",").filter(Boolean);
  const known = accepted.length === 0 || accepted.some((ending) => file.name.toLowerCase().endsWith(ending));
  return known ? null : t("file_type", { types: accepted.map((ending) => ending.slice(1)).join(", ") });
}

async function take(form, files) {
  const list = form.querySelector(".dropzone-files");
  const [groups, others] = sorted(form, files);
  const upload = (file) => ({ row: addRow(list, file.name, file.size), problem: problemWith(form, file), ...alone(form, file) });
  const rows = [...groups.map((group) => ({ row: addRow(list, names(group), sizes(group)), ...together(form, group) })), ...others.map(upload)];
  for (const { row, problem } of rows) if (problem) fail(row, problem);
  const good = rows.filter(({ problem }) => !problem);
  const before = queues.get(form) || Promise.resolve();
  const sent = good.reduce((queue, { upload, row }) => queue.then(() => send(upload, row)), before);
  queues.set(form, sent);
  await sent;
  if (queues.get(form) === sent) leave(form);
}

const names = (files) => (files.length > 1 ? `${files[0].name} + ${files.length - 1}` : files[0].name);
const sizes = (files) => files.reduce((sum, file) => sum + file.size, 0);

/** What is sent of one file: its form, the address, its name. */
function alone(form, file) {
  const body = () => {
    const data = new FormData(form);
    data.delete("text");
    data.set("file", file, file.name);
    return data;
  };
  return { upload: { form, name: file.name, url: form.action, body } };
}

/** And of e-mails or calendars. */
function together(form, files) {
  return { upload: { form, name: names(files), url: form.dataset.activities, body: () => activities(form, files) } };
}

const queues = new WeakMap(); // form → the last upload; files added meanwhile wait for it
const addresses = new WeakMap(); // row → where its file went

/** Everything is sent. Where all went well there is nothing left to read here. */
function leave(form) {
  const rows = [...form.querySelectorAll(".dropzone-file")];
  if (rows.length === 0 || !rows.every((row) => addresses.has(row))) return;
  if (rows.length === 1) location.assign(addresses.get(rows[0]));
  else if (form.dataset.after) location.assign(form.dataset.after);
}

function addRow(list, name, size) {
  const row = h("li", { class: "dropzone-file" }, icon("file-text"), h("span", { class: "clip" }, name),
    h("span", { class: "text-3 small num" }, bytes(size)), h("div", { class: "dropzone-message", "aria-live": "polite" }));
  list.append(row);
  return row;
}

function say(row, ...content) {
  row.querySelector(".dropzone-message").replaceChildren(...content);
}

function fail(row, text, retry) {
  row.classList.add("is-failed");
  row.querySelector("progress")?.remove();
  say(row, text, " ", retry ? h("button", { type: "button", class: "btn btn-sm", onclick: retry }, t("again")) : "");
}

function send(upload, row) {
  const { form, name, url, body } = upload;
  row.classList.remove("is-failed");
  const bar = h("progress", { class: "meter", max: "1", value: "0", "aria-label": t("uploading", { name }) });
  row.querySelector(".dropzone-message").before(bar);
  say(row);
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("Accept", "text/html, application/json");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
    if (event.loaded === event.total) say(row, t("storing"));
  });
  return new Promise((resolve) => {
    const again = async () => {
      await send(upload, row);
      leave(form);
    };
    request.addEventListener("error", () => {
      bar.remove();
      resolve(fail(row, t("unreachable"), again));
    });
    request.addEventListener("load", () => {
      bar.remove();
      resolve(answer(row, request, again));
    });
    request.send(body());
  });
}

function answer(row, request, again) {
  const type = request.getResponseHeader("Content-Type") || "";
  if (request.status >= 400) {
    const problem = problemText(request.responseText, type);
    fail(row, problem.more || problem.text || t("failed"), request.status >= 500 ? again : null);
    return;
  }
  if (request.getResponseHeader("X-Uploaded")) { // it belongs into a list of this page
    row.dispatchEvent(new CustomEvent("fileStored", { bubbles: true }));
    return;
  }
  const url = request.getResponseHeader("HX-Redirect") || (type.includes("json") ? JSON.parse(request.responseText).url : null);
  if (url) {
    addresses.set(row, url);
    say(row, h("a", { href: url }, t("open_it")));
  } else {
    row.querySelector(".dropzone-message").innerHTML = request.responseText; // our own server's fragment
    window.htmx.process(row);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("input[type=file]") ? event.target.closest("form[data-dropzone]") : null;
  if (!form) return;
  take(form, event.target.files);
  event.target.value = "";
});

let depth = 0; // dragenter and dragleave come for every element passed
let curtain = null;
function cover(isOver, form) {
  form?.classList.toggle("is-over", isOver);
  if (isOver && !curtain && form && "anywhere" in form.dataset) {
    curtain = h("div", { class: "drop-curtain" }, icon("file-upload"), form.dataset.dropLabel || t("drop_here"));
    document.body.append(curtain);
  }
  if (!isOver) {
    curtain?.remove();
    curtain = null;
    for (const zone of zones()) zone.classList.remove("is-over");
  }
}
document.addEventListener("dragenter", (event) => {
  if (!hasFiles(event) || zones().length === 0) return;
  depth += 1;
  cover(true, zoneFor(event));
});
document.addEventListener("dragleave", (event) => {
  if (!hasFiles(event)) return;
  depth = Math.max(0, depth - 1);
  if (depth === 0) cover(false);
});
document.addEventListener("dragover", (event) => hasFiles(event) && zones().length > 0 && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!hasFiles(event) || zones().length === 0) return;
  event.preventDefault(); // a file dropped beside the box must not replace the page
  depth = 0;
  const form = zoneFor(event);
  cover(false);
  if (form) take(form, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const form = zones().find((zone) => zone.contains(event.target)) || zones().find((zone) => "anywhere" in zone.dataset);
  if (!form) return;
  if (event.clipboardData.files.length > 0) {
    event.preventDefault();
    take(form, event.clipboardData.files);
    return;
  }
  const paste = form.querySelector(".dropzone-paste");
  if (!paste || isTyping(event.target)) return;
  event.preventDefault();
  paste.open = true;
  const field = paste.querySelector("textarea");
  field.value = event.clipboardData.getData("text/plain");
  field.focus();
});
