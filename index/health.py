"""Is everything in step? What the library says, what its followers hold, and what the disk has now."""

from dataclasses import dataclass, field
from pathlib import Path

from index.library import File, is_address
from index.pipeline import compare_again
from index.stores import Progress, Stores, bring_into_step, rebuild_dense, rebuild_lexical, settle


@dataclass(frozen=True, slots=True)
class Health:
    """How one library stands; `in_step` is what matters to who asks questions."""

    articles: int
    passages: int
    waiting: int  # passages of an interrupted run; the next writer clears them away
    without_vector: int | None  # passages; None where the vectors cannot be read
    without_terms: int | None  # passages; None where BM25 cannot be read
    left_behind: int  # vectors and terms of passages that are not in the library
    failed: tuple[File, ...] = field(default=())  # what could not be added, with its reason
    changed: tuple[str, ...] = field(default=())  # files whose size or date is another than when they were added
    missing: tuple[str, ...] = field(default=())  # files that were added and are gone

    @property
    def in_step(self) -> bool:
        """Tell whether library, vectors and BM25 hold the same passages."""
        return (self.waiting, self.without_vector, self.without_terms, self.left_behind) == (0, 0, 0, 0)


def examine(stores: Stores) -> Health:
    """Compare the three stores passage by passage, and the ledger with the disk; nothing is changed."""
    published = set(stores.library.keys_within())
    _, waiting = stores.library.count_passages()
    dense, lexical = stores.dense.readable_keys(), stores.lexical.readable_keys()
    lines = stores.library.ledger()
    changed, missing = _on_disk(lines)
    return Health(
        articles=len(stores.library.entries()),
        passages=len(published),
        waiting=waiting,
        without_vector=None if dense is None else len(published - dense),
        without_terms=None if lexical is None else len(published - lexical),
        left_behind=max(0, len(((dense or set()) | (lexical or set())) - published) - waiting),
        failed=tuple(line for line in lines.values() if line.outcome == "failed"),
        changed=changed,
        missing=missing,
    )


def repair(stores: Stores, *, progress: Progress | None = None) -> Health:
    """Bring everything into step, whatever was deleted or damaged, and return how it stands then.

    Only what the vectors lack is embedded again; where they cannot be read, all are. BM25 is always made anew. Call it
    with the right to write.
    """
    settle(stores)
    if stores.dense.readable_keys(thorough=True) is None:
        rebuild_dense(stores)
    bring_into_step(stores, thorough=True, progress=progress)
    rebuild_lexical(stores)
    compare_again(stores)
    stores.library.announce()
    return examine(stores)


def _on_disk(lines: dict[str, File]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    changed, missing = [], []
    for path, line in lines.items():
        if line.outcome == "removed" or line.container or is_address(path):
            continue
        try:
            status = Path(path).stat()
        except OSError:
            missing.append(path)
            continue
        if line.digest and (status.st_size, status.st_mtime_ns) != (line.size, line.mtime_ns):
            changed.append(path)
    return tuple(changed), tuple(missing)
