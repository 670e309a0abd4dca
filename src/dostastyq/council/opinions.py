"""What states say of a draft, version by version, as the table of differences lists it."""

from collections.abc import Iterator, Mapping
from datetime import date

from dostastyq.actor import Actor
from dostastyq.council.model import Draft, Opinion, ProposedAmendment, Version
from dostastyq.council.papers import AmendmentLine, Answer, DifferenceLine
from dostastyq.council.policy import sees_opinion


def circulations(draft: Draft) -> dict[int, tuple[date, bool]]:
    """Give the versions that were circulated: when last, and whether the table of differences went round after that.

    Each revision makes the next version, so that the steps tell which one was sent.
    """
    found: dict[int, tuple[date, bool]] = {}
    number = sent = 1
    for move in draft.moves:
        if move.step == "revise":
            number += 1
        elif move.step == "circulate":
            sent = number
            found[sent] = (move.day, False)
        elif move.step == "table" and sent in found:
            found[sent] = (found[sent][0], True)
    return found


def answers_to(viewer: Actor | None, draft: Draft, version: int, asked: tuple[str, ...]) -> Iterator[Answer]:
    """Give what each state that was asked answered to a version, as far as the reader may see it."""
    given = {item.state: item for item in draft.opinions if item.version == version}
    for state in dict.fromkeys((*asked, *given)):
        found = given.get(state)
        if found is None:
            yield Answer(state=state, stance=None, shown=_would_see(viewer, draft, version, state))
        else:
            yield Answer(
                state=state,
                stance=found.stance,
                shown=True,
                day=found.day,
                person=found.person.name,
                remark=found.remarks.get("", ""),
            )


def _would_see(viewer: Actor | None, draft: Draft, version: int, state: str) -> bool:
    """Whether the reader would see an opinion of a state, so that its absence is silence and not a secret."""
    if viewer is None:
        return True
    supposed = Opinion(
        state=state, stance="agree", version=version, remarks={}, day=date.max, person=Actor("nobody", state)
    )
    return sees_opinion(viewer, draft, supposed)


def difference_lines(draft: Draft, version: Version, opinions: Mapping[str, Opinion]) -> tuple[DifferenceLine, ...]:
    """Give the paragraphs of which something is said, in the order of the text."""
    headings, texts = _texts(version)
    remarks: dict[str, list[tuple[str, str]]] = {}
    for opinion in opinions.values():
        for number, text in opinion.remarks.items():
            if number:
                remarks.setdefault(number, []).append((opinion.state, text))
    amendments: dict[str, list[ProposedAmendment]] = {}
    later = [number for number in circulations(draft) if number > version.number]
    for item in draft.amendments:
        if version.number <= item.version < min(later, default=item.version + 1):
            amendments.setdefault(item.amendment.paragraph, []).append(item)
    return tuple(
        DifferenceLine(
            paragraph=number,
            heading=headings.get(number.partition(".")[0], {}),
            text=texts.get(number, {}),
            remarks=tuple(remarks.get(number, ())),
            amendments=tuple(_amendment_line(item) for item in amendments.get(number, ())),
        )
        for number in sorted({*remarks, *amendments}, key=_place)
    )


def _texts(version: Version) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
    """Give headings by article, and texts by number: paragraphs, headings of articles, and the title."""
    articles = version.composition.articles
    headings = {str(article.number): article.title for article in articles}
    texts = {item.number: item.text for item in version.composition.paragraphs()}
    return headings, {"title": version.composition.title, **headings, **texts}


def _place(number: str) -> tuple[int, ...]:
    """Say where a number stands in the text: the title first, an article before its paragraphs."""
    parts = number.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (-1,)


def _amendment_line(item: ProposedAmendment) -> AmendmentLine:
    put = item.amendment
    return AmendmentLine(
        number=item.number,
        proposer=put.proposer,
        version=item.version,
        kind=put.kind,
        text=put.text,
        values=dict(put.values or {}),
        accepted=item.accepted,
    )
