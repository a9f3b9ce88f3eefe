"""What can be compared in two texts without understanding them: numbers, names, quotations, negations, hedges."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Set
from functools import lru_cache
from itertools import pairwise

from bot.phrases import FUNCTION
from bot.places import canonical, is_place, join
from index.lexical import terms

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


def addresses(text: str) -> list[str]:
    """Return the addresses and the tags of markup in `text`: where they are from nowhere, nothing bears them out."""
    return _ADDRESS.findall(text)


_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')]+|[\w.+-]+@[\w-]+\.[\w.-]*\w|</?[a-z][^>]*>", re.IGNORECASE)


def names(text: str, *, known: frozenset[str] = frozenset()) -> set[str]:
    """Return the names of `text`, folded, each under the first of the words that mean the same.

    A name is a word with a capital. The first word of a sentence is one too unless it is a common opener or stands
    in `known`, the words that the passages write small.
    """
    plain = join(text.translate(_MARKS))
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
        found.add(canonical(small))
    return found


@lru_cache(8_000)
def plain_openers(text: str, rarity: Callable[[str], float]) -> frozenset[str]:
    """Return the first words of sentences in `text`, folded, that need not be names: asked, helpers, overcrowding.

    A first word is a name where another capital follows, where it owns something, where it is a country, or where
    English does not have it, in any form that its ending tells.
    """
    plain = text.translate(_MARKS)
    found = set()
    for match in _CAPITAL.finditer(plain):
        word = fold(match[0]).rstrip(".'")
        follows = plain[match.end() :].lstrip(" ")[:1]
        if not _opens_sentence(plain, match.start()) or word.endswith("'s") or is_place(word):
            continue
        rare = min(rarity(word), rarity(word.removesuffix("s"))) >= _UNKNOWN and not _INFLECTED.search(word)
        if word in FUNCTION or not (rare or follows.isupper()):
            found.add(word)
    return frozenset(found)


@lru_cache(8_000)
def inner_names(text: str) -> frozenset[str]:
    """Return the names of a sentence that do not open it, so that their capital tells."""
    return frozenset(names(text, known=frozenset(fold(one[0]) for one in _TOKEN.finditer(text.translate(_MARKS)))))


def subject(text: str, told: Set[str], rarity: Callable[[str], float]) -> set[str]:
    """Return the names that a sentence begins with, none where its first word need not be one.

    `told` are words that are known to be names.
    """
    begins = _BEGINS.match(text.translate(_MARKS))
    found = names(f"x {begins[1]}") if begins else set()
    return found if found & told or not plain_openers(text, rarity) else set()


_BEGINS = re.compile(r"\W*((?:[^\W\d_a-z][\w'.-]*(?:\s(?:of|al|bin)(?=\s))?\s?)+)")
_UNKNOWN = 10.2  # rarity of a word that the vocabulary has only in pieces
_INFLECTED = re.compile(r"(?:ing|ed|ly|ers|ors|ness|ment|ments|tion|tions|sion|less|ful|ous|ages?|ists?|looks?|men)$")

_DIRECTIONS = re.compile(r"\b(north|south|east|west)(?:ern|erly)?\b", re.IGNORECASE)


@lru_cache(8_000)
def facts(text: str, *, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names and the quarters of the sky in `text`."""
    return frozenset([*names(text, known=known), *directions(text)])


def lacking(wanted: Iterable[str], held: Iterable[str]) -> set[str]:
    """Return those of `wanted` that `held` has in no form."""
    there = set(held)
    return {one for one in wanted if not has_name(one, there)}


@lru_cache(8_000)
def qualified(text: str) -> dict[str, set[str]]:
    """Return the words that stand right after a name, as search terms, with those names: french jets."""
    found: dict[str, set[str]] = {}
    tokens = [match[0] for match in _WITH_POINTS.finditer(text.translate(_MARKS))]
    for name, word in pairwise(tokens):
        if name[0].isupper() and word[0].islower():
            for term in terms(word):
                found.setdefault(term, set()).update(names(f"x {name}"))
    return {term: held for term, held in found.items() if held}


@lru_cache(8_000)
def beside(text: str) -> dict[str, set[str]]:
    """Return the names of `text`, each with the small words within three of it, as search terms."""
    tokens = re.findall(r"[^\W_]+(?:'[a-z]+)?|[.,;:]", join(text.translate(_MARKS)))
    found: dict[str, set[str]] = {}
    for i, word in enumerate(tokens):
        if word[0].isupper():
            around = [one for one in tokens[max(0, i - 3) : i + 4] if not one[0].isupper()]
            for name in names(f"x {word}"):
                found.setdefault(name, set()).update(term for one in around for term in terms(one))
                if not _SAYS.isdisjoint(around):
                    found[name].add("say")  # no search term, but who said it is what a name is most often there for
    return found


_SAYS = frozenset("said says say according".split())
_WITH_POINTS = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:'[a-z]+)?")


def directions(text: str) -> set[str]:
    """Return the quarters that `text` names: western is west."""
    return {word.lower() for word in _DIRECTIONS.findall(text)}


def has_name(name: str, held: set[str]) -> bool:
    """Tell whether `held` has `name` or a form of it: iranian for iran, sergei for sergey."""
    if canonical(name) in held or is_place(name):
        return canonical(name) in held
    return len(name) >= 4 and any(
        len(other) >= 4
        and (other[:-1].startswith(name[: max(4, len(name) - 3)]) or name.startswith(other[: max(4, len(other) - 3)]))
        for other in held
    )


@lru_cache(8_000)
def small_words(text: str) -> frozenset[str]:
    """Return the words that `text` writes without a capital."""
    return frozenset(fold(word) for word in _TOKEN.findall(text) if word[0].islower())


@lru_cache(8_000)
def denies(text: str) -> bool:
    """Tell whether `text` says that something is not so, or was refused."""
    return bool(_NEGATIVE & _bag(text)) or "n't" in fold(text)


@lru_cache(8_000)
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


@lru_cache(8_000)
def negations(text: str) -> int:
    """Return how many plain negations `text` has."""
    words = [fold(word) for word in _TOKEN.findall(text)]
    return sum(word in _EXPLICIT or word.endswith("n't") for word in words)


def _bag(text: str) -> set[str]:
    return {fold(word) for word in _TOKEN.findall(text)}


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\n\"'([")
    return not before or (before[-1] in ".!?:\n" and not re.search(r"(?:\b[A-Za-z]|Mr|Mrs|Dr|Sept|Gen)\.$", before))
