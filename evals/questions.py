"""Suite `questions`: does it answer, cite right and decline right?

    byline eval questions --set FILE --articles DIR

FILE has one JSON object a line: id, question, answerable, gold [{file, quote}], and perhaps history
[[question, answer], …], must_say [regular expression, …] and split.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from bot.answer import Answer
from bot.chat import Bot
from evals.library import library_of
from evals.measures import Place, length, mean, overlap
from index.articles import Article
from index.errors import BylineError


@dataclass(frozen=True, slots=True)
class Question:
    """One question, what answers it and what an answer must say."""

    id: str
    text: str
    answerable: bool
    gold: tuple[Place, ...]
    must_say: tuple[str, ...] = ()  # regular expressions, or plain words such as "$3 million"
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    question: Question
    answer: Answer

    @property
    def quotes_gold(self) -> bool:
        """Tell whether some gold quotation is at least half quoted."""
        cited = _cited(self.answer)
        return any(overlap(cited, [gold]) * 2 >= length([gold]) for gold in self.question.gold)

    @property
    def says_it(self) -> bool:
        """Tell whether the quoted words satisfy every `must_say`."""
        said = " ".join(self.answer.quote(citation) for citation in self.answer.citations)
        return bool(said) and all(one in said or re.search(one, said) for one in self.question.must_say)

    @property
    def gold_sentences(self) -> list[bool]:
        """Tell of each sentence shown whether one of its citations touches gold."""
        by_number = {c.number: (c.article_id, c.start, c.end) for c in self.answer.citations}
        return [
            overlap([by_number[number] for number in sentence.citations], self.question.gold) > 0
            for sentence in self.answer.sentences
        ]


def main(questions: Path, folder: Path, *, split: str | None, as_json: bool) -> None:
    """Measure and print."""
    with library_of(paths=[folder]) as stores:
        articles = stores.library.articles().values()
        found = measure(Bot(stores), read(questions, {article.file: article for article in articles}, split=split))
    click.echo(json.dumps(found, indent=2) if as_json else render(found))


def read(path: Path, articles: Mapping[str, Article], *, split: str | None = None) -> list[Question]:
    """Return the questions of a file about `articles` (by file name).

    Raises BylineError naming file, line and field, also for a gold quotation that its article does not have:
    a mistake in the question is not a mistake of the answer.
    """
    if not path.is_file():
        raise BylineError(f"{path} is not a file; --set names a file of questions, one JSON object a line.")
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            record = _record(line, f"{path}, line {number}")
            if split is None or record.get("split") == split:
                questions.append(_question(record, articles, f"{path}, line {number}"))
    if not questions:
        raise BylineError(f"{path} has no questions" + (f' whose "split" is {split!r}.' if split else "."))
    return questions


def ask_all(bot: Bot, questions: Sequence[Question]) -> list[Outcome]:
    """Ask every question."""
    return [Outcome(question, bot.ask(question.text, question.history)) for question in questions]


def measure(bot: Bot, questions: Sequence[Question]) -> dict[str, Any]:
    """Return each figure with the number of questions behind it."""
    outcomes = ask_all(bot, questions)
    answerable = [one for one in outcomes if one.question.answerable]
    others = [one for one in outcomes if not one.question.answerable]
    answered = [one for one in answerable if not one.answer.declined]
    return {
        "gold quoted": _share([one.quotes_gold for one in answerable]),
        "must_say satisfied": _share([one.says_it for one in answerable]),
        "first sentence is gold": _share([one.gold_sentences[0] for one in answered]),
        "sentences that are gold": _share([gold for one in answered for gold in one.gold_sentences]),
        "unanswerable declined": _share([one.answer.declined for one in others]),
        "answerable declined": _share([one.answer.declined for one in answerable]),
        "sentences per answer": {
            "value": mean(len(one.answer.sentences) for one in outcomes if not one.answer.declined),
            "n": sum(not one.answer.declined for one in outcomes),
        },
        "milliseconds per question": {
            "value": median(one.answer.milliseconds for one in outcomes),
            "n": len(outcomes),
        },
    }


def render(found: Mapping[str, Mapping[str, float]]) -> str:
    """Return the figures as a table."""
    return "\n".join(f"{name:28} {row['value']:7.3f}   n = {row['n']}" for name, row in found.items())


def _share(values: Sequence[bool]) -> dict[str, float]:
    return {"value": mean(map(float, values)), "n": len(values)}


def _cited(answer: Answer) -> list[Place]:
    return [(citation.article_id, citation.start, citation.end) for citation in answer.citations]


def _record(line: str, place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BylineError(f"{place}: not JSON ({error}).") from error
    if not isinstance(record, dict):
        raise BylineError(f"{place}: not a JSON object.")
    for field, kind in (("id", str), ("question", str), ("answerable", bool), ("gold", list)):
        if not isinstance(record.get(field), kind):
            raise BylineError(f'{place}: "{field}" is missing or is no {kind.__name__}.')
    return record


def _question(record: Mapping[str, Any], articles: Mapping[str, Article], place: str) -> Question:
    if record["answerable"] != bool(record["gold"]):
        raise BylineError(f'{place}: "gold" must hold quotations exactly when "answerable" is true.')
    try:
        patterns = tuple(re.compile(pattern).pattern for pattern in record.get("must_say") or ())
        history = tuple((str(asked), str(answered)) for asked, answered in record.get("history") or ())
    except (re.error, TypeError, ValueError) as error:
        raise BylineError(f'{place}: "must_say" or "history" cannot be read ({error}).') from error
    gold = tuple(_place(one, articles, place) for one in record["gold"])
    return Question(record["id"], record["question"], record["answerable"], gold, patterns, history)


def _place(gold: Mapping[str, str], articles: Mapping[str, Article], place: str) -> Place:
    article = articles.get(gold.get("file", ""))
    if article is None:
        raise BylineError(f'{place}: "gold" names {gold.get("file")!r}, which is not among the articles.')
    start = article.text.find(gold["quote"])
    if start < 0 or not gold["quote"]:
        raise BylineError(f"{place}: the gold quotation {gold.get('quote')!r} is not in {article.file}.")
    return article.id, start, start + len(gold["quote"])
