"""Dates in words: what “Monday” or “last month” means in an article of some day, and times that exclude each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_ISO = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATED = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})|({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?)\b", re.IGNORECASE
)
_RELATIVE = re.compile(
    r"\b(last|past|previous|this|current|next|coming|following) (week|month|year|spring|summer|autumn|winter)\b"
)
_SEASONS = {"spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1}
_WHEN = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1, "following": 1}

_KINDS = {  # times of one kind; a statement that names one where the passage names another is wrong
    "season": {
        "spring": "spring",
        "springtime": "spring",
        "summer": "summer",
        "midsummer": "summer",
        "autumn": "autumn",
        "winter": "winter",
        "midwinter": "winter",
    },
    "hour": {
        **dict.fromkeys(("morning", "mornings", "dawn", "sunrise", "a.m", "breakfast"), "morning"),
        **dict.fromkeys(("afternoon", "afternoons"), "afternoon"),
        **dict.fromkeys(("evening", "evenings", "dusk", "sunset", "night", "nights", "overnight", "midnight"), "night"),
    },
    "day": {"yesterday": "yesterday", "tomorrow": "tomorrow"},
}
_OF_KIND = {word: (kind, value) for kind, words in _KINDS.items() for word, value in words.items()}
_WORD = re.compile(r"[a-z]+(?:\.[a-z])?")


def published_in(byline: str) -> date | None:
    """Return the day that a byline names, the first of the month where it names none."""
    found = _ISO.search(byline)
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None
    except ValueError:
        return None


@lru_cache(4_000)
def spelled_out(text: str, published: date | None) -> str:
    """Return in words what dates `text` implies but does not say: its day, its weekdays, “last year”, “next month”."""
    if not published:
        return ""
    lower = text.lower()
    said = {published}
    for number, day in enumerate(_DAYS):
        if re.search(rf"\b{day}s?\b|\b{day[:3]}\.", text):
            back = (published.weekday() - number) % 7
            said |= {published - timedelta(back), published - timedelta(back - 7)}
    dated = _dated(text, published)
    words = [_DAYS[one.weekday()] for one in sorted({*said, *dated})]
    shifts = [(_WHEN.get(when, 0), unit) for when, unit in _RELATIVE.findall(lower)]
    if not re.search(rf"\b{_MONTH}(?!\w)", lower):
        words += [f"{one.day} {_MONTHS[one.month - 1]}" for one in sorted(said)]
        words += [_MONTHS[(published.month - 1 + shift) % 12] for shift, unit in shifts if unit == "month"]
    if not _YEAR.search(text):
        words += [str(published.year), *(str(published.year + shift) for shift, unit in shifts if unit == "year")]
    words += [_DAYS[(published.weekday() + shift) % 7] for day, shift in _BESIDE.items() if day in lower]
    return ", ".join(words)


_YEAR = re.compile(r"\b(?:1[1-9]|20)\d\d\b")
_BESIDE = {"yesterday": -1, "tomorrow": 1}


def _dated(text: str, published: date) -> list[date]:
    found = []
    for day, month, other, number in _DATED.findall(text):
        name = (month or other)[:3].title()
        index = next((n for n, one in enumerate(_MONTHS, 1) if one.startswith(name)), 0)
        try:
            found.append(date(published.year, index, int(day or number)))
        except ValueError:
            continue
    return found


@lru_cache(4_000)
def moments(text: str) -> frozenset[tuple[str, str]]:
    """Return the seasons, times of the day, and stretches of time before or after another that `text` names."""
    lower = text.lower()
    found = {_OF_KIND[word] for word in _WORD.findall(lower) if word in _OF_KIND}
    found |= {(f"shift {_WHEN.get(when, 0)}", unit) for when, unit in _RELATIVE.findall(lower) if unit in _SPANS}
    for unit, side in _APART.findall(lower):
        found |= {("apart", unit), (f"{unit} apart", "before" if side in ("before", "earlier", "ago") else "after")}
    return frozenset(found | {("of the", unit) for unit in _OF_THE.findall(lower)})


_SPANS = frozenset(("week", "month", "year"))
_APART = re.compile(r"\b(?:an?|the|one) (hour|day|week|month|year|decade) (before|after|later|earlier|ago)\b")
_OF_THE = re.compile(r"\b(?:start|end|beginning|middle|turn) of the (week|month|year|decade)\b")


def clash(statement: str, there: Iterable[str]) -> bool:
    """Tell whether a statement names a time of one kind where the sentences `there` name only others of that kind."""
    held = {moment for text in there for moment in moments(text)}
    kinds = {kind for kind, _ in held}
    return any(kind in kinds and (kind, value) not in held for kind, value in moments(statement))
