"""Messages and what is kept in their format: newsletters (EML), mailboxes (MBOX) and saved web pages (MHTML)."""

import hashlib
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import IO

from index.blocks import block_text, parse_html
from index.bylines import Byline, complete, read_byline
from index.canonical import clean_characters
from index.decoding import decode
from index.drafts import MAX_BINARY, Draft, finish
from index.errors import BylineError
from index.plain import read_plain

_FROM = re.compile(rb"From \S+.*\d{4}\s*$")
_QUOTED_FROM = re.compile(rb"^>(>*From )")


def read_message(data: bytes) -> Draft:
    """Return the words of a message, those of its HTML if it has any; its sender is the outlet."""
    message = _parsed(data)
    body = message.get_body(preferencelist=("html", "plain"))
    if body is None or not isinstance(body, EmailMessage):
        raise BylineError("is a message without words, or no message at all; check that it begins with its headers")
    text = clean_characters(_content(body))
    stated = _stated(message)
    if body.get_content_type() == "text/html":
        return Draft(block_text(parse_html(text)), stated)
    words, printed = read_plain(text)
    return Draft(words, complete(stated, printed))


def read_saved_page(data: bytes) -> Draft:
    """Return the main text of a web page that a browser saved with its pictures in one MHTML file."""
    from index.pages import read_page

    message = _parsed(data)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not pages or not isinstance(pages[0], EmailMessage):
        raise BylineError("is no saved web page, or one without its HTML; save the page again")
    words, byline = read_page(clean_characters(_content(pages[0])))
    address = message.get("Snapshot-Content-Location") or pages[0].get("Content-Location")
    return Draft(words, complete(byline, read_byline({"url": str(address or "")}, origin="saved page")))


def split_mailbox(file: IO[bytes]) -> Iterator[tuple[str, Callable[[], Draft]]]:
    """Yield a name that stays with each message of an MBOX, and what reads it, one message at a time in memory."""
    seen: dict[str, int] = {}
    for data in _messages(file):
        name = _name(data)
        seen[name] = seen.get(name, 0) + 1
        yield f"{name} {seen[name]}" if seen[name] > 1 else name, lambda data=data: finish(read_message(data))  # type: ignore[misc]


def _messages(file: IO[bytes]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    started, blank = False, True
    while line := file.readline(1_000_000):
        if blank and _FROM.match(line):
            if started:
                yield b"".join(lines)
            lines, size, started = [], 0, True
        elif size <= MAX_BINARY:  # the reader refuses a larger one
            lines.append(_QUOTED_FROM.sub(rb"\1", line))
            size += len(line)
        blank = not line.strip()
    if not started and any(line.strip() for line in lines):
        raise BylineError("is no mailbox: its first line does not begin with “From ”; correct its name")
    if started:
        yield b"".join(lines)


def _name(data: bytes) -> str:
    head = data[:20_000].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    match = re.search(rb"^message-id:\s*<([\w.@+=$-]{3,200})>", head, re.IGNORECASE | re.MULTILINE)
    return match[1].decode("ascii", "replace") if match else hashlib.sha256(data).hexdigest()[:12]


def _parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise BylineError("is no message: it has no headers; correct its name")
    return message


def _content(part: EmailMessage) -> str:
    """Return the text of a part, decoded as it declares; strictly, as a file of its own would be."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise BylineError("holds a text that is no text; save it again")
    charset = part.get_content_charset()
    if charset is None:
        return decode(payload, markup=True)
    try:
        return payload.decode("cp1252" if charset in ("iso-8859-1", "us-ascii", "latin-1") else charset)
    except (LookupError, UnicodeDecodeError):
        raise BylineError(f"holds a text that is not {charset}, as it says; save it again") from None


def _stated(message: EmailMessage) -> Byline:
    senders = message["From"].addresses if message["From"] is not None else ()
    fields = {
        "title": str(message["Subject"] or ""),
        "outlet": senders[0].display_name if senders else "",
        "published": str(message["Date"] or "").partition(" (")[0],
        "url": str(message["Archived-At"] or "").strip("<> "),
        "language": str(message["Content-Language"] or "").split(",")[0].strip(),
    }
    return read_byline({name: value for name, value in fields.items() if value}, origin="message headers")
