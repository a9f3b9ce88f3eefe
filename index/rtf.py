"""RTF by striprtf: the words, and the title and author of its information group."""

import re

from striprtf.striprtf import rtf_to_text

from index.bylines import complete, read_byline
from index.drafts import MAX_SIZE, Draft
from index.errors import BylineError
from index.plain import read_plain

_INFO = re.compile(r"\{\\(title|author)\s+([^{}\\]{1,500})\}")


def read_rtf(data: bytes) -> Draft:
    """Return the words of an RTF file; BylineError if it is none."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise BylineError("is no RTF, which begins with {\\rtf; save it again or correct its name")
    if len(data) > MAX_SIZE:
        raise BylineError(f"has more than {MAX_SIZE // 1_000_000} MB; save it without its pictures")
    source = data.decode("latin-1")
    stated = read_byline(dict(_INFO.findall(source[:20_000])), origin="document properties")
    lines = str(rtf_to_text(source, encoding="cp1252", errors="replace")).split("\n")  # type: ignore[no-untyped-call]
    body, printed = read_plain("\n\n".join(line.strip() for line in lines if line.strip()))
    return Draft(body, complete(printed, stated))
