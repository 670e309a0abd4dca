"""Papers of a session as documents: agenda, minutes, decision."""

from dostastyq.actor import SECRETARIAT
from dostastyq.council.model import STANCES
from dostastyq.council.papers import AgendaLine, AgendaPaper, DecisionPaper, MinutesLine, MinutesPaper, SignatureLine
from dostastyq.i18n import message
from dostastyq.register.rules import RULE_KINDS
from dostastyq.register.status import GRADES
from dostastyq.report.council_words import OUTCOMES, RESULTS, VOTES, Words, sitting_facts, written
from dostastyq.report.document import Cell, Document, Line, Section, Table, cell, facts

FOOT = message("Made with Dostastyq from the journal of the council.")
PAGE = message("Page {page} of {pages}")


def agenda_document(paper: AgendaPaper, words: Words) -> Document:
    """Lay out an agenda."""
    title = words.organ(paper.session.organ)
    table = Table(
        headers=(
            words(message("No.")),
            words(message("Item")),
            words(message("How it is taken up")),
            words(message("How it was prepared")),
        ),
        rows=tuple(_agenda_row(item, words) for item in paper.items),
        widths=(6, 42, 20, 32),
    )
    empty = cell(words(message("No item was placed on the agenda.")))
    return Document(
        language=words.tr.language,
        kind=words(message("Agenda")),
        title=title.text,
        title_language=title.language,
        day=paper.session.day.isoformat(),
        facts=sitting_facts(words, paper.session),
        sections=(Section(table=table) if paper.items else Section(lines=empty),),
        page=words(PAGE),
        foot=words(FOOT),
    )


def _agenda_row(item: AgendaLine, words: Words) -> tuple[Cell, ...]:
    whose = words(message("Draft of: {place}"), place=words.place(item.author))
    about = [Line(whose, "muted")]
    if item.origin:
        about.append(Line(words(message("origin: {organ}"), organ=words.organ(item.origin).text), "muted"))
    if item.through:
        about.append(Line(words(message("through: {organ}"), organ=words.organ(item.through).text), "muted"))
    prepared = [Line(words.named(item.stage).text), Line(words(message("version {n}"), n=str(item.version)), "muted")]
    if item.deadline:
        prepared.append(Line(words(message("opinions until {day:date}"), day=item.deadline), "muted"))
    prepared.append(Line(_opinions(item, words), "muted"))
    if item.impact:
        prepared.append(Line(words(message("with an assessment of what it does to each member")), "muted"))
    outcome = words(OUTCOMES[item.outcome]) if item.outcome else ""
    return (
        cell(str(item.number)),
        (words.named(item.title, "strong"), *about),
        cell(_how(item.discussion, item.narrow, words)) + cell(outcome, style="strong"),
        tuple(prepared),
    )


def _opinions(item: AgendaLine, words: Words) -> str:
    if item.opinions is None:
        return words(message("opinions are not shown"))
    said = [f"{words(STANCES[stance])}:\u00a0{count}" for stance in STANCES if (count := item.opinions.get(stance, 0))]
    silent = item.asked - sum(item.opinions.values())
    return "; ".join([*said, *([f"{words(message('no reply'))}:\u00a0{silent}"] if silent else [])])


def _how(discussion: bool, narrow: bool, words: Words) -> str:
    said = words(message("with discussion")) if discussion else words(message("without discussion"))
    return f"{said}, {words(message('narrow format'))}" if narrow else said


def decision_document(paper: DecisionPaper, words: Words) -> Document:
    """Lay out a decision."""
    title = words.named(paper.title)
    head = [(words(message("Body")), (words.organ(paper.organ),))]
    sitting = sitting_facts(words, paper.session) if paper.session else ()
    day = facts([(words(message("Day")), words.tr.date(paper.day))]) if paper.session is None else ()
    chair = words.tr.territory(paper.session.chair) if paper.session and paper.session.chair else ""
    return Document(
        language=words.tr.language,
        kind=words(message("Decision")),
        title=title.text,
        title_language=title.language,
        day=paper.day.isoformat(),
        facts=(*facts(head), *day, *sitting),
        sections=decision_sections(paper, words),
        places=tuple(filter(None, (chair, words.place(SECRETARIAT)))),
        page=words(PAGE),
        foot=words(FOOT),
    )


def decision_sections(paper: DecisionPaper, words: Words, level: int = 1) -> tuple[Section, ...]:
    """Say a decision: result, rule, votes, special opinions."""
    result = Section(
        title=words(message("Result")),
        level=level,
        lines=(
            Line(words(RESULTS[paper.adopted]), "strong"),
            *(Line(words.tr.text(reason)) for reason in paper.reasons),
        ),
        facts=_result(paper, words),
    )
    if not paper.ballots:
        return (result,)
    how = Section(
        title=words(message("Rule of decision")), level=level, facts=_rule(paper, words), notes=(_basis(paper, words),)
    )
    return (result, how, Section(title=words(message("Votes")), level=level, table=_ballots(paper, words)))


def _result(paper: DecisionPaper, words: Words) -> tuple[tuple[str, Cell], ...]:
    tr = words.tr
    weighed = bool(paper.rule.get("majorities"))
    silent = [item.state for item in paper.ballots if not item.cast]
    return facts(
        [
            (words(message("Bound by it")), tr.territories(paper.bound) if paper.bound else ""),
            (words(message("Not interested")), tr.territories(paper.voted("non_interest"))),
            (words(message("Cast no vote")), tr.territories(silent)),
            (words(message("Share for it")), words.share(paper.share) if paper.share and weighed else ""),
            (words(message("As reported by")), written(paper.reported)),
            (words(message("Sealed as")), words.sealed(paper.entry, paper.hash)),
        ]
    )


