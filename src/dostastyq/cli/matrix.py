"""``dostastyq matrix``: every state in every instrument on a day, in codes."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, KnownAt, Lang, On, day_of, make_table, print_json, terminal

if TYPE_CHECKING:
    import polars as pl

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
    from dostastyq.i18n import message, translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_register().known(known_at)
    day, tr = day_of(on), translator(lang.value)
    slugs = _slugs(register, domain)
    table = _table(register, day, depositary=depositary)
    states = table["state"].to_list()
    codes = {slug: dict(zip(states, table[slug].to_list(), strict=True)) for slug in slugs}
    if json:
        print_json({"on": day.isoformat(), "known_at": known_at, "states": states, "instruments": codes})
        return
    console = terminal()
    console.print(tr.gettext(message("Who is bound by what on {day:date}"), day=day), style="bold")
    marks = (lambda code: code) if depositary else MARKS.__getitem__
    rows = [[slug, *(marks(codes[slug][state]) for state in states)] for slug in slugs]
    console.print(make_table(["", *states], rows, keep=len(states) + 1, gap=1))
    if not depositary:
        console.print()
        console.print(_legend(tr, {code for row in codes.values() for code in row.values()}))


def domains(register: "Register") -> list[str]:
    """Fields of the instruments, by name."""
    return sorted({name for item in register.instruments.values() for name in item.domain})


def _slugs(register: "Register", domain: str | None) -> list[str]:
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415

    known = domains(register)
    if domain is not None and domain not in known:
        raise DostastyqError("RG055", f"there is no field {domain!r} in the register", nearest(domain, known))
    return [slug for slug, item in register.instruments.items() if domain is None or domain in item.domain]


def _table(register: "Register", day: Any, *, depositary: bool) -> "pl.DataFrame":  # noqa: ANN401 -- a date
    return register.matrix(day)


def _legend(tr: "Translator", used: set[str]) -> str:
    from dostastyq.register.status import CODES  # noqa: PLC0415

    return "\n".join(f"{MARKS[code]:<2} {tr.gettext(said)}" for code, said in CODES.items() if code in used)
