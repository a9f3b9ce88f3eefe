"""Articles in JSON Lines and CSV, one a line; a mapping says which column holds what where names do not tell."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from index.blocks import block_text, parse_html
from index.bylines import FACTS, complete, field_name, read_byline
from index.canonical import clean_characters
from index.decoding import decode
from index.drafts import MAX_SIZE, Draft, finish
from index.errors import BylineError

Columns = Mapping[str, str]  # a fact, or "text", to the name of its column

_TEXT = "text body content articlebody article_body full_text fulltext article story maintext main_text"
_MARKUP = re.compile(r"</(?:p|div|a|b|em|i|strong|ul|h[1-6]|span)>|<br\s*/?>", re.IGNORECASE)
_NAMES = ("id", "guid", "uuid", "key")


def checked_columns(columns: Columns) -> dict[str, str]:
    """Return the mapping; BylineError where it names a fact that articles do not have."""
    known = ("text", *FACTS, "id")
    for fact in columns:
        if fact not in known:
            raise BylineError(f"--column {fact}=…: an article has no {fact!r}; it has {', '.join(known)}.")
    return dict(columns)


def split_json_lines(file: IO[bytes], columns: Columns) -> Iterator[tuple[str, Callable[[], Draft]]]:
    """Yield a name and what reads it for every line of JSON Lines that is not blank."""
    seen: set[str] = set()
    number = 0
    while line := file.readline(MAX_SIZE + 1):
        number += 1
        if len(line) > MAX_SIZE:
            raise BylineError(f"line {number} has more than {MAX_SIZE // 1_000_000} MB; no article does")
        if line.strip():
            record = _record(line)
            name = _name(record, number, columns, seen)
            yield name, lambda record=record: _draft(record, columns)  # type: ignore[misc]


def split_csv(file: IO[bytes], columns: Columns, *, tabs: bool) -> Iterator[tuple[str, Callable[[], Draft]]]:
    """Yield a name and what reads it for every row of a CSV whose first row names the columns."""
    csv.field_size_limit(MAX_SIZE)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        head = text.readline(1_000_000)
        delimiter = "\t" if tabs else max(",;\t|", key=head.count)
        names = next(csv.reader([head], delimiter=delimiter), [])
        reader = csv.DictReader(text, fieldnames=names, delimiter=delimiter, restkey="", restval="")
        _require_text(names, columns)
        seen: set[str] = set()
        for number, row in enumerate(reader, start=1):
            name = _name(row, number, columns, seen)
            yield name, lambda row=row: _draft(row, columns)  # type: ignore[misc]
    except UnicodeDecodeError as error:
        raise BylineError(f"is not UTF-8 ({error.reason}); save it as UTF-8 and add it again") from None
    except csv.Error as error:
        raise BylineError(f"is no CSV ({error}); save it again") from None


def _record(line: bytes) -> dict[str, Any] | BylineError:
    try:
        record = json.loads(decode(line))
    except (ValueError, RecursionError):
        return BylineError("is not JSON; mend the line")
    except BylineError as error:
        return error
    return record if isinstance(record, dict) else BylineError("is no JSON object; write one article a line")


def _require_text(names: list[str], columns: Columns) -> None:
    wanted = [columns["text"]] if "text" in columns else _TEXT.split()
    if not {field_name(name) for name in wanted} & {field_name(name) for name in names}:
        shown = ", ".join(names[:12]) or "none"
        problem = f"has no column for the text (columns: {shown})"
        raise BylineError(f"{problem}; say which with --column text=NAME")


def _name(record: Mapping[str, Any] | BylineError, number: int, columns: Columns, seen: set[str]) -> str:
    """Return what a record calls itself, so that it stays itself when lines move; else its number."""
    own = ""
    if isinstance(record, Mapping):
        names = [columns["id"]] if "id" in columns else _NAMES
        own = next((str(record[name]) for name in names if isinstance(record.get(name), str | int)), "")
    own = re.sub(r"[\s/\\]+", " ", clean_characters(own)).strip()[:200]
    if not own or own in seen:
        return f"line {number}"
    seen.add(own)
    return own


def _draft(record: Mapping[str, Any] | BylineError, columns: Columns) -> Draft:
    if isinstance(record, BylineError):
        raise record
    named = {field_name(str(name)): value for name, value in record.items()}
    text = _text(named, columns)
    if text is None:
        raise BylineError("holds no text; say which column has it with --column text=NAME")
    mapped = read_byline(
        {fact: named.get(field_name(column)) for fact, column in columns.items() if fact in FACTS},
        origin={field_name(fact): f"column {column}" for fact, column in columns.items()},
    )
    byline = complete(mapped, read_byline(named, origin={name: f"column {name}" for name in named}))
    return finish(Draft(text, byline))


def _text(named: Mapping[str, Any], columns: Columns) -> str | None:
    names = [field_name(columns["text"])] if "text" in columns else _TEXT.split()
    found = next((named[name] for name in names if isinstance(named.get(name), str) and named[name].strip()), None)
    if found is None:
        return None
    text = clean_characters(found)
    return block_text(parse_html(text)) if _MARKUP.search(text) else text
