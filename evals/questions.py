"""Suite `questions`: does it answer, cite right and decline right?

    byline eval questions --data ARTICLES --set FILE

FILE has one JSON object a line: id, question, answerable, gold [{file, quote}], and perhaps history
[[question, answer], …], must_say [regular expression, …], standalone (the question as a person would ask it alone),
kind and split. A FILE in SQuAD's format (`*.json`) brings its articles with it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import seeds
from bot.answer import Answer, as_json
from bot.chat import Bot
from evals import squad
from evals.library import Remembering, library_of
from evals.measures import Place, carries, citation_scores
from evals.provenance import corpus_digest
from evals.question_files import BUNDLED, Question, set_digest
from evals.question_files import read as read
from evals.suite import Case, Inputs, Measure, Plan
from index.articles import Article
from index.errors import BylineError

SUPPORTED = ("quoted", "supported")  # verdicts that count where there is no gold span to judge by

MEASURES = (
    Measure("answered_with_gold", "answered with the right evidence"),
    Measure("must_say", "the evidence says what it must"),
    Measure("first_is_gold", "the first sentence is the right one"),
    Measure("citation_recall", "citation recall"),
    Measure("citation_precision", "citation precision"),
    Measure("declined_unanswerable", "declined, of what has no answer"),
    Measure("declined_answerable", "declined, of what has one", "lower"),
    Measure("area_under_risk_coverage", "area under risk–coverage", "lower", ("confidence", "right"), "risk-coverage"),
    Measure("sentences_shown", "sentences shown in an answer", "neither", digits=2),
    Measure("milliseconds", "milliseconds a question, median", "lower", combine="median", digits=0, timed=True),
)
HEADLINE = ("answered_with_gold", "declined_unanswerable", "declined_answerable", "citation_precision")


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """Index the articles and plan one case a question."""
    with asked(inputs) as (bot, questions):
        articles = bot.stores.library.articles()
        yield Plan(
            MEASURES,
            HEADLINE,
            {one.id: partial(ask, bot, one, articles) for one in questions},
            corpus=corpus_digest(articles.values()),
            questions=set_digest(questions, articles),
            configuration={"passage_tokens": inputs.passage_tokens, "split": inputs.split},
        )


@contextmanager
def asked(inputs: Inputs) -> Iterator[tuple[Bot, list[Question]]]:
    """Index the articles that `inputs` names, and read the questions about them."""
    if inputs.data and not inputs.set:
        raise BylineError("--data needs --set FILE: which questions should be asked of these articles?")
    file = inputs.set or BUNDLED
    own: list[Article] = []
    if file.suffix.lower() == ".json":
        inputs.refuse_split("a file in SQuAD's format")
        own, questions = squad.read(file)
    paths = [] if own else [inputs.data or seeds.FOLDER]
    progress = inputs.reporting("Adding articles")
    with library_of(articles=own, paths=paths, passage_tokens=inputs.passage_tokens, progress=progress) as stores:
        if not own:
            articles = stores.library.articles().values()
            questions = read(file, {article.file: article for article in articles}, split=inputs.split)
        yield Remembering(stores, inputs.answers), questions


def ask(bot: Bot, question: Question, articles: Mapping[str, Article]) -> Case:
    """Ask one question and judge the answer."""
    answer = bot.ask(question.text, question.history)
    said = as_json(answer)
    milliseconds = said.pop("milliseconds")  # what is shown of a case is the same at every run
    values = {**judge(question, answer), "milliseconds": milliseconds}
    shown = {
        "question": question.text,
        "history": [list(turn) for turn in question.history],
        "answer": said,
        "answerable": question.answerable,
        "gold": [{"file": articles[id].file, "text": articles[id].text[a:b]} for id, a, b in question.gold],
        "must_say": list(question.must_say),
    }
    return Case(question.id, values, shown, _tags(question, answer, values))


def judge(question: Question, answer: Answer) -> dict[str, float]:
    """Return the values of the measures that apply to this question."""
    values: dict[str, float] = {"confidence": answer.confidence}
    if not question.answerable:
        return values | {"declined_unanswerable": float(answer.declined), "right": 0.0}
    values["declined_answerable"] = float(answer.declined)
    if question.must_say:
        values["must_say"] = float(says(question, answer))
    if question.gold:
        values["answered_with_gold"] = float(carries(cited(answer), question.gold))
        values["right"] = float(best_is_gold(question, answer))
    if answer.sentences:
        recall, precision = citation_scores([one.citations for one in answer.sentences], _supports(question, answer))
        values |= {"citation_recall": recall, "citation_precision": precision}
        values["sentences_shown"] = float(len(answer.sentences))
        if question.gold:
            values["first_is_gold"] = values["right"]
    return values


def cited(answer: Answer) -> list[Place]:
    """Return the places that the answer cites; a decline cites none."""
    return [(citation.article_id, citation.start, citation.end) for citation in answer.citations]


def says(question: Question, answer: Answer) -> bool:
    """Tell whether the cited words satisfy every `must_say`."""
    said = " ".join(answer.quote(citation) for citation in answer.citations)
    return bool(said) and all(one in said or re.search(one, said) for one in question.must_say)


def best_is_gold(question: Question, answer: Answer) -> bool:
    """Tell whether the best sentence carries gold: the answer's first, or the nearest if it declined.

    Judging declined questions by what they would have shown is what a risk–coverage curve needs: each question
    counts at every threshold.
    """
    by_number = {one.number: (one.article_id, one.start, one.end) for one in (*answer.citations, *answer.nearest)}
    best = answer.sentences[0].citations if answer.sentences else [one.number for one in answer.nearest[:1]]
    return carries([by_number[number] for number in best], question.gold)


def _supports(question: Question, answer: Answer) -> Callable[[int, Sequence[int]], bool]:
    """Return what supports a sentence: gold in its citations, or our own verdict where no gold is known."""
    by_number = {one.number: (one.article_id, one.start, one.end) for one in answer.citations}
    if question.gold:
        return lambda i, numbers: carries([by_number[number] for number in numbers], question.gold)
    return lambda i, numbers: answer.sentences[i].support in SUPPORTED


def _tags(question: Question, answer: Answer, values: Mapping[str, float]) -> tuple[str, ...]:
    outcome = "declined" if answer.declined else "answered"
    if question.answerable:
        right = values.get("answered_with_gold", values.get("must_say"))
    else:
        right = values["declined_unanswerable"]
    verdict = () if right is None else ("right" if right else "wrong",)
    kind = (question.kind,) if question.kind else ()
    return (*verdict, outcome, "has an answer" if question.answerable else "has no answer", *kind)
