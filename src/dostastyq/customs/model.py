"""The nouns of a customs decision: what is declared, what law says of it, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from dostastyq.i18n import Text

OUTCOMES: Final = ("determined", "undetermined", "conflicting")


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that comes with the goods.

    Parameters
    ----------
    kind
        ``"st-1"`` (certificate of origin of the Commonwealth), ``"declaration"`` (declaration of origin by the
        exporter), ``"contract"``, ``"transport"``.
    fields
        What its boxes say, by name; see ``docs/reference/customs.md``. A box that is not given is not known, not empty.
    issued
        Day of issue; None where not given.
    """

    kind: str
    fields: tuple[tuple[str, str], ...] = ()
    issued: date | None = None

    def box(self, name: str) -> str | None:
        """Content of a box, None where it is not given."""
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class Material:
    """A material that goods are made of.

    Parameters
    ----------
    hs
        Commodity code, four digits or more.
    origin
        ISO 3166 alpha-3 code; empty where it is not known.
    value
        Value in minor units of the consignment's currency.
    proof
        Kind of the document that proves its origin; empty for none.
    """

    hs: str
    origin: str
    value: int
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Production:
    """How goods came to be, as far as an origin rule asks.

    Parameters
    ----------
    wholly_obtained
        Whether they were wholly obtained in their country of origin; None where nobody says.
    materials
        Bill of materials; None where it is not given, which is not the same as an empty one.
    ex_works_price
        Price at the factory gate in minor units; None where it is not given.
    operations
        Codes of the operations carried out, see the rule books.
    attested
        Named processes that somebody entitled has attested.
    """

    wholly_obtained: bool | None = None
    materials: tuple[Material, ...] | None = None
    ex_works_price: int | None = None
    operations: tuple[str, ...] = ()
    attested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consignment:
    """Goods of one commodity code, declared for home use.

    Parameters
    ----------
    hs
        Commodity code of the importing state's nomenclature, ten digits.
    origin, importer
        ISO 3166 alpha-3 codes of the country of origin and of the state of importation.
    value
        Customs value in minor units of `currency`.
    currency
        ISO 4217 code.
    quantities
        Pairs of unit (`dostastyq.customs.units`) and exact amount, e.g. ``(("kg", Fraction(10_000)),)``.
    documents
        Papers that come with the goods; None where nothing is said about them, which is not the same as none.
    production
        How the goods came to be; None where nothing is said.
    dispatched_from, route
        Country the goods were sent from, and countries they came through; empty where not given.
    free_circulation
        Code of the state in which goods not of its origin were released for free circulation; empty where none. They
        are union goods where that state and the importing one are of one union with a common tariff.
    reference
        The user's own reference, given back with the answer.
    """

    hs: str
    origin: str
    importer: str
    value: int
    currency: str
    quantities: tuple[tuple[str, Fraction], ...] = ()
    documents: tuple[Document, ...] | None = None
    production: Production | None = None
    dispatched_from: str = ""
    route: tuple[str, ...] = ()
    free_circulation: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: a conclusion, what it rests on, and the steps below it.

    Parameters
    ----------
    says
        Conclusion, one sentence.
    holds
        Whether what the step is about is so; None where it cannot be told.
    citation
        Treaty and article, act, or field of a document; empty for a step that follows from those below it.
    sources
        Keys of the sources of a fact.
    confidence
        ``"high"``, ``"medium"`` or ``"low"``; a fact of low confidence is unverified and the ruling says so.
    because
        Steps it follows from.
    """

    says: Text
    holds: bool | None = True
    citation: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = "high"
    because: "tuple[Step, ...]" = ()

    def leaves(self) -> "Iterator[Step]":
        """Give the steps that follow from no other."""
        if not self.because:
            yield self
        for step in self.because:
            yield from step.leaves()

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "says": str(self.says),
            "holds": self.holds,
            "citation": self.citation,
            "sources": list(self.sources),
            "confidence": self.confidence,
            "because": [step.to_dict() for step in self.because],
        }


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount due.

    Parameters
    ----------
    kind
        ``"anti_dumping"``, ``"fee"``, ``"excise"``, ``"vat"``.
    rate
        Rate as the act writes it.
    amount
        In minor units of the ruling's currency; None where it is not determined.
    base
        What it was charged on, in minor units; None for a specific rate.
    citation
        Act it rests on.
    """

    kind: str
    rate: str
    amount: int | None
    base: int | None = None
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact without which nothing is determined.

    Parameters
    ----------
    what
        ``"tariff edition"``, ``"proof"``, ``"fact"``, ``"quantity"``, ``"exchange rate"``, ``"law"``, ``"tax"``.
    says
        The fact, one sentence.
    """

    what: str
    says: Text


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the facts that would alter the outcome.

    Parameters
    ----------
    says
        The change, one sentence.
    regime, total
        Regime and total that it would lead to; None where that is not determined.
    """

    says: Text
    regime: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a consignment owes on a day, and why.

    Parameters
    ----------
    outcome
        ``"determined"``, ``"undetermined"`` (see `missing`) or ``"conflicting"`` (sources of law disagree).
    regime
        ``"mfn"``, ``"free_trade"``, ``"customs_union"``, ``"third_country_agreement"``; None while it is not
        determined.
    origin
        ``True`` where the claimed origin is proved as the regime demands, False where it is not, None unknown or not
        asked.
    rate
        Rate of duty as the tariff writes it; empty while not determined.
    duty, total
        In minor units of `currency`; None while not determined.
    taxes
        Charges other than the duty, in the order of the law.
    currency
        ISO 4217 code of the amounts.
    missing
        What must be known for an outcome.
    what_would_change_it
        Nearest facts that alter the outcome.
    proof
        Tree of steps; its leaves are articles of treaties, facts of the register and fields of documents.
    on, known_at
        Day of the law, and day or moment of the knowledge of it (None for now).
    consignment
        What was declared.
    notes
        What to know before use: unverified facts first, then notes of the acts and what the total leaves out.
    drawn
        Pairs of a quota's name and the quantity taken from its balance, in the quota's unit.
    """

    outcome: str
    regime: str | None
    origin: bool | None
    rate: str
    duty: int | None
    taxes: tuple[Charge, ...]
    total: int | None
    currency: str
    proof: Step
    on: date
    consignment: Consignment
    missing: tuple[Missing, ...] = ()
    what_would_change_it: tuple[Change, ...] = ()
    known_at: date | datetime | None = None
    notes: tuple[Text, ...] = ()
    drawn: tuple[tuple[str, Fraction], ...] = ()

    @property
    def unverified(self) -> tuple[Step, ...]:
        """Leaves of the proof that rest on facts of low confidence."""
        return tuple(step for step in self.proof.leaves() if step.confidence == "low")
