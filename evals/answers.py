"""Suite `answers`: are sentences that a language model writes told apart, and are articles data?

    byline eval answers [--data ARTICLES] [--split fit]

A scripted model writes the bundled statements, true, altered and invented, each with the number of the passage that
it is about; the prompt, the parser and the verdicts are the real ones. Statements about articles that are neither
bundled nor in ARTICLES are left out, and without --split, those that the verdicts were fitted on. Then it obeys the
instructions that are planted in articles made for this (`evals/injections.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import seeds
from bot.answer import Answer, as_json
from bot.chat import PASSAGES, Bot
from bot.generate import Said
from bot.prompt import MARKER, PROMPT_LIMIT, build, visible
from bot.reader import Reader
from bot.verify import Checker
from bot.written import open_checker, source_of
from evals.injections import Poisoned, poisoned
from evals.library import library_of
from evals.measures import overlap
from evals.provenance import corpus_digest, digest
from evals.scripted import Reciting, reciting, scripted
from evals.statements import Statement, read_statements
from evals.suite import Case, Inputs, Measure, Plan
from index.articles import Article
from index.search import Hit, search
from index.stores import Stores

SUPPORTED = ("quoted", "supported")
TIMED = 5  # answers of six sentences, and processes, that are timed
FACTS = ("number", "name", "date")

MEASURES = (
    Measure(
        "balanced", "balanced accuracy, true against altered or invented", fields=("true", "passed"), combine="balanced"
    ),
    Measure("supported_true", "true statements told supported"),
    Measure("caught_fact", "altered numbers, names and dates caught"),
    Measure("caught_altered", "altered statements caught, of all kinds"),
    Measure("caught_invented", "invented statements caught"),
    Measure("cited_gold", "citation of a supported true statement is right"),
    Measure("prompt_clean", "planted instructions stay inside their passage"),
    Measure("obeyed_caught", "what an obedient model writes is caught"),
    Measure("unseen_caught", "the same for instructions in wordings that were not used for tuning"),
    Measure("evidence_shown", "the evidence is shown all the same"),
    Measure("six_verdicts", "milliseconds from a reply's end to six verdicts, median", "lower", (), "median", 0, True),
    Measure("first_words", "milliseconds from a model's first token to the terminal", "lower", (), "median", 0, True),
)
HEADLINE = ("balanced", "caught_fact", "obeyed_caught", "supported_true", "caught_invented")


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Index both sets of articles and plan one case a statement and one an attack."""
    attacks = list(poisoned())
    folders = [seeds.FOLDER, *([inputs.data] if inputs.data else [])]
    with tempfile.TemporaryDirectory(prefix="byline-eval-") as made:
        for one in attacks:
            (Path(made) / one.file).write_text(one.source, encoding="utf-8")
        with _libraries(inputs, folders, Path(made)) as (stores, poison):
            articles = {article.file: article for article in stores.library.articles().values()}
            statements = [one for one in read_statements(articles) if one.split == (inputs.split or "report")]
            checker = open_checker(stores.model, Reader())
            # Timed first, while nothing is remembered from other verdicts.
            tasks: dict[str, Callable[[], Case]] = {
                f"six verdicts, {n}": partial(six_verdicts, stores, checker, n, statements[n::TIMED][:6])
                for n in range(TIMED)
            }
            tasks |= {one.id: partial(judge, stores, checker, one, articles[one.file]) for one in statements}
            tasks |= {one.id: partial(attack, poison, one) for one in attacks}
            tasks |= {f"first words, {n}": partial(first_words, poison, n, attacks[n]) for n in range(TIMED)}
            yield Plan(
                MEASURES,
                HEADLINE,
                tasks,
                corpus=corpus_digest(articles.values()),
                questions=digest(
                    [[one.id, one.text] for one in statements] + [[one.id, one.source] for one in attacks]
                ),
                configuration={"passage_tokens": inputs.passage_tokens, "split": inputs.split or "report"},
            )


@contextmanager
def _libraries(inputs: Inputs, folders: Sequence[Path], made: Path) -> Iterator[tuple[Stores, Stores]]:
    progress = inputs.reporting("Adding articles")
    with (
        library_of(paths=folders, passage_tokens=inputs.passage_tokens, progress=progress) as stores,
        library_of(paths=[made], passage_tokens=inputs.passage_tokens, progress=progress) as poison,
    ):
        yield stores, poison


def judge(stores: Stores, checker: Checker, statement: Statement, article: Article) -> Case:
    """Let the statement be one sentence of a reply, and judge the verdict."""
    hits = search(stores, statement.text, k=PASSAGES)
    articles = stores.library.articles({hit.passage.article_id for hit in hits})
    offered = [source_of(hit, articles) for hit in hits]
    numbers = tuple(n for n, hit in enumerate(hits, start=1) if _holds(hit, article, statement))
    checked = checker.check([Said(statement.text, numbers)], offered)[0]
    passed = checked.support in SUPPORTED
    values = {"true": float(statement.true), "passed": float(passed)}
    if statement.true:
        values["supported_true"] = float(passed)
        if passed:
            gold = [(article.id, start, end) for start, end in statement.gold]
            values["cited_gold"] = float(overlap(checked.places, gold) > 0)
    else:
        values[f"caught_{statement.kind}"] = float(not passed)
        if statement.change in FACTS:
            values["caught_fact"] = float(not passed)
    shown: dict[str, Any] = {"statement": statement.text, "kind": statement.kind, "change": statement.change}
    shown |= {"verdict": checked.support, "missing": list(checked.missing)}
    right = "right" if passed == statement.true else "wrong"
    return Case(statement.id, values, shown, (right, f"{statement.kind} {statement.change}".strip(), checked.support))


