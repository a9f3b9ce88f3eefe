"""Where a library is kept, and what decides how it is built."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PASSAGE_TOKENS = 250  # chosen on data: evals/LOG.md


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a library is kept and how its articles are split."""

    folder: Path
    passage_tokens: int = PASSAGE_TOKENS  # at most so many tokens of the embedding model a passage

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `BYLINE_LIBRARY`; without it the library is kept in the user's data folder."""
        if folder := environment.get("BYLINE_LIBRARY"):
            return cls(Path(folder).expanduser())
        import platformdirs

        return cls(platformdirs.user_data_path("byline"))
