"""Editions of the rules of origin, as data: criteria, proofs, operations that never suffice."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from dostastyq.dates import Truth
from dostastyq.register import Register
from dostastyq.register.pairwise import applied_on
from dostastyq.register.reader import Reader, Record

FACT: Final = ("src", "conf")
KINDS: Final = ("wholly_obtained", "change_of_heading", "foreign_share", "named_process", "cumulation")


@dataclass(frozen=True, slots=True)
class Clause:
    """Place of a rule, and how sure it is."""

    citation: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class OriginRule:
    """One way in which goods can originate in a country.

    Parameters
    ----------
    kind
        ``"wholly_obtained"``; ``"change_of_heading"``: every foreign material is of another heading of `digits` digits,
        materials up to the book's tolerance aside; ``"foreign_share"``: foreign materials are at most `percent` of the
        price ex works; ``"named_process"``: the process of `process`, which somebody entitled has to attest;
        ``"cumulation"``: foreign materials originate in other parties, each with its own proof.
    clause
        Where it stands.
    mark
        Letter in box 9 of the certificate ST-1.
    digits, percent, process
        Parameters of the kinds.
    codes
        Goods it is for; empty for all.
    state
        State whose reservation it is; empty for all.
    """

    kind: str
    clause: Clause
    mark: str = ""
    digits: int = 4
    percent: Fraction = Fraction(0)
    process: str = ""
    codes: tuple[str, ...] = ()
    state: str = ""

    def covers(self, hs: str) -> bool:
        """Whether it is for these goods."""
        return not self.codes or hs.startswith(self.codes)


@dataclass(frozen=True, slots=True)
class ProofRule:
    """What proves origin: kinds of documents, their life, and up to what value a declaration does."""

    kinds: tuple[str, ...]
    months: int
    clause: Clause
    declaration_up_to: int | None = None
    declaration_currency: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """An edition of the rules of origin.

    Parameters
    ----------
    id, title
        Short name, and what it is.
    valid_from, valid_until
        Half-open period.
    party_of, until_party_of
        Slug of an agreement: the edition holds for a state once, or until, the agreement applies to it.
    clause
        Where the edition as a whole stands.
    proof
        What proves origin.
    criteria
        Ways to originate, any of which is enough.
    annex
        Conditions for single goods, which take the place of the criteria.
    reservations
        Rules that a state keeps for itself, before the annex.
    insufficient
        Operations that never confer origin.
    tolerance
        Share of the price ex works up to which foreign materials of the same heading do no harm; zero for none.
    direct
        Where direct consignment is asked for.
    """

    id: str
    title: str
    valid_from: date
    valid_until: date | None
    party_of: str
    until_party_of: str
    clause: Clause
    proof: ProofRule
    criteria: tuple[OriginRule, ...]
    annex: tuple[OriginRule, ...]
    reservations: tuple[OriginRule, ...]
    insufficient: tuple[str, ...]
    insufficient_clause: Clause
    tolerance: Fraction
    tolerance_clause: Clause | None
    direct: Clause

    def holds_for(self, register: Register, state: str, on: date) -> Truth:
        """Whether it is the edition of a state on a day."""
        if on < self.valid_from or (self.valid_until is not None and on >= self.valid_until):
            return False
        agreement = self.party_of or self.until_party_of
        if not agreement:
            return True
        if agreement not in register.instruments:
            return None
        bound = applied_on(register, agreement, state, on)
        return bound if self.party_of or bound is None else not bound

    def rules_for(self, hs: str, importer: str) -> tuple[OriginRule, ...]:
        """Ways to originate for some goods: a reservation of the importer, else the annex, else the criteria."""
        kept = [rule for rule in self.reservations if rule.state == importer and rule.covers(hs)]
        special = kept or [rule for rule in self.annex if rule.covers(hs)]
        always = [rule for rule in self.criteria if rule.kind in {"wholly_obtained", "cumulation"}]
        return (*always, *special) if special else self.criteria


def read_rulebooks(at: Reader, known: frozenset[str]) -> tuple[Rulebook, ...]:
    """Read the editions from their file."""
    return tuple(_rulebook(item, known) for item in at.record(("rulebooks",)).items("rulebooks"))


def _rulebook(at: Reader, known: frozenset[str]) -> Rulebook:
    record = at.record(
        ("id", "title", "from", "proof", "criteria", "insufficient", "direct", *FACT),
        ("until", "party_of", "until_party_of", "annex", "reservations", "tolerance"),
    )
    sources = record["src"].words(known, "a source of customs/sources.yaml", "CU040")
    insufficient = record["insufficient"].record(("operations", "cite", *FACT))
    tolerance = record.get("tolerance", lambda item: item.record(("percent", "cite", *FACT)), None)
    end = record.get("until", Reader.day, None)
    return Rulebook(
        id=record.text("id"),
        title=record.text("title"),
        valid_from=date.fromisoformat(record.text("from")),
        valid_until=None if end is None else end.earliest,
        party_of=record.text("party_of"),
        until_party_of=record.text("until_party_of"),
        clause=Clause(record.text("title"), sources, record.text("conf")),
        proof=_proof(record["proof"], known),
        criteria=tuple(_rule(item, known) for item in record.items("criteria")),
        annex=tuple(_rule(item, known) for item in record.items("annex")),
        reservations=tuple(_rule(item, known) for item in record.items("reservations")),
        insufficient=tuple(item.text() for item in insufficient.items("operations")),
        insufficient_clause=_clause(insufficient, known),
        tolerance=Fraction(0) if tolerance is None else Fraction(tolerance.text("percent")) / 100,
        tolerance_clause=None if tolerance is None else _clause(tolerance, known),
        direct=_clause(record["direct"].record(("cite", *FACT)), known),
    )


def _clause(record: Record, known: frozenset[str]) -> Clause:
    sources = record["src"].words(known, "a source of customs/sources.yaml", "CU040")
    return Clause(record.text("cite"), sources, record["conf"].word(("high", "medium", "low"), "a confidence", "CU040"))


def _proof(at: Reader, known: frozenset[str]) -> ProofRule:
    record = at.record(("kinds", "months", "cite", *FACT), ("declaration_up_to",))
    limit = record.get("declaration_up_to", lambda item: item.record(("value", "currency")), None)
    return ProofRule(
        kinds=tuple(item.text() for item in record.items("kinds")),
        months=int(record.text("months")),
        clause=_clause(record, known),
        declaration_up_to=None if limit is None else int(limit.text("value")),
        declaration_currency="" if limit is None else limit.text("currency"),
    )


def _rule(at: Reader, known: frozenset[str]) -> OriginRule:
    record = at.record(("cite", *FACT), ("kind", "mark", "digits", "percent", "process", "codes", "state"))
    return OriginRule(
        kind=record.get("kind", lambda item: item.word(KINDS, "a kind of origin rule", "CU040"), "named_process"),
        clause=_clause(record, known),
        mark=record.text("mark"),
        digits=int(record.text("digits") or 4),
        percent=Fraction(record.text("percent") or 0),
        process=record.text("process"),
        codes=tuple(item.text() for item in record.items("codes")),
        state=record.text("state"),
    )
