"""Sentences as spans of a text, by the rules of news prose: which stops end one and what closes with it."""

import re
from collections.abc import Iterator
from itertools import pairwise

from index.paragraphs import Span, split_paragraphs, tighten

LONGEST = 1000  # characters; what has no stop for longer is no prose, and is divided to stay quotable
_LOOK = 60  # characters considered on either side of a stop, so that no text takes quadratic time

# A stop with what closes with it: quotation marks, brackets, emphasis, footnotes. It always matches, and what
# follows is judged afterwards, for a lookahead would scan a million dots a million times.
_STOP = re.compile(
    r"""(?P<marks>(?:[.!?…؟۔।॥։።။。！？｡]|\s\.\.\.(?!\.)|\s…)+)"""
    r"""(?P<closed>(?:["'”’»›)\]}*_」』》】）]|[“‘](?=\s)|\s[”»›]|\s"(?=\s)|\[[\w\s]{1,12}\])*+)"""
)
_UNSPACED = frozenset("。！？｡")  # need no space after them
_SPACES = re.compile(r"\s*")
_TOKEN = re.compile(r"[\w&]+(?:\.\w+)*\s?$")  # what a stop follows; tokenised corpora put a space between
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_CAMEL = re.compile(r"[a-z]{1,2}[A-Z]")  # iPhone
_INITIALS = re.compile(r"[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")
_CLAUSE = re.compile(r"[,;:—](?=\s)|[，、；：]")
_SPACE = re.compile(r"\s")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What begins a sentence even after _ABBREVIATIONS and initials: names seldom do.
_STARTERS = _words(
    """
    a after all also although an and another any are as at because before both but by can could despite did
    do does during each even every everyone few for from had has have he her here his how however i if in
    instead is it its just many meanwhile more most much my neither no nobody nor not nothing now of on once
    one only or other others our over perhaps several she should since so some still such that the their
    then there these they this those though three to two under until was we were what when where whether
    which while who why will with without would yes yet you your
    """
)
# What ends no sentence, and what ends none before a number.
_TITLES = _words(
    """
    Mr Mrs Ms Mx Messrs Dr Prof Gov Gen Lt Col Sgt Maj Capt Cpl Pvt Pfc Adm Cmdr Rev Hon Rep Reps Sens Pres
    Amb Msgr Ald Supt Insp Atty Det Mme Mlle Mt Ft vs v cf viz approx ca e.g i.e
    """
)
_NUMBERED = _words("No Nos no nos Vol vol p pp Fig Figs fig Sec sec Art art Ch ch Eq Op Pt pt Rte c")
# What ends one only before _STARTERS.
_ABBREVIATIONS = _words(
    """
    Sen St Ste Jr Sr Inc Corp Co Cos Ltd Bros Dept Univ Assn Ave Blvd Rd Hwy Pkwy etc al eds Jan Feb Mar Apr
    Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thurs Fri Ala Ariz Ark Calif Colo Conn Del Fla Ga
    Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo ft hrs
    mph oz lb lbs tsp tbsp sq est
    """
)
_CLOCK = frozenset(("a.m", "p.m", "A.M", "P.M"))
_AFTER_CLOCK = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Jan|Feb|Mar(?:ch|\.)|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|"
    r"(?:[ECMP][SD]?T|GMT|UTC|BST|CET|Eastern|Central|Mountain|Pacific|Greenwich)\b|\w+\stime\b"
)
_SHOUTED = ("Yahoo", "Jeopardy")
_SAYS = re.compile(  # “Will it work?” Kerry asked. But: “Will it work?” He asked twice.
    r"(?!(?:He|She|It|We|They|I|The|An?)\s)(?:[A-ZÀ-Þ][\w.'’-]*\s|(?:of|for|the|al|de|van|von)\s){1,5}"
    r"(?:said|says|asked|asks|added|cried|shouted|yelled|wrote|told|tweeted|replied)\b"
)


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of `text`, in order; every character that is not white space is in exactly one.

    None crosses a paragraph's end, each begins and ends with a character that is not white space, and none
    has more than `LONGEST` characters.
    """
    return tuple(s for paragraph in split_paragraphs(text) for s in paragraph_sentences(text, paragraph))


def paragraph_sentences(text: str, paragraph: Span) -> Iterator[Span]:
    """Yield the sentences of one paragraph of `text`."""
    cuts = (paragraph[0], *_cuts(text, *paragraph), paragraph[1])
    for start, end in pairwise(cuts):
        yield from _divide(text, *tighten(text, start, end))


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the end of every sentence of a paragraph but the last."""
    for stop in _STOP.finditer(text, start, end):
        if _ends_sentence(text, stop, start, end):
            start = stop.end()
            yield start


