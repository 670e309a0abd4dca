"""The register of a commonwealth: who is bound by what, between whom it applies, and the law with one thing changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dostastyq.dates import Truth, calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.register import answers, change, frames, gaps, lineage, pairwise, proposal, views
from dostastyq.register.acts import Act
from dostastyq.register.facts import Preference
from dostastyq.register.forecast import Forecast, forecast
from dostastyq.register.holdings import Holdings
from dostastyq.register.lineage import Period
from dostastyq.register.status import Status
from dostastyq.register.timeline import at


@dataclass(frozen=True, slots=True, repr=False)
class Register(Holdings):
    """What the states of a commonwealth agreed.

    Its fields are those of `Holdings`; get one from `load`.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> reg.status("fta-2011", "KAZ", on="2012-12-08").code
    'IN_FORCE'
    >>> reg.applies("fta-2011", "RUS", "UKR", on="2016-01-01")
    False
    """

    def __repr__(self) -> str:
        gone = f", without {', '.join(self.removed)}" if self.removed else ""
        return f"<Register {self.name}: {len(self.states)} states, {len(self.instruments)} instruments{gone}>"

    def status(
        self,
        instrument: str,
        state: str,
        on: str | date,
        known_at: str | date | datetime | None = None,
        rules_on: str | date | None = None,
    ) -> Status:
        """Say what an instrument is to a state on a day, and why.

        Parameters
        ----------
        instrument, state
            Slug and code.
        on
            The day.
        known_at
            As known at the end of a day or at a moment: facts recorded later are not used. By default, as known today.
        rules_on
            The day whose edition of the final clauses applies; by default `on`.

        Raises
        ------
        DostastyqError
            ``RG001``, ``RG002`` for unknown names, ``RG004`` before the state was independent.

        Examples
        --------
        >>> from dostastyq import register
        >>> status = register.load("cis").status("eaeu-2014", "KGZ", on="2015-08-12")
        >>> status.code, str(status.since), status.until
        ('IN_FORCE', '2015-08-12', None)
        >>> register.load("cis").status("eaeu-2014", "KGZ", on="2015-08-12", known_at="2020-01-01").code
        'UNKNOWN'
        """
        day = calendar_day(on)
        self._ever(instrument)
        self.independent_on(state, day)
        return answers.status(self, answers.Question(instrument, state, day, known_at, rules_on))

    def known(self, at: str | date | datetime | None) -> "Register":
        """Give the register as it was known at the end of a day or at a moment; itself for None.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> len(reg.known("2020-01-01").instruments), reg.known(None) is reg
        (0, True)
        """
        if at is None:
            return self
        moment = views.moment_of(at)
        return self.once(("known", moment), lambda: views.known(self, moment))

    def applies(  # noqa: PLR0917 -- the question, in the order in which it is asked
        self,
        instrument: str,
        a: str,
        b: str,
        on: str | date,
        provision: str | None = None,
        known_at: str | date | datetime | None = None,
    ) -> Truth:
        """Say whether an instrument, or one provision of it, applies between two states on a day.

        Parameters
        ----------
        instrument, a, b, on
            Slug, two codes, and the day.
        provision
            An article as the register writes it, e.g. ``"Art. 13"``: not where a reservation removes it between the two
            or before it enters into force.
        known_at
            As known when.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> [reg.applies("fta-2011", "UKR", other, on="2016-01-01") for other in ("MDA", "RUS", "UZB")]
        [True, False, False]
        >>> reg.applies("treaty-of-four-1996", "BLR", "KAZ", on="2000-01-01", provision="Art. 13")
        False
        """
        day = calendar_day(on)
        first, second = (self.independent_on(code, day).code for code in (a, b))
        if first == second:
            raise DostastyqError("RG006", f"{first} was paired with itself", "name two states")
        self._ever(instrument)
        law = self.known(known_at)
        if instrument in law.unseen:
            return None
        if provision is None:
            return at(law.line(instrument, first, second), day)
        return at(pairwise.provision_line(law, instrument, first, second, provision), day)

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
        return lineage.period(self, slug)

    def successor(self, slug: str) -> str | None:
        """Instrument that took the place of another, by its recorded end or by a relation; None where there is none.

        Examples
        --------
        >>> from dostastyq import register
        >>> reg = register.load("cis")
        >>> reg.successor("eurasec-2000"), reg.successor("fta-1994"), reg.successor("eaeu-2014")
        ('eaeu-2014', 'fta-2011', None)
        """
        return lineage.successor(self, slug)

    def predecessor(self, slug: str) -> str | None:
        """Instrument whose place another took: the newest one, those with a preference in goods first.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").predecessor("fta-2011")
        'fta-1994'
        """
        return lineage.predecessor(self, slug)

    def preference(self, slug: str) -> Preference:
        """Preference in goods of an instrument; an accession has that of the instrument it joins.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").preference("eaeu-kgz-2014").kind
        'economic_union'
        """
        return lineage.preference(self, slug)

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
        Acts of states, e.g. from `leave` and `join`, or acts that were recorded. The order does not matter; one that
                ``supersedes`` another closes it.

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

    def propose(
        self,
        slug: str,
        record: Mapping[str, Any],
        *,
        sources: Iterable[Mapping[str, str]] = (),
        replaces: bool = False,
    ) -> "Register":
        """Give the law with one more instrument; this register stays as it is.

        Parameters
        ----------
        slug, record
            Its name, and plain data in the shape of an entry of ``instruments/*.yaml``.
        sources
            Sources it cites that the register does not have: ``key``, ``title`` and, if wished, ``url``.
        replaces
            Whether it takes the place of an instrument of that name, acts included.

        Raises
        ------
        DostastyqError
            ``RG021`` to ``RG029``, naming the field, ``RG043`` for a name that is taken, ``RG044`` for one that is no
            slug.

        Examples
        --------
        >>> from dostastyq import register
        >>> signed = {"date": "2027-01-15", "place": "Astana", "by": ["KAZ", "UZB"], "src": ["own"], "conf": "high"}
        >>> record = {"kind": "agreement", "domain": ["trade"], "title": {"en": "A treaty", "ru": "Договор"},
        ...           "preference": "none", "signed": signed, "eif": {"upon": "signature"}, "acts": []}
        >>> register.load("cis").propose("treaty-2027", record).parties("treaty-2027", on="2027-02-01")
        ('KAZ', 'UZB')
        """
        return proposal.propose(self, slug, record, sources, replaces=replaces)

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
            self.independent_on(code, day)
        return frames.pairs(self, day)

    def panel(self, years: Iterable[int], by: str = "kind", kind: str | None = None) -> pl.DataFrame:
        """Share of each year in force, for every ordered pair of states, by exact count of days.

        Parameters
        ----------
        years
            Calendar years, from 1991 on. The days before both states were independent count as not in force.
        by
            ``"kind"``: one column a kind of agreement, the preferences in goods first; ``"instrument"``: one column an
            instrument with a preference in goods.
        kind
            Only this kind, e.g. ``"payments_union"``: its column, or those of its instruments.

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
        return frames.panel(self, list(years), by, kind)

    def matrix(self, on: str | date) -> pl.DataFrame:
        """Status codes of all states (rows) in all instruments (columns) on a day.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").matrix("1996-01-01").select("state", "payments-union-1994").row(0)
        ('ARM', 'SIGNED')
        """
        return frames.matrix(self, calendar_day(on))

    def forecast(self, instrument: str, on: str | date | None = None, state: str | None = None) -> Forecast:
        """Say what an instrument still needs to enter into force, from the acts done by a day.

        Parameters
        ----------
        instrument
            Slug.
        on
            The day; by default the newest the register knows of.
        state
            The state for which it should enter into force; by default, for anybody.

        Examples
        --------
        >>> from dostastyq import register
        >>> found = register.load("cis").forecast("customs-clearance-2019", on="2019-12-31")
        >>> print(found)
        in force when 1 more of Armenia, Azerbaijan, Kazakhstan, Kyrgyzstan and Tajikistan completes its procedures
        >>> found.missing, found.candidates
        (1, ('ARM', 'AZE', 'KAZ', 'KGZ', 'TJK'))
        """
        self.instrument(instrument)
        code = None if state is None else self.state(state).code
        return forecast(self, instrument, None if on is None else calendar_day(on), code)

    def gaps(self) -> pl.DataFrame:
        """List what is not known: rules, days, signatories, consents; what rests on recollection alone.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").gaps().columns
        ['instrument', 'state', 'what', 'why', 'confidence', 'sources']
        """
        return gaps.gaps(self)

    def conflicts(self) -> pl.DataFrame:
        """Rival values that sources give for the same fact, one row a value.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").conflicts().columns
        ['subject', 'instrument', 'state', 'what', 'value', 'sources', 'preferred', 'status', 'why']
        """
        return gaps.conflicts(self)

    def differences(self) -> pl.DataFrame:
        """Days that are recorded and that the instrument's own clauses would put elsewhere; the recorded day decides.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").differences().columns
        ['instrument', 'state', 'what', 'recorded', 'computed', 'rule']
        """
        return gaps.differences(self)

    def _ever(self, instrument: str) -> None:
        """Refuse an instrument that was never held; one that was retracted can still be asked for as known before."""
        if instrument not in self.versions:
            self.instrument(instrument)

    def _where(self, instrument: str, on: str | date, *, truth: Truth) -> tuple[str, ...]:
        self.instrument(instrument)
        day = calendar_day(on)
        return tuple(code for code in self.states if pairwise.applied_on(self, instrument, code, day) is truth)
