"""Makes broken and hostile files, a thousand and more, with good ones among them: python -m tests.hostile FOLDER"""

import io
import os
import random
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests import making

GOOD = 100  # files that have to be added
FUZZED = 48  # of each format
_STORY = "Village number {n} mended its bridge in spring, said the mayor of village {n}."
_LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY a '"
    + "ha" * 50
    + "'>"
    + "".join(f"<!ENTITY {new} '{('&' + old + ';') * 20}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "<!ENTITY file SYSTEM 'file:///etc/passwd'>]>"
)


def make_hostile(folder: Path, *, seed: int = 7, fuzzed: int = FUZZED) -> set[str]:
    """Fill `folder` and return the names of the good files, each an article with its own words."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    samples = dict(_samples())
    for name, data in samples.items():
        for number in range(fuzzed):
            _write(folder / "fuzzed" / f"{number:03}-{name}", _broken(data, chance))
    for name, data in samples.items():
        for other in samples:
            if other != name:
                _write(folder / "misnamed" / f"{name.replace('.', '-')}-as-{other}", data)
    for name, data in _special():
        _write(folder / "special" / name, data)
    _large(folder / "large")
    _odd_names(folder / "names")
    good = {}
    for number in range(GOOD):
        suffix = chance.choice([".txt", ".md", ".html", ".eml", ".rtf"])
        good[f"good/{number:03}{suffix}"] = _good(number, suffix)
    for name, data in good.items():
        _write(folder / name, data)
    return set(good)


def _good(number: int, suffix: str) -> bytes:
    story = _STORY.format(n=number)
    if suffix == ".html":
        return f"<html><body><article><p>{story}</p><p>{story[::-1]}</p></article></body></html>".encode()
    if suffix == ".eml":
        return making.message(story + "\n")
    return rb"{\rtf1\ansi " + story.encode() + rb"\par}" if suffix == ".rtf" else story.encode()


def _samples() -> Iterator[tuple[str, bytes]]:
    story = _STORY.format(n="nought")
    page = f"<html><head><title>Bridge</title></head><body><article><p>{story}</p></article></body></html>"
    yield "a.txt", f"Title: Bridge\nOutlet: Post\n\n{story}\n".encode()
    yield "a.md", f"---\ntitle: Bridge\nauthors: [Ann Roe]\n---\n\n# Bridge\n\n{story}\n".encode()
    yield "a.html", page.encode()
    yield "a.mhtml", making.saved_page(page, "https://post.example/bridge")
    yield "a.pdf", making.pdf([[story], [story]], title="Bridge")
    yield "a.docx", making.docx([story], title="Bridge", table=[["a", "b"]])
    yield "a.epub", making.epub({"a.xhtml": f"<h1>Bridge</h1><p>{story * 4}</p>"})
    yield "a.eml", making.message(story, html=page)
    yield "a.mbox", making.mailbox([making.message(story), making.message(story * 2)])
    yield "a.rtf", rb"{\rtf1\ansi{\fonttbl\f0 Times;}" + story.encode() + rb"\u8217 ?\'e9\par}"
    yield "a.jsonl", making.json_lines([{"title": "Bridge", "text": story}, {"text": story * 2}])
    yield "a.csv", f'title,text\nBridge,{story}\nOther,"{story}\n{story}"\n'.encode()
    yield "a.zip", making.zipped({"a.txt": story.encode(), "b/c.html": page.encode()})
    yield "a.tar.gz", making.tarred({"a.txt": story.encode(), "b/c.html": page.encode()})


def _broken(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes truncated, overwritten, mixed up or blown up, one to three times."""
    for _ in range(chance.randint(1, 3)):
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        how = chance.randrange(7)
        if how == 0:
            data = data[:start]
        elif how == 1:
            data = data[:start] + chance.randbytes(chance.randint(1, 200)) + data[end:]
        elif how == 2:
            changed = bytearray(data)
            for _ in range(min(len(changed), chance.randint(1, 20))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            data = bytes(changed)
        elif how == 3:
            data = data[start:end] + data[:start] + data[end:]
        elif how == 4:
            data = data[:start] + data[start:end] * chance.randint(2, 50) + data[end:]
        elif how == 5:
            data = data[:start] + b"\x00" * chance.randint(1, 500) + data[start:]
        else:
            data = data[:start] + chance.choice(_TRICKS) + data[start:]
        data = data[:2_000_000]
    return data


_TRICKS = [
    *(
        "\ud800".encode("utf-8", "surrogatepass"),
        "\u202e\u2066".encode(),
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r\r\r",
        b"%" * 300,
    ),
    *(
        b"<" * 3000,
        b"<div>" * 3000,
        b"[" * 3000,
        b"{" * 3000,
        b"> " * 1000,
        b"(" * 1000,
        b"\\" * 999,
        b'"' * 999,
        b"&#0;",
    ),
    *(
        b"*" * 5000,
        b"`" * 5000,
        b"[](" * 1000,
        b"\x1b[2J",
        b"-" * 5000,
        b"\n---\n",
        b"From \nFrom \n",
        b"=\n=\n=",
        b"|" * 3000,
    ),
]


def _special() -> Iterator[tuple[str, bytes]]:
    story = _STORY.format(n="nought")
    for suffix in (
        "txt",
        "md",
        "html",
        "pdf",
        "docx",
        "epub",
        "eml",
        "mbox",
        "rtf",
        "jsonl",
        "csv",
        "zip",
        "tar",
        "mhtml",
        "tgz",
    ):
        yield f"empty.{suffix}", b""
        yield f"blank.{suffix}", b" \n\t\n" * 100
        yield f"nul.{suffix}", b"\0" * 5000
        yield f"noise.{suffix}", random.Random(suffix).randbytes(5000)
    yield "latin1.txt", "Café in München, said the mayor.".encode("latin-1")
    yield "utf16-without-mark.txt", story.encode("utf-16-le")
    yield "surrogate.txt", b"Half \xed\xa0\x80 of a character, said the mayor."
    yield "surrogate.jsonl", b'{"text": "Half \\ud800 of a character, said the mayor.", "title": "\\udfff"}\n'
    yield "no-end.txt", b"word " * 150_000
    yield "one-word.txt", b"a" * 900_000
    yield "right-to-left.txt", "قال رئيس البلدية إن الجسر أغلق. وقال آخر إنه فتح.".encode()
    yield "cjk.txt", ("市长说桥已关闭。" * 200).encode()
    yield "combining.txt", ("e" + "\u0301" * 100_000).encode()
    yield "bidi.txt", ("\u202e" * 50_000 + "word").encode()
    yield "laughs.xhtml", f'<?xml version="1.0"?>{_LAUGHS}<html><body><p>&i;&file;</p></body></html>'.encode()
    yield (
        "laughs.docx",
        _with(making.docx([story]), "word/document.xml", f"{_LAUGHS}<w:document>&i;</w:document>".encode()),
    )
    yield (
        "laughs.epub",
        _with(making.epub({"a.xhtml": story}), "OEBPS/content.opf", f"{_LAUGHS}<package>&i;</package>".encode()),
    )
    yield "deep.html", b"<div>" * 100_000 + b"word"
    yield "deep.md", b"> " * 20_000 + b"word"
    yield "deep.jsonl", b'{"text": ' + b"[" * 200_000 + b"\n"
    yield "deep.rtf", rb"{\rtf1" + b"{" * 200_000
    yield "wide.csv", b"text," * 100_000 + b"\nword\n"
    yield "quote.csv", b'text\n"never closed ' + b"word " * 500_000
    yield "tables.html", b"<table><tr>" + b"<td>a" * 10_000
    yield "attributes.html", b"<p " + b"".join(b"a%d=b " % n for n in range(5_000)) + b">word</p>"
    yield "fences.md", b"```\n" * 20_000
    yield "links.md", b"[a](b" * 20_000
    yield "emphasis.md", b"*a_ " * 20_000
    yield "front.md", b"---\na: " + b"[" * 2000 + b"\n---\nword\n"
    yield (
        "alias.md",
        b"---\na: &a [x,x]\n"
        + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c]\n" % (n + 1, n + 1, n, n, n, n) for n in range(97, 117))
        + b"---\nword\n",
    )
    yield (
        "locked.pdf",
        making.pdf([[story]]).replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 "
            b"/O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") /P -4 >> /ID [(a) (a)]",
        ),
    )
    yield "loop.pdf", making.pdf([[story]]).replace(b"/Kids [", b"/Kids [2 0 R ")
    yield "many.pdf", making.pdf([["a"]] * 2001)
    yield "bomb.pdf", _pdf_bomb()
    yield "locked.zip", _locked(making.zipped({"a.txt": story.encode()}))
    yield "locked.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 5000
    yield "bomb.zip", making.zipped({"a.txt": b"word " * 10_000_000})
    yield (
        "bomb-in-bomb.zip",
        making.zipped({f"{n}.zip": making.zipped({"a.txt": b"word " * 1_000_000}) for n in range(20)}),
    )
    yield "lying.zip", _lying(making.zipped({"a.txt": b"word " * 5_000_000}))
    yield "matryoshka.zip", _nested(8)
    yield "overlapping.zip", _overlapping()
    yield "bomb.tar.gz", making.tarred({"a.txt": b"word " * 10_000_000})
    yield "bomb.docx", _with(making.docx([story]), "word/document.xml", b"<a>" + b"word " * 21_000_000)
    yield "bomb.epub", _with(making.epub({"a.xhtml": story}), "OEBPS/a.xhtml", b"<p>" + b"word " * 10_000_000)
    yield "truncated.tar.gz", making.tarred({"a.txt": story.encode() * 100})[:-20]
    evil = dict.fromkeys(
        ("../escaped.txt", "/tmp/escaped.txt", "a/../../escaped.txt", "C:\\escaped.txt"),
        b"Escaped words, said the mayor.",
    )
    yield "traversal.zip", making.zipped({**evil, "inside.txt": b"A good file inside of a bad archive."})
    yield "traversal.tar.gz", making.tarred({**evil, "inside.txt": b"Another good file inside of a bad archive."})
    yield "links.tar", _links()
    yield "headers.eml", b"".join(b"X-%d: a\n" % n for n in range(100_000)) + b"\nword"
    yield "boundaries.eml", b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"--a\n" * 50_000
    yield (
        "nested.eml",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2000)) + b"word",
    )
    yield "charset.eml", b"Subject: a\nContent-Type: text/plain; charset=klingon\n\nword"
    yield "base64.eml", b"Subject: a\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + b"!" * 5000
    yield "from.mbox", b"From a 2014\n" * 20_000


