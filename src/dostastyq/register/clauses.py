"""Final clauses as trees, and when the facts fulfil them.

A clause is a tree of nodes; `fulfilled` turns it into a line of truth over all days, so that a doubtful deposit, an
open list of consents or an unknown rule makes the answer unknown and never a guess. Leaves ask an `Evidence` what each
state did (Vienna Convention on the Law of Treaties, Arts. 11 to 16 and 24).
"""

from dataclasses import dataclass
from typing import Protocol

from dostastyq.dates import Day
from dostastyq.register.timeline import ALWAYS, Line, at_least, both, either, latched, shifted, since

NODES = frozenset(
    {"signature", "per_state", "count", "date", "organ", "requires", "accession_completed", "any", "all", "unknown"}
)
"""Kinds of node."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A node of a final clause.

    Parameters
    ----------
    rule
        ``signature``; ``per_state`` (each state's own consent); ``count`` (so many consents); ``date``; ``organ`` (an
        organ's decision); ``requires`` (instruments in force); ``accession_completed`` (the state is a party of
        instruments); ``all`` or ``any`` of the parts; or ``unknown``.
    count
        Consents needed under ``count``: a number, ``"all"`` (every signatory), or the name of a group of states.
    acts
        Acts that count: accessions do only where named. Empty for every act of consent.
    delay
        ISO 8601 duration from the day on which it is met to the effect.
    parts
        Clauses under ``all`` and ``any``.
    among
        States whose acts count; empty for the signatories.
    instruments
        Instruments under ``requires`` and ``accession_completed``.
    text
        What the structure does not say; the day under ``date``, the organ under ``organ``.

    Examples
    --------
    >>> Clause("count", 3, ("ratification",), "P30D").needs_all
    False
    """

    rule: str
    count: int | str | None = None
    acts: tuple[str, ...] = ()
    delay: str = "P0D"
    parts: tuple["Clause", ...] = ()
    among: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    text: str = ""

    @property
    def needs_all(self) -> bool:
        """Whether nothing enters into force without the consent of every signatory."""
        if self.rule == "all":
            return any(part.needs_all for part in self.parts)
        return self.rule == "count" and self.count == "all"

    @property
    def binds_signatories(self) -> bool:
        """Whether entry into force as such shows that every signatory is bound."""
        if self.rule == "all":
            return any(part.binds_signatories for part in self.parts)
        return self.rule in {"signature", "organ"} or self.needs_all

    @property
    def counting_delay(self) -> str:
        """Delay from the consent that completes the count to entry into force."""
        if self.rule in {"any", "all"}:
            return next((part.counting_delay for part in self.parts if part.rule not in {"date", "unknown"}), "P0D")
        return self.delay


class Evidence(Protocol):
    """What a clause asks about the facts."""

    @property
    def signed(self) -> Day:
        """Day of signature."""

    def signatories(self) -> tuple[str, ...]:
        """States that signed; empty where the list was not seen."""

    def group(self, name: str) -> tuple[str, ...] | None:
        """States of a named group; None where it is not known."""

    def counted(self, acts: tuple[str, ...]) -> tuple[str, ...]:
        """States whose acts of these kinds may count: the signatories, and whoever did one."""

    def consent(self, state: str, acts: tuple[str, ...]) -> Line:
        """Whether a state has done one of these acts by a day and not left since."""

    def decided(self) -> Line:
        """Whether the organ has decided that the instrument enters into force."""

    def in_force(self, slug: str) -> Line:
        """Whether another instrument has entered into force."""

    def party(self, slug: str, state: str) -> Line:
        """Whether a state has become a party of another instrument."""


def fulfilled(clause: Clause, evidence: Evidence, state: str = "") -> Line:
    """Say, for every day, whether a clause is fulfilled and its delay has run.

    Parameters
    ----------
    clause
        The tree.
    evidence
        The facts.
    state
        The state asked about; empty for the instrument as such.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.register.standing import Record
    >>> from dostastyq.register.timeline import onset
    >>> item = register.load("cis").instrument("payments-union-1994")
    >>> print(onset(fulfilled(item.clause, Record(item))))
    1995-09-25
    """
    opened = (
        since(Day.between(evidence.signed.earliest, evidence.signed.earliest)) if evidence.signed.earliest else ALWAYS
    )
    return both(opened, shifted(_node(clause, evidence, state), clause.delay))


def _node(clause: Clause, evidence: Evidence, state: str) -> Line:  # noqa: PLR0911 -- one a kind of node
    match clause.rule:
        case "signature":
            return since(evidence.signed)
        case "date":
            return since(Day.parse(clause.text))
        case "any":
            return either(*(fulfilled(part, evidence, state) for part in clause.parts))
        case "all":
            return both(*(fulfilled(part, evidence, state) for part in clause.parts))
        case "organ":
            return evidence.decided()
        case "requires":
            return both(*(evidence.in_force(slug) for slug in clause.instruments))
        case "accession_completed" if state:
            return both(*(evidence.party(slug, state) for slug in clause.instruments))
        case "per_state":
            states = (state,) if state else evidence.counted(clause.acts)
            return either(*(evidence.consent(code, clause.acts) for code in states))
        case "count":
            return _count(clause, evidence)
    return since(Day.between(evidence.signed.earliest, None))


def _count(clause: Clause, evidence: Evidence) -> Line:
    counted, needed = count_of(clause, evidence)
    if needed is None:
        return since(Day.between(evidence.signed.earliest, None))
    return latched(at_least(needed, [evidence.consent(code, clause.acts) for code in counted]))


def count_of(clause: Clause, evidence: Evidence) -> tuple[tuple[str, ...], int | None]:
    """States whose acts a count looks at, and how many it needs; None where the group is not known."""
    if isinstance(clause.count, int):
        return clause.among or evidence.counted(clause.acts), clause.count
    group = clause.among or (
        evidence.signatories() if clause.count == "all" else evidence.group(str(clause.count)) or ()
    )
    return group, len(group) or None
