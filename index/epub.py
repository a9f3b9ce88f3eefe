"""EPUB: a book, a magazine or a newspaper; each of its documents with words is an article."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from index.blocks import block_text, parse_html
from index.bylines import Byline, complete, read_byline
from index.canonical import clean_characters
from index.decoding import decode
from index.drafts import MAX_SIZE, Draft, finish
from index.errors import BylineError
from index.xml import parse_xml


def split_epub(data: bytes) -> Iterator[tuple[str, Callable[[], Draft]]]:
    """Yield a name and what reads it for every document of an EPUB, in reading order."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        package_path = next(iter(_find(archive, "META-INF/container.xml", ".//*[local-name()='rootfile']/@full-path")))
        package = parse_xml(_bytes(archive, package_path))
    except (zipfile.BadZipFile, StopIteration, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise BylineError(f"is no EPUB that can be opened ({error}); save it again") from None
    stated = _stated(package)
    folder = posixpath.dirname(package_path)
    for href in _reading_order(package):
        path = posixpath.normpath(posixpath.join(folder, unquote(href)))
        yield path, lambda path=path: _document(archive, path, stated)  # type: ignore[misc]


def _find(archive: zipfile.ZipFile, path: str, query: str) -> list[str]:
    found: list[str] = parse_xml(_bytes(archive, path)).xpath(query)
    return found


def _reading_order(package: Any) -> list[str]:
    items = {
        item.get("id"): item
        for item in package.iter("{*}item")
        if item.get("media-type") in ("application/xhtml+xml", "text/html")
        and "nav" not in (item.get("properties") or "")
    }
    order = [ref.get("idref") for ref in package.iter("{*}itemref")]
    return list(dict.fromkeys(items[ref].get("href") or "" for ref in order if ref in items))


def _document(archive: zipfile.ZipFile, path: str, stated: Byline) -> Draft:
    try:
        tree = parse_html(clean_characters(decode(_bytes(archive, path), markup=True)))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BylineError(f"cannot be unpacked ({error}); save the EPUB again") from None
    headings = tree.xpath("//h1 | //h2")
    title = " ".join(headings[0].text_content().split()) if headings else ""
    title = title or " ".join((tree.findtext(".//title") or "").split())
    body = tree.find("body")
    text = block_text(body) if body is not None else ""
    own = Byline(title=title or None, origins={"title": "heading"} if title else {})
    return finish(
        Draft(
            text,
            complete(
                own,
                Byline(
                    outlet=stated.outlet,
                    published=stated.published,
                    authors=stated.authors,
                    language=stated.language,
                    origins=stated.origins,
                ),
            ),
        )
    )


def _stated(package: Any) -> Byline:
    def words(name: str) -> list[str]:
        return [text for element in package.iter(f"{{*}}{name}") if (text := (element.text or "").strip())]

    fields = {
        "outlet": next(iter(words("publisher")), ""),
        "published": next(iter(words("date")), ""),
        "author": words("creator"),
        "language": next(iter(words("language")), ""),
    }
    return read_byline({name: value for name, value in fields.items() if value}, origin="EPUB metadata")


def _bytes(archive: zipfile.ZipFile, path: str) -> bytes:
    with archive.open(path) as file:
        data = file.read(MAX_SIZE + 1)
    if len(data) > MAX_SIZE:
        raise BylineError(f"unpacks to more than {MAX_SIZE // 1_000_000} MB; no article does")
    return data
