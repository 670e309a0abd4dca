"""Names that outlive a file: identifiers of linked data, and Akoma Ntoso IRIs.

``cis:fta-2011`` stands for ``urn:dostastyq:cis:fta-2011``; an act is ``cis:fta-2011/KAZ/notification/1``, an organ
``cis:chs``, a source ``cis:source/garant_2020``. An Akoma Ntoso work is
``/akn/xc-cis/act/treaty/2011-10-18/fta``: ``xc`` is user-assigned in ISO 3166, the number is the slug without its year.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dostastyq.register.law import Register
    from dostastyq.register.model import Instrument

TERMS = "urn:dostastyq:terms:"
"""Namespace of the project's own terms."""

_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


def namespace(commonwealth: str) -> str:
    """Namespace of a commonwealth.

    Examples
    --------
    >>> namespace("cis")
    'urn:dostastyq:cis:'
    """
    return f"urn:dostastyq:{commonwealth}:"


def act_key(register: "Register", slug: str, number: int) -> str:
    """Stable name of an act; acts without one are numbered within their instrument."""
    return register.instruments[slug].acts[number].key or f"{slug}/act/{number + 1}"


def work_iri(register: "Register", item: "Instrument") -> str:
    """Akoma Ntoso IRI of an instrument as a work.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> work_iri(reg, reg.instrument("fta-2011"))
    '/akn/xc-cis/act/treaty/2011-10-18/fta'
    """
    kind = "decision" if item.kind == "decision" else "treaty"
    day = item.signed.day
    written = _DATE.fullmatch(day.text)
    date = day.text if written else str(day.earliest or day.latest or "0000")[:4]
    number = re.sub(r"-\d{4}$", "", item.slug)
    return f"/akn/xc-{register.name}/act/{kind}/{date}/{number}"


def expression_iri(register: "Register", item: "Instrument", language: str = "rus") -> str:
    """Akoma Ntoso IRI of an instrument in a language, as signed or since its entry into force.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> expression_iri(reg, reg.instrument("fta-2011"))
    '/akn/xc-cis/act/treaty/2011-10-18/fta/rus@2012-09-20'
    """
    days = [fact.day for fact in (item.entered, item.signed) if fact is not None]
    exact = next((day.earliest for day in days if day.exact), None)
    return f"{work_iri(register, item)}/{language}@{exact or ''}"