def _parts_within_parts(depth: int) -> bytes:
    heads = (b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(depth))
    return b"".join(heads) + b"word"


def _with(archive: bytes, name: str, data: bytes) -> bytes:
    """Replace one file of a ZIP."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        files = {entry.filename: opened.read(entry) for entry in opened.infolist()}
    return making.zipped({**files, name: data})


def _locked(archive: bytes) -> bytes:
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _lying(archive: bytes) -> bytes:
    """Say that a file unpacks to 100 bytes."""
    data = bytearray(archive)
    data[22:26] = struct.pack("<I", 100)
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 100)
    return bytes(data)


def _nested(depth: int) -> bytes:
    data = making.zipped({"a.txt": b"Deep words, said the mayor."})
    for _ in range(depth):
        data = making.zipped({"a.zip": data})
    return data


def _overlapping() -> bytes:
    """Many names for one packed megabyte (as in Fifield, WOOT 2019)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", b"word " * 400_000)
        first = archive.infolist()[0]
        for number in range(1, 300):
            entry = zipfile.ZipInfo(f"{number}.txt")
            entry.compress_type, entry.CRC = first.compress_type, first.CRC
            entry.file_size, entry.compress_size, entry.header_offset = (
                first.file_size,
                first.compress_size,
                first.header_offset,
            )
            archive.filelist.append(entry)
            archive.NameToInfo[entry.filename] = entry
    return out.getvalue()


