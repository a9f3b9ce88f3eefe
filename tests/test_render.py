from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.answer import Answer, Citation, Sentence
from index.articles import Article
from index.library import Entry
from ui.render import (
    format_byline,
    format_date,
    format_extent,
    render_answer,
    render_article,
    render_articles,
    render_notice,
    render_shelf,
)

GAZETTE = Article(
    id="a1",
    file="ferry.txt",
    path="/articles/ferry.txt",
    text="One. Two & three.\n\nFour?",
    title="Ferry stays",
    outlet="The Harbour Gazette",
    url="https://www.gazette.example/a?b=1&c=2",
    published="2014-09-15",
    authors=("Ada Brandt", "Jonas Weil"),
)
UNKNOWN = Article(id="a2", file="notes/b.txt", path="/articles/notes/b.txt", text="Two & three.")
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{x}}${y}{0}\u202e\x00\ud800🛳️"


class Seen(HTMLParser):
    """What a browser would see: tags, attributes, ids, and the text inside marks, by class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.marked: dict[str, str] = {}
        self._open: list[list[str]] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag == "mark":
            self._open.append((dict(attrs)["class"] or "").split())

    def handle_endtag(self, tag):
        if tag == "mark":
            self._open.pop()

    def handle_data(self, data):
        for name in self._open[-1] if self._open else ():
            self.marked[name] = self.marked.get(name, "") + data


def answer(**fields) -> Answer:
    known = {
        "question": "Does it stay?",
        "standalone": "Does it stay?",
        "articles": {GAZETTE.id: GAZETTE, UNKNOWN.id: UNKNOWN},
    }
    return Answer(**{**known, **fields})


def test_an_answer_is_quotations_with_markers_and_who_printed_them():
    html = render_answer(
        answer(
            sentences=(Sentence("Two & three.", (1, 2)), Sentence("“Four?”", (3,))),
            citations=(Citation(1, "a1", 5, 17), Citation(2, "a2", 0, 12), Citation(3, "a1", 19, 24)),
        ),
        turn=7,
    )
    first = '<a class="marker" href="#t7-c1" aria-label="Source 1: The Harbour Gazette, 15 September 2014">1</a>'
    second = '<a class="marker" href="#t7-c2" aria-label="Source 2: unknown outlet, undated">2</a>'
    third = first.replace("c1", "c3").replace("Source 1", "Source 3").replace(">1<", ">3<")
    assert html == (
        '<section class="turn" id="t7"><h2 dir="auto">Does it stay?</h2>'
        f'<p class="sentence quoted" dir="auto"><q>Two &amp; three.</q>{first}{second}</p>'
        f'<p class="sentence quoted" dir="auto">“Four?”{third}</p>'
        "<h3>From 2 articles, 1 outlet</h3>"
        '<ul class="cited"><li><a class="headline" href="#t7-c1"><bdi>Ferry stays</bdi></a>'
        f"<span><bdi>The Harbour Gazette</bdi>, 15 September 2014</span>{first}{third}</li>"
        '<li><a class="headline" href="#t7-c2"><bdi>notes/b.txt</bdi></a>'
        f"<span><bdi>unknown outlet</bdi>, undated</span>{second}</li></ul></section>"
    )


def test_a_decline_says_so_and_shows_the_nearest_passages():
    declined = answer(declined=True, nearest=(Citation(1, "a1", 5, 17),))
    html = render_answer(declined, turn=1)
    assert '<p class="decline">The articles do not say.</p><h3>The nearest passages</h3>' in html
    assert '<p class="nearest" dir="auto">Two &amp; three.</p>' in html
    assert 'href="#t1-c1"' in html and 'id="t1-c1"' in render_articles(declined, turn=1)
    assert render_answer(answer(declined=True), turn=1).endswith("The articles do not say.</p></section>")


def test_a_followup_says_how_it_was_understood():
    asked = answer(question="And him?", standalone="Does Weil stay?", declined=True)
    assert "Understood as: <bdi>Does Weil stay?</bdi>" in render_answer(asked, turn=1)
    assert "Understood" not in render_answer(answer(declined=True), turn=1)


@pytest.mark.parametrize(
    ("support", "caveat"),
    [("supported", None), ("partly", "supported in part"), ("unsupported", "not supported by the articles")],
)
def test_a_written_sentence_bears_no_quotation_marks_and_says_what_it_lacks(support, caveat):
    html = render_answer(answer(sentences=(Sentence("It stays.", (), support),)), turn=1)
    assert f'<p class="sentence {support}" dir="auto">It stays.' in html
    assert (f'<small class="caveat">{caveat}</small>' in html) if caveat else ("caveat" not in html)


def test_a_citation_number_that_is_not_there_is_left_out():
    html = render_answer(answer(sentences=(Sentence("It stays.", (0, 9)),)), turn=1)
    assert 'class="marker"' not in html


def test_an_article_has_marks_around_exactly_the_cited_characters():
    html = render_article(GAZETTE, citations=(Citation(2, "a1", 5, 17),), turn=3)
    assert html == (
        '<article class="article" aria-label="Ferry stays"><style>'
        ".article:has(#t3-c2:target) .c2{background:var(--lit)}"
        ":has(#t3-c2:target) [href='#t3-c2']{--tint:var(--lit)}</style>"
        '<p class="bar"><span><bdi>The Harbour Gazette</bdi>, 15 September 2014</span>'
        '<a class="close" href="#closed" aria-label="Close the article">×</a></p>'
        '<h2 dir="auto">Ferry stays</h2>'
        '<p class="printed">By <bdi>Ada Brandt, Jonas Weil</bdi> · <a href="https://www.gazette.example/a?b=1&amp;c=2"'
        ' target="_blank" rel="noopener noreferrer">gazette.example</a></p>'
        '<div class="text"><p dir="auto">One. <mark class="c2"><span id="t3-c2" class="anchor"'
        ' data-number="2"></span>Two &amp; three.</mark></p><p dir="auto">Four?</p></div></article>'
    )


def test_an_article_cited_twice_is_rendered_once():
    cited = answer(citations=(Citation(1, "a1", 0, 4), Citation(2, "a2", 0, 3), Citation(3, "a1", 5, 17)))
    seen = Seen(render_articles(cited, turn=1))
    assert seen.attributes["aria-label"].count("Ferry stays") == 1
    assert seen.marked == {"c1": "One.", "c2": "Two", "c3": "Two & three."}


def test_quotations_may_overlap_and_run_over_paragraphs():
    citations = (Citation(1, "a1", 0, 10), Citation(2, "a1", 5, 24), Citation(3, "a1", 5, 8))
    seen = Seen(render_article(GAZETTE, citations=citations, turn=1))
    assert seen.marked == {"c1": "One. Two &", "c2": "Two & three.Four?", "c3": "Two"}
    assert seen.attributes["id"] == ["t1-c1", "t1-c2", "t1-c3"]


@given(
    st.text(alphabet="ab<&\"' \n\x00🛳", min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5),
)
def test_every_mark_holds_its_quotation_whatever_the_text(text, pairs):
    spans = [(min(pair), max(pair)) for pair in pairs if min(pair) < min(max(pair), len(text))]
    article = Article(id="a", file="a", path="/a", text=text)
    citations = [Citation(n, "a", start, min(end, len(text))) for n, (start, end) in enumerate(spans, 1)]
    seen = Seen(render_article(article, citations=citations, turn=1))

    def shown(part: str) -> str:
        return "".join(part.split()).replace("\x00", "\ufffd")

    for citation in citations:
        quotation = shown(text[citation.start : citation.end])
        assert shown(seen.marked.get(f"c{citation.number}", "")) == quotation
        assert (f"t1-c{citation.number}" in seen.attributes.get("id", [])) >= bool(quotation)


def test_what_others_wrote_is_never_markup():
    article = Article(
        id="a1",
        file="f",
        path="/f",
        text=HOSTILE,
        title=HOSTILE,
        outlet=HOSTILE,
        published=HOSTILE,
        authors=(HOSTILE,),
    )
    citation = Citation(1, "a1", 0, len(HOSTILE))
    cited = Answer(HOSTILE, HOSTILE + "?", (Sentence(HOSTILE, (1,)),), (citation,), articles={"a1": article})
    declined = Answer(HOSTILE, HOSTILE, nearest=(citation,), declined=True, articles={"a1": article})
    entry = Entry("a1", HOSTILE, HOSTILE, HOSTILE, "f", 1)
    pages = [
        render_answer(cited, turn=1),
        render_answer(declined, turn=1),
        render_articles(cited, turn=1),
        render_notice(HOSTILE, HOSTILE, turn=1, wrong=True),
        render_shelf([entry]),
    ]
    for page in pages:
        assert isinstance(page, Markup)
        page.encode("utf-8")
        assert "\x00" not in page
        seen = Seen(page)
        assert not {"script", "img"} & seen.tags
        assert not {"onerror", "src"} & seen.attributes.keys()
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert Seen(pages[2]).marked == {"c1": shown}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "JAVASCRIPT://gazette.example/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//gazette.example",
        "http://[",
        "http:///no-host",
        "ferry.txt",
        "",
        None,
    ],
)
def test_only_web_addresses_become_links(url):
    article = Article(id="a", file="a", path="/a", text="One.", url=url)
    assert Seen(render_article(article, citations=(), turn=1)).attributes["href"] == ["#closed"]


def test_a_link_names_the_host_that_it_leads_to():
    article = Article(id="a", file="a", path="/a", text="One.", url='HTTPS://gazette.example@evil.example/"><b>')
    html = render_article(article, citations=(), turn=1)
    assert 'href="https://gazette.example@evil.example/&#34;&gt;&lt;b&gt;"' in html
    assert ">evil.example</a>" in html


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("2014-09-15", "15 September 2014"),
        ("2014-09-01T23:59:00+02:00", "1 September 2014"),
        ("2014-09-01T23:59:00Z", "1 September 2014"),
        ("September 2014", "September 2014"),
        ("", "undated"),
        (None, "undated"),
    ],
)
def test_dates(published, shown):
    assert format_date(published) == shown


def test_bylines_and_extents():
    assert format_byline(GAZETTE) == "The Harbour Gazette, 15 September 2014"
    assert format_byline(UNKNOWN) == "unknown outlet, undated"
    assert format_extent([GAZETTE, GAZETTE, UNKNOWN]) == "3 articles, 1 outlet"
    assert format_extent([UNKNOWN]) == "1 article"


def test_the_shelf_is_newest_first_and_not_endless():
    entries = [Entry(str(n), f"Headline {n}", "Ledger", f"2014-01-{n % 28 + 1:02}", "f", 1) for n in range(1234)]
    html = render_shelf([*entries, Entry("x", None, None, None, "undated.txt", 1)])
    assert "<h2>1,235 articles, 1 outlet</h2>" in html
    assert html.index("28 January 2014") < html.index("27 January 2014")
    assert '<p class="more">and 1,175 more</p>' in html
    assert "undated.txt" not in html


def test_an_empty_shelf_says_what_to_do():
    assert "byline add FOLDER" in render_shelf([])
