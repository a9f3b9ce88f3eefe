"""What can be compared in two texts without understanding them: numbers, names, quotations, negations, hedges."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from index.lexical import terms

Fact = str | float  # a name or a number

# Words that name one thing; a passage that has one has all of a line.
_SAME = """
us u.s usa u.s.a united-states america american americans washington
uk u.k united-kingdom britain british briton britons london
uae u.a.e united-arab-emirates emirates emirati emiratis
un u.n united-nations
eu e.u european-union
france french frenchman frenchmen
iran iranian iranians tehran
iraq iraqi iraqis baghdad
syria syrian syrians damascus
saudi saudis saudi-arabia riyadh
russia russian russians moscow kremlin
china chinese beijing
germany german germans berlin
spain spanish spaniards
denmark danish danes
poland polish poles
sweden swedish swedes
netherlands dutch
switzerland swiss
greece greek greeks
wales welsh
ireland irish
shiite shiites shia shi'ite
isis isil islamic-state daesh
"""
_GROUPS = {word: line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()}
_JOINED = {word.replace("-", ""): group for word, group in _GROUPS.items()}
_PHRASE = re.compile(
    r"\b(?:" + "|".join(word.replace("-", r"[\s-]+") for word in _GROUPS if "-" in word) + r")\b", re.IGNORECASE
)

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS: dict[str, float] = {word: n for n, word in enumerate((_UNITS + " seventeen eighteen nineteen").split())}
_WORDS |= {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_WORDS |= {word: n for n, word in enumerate(_ORDINALS.split(), 2)}
_WORDS |= {"pair": 2, "twice": 2, "half": 0.5, "dozen": 12, "dozens": 24, "decade": 10, "both": 2}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "bn": 1e9}
_FREE = {1.0, 2.0}  # “one of them” and “both” are grammar as often as figures; only digits make a figure of them

_NUMBER = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:st|nd|rd|th|s)?(?:[\s-]?(million|billion|trillion|thousand|bn|m)\b)?"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:[.'’][^\W\d_]+)*")
_CAPITAL = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_][^\W_]*(?:['’][^\W\d_]{2,})?")
_QUOTED = re.compile(r"[“\"„«]([^”\"“»]{3,}?)[”\"»]")
_NEGATIVE = frozenset(
    "not no never none neither nor nobody nothing without cannot few little refuse refused refuses refusing refusal "
    "reject rejected rejects deny denied denies decline declined declines oppose opposed opposes resist resisted "
    "exclude excluded absent absence missing unwilling unable fail failed fails stop stopped lack lacks silent "
    "ruled block blocked rebuff rebuffed spurned turned unthinkable unimaginable away except hardly barely".split()
)
_EXPLICIT = frozenset("not no never none neither nor nobody nothing without cannot few hardly barely".split())
_HEDGES = frozenset(
    "may might could would should seem seems seemed appear appears appeared expected likely possible possibly perhaps "
    "probably reportedly allegedly theoretically theory claim claims claimed said says say according told suggested "
    "estimate estimates estimated believed considered called reported planned plan plans willing ready".split()
)
_OPENERS = frozenset(
    "a an the this that these those it its he his she her they their there here i we our you in on at of for from to "
    "by with as and but or if when while where who what which why how although though because since after before "
    "during until under over about against among between both each every all any some many most more several few no "
    "not nobody none neither only even still yet so then now also according officials experts one two three today "
    "president minister king prime secretary mr mrs ms dr gen sen regional representatives working envoys leaders "
    "participants delegates diplomats european western tv".split()
)
PRONOUN = re.compile(r"\b(?:he|his|him|she|her|hers|it|its|they|their|them|who|the group|the country)\b", re.IGNORECASE)


@lru_cache(20_000)
def fold(text: str) -> str:
    """Return `text` in lower case, without accents, with plain quotation marks and single spaces."""
    flat = unicodedata.normalize("NFKD", text)
    flat = "".join(one for one in flat if not unicodedata.combining(one))
    flat = flat.translate(_MARKS).casefold()
    return " ".join(flat.split())


_MARKS = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-"})


def quotations(text: str) -> list[str]:
    """Return what stands in quotation marks, folded, without the punctuation at its ends."""
    return [bare for inner in _QUOTED.findall(text) if (bare := fold(inner).strip(" .,;:!?…"))]


def numbers(text: str) -> set[float]:
    """Return the numbers of `text`, digits and words; a number with its scale counts as the product."""
    found = {_value(digits, scale) for digits, scale in _NUMBER.findall(text)}
    last: float | None = None
    for word in _TOKEN.findall(re.sub(r"(?<=\w)-(?=\w)", " ", text.lower())):
        if word in _SCALES and last is not None and len(word) > 2:
            found.add(last * _SCALES[word])
            last = None
        elif word in _WORDS:
            if last and last % 10 == 0 and last < 100 and _WORDS[word] < 10:  # twenty-six is no twenty
                found.discard(last)
                last += _WORDS[word]
            else:
                last = float(_WORDS[word])
            if last not in _FREE:
                found.add(float(last))
        else:
            last = None
    return found


def _value(digits: str, scale: str) -> float:
    return float(digits.replace(",", "").rstrip(".") or 0) * _SCALES.get(scale.lower(), 1.0)


def names(text: str, *, known: frozenset[str] = frozenset()) -> set[str]:
    """Return the names of `text`, folded, each under the first of the words that mean the same.

    A name is a word with a capital. The first word of a sentence is one too unless it is a common opener or stands
    in `known`, the words that the passages write small.
    """
    plain = text.translate(_MARKS)
    plain = _PHRASE.sub(lambda phrase: re.sub(r"[\s-]+", "", phrase[0].title()), plain)
    found = set()
    for match in _CAPITAL.finditer(plain):
        word = match[0]
        small = fold(word).removesuffix("'s").rstrip(".'")
        if not word[0].isupper() or len(small) < 2:
            continue
        opens = _opens_sentence(plain, match.start())
        if small in _OPENERS:
            continue
        if opens and small in known:
            continue
        found.add(_canonical(small))
    return found


_DIRECTIONS = re.compile(r"\b(north|south|east|west)(?:ern|erly)?\b", re.IGNORECASE)
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b\.?", re.IGNORECASE)


@lru_cache(4_000)
def facts(text: str, *, known: frozenset[str] = frozenset()) -> frozenset[Fact]:
    """Return the names, numbers, quarters of the sky and units of time in `text`."""
    return frozenset([*names(text, known=known), *numbers(text), *directions(text), *units(text)])


def lacking(wanted: Iterable[Fact], held: Iterable[Fact]) -> set[Fact]:
    """Return those of `wanted` that `held` has in no form."""
    there = set(held)
    words = {one for one in there if isinstance(one, str)}
    return {one for one in wanted if not (has_name(one, words) if isinstance(one, str) else one in there)}


def ordered_names(text: str) -> list[str]:
    """Return the names of `text` in the order in which they first come."""
    return list(dict.fromkeys(name for match in _CAPITAL.finditer(text) for name in names(f"x {match[0]}")))


@lru_cache(4_000)
def qualified(text: str) -> dict[str, set[str]]:
    """Return the words that stand right after a name, as search terms, with those names: french jets."""
    found: dict[str, set[str]] = {}
    tokens = [match[0] for match in _WITH_POINTS.finditer(text.translate(_MARKS))]
    for name, word in pairwise(tokens):
        if name[0].isupper() and word[0].islower():
            for term in terms(word):
                found.setdefault(term, set()).update(names(f"x {name}"))
    return {term: held for term, held in found.items() if held}


_WITH_POINTS = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:'[a-z]+)?")


def directions(text: str) -> set[str]:
    """Return the quarters that `text` names: western is west."""
    return {word.lower() for word in _DIRECTIONS.findall(text)}


def units(text: str) -> set[str]:
    """Return the units of time that `text` measures in: “last year” is not “last month”."""
    return {_UNIT_OF[word] for word in map(fold, words(text)) if word in _UNIT_OF}


_UNIT_OF = {
    **dict.fromkeys(("hour", "hours", "hourly"), "hours"),
    **dict.fromkeys(("day", "days", "daily"), "days"),
    **dict.fromkeys(("week", "weeks", "weekly"), "weeks"),
    **dict.fromkeys(("month", "months", "monthly"), "months"),
    **dict.fromkeys(("year", "years", "yearly", "annual", "decade", "decades"), "years"),
}


def dates(text: str) -> bool:
    """Tell whether `text` names a month."""
    return bool(_MONTH.search(text))


def has_name(name: str, held: set[str]) -> bool:
    """Tell whether `held` has `name` or a form of it: iranian for iran, sergei for sergey."""
    if name in held:
        return True
    return len(name) >= 4 and any(
        len(other) >= 4
        and (other[:-1].startswith(name[: max(4, len(name) - 3)]) or name.startswith(other[: max(4, len(other) - 3)]))
        for other in held
    )


def small_words(text: str) -> frozenset[str]:
    """Return the words that `text` writes without a capital."""
    return frozenset(fold(word) for word in _TOKEN.findall(text) if word[0].islower())


def denies(text: str) -> bool:
    """Tell whether `text` says that something is not so, or was refused."""
    return bool(_NEGATIVE & _bag(text)) or "n't" in fold(text)


@lru_cache(4_000)
def stances(text: str) -> dict[str, bool]:
    """Return each content word of `text`, as a search term, and whether it stands under a denial.

    A denial reaches over the next words of its clause; a verb of refusal also over the words just before it.
    """
    found: dict[str, bool] = {}
    for clause in _CLAUSE.split(fold(text).replace("not only", "only").replace("no longer", "not")):
        tokens = re.findall(r"[a-z0-9$]+(?:'[a-z]+)?", clause)
        at = [i for i, word in enumerate(tokens) if word in _NEGATIVE or word.endswith("n't")]
        for i, word in enumerate(tokens):
            under = any(0 < i - k <= _REACH or (0 < k - i <= 3 and tokens[k] not in _EXPLICIT) for k in at)
            for term in terms(word):
                found[term] = found.get(term, False) or under
    return found


_CLAUSE = re.compile(r"[,;:.!?]\s|\bbut\b|\bbecause\b|\balthough\b|\bthough\b|\bwhile\b|\bsince\b")
_REACH = 6


def negations(text: str) -> int:
    """Return how many plain negations `text` has."""
    words = [fold(word) for word in _TOKEN.findall(text)]
    return sum(word in _EXPLICIT or word.endswith("n't") for word in words)


def hedges(text: str) -> set[str]:
    """Return the words of `text` that make a claim less than a fact, or somebody's."""
    return set(_HEDGES & _bag(text))


def _bag(text: str) -> set[str]:
    return {fold(word) for word in _TOKEN.findall(text)}


def _canonical(small: str) -> str:
    return _JOINED.get(small, small)


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\n\"'([")
    return not before or (before[-1] in ".!?:\n" and not re.search(r"(?:\b[A-Za-z]|Mr|Mrs|Dr|Sept|Gen)\.$", before))


def words(text: str) -> Iterator[str]:
    """Yield the words of `text`."""
    yield from _TOKEN.findall(text)
