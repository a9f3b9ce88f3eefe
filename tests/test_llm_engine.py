"""An engine that nobody here wrote: llama.cpp's server, on a tiny random model that the test makes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import seeds
from bot.chat import Bot
from bot.llms import open_llm
from evals.library import library_of

TOP = Path(__file__).parent.parent
engine = pytest.importorskip("tests.engine", reason="pip install -r requirements-engine.txt", exc_type=ImportError)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    model = tmp_path_factory.mktemp("engine") / "random.gguf"
    engine.write_model(model)
    command = [sys.executable, "-m", "tests.engine", str(model)]
    child = subprocess.Popen(
        command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdout and child.stdin
    try:
        yield child.stdout.readline().strip()
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(20)


def test_what_a_random_model_babbles_is_streamed_and_never_shown_as_supported(address: str) -> None:
    with library_of(paths=[seeds.FOLDER]) as stores:
        before = threading.active_count()  # with the model's own, which live as long as it
        *drafts, answer = Bot(stores, llm=open_llm(address, {"BYLINE_LLM_CONTEXT": "1200"})).stream(
            "why wasn't Iran invited"
        )
        assert threading.active_count() == before
    assert len({draft.draft for draft in drafts}) > 5, answer.notice
    assert answer.notice
    assert {sentence.support for sentence in answer.sentences} == {"quoted"}
    assert "Iran" in answer.quote(answer.citations[0])


def test_a_stream_given_up_leaves_the_engine_free(address: str) -> None:
    with library_of(paths=[seeds.FOLDER]) as stores:
        bot = Bot(stores, llm=open_llm(address, {"BYLINE_LLM_CONTEXT": "1200"}))
        for _ in range(3):  # the engine answers one at a time: a request left behind would block the next
            growing = bot.stream("why wasn't Iran invited")
            assert next(growing).sentences == ()
            growing.close()
        assert bot.ask("why wasn't Iran invited").notice
