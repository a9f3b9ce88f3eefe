"""The command `byline conversations`: list, show, rename, delete, restore, export."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError
from ui.opening import json_option, just_library, library_option, settings_of

if TYPE_CHECKING:
    from bot.answer import Answer
    from bot.conversations import Conversation, Conversations
    from index.library import Library


@click.group(invoke_without_command=True)
@click.pass_context
def conversations(ctx: click.Context) -> None:
    """List, show, rename, delete and export saved conversations.

    `byline ask --conversation new "…"` starts one, and `--conversation ID` goes on with it.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_them)


@conversations.command("list")
@click.option("--search", "words", default="", help="Only those that have all of these words.")
@library_option
@json_option
def list_them(words: str, library: Path | None, as_json: bool) -> None:
    """List the conversations, the one that changed last first."""
    with just_library(library) as opened:
        found: list[Conversation] = []
        if opened:
            from bot.conversations import Conversations

            kept = Conversations(opened)
            found = kept.search(words) if words.strip() else kept.entries()
            kept.close()
    if as_json:
        keys = ("id", "title", "created", "changed", "turns")
        click.echo(
            json.dumps([{key: getattr(one, key) for key in keys} for one in found], ensure_ascii=False, indent=2)
        )
        return
    for one in found:
        turns = f"{one.turns} turn{'' if one.turns == 1 else 's'}"
        click.echo(f"{one.id:>5}  {one.changed[:16].replace('T', ' ')}  {one.title or 'Untitled'}  ({turns})")
    if not found:
        hint = "No conversation has these words." if words.strip() else "No conversations yet."
        click.echo(f'{hint} Start one with `byline ask --conversation new "…"`.', err=True)


@conversations.command()
@click.argument("id", type=int)
@library_option
def show(id: int, library: Path | None) -> None:
    """Print a conversation, as it was answered."""
    from ui.terminal import render_answer

    with opened_conversations(library) as kept:
        click.echo(click.style(kept.get(id).title or "Untitled", bold=True))
        for turn in kept.turns(id):
            click.echo(f"\n{click.style(f'{turn.number}. {turn.answer.question}', bold=True)}")
            click.echo(render_answer(turn.answer))


@conversations.command()
@click.argument("id", type=int)
@click.argument("title")
@library_option
def rename(id: int, title: str, library: Path | None) -> None:
    """Give a conversation another TITLE."""
    with opened_conversations(library) as kept:
        click.echo(f"{id}  {kept.rename(id, title).title}")


@conversations.command()
@click.argument("id", type=int)
@click.option("--now", is_flag=True, help="Erase it at once instead of keeping it for thirty days.")
@library_option
def delete(id: int, now: bool, library: Path | None) -> None:
    """Delete a conversation; for thirty days `restore` brings it back."""
    with opened_conversations(library) as kept:
        if now:
            kept.erase(id)
        else:
            kept.delete(id)
    click.echo(f"erased  {id}" if now else f"deleted  {id}  (`byline conversations restore {id}` brings it back)")


@conversations.command()
@click.argument("id", type=int)
@library_option
def restore(id: int, library: Path | None) -> None:
    """Bring a deleted conversation back."""
    with opened_conversations(library) as kept:
        click.echo(f"{id}  {kept.restore(id).title}")


@conversations.command()
@click.argument("id", type=int)
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@library_option
def export(id: int, form: str, output: Path | None, library: Path | None) -> None:
    """Print a conversation as Markdown with footnotes, or as JSON."""
    from bot.export import to_json, to_markdown

    with opened_conversations(library) as kept:
        conversation, turns = kept.get(id), kept.turns(id)
    if form == "json":
        text = json.dumps(to_json(conversation, turns), ensure_ascii=False, indent=2) + "\n"
    else:
        text = to_markdown(conversation, turns)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BylineError(f"{output} cannot be written ({error.strerror}). Choose another file.") from error


@contextmanager
def opened_conversations(folder: Path | None) -> Iterator[Conversations]:
    """Open the saved conversations of a library; BylineError where there is no library."""
    with just_library(folder) as library:
        if library is None:
            raise BylineError(
                f"There is no library in {settings_of(folder).folder} yet, and so no conversation. Start one with "
                "`byline add FOLDER`."
            )
        from bot.conversations import Conversations

        kept = Conversations(library)
        try:
            yield kept
        finally:
            kept.close()


class Continued:
    """The conversation that a command goes on with: none, one that there is, or a new one."""

    def __init__(self, kept: Conversations | None, wanted: str | None) -> None:
        """Find the conversation called `wanted`; BylineError if there is none."""
        self._kept = kept
        self._id = None
        if kept and wanted != "new":
            if not str(wanted).isdecimal():
                raise BylineError(f'--conversation is {wanted!r}: give the number of a conversation, or "new".')
            self._id = kept.get(int(str(wanted))).id

    def history(self) -> list[tuple[str, str]]:
        """Return the turns so far, as `Bot.ask` takes them."""
        return self._kept.history(self._id) if self._kept and self._id else []

    def add(self, answer: Answer, **produced_by: Mapping[str, Any]) -> dict[str, int]:
        """Save a turn and return where it is; a new conversation starts when it has something to keep."""
        if self._kept is None:
            return {}
        if self._id is None:
            self._id = self._kept.create().id
            click.echo(f"Saved as conversation {self._id}; go on with --conversation {self._id}.", err=True)
        return {"conversation": self._id, "turn": self._kept.add(self._id, answer, **produced_by).number}


@contextmanager
def continued(library: Library, wanted: str | None) -> Iterator[Continued]:
    """Go on with the conversation called `wanted`, start one for "new", or keep nothing for None."""
    if wanted is None:
        yield Continued(None, None)
        return
    from bot.conversations import Conversations

    kept = Conversations(library)
    try:
        yield Continued(kept, wanted)
    finally:
        kept.close()
