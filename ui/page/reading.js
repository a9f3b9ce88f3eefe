// The reading pane: an article at the sentence that an answer cites; one key leads back to where the reader was.

import { call } from "./call.js";
import { does } from "./doing.js";
import { here, page } from "./going.js";

const narrow = matchMedia("(max-width: 47.99rem)"); // as in pane.css
const $ = (id) => document.getElementById(id);
let opener = null; // what had the focus when the pane was opened
let numbers = []; // the citations of the article that is open, in the order of its text
let current = null;

export function start() {
  does("open", (link) => openArticle(link));
  does("close", () => closePane());
  does("previous", () => step(-1));
  does("next", () => step(1));
  narrow.addEventListener("change", cover);
  document.addEventListener("keydown", (event) => {
    if ($("pane").hidden || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") closePane();
    else if (event.target.closest("#pane") && event.key === "ArrowLeft") step(-1);
    else if (event.target.closest("#pane") && event.key === "ArrowRight") step(1);
  });
}

// Open the article of a marker, a headline or a list entry; a marker's citation is lit and scrolled to.
export async function openArticle(link, { push = true } = {}) {
  const { article, number } = link.dataset;
  const turn = link.closest?.(".turn")?.dataset.turn;
  const told = await call("read", { article, turn, conversation: turn ? here.conversation : null });
  if (!told) return;
  if ($("pane").hidden || document.activeElement?.matches?.("[data-article]")) opener = link.isConnected ? link : null;
  $("sheet").innerHTML = told.html;
  $("pane-byline").innerHTML = told.byline;
  $("sheet").scrollTop = 0;
  $("pane").hidden = false;
  document.body.classList.add("article-open");
  cover();
  for (const one of document.querySelectorAll("[data-article].open")) one.classList.remove("open");
  numbers = [...$("sheet").querySelectorAll(".anchor")].map((anchor) => anchor.dataset.number);
  $("pane").querySelector(".steps").hidden = numbers.length < 2;
  light(number ?? null, turn);
  if (push && link.getAttribute?.("href")) history.pushState(null, "", address(link));
  $("sheet").focus({ preventScroll: true });
}

export function closePane({ push = true } = {}) {
  if ($("pane").hidden) return;
  $("pane").hidden = true;
  document.body.classList.remove("article-open");
  cover();
  for (const one of document.querySelectorAll("[data-article].open")) one.classList.remove("open");
  if (push) history.pushState(null, "", location.pathname + withoutArticle(location.search));
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

// Where the pane lies over everything, nothing under it can be reached.
function cover() {
  const covers = narrow.matches && !$("pane").hidden;
  for (const one of page().querySelectorAll(".skip, .masthead, #rail, .desk")) one.inert = covers;
}

function light(number, turn) {
  current = number;
  for (const mark of $("sheet").querySelectorAll("mark"))
    mark.classList.toggle("lit", mark.dataset.cited.split(" ").includes(number));
  const anchor = number && $(`cited-${number}`);
  if (anchor) anchor.parentElement.scrollIntoView({ block: "center", behavior: "instant" });
  $("step").textContent = number ? `${numbers.indexOf(number) + 1} of ${numbers.length}` : `${numbers.length} cited`;
  for (const one of document.querySelectorAll("[data-article].open")) one.classList.remove("open");
  if (turn) for (const one of document.querySelectorAll(`#t${turn} .marker[data-number="${number}"]`)) one.classList.add("open");
  $("pane").dataset.turn = turn ?? "";
}

function step(by) {
  if (!numbers.length) return;
  const at = numbers.indexOf(current);
  const next = numbers[(at + by + numbers.length) % numbers.length];
  const { turn } = $("pane").dataset;
  light(next, turn || null);
  if (turn) history.replaceState(null, "", `${location.pathname}${location.search}#t${turn}-c${next}`);
}

// Keep the list in the address where an article is opened from it.
function address(link) {
  const href = link.getAttribute("href");
  const listed = new URL(location.href).searchParams.get("show");
  return listed && href.startsWith("?article=") ? `?show=${listed}&${href.slice(1)}` : href;
}

function withoutArticle(search) {
  const asked = new URLSearchParams(search);
  asked.delete("article");
  return asked.size ? `?${asked}` : "";
}
