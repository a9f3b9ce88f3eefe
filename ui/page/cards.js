// What a marker or a verdict stands for, shown while it is hovered over or has the focus.

const WAIT = 120; // milliseconds before a card goes, so that the pointer may reach it
let shown = null;
let leaving = null;

export function start(element) {
  element.addEventListener("pointerover", (event) => over(event));
  element.addEventListener("focusin", (event) => over(event));
  element.addEventListener("pointerout", later);
  element.addEventListener("focusout", later);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, { capture: true, passive: true });
}

function over(event) {
  if (event.pointerType === "touch") return; // a tap opens the article, which says all this
  const target = event.target.closest?.(".marker, .verdict");
  if (event.target.closest?.(".card")) clearTimeout(leaving);
  if (!target) return;
  const card = document.getElementById(target.getAttribute("aria-describedby") ?? target.dataset.card);
  if (!card) return;
  clearTimeout(leaving);
  if (card !== shown) hide();
  shown = card;
  card.hidden = false;
  place(card, target.getBoundingClientRect());
}

// Below the marker where there is room, else above; never over the edge.
function place(card, marker) {
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(8, Math.min(marker.left - 24, document.documentElement.clientWidth - width - 8));
  const below = marker.bottom + 8;
  const top = below + height < innerHeight - 8 ? below : Math.max(8, marker.top - height - 8);
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

function later() {
  clearTimeout(leaving);
  leaving = setTimeout(hide, WAIT);
}

function hide() {
  clearTimeout(leaving);
  if (shown) shown.hidden = true;
  shown = null;
}
