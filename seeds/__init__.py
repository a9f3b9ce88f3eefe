"""The bundled articles: short news pieces written for this project, ready to be indexed."""

from pathlib import Path

FOLDER: Path = Path(__file__).parent / "articles"
