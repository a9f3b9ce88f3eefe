"""The figures of a sentence that can be held against another's: counts, sums, shares, ages, days, and some names.

English only, and shy: what is not surely understood is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.claims import names
from index.passages import Span

Range = tuple[float, float]  # both ends belong to it

WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
)

# Nouns that count the same: a line has the words of one.
_SAME = """
people person persons
nation nations country countries state states
militant militants fighter fighters insurgent insurgents extremist extremists jihadist jihadists gunman gunmen
soldier soldiers troop troops
officer officers policeman policemen
strike strikes airstrike airstrikes
jet jets warplane warplanes plane planes aircraft
job jobs post posts position positions
kid kids child children
"""
NOUNS = {word: line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()}
NOUNS |= dict.fromkeys("dead deaths fatalities wounded injured injuries casualties victims lives".split(), "people")
_PLURALS = frozenset("people men women children police troops dead wounded injured aircraft sheep staff".split())
_TIMES = frozenset("second minute hour day night week month year decade century".split())
_NO_NOUNS = frozenset(
    "was is has does says this its his us thus less unless across towards perhaps always as and or of in on at to from "
    "by with for were are have had been will would could that who which when while where after before since than the "
    "a an it they he she we but not".split()
)

_DIGITS = r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SPELLED = (
    rf"(?P<spelled>\b(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join([*_TEENS, *_ONES])}|a dozen)\b)"
)
_VALUES = {word: n for n, word in enumerate([*_ONES, *_TEENS], 1)} | {"a dozen": 12}
_VALUES |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "bn": 1e9}
_MONEY = {"$": "$", "us$": "$", "€": "€", "£": "£", "dollars": "$", "euros": "€", "pounds": "£"}

# How a number is hedged, and which share of it that leaves open. Twice as many is no longer “more than”.
_HEDGES = {
    "about|around|roughly|approximately|some|an estimated|estimated": (0.9, 1.1),
    "nearly|almost|close to|just under": (0.9, 1.0),
    "more than|over|at least|upwards? of|no (?:fewer|less) than|just over|well over|in excess of": (1.0, 2.0),
    "fewer than|less than|under|up to|as (?:many|much) as|no more than|at most": (0.5, 1.0),
}
_NUMBER = re.compile(
    rf"(?:\b(?P<hedge>{'|'.join(_HEDGES)})\s+)?(?P<money>US\$|[$€£])?(?:(?<![\w.,:/-]){_DIGITS}|{_SPELLED})"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|bn|m)\b)?(?![\w:/–]|[.,]\d|-\d)",
    re.IGNORECASE,
)
# A number behind these, or before those, is part of another, one of a range, or no count at all.
_BEFORE = re.compile(
    r"(?:\b(?:of the|another|other|additional|further|extra|including|among|first|last|next|past|final|previous|every|"
    r"each|all|"
    r"between|between\s+\S+\s+and|within|No\.|\d\S*\s+(?:\w+\s+)?(?:to|or))|#)\s+"
    r"(?:the\s+|the\s+(?:first|last|next|past)\s+)?$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b[A-Z][\w.’'-]*\s+$")  # Flight 17, Resolution 2170
_BEHIND = re.compile(
    r"\s*(?:(?:more|others?|additional|further)\b|(?:to|or|and)\s+[$€£]?\d|[ap]\.?m\b|o['’]clock|times\b|-?fold\b|"
    r"of\s+(?:the|them|those|these|its|his|her|their|us|whom|which)\b)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"1\d{3}|20\d\d")
_PASSED = re.compile(r"\s+(?:ago|later|earlier|before|after|old|long|away)\b")
_SHARE = re.compile(r"\s?%|\s?per ?cent\b")
_OF_WHOLE = re.compile(r"\s+of\s+(?:the\s+|all\s+)?([^\W\d_]+)\b")
_PER = re.compile(r"\s+(?:an?|per|each|every)\s+(second|minute|hour|day|night|week|month|year)\b")
_WORD = re.compile(r"[\s-]+([^\W\d_]+(?:['’-][^\W\d_]+)*)")
_AGE = re.compile(
    r"(?P<before>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*),\s+(?:aged?\s+)?(?P<age>\d{1,3})(?=[,.;]|\s+(?:of|from)\b)"
    r"|(?P<old>\d{1,3})-year-old,?\s+(?:[a-z-]+\s+){0,4}(?P<behind>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*)"
)
_DAY = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})\s+(?P<m1>{MONTH})\b\.?|(?P<m2>{MONTH})\b\.?\s+(?P<d2>\d{{1,2}})\b(?!,\d))(?:,?\s+(?P<y1>[12]\d{{3}})\b)?"
    rf"|\bin\s+(?P<m5>{MONTH})\b(?!\.?,?\s+\d)|\b(?P<m3>{MONTH})\b\.?,?\s+(?P<y3>[12]\d{{3}})\b|\b(?P<weekday>{'|'.join(WEEKDAYS)})\b"
    r"|\b(?:in|since)\s+(?P<y4>(?:1[5-9]|20)\d\d)\b(?!,\d|\s+[a-z]+s\b)"
)
_FULL_NAME = r"[A-Z][\w’'-]+(?:\s+(?:[A-Z]\.\s+|(?:al|bin|de|von|van|der)[\s-])?[A-Z][\w’'-]+)+"
_ROLE = re.compile(
    r"\b(?P<deed>identified|named|(?:killed|shot|murdered|won|led|founded|succeeded|replaced|beaten|written|directed)"
    rf"(?=\s+by))\s+(?:\w+\s+){{0,8}}?(?:as|by)\s+(?P<name>{_FULL_NAME})"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one figure says: two of one `kind` can be compared, and differ where nothing suits both."""

    kind: str
    span: Span  # of its words in the sentence
    ranges: tuple[Range, ...] = ()
    names: frozenset[str] = frozenset()  # instead of ranges


