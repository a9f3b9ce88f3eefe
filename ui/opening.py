"""What several commands share: their options, how a library is opened, and a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError

if TYPE_CHECKING:
    from index.library import Library
    from index.limits import Limits
    from index.settings import Settings
    from index.stores import Stores

EXIT_ERROR = 2
library_option = click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="BYLINE_LIBRARY",
    help="Where articles and indexes are kept (default: your user's data folder).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def limited(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be limited to outlets and days."""
    command = click.option("--until", metavar="DAY", help="Only articles published until then, such as 2014-09-20.")(
        command
    )
    command = click.option("--since", metavar="DAY", help="Only articles published since then.")(command)
    return click.option("--outlet", "outlets", multiple=True, help="Only articles of this outlet; may be repeated.")(
        command
    )


def settings_of(folder: Path | None) -> Settings:
    """Return the settings of the library in `folder`, or of the one that the environment names."""
    from index.settings import Settings

    return Settings(folder.expanduser()) if folder else Settings.from_environment()


def limits_of(outlets: tuple[str, ...], since: str | None, until: str | None) -> Limits:
    """Return the limits of the options that `limited` adds."""
    from index.limits import Limits, checked_limits

    return checked_limits(Limits(outlets, since, until))


@contextmanager
def opened(folder: Path | None, *, must_exist: bool = False) -> Iterator[Stores]:
    """Open the stores; with `must_exist`, refuse to make a library just to find it empty."""
    from index.minilm import MiniLM
    from index.stores import open_stores

    settings = settings_of(folder)
    if must_exist:
        require_library(settings.folder)
    stores = open_stores(settings, MiniLM())
    try:
        yield stores
    finally:
        stores.close()


@contextmanager
def just_library(folder: Path | None) -> Iterator[Library | None]:
    """Open the list of articles without any index; None where there is no library."""
    from index.library import FILE_NAME, open_library

    settings = settings_of(folder)
    if not (settings.folder / FILE_NAME).exists():
        yield None
        return
    library = open_library(settings.folder, built_by={})
    try:
        yield library
    finally:
        library.close()


def require_library(folder: Path) -> None:
    """Raise BylineError if there is no library in `folder`."""
    from index.library import FILE_NAME

    if not (folder / FILE_NAME).exists():
        raise BylineError(f"There is no library in {folder} yet. Start one with `byline add FOLDER`.")


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
