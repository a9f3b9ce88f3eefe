"""Benchmark: how fast mixed files are added, beside the bare embedding model on the same passages.

    python -m evals.pace [--files 2000] [--unchanged 10000]

The files are made from the bundled articles by shuffling their sentences with a fixed seed, in turn as text, Markdown,
HTML, DOCX, RTF, EML and in archives of ten. Adding is timed in a process of its own, and the model before and
after it, because machines drift; so is adding a folder again in which nothing changed. On a machine that others use,
look at the computing time (of all its processes), which they disturb less than the clock.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import click

import seeds
from index.articles import find_files, read_article
from index.ingest import add
from index.minilm import MiniLM
from index.passages import split_sentences
from index.settings import Settings
from index.stores import open_stores, texts

_SENTENCES = 40  # of an article
_STEP = 4  # every so many passages are embedded to time the bare model


def make_files(folder: Path, count: int, *, seed: int = 0) -> None:
    """Fill `folder` with `count` articles in turn of every light format."""
    pool = []
    for path in find_files(seeds.FOLDER):
        text = read_article(path, root=seeds.FOLDER).text
        pool += [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
    chance = random.Random(seed)
    archived: list[tuple[str, str]] = []
    for number in range(count):
        drawn = chance.choices(pool, k=_SENTENCES)
        paragraphs = [" ".join(drawn[i : i + 4]) for i in range(0, _SENTENCES, 4)]
        if number % 8 == 7:
            archived.append((f"{number}.txt", "\n\n".join(paragraphs)))
        else:
            _write(folder / f"{number:05}", number % 8, paragraphs)
    for i in range(0, len(archived), 10):
        with zipfile.ZipFile(folder / f"archive-{i}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in archived[i : i + 10]:
                archive.writestr(name, text)


def _write(path: Path, form: int, paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    if form == 0:
        path.with_suffix(".txt").write_text(text, encoding="utf-8")
    elif form == 1:
        path.with_suffix(".md").write_text(f"---\ntitle: Article {path.name}\n---\n\n{text}", encoding="utf-8")
    elif form in (2, 3):
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        page = f"<html><head><title>Article {path.name}</title></head><body><article>{body}</article></body></html>"
        path.with_suffix(".html").write_text(page, encoding="utf-8")
    elif form == 4:
        import docx

        document = docx.Document()
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        document.save(str(path.with_suffix(".docx")))
    elif form == 5:
        escaped = "".join(char if ord(char) < 128 else f"\\u{ord(char)}?" for char in "\\par ".join(paragraphs))
        path.with_suffix(".rtf").write_text(f"{{\\rtf1\\ansi {escaped}}}", encoding="ascii")
    else:
        head = f"Subject: Article {path.name}\nContent-Type: text/plain; charset=utf-8\n\n"
        path.with_suffix(".eml").write_text(head + text, encoding="utf-8")


def run(folder: Path, library: Path) -> dict[str, float]:
    """Add a folder; return seconds by the clock and of computing, passages, and the memory of both processes in MB."""
    stores = open_stores(Settings(library), MiniLM())
    stores.model.embed(["warm"])
    began, computed = time.perf_counter(), computing()
    report = add(stores, [folder])
    seconds, cpu = time.perf_counter() - began, computing() - computed
    passages, _ = stores.library.count_passages()
    stores.close()
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, reading = (resource.getrusage(one).ru_maxrss / 1000 for one in who)
    lines = len(report.files)
    return {
        "seconds": seconds,
        "cpu": cpu,
        "lines": lines,
        "passages": passages,
        "memory": own,
        "reading": reading,
    }


def computing() -> float:
    """Return the seconds that this process and its children that ended have computed, on all cores together."""
    used = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def bare(library: Path) -> tuple[float, float]:
    """Return how many of the library's passages the bare model embeds a second, by the clock and of computing.

    Measured on a part of them.
    """
    stores = open_stores(Settings(library), MiniLM())
    stores.model.embed(["warm"])
    words = [text for _, text in texts(stores, stores.library.passages())][::_STEP]
    began, computed = time.perf_counter(), computing()
    for i in range(0, len(words), 256):
        stores.model.embed(words[i : i + 256])
    seconds, cpu = time.perf_counter() - began, computing() - computed
    stores.close()
    return len(words) / seconds, len(words) / cpu


def _in_own_process(folder: Path, library: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "evals.pace", "--run", str(folder), str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@click.command(help=__doc__)
@click.option("--files", default=2000, show_default=True)
@click.option("--unchanged", default=10_000, show_default=True, help="0 leaves this out.")
@click.option("--run", "only", nargs=2, type=click.Path(path_type=Path), hidden=True)
def main(files: int, unchanged: int, only: tuple[Path, Path] | None) -> None:
    """Print all figures."""
    if only:
        click.echo(json.dumps(run(*only)))
        return
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        (here / "few").mkdir()
        (here / "many").mkdir()
        make_files(here / "few", files // 4)
        make_files(here / "many", files, seed=1)
        few = _in_own_process(here / "few", here / "library-few")
        before, before_cpu = bare(here / "library-few")
        many = _in_own_process(here / "many", here / "library")
        after, after_cpu = bare(here / "library")
        rate = many["passages"] / many["seconds"]
        click.echo(f"{files} files, {many['passages']:,.0f} passages: {rate:.1f} passages/s added")
        click.echo(f"bare model: {before:.1f} before, {after:.1f} after; {2 * rate / (before + after):.1%} of its pace")
        own, model = 1000 * many["cpu"] / many["passages"], 2000 / (before_cpu + after_cpu)
        click.echo(f"computing, ms a passage: {own:.1f} added, {model:.1f} bare model; {model / own:.1%}")
        click.echo(f"memory, MB: {few['memory']:.0f} with {files // 4} files, {many['memory']:.0f} with {files}")
        click.echo(f"memory of the reading process, MB: {few['reading']:.0f} and {many['reading']:.0f}")
        if unchanged:
            _time_unchanged(here, unchanged)


def _time_unchanged(here: Path, count: int) -> None:
    folder = here / "small"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}.txt").write_text(f"Village {number} has a bridge.", encoding="utf-8")
    _in_own_process(folder, here / "library-small")
    again = _in_own_process(folder, here / "library-small")
    click.echo(f"{again['lines']:,.0f} unchanged files: {again['seconds']:.1f} s, {again['cpu']:.1f} of computing")


if __name__ == "__main__":
    main()
