"""``dostastyq duty``: what a consignment owes, or every line of a manifest, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, KnownAt, Lang, On, day_of, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from rich.console import Console
    from rich.tree import Tree

    from dostastyq.customs import Lawbook, Ruling
    from dostastyq.customs.model import Step
    from dostastyq.i18n import Translator
    from dostastyq.payments import Rate

REGIMES = {
    "mfn": message("most-favoured-nation treatment"),
    "free_trade": message("free trade"),
    "customs_union": message("customs union"),
    "third_country_agreement": message("agreement with a third state"),
}
OUTCOMES = {
    "determined": message("determined"),
    "undetermined": message("undetermined"),
    "conflicting": message("conflicting"),
}
CHARGES = {
    "anti_dumping": message("anti-dumping duty"),
    "fee": message("customs fee"),
    "excise": message("excise duty"),
    "vat": message("value added tax"),
}
COUNTED = message(
    "{file}: determined {determined}, undetermined {undetermined}, conflicting {conflicting}, refused {refused}"
)
MARKS = {True: "+", False: "–", None: "?"}


def duty(  # noqa: PLR0917 -- each parameter is an option of the command
    manifest: Annotated[
        Path | None, typer.Argument(metavar="MANIFEST", help="Manifest, CSV or Parquet, one consignment a line.")
    ] = None,
    hs: Annotated[str | None, typer.Option(metavar="CODE", help="Commodity code, ten digits.")] = None,
    origin: Annotated[str | None, typer.Option(metavar="STATE", help="Country of origin, ISO 3166 alpha-3.")] = None,
    to: Annotated[str | None, typer.Option(metavar="STATE", help="State of importation.")] = None,
    value: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Customs value in units of --currency.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="ISO 4217 code.")] = None,
    quantity: Annotated[list[str] | None, typer.Option(metavar="AMOUNT", help="Quantity; may be repeated.")] = None,
    unit: Annotated[list[str] | None, typer.Option(metavar="UNIT", help="Unit of each quantity: kg, l, pair …")] = None,
    on: On = None,
    known_at: KnownAt = None,
    proof: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Document at hand: st-1, declaration, transport; or none. May be repeated."),
    ] = None,
    issued: Annotated[str | None, typer.Option(metavar="DAY", help="Day of issue of the proof of origin.")] = None,
    box9: Annotated[str | None, typer.Option(metavar="TEXT", help="Box 9 of the certificate ST-1.")] = None,
    sent_from: Annotated[str | None, typer.Option("--from", metavar="STATE", help="Country of dispatch.")] = None,
    via: Annotated[list[str] | None, typer.Option(metavar="STATE", help="Country on the way; may be repeated.")] = None,
    released_in: Annotated[
        str | None, typer.Option(metavar="STATE", help="State that released goods not of its origin before.")
    ] = None,
    balance: Annotated[
        list[str] | None, typer.Option(metavar="NAME=AMOUNT", help="What is left of a quota; may be repeated.")
    ] = None,
    rates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Exchange rates: columns base, quote, on, value, source.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Result of a manifest (default: MANIFEST.ruled.csv).")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Give the proof, step by step.")] = False,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say what a consignment owes on a day, under which regime, and what would change it."""
    from dostastyq.customs import decide  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.customs.entry import read_line  # noqa: PLC0415
    from dostastyq.customs.exchange import rates_into  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    tr = translator(lang.value)
    table, balances = _rates(rates), read_balances(balance or ())
    fields = {
        "hs": hs, "origin": origin, "to": to, "value": value, "currency": currency, "on": on,
        "quantity": " ".join(quantity or ()), "unit": " ".join(unit or ()), "proof": " ".join(proof or ()),
        "issued": issued, "box9": box9, "from": sent_from, "via": " ".join(via or ()), "released-in": released_in,
    }  # fmt: skip
    if manifest is not None:
        refuse_given(fields, manifest)
        terms = {"rates": table, "balances": balances, "known_at": known_at}
        _manifest(manifest, out, terms, tr, json)
        return
    fields |= {"on": day_of(on).isoformat()}
    goods, day = read_line({name.replace("-", "_"): text or "" for name, text in fields.items()})
    fixing = rates_into(table, goods.currency, day)
    found = decide(goods, day, known_at, book=_lawbook(), exchange=fixing, balances=balances)
    if json:
        _print_json(plain(found, tr))
    else:
        _show(found, tr, why)


