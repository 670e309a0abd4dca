"""How the papers of a council say names, votes and results in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dostastyq.actor import SECRETARIAT
from dostastyq.council.papers import Body, Sitting
from dostastyq.i18n import Translator, message
from dostastyq.report.document import Cell, Line, cell, facts

UNDETERMINED = "und"
"""Language of what somebody wrote, which nobody asked: BCP 47 for undetermined."""

VOTES = {
    "for": message("for"),
    "against": message("against"),
    "abstain": message("abstains"),
    "non_interest": message("not interested"),
    "absent": message("absent"),
}
RESULTS = {True: message("Adopted."), False: message("Not adopted."), None: message("Undetermined.")}
OUTCOMES = {
    "adopted": message("adopted"),
    "rejected": message("not adopted"),
    "postponed": message("postponed"),
    "referred": message("referred down"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A translator that knows the names of a council.

    Parameters
    ----------
    tr
        Translator of the language of the paper.
    """

    tr: Translator

    def __call__(self, template: str, /, **values: object) -> str:
        """Translate a message that was marked, its fields filled."""
        return self.tr.gettext(template, **values)

    def named(self, texts: Mapping[str, str], style: str = "") -> Line:
        """Say a text by language: in that of the paper, or in the one there is."""
        for language in (self.tr.language, "en", "ru", *texts):
            if texts.get(language):
                return Line(texts[language], style, language="" if language == self.tr.language else language)
        return Line("")

    def organ(self, body: Body) -> Line:
        """Name an organ."""
        return self.named(body.name)

    def place(self, code: str) -> str:
        """Name a state or the secretariat."""
        return self(message("secretariat")) if code == SECRETARIAT else self.tr.territory(code)

    def places(self, codes: tuple[str, ...]) -> str:
        """Name states and the secretariat, joined."""
        return self.tr.join(self.place(code) for code in codes)

    def language(self, code: str) -> str:
        """Name a language."""
        return str(self.tr.locale.languages.get(code, code))

    def share(self, fraction: str) -> str:
        """Say a share as the fraction it is, with per cent."""
        value = Fraction(fraction)
        percent = float(100 * value)
        return f"{value} ({self.tr.percent(percent, 0 if percent.is_integer() else 2)})"

    def sealed(self, entry: int, digest: str) -> Cell:
        """Say which entry of the journal holds it."""
        said = self(message("entry {entry} of the council's journal"), entry=str(entry))
        return (Line(said), *((Line(digest, "code"),) if digest else ()))


def written(text: str, style: str = "", label: str = "") -> Cell:
    """Give what somebody wrote; nothing for no text."""
    return (Line(text, style, label, UNDETERMINED),) if text.strip() else ()


def sitting_facts(words: Words, sitting: Sitting) -> tuple[tuple[str, Cell], ...]:
    """Give the facts of a session for the head of a paper."""
    tr = words.tr
    attended = sitting.present is not None
    nobody = words(message("nobody"))
    return facts(
        [
            (words(message("Day")), tr.date(sitting.day)),
            (words(message("Place")), written(sitting.place)),
            (words(message("In the chair")), tr.territory(sitting.chair) if sitting.chair else ""),
            (words(message("Rules of procedure")), (words.named(sitting.rules),)),
            (words(message("Session")), cell(sitting.code)),
            (words(message("Present")), tr.territories(sitting.present or ()) or nobody if attended else ""),
            (words(message("Not present")), tr.territories(sitting.absent or ())),
        ]
    )
