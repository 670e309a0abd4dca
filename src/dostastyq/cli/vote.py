"""``dostastyq vote``: whether a decision is adopted, and whom it binds."""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from dostastyq.cli.options import Language, complete_state, open_register, words
from dostastyq.cli.power import (
    Leaving,
    RuleName,
    RuleOn,
    Weights,
    describe,
    heading,
    print_notes,
    read_weights,
    votes_of,
)
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dostastyq.i18n import Translator
    from dostastyq.register import Procedure, Register
    from dostastyq.voting import Ballot, Outcome

Cast: TypeAlias = list[str] | None

NAMES = {
    "for": message("for"),
    "against": message("against"),
    "abstain": message("abstains"),
    "non_interest": message("not interested"),
    "absent": message("absent"),
}
ADOPTED = {True: message("Adopted."), False: message("Not adopted."), None: message("Undetermined.")}


def _votes(help_: str, *names: str) -> Any:  # noqa: ANN401 -- what typer takes
    return typer.Option(*names, metavar="STATE,…", help=help_, autocompletion=complete_state)


def vote(  # noqa: PLR0917 -- each parameter is an option of the command
    rule: RuleName,
    for_: Annotated[Cast, _votes("Who votes for it.", "--for")] = None,
    against: Annotated[Cast, _votes("Who votes against it.", "--against")] = None,
    abstain: Annotated[Cast, _votes("Who abstains.", "--abstain")] = None,
    not_interested: Annotated[Cast, _votes("Who declares no interest in the question.", "--not-interested")] = None,
    absent: Annotated[Cast, _votes("Who is absent (default: everybody not named).", "--absent")] = None,
    on: RuleOn = None,
    weights: Weights = None,
    leaving: Leaving = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say whether a decision is adopted under RULE by these votes, whom it binds, and why.

    States are written ARM,BLR or named one at a time; whoever is not named is absent.
    """
    from dostastyq import voting  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415
    from dostastyq.register import procedure  # noqa: PLC0415

    register = open_register()
    how = procedure(register, rule, on, weights=read_weights(weights), leaving=leaving.upper())
    cast = {"for": for_, "against": against, "abstain": abstain, "non_interest": not_interested, "absent": absent}
    ballots = _ballots(register, cast)
    result = voting.outcome(how.rule, ballots)
    votes = dict.fromkeys(how.rule.voters, "absent") | {ballot.voter: ballot.vote.value for ballot in ballots}
    if json:
        print_json(_to_dict(how, result, votes))
    else:
        _show(register, how, result, votes, translator(lang.value))


def _ballots(register: "Register", cast: "Mapping[str, Cast]") -> "list[Ballot]":
    """Read the ballots; a state the register does not know is refused with ``RG002``."""
    from dostastyq.voting import Ballot, Vote  # noqa: PLC0415

    return [
        Ballot(register.state(state.upper()).code, Vote(word))
        for word, written in cast.items()
        for state in words(written)
    ]


def _to_dict(how: "Procedure", result: "Outcome", votes: "Mapping[str, str]") -> dict[str, Any]:
    quotas = [str(reading.majorities[0].quota[0]) if reading.majorities else None for reading in how.rule.readings()]
    readings = [
        {"quota": quota, "adopted": each.adopted, "bound": list(each.bound), "reason": " ".join(each.reasons)}
        for quota, each in zip(quotas, result.readings, strict=bool(result.readings))
    ]
    return {
        "adopted": result.adopted,
        "bound": list(result.bound),
        "reason": " ".join(result.reasons),
        "share": None if result.share is None else float(result.share),
        "share_exact": None if result.share is None else str(result.share),
        **describe(how),
        "votes": {word: [voter for voter, said in votes.items() if said == word] for word in NAMES},
        "readings": readings,
    }


def _show(
    register: "Register", how: "Procedure", result: "Outcome", votes: "Mapping[str, str]", tr: "Translator"
) -> None:
    console = terminal()
    console.print(heading(register, how, tr), style="bold")
    console.print()
    weighed = votes_of(how)
    headers = (message("State"), message("votes"), message("vote"), message("bound"))
    rows = [
        (
            tr.territory(voter),
            tr.number(float(weighed[voter])),
            tr.gettext(NAMES[votes[voter]]),
            tr.gettext(message("yes")) if voter in result.bound else "",
        )
        for voter in how.rule.voters
    ]
    console.print(make_table([tr.gettext(header) for header in headers], rows))
    console.print()
    console.print(tr.gettext(ADOPTED[result.adopted]), style="bold")
    for reason in result.reasons:
        console.print(tr.text(reason))
    print_notes(how, tr)
