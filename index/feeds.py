"""RSS and Atom: the entries of a feed, each an address and what the feed says of it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from index.bylines import Byline, read_byline
from index.canonical import clean_characters
from index.errors import BylineError

FEED = "feed"  # what stands for a suffix, of a file that a server gave
MAX_ENTRIES = 200  # of one feed, in its order


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: where it leads, what the feed says of it, and its text in HTML if the feed has all of it."""

    url: str
    byline: Byline
    html: str = ""


def read_feed(data: bytes, url: str) -> list[FeedEntry]:
    """Return the entries of a feed that was found at `url`; BylineError if it is none."""
    from index.xml import parse_xml  # lxml, which only the reading process needs

    root = parse_xml(data)
    items = [element for element in root.iter() if _name(element) in ("item", "entry")]
    if _name(root) not in ("rss", "feed", "RDF") or not items:
        raise BylineError("is no feed with entries; check the address")
    outlet = next((_text(child) for child in root.iter() if _name(child) == "title"), "")
    entries = [_entry(item, outlet, url) for item in items[:MAX_ENTRIES]]
    return [entry for entry in entries if entry.url.startswith(("http://", "https://"))]


def _entry(item: Any, outlet: str, base: str) -> FeedEntry:
    words: dict[str, list[str]] = {}
    for child in item:
        words.setdefault(_name(child), []).append(_text(child))
    authors = [_text(part) for child in item if _name(child) == "author" for part in child if _name(part) == "name"]
    fields = {
        "title": _first(words, "title"),
        "outlet": outlet,
        "published": _first(words, "published", "pubDate", "date", "issued"),
        "author": authors or words.get("creator") or _first(words, "author"),
        "section": _first(words, "category"),
    }
    byline = read_byline({name: value for name, value in fields.items() if value}, origin="feed")
    return FeedEntry(_link(item, base), byline, _first(words, "encoded", "content"))


def _link(item: Any, base: str) -> str:
    for child in item:
        if _name(child) == "link" and child.get("rel", "alternate") == "alternate":
            address: str = child.get("href") or _text(child)
            if address:
                return urljoin(base, address)
    guid = next((_text(child) for child in item if _name(child) == "guid" and child.get("isPermaLink") != "false"), "")
    return str(guid)


def _name(element: Any) -> str:
    tag = element.tag
    return str(tag).rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: Any) -> str:
    return clean_characters("".join(element.itertext())).strip()


def _first(words: dict[str, list[str]], *names: str) -> str:
    return next((word for name in names for word in words.get(name, ()) if word), "")
