"""``dostastyq draft show|list|text|diff|law``: what may be seen of a draft."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.council_options import NOTHING, Slug, Who, ask, print_facts, stage_name, write_file
from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Chamber, Composition, Draft, ProcedureMap
    from dostastyq.council.model import Version
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

Number = Annotated[
    int | None, typer.Option("--version", metavar="N", help="Version (default: the last one that may be seen).")
]


def show(
    slug: Slug,
    text_: Annotated[Language | None, typer.Option("--text", help="Print its text in this language too.")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show where DRAFT stands: what was done, what is asked, what may be done next and by whom."""
    from dostastyq.cli.draft_impact import show_impact  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    chamber, law = ask(who, lambda house, seen: (seen, house.law()))
    found = chamber.draft(slug)
    if json:
        print_json(found.to_dict())
        return
    tr = translator(lang.value)
    _show(found, chamber, law, tr)
    if found.impact is not None:
        terminal().print()
        show_impact(found.impact, tr)
    if text_ is not None:
        terminal().print()
        print_text(found.composition, text_.value)


def list_(
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="Only these, e.g. circulated.")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the drafts that may be seen."""
    from dostastyq.council.procedure import STAGES  # noqa: PLC0415
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    if stage is not None and stage not in STAGES:
        raise DostastyqError("CL004", f"there is no stage {stage!r}", nearest(stage, STAGES))
    chamber = ask(who, lambda _, seen: seen)
    found = [item for item in chamber.drafts.values() if stage in {None, item.stage}]
    if json:
        print_json([_brief(item) for item in found])
        return
    tr = translator(lang.value)
    names = (message("draft"), message("stage"), message("organ"), message("author"), message("title"))
    rows = [
        [
            item.slug,
            stage_name(item, tr),
            item.organ,
            _author(item, tr),
            tr.fill("{title}", {"title": item.composition.title}),
        ]
        for item in found
    ]
    terminal().print(make_table([tr.gettext(name) for name in names], rows) if rows else tr.gettext(NOTHING))


def text(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    number: Number = None,
    akn: Annotated[
        Path | None,
        typer.Option("--akn", metavar="FILE", help="Write it as Akoma Ntoso instead; - is standard output."),
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the text of DRAFT in a language; of a certified text --akn writes the very bytes that were sealed."""
    from dostastyq.council.composer import to_akn  # noqa: PLC0415

    made = _version(ask(who, lambda _, seen: seen.draft(slug)), number).composition
    if akn is not None:
        content = to_akn(made, lang.value)
        if str(akn) == "-":
            typer.echo(content, nl=False)
        else:
            write_file(akn, content)
    elif json:
        paragraphs = [
            {"number": item.number, "text": item.text.get(lang.value), "clause": item.clause or None}
            for item in made.paragraphs()
        ]
        print_json({"draft": slug, "language": lang.value, "title": made.title.get(lang.value), "text": paragraphs})
    else:
        print_text(made, lang.value)


