"""``dostastyq clear``: obligations cleared multilaterally within caps, without a server."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.errors import DostastyqError
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.i18n import Translator
    from dostastyq.payments import Fixing, Refusal, Settlement


class TieRule(StrEnum):
    """Rules that break ties of equal priority."""

    pro_rata = "pro_rata"
    first_come = "first_come"


SHOWN = 20
"""Obligations left over that a terminal shows; all are in the JSON and in --out."""


def clear(  # noqa: PLR0917 -- each parameter is an option of the command
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Obligations, CSV or Parquet.")],
    caps: Annotated[Path, typer.Option(metavar="FILE", help="Caps: columns bank, cap and optionally quota.")],
    rule: Annotated[TieRule, typer.Option(help="Who is served among equals.")] = TieRule.pro_rata,
    rates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Rates: columns base, quote, on, value, source.")
    ] = None,
    unit: Annotated[str | None, typer.Option(metavar="CODE", help="Unit of account, with --rates.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Day of the fixing, with --rates.")] = None,
    carried: Annotated[int, typer.Option(metavar="DAYS", help="How old a rate may be.", min=0)] = 0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where refused rows are reported (default: FILE.refused.csv).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every obligation with what it gets, CSV or Parquet.")
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="How long the optimiser may take.")] = 120.0,
    lang: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.en,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Settle as much of FILE as the caps allow, and prove that no more is possible.

    Rows that cannot be taken in are left out and reported; the others are cleared.
    """
    from dostastyq import payments  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415
    from dostastyq.payments.intake import replaced  # noqa: PLC0415

    limits, quotas, wrong = payments.read_caps(caps)
    place = report or file.with_name(file.name + ".refused.csv")
    try:
        taken = payments.read(file, limits)
    except DostastyqError as error:
        whole = payments.Refusal(0, "", "file", file.name, error.message, error.hint, error.code)
        if file.exists():
            payments.write_report(place, [whole])
        raise
    fixing = _fixing(rates, unit, on, carried)
    found = payments.settle(taken, limits, rule=rule.value, quotas=quotas, fixing=fixing, timeout=timeout)
    tr = translator(lang.value)
    if out is not None:
        frame, parquet = found.to_frame(), out.suffix.casefold() == ".parquet"
        replaced(out, frame.write_parquet if parquet else frame.write_csv)
    _report(place, taken.refused, report is not None, tr)
    _report(caps.with_name(caps.name + ".refused.csv"), wrong, False, tr)
    for note in taken.notes:
        typer.echo(tr.text(note), err=True)
    if json:
        from json import dumps  # noqa: PLC0415

        answer = found.to_dict()
        answer["refused_caps"] = [refusal.to_dict() for refusal in wrong]
        answer["repeated"], answer["notes"] = taken.repeated, list(taken.notes)
        typer.echo(dumps(answer, ensure_ascii=False, indent=2))
        return
    _show(found, taken.repeated, tr)


def _fixing(rates: Path | None, unit: str | None, on: str | None, carried: int) -> "Fixing | None":
    if rates is None:
        return None
    if unit is None or on is None:
        raise typer.BadParameter("name the unit of account and the day: --unit RUB --on 2026-11-23")
    from dostastyq import payments  # noqa: PLC0415

    return payments.fix(payments.read_rates(rates), unit, on, carried_days=carried)


def _report(path: Path, refused: "tuple[Refusal, ...] | list[Refusal]", asked: bool, tr: "Translator") -> None:
    """Write refused rows where there are any, where a report was asked for, or over one of an earlier run."""
    if not refused and not asked and not path.exists():
        return
    from dostastyq import payments  # noqa: PLC0415

    payments.write_report(path, tuple(refused))
    said = tr.ngettext("{n} row refused: {path}", "{n} rows refused: {path}", len(refused), path=str(path))
    typer.echo(said, err=True)


def _show(found: "Settlement", repeated: int, tr: "Translator") -> None:
    """Print what is settled, every bank, what is left over and why."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from dostastyq.money import shown  # noqa: PLC0415

    def money(amount: int) -> str:
        return shown(amount, found.currency) if found.currency else str(amount)

    console, proof = Console(highlight=False), found.certificate
    said = message("{settled} of {due} settled, {left:,} obligations left over")
    head = tr.gettext(said, settled=money(proof.settled), due=money(proof.due), left=len(found.left))
    console.print(head, style="bold", markup=False)
    if repeated:
        again = tr.ngettext("{n} row repeats another", "{n} rows repeat others", repeated)
        console.print(again, markup=False)
    best = message("No settlement within the caps is larger; checked in whole numbers.")
    most = message("At most {gap} more could be settled; the caps hold, checked in whole numbers.")
    console.print(tr.gettext(best) if proof.optimal else tr.gettext(most, gap=money(max(sum(proof.gap), 0))))
    if proof.search == "complete" and not proof.optimal:
        console.print(tr.gettext(message("Branch and bound found no better choice of indivisible obligations.")))
    if found.residue is not None:
        said = message("Residue of rounding: {amount}, booked to {account}")
        console.print(tr.gettext(said, amount=money(found.residue.amount), account=found.residue.account))
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(tr.gettext(message("bank")))
    table.add_column(tr.gettext(message("net position")), justify="right")
    table.add_column(tr.gettext(message("price of liquidity")), justify="right")
    for bank, net in found.net.items():
        table.add_row(bank, money(net), " ".join(map(str, proof.prices[bank])))
    console.print(table)
    if not found.left:
        return
    console.print()
    rest = Table(box=None, pad_edge=False, header_style="bold")
    rest.add_column(tr.gettext(message("reference")))
    rest.add_column(tr.gettext(message("left over")), justify="right")
    rest.add_column(tr.gettext(message("why")))
    for reference in list(found.left)[:SHOWN]:
        item = found.left[reference]
        rest.add_row(reference, shown(item.amount, item.currency), tr.text(item.sentence))
    console.print(rest)
    if len(found.left) > SHOWN:
        console.print(tr.gettext(message("… and {n:,} more: --json, --out FILE"), n=len(found.left) - SHOWN))
