"""Papers of a text as documents: table of differences, certified copy; and the table of tasks."""

from collections.abc import Mapping

from dostastyq.council.composer.differences import word_runs
from dostastyq.council.model import STANCES
from dostastyq.council.papers import (
    AmendmentLine,
    Answer,
    CertifiedCopy,
    CopyArticle,
    DifferenceLine,
    DifferencesPaper,
    TaskLine,
    TaskPaper,
)
from dostastyq.i18n import LANGUAGES, message
from dostastyq.report.council_sessions import FOOT, PAGE, signature_table
from dostastyq.report.council_words import Words, written
from dostastyq.report.document import Cell, Document, Line, Section, Table, cell, facts

KINDS = {
    "replace": message("replace by"),
    "insert": message("insert after it"),
    "delete": message("delete"),
    "form": message("change the form of the clause"),
}
RULINGS = {True: message("accepted"), False: message("not accepted"), None: message("not ruled on")}


def differences_document(paper: DifferencesPaper, words: Words) -> Document:
    """Lay out a table of differences."""
    title = words.named(paper.title)
    tr = words.tr
    table = Table(
        headers=(
            words(message("Paragraph")),
            words(message("Text as circulated")),
            words(message("Remarks of states")),
            words(message("Proposed amendments")),
        ),
        rows=tuple(_difference_row(row, words) for row in paper.rows),
        widths=(15, 29, 25, 31),
    )
    rest = tr.ngettext("Of {n} paragraph nothing is said.", "Of {n} other paragraphs nothing is said.", paper.untouched)
    nothing = cell(words(message("No remark on a paragraph and no amendment are shown.")))
    deadline = tr.date(paper.deadline) if paper.deadline else ""
    return Document(
        language=tr.language,
        kind=words(message("Table of differences")),
        title=title.text,
        title_language=title.language,
        day=paper.day.isoformat(),
        wide=True,
        facts=facts(
            [
                (words(message("Body")), (words.organ(paper.organ),)),
                (words(message("Draft")), (Line(words.place(paper.author)), Line(paper.draft, "muted"))),
                (words(message("Version")), str(paper.version)),
                (words(message("Circulated")), tr.date(paper.day)),
                (words(message("Opinions until")), deadline),
            ]
        ),
        sections=(
            Section(
                title=words(message("Opinions of states")),
                table=_answers(paper.answers, words),
                notes=_hidden(paper, words),
            ),
            Section(
                title=words(message("Paragraph by paragraph")),
                table=table if paper.rows else None,
                lines=() if paper.rows else nothing,
                notes=(rest,),
            ),
        ),
        page=words(PAGE),
        foot=words(FOOT),
    )


def _hidden(paper: DifferencesPaper, words: Words) -> tuple[str, ...]:
    if all(answer.shown for answer in paper.answers):
        return ()
    return (words(message("Opinions are not shown before the table of differences goes round.")),)


def _answers(answers: tuple[Answer, ...], words: Words) -> Table:
    rows = []
    for item in answers:
        silent = words(message("no reply")) if item.shown else words(message("not shown"))
        day = (words.tr.date(item.day) if item.day else "", item.person)
        rows.append(
            (
                cell(words.tr.territory(item.state)),
                cell(words(STANCES[item.stance])) if item.stance else cell(silent, style="muted"),
                cell(*day, style="muted") or cell("–"),
                written(item.remark) or cell("–"),
            )
        )
    headers = (
        words(message("State")),
        words(message("Opinion")),
        words(message("When and by whom")),
        words(message("On the whole")),
    )
    return Table(headers=headers, rows=tuple(rows), widths=(18, 20, 24, 38))


def _difference_row(row: DifferenceLine, words: Words) -> tuple[Cell, ...]:
    language = words.tr.language
    proposed = {code for item in row.amendments for code in item.text}
    shown = [code for code in (language, *LANGUAGES) if code == language or code in proposed]
    number = words(message("Title")) if row.paragraph == "title" else row.paragraph
    heading = words.named(row.heading, "muted")
    remarks = tuple(
        line for state, text in row.remarks for line in written(text, label=words.tr.territory(state) + ":")
    )
    return (
        (*cell(number, style="strong"), *((heading,) if heading.text and "." in row.paragraph else ())),
        _texts(row.text, tuple(dict.fromkeys(shown)), words) or cell("–"),
        remarks or cell("–"),
        tuple(line for item in row.amendments for line in _amendment(item, row.text, words)) or cell("–"),
    )


def _texts(texts: Mapping[str, str], languages: tuple[str, ...], words: Words) -> Cell:
    """Say a text in the languages asked for, each labelled where there are several."""
    found = [code for code in languages if texts.get(code)]
    if not found:
        return (words.named(texts),) if any(texts.values()) else ()
    labels = {code: words.language(code) + ":" if len(found) > 1 else "" for code in found}
    return tuple(Line(texts[code], "", labels[code], code) for code in found)


