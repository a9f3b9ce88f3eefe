"""One run of adding: what the ledger said before, and what became of each file and address."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.articles import Article, file_name
from index.corrections import corrected, moved
from index.editions import Edition, Editions, edition, is_later, latest_of, older
from index.errors import BylineError
from index.library import File, Outcome, is_address
from index.parts import MANY, kind
from index.pipeline import Pipeline
from index.reader import Found, Look, Wanted, place
from index.stores import Stores


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file, or part of one, in the order that they were read."""

    files: tuple[File, ...]

    def counts(self) -> dict[str, int]:
        """Return how many files had each outcome."""
        return dict(Counter(file.outcome for file in self.files))


class Run:
    """One run of `add`: what the ledger said before, and what became of each file."""

    def __init__(self, stores: Stores, columns: Mapping[str, str]) -> None:
        self._stores = stores
        self._columns = columns
        self._ledger = stores.library.ledger()
        self._corrections = stores.library.corrections()
        self._editions = Editions(stores.library, self._ledger)
        self._parts: dict[str, list[str]] = {}  # paths of what the library has of each container
        for path, line in self._ledger.items():
            if line.container and line.outcome != "removed":
                self._parts.setdefault(line.container, []).append(path)
        self._whole: Found | None = None  # the only part of the file that is being read,
        self._seen: set[str] = set()  # or the paths of its parts,
        self._failed = False  # and whether one of them failed
        self._gone: list[str] = []  # parts that their containers no longer have
        self._containers: set[str] = set()  # paths that stand in the ledger, but not in the report
        self._lines: list[File] = []

    def hear(self, lines: Iterable[File]) -> None:
        """Take in lines that are true now."""
        self._lines += lines

    def report(self) -> Report:
        """Return what became of each file."""
        last = {line.path: line for line in self._lines}  # of a file that was the latest, and then no more
        return Report(tuple(line for line in last.values() if line.path not in self._containers))

    def known(self, path: str) -> File | None:
        """Return what the ledger said of a path or an address before this run."""
        return self._ledger.get(path)

    def keep_out(self, path: str) -> None:
        """Leave a line out of the report: its parts or entries stand there."""
        self._containers.add(path)

    def wanted(self, files: Iterable[tuple[Path, Path]]) -> Iterator[Wanted | File]:
        """Yield what has to be read of files (root, path), and the lines of those that did not change."""
        for root, path in files:
            written = os.fsencode(path).decode("utf-8", "replace")  # a name that is no text is failed below
            known = self._ledger.get(written)
            try:
                name = file_name(path, _folder(root))
                status = path.stat()
            except (BylineError, OSError) as error:
                yield File(
                    written, "failed", article_id=known.article_id if known else None, reason=_reason(error, path)
                )
                continue
            mapped = bool(self._columns) and kind(path.name) in MANY
            if known and known.digest and not mapped and (known.size, known.mtime_ns) == _look(status):
                yield replace(known, outcome="unchanged", reason=None)  # `keep` looks whether another file is later
            else:
                yield Wanted(path, name, known.digest if known and not mapped else None, self._columns)

    def take(self, wanted: Wanted | File, one: Found | Look | None, pipeline: Pipeline) -> None:
        """Put what was found into the pipeline, with its line."""
        if isinstance(wanted, File):
            self.keep(wanted, pipeline)
        elif isinstance(one, Look):
            self._end(wanted, one, pipeline)
        elif isinstance(one, Found) and kind(wanted.path.name) in MANY:
            self._take_part(wanted, one, pipeline)
        elif isinstance(one, Found):
            self._whole = one

    def bring_back(self, roots: Sequence[Path], pipeline: Pipeline, *, prune: bool) -> None:
        """Put the latest edition that is left into the pipeline where the later ones of an article are gone."""
        lines = {**self._ledger, **{line.path: line for line in self._lines}}
        left = [line for line in lines.values() if line.outcome == "older" and self._is_there(line.path)]
        places = self._stores.library.places() if left else {}
        folders = _folders(roots)
        editions: dict[str, list[tuple[Article, File]]] = {}
        for line in left:
            place = places.get(line.article_id or "")
            gone = place is None or (prune and (place in self._gone or self._is_absent(place, folders)))
            article = self._stores.library.edition(line.article_id, line.path) if gone and line.article_id else None
            if article:
                editions.setdefault(article.id, []).append((article, line))
        for found in editions.values():
            article, line = latest_of(found)
            others = [older(other, line.path) for _, other in found if other is not line]
            again = replace(line, outcome="added", reason=None)
            pipeline.put(corrected(article, self._corrections.get(article.id, ())), again, others=others)

    def take_out(self, roots: Sequence[Path], *, prune: bool) -> None:
        """Report what was added from below `roots` and is gone; with `prune`, remove its articles."""
        folders = _folders(roots)
        gone = [path for path in self._ledger if self._is_absent(path, folders)] + self._gone
        lines = [
            File(path, "removed") if prune else replace(self._ledger[path], outcome="missing", reason=None)
            for path in dict.fromkeys(gone)
        ]
        if prune:
            ids = [
                id for path in gone if (id := self._ledger[path].article_id) and self._stores.library.place(id) == path
            ]
            self._stores.library.retire(ids)
        self._stores.library.note(lines)
        self._lines += lines

    def keep(self, line: File, pipeline: Pipeline) -> None:
        """Note a file, and all parts of a container, as they are."""
        pipeline.note(self._editions.line(line) if line.outcome == "unchanged" else line)
        parts = self._parts.get(line.path, [])
        if kind(line.path) in MANY and line.outcome == "unchanged":
            self._containers.add(line.path)
        for path in parts:
            known = self._ledger[path]
            if known.outcome == "missing":
                self._gone.append(path)
            else:
                pipeline.note(self._editions.line(replace(known, outcome="unchanged", reason=None)))

    def _take_part(self, wanted: Wanted, one: Found, pipeline: Pipeline) -> None:
        path = place(wanted.path, one.name)
        self._seen.add(path)
        self._failed = self._failed or one.article is None
        if one.name or one.article:
            self.put(File(path, "added", digest=one.digest, container=str(wanted.path)), one, pipeline)
        else:
            self._whole = one  # the rest of the container is lost

    def _end(self, wanted: Wanted, look: Look, pipeline: Pipeline) -> None:
        """Note the file itself, now that all of it was found."""
        path = str(wanted.path)
        line = File(path, "added", size=look.size, mtime_ns=look.mtime_ns, digest=look.digest)
        known = self._ledger.get(path)
        whole, seen, failed = self._whole, self._seen, self._failed
        self._whole, self._seen, self._failed = None, set(), False
        if look.same and known:
            self.keep(replace(line, outcome="unchanged", article_id=known.article_id), pipeline)
        elif look.reason:
            self.put(line, Found("", reason=f"{wanted.file}: {look.reason}"), pipeline)
        elif kind(path) not in MANY:
            self.put(line, whole or Found("", reason=f"{wanted.file}: could not be read; add it again"), pipeline)
        elif whole or not seen:
            nothing = Found("", reason=f"{wanted.file}: holds no articles that Byline reads")
            self.put(line, whole or nothing, pipeline)
        else:
            self._containers.add(path)
            self._gone += [part for part in self._parts.get(path, ()) if part not in seen]
            outcome: Outcome = "updated" if known and known.digest else "added"
            pipeline.note(replace(line, outcome=outcome, digest=None if failed else line.digest))

    def put(self, line: File, one: Found, pipeline: Pipeline) -> None:
        """Put an article into the pipeline, or the reason why there is none into the ledger.

        What was fetched from its own address is the newest there is, and replaces what the library has of it.
        """
        known = self._ledger.get(line.path)
        before = known.article_id if known else None
        if one.article is None:
            pipeline.note(File(line.path, "failed", article_id=before, reason=one.reason, container=line.container))
        elif known and known.digest and known.digest == line.digest:
            same = self._editions.line(replace(line, outcome="unchanged", article_id=before))
            if same.outcome == "unchanged":
                self._editions.came(one.article, same)
            pipeline.note(same)
        else:
            self._put(one.article, replace(line, article_id=one.article.id), before, pipeline)

    def _put(self, article: Article, line: File, before: str | None, pipeline: Pipeline) -> None:
        """Put an article into the pipeline as what readers find, or beside a later edition of it."""
        made = self._corrections.get(article.id, ())
        rival = self._rival(article, line)
        if self._editions.place(before) != line.path:  # it has an older edition of it, or its line moved within a table
            before = None
        if rival and not is_address(line.path) and not is_later(edition(article, line.mtime_ns), rival[0]):
            same = article.version == rival[0].version
            pipeline.keep(corrected(article, made), older(line, rival[0].path, same=same), before=before)
            return
        self._stores.library.correct(moved(article, made))
        known = self._ledger.get(line.path)
        line = replace(line, outcome="updated" if known and known.article_id else "added")
        self._editions.came(article, line)
        also = rival and rival[1] and not (is_address(line.path) and is_address(rival[0].path))
        others = [older(rival[1], line.path)] if also and rival and rival[1] else []
        pipeline.put(corrected(article, made), line, before=before, others=others)

    def _rival(self, article: Article, line: File) -> tuple[Edition, File | None] | None:
        """Return the latest edition of an article so far and its line, where another file has it that is there."""
        place = self._editions.place(article.id)
        if place is None or place == line.path:
            return None
        if not self._editions.has_come(article.id):
            known = self._ledger.get(place)
            moved_within = known and known.container and known.container == line.container
            if moved_within or not self._is_there(place):
                return None
        return self._editions.latest(article.id)

    def _is_there(self, path: str) -> bool:
        known = self._ledger.get(path)
        return is_address(path) or Path((known and known.container) or path).exists()

    def _is_absent(self, path: str, folders: Sequence[Path]) -> bool:
        """Tell whether a file, or the container of a part, was added from one of `folders` and is gone."""
        known = self._ledger.get(path)
        if known is None or known.outcome == "removed" or self._is_there(path):
            return False
        return any(Path(path).is_relative_to(folder) for folder in folders)


def _folders(roots: Sequence[Path]) -> list[Path]:
    return [root.resolve() for root in roots if root.is_dir()]


def _folder(root: Path) -> Path:
    return root.resolve() if root.is_dir() else root.resolve().parent


def _look(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        return f"{path}: {error.strerror or error}. Check that you may read it, then add it again."
    return str(error)
