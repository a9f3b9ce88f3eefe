"""Every format through the reading process, as a person adds it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles import Article
from index.ingest import add
from index.reader import Found, Look, Reader, Wanted
from index.stores import Stores
from tests import making

LONG = [
    "The harbour council of Norbury voted on Monday evening to widen the",
    "eastern quay before the winter storms arrive, its clerk Ann Roe said.",
    "“We have waited for ten years,” said the clerk, who keeps the coun-",
    "cil’s books and has done so since the last quay was built there in",
    "1994.",
    "Work begins in March and will be over by the autumn of the next year.",
]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def read(reader: Reader, path: Path, data: bytes, **columns: str) -> list[Article]:
    """The articles of a file; nothing in it may fail."""
    path.write_bytes(data)
    found = list(reader.read(Wanted(path, path.name, columns=columns)))
    assert isinstance(found[-1], Look) and found[-1].size == len(data)
    assert [one.reason for one in found if isinstance(one, Found) and one.reason] == []
    return [one.article for one in found if isinstance(one, Found) and one.article]


def reasons(reader: Reader, path: Path, data: bytes, **columns: str) -> list[str]:
    path.write_bytes(data)
    found = [one for one in reader.read(Wanted(path, path.name, columns=columns)) if isinstance(one, Found)]
    assert all(one.reason for one in found)
    return [one.reason or "" for one in found]


# PDF


def test_a_pdf_keeps_its_words_and_its_pages(reader: Reader, tmp_path: Path) -> None:
    pages = [[f"The Gazette {n}", *lines, f"Page {n}"] for n, lines in enumerate((LONG[:3], LONG[3:5], LONG[5:]), 1)]
    data = making.pdf(pages, title="Quay to be widened", author="Ann Roe", created="D:20140915103000+02'00'")
    (article,) = read(reader, tmp_path / "quay.pdf", data)
    assert article.text == (
        "The harbour council of Norbury voted on Monday evening to widen the eastern quay before the winter storms "
        "arrive, its clerk Ann Roe said. “We have waited for ten years,” said the clerk, who keeps the council’s "
        "books and has done so since the last quay was built there in 1994.\n\n"
        "Work begins in March and will be over by the autumn of the next year."
    )
    assert (article.title, article.authors) == ("Quay to be widened", ("Ann Roe",))
    assert article.published == "2014-09-15T10:30:00+02:00"
    assert dict(article.origins)["published"] == "PDF metadata"
    pages_of = {
        word: article.page(article.text.index(word)) for word in ("Norbury", "waited", "books", "1994", "March")
    }
    assert pages_of == {"Norbury": 1, "waited": 1, "books": 2, "1994": 2, "March": 3}


def test_the_headline_of_a_pdf_leaves_its_text_and_the_pages_stay(reader: Reader, tmp_path: Path) -> None:
    data = making.pdf([["Norbury to widen quay", "", *LONG[:5]], LONG[5:]])
    (article,) = read(reader, tmp_path / "a.pdf", data)
    assert article.title == "Norbury to widen quay"
    assert article.text.startswith("The harbour council")
    assert article.page(0) == 1 and article.page(article.text.index("Work begins")) == 2


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"%PDF-1.4\nbroken", "is no PDF that can be opened"),
        (making.pdf([[]]), "only pictures"),
        (making.pdf([LONG])[:700], "is no PDF|only pictures"),
    ],
)
def test_a_broken_or_wordless_pdf_is_named(reader: Reader, tmp_path: Path, data: bytes, problem: str) -> None:
    (reason,) = reasons(reader, tmp_path / "a.pdf", data)
    assert reason.startswith("a.pdf: ") and any(part in reason for part in problem.split("|"))


# Word, RTF, messages, saved pages


def test_a_docx_keeps_paragraphs_and_tables_in_order(reader: Reader, tmp_path: Path) -> None:
    data = making.docx(["By Ann Roe", "Words “here”.", "More."], title="Quay", author="Bo Li", table=[["Ada", "300 t"]])
    (article,) = read(reader, tmp_path / "a.docx", data)
    assert (article.title, article.authors) == ("Quay", ("Ann Roe",))
    assert article.text == "Words “here”.\n\nMore.\n\nAda\t300 t"


def test_rtf_reads_as_words(reader: Reader, tmp_path: Path) -> None:
    head = rb"{\rtf1\ansi{\info{\title Quay}{\author Ann Roe}}{\fonttbl\f0 Times;}\f0 "
    data = head + rb"Caf\'e9 \b society\b0 .\par More\u8217 ?s.\par}"
    (article,) = read(reader, tmp_path / "a.rtf", data)
    assert (article.title, article.authors, article.text) == ("Quay", ("Ann Roe",), "Café society.\n\nMore’s.")


def test_a_newsletter_is_read_from_its_html(reader: Reader, tmp_path: Path) -> None:
    html = "<html><body><table><tr><td><p>Words &amp; more.</p></td></tr></table></body></html>"
    (article,) = read(reader, tmp_path / "a.eml", making.message("Plain words.", html=html))
    assert (article.title, article.outlet, article.text) == ("Quay to be widened", "The Gazette", "Words & more.")
    assert article.published == "2014-09-15T10:30:00+02:00"
    (plain,) = read(reader, tmp_path / "b.eml", making.message("Plain words.\n"))
    assert plain.text == "Plain words."


def test_messages_of_a_mailbox_keep_their_names(reader: Reader, tmp_path: Path) -> None:
    first = making.message("First words.\n\nFrom here on it grew.\n", subject="One", Message_ID="<1@gazette.example>")
    second = making.message("Second words.\n", subject="Two")
    articles = read(reader, tmp_path / "a.mbox", making.mailbox([first, second]))
    assert [(article.title, article.text) for article in articles] == [
        ("One", "First words.\n\nFrom here on it grew."),
        ("Two", "Second words."),
    ]
    assert articles[0].file == "a.mbox/1@gazette.example"
    again = read(reader, tmp_path / "a.mbox", making.mailbox([making.message("New.\n"), first, second]))
    assert [article.id for article in again[1:]] == [article.id for article in articles]


def test_a_saved_page_knows_its_address(reader: Reader, tmp_path: Path) -> None:
    body = making.PAGE_TEXT.format(town="Norbury")
    html = f"<html><head><title>Quay</title></head><body><article>{body}</article></body></html>"
    (article,) = read(reader, tmp_path / "a.mhtml", making.saved_page(html, "https://gazette.example/quay"))
    assert (article.url, article.title) == ("https://gazette.example/quay", "Quay")
    assert article.text.startswith("The council of Norbury")


# Many in one file


def test_chapters_of_an_epub_are_articles_and_its_cover_is_none(reader: Reader, tmp_path: Path) -> None:
    body = making.PAGE_TEXT * 4
    chapters = {
        "cover.xhtml": "<h1>The Gazette</h1>",
        **{f"{t}.xhtml": f"<h1>{t}</h1>{body.format(town=t)}" for t in ("Ay", "Be")},
    }
    articles = read(reader, tmp_path / "a.epub", making.epub(chapters))
    assert [(a.title, a.outlet, a.published, a.language) for a in articles] == [
        (t, "The Gazette", "2014-09-15", "en-GB") for t in ("Ay", "Be")
    ]
    assert articles[0].file == "a.epub/OEBPS/Ay.xhtml"


def test_json_lines_and_csv_are_read_by_their_names(reader: Reader, tmp_path: Path) -> None:
    record = {
        "headline": "Quay",
        "publisher": "The Gazette",
        "date": "2014-09-15",
        "body": "<p>Words.</p><p>More.</p>",
        "id": 7,
    }
    (article,) = read(reader, tmp_path / "a.jsonl", making.json_lines([record]))
    assert (article.title, article.outlet, article.published) == ("Quay", "The Gazette", "2014-09-15")
    assert (article.text, article.file) == ("Words.\n\nMore.", "a.jsonl/7")
    rows = 'title;text;section\r\nQuay;"Words; and\r\nmore.";World\r\n'
    (article,) = read(reader, tmp_path / "a.csv", rows.encode("utf-8-sig"))
    assert (article.title, article.text, article.section) == ("Quay", "Words; and\nmore.", "World")


def test_columns_may_be_named(reader: Reader, tmp_path: Path) -> None:
    data = b"a,b,title\nWords here.,The Gazette,Wrong\n"
    assert "say which with --column text=NAME" in reasons(reader, tmp_path / "a.csv", data)[0]
    (article,) = read(reader, tmp_path / "a.csv", data, text="a", outlet="b")
    assert (article.text, article.outlet, article.title) == ("Words here.", "The Gazette", "Wrong")
    assert dict(article.origins)["outlet"] == "column b"


def test_a_broken_line_is_named_and_the_others_are_read(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "One."}\n{broken\n["list"]\n{"text": "Lone \\ud800 half."}\n')
    found = [one for one in reader.read(Wanted(path, "a.jsonl")) if isinstance(one, Found)]
    assert [(one.article.text if one.article else one.reason) for one in found] == [
        "One.",
        "a.jsonl/line 2: is not JSON; mend the line",
        "a.jsonl/line 3: is no JSON object; write one article a line",
        "Lone \ufffd half.",
    ]


@pytest.mark.parametrize(("pack", "name"), [(making.zipped, "a.zip"), (making.tarred, "a.tar.gz")])
def test_archives_are_read_to_any_depth_that_people_use(
    reader: Reader, tmp_path: Path, pack: object, name: str
) -> None:
    assert callable(pack)
    inner = making.zipped(
        {"deep/a.md": b"# Deep\n\nDeep words.\n", "b.mbox": making.mailbox([making.message("Mail.\n")])}
    )
    files = {
        "one.txt": b"One word.",
        "sub/two.md": b"Two words.",
        "in.zip": inner,
        "x.png": b"\x89PNG",
        ".hidden.txt": b"No.",
    }
    articles = read(reader, tmp_path / name, pack(files))
    assert [article.text for article in articles] == ["One word.", "Two words.", "Deep words.", "Mail."]
    assert articles[2].file == f"{name}/in.zip/deep/a.md"


def test_the_ledger_follows_the_parts_of_a_container(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    records = [{"id": letter, "text": f"Words of {letter}."} for letter in "abc"]
    path.write_bytes(making.json_lines(records))
    assert add(stores, [tmp_path]).counts() == {"added": 3}
    assert add(stores, [tmp_path]).counts() == {"unchanged": 3}
    path.write_bytes(
        making.json_lines([{"id": "a", "text": "Other words of a."}, records[1], {"id": "d", "text": "D."}])
    )
    assert add(stores, [tmp_path]).counts() == {"updated": 1, "unchanged": 1, "added": 1, "missing": 1}
    assert add(stores, [tmp_path], prune=True).counts() == {"unchanged": 3, "removed": 1}
    path.write_bytes(making.json_lines([{"id": "a", "text": "Other words of a."}, records[1]]))
    assert add(stores, [tmp_path], prune=True).counts() == {"unchanged": 2, "removed": 1}
    path.unlink()
    assert add(stores, [tmp_path], prune=True).counts()["removed"] == 3


def test_articles_that_move_within_a_table_stay_what_they_are(stores: Stores, tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    records = [{"url": f"https://gazette.example/{n}", "text": f"Words of number {n}."} for n in range(4)]
    path.write_bytes(making.json_lines(records))
    add(stores, [tmp_path])
    before = {article.url: article.text for article in stores.library.articles().values()}
    path.write_bytes(making.json_lines([{"url": "https://gazette.example/new", "text": "New."}, *records]))
    assert "failed" not in add(stores, [tmp_path]).counts()
    path.write_bytes(making.json_lines(records[1:]))
    assert "failed" not in add(stores, [tmp_path], prune=True).counts()
    after = {article.url: article.text for article in stores.library.articles().values()}
    assert after == {url: text for url, text in before.items() if url != "https://gazette.example/0"}


def test_the_page_of_a_citation_is_told(stores: Stores, tmp_path: Path) -> None:
    from bot.answer import as_json
    from bot.chat import Bot
    from ui.terminal import render_answer

    (tmp_path / "quay.pdf").write_bytes(making.pdf([LONG[:5], LONG[5:]], title="Quay"))
    add(stores, [tmp_path / "quay.pdf"])
    answer = Bot(stores).ask("When does the work begin?")
    shown = as_json(answer)["citations"] or as_json(answer)["nearest"]
    assert {one["page"] for one in shown if "Work begins" in one["text"]} <= {2}
    assert all(one["page"] in (1, 2) for one in shown)
    assert "p. " in render_answer(answer)
    json.dumps(as_json(answer))
