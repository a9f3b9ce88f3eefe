"""Noun phrases of questions and sentences, found by words that cannot belong to one; no tagger, English only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import STOPWORDS, terms

WORD = re.compile(r"[^\W_]+(?:[.'’&/-][^\W_]+)*|\$[\d.,]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_JOINS = frozenset(["of", "and", "&", "de", "la", "al", "the", "for", "in", "on", "del", "von", "van"])
_PAST = re.compile(r"[a-z]{3,}ed$")  # behind a noun, more often a verb
_LONGEST = 6  # words of a phrase

# What a question is made of besides what it asks about. Verbs stand in the base form; see is_verb.
FUNCTION = frozenset(STOPWORDS) | frozenset(
    "ok okay oh wow interesting yes no thanks thank please really also still just else even ever actually currently "
    "now then before after during since until while because besides between among against versus vs within without "
    "through across around near under over above below up down out off into onto toward towards per via like than "
    "more most less least much many few several some any each every both either neither another other others same "
    "such own too very so only again first second last next new current main major good better best bad worse worst "
    "common typical important popular famous interesting different similar likely possible long short big small large "
    "am is are was were be been being do does did done have has had having can could may might must shall should will "
    "would ought need needs used let lets i me my mine we us our you your it its he him his she her hers they them "
    "their theirs this that these those there here one ones who whom whose what which when where why how whether if "
    "not never today yet already away together apart about tell know want learn hear ask explain describe show "
    "give list name compare think wonder mean meant interested information info details thing things something "
    "anything everything someone anyone people person way ways lot kind kinds type types sort sorts example examples "
    "instead exactly anyway meanwhile though although however as at by from to with dont doesnt didnt isnt arent "
    "whats hows whos wheres cant wont id im ive lets according day days year years time times".split()
)
_VERBS = frozenset(
    "accept affect agree allow announce answer appear apply arrest arrive attack attend avoid ban become begin believe "
    "blame boycott break bring buy call carry cause change charge choose claim close come consider contain continue "
    "contribute control convince cook cost count cover create cure damage deal decide declare decline defend define "
    "demand deny depend develop die differ disappear discover do drink drive earn eat enable encounter end enter "
    "evolve exist expect face fall fear feel fight find fix fly follow form found fund gain get give go grow guarantee "
    "happen hate help hold hurt impact improve include increase influence invade invent invest invite involve join "
    "keep kill know launch lead learn leave live look lose love make marry mean meet mention move need offer oppose "
    "open originate own participate pay perform plan play prefer prepare prevent produce promise propose protect prove "
    "provide put qualify raise reach react read receive recommend recover reduce refuse reject relate remain remove "
    "replace reply report represent require resign respond return rule run save say see seem sell send serve set "
    "shape shift sign smoke solve spend spread start state stay stop study succeed suffer suggest support survive take "
    "talk teach think threaten travel treat try turn understand use visit vote want watch weigh win work write "
    "pass say tell withdraw withdrew struck strike shot shoot accuse ask warn".split()
)
_IRREGULAR = frozenset(
    "became began believed bought broke brought built came caught chose done drank drove ate fell felt fought found "
    "gave given got gotten grew held kept killed knew known led left lost made meant met paid put ran read said saw "
    "seen sent sold spent spoke stood struck taken taught thought told took tried understood went wrote written "
    "won".split()
)  # fmt: skip
_NOUNS = frozenset("attack attacks plan plans study state states vote votes strike strikes report reports rule".split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words that may be what somebody talks of: `[start, end)` of its text."""

    text: str
    start: int
    end: int

    @property
    def terms(self) -> frozenset[str]:
        """Return its terms, as the index counts them."""
        return frozenset(terms(self.text))

    @property
    def is_name(self) -> bool:
        """Tell whether it has a capital letter where a common noun has none."""
        return any(word[0].isupper() for word in self.text.split())


def find_phrases(text: str) -> list[Phrase]:
    """Return the noun phrases of `text` in order, longer ones before the shorter ones inside them."""
    return [phrase for run in _runs(text) for phrase in _parts(text, run)]


def words(text: str) -> list[re.Match[str]]:
    """Return the words of `text` with their places."""
    return list(WORD.finditer(text))


def bare(word: str) -> str:
    """Return a word in lower case without its possessive."""
    return _POSSESSIVE.sub("", word.lower())


def is_inside(word: re.Match[str], text: str) -> bool:
    """Tell whether a word stands inside a sentence, where a capital letter means a name."""
    before = text[: word.start()].rstrip(" \"'“”‘(")
    return bool(before) and before[-1] not in ".?!:;"


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield runs of content words, with the small words that join two of them."""
    run: list[re.Match[str]] = []
    joins: list[re.Match[str]] = []
    for word in words(text):
        between = text[(joins or run)[-1].end() : word.start()] if run else ""
        if run and between.strip(" -–'’\"“”"):
            yield run
            run, joins = [], []
        if is_content(word, text) and not (run and _PAST.match(word.group())):
            run, joins = [*run, *joins, word], []
            if _POSSESSIVE.search(word.group()):  # “Anne Bonny's husband” are two
                yield run
                run = []
        elif run and word.group().lower() in _JOINS and len(joins) < 2:
            joins.append(word)
        elif run:
            yield run
            run, joins = [], []
    if run:
        yield run


def is_content(word: re.Match[str], text: str) -> bool:
    """Tell whether a word of `text` may be part of a noun phrase."""
    said = bare(word.group())
    if said.endswith(("n't", "n’t", "'re", "’re", "'ve", "’ve", "'ll", "’ll", "'m", "’m")):
        return False
    if said.isdigit() or (word.group()[0].isupper() and is_inside(word, text) and said not in STOPWORDS):
        return True  # “First Lady”, “Good Friday”
    return said not in FUNCTION and not is_verb(said) and not (said.endswith("ly") and len(said) > 5)


def is_verb(word: str) -> bool:
    """Tell whether a word, in lower case, is one of the verbs that questions are made with."""
    if word in _NOUNS:
        return False
    stems = (word, word[:-1], word[:-2], word[:-3], word[:-1] + "e", word[:-3] + "e", word[:-4])
    endings = ("", "s", "es", "ing", "", "ing", word[-4:-3] + "ing")
    if word in _VERBS or word in _IRREGULAR:
        return True
    if word.endswith("ed") and (word[:-2] in _VERBS or word[:-1] in _VERBS or word[:-3] in _VERBS):
        return True
    if word.endswith("ied") and word[:-3] + "y" in _VERBS:
        return True
    return any(stem in _VERBS and word == stem + ending for stem, ending in zip(stems[1:3], endings[1:3], strict=True))


def _parts(text: str, run: list[re.Match[str]]) -> Iterator[Phrase]:
    """Yield the whole run if it is short, and each part between its joining words."""
    groups: list[list[re.Match[str]]] = [[]]
    for word in run:
        if word.group().lower() in _JOINS and not word.group()[0].isupper():
            groups.append([])
        else:
            groups[-1].append(word)
    groups = [group for group in groups if group]
    if len(groups) > 1 and len(run) <= _LONGEST:
        yield _phrase(text, run)
    for group in groups:
        yield _phrase(text, group)


def _phrase(text: str, group: list[re.Match[str]]) -> Phrase:
    end = group[-1].end() - (len(group[-1].group()) - len(_POSSESSIVE.sub("", group[-1].group())))
    return Phrase(text[group[0].start() : end], group[0].start(), end)
