"""The verb of this package: what a consignment owes on a day, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from dostastyq import money
from dostastyq.customs.change import changes
from dostastyq.customs.charges import Charges, charge
from dostastyq.customs.grammar import render_rate
from dostastyq.customs.lawbook import Lawbook, lawbook
from dostastyq.customs.model import Consignment, Missing, Ruling, Step
from dostastyq.customs.origin.check import both_sides
from dostastyq.customs.rates import AdValorem, Rate
from dostastyq.customs.regime import Regime, regime
from dostastyq.customs.tariff import Line, check_code, edition_on
from dostastyq.customs.units import unit
from dostastyq.dates import Truth, calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text

FREE: Final = AdValorem(Fraction(0))
NO_EXCHANGE: Final[Mapping[str, Fraction]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Answer:
    """Regime, rate and reason, before anything is charged."""

    regime: str | None
    rate: Rate | None
    text: str
    step: Step
    origin: Truth = None
    missing: tuple[Missing, ...] = ()
    conflict: bool = False


@cache
def default_lawbook() -> Lawbook:
    """Law of the first commonwealth, with the editions of tariffs at hand."""
    return lawbook("cis")


def decide(
    consignment: Consignment,
    on: str | date,
    known_at: str | date | None = None,
    *,
    book: Lawbook | None = None,
    exchange: Mapping[str, Fraction] = NO_EXCHANGE,
    explain: bool = True,
) -> Ruling:
    """Say what a consignment owes on a day.

    Parameters
    ----------
    consignment
        Goods of one commodity code.
    on
        Day of the declaration, whose law applies.
    known_at
        As known when; by default, as known today.
    book
        Stand-in for the shipped law.
    exchange
        Units of the consignment's currency for one unit of another, by its code: the fixing of the day.
    explain
        Whether to look for what would change the outcome.

    Returns
    -------
    Ruling
        Determined only when regime, origin and rate are; a rate of another day is never used.

    Raises
    ------
    DostastyqError
        ``CU010`` a unit, ``CU020`` and ``CU021`` a code, ``CU050`` and ``CU051`` a country, ``CU052`` an amount;
        ``MN001`` and ``MN002`` the currency; ``RG002`` and ``RG004`` a state.

    Examples
    --------
    >>> sugar = Consignment("1701991001", "MDA", "RUS", 500_000, "USD", (("kg", Fraction(10_000)),))
    >>> ruling = decide(sugar, on="2026-06-30")
    >>> ruling.outcome, ruling.regime, ruling.rate, ruling.duty
    ('determined', 'mfn', '340 USD за 1 т', 340000)
    """
    day = calendar_day(on)
    moment = None if known_at is None else calendar_day(known_at)
    law = (default_lawbook() if book is None else book).known(moment)
    goods = _checked(consignment, day)
    answer = _answer(law, goods, day)
    charges = Charges(None)
    if answer.rate is not None:
        exponent = money.currency(goods.currency).exponent
        charges = charge(law, goods, answer.rate, day, exponent, exchange)
    outcome = "conflicting" if answer.conflict else "determined" if charges.duty is not None else "undetermined"
    ruling = Ruling(
        outcome=outcome,
        regime=answer.regime,
        origin=answer.origin,
        rate=answer.text,
        duty=charges.duty,
        taxes=charges.taxes,
        total=charges.total,
        currency=goods.currency,
        proof=answer.step,
        on=day,
        consignment=goods,
        missing=(*answer.missing, *charges.missing),
        known_at=moment,
        notes=_notes(answer.step),
    )
    if not explain:
        return ruling

    def again(other: Consignment, then: date) -> Ruling:
        return decide(other, then, book=law, exchange=exchange, explain=False)

    return replace(ruling, what_would_change_it=tuple(changes(law, ruling, again)))


def _checked(goods: Consignment, on: date) -> Consignment:
    if goods.value < 0 or isinstance(goods.value, bool) or not isinstance(goods.value, int):
        raise DostastyqError(
            "CU052", f"the customs value is {goods.value}; expected a whole number of minor units, 0 or more",
            "write 5000 USD as 500000",
        )  # fmt: skip
    for name, amount in goods.quantities:
        unit(name)
        if amount < 0:
            raise DostastyqError("CU052", f"the quantity is {amount} {name}; expected 0 or more", "check the sign")
    money.currency(goods.currency, on)
    return replace(goods, hs=check_code(goods.hs))


def _answer(book: Lawbook, goods: Consignment, on: date) -> _Answer:
    found = regime(book, goods.importer, goods.origin, goods.hs, on)
    if found.kind is None or found.kind == "third_country_agreement":
        return _Answer(found.kind, None, "", found.step, missing=found.missing)
    if found.kind == "customs_union":
        return _within_union(book, goods, found, on)
    if found.kind == "free_trade":
        return _within_area(book, goods, found, on)
    return _by_tariff(book, goods, found.step, on)


def _within_union(book: Lawbook, goods: Consignment, found: Regime, on: date) -> _Answer:
    if goods.dispatched_from and goods.dispatched_from not in book.register.states:
        says = Text("the goods come from {place:territory}, outside the union", place=goods.dispatched_from)
        return _by_tariff(book, goods, Step(says, citation="field: dispatched_from", because=(found.step,)), on)
    says = Text("goods of a member owe no duty within the union")
    return _Answer("customs_union", FREE, "0%", Step(says, because=(found.step,)), origin=True)


def _within_area(book: Lawbook, goods: Consignment, found: Regime, on: date) -> _Answer:
    parties = [state for state in book.register.states if book.applied(found.instrument, state, on)]
    steps, holds = both_sides(book.rulebooks, book.register, goods, on, parties)
    if holds == "conflict":
        says = Text("the rules of origin of the two states disagree about these goods")
        return _Answer("free_trade", None, "", Step(says, holds=None, because=(*steps, found.step)), conflict=True)
    if holds is False:
        refused = Step(Text("free trade is refused: the goods do not originate"), because=(*steps, found.step))
        return replace(_by_tariff(book, goods, refused, on), origin=False)
    if holds is None:
        says = Text(
            "a proof that the goods originate in {state:territory} (certificate ST-1), or the word that there is none",
            state=goods.origin,
        )
        step = Step(Text("whether free trade is granted is not known"), holds=None, because=(*steps, found.step))
        return _Answer(None, None, "", step, missing=(Missing("proof", says),))
    kept = found.kept
    if kept is not None and kept.rate is not None:
        step = Step(Text("free trade, but for the duty that the treaty keeps"), because=(found.step, *steps))
        return _Answer("free_trade", kept.rate, render_rate(kept.rate), step, origin=True)
    step = Step(Text("free trade: no duty on originating goods"), because=(found.step, *steps))
    return _Answer("free_trade", FREE, "0%", step, origin=True)


def _by_tariff(book: Lawbook, goods: Consignment, why: Step, on: date) -> _Answer:
    line, step, missing = _line(book, goods, on)
    if line is None:
        both = Step(Text("most-favoured-nation treatment, at a rate that is not at hand"), None, because=(why, step))
        return _Answer("mfn", None, "", both, missing=missing)
    because = Step(Text("most-favoured-nation treatment: {rate}", rate=line.text), because=(why, step))
    return _Answer("mfn", line.rate, line.text, because)


def _line(book: Lawbook, goods: Consignment, on: date) -> tuple[Line | None, Step, tuple[Missing, ...]]:
    for levy in book.levies:
        slugs = (levy.instrument, *levy.also)
        holds = levy.valid_from <= on and (levy.valid_until is None or on < levy.valid_until)
        if holds and any(book.applied(slug, goods.importer, on) for slug in slugs):
            return _edition_line(book, goods, levy.instrument, on)
    says = Text(
        "an edition of the national tariff of {state:territory} for {day:date}",
        state=goods.importer,
        day=on.isoformat(),
    )
    step = Step(
        Text("{state:territory} levies a tariff of its own", state=goods.importer),
        citation="register: no common tariff",
    )
    return None, step, (Missing("tariff edition", says),)


def _edition_line(
    book: Lawbook, goods: Consignment, instrument: str, on: date
) -> tuple[Line | None, Step, tuple[Missing, ...]]:
    edition = edition_on(on, instrument, goods.hs, book.editions)
    if edition is None:
        says = Text(
            "an edition of the common tariff of {instrument} for {day:date} that has {code}",
            instrument=instrument,
            day=on.isoformat(),
            code=goods.hs,
        )
        step = Step(
            Text(
                "{state:territory} levies the common tariff of {instrument}",
                state=goods.importer,
                instrument=instrument,
            ),
            citation=f"register, {instrument}",
        )
        return None, step, (Missing("tariff edition", says),)
    check_code(goods.hs, edition)
    line = edition.find(goods.hs)
    citation = f"{edition.act}; edition {edition.name}, code {line.code if line else goods.hs}"
    grade = "low" if edition.synthetic else "medium"
    told = {"code": goods.hs, "day": on.isoformat()}
    says = (
        Text("rate of {code} on {day:date}, of an edition that was made up", **told)
        if edition.synthetic
        else Text("rate of {code} on {day:date}", **told)
    )
    return line, Step(says, True, citation, (edition.name,), grade), ()


def _notes(step: Step) -> tuple[Text, ...]:
    weak = [leaf for leaf in step.leaves() if leaf.confidence == "low"]
    places = dict.fromkeys(leaf.citation or leaf.says for leaf in weak)
    return tuple(Text("Unverified: {citation}", citation=place) for place in places)
