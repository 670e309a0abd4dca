"""Everything a decision reads besides the tariff: articles of treaties, measures, taxes, shares, rules of origin.

The files stand in ``commonwealths/<name>/customs``; each fact has its source and its confidence, and a file that breaks
a rule is refused with file, line and key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, TypeVar

from dostastyq import register as registers
from dostastyq.customs.facts import (
    FACT,
    Article,
    Cutoff,
    Fee,
    Levy,
    Order,
    Rounding,
    Share,
    Tax,
    read_article,
    read_cutoff,
    read_duty,
    read_fee,
    read_levy,
    read_measures,
    read_order,
    read_rounding,
    read_share,
    read_table,
    read_tax,
)
from dostastyq.customs.measures import Measure
from dostastyq.customs.origin.rulebook import Rulebook, read_rulebooks
from dostastyq.customs.tariff import Edition, editions
from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError
from dostastyq.register import Register
from dostastyq.register.model import Instrument
from dostastyq.register.reader import Reader, compose
from dostastyq.register.timeline import at as truth_at

T = TypeVar("T")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def partner(item: Instrument) -> str:
    """Third state with which an agreement gives a preference; empty for any other instrument."""
    terms = item.more.get("params")
    if not isinstance(terms, dict) or terms.get("preference", "none") == "none":
        return ""
    return str(terms.get("partner", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Lawbook:
    """What a customs desk has open: the register, editions of tariffs, and the rest of the law.

    Parameters
    ----------
    register
        Who is bound by what on a day.
    editions
        Tariffs at hand.
    articles
        By slug of the treaty: where it speaks of duties in mutual trade.
    bilateral
        The same of bilateral agreements on free trade, which have that clause in common.
    rounding
        How an amount becomes one of minor units.
    levies
        Who levies a common tariff.
    measures
        Exemptions, returns to most-favoured-nation rates and the like; see `Measure`.
    order
        Order and bases of the charges.
    vat, excise, fees
        By state; a state that is not there has a rate that is not at hand.
    excisable
        Beginnings of codes of goods that bear excise duty.
    shares
        Shares of the members in import duties.
    cutoff
        When the members report the duties of a day.
    rulebooks
        Rules of origin.
    hidden
        Kinds of preference of which the register knew nothing at the moment that is asked about, and third states with
        which it knew no agreement then.
    memory
        What was found before: the law never changes.
    """

    register: Register = field(repr=False)
    editions: tuple[Edition, ...]
    articles: Mapping[str, Article]
    bilateral: Article
    rounding: Rounding
    levies: tuple[Levy, ...]
    measures: tuple[Measure, ...]
    order: Order
    vat: Mapping[str, tuple[Tax, ...]]
    excise: Mapping[str, tuple[Tax, ...]]
    fees: Mapping[str, tuple[Fee, ...]]
    excisable: tuple[str, ...]
    shares: tuple[Share, ...]
    cutoff: Cutoff
    rulebooks: tuple[Rulebook, ...]
    hidden: frozenset[str] = frozenset()
    memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    def known(self, at: date | datetime | None) -> "Lawbook":
        """Give the law as the register knew it at the end of a day or at a moment; itself for None."""
        if at is None:
            return self
        if ("known", at) not in self.memory:
            law = self.register.known(at)
            unseen = [self.register.instruments[slug] for slug in law.unseen]
            hidden = {item.preference.kind for item in unseen} | {partner(item) for item in unseen}
            known = frozenset(one for one in hidden if one)
            self.memory["known", at] = replace(self, register=law, hidden=known, memory={})
        found: Lawbook = self.memory["known", at]
        return found

    def applied(self, instrument: str, state: str, on: date) -> Truth:
        """Whether a state applies a treaty on a day."""
        if instrument not in self.register.instruments:
            return None
        return truth_at(self.register.standing(instrument, state).applied, on)

    def common_tariff(self, state: str, on: date) -> str | None:
        """Treaty whose common tariff a state levies on a day; empty for none, None where it is not known."""
        known = True
        for levy in self.levies:
            if levy.holds(on):
                holds = self.applied(levy.instrument, state, on)
                if holds:
                    return levy.instrument
                known = known and holds is not None
        return "" if known else None

    def levied(self, kind: str, importer: str, origin: str, hs: str, on: date) -> tuple[Measure, ...]:
        """Measures of a kind that hold for goods on a day under a treaty that the importing state applies.

        Where it is not known whether it applies it, the measure is not certain.
        """
        found = []
        for one in self.measures:
            if one.kind == kind and one.holds(importer, origin, hs, on):
                bound = not one.under or self.applied(one.under, importer, on)
                if bound is not False:
                    found.append(one if bound else replace(one, certain=False))
        return tuple(found)

    def article(self, instrument: str) -> Article:
        """Where a treaty says what it does to a duty."""
        return self.articles.get(instrument, self.bilateral)


def lawbook(
    commonwealth: str = "cis", register: Register | None = None, among: tuple[Edition, ...] | None = None
) -> Lawbook:
    """Open the law of a commonwealth.

    Parameters
    ----------
    commonwealth
        Name of the commonwealth.
    register
        Stand-in for the shipped register, e.g. with the user's own acts.
    among
        Editions of tariffs; all at hand by default.

    Raises
    ------
    DostastyqError
        ``CU040`` and the codes of `dostastyq.register.reader` when a file breaks a rule.
    """
    law = register if register is not None else registers.load(commonwealth)
    return Lawbook(register=law, editions=editions() if among is None else among, **_facts(commonwealth))


@cache
def _facts(commonwealth: str) -> Mapping[str, Any]:
    folder = files("dostastyq") / "commonwealths" / commonwealth / "customs"

    def open_file(name: str) -> Reader:
        return compose((folder / name).read_text(encoding="utf-8"), f"customs/{name}")

    known = frozenset(key for key, _ in open_file("sources.yaml").entries()) | {"own"}
    treaties = open_file("treaties.yaml").record(("articles", "bilateral", "tariffs", "rounding"))
    taxes = open_file("taxes.yaml").record(("charges", "vat", "excisable"), ("excise", "fees"))
    shares = open_file("shares.yaml").record(("shares", "cutoff"))
    return MappingProxyType(
        {
            "articles": read_table(treaties["articles"], lambda at: read_article(read_duty(at), known)),
            "bilateral": read_article(treaties["bilateral"].record(("cite", *FACT)), known),
            "rounding": read_rounding(treaties["rounding"], known),
            "levies": tuple(read_levy(at) for at in treaties.items("tariffs")),
            "measures": read_measures(open_file("measures.yaml"), known),
            "order": read_order(taxes["charges"], known),
            "vat": _by_state(taxes["vat"], lambda at: read_tax(at, known, percent=True)),
            "excise": taxes.get("excise", lambda at: _by_state(at, lambda one: read_tax(one, known)), NOTHING),
            "fees": taxes.get("fees", lambda at: _by_state(at, lambda one: read_fee(one, known)), NOTHING),
            "excisable": tuple(at.text() for at in taxes.items("excisable")),
            "shares": tuple(read_share(at, known) for at in shares.items("shares")),
            "cutoff": read_cutoff(shares["cutoff"], known),
            "rulebooks": read_rulebooks(open_file("origin.yaml"), known),
        }
    )


def _by_state(at: Reader, read: Callable[[Reader], T]) -> Mapping[str, tuple[T, ...]]:
    return read_table(at, lambda rows: tuple(map(read, rows.items())))


def single(found: list[T], what: str) -> T | None:
    """Give the only one found, None for none; two are a contradiction in the data.

    Raises
    ------
    DostastyqError
        ``CU040`` on two.
    """
    if len(found) > 1:
        raise DostastyqError("CU040", f"the data hold {len(found)} {what} for one day", "give each a period of its own")
    return found[0] if found else None
