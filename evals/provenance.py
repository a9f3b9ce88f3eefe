"""Where figures come from: digests of articles, models and code, and the machine."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index.articles import Article

TOP = Path(__file__).parent.parent
_CODE = ("bot", "evals", "index")


def digest(value: Any) -> str:
    """Return a short digest of what JSON can hold; the same for the same value on every machine."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def corpus_digest(articles: Iterable[Article]) -> str:
    """Return the digest of articles: what they say and what their bylines say, not where their files lie."""
    return digest(sorted([one.file, one.title, one.outlet, one.published, one.text] for one in articles))


def code() -> dict[str, Any]:
    """Return Byline's version, the digest of its source files and, in a checkout, the commit."""
    files = sorted(path for part in _CODE for path in (TOP / part).rglob("*.py"))
    sources = [[path.relative_to(TOP).as_posix(), path.read_text(encoding="utf-8")] for path in files]
    return {"version": _version("byline"), "sources": digest(sources), "commit": _commit()}


def models() -> dict[str, str]:
    """Return the digest of every model file, by its name."""
    paths = sorted(path for part in _CODE for path in (TOP / part / "models").glob("*.onnx"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def libraries() -> dict[str, str]:
    """Return the versions of what the figures go through."""
    names = ("chromadb", "numpy", "onnxruntime", "tantivy", "tokenizers")
    return {name: _version(name) for name in names}


def machine() -> dict[str, Any]:
    """Return what timings depend on."""
    return {
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,  # not on Windows
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _commit() -> str | None:
    """Return the commit of the checkout that this file is in, with a + where the code differs from it."""
    if not (TOP / ".git").exists():
        return None
    try:
        changed = _git("status", "--porcelain", "--", *_CODE, ":!*.md", ":!evals/baseline.json")
        return _git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None  # no git here; `sources` still tells two versions apart


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(TOP), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