def _pdf_bomb() -> bytes:
    packed = zlib.compress(b"(word) Tj " * 4_000_000, 6)
    plain = making.pdf([["a"]])
    start = plain.index(b"<< /Length")
    end = plain.index(b"endstream", start)
    return plain[:start] + b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\n" % (len(packed), packed) + plain[end:]


def _links() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("a.txt", tarfile.SYMTYPE),
            ("b.txt", tarfile.LNKTYPE),
            ("c.txt", tarfile.FIFOTYPE),
            ("d.txt", tarfile.CHRTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    return out.getvalue()


def _large(folder: Path) -> None:
    """Files of a gigabyte in one line; all but their beginning are holes on the disk."""
    for name, head in (
        ("line.txt", b"a" * 30_000_000),
        ("line.jsonl", b'{"text": "' + b"a" * 30_000_000),
        ("line.html", b"<p>" + b"a" * 30_000_000),
    ):
        _write(folder / name, head)
        os.truncate(folder / name, 1_000_000_000)
    _write(folder / "tiny.txt", b"A b. " * 1_000_000)
    _write(folder / "tiny-within-limits.txt", b"A b.\n" * 45_000)


def _odd_names(folder: Path) -> None:
    _write(folder / "not-utf8-\udce9.txt", b"Words under a name that is no text.")
    _write(folder / "new\nline.txt", b"Words under a name of two lines.")
    _write(folder / ("long" * 60 + ".txt"), b"Words under a long name.")
    _write(folder / "quote'\";--.txt", b"Words under a name that is no SQL.")
    (folder / "folder.txt").mkdir()
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "passwd.txt").symlink_to("/nowhere/passwd")
    os.mkfifo(folder / "pipe.txt")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    make_hostile(Path(sys.argv[1]))
