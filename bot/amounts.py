"""Amounts in a text, and whether one statement's amount is what another text says: figures, words, shares, times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.lexical import terms

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_NUMERAL: dict[str, float] = {word: n for n, word in enumerate((_ONES + " seventeen eighteen nineteen").split())}
_NUMERAL |= {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ORDINAL = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
_SCALE = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SCALE |= {"m": 1e6, "bn": 1e9, "tn": 1e12, "k": 1e3, "mn": 1e6, "lakh": 1e5, "crore": 1e7, "score": 20.0}
_PART = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    word + end: n for word, n in _ORDINAL.items() if 2 < n <= 10 for end in ("", "s")
}
_HOURS = {
    **dict.fromkeys(("second", "seconds"), 1 / 3600),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 1 / 60),
    **dict.fromkeys(("hour", "hours", "hourly", "hr", "hrs"), 1.0),
    **dict.fromkeys(("day", "days", "daily", "overnight"), 24.0),
    **dict.fromkeys(("night", "nights", "nightly"), 24.0),
    **dict.fromkeys(("week", "weeks", "weekly"), 168.0),
    **dict.fromkeys(("fortnight", "fortnights", "fortnightly"), 336.0),
    **dict.fromkeys(("month", "months", "monthly"), 730.0),
    **dict.fromkeys(("year", "years", "yearly", "annual", "annually"), 8766.0),
    **dict.fromkeys(("decade", "decades"), 87660.0),
    **dict.fromkeys(("century", "centuries"), 876600.0),
}
_RATES = frozenset("hourly daily nightly weekly fortnightly monthly yearly annual annually".split())
_SHARE = frozenset(("percent", "pct", "%"))
_MONEY = {"$": "dollar", "£": "pound", "€": "euro", "₹": "rupee", "¥": "yen"} | {
    word + end: word
    for word in "dollar pound euro rupee yen crown franc dinar ruble rouble peso shilling krone krona lira".split()
    for end in ("", "s")
}
_CURRENCIES = frozenset(_MONEY.values())
_OVER = frozenset("over above exceeding exceeded exceeds least beyond minimum upwards topped passed past plus".split())
_UNDER = frozenset("under below nearly almost barely scarcely short most maximum hardly within".split())
_ABOUT = frozenset("about around roughly approximately some circa estimated approaching close odd or".split())
_TIMES = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "doubling": 2.0, "triple": 3.0, "tripled": 3.0, "trebled": 3.0}
_TIMES |= {"halved": 0.5, "halve": 0.5, "halving": 0.5, "quadrupled": 4.0, "treble": 3.0, "threefold": 3.0}
_TIMES |= {"tenfold": 10.0, "twofold": 2.0, "fourfold": 4.0}
_COUNTS = {"pair": 2.0, "couple": 2.0, "both": 2.0}

_TOKEN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[^\W\d_]+(?:['.][^\W\d_]+)*|[$£€₹¥%]|[-–—]|[.,;:!?()\"]")
_LARGE = 1.5  # “more than 30” may be 45, not 64
_LITTLE = 0.6  # “nearly 100” may be 60
_VAGUE = 0.12  # “about 100” may be 112
_CALENDAR = range(1100, 2101)


class Amount(NamedTuple):
    """One amount: its value, what it is measured in, how exactly it is said, and the thing that it counts."""

    value: float
    unit: str = ""  # hours, share (of one), year, a currency, times, rank; "" for a plain number
    bound: str = ""  # over, under, about
    noun: str = ""  # the last term of the words right behind it
    said: str = ""  # the words themselves, folded
    bare: float = 0.0  # the number alone: 18 of “18 months”

    @property
    def is_free(self) -> bool:
        """Tell whether it may be grammar rather than a figure: one of them, the first, a day, two."""
        return (
            self.unit in ("", "rank") and self.value in (1.0, 2.0, -1.0) and not self.said[:1].isdigit()
        ) or self.said in _LOOSE


_LOOSE = frozenset(("a day", "a night", "a week", "a month", "a year", "an hour", "a minute", "a second", "a decade"))
_LOOSE |= frozenset(("one day", "one night", "double", "twice", "pair", "couple", "both", "overnight", "the year"))
_LOOSE |= _RATES | frozenset(("a century", "past decade"))


@lru_cache(8_000)
def amounts(text: str) -> tuple[Amount, ...]:
    """Return the amounts of `text` in order; both ends of a range have the range's unit."""
    found = list(_parse(_tokens(text)))
    for i in range(len(found) - 1, 0, -1):
        (end, one), (begin, before) = found[i], found[i - 1]
        joined = end[2] and not before.unit and one.unit not in ("", "rank", "year")
        if joined and one.bare:  # as in 20 to 30 percent
            value = before.value * one.value / one.bare
            found[i - 1] = (begin, before._replace(value=value, unit=one.unit, noun=before.noun or one.noun))
    return tuple(one for _, one in found)


