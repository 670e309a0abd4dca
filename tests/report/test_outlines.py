"""The outline layer and its map: whose territory is whose, what is drawn, which files are refused."""

import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from dostastyq import report
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES, translator
from dostastyq.report.charts import GAIN, LOSS, TILE_FRAME, Tile
from dostastyq.report.outlines import Layer, chart, load, outline_map
from dostastyq.report.tiles import GRID

TWELVE = ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"]
DISCLAIMER = {"en": "no opinion on the legal status", "ru": "правовом статусе", "kk": "құқықтық мәртебесі"}
CRIMEA = {"en": "Crimea is shown as part of Ukraine", "ru": "Крым показан как часть Украины", "kk": "Украинаның бөлігі"}


@pytest.fixture(scope="session")
def shipped():
    return load(True, TWELVE)


@pytest.fixture(scope="session")
def shipped_file(root):
    return root / "src/dostastyq/report/outlines/eurasia.json"


def inside(point, ring):
    """Even-odd rule."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


def owners(layer, longitude, latitude):
    point = (longitude, latitude)
    return [
        code
        for code, geometry in layer.areas
        for outer, *holes in geometry["coordinates"]
        if inside(point, outer) and not any(inside(point, hole) for hole in holes)
    ]


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "state"),
    [
        ("Simferopol", 34.10, 44.95, "UKR"),
        ("Sevastopol", 33.60, 44.60, "UKR"),
        ("Kerch", 36.40, 45.35, "UKR"),
        ("the isthmus of Perekop", 33.69, 46.16, "UKR"),
        ("Donetsk", 37.80, 48.00, "UKR"),
        ("Mariupol", 37.55, 47.15, "UKR"),
        ("Krasnodar", 38.97, 45.04, "RUS"),
        ("inland of Sukhumi", 41.20, 43.05, "GEO"),
        ("Tskhinvali", 43.97, 42.23, "GEO"),
        ("Tiraspol", 29.60, 46.85, "MDA"),
        ("Stepanakert", 46.75, 39.82, "AZE"),
        ("Nakhchivan", 45.40, 39.20, "AZE"),
        ("Kaliningrad", 20.80, 54.60, "RUS"),
        ("inland of Anadyr", 176.0, 65.0, "RUS"),
        ("Uelen, beyond 180 degrees", 189.0, 66.1, "RUS"),
        ("north of Nicosia", 33.30, 35.25, "CYP"),
        ("Astana", 71.45, 51.15, "KAZ"),
        ("Siachen", 77.05, 35.45, None),
    ],
)
def test_point_lies_in_one_state_and_no_other(shipped, place, longitude, latitude, state):
    assert owners(shipped, longitude, latitude) == [state], place


def test_layer_has_the_tile_grid_and_is_small(shipped, shipped_file):
    codes = [code for code, _ in shipped.areas if code]
    assert set(GRID) - {"EUN"} <= set(codes)
    assert len(codes) == len(set(codes))
    assert shipped_file.stat().st_size < 200_000


def test_no_border_is_drawn_where_crimea_joins(shipped):
    ukraine = next(geometry for code, geometry in shipped.areas if code == "UKR")
    holders = [outer for outer, *_ in ukraine["coordinates"] if inside((34.10, 44.95), outer)]
    assert len(holders) == 1
    assert inside((30.5, 50.4), holders[0])


def test_russia_has_no_seam_at_the_antimeridian(shipped):
    russia = next(geometry for code, geometry in shipped.areas if code == "RUS")
    for outer, *_ in russia["coordinates"]:
        longitudes = [x for x, _ in outer]
        assert 19 < min(longitudes) <= max(longitudes) < 191
        assert not [1 for a, b in pairwise(longitudes) if a == b == 180]


TILES = [
    Tile("RUS", 1.0, "+1.00", member=True, sure=True),
    Tile("KAZ", -1.0, "−1.00", member=True, sure=False),
    Tile("UKR", 0.0, "0.00", member=False, sure=False),
    Tile("CHN", 0.1, "+0.10", member=False, sure=False),
]
SVG = "{http://www.w3.org/2000/svg}"


def paths(svg, **attributes):
    return [
        e
        for e in ET.fromstring(svg).iter(f"{SVG}path")
        if all(e.get(k.replace("_", "-")) == v for k, v in attributes.items())
    ]


def test_map_colours_values_and_greys_the_rest(shipped):
    svg = outline_map(shipped, TILES, 1.0, translator("en"))
    rgb = {c: f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:], 16)})" for c in (LOSS, GAIN)}
    assert len(paths(svg, fill=rgb[LOSS])) == len(paths(svg, fill=rgb[GAIN])) == 1
    assert len(paths(svg, stroke=TILE_FRAME)) == 2
    assert len(paths(svg, fill=chart.NO_DATA)) == len(shipped.areas) - len(TILES)


def test_map_labels_the_twelve_that_have_a_figure(shipped):
    svg = outline_map(shipped, TILES, 1.0, translator("en"))
    texts = {e.text for e in ET.fromstring(svg).iter(f"{SVG}text")}
    assert texts == {"RUS", "KAZ", "UKR", "+1.00", "−1.00", "0.00"}
    assert re.search(r'font-weight="bold"[^>]*>\+1\.00<', svg)
    assert not re.search(r'font-weight="bold"[^>]*>−1\.00<', svg)
    assert "aria-label" not in svg
    assert " id=" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("place", [(99.0, 62.0), (44.7, 40.5), (189.0, 66.0), (10.0, 45.0)])
def test_labels_are_placed_by_the_projection_of_the_drawing(place):
    x, y = place
    box = [(x - 0.1, y - 0.1), (x - 0.1, y + 0.1), (x + 0.1, y + 0.1), (x + 0.1, y - 0.1), (x - 0.1, y - 0.1)]
    layer = Layer((("KAZ", {"type": "MultiPolygon", "coordinates": [[box]]}),))
    tile = Tile("KAZ", 1.0, "1", member=False, sure=False)
    svg = outline_map(layer, [tile, TILES[2]], 1.0, translator("en"))
    assert "UKR" not in svg
    [drawn] = paths(svg, fill="rgb(79, 174, 159)")
    points = [tuple(map(float, pair)) for pair in re.findall(r"([-\d.]+),([-\d.]+)", drawn.get("d"))]
    middle = tuple(sum(axis) / len(axis) for axis in zip(*points, strict=True))
    assert middle == pytest.approx(chart.project(*place), abs=0.6)


def test_every_label_stands_apart_and_in_the_frame():
    places = [chart.project(*place) for place in chart._INSIDE.values()] + [at for _, at in chart._OUTSIDE.values()]
    assert set(chart._INSIDE) | set(chart._OUTSIDE) == set(TWELVE)
    assert all(18 <= x <= chart._WIDTH - 18 and 14 <= y <= chart._HEIGHT - 14 for x, y in places)
    for i, (x, y) in enumerate(places):
        assert all(abs(x - u) >= 34 or abs(y - v) >= 24 for u, v in places[:i])


def test_points_of_the_outer_labels_lie_in_their_states(shipped):
    for state, (degrees, _) in chart._OUTSIDE.items():
        assert owners(shipped, *degrees) == [state]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_prints_source_and_disclaimer(union, language):
    text = report.html(union, language, outlines=True)
    assert DISCLAIMER[language] in text
    assert CRIMEA[language] in text
    assert "Natural Earth" in text
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text
    assert text == report.html(union, language, outlines=True)


def test_tiles_stay_the_default(union):
    assert report.html(union) == report.html(union, outlines=None) == report.html(union, outlines=False)
    assert "Natural Earth" not in report.html(union)


def square(code, **properties):
    ring = [[60, 45], [70, 45], [70, 50], [60, 50], [60, 45]]
    given = {"iso3": code, **properties} if code else properties
    return {"type": "Feature", "properties": given, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def written(folder, content):
    path = folder / "own.geojson"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features), **members}


def test_own_layer_is_drawn_and_named(union, tmp_path):
    hostile = '<script>alert("x")</script>'
    text = report.html(union, "en", written(tmp_path, collection(square("KAZ"), source=hostile)))
    assert "the file own.geojson" in text
    assert "no opinion on the legal status" in text
    assert "Natural Earth" not in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "feature",
    [
        square("kaz"),
        square(None, ISO_A3="KAZ"),
        square(None, id="KAZ"),
        square(None, iso3=None, ISO_A3="KAZ", id=7),
        {**square(None), "id": "KAZ"},
        {**square(None, ISO_A3="-99"), "id": "KAZ"},
    ],
)
def test_code_is_found_where_files_keep_it(tmp_path, feature):
    layer = load(written(tmp_path, collection(feature, square(None, ISO_A3="-99"))), ["KAZ"])
    assert [code for code, _ in layer.areas] == ["KAZ", None]


@pytest.mark.parametrize("turned", [False, True])
def test_either_winding_draws_the_inside(tmp_path, turned):
    feature = square("KAZ")
    if turned:
        feature["geometry"]["coordinates"][0].reverse()
    layer = load(written(tmp_path, collection(feature)), ["KAZ"])
    tile = Tile("KAZ", 1.0, "1", member=False, sure=False)
    [drawn] = paths(outline_map(layer, [tile], 1.0, translator("en")), fill="rgb(79, 174, 159)")
    across = [float(x) for x, _ in re.findall(r"([-\d.]+),([-\d.]+)", drawn.get("d"))]
    assert max(across) - min(across) < 100


def test_the_far_south_and_features_without_geometry_are_left_out(tmp_path):
    south = square("AUS")
    south["geometry"]["coordinates"] = [[[120, -30], [130, -30], [130, -20], [120, -30]]]
    empty = {"type": "Feature", "properties": {"iso3": "RUS"}, "geometry": None}
    layer = load(written(tmp_path, collection(square("KAZ"), south, empty)), ["KAZ"])
    assert [code for code, _ in layer.areas] == ["KAZ"]


def with_geometry(**geometry):
    return collection({**square("KAZ"), "geometry": geometry})


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("{", "RP003", "found no JSON"),
        ([1], "RP003", "found type 'list'"),
        ({"type": "Topology", "arcs": []}, "RP003", "found type 'Topology', expected a GeoJSON FeatureCollection"),
        (collection(), "RP003", "without features"),
        (collection(5), "RP003", "feature 1: found 5"),
        (with_geometry(type="Point", coordinates=[60, 45]), "RP004", "found geometry 'Point'"),
        (with_geometry(type="Polygon", coordinates=[[60, 45]]), "RP004", "no rings"),
        (with_geometry(type="Polygon", coordinates=None), "RP004", "no rings"),
        (with_geometry(type="Polygon", coordinates=[[[60, 45], [61, 45], [60, 46]]]), "RP004", "open ring of 3 points"),
        (
            with_geometry(type="Polygon", coordinates=[[[6e6, 5e6], [7e6, 5e6], [7e6, 6e6], [6e6, 5e6]]]),
            "RP004",
            "6e+06",
        ),
        (with_geometry(type="Polygon", coordinates=[[[float("nan"), 5]] * 4]), "RP004", "(nan, 5)"),
        (collection(square("KAZ"), square("KZA")), "RP005", "feature 2: unknown code; found 'KZA'"),
        (collection(square("398")), "RP005", "found '398', expected an ISO 3166 alpha-3 code"),
        (collection(square("FRA"), square("DEU")), "RP006", "found DEU, FRA, expected any of ARM, BLR, KAZ, KGZ, RUS"),
        (collection(square(None)), "RP006", "found no code"),
    ],
)
def test_bad_file_is_refused_with_place_and_remedy(union, tmp_path, content, code, says):
    path = written(tmp_path, content)
    with pytest.raises(DostastyqError, match=re.escape(says)) as refusal:
        report.html(union, "en", path)
    assert refusal.value.code == code
    assert str(path) in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize("name", ["absent.geojson", ""])
def test_unreadable_file_is_refused_before_anything_is_written(union, tmp_path, name):
    target = tmp_path / "report.html"
    with pytest.raises(DostastyqError, match="cannot read the outlines") as refusal:
        report.write(union, target, "en", tmp_path / name)
    assert refusal.value.code == "RP002"
    assert not target.exists()


def test_binary_file_is_refused(union, tmp_path):
    path = tmp_path / "own.geojson"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(DostastyqError, match="no UTF-8 text"):
        report.html(union, "en", path)
