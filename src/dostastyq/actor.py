"""Who acts: a person of a state or of the secretariat."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from dostastyq.errors import DostastyqError

SECRETARIAT: Final = "secretariat"
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who does something that is recorded.

    Parameters
    ----------
    name
        The person's name; spaces are made single, and letters are compared without case.
    place
        ISO 3166 alpha-3 code of the state for which the person acts, or ``"secretariat"``.
    role
        In what capacity, e.g. ``"clearing officer"``; may be empty.

    Raises
    ------
    DostastyqError
        ``AC001`` a name or role that is empty, too long or has control characters, ``AC002`` a place that is none.

    Notes
    -----
    The name is what was said: whether it is true is for whoever admits people to the machine.

    Examples
    --------
    >>> Actor("A.  Officer", "KAZ").key == Actor("a. officer", "secretariat").key
    True
    """

    name: str
    place: str = SECRETARIAT
    role: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _line("name", self.name))
        object.__setattr__(self, "role", _line("role", self.role) if self.role else "")
        code = isinstance(self.place, str) and len(self.place) == 3 and self.place.isascii() and self.place.isupper()
        if self.place != SECRETARIAT and not code:
            message = f"{self.name} acts for {self.place!r}"
            raise DostastyqError("AC002", message, "give the code of a state, e.g. KAZ, or secretariat")

    @property
    def key(self) -> str:
        """What tells one person from another."""
        return unicodedata.normalize("NFKC", self.name).casefold()


def _line(what: str, value: str) -> str:
    """Text on one line, with single spaces."""
    text = unicodedata.normalize("NFC", " ".join(str(value).split()))
    if not text or len(text) > _LONGEST or any(unicodedata.category(sign) in {"Cc", "Cs", "Cf"} for sign in text):
        raise DostastyqError("AC001", f"the {what} is {value!r}", f"write 1 to {_LONGEST} characters on one line")
    return text
