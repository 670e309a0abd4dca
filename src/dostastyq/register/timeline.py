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

from dostastyq.dates import Day, Truth, all_of, any_of, not_

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
    return _merge(all_of, lines) if lines else ALWAYS


def either(*lines: Line) -> Line:
    """Kleene disjunction, day by day."""
    return _merge(any_of, lines) if lines else NEVER


def spells(starts: Iterable[Day], ends: Iterable[Day]) -> Line:
    """Hold from any start until the first end that is not certainly earlier than that start.

    Examples
    --------
    >>> line = spells([Day.parse("1994-04-19")], [Day.parse("2009-08-18")])
    >>> at(line, date(2009, 8, 17)), at(line, date(2009, 8, 18))
    (True, False)
    """
    closing = list(ends)
    return either(
        *(both(since(start), *(negate(since(end)) for end in closing if _may_follow(end, start))) for start in starts)
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
    if len(lines) == 1:
        return lines[0]
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
