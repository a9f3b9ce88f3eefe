// Asking: the question box, the answer as it grows, and what one may do with a turn.

import { call, note } from "./call.js";
import { does, submits } from "./doing.js";
import { enter, go, here, page } from "./going.js";
import { morph } from "./morph.js";
import { refreshRail } from "./conversations.js";
import { style } from "./settings.js";

const $ = (id) => document.getElementById(id);
const box = () => $("question");
const log = () => $("conversation");
let editing = null; // the number of the turn that the next question replaces
let growing = null; // the conversation whose answer is being followed

export function start() {
  box().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("asking").requestSubmit();
  });
  box().addEventListener("input", fit);
  $("narrow").addEventListener("change", sayLimits);
  document.addEventListener("visibilitychange", catchUp);
  submits("ask", () => ask(box().value));
  submits("why", (form) => judge(turnOf(form), judged(form), form.why.value));
  does("example", (button) => ask(button.textContent));
  does("again", (button) => ask(questionOf(button), JSON.parse(button.dataset.also ?? "{}")));
  does("as-typed", (button) => ask(questionOf(button), { as_asked: true }));
  does("stop", () => growing && call("stop", { conversation: growing }));
  does("edit", edit);
  does("leave-editing", leaveEditing);
  does("copy", (button) => copy(button.dataset.text, "Copied, with its sources as footnotes."));
  does("link", (button) => copy(new URL(button.dataset.href, location.href).href, "The link is copied."));
  does("judge", (button) => {
    const taken = button.getAttribute("aria-pressed") === "true";
    judge(turnOf(button), taken ? null : button.dataset.verdict, "");
  });
  does("widen", () => {
    for (const input of $("narrow").querySelectorAll("input")) input.type === "checkbox" ? (input.checked = false) : (input.value = "");
    sayLimits();
  });
  for (const input of $("narrow").querySelectorAll("input[type=date]")) input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// Show a conversation from its beginning, or the front page where there is none.
export async function showConversation(conversation) {
  leaveEditing();
  growing = null;
  asks(false);
  const told = conversation ? await call("turns", { conversation }) : { html: "", turns: 0, growing: false };
  if (!told) return go("./", { push: false });
  log().innerHTML = told.html;
  count();
  document.title = told.title ? `${told.title} – Byline` : "Byline";
  if (!conversation) return box().focus({ preventScroll: true });
  log().lastElementChild?.scrollIntoView({ block: "start" });
  if (told.growing) follow(conversation);
}

async function ask(question, also = {}) {
  if (!question.trim()) return box().focus();
  if (growing) return note("An answer is on its way here. Stop it, or wait until it is there.", { wrong: true });
  const conversation = here.conversation;
  asks(true);
  const told = await call("ask", { question, conversation, edit: editing, style: style(), ...limits(), ...also });
  if (!told) return asks(false);
  if (box().value.trim() === question.trim()) box().value = "";
  fit();
  leaveEditing();
  const kept = told.branched ? await call("turns", { conversation: told.conversation }) : null;
  if (told.conversation !== conversation) {
    here.conversation = told.conversation;
    history.pushState(null, "", `?c=${told.conversation}`);
    if (kept) log().innerHTML = kept.html;
  }
  put(told);
  log().lastElementChild.scrollIntoView({ block: "start" });
  await follow(told.conversation);
}

// Follow an answer until it is complete, however often the connection ends meanwhile.
async function follow(conversation) {
  growing = conversation;
  asks(true);
  let seen = 0;
  for (let misses = 0; growing === conversation; ) {
    const told = await call("follow", { conversation, seen }, { quiet: misses < 3 });
    if (growing !== conversation) return; // the reader went elsewhere; the answer is saved all the same
    if (!told) {
      if (++misses > 3) break;
      await new Promise((done) => setTimeout(done, 500 * misses));
      continue;
    }
    misses = 0;
    if (told.html) put(told);
    seen = told.version;
    if (told.done) {
      $("spoken").textContent = told.spoken;
      break;
    }
  }
  growing = null;
  asks(false);
  await refreshRail();
  if (!document.title.includes("–")) document.title = `${log().querySelector("h2").textContent} – Byline`;
}

// Put a turn where it belongs: in place of its earlier form, or at the end.
function put({ turn, html }) {
  const there = $(`t${turn}`);
  if (there) {
    const wanted = document.createElement("template");
    wanted.innerHTML = html;
    there.className = wanted.content.querySelector(".turn").className;
    morph(there, wanted.content.querySelector(".turn").innerHTML);
  } else log().insertAdjacentHTML("beforeend", html);
  count();
}

// See what another tab has asked in this conversation meanwhile.
async function catchUp() {
  if (document.hidden || growing || !here.conversation || page().dataset.view !== "conversation") return;
  const conversation = here.conversation;
  const told = await call("turns", { conversation }, { quiet: true });
  if (!told || conversation !== here.conversation || growing) return;
  const ended = log().querySelector(".turn.growing") && !told.growing; // Byline was started anew meanwhile
  if (ended || told.turns !== Number(page().dataset.turns)) {
    morph(log(), told.html);
    count();
  }
  if (told.growing) follow(conversation);
  refreshRail();
}

async function judge(turn, verdict, why) {
  const told = await call("judge", { conversation: here.conversation, turn, verdict, why });
  if (!told) return;
  put({ turn, html: told.html });
  if (why) return note("Thank you; it is noted with the answer.");
  if (verdict) document.querySelector(`#t${turn} .why input`)?.focus();
}

function edit(button) {
  editing = turnOf(button);
  $("editing").hidden = false;
  box().value = questionOf(button);
  fit();
  box().focus();
}

function leaveEditing() {
  if (editing) box().value = "";
  editing = null;
  $("editing").hidden = true;
  fit();
}

async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no clipboard without https or permission: the way of old still works
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  note(words);
}

function limits() {
  const form = $("asking");
  const outlets = [...form.querySelectorAll("[name=outlets]:checked")].map((input) => input.value);
  return { outlets, since: form.since.value, until: form.until.value };
}

function sayLimits() {
  const { outlets, since, until } = limits();
  const where = outlets.length ? outlets.join(", ") : "All outlets";
  const when = since || until ? [since && `from ${since}`, until && `to ${until}`].filter(Boolean).join(" ") : "any date";
  $("narrow-words").textContent = `${where}, ${when}`;
  $("narrow").classList.toggle("narrowed", outlets.length > 0 || Boolean(since || until));
}

function asks(busy) {
  $("ask-button").hidden = busy;
  $("stop-button").hidden = !busy;
}

function count() {
  page().dataset.turns = log().querySelectorAll(".turn").length;
}

function fit() {
  box().style.height = "auto";
  box().style.height = `${box().scrollHeight}px`;
}

const turnOf = (element) => Number(element.closest(".turn").dataset.turn);
const questionOf = (element) => element.closest(".turn").querySelector(".question").textContent;
const judged = (form) => form.closest(".turn").querySelector("[aria-pressed=true]")?.dataset.verdict ?? null;
