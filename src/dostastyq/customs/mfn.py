"""The rate of most-favoured-nation treatment: the edition of the day, and the measures that come before it.

Which of several holds: a quota while its balance lasts, a seasonal rate, a state's own transitional rate, the rate of
the edition; within a kind the measure that speaks most narrowly (`dostastyq.customs.measures.prevailing`). Two equally
narrow ones with different rates conflict. A list of goods that was not read leaves the common rate standing, and the
proof says that it rests on that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from dostastyq.customs.grammar import render_rate
from dostastyq.customs.lawbook import Lawbook
from dostastyq.customs.measures import Measure, Quota, prevailing
from dostastyq.customs.model import Consignment, Missing, Step
from dostastyq.customs.rates import Rate
from dostastyq.customs.regime import measure_step
from dostastyq.customs.tariff import check_code, edition_on
from dostastyq.customs.units import unit
from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text

BEFORE_THE_EDITION: Final = ("seasonal", "transitional")
Portions = tuple[tuple[Fraction, Rate], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Regime, rate and reason, before anything is charged.

    Parameters
    ----------
    regime
        As in `Ruling`.
    portions
        Rates, each with the share of the goods that it is for; empty while not determined.
    text
        The rates as the acts write them.
    step
        Why.
    origin, missing, drawn
        As in `Ruling`.
    conflict
        Whether sources of law disagree.
    footnotes
        Notes of the tariff to these goods.
    """

    regime: str | None
    portions: Portions
    text: str
    step: Step
    origin: Truth = None
    missing: tuple[Missing, ...] = ()
    conflict: bool = False
    drawn: tuple[tuple[str, Fraction], ...] = ()
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rate:
    """A rate of duty and what it rests on; no rate where it is not at hand."""

    rate: Rate | None
    text: str
    steps: tuple[Step, ...]
    missing: tuple[Missing, ...] = ()
    conflict: bool = False
    footnotes: tuple[str, ...] = ()


def check_exists(book: Lawbook, goods: Consignment, on: date) -> None:
    """Check under any regime that the whole tariff of the day, where it is at hand, has the goods.

    Raises
    ------
    DostastyqError
        ``CU021`` when it does not.
    """
    instrument = book.common_tariff(goods.importer, on)
    edition = edition_on(on, instrument, goods.hs, book.editions) if instrument else None
    if edition is not None:
        check_code(goods.hs, edition)


def by_tariff(book: Lawbook, goods: Consignment, why: Step, on: date, balances: Mapping[str, Fraction]) -> Answer:
    """Find the rate of goods under most-favoured-nation treatment.

    Parameters
    ----------
    book
        The law.
    goods
        The consignment.
    why
        Why they come under it.
    on
        Day of the law.
    balances
        What is left of each quota, by its name, in its unit.

    Raises
    ------
    DostastyqError
        ``CU054`` a balance below zero or above the quota.
    """
    found = prevailing(book.levied("quota", goods.importer, goods.origin, goods.hs, on))
    ordinary = _ordinary(book, goods, on)
    if not found:
        return _answer(ordinary, why)
    if not found[0].certain:
        return _answer(replace(ordinary, steps=(*ordinary.steps, maybe(goods, found[0]))), why)
    if len({(one.rate, one.quota) for one in found}) > 1:
        return _answer(_conflict(found), why)
    return _within_quota(goods, found[0], ordinary, why, balances)


def _answer(found: _Rate, why: Step) -> Answer:
    because = (why, *found.steps)
    if found.conflict:
        step = Step(Text("measures of equal rank set different rates"), None, because=because)
        return Answer("mfn", (), "", step, conflict=True, footnotes=found.footnotes)
    if found.rate is None:
        step = Step(Text("most-favoured-nation treatment, at a rate that is not at hand"), None, because=because)
        return Answer("mfn", (), "", step, missing=found.missing)
    step = Step(Text("most-favoured-nation treatment: {rate}", rate=found.text), because=because)
    return Answer("mfn", ((Fraction(1), found.rate),), found.text, step, footnotes=found.footnotes)


def _ordinary(book: Lawbook, goods: Consignment, on: date) -> _Rate:
    """Rate outside any quota."""
    unsure: list[Step] = []
    for kind in BEFORE_THE_EDITION:
        measures = book.levied(kind, goods.importer, goods.origin, goods.hs, on)
        certain = prevailing(one for one in measures if one.certain)
        if len({one.rate for one in certain}) > 1:
            return _conflict(certain)
        if certain and certain[0].rate is not None:
            steps = (measure_step(certain[0]), *unsure)
            return _Rate(certain[0].rate, render_rate(certain[0].rate), steps, footnotes=_footnotes(certain))
        unsure += [maybe(goods, one) for one in measures]
    edition = _edition(book, goods, on)
    return replace(edition, steps=(*edition.steps, *unsure))


def _footnotes(measures: tuple[Measure, ...]) -> tuple[str, ...]:
    return tuple(one.footnote for one in measures if one.footnote)


def _conflict(measures: tuple[Measure, ...]) -> _Rate:
    return _Rate(None, "", tuple(map(measure_step, measures)), conflict=True, footnotes=_footnotes(measures))


