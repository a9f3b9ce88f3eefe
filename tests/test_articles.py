"""Files into articles: every format, every byline field, every error."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import MAX_SIZE, Article, find_files, find_skipped, read_article
from index.canonical import canonical
from index.dates import parse_date
from index.errors import BylineError

STORY = (
    "The harbour council voted on Monday to widen the eastern quay before the winter storms arrive.\n\n"
    "“We have waited for ten years,” said the clerk, Ann Roe, who keeps the council’s books.\n\n"
    "Work begins in March."
)
PARAGRAPHS = [
    f"Paragraph {n} tells how the harbour council of Norbury means to widen the eastern quay, said clerk {n}."
    for n in range(1, 6)
]


def read(data: str | bytes, name: str = "story.txt", folder: Path = Path("/library")) -> Article:
    data = data.encode() if isinstance(data, str) else data
    return read_article(folder / name, root=folder, data=data)


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def article_page(head: str = "", above: str = "") -> Article:
    return read(page(f"<article>{above}{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</article>", head), "page.html")


# Finding files


def test_finds_supported_visible_files_in_order(tmp_path: Path) -> None:
    for name in (
        "b.md",
        "a.TXT",
        "c/d.html",
        "c/e.doc",
        ".hidden.txt",
        ".git/f.txt",
        "b.markdown",
        "picture.png",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    found = [file.relative_to(tmp_path).as_posix() for file in find_files(tmp_path)]
    assert found == ["a.TXT", "b.markdown", "b.md", "c/d.html"]
    skipped = [file.relative_to(tmp_path).as_posix() for file in find_skipped(tmp_path)]
    assert skipped == ["c/e.doc", "picture.png"]


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("words")
    assert list(find_files(file)) == [file]


def test_loops_of_links_end_and_a_linked_file_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("words")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "sub" / "z.txt").symlink_to(tmp_path / "sub" / "a.txt")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    assert list(find_files(tmp_path)) == [tmp_path / "sub" / "a.txt"]


def test_names_a_missing_path_and_a_file_of_another_kind_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_text("words")
    with pytest.raises(BylineError, match=r"nowhere.*no such file"):
        find_files(tmp_path / "nowhere")
    with pytest.raises(BylineError, match=r"a\.doc.*\.html.*\.md.*\.txt"):
        find_files(tmp_path / "a.doc")


@contextmanager
def as_somebody() -> Iterator[None]:
    """Give up root's right to read everything, where the tests run as root."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no user numbers")
def test_names_what_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("words")
    file.chmod(0)
    with as_somebody(), pytest.raises(BylineError, match=r"a\.txt: cannot be read"):
        read_article(file, root=tmp_path)


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(BylineError, match=r"a\.txt: cannot be read \(No such file"):
        read_article(tmp_path / "a.txt", root=tmp_path)


# Names and ids


def test_reads_from_disk_and_names_the_file_below_its_root(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(STORY)
    article = read_article(tmp_path / "sub" / "a.txt", root=tmp_path)
    assert (article.file, article.path) == ("sub/a.txt", str((tmp_path / "sub" / "a.txt").resolve()))
    assert (article.text, article.label) == (STORY, "sub/a.txt")
    assert read_article(tmp_path / "sub" / "a.txt", root=tmp_path / "sub").file == "a.txt"


def test_id_comes_from_outlet_and_address_else_from_the_path() -> None:
    addressed = "Outlet: The Gazette\nURL: https://gazette.example/quay\n\n"
    assert read(addressed + "One.", "a.txt").id == read(addressed + "Two.", "b.txt").id
    assert read("Same words.", "a.txt").id != read("Same words.", "b.txt").id
    assert read("One.", "a.txt").id == read("Two.", "a.txt").id
    assert len(read("One.").id) == 12 and int(read("One.").id, 16) >= 0


def test_a_name_that_is_not_utf8_is_an_error() -> None:
    with pytest.raises(BylineError, match="name is not UTF-8"):
        read("words", "caf\udce9.txt")


# Bytes to text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_reads_unicode_by_its_mark(encoding: str) -> None:
    assert read(STORY.encode(encoding)).text == STORY


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (" \n\t\u200b\n".encode(), "is empty"),
        (b"...\n\n***", "holds no words"),
        (b"caf\xe9 society", "is not UTF-8 at byte offset 3; save it as UTF-8"),
        (b"\xef\xbb\xbfcaf\xe9", "is not UTF-8 at byte offset 6"),
        (b"%PDF-1.7\x00\xff", "NUL byte at offset 8"),
        ("words".encode("utf-16-le"), "NUL byte"),
        ("wor\0ds".encode("utf-16"), "NUL character at 3"),
        (b"\xff\xfew", "is not UTF-16"),
        (b"a" * (MAX_SIZE + 1), "more than 20 MB"),
    ],
)
def test_names_the_file_and_what_is_wrong_with_its_bytes(data: bytes, problem: str) -> None:
    with pytest.raises(BylineError, match=rf"^sub/a\.txt: .*{problem}"):
        read(data, "sub/a.txt")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-1">', "cp1252"),  # as browsers read it
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ("<meta charset=Shift_JIS>", "cp932"),
        ('<meta charset="utf-16">', "utf-8"),
        ("", "utf-8"),
    ],
)
def test_reads_the_encoding_that_a_page_declares(head: str, encoding: str) -> None:
    words = {"cp1252": "“Müller”", "cp1251": "Москва", "cp932": "東京"}.get(encoding, "“東京”")
    assert words in read(page(f"<p>{words} is a word.</p>", head).encode(encoding), "p.html").text


