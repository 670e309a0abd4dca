"""Truth over time: step functions of days with the values True, False and None (unknown).

A line is a tuple of ``(first day as ordinal, truth)``, ascending, beginning at ordinal 1 (0001-01-01). Days are
half-open: a step holds from its first day until the day before the next. Everything the register answers is built from
`since` by `both`, `either` and `negate`, so one day and a whole century cost the same evaluation.
"""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeAlias

from dostastyq.dates import Day, Truth, add_duration, all_of, any_of, not_

Line: TypeAlias = tuple[tuple[int, Truth], ...]

NEVER: Line = ((1, False),)
ALWAYS: Line = ((1, True),)
UNKNOWN: Line = ((1, None),)


def since(day: Day) -> Line:
    """Hold from a day on; unknown where the day may or may not have come.

    Examples
    --------
    >>> line = since(Day.parse("1997"))
    >>> [truth for _, truth in line]
    [False, None, True]
    """
    steps: list[tuple[int, Truth]] = []
    low = 1 if day.earliest is None else day.earliest.toordinal()
    high = None if day.latest is None else day.latest.toordinal()
    if low > 1:
        steps.append((1, False))
    if high is None or low < high:
        steps.append((low, None))
    if high is not None:
        steps.append((high, True))
    return tuple(steps)


def negate(line: Line) -> Line:
    """Kleene negation, day by day."""
    return tuple((first, not_(truth)) for first, truth in line)


def both(*lines: Line) -> Line:
    """Kleene conjunction, day by day.

    Examples
    --------
    >>> both(since(Day.parse("2015-01-01")), negate(since(Day.parse("2015-01-03")))) == (
    ...     (1, False), (date(2015, 1, 1).toordinal(), True), (date(2015, 1, 3).toordinal(), False))
    True
    """
    if NEVER in lines:
        return NEVER
    open_lines = tuple(line for line in lines if line != ALWAYS)
    if len(open_lines) < 2:
        return open_lines[0] if open_lines else ALWAYS
    return _merge(all_of, open_lines)


def either(*lines: Line) -> Line:
    """Kleene disjunction, day by day."""
    if ALWAYS in lines:
        return ALWAYS
    open_lines = tuple(line for line in lines if line != NEVER)
    if len(open_lines) < 2:
        return open_lines[0] if open_lines else NEVER
    return _merge(any_of, open_lines)


def at_least(number: int, lines: Iterable[Line]) -> Line:
    """Hold on the days on which so many of some lines hold.

    Examples
    --------
    >>> lines = [since(Day.parse(text)) for text in ("2001-01-01", "2001-02", "2001-03-01")]
    >>> [str(onset(at_least(number, lines))) for number in (1, 2, 3)]
    ['2001-01-01', '2001-02-01/2001-02-28', '2001-03-01']
    """
    found = tuple(lines)

    def enough(values: Iterable[Truth]) -> Truth:
        truths = list(values)
        if truths.count(True) >= number:
            return True
        return None if truths.count(True) + truths.count(None) >= number else False

    return _merge(enough, found) if found else (ALWAYS if number <= 0 else NEVER)


def latched(line: Line) -> Line:
    """Keep what a line once was: true for good from its first true day, unknown from its first unknown one.

    Examples
    --------
    >>> latched(((1, False), (5, True), (9, False)))
    ((1, False), (5, True))
    """
    steps: list[tuple[int, Truth]] = []
    reached: Truth = False
    for first, truth in line:
        reached = any_of((reached, truth))
        if not steps or steps[-1][1] is not reached:
            steps.append((first, reached))
    return tuple(steps)


def shifted(line: Line, duration: str) -> Line:
    """Move every step of a line by an ISO 8601 duration.

    Examples
    --------
    >>> print(onset(shifted(since(Day.parse("2012-08-21")), "P30D")))
    2012-09-20
    """
    if duration == "P0D":
        return line
    moved: dict[int, Truth] = {}
    for first, truth in line:
        moved[first if first == 1 else add_duration(date.fromordinal(first), duration).toordinal()] = truth
    return tuple(moved.items())


def onset(line: Line) -> Day | None:
    """Give the day from which a line first holds, within the bounds of what is known; None where it never may.

    Examples
    --------
    >>> print(onset(since(Day.parse("1997"))), onset(NEVER))
    1997-01-01/1997-12-31 None
    """
    low = next((first for first, truth in line if truth is not False), None)
    if low is None:
        return None
    high = next((first for first, truth in line if truth is True), None)
    return Day.between(None if low == 1 else date.fromordinal(low), None if high is None else date.fromordinal(high))


def spliced(pieces: Iterable[tuple[int, Line]]) -> Line:
    """Join lines, each from its first day on, ascending.

    Examples
    --------
    >>> spliced([(1, NEVER), (10, ALWAYS)])
    ((1, False), (10, True))
    """
    parts = list(pieces)
    steps: list[tuple[int, Truth]] = []
    for (begin, line), (end, _) in zip(parts, [*parts[1:], (date.max.toordinal() + 1, NEVER)], strict=True):
        for first, truth in ((begin, at(line, begin)), *(step for step in line if begin < step[0] < end)):
            if not steps or steps[-1][1] is not truth:
                steps.append((first, truth))
    return tuple(steps)


def spells(starts: Iterable[Day], ends: Iterable[Day]) -> Line:
    """Hold from any start until the first end that is not certainly earlier than that start.

    Examples
    --------
    >>> line = spells([Day.parse("1994-04-19")], [Day.parse("2009-08-18")])
    >>> at(line, date(2009, 8, 17)), at(line, date(2009, 8, 18))
    (True, False)
    """
    opening, closing = list(starts), list(ends)
    if not opening:
        return NEVER
    return either(
        *(both(since(start), *(negate(since(end)) for end in closing if _may_follow(end, start))) for start in opening)
    )


def at(line: Line, day: date | int) -> Truth:
    """Give the truth on one day.

    Examples
    --------
    >>> at(since(Day.parse("2015-01-01")), date(2014, 12, 31))
    False
    """
    ordinal = day if isinstance(day, int) else day.toordinal()
    return line[bisect_right(line, ordinal, key=_first) - 1][1]


def share(line: Line, year: int) -> float | None:
    """Count the share of the days of a year on which it holds; None when unknown on any of them.

    Examples
    --------
    >>> share(since(Day.parse("2015-01-02")), 2015) == 364 / 365
    True
    """
    begin = date(year, 1, 1).toordinal()
    days = 366 if isleap(year) else 365
    end = begin + days
    held = 0
    position = bisect_right(line, begin, key=_first) - 1
    while position < len(line) and line[position][0] < end:
        first, truth = line[position]
        position += 1
        if truth is None:
            return None
        if truth:
            last = line[position][0] if position < len(line) else end
            held += min(last, end) - max(first, begin)
    return held / days


def _first(step: tuple[int, Truth]) -> int:
    return step[0]


def _may_follow(end: Day, start: Day) -> bool:
    return end.latest is None or start.earliest is None or end.latest >= start.earliest


def _merge(rule: Callable[[Iterable[Truth]], Truth], lines: tuple[Line, ...]) -> Line:
    steps: list[tuple[int, Truth]] = []
    positions = [0] * len(lines)
    for first in sorted({first for line in lines for first, _ in line}):
        for number, line in enumerate(lines):
            if positions[number] + 1 < len(line) and line[positions[number] + 1][0] == first:
                positions[number] += 1
        truth = rule(line[position][1] for line, position in zip(lines, positions, strict=True))
        if not steps or steps[-1][1] is not truth:
            steps.append((first, truth))
    return tuple(steps)
