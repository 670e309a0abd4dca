"""Build the shipped outline layer of the report from Natural Earth 1:50m.

    python tools/build_outlines.py [SOURCE] [--out FILE]

SOURCE is ``countries-50m.json`` of the npm package world-atlas 2.0.2, or the folder of the unpacked package; without it
``npm pack`` fetches the package into a temporary folder and its integrity hash is checked. The file that comes out is
the same byte for byte every time.

Natural Earth draws lines as they are held on the ground. The layer takes states as its file of countries has them,
with three rules of its own: Crimea belongs to Ukraine (resolution 68/262 of the United Nations General Assembly),
Northern Cyprus to Cyprus, Somaliland to Somalia. An area without a state is kept without a code.
"""

import argparse
import base64
import json
import subprocess
import tempfile
from hashlib import sha256, sha512
from io import BytesIO
from pathlib import Path
from tarfile import open as open_archive
from typing import Any

import numpy as np
import shapely
from babel.core import get_global
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from dostastyq.trade.codes import economies

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "src/dostastyq/report/outlines/eurasia.json"
PACKAGE, FILE = "world-atlas@2.0.2", "countries-50m.json"
INTEGRITY = "sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ=="
FILE_SHA256 = "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394"
SOURCE = f"Natural Earth 1:50m (public domain), from {PACKAGE}, simplified by tools/build_outlines.py"
NOTE = (
    "Lines are approximate and express no opinion on the legal status of any territory. Crimea is shown as part of "
    "Ukraine (United Nations General Assembly resolution 68/262)."
)

WINDOW = shapely.box(-26, 4, 206, 82.5)
CRIMEA = Point(34.10, 44.95)
PART_OF = {"N. Cyprus": "CYP", "Somaliland": "SOM", "Åland": "FIN"}
CODES = {"Kosovo": "XKX"}
LEFT_OUT = ("Ashmore and Cartier Is.", "Indian Ocean Ter.")
TOLERANCE = 0.12
SMALLEST = 0.05
DECIMALS = 2

Outlines = dict[str, MultiPolygon]


def fetch() -> bytes:
    """Fetch the package with npm, check it, and take the file of countries out of it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        content = next(Path(folder).glob("*.tgz")).read_bytes()
    found = "sha512-" + base64.b64encode(sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"{PACKAGE}: integrity {found}, expected {INTEGRITY}")
    with open_archive(fileobj=BytesIO(content)) as archive:
        file = archive.extractfile(f"package/{FILE}")
        if file is None:
            raise ValueError(f"{PACKAGE} has no {FILE}")
        return file.read()


def read(source: Path | None) -> dict[str, Any]:
    """Read the file of countries from `source` or from npm, and check that it is the one pinned here."""
    content = fetch() if source is None else (source / FILE if source.is_dir() else source).read_bytes()
    found = sha256(content).hexdigest()
    if found != FILE_SHA256:
        raise ValueError(f"{FILE}: SHA-256 {found}, expected {FILE_SHA256} of {PACKAGE}")
    topology: dict[str, Any] = json.loads(content)
    return topology


def countries(topology: dict[str, Any]) -> Outlines:
    """Outlines of the topology by Natural Earth's own names, continuous across the antimeridian."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(indices: list[int]) -> NDArray[np.float64]:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        return np.vstack([parts[0], *(part[1:] for part in parts[1:])])

    outlines = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        made = [continuous([ring(indices) for indices in polygon]) for polygon in polygons]
        outlines[code_of(geometry)] = MultiPolygon(made)
    return outlines


def continuous(rings: list[NDArray[np.float64]]) -> Polygon:
    """Polygon of `rings` whose longitudes run on past 180 degrees instead of jumping, the far west after the east."""
    longitudes = rings[0][:, 0]
    if np.ptp(longitudes) > 300:
        rings = [np.column_stack([np.where(r[:, 0] < 0, r[:, 0] + 360, r[:, 0]), r[:, 1]]) for r in rings]
    elif longitudes.max() < -100:
        rings = [np.add(r, (360, 0)) for r in rings]
    return Polygon(rings[0], rings[1:])


