// Settings: the paper's colour and the manner of answers are the browser's own; the language model is the machine's.

import { call } from "./call.js";
import { does } from "./doing.js";

const PAPER = "byline-theme";
const STYLE = "byline-style";
const $ = (id) => document.getElementById(id);

export function start() {
  does("settings", open);
  does("use-llm", use);
  does("test-llm", test);
  $("settings").addEventListener("change", ({ target }) => {
    if (target.name === "theme") paint(target.value);
    if (target.name === "style") keep(STYLE, target.value === "quotations" ? target.value : "");
  });
  $("llm").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    use();
  });
}

// How the reader wants to be answered where a language model could write.
export const style = () => kept(STYLE);

async function open() {
  const theme = document.documentElement.dataset.theme ?? "";
  for (const radio of $("settings").querySelectorAll("[name=theme]")) radio.checked = radio.value === theme;
  for (const radio of $("settings").querySelectorAll("[name=style]")) radio.checked = radio.value === (style() || "prose");
  $("settings").showModal();
  show(await call("settings"));
}

function show(told) {
  if (!told) return;
  $("llm").value = told.llm;
  $("llm").readOnly = told.fixed;
  $("llm-acts").hidden = told.fixed;
  $("llm-said").textContent = told.why;
  $("style").hidden = !told.llm;
}

async function use() {
  const told = await call("choose_llm", { name: $("llm").value }, { tell: $("llm-said") });
  show(told);
  if (told) $("llm-said").textContent = told.llm ? `${told.llm} writes the answers from now on.` : "Answers are quotations from now on.";
}

async function test() {
  $("llm-said").textContent = "Asking it for one word …";
  const told = await call("test_llm", { name: $("llm").value }, { tell: $("llm-said") });
  if (told) $("llm-said").textContent = told.said;
}

function paint(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  keep(PAPER, theme);
}

function keep(key, value) {
  try {
    value ? localStorage.setItem(key, value) : localStorage.removeItem(key);
  } catch {} // storage may be forbidden; then it lasts as long as the page
}

function kept(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