def maybe(goods: Consignment, one: Measure) -> Step:
    """Make the step of a measure whose list of goods was not read."""
    says = Text("whether {code} is on the list of {act} is not known: held not to be", code=goods.hs, act=one.act)
    return Step(says, None, f"{one.act}: {one.citation}", one.sources, "low")


def _within_quota(
    goods: Consignment, one: Measure, ordinary: _Rate, why: Step, balances: Mapping[str, Fraction]
) -> Answer:
    quota, rate = one.quota, one.rate
    if quota is None or rate is None:  # pragma: no cover -- the reader refuses such a measure
        raise AssertionError(one)
    facts = {"name": quota.name, "unit": quota.unit_code}
    amount = _amount(goods, quota)
    balance = balances.get(quota.name)
    if balance is None or amount is None:
        says = (
            Text("the balance of the quota {name}, in {unit}", **facts)
            if balance is None
            else Text("the quantity of the goods for the quota {name}, in {unit}", **facts)
        )
        step = Step(Text("whether the goods are within the quota is not known"), None, because=(why, measure_step(one)))
        return Answer("mfn", (), "", step, missing=(Missing("fact" if balance is None else "quantity", says),))
    if not 0 <= balance <= quota.amount:
        raise DostastyqError(
            "CU054", f"the balance of the quota {quota.name} is {balance}; it runs from 0 to {quota.amount}",
            f"give what is left of it, in {quota.unit_code}",
        )  # fmt: skip
    taken = min(amount, balance)
    inside = Fraction(1) if amount == 0 and balance > 0 else taken / amount if amount else Fraction(0)
    left = Text("balance of the quota {name}: {left} {unit}, first come", left=_decimal(balance), **facts)
    step = Step(left, inside > 0, "field: balances", because=(measure_step(one),))
    if inside == 0:
        return _answer(replace(ordinary, steps=(step, *ordinary.steps)), why)
    drawn = ((quota.name, taken),)
    footnotes = (*_footnotes((one,)), *(ordinary.footnotes if inside < 1 else ()))
    if inside == 1:
        within = _answer(_Rate(rate, render_rate(rate), (step,), footnotes=footnotes), why)
        return replace(within, drawn=drawn)
    if ordinary.rate is None:
        return replace(_answer(replace(ordinary, steps=(step, *ordinary.steps)), why), drawn=drawn)
    text = f"{render_rate(rate)} ({_decimal(taken)} {quota.unit_code}); {ordinary.text}"
    says = Text("most-favoured-nation treatment: {rate}", rate=text)
    portions = ((inside, rate), (1 - inside, ordinary.rate))
    return Answer(
        "mfn", portions, text, Step(says, because=(why, step, *ordinary.steps)), None, (), False, drawn, footnotes
    )


def _amount(goods: Consignment, quota: Quota) -> Fraction | None:
    """Quantity of the goods in the quota's unit; None where it is not declared."""
    declared = [
        amount * unit(name).factor for name, amount in goods.quantities if unit(name).dimension == quota.unit.dimension
    ]
    return sum(declared, Fraction(0)) / quota.unit.factor if declared else None


def _decimal(number: Fraction) -> str:
    return f"{float(number):.12g}"


def _edition(book: Lawbook, goods: Consignment, on: date) -> _Rate:
    instrument = book.common_tariff(goods.importer, on)
    if instrument is None:
        says = Text(
            "whether {state:territory} levied a common tariff on {day:date}", state=goods.importer, day=on.isoformat()
        )
        return _Rate(None, "", (Step(says, None, "register: common tariffs"),), (Missing("law", says),))
    if not instrument:
        says = Text(
            "an edition of the national tariff of {state:territory} for {day:date}",
            state=goods.importer,
            day=on.isoformat(),
        )
        own = Text("{state:territory} levies a tariff of its own", state=goods.importer)
        step = Step(own, citation="register: no common tariff")
        return _Rate(None, "", (step,), (Missing("tariff edition", says),))
    return _line(book, goods, instrument, on)


def _line(book: Lawbook, goods: Consignment, instrument: str, on: date) -> _Rate:
    edition = edition_on(on, instrument, goods.hs, book.editions)
    line = None if edition is None else edition.find(goods.hs)
    if edition is None or line is None:
        says = Text(
            "an edition of the common tariff of {instrument} for {day:date} that has {code}",
            instrument=instrument,
            day=on.isoformat(),
            code=goods.hs,
        )
        levies = Text(
            "{state:territory} levies the common tariff of {instrument}", state=goods.importer, instrument=instrument
        )
        return _Rate(None, "", (Step(levies, citation=f"register, {instrument}"),), (Missing("tariff edition", says),))
    told = {"code": goods.hs, "day": on.isoformat()}
    says = (
        Text("rate of {code} on {day:date}, of an edition that was made up", **told)
        if edition.synthetic
        else Text("rate of {code} on {day:date}", **told)
    )
    citation = f"{edition.act}; edition {edition.name}, code {line.code}"
    step = Step(says, True, citation, (edition.name,), "low" if edition.synthetic else "medium")
    return _Rate(line.rate, line.text, (step,), footnotes=(line.footnote,) if line.footnote else ())
