"""The status of every instrument in the depositary's own codes, on any day.

The Executive Committee prints one table of all documents: the day on which a state completed its procedures, ``+`` for
signed and not completed, ``-`` for not signed, ``ВП`` for applied provisionally, and marks for a state that left or
declared that it would not join; documents not in force stand in italics. Two codes are the register's own, because the
depositary never doubts: ``?`` (not known) and ``+?`` (signed, and whether it completed its procedures is not known).
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from dostastyq.dates import Truth, all_of, any_of, calendar_day, not_
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.model import Instrument
from dostastyq.register.timeline import at

if TYPE_CHECKING:
    from dostastyq.register.law import Register

MARKS = {"SIGNED": "+", "NONE": "-", "PROVISIONAL": "ВП", "WITHDRAWN": "¹", "DECLINED": "²", "NOT_IN_FORCE": "*"}
"""Marks where the data folder has no vocabulary of its own."""


def depositary_table(
    register: "Register", on: str | date, instruments: Iterable[str] | None = None, language: str = "ru"
) -> pl.DataFrame:
    """Give the depositary's table as it would stand on a day.

    Parameters
    ----------
    register
        The register.
    on
        The day.
    instruments
        Slugs of the rows; all instruments signed by then, in the order of signature, where not given.
    language
        Language of the titles.

    Returns
    -------
    polars.DataFrame
        ``instrument``, ``title``, ``signed``, ``force`` (the mark of a document not in force, ``?`` where that is not
        known) and one column a state.

    Examples
    --------
    >>> from dostastyq import register
    >>> table = depositary_table(register.load("cis"), "2011-01-10", ["payments-union-1994"])
    >>> table.select("force", "ARM", "AZE").row(0)
    ('', '1996-02-12', '+')
    """
    day = calendar_day(on)
    marks = MARKS | {item.code: item.mark for item in register.institutions.vocabulary if item.mark}
    rows = [register.instrument(slug) for slug in instruments] if instruments is not None else _signed_by(register, day)
    return pl.DataFrame(
        [
            {
                "instrument": item.slug,
                "title": item.title.get(language, item.title["en"]),
                "signed": str(item.signed.day),
                "force": _force(register, item, day, marks),
                **{code: _cell(register, item, code, day, marks) for code in register.states},
            }
            for item in rows
        ],
        schema=dict.fromkeys(("instrument", "title", "signed", "force", *register.states), pl.String),
    )


def _signed_by(register: "Register", day: date) -> list[Instrument]:
    found = [item for item in register.instruments.values() if item.signed.day.at_or_before(day) is not False]
    return sorted(found, key=lambda item: (item.signed.day.earliest or date.min, item.slug))


def _force(register: "Register", item: Instrument, day: date, marks: dict[str, str]) -> str:
    started: Truth = None if item.entered is None else item.entered.day.at_or_before(day)
    if item.entered is None:
        started = any_of(at(register.standing(item.slug, code).entered, day) for code in register.states)
    lasting = any_of(not_(at(register.standing(item.slug, code).ended, day)) for code in register.states)
    return {True: "", False: marks["NOT_IN_FORCE"], None: "?"}[all_of((started, lasting))]


def _cell(register: "Register", item: Instrument, state: str, day: date, marks: dict[str, str]) -> str:
    lines = register.standing(item.slug, state)
    if at(lines.exited, day) and not at(lines.bound, day):
        return marks["WITHDRAWN"]
    completed = _completed(register, item, state, day)
    if completed:
        return completed
    if any(act.state == state and act.kind == "refusal" and _came(act, day) for act in item.acts):
        return marks["DECLINED"]
    if at(lines.provisional, day):
        return marks["PROVISIONAL"]
    unsure = "?" if at(lines.bound, day) is None else ""
    if state in item.signed.by and item.signed.day.at_or_before(day):
        return marks["SIGNED"] + unsure
    return unsure or (marks["NONE"] if item.signed.by else "?")


def _came(act: Act, day: date) -> bool:
    return act.effect is not None and act.effect.at_or_before(day) is True


def _completed(register: "Register", item: Instrument, state: str, day: date) -> str:
    """Day of the state's consent, or of entry into force for it where no consent is recorded."""
    consents = [
        act.date or act.effective
        for act in item.acts
        if act.state == state and act.kind in CONSENT and not (act.through and act.date is None)
    ]
    entered = [entry.day for entry in register.standing(item.slug, state).entries]
    for days in (consents, entered):
        known = [found for found in days if found is not None and found.at_or_before(day)]
        if known:
            return str(max(known, key=lambda found: found.earliest or date.min))
    return ""
