"""robots.txt: what a site lets programs fetch (RFC 9309)."""

from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from index.errors import BylineError
from index.fetching import AGENT, Fetched, fetch

_NAME = AGENT.partition("/")[0]
_MOST = 512_000  # bytes; RFC 9309 asks for 500 KiB at least
_LONGEST_PAUSE = 10.0  # seconds between two requests to one site


class Robots:
    """Remembers what each site allows, for as long as one run lasts."""

    def __init__(self, *, private: bool = False, get: Callable[..., Fetched] = fetch) -> None:
        """Ask sites with `get`."""
        self._private = private
        self._get = get
        self._rules: dict[str, Protego | None] = {}

    def check(self, url: str) -> None:
        """Raise BylineError if the site does not want `url` fetched by a program, or cannot say."""
        rules = self._of(url)
        if rules is None:
            raise BylineError("cannot be fetched: the site's robots.txt does not answer; try again later")
        if not rules.can_fetch(url, _NAME):
            raise BylineError("may not be fetched by programs, says its site's robots.txt; save the page and add it")

    def pause(self, url: str) -> float:
        """Return how many seconds the site wants between two requests."""
        rules = self._of(url)
        return min(float((rules and rules.crawl_delay(_NAME)) or 0.0), _LONGEST_PAUSE)

    def _of(self, url: str) -> Protego | None:
        site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if site not in self._rules:
            self._rules[site] = self._ask(site)
        return self._rules[site]

    def _ask(self, site: str) -> Protego | None:
        """Return a site's rules, None where it should be left alone for now."""
        answer = self._get(f"{site}/robots.txt", private=self._private, most=_MOST, seconds=10)
        if answer.status >= 500:
            return None
        text = answer.data.decode("utf-8", "replace") if answer.status == 200 else ""
        return Protego.parse(text)
