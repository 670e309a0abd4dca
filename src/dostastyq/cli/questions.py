"""What questions to the register have in common: their options, and how answers look on a terminal."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from dostastyq.cli.options import Language, complete_instrument, complete_state, open_register

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType
    from rich.table import Table

    from dostastyq.dates import Day, Truth
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

Slug: TypeAlias = Annotated[
    str, typer.Argument(metavar="INSTRUMENT", help="Slug, e.g. fta-2011.", autocompletion=complete_instrument)
]
SlugOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--instrument", metavar="SLUG", help="Only this instrument.", autocompletion=complete_instrument),
]
StateOption: TypeAlias = Annotated[
    str, typer.Option("--state", metavar="STATE", help="State, ISO 3166 alpha-3.", autocompletion=complete_state)
]
AnyState: TypeAlias = Annotated[
    str | None,
    typer.Option("--state", metavar="STATE", help="Only this state, ISO 3166 alpha-3.", autocompletion=complete_state),
]
On: TypeAlias = Annotated[str | None, typer.Option("--on", metavar="DAY", help="Day, YYYY-MM-DD (default: today).")]
KnownAt: TypeAlias = Annotated[
    str | None,
    typer.Option("--known-at", metavar="WHEN", help="As known at the end of a day or at a moment (default: now)."),
]
Lang: TypeAlias = Annotated[Language, typer.Option("--lang", help="Language of the answer.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]

SAID = {True: "yes", False: "no", None: "unknown"}
"""Truth as messages of the register."""


def open_known(known_at: str | None, instrument: str | None = None) -> "Register":
    """Open the register as it was known, and see to it that it held an instrument then.

    Raises
    ------
    DostastyqError
        ``RG001`` for an unknown instrument, ``RG054`` for one of which nothing was recorded yet.
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415 -- only when a command runs

    register = open_register()
    law = register.known(known_at)
    if instrument is not None and register.instrument(instrument).slug not in law.instruments:
        raise DostastyqError(
            "RG054", f"nothing about {instrument!r} was recorded by {known_at}", "ask with a later day"
        )
    return law


def day_of(on: str | None) -> date:
    """Read the day asked about; today in the user's own calendar where none is given.

    Examples
    --------
    >>> day_of("2013-01-01")
    datetime.date(2013, 1, 1)
    """
    from dostastyq.dates import calendar_day  # noqa: PLC0415 -- only when a command runs

    return date.today() if on is None else calendar_day(on)  # noqa: DTZ011 -- the user's own calendar day


def print_json(value: Any) -> None:  # noqa: ANN401 -- anything plain
    """Print plain data as JSON; days as ISO text."""
    from json import dumps  # noqa: PLC0415

    typer.echo(dumps(value, ensure_ascii=False, indent=2, default=str))


def terminal() -> "Console":
    """Make the console on which answers are printed."""
    from rich.console import Console  # noqa: PLC0415

    return Console(highlight=False, markup=False, emoji=False)


def make_table(
    headers: "Iterable[str]", rows: "Iterable[Iterable[RenderableType]]", keep: int = 1, gap: int = 2
) -> "Table":
    """Make a plain table whose first columns keep their words whole and whose others wrap.

    Parameters
    ----------
    headers, rows
        Its text.
    keep
        How many columns from the left never wrap.
    gap
        Spaces between columns.
    """
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, gap, 0, 0))
    for position, header in enumerate(headers):
        table.add_column(header, no_wrap=position < keep, overflow="fold", vertical="top")
    for row in rows:
        table.add_row(*row)
    return table


def short_day(day: "Day | None") -> str:
    """Write a day in the width of a column, alike in every language.

    Examples
    --------
    >>> from dostastyq.dates import Day
    >>> [short_day(Day.parse(text)) for text in ("2012-12-08", "..2012-08-21", "2011..", "1997")]
    ['2012-12-08', '≤ 2012-08-21', '≥ 2011-01-01', '1997']
    >>> short_day(Day.parse("[1997-01-06,1997-10-08]")), short_day(Day.parse("1994-12-30/2022-12-31")), short_day(None)
    ('1997-01-06 | 1997-10-08', '1994-12-30 – 2022-12-31', '')
    """
    if day is None or (day.earliest is None and day.latest is None):
        return "" if day is None else "?"
    if day.exact:
        return f"{day.earliest}{'?' if day.uncertain else ''}"
    if day.earliest is None:
        return f"≤ {day.latest}"
    if day.latest is None:
        return f"≥ {day.earliest}"
    if day.text.startswith("["):
        return f"{day.earliest} | {day.latest}"
    return day.text if "/" not in day.text else f"{day.earliest} – {day.latest}"


def say_truth(tr: "Translator", value: "Truth") -> str:
    """Say yes, no or unknown."""
    return tr.gettext(SAID[value])
