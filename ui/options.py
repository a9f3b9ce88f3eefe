"""What several commands share: where the library is, and opening it without any index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import BylineError

if TYPE_CHECKING:
    from index.library import Library
    from index.settings import Settings

library_option = click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="BYLINE_LIBRARY",
    help="Where articles and indexes are kept (default: your user's data folder).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def chosen_settings(folder: Path | None) -> Settings:
    """Return the settings for the folder of the command line, or those of the environment."""
    from index.settings import Settings

    return Settings(folder.expanduser()) if folder else Settings.from_environment()


def require_library(folder: Path) -> None:
    """Raise BylineError where there is no library."""
    from index.library import FILE_NAME

    if not (folder / FILE_NAME).exists():
        raise BylineError(f"There is no library in {folder} yet. Start one with `byline add FOLDER`.")


@contextmanager
def just_library(folder: Path | None) -> Iterator[Library | None]:
    """Open the list of articles without any index; None where there is no library."""
    from index.library import FILE_NAME, open_library

    settings = chosen_settings(folder)
    if not (settings.folder / FILE_NAME).exists():
        yield None
        return
    library = open_library(settings.folder, built_by={})
    try:
        yield library
    finally:
        library.close()
