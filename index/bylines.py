"""Bylines: title, outlet, address, dates, authors, section and language, as a file states them; never invented."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from index.canonical import clean_characters
from index.dates import parse_date


@dataclass(frozen=True, slots=True)
class Byline:
    """What a file says of its own origin; None where it says nothing."""

    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601
    authors: tuple[str, ...] = ()
    section: str | None = None  # as the outlet calls it: World, Sport
    language: str | None = None  # BCP 47, such as en or pt-BR
    modified: str | None = None  # ISO 8601: when this edition was made
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)  # where each of these was found


FACTS = ("title", "outlet", "url", "published", "authors", "section", "language", "modified")


# The names that front matter, header lines, meta elements and schema.org use, as `field_name` spells them,
# the most telling first.
_NAMES = {
    "title": "headline title og_title dc_title dcterms_title citation_title parsely_title twitter_title h1 page_title",
    "outlet": "outlet publisher newspaper publication site_name sitename og_site_name source "
    "article_publisher dc_publisher dcterms_publisher citation_journal_title",
    "url": "canonical canonical_url url link permalink og_url mainentityofpage source_url original_url source",
    "published": "published date_published datepublished article_published_time og_article_published_time "
    "published_at published_time date pubdate pub_date publish_date publication_date parsely_pub_date "
    "sailthru_date dc_date dc_date_issued dcterms_date dcterms_created dcterms_issued "
    "citation_publication_date time",
    "modified": "modified date_modified datemodified article_modified_time og_article_modified_time og_updated_time "
    "modified_at modified_time updated updated_at lastmod last_modified dcterms_modified",
    "authors": "author authors by byline byl article_author dc_creator dcterms_creator parsely_author "
    "sailthru_author citation_author rel_author",
    "section": "section articlesection article_section parsely_section category dc_subject",
    "language": "language inlanguage lang dc_language dcterms_language og_locale content_language html_lang",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SUFFIX = re.compile(r",?\s+(Jr\.?|Sr\.?|II|III|IV|Ph\.?D\.?|M\.?D\.?)(?![\w.])")


def field_name(name: str) -> str:
    """Return a field's name as Byline compares it: `og:site_name` and `OG-Site Name` are `og_site_name`."""
    return re.sub(r"[\s:._-]+", "_", name.strip().lower())


def read_byline(fields: Mapping[str, object], *, origin: str | Mapping[str, str] = "") -> Byline:
    """Read a byline from fields, values as YAML or JSON give them; what cannot be read is left out.

    `origin` says where the fields stand, in words for a person: one for all, or one for each field's name.
    """
    named = {field_name(name): value for name, value in fields.items()}
    facts: dict[str, Any] = {}
    origins = {}
    for kind, read in _READ.items():
        for name in filter(named.__contains__, _NAMES[kind].split()):
            if value := read(named[name]):
                facts[kind] = value
                origins[kind] = origin if isinstance(origin, str) else origin.get(name, name)
                break
    return Byline(**facts, origins={kind: where for kind, where in origins.items() if where})


def complete(byline: Byline, other: Byline) -> Byline:
    """Return `byline` with what it does not say taken from `other`, origins as well."""
    missing = [kind for kind in FACTS if not getattr(byline, kind) and getattr(other, kind)]
    origins = {kind: other.origins[kind] for kind in missing if kind in other.origins}
    return replace(byline, **{kind: getattr(other, kind) for kind in missing}, origins={**byline.origins, **origins})


def split_authors(names: str) -> tuple[str, ...]:
    """Split `By Ann Roe, Bo Li Jr. and Cy Poe` into names; `Roe, Ann` stays one name."""
    names = _SUFFIX.sub(r" \1", re.sub(r"^\s*by:?\s+", "", names, flags=re.IGNORECASE))
    groups = re.split(r"\s*;\s*|,?\s+(?:and|&)\s+", names)
    parts = [part.strip() for group in groups for part in group.split(",")]
    whole = parts if all(" " in part for part in parts) else [group.strip() for group in groups]
    return tuple(dict.fromkeys(filter(_is_name, whole)))


def _is_name(text: str) -> bool:
    return bool(text) and not re.search(r"https?://|@", text)


def _words(value: object) -> str | None:
    """Return the words of a field; a list stands for its first item, an object for its name."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id")
    if not isinstance(value, str):
        return None
    return " ".join(clean_characters(html.unescape(value)).split()) or None


def _outlet(value: object) -> str | None:
    words = _words(value)
    return None if words is None or words.startswith(("http://", "https://", "@")) else words


def _url(value: object) -> str | None:
    words = _words(value)
    return words if words and re.fullmatch(r"https?://[^\s/]\S*", words) else None


def _date(value: object) -> str | None:
    return parse_date(_words(value) or "")


def _language(value: object) -> str | None:
    words = (_words(value) or "").replace("_", "-")
    return words if _LANGUAGE.fullmatch(words) and words.lower() not in ("und", "mul", "zxx") else None


def _authors(value: object) -> tuple[str, ...]:
    """Return the names of a field; one string may hold several, each item of a list is one."""
    if isinstance(value, list):
        names = (_words(item) or "" for item in value)
        return tuple(dict.fromkeys(filter(_is_name, names)))
    return split_authors(_words(value) or "")


_READ: Mapping[str, Callable[[object], Any]] = {
    "title": _words,
    "outlet": _outlet,
    "url": _url,
    "published": _date,
    "modified": _date,
    "authors": _authors,
    "section": _words,
    "language": _language,
}
