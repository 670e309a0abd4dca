"""``dostastyq draft``: a draft from its proposal to the agreement of the states."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli import draft_library, draft_show
from dostastyq.cli.council_options import (
    Reason,
    Slug,
    When,
    Who,
    acting,
    pairs,
    tell,
    tell_draft,
    with_council,
)
from dostastyq.cli.options import Language
from dostastyq.cli.organ import complete_organ
from dostastyq.cli.questions import Json, Lang
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Amendment

app = typer.Typer(
    help="Drafts: from the file of a delegation to a text that the states agree on, with what it would do.",
    no_args_is_help=True,
)
app.command("show")(draft_show.show)
app.command("list")(draft_show.list_)
app.command("text")(draft_show.text)
app.command("diff")(draft_show.diff)
app.command("law")(draft_show.law)
app.command("check")(draft_library.check)
app.command("clauses")(draft_library.clauses)
app.command("patterns")(draft_library.patterns)
app.command("example")(draft_library.example)

Numbers = list[int] | None


@app.command("new")
def new(  # noqa: PLR0917 -- each parameter is an option of the command
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The draft, YAML (see `dostastyq draft example`).")],
    organ: Annotated[
        str, typer.Option(metavar="ORGAN", help="Body that is to decide, e.g. chs.", autocompletion=complete_organ)
    ],
    origin: Annotated[
        str, typer.Option(metavar="ORGAN", help="Sector council whose draft it is.", autocompletion=complete_organ)
    ] = "",
    through: Annotated[
        str,
        typer.Option(metavar="ORGAN", help="Statutory organ through which it comes.", autocompletion=complete_organ),
    ] = "",
    rules: Annotated[
        str, typer.Option(metavar="EDITION", help="Edition of the Rules (default: that of the day of each step).")
    ] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Propose the draft in FILE to a body; nobody else sees it before it is circulated."""
    from dostastyq.council import compose  # noqa: PLC0415 -- heavy imports wait for the command

    made = compose(file)
    found = with_council(
        lambda house: house.drafts.propose(
            made, organ=organ, by=acting(who), origin=origin, through=through, rules=rules, on=on
        )
    )
    tell_draft(found, lang, json)


@app.command("revise")
def revise(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The new text (default: the one that stands).")
    ] = None,
    accept: Annotated[Numbers, typer.Option(metavar="N", help="Amendment that was accepted (repeatable).")] = None,
    reject: Annotated[Numbers, typer.Option(metavar="N", help="Amendment that was not (repeatable).")] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why it differs.")] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Make a new version of DRAFT: a new text, or the old one with amendments of the experts."""
    from dostastyq.council import compose  # noqa: PLC0415

    made = None if file is None else compose(file)
    found = with_council(
        lambda house: house.drafts.revise(
            slug, made, by=acting(who), accept=accept or (), reject=reject or (), note=note, on=on
        )
    )
    tell_draft(found, lang, json)


@app.command("register")
def register(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    through: Annotated[
        str,
        typer.Option(metavar="ORGAN", help="Statutory organ through which it came.", autocompletion=complete_organ),
    ] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Enter DRAFT into the book of the secretariat."""
    found = with_council(lambda house: house.drafts.register(slug, by=acting(who), through=through, on=on))
    tell_draft(found, lang, json)


@app.command("return")
def return_(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What its author is to mend.")],
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Return DRAFT to its author."""
    tell_draft(
        with_council(lambda house: house.drafts.send_back(slug, by=acting(who), reason=reason, on=on)), lang, json
    )


@app.command("circulate")
def circulate(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Until when states answer (default: by the Rules).")
    ] = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Send DRAFT as it stands to the states."""
    tell_draft(with_council(lambda house: house.drafts.circulate(slug, by=acting(who), until=until, on=on)), lang, json)


@app.command("impact")
def impact(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Assess what DRAFT does to every member, and attach it for the delegations to see before they answer."""
    from dostastyq.cli.draft_impact import show_impact  # noqa: PLC0415
    from dostastyq.cli.questions import print_json  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    found = with_council(lambda house: house.drafts.attach_impact(slug, by=acting(who), on=on))
    if json:
        print_json(found.to_dict())
    elif found.impact is not None:
        show_impact(found.impact, translator(lang.value))


@app.command("experts")
def experts(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Call a round of experts on DRAFT."""
    tell_draft(with_council(lambda house: house.drafts.convene_experts(slug, by=acting(who), on=on)), lang, json)


@app.command("amend")
def amend(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    paragraph: Annotated[str, typer.Argument(metavar="N", help="Paragraph, e.g. 3.1; an article, e.g. 3; or title.")],
    text: Annotated[
        list[str] | None, typer.Option(metavar="LANG=TEXT", help="New wording in a language (repeatable).")
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="New value of a final clause, e.g. count=4 (repeatable)."),
    ] = None,
    insert: Annotated[bool, typer.Option("--insert", help="After it, not in its place.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Strike it out.")] = False,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Put an amendment of a paragraph of DRAFT to the experts."""
    wanted = _amendment(paragraph, text, form, insert=insert, delete=delete)
    found = with_council(lambda house: house.drafts.amend(slug, wanted, by=acting(who), on=on))
    said = message("{slug}: amendment {number} of {paragraph}, {day:date}, {person}")
    tell(
        found,
        lambda tr: tr.gettext(
            said,
            slug=slug,
            number=found.number,
            paragraph=found.amendment.paragraph,
            day=found.day,
            person=found.person.name,
        ),
        lang,
        json,
    )


@app.command("table")
def table(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Send the table of differences round: from now on every delegation sees every opinion."""
    tell_draft(with_council(lambda house: house.drafts.table(slug, by=acting(who), on=on)), lang, json)


@app.command("agree")
def agree(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Find DRAFT agreed with the states beforehand."""
    tell_draft(with_council(lambda house: house.drafts.agree(slug, by=acting(who), on=on)), lang, json)


@app.command("withdraw")
def withdraw(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug, reason: Reason = "", who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False
) -> None:
    """Withdraw DRAFT, which its author or the secretariat may."""
    found = with_council(lambda house: house.drafts.withdraw(slug, by=acting(who), reason=reason, on=on))
    tell_draft(found, lang, json)


def _amendment(
    paragraph: str, text: list[str] | None, form: list[str] | None, *, insert: bool, delete: bool
) -> "Amendment":
    """Read an amendment as it is written on the command line."""
    import yaml  # noqa: PLC0415

    from dostastyq.council import Amendment  # noqa: PLC0415
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    said = pairs("--text", text)
    values = {name: yaml.safe_load(value) for name, value in pairs("--form", form).items()}
    if delete + insert > 1 or (delete and (said or values)) or not (delete or said or values):
        raise DostastyqError(
            "CL006",
            f"{paragraph}: what is proposed is not clear",
            "write new wording (--text kk=… --text ru=…), new values of a form (--form count=4), or --delete",
        )
    kind = "delete" if delete else "insert" if insert else "form" if values else "replace"
    return Amendment(paragraph=paragraph, kind=kind, text=said, values=values or None)
