"""Questions in SQuAD's JSON format, 1.1 and 2.0 (Rajpurkar et al. 2018); each title becomes an article."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evals.measures import Place
from evals.question_files import Question
from index.articles import Article
from index.errors import BylineError

_BETWEEN = "\n\n"  # paragraphs of an article


def read(path: Path) -> tuple[list[Article], list[Question]]:
    """Return the articles and the questions of a file.

    Raises BylineError naming file, question and field for what is malformed, and for an answer that its paragraph
    does not have at `answer_start`.
    """
    try:
        data = json.loads(path.read_bytes())["data"]
    except OSError as error:
        raise BylineError(f"{path} cannot be read ({error.strerror}); --set names a file of questions.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BylineError(f'{path} is not JSON in SQuAD\'s format, {{"data": […]}} ({error!r}).') from error
    articles, questions = [], {}
    for number, entry in enumerate(data):
        place = f"{path}, data[{number}]"
        paragraphs = _field(entry, "paragraphs", list, place)
        texts = [_field(one, "context", str, f"{place}.paragraphs[{i}]") for i, one in enumerate(paragraphs)]
        article = Article(f"{number:012x}", _BETWEEN.join(texts), f"{number}.txt", str(path), title=_title(entry))
        articles.append(article)
        for question in _questions(article, paragraphs, texts, place):
            if question.id in questions:
                raise BylineError(f'{place}: "id" {question.id!r} was used before; give each question its own.')
            questions[question.id] = question
    if not questions:
        raise BylineError(f"{path} has no questions.")
    return articles, list(questions.values())


def _questions(article: Article, paragraphs: list[Any], texts: list[str], place: str) -> Iterator[Question]:
    begins = 0
    for i, (paragraph, text) in enumerate(zip(paragraphs, texts, strict=True)):
        for j, qa in enumerate(_field(paragraph, "qas", list, f"{place}.paragraphs[{i}]")):
            where = f"{place}.paragraphs[{i}].qas[{j}]"
            id, asked = str(_field(qa, "id", (str, int), where)), _field(qa, "question", str, where)
            answers = [] if qa.get("is_impossible") else _field(qa, "answers", list, where)
            if not answers and not qa.get("is_impossible"):
                raise BylineError(f'{where}: "answers" is empty and "is_impossible" is not true.')
            gold = [_place(one, article, begins, f"{where}.answers[{n}]") for n, one in enumerate(answers)]
            words = "|".join(dict.fromkeys(re.escape(article.text[a:b]) for _, a, b in gold))
            yield Question(id, asked, bool(gold), tuple(dict.fromkeys(gold)), (words,) if words else ())
        begins += len(text) + len(_BETWEEN)


def _place(answer: Mapping[str, Any], article: Article, begins: int, where: str) -> Place:
    text, start = _field(answer, "text", str, where), _field(answer, "answer_start", int, where)
    place = (article.id, begins + start, begins + start + len(text))
    if not text or article.text[place[1] : place[2]] != text:
        raise BylineError(f'{where}: "text" {text!r} is not what the paragraph says at "answer_start" {start}.')
    return place


def _field(held: Any, name: str, kind: type | tuple[type, ...], place: str) -> Any:
    if not isinstance(held, dict) or not isinstance(held.get(name), kind):
        raise BylineError(f'{place}: "{name}" is missing or of another kind.')
    return held[name]


def _title(entry: Mapping[str, Any]) -> str | None:
    title = entry.get("title")
    return title.replace("_", " ") if isinstance(title, str) else None
