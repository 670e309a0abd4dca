"""SDMX-CSV 2.0: a cube by reporting area, counterpart area, instrument and period.

Two dataflows of agency ``DOSTASTYQ``, with the same dimensions and attributes:

``APPLICATION(1.0.0)``, without a day
    ``STATUS`` is the share of the year on whose days the instrument applied between the two areas. Both directions
    are given. A pair and instrument with nothing but zeros from the first to the last year has no rows.
``STATUS(1.0.0)``, with a day
    ``STATUS`` is the code of the area in the instrument on the day; ``COUNTERPART_AREA`` is ``_Z`` (not applicable).

=================== ========= =======================================================================================
column              role      values
=================== ========= =======================================================================================
REF_AREA            dimension ISO 3166 alpha-3
COUNTERPART_AREA    dimension ISO 3166 alpha-3, or ``_Z``
INSTRUMENT          dimension slug
TIME_PERIOD         dimension year, or day
STATUS              measure   share of the year from 0 to 1, or a status code; empty where unknown
OBS_STATUS          attribute ``A`` normal, ``U`` low reliability, ``O`` unknown (cross-domain list CL_OBS_STATUS)
CONF_STATUS         attribute ``F``, free for publication (cross-domain list CL_CONF_STATUS)
CONFIDENCE          attribute weakest confidence of the facts: ``high``, ``medium``, ``low``
SOURCE              attribute keys of sources, joined with ``;``
=================== ========= =======================================================================================

``CONF_STATUS`` is confidentiality in SDMX, never confidence.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias

from dostastyq.register.acts import CONSENT, EFFECTS
from dostastyq.register.facts import Confidence, weakest
from dostastyq.register.frames import FIRST_YEAR
from dostastyq.register.timeline import share

if TYPE_CHECKING:
    from dostastyq.register.exports import Request
    from dostastyq.register.law import Register

AGENCY = "DOSTASTYQ"
DIMENSIONS = ("REF_AREA", "COUNTERPART_AREA", "INSTRUMENT", "TIME_PERIOD")
MEASURE = "STATUS"
ATTRIBUTES = ("OBS_STATUS", "CONF_STATUS", "CONFIDENCE", "SOURCE")
HEADER = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, MEASURE, *ATTRIBUTES)

NOT_APPLICABLE = "_Z"
PUBLIC = "F"

Evidence: TypeAlias = tuple[Confidence, tuple[str, ...]]


def to_sdmx(request: "Request") -> bytes:
    """Write the cube of years, or of statuses where a day is asked."""
    rows = _years(request) if request.on is None else _statuses(request, request.on)
    flow = f"{AGENCY}:{'APPLICATION' if request.on is None else 'STATUS'}(1.0.0)"
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(("dataflow", flow, "I", *row) for row in rows)
    return buffer.getvalue().encode()


def _years(request: "Request") -> Iterator[tuple[str, ...]]:
    register = request.register
    last = (register.horizon or date(FIRST_YEAR, 12, 31)).year
    codes = sorted(register.states)

    @cache
    def evidence(slug: str, state: str) -> Evidence:
        return _evidence(register, slug, state)

    for slug in request.slugs:
        for area in codes:
            for other in codes:
                line = ((1, False),) if area == other else register.line(slug, area, other)
                if line == ((1, False),):
                    continue
                values = [share(line, year) for year in range(FIRST_YEAR, last + 1)]
                if any(value != 0 for value in values):
                    found = _joined(evidence(slug, area), evidence(slug, other))
                    for year, value in enumerate(values, FIRST_YEAR):
                        said = "" if value is None else f"{value:.6g}"
                        yield (area, other, slug, str(year), said, *_attributes(known=value is not None, found=found))


def _statuses(request: "Request", on: date) -> Iterator[tuple[str, ...]]:
    register = request.register
    for slug in request.slugs:
        for area in sorted(register.states):
            if register.states[area].independent.day.after(on):
                continue
            status = register.status(slug, area, on)
            cited = sorted({key for step in status.proof for key in step.sources})
            known = status.bound is not None and status.applied is not None
            attributes = _attributes(known=known, found=(status.confidence, tuple(cited)))
            yield (area, NOT_APPLICABLE, slug, on.isoformat(), status.code, *attributes)


def _attributes(*, known: bool, found: Evidence) -> tuple[str, str, str, str]:
    confidence, sources = found
    quality = ("U" if confidence == "low" else "A") if known else "O"
    return quality, PUBLIC, confidence, ";".join(sources)


def _evidence(register: "Register", slug: str, state: str) -> Evidence:
    """Weakest confidence and all sources of what decides about a state in an instrument."""
    item = register.instruments[slug]
    facts = [
        item.signed,
        *(fact for fact in (item.entered, item.in_force_by, item.provisional, item.ended) if fact is not None),
    ]
    acts = [act for act in item.acts if act.state == state and act.kind in CONSENT | EFFECTS]
    confidence = weakest([*(fact.confidence for fact in facts), *(act.confidence for act in acts)])
    return confidence, tuple(sorted({key for found in (*facts, *acts) for key in found.sources}))


def _joined(first: Evidence, second: Evidence) -> Evidence:
    return weakest((first[0], second[0])), tuple(sorted({*first[1], *second[1]}))
