// Where the reader is: the address names a conversation, an article or the list, and the page follows it.

import { call } from "./call.js";
import { showArticles } from "./articles.js";
import { showConversation } from "./asking.js";
import { closePane, openArticle } from "./reading.js";
import { closeRail } from "./conversations.js";

export const page = () => document.querySelector(".paper");
export const here = { conversation: null };

let entered = false;

// Go to an address of the page. With `push`, the way back leads to where the reader was.
export async function go(address, { push = true } = {}) {
  const url = new URL(address, location.href);
  const asked = url.searchParams;
  if (push) history.pushState(null, "", url);
  closeRail();
  const conversation = Number(asked.get("c")) || null;
  const moved = conversation !== here.conversation;
  here.conversation = conversation;
  if (!entered || moved) await enter();
  const view = asked.get("show") === "articles" ? "articles" : "conversation";
  if (push && view !== page().dataset.view) scrollTo({ top: 0, behavior: "instant" });
  page().dataset.view = view;
  document.getElementById("talk").hidden = view !== "conversation";
  document.getElementById("stack").hidden = view === "conversation";
  if (view === "articles") await showArticles();
  else if (moved || !page().dataset.shown) await showConversation(conversation);
  page().dataset.shown = "true";
  await point(url);
}

// Load what stands around every view: the list of conversations, the front page, the outlets.
export async function enter() {
  const told = await call("enter", { conversation: here.conversation, words: document.getElementById("rail-words").value });
  if (!told) return;
  entered = true;
  document.getElementById("saved").innerHTML = told.rail;
  document.getElementById("front").innerHTML = told.front;
  document.getElementById("dateline").innerHTML = told.dateline;
  document.getElementById("article-count").textContent = told.articles;
  const ticked = new Set([...document.querySelectorAll("#outlets input:checked")].map((box) => box.value));
  document.getElementById("outlets").innerHTML = told.outlets;
  for (const box of document.querySelectorAll("#outlets input")) box.checked = ticked.has(box.value);
  page().dataset.articles = told.articles;
}

// Open what the address points at: a citation (#t3-c2), a turn (#t3), or an article (?article=…).
async function point(url) {
  const cited = /^#t(\d+)-c(\d+)$/.exec(url.hash);
  if (cited) {
    const marker = document.querySelector(`.sentence a[href$="${url.hash}"], a[href$="${url.hash}"]`);
    if (marker) await openArticle(marker, { push: false });
  } else if (url.searchParams.get("article")) {
    await openArticle({ dataset: { article: url.searchParams.get("article") } }, { push: false });
  } else {
    closePane({ push: false });
    if (/^#t\d+$/.test(url.hash)) document.querySelector(url.hash)?.scrollIntoView({ block: "start" });
  }
}
