"""The register of a commonwealth: who is bound by what, between whom it applies, and the law with one thing changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import polars as pl

from dostastyq.dates import Day, Truth, calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Source
from dostastyq.register import change, frames, pairwise
from dostastyq.register.acts import Act
from dostastyq.register.model import Coverage, Instrument, Membership, State
from dostastyq.register.organs import Institutions
from dostastyq.register.standing import Standing, standing
from dostastyq.register.status import Case, Status, explain
from dostastyq.register.timeline import Line, at

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Period:
    """When an instrument was in force.

    Parameters
    ----------
    start, end
        First day, and first day no longer; None where not recorded.
    """

    start: Day | None
    end: Day | None


@dataclass(frozen=True, slots=True, repr=False)
class Register:
    """What the states of a commonwealth agreed.

    Parameters
    ----------
    name
        Name of the commonwealth.
    states, instruments, sources
        By code, slug and key.
    memberships
        Standing of states in the commonwealth.
    coverage
        How completely each kind of preference is held.
    horizon
        Newest day that any source speaks of.
    removed
        Instruments taken out by `without`: asked for only to know what they had ended.
    institutions
        Organs, rules of decision, weights of votes, the depositary's codes.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> reg.status("fta-2011", "KAZ", on="2012-12-08").code
    'IN_FORCE'
    >>> reg.applies("fta-2011", "RUS", "UKR", on="2016-01-01")
    False
    """

    name: str
    states: Mapping[str, State]
    instruments: Mapping[str, Instrument]
    sources: Mapping[str, Source]
    memberships: tuple[Membership, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    horizon: date | None = None
    removed: Mapping[str, Instrument] = field(default_factory=dict)
    institutions: Institutions = field(default_factory=Institutions)
    _standings: dict[tuple[str, str], Standing] = field(default_factory=dict, repr=False, compare=False)
    _pairs: dict[tuple[str, str, str], Line] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        gone = f", without {', '.join(self.removed)}" if self.removed else ""
        return f"<Register {self.name}: {len(self.states)} states, {len(self.instruments)} instruments{gone}>"

    def instrument(self, slug: str) -> Instrument:
        """Look up an instrument.

        Raises
        ------
        DostastyqError
            ``RG001`` with the nearest slugs, or saying that this law is without it.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").instrument("eaeu-2014").title["en"]
        'Treaty on the Eurasian Economic Union'
        """
        if slug in self.removed and slug not in self.instruments:
            raise DostastyqError("RG001", f"{slug!r} was taken out of this law", "ask the law that has it")
        return _find(self.instruments, slug, "RG001", "instrument")

    def state(self, code: str) -> State:
        """Look up a state.

        Raises
        ------
        DostastyqError
            ``RG002`` with the nearest codes.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").state("KAZ").name["kk"]
        'Қазақстан'
        """
        return _find(self.states, code, "RG002", "state")

    def status(self, instrument: str, state: str, on: str | date, known_at: str | date | None = None) -> Status:
        """Say what an instrument is to a state on a day, and why.

        Parameters
        ----------
        instrument, state
            Slug and code.
        on
            The day.
        known_at
            Not kept yet: the shipped register has no recorded time.

        Raises
        ------
        DostastyqError
            ``RG004`` before the state was independent, ``RG005`` for `known_at`.

        Examples
        --------
        >>> from dostastyq import register
        >>> status = register.load("cis").status("eaeu-2014", "KGZ", on="2015-08-12")
        >>> status.code, str(status.since), status.until
        ('IN_FORCE', '2015-08-12', None)
        """
        if known_at is not None:
            raise DostastyqError("RG005", "known_at is not kept yet", "ask without it: all facts as known today")
        found, day = self.instrument(instrument), calendar_day(on)
        self._independent(state, day)
        return explain(Case(found, state, self.standing(instrument, state), day), self.horizon)

    def standing(self, instrument: str, state: str) -> Standing:
        """Lines of truth of a state in an instrument, over all days."""
        key = (instrument, state)
        if key not in self._standings:
            found = self.removed.get(instrument) or self.instrument(instrument)
            self._standings[key] = standing(found, self.state(state).code)
        return self._standings[key]

    def line(self, instrument: str, first: str, second: str) -> Line:
        """Line of truth of an instrument between two states, over all days; the order of the two does not matter."""
        key = (instrument, min(first, second), max(first, second))
        if key not in self._pairs:
            self._pairs[key] = pairwise.instrument_line(self, *key)
        return self._pairs[key]

    def applies(self, instrument: str, a: str, b: str, on: str | date) -> Truth:
        """Say whether an instrument applies between two states on a day.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> [reg.applies("fta-2011", "UKR", other, on="2016-01-01") for other in ("MDA", "RUS", "UZB")]
        [True, False, False]
        """
        day = calendar_day(on)
        first, second = (self._independent(code, day).code for code in (a, b))
        if first == second:
            raise DostastyqError("RG006", f"{first} was paired with itself", "name two states")
        return at(self.line(instrument, first, second), day)

    def parties(self, instrument: str, on: str | date) -> tuple[str, ...]:
        """States that apply an instrument on a day: in force or provisionally, not suspended.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").parties("eaeu-2014", on="2015-01-02")
        ('ARM', 'BLR', 'KAZ', 'RUS')
        """
        return self._where(instrument, on, truth=True)

    def unknown_parties(self, instrument: str, on: str | date) -> tuple[str, ...]:
        """States of which it is not known whether they apply an instrument on a day.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").unknown_parties("cu-1995", on="2005-01-01")
        ('TJK',)
        """
        return self._where(instrument, on, truth=None)

    def membership(self, state: str, on: str | date) -> str | None:
        """Class of a state in the commonwealth on a day; None outside it or when the day is in doubt.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> reg.membership("TKM", "2010-01-01"), reg.membership("UKR", "2010-01-01")
        ('associate', 'founding')
        """
        day = calendar_day(on)
        code = self.state(state).code
        held = [
            item
            for item in self.memberships
            if item.state == code and item.start.at_or_before(day) and (item.end is None or item.end.after(day))
        ]
        return held[-1].standing if held else None

    def in_force_period(self, slug: str) -> Period:
        """Days from which and until which an instrument was in force for anybody.

        Examples
        --------
        >>> from dostastyq import register
        >>> period = register.load("cis").in_force_period("eurasec-2000")
        >>> str(period.start), str(period.end)
        ('2001-05-30', '2015-01-01')
        """
        found = self.instrument(slug)
        start = None if found.entered is None else found.entered.day
        if start is None and found.clause.rule == "signature":
            start = found.signed.day
        elif start is None:
            days = [entry.day for code in self.states for entry in self.standing(slug, code).entries]
            known = [day for day in days if day.earliest is not None]
            start = min(known, key=lambda day: day.earliest or date.max, default=None)
        return Period(start, None if found.ended is None else found.ended.day)

    def successor(self, slug: str) -> str | None:
        """Instrument that took the place of another, by its recorded end or by a relation; None where there is none.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> reg.successor("eurasec-2000"), reg.successor("fta-1994"), reg.successor("eaeu-2014")
        ('eaeu-2014', 'fta-2011', None)
        """
        found = self.instrument(slug)
        after = [name for name, item in self.instruments.items() if slug in item.targets("succeeds")]
        after += found.targets("succeeded_by")
        if found.ended is not None and found.ended.by:
            after.append(found.ended.by)
        after += [
            name
            for name, item in self.instruments.items()
            if slug in item.targets("supersedes_between_parties", "repeals")
        ]
        return next((name for name in after if name in self.instruments), None)

    def predecessor(self, slug: str) -> str | None:
        """Instrument whose place another took: the newest one, those with a preference in goods first.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").predecessor("fta-2011")
        'fta-1994'
        """
        self.instrument(slug)
        before = [item for name, item in self.instruments.items() if self.successor(name) == slug]
        newest = max(
            before,
            key=lambda item: (item.preference.kind is not None, item.signed.day.earliest or date.min),
            default=None,
        )
        return None if newest is None else newest.slug

    def without(self, slug: str, *, revive: bool = False) -> "Register":
        """Give the law without an instrument.

        Accessions to it and acts under it go too, and what they in turn carry: every instrument that accedes to,
        extends the application of, amends, supplements or implements a removed one, and every act done through one.
        What it ended stays ended.

        Parameters
        ----------
        slug
            The instrument.
        revive
            Whether what it ended, or replaced between its parties, lives on.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis").without("eaeu-2014")
        >>> reg.applies("fta-2011", "KAZ", "RUS", on="2023-07-01"), "eaeu-kgz-2014" in reg.instruments
        (True, False)
        """
        return change.without(self, slug, revive=revive)

    def overlay(self, acts: Iterable[Act]) -> "Register":
        """Give the law with some acts added; this register stays as it is.

        Parameters
        ----------
        acts
            Acts of states, e.g. from `leave` and `join`.

        Raises
        ------
        DostastyqError
            ``RG001``, ``RG002`` for unknown names, ``RG007`` for an act that cannot be.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> reg.overlay([register.leave("KGZ", "eaeu-2014", on="2023-01-01")]).parties("eaeu-2014", on="2023-07-01")
        ('ARM', 'BLR', 'KAZ', 'RUS')
        """
        return change.overlay(self, acts)

    def pairs(self, on: str | date) -> pl.DataFrame:
        """Kinds of preference between every ordered pair of states on a day: true, false, null for unknown.

        Examples
        --------
        >>> from dostastyq import register
        >>> frame = register.load("cis").pairs("2023-07-01")
        >>> frame.columns, frame["economic_union"].sum()
        (['exporter', 'importer', 'free_trade_area', 'customs_union', 'economic_union'], 20)
        """
        day = calendar_day(on)
        for code in self.states:
            self._independent(code, day)
        return frames.pairs(self, day)

    def panel(self, years: Iterable[int], by: str = "kind") -> pl.DataFrame:
        """Share of each year in force, for every ordered pair of states, by exact count of days.

        Parameters
        ----------
        years
            Calendar years, from 1992 on.
        by
            ``"kind"``: one column a kind of preference; ``"instrument"``: one column an instrument with a preference.

        Returns
        -------
        polars.DataFrame
            ``exporter, importer, year`` and Float64 columns; null where unknown on some day and not in force by another
            instrument.

        Examples
        --------
        >>> import polars as pl
        >>> from dostastyq import register
        >>> panel = register.load("cis").panel([2015], by="instrument")
        >>> row = panel.row(by_predicate=(pl.col("exporter") == "KGZ") & (pl.col("importer") == "RUS"), named=True)
        >>> row["eaeu-2014"] == 142 / 365
        True
        """
        return frames.panel(self, list(years), by)

    def matrix(self, on: str | date) -> pl.DataFrame:
        """Status codes of all states (rows) in all instruments (columns) on a day.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").matrix("1996-01-01").select("state", "payments-union-1994").row(0)
        ('ARM', 'SIGNED')
        """
        return frames.matrix(self, calendar_day(on))

    def _independent(self, code: str, day: date) -> State:
        found = self.state(code)
        if found.independent.day.after(day):
            raise DostastyqError(
                "RG004",
                f"{found.name['en']} was not independent on {day}",
                f"ask from {found.independent.day} on",
            )
        return found

    def _where(self, instrument: str, on: str | date, *, truth: Truth) -> tuple[str, ...]:
        self.instrument(instrument)
        day = calendar_day(on)
        return tuple(code for code in self.states if at(self.standing(instrument, code).applied, day) is truth)


def _find(table: Mapping[str, N], key: str, code: str, what: str) -> N:
    if key not in table:
        raise DostastyqError(code, f"there is no {what} {key!r}", nearest(key, table))
    return table[key]
