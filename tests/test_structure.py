"""Imports point one way, and a command pays only for what it needs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
MAY_IMPORT = {
    "index": {"index"},
    "bot": {"bot", "index"},
    "evals": {"evals", "bot", "index", "seeds"},
    "ui": {"ui", "evals", "bot", "index", "seeds"},
    "seeds": set(),
    "training": {"training", "evals", "bot", "index", "seeds"},
}


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    modules = sorted((TOP / package).rglob("*.py"))
    assert modules
    for module in modules:
        assert imported(module) & MAY_IMPORT.keys() <= MAY_IMPORT[package], module


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        ("ui.cli, index.library", "chromadb gradio llama_index numpy onnxruntime tantivy trafilatura"),
        ("bot.chat, index.minilm, ui.terminal", "chromadb gradio llama_index trafilatura"),
    ],
)
def test_heavy_parts_are_not_imported_before_they_are_needed(modules: str, unwanted: str) -> None:
    code = f"import sys, {modules}; print(*[name for name in {unwanted.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
