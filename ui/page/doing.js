// One listener for every button and link: data-do names what happens, data-form what a form does.

const deeds = {};
const forms = {};

export const does = (name, act) => { deeds[name] = act; };
export const submits = (name, act) => { forms[name] = act; };

export function listen(element) {
  element.addEventListener("click", (event) => {
    const target = event.target.closest("[data-do], [data-article], [data-conversation]");
    if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the browser's own work
    const name = target.dataset.do ?? (target.dataset.article ? "open" : "converse");
    if (!deeds[name]) return;
    event.preventDefault();
    deeds[name](target, event);
  });
  element.addEventListener("submit", (event) => {
    const act = forms[event.target.dataset.form];
    if (!act) return;
    if (event.target.method !== "dialog") event.preventDefault();
    act(event.target, event);
  });
  document.addEventListener("click", (event) => { // one menu at a time
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
  });
}