def find_figures(sentence: str, published: str | None = None) -> list[Figure]:
    """Return the figures of a sentence; weekdays and days without a year need the day on which it was published."""
    found = [*_days(sentence, day_of(published)), *_ages(sentence), *_roles(sentence)]
    counts = (one for one in _counts(sentence) if not any(_overlap(one.span, other.span) for other in found))
    return [*found, *counts]


def agree(one: Figure, other: Figure) -> bool:
    """Tell whether something suits both: “about 30” and 28, “more than 12” and 15."""
    if one.names:
        return bool(one.names & other.names)
    return any(a <= d and c <= b for a, b in one.ranges for c, d in other.ranges)


def day_of(published: str | None) -> date | None:
    """Return the day of an ISO 8601 date or time; None where there is none."""
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def _counts(sentence: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(sentence):
        before, behind = sentence[: match.start()], sentence[match.end() :]
        named = _NAMED.search(before) and before.strip() and not match["hedge"] and not match["money"]
        if _BEFORE.search(before) or _BEHIND.match(behind) or named or _YEAR.fullmatch(match[0]):
            continue
        if measured := _measure(match, before, behind):
            kind, length = measured
            yield Figure(kind, (match.start(), match.end() + length), (_range(match),))


def _measure(match: re.Match[str], before: str, behind: str) -> tuple[str, int] | None:
    """Return what a number counts, and how many characters behind it say so; None for what cannot be compared."""
    if share := _SHARE.match(behind):
        whole = _OF_WHOLE.match(behind, share.end())
        return (f"% of {_singular(whole[1].lower())}", whole.end()) if whole else ("%", share.end())
    noun, length = _noun(behind)
    if match["money"] or noun in _MONEY:
        length = 0 if match["money"] else length
        kind = _MONEY[(match["money"] or noun).lower()]
    elif noun in _TIMES and (_PASSED.match(behind[length:]) or re.search(r"\b(?:in|after|than)\s+$", before)):
        return None
    elif noun:
        kind = noun
    elif _may_be_people(match):
        return "people", 0
    else:
        return None
    per = _PER.match(behind[length:])
    return (f"{kind} a {per[1]}", length + per.end()) if per else (kind, length)


def _noun(behind: str) -> tuple[str, int]:
    """Return the plural behind a number under the first of its like, past two modifiers, and where it ends."""
    at = 0
    for _ in range(3):
        word = _WORD.match(behind, at)
        if word is None or word[1].lower() in _NO_NOUNS:
            break
        at, said = word.end(), word[1].lower()
        if said in _MONEY:
            return said, at
        if said in _PLURALS or (said.endswith("s") and not said.endswith(("ss", "us", "is", "'s", "’s"))):
            return NOUNS.get(said, _singular(said)), at
    return "", 0


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _may_be_people(match: re.Match[str]) -> bool:
    """Tell whether a number may stand for people by itself, as in “killed 12”: never a year, nor a lone “one”."""
    said = (match["digits"] or match["spelled"]).lower()
    return not match["scale"] and said not in ("one", "two") and "." not in said


def _range(match: re.Match[str]) -> Range:
    """Return the values that a number leaves open: what its hedge does, or to what it seems to be rounded."""
    value, unit = _value(match)
    if match["hedge"]:
        low, high = next(
            share for words, share in _HEDGES.items() if re.fullmatch(words, match["hedge"], re.IGNORECASE)
        )
        return value * low, value * high
    slack = min(unit / 2, value / 10)
    return value - slack, value + slack


def _value(match: re.Match[str]) -> tuple[float, float]:
    """Return a number's value and the unit to which it is rounded, 0 for none: 3.2 million to 0.1 million."""
    scale = _SCALES.get((match["scale"] or "").lower(), 1.0)
    if match["spelled"]:
        said = match["spelled"].lower()
        spelled = _VALUES.get(said) or sum(_VALUES[part] for part in re.split("[- ]", said))
        return spelled * scale, scale if scale > 1 else 0.0
    plain = match["digits"].replace(",", "")
    decimals = len(plain.partition(".")[2])
    value = float(plain) * scale
    if scale > 1 or decimals:
        return value, scale / 10**decimals
    return value, 10.0 ** (len(plain) - len(plain.rstrip("0"))) if value >= 1000 else 0.0


def _ages(sentence: str) -> Iterator[Figure]:
    for match in _AGE.finditer(sentence):
        age = float(match["age"] or match["old"])
        whose = (match["before"] or match["behind"]).lower().removesuffix("’s")
        yield Figure(f"age of {whose}", match.span("age" if match["age"] else "old"), ((age, age),))


def _roles(sentence: str) -> Iterator[Figure]:
    """Yield full names in frames that one alone can fill: identified as, killed by."""
    for match in _ROLE.finditer(sentence):
        who = frozenset(part for name in names(f"x {match['name']}") for part in name.split("-"))
        deed = match["deed"].replace("named", "identified")
        yield Figure(f"who {deed}", match.span("name"), names=who)


def _days(sentence: str, published: date | None) -> Iterator[Figure]:
    for match in _DAY.finditer(sentence):
        if ranges := _day_ranges(match, published):
            yield Figure("when", match.span(), ranges)


def _day_ranges(match: re.Match[str], published: date | None) -> tuple[Range, ...]:
    """Return the days that are meant, as ordinals; a weekday is the last or the next of its name."""
    if match["y4"]:
        return (_between(date(int(match["y4"]), 1, 1), date(int(match["y4"]), 12, 31)),)
    if match["weekday"]:
        if published is None:
            return ()
        last = published - timedelta((published.weekday() - WEEKDAYS.index(match["weekday"])) % 7)
        return tuple(_between(day, day) for day in (last, last + timedelta(7)))
    month = _MONTHS.index((match["m1"] or match["m2"] or match["m3"] or match["m5"])[:3]) + 1
    year = int(match["y1"] or match["y3"] or (published.year if published else 0))
    try:
        if match["m5"]:
            return _month(year - 1, month), _month(year, month)
        if match["y3"]:
            return (_month(year, month),)
        day = date(year, month, int(match["d1"] or match["d2"]))
    except ValueError:  # no year is known, or there is no such day
        return ()
    return (_between(day, day),)


def _month(year: int, month: int) -> Range:
    return _between(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(1))


def _between(first: date, last: date) -> Range:
    return float(first.toordinal()), float(last.toordinal())


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
