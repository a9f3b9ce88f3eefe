"""Suite `reader`: does the trained reader find the sentence and the words, and tell a near miss from an answer?

    byline eval reader [--data DIR]

Asks fifty stories of which the reader has learned nothing, each question about its own story: half of them are near
misses, which look like the others and have no answer there. With DIR also SelQA's test part (`selqa/test.json`)
and XQuAD (`xquad/xquad.en.json`), of which it has learned nothing either.
"""

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bot.evidence import WEIGHTS
from bot.reader import Reader, Reading
from bot.similarity import coverage, weigh_by_rarity
from evals.provenance import digest
from evals.suite import Case, Inputs, Measure, Plan
from index.lexical import terms
from index.minilm import MiniLM
from index.passages import Span
from index.sentences import split_sentences

NEAR_MISSES = Path(__file__).parent / "questions" / "near-misses.jsonl"
MEASURES = (
    Measure(
        "near misses",
        "answers told from near misses, area under ROC",
        fields=("says it answers", "answerable"),
        combine="roc",
    ),
    Measure("RR", "SelQA, reciprocal rank of an answering sentence"),
    Measure("P@1", "SelQA, the first sentence answers"),
    Measure("RR, similarity", "SelQA, reciprocal rank by similarity alone"),
    Measure("P@1, similarity", "SelQA, the first answers by similarity alone"),
    Measure("span F1", "XQuAD, F1 of the words"),
    Measure("exact match", "XQuAD, the very words"),
)
HEADLINE = ("near misses", "RR", "span F1")
Task = Callable[[], Case]


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Plan one case a question."""
    reader, model = Reader(), MiniLM(threads=1)
    tasks = dict(_near_misses(reader))
    if inputs.data:
        tasks |= dict(_selqa(reader, model, inputs.data / "selqa" / "test.json"))
        tasks |= dict(_xquad(reader, inputs.data / "xquad" / "xquad.en.json"))
    measures = [one for one in MEASURES if inputs.data or one.name == "near misses"]
    yield Plan(measures, HEADLINE, tasks, corpus=digest(NEAR_MISSES.read_text("utf-8")), questions=digest(list(tasks)))


def says_it_answers(reading: Reading) -> float:
    """Return how sure the reader is that a passage answers: what it says of the whole, of a sentence and of words."""
    best = max(judgement.score for judgement in reading.sentences)
    return reading.answers + best + reading.best.span_score / 2


def joined(sentences: Sequence[str]) -> tuple[str, list[Span]]:
    """Return the sentences as one text, and the characters of each."""
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    return text, spans


def score_section(
    reader: Reader, model: MiniLM, question: str, sentences: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Return what the bot would say of each sentence of one section, but for what is the same of all; and cosines."""
    judged = reader.read(question, *joined(sentences)).sentences
    asked, *vectors = model.embed([question, *sentences])
    alike = [float(asked @ vector) for vector in vectors]
    rarities = weigh_by_rarity(model, question)
    scores = [
        WEIGHTS["relevance"] * one.score
        + WEIGHTS["words"] * one.span_score
        + WEIGHTS["cosine"] * cosine
        + WEIGHTS["carried"] * coverage(rarities, terms(sentence))
        for one, cosine, sentence in zip(judged, alike, sentences, strict=True)
    ]
    return scores, alike


def reciprocal_rank(scores: Sequence[float], answers: Sequence[int]) -> float:
    """Return 1 / rank of the first sentence that answers; others with the same score stand before it."""
    best = max(scores[n] for n in answers)
    return 1 / (1 + sum(score >= best for n, score in enumerate(scores) if n not in answers))


def normalised(text: str) -> list[str]:
    """Return the words as SQuAD compares them, no case, punctuation or articles (Rajpurkar et al. 2016)."""
    bare = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def word_f1(said: str, right: str) -> float:
    """Return the F1 of the words of two answers."""
    a, b = normalised(said), normalised(right)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if shared else float(a == b)


def _near_misses(reader: Reader) -> Iterator[tuple[str, Task]]:
    for line in NEAR_MISSES.read_text("utf-8").splitlines():
        story = json.loads(line)
        for number, asked in enumerate(story["questions"], 1):
            yield f"{story['id']}-{number}", partial(_ask_story, reader, story, asked, f"{story['id']}-{number}")


def _ask_story(reader: Reader, story: dict[str, Any], asked: dict[str, Any], id: str) -> Case:
    reading = reader.read(asked["q"], story["text"], split_sentences(story["text"]))
    score, answerable = says_it_answers(reading), bool(asked["a"])
    shown = {
        "question": asked["q"],
        "found": [story["text"][slice(*reading.best.span)]],
        "gold": [{"file": story["id"], "text": text} for text in asked["a"]],
    }
    right = (score > 0) == answerable
    tags = ("answerable" if answerable else f"near miss: {asked['miss']}", "right" if right else "wrong")
    return Case(id, {"says it answers": score, "answerable": float(answerable)}, shown, tags)


def _selqa(reader: Reader, model: MiniLM, path: Path) -> Iterator[tuple[str, Task]]:
    for number, row in enumerate(json.loads(path.read_text("utf-8")), 1):
        yield f"selqa-{number}", partial(_ask_selqa, reader, model, row, f"selqa-{number}")


def _ask_selqa(reader: Reader, model: MiniLM, row: dict[str, Any], id: str) -> Case:
    scores, alike = score_section(reader, model, row["question"], row["candidates"])
    ranks = {"RR": reciprocal_rank(scores, row["answers"]), "RR, similarity": reciprocal_rank(alike, row["answers"])}
    values = ranks | {name.replace("RR", "P@1"): float(rank == 1) for name, rank in ranks.items()}
    best = row["candidates"][max(range(len(scores)), key=scores.__getitem__)]
    gold = [{"file": row["article"], "text": row["candidates"][n]} for n in row["answers"]]
    return Case(id, values, {"question": row["question"], "found": [best], "gold": gold}, ("selqa",))


def _xquad(reader: Reader, path: Path) -> Iterator[tuple[str, Task]]:
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                yield f"xquad-{asked['id']}", partial(_ask_xquad, reader, paragraph["context"], asked)


def _ask_xquad(reader: Reader, text: str, asked: dict[str, Any]) -> Case:
    start, end = reader.read(asked["question"], text, split_sentences(text)).best.span
    said, right = text[start:end], [answer["text"] for answer in asked["answers"]]
    values = {
        "span F1": max(word_f1(said, one) for one in right),
        "exact match": float(any(normalised(said) == normalised(one) for one in right)),
    }
    gold = [{"file": "XQuAD", "text": one} for one in right]
    return Case(
        f"xquad-{asked['id']}", values, {"question": asked["question"], "found": [said], "gold": gold}, ("xquad",)
    )