def of_all(texts: Iterable[str]) -> tuple[Amount, ...]:
    """Return the amounts of several texts in order."""
    return tuple(one for text in texts for one in amounts(text))


def _tokens(text: str) -> list[str]:
    plain = re.sub(r"(?<=\d):(?=\d\d\b)", ".", text.replace("’", "'"))
    plain = re.sub(r"\bper cent\b", "percent", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<=[A-Za-z])[-–](?=[A-Za-z])|(?<=\d)-(?=[A-Za-z])", " ", plain)
    return [re.sub(r"'s$", "", token) for token in _TOKEN.findall(plain.lower())]


def _parse(tokens: list[str]) -> Iterator[tuple[tuple[int, int, bool], Amount]]:
    at, last = 0, -9
    while at < len(tokens):
        read = _number(tokens, at) or _fraction(tokens, at) or _single(tokens, at)
        if not read:
            at += 1
            continue
        bare, unit, end = read
        unit, end, value = _measure(tokens, at, end, bare, unit)
        bound = _bound(tokens, at, end)
        said = " ".join(tokens[at:end])
        joined = last == at - 1 and tokens[at - 1] in ("to", "and", "or", "-", "–", "—")
        joined = joined or (last == at - 2 and tokens[at - 1] in _MONEY and tokens[at - 2] in ("to", "and", "-", "–"))
        yield (at, end, joined), Amount(value, unit, bound, _noun(tokens, end), said, bare)
        at, last = end, end


def _number(tokens: list[str], at: int) -> tuple[float, str, int] | None:
    """Read figures or number words with their scales; None where there are none."""
    end, total, part, seen = at, 0.0, 0.0, False
    while end < len(tokens):
        token = tokens[end]
        if token[0].isdigit():
            if seen:
                break
            part, seen = float(token.replace(",", "").rstrip(".") or 0), True
            if end + 1 < len(tokens) and tokens[end + 1] in ("st", "nd", "rd", "th") and part < 400:
                return part, "rank", end + 2
            if end + 1 < len(tokens) and tokens[end + 1] == "s":  # the 1990s
                return part, "years", end + 2
        elif token in _NUMERAL and not (seen and part % 10 == 0 and part < 20):
            if seen and not (part % 10 == 0 and part % 100 and _NUMERAL[token] < 10) and part % 100:
                break
            part, seen = part + _NUMERAL[token], True
        elif token in _ORDINAL and _ORDINAL[token] < 10 and seen and part % 10 == 0 and 20 <= part % 100 <= 90:
            return total + part + _ORDINAL[token], "rank", end + 1
        elif token in _SCALE and (seen or (end and tokens[end - 1] in ("a", "several", "half"))):
            if token in ("m", "k") and not tokens[end - 1][0].isdigit():
                break
            part = (part if seen else 0.5 if tokens[end - 1] == "half" else 1.0) * _SCALE[token]
            seen = True
            if _SCALE[token] >= 1e3:
                total, part = total + part, 0.0
        elif token == "and" and seen and end + 1 < len(tokens) and (total + part) % 100 == 0 and total + part:
            if tokens[end + 1] not in _NUMERAL:
                break
        else:
            break
        end += 1
    if not seen:
        return None
    value = total + part
    if tokens[end : end + 3] == ["and", "a", "half"]:
        return value + 0.5, "", end + 3
    whole = value in _CALENDAR and tokens[at].isdigit() and len(tokens[at]) == 4 and end == at + 1
    return _of(tokens, at, end, value) or (value, "year" if whole else "", end)


def _of(tokens: list[str], at: int, end: int, value: float) -> tuple[float, str, int] | None:
    """Read “two thirds”, “three in five”, “nine out of ten”."""
    part = tokens[end] if end < len(tokens) else ""
    if part in _PART and value < 10 and (value == 1 or part.endswith("s")):
        return value / _PART[part], "share", end + 1
    for joint in (["in"], ["out", "of"], ["of", "every"], ["in", "every"]):
        if tokens[end : end + len(joint)] == joint and value < 100:
            return _share(value, tokens, end + len(joint))
    if tokens[end + 1 : end + 2] == ["in"] and value < 10:  # one family in three
        return _share(value, tokens, end + 2)
    return None


def _share(value: float, tokens: list[str], at: int) -> tuple[float, str, int] | None:
    """Read the whole of which `value` are a part; a stretch of time is none: three times in four years."""
    if at >= len(tokens) or not (tokens[at] in _NUMERAL or tokens[at].isdigit()):
        return None
    whole, end = float(_NUMERAL[tokens[at]] if tokens[at] in _NUMERAL else tokens[at]), at + 1
    if end < len(tokens) and whole >= 20 and whole % 10 == 0 and 0 < _NUMERAL.get(tokens[end], 0) < 10:
        whole, end = whole + _NUMERAL[tokens[end]], end + 1
    timed = tokens[end : end + 1] and tokens[end] in _HOURS
    return (value / whole, "share", end) if value < whole <= 100 and not timed else None


