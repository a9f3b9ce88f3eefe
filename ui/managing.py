"""What the page may ask of the server about articles: list, add, remove, undo."""

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from index.articles import is_article_file
from index.errors import BylineError
from index.library import Entry, File, Library
from index.limits import Limits, checked_limits
from index.parts import SUFFIXES
from ui.adding import Adding
from ui.lists import LISTED, render_articles, render_ledger, render_outlets, render_progress

Asked = Mapping[str, Any]
Told = dict[str, Any]
FILES = "files"  # the folder in the library that keeps what was dropped on the page
_TICK = 0.15  # seconds between two looks at how far adding is


class Managing:
    """The articles of one library, for whoever manages them on the page."""

    def __init__(self, library: Library, adding: Adding, *, uploads: Path, bundled: Path, paths_allowed: bool) -> None:
        """Manage `library`; `uploads` is where the server puts files that people drop on the page."""
        self._library = library
        self._adding = adding
        self._uploads = uploads
        self._bundled = bundled
        self._paths_allowed = paths_allowed  # only this machine's own people may name its folders
        self._refused: list[File] = []

    def functions(self) -> list[Callable[..., Any]]:
        """Return what the page may call."""
        return [self.articles, self.add_files, self.add_path, self.add_bundled, self.adding, self.remove, self.put_back]

    def articles(self, asked: Asked) -> Told:
        """Return the articles with these words in headline or outlet, within the limits."""
        outlets = tuple(str(outlet) for outlet in asked.get("outlets") or ())
        limits = checked_limits(Limits(outlets, asked.get("since") or None, asked.get("until") or None))
        total = len(self._library.entries())
        words = str(asked.get("words") or "").casefold().split()
        found = [entry for entry in self._library.entries(limits) if _has(entry, words)]
        listed = render_articles(found, total=total, shown=int(asked.get("shown") or LISTED))
        names = render_outlets(self._library.outlets().items(), name="outlets")
        return {"html": str(listed), "outlets": str(names), "total": total}

    def add_files(self, asked: Asked) -> Told:
        """Add files that the page has uploaded; each with its `path` on the server and its `name`."""
        kept, self._refused = [], []
        for one in asked["files"]:
            name = _safe_name(str(one["name"]))
            if not is_article_file(Path(name)):
                reason = f"{name}: Byline reads {', '.join(sorted(SUFFIXES))}; save the article as one of these"
                self._refused.append(File(name, "failed", reason=reason))
                continue
            kept.append(self._keep(Path(str(one["path"])), name))
        self._adding.add(kept)
        return {}

    def add_path(self, asked: Asked) -> Told:
        """Add a file or folder of this machine, or the address of an article or a feed."""
        path = str(asked["path"]).strip()
        if not path:
            raise BylineError("Nothing is named. Give a path such as ~/articles, or an address: https://….")
        self._refused = []
        if path.startswith(("http://", "https://")):
            self._adding.add(addresses=[path])
            return {}
        if not self._paths_allowed:
            raise BylineError("Paths are for the machine that runs Byline. From here, drop the files on the page.")
        self._adding.add([Path(path).expanduser()])
        return {}

    def add_bundled(self, asked: Asked) -> Told:
        """Add the articles that come with Byline."""
        self._refused = []
        self._adding.add([self._bundled])
        return {}

    async def adding(self, asked: Asked) -> Told:
        """Wait a moment, then say how far adding is, or what became of the files."""
        for _ in range(7):
            if not self._adding.busy or (self._adding.done, self._adding.total) != (
                asked.get("done"),
                asked.get("total"),
            ):
                break
            await asyncio.sleep(_TICK)
        done, total = self._adding.done, self._adding.total
        if self._adding.busy:
            return {"busy": True, "done": done, "total": total, "html": str(render_progress(done, total))}
        return {"busy": False, "html": str(self._ledger()), "problem": self._adding.problem or ""}

    def remove(self, asked: Asked) -> Told:
        """Remove an article; `put_back` undoes it."""
        return {"title": self._adding.remove(str(asked["id"])).label}

    def put_back(self, asked: Asked) -> Told:
        """Bring back an article that was removed on the page."""
        return {"title": self._adding.restore(str(asked["id"])).label}

    def _ledger(self) -> str:
        report = self._adding.report
        files = [*self._refused, *(report.files if report else ())]
        counts: dict[str, int] = {}
        for file in files:
            counts[file.outcome] = counts.get(file.outcome, 0) + 1
        return render_ledger(files, counts=counts) if report or self._refused else ""

    def _keep(self, uploaded: Path, name: str) -> Path:
        """Move an upload beside the library, where it can be read again when Byline is."""
        if not uploaded.resolve().is_relative_to(self._uploads.resolve()):
            raise BylineError(f"{name}: this file was not uploaded from the page; drop it there.")
        kept = self._library.folder / FILES / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(uploaded, kept)
        return kept


def _has(entry: Entry, words: Sequence[str]) -> bool:
    said = f"{entry.title or ''} {entry.file} {entry.outlet or ''}".casefold()
    return all(word in said for word in words)


def _safe_name(name: str) -> str:
    """Return a path below a folder: no way up, nothing hidden, nothing that a file system refuses."""
    parts = [_clean(part) for part in PurePosixPath(name.replace(os.sep, "/")).parts]
    return "/".join(part for part in parts if part) or "article"


def _clean(part: str) -> str:
    stem, dot, suffix = re.sub(r'[\x00-\x1f<>:"/\\|?*\ud800-\udfff]', "_", part).strip(". ").rpartition(".")
    return (stem[:100] + dot + suffix[:20]).strip(". ")
