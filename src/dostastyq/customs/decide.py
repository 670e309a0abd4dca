"""The verb of this package: what a consignment owes on a day, and why."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from functools import cache, partial
from types import MappingProxyType
from typing import Final

from dostastyq import money
from dostastyq.customs.change import changes
from dostastyq.customs.charges import Charges, charge
from dostastyq.customs.grammar import render_rate
from dostastyq.customs.lawbook import Lawbook, lawbook
from dostastyq.customs.measures import Measure, prevailing
from dostastyq.customs.mfn import Answer, Portions, by_tariff, check_exists, maybe
from dostastyq.customs.model import Consignment, Missing, Ruling, Step
from dostastyq.customs.origin.check import both_sides
from dostastyq.customs.rates import AdValorem
from dostastyq.customs.regime import Regime, check_country, measure_step, regime, union_of
from dostastyq.customs.tariff import check_code
from dostastyq.customs.units import unit
from dostastyq.dates import Truth, calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.register.views import moment_of

FREE: Final[Portions] = ((Fraction(1), AdValorem(Fraction(0))),)
ByTariff = Callable[..., Answer]
NOTHING: Final[Mapping[str, Fraction]] = MappingProxyType({})


@cache
def default_lawbook() -> Lawbook:
    """Law of the first commonwealth, with the editions of tariffs at hand."""
    return lawbook("cis")


def decide(
    consignment: Consignment,
    on: str | date,
    known_at: str | date | datetime | None = None,
    *,
    book: Lawbook | None = None,
    exchange: Mapping[str, Fraction] = NOTHING,
    balances: Mapping[str, Fraction] = NOTHING,
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
        As known at the end of a day or at a moment; by default, as known today.
    book
        Stand-in for the shipped law.
    exchange
        Units of the consignment's currency for one unit of another, by its code: the fixing of the day.
    balances
        What is left of each quota, by its name, in its unit; `Ruling.drawn` says what these goods take from it. Nothing
        is remembered: who rules on many consignments carries the balances from one to the next.
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
        ``CU053`` goods released where they arrive, ``CU054`` a balance; ``MN001`` and ``MN002`` the currency; ``RG002``
        and ``RG004`` a state, ``RG005`` a moment.

    Examples
    --------
    >>> sugar = Consignment("1701991001", "MDA", "RUS", 500_000, "USD", (("kg", Fraction(10_000)),))
    >>> ruling = decide(sugar, on="2026-06-30")
    >>> ruling.outcome, ruling.regime, ruling.rate, ruling.duty
    ('determined', 'mfn', '340 USD за 1 т', 340000)
    """
    day = calendar_day(on)
    moment = clock(known_at)
    law = (default_lawbook() if book is None else book).known(moment)
    goods = _checked(consignment, day)
    answer = _answer(law, goods, day, balances)
    charges, steps = Charges(None), tuple[Step, ...]()
    conflict = answer.conflict
    if answer.portions:
        exponent = money.currency(goods.currency).exponent
        border = answer.regime != "customs_union"
        extra, unsure, rival = _anti_dumping(law, goods, day) if border else ((), (), False)
        charges = charge(law, goods, answer.portions, extra, day, exponent, exchange, border=border)
        steps = (*unsure, *charges.steps)
        conflict = conflict or rival
    proof = replace(answer.step, because=(*answer.step.because, *steps))
    settled = charges.duty is not None
    ruling = Ruling(
        outcome="conflicting" if conflict else "determined" if settled else "undetermined",
        regime=answer.regime,
        origin=answer.origin,
        rate=answer.text,
        duty=None if conflict else charges.duty,
        taxes=() if conflict else charges.taxes,
        total=None if conflict else charges.total,
        currency=goods.currency,
        proof=proof,
        on=day,
        consignment=goods,
        missing=(*answer.missing, *charges.missing),
        known_at=moment,
        notes=_notes(proof, answer.footnotes, charges, goods),
        drawn=answer.drawn,
    )
    if not explain:
        return ruling

    def again(other: Consignment, then: date, left: Mapping[str, Fraction] = balances) -> Ruling:
        return decide(other, then, book=law, exchange=exchange, balances=left, explain=False)

    return replace(ruling, what_would_change_it=tuple(changes(law, ruling, again)))


