"""Suite `spans`: does the right text come up, and little else?

    byline eval spans --data DIR [--set FILE]

reads the format of Chroma's chunking evaluation: corpora as Markdown files, and `questions.csv` with
columns question, references (JSON: content, start_index, end_index) and corpus_id. Without --data, the bundled
questions that stand alone.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.answer import as_json
from bot.chat import Bot
from evals import questions as question_suite
from evals.library import library_of
from evals.measures import Place, span_scores
from evals.provenance import corpus_digest, digest
from evals.suite import Case, Inputs, Measure, Plan
from index.articles import Article
from index.errors import BylineError
from index.search import search

TOP = 5  # passages
_COLUMNS = {"question", "references", "corpus_id"}
_SCORES = ("recall", "precision", "iou")

MEASURES = tuple(
    Measure(f"{what}_{score}", f"{says}, {'IoU' if score == 'iou' else score}")
    for what, says in (("passages", f"best {TOP} passages"), ("evidence", "quoted evidence"))
    for score in _SCORES
)
HEADLINE = ("evidence_iou", "evidence_recall", "passages_recall")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and every span that answers it."""

    id: str
    text: str
    gold: tuple[Place, ...]


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Index the corpora and plan one case a question."""
    with _asked(inputs) as (bot, questions):
        articles = bot.stores.library.articles()
        yield Plan(
            MEASURES,
            HEADLINE,
            {one.id: partial(ask, bot, one, articles) for one in questions},
            corpus=corpus_digest(articles.values()),
            questions=digest([[q.id, q.text, [[articles[id].file, a, b] for id, a, b in q.gold]] for q in questions]),
            configuration={"passage_tokens": inputs.passage_tokens, "split": inputs.split, "top": TOP},
        )


@contextmanager
def _asked(inputs: Inputs) -> Iterator[tuple[Bot, list[Question]]]:
    if inputs.data is None:
        with question_suite.asked(inputs) as (bot, questions):
            yield bot, [Question(q.id, q.text, q.gold) for q in questions if q.gold and not q.history]
        return
    inputs.refuse_split("Chroma's chunking evaluation")
    articles, asked = read(inputs.data, inputs.set)
    progress = inputs.reporting("Adding articles")
    with library_of(articles=articles, passage_tokens=inputs.passage_tokens, progress=progress) as stores:
        yield Bot(stores), asked


def ask(bot: Bot, question: Question, articles: Mapping[str, Article]) -> Case:
    """Search and ask, and score the characters that came up against those that answer."""
    hits = search(bot.stores, question.text, k=TOP)
    found = [(hit.passage.article_id, hit.passage.start, hit.passage.end) for hit in hits]
    answer = bot.ask(question.text)
    said = as_json(answer)
    del said["milliseconds"]  # what is shown of a case is the same at every run
    scores = {"passages": span_scores(found, question.gold)}
    scores["evidence"] = span_scores(question_suite.cited(answer), question.gold)
    shown = {
        "question": question.text,
        "answer": said,
        "gold": [{"file": articles[id].file, "text": articles[id].text[a:b]} for id, a, b in question.gold],
    }
    values = {
        f"{what}_{name}": value for what, three in scores.items() for name, value in zip(_SCORES, three, strict=True)
    }
    tags = ("declined" if answer.declined else "answered", *sorted({articles[id].label for id, *_ in question.gold}))
    return Case(question.id, values, shown, tags)


def read(data: Path, table: Path | None = None) -> tuple[list[Article], list[Question]]:
    """Return the corpora of a folder and the questions about those that are there.

    Raises BylineError for a missing file, a malformed row, and a reference that is not what the corpus says.
    """
    table = table or data / "questions.csv"
    if not table.is_file():
        raise BylineError(f"{table} is missing; --data names a folder with questions.csv and the corpora as *.md.")
    # decoded from bytes: universal newlines would move the offsets
    texts = {path.stem: path.read_bytes().decode("utf-8") for path in sorted(data.glob("*.md"))}
    articles = [Article(name, text, file=f"{name}.md", path=str(data / f"{name}.md")) for name, text in texts.items()]
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if absent := _COLUMNS - set(reader.fieldnames or ()):
            raise BylineError(f"{table}, row 1: the column {sorted(absent)[0]!r} is missing.")
        rows = [(number, row) for number, row in enumerate(reader, start=2) if row["corpus_id"] in texts]
    questions = [_question(row, texts, f"{table}, row {number}", id=str(number)) for number, row in rows]
    if not questions:
        raise BylineError(f"{table} asks nothing about the corpora in {data}: no corpus_id is the name of a *.md file.")
    return articles, questions


def _question(row: dict[str, str], texts: dict[str, str], place: str, *, id: str) -> Question:
    name = row["corpus_id"]
    try:
        references = json.loads(row["references"])
        gold = tuple((name, int(one["start_index"]), int(one["end_index"])) for one in references)
        held = [texts[name][start:end] == one["content"] for (_, start, end), one in zip(gold, references, strict=True)]
    except (ValueError, KeyError, TypeError) as error:
        raise BylineError(f"{place}: column 'references' cannot be read ({error!r}).") from error
    if not gold or not all(held):
        raise BylineError(
            f"{place}: column 'references' has one that is not what {name}.md says at its start_index and end_index."
        )
    return Question(id, row["question"], gold)
