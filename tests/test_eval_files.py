"""Files to measure on: what they mean, and errors that name file, line and field."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals import beir, conversation_files, question_files, spans, squad
from index.articles import Article
from index.errors import BylineError

MOVED = '"[{""content"": ""fig"", ""start_index"": 0, ""end_index"": 3}]"'  # in "A fig.", it begins at 2
ARTICLE = Article("0123456789ab", "Apples are red. Pears are green. Apples are red.", "apples.md", "/apples.md")
GOOD: dict[str, Any] = {"id": "q", "question": "Which colour?", "answerable": True, "gold": []}


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records), encoding="utf-8")
    return path


def read(path: Path) -> list[question_files.Question]:
    return question_files.read(path, {ARTICLE.file: ARTICLE})


def test_gold_is_every_place_where_its_words_stand(tmp_path: Path) -> None:
    gold = [{"file": "apples.md", "quote": "Apples are red."}]
    (question,) = read(write(tmp_path / "set.jsonl", GOOD | {"gold": gold}))
    assert question.gold == (("0123456789ab", 0, 15), ("0123456789ab", 33, 48))


def test_a_line_separator_within_a_question_is_no_new_line(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(
        json.dumps(GOOD | {"question": "a\u2028b"}, ensure_ascii=False) + "\n\n", encoding="utf-8-sig"
    )
    assert read(tmp_path / "set.jsonl")[0].text == "a\u2028b"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({**GOOD, "id": 3}, '"id"'),
        ({**GOOD, "question": ""}, '"question"'),
        ({**GOOD, "answerable": "yes"}, '"answerable"'),
        ({**GOOD, "gold": "Apples"}, '"gold"'),
        ({**GOOD, "gold": [{"file": "apples.md"}]}, '"gold"'),
        ({**GOOD, "gold": [{"file": "pears.md", "quote": "x"}]}, "'pears.md'"),
        ({**GOOD, "gold": [{"file": "apples.md", "quote": "Apples are blue."}]}, "'Apples are blue.'"),
        ({**GOOD, "gold": [{"file": "apples.md", "quote": " "}]}, "' '"),
        ({**GOOD, "answerable": False, "gold": [{"file": "apples.md", "quote": "Apples"}]}, '"gold"'),
        ({**GOOD, "must_say": ["("]}, '"must_say"'),
        ({**GOOD, "history": [["only a question"]]}, '"history"'),
        ({**GOOD, "standalone": 1}, '"standalone"'),
        (GOOD, "'q'"),
    ],
)
def test_a_malformed_question_is_named(line: object, says: str, tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", GOOD, line)
    with pytest.raises(BylineError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}, line 2: ")
    assert says in str(error.value)


def test_a_file_without_questions_or_of_other_bytes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BylineError, match=r"no\.jsonl cannot be read"):
        read(tmp_path / "no.jsonl")
    with pytest.raises(BylineError, match="has no questions"):
        read(write(tmp_path / "empty.jsonl"))
    with pytest.raises(BylineError, match="\"split\" is 'dev'"):
        question_files.read(write(tmp_path / "set.jsonl", GOOD), {}, split="dev")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(BylineError, match="not UTF-8"):
        read(tmp_path / "latin.jsonl")


def squad_file(answer: dict[str, Any], **question: Any) -> dict[str, Any]:
    qa = {"id": "a", "question": "Which?", "answers": [answer]} | question
    return {
        "data": [
            {
                "title": "Two_Fruits",
                "paragraphs": [{"context": "One.", "qas": []}, {"context": "Two figs.", "qas": [qa]}],
            }
        ]
    }


def test_squads_paragraphs_become_one_article(tmp_path: Path) -> None:
    path = write(tmp_path / "squad.json", squad_file({"text": "figs", "answer_start": 4}))
    (article,), (question,) = squad.read(path)
    assert (article.text, article.title) == ("One.\n\nTwo figs.", "Two Fruits")
    ((_, start, end),) = question.gold
    assert article.text[start:end] == "figs"
    assert question.must_say == ("figs",)


def test_squads_impossible_questions_have_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path / "squad.json", squad_file({}, is_impossible=True, answers=[]))
    assert [(one.answerable, one.gold) for one in squad.read(path)[1]] == [(False, ())]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON in SQuAD's format"),
        ({}, "not JSON in SQuAD's format"),
        ({"data": [{}]}, '"paragraphs"'),
        ({"data": []}, "has no questions"),
        (squad_file({"text": "figs", "answer_start": 3}), "answer_start"),
        (squad_file({"text": "figs"}), '"answer_start"'),
        (squad_file({}, answers=[]), '"answers"'),
        (squad_file({"text": "figs", "answer_start": 4}, question=None), r"data[0].paragraphs[1].qas[0]"),
    ],
)
def test_malformed_squad_is_named(content: object, says: str, tmp_path: Path) -> None:
    path = write(tmp_path / "squad.json", content)
    with pytest.raises(BylineError) as error:
        squad.read(path)
    assert str(path) in str(error.value) and says in str(error.value)


def test_beir_comes_back_as_it_was_written(tmp_path: Path) -> None:
    articles = [Article("d1", "Apples.", "d1", "", title="Fruit"), Article("d2", "Boats.", "d2", "")]
    beir.write(articles, {"q1": "fruit"}, {"q1": {"d1": 2, "d2": 0}}, folder=tmp_path)
    read = beir.read_corpus(tmp_path / "corpus.jsonl")
    assert [(one.id, one.text, one.title) for one in read] == [("d1", "Apples.", "Fruit"), ("d2", "Boats.", None)]
    assert beir.read_queries(tmp_path / "queries.jsonl") == {"q1": "fruit"}
    assert beir.read_qrels(tmp_path / "qrels" / "test.tsv") == {"q1": {"d1": 2, "d2": 0}}


@pytest.mark.parametrize(
    ("read", "content", "says"),
    [
        (beir.read_corpus, '{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}', "line 2"),
        (beir.read_corpus, '{"text": "x"}', '"_id"'),
        (beir.read_corpus, '{"_id": "a", "text": 1}', '"text"'),
        (beir.read_corpus, "", "no documents"),
        (beir.read_queries, '{"_id": "a", "text": ""}', '"text"'),
        (beir.read_qrels, "query-id\tcorpus-id\tscore\na\tb\thigh\n", "line 2"),
        (beir.read_qrels, "a b 1\n", "line 1"),
    ],
)
def test_malformed_beir_is_named(read: Callable[[Path], object], content: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BylineError, match=says):
        read(write(tmp_path / "file", content))


def test_cast_turns_find_their_passages_in_the_pool(tmp_path: Path) -> None:
    turn = {"raw_utterance": "What is it?", "passage": "A fig."}
    follow = {"raw_utterance": "And red?", "passage": "An apple.", "manual_rewritten_utterance": "What is red?"}
    follow["automatic_rewritten_utterance"] = "And what is red?"
    path = write(tmp_path / "cast.json", [{"number": 7, "turn": [turn, follow | {"number": 2}]}])
    articles, (first, asked) = conversation_files.read(path)
    assert (first.question, first.history, first.stands_alone) == ("What is it?", (), False)
    assert [one.text for one in articles] == ["A fig.", "An apple."]
    assert (asked.id, asked.history, asked.rewrite) == ("7_2", (("What is it?", "A fig."),), "What is red?")
    assert asked.automatic == "And what is red?" and asked.stands_alone
    assert asked.gold == ((articles[1].id, 0, 9),)


def said(*turns: tuple[str, str], contexts: list[Any] | None = None, id: str = "t") -> dict[str, Any]:
    spoken = [{"speaker": speaker, "text": text} for speaker, text in turns]
    return {"task_id": id, "input": spoken, "contexts": [{"text": "A fig."}] if contexts is None else contexts}


def test_mtrag_tasks_become_turns(tmp_path: Path) -> None:
    talk = [("user", "What is it?"), ("agent", "A fruit."), ("user", "Which?")]
    path = write(
        tmp_path / "tasks.jsonl", said(*talk), said(("user", "alone"), id="u"), said(*talk, contexts=[], id="v")
    )
    (article,), (asked,) = conversation_files.read(path)  # a first turn, and one that nothing answers, are left out
    assert (asked.question, asked.history) == ("Which?", (("What is it?", "A fruit."),))
    assert asked.gold == ((article.id, 0, 6),)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cast.json", "{}", "no list of topics"),
        ("cast.json", "[", "not JSON"),
        ("cast.json", '[{"number": 1, "turn": [{"raw_utterance": "x"}]}]', r"\[0\].turn\[0\].*passage"),
        ("cast.json", "[]", "no follow-up"),
        ("m.jsonl", json.dumps(said(("agent", "x"))), 'line 1: "input" does not end'),
        ("m.jsonl", '{"input": [{"text": "x"}]}', "speaker"),
        ("m.jsonl", json.dumps(said(("user", "x"), contexts=[{}])), r"contexts\[0\].*text"),
    ],
)
def test_malformed_conversations_are_named(name: str, content: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BylineError, match=says):
        conversation_files.read(write(tmp_path / name, content))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("question,references\n", "row 1.*corpus_id"),
        ("question,references,corpus_id\nq,[],fruit\n", "row 2.*references"),
        ("question,references,corpus_id\nq,nothing,fruit\n", "row 2.*references"),
        (
            'question,references,corpus_id\nq,"[{""content"": ""fig"", ""start_index"": 0, ""end_index"": 3}]",fruit\n',
            "row 2",
        ),
        ("question,references,corpus_id\nq,[],other\n", "asks nothing"),
    ],
)
def test_malformed_spans_are_named(table: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "fruit.md").write_text("A fig.")
    (tmp_path / "questions.csv").write_text(table)
    with pytest.raises(BylineError, match=says):
        spans.read(tmp_path)


def test_the_shared_sets_can_be_read(shared: Path) -> None:
    assert len(squad.read(shared / "data" / "xquad" / "xquad.en.json")[1]) == 1190
    assert len(conversation_files.read(shared / "data" / "cast" / "2021_topics.json")[1]) == 239
    assert len(spans.read(shared / "data" / "chunking")[1]) == 276
