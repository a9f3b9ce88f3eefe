"""The bundled articles: short news pieces written for this project, ready to be indexed, and questions to try."""

from pathlib import Path

FOLDER: Path = Path(__file__).parent / "articles"
QUESTIONS = (
    "why wasn't Iran invited",
    "How much do the militants earn in a day?",
    "What did Sadr promise?",
    "What did the Pope say?",  # no article says: declining is worth seeing, too
)
