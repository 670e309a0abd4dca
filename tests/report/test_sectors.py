"""The report of an assessment by sectors: channels that sum on the page, sectors, three languages."""

import re
from html import unescape

import pytest

from dostastyq.assess import assess
from dostastyq.assess.channels import CHANNELS
from dostastyq.i18n import LANGUAGES, translator
from dostastyq.report import html
from dostastyq.report.sector_charts import CHANNEL_COLOURS, Stack, reach, stacks, tail
from dostastyq.report.view import build

HEADINGS = {
    "en": ("Where it comes from: three channels", "Sector by sector", "Total with duties pooled", "Iron and steel"),
    "ru": ("Откуда это берётся: три канала", "По секторам", "Итого с распределением пошлин", "Чёрные металлы"),
    "kk": ("Бұл қайдан шығады: үш арна", "Салалар бойынша", "Баждар бөлінгендегі барлығы", "Қара металдар"),
}


@pytest.fixture(scope="module")
def union():
    return assess("eaeu-2014", model="sectors")


@pytest.fixture(scope="module")
def pages(union):
    return {language: html(union, language) for language in LANGUAGES}


def plain(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_channels_and_sectors_are_said_in_the_language(pages, language):
    text = plain(pages[language])
    for words in HEADINGS[language]:
        assert words in text
    for colour in CHANNEL_COLOURS:
        assert pages[language].count(colour) > 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_members_inside_the_rest_of_the_world_are_named(pages, language):
    tr = translator(language)
    assert tr.territories(["ARM", "KGZ"]) in plain(pages[language])


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_sentence_of_the_sectors_stays_english(pages, union, language):
    tr, text = translator(language), plain(pages[language])
    assert '<span lang="en">BLR, KAZ and RUS charge one external tariff' in pages[language]
    for note in (*union.notes, union.channels[1].note):
        assert tr.text(note) != note
        assert str(note) not in text
    assert " ".join(tr.text(union.channels[1].note).split()) in text


def test_figures_are_those_of_the_assessment_and_sum(pages, union):
    tr, text = translator("en"), plain(pages["en"])
    for channels in union.channels:
        for row in channels.states:
            if row.member:
                figures = [tr.number(effect.welfare_percent, 3, signed=True) for effect in row.effects]
                assert all(figure in text for figure in (*figures, tr.number(row.pooled_percent, 3, signed=True)))
                assert sum(effect.welfare_percent for effect in row.effects) == pytest.approx(row.total_percent)
    steel = next(row for row in union.sectors if row.contrast == 1 and (row.state, row.sector) == ("BLR", "C24A"))
    assert tr.number(steel.output, 0) in text
    assert tr.number(steel.output_percent, 2, signed=True) in text


def test_every_sector_of_every_state_of_the_register_has_a_row(union):
    view = build(union, translator("en"))
    for sectors in view.sectors:
        assert sectors.states == ["Belarus", "Kazakhstan", "Russia", "Ukraine"]
        assert len(sectors.cells) == 4 * 28
        assert [len(table.rows) for table in sectors.tables] == [28] * 4
        assert len(sectors.stacks[0].parts) == len(CHANNELS)
        assert sectors.pooled


def test_with_one_sector_the_page_has_neither(pages):
    plain_page = html(assess("eaeu-2014", otherwise="register"), "en")
    assert "three channels" not in plain_page
    assert "three channels" in pages["en"]
    assert "another trade elasticity" in plain_page
    assert "another trade elasticity" not in pages["en"]


def test_named_assumptions_head_their_columns(pages):
    text = plain(pages["en"])
    for case in ("Caliendo, Parro 2015", "borrowed-1993", "tariffs alone", "even over a pair's goods"):
        assert case in text


def test_the_same_page_twice(union, pages):
    assert html(union, "en") == pages["en"]


def test_nothing_is_asked_of_the_network(pages):
    assert not re.findall(r'(?:src|href)="(?!https?://)[^"#]', pages["en"])
    assert "<script" not in pages["en"]


def test_gains_and_losses_stack_from_zero():
    rows = [Stack("A", True, [1.0, -2.0, 3.0], 2.0, ""), Stack("B", False, [-1.0, -1.0, 0.0], -2.0, "")]
    placed = stacks(rows)
    assert [(low, high) for _, _, low, high in placed] == [(0, 1), (0, -2), (1, 4), (0, -1), (-1, -2), (0, 0)]
    low, high = reach(rows)
    assert low < -2
    assert high > 4
    assert reach([]) == (-1.0, 1.0)
    assert tail([]) == 0.0
    assert tail([1.0] * 19 + [100.0]) == 1.0
