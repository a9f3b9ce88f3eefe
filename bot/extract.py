"""An answer made of quotations: which sentences, how many, and who else says the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.answer import Citation, Sentence
from bot.similarity import Scored
from index.articles import Article

MOST = 5  # statements an answer may have
_CLOSE = 0.85  # a further sentence is quoted when it scores this share of the best
_SAME = 0.75  # cosine from which two outlets' sentences count as one statement
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact: the best quotation of it first, then the other articles' that say the same."""

    quotations: tuple[Scored, ...]


def choose(scored: Sequence[Scored], articles: Mapping[str, Article]) -> list[Statement]:
    """Return the statements that answer, the best first and the rest in reading order.

    `scored` is best first. Takes as many as come close to the best, at most `MOST`; a sentence of another
    article that says the same joins the statement, one that repeats it in the same article is left out.
    """
    if not scored:
        return []
    statements: list[list[Scored]] = []
    for one in scored:
        if one.score < _CLOSE * scored[0].score:
            break
        same = next((group for group in statements if _says_the_same(one, group[0], articles)), None)
        if same is None and len(statements) < MOST:
            statements.append([one])
        elif same is not None and all(one.article_id != other.article_id for other in same):
            same.append(one)
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
    for statement in statements:
        first = len(citations) + 1
        citations += cite(statement.quotations, first=first)
        start, end = statement.quotations[0].span
        text = articles[statement.quotations[0].article_id].text[start:end]
        sentences.append(Sentence(text, tuple(range(first, len(citations) + 1))))
    return tuple(sentences), tuple(citations)


def cite(scored: Sequence[Scored], *, first: int = 1) -> tuple[Citation, ...]:
    """Return a citation of each sentence, numbered from `first`."""
    return tuple(Citation(number, one.article_id, *one.span) for number, one in enumerate(scored, start=first))


def _says_the_same(one: Scored, other: Scored, articles: Mapping[str, Article]) -> bool:
    """Tell whether two sentences make one statement: near in meaning, and no number that only one of them has."""
    if float(one.vector @ other.vector) < _SAME:
        return False
    return _numbers(one, articles) == _numbers(other, articles)


def _numbers(one: Scored, articles: Mapping[str, Article]) -> set[str]:
    return set(_NUMBER.findall(articles[one.article_id].text, *one.span))