def clock(known_at: str | date | datetime | None) -> date | datetime | None:
    """Read a day or a moment of knowledge; None for now.

    Raises
    ------
    DostastyqError
        ``DT002`` for text that is neither, ``RG005`` for a moment without time zone.

    Examples
    --------
    >>> clock("2026-11-22"), clock("2026-11-22T09:00:00+05:00").hour
    (datetime.date(2026, 11, 22), 9)
    """
    if known_at is None:
        return None
    if isinstance(known_at, datetime) or (isinstance(known_at, str) and "T" in known_at):
        return moment_of(known_at)
    return calendar_day(known_at)


def _checked(goods: Consignment, on: date) -> Consignment:
    if goods.value < 0 or isinstance(goods.value, bool) or not isinstance(goods.value, int):
        raise DostastyqError(
            "CU052", f"the customs value is {goods.value}; expected a whole number of minor units, 0 or more",
            "write 5000 USD as 500000",
        )  # fmt: skip
    for name, amount in goods.quantities:
        unit(name)
        if not isinstance(amount, int | Fraction):
            raise DostastyqError("CU052", f"the quantity is {amount!r} {name}", "give it exactly, as a Fraction")
        if amount < 0:
            raise DostastyqError("CU052", f"the quantity is {amount} {name}; expected 0 or more", "check the sign")
    money.currency(goods.currency, on)
    return replace(goods, hs=check_code(goods.hs))


def _answer(book: Lawbook, goods: Consignment, on: date, balances: Mapping[str, Fraction]) -> Answer:
    found = regime(book, goods.importer, goods.origin, goods.hs, on)
    for place in (goods.dispatched_from, *goods.route, goods.free_circulation):
        if place:
            check_country(book.register, place)
    check_exists(book, goods, on)
    tariff = partial(by_tariff, book, goods, on=on, balances=balances)
    if found.kind == "customs_union":
        return _within_union(book, goods, found, on, tariff)
    if goods.free_circulation:
        union = union_of(book, goods.importer, goods.free_circulation, on)
        if union.kind != "mfn":
            return _union_goods(book, goods, union, on, tariff)
        found = replace(found, step=Step(found.step.says, found.step.holds, because=(found.step, union.step)))
    if found.kind == "free_trade":
        return _within_area(book, goods, found, on, tariff)
    if found.kind is None:
        return _unknown(book, goods, found, on, tariff)
    if found.kind == "third_country_agreement":
        return _under_agreement(goods, found, tariff)
    return tariff(why=found.step)


def _under_agreement(goods: Consignment, found: Regime, tariff: ByTariff) -> Answer:
    """Goods of a third state with a preference, of which it is known only that it has to be claimed."""
    if goods.documents is None or _claimed(goods):
        return Answer(found.kind, (), "", found.step, missing=found.missing)
    says = Text("the agreement is not claimed: there is no proof of origin")
    return replace(tariff(why=Step(says, True, "field: documents", because=(found.step,))), origin=False)


def _claimed(goods: Consignment) -> bool:
    """Whether a paper speaks of the origin; contracts and transport documents do not."""
    return any(paper.kind not in {"contract", "transport"} for paper in goods.documents or ())


def _within_union(book: Lawbook, goods: Consignment, found: Regime, on: date, tariff: ByTariff) -> Answer:
    place = goods.dispatched_from
    if place and place not in {goods.origin, goods.importer} and not _is_inside(book, goods.importer, place, on):
        says = Text("the goods come from {place:territory}, outside the union", place=place)
        return tariff(why=Step(says, citation="field: dispatched_from", because=(found.step,)))
    says = Text("goods of a member owe no duty within the union")
    return Answer("customs_union", FREE, "0%", Step(says, because=(found.step,)), origin=True)


def _is_inside(book: Lawbook, importer: str, place: str, on: date) -> bool:
    return place in book.register.states and regime(book, importer, place, "", on).kind == "customs_union"


def _union_goods(book: Lawbook, goods: Consignment, union: Regime, on: date, tariff: ByTariff) -> Answer:
    """Goods of a third country that were released for free circulation in a member."""
    if union.kind is None:
        return Answer(None, (), "", union.step, missing=union.missing)
    state, place = goods.free_circulation, goods.dispatched_from
    if place and place != state and not _is_inside(book, goods.importer, place, on):
        says = Text("the goods come from {place:territory}, outside the union", place=place)
        return tariff(why=Step(says, citation="field: dispatched_from", because=(union.step,)))
    declared = Step(
        Text("the goods were released for free circulation in {state:territory}", state=state),
        citation="field: free_circulation",
    )
    own = book.levied("transitional", state, goods.origin, goods.hs, on)
    unsure = tuple(maybe(goods, one) for one in own if not one.certain)
    says = Text("goods released in a member owe no duty within the union, whatever their origin")
    certain = [one for one in own if one.certain]
    if certain:
        says = Text("whether goods released at a rate of {state:territory} alone move freely", state=state)
        step = Step(says, None, because=(declared, *map(measure_step, certain), union.step))
        return Answer(None, (), "", step, missing=(Missing("law", says),))
    return Answer("customs_union", FREE, "0%", Step(says, because=(declared, union.step, *unsure)))


