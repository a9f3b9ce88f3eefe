"""Files of questions: JSON Lines with what answers each, in exact words of the articles."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.measures import Place
from evals.provenance import digest
from index.articles import Article
from index.canonical import clean_characters
from index.errors import BylineError

BUNDLED = Path(__file__).parent / "questions" / "seeds.jsonl"
_KINDS = {str: "text", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question, what answers it and what an answer must say."""

    id: str
    text: str
    answerable: bool
    gold: tuple[Place, ...]
    must_say: tuple[str, ...] = ()  # regular expressions, or plain words such as "$3 million"
    history: tuple[tuple[str, str], ...] = ()
    standalone: str | None = None  # a person's wording of a follow-up that needs no history
    kind: str = ""


def set_digest(questions: Sequence[Question], articles: Mapping[str, Article]) -> str:
    """Return the digest of questions; articles are named by their files, whose ids depend on where they lie."""
    return digest(
        [
            [one.id, one.text, one.answerable, one.history, one.must_say, one.standalone]
            + [[articles[id].file, start, end] for id, start, end in one.gold]
            for one in questions
        ]
    )


def read(path: Path, articles: Mapping[str, Article], *, split: str | None = None) -> list[Question]:
    """Return the questions of a file about `articles` (by file name).

    Raises BylineError naming file, line and field, also for a gold quotation that its article does not have:
    a mistake in the question is not a mistake of the answer.
    """
    questions: dict[str, Question] = {}
    for number, record in records(path):
        if split is None or record.get("split") == split:
            place = f"{path}, line {number}"
            question = _question(record, articles, place)
            if question.id in questions:
                raise BylineError(f'{place}: "id" {question.id!r} was used before; give each question its own.')
            questions[question.id] = question
    if not questions:
        raise BylineError(f"{path} has no questions" + (f' whose "split" is {split!r}.' if split else "."))
    return list(questions.values())


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each line of a JSON Lines file that is not empty."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")  # splitlines() would also cut at U+2028
    except OSError as error:
        raise BylineError(f"{path} cannot be read ({error.strerror}); --set names a file of questions.") from error
    except UnicodeDecodeError as error:
        raise BylineError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise BylineError(f"{path}, line {number}: not JSON ({error}).") from error
            if not isinstance(record, dict):
                raise BylineError(f"{path}, line {number}: not a JSON object.")
            yield number, record


def _question(record: Mapping[str, Any], articles: Mapping[str, Article], place: str) -> Question:
    for field, kind in (("id", str), ("question", str), ("answerable", bool)):
        if not isinstance(record.get(field), kind) or record[field] == "":
            raise BylineError(f'{place}: "{field}" is missing or is no {_KINDS[kind]}.')
    gold = _list(record, "gold", place)
    if gold and not record["answerable"]:
        raise BylineError(f'{place}: "gold" must be empty where "answerable" is false.')
    return Question(
        record["id"],
        record["question"],
        record["answerable"],
        tuple(found for one in gold for found in _places(one, articles, place)),
        _patterns(record, place),
        _history(record, place),
        _optional(record, "standalone", place),
        str(record.get("kind") or ""),
    )


def _list(record: Mapping[str, Any], field: str, place: str) -> list[Any]:
    value = record.get(field) or []
    if not isinstance(value, list):
        raise BylineError(f'{place}: "{field}" is no list.')
    return value


def _optional(record: Mapping[str, Any], field: str, place: str) -> str | None:
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise BylineError(f'{place}: "{field}" is no text.')
    return value or None


def _patterns(record: Mapping[str, Any], place: str) -> tuple[str, ...]:
    try:
        return tuple(re.compile(pattern).pattern for pattern in _list(record, "must_say", place))
    except (re.error, TypeError) as error:
        raise BylineError(f'{place}: "must_say" has something that is no regular expression ({error}).') from error


def _history(record: Mapping[str, Any], place: str) -> tuple[tuple[str, str], ...]:
    turns = _list(record, "history", place)
    if not all(isinstance(turn, list) and len(turn) == 2 and all(isinstance(s, str) for s in turn) for turn in turns):
        raise BylineError(f'{place}: "history" is no list of [question, answer].')
    return tuple((question, answer) for question, answer in turns)


def _places(gold: Any, articles: Mapping[str, Article], place: str) -> list[Place]:
    """Return every place of a gold quotation in its article: what is printed twice is right twice."""
    if not isinstance(gold, dict) or not all(isinstance(gold.get(key), str) for key in ("file", "quote")):
        raise BylineError(f'{place}: "gold" has something without "file" and "quote".')
    article = articles.get(gold["file"])
    if article is None:
        raise BylineError(f'{place}: "gold" names {gold["file"]!r}, which is not among the articles.')
    quote = clean_characters(gold["quote"])
    found = [match.start() for match in re.finditer(re.escape(quote), article.text)] if quote.strip() else []
    if not found:
        raise BylineError(f'{place}: "gold" quotes {gold["quote"]!r}, which is not in {article.file}.')
    return [(article.id, start, start + len(quote)) for start in found]
