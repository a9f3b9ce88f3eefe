"""Statements about articles, written to be true, altered or invented, and what of an article carries each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.sources import Source
from bot.written import byline_of
from evals.question_files import records
from index.articles import Article
from index.errors import BylineError
from index.passages import Passage, Span

BUNDLED = Path(__file__).parent / "questions" / "statements.jsonl"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence as a language model would write it."""

    id: str
    text: str
    kind: str  # true, altered or invented
    change: str  # what was altered: number, name, date, negation, role, hedge
    split: str  # fit or report, by topic
    file: str
    gold: tuple[Span, ...]  # the sentences that a true one rests on, characters of the article

    @property
    def true(self) -> bool:
        """Tell whether the articles say it."""
        return self.kind == "true"


def read_statements(articles: Mapping[str, Article], path: Path = BUNDLED) -> list[Statement]:
    """Return the statements about `articles` (by file name); those about other articles are left out."""
    found = []
    for number, record in records(path):
        try:
            spans = tuple((int(start), int(end)) for start, end in record["gold"])
            keys = ("id", "text", "kind", "change", "split", "file")
            facts: dict[str, str] = {key: str(record.get(key, "")) for key in keys}
            one = Statement(**facts, gold=spans)
        except (KeyError, TypeError, ValueError) as error:
            raise BylineError(f"{path}, line {number}: not a statement ({error!r}).") from error
        if one.file in articles:
            found.append(one)
    return found


def sources_of(statement: Statement, article: Article, passages: Sequence[Passage]) -> list[Source]:
    """Return the passages of `article` that hold the statement's gold, as a model would cite them."""
    holding = [one for one in passages if any(one.start <= start < one.end for start, _ in statement.gold)]
    return [Source(article.id, article.text, one.sentences, byline_of(article)) for one in holding]
