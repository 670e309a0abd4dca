"""The vote in the report and on the terminal, in three languages."""

from dataclasses import replace
from fractions import Fraction
from io import StringIO

import pytest
from rich.console import Console

from dostastyq import report
from dostastyq.assess.voting_check import ContrastVote, VotingCheck, VotingReading
from dostastyq.cli.assess_table import show
from dostastyq.i18n import LANGUAGES, Text, translator
from dostastyq.report.votes import voting_view

NAME = {"en": "Council of <Heads>", "ru": "Совет глав", "kk": "Басшылар кеңесі"}
WORDS = {
    "en": ("Would the body adopt it?", "adopted, binding Kazakhstan", "not adopted"),
    "ru": ("Принял бы это орган?", "решением связаны: Казахстан", "не принято"),
    "kk": ("Орган мұны қабылдар ма еді?", "міндеттейтін мемлекеттер: Қазақстан", "қабылданбады"),
}


@pytest.fixture(scope="session")
def voted(free_trade_area):
    readings = (
        VotingReading("for", True, ("KAZ",), (Text("Nobody who is counted is against it."),), Fraction(1)),
        VotingReading("against", False, (), (Text("Nobody is for it."),), Fraction(0)),
        VotingReading("central", None, (), (), None),
    )
    contrast = ContrastVote("none", (("KAZ", "for"), ("RUS", "undecided")), readings)
    note = Text("The vote is on the agreement itself, as if it were to be adopted on that day.")
    check = VotingCheck("chs", NAME, "r", "consensus", "2023-07-01", note, (contrast,), "medium", ("own",))
    return replace(free_trade_area, voting=check)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_the_vote(voted, language):
    page = report.html(voted, language)
    for word in WORDS[language]:
        assert word in page
    assert "<Heads>" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_says_the_vote(voted, language):
    out = StringIO()
    show(voted, language, Console(file=out, width=200, highlight=False))
    for word in WORDS[language]:
        assert word in out.getvalue()


def test_leanings_are_listed_and_an_empty_one_is_not(voted):
    view = voting_view(voted, translator("en"))
    assert view.contrasts[0].leanings == [
        ("For", "Kazakhstan"),
        ("Undecided (the interval covers zero, or there is no figure)", "Russia"),
    ]
    assert view.contrasts[0].cases[2][1] == "undetermined: sources disagree on the rule"


def test_an_assessment_without_a_vote_has_no_section(free_trade_area):
    assert voting_view(free_trade_area, translator("en")) is None
    assert "Would the body adopt it?" not in report.html(free_trade_area)


def test_a_vote_that_cannot_be_taken_gives_its_reason(free_trade_area):
    note = Text("No body votes on leaving: a state leaves by its own notice.")
    check = VotingCheck("chg", NAME, "", "", "2023-07-01", note)
    assert "by its own notice" in report.html(replace(free_trade_area, voting=check))
