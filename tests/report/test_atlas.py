"""The page of an atlas: what it says first, what the picture draws."""

import re

import pytest

from dostastyq.assess import estimates, unions
from dostastyq.coalition import structures
from dostastyq.errors import DostastyqError
from dostastyq.i18n import translator
from dostastyq.report.atlas import charted, html, round_up, write
from dostastyq.report.atlas_view import headline, transfer_sentences

STATES = ["BLR", "KAZ", "RUS"]


def study(value, error=0.05, **options):
    sizes = estimates.load().replace("cis_free_trade", value=0.0, standard_error=0.001)
    return unions(STATES, estimates=sizes.replace("union_increment", value=value, standard_error=error), **options)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [(0.3, 0.05, "every member gains and none"), (0.0, 0.1, "cannot tell"), (-0.3, 0.05, "some member loses")],
)
def test_the_headline_says_what_is_established(value, error, said):
    assert said in headline(study(value, error), translator("en"))


def test_without_draws_it_says_that_it_is_the_central_estimate():
    assert "at the central estimate" in headline(study(0.3, draws=0), translator("en"))


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_page_is_whole_and_loads_nothing(language):
    found = study(0.1)
    page = html(found, language, structures(found.atlas))
    body = page.split("</style>")[1]
    assert page == html(found, language, structures(found.atlas))
    assert not re.search(r"<(script|link|img)|[{]{2}|[}]{2}", body)
    assert body.count('stroke="#0e6f91"') == 9  # members are framed: three unions of two, one of three
    assert "Bernheim" in body
    assert "Bogomolnaia" in body


def test_the_picture_shows_all_of_few_and_the_worthiest_of_many():
    few, many = unions(STATES, draws=0).atlas, unions(["fta-2011"], draws=0).atlas
    assert len(charted(few)) == 4
    rows = charted(many)
    assert len(rows) == 28
    assert len(many) - 1 in rows


def test_losses_that_no_transfers_can_share_are_said():
    sentences = transfer_sentences(study(-0.3, draws=0).atlas, translator("en"))
    assert len(sentences) == 2
    assert all("missing" in sentence for sentence in sentences)


@pytest.mark.parametrize(("value", "rounded"), [(0.0, 0.0), (0.023, 0.03), (1.2, 1.5), (8.1, 10.0)])
def test_colours_end_at_a_round_figure(value, rounded):
    assert round_up(value) == pytest.approx(rounded)


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(DostastyqError) as refusal:
        write(unions(STATES, draws=0), tmp_path / "missing" / "atlas.html")
    assert refusal.value.code == "RP001"
