"""Which sentences an answer quotes, how many, with which words, and when it declines."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.answer import as_json
from bot.chat import Bot
from bot.decline import THRESHOLDS, answerability, caution_from, threshold
from bot.evidence import ANSWERABILITY, READ, WEIGHTS, read_passages
from bot.extract import MOST, Rule, choose, find_short, quote, whole
from bot.logistic import probability
from bot.reader import Judgement, Reading
from bot.similarity import Scored
from index.articles import Article
from index.errors import BylineError
from index.ingest import add
from index.passages import Span
from index.search import search
from index.stores import Stores

TEXT = "Ana Roe opened the quay on Monday. She called it overdue.\n\nIt cost 12 million euros. Ferries stop in June."
QUAY, OVERDUE, COST, FERRIES = (0, 34), (35, 57), (59, 84), (85, 106)
TWIN = "The quay was opened by Ana Roe on Monday. A band played."


def article(id: str, text: str = TEXT) -> Article:
    return Article(id, text, f"{id}.txt", f"/{id}.txt", title=id, outlet=f"The {id}")


ARTICLES = {"a": article("a"), "b": article("b", TWIN)}


def scored(id: str, span: Span, score: float, *, axis: int = 0, words: Span | None = None, sure: float = 0.0) -> Scored:
    """A sentence whose vector is one axis: those of the same axis mean the same."""
    vector = np.eye(8, dtype=np.float32)[axis]
    return Scored(id, span, score, 0.5, 0.5, 0.5, vector, words, sure)


class Marker:
    """A reader that finds an answer in every sentence holding a word of the question that starts with a capital."""

    def __init__(self) -> None:
        self.read_texts: list[str] = []

    def read(self, question: str, text: str, sentences: Sequence[Span]) -> Reading:
        names = [word.strip("?") for word in question.split()[1:] if word[0].isupper()]
        self.read_texts.append(text)
        judged = []
        for start, end in sentences:
            at = next((text.find(name, start, end) for name in names if text.find(name, start, end) >= 0), -1)
            score = 9.0 if at >= 0 else -9.0
            judged.append(Judgement(score, (max(at, start), end), score))
        return Reading(max(one.score for one in judged), 0.0, tuple(judged))


# How many sentences, and which


def test_a_neighbour_is_taken_more_readily_unless_it_says_next_to_nothing() -> None:
    text = "Ana Roe opened the quay on Monday.\n\nThe port had waited four years for its new quay. It rained."
    first, next_to_it, short = (0, 34), (36, 83), (84, 93)
    rule = Rule(close=0.9, least=0.5, beside=0.1, least_beside=0.05)
    found = choose(
        [scored("a", first, 0.9), scored("a", next_to_it, 0.2, axis=1), scored("a", short, 0.2, axis=2)],
        {"a": article("a", text)},
        rule=rule,
    )
    assert [one.quotations[0].span for one in found] == [first, next_to_it]


def test_takes_what_comes_near_the_best_and_no_more() -> None:
    found = [scored("a", QUAY, 0.9), scored("a", COST, 0.6, axis=1), scored("a", FERRIES, 0.4, axis=2)]
    chosen = choose(found, ARTICLES, rule=Rule(close=0.5))
    assert [one.quotations[0].span for one in chosen] == [QUAY, COST]


def test_the_best_is_quoted_however_low_it_scores() -> None:
    chosen = choose([scored("a", QUAY, 0.1), scored("a", COST, 0.09, axis=1)], ARTICLES, rule=Rule(0.5, least=0.2))
    assert [one.quotations[0].span for one in chosen] == [QUAY]


def test_at_most_five_statements() -> None:
    found = [scored("a", (n, n + 5), 0.9, axis=n) for n in range(8)]
    assert len(choose(found, ARTICLES, rule=Rule(close=0.5))) == MOST


def test_two_outlets_with_one_fact_are_one_statement_with_two_citations() -> None:
    statements = choose([scored("a", QUAY, 0.9), scored("b", (0, 41), 0.8)], ARTICLES, rule=Rule(close=0.5))
    sentences, citations = quote(statements, ARTICLES)
    assert [one.citations for one in sentences] == [(1, 2)]
    assert [(one.article_id, one.start, one.end) for one in citations] == [("a", *QUAY), ("b", 0, 41)]


def test_the_same_fact_twice_in_one_article_is_quoted_once() -> None:
    assert len(choose([scored("a", QUAY, 0.9), scored("a", OVERDUE, 0.8)], ARTICLES, rule=Rule(close=0.5))) == 1


def test_the_best_comes_first_and_the_others_in_reading_order() -> None:
    found = [scored("a", COST, 0.9), scored("a", FERRIES, 0.8, axis=1), scored("a", QUAY, 0.7, axis=2)]
    chosen = choose(found, ARTICLES, rule=Rule(close=0.5))
    assert [one.quotations[0].span for one in chosen] == [COST, QUAY, FERRIES]


# Whole quotations, short answers


def test_a_pronoun_brings_the_sentence_that_it_leans_on() -> None:
    assert whole(scored("a", OVERDUE, 0.9), ARTICLES).span == (0, 57)
    assert whole(scored("a", QUAY, 0.9), ARTICLES).span == QUAY


def test_what_is_brought_along_is_not_quoted_twice() -> None:
    statements = choose([scored("a", QUAY, 0.9), scored("a", OVERDUE, 0.8, axis=1)], ARTICLES, rule=Rule(close=0.5))
    sentences, citations = quote(statements, ARTICLES)
    assert [one.text for one in sentences] == [TEXT[0:57]]
    assert [(one.start, one.end) for one in citations] == [(0, 57)]


def test_nothing_is_brought_from_another_paragraph() -> None:
    assert whole(scored("a", COST, 0.9), ARTICLES).span == COST


@pytest.mark.parametrize(
    ("question", "words", "sure", "short"),
    [
        ("How much did it cost?", (67, 83), 9.0, "12 million euros"),
        ("how much did it cost", (67, 83), 0.5, None),
        ("Why did it cost so much?", (67, 83), 9.0, None),
        ("How much did it cost?", None, 9.0, None),
    ],
)
def test_a_short_answer_is_given_where_its_words_are_sure(
    question: str, words: Span | None, sure: float, short: str | None
) -> None:
    found = find_short(question, scored("a", COST, 0.9, words=words, sure=sure), ARTICLES)
    assert (TEXT[found.start : found.end] if found else None) == short


@pytest.mark.parametrize(
    ("question", "text", "words", "short"),
    [
        ("Who runs the port?", "Ana Roe runs the port.", "Ana Roe", True),
        ("Who runs the port?", "The group runs the port.", "The group", False),
        ("Who runs the port?", "They blamed Ana Roe, the former head of the port.", "Ana Roe", False),
        ("Who was the former head of the port?", "They blamed Ana Roe, the former head of the port.", "Ana Roe", True),
    ],
)
def test_a_short_answer_to_who_is_a_name_and_of_the_right_time(
    question: str, text: str, words: str, short: bool
) -> None:
    start = text.index(words)
    best = scored("a", (0, len(text)), 0.9, words=(start, start + len(words)), sure=9.0)
    assert (find_short(question, best, {"a": article("a", text)}) is not None) == short


# Declining


def test_caution_moves_the_threshold_from_never_to_always() -> None:
    marks = [threshold(caution / 20) for caution in range(21)]
    assert marks == sorted(marks)
    assert (marks[0], marks[-1]) == (0.0, 1.0)
    assert threshold(0.05) == pytest.approx(THRESHOLDS[0.05])


@pytest.mark.parametrize("value", ["-0.1", "2", "much"])
def test_a_caution_that_is_none_is_named(value: str) -> None:
    with pytest.raises(BylineError, match=r"BYLINE_CAUTION is .*from 0 \(never"):
        caution_from({"BYLINE_CAUTION": value})


def test_caution_comes_from_the_environment() -> None:
    assert caution_from({"BYLINE_CAUTION": "0.2"}) == 0.2
    assert caution_from({}) == caution_from({"BYLINE_CAUTION": " "}) == 0.05


def test_the_best_sentence_decides_whether_there_is_an_answer() -> None:
    best, other = (replace(scored("a", QUAY, 0.5), answerability=sure) for sure in (0.3, 0.9))
    assert answerability([best, other]) == 0.3
    assert answerability([]) == 0.0


@pytest.mark.parametrize("weights", [WEIGHTS, ANSWERABILITY])
def test_what_the_reader_finds_counts_for_an_answer(weights: dict[str, float]) -> None:
    nothing = dict.fromkeys(weights, 0.0) | {"always": 1.0}
    found = nothing | {"relevance": 6.0, "words": 6.0, "answers": 6.0, "cosine": 0.8, "carried": 1.0}
    assert probability(weights, nothing) < 0.5 < probability(weights, found)


# The whole way


@pytest.fixture
def asked(stores: Stores, folder: Path) -> Callable[[str, float], dict[str, object]]:
    """Ask the two small articles, read by `Marker`."""
    add(stores, [folder])

    def ask(question: str, caution: float) -> dict[str, object]:
        return as_json(Bot(stores, reader=Marker(), caution=caution).ask(question))

    return ask


def test_an_answer_is_what_the_reader_found(asked: Callable[[str, float], dict[str, object]]) -> None:
    answer = asked("What do Boats do?", 0.0)
    assert not answer["declined"]
    assert [one["text"] for one in answer["sentences"]][:1] == ["Boats float."]  # type: ignore[attr-defined]


def test_full_caution_declines_and_shows_the_nearest(asked: Callable[[str, float], dict[str, object]]) -> None:
    answer = asked("What do Boats do?", 1.0)
    assert answer["declined"] and answer["nearest"] and not answer["sentences"]


def test_reading_stops_where_a_passage_answers_for_sure(stores: Stores, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text(f"Quay {number} is open. Boats moor at it.\n")
    add(stores, [tmp_path])
    question = "Where do Boats moor?"
    hits = search(stores, question, k=8)
    articles = stores.library.articles({hit.passage.article_id for hit in hits})
    sure, unsure = Marker(), Marker()
    read_passages(stores, sure, question, hits, articles)
    read_passages(stores, unsure, question, hits, articles, sure=np.inf)
    assert (len(sure.read_texts), len(unsure.read_texts)) == (2, READ)
