"""The command `byline`: chat, ask, add, articles, remove, eval.

Nothing heavy is imported before a command needs it: listing articles must not pay for Chroma or Gradio.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError
from ui.commands_articles import COMMANDS
from ui.conversations import continued, conversations
from ui.evaluate import evaluate
from ui.llm import llm as llm_command
from ui.llm import model_called, show_drafts
from ui.llm import option as llm_option
from ui.opening import EXIT_ERROR, bar, json_option, library_option, limited, limits_of, opened

if TYPE_CHECKING:
    from bot.chat import Bot
    from index.stores import Stores


class _Main(click.Group):
    """Turn every error that is meant for a person into one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BylineError as error:
            click.echo(f"byline: {error}", err=True)
            ctx.exit(EXIT_ERROR)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="byline", message="byline %(version)s")
def main() -> None:
    """Ask a stack of news articles, and see who printed each sentence of the answer, when, and where.

    \b
    byline add ~/articles                 put a folder of articles into the library
    byline ask "why wasn't Iran invited"  get an answer made of quotations
    byline chat                           the same in the browser
    """
    # Every part that would talk to another host, told not to before it is imported.
    os.environ.update(ANONYMIZED_TELEMETRY="False", GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")


@main.command()
@library_option
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535), help="Where to listen.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where from: 0.0.0.0 lets the network in.")
@click.option("--auth", metavar="USER:PASSWORD", envvar="BYLINE_AUTH", help="Ask whoever comes for these.")
@click.option("--bundled", is_flag=True, help="Add the bundled articles first if the library was never used.")
@click.option("--browser/--no-browser", default=True, help="Open the page in your browser.")
@llm_option
def chat(
    library: Path | None, port: int, host: str, auth: str | None, bundled: bool, browser: bool, llm: str | None
) -> None:
    """Open the page at http://127.0.0.1:7860, for this machine only unless --host says otherwise."""
    from ui.access import checked_access

    access = checked_access(host, auth)
    if access.warning:
        click.secho(f"byline: {access.warning}", fg="yellow", err=True)
    with opened(library) as stores:
        if bundled and not stores.library.ledger():
            import seeds

            click.echo("Adding the bundled articles …", err=True)
            from index.ingest import add

            with bar("Adding articles") as progress:
                add(stores, [seeds.FOLDER], progress=progress)
        bot = _bot(stores, llm)  # before the page is imported, which takes seconds: an error should come at once
        from ui import web

        web.serve(bot, stores, access=access, port=port, open_browser=browser)


@main.command()
@click.argument("question")
@click.option("--conversation", metavar="ID", help='Go on with a saved conversation, or start one with "new".')
@click.option("--as-asked", is_flag=True, help="Search for the words as typed, whatever was said before.")
@library_option
@limited
@json_option
@llm_option
def ask(
    question: str,
    conversation: str | None,
    as_asked: bool,
    library: Path | None,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    as_json: bool,
    llm: str | None,
) -> None:
    """Answer QUESTION with quotations and say where each stands.

    With --json and - for QUESTION, read JSON Lines from standard input, one object with "question" and
    perhaps "history" ([[question, answer], …]) a line, and write one answer a line in the same order.
    """
    if question == "-" and not as_json:
        raise BylineError("Reading questions from standard input needs --json: byline ask --json - < FILE")
    from bot.answer import as_json as answer_json
    from ui.terminal import render_answer

    limits = limits_of(outlets, since, until)
    with opened(library, must_exist=True) as stores, continued(stores.library, conversation) as kept:
        bot = _bot(stores, llm)
        produced_by = {"limits": asdict(limits), "settings": {**bot.settings(), "as_asked": as_asked}}
        for asked, history in _questions(question):
            growing = bot.stream(asked, [*kept.history(), *history], limits=limits, as_asked=as_asked)
            answer = show_drafts(growing, quiet=as_json)
            record = answer_json(answer) | kept.add(answer, **produced_by)
            click.echo(json.dumps(record, ensure_ascii=False) if as_json else render_answer(answer))
            sys.stdout.flush()


for command in (*COMMANDS, conversations, evaluate, llm_command):
    main.add_command(command)


def _bot(stores: Stores, llm: str | None) -> Bot:
    from bot.chat import Bot
    from bot.decline import caution_from
    from index.stores import bring_into_step, is_in_step

    caution = caution_from(os.environ)
    model = model_called(llm)
    if not is_in_step(stores):
        with stores.library.writing(), bar("Rebuilding the index") as progress:
            bring_into_step(stores, progress=progress)
    return Bot(stores, llm=model, caution=caution)


def _questions(question: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the question, or those of standard input for `-`, each with its history."""
    if question != "-":
        yield question, []
        return
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip():
            yield _parsed(line, number)


def _parsed(line: str, number: int) -> tuple[str, list[tuple[str, str]]]:
    try:
        record = json.loads(line)
        return str(record["question"]), [(str(q), str(a)) for q, a in record.get("history") or []]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BylineError(
            f"Line {number} of standard input is not a question ({error!r}). Write one object a line: "
            '{"question": "…", "history": [["question", "answer"], …]}'
        ) from error


if __name__ == "__main__":
    main()
