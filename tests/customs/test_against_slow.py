"""The engine against an evaluator written apart, on random consignments of 2010 to 2026.

The other one asks the register treaty by treaty and reads rates by regular expressions.
"""

import os
import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
from random import Random

from dostastyq.customs import Consignment, Document, decide, lawbook
from dostastyq.customs.tariff import Edition, edition
from dostastyq.register import Register

getcontext().prec = 60
UNIONS = (
    "eaeu-2014",
    "eaeu-arm-2014",
    "eaeu-kgz-2014",
    "cu-rus-blr-1995",
    "cu-1995",
    "cu-kgz-1996",
    "cu-territory-2007",
)
MEMBERS = {"BLR", "KAZ", "RUS", "ARM", "KGZ"}
WEIGHTS = {
    "кг": ("kg", Fraction(1)), "т": ("kg", Fraction(1000)), "л": ("l", Fraction(1)), "пар": ("pair", Fraction(1)),
    "шт": ("piece", Fraction(1)), "см3": ("cm3", Fraction(1)), "м2": ("m2", Fraction(1)),
}  # fmt: skip
COUNT = 10_000 if os.environ.get("DOSTASTYQ_FULL") else 600
EURO = Fraction("1.0837")
UNITS = ("kg", "t", "l", "pair", "piece", "cm3", "m2")


def preference(register: Register, importer: str, origin: str, on: date) -> str | None:
    """Deepest regime that certainly holds: ``"union"``, ``"area"`` or None."""
    areas = [slug for slug, item in register.instruments.items() if item.preference.kind == "free_trade_area"]
    for kind, slugs in (("union", UNIONS), ("area", areas)):
        for slug in slugs:
            held = register.instruments[slug].preference
            begun = held.start is None or held.start.after(on) is False
            over = held.end is not None and held.end.after(on) is False
            if begun and not over and register.applies(slug, importer, origin, on):
                return kind
    return None


def due(text: str, goods: Consignment, euro: Fraction) -> int:
    """Duty in cents of a dollar."""
    exact = _exact(text.replace(",", ", "), goods, euro)
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def _exact(text: str, goods: Consignment, euro: Fraction) -> Fraction:
    text = " ".join(text.split())
    if " плюс " in text:
        return sum((_exact(part, goods, euro) for part in text.split(" плюс ")), Fraction(0))
    if "но не менее" in text:
        first, second = re.split(r",? но не менее ", text)
        return max(_exact(first, goods, euro), _exact(second, goods, euro))
    percent = re.fullmatch(r"([\d.]+) ?%?", text)
    if percent:
        return Fraction(percent[1]) * goods.value / 100
    specific = re.fullmatch(r"([\d.]+) (EUR|USD) за (\d+) (?:(\d+) )?(\S+?)(?:, мл)?", text)
    assert specific is not None, text
    money, currency, many, times, unit = specific.groups()
    name, factor = WEIGHTS[unit.rstrip(",")]
    per = int(many) * int(times or 1) * factor
    amount = sum(
        number * {"t": 1000}.get(given, 1)
        for given, number in goods.quantities
        if {"t": "kg"}.get(given, given) == name
    )
    return Fraction(money) * amount / per * 100 * (euro if currency == "EUR" else 1)


def evaluate(register: Register, edition: Edition, goods: Consignment, on: date, euro: Fraction) -> int | None:
    """Duty of goods that carry a certificate ST-1 or surely none; None where it is not determined."""
    held = preference(register, goods.importer, goods.origin, on)
    if held == "union":
        return 0
    released = goods.free_circulation
    if released and preference(register, goods.importer, released, on) == "union":
        return 0 if goods.importer in MEMBERS and released in MEMBERS else None
    directed = (goods.importer, goods.origin) == ("RUS", "MDA") and on >= date(2014, 8, 31)
    if held == "area" and directed and goods.documents and not goods.hs.startswith("1701"):
        return None
    if held == "area" and goods.documents and not directed:
        sugar = goods.hs.startswith(("170191", "170199")) and goods.origin == "UKR"
        return due("340 USD за 1 т", goods, euro) if sugar and goods.importer in {"BLR", "KAZ", "RUS"} else 0
    if (
        goods.importer not in MEMBERS
        or not edition.valid_from <= on < edition.valid_until
        or goods.hs not in edition.lines
    ):
        return None
    return due(edition.lines[goods.hs].text, goods, euro)


def drawn(draw: Random, codes: list[str], states: list[str]) -> tuple[Consignment, date]:
    importer, origin = draw.sample(states, 2)
    quantities = tuple((unit, Fraction(draw.randrange(1, 10**6), 100)) for unit in UNITS)
    papers = (Document("st-1"),) if draw.random() < 0.7 else ()
    first, last = (
        (date(2026, 6, 18), date(2026, 9, 30)) if draw.random() < 0.7 else (date(2010, 1, 1), date(2026, 6, 17))
    )
    on = first + timedelta(days=draw.randrange((last - first).days + 1))
    released = draw.choice([state for state in states if state != importer]) if draw.random() < 0.2 else ""
    goods = Consignment(
        draw.choice(codes), origin, importer, draw.randrange(10**9), "USD", quantities, papers,
        free_circulation=released,
    )  # fmt: skip
    return goods, on


def test_the_slow_evaluator_agrees() -> None:
    book, whole = lawbook("cis"), edition("ett-2026-06-18")
    codes, states = sorted(whole.lines), [*book.register.states]
    draw, determined = Random(20261122), 0
    for _ in range(COUNT):
        goods, on = drawn(draw, codes, states)
        found = decide(goods, on, book=book, exchange={"EUR": EURO}, explain=False)
        expected = evaluate(book.register, whole, goods, on, EURO)
        if found.outcome == "determined":
            determined += 1
            assert found.duty == expected, (goods, on, found.regime, found.rate)
        elif found.regime is not None:
            assert expected is None, (goods, on, found.regime, found.missing)
    assert determined > COUNT / 3