def test_reads_the_encoding_of_an_xml_declaration() -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-2"?>' + page("<p>Łódź is a town.</p>")
    assert read(data.encode("iso-8859-2"), "p.xhtml").text == "Łódź is a town."


@pytest.mark.parametrize("label", ["klingon", "unicode_escape", "utf-7", "rot13"])
def test_an_unknown_declaration_is_an_error(label: str) -> None:
    with pytest.raises(BylineError, match=f"p.html: declares the encoding “{label}”"):
        read(page("<p>words</p>", f"<meta charset={label}>"), "p.html")


def test_a_declaration_does_not_excuse_wrong_bytes() -> None:
    with pytest.raises(BylineError, match=r"p\.html: is not UTF-8 at byte offset"):
        read(page("<p>caf\xe9</p>", "<meta charset=utf-8>").encode("latin-1"), "p.html")


# Canonical text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("One.\r\nTwo.\rThree.\u2028Four.", "One.\nTwo.\nThree.\nFour."),
        ("One.  \n\n \t\n\n\nTwo. ", "One.\n\nTwo."),
        ("inter\u00adnational zero\u200bwidth \ufeffmark\x07", "international zerowidth mark"),
        ("\u202ereversed\u202c", "reversed"),
        ("cafe\u0301", "café"),
        ("“Don’t” – 10\u00a0000 ﬁsh…", "“Don’t” – 10\u00a0000 ﬁsh…"),
        ("می\u200cخواهم 👩\u200d🚒", "می\u200cخواهم 👩\u200d🚒"),
    ],
)
def test_canonical_changes_white_space_and_the_invisible_only(raw: str, text: str) -> None:
    assert canonical(raw) == text


@given(st.text())
def test_canonical_is_final(raw: str) -> None:
    assert canonical(canonical(raw)) == canonical(raw)


# Plain text


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "A first sentence that is short.\n\n" + STORY,
        "Who killed the quay?\n\n" + STORY,
        "“No,” she said.\n\n" + STORY,
        "A heading\nwith no blank line below\n" + STORY,
        "A heading above nothing longer\n\nShort.",
        "Norbury: a town by the sea. Its council met.\n\nSource: the council said so\nwith more words below.",
        "By the river, the council met.\n\n" + STORY,
        "By Monday the quay was closed\n\nShort.",
        "Date: soon\n\nThe council has not said when.",
    ],
)
def test_plain_text_is_never_given_a_byline(text: str) -> None:
    article = read(text)
    assert article.text == text
    assert (article.title, article.outlet, article.published, article.authors) == (None, None, None, ())


def test_a_headline_becomes_the_title_and_leaves_the_text() -> None:
    article = read(f"Norbury to widen its quay\n\n{STORY}")
    assert (article.title, article.text) == ("Norbury to widen its quay", STORY)


def test_a_headline_above_a_byline_and_a_date() -> None:
    article = read(f"Norbury to widen its quay\nBy Ann Roe and Bo van Li\nSept. 15, 2014\n\n{STORY}")
    assert (article.title, article.text) == ("Norbury to widen its quay", STORY)
    assert (article.authors, article.published) == (("Ann Roe", "Bo van Li"), "2014-09-15")


