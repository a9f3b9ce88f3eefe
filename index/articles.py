"""Articles: one canonical text each, and where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One article; `text` is canonical and every `[start, end)` of Byline counts its characters."""

    id: str  # 12 hex digits from outlet and address, or from the path; never from the text
    text: str
    file: str  # the name people know it by: its path below the folder that was added
    path: str  # absolute
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: str | None = None  # ISO 8601 date or date and time
    authors: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the title, or the file's name where the file gives no title."""
        return self.title or self.file
