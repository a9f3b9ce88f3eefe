"""Plain text: the header lines, headline, byline and date above an article, and lines broken by width."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from index.bylines import Byline, complete, field_name, read_byline, split_authors
from index.dates import parse_date

_HEADER = re.compile(r"([A-Za-z][A-Za-z _-]{0,20}):\s+(\S.*)")
_HEADER_NAMES = {
    *("title", "headline", "outlet", "source", "publisher", "publication", "newspaper"),
    *("date", "published", "author", "authors", "by", "byline", "url", "link", "section", "language"),
}
_CREDITED = ("outlet", "published", "authors")
_HEADLINE_LENGTH = 120  # characters at most
_CREDIT_LENGTH = 200  # characters at most
_BROKEN_WIDTH = 100  # a text whose lines are all shorter may have been broken by width
_PARTICLES = frozenset(["al", "bin", "da", "de", "del", "der", "di", "dos", "du", "el", "la", "van", "von"])
_ROLE = re.compile(r"(?:senior |chief |staff )*(?:writer|reporter|correspondent|editor)s?", re.IGNORECASE)
_AGENCIES = {
    **{name: name for name in ("AAP", "AFP", "ANI", "ANSA", "AP", "CNN", "dpa", "EFE", "PTI", "TASS", "UPI")},
    **{name: name for name in ("Bloomberg", "Interfax", "ITAR-TASS", "Kyodo", "Reuters", "Xinhua", "Yonhap")},
    **{"Agence France-Presse": "AFP", "Associated Press": "AP", "The Associated Press": "AP", "DPA": "dpa"},
    **{"RIA Novosti": "RIA Novosti", "Thomson Reuters": "Reuters", "United Press International": "UPI"},
}
_DATELINE = re.compile(r"[^()\n]{0,60}\(([A-Za-z -]{2,30})\)\s*(?:[—–_]|--?)\s")


def read_plain(text: str) -> tuple[str, Byline]:
    """Return the body and the byline of a plain text.

    A first line is a headline only where it is short, ends as no sentence does, and stands above longer text.
    The headline and the lines that were read leave the body: they are shown as the article's byline, and a
    sentence quoted from the body never runs into them.
    """
    body, byline = _take_headers(text.strip())
    if byline.title is None:
        body, byline = _take_headline(body, byline)
    body, byline = take_credits(body, byline)
    return _unbroken(body), byline


def take_credits(body: str, byline: Byline) -> tuple[str, Byline]:
    """Move leading lines like `By Ann Roe` and `15 September 2014` from a body into its byline."""
    while credit := _credit(body.partition("\n")[0]):
        if (credit.authors and byline.authors) or (credit.published and byline.published):
            break
        byline = complete(byline, replace(credit, origins=dict.fromkeys(_CREDITED, "byline line")))
        body = body.partition("\n")[2].lstrip()
    return body, byline


def dateline_outlet(body: str) -> str | None:
    """Return the agency of a leading `PARIS (AP) — `, None without one."""
    match = _DATELINE.match(body)
    return _AGENCIES.get(match[1]) if match else None


def _take_headers(text: str) -> tuple[str, Byline]:
    """Take `Title: …`, `Outlet: …` lines off the top; a single one counts only above a blank line."""
    lines = text.split("\n")
    fields = list(_headers(lines))
    rest = lines[len(fields) :]
    if len(fields) == 1 and rest and rest[0].strip():
        return text, Byline()
    named = dict(fields[::-1])  # of two alike the first counts
    return "\n".join(rest).strip(), read_byline(named, origin="header lines")


def _headers(lines: list[str]) -> Iterator[tuple[str, object]]:
    """Yield names and values of leading header lines; one that cannot be read (`Date: soon`) ends them."""
    for line in lines:
        name, value = _header(line)
        if read_byline({name: value}) == Byline():
            return
        yield name, value


def _header(line: str) -> tuple[str, str]:
    """Return name and value of a header line, both empty for any other line."""
    match = _HEADER.fullmatch(line.rstrip())
    name = field_name(match[1]) if match else ""
    return (name, match[2]) if match and name in _HEADER_NAMES else ("", "")


def _take_headline(body: str, byline: Byline) -> tuple[str, Byline]:
    line, _, rest = body.partition("\n")
    line, below = line.strip(), rest.partition("\n")[0].strip()
    looks_right = len(line) <= _HEADLINE_LENGTH and re.match(r"[\w“‘\"'«].*\s", line)
    stands_apart = not below or _credit(below)
    if not looks_right or not stands_apart or _ends_sentence(line) or _credit(line) or _header(line)[0]:
        return body, byline
    story = [paragraph for paragraph in _unbroken(rest).split("\n") if paragraph.strip()][:4]
    if any(len(paragraph) > len(line) and _ends_sentence(paragraph) for paragraph in story):
        headline = Byline(title=" ".join(line.split()), origins={"title": "headline"})
        return rest.strip(), complete(byline, headline)
    return body, byline


def _ends_sentence(line: str) -> bool:
    return line.rstrip("”’\"')] ").endswith((".", "!", "?", ":", ";", ",", "…"))


def _credit(line: str) -> Byline | None:
    """Read a line that is nothing but a byline, a date, or both with a bar between."""
    credit = Byline()
    if len(line) > _CREDIT_LENGTH:
        return None
    for part in re.split(r"\s+[|•·]\s+", line.strip()):
        published = parse_date(re.sub(r"^(?:published|posted)(?: on)?:?\s+", "", part, flags=re.IGNORECASE))
        signed = None if published else _signed(part)
        if not published and signed is None:
            return None
        credit = replace(signed or credit, published=published or credit.published)
    return credit


def _signed(text: str) -> Byline | None:
    """Read `By Ann Roe, Staff Writer` or `By The Associated Press`; None where a part is no name."""
    if not re.fullmatch(r"(?:By|BY|by)\s+.+", text):
        return None
    names = [name for name in split_authors(text) if not _ROLE.fullmatch(name)]
    agencies = [_AGENCIES[name] for name in names if name in _AGENCIES]
    people = tuple(name for name in names if name not in _AGENCIES)
    if not names or not all(map(_is_person, people)):
        return None
    return Byline(outlet=next(iter(agencies), None), authors=people)


def _is_person(name: str) -> bool:
    words = name.split()
    looks_right = 2 <= len(words) <= 5 and not re.search(r"[^\w\s.'’-]|\d", name)
    return looks_right and all(word[0].isupper() or word in _PARTICLES for word in words)


def _unbroken(body: str) -> str:
    """Join lines that were broken by width: a mail's or a wire's 72 columns, say.

    A break was made by width where the next line's first word had no room left. Only a text whose breaks are
    mostly of that kind, and mostly inside sentences, is touched: one paragraph a line, verses and lists stay.
    """
    lines = body.split("\n")
    width = max(map(len, lines))
    if width > _BROKEN_WIDTH:
        return body
    inner = [(a, b) for a, b in pairwise(lines) if a.strip() and b.strip()]
    full = sum(_full(a, b, width) for a, b in inner)
    between = sum(_ends_sentence(a) for a, _ in inner)
    if full < max(3, 0.8 * len(inner)) or between > len(inner) / 2:
        return body
    joints = [_joint(a, b, width) for a, b in pairwise(lines)]
    return "".join(line.strip() + joint for line, joint in zip(lines, [*joints, ""], strict=True))


def _full(line: str, below: str, width: int) -> bool:
    return len(line.rstrip()) + 1 + len(below.split()[0]) > width


def _joint(line: str, below: str, width: int) -> str:
    if not (line.strip() and below.strip() and _full(line, below, width)):
        return "\n"
    return "" if re.search(r"\w-$", line.rstrip()) else " "
