"""Word's DOCX by python-docx: paragraphs and tables in their order, and the title and author it states."""

import io
import zipfile
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from index.bylines import Byline, complete, read_byline
from index.drafts import Draft
from index.errors import BylineError
from index.plain import take_credits

MAX_UNPACKED = 100_000_000  # bytes
_NO_TITLE = ("", "Word Document")  # what programs write for none
_NO_AUTHOR = ("", "python-docx", "Microsoft Office User")


def read_docx(data: bytes) -> Draft:
    """Return the words of a DOCX; BylineError if it is none, is locked or unpacks to too much."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BylineError("is locked with a password, or an older .doc; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise BylineError(f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; no article does")
        document = docx.Document(io.BytesIO(data))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise BylineError(f"is no DOCX that can be opened ({error}); save it again from Word") from None
    title, blocks = _title(document)
    body, byline = take_credits("\n\n".join(blocks), title)
    return Draft(body, complete(byline, _stated(document)))


def _title(document: Document) -> tuple[Byline, list[str]]:
    """Return the headline, a first paragraph in the style of a title, and the other blocks."""
    blocks = list(_blocks(document))
    words = [words for _, words in blocks]
    if blocks and _style(blocks[0][0]).startswith(("Title", "Heading 1")):
        return Byline(title=" ".join(words[0].split()), origins={"title": "heading"}), words[1:]
    return Byline(), words


def _style(block: Paragraph | Table) -> str:
    """Return the name of a block's style, for which python-docx looks through all styles."""
    style = None if isinstance(block, Table) else block.style
    return str(style.name) if style else ""


def _blocks(document: Document) -> Iterator[tuple[Paragraph | Table, str]]:
    """Yield every block that has words, with them."""
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = ("\t".join(cell.text.strip().replace("\n", " ") for cell in row.cells) for row in block.rows)
            words = "\n".join(rows)
        else:
            words = block.text
        if words.strip():
            yield block, words.strip()


def _stated(document: Document) -> Byline:
    facts = document.core_properties
    fields: dict[str, object] = {}
    if facts.title not in _NO_TITLE:
        fields["title"] = facts.title
    if facts.author not in _NO_AUTHOR:
        fields["author"] = facts.author
    if facts.language:
        fields["language"] = facts.language
    return read_byline(fields, origin="document properties")
