"""``dostastyq pairs``: what applies between two states on a day, and what does not any more."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language, complete_state
from dostastyq.cli.questions import (
    Json,
    KnownAt,
    Lang,
    On,
    day_of,
    make_table,
    open_known,
    print_json,
    say_truth,
    terminal,
)
from dostastyq.i18n import Text, message

if TYPE_CHECKING:
    from dostastyq.dates import Truth
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

KINDS = {
    "free_trade_area": message("free trade area"),
    "customs_union": message("customs union"),
    "economic_union": message("economic union"),
    "payments_union": message("payments union"),
    "services": message("services agreement"),
}
"""Kinds of agreement."""

StateArgument = typer.Argument(metavar="STATE", help="State, ISO 3166 alpha-3.", autocompletion=complete_state)


def pairs(  # noqa: PLR0917 -- each parameter is an option of the command
    a: Annotated[str, StateArgument],
    b: Annotated[str, StateArgument],
    on: On = None,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show every instrument that applies between two states on a day, or may, or was suspended or replaced."""
    from dostastyq.i18n import translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_known(known_at)
    day, tr = day_of(on), translator(lang.value)
    first, second = a.upper(), b.upper()
    kinds = _kinds(register, first, second, day)
    found = [row for slug in register.instruments if (row := _row(register, slug, (first, second), day)) is not None]
    if json:
        rows = [{**row, "reason": row["reason"] and tr.text(row["reason"])} for row in found]
        print_json({"a": first, "b": second, "on": day, "known_at": known_at, "kinds": kinds, "instruments": rows})
        return
    said = message("Between {states:territories} on {day:date}")
    terminal().print(tr.gettext(said, states=(first, second), day=day), style="bold")
    _show(register, found, kinds, tr)


def _show(register: "Register", found: list[dict[str, Any]], kinds: dict[str, "Truth"], tr: "Translator") -> None:
    console = terminal()
    console.print(
        make_table(("", ""), [[tr.gettext(KINDS[kind]), say_truth(tr, held)] for kind, held in kinds.items()])
    )
    console.print()
    known = [row for row in found if row["applies"] is not None]
    known.sort(key=lambda row: not row["applies"])
    if known:
        headers = [tr.gettext(name) for name in (message("instrument"), message("applies"), message("since"))]
        console.print(make_table([*headers, ""], [_cells(register, row, tr) for row in known], keep=3))
    if not found:
        console.print(tr.gettext(message("Nothing is recorded.")))
    unknown = [row["instrument"] for row in found if row["applies"] is None]
    if unknown:
        console.print()
        console.print(tr.gettext(message("Not known from what is recorded:")), style="bold")
        console.print(", ".join(unknown))


def _kinds(register: "Register", first: str, second: str, day: date) -> dict[str, "Truth"]:
    from dostastyq.errors import DostastyqError  # noqa: PLC0415
    from dostastyq.register.pairwise import kind_line  # noqa: PLC0415
    from dostastyq.register.timeline import at  # noqa: PLC0415

    for code in (first, second):
        register.independent_on(code, day)
    if first == second:
        raise DostastyqError("RG006", f"{first} was paired with itself", "name two states")
    return {kind: at(kind_line(register, kind, first, second), day) for kind in KINDS}


def _row(register: "Register", slug: str, pair: tuple[str, str], day: date) -> dict[str, Any] | None:
    """One instrument between the two; None where at least one of them stands outside."""
    from dostastyq.register.timeline import at  # noqa: PLC0415

    line = register.line(slug, *pair)
    applies = at(line, day)
    reason = None
    if applies is False:
        reason = _obstacle(register, slug, pair, day)
        if reason is None:
            return None
    begun = [first for first, truth in line if first <= day.toordinal() and truth is applies]
    since = date.fromordinal(begun[-1]) if begun and begun[-1] > 1 else None
    return {"instrument": slug, "applies": applies, "since": since if applies else None, "reason": reason}


def _obstacle(register: "Register", slug: str, pair: tuple[str, str], day: date) -> Text | None:
    """Why an instrument that both apply does not apply between them; None where that is not so."""
    from dostastyq.register.timeline import at  # noqa: PLC0415
    from dostastyq.register.wording import say_day  # noqa: PLC0415

    item = register.instruments[slug]
    if any(at(register.standing(slug, code).bound, day) is not True for code in pair):
        return None
    for act in item.acts:
        if act.kind != "suspension" or act.state not in pair or act.effect is None:
            continue
        other = pair[pair.index(act.state) - 1]
        if other in act.towards and act.effect.at_or_before(day) is not False:
            said = Text("suspended by {state:territory} towards {other:territory}", state=act.state, other=other)
            return Text("{said}, {when}", said=said, when=say_day(act.effect))
    if item.replaced is not None and item.replaced.by:
        return Text("replaced between them by {slug}", slug=item.replaced.by)
    if item.extends_to or item.kind == "bilateral":
        return None
    return Text("both are bound, and it does not apply between them")


def _cells(register: "Register", row: dict[str, Any], tr: "Translator") -> list[str]:
    title = tr.fill("{title}", {"title": register.instruments[row["instrument"]].title})
    told = title if row["reason"] is None else f"{title} — {tr.text(row['reason'])}"
    return [row["instrument"], say_truth(tr, row["applies"]), str(row["since"] or ""), told]
