"""The pictures: what is drawn where, by reading the SVG back."""

import re
from xml.etree import ElementTree as ET

import pytest

from dostastyq.i18n import LANGUAGES, translator
from dostastyq.report.charts import Dot, Tile, dot_chart, tile_grid
from dostastyq.report.tiles import GRID

ROWS = [
    Dot("Members"),
    Dot("Қазақстан", member=True, value=0.5, low=-0.5, high=1.5, shown="+0,50"),
    Dot("Ресей", value=-0.25, low=-0.3, high=-0.2, shown="−0,25"),
]


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axis_numbers_follow_the_language(language):
    shown = texts(dot_chart(ROWS, (-0.6, 1.6), "Welfare", translator(language)))
    assert {"−0.5" if language == "en" else "−0,5", "0", "1"} <= set(shown)
    assert {"Members", "Қазақстан", "Ресей", "+0,50", "Welfare"} <= set(shown)


def test_dots_stand_at_their_values():
    svg = dot_chart(ROWS, (-0.5, 1.5), "Welfare", translator("en"))
    zero, *dots = sorted(float(x) for x in re.findall(r'translate\(([\d.]+),[\d.]+\)" d="M', svg))
    positions = [zero, *dots]
    plot = 226.0
    for expected in (plot * 1.0 / 2.0, plot * 0.25 / 2.0):
        assert any(abs(position - expected) < 0.6 for position in positions)


def test_picture_carries_no_words_of_its_own_and_no_identifiers():
    for svg in (dot_chart(ROWS, (-1, 2), "", translator("en")), tile_grid(TILES, 1.0, translator("en"))):
        assert "aria-label" not in svg
        assert "roledescription" not in svg
        assert " id=" not in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert svg.startswith("<svg")


TILES = [
    Tile("KAZ", 1.0, "+1.00", member=True, sure=True),
    Tile("UZB", 0.0, "0.00", member=False, sure=False),
    Tile("TJK", -1.0, "−1.00", member=False, sure=False),
    Tile("USA", 1.0, "+1.00", member=False, sure=False),
]


def test_tiles_show_who_has_a_place_and_no_one_else():
    shown = texts(tile_grid(TILES, 1.0, translator("en")))
    assert {"KAZ", "UZB", "TJK"} <= set(shown)
    assert "USA" not in shown


def test_colours_run_from_loss_over_neutral_to_gain():
    svg = tile_grid(TILES, 1.0, translator("en"))
    for colour in ("rgb(217, 139, 74)", "rgb(241, 239, 233)", "rgb(79, 174, 159)"):
        assert colour in svg


def test_established_sign_is_bold():
    svg = tile_grid(TILES, 1.0, translator("en"))
    assert re.search(r'font-weight="bold"[^>]*>\+1\.00<', svg)
    assert not re.search(r'font-weight="bold"[^>]*>−1\.00<', svg)


def test_every_place_of_the_grid_is_taken_once():
    assert len(set(GRID.values())) == len(GRID)
    twelve = {"ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"}
    assert twelve <= set(GRID)


@pytest.mark.parametrize(
    ("one", "side", "other"),
    [
        ("KAZ", "north", "UZB"),
        ("ARM", "west", "AZE"),
        ("BLR", "north", "UKR"),
        ("GEO", "north", "ARM"),
        ("KGZ", "west", "CHN"),
    ],
)
def test_neighbours_stand_where_they_lie(one, side, other):
    (column, row), (other_column, other_row) = GRID[one], GRID[other]
    assert (row < other_row) if side == "north" else (column < other_column)


def test_empty_grid_is_still_a_picture():
    assert tile_grid([], 0.0, translator("kk")).startswith("<svg")
