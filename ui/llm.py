"""The option `--llm`, and the command `byline llm`: which language models there are, and whether one answers."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answer import Answer
    from bot.llms import Model

option = click.option(
    "--llm",
    metavar="NAME",
    envvar="BYLINE_LLM",
    help="Let a language model write: openai/…, anthropic/…, ollama/…, or an address (http://…). See `byline llm`.",
)
_TEST = (("system", "You are being tested."), ("user", "Reply with the one word: ready"))


def model_called(name: str | None) -> Model | None:
    """Return the model called `name`, or None for none; the environment is read here and nowhere deeper."""
    if not name:
        return None
    from bot.llms import open_llm

    value = os.environ.get("BYLINE_LLM_TIMEOUT", "120")
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise BylineError(f"BYLINE_LLM_TIMEOUT={value!r} is no number of seconds; write for instance 120.")
    return open_llm(name, os.environ, first=seconds)


def show_drafts(growing: Iterator[Answer], *, quiet: bool = False) -> Answer:
    """Return the last of `growing`, and meanwhile show on standard error what a model writes, before it is checked."""
    shown = 0
    for answer in growing:
        shown = 0 if quiet else _show(answer, shown)
    if shown:
        click.echo("\n", err=True)
    return answer


def _show(answer: Answer, shown: int) -> int:
    from bot.prompt import visible

    if answer.sentences or len(answer.draft) <= shown:
        return shown
    if not shown:
        click.echo(click.style(f"{answer.model} writes, unchecked:\n", dim=True), err=True)
    click.echo(click.style(visible(answer.draft[shown:]), dim=True), err=True, nl=False)
    sys.stderr.flush()
    return len(answer.draft)


@click.command()
@click.argument("name", required=False)
def llm(name: str | None) -> None:
    """List the language models that answers can be written with, or test the one called NAME.

    \b
    byline llm                            what is installed, and which key it needs
    byline llm ollama/llama3.2            ask it one word
    byline ask --llm ollama/llama3.2 …    let it write; BYLINE_LLM sets it for good
    """
    if name:
        _try(name)
        return
    from bot.llms import ADDRESS, PROVIDERS

    rows = [(provider.example, *_needs(provider)) for provider in (*PROVIDERS, ADDRESS)]
    widest = max(len(example) for example, *_ in rows)
    for example, state, todo in rows:
        click.echo(f"{example:<{widest}}  {state:<10}  {todo}".rstrip())
    chosen = os.environ.get("BYLINE_LLM")
    click.echo(f"\nBYLINE_LLM is {chosen}." if chosen else "\nBYLINE_LLM is not set: answers are made of quotations.")


def _needs(provider: Any) -> tuple[str, str]:
    """Return the state of a provider and what is to be done."""
    if not provider.installed:
        return "missing", f"pip install 'byline[{provider.name}]'"
    if provider.key and not os.environ.get(provider.key):
        return "no key", f"set {provider.key}"
    return "ready", "a key, where the server wants one: BYLINE_LLM_KEY" if provider.name == "openai-like" else ""


def _try(name: str) -> None:
    from bot.generate import stream

    model = model_called(name)
    assert model is not None
    began = time.perf_counter()
    pieces: Iterable[str]
    with closing(stream(model, _TEST)) as pieces:
        said, first = "", 0.0
        for piece in pieces:
            first = first or (time.perf_counter() - began if piece else 0.0)
            said += piece
    click.echo(f"{name} answers: “{' '.join(said.split())[:80]}” (first words after {first:.1f} s)")
