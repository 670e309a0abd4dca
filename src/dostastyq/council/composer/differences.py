"""Differences between two versions of a text, paragraph by paragraph, down to the words.

Paragraphs are matched by what they say, so that a paragraph that only changed its number is no difference.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from dostastyq.council.composer.model import Composition

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
ALIKE = 0.4
"""Least share of words in common for a paragraph to count as changed, and not as one removed and another added."""

SAME_PLACE = 0.01
"""What it counts that a paragraph has the same number: less than any likeness of words."""


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a difference.

    Parameters
    ----------
    kind
        ``"same"``, ``"removed"`` or ``"added"``.
    text
        The words, with the spaces between them.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of a paragraph, a heading or the title.

    Parameters
    ----------
    kind
        ``"added"``, ``"removed"`` or ``"changed"``.
    old, new
        Its number in the old and in the new version (``"title"``, ``"2"`` for a heading, ``"2.1"``); empty where it is
        not there.
    old_at, new_at
        Its place in the order of the text, from 0; None where it is not there.
    runs
        The words, in order.
    """

    kind: str
    old: str
    new: str
    old_at: int | None
    new_at: int | None
    runs: tuple[Run, ...]

    @property
    def before(self) -> str:
        """The old text."""
        return "".join(run.text for run in self.runs if run.kind != "added")

    @property
    def after(self) -> str:
        """The new text."""
        return "".join(run.text for run in self.runs if run.kind != "removed")


Lines = Sequence[tuple[str, str]]


def lines(draft: Composition, language: str) -> tuple[tuple[str, str], ...]:
    """Give number and text of title, headings and paragraphs in a language; leave out what has no text in it.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> lines(example(), "en")[0]
    ('title', 'Treaty on a Customs Union')
    """
    found = [("title", draft.title)]
    for article in draft.articles:
        found.append((str(article.number), article.title))
        found += [(paragraph.number, paragraph.text) for paragraph in article.paragraphs]
    return tuple((number, text[language]) for number, text in found if text.get(language))


def differences(old: Composition, new: Composition, language: str) -> tuple[Difference, ...]:
    """List what changed from one version to another, in the order of the new text.

    Parameters
    ----------
    old, new
        The versions.
    language
        Language of the text compared.

    Examples
    --------
    >>> from dostastyq.council.composer import Amendment, example
    >>> change = Amendment(paragraph="10", kind="form", values={"notice": "P6M"})
    >>> [(it.new, run.kind, run.text) for it in differences(example(), example().amended([change]), "en")
    ...     for run in it.runs if run.kind != "same"]
    [('10.1', 'removed', '12'), ('10.1', 'added', '6')]
    """
    before, after = lines(old, language), lines(new, language)
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    found: list[Difference] = []
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            for old_at, new_at in _paired(before[first:last], after[start:end]):
                left = None if old_at is None else first + old_at
                right = None if new_at is None else start + new_at
                found.append(_difference(before, after, left, right))
    return tuple(found)


def _paired(old: Lines, new: Lines) -> Iterator[tuple[int | None, int | None]]:
    """Pair texts in order so that they have most in common; what stays alone was removed or added."""
    likeness = [[_likeness(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            yield i, j
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or best[i][j] == best[i + 1][j]):
            yield i, None
            i += 1
        else:
            yield None, j
            j += 1


def _likeness(old: tuple[str, str], new: tuple[str, str]) -> float:
    """Share of words in common; a place that kept its number is the same one, whatever became of its words."""
    ratio = SequenceMatcher(None, old[1].split(), new[1].split(), autojunk=False).ratio()
    if ratio >= ALIKE:
        return ratio
    return SAME_PLACE if old[0] == new[0] else 0.0


def _difference(before: Lines, after: Lines, old_at: int | None, new_at: int | None) -> Difference:
    old, left = ("", "") if old_at is None else before[old_at]
    new, right = ("", "") if new_at is None else after[new_at]
    kind = "added" if old_at is None else "removed" if new_at is None else "changed"
    return Difference(kind=kind, old=old, new=new, old_at=old_at, new_at=new_at, runs=tuple(word_runs(left, right)))


def word_runs(old: str, new: str) -> Iterator[Run]:
    """Tell two texts apart word by word.

    Examples
    --------
    >>> [run.text for run in word_runs("within 12 months", "within 6 months") if run.kind == "same"]
    ['within ', ' months']
    """
    left, right = _WORDS.findall(old), _WORDS.findall(new)
    for tag, first, last, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(left[first:last]))
            continue
        if last > first:
            yield Run("removed", "".join(left[first:last]))
        if end > start:
            yield Run("added", "".join(right[start:end]))
