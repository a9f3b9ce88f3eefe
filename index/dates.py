"""Dates as articles print them, to ISO 8601; what is ambiguous or incomplete is no date."""

import re
from datetime import date, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = r"(?:,?\s+(?:at\s+)?\d{1,2}[:.]\d{2}.{0,20})?"  # read over: its time zone is seldom a number
_WRITTEN = [
    re.compile(rf"{_WEEKDAY}{order},?\s+(?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE)
    for order in (rf"{_MONTH}\s+{_DAY}", rf"{_DAY}\s+{_MONTH}")
]
_NUMERIC = re.compile(r"(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})")
_RFC_2822 = re.compile(r".*\d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC?)")
_LONGEST = 80  # characters: “Wednesday, September 17th, 2014, at 10:30 a.m. Eastern time”, and some
_FIRST_YEAR = 1600  # the first newspaper is of 1605; year 1 is what software writes for “no date”


def parse_date(text: str) -> str | None:
    """Return an ISO 8601 date, or date and time where it is given in numbers; None where unclear.

    `09/10/2014` is None, for it may be September or October; `2014-09` and `Monday` are None, too.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        if re.match(r"\d{4}[-/]\d\d[-/]\d\d", text):
            return _iso(text)
        if _RFC_2822.fullmatch(text):
            from email.utils import parsedate_to_datetime  # brings in half of `email`

            return _checked(parsedate_to_datetime(text))
        return _numeric(text) or _written(text)
    except (ValueError, OverflowError):  # a 31 February, a 25 o'clock
        return None


def _iso(text: str) -> str | None:
    text = text[:10].replace("/", "-") + re.sub(r"\s*(?:Z|UTC|GMT)$", "+00:00", text[10:])
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", text)
    return _checked(date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text))


def _numeric(text: str) -> str | None:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if match["mark"] == "." or first == second or first > 12:
        return _checked(date(year, second, first))
    return _checked(date(year, first, second)) if second > 12 else None


def _written(text: str) -> str | None:
    for pattern in _WRITTEN:
        if match := pattern.fullmatch(text):
            month = _MONTHS.index(match["month"][:3].lower()) + 1
            return _checked(date(int(match["year"]), month, int(match["day"])))
    return None


def _checked(value: date) -> str | None:
    return value.isoformat() if value.year >= _FIRST_YEAR else None
