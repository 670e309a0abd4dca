"""``dostastyq session history``: the sessions of the founding, played again, and compared with the shipped register."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, print_json
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dostastyq.council import Chamber
    from dostastyq.council.history_compare import Difference
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

SESSION = message("{day:date}, {body}, {place} – {rules}")
ITEM = message("{slug}: signed by {states}")
UNSIGNED = message("{slug}: who signed was not seen, or it was a decision of the body")


def history(  # noqa: PLR0917 -- each parameter is an option of the command
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Last day played (default: everything).")] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="New journal to play into (default: one that is thrown away).")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Compare the whole with the shipped register; ends with 1 where they differ without a reason.",
        ),
    ] = False,
    who: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Who looks on (default: the secretary of the replay).")
    ] = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Play the sessions of the founding, 1991 to 1996, each under its Rules and through every gate."""
    from dostastyq.council.history import SECRETARY, replay  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.council.history_compare import compare  # noqa: PLC0415
    from dostastyq.council.history_read import history as told  # noqa: PLC0415
    from dostastyq.errors import DostastyqError  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415
    from dostastyq.register.loader import load  # noqa: PLC0415
    from dostastyq.store import open_journal  # noqa: PLC0415

    if check and until is not None:
        raise DostastyqError("CN293", "only the whole history is compared", "leave out --until, or --check")
    with ExitStack() as stack:
        place = into or Path(stack.enter_context(TemporaryDirectory())) / "history.sqlite"
        council = replay(stack.enter_context(open_journal(place)), until=until)
        chamber, law, past = council.view(who or SECRETARY), council.law(), told()
        found = compare(law, load("cis"), past.slugs, allowed=past.allowed) if check else None
    if json:
        _print_json(chamber, found)
        return
    tr = translator(lang.value)
    for line in _lines(chamber, law, tr):
        typer.echo(line)
    if found is not None:
        typer.echo()
        _print_differences(found, tr)


def _print_json(chamber: "Chamber", found: "tuple[Difference, ...] | None") -> None:
    played = {
        "sessions": [session.to_dict() for session in chamber.sessions.values()],
        "signatories": {
            slug: list(draft.round.signatories) for slug, draft in chamber.drafts.items() if draft.round is not None
        },
        "stages": {slug: draft.stage for slug, draft in chamber.drafts.items()},
    }
    compared = {} if found is None else {"differences": [item.to_dict() for item in found]}
    print_json({**played, **compared})


def _lines(chamber: "Chamber", law: "Register", tr: "Translator") -> "Iterator[str]":
    """Say each session, and under it what it adopted and who signed."""
    from dostastyq.council.procedure import procedure_named  # noqa: PLC0415

    for session in sorted(chamber.sessions.values(), key=lambda session: session.day):
        yield tr.gettext(
            SESSION,
            day=session.day,
            body=law.institutions.organs[session.organ].name[tr.language],
            place=session.place,
            rules=procedure_named(law.name, session.edition).title[tr.language],
        )
        for item in session.items:
            draft = chamber.drafts[item.draft]
            states = tr.territories(draft.round.signatories) if draft.round is not None else ""
            yield "  " + tr.gettext(ITEM if states else UNSIGNED, slug=item.draft, states=states)


def _print_differences(found: "tuple[Difference, ...]", tr: "Translator") -> None:
    """Print what differs from the shipped register without a reason; how much differs with one."""
    known = [item for item in found if item.why]
    said = message("Differences from the shipped register: {known} with a reason, {unknown} without.")
    typer.echo(tr.gettext(said, known=len(known), unknown=len(found) - len(known)))
    for item in found:
        if not item.why:
            typer.echo(f"  {item}")
    if len(known) < len(found):
        raise typer.Exit(1)
