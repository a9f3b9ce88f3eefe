"""One question in a process of its own, for the suite `speed`: python -m evals.cold LIBRARY QUESTION."""

import json
import sys
from pathlib import Path

from bot.chat import Bot
from index.minilm import MiniLM
from index.settings import Settings
from index.stores import open_stores


def peak_memory() -> int | None:
    """Return the most memory that this process has had, in bytes; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, whose getrusage counts what the process that started this one had
        held = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(held["VmHWM"].split()[0]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Ask, and print the memory that it took."""
    folder, question = sys.argv[1:]
    stores = open_stores(Settings(Path(folder)), MiniLM())
    Bot(stores).ask(question)
    stores.close()
    print(json.dumps({"memory": peak_memory()}))


if __name__ == "__main__":
    main()
