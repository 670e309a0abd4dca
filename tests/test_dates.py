"""Days with bounds and Kleene truth: the forms read, the laws kept, the refusals."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.dates import Day, add_duration, all_of, and_, any_of, calendar_day, not_, or_
from dostastyq.errors import DostastyqError

TRUTHS = st.sampled_from([True, False, None])
CALENDAR = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def days(draw):
    """Days of every form: exact, bounded, open on one side or both."""
    low, high = sorted((draw(CALENDAR), draw(CALENDAR)))
    return Day.between(draw(st.sampled_from([low, None])), draw(st.sampled_from([high, None])))


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "uncertain"),
    [
        ("1993-12-24", "1993-12-24", "1993-12-24", False),
        ("1993-12", "1993-12-01", "1993-12-31", False),
        ("1996-02", "1996-02-01", "1996-02-29", False),
        ("1997", "1997-01-01", "1997-12-31", False),
        ("1994?", "1994-01-01", "1994-12-31", True),
        ("1994~", "1994-01-01", "1994-12-31", True),
        ("1994-01-14?", "1994-01-14", "1994-01-14", True),
        ("[1997-01-06,1997-10-08]", "1997-01-06", "1997-10-08", False),
        ("[1992-04-01, 1992-01-04]", "1992-01-04", "1992-04-01", False),
        ("1993/1994", "1993-01-01", "1994-12-31", False),
        ("1993/1994?", "1993-01-01", "1994-12-31", True),
        ("..2012-08-21", None, "2012-08-21", False),
        ("../2012", None, "2012-12-31", False),
        ("2011..", "2011-01-01", None, False),
        ("2011-10/..", "2011-10-01", None, False),
    ],
)
def test_forms(text, earliest, latest, uncertain):
    day = Day.parse(text)
    assert day.earliest == (earliest and date.fromisoformat(earliest))
    assert day.latest == (latest and date.fromisoformat(latest))
    assert day.uncertain is uncertain
    assert str(day) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1993-13",
        "1993-02-30",
        "93-01-01",
        "1994/1993",
        "[]",
        "[1997-01-06",
        "1997-1-6",
        "..",
        "0000-01-01",
        "1993-12-24T00:00",
    ],
)
def test_bad_text_is_refused_with_the_forms(text):
    with pytest.raises(DostastyqError) as caught:
        Day.parse(text)
    assert caught.value.code == "DT001"
    assert "1993-12-24" in caught.value.hint


@pytest.mark.parametrize("text", ["2013-1-1", "2013", "01.01.2013", "2013-02-29", "today", "2013-01-01?"])
def test_a_question_needs_one_calendar_day(text):
    with pytest.raises(DostastyqError) as caught:
        calendar_day(text)
    assert caught.value.code == "DT002"


def test_calendar_day_drops_the_time():
    day = calendar_day(datetime(2013, 1, 1, 23, 59))  # noqa: DTZ001 -- a caller may hand one over
    assert type(day) is date
    assert day == date(2013, 1, 1)


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        ("2012-08-21", "P30D", "2012-09-20"),
        ("2008-08-18", "P12M", "2009-08-18"),
        ("2008-02-29", "P1Y", "2009-02-28"),
        ("2013-12-31", "P2M", "2014-02-28"),
        ("2014-11-21", "P60D", "2015-01-20"),
        ("2014-01-01", "P1Y2M1W3D", "2015-03-11"),
        ("2014-01-01", "P0D", "2014-01-01"),
    ],
)
def test_durations(day, duration, expected):
    assert add_duration(date.fromisoformat(day), duration) == date.fromisoformat(expected)


@pytest.mark.parametrize("duration", ["", "P", "30D", "P30", "PT5H", "P-1D", "P1D1Y"])
def test_bad_durations(duration):
    with pytest.raises(DostastyqError) as caught:
        add_duration(date(2012, 1, 1), duration)
    assert caught.value.code == "DT003"


@given(TRUTHS, TRUTHS, TRUTHS)
def test_kleene_laws(a, b, c):
    assert not_(not_(a)) is a
    assert and_(a, b) is and_(b, a)
    assert or_(a, b) is or_(b, a)
    assert and_(a, and_(b, c)) is and_(and_(a, b), c) is all_of([a, b, c])
    assert or_(a, or_(b, c)) is or_(or_(a, b), c) is any_of([a, b, c])
    assert not_(and_(a, b)) is or_(not_(a), not_(b))
    assert and_(a, or_(b, c)) is or_(and_(a, b), and_(a, c))
    assert or_(a, and_(a, b)) is a
    assert and_(a, True) is a
    assert or_(a, False) is a


@given(st.lists(TRUTHS), st.lists(TRUTHS))
def test_learning_never_turns_an_answer(known, more):
    """Replacing unknowns by truths keeps every answer that was not unknown (monotone in information)."""
    learnt = [more[place] if value is None and place < len(more) else value for place, value in enumerate(known)]
    for rule in (all_of, any_of):
        assert rule(known) is None or rule(known) is rule(learnt)


@given(days(), CALENDAR)
def test_comparisons_agree_with_every_day_within_the_bounds(day, on):
    candidates = {day.earliest or date.min, day.latest or date.max}
    candidates |= {on} if (day.earliest or date.min) <= on <= (day.latest or date.max) else set()
    for answer, outcomes in (
        (day.before(on), {it < on for it in candidates}),
        (day.at_or_before(on), {it <= on for it in candidates}),
        (day.after(on), {it > on for it in candidates}),
        (day.at_or_after(on), {it >= on for it in candidates}),
    ):
        assert answer is None or outcomes == {answer}
        if day.exact:
            assert answer is not None


@given(days(), CALENDAR, CALENDAR)
def test_truth_only_grows_with_the_day_asked(day, one, other):
    early, late = sorted((one, other))
    if day.at_or_before(early):
        assert day.at_or_before(late) is True
    if day.at_or_before(late) is False:
        assert day.at_or_before(early) is False


@given(days(), CALENDAR)
def test_before_and_its_negations(day, on):
    assert day.at_or_after(on) is not_(day.before(on))
    assert day.after(on) is not_(day.at_or_before(on))


@given(days())
def test_text_says_the_bounds(day):
    assert Day.of(day) is day
    if day.earliest is not None or day.latest is not None:
        assert Day.parse(str(day)) == day
    else:
        assert str(day) == "../.."


@given(days(), days())
def test_later_of_and_or_else(one, other):
    later, either = one.later_of(other), one.or_else(other)
    assert later == other.later_of(one)
    assert either == other.or_else(one)
    for on in (day for day in (one.earliest, one.latest, other.earliest, other.latest) if day is not None):
        assert later.at_or_before(on) is and_(one.at_or_before(on), other.at_or_before(on))
        assert either.at_or_before(on) in {None, one.at_or_before(on)}


@given(days(), st.integers(0, 400))
def test_adding_days_moves_both_bounds(day, number):
    moved = day.plus(f"P{number}D")
    for before, after in ((day.earliest, moved.earliest), (day.latest, moved.latest)):
        assert (before is None) is (after is None)
        if before is not None and after is not None:
            assert (after - before).days == number


def test_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(DostastyqError) as caught:
        Day(date(2015, 1, 2), date(2015, 1, 1))
    assert caught.value.code == "DT001"
