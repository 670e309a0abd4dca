"""The algebra of lines against the day-by-day truth it stands for."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dostastyq.dates import Day, all_of, any_of, not_
from dostastyq.register.timeline import ALWAYS, NEVER, UNKNOWN, at, both, either, negate, share, since, spells

BEGIN = date(2014, 1, 1)
WINDOW = [BEGIN + timedelta(days=number) for number in range(800)]
INSIDE = st.integers(0, 799).map(WINDOW.__getitem__)


@st.composite
def days(draw):
    low, high = sorted((draw(INSIDE), draw(INSIDE)))
    return Day.between(draw(st.sampled_from([low, None])), draw(st.sampled_from([high, low, None])))


@st.composite
def bounded_days(draw):
    low, high = sorted((draw(INSIDE), draw(INSIDE)))
    return Day.between(low, high)


LINES = st.lists(days(), min_size=1, max_size=4).map(
    lambda found: either(
        *(both(since(day), negate(since(other))) for day, other in zip(found, [*found[1:], found[0]], strict=True))
    )
)


@given(days())
def test_since_is_the_comparison_day_by_day(day):
    line = since(day)
    assert all(at(line, on) is day.at_or_before(on) for on in WINDOW[::7])


@given(LINES, LINES)
def test_merging_is_kleene_day_by_day(one, other):
    conjunction, disjunction, negation = both(one, other), either(one, other), negate(one)
    for on in WINDOW[::11]:
        truths = at(one, on), at(other, on)
        assert at(conjunction, on) is all_of(truths)
        assert at(disjunction, on) is any_of(truths)
        assert at(negation, on) is not_(truths[0])


@given(LINES)
def test_identities(line):
    assert both(line, ALWAYS) == either(line, NEVER) == both(line, line)
    assert both(line, NEVER) == NEVER
    assert either(line, ALWAYS) == ALWAYS
    assert negate(negate(line)) == line
    assert both() == ALWAYS
    assert either() == NEVER


@given(LINES)
def test_lines_begin_at_the_beginning_and_ascend(line):
    assert line[0][0] == 1
    assert [first for first, _ in line] == sorted({first for first, _ in line})


@given(LINES, st.sampled_from([2013, 2014, 2015, 2016]))
def test_share_counts_days(line, year):
    truths = [at(line, date(year, 1, 1) + timedelta(days=number)) for number in range(366 if year == 2016 else 365)]
    expected = None if None in truths else truths.count(True) / len(truths)
    assert share(line, year) == expected


def test_share_of_the_plain_lines():
    assert (share(ALWAYS, 2012), share(NEVER, 2012), share(UNKNOWN, 2012)) == (1.0, 0.0, None)


@given(st.lists(bounded_days(), max_size=3), st.lists(bounded_days(), max_size=3))
def test_spells_without_ends_hold_from_the_first_start(starts, ends):
    open_line = spells(starts, [])
    closed = spells(starts, ends)
    for on in WINDOW[::17]:
        assert at(open_line, on) is any_of(day.at_or_before(on) for day in starts)
        if at(closed, on):
            assert at(open_line, on) is True


def test_a_state_may_come_back():
    day = Day.parse
    line = spells([day("2014-02-01"), day("2015-02-01")], [day("2014-06-01")])
    answers = [
        at(line, date(*when)) for when in ((2014, 1, 31), (2014, 2, 1), (2014, 6, 1), (2015, 1, 31), (2015, 2, 1))
    ]
    assert answers == [False, True, False, False, True]
