"""A layer of outlines: the shipped one, or a GeoJSON file of the user's own, read and checked."""

import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from dostastyq.errors import DostastyqError, nearest
from dostastyq.trade.codes import economies

SHIPPED = "eurasia.json"

_COLLECTION = "a GeoJSON FeatureCollection with at least one feature"
_REPAIR = "export the layer as GeoJSON in WGS 84 (EPSG:4326), polygons only"

Ring = list[tuple[float, float]]
Area = tuple[str | None, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """Outlines of economies, ready to draw.

    Parameters
    ----------
    areas
        ISO 3166 alpha-3 code and MultiPolygon of every area; no code: context, drawn grey.
    name
        Name of the file; empty for the shipped layer.
    source
        What the file says of its source; may be empty.
    """

    areas: tuple[Area, ...]
    name: str = ""
    source: str = ""

    @property
    def shipped(self) -> bool:
        """Whether this is the layer that comes with the system."""
        return not self.name


def load(outlines: bool | str | os.PathLike[str], members: list[str]) -> Layer:
    """Read a layer and see that it shows at least one of `members`.

    Parameters
    ----------
    outlines
        A bool for the shipped layer, or the path of a GeoJSON FeatureCollection in degrees whose features have an
        alpha-3 code as property ``iso3``, ``ISO_A3`` or ``id``, or as their own ``id``. A feature without a code, or
        with ``-99``, is context.
    members
        Codes of the members.

    Raises
    ------
    DostastyqError
        ``RP002`` if the file cannot be read, ``RP003`` if it is no FeatureCollection, ``RP004`` if a feature is no
        polygon in degrees, ``RP005`` if it has an unknown code, ``RP006`` if none of the members is in it.
    """
    if isinstance(outlines, bool):
        return _shipped()
    path = Path(os.fspath(outlines))
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise DostastyqError(
            "RP002", f"cannot read the outlines {path}: {reason}", "name a GeoJSON file, or natural-earth"
        ) from error
    layer = _parse(content, str(path), path.name)
    found = {code for code, _ in layer.areas if code}
    if not found.intersection(members):
        raise DostastyqError(
            "RP006",
            f"{path}: none of the members is in the layer; found {_some(found)}, expected any of {_some(set(members))}",
            "add the members, with alpha-3 codes as property iso3",
        )
    return layer


@cache
def _shipped() -> Layer:
    content = files("dostastyq.report.outlines").joinpath(SHIPPED).read_text(encoding="utf-8")
    return _parse(content, SHIPPED, "")


def _parse(content: str, where: str, name: str) -> Layer:
    """Read GeoJSON text; `where` names it in refusals."""
    try:
        collection = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _refused("RP003", where, f"no JSON ({error})", _COLLECTION) from error
    kind = collection.get("type") if isinstance(collection, dict) else type(collection).__name__
    features = collection.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        shown = f"{kind} without features" if kind == "FeatureCollection" else f"type {kind!r}"
        raise _refused("RP003", where, shown, _COLLECTION)
    areas = []
    for number, feature in enumerate(features, 1):
        here = f"{where}: feature {number}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise _refused("RP003", here, repr(feature)[:60], "an object of type Feature")
        code, polygons = _code(feature, here), _polygons(feature.get("geometry"), here)
        if polygons:
            areas.append((code, {"type": "MultiPolygon", "coordinates": polygons}))
    source = collection.get("source")
    return Layer(tuple(areas), name, source if isinstance(source, str) else "")


def _code(feature: dict[str, Any], here: str) -> str | None:
    """Alpha-3 code of `feature`, None for context."""
    properties = feature.get("properties")
    said = properties if isinstance(properties, dict) else {}
    given = (said.get("iso3"), said.get("ISO_A3"), said.get("id"), feature.get("id"))
    found = next((code for code in given if isinstance(code, str) and code not in {"", "-99"}), None)
    if found is None:
        return None
    code = found.strip().upper()
    if code not in economies():
        raise DostastyqError(
            "RP005",
            f"{here}: unknown code; found {found[:40]!r}, expected an ISO 3166 alpha-3 code",
            nearest(code[:40], economies()) or "give the code as property iso3; an area without a code is drawn grey",
        )
    return code


def _polygons(geometry: object, here: str) -> list[list[Ring]]:
    """Polygons of `geometry` that reach north of the equator, outer rings clockwise as the drawing wants them."""
    if geometry is None:
        return []
    kind, coordinates = (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, dict) else ("", ())
    if kind not in {"Polygon", "MultiPolygon"}:
        raise _refused("RP004", here, f"geometry {kind!r}", "a Polygon or a MultiPolygon")
    try:
        given: list[Any] = [coordinates] if kind == "Polygon" else list(coordinates or [])
        polygons = [[[(float(point[0]), float(point[1])) for point in ring] for ring in polygon] for polygon in given]
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise _refused("RP004", here, "coordinates that are no rings", "rings of points in degrees") from error
    for polygon in polygons:
        for ring in polygon:
            _check(ring, here)
    return [
        [_wound(ring, clockwise=place == 0) for place, ring in enumerate(polygon) if place == 0 or _area(ring)]
        for polygon in polygons
        if polygon and max(latitude for _, latitude in polygon[0]) > 0 and _area(polygon[0])
    ]


def _check(ring: Ring, here: str) -> None:
    """Refuse a ring that is not closed or not in degrees."""
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise _refused("RP004", here, f"an open ring of {len(ring)} points", "rings of four or more points, closed")
    for longitude, latitude in ring:
        if not (isfinite(longitude) and -360 <= longitude <= 360 and -90 <= latitude <= 90):
            found = f"point ({longitude:g}, {latitude:g})"
            raise _refused("RP004", here, found, "degrees of longitude and latitude")


def _wound(ring: Ring, *, clockwise: bool) -> Ring:
    """Turn `ring` so that its inside lies on the right (`clockwise`) or on the left."""
    return ring if (_area(ring) < 0) == clockwise else ring[::-1]


def _area(ring: Ring) -> float:
    """Twice the area of `ring` in square degrees, negative when it runs clockwise; a jump at 180 degrees is undone."""
    longitudes = [longitude for longitude, _ in ring]
    jumps = max(longitudes) - min(longitudes) > 300
    flat = [(x + 360 if jumps and x < 0 else x, y) for x, y in ring]
    return sum((x2 - x1) * (y1 + y2) for (x1, y1), (x2, y2) in pairwise(flat)) * -1.0


def _refused(code: str, where: str, found: str, expected: str) -> DostastyqError:
    return DostastyqError(code, f"{where}: found {found}, expected {expected}", _REPAIR)


def _some(codes: set[str]) -> str:
    """Name a few of `codes`."""
    names = sorted(codes)
    return (", ".join(names[:8]) + (", …" if len(names) > 8 else "")) or "no code"
