"""Reading what a person declares: one line of text fields becomes a consignment and a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from dostastyq import money
from dostastyq.customs.model import Consignment, Document
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest

REQUIRED: Final = ("hs", "origin", "to", "value", "currency", "on")
OPTIONAL: Final = (
    "quantity", "unit", "proof", "issued", "box9", "from", "via", "released_in", "reference",
)  # fmt: skip
NO_PROOF: Final = "none"
KINDS: Final = ("st-1", "declaration", "contract", "transport", NO_PROOF)


def read_line(fields: Mapping[str, str]) -> tuple[Consignment, date]:
    """Read one declared line.

    Parameters
    ----------
    fields
        Text by name: ``hs, origin, to, value, currency, on`` and, if known, ``quantity`` with ``unit``; ``proof``: the
        kinds of documents with spaces between them, or ``none``; ``issued`` and ``box9`` of the proof of origin;
        ``from`` and ``via``: the route; ``released_in``: the state of their release for free circulation;
        ``reference``. Several quantities stand with spaces between them, as do their units. Empty means not given.

    Returns
    -------
    Consignment, datetime.date

    Raises
    ------
    DostastyqError
        ``CU070`` a field is missing or is not known, ``CU071`` not a number, ``CU072`` no such document, ``CU073`` a
        quantity without its unit; ``MN001`` no such currency, ``DT002`` no day.

    Examples
    --------
    >>> line = {"hs": "1701991001", "origin": "MDA", "to": "RUS", "value": "5000", "currency": "USD",
    ...         "quantity": "10", "unit": "t", "on": "2026-06-30", "proof": "st-1"}
    >>> goods, on = read_line(line)
    >>> goods.value, goods.quantities, [paper.kind for paper in goods.documents]
    (500000, (('t', Fraction(10, 1)),), ['st-1'])
    """
    given = {name: text.strip() for name, text in fields.items() if text and text.strip()}
    for name in REQUIRED:
        if name not in given:
            raise DostastyqError("CU070", f"field {name!r} is empty; expected a value", "fill it in")
    for name in given:
        if name not in REQUIRED and name not in OPTIONAL:
            raise DostastyqError("CU070", f"there is no field {name!r}", nearest(name, (*REQUIRED, *OPTIONAL)))
    code = given["currency"].upper()
    goods = Consignment(
        hs=given["hs"],
        origin=given["origin"].upper(),
        importer=given["to"].upper(),
        value=read_money(given["value"], code),
        currency=code,
        quantities=_quantities(given.get("quantity", ""), given.get("unit", "")),
        documents=_documents(given),
        dispatched_from=given.get("from", "").upper(),
        route=tuple(given.get("via", "").upper().split()),
        free_circulation=given.get("released_in", "").upper(),
        reference=given.get("reference", ""),
    )
    return goods, calendar_day(given["on"])


def read_money(text: str, code: str) -> int:
    """Read an amount in units of a currency into its minor units, exactly.

    Raises
    ------
    DostastyqError
        ``CU071`` not a number, or finer than the currency's minor unit.

    Examples
    --------
    >>> read_money("5000.5", "USD"), read_money("12", "BYR")
    (500050, 12)
    """
    exponent = money.currency(code).exponent
    amount = read_number(text, "the value") * 10**exponent
    if amount.denominator != 1:
        raise DostastyqError(
            "CU071", f"the value {text!r} is finer than the minor unit of {code}", f"give at most {exponent} decimals"
        )
    return int(amount)


def read_number(text: str, what: str) -> Fraction:
    """Read a decimal number exactly; `what` names it in the error.

    Raises
    ------
    DostastyqError
        ``CU071`` when it is none.
    """
    try:
        number = Decimal(text.replace(" ", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise DostastyqError("CU071", f"{what} is {text!r}; expected a number", "write it like 10000 or 12.5")
    return Fraction(number)


def _quantities(amounts: str, units: str) -> tuple[tuple[str, Fraction], ...]:
    numbers, names = amounts.split(), units.split()
    if len(numbers) != len(names):
        raise DostastyqError(
            "CU073",
            f"{len(numbers)} quantities and {len(names)} units; expected a unit for every quantity",
            "write --quantity 10000 --unit kg",
        )
    return tuple((name, read_number(number, "the quantity")) for number, name in zip(numbers, names, strict=True))


def _documents(given: Mapping[str, str]) -> tuple[Document, ...] | None:
    if "proof" not in given:
        return None
    kinds = given["proof"].lower().split()
    for kind in kinds:
        if kind not in KINDS:
            raise DostastyqError("CU072", f"there is no kind of document {kind!r}", nearest(kind, KINDS))
    if NO_PROOF in kinds and len(kinds) > 1:
        raise DostastyqError("CU072", f"the proof is {given['proof']!r}", f"{NO_PROOF!r} stands alone")
    issued = calendar_day(given["issued"]) if "issued" in given else None
    boxes = (("9", given["box9"]),) if "box9" in given else ()
    return tuple(
        Document(kind, boxes if kind == "st-1" else (), issued if kind in {"st-1", "declaration"} else None)
        for kind in kinds
        if kind != NO_PROOF
    )
