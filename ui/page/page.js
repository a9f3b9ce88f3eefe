// Opening an article is the browser's own work: a link to a quotation, and :target in page.css.
// What is left for a script is the keyboard, scrolling, and staying put while an answer still grows.

const here = location.pathname + location.search;
const forget = () => history.replaceState(null, "", here);

// Gradio's <base> drops the query, so a link to "#…" would reload a page that was opened as "/?…".
const base = document.querySelector("base");
if (base) base.href = here;
if (location.hash) forget();

let opener = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.turn a[href^="#"]');
  if (link) opener = link;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector(".article:has(:target) .close")?.click();
});
window.addEventListener("hashchange", () => {
  if (location.hash === "#closed") opener?.focus({ preventScroll: true });
});

// Gradio patches nodes in their order, so the one that was opened may have become another quotation.
const reopen = () => {
  const quotation = location.hash && document.getElementById(location.hash.slice(1));
  if (quotation && !quotation.matches(":target")) location.replace(location.hash);
};

let turns = 0;
watch("value", () => {
  const all = element.querySelectorAll(".turn");
  if (all.length > turns) all[all.length - 1].scrollIntoView({ block: "start" });
  if (all.length === 0) forget();
  turns = all.length;
  setTimeout(reopen);
});
