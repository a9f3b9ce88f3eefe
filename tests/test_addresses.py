"""Addresses and feeds from a site on loopback, and what must never be asked."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import fetching, ingest
from index.addresses import add_addresses, refresh
from index.errors import BylineError
from index.fetching import checked_address, fetch, is_public
from index.ingest import remove
from index.run import Report
from index.stores import Stores
from tests import site as sites
from tests.site import STORY, Site, page
from tests.test_ingest import agree


@pytest.fixture
def site() -> Iterator[Site]:
    with sites.running() as one:
        yield one


def add(stores: Stores, *addresses: str) -> Report:
    return add_addresses(stores, addresses, private=True)


def reason(stores: Stores, address: str) -> str:
    (line,) = add(stores, address).files
    assert line.outcome == "failed" and stores.library.ledger()[address].reason == line.reason
    return line.reason or ""


# Guards


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"])
def test_this_machine_is_not_asked(site: Site, host: str) -> None:
    port = site.address.rpartition(":")[2]
    with pytest.raises(BylineError, match=r"no public address|cannot be reached"):
        fetch(f"http://{host}:{port}/quay")
    assert site.requests == []


def test_a_redirect_to_this_machine_is_not_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.redirect("/away", "http://127.0.0.1:9/secret")
    public = ipaddress.ip_address("127.0.0.1")  # this once the site is taken for a public one
    asked: list[str] = []

    def is_public_once(address: object) -> bool:
        asked.append(str(address))
        return address == public and len(asked) == 1

    monkeypatch.setattr(fetching, "is_public", is_public_once)
    with pytest.raises(BylineError, match="no public address"):
        fetch(f"{site.address}/away")
    assert site.paths() == ["/away"]


def test_a_name_that_resolves_to_this_machine_is_not_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a public address stands beside it, as in an attack by rebinding."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(BylineError, match=r"rebind.example at 127.0.0.1, which is no public address"):
        fetch("http://rebind.example/")
    assert site.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://gazette.example/a",
        "gazette.example/a",
        "http://",
        "http://a:b@gazette.example/",
        "http://[::1/",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(address: str, stores: Stores) -> None:
    with pytest.raises(BylineError, match=r"is no address of a page|without them"):
        add(stores, address)


def test_an_address_is_kept_without_its_fragment() -> None:
    assert (
        checked_address(" https://gazette.example/a b?q=ä#x".replace(" b", "")) == "https://gazette.example/a?q=%C3%A4"
    )


# Limits


def test_a_page_that_never_ends_is_given_up(site: Site) -> None:
    site.answers["/endless"] = sites.endless
    with pytest.raises(BylineError, match="has more than 1 MB"):
        fetch(f"{site.address}/endless", private=True, most=1_000_000)


def test_a_page_that_drips_is_given_up(site: Site) -> None:
    site.answers["/drip"] = sites.drip
    with pytest.raises(BylineError, match="gave no whole answer within 1 second"):
        fetch(f"{site.address}/drip", private=True, seconds=1)


def test_a_packed_page_is_unpacked_within_limits(site: Site) -> None:
    site.serve("/bomb", sites.BOMB, Content_Encoding="gzip")
    with pytest.raises(BylineError, match="has more than 20 MB"):
        fetch(f"{site.address}/bomb", private=True)
    assert len(fetch(f"{site.address}/bomb", private=True, most=50_000_000).data) == 44_000_000
    site.serve("/wrong", b"not packed at all", Content_Encoding="gzip")
    with pytest.raises(BylineError, match="packed wrongly"):
        fetch(f"{site.address}/wrong", private=True)


def test_redirects_end(site: Site) -> None:
    site.redirect("/round", "/round")
    with pytest.raises(BylineError, match="more than 5 redirects"):
        fetch(f"{site.address}/round", private=True)


# Articles


def test_a_page_becomes_an_article_and_is_asked_conditionally_afterwards(stores: Stores, site: Site) -> None:
    site.serve("/quay", page(head='<meta property="og:site_name" content="The Gazette">'), ETag='"1"')
    site.redirect("/old", "/quay", 301)
    url = f"{site.address}/old"
    assert add(stores, url).counts() == {"added": 1}
    (article,) = stores.library.articles().values()
    assert (article.title, article.outlet, article.path) == ("Quay", "The Gazette", url)
    assert article.url == url and dict(article.origins)["url"] == "address"
    assert refresh(stores, private=True).counts() == {"unchanged": 1}
    assert site.requests[-1][1]["if-none-match"] == '"1"'


def test_an_updated_page_replaces_the_older_one_which_stays_readable(stores: Stores, site: Site) -> None:
    site.serve("/quay", page(), ETag='"1"')
    add(stores, f"{site.address}/quay")
    (old,) = stores.library.articles().values()
    site.serve("/quay", page(body=STORY.replace("March", "April")), ETag='"2"')
    assert refresh(stores, private=True).counts() == {"updated": 1}
    (new,) = stores.library.articles().values()
    assert new.id == old.id and "April" in new.text
    assert stores.library.article_version(old.id, old.version).text == old.text
    site.serve("/quay", b"", status=404)
    assert refresh(stores, private=True).counts() == {"missing": 1}
    assert list(stores.library.articles()) == [old.id]


def test_a_saved_page_and_its_address_are_editions_of_one_article(stores: Stores, site: Site, tmp_path: Path) -> None:
    url = f"{site.address}/quay"
    dated = '<meta property="article:modified_time" content="2020-01-0{}">'
    saved = tmp_path / "saved.html"
    head = f'<link rel="canonical" href="{url}">'
    saved.write_bytes(page(head=head + dated.format(1), body=STORY.replace("March", "May")))
    site.serve("/quay", page(head=dated.format(2)))
    assert ingest.add(stores, [saved]).counts() == {"added": 1}
    assert {line.path: line.outcome for line in add(stores, url).files} == {url: "added", str(saved): "older"}
    assert ingest.add(stores, [saved]).counts() == {"older": 1}
    assert refresh(stores, private=True).counts() == {"unchanged": 1}
    saved.write_bytes(page(head=head + dated.format(3), body=STORY.replace("March", "June")))
    outcomes = {line.path: line.outcome for line in ingest.add(stores, [saved]).files}
    assert outcomes == {str(saved): "updated", url: "older"}
    (article,) = stores.library.articles().values()
    assert "June" in article.text and agree(stores)


def test_a_page_cannot_pass_for_another_outlets(stores: Stores, site: Site) -> None:
    site.serve("/quay", page(head='<link rel="canonical" href="https://gazette.example/quay">'))
    add(stores, f"{site.address}/quay")
    (article,) = stores.library.articles().values()
    assert article.url == f"{site.address}/quay"


def test_the_encoding_that_the_server_tells_counts(stores: Stores, site: Site) -> None:
    site.serve(
        "/quay",
        page(body=STORY + "<p>Łódź was told.</p>").decode().encode("iso-8859-2"),
        kind="text/html; charset=ISO-8859-2",
    )
    add(stores, f"{site.address}/quay")
    (article,) = stores.library.articles().values()
    assert "Łódź" in article.text


def test_robots_are_told_where_they_may_not_go(stores: Stores, site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private", kind="text/plain")
    site.serve("/private/quay", page())
    site.serve("/quay", page())
    site.redirect("/way-in", "/private/quay")
    assert "may not be fetched by programs" in reason(stores, f"{site.address}/private/quay")
    assert "may not be fetched by programs" in reason(stores, f"{site.address}/way-in")
    assert add(stores, f"{site.address}/quay").counts() == {"added": 1}
    assert site.paths() == ["/way-in", "/quay"]
    site.serve("/robots.txt", b"", status=503)
    assert "robots.txt does not answer" in reason(stores, f"{site.address}/private/quay")


@pytest.mark.parametrize(
    ("kind", "body", "status", "problem"),
    [
        ("image/png", b"\x89PNG", 200, "is of the type 'image/png'"),
        ("text/html", b"<html><body></body></html>", 200, "shows no main text"),
        ("application/pdf", b"%PDF-1.4 broken", 200, "is no PDF"),
        ("text/xml", b"<rss><channel></channel></rss>", 200, "is no feed with entries"),
        ("text/html", b"", 403, "HTTP status 403"),
        ("text/html", b"", 500, "HTTP status 500"),
    ],
)
def test_what_is_no_article_is_failed_with_its_reason(
    stores: Stores, site: Site, kind: str, body: bytes, status: int, problem: str
) -> None:
    site.serve("/thing", body, kind=kind, status=status)
    assert problem in reason(stores, f"{site.address}/thing")
    assert not stores.library.articles()


# Feeds

RSS = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>The Gazette</title>
<item><title>One &a;</title><link>{0}/one</link><pubDate>Mon, 15 Sep 2014 10:30:00 +0200</pubDate>
<category>World</category></item>
<item><title>Two</title><link>/two</link></item><item><title>Gone</title><link>{0}/gone</link></item>
<item><title>Bad</title><link>javascript:alert(1)</link></item></channel></rss>"""


