"""What stands around an answer: the front page, the list of articles, the ledger, the list of conversations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

from markupsafe import Markup

from index.articles import Article
from index.library import Entry, File
from index.sentences import split_sentences
from ui.markup import byline, count, format_date, format_extent, html, join

FRONT = 9  # articles on the front page
LISTED = 100  # articles listed at once; more on demand
_DECK = 220  # characters of an article's beginning
OUTCOMES = {
    "added": "added",
    "updated": "updated",
    "unchanged": "unchanged",
    "removed": "removed",
    "missing": "missing",
    "older": "older version",
    "failed": "not added",
}


class Conversing(Protocol):
    """What the list needs of `bot.conversations.Conversation`."""

    @property
    def id(self) -> int:
        """Return its id."""

    @property
    def title(self) -> str:
        """Return its title."""

    @property
    def changed(self) -> str:
        """Return when it changed last, ISO 8601."""


def render_front(entries: Sequence[Entry], articles: Sequence[Article], examples: Sequence[str]) -> Markup:
    """Render what stands under the question box: example questions, and the newest articles as a front page."""
    if not entries:
        return _empty()
    asked = join(
        html('<li><button type="button" data-do="example" dir="auto">{}</button></li>', question)
        for question in examples
    )
    tried = html('<section class="examples" aria-label="Example questions"><ul>{}</ul></section>', asked)
    stories = join(_story(article) for article in articles)
    rest = len(entries) - len(articles)
    more = html(
        '<p class="all"><a href="?show=articles" data-do="articles">All {} articles</a></p>', f"{len(entries):,}"
    )
    return (tried if examples else Markup()) + html(
        '<section class="stories" aria-labelledby="stories"><h2 id="stories">In the stack</h2>'
        '<div class="columns">{}</div>{}</section>',
        stories,
        more if rest > 0 else Markup(),
    )


def render_dateline(entries: Sequence[Entry], *, today: datetime) -> Markup:
    """Render the line under the nameplate: today, how much there is to ask, and from when to when."""
    days = sorted(entry.published for entry in entries if entry.published)
    reach = _reach(days[0], days[-1]) if days else ""
    parts = [f"{today:%A}, {format_date(today.date().isoformat())}", format_extent(entries) or "No articles yet", reach]
    return join(html("<span>{}</span>", part) for part in parts if part)


def render_articles(entries: Sequence[Entry], *, total: int, shown: int = LISTED) -> Markup:
    """Render the list of articles, newest first, by day."""
    newest = sorted(entries, key=lambda entry: entry.published or "", reverse=True)[:shown]
    days = groupby(newest, key=lambda entry: (entry.published or "")[:10])
    listed = join(
        html('<section class="day"><h3>{}</h3><ul>{}</ul></section>', format_date(day), join(map(_entry, those)))
        for day, those in days
    )
    rest = len(entries) - len(newest)
    more = html(
        '<p><button type="button" data-do="more" data-shown="{}">Show {} more</button></p>', shown + LISTED, rest
    )
    said = count(total, "article") if total == len(entries) else f"{len(entries):,} of {count(total, 'article')}"
    nothing = html('<p class="nothing">No article is like that. Widen the search.</p>') if total and not entries else ""
    return html('<p class="extent" role="status">{}</p>{}{}{}', said, nothing, listed, more if rest > 0 else "")


def render_ledger(files: Sequence[File], *, counts: dict[str, int]) -> Markup:
    """Render what became of each file: what failed first, with its reason, then the rest."""
    said = ", ".join(f"{number:,} {OUTCOMES.get(outcome, outcome)}" for outcome, number in sorted(counts.items()))
    order = sorted(files, key=lambda file: file.outcome != "failed")
    lines = join(
        html(
            '<li class="{}"><span class="outcome">{}</span> <span class="file" dir="auto">{}</span></li>',
            *(file.outcome, OUTCOMES.get(file.outcome, file.outcome), file.reason or _name(file.path)),
        )
        for file in order[:LISTED]
    )
    rest = len(order) - LISTED
    more = html("<li>and {} more</li>", f"{rest:,}") if rest > 0 else Markup()
    title = html('<h3>What became of them</h3><p class="counts">{}</p>', said or "Nothing to add")
    return html('<div class="ledger">{}<ul>{}{}</ul></div>', title, lines, more)


def render_progress(done: int, total: int) -> Markup:
    """Render how far adding has come."""
    said = f"{done:,} of {count(total, 'file')}" if total else "Looking at the files …"
    return html(
        '<div class="progress"><p>{0}</p>'
        '<progress max="{1}" value="{2}" aria-label="Adding articles">{0}</progress></div>',
        *(said, max(total, 1), done),
    )


def render_rail(
    conversations: Sequence[Conversing], *, current: int | None, today: datetime, words: str = ""
) -> Markup:
    """Render the list of conversations, the one that changed last first."""
    if not conversations:
        return html('<p class="nothing">{}</p>', "No conversation has these words." if words else "None yet.")
    days = groupby(conversations, key=lambda one: one.changed[:10])
    return join(
        html("<section><h3>{}</h3><ul>{}</ul></section>", _day(day, today), join(_saved(one, current) for one in those))
        for day, those in days
    )


def render_outlets(outlets: Iterable[tuple[str, int]], *, name: str) -> Markup:
    """Render one box an outlet, to tick."""
    return join(
        html(
            '<label><input type="checkbox" name="{}" value="{}"> <bdi>{}</bdi> <small>{}</small></label>',
            *(name, outlet, outlet, f"{number:,}"),
        )
        for outlet, number in outlets
    )


def _empty() -> Markup:
    return html(
        '<section class="empty"><h2>There is nothing to read yet.</h2>'
        "<p>Byline answers from a stack of news articles that you give it. Every sentence of an answer shows who"
        " printed it, when, and the exact words. The articles stay on this machine.</p>"
        '<p><button type="button" class="primary" data-do="bundled">Add the bundled articles</button> '
        '<a href="?show=articles" data-do="articles">or add your own</a></p></section>'
    )


def _story(article: Article) -> Markup:
    return html(
        '<article><p class="kicker">{}</p><h3><a href="?article={}" data-article="{}" dir="auto">{}</a></h3>'
        '<p class="deck" dir="auto">{}</p></article>',
        byline(article),
        article.id,
        article.id,
        article.label,
        _deck(article.text),
    )


def _deck(text: str) -> str:
    """Return the beginning of an article, whole sentences where one fits."""
    spans = split_sentences(text[: 3 * _DECK])
    ends = [end for _, end in spans if end <= _DECK]
    if ends:
        return text[: ends[-1]].strip()
    return text[:_DECK].rpartition(" ")[0].strip() + " …"


def _entry(entry: Entry) -> Markup:
    label = entry.title or entry.file
    return html(
        '<li><div><a class="headline" href="?article={id}" data-article="{id}" dir="auto">{label}</a>'
        '<span class="outlet" dir="auto">{outlet}</span></div>'
        '<button type="button" data-do="remove" data-id="{id}" aria-label="Remove “{label}”">Remove</button></li>',
        id=entry.id,
        label=label,
        outlet=entry.outlet or "unknown outlet",
    )


def _saved(one: Conversing, current: int | None) -> Markup:
    here = Markup(' aria-current="page"') if one.id == current else Markup()
    return html(
        '<li><a href="?c={id}" data-conversation="{id}" dir="auto"{here}>{title}</a><details class="menu">'
        '<summary aria-label="More for “{title}”">⋯</summary><div>'
        '<button type="button" data-do="rename" data-id="{id}" data-title="{title}">Rename</button>'
        '<button type="button" data-do="export" data-id="{id}">Export Markdown</button>'
        '<button type="button" data-do="delete" data-id="{id}">Delete</button></div></details></li>',
        id=one.id,
        here=here,
        title=one.title or "New conversation",
    )


def _day(day: str, today: datetime) -> str:
    return "Today" if day == today.date().isoformat() else format_date(day)


def _reach(first: str, last: str) -> str:
    earliest, latest = format_date(first), format_date(last)
    if earliest == latest:
        return latest
    day, month = earliest.partition(" ")[::2]
    return f"{day} to {latest}" if latest.endswith(f" {month}") else f"{earliest} to {latest}"


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
