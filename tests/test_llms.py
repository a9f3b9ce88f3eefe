"""Language models by name, and the commands that use them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import seeds
from bot.llms import PROVIDERS, Provider, open_llm
from evals.scripted import Scripted, scripted
from index.errors import BylineError
from ui.cli import main

TOP = Path(__file__).parent.parent
REPLY = "The United States stood in the way of the French invitation [1]."


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.mark.parametrize("name", ["gpt-4", "nobody/model", "openai/", "", "ftp://here"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(BylineError, match=r"There is no language model called .*openai/…"):
        open_llm(name, {})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(BylineError, match="set OPENAI_API_KEY"):
        open_llm("openai/gpt-4.1-mini", {})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Provider(
        "anthropic", "llama_index.llms.no_such_package", "ANTHROPIC_API_KEY", "anthropic/claude-sonnet-4-5"
    )
    monkeypatch.setattr("bot.llms.PROVIDERS", (absent,))
    with pytest.raises(BylineError, match=r"pip install 'byline\[anthropic\]'"):
        open_llm("anthropic/claude-sonnet-4-5", {"ANTHROPIC_API_KEY": "k"})


def test_a_window_that_is_no_number() -> None:
    with pytest.raises(BylineError, match="BYLINE_LLM_CONTEXT='many'"):
        open_llm("ollama/llama3.2", {"BYLINE_LLM_CONTEXT": "many"})


def test_nothing_is_contacted_before_the_model_is_asked() -> None:
    assert open_llm("http://127.0.0.1:9", {}).name == "http://127.0.0.1:9"


def test_llm_lists_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "BYLINE_LLM"):
        monkeypatch.delenv(variable, raising=False)
    shown = CliRunner().invoke(main, ["llm"])
    assert shown.exit_code == 0
    assert all(provider.example in shown.output for provider in PROVIDERS)
    assert "set OPENAI_API_KEY" in shown.output
    assert "answers are made of quotations" in shown.output


def test_llm_tests_one(server: Scripted) -> None:
    name = server.say("polite", "ready")
    shown = CliRunner().invoke(main, ["llm", name])
    assert "answers: “ready”" in shown.output
    broken = CliRunner().invoke(main, ["llm", server.script("broken", [["status", 500, {}]])])
    assert broken.exit_code == 2
    assert "trouble of its own (500)" in broken.output


def test_a_bad_timeout_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_LLM_TIMEOUT", "soon")
    shown = CliRunner().invoke(main, ["llm", "http://127.0.0.1:9"])
    assert "BYLINE_LLM_TIMEOUT='soon'" in shown.output


def test_ask_shows_the_draft_apart_from_the_checked_answer(server: Scripted, tmp_path: Path) -> None:
    environment = {**os.environ, "BYLINE_LIBRARY": str(tmp_path / "library"), "BYLINE_LLM": server.say("cli", REPLY)}

    def byline(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ui.cli", *arguments]
        return subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True, check=True)

    byline("add", str(seeds.FOLDER))
    done = byline("ask", "why wasn't Iran invited")
    assert REPLY in done.stderr
    assert "unchecked" in done.stderr
    assert "The United States stood in the way of the French invitation. [1]" in done.stdout
    assert "Quillford Courier" in done.stdout
    server.script("cli", [["status", 401, {}]])
    done = byline("ask", "why wasn't Iran invited")
    assert "refused the key" in done.stdout
    assert "“" in done.stdout
