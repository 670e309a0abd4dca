"""What the commands of the council have in common: who acts, on which day, and how an answer is told."""

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import typer

from dostastyq.cli.options import Language, current_user
from dostastyq.cli.questions import print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from dostastyq.council import Chamber, Council, Draft
    from dostastyq.i18n import Translator

T = TypeVar("T")

Who: TypeAlias = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help="Who acts or asks (default: the user of the system).")
]
When: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DAY", help="Day of the step (default: today; in a rehearsal, that of the last step)."
    ),
]
Since: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First day (default: that of the step).")
]
Until: TypeAlias = Annotated[str | None, typer.Option("--until", metavar="DAY", help="The day after the last.")]
Slug: TypeAlias = Annotated[str, typer.Argument(metavar="DRAFT", help="Slug of the draft.")]
SessionCode: TypeAlias = Annotated[str, typer.Argument(metavar="SESSION", help="Code, e.g. chs/1997-10-23.")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
StateCheck: TypeAlias = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="State for which it is done; must be the person's own.")
]

TOLD = message("{slug}: {stage} · {step}, {day:date}, {person}")
NOTHING = message("Nothing is recorded.")
HOW = {True: message("with discussion"), False: message("without discussion")}
"""How an item is dealt with, by whether it is discussed."""


def acting(name: str | None) -> str:
    """Name of who acts: the one given, or the user of the system."""
    return name or current_user()


def with_council(call: "Callable[[Council], T]") -> T:
    """Call with the council of the user's journal, and close the journal."""
    from dostastyq import council, store  # noqa: PLC0415 -- heavy imports wait for the command

    with store.open_journal() as journal:
        return call(council.Council(journal))


def ask(who: str | None, call: "Callable[[Council, Chamber], T]") -> T:
    """Call with what somebody may see of the council; who is not admitted is refused."""
    return with_council(lambda house: call(house, house.view(acting(who))))


def check_asker(who: str | None) -> None:
    """Refuse somebody who is named and not admitted: what everybody may read is refused to no one else."""
    if who is not None:
        ask(who, lambda _, chamber: chamber)


def tell(found: Any, line: "Callable[[Translator], str]", lang: Language, json: bool) -> None:  # noqa: ANN401 -- a noun
    """Print what changed: as JSON, or a line in the language asked for."""
    from dostastyq.council.plain import plain  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    if json:
        print_json(plain(found))
    else:
        typer.echo(line(translator(lang.value)))


def tell_draft(draft: "Draft", lang: Language, json: bool) -> None:
    """Print where a draft stands after a step."""
    tell(draft, lambda tr: draft_line(draft, tr), lang, json)


def draft_line(draft: "Draft", tr: "Translator") -> str:
    """Say where a draft stands and what was done last."""
    from dostastyq.council import procedure_named  # noqa: PLC0415

    last = draft.moves[-1]
    edition = procedure_named(draft.composition.commonwealth, last.edition)
    return tr.gettext(
        TOLD,
        slug=draft.slug,
        stage=edition.stages[draft.stage],
        step=edition.steps[last.step].title,
        day=last.day,
        person=last.person.name,
    )


def stage_name(draft: "Draft", tr: "Translator") -> str:
    """Name the stage of a draft as the edition of its last step does."""
    from dostastyq.council import procedure_named  # noqa: PLC0415

    edition = procedure_named(draft.composition.commonwealth, draft.moves[-1].edition)
    return tr.fill("{stage}", {"stage": edition.stages[draft.stage]})


def item_how(tr: "Translator", *, discussion: bool, narrow: bool) -> str:
    """Say how an item of an agenda is dealt with."""
    how = tr.gettext(HOW[discussion])
    return f"{how}, {tr.gettext(message('narrow format'))}" if narrow else how


def pairs(option: str, written: "Iterable[str] | None") -> dict[str, str]:
    """Read ``NAME=TEXT``, each name once.

    Raises
    ------
    DostastyqError
        ``CL003`` for a part that is not of this form or a name that stands twice.

    Examples
    --------
    >>> pairs("--text", ["kk=Тараптар", "en=The Parties = all"])
    {'kk': 'Тараптар', 'en': 'The Parties = all'}
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    found: dict[str, str] = {}
    for part in written or ():
        name, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals or not name or name in found:
            wrong = f"{name!r} stands twice" if equals and name else f"{part!r} is not NAME=TEXT"
            raise DostastyqError("CL003", f"{option}: {wrong}", f"write {option} 'NAME=TEXT', each name once")
        found[name] = text
    return found


_REMARK = re.compile(r"\s*(\d+(?:\.\d+)*)\s*=(.*)", re.DOTALL)


def remarks(written: "Iterable[str] | None") -> dict[str, str]:
    """Read remarks: ``3.1=TEXT`` on a paragraph, other text on the whole; several on one paragraph are joined.

    Examples
    --------
    >>> remarks(["3.1= too long", "we agree in principle", "3.1=and unclear"])
    {'3.1': 'too long; and unclear', '': 'we agree in principle'}
    """
    found: dict[str, list[str]] = {}
    for text in written or ():
        on_paragraph = _REMARK.fullmatch(text)
        number, said = on_paragraph.groups() if on_paragraph else ("", text)
        found.setdefault(number, []).append(said.strip())
    return {number: "; ".join(said) for number, said in found.items()}


def print_facts(facts: "Mapping[str, str]") -> None:
    """Print named facts below each other; those without text are left out."""
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in facts.items():
        if text:
            table.add_row(name, text)
    if table.row_count:
        terminal().print(Padding(table, (0, 0, 0, 2)))


def write_file(path: "Path", content: bytes) -> None:
    """Write a file, whole or not at all (``CL005``), and say which."""
    from dostastyq.files import write_whole  # noqa: PLC0415

    typer.echo(str(write_whole(path, content, code="CL005")), err=True)
