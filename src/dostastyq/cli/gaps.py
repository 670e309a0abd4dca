"""``dostastyq gaps``: what the register does not know."""

from typing import TYPE_CHECKING, Any

from dostastyq.cli.options import Language
from dostastyq.cli.questions import (
    AnyState,
    Json,
    KnownAt,
    Lang,
    SlugOption,
    make_table,
    open_known,
    print_json,
    terminal,
)
from dostastyq.i18n import message

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.i18n import Translator

WHAT = {
    "entry_into_force_rule": message("the rule of entry into force is not known"),
    "signatories": message("who signed is not recorded"),
    "entry_into_force": message("the day of entry into force is not known"),
    "consents": message("the list of consents is not declared complete"),
    "deposit_date": message("the day of deposit is not exactly known"),
    "withdrawal_effect": message("the day on which a withdrawal takes effect is not known"),
    "signatory_without_consent": message("a signatory has no recorded consent in a list declared complete"),
}
"""Kinds of gap; every other one is a fact that rests on little."""

WEAK = message("rests on recollection or on a weak source: {fact}")

FACTS = {
    "signed": message("signature"),
    "entered_into_force": message("entry into force"),
    "in_force_by": message("statement that it was in force"),
    "provisional": message("provisional application"),
    "terminated": message("end of the instrument"),
    "replaced_between": message("replacement between the parties of another instrument"),
    "complete": message("completeness of the list of consents"),
    "preference": message("preference in goods"),
    "regime": message("arrangement other than a preference in goods"),
}
"""Facts that are not acts."""


def gaps(
    instrument: SlugOption = None,
    state: AnyState = None,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Count what is not known, by kind; with --instrument or --state, list it."""
    import polars as pl  # noqa: PLC0415 -- heavy imports wait for the command

    from dostastyq.i18n import translator  # noqa: PLC0415

    register = open_known(known_at, instrument)
    tr = translator(lang.value)
    found = register.gaps()
    if instrument is not None:
        found = found.filter(pl.col("instrument") == register.instrument(instrument).slug)
    if state is not None:
        found = found.filter(pl.col("state") == register.state(state.upper()).code)
    if json:
        print_json(found.to_dicts())
    elif instrument is None and state is None:
        _count(found, tr)
    else:
        _list(found, tr)


def _count(found: "pl.DataFrame", tr: "Translator") -> None:
    import polars as pl  # noqa: PLC0415

    counted = found.group_by("what").agg(pl.len(), pl.col("instrument").n_unique()).sort("len", "what", descending=True)
    headers = [tr.gettext(name) for name in (message("gap"), message("cases"), message("instruments"))]
    rows = [[say_gap(tr, what), str(cases), str(slugs)] for what, cases, slugs in counted.iter_rows()]
    console = terminal()
    console.print(make_table(headers, rows, keep=0))
    console.print()
    console.print(tr.gettext(message("Each of them: --instrument SLUG, --state STATE or --json.")))


def _list(found: "pl.DataFrame", tr: "Translator") -> None:
    headers = [
        tr.gettext(name) for name in (message("instrument"), message("State"), message("gap"), message("sources"))
    ]
    rows = [[row["instrument"], row["state"] or "", say_gap(tr, row["what"]), row["sources"]] for row in _rows(found)]
    terminal().print(make_table(headers, rows, keep=2))


def _rows(found: "pl.DataFrame") -> list[dict[str, Any]]:
    return found.to_dicts()


def say_gap(tr: "Translator", what: str) -> str:
    """Say what a gap is about.

    Examples
    --------
    >>> from dostastyq.i18n import translator
    >>> say_gap(translator("en"), "preference")
    'rests on recollection or on a weak source: preference in goods'
    """
    from dostastyq.register.wording import ACT_NAMES  # noqa: PLC0415

    if what in WHAT:
        return tr.gettext(WHAT[what])
    fact = FACTS.get(what) or ACT_NAMES.get(what, what)
    return tr.gettext(WEAK, fact=tr.gettext(fact))
