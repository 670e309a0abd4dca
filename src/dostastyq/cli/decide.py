"""``dostastyq decide``: votes and what they come to."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.council_options import (
    SessionCode,
    Slug,
    StateCheck,
    When,
    Who,
    acting,
    ask,
    tell,
    with_council,
)
from dostastyq.cli.options import Language, complete_rule, complete_state, words
from dostastyq.cli.power import Leaving, Weights, read_weights
from dostastyq.cli.questions import Json, Lang, print_json
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Council, Decision, Vote

app = typer.Typer(help="Decisions: open, vote, close, undiscussed, report, show.", no_args_is_help=True)


class Word(StrEnum):
    """What a state says when it votes."""

    for_ = "for"
    against = "against"
    abstain = "abstain"
    non_interest = "non_interest"
    absent = "absent"


WordArgument = Annotated[Word, typer.Argument(metavar="WORD", help="for, against, abstain, non_interest or absent.")]
CAST = message("{slug}: {state:territory} · {vote}, {day:date}, {person}")


@app.command("open")
def open_(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    rule: Annotated[
        str,
        typer.Option(metavar="RULE", help="Rule of decision (default: the body's own).", autocompletion=complete_rule),
    ] = "",
    weights: Weights = None,
    leaving: Leaving = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Open the vote on DRAFT: rule, voters and weights of the day are frozen with it."""
    given = read_weights(weights)
    found = with_council(
        lambda house: house.decisions.open(
            slug,
            by=acting(who),
            rule=rule,
            weights=None if given is None else dict(given),
            leaving=leaving.upper(),
            on=on,
        )
    )
    said = message("{slug}: the vote is open under {rule}; who votes: {voters:territories}")
    tell(found, lambda tr: tr.gettext(said, slug=slug, rule=found.rule["code"], voters=found.voters), lang, json)


@app.command("vote")
def vote(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    word: WordArgument,
    special_opinion: Annotated[
        str, typer.Option("--special-opinion", metavar="TEXT", help="What the state has put into the minutes.")
    ] = "",
    state: StateCheck = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Cast the vote of your state on DRAFT; it is cast once."""
    code = None if state is None else state.upper()
    found = with_council(
        lambda house: house.decisions.vote(
            slug, word.value, by=acting(who), special_opinion=special_opinion, state=code, on=on
        )
    )
    _tell_votes({slug: found}, found, lang, json)


@app.command("undiscussed")
def undiscussed(  # noqa: PLR0917 -- each parameter is an option of the command
    code: SessionCode,
    word: WordArgument,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Vote the same way on every item of SESSION without discussion whose vote is open."""
    found = with_council(lambda house: _undiscussed(house, code, word.value, acting(who), on))
    _tell_votes(found, [{"draft": slug} | each.to_dict() for slug, each in found.items()], lang, json)


@app.command("close")
def close(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Close the vote on DRAFT and seal what it comes to by the frozen rule."""
    _tell(with_council(lambda house: house.decisions.close(slug, by=acting(who), on=on)), lang, json)


@app.command("report")
def report(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Who says that it was adopted.")],
    bound: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE,…", help="Who took part, where the source says it.", autocompletion=complete_state),
    ] = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Record that a session of the past adopted DRAFT, by a source, where the ballots were not seen."""
    states = tuple(state.upper() for state in words(bound))
    found = with_council(lambda house: house.decisions.report(slug, source, by=acting(who), bound=states, on=on))
    _tell(found, lang, json)


@app.command("show")
def show(slug: Slug, who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Show the vote on DRAFT, or what was decided: ballots, share, who is bound, special opinions."""
    from dostastyq.cli.council_tables import show_decision  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.council.plain import plain  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    found = ask(who, lambda _, seen: seen).draft(slug)
    if json:
        print_json({"draft": slug, "poll": plain(found.poll), "decisions": plain(found.decisions)})
    else:
        show_decision(found, translator(lang.value))


def _undiscussed(house: "Council", code: str, word: str, name: str, on: str | None) -> "dict[str, Vote]":
    """Vote on the items without discussion; none is voted on where one of them cannot be."""
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    chamber = house.view(name)
    session = chamber.session(code)
    waiting = [item.draft for item in session.items if not item.discussion and not item.outcome]
    polls = {slug: chamber.drafts[slug].poll for slug in waiting}
    closed = [slug for slug, poll in polls.items() if poll is None]
    if closed or not waiting:
        found = f"no vote on {closed[0]} is open" if closed else "no item without discussion waits for a decision"
        raise DostastyqError("CN235", f"{code}: {found}", "open the votes first: dostastyq decide open DRAFT")
    for slug, poll in polls.items():
        other = [] if poll is None else [each.vote for each in poll.votes if each.person.name == name]
        if other and other != [word]:
            raise DostastyqError("CN255", f"{slug}: {name} has voted {other[0]}", "a vote is cast once")
    return {slug: house.decisions.vote(slug, word, by=name, on=on) for slug in waiting}


def _tell_votes(votes: "dict[str, Vote]", found: object, lang: Language, json: bool) -> None:
    from dostastyq.cli.vote import NAMES  # noqa: PLC0415

    tell(
        found,
        lambda tr: "\n".join(
            tr.gettext(
                CAST,
                slug=slug,
                state=each.state,
                vote=tr.gettext(NAMES[each.vote]),
                day=each.day,
                person=each.person.name,
            )
            for slug, each in votes.items()
        ),
        lang,
        json,
    )


def _tell(found: "Decision", lang: Language, json: bool) -> None:
    from dostastyq.cli.vote import ADOPTED  # noqa: PLC0415

    said = message("{slug} · {organ} · {day:date}: {outcome}")
    tell(
        found,
        lambda tr: tr.gettext(
            said, slug=found.draft, outcome=tr.gettext(ADOPTED[found.adopted]), organ=found.organ, day=found.day
        ),
        lang,
        json,
    )
