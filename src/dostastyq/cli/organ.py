"""``dostastyq organ``: organs from one template, who takes part in them, and how they work."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.council_options import (
    Since,
    Until,
    When,
    Who,
    acting,
    ask,
    check_asker,
    print_facts,
    tell,
    with_council,
)
from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import (
    Json,
    Lang,
    On,
    day_of,
    make_table,
    print_json,
    say_truth,
    short_day,
    terminal,
)
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Admission, Council, FullPowers
    from dostastyq.council.organs import OrganView
    from dostastyq.i18n import Translator

app = typer.Typer(
    help="Organs and people: list, show, procedure; admit, dismiss, empower, people.", no_args_is_help=True
)


class Capacity(StrEnum):
    """In what capacity somebody takes part."""

    head_of_state = "head_of_state"
    head_of_government = "head_of_government"
    foreign_minister = "foreign_minister"
    delegate = "delegate"
    expert = "expert"
    observer = "observer"
    secretary = "secretary"
    auditor = "auditor"


KINDS = {
    "supreme": message("supreme organ"),
    "statutory": message("statutory organ"),
    "executive": message("executive organ"),
    "secretariat": message("secretariat"),
    "sectoral": message("sector council"),
    "parliamentary": message("parliamentary organ"),
    "judicial": message("court"),
    "bank": message("bank"),
    "working": message("working body"),
    "group": message("group"),
}


def complete_organ(incomplete: str) -> list[str]:
    """Codes of the register's organs that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [code for code in register.load("cis").institutions.organs if code.startswith(incomplete)]


def complete_kind(incomplete: str) -> list[str]:
    """Kinds of organs that begin with what was typed."""
    return [kind for kind in KINDS if kind.startswith(incomplete)]


@app.command("list")
def list_(
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Only these, e.g. sectoral.", autocompletion=complete_kind),
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the organs of the register."""
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    if kind is not None and kind not in KINDS:
        raise DostastyqError("CL004", f"there is no kind of organ {kind!r}", nearest(kind, KINDS))
    organs = [item for item in open_register().institutions.organs.values() if kind in {None, item.kind}]
    if json:
        print_json([{"code": item.code, "kind": item.kind, "name": dict(item.name)} for item in organs])
        return
    tr = translator(lang.value)
    headers = [tr.gettext(name) for name in (message("code"), message("organ"), message("kind"))]
    rows = [
        [item.code, tr.fill("{name}", {"name": item.name}), tr.gettext(KINDS.get(item.kind, item.kind))]
        for item in organs
    ]
    terminal().print(make_table(headers, rows))


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(metavar="ORGAN", help="Code, e.g. chs.", autocompletion=complete_organ)],
    on: On = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show an organ on a day: mandate, members, rule, chair and who is next, parent, and what is not recorded."""
    from dostastyq.council.organs import organ, template_check  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    view = organ(open_register(), code, day_of(on))
    missing = template_check(view)
    if json:
        print_json(plain_organ(view) | {"missing": [item.what for item in missing]})
        return
    tr = translator(lang.value)
    _show(view, tr)
    if missing:
        terminal().print(tr.gettext(message("Not recorded")), style="bold")
        for item in missing:
            terminal().print(f"  {tr.text(item.text)}")


@app.command("admit")
def admit(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who is admitted.")],
    capacity: Annotated[Capacity, typer.Option("--capacity", help="In what capacity.")],
    place: Annotated[str, typer.Option("--of", metavar="STATE", help="Their state, or secretariat.")] = "secretariat",
    since: Since = None,
    until: Until = None,
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearsal", help="With the first admission: a rehearsal or a replay, in which days are as said."
        ),
    ] = False,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Admit NAME to the work of the council.

    The first admission founds it: an officer of the secretariat, by themselves.
    """
    home = place if place == "secretariat" else place.upper()
    found = with_council(
        lambda house: house.people.admit(
            name, home, capacity.value, by=acting(who), since=since, until=until, rehearsal=rehearsal, on=on
        )
    )
    said = message("{name} is admitted: {place}, {capacity}, from {day:date}")
    tell(
        found,
        lambda tr: tr.gettext(
            said, name=found.person.name, place=place_name(home, tr), capacity=_capacity(found, tr), day=found.since
        ),
        lang,
        json,
    )


@app.command("dismiss")
def dismiss(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose admission ends.")],
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """End the admission of NAME."""

    def call(house: "Council") -> "Admission":
        from dostastyq.actor import Actor  # noqa: PLC0415

        house.people.dismiss(name, by=acting(who), on=on)
        return next(item for item in reversed(house.chamber().admissions) if item.person.key == Actor(name).key)

    found = with_council(call)
    said = message("{name} is no longer admitted from {day:date}")
    tell(found, lambda tr: tr.gettext(said, name=found.person.name, day=found.until), lang, json)


@app.command("empower")
def empower(  # noqa: PLR0917 -- each parameter is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who may sign.")],
    basis: Annotated[str, typer.Option("--basis", metavar="TEXT", help="The document, as a reader would cite it.")],
    draft: Annotated[str, typer.Option("--draft", metavar="DRAFT", help="Only this draft (default: every one).")] = "",
    since: Since = None,
    until: Until = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Record the full powers of NAME to sign for their state."""
    found = with_council(
        lambda house: house.people.empower(
            name, basis=basis, by=acting(who), draft=draft, since=since, until=until, on=on
        )
    )
    said = message("{name} has full powers of {state:territory} from {day:date}: {basis}")
    tell(
        found,
        lambda tr: tr.gettext(said, name=found.person, state=found.state, day=found.since, basis=found.basis),
        lang,
        json,
    )


