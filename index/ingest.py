"""Bring library, vectors and BM25 into step with files and folders."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.articles import Article, find_files, read_article
from index.errors import BylineError
from index.library import File
from index.passages import Passage, split_passages
from index.stores import Stores, bring_into_step, embed_passages, searchable, settle

_BATCH = 256  # passages written at once; what an interruption can cost

Progress = Callable[[int, int], None]  # files done, files in all


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file, in the order that they were read."""

    files: tuple[File, ...]

    def counts(self) -> dict[str, int]:
        """Return how many files had each outcome."""
        return dict(Counter(file.outcome for file in self.files))


@dataclass(slots=True)
class _Batch:
    """Articles read but not yet written, and the ledger's lines for them."""

    articles: list[tuple[Article, tuple[Passage, ...]]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)  # ids that their files no longer have
    passages: int = 0


def add(stores: Stores, paths: Sequence[Path], *, prune: bool = False, progress: Progress | None = None) -> Report:
    """Add files and folders; files that did not change cost a look at their date.

    A file that was added from one of these folders and is no longer there is reported as missing, and
    removed with `prune`. A file that cannot be read is reported as failed with the reason, and what the
    library already has of it stays. Raises BylineError for a path that does not exist or cannot be added,
    before anything is changed, and when another process is writing.
    """
    found = [(root, file) for root in paths for file in find_files(root)]
    files = list({file.resolve(): (root, file.resolve()) for root, file in found}.values())
    with stores.library.writing():
        bring_into_step(stores)
        ledger = stores.library.ledger()
        outcomes: list[File] = []
        batch = _Batch()
        for done, (root, path) in enumerate(files):
            if progress:
                progress(done, len(files))
            _read_into(batch, stores, path, root=root, known=ledger.get(str(path)))
            if batch.passages >= _BATCH:
                outcomes += _write(stores, batch)
                batch = _Batch()
        outcomes += _write(stores, batch)
        outcomes += _absent(stores, paths, ledger, prune=prune)
        settle(stores)
        if progress:
            progress(len(files), len(files))
    return Report(tuple(outcomes))


def add_articles(stores: Stores, articles: Iterable[Article], *, progress: Progress | None = None) -> None:
    """Add articles that are not files; one with a known id replaces what the library has of it."""
    todo = list(articles)
    with stores.library.writing():
        bring_into_step(stores)
        batch = _Batch()
        for done, article in enumerate(todo, start=1):
            if progress:
                progress(done, len(todo))
            _put(batch, stores, article)
            if batch.passages >= _BATCH:
                _write(stores, batch)
                batch = _Batch()
        _write(stores, batch)
        settle(stores)


def remove(stores: Stores, ids: Iterable[str]) -> list[Article]:
    """Remove articles; BylineError before anything is changed if one of `ids` is unknown."""
    with stores.library.writing():
        articles = [stores.library.article(id) for id in ids]
        stores.library.retire([article.id for article in articles])
        settle(stores)
    return articles


def _read_into(batch: _Batch, stores: Stores, path: Path, *, root: Path, known: File | None) -> None:
    """Read one file into `batch`, unless the ledger knows these very bytes."""
    try:
        status = path.stat()
        look = File(str(path), "unchanged", size=status.st_size, mtime_ns=status.st_mtime_ns)
        if known and known.digest and (known.size, known.mtime_ns) == (look.size, look.mtime_ns):
            batch.files.append(replace(known, outcome="unchanged", reason=None))
            return
        data = path.read_bytes()
        look = replace(look, digest=hashlib.sha256(data).hexdigest())
        if known and known.digest == look.digest:
            batch.files.append(replace(look, article_id=known.article_id))
            return
        article = read_article(path, root=_folder(root), data=data)
        _refuse_same_address(article, stores, batch)
    except (BylineError, OSError) as error:
        kept = known.article_id if known else None
        batch.files.append(File(str(path), "failed", article_id=kept, reason=_reason(error, path)))
        return
    _put(batch, stores, article)
    before = known.article_id if known else None
    if before and before != article.id:
        batch.replaced.append(before)
    batch.files.append(replace(look, outcome="updated" if before else "added", article_id=article.id))


def _put(batch: _Batch, stores: Stores, article: Article) -> None:
    passages = split_passages(
        article.text,
        article_id=article.id,
        size=stores.settings.passage_tokens,
        count_tokens=stores.model.count_tokens,
    )
    batch.articles.append((article, passages))
    batch.passages += len(passages)


def _write(stores: Stores, batch: _Batch) -> list[File]:
    """Write a batch: staged, embedded, indexed, and only then published."""
    staged = stores.library.stage(batch.articles)
    todo = [(key, one.article, passage) for one in staged for key, passage in one.passages]
    if todo:
        embed_passages(stores, todo)
        stores.lexical.change((key, searchable(article, passage)) for key, article, passage in todo)
    stores.library.publish(staged, batch.files, replaced=batch.replaced)
    return batch.files


def _absent(stores: Stores, roots: Sequence[Path], ledger: dict[str, File], *, prune: bool) -> list[File]:
    """Report the files that were added from below `roots` and are gone; with `prune`, remove their articles."""
    folders = [root.resolve() for root in roots if root.is_dir()]
    absent = [
        File(path, "removed") if prune else replace(file, outcome="missing", reason=None)
        for path, file in ledger.items()
        if file.outcome != "removed" and not Path(path).exists()
        if any(Path(path).is_relative_to(folder) for folder in folders)
    ]
    if prune:
        stores.library.retire([id for file in absent if (id := ledger[file.path].article_id)])
    stores.library.note(absent)
    return absent


def _refuse_same_address(article: Article, stores: Stores, batch: _Batch) -> None:
    """Raise if another file that is still there already gave this article; neither may silently replace the other."""
    stored = stores.library.articles([article.id]).values()
    for other in (*stored, *(waiting for waiting, _ in batch.articles)):
        if other.id == article.id and other.path != article.path and Path(other.path).exists():
            raise BylineError(
                f"{article.path}: {other.path} has the same address ({article.url}). Keep one of the two files, "
                "or correct the address in one of them."
            )


def _folder(root: Path) -> Path:
    return root.resolve() if root.is_dir() else root.resolve().parent


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        return f"{path}: {error.strerror or error}. Check that you may read it, then add it again."
    return str(error)