def refuse_given(fields: dict[str, str | None], manifest: Path) -> None:
    """Refuse options that speak of one consignment beside a manifest, which has them line by line.

    Raises
    ------
    DostastyqError
        ``CU076`` when one was given.
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    given = [name for name, text in fields.items() if text]
    if given:
        raise DostastyqError(
            "CU076", f"--{given[0]} speaks of one consignment, {manifest} of many", f"make it a column of {manifest}"
        )


def read_balances(given: "Iterable[str]") -> "dict[str, Fraction]":
    """Read what is left of quotas from ``NAME=AMOUNT``.

    Raises
    ------
    DostastyqError
        ``CU076`` when it is not of that form.

    Examples
    --------
    >>> read_balances(["tomatoes=12.5"])
    {'tomatoes': Fraction(25, 2)}
    """
    from fractions import Fraction  # noqa: PLC0415

    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    found = {}
    for text in given:
        name, _, amount = text.partition("=")
        try:
            found[name] = Fraction(amount)
        except (ValueError, ZeroDivisionError):
            raise DostastyqError(
                "CU076", f"the balance is {text!r}; expected a quota's name and an amount", "write tomatoes=12.5"
            ) from None
    return found


def _lawbook() -> "Lawbook":
    from dostastyq.customs import lawbook  # noqa: PLC0415

    return lawbook("cis", register=open_register())


def _rates(file: Path | None) -> "list[Rate]":
    if file is None:
        return []
    from dostastyq.payments import read_rates  # noqa: PLC0415

    return read_rates(file)


def plain(found: "Ruling", tr: "Translator") -> dict[str, Any]:
    """Plain data: amounts as decimals of the currency, sentences in the language asked for."""
    from dostastyq import money  # noqa: PLC0415

    exponent = money.currency(found.currency).exponent

    def amount(minor: int | None) -> "Amount | None":
        return None if minor is None else Amount(minor, exponent)

    return {
        "outcome": found.outcome,
        "regime": found.regime,
        "origin": {"country": found.consignment.origin, "proved": found.origin},
        "rate": found.rate,
        "duty": amount(found.duty),
        "taxes": [
            {"kind": tax.kind, "rate": tax.rate, "amount": amount(tax.amount), "base": amount(tax.base),
             "citation": tax.citation}
            for tax in found.taxes
        ],
        "total": amount(found.total),
        "currency": found.currency,
        "missing": [{"what": one.what, "says": tr.text(one.says)} for one in found.missing],
        "proof": plain_step(found.proof, tr),
        "what_would_change_it": [
            {"says": tr.text(one.says), "regime": one.regime, "total": amount(one.total)}
            for one in found.what_would_change_it
        ],
        "drawn": {name: f"{float(drawn):.12g}" for name, drawn in found.drawn},
        "notes": [tr.text(note) for note in found.notes],
        "on": found.on.isoformat(),
        "known_at": None if found.known_at is None else found.known_at.isoformat(),
    }  # fmt: skip


class Amount:
    """Money on its way out: written as a decimal number of units, never a float."""

    def __init__(self, minor: int, exponent: int) -> None:
        whole, part = divmod(abs(minor), 10**exponent)
        sign = "-" if minor < 0 else ""
        self.text = f"{sign}{whole}.{part:0{exponent}d}" if exponent else f"{sign}{whole}"


def _print_json(value: dict[str, Any]) -> None:
    """Print JSON in which an `Amount` is a number as it is written."""
    import re  # noqa: PLC0415
    from json import dumps  # noqa: PLC0415

    text = dumps(value, ensure_ascii=False, indent=2, default=lambda amount: f"\0{amount.text}")
    typer.echo(re.sub(r'"\\u0000(-?[\d.]+)"', r"\1", text))


def plain_step(step: "Step", tr: "Translator") -> dict[str, Any]:
    """Plain data of a proof, sentences in the language asked for."""
    return {
        "says": tr.text(step.says),
        "holds": step.holds,
        "citation": step.citation,
        "sources": list(step.sources),
        "confidence": step.confidence,
        "because": [plain_step(one, tr) for one in step.because],
    }


def _show(found: "Ruling", tr: "Translator", why: bool) -> None:
    from dostastyq.money import shown  # noqa: PLC0415

    console = terminal()
    goods = found.consignment
    console.print(
        tr.gettext(
            message("{code} · {origin:territory} → {importer:territory} · {day:date}: {outcome}"),
            code=goods.hs,
            origin=goods.origin,
            importer=goods.importer,
            day=found.on.isoformat(),
            outcome=tr.gettext(OUTCOMES[found.outcome]),
        ),
        style="bold",
    )
    rows = [] if found.regime is None else [(tr.gettext(message("regime")), tr.gettext(REGIMES[found.regime]))]
    if found.rate:
        rows.append((tr.gettext(message("rate")), found.rate))
    if found.duty is not None:
        rows.append((tr.gettext(message("duty")), shown(found.duty, found.currency)))
    for tax in found.taxes:
        due = "?" if tax.amount is None else shown(tax.amount, found.currency)
        rows.append((f"{tr.gettext(CHARGES[tax.kind])} {tax.rate}".strip(), due))
    if found.total is not None:
        rows.append((tr.gettext(message("total")), shown(found.total, found.currency)))
    for name, drawn in found.drawn:
        rows.append((tr.gettext(message("from the quota {name}"), name=name), f"{float(drawn):.12g}"))
    _columns(console, rows)
    _list(console, tr.gettext(message("Missing")), [tr.text(one.says) for one in found.missing])
    _list(
        console,
        tr.gettext(message("What would change it")),
        [
            f"{tr.text(one.says)}: {tr.gettext(REGIMES[one.regime]) if one.regime else '?'}"
            + ("" if one.total is None else f", {shown(one.total, found.currency)}")
            for one in found.what_would_change_it
        ],
    )
    _list(console, tr.gettext(message("Notes")), [tr.text(note) for note in found.notes])
    if why:
        console.print()
        console.print(branch(found.proof, tr))


def _columns(console: "Console", rows: list[tuple[str, str]]) -> None:
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    if rows:
        console.print(Padding(table, (0, 0, 0, 2)))


def _list(console: "Console", title: str, lines: list[str]) -> None:
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if lines:
        console.print(title, style="bold")
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))


def branch(step: "Step", tr: "Translator") -> "Tree":
    """Draw a proof as a tree."""
    from rich.text import Text  # noqa: PLC0415
    from rich.tree import Tree  # noqa: PLC0415

    label = Text(f"{MARKS[step.holds]} {tr.text(step.says)}")
    if step.citation:
        label.append(f" [{step.citation}; {tr.gettext(step.confidence)}]", style="dim")
    tree = Tree(label)
    for one in step.because:
        tree.children.append(branch(one, tr))
    return tree


def _manifest(source: Path, out: Path | None, terms: dict[str, Any], tr: "Translator", json: bool) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn  # noqa: PLC0415

    from dostastyq.cli.questions import print_json  # noqa: PLC0415
    from dostastyq.customs.manifest import rule_file  # noqa: PLC0415

    target = out or source.with_name(source.name + ".ruled.csv")
    columns = (SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        counts = rule_file(
            source, target, book=_lawbook(), progress=lambda done: bar.update(task, completed=done), **terms
        )
    if json:
        print_json({"result": str(target), **counts})
        return
    console = terminal()
    console.print(
        tr.gettext(
            COUNTED,
            file=target.name,
            determined=counts["determined"],
            undetermined=counts["undetermined"],
            conflicting=counts["conflicting"],
            refused=counts["refused"],
        )
    )