def _ends_sentence(text: str, stop: re.Match[str], start: int, end: int) -> bool:
    """Say whether `stop` ends the sentence begun at `start` and leaves more of the paragraph before `end`."""
    marks = stop["marks"].strip()
    if stop.end() == end or marks[-1] in _UNSPACED:
        return stop.end() < end
    gap = _SPACES.match(text, stop.end(), end)
    if gap is None or not gap[0]:
        return False
    ahead = text[gap.end() : min(end, gap.end() + _LOOK)]
    word = _WORD.search(ahead)
    if word is None or (word[0][0].islower() and not _CAMEL.match(word[0])):
        return False
    behind = text[max(start, stop.start() - _LOOK) : stop.start()]
    if stop["marks"][0].isspace():
        return False  # “He paused ... and went on.”
    if marks == ".":
        whole = stop.start() - len(behind) == start
        return _full_stop_ends(behind, ahead, whole=whole, closed=bool(stop["closed"].strip("*_)]")))
    if marks == "!" and not stop["closed"] and behind.endswith(_SHOUTED):
        return _begins(ahead)
    return not (stop["closed"] and _SAYS.match(ahead))


def _full_stop_ends(behind: str, ahead: str, *, whole: bool, closed: bool) -> bool:
    """Say whether a full stop between `behind` and `ahead` ends a sentence; `behind` may be its `whole`."""
    found = _TOKEN.search(behind)
    if found is None:
        return True
    before, token = behind[: found.start()].split(), found[0].rstrip()
    if len(token) > 1 and token.isupper():
        token = token.capitalize()  # ST. LOUIS
    if token in _TITLES or (token in _NUMBERED and ahead[0].isdigit()):
        return False
    if whole and not before and (len(token) == 1 or token.isdigit()):
        return False  # “1. Preheat the oven.”
    if closed or (token == "I" and before and before[-1].islower()):
        return True  # “We will leave the U.S.” She meant it. So can I. You too.
    if token in _CLOCK:
        return not _AFTER_CLOCK.match(ahead)
    if token in _ABBREVIATIONS or (_INITIALS.fullmatch(token) and not token.islower()):
        return _begins(ahead)
    return True


def _begins(ahead: str) -> bool:
    """Say whether `ahead` begins a sentence even after an abbreviation; a dash does not: “Calif. — The”."""
    word = _WORD.search(ahead)
    return (
        word is not None
        and not ahead.startswith(("-", "–", "—"))
        and word[0].lower() in _STARTERS
        and not ahead.startswith(".", word.end())
    )


def _divide(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield `[start, end)` in even pieces of at most `LONGEST` characters, cut after clauses or words."""
    while (pieces := -(-(end - start) // LONGEST)) > 1:
        share = start + (end - start) // pieces
        cut = _last_break(text, (start + share) // 2, share)
        yield tighten(text, start, cut)
        start, _ = tighten(text, cut, end)
    yield start, end


def _last_break(text: str, start: int, end: int) -> int:
    """Return the end of the last clause in `[start, end)`, or else of the last word, or else `end`."""
    for pattern in (_CLAUSE, _SPACE):
        if found := [match.end() for match in pattern.finditer(text, start, end)]:
            return found[-1]
    return end
