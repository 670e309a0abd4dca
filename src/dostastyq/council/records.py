"""Papers made from what somebody may see: agenda, table of differences, decision, minutes, certified copy, tasks.

Each takes a `Chamber` as `Council.view` gives it, so that a paper says nothing its reader may not see, and leaves out
what is hidden or says that it is not shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256

from dostastyq import register as registers
from dostastyq.actor import SECRETARIAT, Actor
from dostastyq.council.ballots import counted
from dostastyq.council.fold import Chamber
from dostastyq.council.gates import asked_states
from dostastyq.council.model import (
    AgendaItem,
    Decision,
    Draft,
    Move,
    Opinion,
    ProposedAmendment,
    Session,
    Task,
    Version,
)
from dostastyq.council.papers import (
    AgendaLine,
    AgendaPaper,
    AmendmentLine,
    Answer,
    BallotLine,
    Body,
    CertifiedCopy,
    CopyArticle,
    DecisionPaper,
    DifferenceLine,
    DifferencesPaper,
    MinutesLine,
    MinutesPaper,
    SignatureLine,
    Sitting,
    TaskLine,
    TaskPaper,
)
from dostastyq.council.policy import sees_opinion
from dostastyq.council.procedure import procedure_named
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register import Register


def agenda(chamber: Chamber, code: str, law: Register | None = None) -> AgendaPaper:
    """Make the agenda of a session.

    Parameters
    ----------
    chamber
        What the reader may see.
    code
        Code of the session.
    law
        Register that names organs and voters; the shipped one by default.

    Raises
    ------
    DostastyqError
        ``CN202`` an unknown session.
    """
    law = _law(law)
    session = chamber.session(code)
    items = tuple(_agenda_line(chamber, law, item) for item in session.items if item.draft in chamber.drafts)
    return AgendaPaper(session=_sitting(law, session), items=items)


def differences_table(
    chamber: Chamber, slug: str, law: Register | None = None, *, version: int = 0
) -> DifferencesPaper:
    """Make the table of differences of a version of a draft that was circulated, the last one by default.

    A state that was asked and did not answer has the stance None and is shown; an opinion that the reader may not see
    is not shown, and so is the silence of whoever else may have answered.

    Raises
    ------
    DostastyqError
        ``CN201`` an unknown draft, ``CN280`` one that was not circulated, or not in this version.
    """
    law = _law(law)
    draft = chamber.draft(slug)
    number = version or draft.circulated
    rounds = _circulations(draft)
    text = next((item for item in draft.versions if item.number == number), None)
    if number not in rounds or text is None:
        what = f"version {version} of {slug}" if version else slug
        known = ", ".join(map(str, rounds))
        hint = f"versions that were: {known}" if known else f"circulate it: dostastyq draft circulate {slug}"
        raise DostastyqError("CN280", f"{what} was not circulated", hint)
    sent, tabled = rounds[number]
    opinions = {item.state: item for item in draft.opinions if item.version == number}
    rows = _difference_lines(draft, text, opinions)
    numbers = {item.number for item in text.composition.paragraphs()}
    asked = asked_states(law, draft, sent)
    return DifferencesPaper(
        draft=slug,
        title=text.composition.title,
        organ=_body(law, draft.organ),
        author=draft.author,
        version=number,
        day=sent,
        deadline=draft.deadline if number == draft.circulated else None,
        tabled=tabled,
        answers=tuple(_answers(chamber.viewer, draft, number, asked)),
        rows=rows,
        untouched=len(numbers - {row.paragraph for row in rows}),
    )


def decision_paper(chamber: Chamber, slug: str, law: Register | None = None) -> DecisionPaper:
    """Make the paper of the last decision on a draft.

    Raises
    ------
    DostastyqError
        ``CN201`` an unknown draft, ``CN281`` one on which nothing was decided.
    """
    draft = chamber.draft(slug)
    if draft.decision is None:
        raise DostastyqError(
            "CN281", f"{slug}: nothing was decided on it", "open a vote and close it: dostastyq decide open"
        )
    return _decisions(chamber, _law(law), draft)[-1]


def minutes(chamber: Chamber, code: str, law: Register | None = None) -> MinutesPaper:
    """Make the minutes of a session: attendance, chair, what became of each item, votes, special opinions.

    Raises
    ------
    DostastyqError
        ``CN202`` an unknown session.
    """
    law = _law(law)
    session = chamber.session(code)
    items = tuple(_minutes_line(chamber, law, session, item) for item in session.items if item.draft in chamber.drafts)
    return MinutesPaper(session=_sitting(law, session), items=items)


def certified_copy(chamber: Chamber, slug: str, language: str, law: Register | None = None) -> CertifiedCopy:
    """Make a certified copy of the text of a draft in one of its languages.

    Raises
    ------
    DostastyqError
        ``CN201`` an unknown draft, ``CN282`` one that was not certified, ``CN283`` a language in which it is not
        authentic.
    """
    from dostastyq.council.composer import to_akn  # noqa: PLC0415 -- XML is read for this paper alone

    law = _law(law)
    draft = chamber.draft(slug)
    move = draft.took("certify")
    if move is None:
        raise DostastyqError(
            "CN282", f"{slug}: no certified copies were issued", f"after its signature: dostastyq sign certify {slug}"
        )
    if language not in draft.copies:
        raise DostastyqError(
            "CN283", f"{slug} is not authentic in {language!r}", nearest(language, draft.copies) or "take another one"
        )
    composition = draft.composition
    organs = law.institutions.organs
    kept_by_organ = composition.depositary in organs
    return CertifiedCopy(
        draft=slug,
        title=composition.title,
        organ=_body(law, draft.organ),
        language=language,
        articles=tuple(
            CopyArticle(
                number=article.number,
                heading=article.title.get(language, ""),
                paragraphs=tuple((item.number, item.text.get(language, "")) for item in article.paragraphs),
            )
            for article in composition.articles
        ),
        signed=draft.round.day if draft.round else None,
        place=draft.round.place if draft.round else "",
        signatures=_signatures(draft),
        depositary=_body(law, composition.depositary) if kept_by_organ else None,
        depositary_state="" if kept_by_organ else composition.depositary,
        certified=move.day,
        certifier=move.person.name,
        certifier_place=move.person.place,
        sha256=draft.copies[language],
        agrees=sha256(to_akn(composition, language)).hexdigest() == draft.copies[language],
        entry=move.entry,
        hash=move.hash,
    )


def task_table(chamber: Chamber, *, draft: str = "", on: date | None = None) -> TaskPaper:
    """Make the table of tasks.

    Parameters
    ----------
    chamber
        What the reader may see.
    draft
        Slug of the draft that they follow from; every one by default.
    on
        Day for which lateness is said; not said by default.

    Examples
    --------
    >>> task_table(Chamber()).tasks
    ()
    """
    title = chamber.draft(draft).composition.title if draft else {}
    found = [task for task in chamber.tasks.values() if draft in {"", task.draft}]
    found.sort(key=lambda task: (task.due or date.max, task.draft, int(task.code.rpartition("#")[2])))
    return TaskPaper(on=on, draft_title=title, tasks=tuple(_task_line(chamber, task, on) for task in found))


def _law(law: Register | None) -> Register:
    return registers.load("cis") if law is None else law


def _body(law: Register, code: str) -> Body:
    organ = law.institutions.organs.get(code)
    return Body(code=code, name={"en": code} if organ is None else organ.name)


def _sitting(law: Register, session: Session) -> Sitting:
    try:
        members = registers.procedure(law, session.organ, session.day).rule.voters
    except DostastyqError:  # the register does not know who has a seat
        members = ()
    present = session.present
    return Sitting(
        code=session.code,
        organ=_body(law, session.organ),
        day=session.day,
        place=session.place,
        edition=session.edition,
        rules=procedure_named(law.name, session.edition).title,
        chair=session.chair,
        state=session.state,
        present=present,
        absent=None if present is None else tuple(state for state in members if state not in present),
    )


def _agenda_line(chamber: Chamber, law: Register, item: AgendaItem) -> AgendaLine:
    draft = chamber.drafts[item.draft]
    sent = draft.took("circulate")
    asked = asked_states(law, draft, sent.day) if sent else ()
    answers = tuple(_answers(chamber.viewer, draft, draft.circulated, asked))
    shown = all(answer.shown for answer in answers)
    edition = procedure_named(law.name, draft.moves[-1].edition)
    return AgendaLine(
        number=item.number,
        draft=item.draft,
        title=draft.composition.title,
        author=draft.author,
        origin=_body(law, draft.origin) if draft.origin else None,
        through=_body(law, draft.through) if draft.through else None,
        stage=edition.stages[draft.stage],
        discussion=item.discussion,
        narrow=item.narrow,
        version=draft.version.number,
        deadline=draft.deadline,
        opinions=dict(Counter(answer.stance for answer in answers if answer.stance)) if shown else None,
        asked=len(answers),
        impact=draft.impact is not None,
        outcome=item.outcome,
    )


def _circulations(draft: Draft) -> dict[int, tuple[date, bool]]:
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


def _answers(viewer: Actor | None, draft: Draft, version: int, asked: tuple[str, ...]) -> Iterator[Answer]:
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


def _difference_lines(draft: Draft, version: Version, opinions: Mapping[str, Opinion]) -> tuple[DifferenceLine, ...]:
    """Give the paragraphs of which something is said, in the order of the text."""
    headings, texts = _texts(version)
    remarks: dict[str, list[tuple[str, str]]] = {}
    for opinion in opinions.values():
        for number, text in opinion.remarks.items():
            if number:
                remarks.setdefault(number, []).append((opinion.state, text))
    amendments: dict[str, list[ProposedAmendment]] = {}
    later = [number for number in _circulations(draft) if number > version.number]
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


def _decisions(chamber: Chamber, law: Register, draft: Draft) -> tuple[DecisionPaper, ...]:
    """Give every decision on a draft, each with the step that sealed it."""
    sealed = [move for move in draft.moves if move.step in {"close_vote", "report"}]
    pairs = zip(draft.decisions, sealed, strict=True)
    return tuple(_decision(chamber, law, draft, decision, move) for decision, move in pairs)


def _decision(chamber: Chamber, law: Register, draft: Draft, decision: Decision, move: Move) -> DecisionPaper:
    session = chamber.sessions.get(decision.session)
    reasons = counted(decision.rule, decision.votes).reasons if decision.rule else ()
    return DecisionPaper(
        draft=draft.slug,
        title=draft.composition.title,
        organ=_body(law, decision.organ),
        session=None if session is None else _sitting(law, session),
        day=decision.day,
        adopted=decision.adopted,
        bound=decision.bound,
        share=decision.share,
        reasons=reasons,
        rule=decision.rule,
        ballots=tuple(_ballots(decision)),
        reported=decision.reported,
        entry=move.entry,
        hash=move.hash,
    )


def _ballots(decision: Decision) -> Iterator[BallotLine]:
    rule = decision.rule
    if not rule:
        return
    cast = {vote.state: vote for vote in decision.votes}
    weights = rule["majorities"][0]["weights"] if rule["majorities"] else {}
    for state in rule["voters"]:
        vote = cast.get(state)
        yield BallotLine(
            state=state,
            vote=vote.vote if vote else rule["absence"],
            cast=vote is not None,
            weight=str(weights.get(state, "")),
            bound=state in decision.bound,
            person=vote.person.name if vote else "",
            special_opinion=vote.special_opinion if vote else "",
        )


def _minutes_line(chamber: Chamber, law: Register, session: Session, item: AgendaItem) -> MinutesLine:
    draft = chamber.drafts[item.draft]
    last = session.item(item.draft) is item
    decided = _decisions(chamber, law, draft) if last else ()
    signed_here = draft.round is not None and draft.round.day == session.day and draft.session == session.code
    return MinutesLine(
        number=item.number,
        draft=item.draft,
        title=draft.composition.title,
        discussion=item.discussion,
        narrow=item.narrow,
        outcome=item.outcome,
        note=item.note,
        referred=_body(law, item.referred) if item.referred else None,
        voting=last and draft.poll is not None and draft.poll.session == session.code,
        decisions=tuple(
            paper for paper, decision in zip(decided, draft.decisions, strict=False) if decision.session == session.code
        ),
        signatures=_signatures(draft) if last and signed_here else (),
    )


def _signatures(draft: Draft) -> tuple[SignatureLine, ...]:
    return tuple(
        SignatureLine(
            state=item.state,
            signed=item.signed,
            day=item.day,
            person=item.person.name,
            statement=item.statement or "",
            reservations=dict(item.reservations or {}),
            subject_to_procedures=bool(item.subject_to_procedures),
        )
        for item in (draft.round.signatures if draft.round else ())
    )


def _task_line(chamber: Chamber, task: Task, on: date | None) -> TaskLine:
    draft = chamber.drafts.get(task.draft)
    return TaskLine(
        code=task.code,
        draft=task.draft,
        draft_title=draft.composition.title if draft else {},
        title=task.title,
        assigned=tuple(sorted(task.assigned, key=lambda place: (place == SECRETARIAT, place))),
        due=task.due,
        progress=task.progress,
        late=None if on is None or task.due is None else task.due < on and not task.done,
        notes=task.notes,
    )
