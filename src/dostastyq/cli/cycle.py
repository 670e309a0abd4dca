"""``dostastyq cycle``: a clearing cycle from its opening to finality."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import typer

from dostastyq.cli.clear import SHOWN, TieRule
from dostastyq.cli.options import Language, current_user
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.errors import DostastyqError
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.actor import Actor
    from dostastyq.i18n import Translator
    from dostastyq.payments import ClearingHouse, Cycle, Refusal
    from dostastyq.payments.cycle import CutOff
    from dostastyq.payments.cycle_model import Status

app = typer.Typer(
    help="A clearing cycle: limits, open, submit, freeze, propose, approve, settle, finish; recast; show.",
    no_args_is_help=True,
)

Name: TypeAlias = Annotated[str, typer.Argument(metavar="CYCLE", help="Name of the cycle.")]
Person: TypeAlias = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help="Who acts (the user of the system).")
]
Place: TypeAlias = Annotated[str, typer.Option("--of", metavar="STATE", help="State of the person, or secretariat.")]
Role: TypeAlias = Annotated[str, typer.Option("--role", metavar="TEXT", help="In what capacity.")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]

STATES = {
    "open": message("open for obligations"),
    "frozen": message("frozen"),
    "proposed": message("proposed"),
    "approved": message("approved"),
    "settled": message("settled"),
    "final": message("final"),
}


def person(name: str | None, place: str, role: str) -> "Actor":
    """Make the actor of a command."""
    from dostastyq.actor import Actor  # noqa: PLC0415 -- heavy imports wait for the command

    return Actor(name or current_user(), place if place == "secretariat" else place.upper(), role)


def with_house(call: Any) -> Any:  # noqa: ANN401 -- whatever the call gives
    """Call with the clearing house of the user, and close it."""
    from dostastyq import payments, store  # noqa: PLC0415

    with store.open_journal() as journal:
        return call(payments.ClearingHouse(journal))


@app.command("limits")
def limits(  # noqa: PLR0917 -- each parameter is an option of the command
    file: Annotated[Path, typer.Argument(help="Columns bank, cap and optionally quota.")],
    act: Annotated[str, typer.Option(metavar="TEXT", help="The act that sets them.")],
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency of the caps.")],
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day.")],
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="The day after the last.")] = None,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
) -> None:
    """Record the caps in FILE, set by an act from a day on; all of them or none."""
    from dostastyq import payments  # noqa: PLC0415
    from dostastyq.dates import calendar_day  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    caps, quotas, wrong = payments.read_caps(file)
    if wrong:
        first = wrong[0]
        found = f"{file}, row {first.row}: {first.field} is {first.found!r}, expected {first.expected}"
        raise DostastyqError(first.code, found, first.remedy)
    end = None if until is None else calendar_day(until)
    made = [
        payments.Limit(bank, currency, cap, act, calendar_day(since), end, quotas.get(bank))
        for bank, cap in caps.items()
    ]
    with_house(lambda house: house.set_limits(made, by=person(who, place, role)))
    tr = translator(lang.value)
    typer.echo(tr.ngettext("{n} limit recorded", "{n} limits recorded", len(made)))


@app.command("standing")
def standing(  # noqa: PLR0917 -- each parameter is an option of the command
    bank: Annotated[str, typer.Argument(help="Bank.")],
    status: Annotated[str, typer.Argument(help="active, blocked or held (a legal hold).")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The decision that says so.")],
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="First day.")],
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="The day after the last.")] = None,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
) -> None:
    """Block BANK, put a legal hold on it, or make it active again."""
    from dostastyq import payments  # noqa: PLC0415
    from dostastyq.dates import calendar_day  # noqa: PLC0415

    end = None if until is None else calendar_day(until)
    made = payments.Standing(bank, cast("Status", status), reason, calendar_day(since), end)
    with_house(lambda house: house.set_standings([made], by=person(who, place, role)))
    typer.echo(f"{bank}: {status}")


@app.command("open")
def open_(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency of the caps.")],
    value_date: Annotated[str, typer.Option(metavar="DAY", help="Day for which it settles.")],
    rule: Annotated[TieRule, typer.Option(help="Who is served among equals.")] = TieRule.pro_rata,
    cut_off: Annotated[
        str, typer.Option(metavar="MOMENT", help="Until when obligations are taken in: calendar, none, or a moment.")
    ] = "calendar",
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Open a cycle for obligations."""
    by, until = person(who, place, role), _moment(cut_off)
    cycle = with_house(lambda house: house.open(name, currency, value_date, by=by, rule=rule.value, cut_off=until))
    _say(cycle, lang, json)


