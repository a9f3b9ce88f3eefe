// Opening an article is the browser's own work (a link to a quotation, and :target in page.css).
// What is left for a script: three manners of the keyboard and of scrolling.

// Gradio's <base> drops the query, so that a link to "#…" would reload a page opened as "/?__theme=dark".
const base = document.querySelector("base");
if (base) base.href = location.href.split("#")[0];

let opener = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link) return;
  if (link.classList.contains("close")) opener?.focus({ preventScroll: true });
  else opener = link;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector(".article:has(:target) .close")?.click();
});

let turns = 0;
watch("value", () => {
  const all = element.querySelectorAll(".turn");
  if (all.length > turns) all[all.length - 1].scrollIntoView({ block: "start" });
  turns = all.length;
});
