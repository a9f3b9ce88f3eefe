"""Amounts, dates, denials and roles, compared without understanding."""

from datetime import date

import pytest

from bot import dates
from bot.amounts import amounts, exchanged, since, unmatched
from bot.polarity import contrast
from bot.roles import exchanged as roles_exchanged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nearly 200,000 people", [(2e5, "", "under")]),
        ("$3 million a day", [(3e6, "dollar", ""), (24, "hours", "")]),
        ("twenty-six nations, in its fourth year", [(26, "", ""), (4, "rank", "")]),
        ("2.5bn in 2019", [(2.5e9, "", ""), (2019, "year", "")]),
        ("two hundred and twelve votes", [(212, "", "")]),
        ("more than half a million", [(5e5, "", "over")]),
        ("two thirds, or 66 per cent", [(2 / 3, "share", ""), (0.66, "share", "")]),
        ("nine out of ten; one family in three", [(0.9, "share", ""), (1 / 3, "share", "")]),
        ("20 to 30 percent", [(0.2, "share", ""), (0.3, "share", "")]),
        ("a quarter of a century", [(25 * 8766, "hours", "")]),
        ("three times in four years", [(3, "times", ""), (4 * 8766, "hours", "")]),
        ("a year and a half", [(1.5 * 8766, "hours", "")]),
        ("an 88-year-old widow", [(88, "", "")]),
    ],
)
def test_amounts(text: str, expected: list[tuple[float, str, str]]) -> None:
    found = [(one.value, one.unit, one.bound) for one in amounts(text)]
    assert [(unit, bound) for _, unit, bound in found] == [(unit, bound) for _, unit, bound in expected]
    assert [value for value, _, _ in found] == pytest.approx([value for value, _, _ in expected])


@pytest.mark.parametrize(
    ("statement", "passage"),
    [
        ("more than 30 people", "thirty-one people"),
        ("almost seven million customers", "6.8 million customers"),
        ("in less than three weeks", "for 19 days"),
        ("within two days", "in 48 hours"),
        ("a month later", "four weeks later"),
        ("three in five votes", "60 percent of the votes"),
        ("fewer than half of the seats", "55 of the 120 seats"),
        ("6 percent where they sought 9", "6 percent; the union had asked for 9 percent"),
        ("on the sixth day", "six days"),
        ("fifteen people", "15 people"),
    ],
)
def test_the_same_amount_in_other_words(statement: str, passage: str) -> None:
    assert not unmatched(amounts(statement), amounts(passage))


@pytest.mark.parametrize(
    ("statement", "passage"),
    [
        ("more than 50 people", "thirty-one people"),
        ("more than 20 people", "64 people"),
        ("nineteen bags", "at least nine bags"),
        ("three weeks", "three months"),
        ("31 percent", "31 people"),
        ("$3 million", "3 million euros"),
        ("in 2014", "in 2013"),
        ("a third of them", "a quarter of them"),
        ("five times as much", "three times as much"),
    ],
)
def test_another_amount(statement: str, passage: str) -> None:
    assert unmatched(amounts(statement), amounts(passage))


def test_a_number_that_counts_something_else() -> None:
    assert exchanged(amounts("the second day"), amounts("the sixth day, two of them"))
    assert not exchanged(amounts("nine districts"), amounts("nine of the 29 districts"))


def test_years_since() -> None:
    (one,) = since(amounts("since 2006"), 2021)
    assert not unmatched(amounts("for fifteen years"), [one])


def test_dates_that_follow_from_the_day_of_publication() -> None:
    day = date(2021, 3, 2)  # a Tuesday
    assert "1 March" in dates.spelled_out("It opened on Monday.", day)
    assert "February" in dates.spelled_out("It opened last month.", day)
    assert "2020" in dates.spelled_out("It opened last year.", day)
    assert "Monday" in dates.spelled_out("It opened yesterday.", day)
    assert "2021" not in dates.spelled_out("It opened in 1998.", day)
    assert dates.spelled_out("It opened on Monday.", None) == ""
    assert dates.published_in("The bridge Marle Herald 2021-03-02") == day


@pytest.mark.parametrize(
    ("statement", "passage"),
    [
        ("in the summer", "in the spring"),
        ("last year", "last month"),
        ("a month after the storm", "a month before the storm"),
        ("on Friday evening", "on Friday morning"),
        ("since the start of the month", "since the start of the week"),
    ],
)
def test_times_that_exclude_each_other(statement: str, passage: str) -> None:
    assert dates.clash(statement, [passage])
    assert not dates.clash(statement, [f"{passage}, {statement}"])
    assert not dates.clash(statement, ["some time"])


@pytest.mark.parametrize(
    ("statement", "passage"),
    [
        ("The council agreed to pay for the bridge.", "The council refused to pay for the bridge."),
        ("The minister confirmed the plan.", "The minister denied the plan."),
        ("They managed to save the ship.", "They failed to save the ship."),
        ("The train no longer runs there.", "The train still runs there."),
        ("The envoy attended the talks.", "The envoy was absent from the talks."),
        ("He did not accept the offer.", "He accepted the offer."),
    ],
)
def test_opposites(statement: str, passage: str) -> None:
    assert contrast(statement, [passage]).opposed
    assert contrast(passage, [statement]).opposed
    assert not contrast(statement, [statement]).opposed


def test_a_denial_in_other_words_is_none() -> None:
    assert not contrast("The council rejected the plan.", ["The council did not accept the plan."]).opposed


def test_a_denial_that_was_dropped() -> None:
    assert contrast("The policy covers fire.", ["The policy does not cover fire."]).denied_there
    assert not contrast("The policy leaves fire out; it never covers it.", ["It does not cover fire."]).denied_there


@pytest.mark.parametrize(
    ("statement", "passage", "turned"),
    [
        ("The mayor accused the minister.", "The minister accused the mayor.", True),
        ("The mayor was accused by the minister.", "The minister accused the mayor.", False),
        ("The minister was accused by the mayor.", "The minister accused the mayor.", True),
        ("The minister accused the mayor.", "The minister accused the mayor.", False),
    ],
)
def test_who_did_what_to_whom(statement: str, passage: str, *, turned: bool) -> None:
    assert (roles_exchanged(statement, [passage]) > 0) == turned
