"""SDMX-CSV 2.0, read back by sdmx1 and compared with the register's own answers."""

from io import BytesIO

import polars as pl
import pytest
from sdmx.model import common, v30
from sdmx.reader.csv import Reader

from dostastyq.register import exports
from dostastyq.register.exports import sdmx
from dostastyq.register.status import CODES


def structure(flow):
    """The structure that the module documents, as sdmx1 writes it."""
    found = v30.DataStructureDefinition(id=flow, maintainer=common.Agency(id=sdmx.AGENCY), version="1.0.0")
    for name in sdmx.DIMENSIONS:
        found.dimensions.append((common.TimeDimension if name == "TIME_PERIOD" else common.Dimension)(id=name))
    found.measures.append(v30.Measure(id=sdmx.MEASURE))
    for name in sdmx.ATTRIBUTES:
        found.attributes.append(v30.DataAttribute(id=name))
    return found


def observations(content, flow):
    message = Reader().convert(BytesIO(content), structure=structure(flow))
    (data,) = message.data
    return data.obs


@pytest.fixture(scope="module")
def cube(reg):
    frame = pl.read_csv(BytesIO(exports.export(reg, "sdmx-csv")), schema_overrides={"TIME_PERIOD": pl.Int32})
    assert tuple(frame.columns) == sdmx.HEADER
    return frame


def test_sdmx1_reads_every_observation(reg):
    content = exports.export(reg, "sdmx-csv", instrument="eaeu-2014")
    found = observations(content, "APPLICATION")
    assert len(found) == content.decode().count("\n") - 1
    rus_kgz = {
        str(it.dimension["TIME_PERIOD"].value): it.value
        for it in found
        if (str(it.dimension["REF_AREA"].value), str(it.dimension["COUNTERPART_AREA"].value)) == ("RUS", "KGZ")
    }
    assert float(rus_kgz["2015"]) == pytest.approx(142 / 365, abs=1e-6)
    assert float(rus_kgz["2014"]) == 0
    assert float(rus_kgz["2016"]) == 1


def test_no_observation_stands_twice(cube):
    assert cube.select(sdmx.DIMENSIONS).is_unique().all()


def test_shares_are_those_of_the_panel(reg, cube):
    panel = reg.panel([2008, 2012, 2016], by="instrument").unpivot(
        index=["exporter", "importer", "year"], variable_name="INSTRUMENT"
    )
    slugs = [
        slug
        for slug in panel["INSTRUMENT"].unique()
        if reg.preference(slug).start is None and reg.preference(slug).end is None
    ]
    joined = panel.filter(pl.col("INSTRUMENT").is_in(slugs)).join(
        cube,
        left_on=["exporter", "importer", "year", "INSTRUMENT"],
        right_on=["REF_AREA", "COUNTERPART_AREA", "TIME_PERIOD", "INSTRUMENT"],
        how="left",
    )
    assert joined.filter(pl.col("OBS_STATUS").is_null())["value"].fill_null(-1).unique().to_list() in ([0.0], [])
    known = joined.filter(pl.col("OBS_STATUS").is_not_null())
    assert known.height > 100
    assert known.filter(~pl.col("value").round(5).eq_missing(pl.col("STATUS").cast(pl.Float64).round(5))).is_empty()


def test_unknown_is_empty_and_said_to_be(cube):
    assert cube.filter(pl.col("STATUS").is_null())["OBS_STATUS"].unique().to_list() == ["O"]
    assert not cube.filter(pl.col("STATUS").is_not_null())["OBS_STATUS"].is_in(["O"]).any()


def test_both_directions_are_given(cube):
    one = cube.select("REF_AREA", "COUNTERPART_AREA", "INSTRUMENT", "TIME_PERIOD", "STATUS")
    other = one.rename({"REF_AREA": "COUNTERPART_AREA", "COUNTERPART_AREA": "REF_AREA"}).select(one.columns)
    assert one.sort(one.columns).equals(other.sort(one.columns))


def test_confidentiality_is_not_confidence(cube):
    assert cube["CONF_STATUS"].unique().to_list() == ["F"]
    assert set(cube["CONFIDENCE"].unique()) <= {"high", "medium", "low"}


def test_every_source_is_one_of_the_register(reg, cube):
    cited = {key for cell in cube["SOURCE"].unique() for key in cell.split(";")}
    assert cited <= set(reg.sources)


def test_a_day_gives_codes(reg):
    content = exports.export(reg, "sdmx-csv", on="2013-01-01", instrument="fta-2011")
    found = {str(it.dimension["REF_AREA"].value): it for it in observations(content, "STATUS")}
    assert {area: it.value for area, it in found.items()} == {
        code: reg.status("fta-2011", code, "2013-01-01").code for code in reg.states
    }
    assert {str(it.dimension["COUNTERPART_AREA"].value) for it in found.values()} == {sdmx.NOT_APPLICABLE}
    assert {it.value for it in found.values()} <= set(CODES)