@pytest.mark.parametrize(
    ("line", "authors", "outlet", "published"),
    [
        ("By Ann Roe", ("Ann Roe",), None, None),
        ("BY ANN ROE, STAFF WRITER", ("ANN ROE",), None, None),
        ("By Ann Roe, Bo O’Li Jr. and Cy-Ann Poe", ("Ann Roe", "Bo O’Li Jr.", "Cy-Ann Poe"), None, None),
        ("By Ann Roe, Associated Press", ("Ann Roe",), "AP", None),
        ("By The Associated Press", (), "AP", None),
        ("By Ann Roe | 15 September 2014", ("Ann Roe",), None, "2014-09-15"),
        ("Published September 15, 2014 at 10:30 a.m. EDT", (), None, "2014-09-15"),
    ],
)
def test_reads_byline_and_date_lines(
    line: str, authors: tuple[str, ...], outlet: str | None, published: str | None
) -> None:
    article = read(f"{line}\n\n{STORY}")
    assert (article.authors, article.outlet, article.published) == (authors, outlet, published)
    assert article.text == STORY


def test_reads_header_lines() -> None:
    article = read(
        "Title: Quay to be widened\nSource: The Gazette\nDate: 2014-09-15\nBy: Ann Roe; Bo Li\n"
        f"URL: https://gazette.example/quay\n\n{STORY}"
    )
    assert article == Article(
        id=article.id,
        text=STORY,
        file="story.txt",
        path=article.path,
        title="Quay to be widened",
        outlet="The Gazette",
        url="https://gazette.example/quay",
        published="2014-09-15",
        authors=("Ann Roe", "Bo Li"),
    )


def test_header_lines_without_words_below_are_no_article() -> None:
    with pytest.raises(BylineError, match=r"story\.txt: holds no words of an article"):
        read("Title: Quay to be widened\nOutlet: The Gazette\n")


@pytest.mark.parametrize(
    ("dateline", "outlet"),
    [
        ("PARIS (AP) — ", "AP"),
        ("LONDON, Sept 15 (Reuters) - ", "Reuters"),
        ("(CNN) -- ", "CNN"),
        ("Berlin (dpa) – ", "dpa"),
        ("MOSCOW (Our Own) — ", None),
        ("The club (AP) was told ", None),
    ],
)
def test_a_dateline_names_the_agency_and_stays(dateline: str, outlet: str | None) -> None:
    article = read(dateline + STORY)
    assert (article.outlet, article.text) == (outlet, dateline + STORY)


def test_lines_broken_by_width_are_joined() -> None:
    broken = (
        "The harbour council voted on Monday to\nwiden the eastern quay before the winter\nstorms arrive, the"
        " clerk said, in a well-\nmeant hurry.\n\nWork begins in March and will be over by\nthe autumn."
    )
    assert read(broken).text == (
        "The harbour council voted on Monday to widen the eastern quay before the winter storms arrive, the"
        " clerk said, in a well-meant hurry.\n\nWork begins in March and will be over by the autumn."
    )


def test_one_paragraph_a_line_and_verses_keep_their_lines() -> None:
    for text in (
        "\n".join(PARAGRAPHS),
        "Low tide\nand gulls\nover the long grey quay\nwait\nfor us\nand sing",
    ):
        assert read(text).text == text


