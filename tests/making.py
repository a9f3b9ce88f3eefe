"""Small files of every format, made by hand so that their contents are known."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

PAGE_TEXT = (
    "<p>The council of {town} voted to widen its quay.</p><p>Work in {town} begins in March, said the clerk.</p>"
)


def pdf(pages: Sequence[Sequence[str]], *, title: str = "", author: str = "", created: str = "") -> bytes:
    """A PDF of pages of lines in Helvetica; characters are those of Latin 1."""
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    kids = []
    for lines in pages:
        shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
        stream = b"BT /F1 11 Tf 14 TL 50 800 Td\n" + shown + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % content
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    facts = {"Title": title, "Author": author, "CreationDate": created}
    stated = b" ".join(b"/%s (%s)" % (name.encode(), _escaped(text)) for name, text in facts.items() if text)
    objects.append(b"<< " + stated + b" >>")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    return out + trailer + b"startxref\n%d\n%%%%EOF\n" % start


def _escaped(text: str) -> bytes:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")


def docx(paragraphs: Sequence[str], *, title: str = "", author: str = "", table: Sequence[Sequence[str]] = ()) -> bytes:
    """A DOCX; its first paragraph has the style of a title if `title` is given."""
    import docx as word

    document = word.Document()
    document.core_properties.author = author
    if title:
        document.add_heading(title, level=0)
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def epub(chapters: Mapping[str, str], *, publisher: str = "The Gazette", date: str = "2014-09-15") -> bytes:
    """An EPUB of chapters: file names to bodies in HTML."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:publisher>{publisher}</dc:publisher><dc:date>{date}</dc:date>'
        f"<dc:language>en-GB</dc:language></metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/content.opf": package}
    bodies = {
        f"OEBPS/{name}": f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{body}</body></html>'
        for name, body in chapters.items()
    }
    return zipped({name: text.encode() for name, text in (files | bodies).items()})


def message(text: str, *, html: str = "", subject: str = "Quay to be widened", **headers: str) -> bytes:
    """A newsletter."""
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "The Gazette <news@gazette.example>"
    mail["Date"] = "Mon, 15 Sep 2014 10:30:00 +0200"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def mailbox(messages: Sequence[bytes]) -> bytes:
    """An MBOX."""
    quoted = (
        b"\n".join(b">" + line if line.startswith(b"From ") else line for line in m.split(b"\n")) for m in messages
    )
    return b"".join(b"From news@gazette.example Mon Sep 15 10:30:00 2014\n" + m + b"\n" for m in quoted)


def saved_page(html: str, address: str) -> bytes:
    """An MHTML file as Chromium saves it."""
    mail = EmailMessage()
    mail["From"] = "<Saved by Blink>"
    mail["Snapshot-Content-Location"] = address
    mail["Subject"] = "Saved"
    mail.set_content(html, subtype="html", cte="quoted-printable")
    mail.make_related()
    return mail.as_bytes()


def json_lines(records: Sequence[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], *, mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()
