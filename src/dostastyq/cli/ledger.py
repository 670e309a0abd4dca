"""``dostastyq ledger``: the books of the clearing house."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, KnownAt, Lang, day_of, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.i18n import Translator
    from dostastyq.payments import Statement

app = typer.Typer(help="The books: verify, balance, statement.", no_args_is_help=True)


@app.command("verify")
def verify(
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="BACKUP", help="The entries of this backup must still be there (repeatable)."),
    ] = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Check the whole books: every hash and row, every sum, every settlement against its obligations."""
    from dostastyq import payments, store  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    known = [head for path in against or () for head in store.open_backup(path).heads.values()]
    with store.open_journal(create=False) as journal:
        found = payments.verify_books(journal, known).require()
        books = payments.Ledger(journal)
        sums: dict[str, int] = {}
        for one in books.balances():
            sums[one.currency] = sums.get(one.currency, 0) + one.posted
    head = next(one for one in found.heads if one.stream == "ledger")
    if json:
        print_json({"ok": True, "entries": head.sequence, "hash": head.hash, "sums": sums})
        return
    tr = translator(lang.value)
    said = message("The books hold: {n:,} entries, every hash and row is right, every currency sums to zero.")
    typer.echo(tr.gettext(said, n=head.sequence))
    typer.echo(f"  {head.hash}")


@app.command("balance")
def balance(
    account: Annotated[str | None, typer.Argument(help="Account (all of them).")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Value dates up to this day (all).")] = None,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show balances, computed from the legs."""
    from dostastyq import payments, store  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415
    from dostastyq.money import shown  # noqa: PLC0415
    from dostastyq.register.views import moment_of  # noqa: PLC0415

    with store.open_journal(create=False) as journal:
        books = payments.Ledger(journal)
        if account is not None:
            books.require(account)
        found = books.balances(on=on, known_at=None if known_at is None else moment_of(known_at))
    found = tuple(one for one in found if account in (None, one.account))
    if json:
        print_json([one.to_dict() for one in found])
        return
    tr = translator(lang.value)
    heads = [message("account"), message("balance"), message("reserved in"), message("reserved out")]
    heads.append(message("available"))
    table = make_table([tr.gettext(one) for one in heads], (), keep=5)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in found:
        amounts = (one.posted, one.incoming, one.outgoing, one.available)
        table.add_row(one.account, *(shown(amount, one.currency) for amount in amounts))
    terminal().print(table)


@app.command("statement")
def statement(  # noqa: PLR0917 -- each parameter is an option of the command
    account: Annotated[str, typer.Argument(help="Account: a bank, or one of the house.")],
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency.")],
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First value date (a month ago).")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last value date (today).")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as CSV.")] = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show opening, entries, closing and the use of the cap."""
    from dostastyq import payments, store  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    end = day_of(last)
    begin: date = end - timedelta(days=30) if first is None else day_of(first)
    with store.open_journal(create=False) as journal:
        found = payments.statement(journal, account, currency, begin, end)
    if out is not None:
        found.write_csv(out)
    if json:
        print_json(found.to_dict())
    elif out is None:
        _show(found, translator(lang.value))


KINDS = {"post": message("posted"), "commit": message("settled"), "reverse": message("reversed")}


def _show(found: "Statement", tr: "Translator") -> None:
    from dostastyq.money import shown  # noqa: PLC0415

    console, code = terminal(), found.currency
    said = message("{account} · {currency} · {first:date} to {last:date}")
    console.print(
        tr.gettext(said, account=found.account, currency=code, first=found.first, last=found.last), style="bold"
    )
    console.print()
    heads = [message("value date"), message("booked"), message("what"), message("reference"), message("amount")]
    heads.append(message("balance"))
    table = make_table([tr.gettext(one) for one in heads], (), keep=3)
    for column in table.columns[4:]:
        column.justify, column.no_wrap = "right", True
    table.add_row(found.first.isoformat(), "", tr.gettext(message("opening")), "", "", shown(found.opening, code))
    for line in found.lines:
        table.add_row(
            line.value_date.isoformat(),
            line.booked_at.date().isoformat(),
            tr.gettext(KINDS[line.kind]),
            line.reference,
            shown(line.amount, code),
            shown(line.balance, code),
        )
    table.add_row(found.last.isoformat(), "", tr.gettext(message("closing")), "", "", shown(found.closing, code))
    console.print(table)
    if found.cap is not None:
        console.print()
        used = message("Cap {cap}, used {used}")
        console.print(tr.gettext(used, cap=shown(found.cap, code), used=shown(found.used, code)))