def _rule(paper: DecisionPaper, words: Words) -> tuple[tuple[str, Cell], ...]:
    rule = paper.rule
    quotas = [
        words(message("more than {quota}") if majority["strict"] else message("at least {quota}"), quota=quota)
        for majority in rule["majorities"]
        for quota in majority["quota"]
    ]
    return facts(
        [
            (words(message("Rule")), (Line(words(RULE_KINDS[rule["kind"]])), Line(rule["code"], "muted"))),
            (words(message("Share needed")), cell(*quotas)),
            (words(message("Quorum")), str(rule["quorum"] or "")),
            (words(message("Votes by")), cell(rule["weights"])),
            (words(message("Veto")), words.tr.territories(rule["vetoes"])),
            (words(message("Without a vote")), words.tr.territories(rule["excluded"])),
            (words(message("Whoever cast no vote counts as")), words(VOTES[rule["absence"]])),
        ]
    )


def _basis(paper: DecisionPaper, words: Words) -> str:
    rule = paper.rule
    said = message(
        "Rule, voters and weights were frozen when the vote opened. Sources: {sources}; confidence: {grade}."
    )
    return words(said, sources=", ".join(rule["sources"]) or "–", grade=words(GRADES[rule["confidence"]]))


def _ballots(paper: DecisionPaper, words: Words) -> Table:
    weighed = any(item.weight for item in paper.ballots)
    headers = [
        words(message("State")),
        words(message("Vote")),
        words(message("Bound")),
        words(message("Special opinion")),
    ]
    rows = []
    for item in paper.ballots:
        vote = words(VOTES[item.vote])
        silent = words(message("counts as: {vote}"), vote=vote)
        no_vote = (Line(words(message("no vote was cast"))), Line(silent, "muted"))
        row = [
            cell(words.tr.territory(item.state)),
            (Line(vote), *cell(item.person, style="muted")) if item.cast else no_vote,
            cell(words.tr.gettext("yes") if item.bound else "–"),
            written(item.special_opinion) or cell("–"),
        ]
        rows.append((*row[:1], cell(item.weight or "1"), *row[1:]) if weighed else tuple(row))
    if weighed:
        headers.insert(1, words(message("Weight")))
    widths = (24, 10, 24, 12, 30) if weighed else (26, 28, 12, 34)
    return Table(headers=tuple(headers), rows=tuple(rows), widths=widths)


def minutes_document(paper: MinutesPaper, words: Words) -> Document:
    """Lay out minutes."""
    title = words.organ(paper.session.organ)
    sections = [part for item in paper.items for part in _minutes_sections(item, words)]
    nothing = Section(lines=cell(words(message("No item was placed on the agenda."))))
    chair = words.tr.territory(paper.session.chair) if paper.session.chair else ""
    taken = "" if paper.session.present is not None else words(message("Attendance was not taken."))
    notes = (Section(notes=(taken,)),) if taken else ()
    return Document(
        language=words.tr.language,
        kind=words(message("Minutes")),
        title=title.text,
        title_language=title.language,
        day=paper.session.day.isoformat(),
        facts=sitting_facts(words, paper.session),
        sections=(*notes, *(sections or (nothing,))),
        places=tuple(filter(None, (chair, words.place(SECRETARIAT)))),
        page=words(PAGE),
        foot=words(FOOT),
    )


def _minutes_sections(item: MinutesLine, words: Words) -> list[Section]:
    title = words.named(item.title).text
    lines = [Line(_how(item.discussion, item.narrow, words), "muted")]
    if item.voting:
        lines.append(Line(words(message("The vote is open; its ballots are not shown."))))
    outcome = words(OUTCOMES[item.outcome]) if item.outcome else words(message("not settled"))
    if item.referred:
        outcome = f"{outcome}: {words.organ(item.referred).text}"
    head = Section(
        title=f"{item.number}. {title}",
        facts=facts([(words(message("Outcome")), outcome), (words(message("Why")), written(item.note))]),
        lines=tuple(lines),
    )
    parts = [head, *(part for paper in item.decisions for part in decision_sections(paper, words, level=2))]
    if item.signatures:
        parts.append(
            Section(title=words(message("Signatures")), level=2, table=signature_table(item.signatures, words))
        )
    return parts


def signature_table(signatures: tuple[SignatureLine, ...], words: Words) -> Table:
    """Lay out what states did in a signature round."""
    headers = (
        words(message("State")),
        words(message("Signature")),
        words(message("Put on record")),
    )
    return Table(headers=headers, rows=tuple(_signature_row(item, words) for item in signatures), widths=(26, 32, 42))


def _signature_row(item: SignatureLine, words: Words) -> tuple[Cell, ...]:
    did = words(message("signed")) if item.signed else words(message("did not sign"))
    subject = words(message("subject to internal procedures")) if item.subject_to_procedures else ""
    reservations = tuple(
        line
        for provision, text in item.reservations.items()
        for line in written(f"{provision}: {text}", label=words(message("Reservation:")))
    )
    said = (*written(item.statement), *reservations)
    return (
        cell(words.tr.territory(item.state)),
        (*cell(did), *cell(subject, words.tr.date(item.day), item.person, style="muted")),
        said or cell("–"),
    )
