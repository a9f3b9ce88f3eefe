"""One quoted sentence as it is held against another outlet's: its figures, its clauses, and what they tell of whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bot.claims import denies, fold, names, small_words
from bot.figures import NOUNS, WEEKDAYS, Figure, find_figures
from bot.phrases import is_verb
from index.articles import Article
from index.lexical import terms
from index.passages import Span

# The words of a line tell one deed, that of its first word. Of the first lines two sentences must tell the same.
_WORDS_OF = """
kill killed kills killing die died dies dying dead death deaths toll fatal fatally fatalities slain perished
wound wounded wounding wounds injure injured injuring injuries hurt hospitalized maimed
arrest arrested arrests detain detained detains custody jailed captured abducted kidnapped hostage hostages
missing unaccounted
flee fled displaced evacuated homeless uprooted
walked boycott boycotted withdrew absent skipped

attend attended attending participate participated participating participants met meet meeting gathered gathering
attend represented delegates delegations envoys diplomats conferred joined
invite invited invitation invitations
layoffs redundancies fired shed cutting cuts cut
earn earned earns earning income revenue revenues bring brings brought make makes made generate generates
cost costs costing price priced worth spend spends spent spending
send sends sent sending deploy deployed deploys dispatched
open opened opens opening begin began begun begins start started starts launch launched founded
end ended ends close closed closes closing
born
sign signed signs signing
resign resigned resigns resignation quit
elect elected appointed chosen sworn inaugurated
married wed marry
crash crashed sank sunk collapsed derailed exploded
"""
_DEEDS = {word: f"#{line.split()[0]}" for line in _WORDS_OF.split("\n") if line for word in line.split()}
_HARM = frozenset(_DEEDS[word] for line in _WORDS_OF.strip().split("\n\n")[0].split("\n") for word in line.split())
_ONCE = frozenset(  # what happens to one thing once, so that it can have one day only
    "died killed arrested opened began begun started launched founded ended closed born signed resigned quit elected "
    "appointed sworn inaugurated married crashed sank collapsed derailed".split()
)
_COMMON = frozenset(  # in every article: to share these says little
    terms(
        "people person man woman year month week day time part way number group official officials government report "
        "percent per cent million billion thousand dollar euro pound toward news new one two first last take took come "
        "came go went get say country city state area also several"
    )
)
_OPEN = frozenset(  # no fact yet
    "will would could may might can should shall expected expects expect plan plans planned aim aims target targets "
    "hope hopes hoped want wants wanted promise promised pledged offered proposed due scheduled if unless need needs "
    "needed seek seeks sought threatened forecast predicted projected whether feared estimate".split()
)
_SCOPE = frozenset(  # over which time, or which part of something, a figure counts; so does a superlative
    "year years month months week weeks since decade decades daily annual annually monthly weekly yearly overall total "
    "altogether average record yesterday today cumulative so-far first second third fourth fifth top bottom".split()
)
_CUT = re.compile(r"[;:–—]|,(?!\d)|\s-\s|\b(?:and|but|while|whereas|although|though|as|after|before)\b")
_SAID = re.compile(
    rf"\b(?:said|says|say|saying|told|tells|reported|reports|according to|announced|added)\b"
    rf"(?:\s+(?:on\s+)?(?:{'|'.join(WEEKDAYS)}))?(?:\s+that\b)?"
)
_PART_TAKEN = re.compile(r"\b(?:took|take|takes|taken|taking) part\b")
_IS_TO = re.compile(r"\b(?:is|are|was|were) to\b")
_HAS = re.compile(r"\b(?:has|have|had|with|owns?|there (?:is|are|was|were))\s+$")
_PRONOUN = re.compile(r"^\W*(?:he|she|they|it|we|his|her|their|its)\b", re.IGNORECASE)
_PLACED = re.compile(r"\b(?:in|at|to|from|near|into|across|over|off|for)\s+(?:the\s+)?([A-Z][\w’'-]+)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CALENDAR = re.compile(
    r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
)

Tone = tuple[bool, bool, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Clause:
    """The words around a figure, and what they are about: deeds, and the terms of the other words."""

    text: str
    about: frozenset[str]
    has: bool = False  # it only says that there is so much

    @property
    def deeds(self) -> frozenset[str]:
        """Return the deeds that it tells."""
        return frozenset(one for one in self.about if one.startswith("#"))

    @property
    def harm(self) -> frozenset[str]:
        """Return those by which people come to harm."""
        return self.deeds & _HARM

    @property
    def once(self) -> frozenset[str]:
        """Return those that can have one day only."""
        return frozenset(_DEEDS[word] for word in _words(self.text.lower()) if word in _ONCE)

    @property
    def verbs(self) -> frozenset[str]:
        """Return the deeds, and the terms of the common verbs."""
        verbs = " ".join(word for word in _words(self.text.lower()) if word not in _DEEDS and is_verb(word))
        return self.deeds | frozenset(terms(verbs)) | ({"has"} if self.has else set())

    @property
    def tone(self) -> Tone:
        """Return whether it is a fact yet, whether it denies, and over what it counts."""
        words = frozenset(re.findall(r"[a-z-]+", _IS_TO.sub("will", fold(self.text)).replace("so far", "so-far")))
        scope = words & _SCOPE | {word for word in words if word.endswith("est")}
        return bool(words & _OPEN), denies(self.text), scope

    @property
    def names(self) -> frozenset[str]:
        """Return whom and what it names."""
        return names_in(self.text)

    @property
    def places(self) -> frozenset[str]:
        """Return those names that stand where a place would."""
        return names_in("x " + " x ".join(_PLACED.findall(self.text)))

    @property
    def leans(self) -> bool:
        """Tell whether it opens with a pronoun, so that it may speak of anybody."""
        return bool(_PRONOUN.match(self.text))


@dataclass(frozen=True)  # no slots: what is found in it is kept
class Report:
    """One sentence that an outlet printed."""

    text: str
    article: Article
    start: int = 0  # where it begins in the article
    number: int = 0  # of its citation; 0 where it is not cited

    @cached_property
    def figures(self) -> list[Figure]:
        """Return its figures."""
        return find_figures(self.text, self.article.published)

    @cached_property
    def whole(self) -> Clause:
        """Return the sentence as one clause, about what its clauses tell."""
        return Clause(self.text, _about(" ".join(self.text[slice(*span)] for span in self._clauses)))

    @cached_property
    def around(self) -> frozenset[str]:
        """Return what the sentence and its headline are about."""
        return self.whole.about | _about(self.article.title or "")

    @cached_property
    def names(self) -> frozenset[str]:
        """Return whom and what the sentence and its headline name."""
        return self.whole.names | names_in(self.article.title or "")

    def clause(self, figure: Figure) -> Clause:
        """Return the clause of a figure, with the deed of one before where it has none; of a name the sentence."""
        first, last = figure.span
        if figure.names:
            return Clause(self.text[:first] + self.text[last:], self.whole.about)
        at = next((n for n, (start, end) in enumerate(self._clauses) if start <= first < end), None)
        if at is None:
            return Clause("", frozenset())
        start, end = self._clauses[at]
        has = bool(_HAS.search(self.text[start:first]))
        return Clause(f"{self.text[start:first]} {self.text[last:end]}", self._about_clause(at), has)

    def _about_clause(self, at: int) -> frozenset[str]:
        for n in range(at, -1, -1):
            told = _about(self.text[slice(*self._clauses[n])])
            if deeds := Clause("", told).deeds:
                return deeds | _about(self.text[slice(*self._clauses[at])])
        return _about(self.text[slice(*self._clauses[at])])

    @cached_property
    def _clauses(self) -> list[Span]:
        """Return what the sentence says, without who said so."""
        cuts = [match.span() for match in _CUT.finditer(self.text)]
        spans = zip([0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(self.text)], strict=True)
        return [told for span in spans if (told := _told(self.text, span, self.figures))]


def is_rare(term: str) -> bool:
    """Tell whether a term says something of what a sentence is about: no deed, and no word of every article."""
    return not term.startswith("#") and term not in _COMMON


def names_in(text: str) -> frozenset[str]:
    """Return the names of a text, without days, months, and plain words that it merely opens with."""
    known = small_words(text) | _DEEDS.keys() | NOUNS.keys()
    return frozenset(name for name in names(text, known=known) if not _CALENDAR.fullmatch(name))


def _told(text: str, span: Span, figures: Iterable[Figure]) -> Span | None:
    """Return a clause without who said so; None where nothing else is in it."""
    start, end = span
    said = _SAID.search(text, start, end)
    if said is None:
        return span
    behind = any(said.end() <= figure.span[0] < end for figure in figures)
    before = any(start <= figure.span[0] < said.start() for figure in figures)
    if behind or (not before and end - said.end() > said.start() - start):
        return said.end(), end
    return (start, said.start()) if before else None


def _about(text: str) -> frozenset[str]:
    """Return the deeds and the other terms of a text; no digits, days or months."""
    words = [word.lower() for word in _words(_PART_TAKEN.sub("participated", text))]
    rest = " ".join(word for word in words if word not in _DEEDS and not _CALENDAR.fullmatch(word))
    return frozenset(_DEEDS[word] for word in words if word in _DEEDS) | frozenset(terms(rest))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)
