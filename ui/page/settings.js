// Settings: the colour of the paper is the browser's own affair.

import { does } from "./doing.js";

const KEY = "byline-theme";
const $ = (id) => document.getElementById(id);

export function start() {
  does("settings", () => {
    const theme = stored();
    for (const radio of $("settings").querySelectorAll("[name=theme]")) radio.checked = radio.value === theme;
    $("settings").showModal();
  });
  $("settings").addEventListener("change", (event) => event.target.name === "theme" && paint(event.target.value));
}

function paint(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  try {
    theme ? localStorage.setItem(KEY, theme) : localStorage.removeItem(KEY);
  } catch {} // then it lasts as long as the page
}

function stored() {
  return document.documentElement.dataset.theme ?? "";
}
