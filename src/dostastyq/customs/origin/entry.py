"""Reading goods with their bill of materials and their papers from a JSON file."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from dostastyq.customs.entry import read_money
from dostastyq.customs.model import Consignment, Document, Material, Production
from dostastyq.customs.tariff import check_code
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest

GOODS: Final = {
    "hs", "origin", "to", "value", "currency", "quantities", "documents", "production", "from", "via", "released_in",
    "reference",
}  # fmt: skip
NEEDED: Final = ("hs", "origin", "to", "value", "currency")
PRODUCTION: Final = {"wholly_obtained", "materials", "ex_works_price", "operations", "attested"}
MATERIAL: Final = {"hs", "origin", "value", "proof"}
DOCUMENT: Final = {"kind", "issued", "boxes"}


def read_goods(file: Path) -> Consignment:
    """Read goods as ``dostastyq origin check`` takes them.

    Parameters
    ----------
    file
        JSON object with ``hs, origin, to, value, currency`` and, if known, ``quantities`` (by unit), ``documents``
        (each with ``kind``, ``issued``, ``boxes``), ``production`` (``wholly_obtained``, ``materials``,
        ``ex_works_price``, ``operations``, ``attested``), ``from``, ``via``, ``released_in``, ``reference``. Amounts
        are decimals in quotes.

    Raises
    ------
    DostastyqError
        ``CU075`` the file or a field cannot be read; ``CU020``, ``CU071``, ``MN001`` from the fields.
    """
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DostastyqError("CU075", f"cannot read {file}: {problem}", "expected a JSON object in UTF-8") from problem
    return goods_from(given, file.name)


def goods_from(given: Any, where: str = "the goods") -> Consignment:  # noqa: ANN401 -- what JSON gives
    """Make a consignment of plain data; see `read_goods`.

    Examples
    --------
    >>> made = {"materials": [{"hs": "1701130000", "origin": "BRA", "value": "300"}], "ex_works_price": "500"}
    >>> goods = goods_from({"hs": "1701991001", "origin": "MDA", "to": "RUS", "value": "500", "currency": "USD",
    ...                     "production": made})
    >>> goods.production.materials[0].value
    30000
    """
    fields = _object(given, GOODS, where, NEEDED)
    code = _text(fields["currency"], f"{where}: currency").upper()
    made = fields.get("production")
    papers = fields.get("documents")
    return Consignment(
        hs=check_code(_text(fields["hs"], f"{where}: hs")),
        origin=_text(fields["origin"], f"{where}: origin").upper(),
        importer=_text(fields["to"], f"{where}: to").upper(),
        value=read_money(_text(fields["value"], f"{where}: value"), code),
        currency=code,
        quantities=tuple((name, Fraction(str(amount))) for name, amount in fields.get("quantities", {}).items()),
        documents=None if papers is None else tuple(_document(paper, where) for paper in papers),
        production=None if made is None else _production(made, code, where),
        dispatched_from=fields.get("from", "").upper(),
        route=tuple(state.upper() for state in fields.get("via", ())),
        free_circulation=fields.get("released_in", "").upper(),
        reference=fields.get("reference", ""),
    )


def _production(given: Any, code: str, where: str) -> Production:  # noqa: ANN401
    fields = _object(given, PRODUCTION, f"{where}: production")
    wholly = fields.get("wholly_obtained")
    if wholly not in {True, False, None}:
        raise DostastyqError("CU075", f"{where}: wholly_obtained is {wholly!r}", "write true or false, or leave it out")
    materials, price = fields.get("materials"), fields.get("ex_works_price")
    return Production(
        wholly_obtained=wholly,
        materials=None if materials is None else tuple(_material(one, code, where) for one in materials),
        ex_works_price=None if price is None else read_money(_text(price, f"{where}: ex_works_price"), code),
        operations=tuple(fields.get("operations", ())),
        attested=tuple(fields.get("attested", ())),
    )


def _material(given: Any, code: str, where: str) -> Material:  # noqa: ANN401
    fields = _object(given, MATERIAL, f"{where}: material", ("hs", "value"))
    hs = _text(fields["hs"], f"{where}: material: hs")
    if not (hs.isdigit() and len(hs) >= 4):
        raise DostastyqError("CU075", f"{where}: material {hs!r} has no heading", "give four digits or more")
    value = read_money(_text(fields["value"], f"{where}: material: value"), code)
    return Material(hs, fields.get("origin", "").upper(), value, fields.get("proof", ""))


def _document(given: Any, where: str) -> Document:  # noqa: ANN401
    fields = _object(given, DOCUMENT, f"{where}: document", ("kind",))
    issued: date | None = calendar_day(fields["issued"]) if "issued" in fields else None
    return Document(fields["kind"], tuple(fields.get("boxes", {}).items()), issued)


def _object(given: Any, known: set[str], where: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(given, dict):
        raise DostastyqError("CU075", f"{where} is {type(given).__name__}", "expected an object with named fields")
    for name in given:
        if name not in known:
            raise DostastyqError("CU075", f"{where} has the unknown field {name!r}", nearest(name, known))
    for name in needed:
        if name not in given:
            raise DostastyqError("CU075", f"{where} has no field {name!r}", "add it")
    return given


def _text(given: Any, where: str) -> str:  # noqa: ANN401
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise DostastyqError("CU075", f"{where} is {given!r}", 'write it in quotes, e.g. "12.50"')
    return str(given)
