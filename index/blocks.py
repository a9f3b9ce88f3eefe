"""Markup to paragraphs: the words of an element tree, one blank line between blocks."""

import re

from lxml import etree, html  # type: ignore[import-untyped]

_UNSEEN = ("script", "style", "template", "noscript", "iframe", "object", "svg", "select", "textarea")
# The names of HTML and those of trafilatura's own trees (head, quote, list, item, row, cell, lb).
_APART = frozenset(
    [
        *("address", "article", "aside", "blockquote", "body", "details", "div", "dl", "fieldset", "figure"),
        *("figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "list"),
        *("main", "nav", "ol", "p", "pre", "quote", "section", "summary", "table", "ul"),
    ]
)
_LINES = frozenset(["caption", "dd", "dt", "item", "li", "row", "tr"])
_CELLS = frozenset(["cell", "td", "th"])


def parse_html(text: str) -> html.HtmlElement:
    """Parse a page or a fragment; scripts, comments and what nobody sees are gone, meta elements stay."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return html.document_fromstring(f"<!doctype html>{text}".encode(), parser=parser)


def block_text(tree: html.HtmlElement) -> str:
    """Return the words of a tree: blocks a blank line apart, items and rows a line each, cells a tab."""
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    out: list[str] = []
    literal = 0  # how many <pre> we are inside
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        starts, tag = event == "start", element.tag
        literal += (1 if starts else -1) if tag == "pre" else 0
        _put_break(out, tag, starts=starts)
        words = element.text if starts else element.tail if element is not tree else None
        _put_words(out, words or "", literal=literal > 0)
    return "".join(out).strip()


def _put_break(out: list[str], tag: str, *, starts: bool) -> None:
    line = out[-1].rstrip(" ") if out else "\n"
    if tag in _APART:
        mark = "\n\n"
    elif (tag in _LINES and not line.endswith("\n")) or (tag in ("br", "lb") and starts):
        mark = "\n"
    elif tag in _CELLS and starts and not line.endswith("\n"):
        mark = "\t"
    else:
        return
    out[-1:] = [line, mark]


def _put_words(out: list[str], words: str, *, literal: bool) -> None:
    if not literal:
        words = re.sub(r"[ \t\r\n\f]+", " ", words)  # not \s: a no-break space is printed
        if not out or out[-1][-1] in " \t\n":
            words = words.removeprefix(" ")
    if words:
        out.append(words)
