"""Business days and cut-offs."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.payments.calendars import business_day, calendar, calendars, cut_off

days = st.dates(date(1994, 1, 1), date(2030, 12, 31))


def test_the_twelve_have_a_calendar_with_a_source():
    assert sorted(calendars()) == ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"]
    for found in calendars().values():
        assert found.source
        assert found.confidence in {"high", "medium", "low", "assumed"}


@pytest.mark.parametrize(
    ("state", "day", "opened"),
    [
        ("KAZ", "2026-12-16", False),  # Independence Day
        ("RUS", "2026-06-12", False),
        ("UZB", "2026-09-01", False),
        ("BLR", "2026-07-03", False),
        ("ARM", "2026-09-21", False),
        ("RUS", "2024-12-28", True),  # a Saturday worked by decree
        ("RUS", "2024-12-30", False),
        ("UKR", "2026-08-24", True),  # martial law
        ("UKR", "2021-08-24", False),
        ("KAZ", "2026-11-22", False),  # a Sunday
        ("KAZ", "2026-11-23", True),
    ],
)
def test_holidays(state, day, opened):
    assert calendar(state).is_business_day(day) is opened


def test_cut_offs_follow_the_clock_of_their_day():
    assert calendar("RUS").cut_off("2026-11-23").isoformat() == "2026-11-23T16:00:00+03:00"
    assert calendar("RUS").cut_off("2012-11-23").isoformat() == "2012-11-23T16:00:00+04:00"
    assert calendar("KAZ").cut_off("2023-11-23").isoformat() == "2023-11-23T16:00:00+06:00"
    assert cut_off("2026-11-23", calendars()).isoformat() == "2026-11-23T14:00:00+00:00"


@given(days, st.lists(st.sampled_from(sorted(calendars())), min_size=1, max_size=4))
def test_a_rolled_day_is_the_nearest_open_one(day, states):
    found = business_day(day, states)
    assert found >= day
    assert business_day(found, states) == found
    for k in range((found - day).days):
        assert not all(calendar(state).is_business_day(day + timedelta(days=k)) for state in states)
    modified = business_day(day, states, "modified_following")
    assert modified.month == day.month
    assert business_day(day, states, "preceding") <= day


def test_what_is_not_known_is_refused():
    for call, code in (
        (lambda: calendar("KZ"), "PY060"),
        (lambda: cut_off("2026-11-23", []), "PY060"),
        (lambda: calendar("KAZ").is_business_day("1990-01-01"), "PY061"),
        (lambda: business_day("2026-11-23", ["KAZ"], "nearest"), "PY062"),
    ):
        with pytest.raises(DostastyqError) as refusal:
            call()
        assert refusal.value.code == code