def _amendment(item: AmendmentLine, before: Mapping[str, str], words: Words) -> Cell:
    said = words(
        message("No. {number}, {place}: {what}"),
        number=str(item.number),
        place=words.place(item.proposer),
        what=words(KINDS[item.kind]),
    )
    texts = []
    order = (words.tr.language, *LANGUAGES)
    for code, text in sorted(item.text.items(), key=lambda found: (*order, found[0]).index(found[0])):
        changed = item.kind == "replace" and before.get(code)
        runs = tuple((run.kind, run.text) for run in word_runs(before[code], text)) if changed else ()
        texts.append(Line(text, label=words.language(code) + ":", language=code, runs=runs))
    values = [Line(f"{name}: {value}", "code") for name, value in item.values.items()]
    return (Line(said, "strong"), *texts, *values, Line(words(RULINGS[item.accepted]), "muted"))


def copy_document(paper: CertifiedCopy, words: Words) -> Document:
    """Lay out a certified copy: the text in its language, what certifies it in that of the paper."""
    tr = words.tr
    title = paper.title.get(paper.language, "")
    depositary = (words.organ(paper.depositary),) if paper.depositary else cell(tr.territory(paper.depositary_state))
    signed = tr.date(paper.signed) if paper.signed else ""
    return Document(
        language=tr.language,
        kind=words(message("Certified copy")),
        title=title or words.named(paper.title).text,
        title_language=paper.language,
        day=paper.certified.isoformat(),
        facts=facts(
            [
                (words(message("Language of the text")), words.language(paper.language)),
                (words(message("Signed")), signed),
                (words(message("Place")), written(paper.place)),
                (words(message("Depositary")), depositary if paper.depositary or paper.depositary_state else ""),
            ]
        ),
        sections=(
            *(_article(article, paper.language) for article in paper.articles),
            *(
                (Section(title=words(message("Signatures")), table=signature_table(paper.signatures, words)),)
                if paper.signatures
                else ()
            ),
            _certificate(paper, words),
        ),
        places=(f"{paper.certifier}, {words.place(paper.certifier_place)}",),
        page=words(PAGE),
        foot=words(FOOT),
    )


def _article(article: CopyArticle, language: str) -> Section:
    several = len(article.paragraphs) > 1
    title = f"{article.number}. {article.heading}" if article.number else ""
    return Section(
        title=title,
        compact=True,
        lines=tuple(
            Line(text, "", f"{number}." if several and article.number else "", language)
            for number, text in article.paragraphs
        ),
    )


def _certificate(paper: CertifiedCopy, words: Words) -> Section:
    agrees = message("This copy agrees with the text whose SHA-256 was sealed in the journal.")
    differs = message("This text does not give the SHA-256 that was sealed: it is no certified copy.")
    said = words(agrees if paper.agrees else differs)
    return Section(
        title=words(message("Certification")),
        lines=(Line(said, "strong"),),
        facts=facts(
            [
                (words(message("Certified")), words.tr.date(paper.certified)),
                (words(message("By")), cell(paper.certifier, words.place(paper.certifier_place))),
                (words(message("SHA-256 of the Akoma Ntoso text")), cell(paper.sha256, style="code")),
                (words(message("Sealed as")), words.sealed(paper.entry, paper.hash)),
            ]
        ),
    )


def tasks_document(paper: TaskPaper, words: Words) -> Document:
    """Lay out the table of tasks."""
    about = words.named(paper.draft_title)
    table = Table(
        headers=(
            words(message("Task")),
            words(message("Who")),
            words(message("Due")),
            words(message("Done")),
            words(message("Reported")),
        ),
        rows=tuple(_task_row(item, words, named=not about.text) for item in paper.tasks),
        widths=(29, 16, 14, 13, 28),
    )
    return Document(
        language=words.tr.language,
        kind=words(message("Tasks")),
        title=about.text or words(message("Tasks that follow from decisions")),
        title_language=about.language,
        day=paper.on.isoformat() if paper.on else "",
        facts=facts([(words(message("As of")), words.tr.date(paper.on) if paper.on else "")]),
        sections=(
            Section(table=table) if paper.tasks else Section(lines=cell(words(message("No task was assigned.")))),
        ),
        page=words(PAGE),
        foot=words(FOOT),
        wide=True,
    )


def _task_row(item: TaskLine, words: Words, *, named: bool) -> tuple[Cell, ...]:
    tr = words.tr
    draft = words.named(item.draft_title, "muted")
    late = cell(words(message("late")), style="alert") if item.late else ()
    notes = tuple(
        line
        for day, person, note in item.notes
        for line in (
            written(note, label=f"{tr.date(day)}, {person}:") or cell(f"{tr.date(day)}, {person}", style="muted")
        )
    )
    return (
        (*written(item.title, "strong"), *((draft,) if named and draft.text else ()), Line(item.code, "muted")),
        cell(words.places(item.assigned)),
        (*cell(tr.date(item.due) if item.due else "–"), *late),
        cell(tr.percent(item.progress, 0)),
        notes or cell("–"),
    )