# Dates


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("2014-09-15", "2014-09-15"),
        ("2014-09-15T10:00:00+02:00", "2014-09-15T10:00:00+02:00"),
        ("2014-09-15 10:00:00 +02:00", "2014-09-15T10:00:00+02:00"),
        ("2014-09-15T10:00:00Z", "2014-09-15T10:00:00+00:00"),
        ("2014-09-15T10:00:00.000Z", "2014-09-15T10:00:00+00:00"),
        ("2014/09/15", "2014-09-15"),
        ("Mon, 15 Sep 2014 10:00:00 +0200", "2014-09-15T10:00:00+02:00"),
        ("Monday, Sept. 15th, 2014", "2014-09-15"),
        ("15 September 2014", "2014-09-15"),
        ("15.9.2014", "2014-09-15"),
        ("15/09/2014", "2014-09-15"),
        ("09/15/2014", "2014-09-15"),
        ("09/10/2014", None),
        ("31 February 2014", None),
        ("2014-13-01", None),
        ("0001-01-01T00:00:00Z", None),
        ("2014-09", None),
        ("September 2014", None),
        ("Monday", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_or_left(printed: str, iso: str | None) -> None:
    assert parse_date(printed) == iso


# Markdown


MARKDOWN = """---
title: 'Quay: to be widened'
site_name: The Gazette
authors:
  - Ann Roe
  - name: Li, Bo
date: 2014-09-15 10:00:00+02:00
canonical_url: https://gazette.example/quay
draft: no
---

# Quay: to be widened

The *harbour* council **voted** to [widen the quay](https://gazette.example) &amp; more,
she said. ![a picture](p.png)

> “We have waited
> for ten years.”

- first `code` item
- second item

<div>Words in <b>HTML</b>.</div>
<script>var words = "unseen";</script>
<!-- unseen -->

| Ship | Tons |
|------|------|
| Ada  | 300  |

## Later

    kept  as code
"""


def test_markdown_reads_as_words() -> None:
    article = read(MARKDOWN, "quay.md")
    assert article.text == (
        "The harbour council voted to widen the quay & more, she said.\n\n“We have waited for ten years.”\n\n"
        "first code item\nsecond item\n\nWords in HTML.\n\nShip\tTons\nAda\t300\n\nLater\n\nkept  as code"
    )
    assert (article.title, article.outlet) == ("Quay: to be widened", "The Gazette")
    assert (article.authors, article.published) == (("Ann Roe", "Li, Bo"), "2014-09-15T10:00:00+02:00")
    assert article.url == "https://gazette.example/quay"


def test_a_leading_heading_is_the_title() -> None:
    article = read(f"# Quay to be *widened*\n\nBy Ann Roe\n\n{STORY}\n\n# Later\n\nMore.", "quay.md")
    assert (article.title, article.authors) == ("Quay to be widened", ("Ann Roe",))
    assert article.text == f"{STORY}\n\nLater\n\nMore."
    assert read(f"{STORY}\n\n# Later\n\nMore.", "quay.md").title is None


@pytest.mark.parametrize(
    "front",
    ["title: 2014", "title: [Quay, Two]", "title:", "date: 2014-99-99", "url: /quay", "[a, b]"],
)
def test_odd_front_matter_is_left_out(front: str) -> None:
    article = read(f"---\n{front}\n---\n{STORY}", "quay.md")
    assert (article.url, article.published) == (None, None)
    assert article.text.endswith(STORY)


def test_a_source_may_be_an_address() -> None:
    article = read(f"---\nsource: https://gazette.example/quay\n---\n{STORY}", "quay.md")
    assert (article.outlet, article.url) == (None, "https://gazette.example/quay")


@pytest.mark.parametrize(
    ("front", "where"),
    [
        ("title: Quay: widened", "line 2"),
        ("a: 1\nb: [2", "line"),
        ("a: " + "[" * 2000, "line 1"),
        ("%A\na", "line"),
    ],
)
def test_broken_front_matter_is_named_with_its_line(front: str, where: str) -> None:
    with pytest.raises(BylineError, match=rf"^quay\.md: {where}.*front matter is not YAML.*; mend it"):
        read(f"---\n{front}\n---\n{STORY}", "quay.md")


def test_thematic_breaks_are_no_front_matter() -> None:
    assert read(f"---\nWords between.\n---\n{STORY}", "quay.md").text == f"Words between.\n\n{STORY}"


# Pages


def test_a_page_keeps_its_words_and_loses_the_rest() -> None:
    body = f"""
    <div id="cookie-banner" class="cookie-consent"><p>We use cookies. Accept all cookies?</p></div>
    <header><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World news</a></li></ul></nav></header>
    <main><article><h1>Quay to be widened</h1>
    <p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]} <a href="x">Linked words</a> &amp; more &#8220;here&#8221;.</p>
    <h2>What comes next</h2><p>No.</p>
    <ul><li>First point of the list</li><li>Second <b>bold</b> point</li></ul>
    <blockquote><p>“We have waited,” she said.</p></blockquote>
    <div>Words in a bare division.</div>
    <p>{PARAGRAPHS[2]}<br>After the break.</p>
    <table><tr><th>Ship</th><th>Tons</th></tr><tr><td>Ada</td><td>300</td></tr></table>
    <script>var unseen = "script words";</script><!-- unseen comment --><style>p {{ color: red }}</style>
    <p>{PARAGRAPHS[3]}</p></article>
    <aside><p>Related: ten more stories that you may like to read.</p></aside></main>
    <footer><p>Copyright The Quay Gazette. All rights reserved. Terms apply.</p></footer>"""
    article = read(page(body), "quay.html")
    assert article.title == "Quay to be widened"
    assert article.text.split("\n\n") == [
        PARAGRAPHS[0],
        f"{PARAGRAPHS[1]} Linked words & more “here”.",
        "What comes next",
        "No.",
        "First point of the list\nSecond bold point",
        "“We have waited,” she said.",
        "Words in a bare division.",
        f"{PARAGRAPHS[2]}\nAfter the break.",
        "Ship\tTons\nAda\t300",
        PARAGRAPHS[3],
    ]


def test_json_ld_comes_before_meta_elements() -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebPage", "name": "Not this"},
            {
                "@type": ["NewsArticle"],
                "headline": "Quay &amp; harbour",
                "author": [{"@type": "Person", "name": "Ann Roe"}, {"name": "Bo Li"}],
                "publisher": {"@type": "Organization", "name": "The Gazette"},
                "datePublished": "2014-09-15T10:00:00+02:00",
                "mainEntityOfPage": {"@id": "https://gazette.example/quay"},
            },
        ],
    }
    meta = '<meta property="og:title" content="Other"><meta name="author" content="Else Where">'
    article = article_page(f'{meta}<script type="application/ld+json">{json.dumps(data)}</script>')
    assert (article.title, article.outlet) == ("Quay & harbour", "The Gazette")
    assert article.authors == ("Ann Roe", "Bo Li")
    assert article.published == "2014-09-15T10:00:00+02:00"
    assert article.url == "https://gazette.example/quay"


