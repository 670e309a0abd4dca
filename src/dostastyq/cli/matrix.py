"""``dostastyq matrix``: every state in every instrument on a day, in codes."""

from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import (
    Json,
    KnownAt,
    Lang,
    On,
    day_of,
    make_table,
    open_known,
    print_json,
    terminal,
)
from dostastyq.i18n import message

if TYPE_CHECKING:
    from datetime import date

    from dostastyq.i18n import Translator
    from dostastyq.register import Register

MARKS = {
    "NONE": "·",
    "NEGOTIATING": "n",
    "ADOPTED": "a",
    "SIGNED": "s",
    "DECLINED": "d",
    "CONSENTED": "c",
    "PROVISIONAL": "P",
    "IN_FORCE": "F",
    "IN_FORCE_RESERVED": "Fr",
    "IN_FORCE_PARTIAL": "Fp",
    "SUCCEEDED": "Fs",
    "LEAVING": "L",
    "SUSPENDED": "X",
    "REPLACED": "R",
    "WITHDRAWN": "W",
    "TERMINATED": "T",
    "CONFLICT": "!",
    "UNKNOWN": "?",
}
"""One mark a status code: capital letters for what is or was in force."""

MEANINGS = {
    "CONSENT": message("day on which domestic procedures were completed"),
    "SIGNED": message("signed, domestic procedures not completed"),
    "NONE": message("not signed"),
    "PROVISIONAL": message("applied provisionally from the day of signature"),
    "WITHDRAWN": message("the state left the circle of participants"),
    "DECLINED": message("the state declared its intention not to become a party"),
    "NOT_IN_FORCE": message("document not yet in force"),
}
"""What the depositary's codes mean, by the code of the register that each stands for."""

OWN = {
    "?": message("not known from what is recorded"),
    "+?": message("signed; whether domestic procedures were completed is not known"),
}
"""Codes that the register adds, because the depositary never doubts."""


def complete_domain(incomplete: str) -> list[str]:
    """Domains of the register that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [name for name in domains(register.load("cis")) if name.startswith(incomplete)]


def matrix(  # noqa: PLR0917 -- each parameter is an option of the command
    on: On = None,
    domain: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this field, e.g. trade.", autocompletion=complete_domain)
    ] = None,
    depositary: Annotated[
        bool, typer.Option("--depositary", help="In the depositary's own codes: dates, +, -, ВП, ¹, ², *.")
    ] = False,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show the status of every state in every instrument on a day."""
    from dostastyq.i18n import translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_known(known_at)
    day, tr = day_of(on), translator(lang.value)
    slugs = _slugs(register, domain)
    if depositary:
        _depositary(register, day, slugs if domain else None, tr, as_json=json)
        return
    table = register.matrix(day)
    states = table["state"].to_list()
    codes = {slug: dict(zip(states, table[slug].to_list(), strict=True)) for slug in slugs}
    if json:
        print_json({"on": day.isoformat(), "known_at": known_at, "states": states, "instruments": codes})
        return
    console = terminal()
    console.print(tr.gettext(message("Who is bound by what on {day:date}"), day=day), style="bold")
    rows = [[slug, *(MARKS[codes[slug][state]] for state in states)] for slug in slugs]
    if not rows:
        console.print(tr.gettext(message("Nothing is recorded.")))
        return
    console.print(make_table(["", *states], rows, keep=len(states) + 1, gap=1))
    console.print()
    console.print(_legend(tr, {code for row in codes.values() for code in row.values()}))


def _depositary(register: "Register", day: "date", slugs: list[str] | None, tr: "Translator", *, as_json: bool) -> None:
    """Print the depositary's table: a block a document, because twelve columns of dates fit no terminal."""
    from dostastyq.register.depositary import depositary_table  # noqa: PLC0415

    rows = depositary_table(register, day, slugs, tr.language).to_dicts()
    if as_json:
        print_json(rows)
        return
    console = terminal()
    said = message("Domestic procedures on {day:date}, in the codes of the depositary")
    console.print(tr.gettext(said, day=day), style="bold")
    for row in rows:
        mark = f"{row['force']} " if row["force"] else ""
        console.print(f"\n{mark}{row['title']} ({row['instrument']}), {row['signed']}")
        cells = [f"{code} {row[code]}" for code in register.states]
        width = max(map(len, cells)) + 2
        across = max(console.width // width, 1)
        for start in range(0, len(cells), across):
            console.print("".join(f"{cell:<{width}}" for cell in cells[start : start + across]).rstrip())
    console.print()
    for item in register.institutions.vocabulary:
        console.print(f"{item.mark or '1994-12-22':<10} {tr.gettext(MEANINGS.get(item.code, item.meaning))}")
    for own, meaning in OWN.items():
        console.print(f"{own:<10} {tr.gettext(meaning)}")


def domains(register: "Register") -> list[str]:
    """Fields of the instruments, by name."""
    return sorted({name for item in register.instruments.values() for name in item.domain})


def _slugs(register: "Register", domain: str | None) -> list[str]:
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415

    known = domains(register)
    if domain is not None and domain not in known:
        raise DostastyqError("RG055", f"there is no field {domain!r} in the register", nearest(domain, known))
    return [slug for slug, item in register.instruments.items() if domain is None or domain in item.domain]


def _legend(tr: "Translator", used: set[str]) -> str:
    from dostastyq.register.status import CODES  # noqa: PLC0415

    return "\n".join(f"{MARKS[code]:<2} {tr.gettext(said)}" for code, said in CODES.items() if code in used)
