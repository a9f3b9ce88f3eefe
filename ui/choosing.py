"""Settings of the page: which language model writes, if any, and whether it answers at all."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import BylineError
from ui.llm import opened, tried
from ui.markup import html

if TYPE_CHECKING:
    from bot.llms import Model
    from ui.room import Answering

FILE_NAME = "page.json"  # beside the library: what was chosen on the page

Asked = Mapping[str, Any]
Told = dict[str, Any]


class Choosing:
    """Who answers: the articles' own sentences, or a language model that the owner of this machine chose."""

    def __init__(
        self, bot: "Answering", make: "Callable[[Model | None], Answering]", folder: Path, *, allowed: bool
    ) -> None:
        """Let `bot` answer until something else is chosen; `make` makes a bot for a model, or for none."""
        self._make = make
        self._file = folder / FILE_NAME
        self._allowed = allowed  # whoever chooses lets this machine send articles to an address
        self._name = _name_of(bot)
        self._fixed = bool(self._name)  # by the command line or the environment
        self._writing = bot if self._fixed else None
        self._quoting = make(None) if self._fixed else bot
        if not self._fixed and (name := self._kept()):
            self._reopen(name)

    def functions(self) -> list[Callable[..., Any]]:
        """Return what the page may call."""
        return [self.settings, self.choose_llm, self.test_llm]

    def bot(self, *, prose: bool) -> "Answering":
        """Return who answers: in prose where that is wanted and a model was chosen, else in quotations."""
        return self._writing if prose and self._writing else self._quoting

    def settings(self, asked: Asked) -> Told:
        """Return what is chosen, and whether it may be changed here."""
        why = ""
        if self._fixed:
            why = "Chosen when Byline was started (--llm or BYLINE_LLM)."
        elif not self._allowed:
            why = "Only on the machine that runs Byline can another be chosen."
        return {"llm": self._name, "fixed": bool(why), "why": str(html("{}", why))}

    def choose_llm(self, asked: Asked) -> Told:
        """Let the model called `name` write, or none; it is kept for the next start."""
        self._check_allowed()
        name = str(asked.get("name") or "").strip()
        self._writing = self._make(opened(name)) if name else None
        self._name = name
        self._file.write_text(json.dumps({"llm": name}), encoding="utf-8")
        return self.settings(asked)

    def test_llm(self, asked: Asked) -> Told:
        """Ask the model called `name` one word."""
        self._check_allowed()
        name = str(asked.get("name") or "").strip()
        if not name:
            raise BylineError("No model is named. Write for instance ollama/llama3.2, then test it.")
        return {"said": tried(name)}

    def _check_allowed(self) -> None:
        if self._fixed or not self._allowed:
            raise BylineError("The language model cannot be chosen here; start Byline with --llm NAME.")

    def _kept(self) -> str:
        try:
            return str(json.loads(self._file.read_text(encoding="utf-8")).get("llm") or "")
        except (OSError, ValueError, AttributeError):
            return ""  # nothing was chosen, or not by us

    def _reopen(self, name: str) -> None:
        try:
            self._writing, self._name = self._make(opened(name)), name
        except BylineError:  # its key or integration is gone since; the settings then show that none is chosen
            self._writing = None


def _name_of(bot: Any) -> str:
    writer = getattr(bot, "writer", None)
    return str(writer.model.name) if writer else ""
