"""Options that several commands share."""

import getpass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dostastyq.register import Register


class Language(StrEnum):
    """Languages of tables and reports."""

    kk = "kk"
    ru = "ru"
    en = "en"


def complete_instrument(incomplete: str) -> list[str]:
    """Slugs of the register that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [slug for slug in register.load("cis").instruments if slug.startswith(incomplete)]


def complete_rule(incomplete: str) -> list[str]:
    """Rules, bodies and instruments of the register that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    held = register.load("cis")
    names = (*held.institutions.rules, *held.institutions.organs, *held.instruments)
    return [name for name in names if name.startswith(incomplete)]


def complete_state(incomplete: str) -> list[str]:
    """Codes of the register's states that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [code for code in register.load("cis").states if code.startswith(incomplete.upper())]


def words(given: "Iterable[str] | None") -> list[str]:
    """Names as people write lists on a command line: apart, with commas, or both.

    Examples
    --------
    >>> words(["ARM,BLR", "KAZ,"])
    ['ARM', 'BLR', 'KAZ']
    """
    return [name for text in given or () for part in text.split(",") if (name := part.strip())]


def open_register() -> "Register":
    """Load the register with the acts in the user's journal, where there is one."""
    from dostastyq import register, store  # noqa: PLC0415 -- only when a command runs

    return register.load("cis", journal=store.database_url() if store.journal_exists() else None)


def current_user() -> str:
    """Name of the person at the machine, as its system knows it.

    Raises
    ------
    DostastyqError
        ``CL001`` where the system knows none.
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        hint = "say it: --as PERSON, or --author NAME"
        raise DostastyqError("CL001", "the system does not say who you are", hint) from None
