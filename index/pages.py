"""Web pages: the main text by trafilatura, and only the byline that the page declares."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import trafilatura
from lxml import etree, html  # type: ignore[import-untyped]
from trafilatura.settings import Document

from index.blocks import block_text, parse_html
from index.bylines import Byline, field_name, read_byline
from index.errors import BylineError

# What it has to say about a page reaches the reader as a BylineError.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_BOILERPLATE = "//nav | //footer | //aside | //button | //*[@role='navigation' or @role='dialog']"
_VISIBLE = {
    "canonical": "canonical link",
    "time": "time element",
    "h1": "heading",
    "page_title": "page title",
    "rel_author": "author link",
    "html_lang": "lang attribute",
}
_BARE = "//div[not(@class or @id or .//p or .//div or .//table or .//li)]"


def read_page(text: str) -> tuple[str, Byline]:
    """Return the main text and the byline of a web page; nothing is fetched.

    Raises BylineError where there is no main text.
    """
    try:
        tree = parse_html(text)
        byline = _byline(tree)
        body = _main_text(tree)
    except etree.LxmlError:
        body, byline = "", Byline()
    if not body:
        raise BylineError("shows no main text; save the article's words as .txt or .md and add that")
    return body, _without_outlet(byline)


def _main_text(tree: html.HtmlElement) -> str:
    for element in tree.xpath(_BOILERPLATE):
        element.drop_tree()
    for element in tree.xpath(_BARE):  # trafilatura passes over words that stand in a bare <div>
        element.tag = "p"
    # Not its own metadata: it guesses a date from the text and an outlet from the address.
    document = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    return block_text(document.body) if isinstance(document, Document) else ""


def _byline(tree: html.HtmlElement) -> Byline:
    """Read what the page declares: meta elements, schema.org's article, and what is marked up in sight."""
    metas: dict[str, list[str]] = {}
    for element in tree.xpath("//meta[@content]"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        metas.setdefault(field_name(name), []).append(element.get("content"))
    linked = {field_name(name): value for name, value in _linked_data(tree).items() if value}
    visible = _visible(tree)
    origins = {
        **{name: f"meta {name}" for name in metas},
        **dict.fromkeys(linked, "JSON-LD"),
        **{name: _VISIBLE[name] for name in visible},
    }
    return read_byline({**metas, **linked, **visible}, origin=origins)


def _linked_data(tree: html.HtmlElement) -> Mapping[str, Any]:
    """Return the first article that the page describes in JSON-LD, empty without one."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            things = list(_things(json.loads(script.text or "", strict=False)))
        except (ValueError, RecursionError):  # broken by its publisher; the meta elements remain
            continue
        for thing in things:
            kinds = thing.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(str(kind).endswith(("Article", "Posting", "Report")) for kind in kinds):
                return thing
    return {}


def _things(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _things(item)
    elif isinstance(value, dict):
        yield value
        yield from _things(value.get("@graph"))


def _visible(tree: html.HtmlElement) -> dict[str, object]:
    """Return what is marked up where readers see it; a heading or a time counts only where alone."""
    times = tree.xpath("//time[@itemprop='datePublished' or @pubdate]/@datetime")
    times = times or tree.xpath("//article//time/@datetime | //main//time/@datetime")
    headings = tree.xpath("//article//h1") or tree.xpath("//h1")
    named = tree.xpath("//*[@rel='author' or @itemprop='author']")
    return {
        "canonical": tree.xpath("//link[@rel='canonical']/@href"),
        "time": times[0] if len(set(times)) == 1 else None,
        "h1": headings[0].text_content() if len(headings) == 1 else None,
        "page_title": tree.findtext(".//title"),
        "rel_author": [element.text_content() for element in named],
        "html_lang": tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
    }


def _without_outlet(byline: Byline) -> Byline:
    """Take the outlet off a title like `Harbour to be widened | The Quay Gazette`."""
    if not byline.title or not byline.outlet:
        return byline
    title = re.sub(rf"\s+[|–—·-]\s+{re.escape(byline.outlet)}$", "", byline.title)
    return replace(byline, title=title)
