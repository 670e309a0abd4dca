"""The register in the formats of others: tables, linked data, law markup, statistics, calendars.

Each format is one module that turns a `Register` into text or bytes; nothing here reads or writes a file except
`write_whole`. Same register, same bytes.

Examples
--------
>>> from dostastyq import register
>>> from dostastyq.register import exports
>>> content = exports.export(register.load("cis"), "csv", instrument="eaeu-kgz-2014")
>>> content.decode().splitlines()[0].split(",")[:3]
['instrument', 'state', 'act']
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import translator
from dostastyq.register.exports.files import write_whole

if TYPE_CHECKING:
    from dostastyq.register.law import Register

__all__ = ["FORMATS", "Format", "Request", "export", "write_whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to export.

    Parameters
    ----------
    register
        The register, already as it was known at the moment asked about.
    on
        The day whose statuses are wanted; None for what does not depend on a day.
    instrument
        One instrument; empty for all.
    language
        Language of sentences, where a format has them.
    """

    register: "Register"
    on: date | None = None
    instrument: str = ""
    language: str = "en"

    @property
    def slugs(self) -> tuple[str, ...]:
        """Instruments asked for, in the register's order."""
        return (self.instrument,) if self.instrument else tuple(self.register.instruments)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of export.

    Parameters
    ----------
    make
        From a request to the file's content.
    what
        What it is, in a few words.
    is_text
        Whether it may go to a terminal.
    """

    make: Callable[[Request], bytes]
    what: str
    is_text: bool = True


def _csv(request: Request) -> bytes:
    from dostastyq.register.exports.tables import to_csv  # noqa: PLC0415 -- each format loads its own libraries

    return to_csv(request)


def _parquet(request: Request) -> bytes:
    from dostastyq.register.exports.tables import to_parquet  # noqa: PLC0415

    return to_parquet(request)


def _jsonld(request: Request) -> bytes:
    from dostastyq.register.exports.jsonld import to_jsonld  # noqa: PLC0415

    return to_jsonld(request)


def _akn(request: Request) -> bytes:
    from dostastyq.register.exports.akn import to_akn  # noqa: PLC0415

    return to_akn(request)


def _sdmx(request: Request) -> bytes:
    from dostastyq.register.exports.sdmx import to_sdmx  # noqa: PLC0415

    return to_sdmx(request)


def _ical(request: Request) -> bytes:
    from dostastyq.register.exports.ical import to_ical  # noqa: PLC0415

    return to_ical(request)


FORMATS: Mapping[str, Format] = {
    "csv": Format(_csv, "long table of acts; with a day, of statuses"),
    "parquet": Format(_parquet, "the same table, typed", is_text=False),
    "jsonld": Format(_jsonld, "linked data: schema.org Legislation, ELI, W3C ORG, PROV-O"),
    "akn": Format(_akn, "Akoma Ntoso 3.0 metadata of one instrument"),
    "sdmx-csv": Format(_sdmx, "SDMX-CSV 2.0: shares of years by pair; with a day, status codes"),
    "ical": Format(_ical, "iCalendar of exact days"),
}
"""Formats by name."""


def export(
    register: "Register",
    form: str,
    *,
    on: str | date | None = None,
    instrument: str | None = None,
    language: str = "en",
) -> bytes:
    """Turn a register into a file's content.

    Parameters
    ----------
    register
        The register; for an earlier state of knowledge, the register as it was known then.
    form
        One of ``FORMATS``.
    on
        A day: tables and statistics then hold statuses of that day, linked data and markup hold them too.
    instrument
        Slug of one instrument; needed for ``"akn"``.
    language
        Language of the sentences of a calendar.

    Raises
    ------
    DostastyqError
        ``RG050`` for an unknown format, ``RG051`` for a format that needs an instrument, ``RG001`` for an unknown
        instrument, ``DT002`` for a bad day.

    Examples
    --------
    >>> from dostastyq import register
    >>> table = export(register.load("cis"), "csv", on="2013-01-01", instrument="fta-2011").decode()
    >>> [line for line in table.splitlines() if ",KAZ," in line][0].split(",")[:4]
    ['fta-2011', 'KAZ', '2013-01-01', 'IN_FORCE']
    """
    if form not in FORMATS:
        raise DostastyqError("RG050", f"there is no export format {form!r}", nearest(form, FORMATS))
    request = Request(
        register=register,
        on=None if on is None else calendar_day(on),
        instrument="" if instrument is None else register.instrument(instrument).slug,
        language=translator(language).language,
    )
    return FORMATS[form].make(request)
