// Brings what is on the page into line with new HTML and keeps what did not change, with its focus.

export function morph(element, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = html;
  children(element, wanted.content);
}

function children(element, wanted) {
  const olds = [...element.childNodes];
  const news = [...wanted.childNodes];
  news.forEach((node, n) => {
    if (!olds[n]) element.append(node);
    else if (same(olds[n], node)) patch(olds[n], node);
    else olds[n].replaceWith(node);
  });
  olds.slice(news.length).forEach((node) => node.remove());
}

const same = (one, other) => one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");

function patch(old, wanted) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  children(old, wanted);
}