@app.command("submit")
def submit(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    file: Annotated[Path, typer.Argument(help="Obligations, CSV or Parquet.")],
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where refused rows are reported (FILE.refused.csv).")
    ] = None,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Take the obligations of FILE into a cycle; what was taken in before gets its first answer."""
    from dostastyq import payments  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    found = with_house(lambda house: house.submit(name, file, by=person(who, place, role)))
    place_of_report = report or file.with_name(file.name + ".refused.csv")
    if found.refused or report is not None:
        payments.write_report(place_of_report, found.refused)
    if json:
        print_json(found.to_dict())
        return
    tr = translator(lang.value)
    said = message("{name}: {accepted:,} taken in, {repeated:,} taken in before, {refused:,} refused")
    counts = {"accepted": found.accepted, "repeated": found.repeated, "refused": len(found.refused)}
    typer.echo(tr.gettext(said, name=name, **counts))
    if found.refused:
        refused: tuple[Refusal, ...] = found.refused
        count = len(refused)
        path = str(place_of_report)
        typer.echo(tr.ngettext("{n} row refused: {path}", "{n} rows refused: {path}", count, path=path), err=True)


@app.command("freeze")
def freeze(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    reason: Reason = "",
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Close a cycle to new obligations; before its cut-off only with a reason."""
    by = person(who, place, role)
    _say(with_house(lambda house: house.freeze(name, by=by, reason=reason)), lang, json)


@app.command("propose")
def propose(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    rates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Rates: columns base, quote, on, value, source.")
    ] = None,
    carried: Annotated[int, typer.Option(metavar="DAYS", help="How old a rate may be.", min=0)] = 0,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="How long the optimiser may take.")] = 120.0,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Compute the largest settlement within the caps and record it with its certificate."""
    from dostastyq import payments  # noqa: PLC0415

    by = person(who, place, role)

    def call(house: "ClearingHouse") -> "Cycle":
        fixing = None
        if rates is not None:
            cycle = house.cycle(name)
            fixing = payments.fix(payments.read_rates(rates), cycle.currency, cycle.value_date, carried_days=carried)
        return house.propose(name, by=by, fixing=fixing, timeout=timeout)

    _say(with_house(call), lang, json)


@app.command("approve")
def approve(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Approve what another person proposed; the ledger reserves it."""
    by = person(who, place, role)
    _say(with_house(lambda house: house.approve(name, by=by)), lang, json)


