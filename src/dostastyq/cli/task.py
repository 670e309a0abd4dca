"""``dostastyq task``: what follows from decisions, and how far it is."""

from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.council_options import NOTHING, Slug, When, Who, acting, ask, print_facts, tell, with_council
from dostastyq.cli.options import Language, complete_state, words
from dostastyq.cli.organ import place_name
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Task
    from dostastyq.i18n import Translator

app = typer.Typer(help="Tasks that follow from decisions: assign, progress, list, show.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="TASK", help="Code, e.g. customs-union#1.")]
TOLD = message("{code}: {title} · {place} · {percent}% done")


@app.command("assign")
def assign(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done.")],
    to: Annotated[
        list[str],
        typer.Option(metavar="STATE,…", help="Who does it: states, or secretariat.", autocompletion=complete_state),
    ],
    due: Annotated[str | None, typer.Option(metavar="DAY", help="Day by which it is due.")] = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Assign a task that follows from an adopted DRAFT."""
    places = [_place(word) for word in words(to)]
    found = with_council(lambda house: house.tasks.assign(slug, title, to=places, by=acting(who), due=due, on=on))
    tell(found, lambda tr: _line(found, tr), lang, json)


@app.command("progress")
def progress(  # noqa: PLR0917 -- each parameter is an option of the command
    code: Code,
    percent: Annotated[int, typer.Argument(metavar="PERCENT", help="How much is done, 0 to 100.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was done.")] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Report how far TASK is."""
    found = with_council(lambda house: house.tasks.progress(code, percent, by=acting(who), note=note, on=on))
    tell(found, lambda tr: _line(found, tr), lang, json)


@app.command("list")
def list_(
    open_: Annotated[bool, typer.Option("--open", help="Only what is not done yet.")] = False,
    of: Annotated[
        str | None, typer.Option("--of", metavar="STATE", help="Only those of a state, or of the secretariat.")
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the tasks, the earliest due first."""
    from dostastyq.i18n import translator  # noqa: PLC0415 -- heavy imports wait for the command

    chamber = ask(who, lambda _, seen: seen)
    place = None if of is None else _place(of)
    found = [
        item
        for item in chamber.tasks.values()
        if not (open_ and item.done) and (place is None or place in item.assigned)
    ]
    found.sort(key=lambda item: (item.due is None, item.due, item.code))
    if json:
        print_json([item.to_dict() for item in found])
        return
    tr = translator(lang.value)
    names = (message("task"), message("due"), message("done, %"), message("who"), message("what"))
    rows = [[item.code, str(item.due or ""), str(item.progress), _assigned(item, tr), item.title] for item in found]
    terminal().print(make_table([tr.gettext(name) for name in names], rows, keep=3) if rows else tr.gettext(NOTHING))


@app.command("show")
def show(code: Code, who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Show a task with what was reported of it."""
    from dostastyq.i18n import translator  # noqa: PLC0415

    found = ask(who, lambda _, seen: seen).task(code)
    if json:
        print_json(found.to_dict())
        return
    tr, console = translator(lang.value), terminal()
    console.print(f"{found.code}: {found.title}", style="bold")
    print_facts(
        {
            tr.gettext(message("draft")): found.draft,
            tr.gettext(message("who")): _assigned(found, tr),
            tr.gettext(message("due")): tr.date(found.due) if found.due else "",
            tr.gettext(message("done, %")): str(found.progress),
        }
    )
    if found.notes:
        names = (message("day"), message("who"), message("what"))
        rows = [[str(day), name, text] for day, name, text in found.notes]
        console.print(make_table([tr.gettext(name) for name in names], rows, keep=2))


def _place(word: str) -> str:
    return word if word == "secretariat" else word.upper()


def _assigned(task: "Task", tr: "Translator") -> str:
    return tr.join(place_name(place, tr) for place in task.assigned)


def _line(task: "Task", tr: "Translator") -> str:
    return tr.gettext(TOLD, code=task.code, title=task.title, place=_assigned(task, tr), percent=task.progress)
