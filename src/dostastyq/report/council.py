"""Papers of a council in print: agenda, table of differences, decision, minutes, certified copy, tasks; HTML and PDF.

One paper gives one `Document` in the language asked for; the page and the PDF say the same. Nothing that somebody
wrote is ever read as markup.
"""

from dostastyq.council.papers import (
    AgendaPaper,
    CertifiedCopy,
    DecisionPaper,
    DifferencesPaper,
    MinutesPaper,
    Paper,
    TaskPaper,
)
from dostastyq.i18n import translator
from dostastyq.report.council_pdf import typeset
from dostastyq.report.council_sessions import agenda_document, decision_document, minutes_document
from dostastyq.report.council_texts import copy_document, differences_document, tasks_document
from dostastyq.report.council_words import Words
from dostastyq.report.document import Document
from dostastyq.report.page import environment


def document(paper: Paper, language: str = "en") -> Document:
    """Lay out a paper in a language, as yet without a form.

    Parameters
    ----------
    paper
        Made by `dostastyq.council.records`.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.

    Examples
    --------
    >>> from dostastyq.council import Chamber
    >>> from dostastyq.council.records import task_table
    >>> document(task_table(Chamber())).sections[0].lines[0].text
    'No task was assigned.'
    """
    words = Words(translator(language))
    match paper:
        case AgendaPaper():
            return agenda_document(paper, words)
        case DifferencesPaper():
            return differences_document(paper, words)
        case DecisionPaper():
            return decision_document(paper, words)
        case MinutesPaper():
            return minutes_document(paper, words)
        case CertifiedCopy():
            return copy_document(paper, words)
        case TaskPaper():
            return tasks_document(paper, words)


def html(paper: Paper, language: str = "en") -> str:
    """Print a paper as one self-contained HTML page.

    Parameters
    ----------
    paper
        Made by `dostastyq.council.records`.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.

    Returns
    -------
    str
        The page: style inside, no script, no request; the same paper gives the same bytes.

    Examples
    --------
    >>> from dostastyq.council import Chamber
    >>> from dostastyq.council.records import task_table
    >>> "Тапсырмалар" in html(task_table(Chamber()), "kk")
    True
    """
    tr = translator(language)
    found = document(paper, language)
    day = tr.date(found.day) if found.day else ""
    return environment().get_template("council.html.j2").render(d=found, day=day, _=tr.gettext)


def pdf(paper: Paper, language: str = "en") -> bytes:
    """Print a paper as PDF that archives keep and screen readers read (PDF/A-2a, PDF/UA-1).

    Parameters
    ----------
    paper
        Made by `dostastyq.council.records`.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.

    Returns
    -------
    bytes
        The file; the same paper gives the same bytes.

    Raises
    ------
    DostastyqError
        ``RP050`` where the extra ``pdf`` is not installed.
    """
    return typeset(document(paper, language))