def _fraction(tokens: list[str], at: int) -> tuple[float, str, int] | None:
    token, before = tokens[at], tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    if token == "half":
        if after in _SCALE:
            return None
        if after in ("a", "an") and at + 2 < len(tokens) and tokens[at + 2] in _HOURS:
            return 0.5 * _HOURS[tokens[at + 2]], "hours", at + 3
        if after in ("a", "an") and at + 2 < len(tokens) and tokens[at + 2] in _SCALE:
            return 0.5 * _SCALE[tokens[at + 2]], "", at + 3
        if after in _HOURS and before in ("a", "the", "that", "this", "first", "second", ""):
            return 0.5 * _HOURS[after], "hours", at + 2
        return None if before in ("first", "second") else (0.5, "share", at + 1)
    if token in _PART and before in ("a", "one") and after in ("of", "more", "less", "fewer", "off", "higher", "lower"):
        return 1 / _PART[token], "share", at + 1
    if token in _PART and before in ("a", "one", "by") and token not in ("quarter", "quarters"):
        return 1 / _PART[token], "share", at + 1
    return None


def _single(tokens: list[str], at: int) -> tuple[float, str, int] | None:
    token, before = tokens[at], tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    if token in _ORDINAL and not (token == "second" and before in ("a", "per", "every")):
        return float(_ORDINAL[token]), "rank", at + 1
    if token == "last" and after not in _HOURS:
        return -1.0, "rank", at + 1
    if token in _TIMES or token in _COUNTS:
        return _TIMES.get(token) or _COUNTS[token], "times" if token in _TIMES else "", at + 1
    if token in _RATES or token in ("fortnight", "overnight"):
        return _HOURS[token], "hours", at + 1
    if token in ("a", "an", "one", "per", "every", "each") and after in _HOURS:
        half = tokens[at + 2 : at + 5] == ["and", "a", "half"]  # a year and a half
        return (1.5 if half else 1.0) * _HOURS[after], "hours", at + 5 if half else at + 2
    return None


def _measure(tokens: list[str], at: int, end: int, value: float, unit: str) -> tuple[str, int, float]:
    """Return the unit behind or before a number, the end of it, and the value in that unit."""
    after = tokens[end] if end < len(tokens) else ""
    if unit == "share" and tokens[end : end + 2] in (["of", "a"], ["of", "an"]) and end + 2 < len(tokens):
        if tokens[end + 2] in _HOURS:  # a quarter of a century
            return "hours", end + 3, value * _HOURS[tokens[end + 2]]
        if tokens[end + 2] in _SCALE:
            return "", end + 3, value * _SCALE[tokens[end + 2]]
    if unit in ("share", "hours", "times", "rank", "years"):
        return unit, end, value
    if after in _SHARE:
        return "share", end + 1, value / 100
    if after in ("times", "occasions", "fold"):
        return "times", end + 1, value
    skip = end + 1 if after in ("more", "long", "full", "whole", "consecutive", "further", "straight") else end
    if tokens[end : end + 2] in (["year", "old"], ["years", "old"]) and unit != "year":
        return "", end + 2, value  # an age, which is also said without the years
    if skip < len(tokens) and tokens[skip] in _HOURS and tokens[skip] not in _RATES and unit != "year":
        return "hours", skip + 1, value * _HOURS[tokens[skip]]
    if at and tokens[at - 1] in _MONEY:
        return _MONEY[tokens[at - 1]], end, value
    for near in (end, end + 1):
        if near < len(tokens) and tokens[near] in _MONEY and unit != "year":
            return _MONEY[tokens[near]], near + 1 if near == end else end, value
    return unit, end, value


def _bound(tokens: list[str], at: int, end: int) -> str:
    start = at - 1 if at and tokens[at - 1] in _MONEY else at
    while start and tokens[start - 1] in ("a", "an", "the"):
        start -= 1
    before, after = tokens[max(0, start - 3) : start], tokens[end : end + 3]
    joined = " ".join(before)
    if re.search(
        r"\b(?:more than|greater than|not less than|no fewer than|no less than|at least|a little over)$", joined
    ):
        return "over"
    if re.search(
        r"\b(?:(?:less|fewer|lower|shorter) than|no more than|not more than|at most|up to|as many as)$", joined
    ):
        return "under"
    if after[:2] == ["or", "more"] or after[:2] == ["or", "longer"] or after[:1] == ["plus"]:
        return "over"
    if after[:2] == ["or", "so"]:
        return "about"
    last = before[-1] if before else ""
    bound = "over" if last in _OVER else "under" if last in _UNDER else "about" if last in _ABOUT - {"or"} else ""
    if not bound and tokens[end : end + 2] in (["short", "of"],):
        return "under"
    return bound


