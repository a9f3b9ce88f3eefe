"""Limits of a search: which outlets, and printed since and until when."""

from dataclasses import dataclass

from index.dates import parse_date
from index.errors import BylineError


@dataclass(frozen=True, slots=True)
class Limits:
    """Only articles of these outlets (any, where empty), published from `since` to `until`, both included.

    A day is the day that the article prints, in its own time zone. Where a day is given, what has no date is out.
    """

    outlets: tuple[str, ...] = ()  # compared without regard to case
    since: str | None = None  # ISO 8601 date
    until: str | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return bool(self.outlets or self.since or self.until)

    def __str__(self) -> str:
        """Return the limits as a person reads them."""
        parts = [f"of {' or '.join(self.outlets)}"] if self.outlets else []
        parts += [f"since {self.since}"] if self.since else []
        parts += [f"until {self.until}"] if self.until else []
        return " ".join(parts)


UNLIMITED = Limits()


def checked_limits(limits: Limits) -> Limits:
    """Return the limits with days as ISO 8601 dates; BylineError for what is no day, or a range turned round."""
    since, until = _day("since", limits.since), _day("until", limits.until)
    if since and until and until < since:
        raise BylineError(f"since {since} is later than until {until}: nothing can be printed between. Swap the two.")
    return Limits(tuple(outlet for outlet in limits.outlets if outlet.strip()), since, until)


def _day(name: str, text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    day = parse_date(text)
    if day is None:
        raise BylineError(f"{name} is {text!r}, which is no day. Write it as 2014-09-15.")
    return day[:10]
