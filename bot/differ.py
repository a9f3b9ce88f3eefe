"""Where outlets differ: sentences that give different figures, days or names for one thing.

It asks no model and is shy: a difference that it misses can still be read, one that is none costs trust.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, product

from bot.answer import Answer, Citation
from bot.figures import Figure, agree, day_of
from bot.reports import Clause, Report, is_rare
from index.articles import Article
from index.lexical import terms
from index.passages import Passage, split_sentences

Side = tuple[Report, Figure]

APART = 31  # days between two reports from which they are hardly of one thing,
APART_OF_HARM = 3  # and where people come to harm, which happens every day
FACTOR = 4.0  # times as much: nobody is so far off with the same thing
SHARED = 1 / 3  # of the terms of the shorter sentence that the other must have,
SHARED_OF_DAYS = 1 / 2  # and where they differ on a day or a name
_COUNTED_EVERYWHERE = frozenset(["people", "nation"])  # only a deed tells which of them


def note_differences(answer: Answer, passages: Iterable[Passage] = ()) -> Answer:
    """Return the answer with what the outlets that it cites, and those of the passages found, say differently.

    A sentence that differs from a cited one is cited as well, after the others: by nothing but the difference.
    """
    cited = [report for one in answer.citations if not one.changed for report in _reports(answer, one)]
    others = list(_uncited(answer, passages)) if any(report.figures for report in cited) else []
    groups: list[list[Side]] = []
    for one, other in chain(combinations(cited, 2), product(cited, others)):
        for a, b in differing(one, other):
            _join(groups, (one, a), (other, b))
    citations = list(answer.citations)
    differences = tuple(tuple(_sides(group, citations)) for group in groups)
    return replace(answer, citations=tuple(citations), differences=differences)


def differing(one: Report, other: Report) -> list[tuple[Figure, Figure]]:
    """Return the pairs of figures that two sentences give differently for one thing; none for one outlet's."""
    if not _independent(one.article, other.article) or "?" in one.text[-2:] + other.text[-2:]:
        return []
    pairs = [(a, b) for a in one.figures for b in other.figures if _is_of_one_thing(one, a, other, b)]
    # What one outlet corrects, or gives beside another's, may well be the other's: “rose from 12 to 15”.
    agreed = [(a, b) for a, b in pairs if agree(a, b)]
    return [(a, b) for a, b in pairs if not any(a is c or b is d for c, d in agreed)]


def _independent(one: Article, other: Article) -> bool:
    """Tell whether two articles are of two outlets, and neither copies the other."""
    return one.outlet != other.outlet and (one.account is None or one.account != other.account)


def _is_of_one_thing(one: Report, a: Figure, other: Report, b: Figure) -> bool:
    """Tell whether two figures can only be meant for the same thing."""
    if a.kind.startswith("age of"):  # Haines, 44, and David Haines, 46; not Ruth Haines
        same = b.kind.startswith("age of") and _ends_as(a.kind.split()[2:], b.kind.split()[2:])
        return same and _days_apart(one, other) <= APART
    if a.kind != b.kind or not _is_near(a, b):
        return False
    here, there = one.clause(a), other.clause(b)
    return (
        here.tone == there.tone
        and _tell_the_same(a.kind, here, there)
        and (a.kind != "when" or _happened_once(one, here, other, there))
        and _are_of_one_place(a.kind, one, here, other, there)
        and _are_of_one_time(a.kind, one, here, other)
        and _are_alike(a, one, other)
    )