@app.command("people")
def people(who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """List who was admitted, and the full powers that may be seen."""
    from dostastyq.i18n import translator  # noqa: PLC0415

    chamber = ask(who, lambda _, seen: seen)
    if json:
        print_json(
            {
                "people": [item.to_dict() for item in chamber.admissions],
                "powers": [item.to_dict() for item in chamber.powers],
            }
        )
        return
    tr = translator(lang.value)
    names = (message("who"), message("for whom"), message("capacity"), message("from"), message("until"))
    rows = [
        [item.person.name, place_name(item.person.place, tr), _capacity(item, tr), str(item.since), _day(item.until)]
        for item in chamber.admissions
    ]
    console = terminal()
    console.print(make_table([tr.gettext(name) for name in names], rows))
    if chamber.powers:
        console.print()
        names = (message("full powers"), message("for whom"), message("draft"), message("from"), message("until"))
        console.print(make_table([tr.gettext(name) for name in names], [_power(item, tr) for item in chamber.powers]))


@app.command("procedure")
def procedure(  # noqa: PLR0917 -- each parameter is an option of the command
    code: Annotated[
        str | None, typer.Argument(metavar="EDITION", help="Code, e.g. rules-2002 (default: the one of the day).")
    ] = None,
    on: On = None,
    draft: Annotated[str | None, typer.Option("--draft", metavar="DRAFT", help="Mark where this draft is.")] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print the map for Mermaid.")] = False,
    dot: Annotated[bool, typer.Option("--dot", help="Print the map for Graphviz.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the map into FILE.")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show how the council works under an edition of the Rules: steps, who takes them, gates, deadlines; or draw it."""
    from dostastyq.cli.council_maps import draw, plain_map, show_map  # noqa: PLC0415
    from dostastyq.council import procedure_named, procedure_on  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    held = procedure_on("cis", day_of(on)) if code is None else procedure_named("cis", code)
    marked = None if draft is None else ask(who, lambda _, chamber: chamber.draft(draft))
    if svg is not None or mermaid or dot:
        draw(held, marked, lang.value, svg, mermaid=mermaid)
    elif json:
        print_json(plain_map(held))
    else:
        show_map(held, translator(lang.value))


def place_name(place: str, tr: "Translator") -> str:
    """Name a state or the secretariat."""
    return tr.gettext(message("secretariat")) if place == "secretariat" else tr.territory(place)


def plain_organ(view: "OrganView") -> dict[str, Any]:
    """Plain data of an organ on a day."""
    from dostastyq.council.plain import plain  # noqa: PLC0415

    calendar = [
        {
            "state": turn.state,
            "from": str(turn.start),
            "until": None if turn.end is None else str(turn.end),
            "forecast": turn.forecast,
            "confidence": turn.confidence,
        }
        for turn in view.calendar
    ]
    names = [name for name in view.__dataclass_fields__ if name != "calendar"]
    return {name: plain(getattr(view, name)) for name in names} | {"calendar": calendar}


def _show(view: "OrganView", tr: "Translator") -> None:
    console = terminal()
    name = tr.fill("{name}", {"name": view.name})
    kind = tr.gettext(KINDS.get(view.kind, view.kind))
    console.print(f"{name} ({view.code}) · {kind} · {tr.date(view.on)}", style="bold")
    if any(view.mandate.values()):
        console.print(tr.fill("{mandate}", {"mandate": view.mandate}))
    edition = view.edition + (f" ({tr.gettext(message('by analogy'))})" if view.by_analogy else "")
    print_facts(
        {
            tr.gettext(message("existed")): say_truth(tr, view.existed),
            tr.gettext(message("members")): tr.territories(view.members) if view.members else "",
            tr.gettext(message("doubtful members")): tr.territories(view.doubtful) if view.doubtful else "",
            tr.gettext(message("rule of decision")): ", ".join(filter(None, (view.rule, view.exception))),
            tr.gettext(message("in the chair")): tr.territory(view.chair) if view.chair else "",
            tr.gettext(message("belongs to")): view.parent,
            tr.gettext(message("its drafts go through")): view.through,
            tr.gettext(message("edition of the Rules")): edition,
            tr.gettext(message("confidence")): tr.gettext(view.confidence),
        }
    )
    if view.calendar:
        headers = [tr.gettext(name) for name in (message("next in the chair"), message("from"), message("until"), "")]
        expected = tr.gettext(message("expected by rotation"))
        rows = [
            [tr.territory(turn.state), short_day(turn.start), short_day(turn.end), expected if turn.forecast else ""]
            for turn in view.calendar
        ]
        console.print(make_table(headers, rows))


def _capacity(item: "Admission", tr: "Translator") -> str:
    from dostastyq.council.people_model import CAPACITIES  # noqa: PLC0415

    return tr.gettext(CAPACITIES.get(item.person.role, item.person.role))


def _power(item: "FullPowers", tr: "Translator") -> list[str]:
    return [item.person, tr.territory(item.state), item.draft or "*", str(item.since), _day(item.until)]


def _day(day: object) -> str:
    return "" if day is None else str(day)