def test_reads_open_graph_and_what_stands_in_sight() -> None:
    article = article_page(
        '<title>Quay to be widened - The Gazette</title><meta property="og:site_name" content="The Gazette">'
        '<meta property="article:author" content="https://social.example/ann">'
        '<link rel="canonical" href="https://gazette.example/quay?page=1">'
        '<script type="application/ld+json">{broken</script>',
        above='<a rel="author">Ann Roe</a> <time datetime="2014-09-15">Monday</time>',
    )
    assert (article.title, article.outlet, article.published) == (
        "Quay to be widened",
        "The Gazette",
        "2014-09-15",
    )
    assert (article.url, article.authors) == ("https://gazette.example/quay?page=1", ("Ann Roe",))


def test_a_page_is_never_given_a_date_an_outlet_or_an_author() -> None:
    article = article_page(
        '<title>Quay to be widened</title><link rel="canonical" href="https://gazette.example/2014/09/15/quay">'
        '<meta property="article:modified_time" content="2015-01-01">',
        above="<p>Last changed on 3 March 2015, says the clerk of the council.</p><p>© 2013 Somebody</p>",
    )
    assert (article.published, article.outlet, article.authors) == (None, None, ())


def test_of_several_times_none_is_the_date() -> None:
    times = '<time datetime="2014-09-15">a</time><time datetime="2014-09-16">b</time>'
    assert article_page(above=times).published is None
    meta = '<meta property="article:published_time" content="2014-09-15T10:00:00Z">'
    assert article_page(meta, above=times).published == "2014-09-15T10:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- nothing -->",
        page(""),
        page("<script>var words;</script>"),
        page("<nav><a href='/'>Home page</a></nav><footer><p>All rights reserved.</p></footer>"),
        "<",
    ],
)
def test_a_page_without_main_text_is_named(text: str) -> None:
    with pytest.raises(BylineError, match=r"^quay\.htm: (shows no main text|holds no words)"):
        read(text, "quay.htm")


# Any bytes


def reads_or_names(data: bytes, name: str) -> None:
    try:
        article = read(data, name)
    except BylineError as error:
        assert str(error).startswith(f"{name}: ")
    else:
        assert any(map(str.isalnum, article.text))
        assert article.text == canonical(article.text)


MARKS = (
    *("<p>", "</p>", "<div>", "<table>", "<td>", "<nav>", "<h1>", "<script>", "<!--", "<![CDATA[", "&#8203;"),
    *(
        "---\n",
        "title: ",
        "# ",
        "> ",
        "- ",
        "`",
        "[a](b)",
        "|",
        "\n",
        "\n\n",
        "    ",
        "By Ann Roe\n",
        "Date: ",
    ),
    *(
        "<meta charset=",
        "utf-8",
        "<body>",
        "</body>",
        "<frameset>",
        "<head>",
        "<pre>",
        "\u202e",
        "\x85",
        "&#x1;",
    ),
)
soup = st.lists(st.sampled_from(MARKS) | st.text(max_size=20), max_size=30).map("".join)


@pytest.mark.parametrize("name", ["any.txt", "any.md", "any.html"])
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300) | soup.map(lambda text: text.encode("utf-8", "ignore")))
def test_any_bytes_are_read_or_named(name: str, data: bytes) -> None:
    reads_or_names(data, name)


def test_importing_articles_imports_no_reader_of_markup() -> None:
    heavy = "{'trafilatura', 'lxml', 'yaml', 'markdown_it'}"
    code = f"import sys, index.articles; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=False).returncode == 0


# The two sample articles


SEEDS = Path(__file__).parents[2] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the sample articles are not here")
def test_sample_articles_keep_every_character() -> None:
    articles = [read_article(file, root=SEEDS) for file in find_files(SEEDS)]
    assert [(article.title, article.outlet) for article in articles] == [(None, None), (None, "AP")]
    for article in articles:
        assert article.text == Path(article.path).read_text(encoding="utf-8").strip()
