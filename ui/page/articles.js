// The articles: list, search, add by dropping or naming, remove with undo. Adding goes on while the page is used.

import { call, note, send } from "./call.js";
import { does, submits } from "./doing.js";
import { enter, go, page } from "./going.js";

const LARGEST = 100_000_000; // bytes; the server refuses more
const MOST = 1000; // files at once
const $ = (id) => document.getElementById(id);
let typing = null;
let watching = false;

export function start() {
  does("articles", () => go("?show=articles"));
  does("more", (button) => list({ shown: Number(button.dataset.shown) }));
  does("bundled", async () => (await call("add_bundled")) && watch());
  does("remove", (button) => remove(button.dataset.id));
  submits("filter", () => list());
  submits("add", async () => (await call("add_path", { path: $("path").value })) && watch());
  $("filter").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(list, 150);
  });
  $("files").addEventListener("change", () => add([...$("files").files].map((file) => [file.name, file])));
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
  document.addEventListener("drop", async (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    const dropped = await files([...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean));
    if (page().dataset.view !== "articles") await go("?show=articles");
    await add(dropped);
  });
}

export async function showArticles() {
  document.title = "Articles – Byline";
  await list();
  watch({ quiet: true }); // somebody may be adding already
}

async function list({ shown } = {}) {
  const form = $("filter");
  const outlets = [...form.querySelectorAll("[name=outlets]:checked")].map((box) => box.value);
  const told = await call("articles", { words: $("words").value, outlets, since: form.since.value, until: form.until.value, shown });
  if (!told) return;
  $("listed").innerHTML = told.html;
  if (!outlets.length && !form.contains(document.activeElement?.closest("#filter-outlets"))) $("filter-outlets").innerHTML = told.outlets;
  form.hidden = told.total === 0;
}

// Upload files, [name, File] each, and let the server add them.
async function add(named) {
  if (named.length > MOST) return note(`That is ${named.length} files; drop at most ${MOST} at once, or give the path of their folder.`, { wrong: true });
  const large = named.filter(([, file]) => file.size > LARGEST);
  const uploaded = [];
  for (const [name, file] of named) {
    if (file.size > LARGEST) continue;
    $("ledger").textContent = `Sending ${uploaded.length + 1} of ${named.length - large.length} …`;
    try {
      uploaded.push({ name, path: await send(file) });
    } catch {
      note(`${name} could not be sent. Is Byline still running?`, { wrong: true });
    }
  }
  $("files").value = "";
  if (large.length) note(`${large.map(([name]) => name).join(", ")}: larger than 100 MB. Split it into its articles.`, { wrong: true });
  if (!uploaded.length) $("ledger").textContent = "";
  else if (await call("add_files", { files: uploaded })) watch();
}

// Show how far adding is until it is done, then what became of the files.
async function watch({ quiet = false } = {}) {
  if (watching) return;
  watching = true;
  let told = { done: 0, total: 0, busy: !quiet };
  let was = told.busy;
  do {
    told = await call("adding", { done: told.done, total: told.total }, { quiet: true });
    if (!told) break;
    was ||= told.busy;
    if (told.html || was) progress(told.html);
  } while (told.busy);
  watching = false;
  if (!told || !was) return;
  if (told.problem) note(told.problem, { wrong: true });
  await enter();
  if (page().dataset.view === "articles") await list();
  else if (!told.problem) note("The articles are there. Ask them something.");
}

function progress(html) {
  $("ledger").innerHTML = html;
  const empty = document.querySelector("#front .empty");
  if (empty) (empty.querySelector(".under-way") ?? empty.appendChild(Object.assign(document.createElement("div"), { className: "under-way" }))).innerHTML = html;
}

async function remove(id) {
  const told = await call("remove", { id });
  if (!told) return;
  await changed();
  note(`“${told.title}” is removed.`, { undo: async () => { await call("put_back", { id }); await changed(); } });
}

async function changed() {
  await enter();
  await list();
}

// Return [path, File] of everything that was dropped, folders opened.
async function files(entries, path = "") {
  const found = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isFile) found.push([path + entry.name, await new Promise((done, failed) => entry.file(done, failed))]);
    else found.push(...(await files(await inside(entry), `${path}${entry.name}/`)));
  }
  return found;
}

async function inside(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return all;
    all.push(...some);
  }
}
