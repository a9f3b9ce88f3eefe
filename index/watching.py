"""Follow folders: what appears or changes there is added, what is deleted is removed."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from index.errors import BylineError
from index.ingest import add
from index.run import Report
from index.stores import Stores

_SETTLE = 800  # milliseconds without a change, so that a file that is being written is read once, and whole
_AGAIN = 2.0  # seconds until the next try where another process is writing


def watch(
    stores: Stores,
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Report]:
    """Yield a report whenever something in `paths` changed and was taken in, until `stop` is set or Ctrl-C.

    Add the paths first: what changed before is not seen. Each report has only what is not unchanged.
    """
    from watchfiles import watch as changes

    for path in paths:
        if not path.exists():
            raise BylineError(f"{path}: no such file or folder; check the path")
    told = {line for line in stores.library.ledger().values() if line.outcome == "older"}
    for _ in changes(*paths, step=200, debounce=_SETTLE, stop_event=stop, raise_interrupt=False):
        report = _patiently(stores, [path for path in paths if path.exists()], columns or {})
        lines = tuple(line for line in report.files if line.outcome != "unchanged" and line not in told)
        told |= {line for line in lines if line.outcome == "older"}
        if lines:
            yield Report(lines)


def _patiently(stores: Stores, paths: Sequence[Path], columns: Mapping[str, str]) -> Report:
    """Add, and wait while another process is writing."""
    while True:
        try:
            return add(stores, paths, prune=True, columns=columns)
        except BylineError as error:
            if "Another Byline is writing" not in str(error):
                raise
        time.sleep(_AGAIN)