def code_of(geometry: dict[str, Any]) -> str:
    """ISO alpha-3 code of a country of the file; its name where it has none."""
    aliases = get_global("territory_aliases")
    name = geometry["properties"]["name"]
    if name in PART_OF or name in LEFT_OUT or "id" not in geometry:
        return CODES.get(name, name)
    alpha2 = aliases[geometry["id"]][0]
    return next(code for code in sorted(economies()) if aliases.get(code, ()) == [alpha2])


def recognised(outlines: Outlines) -> Outlines:
    """Give Crimea to Ukraine and the areas of `PART_OF` to their states; leave out what has no state of its own."""
    result = dict(outlines)
    russia = shapely.get_parts(outlines["RUS"])
    crimea = shapely.contains(russia, CRIMEA)
    result["RUS"] = MultiPolygon(list(russia[~crimea]))
    result["UKR"] = multi(shapely.union(outlines["UKR"], russia[crimea].item()))
    for part, state in PART_OF.items():
        result[state] = multi(shapely.union(result[state], result.pop(part)))
    return {name: outline for name, outline in result.items() if name not in LEFT_OUT}


def multi(geometry: shapely.Geometry) -> MultiPolygon:
    """Polygons of `geometry`, without points and lines."""
    return MultiPolygon([part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)])


def simplified(outlines: Outlines) -> Outlines:
    """Simplify borders once for both sides, in an equal-area plane; drop islets, but no economy's largest part."""
    names = sorted(name for name, outline in outlines.items() if outline.intersects(WINDOW))
    plane = [shapely.transform(outlines[name], flatten) for name in names]
    if not shapely.coverage_is_valid(plane):
        raise ValueError("outlines overlap or leave gaps along a border")
    kept = []
    for outline in shapely.coverage_simplify(plane, TOLERANCE):
        parts = sorted(shapely.get_parts(outline), key=lambda part: -part.area)
        kept.append(MultiPolygon([p for i, p in enumerate(parts) if i == 0 or p.area >= SMALLEST]))
    return {name: shapely.transform(outline, unflatten) for name, outline in zip(names, kept, strict=True)}


def flatten(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Equal-area cylindrical plane, in degrees at the equator."""
    return np.column_stack([points[:, 0], np.degrees(np.sin(np.radians(points[:, 1])))])


def unflatten(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes and latitudes of points of the plane of `flatten`."""
    return np.column_stack([points[:, 0], np.degrees(np.arcsin(np.radians(points[:, 1])))])


def layer(outlines: Outlines) -> str:
    """Write the layer as GeoJSON, one feature a line, cut to the window, without a code for an area without a state."""
    lines = []
    for name, outline in outlines.items():
        cut = shapely.intersection(outline, WINDOW)
        rounded = multi(shapely.make_valid(shapely.transform(cut, lambda points: points.round(DECIMALS))))
        oriented = [shapely.geometry.polygon.orient(part) for part in rounded.geoms]
        rings = [[[short(p) for p in r.coords] for r in (part.exterior, *part.interiors)] for part in oriented]
        feature = {
            "type": "Feature",
            "properties": {"iso3": name if name in economies() else None},
            "geometry": {"type": "MultiPolygon", "coordinates": rings},
        }
        lines.append(compact(feature))
    head = compact({"type": "FeatureCollection", "source": SOURCE, "note": NOTE})[:-1]
    return head + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"


def short(point: tuple[float, ...]) -> list[float | int]:
    """Coordinates of `point` without trailing zeros."""
    return [int(x) if x == int(x) else round(x, DECIMALS) for x in point]


def compact(value: dict[str, Any]) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> None:
    """Build the layer."""
    parser = argparse.ArgumentParser(description="Build the shipped outline layer.")
    parser.add_argument("source", nargs="?", type=Path, help=f"{FILE}, or the folder of the unpacked {PACKAGE}")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="file to write")
    arguments = parser.parse_args()
    outlines = simplified(recognised(countries(read(arguments.source))))
    arguments.out.write_text(layer(outlines), encoding="utf-8")


if __name__ == "__main__":
    main()
