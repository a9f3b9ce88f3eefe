// Calls the server's functions, and tells the reader what went wrong.

let functions = {};
let upload = null;

export function connect(given) {
  functions = given.server;
  upload = given.upload;
}

// Return what the server says, or null after having shown why it says nothing.
// `tell` is the element that says so, where it is not the foot of the page: a dialog lies over that.
export async function call(name, asked = {}, { quiet = false, tell = null } = {}) {
  const told = await functions[name](asked).catch(() => undefined);
  if (told && !told.error) return told;
  const why = told?.error ?? "Byline does not answer. Is it still running? Start it again, then reload this page.";
  if (tell) tell.textContent = why;
  else if (!quiet) note(why, { wrong: true });
  return null;
}

export async function send(file) {
  return (await upload(file)).path;
}

// Show a line at the foot of the page; with `undo`, a button that takes back what it tells.
export function note(words, { wrong = false, undo = null } = {}) {
  const notes = document.getElementById("notes");
  const line = document.createElement("p");
  line.className = wrong ? "note wrong" : "note";
  line.append(words);
  if (undo) line.append(button("Undo", () => { line.remove(); undo(); }));
  line.append(button("×", () => line.remove(), "Dismiss"));
  notes.replaceChildren(line);
  if (!wrong && !undo) setTimeout(() => line.remove(), 6000);
}

function button(words, act, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
