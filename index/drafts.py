"""A file's bytes into the canonical text and the byline of one article, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from index.bylines import Byline
from index.canonical import canonical, clean_characters
from index.decoding import decode
from index.errors import BylineError
from index.plain import read_plain
from index.sentences import split_sentences

PLAIN = frozenset([".txt", ".text"])
MARKDOWN = frozenset([".md", ".markdown"])
PAGES = frozenset([".html", ".htm", ".xhtml"])
TEXTS = PLAIN | MARKDOWN | PAGES
SAVED_PAGES = frozenset([".mhtml", ".mht"])
# Formats that hold one article a file; see `index.parts` for those that hold many.
SINGLE = TEXTS | SAVED_PAGES | frozenset([".pdf", ".docx", ".rtf", ".eml"])
MAX_SIZE = 20_000_000  # bytes; the longest newspaper articles have 0.2 million
MAX_BINARY = 100_000_000  # bytes of a PDF, DOCX or message: pictures take most of them
MAX_LENGTH = 1_000_000  # characters of an article
MAX_SENTENCES = 50_000
_FRONT_MATTER = 200  # characters; a cover or a title page has less


@dataclass(frozen=True, slots=True)
class Draft:
    """An article's words and what they say of their origin, before it has a name."""

    text: str
    byline: Byline = field(default_factory=Byline)
    pages: tuple[int, ...] = ()  # where each printed page begins in `text`, which then is canonical


def max_size(suffix: str) -> int:
    """Return how many bytes a file of this kind may have."""
    return MAX_SIZE if suffix in TEXTS else MAX_BINARY


def read_draft(data: bytes, suffix: str) -> Draft:
    """Read one article; `suffix` is one of `SINGLE`. BylineError if there is none, saying why."""
    if len(data) > max_size(suffix):
        raise BylineError(f"has more than {max_size(suffix) // 1_000_000} MB; split it into its articles")
    if not data.strip():
        raise BylineError("is empty; add a file with words in it")
    return finish(_read_text(data, suffix) if suffix in TEXTS else _reader(suffix)(data))


def is_front_matter(draft: Draft) -> bool:
    """Tell whether a document is a cover or a title page rather than an article."""
    return len(draft.text) < _FRONT_MATTER


def finish(draft: Draft) -> Draft:
    """Return the draft with canonical text that does not begin with its own title; BylineError without words."""
    _refuse_long(draft.text, 2 * MAX_LENGTH)  # before anything is done with it
    text = _without_title(canonical(draft.text), draft.byline.title)
    if not any(map(str.isalnum, text)):
        raise BylineError("holds no words of an article, which a title alone is not; add its text")
    _refuse_long(text, MAX_LENGTH)
    if len(text) > MAX_SENTENCES and len(split_sentences(text)) > MAX_SENTENCES:
        raise BylineError(f"has more than {MAX_SENTENCES:,} sentences; split it into its articles")
    return replace(draft, text=text, pages=_moved(draft, text))


def _refuse_long(text: str, most: int) -> None:
    if len(text) > most:
        raise BylineError(f"has more than {MAX_LENGTH:,} characters; split it into its articles")


def _moved(draft: Draft, text: str) -> tuple[int, ...]:
    """Return the places of the pages in `text`, which has lost its beginning at most; none if it has lost more."""
    if not draft.text.endswith(text):
        return ()
    lost = len(draft.text) - len(text)
    return tuple(max(0, page - lost) for page in draft.pages)


def _read_text(data: bytes, suffix: str) -> Draft:
    text = clean_characters(decode(data, markup=suffix in PAGES))
    if not text.strip():
        raise BylineError("is empty; add a file with words in it")
    if suffix not in PAGES:
        _refuse_long(text, 2 * MAX_LENGTH)
    return Draft(*_text_reader(suffix)(text))


def _text_reader(suffix: str) -> Callable[[str], tuple[str, Byline]]:
    # Imported where needed: trafilatura takes 0.2 s, and Markdown half of that.
    if suffix in PAGES:
        from index.pages import read_page

        return read_page
    if suffix in MARKDOWN:
        from index.markdown import read_markdown

        return read_markdown
    return read_plain


def _reader(suffix: str) -> Callable[[bytes], Draft]:
    if suffix == ".pdf":
        from index.pdf import read_pdf

        return read_pdf
    if suffix == ".docx":
        from index.word import read_docx

        return read_docx
    if suffix == ".rtf":
        from index.rtf import read_rtf

        return read_rtf
    from index.mail import read_message, read_saved_page

    return read_saved_page if suffix in SAVED_PAGES else read_message


def _without_title(text: str, title: str | None) -> str:
    """Take the title off the top of a text: it is the article's name, and begins none of its sentences."""
    first, _, rest = text.partition("\n")
    is_title = title is not None and " ".join(first.split()).casefold() == title.casefold()
    return rest.lstrip("\n") if is_title else text
