"""``dostastyq duty``: what a consignment owes, or every line of a manifest, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, KnownAt, Lang, On, day_of, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
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
CHARGES = {"excise": message("excise duty"), "vat": message("value added tax")}
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
    table = _rates(rates)
    if manifest is not None:
        _manifest(manifest, out, table, tr, json)
        return
    fields = {
        "hs": hs, "origin": origin, "to": to, "value": value, "currency": currency, "on": day_of(on).isoformat(),
        "quantity": " ".join(quantity or ()), "unit": " ".join(unit or ()), "proof": " ".join(proof or ()),
        "issued": issued, "box9": box9, "from": sent_from, "via": " ".join(via or ()),
    }  # fmt: skip
    goods, day = read_line({name: text or "" for name, text in fields.items()})
    found = decide(goods, day, known_at, book=_lawbook(), exchange=rates_into(table, goods.currency, day))
    if json:
        _print_json(plain(found, tr))
    else:
        _show(found, tr, why)


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
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        console.print(f"  {name:<{width}}  {text}")
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


def _list(console: "Console", title: str, lines: list[str]) -> None:
    if lines:
        console.print(title, style="bold")
        for line in lines:
            console.print(f"  {line}", soft_wrap=True)


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


def _manifest(source: Path, out: Path | None, rates: "list[Rate]", tr: "Translator", json: bool) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn  # noqa: PLC0415

    from dostastyq.cli.questions import print_json  # noqa: PLC0415
    from dostastyq.customs.manifest import rule_file  # noqa: PLC0415

    target = out or source.with_name(source.name + ".ruled.csv")
    columns = (SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        counts = rule_file(
            source, target, book=_lawbook(), rates=rates, progress=lambda done: bar.update(task, completed=done)
        )
    if json:
        print_json({"result": str(target), **counts})
        return
    console = terminal()
    console.print(
        tr.gettext(
            message("{file}: {determined} determined, {undetermined} undetermined, {refused} refused"),
            file=target.name,
            determined=counts["determined"],
            undetermined=counts["undetermined"] + counts["conflicting"],
            refused=counts["refused"],
        )
    )