@app.command("settle")
def settle(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Post what was approved: every net debtor has funded its position."""
    by = person(who, place, role)
    _say(with_house(lambda house: house.settle(name, by=by)), lang, json)


@app.command("finish")
def finish(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Make a settlement final."""
    by = person(who, place, role)
    _say(with_house(lambda house: house.finish(name, by=by)), lang, json)


@app.command("recast")
def recast(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    without: Annotated[
        list[str] | None, typer.Option(metavar="BANK", help="Leave its obligations out (repeatable).")
    ] = None,
    cap: Annotated[
        list[str] | None, typer.Option(metavar="BANK=AMOUNT", help="A lower cap, minor units (repeatable).")
    ] = None,
    who: Person = None,
    place: Place = "secretariat",
    role: Role = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Unwind what was proposed or approved, e.g. when a bank does not fund its position; back to frozen."""
    by, lower = person(who, place, role), dict(_cap(text) for text in cap or ())
    _say(with_house(lambda house: house.recast(name, reason, by=by, without=without or (), caps=lower)), lang, json)


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(metavar="CYCLE", help="Name of the cycle (all of them).")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what is left over, and why, as CSV.")] = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show a cycle: its steps, where every bank stands, what is left over and why."""
    from dostastyq.i18n import translator  # noqa: PLC0415

    tr = translator(lang.value)
    if name is None:
        _list(with_house(lambda house: house.cycles()), tr, json)
        return
    cycle, stands, left, proof = with_house(
        lambda house: (
            found := house.cycle(name),
            house.positions(name),
            house.left_over(name),
            house.certificate(name) if any(step.state == "proposed" for step in found.steps) else None,
        )
    )
    if out is not None:
        _write_left(out, left, tr)
    if json:
        told = [row | {"why": _why(row, tr)} for row in left]
        answer = cycle.to_dict() | {"positions": [one.to_dict() for one in stands], "left": told, "proposal": proof}
        print_json(answer)
        return
    _show(cycle, stands, left, tr)


def _moment(text: str) -> "CutOff":
    if text == "calendar":
        return "calendar"
    if text == "none":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = f"the cut-off is {text!r}"
        raise DostastyqError("PY083", found, "write 2026-11-24T16:00+05:00, calendar or none") from None


def _cap(text: str) -> tuple[str, int]:
    bank, _, amount = text.partition("=")
    if not bank or not amount.isascii() or not amount.isdigit():
        raise DostastyqError("PY086", f"the cap is {text!r}", "write BANK=AMOUNT in minor units, e.g. KGZ=0")
    return bank, int(amount)


def _say(cycle: "Cycle", lang: Language, json: bool) -> None:
    """Print where a cycle stands after a step."""
    from dostastyq.i18n import translator  # noqa: PLC0415

    if json:
        print_json(cycle.to_dict())
        return
    tr, last = translator(lang.value), cycle.steps[-1]
    said = message("{name}: {state}, {moment}, {person}")
    moment = last.at.isoformat(timespec="seconds")
    typer.echo(
        tr.gettext(said, name=cycle.name, state=tr.gettext(STATES[last.state]), moment=moment, person=last.by.name)
    )


def _list(cycles: "tuple[Cycle, ...]", tr: "Translator", json: bool) -> None:
    if json:
        print_json([cycle.to_dict() for cycle in cycles])
        return
    heads = [tr.gettext(message("cycle")), tr.gettext(message("value date")), tr.gettext(message("state"))]
    rows = [(one.name, one.value_date.isoformat(), tr.gettext(STATES[one.state])) for one in cycles]
    terminal().print(make_table(heads, rows))


def _show(cycle: "Cycle", stands: Any, left: list[dict[str, Any]], tr: "Translator") -> None:  # noqa: ANN401
    from dostastyq.money import shown  # noqa: PLC0415

    def money(amount: int | None) -> str:
        return "" if amount is None else shown(amount, cycle.currency)

    console = terminal()
    said = message("{name}: {state} · value date {day:date} · {currency}")
    state = tr.gettext(STATES[cycle.state])
    head = tr.gettext(said, name=cycle.name, state=state, day=cycle.value_date, currency=cycle.currency)
    console.print(head, style="bold")
    if cycle.cut_off is not None:
        console.print(tr.gettext(message("Cut-off: {moment}"), moment=cycle.cut_off.isoformat()))
    console.print()
    heads = [message("step"), message("state"), message("when"), message("who"), message("why")]
    rows = [
        (
            str(step.number),
            tr.gettext(STATES[step.state]),
            step.at.isoformat(timespec="seconds"),
            step.by.name,
            step.reason,
        )
        for step in cycle.steps
    ]
    console.print(make_table([tr.gettext(one) for one in heads], rows, keep=3))
    console.print()
    heads = [message("bank"), message("owes"), message("settled"), message("net position"), message("cap")]
    heads.append(message("cap used"))
    table = make_table([tr.gettext(one) for one in heads], (), keep=6)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in stands:
        table.add_row(one.bank, *map(money, (one.due, one.settled, one.net, one.cap, one.used)))
    console.print(table)
    if not left:
        return
    console.print()
    heads = [message("reference"), message("left over"), message("why")]
    some = [(row["reference"], shown(row["left"], row["currency"]), _why(row, tr)) for row in left[:SHOWN]]
    console.print(make_table([tr.gettext(one) for one in heads], some, keep=2))
    if len(left) > SHOWN:
        console.print(tr.gettext(message("… and {n:,} more: --json, --out FILE"), n=len(left) - SHOWN))


def _why(row: dict[str, Any], tr: "Translator") -> str:
    from dostastyq.payments.cycle_model import why  # noqa: PLC0415

    return tr.text(why(row["reason"], row["bank"]))


def _write_left(path: Path, left: list[dict[str, Any]], tr: "Translator") -> None:
    import csv  # noqa: PLC0415

    with path.open("w", encoding="utf-8", newline="") as file:
        names = ("reference", "amount", "left", "currency", "reason", "bank", "why")
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"why": _why(row, tr)} for row in left)