def test_a_feed_leads_to_its_articles(stores: Stores, site: Site) -> None:
    site.serve("/feed", RSS.format(site.address).encode(), kind="application/rss+xml", ETag='"f1"')
    site.serve("/one", page("One"))
    site.serve("/two", page("Two", body=STORY.replace("Norbury", "Sudbury")))
    report = add(stores, f"{site.address}/feed")
    assert report.counts() == {"added": 2, "failed": 1}
    one, two = sorted(stores.library.articles().values(), key=lambda article: article.title or "")
    assert (one.outlet, one.published, one.section) == ("The Gazette", "2014-09-15T10:30:00+02:00", "World")
    assert dict(one.origins)["published"] == "feed"
    assert (two.url, two.published) == (f"{site.address}/two", None)
    remove(stores, [two.id])
    site.requests.clear()
    site.serve(
        "/feed", RSS.format(site.address).replace("Two", "Too").encode(), kind="application/rss+xml", ETag='"f2"'
    )
    assert add(stores, f"{site.address}/feed").counts() == {"unchanged": 1, "failed": 1}
    assert site.paths() == ["/feed", "/gone"]


def test_atom_is_read_and_its_text_stands_in_for_a_page_that_cannot_be_had(stores: Stores, site: Site) -> None:
    text = "&lt;p&gt;" + "The council of Norbury voted on Monday to widen its quay. " * 30 + "&lt;/p&gt;"
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>The Gazette</title><entry><title>One</title>'
        f'<link href="{site.address}/one"/><published>2014-09-15T08:30:00Z</published>'
        f'<author><name>Ann Roe</name></author><content type="html">{text}</content></entry></feed>'
    )
    site.serve("/feed", atom.encode(), kind="application/atom+xml")
    assert add(stores, f"{site.address}/feed").counts() == {"added": 1}
    (article,) = stores.library.articles().values()
    assert (article.title, article.authors, article.published) == ("One", ("Ann Roe",), "2014-09-15T08:30:00+00:00")
    assert article.text.startswith("The council of Norbury voted")