def _holds(hit: Hit, article: Article, statement: Statement) -> bool:
    return hit.passage.article_id == article.id and any(
        hit.passage.start <= start < hit.passage.end for start, _ in statement.gold
    )


def attack(stores: Stores, one: Poisoned) -> Case:
    """Ask about the article while a model obeys what is planted in it."""
    model = Reciting()
    bot = Bot(stores, llm=reciting(model))
    hits = search(stores, one.question, k=PASSAGES)
    articles = stores.library.articles({hit.passage.article_id for hit in hits})
    number = next((n for n, hit in enumerate(hits, 1) if articles[hit.passage.article_id].file == one.file), 1)
    model.reply = one.obeyed(number)
    answer = bot.ask(one.question)
    prompt = build(one.question, hits, articles, budget=PROMPT_LIMIT).messages[1][1]
    values = {
        "prompt_clean": float(is_clean(prompt, len(hits))),
        "unseen_caught" if one.attack.name.startswith("unseen") else "obeyed_caught": float(is_caught(one, answer)),
        "evidence_shown": float(shows(one, answer)),
    }
    right = "right" if all(values.values()) else "wrong"
    said = {key: value for key, value in as_json(answer).items() if key != "milliseconds"}
    shown = {"question": one.question, "planted": visible(one.attack.planted), "answer": said}
    return Case(one.id, values, shown, (right, one.attack.name, one.place))


def six_verdicts(stores: Stores, checker: Checker, n: int, statements: Sequence[Statement]) -> Case:
    """Time the verdicts on one answer whose sentences all cite the first of eight passages, from the reply's end."""
    hits = search(stores, statements[0].text, k=PASSAGES)
    articles = stores.library.articles({hit.passage.article_id for hit in hits})
    offered = [source_of(hit, articles) for hit in hits]
    checker.check([Said("Bread costs more.", ())], [])
    with checker.preparing(offered):  # as while a model writes
        pass
    stores.model.embed(["Bread costs more."])
    if checker.examiner.reader:
        checker.examiner.reader.read("Bread costs more.", "Bread.", [(0, 6)])  # loaded before the clock starts
    began = time.perf_counter()
    checker.check([Said(one.text, (1,)) for one in statements], offered)
    milliseconds = 1000 * (time.perf_counter() - began)
    return Case(f"six verdicts, {n}", {"six_verdicts": milliseconds}, {"statements": [one.text for one in statements]})


def first_words(stores: Stores, n: int, one: Poisoned) -> Case:
    """Time a process of its own from the moment that the server sends the first token."""
    with scripted() as server:
        name = server.script("slow", [["wait", 1.0], ["say", "The first words"], ["wait", 0.5], ["say", " end [1]."]])
        command = [sys.executable, "-m", "ui.cli", "ask", one.question, "--llm", name]
        environment = {**os.environ, "BYLINE_LIBRARY": str(stores.settings.folder)}
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert child.stderr
        seen = b""
        while b"The first" not in seen and (piece := os.read(child.stderr.fileno(), 4096)):
            seen += piece
        seconds = time.time() - server.state()["first_token"]
        child.communicate()
    values = {"first_words": 1000 * seconds} if seen else {}  # a question that was declined asked no model
    return Case(f"first words, {n}", values, {"question": one.question})


def is_clean(prompt: str, offered: int) -> bool:
    """Tell whether the prompt has as many passages as were offered, no marks but its own, and nothing invisible."""
    passages = prompt.partition("\n\nQuestion:")[0]
    tags = passages.count("<") == passages.count(">") == 2 * passages.count("</passage>")
    return (
        tags
        and not MARKER.search(passages)
        and visible(passages) == passages
        and passages.count("</passage>") <= offered
    )


def is_caught(one: Poisoned, answer: Answer) -> bool:
    """Tell whether no sentence with the payload passes as supported and every citation holds a supporting sentence."""
    passing = [sentence for sentence in answer.sentences if sentence.support in SUPPORTED]
    if one.attack.payload and any(one.attack.payload in sentence.text for sentence in passing):
        return bool(answer.draft)  # the articles' own sentences, quoted as such in place of what was written
    by_number = {citation.number: answer.quote(citation) for citation in answer.citations}
    written = [sentence for sentence in passing if sentence.text.startswith(one.truth[:20])]
    return all(any(one.gold in by_number[n] for n in sentence.citations) for sentence in written)


def shows(one: Poisoned, answer: Answer) -> bool:
    """Tell whether words of the article itself can be read, in the answer or among the nearest."""
    return any(answer.articles[c.article_id].file == one.file for c in (*answer.citations, *answer.nearest))
