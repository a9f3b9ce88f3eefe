"""The command `byline`: chat, ask, eval, and those of `ui.commands_articles`.

Nothing heavy is imported before a command needs it: listing articles must not pay for Chroma or Gradio.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError
from ui.commands_articles import COMMANDS
from ui.evaluate import evaluate
from ui.llm import llm as llm_command
from ui.llm import model_called, show_drafts
from ui.llm import option as llm_option
from ui.opening import EXIT_ERROR, bar, json_option, library_option, limited, limits_of, opened

if TYPE_CHECKING:
    from bot.chat import Bot
    from index.stores import Stores

EXAMPLES = (  # for the bundled articles
    "why wasn't Iran invited",
    "How much do the militants earn in a day?",
    "What did Sadr promise?",
    "What did the Pope say?",
)


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
@click.option("--bundled", is_flag=True, help="Add the bundled articles first if the library was never used.")
@click.option("--browser/--no-browser", default=True, help="Open the page in your browser.")
@llm_option
def chat(library: Path | None, port: int, bundled: bool, browser: bool, llm: str | None) -> None:
    """Open the chat at http://127.0.0.1:7860, for this machine only."""
    with opened(library) as stores:
        if bundled and not stores.library.ledger():
            import seeds

            click.echo("Adding the bundled articles …", err=True)
            from index.ingest import add

            with bar("Adding articles") as progress:
                add(stores, [seeds.FOLDER], progress=progress)
        bot = _bot(stores, llm)  # before the page is imported, which takes seconds: an error should come at once
        from bot.answer import as_json
        from ui import web

        examples = EXAMPLES if _is_bundled(stores) else ()
        page = web.build(bot, library=stores.library, examples=examples, to_json=as_json)
        web.launch(page, port=port, open_browser=browser)


@main.command()
@click.argument("question")
@library_option
@limited
@json_option
@llm_option
def ask(
    question: str,
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
    with opened(library, must_exist=True) as stores:
        bot = _bot(stores, llm)
        for asked, history in _questions(question):
            growing = bot.stream(asked, history, limits=limits)
            answer = show_drafts(growing, quiet=as_json)
            click.echo(json.dumps(answer_json(answer), ensure_ascii=False) if as_json else render_answer(answer))
            sys.stdout.flush()


for command in COMMANDS:
    main.add_command(command)


main.add_command(evaluate)
main.add_command(llm_command)


def _is_bundled(stores: Stores) -> bool:
    """Tell whether the library has a bundled article, so that questions about them make sense."""
    import seeds

    return any(Path(path).is_relative_to(seeds.FOLDER) for path in stores.library.ledger())


def _bot(stores: Stores, llm: str | None) -> Bot:
    from bot.chat import Bot
    from index.stores import bring_into_step, is_in_step

    model = model_called(llm)
    if not is_in_step(stores):
        with stores.library.writing(), bar("Rebuilding the index") as progress:
            bring_into_step(stores, progress=progress)
    return Bot(stores, llm=model)


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
