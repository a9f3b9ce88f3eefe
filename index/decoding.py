"""Bytes to text: UTF-8, or what the file itself declares; never a guess."""

import codecs
import re

from index.errors import BylineError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(
    rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+) | <meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_REMEDY = "save it as UTF-8 text and add it again"
_DECLARATION_WITHIN = 4096  # bytes; browsers look at 1024, saved pages carry a comment above
# What a page may declare, by Python's name, and what browsers read it as (https://encoding.spec.whatwg.org).
_SAME = "utf-8 cp866 koi8-r koi8-u mac-roman mac-cyrillic gb18030 big5 big5hkscs euc_jp cp932 cp949"
_WEB = {
    **{codecs.lookup(name).name: name for name in _SAME.split()},
    **{f"cp{number}": f"cp{number}" for number in (874, *range(1250, 1259))},
    **{f"iso8859-{number}": f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874"},
    **{"tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"},
    **{"utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"},  # or nobody could read the declaration
}


def decode(data: bytes, *, markup: bool = False) -> str:
    """Decode by byte order mark, then by a page's own declaration (`markup`), else as UTF-8.

    Raises BylineError for binary data, an unknown declaration, or bytes that are not what they should be.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(encoding, data, skip=len(mark))
    return _decode_as((markup and _declared(data)) or "utf-8", data)


def _declared(data: bytes) -> str | None:
    match = _DECLARATION.search(data[:_DECLARATION_WITHIN])
    if match is None:
        return None
    label = (match[1] or match[2]).decode("ascii", "replace")
    try:
        return _WEB[codecs.lookup(label).name]
    except (LookupError, ValueError):
        raise BylineError(f"declares the encoding “{label}”, which is unknown; {_REMEDY}") from None


def _decode_as(encoding: str, data: bytes, *, skip: int = 0) -> str:
    if not skip and b"\0" in data:
        raise BylineError(f"has a NUL byte at offset {data.index(0)}, so it is no UTF-8 text; {_REMEDY}")
    try:
        text = data[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        raise BylineError(f"is not {encoding.upper()} at byte offset {skip + error.start}; {_REMEDY}") from None
    if "\0" in text:
        raise BylineError(f"has a NUL character at {text.index(chr(0))}, so it is no text; {_REMEDY}")
    return text
