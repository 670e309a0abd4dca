"""``dostastyq record`` and ``dostastyq retract``: acts into the user's journal, and out of sight again."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from dostastyq.cli.options import complete_instrument, complete_state, current_user, open_register

if TYPE_CHECKING:
    from dostastyq.register.facts import Confidence
    from dostastyq.store import Draft, Entry

Author = Annotated[str | None, typer.Option(metavar="NAME", help="Who records it (default: the user of the system).")]


def complete_kind(incomplete: str) -> list[str]:
    """Kinds of acts that begin with what was typed."""
    from dostastyq.register.acts import ACT_KINDS  # noqa: PLC0415 -- only when the shell asks

    return [kind for kind in sorted(ACT_KINDS) if kind.startswith(incomplete)]


def record(  # noqa: PLR0917 -- each parameter is an option of the command
    state: Annotated[
        str, typer.Argument(metavar="STATE", help="State, ISO 3166 alpha-3.", autocompletion=complete_state)
    ],
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="Kind of act, e.g. ratification.", autocompletion=complete_kind)
    ],
    instrument: Annotated[
        str,
        typer.Argument(
            metavar="INSTRUMENT", help="Slug of the instrument, e.g. fta-2011.", autocompletion=complete_instrument
        ),
    ],
    source: Annotated[
        list[str], typer.Option(metavar="TEXT", help="Where it comes from, with an address if any (repeatable).")
    ],
    date: Annotated[str | None, typer.Option(metavar="DAY", help="Day of the act or its deposit (EDTF).")] = None,
    effective: Annotated[str | None, typer.Option(metavar="DAY", help="Day of its effect (EDTF).")] = None,
    towards: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="Only towards this state (repeatable).", autocompletion=complete_state),
    ] = None,
    provision: Annotated[
        list[str] | None, typer.Option(metavar="ARTICLE", help="Only for this provision (repeatable).")
    ] = None,
    through: Annotated[
        str, typer.Option(metavar="SLUG", help="Instrument by which it was done.", autocompletion=complete_instrument)
    ] = "",
    text: Annotated[str, typer.Option(help="What was said.")] = "",
    opposes: Annotated[bool, typer.Option("--opposes", help="An objection that opposes entry into force.")] = False,
    confidence: Annotated[str, typer.Option(metavar="high|medium|low", help="How sure the source is.")] = "medium",
    note: Annotated[str, typer.Option(help="What to know before relying on it.")] = "",
    author: Author = None,
    supersedes: Annotated[
        str | None, typer.Option(metavar="N|KEY", help="Entry, or key of a shipped act, that it corrects.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it and record nothing.")] = False,
) -> None:
    """Record an act of STATE about INSTRUMENT in your journal; every answer from then on knows it.

    Nothing recorded is ever changed: a mistake is corrected by a new act with --supersedes.
    """
    from dostastyq.register import Act, journal  # noqa: PLC0415 -- heavy imports wait for the command

    act = Act(
        state.upper(),
        kind,
        instrument,
        date=date,
        effective=effective,
        towards=[other.upper() for other in towards or ()],
        provisions=provision or (),
        through=through,
        text=text,
        note=note,
        opposes=opposes,
        confidence=cast("Confidence", confidence),
    )
    corrected = int(supersedes) if supersedes and supersedes.isdecimal() else supersedes
    if dry_run:
        _show_draft(journal.draft(act, open_register(), sources=source, supersedes=corrected))
    else:
        _show_entry(journal.record(act, sources=source, author=author or current_user(), supersedes=corrected))


def retract(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Sequence of the entry, as `record` printed it.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    author: Author = None,
) -> None:
    """Take an entry of your journal back: answers from then on no longer know it, `--known-at` before still does."""
    from dostastyq.register import journal  # noqa: PLC0415

    _show_entry(journal.retract(entry, reason=reason, author=author or current_user()))


def _show_entry(entry: "Entry") -> None:
    typer.echo(f"{entry.stream} {entry.sequence} {entry.hash}")


def _show_draft(draft: "Draft") -> None:
    from json import dumps  # noqa: PLC0415

    typer.echo("it can be recorded; nothing was")
    typer.echo(dumps(draft.payload, ensure_ascii=False, indent=2))
