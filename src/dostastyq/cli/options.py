"""Options that several commands share."""

from enum import StrEnum


class Language(StrEnum):
    """Languages of tables and reports."""

    kk = "kk"
    ru = "ru"
    en = "en"


def complete_instrument(incomplete: str) -> list[str]:
    """Slugs of the register that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [slug for slug in register.load("cis").instruments if slug.startswith(incomplete)]


def complete_state(incomplete: str) -> list[str]:
    """Codes of the register's states that begin with what was typed."""
    from dostastyq import register  # noqa: PLC0415 -- only when the shell asks

    return [code for code in register.load("cis").states if code.startswith(incomplete.upper())]
