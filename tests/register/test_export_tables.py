"""Tables of acts and statuses: what they hold is what the register holds."""

from io import BytesIO

import polars as pl
import pytest

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, exports
from dostastyq.register.exports.tables import ACTS, SEPARATOR, SIGNATURE, STATUSES

REQUIRED = [
    "instrument", "state", "act", "date_earliest", "date_latest", "date", "effective", "towards", "provisions",
    "source", "confidence",
]  # fmt: skip


def read(content, schema):
    return pl.read_csv(BytesIO(content), schema_overrides=schema)


def act_of(row):
    """The act that a row of the table says."""

    def many(name):
        return tuple(row[name].split(SEPARATOR)) if row[name] else ()

    return Act(
        row["state"], row["act"], row["instrument"], date=row["date"], effective=row["effective"],
        towards=many("towards"), provisions=many("provisions"), sources=many("source"), through=row["through"] or "",
        text=row["text"] or "", note=row["note"] or "", derived=row["derived"], opposes=row["opposes"],
        confidence=row["confidence"], key=row["key"] or "", supersedes=row["supersedes"] or "",
    )  # fmt: skip


def bare(act):
    """The act without recorded time, which the table has as text."""
    values = {name: getattr(act, name) for name in Act.__dataclass_fields__ if not name.startswith("recorded")}
    kind, state, slug = values.pop("kind"), values.pop("state"), values.pop("instrument")
    return Act(state, kind, slug, **values)


def test_the_first_columns_are_the_published_ones(reg):
    assert read(exports.export(reg, "csv"), ACTS).columns[: len(REQUIRED)] == REQUIRED


def test_a_csv_gives_back_every_act(reg):
    frame = read(exports.export(reg, "csv"), ACTS)
    found = [act_of(row) for row in frame.filter(pl.col("act") != SIGNATURE).iter_rows(named=True)]
    assert found == [bare(act) for item in reg.instruments.values() for act in item.acts]


def test_no_list_element_contains_the_separator(reg):
    for item in reg.instruments.values():
        for act in item.acts:
            assert not any(SEPARATOR in part for part in (*act.towards, *act.provisions, *act.sources))


def test_every_signature_is_a_row(reg):
    frame = read(exports.export(reg, "csv"), ACTS).filter(act=SIGNATURE)
    signed = {(slug, state) for slug, item in reg.instruments.items() for state in item.signed.by}
    assert set(frame.select("instrument", "state").iter_rows()) == signed


def test_bounds_are_those_of_the_edtf_text(reg):
    for row in read(exports.export(reg, "csv"), ACTS).filter(pl.col("date").is_not_null()).iter_rows(named=True):
        day = Day.parse(row["date"])
        assert (row["date_earliest"], row["date_latest"]) == (day.earliest, day.latest)


@pytest.mark.parametrize("on", [None, "2013-01-01"])
def test_parquet_holds_the_same_table(reg, on):
    typed = pl.read_parquet(BytesIO(exports.export(reg, "parquet", on=on)))
    assert typed.schema == pl.Schema(ACTS if on is None else STATUSES)
    text = read(exports.export(reg, "csv", on=on), typed.schema)
    assert typed.equals(text)
    assert not any((typed[name] == "").any() for name, kind in typed.schema.items() if kind == pl.String)


def test_statuses_are_those_of_the_register(reg):
    frame = read(exports.export(reg, "csv", on="2013-01-01"), STATUSES)
    assert frame.height == len(reg.instruments) * len(reg.states)
    for row in frame.filter(pl.col("instrument").is_in(["fta-2011", "cu-1995"])).iter_rows(named=True):
        status = reg.status(row["instrument"], row["state"], "2013-01-01")
        assert (row["code"], row["bound"], row["applied"]) == (status.code, status.bound, status.applied)
        assert row["since"] == (None if status.since is None else str(status.since))


def test_unknown_is_an_empty_cell_and_not_false(reg):
    frame = read(exports.export(reg, "csv", on="2005-01-01", instrument="fta-1994"), STATUSES)
    assert frame.filter(state="KGZ").row(0, named=True)["bound"] is None
    assert "KGZ,2005-01-01,UNKNOWN,,," in exports.export(reg, "csv", on="2005-01-01", instrument="fta-1994").decode()


def test_a_state_not_yet_independent_has_no_row(reg):
    frame = read(exports.export(reg, "csv", on="1991-12-10", instrument="cis-agreement-1991"), STATUSES)
    assert "KAZ" not in frame["state"].to_list()
    assert "BLR" in frame["state"].to_list()


def test_one_instrument_alone(reg):
    frame = read(exports.export(reg, "csv", instrument="eaeu-2014"), ACTS)
    assert frame["instrument"].unique().to_list() == ["eaeu-2014"]


def test_an_earlier_state_of_knowledge_has_no_later_act(reg):
    added = Act("UZB", "accession", "eaeu-2014", date="2030-01-01", key="eaeu-2014/UZB/accession/1")
    assert "UZB,accession" in exports.export(reg.overlay([added]), "csv", instrument="eaeu-2014").decode()
    assert exports.export(reg.known("1990-01-01"), "csv").decode().count("\n") == 1


@pytest.mark.parametrize("form", exports.FORMATS)
@pytest.mark.parametrize("on", [None, "2016-06-01"])
def test_same_register_same_bytes(reg, form, on):
    twin = reg.changed()
    first, second = (exports.export(law, form, on=on, instrument="fta-2011") for law in (reg, twin))
    assert first == second


def test_an_unknown_format_names_the_nearest(reg):
    with pytest.raises(DostastyqError, match="parquett") as refusal:
        exports.export(reg, "parquett")
    assert "'parquet'" in refusal.value.hint


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "acts.csv"
    target.write_bytes(b"old")
    with pytest.raises(DostastyqError, match="cannot write"):
        exports.write_whole(tmp_path / "no" / "acts.csv", b"new")
    with pytest.raises(DostastyqError, match="folder"):
        exports.write_whole(tmp_path, b"new")
    assert exports.write_whole(target, b"new").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_replacement_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "acts.csv"
    target.write_bytes(b"old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(DostastyqError, match="No space left"):
        exports.write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