_STOP = frozenset(
    "of in on at to from by for with and or but that which who was were is are be been had has have the a an it its "
    "his her their after before during since until while as than when per each more less fewer ago later earlier into "
    "over out will would could may said must be can should".split()
)


def _noun(tokens: list[str], end: int) -> str:
    """Return the last of the words right behind a number, at most three, as a search term."""
    held = ""
    for token in tokens[end : end + 3]:
        if token in _STOP or not token[0].isalpha() or token in _NUMERAL or token.endswith(("ed", "ly")):
            break
        found = terms(token)
        if not found:
            break
        held = found[0]
    return held


def agrees(wanted: Amount, there: Amount, *, exactly: bool = False) -> bool:
    """Tell whether `there` is what `wanted` says: the same, or within what “more than” and “about” allow.

    `exactly` asks for the value itself, in whatever unit of time.
    """
    if {wanted.unit, there.unit} == {"rank", "hours"}:  # on the sixth day, for six days
        return wanted.bare == there.bare and {wanted.noun, there.noun} >= {_base(wanted), _base(there)} & _UNITS
    if not _comparable(wanted, there):
        return _is_short(wanted, there) and wanted.bare == there.bare
    value, other = wanted.value, there.value
    if abs(value - other) <= 1e-6 * max(abs(value), 1.0) or (wanted.unit == "share" and abs(value - other) < 0.006):
        return True
    if wanted.unit == "hours" and _base(wanted) != _base(there) and abs(value - other) <= 0.09 * value:
        return True  # four weeks are a month, 30 days too
    return not exactly and _within(value, other, wanted.bound, there.bound)


def _within(value: float, other: float, bound: str, other_bound: str = "") -> bool:
    if value <= 0 or other <= 0:
        return False
    if bound == "over":
        return value <= other <= _LARGE * value
    if bound == "under":
        return _LITTLE * value <= other <= value
    return "about" in (bound, other_bound) and abs(value - other) <= _VAGUE * value


_UNITS = frozenset("minute hour day night week month year decade".split())


def _base(one: Amount) -> str:
    return one.said.split()[-1].rstrip("s") if one.said else ""


def _comparable(wanted: Amount, there: Amount) -> bool:
    one, other = wanted.unit, there.unit
    if {one, other} == {"times", "rank"}:  # three times, for the third time
        return "time" in (wanted.noun, there.noun)
    return one == other or {one, other} <= {"", "rank"} or ("" in (one, other) and bool({one, other} & _CURRENCIES))


def _is_short(wanted: Amount, there: Amount) -> bool:
    """Tell whether one of two says only the number, and leaves what it measures to its neighbours."""
    short, long = (wanted, there) if not wanted.unit else (there, wanted)
    return not short.unit and not short.noun and long.unit in ("hours", "share") and not long.is_free


def unmatched(wanted: Iterable[Amount], near: Sequence[Amount], far: Sequence[Amount] = ()) -> list[Amount]:
    """Return those of `wanted` that are neither near, as exactly as they are said, nor far, exactly.

    A share that nobody states may follow from two numbers that stand near: fewer than half of 120 seats.
    """
    return [
        one
        for one in wanted
        if not any(agrees(one, other) for other in near)
        and not any(agrees(one, other, exactly=True) for other in far)
        and not _follows(one, near)
    ]


def _follows(wanted: Amount, near: Sequence[Amount]) -> bool:
    if wanted.unit != "share" or any(one.unit == "share" for one in near):
        return False
    pairs = ((one, other) for one in near for other in near if one.value < other.value and one.unit == other.unit)
    ratios = [one.value / other.value for one, other in pairs if one.unit not in ("rank", "year")]
    return any(abs(r - wanted.value) < 0.01 or _within(wanted.value, r, wanted.bound) for r in ratios)


def exchanged(wanted: Iterable[Amount], there: Iterable[Amount]) -> list[Amount]:
    """Return those of `wanted` that count something of which `there` has another number: 143 people, not eleven."""
    counted = [one for one in there if one.noun]
    short = [one for one in there if not one.noun and not one.is_free]
    return [
        one
        for one in wanted
        if (same := [other for other in counted if other.noun == one.noun and _comparable(one, other)])
        and not any(agrees(one, other) for other in (*same, *short))
    ]


def since(there: Iterable[Amount], published: int) -> list[Amount]:
    """Return the stretches of time from the years in `there` to the year `published`."""
    return [
        Amount(years * _HOURS["year"], "hours", "about", "", f"{years} years", years)
        for one in there
        if one.unit == "year" and 0 < (years := published - int(one.value)) < 1000
    ]