def _ends_as(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether the shorter of two names is the end of the longer."""
    return all(mine == yours for mine, yours in zip(reversed(one), reversed(other), strict=False))


def _is_near(a: Figure, b: Figure) -> bool:
    """Tell whether one count is no wild multiple of the other; days and names have no size."""
    if a.kind == "when" or a.names:
        return True
    low, high = sorted((a.ranges[0][1], b.ranges[0][1]))
    return high <= FACTOR * low


def _tell_the_same(kind: str, here: Clause, there: Clause) -> bool:
    """Tell whether two clauses tell one deed, of those who come to harm the very same, and share what it is about."""
    deeds, shared = here.deeds & there.deeds, (here.about & there.about) - {_term(kind)}
    if not shared or here.harm != there.harm or (kind in _COUNTED_EVERYWHERE and not deeds):
        return False
    if here.harm or kind in _COUNTED_EVERYWHERE or kind == "when":
        return True
    verbs, rare = here.verbs & there.verbs, sum(map(is_rare, shared))
    if here.verbs and there.verbs and not verbs:
        return False
    return rare >= (1 if verbs else 2)


def _happened_once(one: Report, here: Clause, other: Report, there: Clause) -> bool:
    """Tell whether what two clauses tell can have only one day: not the deaths of some here and of others there."""
    counted = any(figure.kind in _COUNTED_EVERYWHERE for report in (one, other) for figure in report.figures)
    once = here.once & there.once
    return bool(once - here.harm if counted else once) and one.whole.tone[2] == other.whole.tone[2]


def _are_of_one_place(kind: str, one: Report, here: Clause, other: Report, there: Clause) -> bool:
    """Tell whether no clause sets a place that the other's sentence lacks, nor does each name what the other lacks."""
    mine, yours = (one.whole, other.whole) if kind == "when" else (here, there)
    only_here, only_there = mine.names - other.names, yours.names - one.names
    if (only_here & mine.places) or (only_there & yours.places) or (only_here and only_there):
        return False
    return not (only_here and there.leans) and not (only_there and here.leans)


def _are_of_one_time(kind: str, one: Report, here: Clause, other: Report) -> bool:
    """Tell whether two sentences speak of one day, as far as they say, and were not printed long after another."""
    days, theirs = ([figure for figure in report.figures if figure.kind == "when"] for report in (one, other))
    if kind != "when" and days and theirs and not any(agree(day, other_day) for day in days for other_day in theirs):
        return False
    return _days_apart(one, other) <= (APART_OF_HARM if here.harm else APART)


def _days_apart(one: Report, other: Report) -> int:
    """Return how many days lie between two reports; 0 where one is undated."""
    printed, then = day_of(one.article.published), day_of(other.article.published)
    return abs((printed - then).days) if printed and then else 0


def _are_alike(a: Figure, one: Report, other: Report) -> bool:
    """Tell whether two sentences share enough, with the help of their headlines: a name, or two rare words."""
    rare = {term for term in one.around & other.around if is_rare(term)} - {_term(a.kind)}
    named = (one.whole.names & other.names) | (other.whole.names & one.names)
    if len(rare) < 2 and not named:
        return False
    shorter, longer = sorted((one, other), key=lambda report: len(report.whole.about))
    needed = SHARED_OF_DAYS if a.kind == "when" or a.names else SHARED
    return len(shorter.whole.about & longer.around) >= needed * len(shorter.whole.about)


def _join(groups: list[list[Side]], *sides: Side) -> None:
    """Put what differs to what it differs on already, else to a group of its own."""
    group = next((group for group in groups if any(side in group for side in sides)), None)
    if group is None:
        groups.append(list(sides))
    else:
        group += [side for side in sides if side not in group]


def _sides(group: Iterable[Side], citations: list[Citation]) -> Iterator[Citation]:
    """Yield the words of each outlet once, as slices, the earliest first; adds to `citations` what nothing cites."""
    said: set[tuple[str, str]] = set()
    for report, figure in sorted(group, key=_order):
        id, (start, end) = report.article.id, (report.start + offset for offset in figure.span)
        outlet, words = report.article.outlet or id, report.text[slice(*figure.span)].lower()
        if (outlet, words) in said or (not report.number and any(outlet == other for other, _ in said)):
            continue
        said.add((outlet, words))
        yield Citation(report.number or _cite(report, citations), id, start, end)


def _order(side: Side) -> tuple[str, int, int]:
    """Return what puts sides in order: earliest first, the cited ones of a day as they are cited."""
    report, figure = side
    return report.article.published or "9999", report.number or 99, report.start + figure.span[0]


def _cite(report: Report, citations: list[Citation]) -> int:
    place = (report.article.id, report.start, report.start + len(report.text))
    for one in citations:
        if (one.article_id, one.start, one.end) == place:
            return one.number
    citations.append(Citation(len(citations) + 1, *place))
    return len(citations)


def _reports(answer: Answer, citation: Citation) -> Iterator[Report]:
    """Yield the sentences of a citation."""
    article, text = answer.articles[citation.article_id], answer.quote(citation)
    for start, end in split_sentences(text):
        yield Report(text[start:end], article, citation.start + start, citation.number)


def _uncited(answer: Answer, passages: Iterable[Passage]) -> Iterator[Report]:
    """Yield the sentences with figures that were found and are not cited."""
    taken = [(one.article_id, one.start, one.end) for one in answer.citations]
    for passage in passages:
        article = answer.articles[passage.article_id]
        for start, end in passage.sentences:
            if not any(id == article.id and start < last and first < end for id, first, last in taken):
                report = Report(article.text[start:end], article, start)
                if report.figures:
                    yield report


def _term(kind: str) -> str:
    return next(iter(terms(kind)), "")
