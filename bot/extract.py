"""An answer made of quotations: which sentences, how many, and who else says the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answer import Citation, Sentence
from bot.differ import differing
from bot.reports import Report
from bot.similarity import Scored
from index.articles import Article
from index.passages import split_sentences

MOST = 5  # statements an answer may have
_SAME = 0.75  # cosine from which two outlets' sentences count as one statement
_REPEATED = 0.9  # and from which one article repeats itself: beside “Apples are red” “Some are green” says more
_SAYS_SOMETHING = (
    40  # characters that a sentence quoted for its neighbour's sake has: not “The host had wanted it there.”
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
# A sentence that opens so says nothing by itself of whom it speaks.
_LEANS = re.compile(r"[“\"'‘(]*(?:He|She|They|It|His|Her|Their|Its|This|That|These|Those|Both|Neither)\b")
_SURE_WORDS = 6.0  # what the reader says of the words of a short answer, a logit,
_SURE = 0.5  # and the probability that their sentence answers: a wrong answer in bold is the worst (evals/LOG.md)
_SHORT = 8  # words of a short answer at most
_FORMER = re.compile(r"\b(?:former(?:ly)?|ex-\w+|late|then-\w+|predecessor|previous|before)\b", re.IGNORECASE)
_ASKS_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_NAMES = re.compile(r"(?!(?:The|An?|His|Her|Their|Its|One|Some|Many|Most|Both|All|He|She|They|It|No)\b)\b[A-Z]")
_ASKS_WORDS = re.compile(
    r"\b(?:who|whom|whose|when|where|which|how (?:many|much|old|long|far|big|large|tall|often)|"
    r"what (?:year|day|date|time|number|percentage|share|city|country|name|age))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How many sentences an answer takes: those that score `close` times the best, and `least` at any rate.

    A sentence next to one that was taken needs to come as close as `beside`, and `least_beside`: what goes on about
    the same thing is rarely about another.
    """

    close: float
    least: float = 0.0
    beside: float = 1.0
    least_beside: float = 1.0

    def takes(self, one: Scored, best: Scored, taken: Iterable[Scored]) -> bool:
        """Tell whether to quote a sentence as well."""
        if one.score >= max(self.close * best.score, self.least):
            return True
        enough = one.score >= max(self.beside * best.score, self.least_beside)
        says_something = one.span[1] - one.span[0] >= _SAYS_SOMETHING
        return enough and says_something and any(_is_next(one, other) for other in taken)


PLAIN = Rule(close=0.85)  # for what similarity has scored
READ = Rule(close=0.55, least=0.1, beside=0.15, least_beside=0.02)  # for probabilities; both from data: evals/LOG.md


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact: the best quotation of it first, then the other articles' that say the same."""

    quotations: tuple[Scored, ...]


def choose(scored: Sequence[Scored], articles: Mapping[str, Article], *, rule: Rule = READ) -> list[Statement]:
    """Return the statements that answer, the best first and the rest in reading order.

    `scored` is best first. Takes as many as come close to the best, at most `MOST`; a sentence of another
    article that says the same joins the statement, one that repeats it in the same article is left out.
    """
    statements: list[list[Scored]] = []
    for one in scored:
        taken = [other for group in statements for other in group]
        if taken and not rule.takes(one, scored[0], taken):
            continue
        same = next((group for group in statements if _says_the_same(one, group[0], articles)), None)
        if same is None and len(statements) < MOST:
            statements.append([one])
        elif same is not None and all(one.article_id != other.article_id for other in same):
            same.append(one)
    if not statements:
        return []
    best, *rest = (Statement(tuple(group)) for group in statements)
    order = list(dict.fromkeys(one.article_id for one in scored))
    rest.sort(key=lambda s: (order.index(s.quotations[0].article_id), s.quotations[0].span))
    return [best, *rest]


def quote(
    statements: Sequence[Statement], articles: Mapping[str, Article]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Return one sentence a statement, a verbatim quotation, and the numbered citations."""
    citations: list[Citation] = []
    sentences = []
    for quotations in _apart([[whole(one, articles) for one in statement.quotations] for statement in statements]):
        first = len(citations) + 1
        citations += cite(quotations, first=first)
        best = citations[first - 1]
        text = articles[best.article_id].text[best.start : best.end]
        sentences.append(Sentence(text, tuple(range(first, len(citations) + 1))))
    return tuple(sentences), tuple(citations)


def _apart(statements: Iterable[list[Scored]]) -> list[list[Scored]]:
    """Return the statements, those joined that would quote the same characters: one brought along what another is."""
    kept: list[list[Scored]] = []
    for quotations in statements:
        best = quotations[0]
        over = next((n for n, other in enumerate(kept) if _overlap(best, other[0])), None)
        if over is None:
            kept.append(quotations)
        else:
            first, *others = kept[over]
            span = (min(first.span[0], best.span[0]), max(first.span[1], best.span[1]))
            kept[over] = [replace(first, span=span), *others]
    return kept


def _overlap(one: Scored, other: Scored) -> bool:
    return one.article_id == other.article_id and one.span[0] < other.span[1] and other.span[0] < one.span[1]


def cite(scored: Sequence[Scored], *, first: int = 1) -> tuple[Citation, ...]:
    """Return a citation of each sentence, numbered from `first`."""
    return tuple(Citation(number, one.article_id, *one.span) for number, one in enumerate(scored, start=first))


def whole(one: Scored, articles: Mapping[str, Article]) -> Scored:
    """Return the sentence, with the one before it in the same paragraph where it opens with a pronoun.

    “He called it unavoidable” alone does not say who called what.
    """
    text, (start, end) = articles[one.article_id].text, one.span
    if not _LEANS.match(text, start, end):
        return one
    paragraph = text.rfind("\n", 0, start) + 1
    before = split_sentences(text[paragraph:start])
    return replace(one, span=(paragraph + before[-1][0], end)) if before else one


def find_short(question: str, best: Scored, articles: Mapping[str, Article]) -> Citation | None:
    """Return the few words of the best sentence that answer by themselves, as in “26 nations”, if any do for sure."""
    sure = best.words_score >= _SURE_WORDS and best.score >= _SURE
    if best.words is None or not sure or not _ASKS_WORDS.search(question):
        return None
    start, end = best.words
    text = articles[best.article_id].text
    if not 0 < len(text[start:end].split()) <= _SHORT:
        return None
    if _ASKS_WHO.search(question) and not _NAMES.search(text, start, end):
        return None  # “the group” tells nobody who
    if _FORMER.search(text, *best.span) and not _FORMER.search(question):
        return None  # who held the office before is no answer to who holds it
    return Citation(1, best.article_id, start, end)


def _says_the_same(one: Scored, other: Scored, articles: Mapping[str, Article]) -> bool:
    """Tell whether two sentences make one statement: near in meaning, and of no number that only one has."""
    if float(one.vector @ other.vector) < (_REPEATED if one.article_id == other.article_id else _SAME):
        return False
    if _numbers(one, articles) != _numbers(other, articles):
        return False
    reports = (Report(articles[it.article_id].text[slice(*it.span)], articles[it.article_id]) for it in (one, other))
    return not differing(*reports)


def _is_next(one: Scored, other: Scored) -> bool:
    """Tell whether two sentences stand side by side in one article, with at most a paragraph's end between."""
    gap = max(one.span[0] - other.span[1], other.span[0] - one.span[1])
    return one.article_id == other.article_id and gap <= 2


def _numbers(one: Scored, articles: Mapping[str, Article]) -> set[str]:
    return set(_NUMBER.findall(articles[one.article_id].text, *one.span))
