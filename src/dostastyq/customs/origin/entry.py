"""Reading goods with their bill of materials and their papers from a JSON file."""

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from dostastyq.customs.entry import KINDS, NO_PROOF, read_money, read_number
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
PAPERS: Final = tuple(kind for kind in KINDS if kind != NO_PROOF)
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
        ``CU075`` the file or a field cannot be read; ``CU020``, ``CU071``, ``CU072``, ``MN001`` from the fields.
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
        quantities=_quantities(fields.get("quantities", {}), where),
        documents=None if papers is None else tuple(_document(one, where) for one in _list(papers, where)),
        production=None if made is None else _production(made, code, where),
        dispatched_from=_text(fields.get("from", ""), f"{where}: from").upper(),
        route=_texts(fields.get("via", []), f"{where}: via", str.upper),
        free_circulation=_text(fields.get("released_in", ""), f"{where}: released_in").upper(),
        reference=_text(fields.get("reference", ""), f"{where}: reference"),
    )


def _production(given: Any, code: str, where: str) -> Production:  # noqa: ANN401
    fields = _object(given, PRODUCTION, f"{where}: production")
    wholly = fields.get("wholly_obtained")
    if not (wholly is None or isinstance(wholly, bool)):
        raise DostastyqError("CU075", f"{where}: wholly_obtained is {wholly!r}", "write true or false, or leave it out")
    materials, price = fields.get("materials"), fields.get("ex_works_price")
    return Production(
        wholly_obtained=wholly,
        materials=None if materials is None else tuple(_material(one, code, where) for one in _list(materials, where)),
        ex_works_price=None if price is None else read_money(_text(price, f"{where}: ex_works_price"), code),
        operations=_texts(fields.get("operations", []), f"{where}: operations"),
        attested=_texts(fields.get("attested", []), f"{where}: attested"),
    )


def _material(given: Any, code: str, where: str) -> Material:  # noqa: ANN401
    fields = _object(given, MATERIAL, f"{where}: material", ("hs", "value"))
    hs = _text(fields["hs"], f"{where}: material: hs")
    if not (hs.isdigit() and len(hs) >= 4):
        raise DostastyqError("CU075", f"{where}: material {hs!r} has no heading", "give four digits or more")
    value = read_money(_text(fields["value"], f"{where}: material: value"), code)
    if value < 0:
        raise DostastyqError("CU075", f"{where}: material {hs} is worth {fields['value']}", "give 0 or more")
    origin, proof = (_text(fields.get(name, ""), f"{where}: material: {name}") for name in ("origin", "proof"))
    return Material(hs, origin.upper(), value, proof)


def _document(given: Any, where: str) -> Document:  # noqa: ANN401
    fields = _object(given, DOCUMENT, f"{where}: document", ("kind",))
    kind = _text(fields["kind"], f"{where}: document: kind")
    if kind not in PAPERS:
        raise DostastyqError("CU072", f"{where}: there is no kind of document {kind!r}", nearest(kind, PAPERS))
    issued: date | None = None
    if "issued" in fields:
        issued = calendar_day(_text(fields["issued"], f"{where}: document: issued"))
    boxes = _object(fields.get("boxes", {}), None, f"{where}: document: boxes")
    texts = tuple((name, _text(box, f"{where}: document: box {name}")) for name, box in boxes.items())
    return Document(kind, texts, issued)


def _quantities(given: Any, where: str) -> tuple[tuple[str, Fraction], ...]:  # noqa: ANN401
    fields = _object(given, None, f"{where}: quantities")
    return tuple((name, read_number(str(amount), f"{where}: {name}")) for name, amount in fields.items())


def _list(given: Any, where: str) -> list[Any]:  # noqa: ANN401
    if not isinstance(given, list):
        raise DostastyqError("CU075", f"{where} has {given!r}; expected a list", "write it in brackets")
    return given


def _texts(given: Any, where: str, change: Callable[[str], str] = str) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(change(_text(one, where)) for one in _list(given, where))


def _object(given: Any, known: set[str] | None, where: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(given, dict):
        raise DostastyqError("CU075", f"{where} is {type(given).__name__}", "expected an object with named fields")
    for name in given:
        if known is not None and name not in known:
            raise DostastyqError("CU075", f"{where} has the unknown field {name!r}", nearest(name, known))
    for name in needed:
        if name not in given:
            raise DostastyqError("CU075", f"{where} has no field {name!r}", "add it")
    return given


def _text(given: Any, where: str) -> str:  # noqa: ANN401
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise DostastyqError("CU075", f"{where} is {given!r}", 'write it in quotes, e.g. "12.50"')
    return str(given)
