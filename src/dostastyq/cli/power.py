"""``dostastyq power``: what each vote is worth under a rule of decision."""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from dostastyq.cli.options import Language, complete_rule, complete_state, open_register
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from dostastyq.i18n import Translator
    from dostastyq.register import Procedure, Register
    from dostastyq.voting import Power

RuleName: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RULE", help="Rule (mek_qualified), body (mek) or instrument (mek-1994).", autocompletion=complete_rule
    ),
]
RuleOn: TypeAlias = Annotated[
    str | None, typer.Option("--on", metavar="DAY", help="Day, YYYY-MM-DD (default: the rule's own period).")
]
Weights: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--weights", metavar="STATE=VOTES,…", help="Votes that the register does not have, or other ones."),
]
Leaving: TypeAlias = Annotated[
    str,
    typer.Option(
        "--leaving", metavar="STATE", help="Who leaves, where it is not asked.", autocompletion=complete_state
    ),
]

NEEDED = message("Needed: {quota} of the votes.")

SHOWN = 12
"""Minimal coalitions listed on a terminal; the rest is in the JSON."""


def power(  # noqa: PLR0917 -- each parameter is an option of the command
    rule: RuleName,
    on: RuleOn = None,
    weights: Weights = None,
    leaving: Leaving = "",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say what each vote is worth under RULE: Shapley–Shubik and Banzhaf indices, vetoes, smallest coalitions."""
    from dostastyq import voting  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415
    from dostastyq.register import procedure  # noqa: PLC0415

    register = open_register()
    how = procedure(register, rule, on, weights=read_weights(weights), leaving=leaving.upper())
    found = [voting.power(reading) for reading in how.rule.readings()]
    if json:
        print_json(to_dict(how, found))
        return
    tr = translator(lang.value)
    console = terminal()
    console.print(heading(register, how, tr), style="bold")
    for each in found:
        console.print()
        _show(each, how, tr)
    print_notes(how, tr)


def read_weights(written: "Iterable[str] | None") -> "dict[str, Fraction] | None":
    """Read ``STATE=VOTES,STATE=VOTES``.

    Raises
    ------
    DostastyqError
        ``CL002`` for a part that is not of this form or a state that stands twice, ``VT010`` for votes that are no
        number.
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415
    from dostastyq.voting.model import exact  # noqa: PLC0415

    if not written:
        return None
    weights: dict[str, Fraction] = {}
    for part in (part for text in written for part in text.split(",")):
        state, equals, votes = part.partition("=")
        state = state.strip().upper()
        if not equals or not state or state in weights:
            found = f"{state} stands twice" if equals and state else f"{part!r} is no weight"
            raise DostastyqError("CL002", f"--weights: {found}", "write RUS=50,UKR=14, each state once")
        weights[state] = exact(votes.strip(), f"--weights {state}")
    return weights


def to_dict(how: "Procedure", found: "list[Power]") -> dict[str, Any]:
    """Plain data of ``power --json``; where readings of the rule disagree on a figure it is null."""
    records = [each.to_dict() for each in found]
    first = records[0]
    agreed = {key: value if all(other[key] == value for other in records) else None for key, value in first.items()}
    readings = [{"quota": _quota(each["quota"]), **{k: v for k, v in each.items() if k != "quota"}} for each in records]
    return {
        **describe(how),
        **{key: value for key, value in agreed.items() if key != "quota"},
        "readings": readings if len(records) > 1 else [],
    }


def describe(how: "Procedure") -> dict[str, Any]:
    """Plain data on the rule itself: exact quota as text, votes as numbers."""
    quotas = [str(quota) for majority in how.rule.majorities for quota in majority.quota]
    return {
        "rule": how.rule.code,
        "kind": how.kind,
        "body": how.body or None,
        "on": how.on.isoformat(),
        "until": str(how.weights.end) if how.weights and how.weights.end else None,
        "quota": _quota(quotas),
        "more_than_quota": any(majority.strict for majority in how.rule.majorities),
        "weights": {voter: _number(weight) for voter, weight in votes_of(how).items()},
        "confidence": how.confidence,
        "sources": list(how.sources),
        "notes": [str(note) for note in how.notes],
    }


def votes_of(how: "Procedure") -> "dict[str, Fraction]":
    """Votes by voter, one each where the rule weighs none."""
    from fractions import Fraction  # noqa: PLC0415

    majorities = how.rule.majorities
    return {voter: majorities[0].weight(voter) if majorities else Fraction(1) for voter in how.rule.voters}


def _quota(quotas: list[str]) -> str | list[str] | None:
    return None if not quotas else quotas[0] if len(quotas) == 1 else quotas


def _number(weight: "Fraction") -> int | float | str:
    """Write votes as a number where one says them exactly, as a fraction in text otherwise."""
    if weight.denominator == 1:
        return int(weight)
    return float(weight) if float(weight).as_integer_ratio() == weight.as_integer_ratio() else str(weight)


def heading(register: "Register", how: "Procedure", tr: "Translator") -> str:
    """Say which rule of which body, on what day."""
    from dostastyq.register.rules import RULE_KINDS  # noqa: PLC0415

    organ = register.institutions.organs.get(how.body)
    return tr.gettext(
        message("{body} · {kind} ({rule}) · {on:date}"),
        body=organ.name if organ else how.rule.code,
        kind=tr.gettext(RULE_KINDS[how.kind]),
        rule=how.rule.code,
        on=how.on,
    )


def print_notes(how: "Procedure", tr: "Translator") -> None:
    """Print what to know before relying on it, and the sources."""
    console = terminal()
    console.print()
    for note in how.notes:
        console.print(tr.text(note))
    console.print(tr.gettext(message("Sources: {sources}."), sources=", ".join(how.sources)))


def _show(found: "Power", how: "Procedure", tr: "Translator") -> None:
    console = terminal()
    for majority, quota in zip(how.rule.majorities, found.quota, strict=True):
        needed = message("Needed: more than {quota} of the votes.") if majority.strict else NEEDED
        console.print(tr.gettext(needed, quota=str(quota)))
    console.print(
        tr.gettext(
            message("{winning:,} of {coalitions:,} coalitions carry a decision."),
            winning=found.winning,
            coalitions=found.coalitions,
        )
    )
    headers = (
        message("State"),
        message("votes"),
        message("Shapley–Shubik"),
        message("Banzhaf"),
        message("decides with probability"),
        message("veto"),
    )
    votes = votes_of(how)
    rows = [
        (
            tr.territory(voter),
            tr.number(float(votes[voter])),
            tr.number(float(found.shapley_shubik[voter]), 4),
            tr.number(float(found.banzhaf[voter]), 4),
            tr.number(float(found.banzhaf_absolute[voter]), 4),
            tr.gettext(message("yes")) if voter in found.veto else "",
        )
        for voter in sorted(found.voters, key=lambda voter: (-found.shapley_shubik[voter], voter))
    ]
    console.print(make_table([tr.gettext(header) for header in headers], rows))
    _print_sets(message("Smallest coalitions that carry a decision: {n:,}."), found.minimal_winning, tr)
    _print_sets(message("Smallest coalitions that stop one: {n:,}."), found.minimal_blocking, tr)


def _print_sets(title: str, coalitions: "tuple[tuple[str, ...], ...] | None", tr: "Translator") -> None:
    """Print minimal coalitions, the smallest first."""
    if coalitions is None:
        return
    console = terminal()
    console.print(tr.gettext(title, n=len(coalitions)))
    shown = "; ".join(" ".join(coalition) for coalition in coalitions[:SHOWN])
    console.print(f"  {shown}{' …' if len(coalitions) > SHOWN else ''}")