def _within_area(book: Lawbook, goods: Consignment, found: Regime, on: date, tariff: ByTariff) -> Answer:
    steps, holds = _origin(book, goods, found, on)
    if holds == "conflict":
        says = Text("the rules of origin of the two states disagree about these goods")
        return Answer("free_trade", (), "", Step(says, holds=None, because=(*steps, found.step)), conflict=True)
    if holds is False:
        refused = Step(Text("free trade is refused: the goods do not originate"), because=(*steps, found.step))
        return replace(tariff(why=refused), origin=False)
    if holds is None:
        says = Text(
            "a proof that the goods originate in {state:territory} (certificate ST-1), or the word that there is none",
            state=goods.origin,
        )
        step = Step(Text("whether free trade is granted is not known"), holds=None, because=(*steps, found.step))
        return Answer(None, (), "", step, missing=(Missing("proof", says),))
    if found.conflict:
        step = Step(Text("measures of equal rank set different rates"), None, because=(found.step, *steps))
        return Answer("free_trade", (), "", step, origin=True, conflict=True)
    kept = found.kept
    if kept is not None and kept.rate is not None:
        step = Step(Text("free trade, but for the duty that the treaty keeps"), because=(found.step, *steps))
        footnotes = (kept.footnote,) if kept.footnote else ()
        rate = ((Fraction(1), kept.rate),)
        return Answer("free_trade", rate, render_rate(kept.rate), step, origin=True, footnotes=footnotes)
    unsure = () if kept is None else (maybe(goods, kept),)
    step = Step(Text("free trade: no duty on originating goods"), because=(found.step, *steps, *unsure))
    return Answer("free_trade", FREE, "0%", step, origin=True)


def _origin(book: Lawbook, goods: Consignment, found: Regime, on: date) -> tuple[tuple[Step, ...], Truth | str]:
    parties = [state for state in book.register.states if book.applied(found.instrument, state, on)]
    return both_sides(book.rulebooks, book.register, goods, on, parties)


def _unknown(book: Lawbook, goods: Consignment, found: Regime, on: date, tariff: ByTariff) -> Answer:
    """Goods whose regime is not known; on a list that was not read and off it they owe the same without origin."""
    steps, holds = _origin(book, goods, found, on) if found.returned is None else ((), None)
    if holds is not False:
        return Answer(None, (), "", found.step, missing=found.missing)
    says = Text("on the list or not, free trade is refused: the goods do not originate")
    return replace(tariff(why=Step(says, because=(*steps, found.step))), origin=False)


def _anti_dumping(book: Lawbook, goods: Consignment, on: date) -> tuple[tuple[Measure, ...], tuple[Step, ...], bool]:
    """Measure charged on top of the duty; steps of lists that were not read; whether two measures disagree."""
    found = book.levied("anti_dumping", goods.importer, goods.origin, goods.hs, on)
    certain = prevailing(one for one in found if one.certain)
    if len({one.rate for one in certain}) > 1:
        says = Text("measures of equal rank set different rates")
        return (), (Step(says, None, because=tuple(map(measure_step, certain))),), True
    return certain[:1], () if certain else tuple(maybe(goods, one) for one in found), False


def _notes(proof: Step, footnotes: tuple[str, ...], charges: Charges, goods: Consignment) -> tuple[Text, ...]:
    weak = [leaf for leaf in proof.leaves() if leaf.confidence == "low"]
    places = dict.fromkeys(leaf.citation or leaf.says for leaf in weak)
    unverified = (Text("Unverified: {citation}", citation=place) for place in places)
    noted = (Text("Note of the act: {footnote}", footnote=footnote) for footnote in footnotes)
    fees = Text("Customs fees of {state:territory} are not at hand: they are not in the total", state=goods.importer)
    return (*unverified, *noted, *((fees,) if charges.without_fees else ()))
