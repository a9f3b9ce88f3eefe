// Starts the page: Gradio hands over the element, the server's functions and its upload; see START in web.py.

import { connect } from "./call.js";
import * as articles from "./articles.js";
import * as asking from "./asking.js";
import * as cards from "./cards.js";
import * as conversations from "./conversations.js";
import * as reading from "./reading.js";
import * as settings from "./settings.js";
import { listen } from "./doing.js";
import { go } from "./going.js";

export function start({ element, server, upload }) {
  connect({ server, upload });
  for (const part of [asking, reading, conversations, articles, settings]) part.start();
  cards.start(element);
  listen(element);
  window.addEventListener("popstate", () => go(location, { push: false }));
  document.documentElement.dataset.ready = "";
  return go(location, { push: false });
}
