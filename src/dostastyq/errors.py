"""One family of errors: a stable code, a sentence, and what to do about it.

The command prints message and hint and exits with 2. A code is two or three capital letters for the part of the
system and three digits; it never changes its meaning.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class DostastyqError(Exception):
    """A refusal the user can act on.

    Parameters
    ----------
    code
        Stable identifier, e.g. ``"TR003"``.
    message
        What was found, where, and what was expected.
    hint
        What to do about it; may be empty.

    Examples
    --------
    >>> str(DostastyqError("RG001", "there is no instrument 'eaeu-2041'", "did you mean 'eaeu-2014'?"))
    "there is no instrument 'eaeu-2041' (did you mean 'eaeu-2014'?)"
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["DostastyqError"], tuple[str, str, str]]:
        return type(self), (self.code, self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def nearest(found: str, known: Iterable[str]) -> str:
    """Hint with the known names nearest to `found`, or all of them when there are few.

    Examples
    --------
    >>> nearest("eaeu-2041", ["fta-2011", "eaeu-2014"])
    "did you mean 'eaeu-2014'?"
    """
    names = sorted(known)
    close = get_close_matches(found.casefold(), names, n=3, cutoff=0.6) or get_close_matches(
        found.upper(), names, n=3, cutoff=0.6
    )
    if close:
        return "did you mean " + " or ".join(repr(name) for name in close) + "?"
    return "known names: " + ", ".join(names) if len(names) <= 60 else ""
