"""The builder of the shipped outlines, on a small world of squares; rebuilt from the package itself in the full run."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

shapely = pytest.importorskip("shapely")
ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/build_outlines.py"
SHIPPED = ROOT / "src/dostastyq/report/outlines/eurasia.json"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(TOOL.parent))
    try:
        import build_outlines  # noqa: PLC0415
    finally:
        sys.path.remove(str(TOOL.parent))
    return build_outlines


def square(west, south, east, north):
    return [(west, south), (west, north), (east, north), (east, south), (west, south)]


WORLD = {
    ("643", "Russia"): [
        square(38, 46, 60, 52),
        square(33, 44.5, 36, 46),
        [(170, 65), (170, 70), (-170, 70), (-170, 65), (170, 65)],
    ],
    ("804", "Ukraine"): [square(30, 46, 38, 52)],
    ("196", "Cyprus"): [square(32, 34, 34, 35)],
    (None, "N. Cyprus"): [square(32, 35, 34, 36)],
    ("706", "Somalia"): [square(45, 5, 50, 10)],
    (None, "Somaliland"): [square(43, 8, 45, 11)],
    ("246", "Finland"): [square(22, 60, 30, 68)],
    ("248", "Åland"): [square(19, 60, 21, 61)],
    (None, "Kosovo"): [square(20, 42, 21, 43)],
    (None, "Siachen Glacier"): [square(77, 35, 78, 36)],
    ("036", "Ashmore and Cartier Is."): [square(123, -13, 124, -12)],
    ("840", "United States of America"): [square(-168, 60, -141, 70)],
}


@pytest.fixture(scope="module")
def topology():
    arcs, geometries = [], []
    for (number, name), rings in WORLD.items():
        geometry = {
            "type": "MultiPolygon",
            "arcs": [],
            "properties": {"name": name},
            **({"id": number} if number else {}),
        }
        for ring in rings:
            geometry["arcs"].append([[len(arcs)]])
            steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(ring)]
            arcs.append([ring[0], *steps])
        geometries.append(geometry)
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": arcs,
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
    }


@pytest.fixture(scope="module")
def outlines(tool, topology):
    return tool.recognised(tool.countries(topology))


def test_crimea_moves_and_its_border_is_dissolved(outlines):
    simferopol = shapely.Point(34.10, 44.95)
    assert outlines["UKR"].contains(simferopol)
    assert not outlines["RUS"].intersects(simferopol)
    assert len(outlines["UKR"].geoms) == 1


def test_areas_go_to_their_states_and_one_stays_without(outlines):
    assert outlines["CYP"].contains(shapely.Point(33, 35.5))
    assert outlines["SOM"].contains(shapely.Point(44, 9))
    assert outlines["FIN"].contains(shapely.Point(20, 60.5))
    assert {name for name in outlines if len(name) != 3} == {"Siachen Glacier"}
    assert "XKX" in outlines


def test_longitudes_run_on_past_the_antimeridian(outlines):
    assert outlines["RUS"].bounds == (38, 46, 190, 70)
    assert outlines["USA"].bounds == (192, 60, 219, 70)


def test_layer_is_geojson_of_valid_polygons_the_same_every_time(tool, outlines):
    text = tool.layer(tool.simplified(outlines))
    assert text == tool.layer(tool.simplified(dict(reversed(outlines.items()))))
    collection = json.loads(text)
    assert collection["type"] == "FeatureCollection"
    assert "68/262" in collection["note"]
    codes = [feature["properties"]["iso3"] for feature in collection["features"]]
    assert codes == ["CYP", "FIN", "RUS", "SOM", None, "UKR", "USA", "XKX"]
    for feature in collection["features"]:
        geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert geometry.is_valid
        assert tool.WINDOW.covers(geometry)


def test_overlap_stops_the_build(tool, outlines):
    twice = {**outlines, "BLR": outlines["FIN"].buffer(1)}
    with pytest.raises(ValueError, match="overlap"):
        tool.simplified({name: tool.multi(outline) for name, outline in twice.items()})


def test_another_file_is_refused(tool, tmp_path):
    (tmp_path / "countries-50m.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="SHA-256"):
        tool.read(tmp_path)


def test_shipped_features_are_valid_and_do_not_overlap():
    features = json.loads(SHIPPED.read_text("utf-8"))["features"]
    shapes = {f["properties"]["iso3"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in features}
    assert all(shape.is_valid for shape in shapes.values())
    for one, other in (("UKR", "RUS"), ("GEO", "RUS"), ("MDA", "UKR"), ("AZE", "ARM"), ("KAZ", "UZB")):
        assert shapes[one].intersection(shapes[other]).area < 1e-9


if os.environ.get("DOSTASTYQ_FULL"):

    @pytest.mark.full
    def test_shipped_layer_is_rebuilt_to_the_byte(tmp_path):
        again = tmp_path / "eurasia.json"
        subprocess.run([sys.executable, TOOL, "--out", again], check=True)
        assert again.read_bytes() == SHIPPED.read_bytes()
