"""``dostastyq status``: who is bound by what on a day, and the recorded facts it rests on."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, KnownAt, Lang, On, Slug, StateOption, day_of, print_json, terminal

if TYPE_CHECKING:
    from rich.console import Console

    from dostastyq.i18n import Text, Translator
    from dostastyq.register import Register, Status


def status(  # noqa: PLR0917 -- each parameter is an option of the command
    instrument: Slug,
    state: StateOption,
    on: On = None,
    known_at: KnownAt = None,
    rules_on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Day whose edition of the final clauses applies (default: --on).")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Give the chain of reasons, with sources.")] = False,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say what INSTRUMENT is to STATE on a day: in force, applied, signed, left, or not known."""
    from dostastyq.i18n import translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_register()
    found = register.status(instrument, state.upper(), day_of(on), known_at, rules_on)
    tr = translator(lang.value)
    if json:
        print_json(_plain(found, tr))
        return
    console = terminal()
    headline = tr.text(_headline(register, found))
    if not why:
        console.print(headline, soft_wrap=True)
    else:
        console.print(headline, style="bold")
        _explain(console, register, found, tr)


def _plain(found: "Status", tr: "Translator") -> dict[str, Any]:
    """Plain data, its sentences in the language asked for."""
    data = found.to_dict()
    for line, step in zip(data["proof"], found.proof, strict=True):
        line["reason"] = tr.text(step.reason)
    return data


def _headline(register: "Register", found: "Status") -> "Text":
    from dostastyq.i18n import Text  # noqa: PLC0415
    from dostastyq.register.status import CODES  # noqa: PLC0415

    return Text(
        "{title} ({instrument}) · {state:territory} · {day:date}: {meaning} [{code}]",
        title=register.instruments[found.instrument].title,
        instrument=found.instrument,
        state=found.state,
        day=found.on.isoformat(),
        meaning=Text(CODES[found.code]),
        code=found.code,
    )


def _explain(console: "Console", register: "Register", found: "Status", tr: "Translator") -> None:
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text as Styled  # noqa: PLC0415

    from dostastyq.i18n import message  # noqa: PLC0415
    from dostastyq.register.status import GRADES, SAID  # noqa: PLC0415

    console.print(
        tr.gettext(
            message("Bound: {bound} · applied: {applied} · confidence: {confidence}"),
            bound=tr.gettext(SAID[found.bound]),
            applied=tr.gettext(SAID[found.applied]),
            confidence=tr.gettext(GRADES[found.confidence]),
        )
    )
    if found.known_at is not None:
        console.print(tr.gettext(message("As known on {day:date}"), day=found.known_at))
    console.print()
    for number, step in enumerate(found.proof, 1):
        line = Styled(tr.text(step.reason))
        if step.sources or step.confidence != "high":
            cited = [", ".join(step.sources)] if step.sources else []
            line.append(f" [{'; '.join((*cited, tr.gettext(GRADES[step.confidence])))}]", style="dim")
        console.print(_item(f"{number:>2}.", line))
        if step.remark:
            said = tr.gettext(message("as recorded: {remark}"), remark=step.remark)
            console.print(Padding(Styled(said, style="italic dim"), (0, 0, 0, 4)))
    sources = dict.fromkeys(key for step in found.proof for key in step.sources)
    if sources:
        console.print()
        console.print(tr.gettext(message("Sources")), style="bold")
        for key in sources:
            source = register.sources[key]
            console.print(_item(f"{key}:", Styled(f"{source.title}{f', {source.as_of}' if source.as_of else ''}")))


def _item(mark: str, line: Any) -> Any:  # noqa: ANN401 -- renderables of rich, which is imported late
    """Put a text that wraps beside a mark."""
    from rich.table import Table  # noqa: PLC0415

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(mark, line)
    return grid
