"""Canonical text: the one form of an article's characters that every offset counts."""

import re
import unicodedata

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Invisible and without meaning for a reader, yet each would break a word that somebody searches for:
# controls, soft hyphen, zero-width space, word joiner, stray byte order mark. Bidirectional embeddings and
# isolates (202A–202E, 2066–2069) come in pairs that a quoted slice would tear apart, turning round the text
# after it. The joiners U+200C, U+200D and the marks U+200E, U+200F stay: Persian, Hindi, Hebrew and emoji are
# spelled with them.
_LONELY = re.compile("[\ud800-\udfff]")  # half of a character: JSON can spell it, no store can keep it
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def clean_characters(text: str) -> str:
    """Return the text with `\\n` for every kind of new line, without invisible characters, in NFC.

    NFC changes nothing visible: `é` typed as one code point or as two becomes one, so that both are found.
    Quotation marks, dashes, ligatures and no-break spaces stay as they were printed.
    """
    text = _LONELY.sub("\ufffd", _NEWLINES.sub("\n", text))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def canonical(text: str) -> str:
    """Return clean characters with no space at line ends and no more than one blank line in a row."""
    lines = (line.rstrip() for line in clean_characters(text).split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()
