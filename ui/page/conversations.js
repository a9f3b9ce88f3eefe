// The list of conversations: search, open, rename, delete with undo, export.

import { call, note } from "./call.js";
import { does, submits } from "./doing.js";
import { go, here, page } from "./going.js";

const $ = (id) => document.getElementById(id);
let typing = null;
let named = null; // the conversation that is being renamed

export function start() {
  does("home", () => go("./"));
  does("converse", (link) => go(link.getAttribute("href")));
  does("rail", () => ($("rail").classList.contains("open") ? closeRail() : openRail()));
  does("rename", (button) => {
    named = Number(button.dataset.id);
    $("name").value = button.dataset.title;
    $("naming").showModal();
    $("name").select();
  });
  does("delete", (button) => remove(Number(button.dataset.id)));
  does("export", async (button) => {
    const told = await call("export", { id: Number(button.dataset.id) });
    if (told) save(told.text, told.name);
  });
  submits("naming", (_, event) => event.submitter?.value === "save" && rename());
  submits("rail", refreshRail);
  $("rail-words").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(refreshRail, 150);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeRail());
}

export async function refreshRail() {
  const told = await call("rail", { words: $("rail-words").value, conversation: here.conversation }, { quiet: true });
  if (told) $("saved").innerHTML = told.rail;
}

export function openRail() {
  $("rail").classList.add("open");
  drawer().setAttribute("aria-expanded", "true");
  $("rail").querySelector("button").focus();
}

export function closeRail() {
  if (!$("rail").classList.contains("open")) return;
  $("rail").classList.remove("open");
  drawer().setAttribute("aria-expanded", "false");
  if ($("rail").contains(document.activeElement)) drawer().focus();
}

async function rename() {
  const told = await call("rename", { id: named, title: $("name").value });
  if (!told) return;
  if (named === here.conversation) document.title = `${told.title} – Byline`;
  await refreshRail();
}

async function remove(id) {
  if (!(await call("delete", { id }))) return;
  const was = here.conversation === id;
  if (was) await go("./");
  else await refreshRail();
  note("The conversation is deleted.", { undo: async () => {
    await call("restore", { id });
    return was ? go(`?c=${id}`) : refreshRail();
  } });
}

function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const drawer = () => page().querySelector(".drawer");
