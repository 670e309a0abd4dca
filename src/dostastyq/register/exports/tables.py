"""Long tables: every act with its day and source, and every status on a day.

Acts (no day asked): ``instrument, state, act, date_earliest, date_latest, date, effective, towards, provisions,
source, confidence``, then ``through, text, note, derived, opposes, key, supersedes, recorded``. ``date`` and
``effective`` are EDTF text; lists are joined with ``;``. Signatures are rows with the act ``signature``.

Statuses (a day asked): ``instrument, state, on, code, bound, applied, since, until, confidence``. Truth is
true, false or null for unknown. States that were not independent on that day have no rows.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from dostastyq.dates import Day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from dostastyq.register.acts import Act
    from dostastyq.register.exports import Request
    from dostastyq.register.model import Instrument

SEPARATOR = ";"
"""Between the elements of a list in one cell."""

SIGNATURE = "signature"
"""Act of a signature in the table; the other acts are ``ACT_KINDS``."""

ACTS = {
    **dict.fromkeys(("instrument", "state", "act"), pl.String),
    **dict.fromkeys(("date_earliest", "date_latest"), pl.Date),
    **dict.fromkeys(("date", "effective", "towards", "provisions", "source", "confidence"), pl.String),
    **dict.fromkeys(("through", "text", "note"), pl.String),
    **dict.fromkeys(("derived", "opposes"), pl.Boolean),
    **dict.fromkeys(("key", "supersedes", "recorded"), pl.String),
}
"""Columns of the table of acts."""

STATUSES = {
    **dict.fromkeys(("instrument", "state"), pl.String),
    "on": pl.Date,
    "code": pl.String,
    **dict.fromkeys(("bound", "applied"), pl.Boolean),
    **dict.fromkeys(("since", "until", "confidence"), pl.String),
}
"""Columns of the table of statuses."""


def to_csv(request: "Request") -> bytes:
    """Write the table as CSV (UTF-8, comma, one header line); unknown is an empty cell."""
    return table(request).write_csv().encode()


def to_parquet(request: "Request") -> bytes:
    """Write the table as Parquet."""
    buffer = BytesIO()
    table(request).write_parquet(buffer, statistics=False)
    return buffer.getvalue()


def table(request: "Request") -> pl.DataFrame:
    """Make the table of acts, or of statuses where a day is asked."""
    return acts(request) if request.on is None else statuses(request, request.on)


def acts(request: "Request") -> pl.DataFrame:
    """Make the table of acts, by instrument in the register's order and by day within it.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.register.exports import Request
    >>> frame = acts(Request(register=register.load("cis"), instrument="fta-2011"))
    >>> frame.filter(state="KAZ", act="notification").select("date", "effective").row(0)
    ('2012-11-08', '2012-12-08')
    """
    rows = [
        row
        for slug in request.slugs
        for item in (request.register.instruments[slug],)
        for row in (*_signatures(item), *map(_act, item.acts))
    ]
    return pl.DataFrame([_bare(row) for row in rows], schema=ACTS)


def statuses(request: "Request", on: "date") -> pl.DataFrame:
    """Make the table of statuses on a day."""
    rows = []
    for slug in request.slugs:
        for state, found in request.register.states.items():
            if found.independent.day.after(on):
                continue
            status = request.register.status(slug, state, on)
            row = status.to_dict()
            rows.append({**{name: row[name] for name in STATUSES if name in row}, "on": on})
    return pl.DataFrame(rows, schema=STATUSES)


def _signatures(item: "Instrument") -> "Iterator[dict[str, Any]]":
    signed = item.signed
    for state in signed.by:
        yield {
            **_days(signed.day),
            "instrument": item.slug,
            "state": state,
            "act": SIGNATURE,
            "source": SEPARATOR.join(signed.sources),
            "confidence": signed.confidence,
            "note": signed.note,
            "key": f"{item.slug}/{state}/{SIGNATURE}",
            **dict.fromkeys(("derived", "opposes"), False),
            "recorded": "" if signed.recorded is None else signed.recorded.isoformat(),
        }


def _act(act: "Act") -> dict[str, Any]:
    return {
        **_days(act.date),
        "instrument": act.instrument,
        "state": act.state,
        "act": act.kind,
        "effective": None if act.effective is None else str(act.effective),
        "towards": SEPARATOR.join(act.towards),
        "provisions": SEPARATOR.join(act.provisions),
        "source": SEPARATOR.join(act.sources),
        "confidence": act.confidence,
        "through": act.through,
        "text": act.text,
        "note": act.note,
        "derived": act.derived,
        "opposes": act.opposes,
        "key": act.key,
        "supersedes": act.supersedes,
        "recorded": "" if act.recorded_from is None else act.recorded_from.isoformat(),
    }


def _days(day: Day | None) -> dict[str, Any]:
    if day is None:
        return {}
    return {"date_earliest": day.earliest, "date_latest": day.latest, "date": str(day)}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """Make empty text null, so that an empty cell is the only way to say nothing."""
    return {name: None if value == "" else value for name, value in row.items()}
