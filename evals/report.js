// Filters the questions of each suite, and opens what is shown before it is printed.
for (const filter of document.querySelectorAll(".filter")) {
  const cases = [...document.querySelectorAll(`#${filter.dataset.cases} > details`)];
  const [words, tag, count] = ["input", "select", "output"].map((name) => filter.querySelector(name));
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      const text = one.textContent.toLowerCase();
      const tags = JSON.parse(one.dataset.tags);
      one.hidden = !((!tag.value || tags.includes(tag.value)) && wanted.every((word) => text.includes(word)));
      shown += !one.hidden;
    }
    count.textContent = `${shown} of ${cases.length}`;
  };
  filter.hidden = false;
  filter.addEventListener("input", apply);
  apply();
}
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open]):not([hidden])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
