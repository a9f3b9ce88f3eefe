"""Runs: the same twice, kept when interrupted, compared question by question."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.chat import Bot
from evals import compare, generated, publish, runs, tables
from evals.runs import Part, Run
from evals.suite import Case, Inputs, Measure, Plan, Suite
from evals.suites import SUITES
from index.errors import BylineError
from index.passages import split_sentences
from ui.cli import main

COUNTING = Suite("counting", "How long is a word?", __name__)
WORDS = {"one": "apple", "two": "fig", "three": "pear"}
asked: list[str] = []
interrupt_at: list[str] = []  # words at which Ctrl-C is pressed, once each


@contextmanager
def plan(inputs: Inputs) -> Iterator[Plan]:
    """A suite that counts letters."""

    def count(id: str) -> Case:
        if WORDS[id] in interrupt_at:
            interrupt_at.remove(WORDS[id])
            raise KeyboardInterrupt
        asked.append(WORDS[id])
        return Case(id, {"letters": len(WORDS[id]), "short": float(len(WORDS[id]) < 4)}, {"question": WORDS[id]})

    tasks = {id: lambda id=id: count(id) for id in WORDS}
    measures = (Measure("letters", "letters", "neither"), Measure("short", "short words"))
    yield Plan(measures, ("short",), tasks, corpus="c", questions=inputs.split or "q")


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()
    interrupt_at.clear()


def byline(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["eval", *map(str, arguments)])


# Interrupting


def test_what_was_done_is_kept_and_gone_on_with(tmp_path: Path) -> None:
    interrupt_at.append("fig")
    first = runs.execute([COUNTING], Inputs(), tmp_path)
    assert not first.complete and [case.id for case in first.parts[0].cases] == ["one"]
    assert runs.read(tmp_path) == first
    second = runs.execute([COUNTING], Inputs(), tmp_path, resume=True)
    assert second.complete and asked == ["apple", "fig", "pear"]
    assert second.parts == runs.execute([COUNTING], Inputs(), tmp_path / "whole").parts
    assert not (tmp_path / runs.UNFINISHED).exists()


def test_a_line_cut_off_by_a_crash_is_asked_again(tmp_path: Path) -> None:
    interrupt_at.append("pear")
    runs.execute([COUNTING], Inputs(), tmp_path)
    path = tmp_path / runs.UNFINISHED
    path.write_bytes(path.read_bytes()[:-9])
    assert runs.execute([COUNTING], Inputs(), tmp_path, resume=True).complete
    assert asked == ["apple", "fig", "fig", "pear"]


def test_ctrl_c_before_the_first_question_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(inputs: Inputs) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{__name__}.plan", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.execute([COUNTING], Inputs(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_figures_of_different_inputs_are_not_mixed(tmp_path: Path) -> None:
    interrupt_at.append("fig")
    runs.execute([COUNTING], Inputs(), tmp_path)
    with pytest.raises(BylineError, match="begun with other questions"):
        runs.execute([COUNTING], Inputs(split="x"), tmp_path, resume=True)


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    runs.execute([COUNTING], Inputs(), tmp_path)
    with pytest.raises(BylineError, match="holds a run already"):
        runs.execute([COUNTING], Inputs(), tmp_path)
    with pytest.raises(BylineError, match="no unfinished run"):
        runs.execute([COUNTING], Inputs(), tmp_path / "new", resume=True)
    with pytest.raises(BylineError, match="is a file"):
        runs.execute([COUNTING], Inputs(), tmp_path / runs.RUN)


def test_ctrl_c_ends_with_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.evaluate.SUITES", (replace(COUNTING, quick=True),))
    interrupt_at.append("fig")
    cut = byline("--out", tmp_path / "run")
    assert cut.exit_code == 130 and "only 1 of 3" in cut.stdout
    assert f"byline eval --resume --out {tmp_path / 'run'}" in cut.stderr
    assert "was interrupted" in (tmp_path / "run" / runs.REPORT).read_text(encoding="utf-8")
    assert byline("--out", tmp_path / "run", "--resume").exit_code == 0


# Comparing


def made(values: dict[str, float], *, corpus: str = "c", questions: str = "q", better: Any = "higher") -> Run:
    cases = tuple(Case(id, {"good": value}) for id, value in values.items())
    measure = Measure("good", "good ones", better)
    part = Part("counting", "?", corpus, questions, {}, ("good",), (measure,), cases, len(cases))
    return Run((part,), {"code": {"version": "1", "commit": None}, "command": "byline eval", "started": "2026"}, True)


def test_runs_are_paired_by_question() -> None:
    old = made({"a": 0, "b": 1, "c": 1, "only in the first": 1})
    (change,) = compare.compare(old, made({"c": 0, "b": 0, "a": 1, "only in the second": 1}))
    assert (change.first, change.second, change.difference.n) == (pytest.approx(2 / 3), pytest.approx(1 / 3), 3)
    assert (change.improved, change.worsened) == (("a",), ("b", "c"))
    assert change.loss == pytest.approx(1 / 3)
    assert "counting, good ones: b c" in tables.render_changes([change])


@pytest.mark.parametrize(("better", "loss"), [("higher", 0.1), ("lower", -0.1), ("neither", 0.0)])
def test_what_is_worse_depends_on_the_measure(better: Any, loss: float) -> None:
    old, new = ({str(n): float(n < high) for n in range(100)} for high in (60, 50))
    (change,) = compare.compare(made(old, better=better), made(new, better=better))
    assert change.loss == pytest.approx(loss)
    assert change.surely_worse == (better == "higher")


def test_chance_is_not_surely_worse() -> None:
    old = {str(n): float(n % 2) for n in range(40)}
    (change,) = compare.compare(made(old), made(old | {"1": 0.0}))
    assert change.loss > 0.02 and not change.surely_worse


def test_what_was_set_otherwise_is_told() -> None:
    run = made({"a": 1})
    other = replace(run, parts=(replace(run.parts[0], configuration={"passage_tokens": 150}),))
    assert compare.settings_changed(run, other) == ["counting: passage_tokens None → 150"]
    assert compare.settings_changed(run, run) == []


@pytest.mark.parametrize("what", ["corpus", "questions"])
def test_what_cannot_be_paired_is_refused(what: str) -> None:
    with pytest.raises(BylineError, match="articles" if what == "corpus" else "questions"):
        compare.compare(made({"a": 1}), made({"a": 1}, **{what: "other"}))


def test_suites_that_differ_are_refused() -> None:
    run = made({"a": 1})
    other = replace(run, parts=(replace(run.parts[0], suite="spans"),))
    with pytest.raises(BylineError, match="no suite in common"):
        compare.compare(run, other)


def test_compare_ends_with_a_status_for_ci(tmp_path: Path) -> None:
    for name, run in {"a": made({"x": 1, "y": 1}), "b": made({"x": 1, "y": 0.9})}.items():
        runs.write(run, tmp_path / f"{name}.json")
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    assert byline("compare", a, b).exit_code == 0
    assert byline("compare", a, b, "--fail-if-worse", "0.06").exit_code == 0
    failed = byline("compare", a, b, "--fail-if-worse", "0.02")
    assert failed.exit_code == 1 and "good ones: 1.000 → 0.950" in failed.stderr
    assert byline("compare", b, a, "--fail-if-worse", "0.02").exit_code == 0
    (change,) = json.loads(byline("compare", a, b, "--json").stdout)
    assert (change["worse"], change["n"]) == (["y"], 2)


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 9}', "[]"])
def test_what_is_no_run_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / runs.RUN).write_text(content)
    failed = byline("compare", tmp_path, tmp_path)
    assert failed.exit_code == 2 and str(tmp_path) in failed.stderr


# The real thing, on two small articles


@pytest.fixture
def small(folder: Path, tmp_path: Path) -> Path:
    gold = [{"file": "apples.md", "quote": "Apples are red."}]
    questions = (
        {"id": "red", "question": "Are apples red?", "answerable": True, "gold": gold, "must_say": ["red"]},
        {"id": "float", "question": "what floats", "answerable": True},
        {"id": "king", "question": "Who is the king of Jordan?", "answerable": False},
    )
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, questions)))
    return path


def test_the_same_inputs_give_the_same_figures(small: Path, folder: Path, tmp_path: Path) -> None:
    held = []
    for name in ("first", "second"):
        done = byline("questions", "--data", folder, "--set", small, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
        run = json.loads((tmp_path / name / runs.RUN).read_text())
        for case in run["suites"][0]["cases"]:
            assert case["values"].pop("milliseconds") > 0
        run["suites"][0]["measures"] = [one for one in run["suites"][0]["measures"] if not one["timed"]]
        held.append({key: run[key] for key in ("suites", "code", "models", "libraries", "command")})
    assert held[0] == held[1]
    assert byline("compare", tmp_path / "first", tmp_path / "second", "--fail-if-worse", "0").exit_code == 0


def test_a_question_with_gold_is_judged_by_it_and_one_without_by_our_verdict(
    small: Path, folder: Path, tmp_path: Path
) -> None:
    byline("questions", "--data", folder, "--set", small, "--out", tmp_path / "run")
    cases = {case.id: case for case in runs.read(tmp_path / "run").parts[0].cases}
    values = cases["red"].values
    assert (values["answered_with_gold"], values["must_say"], values["first_is_gold"]) == (1, 1, 1)
    assert values["citation_recall"] > 0
    assert "answered_with_gold" not in cases["float"].values
    assert cases["float"].values["citation_recall"] == 1 or cases["float"].shown["answer"]["declined"]
    assert cases["king"].values["declined_unanswerable"] in (0, 1)
    assert cases["king"].values["right"] == 0


def test_suites_of_one_run_share_the_answers(
    small: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    ask = Bot.ask
    monkeypatch.setattr(
        Bot, "ask", lambda bot, text, *more, **also: counted.append(text) or ask(bot, text, *more, **also)
    )
    suite, inputs = next(one for one in SUITES if one.name == "questions"), Inputs(data=folder, set=small)
    run, again = (runs.execute([suite], inputs, tmp_path / name) for name in ("first", "second"))
    assert len(counted) == 3 and run.parts == again.parts  # the milliseconds, too


def test_an_article_that_cannot_be_read_stops_the_run(small: Path, folder: Path, tmp_path: Path) -> None:
    (folder / "empty.txt").write_text("")
    failed = byline("questions", "--data", folder, "--set", small, "--out", tmp_path / "run")
    assert failed.exit_code == 2 and "empty.txt" in failed.stderr


def test_retrieval_measures_a_beir_folder(tmp_path: Path) -> None:
    from evals import beir
    from index.articles import Article

    articles = [Article("d1", "Apples are red.", "d1", ""), Article("d2", "Boats float.", "d2", "")]
    qrels = {"q1": {"d1": 1}, "q2": {"d1": 1, "d2": 0}, "q3": {"d2": 0}}
    beir.write(articles, {"q1": "red apples", "q2": "boats float", "q3": "x"}, qrels, folder=tmp_path)
    done = byline("retrieval", "--data", tmp_path, "--out", tmp_path / "run", "--json")
    found = {one["measure"]: one for one in json.loads(done.stdout)}
    assert found["Success@1"]["value"] == 0.5 and found["RR"]["value"] == 0.75  # q3 has no judged answer
    assert found["R@5"]["n"] == 2


def test_follow_ups_are_asked_in_each_wording(tmp_path: Path) -> None:
    turns = [
        {"raw_utterance": "Tell me about apples.", "passage": "Apples grow on trees and are red."},
        {"raw_utterance": "And boats?", "passage": "Boats float.", "manual_rewritten_utterance": "Do boats float?"},
        {"raw_utterance": "Why?", "passage": "They float because water is heavier."},
    ]
    (tmp_path / "cast.json").write_text(json.dumps([{"number": 1, "turn": turns}]))
    byline("conversations", "--set", tmp_path / "cast.json", "--out", tmp_path / "run")
    first, boats, why = runs.read(tmp_path / "run").parts[0].cases
    assert first.values["recall_5_raw"] == first.values["recall_5_rewritten"] == 1
    assert boats.values["ndcg_5_person"] == 1
    assert "recall_5_person" not in why.values  # nobody rewrote it
    assert set(why.shown["wordings"]) == {"as typed", "with the previous question", "as rewritten by Byline"}
    assert why.shown["wordings"]["with the previous question"]["standalone"] == "And boats? Why?"


def test_spans_scores_characters(tmp_path: Path) -> None:
    (tmp_path / "fruit.md").write_text("Apples are red. Pears are green and soft.", encoding="utf-8")
    gold = json.dumps([{"content": "Apples are red.", "start_index": 0, "end_index": 15}]).replace('"', '""')
    (tmp_path / "questions.csv").write_text(f'question,references,corpus_id\nWhich colour are apples?,"{gold}",fruit\n')
    done = byline("spans", "--data", tmp_path, "--out", tmp_path / "run", "--json")
    found = {one["measure"]: one["value"] for one in json.loads(done.stdout)}
    assert found["passages_recall"] == 1 and found["passages_iou"] == pytest.approx(15 / 41)  # one passage: all of it
    assert found["evidence_iou"] in (0, 1, pytest.approx(15 / 40), pytest.approx(15 / 41))  # none, it, both sentences


def test_speed_measures_growth_and_rivals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.speed.ROUNDS", 1)
    monkeypatch.setattr("evals.speed.ASKED", 1)
    done = byline("speed", "--passages", "10", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    (part,) = runs.read(tmp_path / "run").parts
    figures = part.figures()
    assert figures.keys() == {one.name for one in part.measures}  # on this system, memory too
    assert all(one.value > 0 for one in figures.values())
    assert figures["warm_p50_10"].n == 8


def test_made_articles_and_their_vectors_are_the_same_every_time() -> None:
    articles = generated.make_articles(2, sentences=3)
    assert articles == generated.make_articles(2, sentences=3)
    model = generated.Recombined()
    model.learn(articles)
    sentences = [articles[0].text[start:end] for start, end in split_sentences(articles[0].text)]
    mean = model.model.embed(sentences).sum(axis=0)
    assert model.embed([articles[0].text])[0] == pytest.approx(mean / (mean @ mean) ** 0.5, abs=1e-5)


def test_a_mistake_in_the_input_does_not_block_the_folder(small: Path, folder: Path, tmp_path: Path) -> None:
    arguments = ("questions", "--data", folder, "--set", small, "--out", tmp_path / "run")
    right = small.read_text()
    small.write_text(right.replace("Apples are red.", "Apples are blue."))
    failed = byline(*arguments)
    assert failed.exit_code == 2 and "line 1" in failed.stderr
    small.write_text(right.replace("what floats", "?!"))
    failed = byline(*arguments)
    assert failed.exit_code == 2 and "case 'float': The question is empty" in failed.stderr
    small.write_text(right)
    assert "begun with other questions" in byline(*arguments, "--resume").stderr


def test_an_option_that_is_missing_is_named(tmp_path: Path, folder: Path) -> None:
    assert "needs --data" in byline("retrieval", "--out", tmp_path / "run").stderr
    assert "--data needs --set" in byline("questions", "--data", folder, "--out", tmp_path / "run").stderr
    for suite, option in (("questions", "--set"), ("conversations", "--set"), ("spans", "--data")):
        refused = byline(suite, option, tmp_path / "x.json", "--split", "tune", "--out", tmp_path / "run")
        assert refused.exit_code == 2 and "has no splits" in refused.stderr


def test_a_loss_against_the_baseline_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.evaluate.SUITES", (replace(COUNTING, quick=True),))
    assert byline("--out", tmp_path / "run").exit_code == 0
    held = runs.read(tmp_path / "run")
    runs.write(held, tmp_path / "same.json")
    better = tuple(replace(case, values={"letters": 1, "short": 2.0}) for case in held.parts[0].cases)
    runs.write(replace(held, parts=(replace(held.parts[0], cases=better),)), tmp_path / "better.json")
    runs.write(replace(held, parts=(replace(held.parts[0], corpus="other"),)), tmp_path / "other.json")
    assert byline("--out", tmp_path / "2", "--baseline", tmp_path / "same.json").exit_code == 0
    failed = byline("--out", tmp_path / "3", "--baseline", tmp_path / "better.json")
    assert failed.exit_code == 1 and "short words: 2.000 → 0.333" in failed.stderr
    other = byline("--out", tmp_path / "4", "--baseline", tmp_path / "other.json")
    assert other.exit_code == 2 and "make baseline" in other.stderr


# What is published


def test_the_published_figures_are_the_baselines() -> None:
    text = publish.README.read_text(encoding="utf-8")
    assert list(publish.problems(text, runs.read(publish.BASELINE))) == []


def test_a_row_is_replaced_by_the_same_suite_and_command() -> None:
    text = "# Figures\n<!-- figures -->\nhead\nline\n<!-- end of figures -->\nAfter."
    for value in (0.0, 1.0):
        run = made({"a": value, "b": 1.0})
        run = replace(run, parts=(replace(run.parts[0], suite="spans"),))
        text = publish.put(text, publish.published(text) | publish.rows_of(run))
    assert text.count("| spans |") == 1
    assert "good ones 1.000 [1.000, 1.000], n 2 | `byline eval` | 1 | 2026 |" in text
    assert text.endswith("<!-- end of figures -->\nAfter.")


def test_the_baseline_holds_no_texts_and_no_timings() -> None:
    run = made({"a": 1})
    timed = replace(run.parts[0], measures=(*run.parts[0].measures, Measure("ms", "ms", timed=True)))
    about = {**run.about, "models": {}, "libraries": {}, "machine": "mine"}
    kept = publish.stripped(Run((timed,), about, True))
    assert [one.name for one in kept.parts[0].measures] == ["good"]
    assert "machine" not in kept.about
    assert all(not case.shown for case in runs.read(publish.BASELINE).parts[0].cases)


def test_every_suite_is_a_module_with_a_plan() -> None:
    from importlib import import_module

    assert all(callable(import_module(suite.module).plan) for suite in SUITES)
