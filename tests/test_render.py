"""What is shown, as HTML: golden where it is ours, and never markup where others wrote it."""

from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from bot.answer import Answer, Citation, Sentence
from index.articles import Article
from index.library import Entry, File
from ui.footnotes import with_footnotes
from ui.lists import (
    render_articles,
    render_dateline,
    render_front,
    render_ledger,
    render_outlets,
    render_progress,
    render_rail,
)
from ui.markup import format_byline, format_date, format_extent
from ui.reading import render_article, render_cited
from ui.render import Place, render_notice, render_turn, spoken

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
TODAY = datetime(2026, 11, 24)
HERE = Place(5, 7)


class Seen(HTMLParser):
    """What a browser would see: tags, attributes, ids, and the text inside marks, by citation."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.marked: dict[str, str] = {}
        self.text = ""
        self._open: list[list[str]] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        if tag == "mark":
            self._open.append((dict(attrs)["data-cited"] or "").split())

    def handle_endtag(self, tag):
        if tag == "mark":
            self._open.pop()

    def handle_data(self, data):
        self.text += data
        for name in self._open[-1] if self._open else ():
            self.marked[name] = self.marked.get(name, "") + data


def answer(**fields) -> Answer:
    known = {
        "question": "Does it stay?",
        "standalone": "Does it stay?",
        "articles": {GAZETTE.id: GAZETTE, UNKNOWN.id: UNKNOWN},
    }
    return Answer(**{**known, **fields})


QUOTED = answer(
    sentences=(Sentence("Two & three.", (1, 2)), Sentence("“Four?”", (3,))),
    citations=(Citation(1, "a1", 5, 17), Citation(2, "a2", 0, 12), Citation(3, "a1", 19, 24)),
)


def test_a_turn_is_a_headline_quotations_with_markers_and_who_printed_them():
    html = render_turn(QUOTED, HERE)
    marker = (
        '<a class="marker" href="?c=5#t7-c1" data-article="a1" data-number="1"'
        ' aria-label="Source 1: The Harbour Gazette, 15 September 2014" aria-describedby="t7-k1">1</a>'
    )
    assert html.startswith(
        '<article class="turn answered" id="t7" data-turn="7" aria-labelledby="t7-q" tabindex="-1">'
        '<h2 id="t7-q" class="question" dir="auto">Does it stay?</h2><div class="columns"><div class="answer">'
        f'<p class="sentence quoted" dir="auto">“Two &amp; three.”{marker}'
    )
    assert (
        '<p class="attribution"><bdi>The Harbour Gazette</bdi>, 15 September 2014</p>'
        '<p class="sentence quoted" dir="auto">“Four?”'
    ) in html
    assert (
        '<div class="card" role="tooltip" id="t7-k1" hidden><p class="byline"><bdi>The Harbour Gazette</bdi>,'
        ' 15 September 2014</p><p class="headline" dir="auto">Ferry stays</p>'
        '<p class="quotation" dir="auto">“Two &amp; three.”</p></div>'
    ) in html


def test_the_sources_are_listed_by_outlet_and_date():
    older = Article(
        id="a0", file="z", path="/z", text="Two.", title="Older", outlet=GAZETTE.outlet, published="2013-01-01"
    )
    other = Article(id="a3", file="y", path="/y", text="Two.", title="Abroad", outlet="Anchor", published="2015-01-01")
    articles = {one.id: one for one in (GAZETTE, older, other)}
    citations = (Citation(1, "a1", 5, 17), Citation(2, "a3", 0, 4), Citation(3, "a0", 0, 4))
    html = render_turn(answer(sentences=(Sentence("Two.", (1, 2, 3)),), citations=citations, articles=articles), HERE)
    sources = html[html.index('<aside class="sources"') :]
    places = [sources.index(name) for name in ("Anchor", "Abroad", "The Harbour Gazette", "Older", "Ferry stays")]
    assert places == sorted(places)
    assert "<h3>From 3 articles, 2 outlets</h3>" in sources
    assert "Also in <bdi>Anchor</bdi></span>" in html


def test_an_answer_of_one_outlet_says_so():
    one = answer(sentences=(Sentence("One.", (1,)),), citations=(Citation(1, "a1", 0, 4),))
    assert "Only one outlet says so." in render_turn(one, HERE)
    assert "Only one outlet" not in render_turn(QUOTED, HERE)


def test_copies_of_one_report_are_one_account():
    others = [replace(GAZETTE, id=f"b{n}", outlet=f"Outlet {n}", account="a") for n in range(3)]
    citations = tuple(Citation(n, f"b{n - 1}", 0, 4) for n in (1, 2, 3))
    said = {"sentences": (Sentence("One.", (1, 2, 3)),), "citations": citations}
    html = render_turn(answer(articles={one.id: one for one in others}, **said), HERE)
    assert '<p class="only">Copies of one report.</p>' in html and "The same report in <bdi>Outlet 1</bdi> and" in html
    two = [*others[:2], replace(others[2], account=None)]
    html = render_turn(answer(articles={one.id: one for one in two}, **said), HERE)
    assert '<p class="only">2 accounts; the rest are copies of these.</p>' in html
    assert "Also in <bdi>Outlet 2</bdi>" in html
    html = render_turn(answer(articles={one.id: replace(one, account=None) for one in two}, **said), HERE)
    assert 'class="only"' not in html


def test_the_page_of_a_pdf_stands_wherever_a_quotation_is_named():
    printed = {"a1": replace(GAZETTE, pages=(0, 5))}
    citations = (Citation(1, "a1", 5, 17), Citation(2, "a1", 0, 4))
    quoted = answer(
        sentences=(Sentence("Two & three.", (1,)), Sentence("One.", (2,))), citations=citations, articles=printed
    )
    html = render_turn(quoted, HERE)
    assert 'aria-label="Source 1: The Harbour Gazette, 15 September 2014, page 2"' in html
    assert '<p class="attribution"><bdi>The Harbour Gazette</bdi>, 15 September 2014, page 2</p>' in html
    assert '<p class="byline"><bdi>The Harbour Gazette</bdi>, 15 September 2014, page 2</p>' in html
    assert '<span class="date">15 September 2014, pages 1, 2</span>' in html
    assert "[1] The Harbour Gazette, 15 September 2014, page 2: Ferry stays" in with_footnotes(quoted)
    nearest = answer(declined=True, nearest=citations[:1], articles=printed)
    assert "15 September 2014, page 2</p></li>" in render_turn(nearest, HERE)
    gone = answer(declined=True, nearest=(replace(citations[0], was="Gone."),), articles=printed)
    assert "page" not in render_turn(gone, HERE).replace("passage", "")


def test_a_decline_says_so_says_why_and_shows_the_nearest_passages():
    declined = answer(declined=True, nearest=(Citation(1, "a1", 5, 17),))
    html = render_turn(declined, HERE)
    assert '<p class="decline">The articles do not say.</p><p class="because">No sentence found' in html
    assert '<p class="nearest" dir="auto">“Two &amp; three.”<a class="marker" href="?c=5#t7-c1"' in html
    assert 'class="because"' not in render_turn(answer(declined=True), HERE)


def test_a_followup_says_how_it_was_understood_and_offers_to_take_it_back():
    asked = answer(question="And him?", standalone="Does Weil stay?", declined=True)
    html = render_turn(asked, HERE)
    assert (
        'Understood as: <bdi class="standalone">Does Weil stay?</bdi> <button type="button" data-do="as-typed">' in html
    )
    assert "Understood" not in render_turn(answer(declined=True), HERE)


def test_limits_are_shown_with_the_answer():
    assert "Looked only in articles of Ledger since 2014-09-15." in render_turn(
        QUOTED, HERE, limits="of Ledger since 2014-09-15"
    )


@pytest.mark.parametrize(
    ("support", "mark", "words"),
    [("supported", "✓", None), ("partly", "◐", "supported in part"), ("unsupported", "○", "not supported")],
)
def test_a_written_sentence_bears_no_quotation_marks_and_says_how_well_it_is_supported(support, mark, words):
    html = render_turn(answer(sentences=(Sentence("It stays.", (), support),)), HERE)
    assert f'<p class="sentence {support}" dir="auto">It stays.' in html
    assert mark in html and 'role="note" tabindex="0" aria-label="' in html
    assert (f'<span class="words">{words}</span>' in html) if words else ('class="words"' not in html)


def test_the_few_words_that_answer_stand_in_front():
    html = render_turn(replace(QUOTED, short=Citation(1, "a1", 5, 8)), HERE)
    assert '<p class="short" dir="auto"><strong>“Two”</strong></p><p class="sentence quoted"' in html
    assert with_footnotes(replace(QUOTED, short=Citation(1, "a1", 5, 8))).startswith("Does it stay?\n\n“Two”\n\n“Two &")


def test_a_draft_is_shown_as_unchecked_and_a_notice_says_how_the_answer_came_to_be():
    html = render_turn(answer(model="ollama/small", draft="It <b>stays</b> \u202ewith"), HERE, state="growing")
    assert "ollama/small writes; not checked yet." in html and "It &lt;b&gt;stays&lt;/b&gt; with" in html
    written = answer(model="ollama/small", notice="Out of <time>.", sentences=(Sentence("It stays.", (), "partly"),))
    html = render_turn(written, HERE)
    assert '<p class="notice">Out of &lt;time&gt;.</p>' in html and "Written by ollama/small" in html


def test_a_citation_number_that_is_not_there_is_left_out():
    assert 'class="marker"' not in render_turn(answer(sentences=(Sentence("It stays.", (0, 9)),)), HERE)


def test_a_question_that_was_never_answered_is_asked_again_as_it_was():
    html = render_notice("Who?", "Byline ended.", HERE, wrong=True, limits="of Ledger", also={"since": "<2014>"})
    assert '<p class="within">Looked only in articles of Ledger.</p><p class="wrong" role="alert">' in html
    assert 'data-do="again" data-also="{&#34;since&#34;: &#34;&lt;2014&gt;&#34;}">Ask again' in html


def test_a_growing_answer_has_nothing_to_do_yet_and_a_judged_one_asks_why():
    assert 'class="tools"' not in render_turn(QUOTED, HERE, state="growing")
    assert "Stopped here" in render_turn(QUOTED, HERE, state="stopped")
    judged = render_turn(QUOTED, HERE, verdict="bad", why='"late"')
    assert 'data-verdict="bad" aria-pressed="true"' in judged and 'value="&#34;late&#34;"' in judged
    assert 'class="why"' not in render_turn(QUOTED, HERE)


def test_an_answer_is_taken_along_with_its_sources_as_footnotes():
    assert with_footnotes(QUOTED) == (
        "Does it stay?\n\n“Two & three.” [1][2]\n\n“Four?” [3]\n\n"
        "[1] The Harbour Gazette, 15 September 2014: Ferry stays, https://www.gazette.example/a?b=1&c=2. "
        "“Two & three.”\n"
        "[2] unknown outlet, undated: notes/b.txt. “Two & three.”\n"
        "[3] The Harbour Gazette, 15 September 2014: Ferry stays, https://www.gazette.example/a?b=1&c=2. “Four?”"
    )
    assert with_footnotes(answer(declined=True)) == "Does it stay?\n\nThe articles do not say."


def test_what_a_screen_reader_hears():
    assert spoken(QUOTED) == "Answer from 2 articles, 1 outlet: Two & three. “Four?”"
    assert spoken(answer(declined=True)) == "The articles do not say. 0 nearest passages."


def test_an_article_has_marks_around_exactly_the_cited_characters():
    html = render_article(GAZETTE, citations=(Citation(2, "a1", 5, 17),))
    assert html == (
        '<header class="sheet-head"><p class="outlet" dir="auto">The Harbour Gazette</p>'
        '<h2 id="sheet-title" dir="auto">Ferry stays</h2><p class="printed">By <bdi>Ada Brandt, Jonas Weil</bdi>'
        ' · 15 September 2014 · <a href="https://www.gazette.example/a?b=1&amp;c=2"'
        ' target="_blank" rel="noopener noreferrer">gazette.example</a></p></header>'
        '<div class="text"><p dir="auto">One. <mark data-cited="2"><span id="cited-2" class="anchor"'
        ' data-number="2"></span>Two &amp; three.</mark></p><p dir="auto">Four?</p></div>'
    )


def test_an_article_says_where_each_page_begins_and_where_its_facts_were_found():
    known = replace(GAZETTE, pages=(0, 8), origins=(("outlet", "front <matter>"), ("published", "meta element")))
    html = render_article(known, citations=(Citation(1, "a1", 5, 17),))
    assert html.count('class="page"') == 2 and '<p dir="auto"><span class="page" data-page="1"></span>One.' in html
    assert '</span>Two</mark><span class="page" data-page="2"></span><mark data-cited="1"> &amp; three.</mark>' in html
    assert Seen(html).marked == {"1": "Two & three."}
    assert "<li>Outlet: front &lt;matter&gt;</li><li>Date: meta element</li>" in html
    assert "<li>Outlet: stated nowhere</li><li>Date: stated nowhere</li>" in render_article(UNKNOWN)


def test_quotations_may_overlap_and_run_over_paragraphs():
    citations = (Citation(1, "a1", 0, 10), Citation(2, "a1", 5, 24), Citation(3, "a1", 5, 8))
    seen = Seen(render_article(GAZETTE, citations=citations))
    assert seen.marked == {"1": "One. Two &", "2": "Two & three.Four?", "3": "Two"}
    assert seen.attributes["id"] == ["sheet-title", "cited-1", "cited-2", "cited-3"]


def test_an_article_that_changed_or_went_shows_the_words_that_stood_there():
    lost = answer(sentences=(Sentence("Five.", (1,)),), citations=(Citation(1, "a1", 0, 5, was="Five."),))
    html = render_cited(lost, GAZETTE, current=GAZETTE)
    assert "has changed or gone since" in html and '<blockquote dir="auto">Five.</blockquote>' in html
    assert Seen(html).marked == {}
    assert "has changed or gone since" in render_turn(lost, HERE)
    assert Seen(render_cited(QUOTED, GAZETTE, current=None)).marked == {}


@given(
    st.text(alphabet="ab<&\"' \n\x00🛳", min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5),
)
def test_every_mark_holds_its_quotation_whatever_the_text(text, pairs):
    spans = [(min(pair), max(pair)) for pair in pairs if min(pair) < min(max(pair), len(text))]
    article = Article(id="a", file="a", path="/a", text=text)
    citations = [Citation(n, "a", start, min(end, len(text))) for n, (start, end) in enumerate(spans, 1)]
    seen = Seen(render_article(article, citations=citations))

    def shown(part: str) -> str:
        return "".join(part.split()).replace("\x00", "\ufffd")

    for citation in citations:
        quotation = shown(text[citation.start : citation.end])
        assert shown(seen.marked.get(str(citation.number), "")) == quotation
        assert (f"cited-{citation.number}" in seen.attributes.get("id", [])) >= bool(quotation)


class Saved:
    id, title, changed = 3, HOSTILE, "2026-11-24T08:00:00"


def test_what_others_wrote_is_never_markup():
    article = Article(
        id="a1",
        file=HOSTILE,
        path="/f",
        text=HOSTILE,
        title=HOSTILE,
        outlet=HOSTILE,
        published=HOSTILE,
        url="javascript:alert(1)",
        authors=(HOSTILE,),
    )
    citation = Citation(1, "a1", 0, len(HOSTILE))
    cited = Answer(HOSTILE, HOSTILE + "?", (Sentence(HOSTILE, (1,)),), (citation,), articles={"a1": article})
    declined = Answer(HOSTILE, HOSTILE, nearest=(citation,), declined=True, articles={"a1": article})
    written = Answer(HOSTILE, HOSTILE, (Sentence(HOSTILE, (1,), "partly"),), (citation,), articles={"a1": article})
    entry = Entry("a1", HOSTILE, HOSTILE, HOSTILE, "f", 1)
    pages = [
        render_article(article, citations=(citation,)),
        render_turn(cited, HERE, limits=HOSTILE, verdict="good", why=HOSTILE),
        render_turn(declined, HERE),
        render_turn(written, HERE, state="stopped"),
        render_notice(HOSTILE, HOSTILE, HERE, wrong=True),
        render_front([entry], [article], [HOSTILE]),
        render_dateline([entry], today=TODAY),
        render_articles([entry], total=1),
        render_outlets([(HOSTILE, 1)], name="outlets"),
        render_rail([Saved()], current=3, today=TODAY),
        render_ledger([File(HOSTILE, "failed", reason=HOSTILE), File(HOSTILE, "added")], counts={HOSTILE: 1}),
    ]
    for page in pages:
        assert isinstance(page, Markup)
        page.encode("utf-8")
        assert "\x00" not in page
        seen = Seen(page)
        assert not {"script", "img"} & seen.tags
        assert not {"onerror", "src"} & seen.attributes.keys()
        assert not any(href.startswith("javascript:") for href in seen.attributes.get("href", ()))
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert Seen(pages[0]).marked == {"1": shown}


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
    assert "href" not in Seen(render_article(article)).attributes


def test_a_link_names_the_host_that_it_leads_to():
    article = Article(id="a", file="a", path="/a", text="One.", url='HTTPS://gazette.example@evil.example/"><b>')
    html = render_article(article)
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


def test_the_dateline_says_when_it_is_and_what_there_is():
    entries = [Entry(str(n), "H", "Ledger", f"2014-09-{n}", "f", 1) for n in (15, 17)]
    assert render_dateline(entries, today=TODAY) == (
        "<span>Tuesday, 24 November 2026</span><span>2 articles, 1 outlet</span><span>15 to 17 September 2014</span>"
    )
    assert "No articles yet" in render_dateline([], today=TODAY)


def test_the_list_is_newest_first_and_not_endless():
    entries = [Entry(str(n), f"Headline {n}", "Ledger", f"2014-01-{n % 28 + 1:02}", "f", 1) for n in range(1234)]
    html = render_articles([*entries, Entry("x", None, None, None, "undated.txt", 1)], total=1235)
    assert '<p class="extent" role="status">1,235 articles</p>' in html
    assert html.index("28 January 2014") < html.index("27 January 2014")
    assert 'data-do="more" data-shown="200">Show 1135 more' in html
    assert "undated.txt" not in html
    assert "1 of 1,235 articles" in render_articles(entries[:1], total=1235)
    assert "No article is like that." in render_articles([], total=5)


def test_the_ledger_shows_what_failed_first_and_why():
    files = [File("/a/one.md", "added"), File("/a/two.md", "failed", reason="two.md: is empty; add words")]
    html = render_ledger(files, counts={"added": 1, "failed": 1})
    assert html.index("two.md: is empty; add words") < html.index("one.md")
    assert "1 added, 1 not added" in html
    assert 'max="5" value="2"' in render_progress(2, 5)


def test_an_empty_library_explains_itself_and_offers_the_bundled_articles():
    html = render_front([], [], [])
    assert 'data-do="bundled"' in html and "who printed it, when, and the exact words" in html
