"""What a depositary or a source states of an instrument besides its text and the acts of states.

The text is the session's: no information changes its kind, titles, clauses or signatories. Entry into force as stated,
how complete a list is, what another instrument did to it, doubts about a day and the sources of all that come later.
The register's entry of the instrument is then superseded by one that says so.
"""

from collections.abc import Mapping
from typing import Any, Final

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register import Register
from dostastyq.store import Entry

CITED: Final = frozenset({"src", "conf", "note"})
"""Keys by which any fact says where it comes from."""

FACTS: Final = frozenset(
    {
        *("associate_basis", "complete", "consent_pending_as_of", "creates", "depositary", "eif_basis"),
        *("entered_into_force", "exits_complete", "in_force_by", "not_party_as_of", "params", "provisional"),
        *("relations", "replaced_between", "session", "terminated", "un_registration"),
    }
)
"""What information says of its own accord."""

ABOUT: Final = {
    "signed": CITED | {"date", "with"},
    "preference": CITED | {"from", "until"},
    "regime": CITED | {"from", "until"},
    "withdrawal": CITED | {"to", "basis", "residual"},
}
"""What information says of what the text or the signature round established, by key of a record."""


def informed(slug: str, record: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give the record of an instrument with what was stated of it.

    Parameters
    ----------
    slug
        The instrument, for messages.
    record
        As it stands, in the shape of the register's files.
    facts
        What is stated, in the same shape.

    Raises
    ------
    DostastyqError
        ``CN265`` for what information cannot change.

    Examples
    --------
    >>> stated = {"entered_into_force": {"date": "1994-12-30", "src": ["huggo"], "conf": "high"}}
    >>> informed("fta-1994", {"kind": "agreement"}, stated)["entered_into_force"]["date"]
    '1994-12-30'
    """
    made = dict(record)
    for key, value in facts.items():
        if key in ABOUT:
            _check_about(slug, key, record, value)
        elif key not in FACTS:
            raise DostastyqError(
                "CN265", f"{slug}: information does not change {key!r}", nearest(key, {*FACTS, *ABOUT})
            )
        made[key] = _joined(record.get(key), value)
    return made


def _joined(held: Any, value: Any) -> Any:  # noqa: ANN401 -- data of any shape
    """Fill a mapping and lengthen a list with what was stated; it takes the place of anything else."""
    if isinstance(held, Mapping) and isinstance(value, Mapping):
        return {**held, **value}
    if isinstance(held, list) and isinstance(value, list | tuple):
        return [*held, *(item for item in value if item not in held)]
    return value


def _check_about(slug: str, key: str, record: Mapping[str, Any], value: object) -> None:
    """Information doubts a day or says since when; it adds no signatory and establishes no preference."""
    held = record.get(key)
    if not isinstance(held, Mapping) or not isinstance(value, Mapping):
        raise DostastyqError(
            "CN265",
            f"{slug}: the text says nothing on {key!r}",
            "let the text say it: revise the draft before its vote",
        )
    over = sorted(value.keys() - ABOUT[key])
    if over:
        raise DostastyqError(
            "CN265",
            f"{slug}: information does not change {key}.{over[0]}",
            "it may say: " + ", ".join(sorted(ABOUT[key])),
        )
    if "date" in value:
        known, stated = Day.parse(str(held["date"])), Day.parse(str(value["date"]))
        low, high = stated.earliest, stated.latest
        day = known.earliest
        if day is None or (low is not None and day < low) or (high is not None and high < day):
            raise DostastyqError(
                "CN265",
                f"{slug}: signed on {known} by the round, and {stated} leaves that day out",
                "state days among which the day of the round is",
            )


def held_entry(law: Register, slug: str) -> int | None:
    """Give the sequence of the entry that holds an instrument now; None for one that no entry holds."""
    versions = law.versions.get(slug, ())
    last = versions[-1] if versions else None
    return last.entry if last is not None and last.recorded_to is None and last.entry else None


def recorded(entries: tuple[Entry, ...], sequence: int) -> tuple[Mapping[str, Any], tuple[Mapping[str, str], ...]]:
    """Give the record of an entry, and the sources that came with it."""
    content = next(entry.content for entry in entries if entry.sequence == sequence)
    return content["record"], tuple(content["sources"])
