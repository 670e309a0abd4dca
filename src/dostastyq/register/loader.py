"""From the data folder of a commonwealth to a `Register`.

The folder holds ``sources.yaml``, ``states.yaml``, ``memberships.yaml``, ``coverage.yaml``, ``instruments/*.yaml`` and,
where sources disagree, ``conflicts.yaml``;
``docs/reference/register.md`` describes the keys.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from dostastyq.errors import DostastyqError, nearest
from dostastyq.register.facts import PANEL_KINDS
from dostastyq.register.law import Register
from dostastyq.register.model import Conflict
from dostastyq.register.organs import read_institutions
from dostastyq.register.reader import Reader, compose
from dostastyq.register.schema import (
    read_conflict,
    read_coverage,
    read_instrument,
    read_membership,
    read_source,
    read_state,
)
from dostastyq.register.schema_base import Known, read_calendar_day

PUBLISHED = date(2026, 11, 22)
"""Day on which shipped facts were first recorded, where neither they nor ``coverage.yaml`` say so."""

COMMONWEALTHS = Path(__file__).parent.parent / "commonwealths"
"""Where the shipped commonwealths lie: ``<name>/register/*.yaml``."""


def load(commonwealth: str = "cis", journal: str | Path | None = None) -> Register:
    """Load the register of a shipped commonwealth.

    Parameters
    ----------
    commonwealth
        Name of a commonwealth, e.g. ``"cis"``.
    journal
        Path or URL of a journal whose recorded acts are added; by default none are.

    Returns
    -------
    Register
        The law. Loading the shipped law twice gives the same frozen object.

    Raises
    ------
    DostastyqError
        ``RG003`` for an unknown commonwealth, ``RG020`` to ``RG029`` for faulty data, ``RG040`` for a recorded act that
        cannot be read, ``ST001`` to ``ST021`` for a journal that cannot be opened or does not verify.

    Examples
    --------
    >>> reg = load("cis")
    >>> len(reg.states), reg.instrument("fta-2011").title["ru"]
    (12, 'Договор о зоне свободной торговли')
    """
    known = sorted(folder.parent.name for folder in COMMONWEALTHS.glob("*/register"))
    if commonwealth not in known:
        raise DostastyqError("RG003", f"there is no commonwealth {commonwealth!r}", nearest(commonwealth, known))
    shipped = _shipped(commonwealth)
    if journal is None:
        return shipped
    from dostastyq.register.journal import with_recorded  # noqa: PLC0415 -- most callers have no journal

    return with_recorded(shipped, journal)


@lru_cache(maxsize=8)
def _shipped(commonwealth: str) -> Register:
    return read_folder(COMMONWEALTHS / commonwealth / "register", commonwealth)


def read_folder(folder: Path, name: str) -> Register:
    """Read and check a folder of register data.

    Parameters
    ----------
    folder
        Folder with the files named above.
    name
        Name of the commonwealth.
    """
    coverage = _compose(folder / "coverage.yaml").record(("horizon", "preferences"), ("published",))
    published = coverage.get("published", read_calendar_day, PUBLISHED)
    sources = {key: read_source(key, at) for key, at in _compose(folder / "sources.yaml").entries()}
    state_nodes = dict(_compose(folder / "states.yaml").entries())
    instrument_nodes: dict[str, Reader] = {}
    for file in sorted((folder / "instruments").glob("*.yaml")):
        for slug, at in _compose(file).entries():
            if slug in instrument_nodes:
                at.refuse("RG021", f"{slug!r} is also in {instrument_nodes[slug].file}", "keep one of the two")
            instrument_nodes[slug] = at
    known = Known(frozenset(sources), frozenset(state_nodes), frozenset(instrument_nodes), published)
    kinds = coverage["preferences"].record((), PANEL_KINDS)
    return Register(
        name=name,
        states=MappingProxyType({code: read_state(code, at, known) for code, at in state_nodes.items()}),
        instruments=MappingProxyType({slug: read_instrument(slug, at, known) for slug, at in instrument_nodes.items()}),
        sources=MappingProxyType(sources),
        memberships=tuple(read_membership(at, known) for at in _compose(folder / "memberships.yaml").items()),
        coverage=MappingProxyType({kind: read_coverage(kind, at, known) for kind, at in kinds.found.items()}),
        horizon=coverage["horizon"].day().latest,
        rivals=_read_rivals(folder / "conflicts.yaml", known),
        published=published,
        institutions=read_institutions(folder, known, instrument_nodes),
    )


def _read_rivals(file: Path, known: Known) -> tuple[Conflict, ...]:
    return tuple(read_conflict(at, known) for at in _compose(file).items()) if file.exists() else ()


def _compose(file: Path) -> Reader:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise DostastyqError("RG020", f"{file}: cannot be read: {error.strerror}", "restore the file") from None
    return compose(text, "/".join(file.parts[-2:]) if file.parent.name == "instruments" else file.name)
