"""The commands that change and list articles: add, refresh, articles, edit, remove, restore, status, repair.

Like `ui.cli`, nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import BylineError
from ui.opening import EXIT_ERROR, bar, json_option, just_library, library_option, limited, limits_of, opened

if TYPE_CHECKING:
    from index.library import Library
    from index.run import Report
    from index.stores import Stores

EXIT_OUT_OF_STEP = 1
_ENTRY = (
    *("id", "title", "outlet", "published", "file", "passages", "url"),
    *("section", "language", "authors", "account"),
)
_ADDRESS = ("http://", "https://")
_private = click.option("--private", is_flag=True, help="Also fetch from this machine and private networks.")


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="PATH|ADDRESS…")
@library_option
@click.option("--prune", is_flag=True, help="Remove the articles whose files are gone from these folders.")
@click.option("--column", "columns", multiple=True, metavar="FACT=NAME", help="Which column of CSV or JSON Lines.")
@click.option("--watch", is_flag=True, help="Go on adding what changes there, and removing what is deleted.")
@_private
@json_option
def add(
    places: tuple[str, ...],
    library: Path | None,
    prune: bool,
    columns: tuple[str, ...],
    watch: bool,
    private: bool,
    as_json: bool,
) -> None:
    """Add articles: files, folders, and addresses of articles and feeds.

    Byline reads text, Markdown, web pages (HTML and MHTML), PDF, DOCX, RTF, EPUB, messages and mailboxes (EML, MBOX),
    tables (CSV, JSON Lines), and archives of these (ZIP, TAR). Adding a folder or an address again takes in what is
    new or changed and nothing else. Where the columns of a table do not tell by their names what they hold, say so:
    --column text=Body --column published=Day.
    """
    from index.tables import checked_columns

    paths = [Path(place) for place in places if not place.startswith(_ADDRESS)]
    addresses = [place for place in places if place.startswith(_ADDRESS)]
    mapping = checked_columns(dict(_named(column) for column in columns))
    with opened(library) as stores:
        report = _add(stores, paths, addresses, prune=prune or watch, columns=mapping, private=private)
        _show(report, as_json=as_json)
        if watch:
            _watch(stores, paths, columns=mapping, as_json=as_json)
    _exit_for(report)


@click.command()
@library_option
@_private
@json_option
def refresh(library: Path | None, private: bool, as_json: bool) -> None:
    """Ask every address and feed that was added whether it has something new."""
    from index.addresses import refresh as refresh_addresses

    with opened(library, must_exist=True) as stores, bar("Asking addresses") as progress:
        report = refresh_addresses(stores, private=private, progress=progress)
    _show(report, as_json=as_json)
    _exit_for(report)


@click.command()
@library_option
@limited
@click.option("--removed", is_flag=True, help="List what was removed and can be restored instead.")
@json_option
def articles(
    library: Path | None,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    removed: bool,
    as_json: bool,
) -> None:
    """List the articles, oldest first; copies of one report carry the same account."""
    limits = limits_of(outlets, since, until)
    with just_library(library) as held:
        if removed:
            _list_removed(held, as_json=as_json)
            return
        entries = held.entries(limits) if held else []
    if as_json:
        click.echo(json.dumps([{k: getattr(e, k) for k in _ENTRY} for e in entries], ensure_ascii=False, indent=2))
        return
    accounts = Counter(entry.account for entry in entries)
    for entry in entries:
        copies = (
            f", account {entry.account} with {accounts[entry.account]} copies" if accounts[entry.account] > 1 else ""
        )
        click.echo(f"{_line(entry)} ({entry.passages} passages{copies})")
    if not entries:
        nothing = f"No articles {limits}." if limits else "No articles yet. Add some with `byline add FOLDER`."
        click.echo(nothing, err=True)


@click.command()
@click.argument("id")
@library_option
@click.option("--title")
@click.option("--outlet")
@click.option(
    "--published", metavar="DATE", help="A day, or a day and a time with its zone: 2014-09-15T10:30:00+02:00."
)
@click.option("--modified", metavar="DATE", help="When this version was made, likewise.")
@click.option("--author", "authors", multiple=True, help="May be repeated.")
@click.option("--url", metavar="ADDRESS")
@click.option("--section")
@click.option("--language", metavar="CODE", help="Such as en or pt-BR.")
@click.option("--reset", multiple=True, metavar="FACT", help="Take a correction back; may be repeated.")
@json_option
def edit(
    id: str, library: Path | None, authors: tuple[str, ...], reset: tuple[str, ...], as_json: bool, **facts: str | None
) -> None:
    """Correct what Byline knows of an article; without options, show it and where each fact was found.

    The file stays as it is, and the correction holds when it is added again.
    """
    from index.ingest import edit as edit_article

    changes = {fact: value for fact, value in facts.items() if value is not None} | dict.fromkeys(reset)
    if authors:
        changes["authors"] = "; ".join(authors)
    with opened(library, must_exist=True) as stores:
        article = edit_article(stores, id, changes) if changes else stores.library.article(id)
    origins = dict(article.origins)
    from index.bylines import FACTS

    shown = {fact: getattr(article, fact) for fact in FACTS}
    if as_json:
        told = {fact: {"value": value, "origin": origins.get(fact)} for fact, value in shown.items()}
        click.echo(json.dumps({"id": article.id, "file": article.file, **told}, ensure_ascii=False, indent=2))
        return
    for fact, value in shown.items():
        words = ", ".join(value) if isinstance(value, tuple) else value
        click.echo(f"{fact:10} {words or '—'}" + (f"  ({origins[fact]})" if fact in origins else ""))


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@library_option
@click.option("--forever", is_flag=True, help="So that neither `restore` nor an old citation brings their words back.")
def remove(ids: tuple[str, ...], library: Path | None, forever: bool) -> None:
    """Remove articles from the library; their files stay where they are, and `byline restore` brings them back."""
    from index.ingest import remove as remove_articles

    with opened(library, must_exist=True) as stores:
        for article in remove_articles(stores, ids, forever=forever):
            click.echo(f"removed  {article.id}  {article.label}")


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@library_option
def restore(ids: tuple[str, ...], library: Path | None) -> None:
    """Bring removed articles back; `byline articles --removed` lists them."""
    from index.ingest import restore as restore_articles

    with opened(library, must_exist=True) as stores:
        for article in restore_articles(stores, ids):
            click.echo(f"restored  {article.id}  {article.label}")


@click.command()
@library_option
@json_option
def status(library: Path | None, as_json: bool) -> None:
    """Say what is in step and what is not; exit code 1 when `byline repair` has something to do."""
    from index.health import examine
    from ui.terminal import render_health

    with opened(library, must_exist=True) as stores:
        health = examine(stores)
    click.echo(json.dumps(_health_json(health), ensure_ascii=False, indent=2) if as_json else render_health(health))
    if not health.in_step:
        sys.exit(EXIT_OUT_OF_STEP)


@click.command()
@library_option
@json_option
def repair(library: Path | None, as_json: bool) -> None:
    """Bring vectors and BM25 into step with the library, whatever was deleted or damaged."""
    from index.health import repair as repair_stores
    from index.ingest import writing
    from ui.terminal import render_health

    with opened(library, must_exist=True) as stores, writing(stores, in_step=False), bar("Repairing") as progress:
        health = repair_stores(stores, progress=progress)
    click.echo(json.dumps(_health_json(health), ensure_ascii=False, indent=2) if as_json else render_health(health))


COMMANDS: Sequence[click.Command] = (add, refresh, articles, edit, remove, restore, status, repair)


def _add(
    stores: Stores,
    paths: Sequence[Path],
    addresses: Sequence[str],
    *,
    prune: bool,
    columns: dict[str, str],
    private: bool,
) -> Report:
    """Add files and then addresses, and return one report."""
    from index.run import Report

    files: list[Any] = []
    if paths:
        from index.ingest import add as add_files

        with bar("Adding articles") as progress:
            files += add_files(stores, paths, prune=prune, columns=columns, progress=progress).files
    if addresses:
        from index.addresses import add_addresses

        with bar("Fetching articles") as progress:
            files += add_addresses(stores, addresses, private=private, progress=progress).files
    return Report(tuple(files))


def _watch(stores: Stores, paths: Sequence[Path], *, columns: dict[str, str], as_json: bool) -> None:
    from index.watching import watch

    click.echo("Watching for changes; Ctrl-C ends.", err=True)
    for report in watch(stores, paths, columns=columns):
        _show(report, as_json=as_json)
        sys.stdout.flush()


def _show(report: Report, *, as_json: bool) -> None:
    from ui.terminal import render_report

    if not as_json:
        click.echo(render_report(report))
        return
    lines = [{"path": f.path, "outcome": f.outcome, "id": f.article_id, "reason": f.reason} for f in report.files]
    click.echo(json.dumps(lines, ensure_ascii=False, indent=2))


def _exit_for(report: Report) -> None:
    if any(file.outcome == "failed" for file in report.files):
        sys.exit(EXIT_ERROR)


def _list_removed(library: Library | None, *, as_json: bool) -> None:
    removed = [article for article, _ in library.removed().values()] if library else []
    if as_json:
        keys = ("id", "title", "outlet", "published", "file", "url")
        click.echo(json.dumps([{k: getattr(a, k) for k in keys} for a in removed], ensure_ascii=False, indent=2))
        return
    for article in removed:
        click.echo(_line(article))
    if not removed:
        click.echo("Nothing was removed.", err=True)


def _line(entry: Any) -> str:
    where = f"{entry.outlet or 'unknown outlet'}, {(entry.published or 'undated')[:10]}"
    return f"{entry.id}  {where:<40}  {entry.title or entry.file}"


def _health_json(health: Any) -> dict[str, Any]:
    numbers = ("articles", "passages", "waiting", "without_vector", "without_terms", "left_behind")
    return {
        "in_step": health.in_step,
        **{name: getattr(health, name) for name in numbers},
        "failed": [{"path": line.path, "reason": line.reason} for line in health.failed],
        "changed": list(health.changed),
        "missing": list(health.missing),
    }


def _named(column: str) -> tuple[str, str]:
    fact, equals, name = column.partition("=")
    if not equals or not name:
        raise BylineError(f"--column {column}: write it as --column text=NAME, a fact and the column that holds it.")
    return fact.strip().lower(), name.strip()