def diff(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    old: Annotated[int | None, typer.Option("--from", metavar="N", help="Version (default: the one before).")] = None,
    new: Annotated[int | None, typer.Option("--to", metavar="N", help="Version (default: the last one).")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show by paragraph how two versions of DRAFT differ in a language."""
    from dostastyq.council import differences  # noqa: PLC0415
    from dostastyq.council.plain import plain  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    draft = ask(who, lambda _, seen: seen.draft(slug))
    last = _version(draft, new)
    first = _version(draft, max(last.number - 1, 1) if old is None else old)
    found = differences(first.composition, last.composition, lang.value)
    if json:
        between = {"draft": slug, "from": first.number, "to": last.number, "language": lang.value}
        print_json(between | {"differences": plain(found)})
        return
    tr = translator(lang.value)
    terminal().print(
        tr.gettext(message("{slug}: version {one} → {other}"), slug=slug, one=first.number, other=last.number),
        style="bold",
    )
    if not found:
        terminal().print(tr.gettext(message("No paragraph differs.")))
    from dostastyq.cli.draft_law import show_difference  # noqa: PLC0415

    for item in found:
        show_difference(item, tr)


def law(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="Day of the signature that is supposed (default: today).")
    ] = None,
    signed_by: Annotated[
        list[str] | None, typer.Option("--signed-by", metavar="STATE,…", help="Who signs (default: its parties).")
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show what DRAFT would do in law: which law between which states before and after, conflicts, entry into force."""
    from dostastyq.cli.draft_law import effect_of, show_effect  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    found = ask(who, lambda house, seen: effect_of(seen.draft(slug), house.law(), on, signed_by))
    if json:
        print_json(found.to_dict())
    else:
        show_effect(found, translator(lang.value))


def print_text(made: "Composition", language: str) -> None:
    """Print a text: title, articles, numbered paragraphs; what has no wording yet is a dash."""
    typer.echo(made.title.get(language) or "–")
    for article in made.articles:
        typer.echo()
        if article.number:
            typer.echo(f"{article.number}. {article.title.get(language) or '–'}")
        for paragraph in article.paragraphs:
            number = f"{paragraph.number}. " if article.number else ""
            typer.echo(number + (paragraph.text.get(language) or "–"))


def _version(draft: "Draft", number: int | None) -> "Version":
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    seen = {version.number: version for version in draft.versions}
    wanted = max(seen) if number is None else number
    if wanted not in seen:
        known = ", ".join(map(str, seen))
        raise DostastyqError("CN218", f"{draft.slug} has no version {wanted}", f"versions that you may see: {known}")
    return seen[wanted]


def _brief(draft: "Draft") -> dict[str, object]:
    return {
        "slug": draft.slug,
        "stage": draft.stage,
        "organ": draft.organ,
        "author": draft.author,
        "version": draft.version.number,
        "deadline": None if draft.deadline is None else draft.deadline.isoformat(),
        "session": draft.session or None,
        "title": dict(draft.composition.title),
    }


def _author(draft: "Draft", tr: "Translator") -> str:
    from dostastyq.cli.organ import place_name  # noqa: PLC0415

    return place_name(draft.author, tr)


def _show(draft: "Draft", chamber: "Chamber", law: "Register", tr: "Translator") -> None:
    from dostastyq.council import procedure_named, procedure_on  # noqa: PLC0415
    from dostastyq.report.procedure import WHO  # noqa: PLC0415

    console, made = terminal(), draft.composition
    title = tr.fill("{title}", {"title": made.title})
    console.print(f"{title} ({draft.slug}) · {stage_name(draft, tr)}", style="bold")
    organs = law.institutions.organs
    print_facts(
        {
            tr.gettext(message("organ")): tr.fill("{name}", {"name": organs[draft.organ].name}),
            tr.gettext(message("author")): _author(draft, tr),
            tr.gettext(message("draft of")): draft.origin,
            tr.gettext(message("through")): draft.through,
            tr.gettext(message("parties")): tr.territories(made.parties) if made.parties else "",
            tr.gettext(message("version")): str(draft.version.number),
            tr.gettext(message("opinions until")): tr.date(draft.deadline) if draft.deadline else "",
            tr.gettext(message("session")): draft.session,
            tr.gettext(message("tasks")): ", ".join(code for code in draft.tasks if code in chamber.tasks),
        }
    )
    day = max(chamber.last_day or draft.moves[-1].day, draft.moves[-1].day)
    edition = procedure_named("cis", draft.rules) if draft.rules else procedure_on("cis", day)
    names = (message("day"), message("step"), message("who"))
    taken = groupby(draft.moves, key=lambda move: (move.day, move.edition, move.step))
    rows = [
        [str(on), _step(procedure_named("cis", code), step, tr), ", ".join(move.person.name for move in moves)]
        for (on, code, step), moves in taken
    ]
    console.print(make_table([tr.gettext(name) for name in names], rows, keep=2))
    following = edition.at(draft.stage) if draft.stage in edition.stages else ()
    if following:
        console.print()
        console.print(tr.gettext(message("What may be done next")), style="bold")
    for step in following:
        parts = ", ".join(tr.gettext(WHO[part]) for part in sorted(step.who))
        console.print(f"  {_step(edition, step.code, tr)} ({parts})")


def _step(edition: "ProcedureMap", code: str, tr: "Translator") -> str:
    return tr.fill("{step}", {"step": edition.steps[code].title})
