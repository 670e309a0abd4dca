"""Papers made from what somebody may see: agenda, table of differences, decision, minutes, certified copy, tasks.

Each takes a `Chamber` as `Council.view` gives it, so that a paper says nothing its reader may not see, and leaves out
what is hidden or says that it is not shown.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from dostastyq import register as registers
from dostastyq.actor import SECRETARIAT
from dostastyq.council.ballots import counted
from dostastyq.council.case import asked_states
from dostastyq.council.chamber import Chamber
from dostastyq.council.model import Draft, Move, Task
from dostastyq.council.opinions import answers_to, circulations, difference_lines
from dostastyq.council.papers import (
    AgendaLine,
    AgendaPaper,
    BallotLine,
    Body,
    CertifiedCopy,
    CopyArticle,
    DecisionPaper,
    DifferencesPaper,
    MinutesLine,
    MinutesPaper,
    SignatureLine,
    Sitting,
    TaskLine,
    TaskPaper,
)
from dostastyq.council.procedure import procedure_named
from dostastyq.council.session_model import AgendaItem, Decision, Session
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
    rounds = circulations(draft)
    text = next((item for item in draft.versions if item.number == number), None)
    if number not in rounds or text is None:
        what = f"version {version} of {slug}" if version else slug
        known = ", ".join(map(str, rounds))
        hint = f"versions that were: {known}" if known else f"circulate it: dostastyq draft circulate {slug}"
        raise DostastyqError("CN280", f"{what} was not circulated", hint)
    sent, tabled = rounds[number]
    opinions = {item.state: item for item in draft.opinions if item.version == number}
    rows = difference_lines(draft, text, opinions)
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
        answers=tuple(answers_to(chamber.viewer, draft, number, asked)),
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
    answers = tuple(answers_to(chamber.viewer, draft, draft.circulated, asked))
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
