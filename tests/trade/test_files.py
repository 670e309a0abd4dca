"""A user's file: what it may look like, and that every defect is named by file, row and column with a remedy."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.provenance import fingerprint
from dostastyq.trade import baseline
from dostastyq.trade.files import IN_MILLION

ROWS = [
    "exporter,importer,trade",
    "KAZ,KAZ,300000",
    "KAZ,RUS,10000",
    "RUS,KAZ,16000",
    "RUS,RUS,3000000",
]


@pytest.fixture
def write(tmp_path):
    def written(*rows, name="flows.csv"):
        path = tmp_path / name
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return written


def refusal(path, **options):
    with pytest.raises(DostastyqError) as error:
        baseline(path, **options)
    assert error.value.hint
    return error.value


def edited(row, text):
    """Return the sound rows with one replaced, numbered as an editor does."""
    return [text if number == row else line for number, line in enumerate(ROWS, start=1)]


def test_a_sound_file_is_read(write):
    path = write(*ROWS)
    base = baseline(path, year=2023)
    assert base.economies == ("KAZ", "RUS")
    assert base.flows.tolist() == [[[300_000, 16_000], [10_000, 3_000_000]]]
    assert base.name == "flows"
    assert base.provenance.inputs == (("flows.csv", fingerprint(path.read_bytes())),)
    assert base.provenance.repairs == ()
    assert base.imputed().is_empty()


def test_a_path_as_text_is_read_too(write):
    assert baseline(str(write(*ROWS))).economies == ("KAZ", "RUS")


def test_parquet_and_csv_say_the_same(write, tmp_path):
    csv = write(*ROWS)
    pl.read_csv(csv).write_parquet(tmp_path / "flows.parquet")
    one, other = baseline(csv), baseline(tmp_path / "flows.parquet")
    assert one.to_frame().equals(other.to_frame())


def test_any_data_frame_comes_in():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([row.split(",") for row in ROWS[1:]], columns=ROWS[0].split(","))
    assert baseline(frame, name="mine").name == "mine"
    frame["trade"] = [300_000.0, 10_000.0, float("nan"), 3e6]
    error = refusal(frame)
    assert error.code == "TR005"
    assert "data frame, row 3, column trade (RUS to KAZ)" in error.message


def test_rows_in_any_order_columns_beside_and_blank_lines(write):
    shuffled = [f"{row},x" for row in (ROWS[3], ROWS[1], ROWS[4], ROWS[2])]
    path = write(f"{ROWS[0]},remark", *shuffled[:2], "", *shuffled[2:])
    assert baseline(path).to_frame().equals(baseline(write(*ROWS, name="other.csv")).to_frame())


def test_spaces_around_codes_and_numbers_are_not_an_error(write):
    assert baseline(write(*edited(3, " KAZ , RUS,10000"))).economies == ("KAZ", "RUS")


def test_zero_is_a_value(write):
    assert baseline(write(*edited(3, "KAZ,RUS,0"))).flows.min() == 0


@pytest.mark.parametrize("column", ["exporter", "importer", "trade"])
def test_missing_column(write, column):
    error = refusal(write(ROWS[0].replace(column, f"{column}_usd"), *ROWS[1:]))
    assert error.code == "TR003"
    assert "flows.csv, row 1" in error.message
    assert f"expected a column '{column}'" in error.message
    assert f"{column}_usd" in error.message


def test_semicolons_get_their_own_remedy(write):
    error = refusal(write(*[row.replace(",", ";") for row in ROWS]))
    assert error.code == "TR003"
    assert "separate columns with commas" in error.hint


@pytest.mark.parametrize("empty", ["", "NaN", "NA", "null", "."])
def test_missing_value_is_never_zero(write, empty):
    error = refusal(write(*edited(4, f"RUS,KAZ,{empty}")))
    assert error.code == "TR005"
    assert "flows.csv, row 4, column trade (RUS to KAZ): found" in error.message
    assert "expected a number" in error.message
    assert "never taken as 0" in error.hint


def test_null_and_nan_in_parquet(tmp_path):
    frame = pl.DataFrame([row.split(",") for row in ROWS[1:]], schema=ROWS[0].split(","), orient="row")
    frame = frame.with_columns(pl.col("trade").cast(pl.Float64))
    for bad in (None, float("nan")):
        values = [*frame["trade"][:3], bad]
        path = tmp_path / "flows.parquet"
        frame.with_columns(trade=pl.Series(values, dtype=pl.Float64)).write_parquet(path)
        error = refusal(path)
        assert error.code == "TR005"
        assert "flows.parquet, row 4, column trade (RUS to RUS)" in error.message


def test_missing_pair(write):
    error = refusal(write(*ROWS[:3], ROWS[4]))
    assert error.code == "TR005"
    assert "flows.csv, no row, column trade: the flow RUS to KAZ (sector total) is missing" in error.message
    assert "write 0" in error.hint


def test_missing_domestic_flow(write):
    error = refusal(write(*ROWS[:4]))
    assert error.code == "TR009"
    assert "the domestic flow RUS to RUS" in error.message
    assert "gross output - exports" in error.hint


@pytest.mark.parametrize("bad", ["-1", "-0.5", "-1e9"])
def test_negative_value(write, bad):
    error = refusal(write(*edited(3, f"KAZ,RUS,{bad}")))
    assert error.code == "TR006"
    assert f"flows.csv, row 3, column trade (KAZ to RUS): found {bad}" in error.message
    assert "at least 0" in error.message


@pytest.mark.parametrize("bad", ["ten", "1 000", "12.5.3", "10%", "'5"])
def test_non_numeric_value(write, bad):
    error = refusal(write(*edited(3, f"KAZ,RUS,{bad}")))
    assert error.code == "TR004"
    assert f"row 3, column trade (KAZ to RUS): found {bad}, expected a number" in error.message


def test_infinite_value(write):
    assert refusal(write(*edited(3, "KAZ,RUS,inf"))).code == "TR012"


def test_duplicate_pair(write):
    error = refusal(write(*ROWS, "KAZ,RUS,11"))
    assert error.code == "TR007"
    assert "flows.csv, row 6" in error.message
    assert "found KAZ to RUS (sector total) again after row 3" in error.message


def test_unknown_code_with_the_nearest(write):
    error = refusal(write(*[row.replace("RUS", "RUZ") for row in ROWS]))
    assert error.code == "TR008"
    assert "flows.csv, row 4, column exporter: found 'RUZ'" in error.message
    assert "flows.csv, row 3, column importer: found 'RUZ'" in error.message
    assert "'RUS'" in error.hint
    assert "aggregates" in error.hint


def test_lower_case_codes_get_the_upper_case_as_remedy(write):
    assert "'KAZ'" in refusal(write(*[row.replace("KAZ", "kaz") for row in ROWS])).hint


def test_empty_code(write):
    error = refusal(write(*edited(3, ",RUS,10000")))
    assert error.code == "TR005"
    assert "row 3, column exporter: found nothing" in error.message


def test_an_aggregate_of_the_users_own(write):
    path = write(*[row.replace("RUS", "EAEU") for row in ROWS])
    assert baseline(path, aggregates=["EAEU"]).aggregates == ("EAEU",)


def test_a_domestic_flow_near_zero_is_refused(write):
    error = refusal(write(*edited(2, "KAZ,KAZ,1")))
    assert error.code == "TR009"
    assert "domestic flow of KAZ is 1 of an output of 10,001" in error.message


def test_all_defects_of_a_kind_come_in_one_message(write):
    error = refusal(write(ROWS[0], "KAZ,KAZ,", "KAZ,RUS,-1", "RUS,KAZ,x", ROWS[4]))
    assert error.message.count("flows.csv, row") == 3


def test_no_rows(write):
    assert refusal(write(ROWS[0])).code == "TR005"


def test_no_file(tmp_path):
    error = refusal(tmp_path / "absent.csv")
    assert error.code == "TR002"
    assert "absent.csv" in error.message


def test_a_file_that_is_no_table(tmp_path):
    path = tmp_path / "flows.parquet"
    path.write_bytes(b"not parquet")
    assert refusal(path).code == "TR002"


@pytest.mark.parametrize("unit", IN_MILLION)
def test_units_are_converted_and_reported(write, unit):
    base = baseline(write(*ROWS), unit=unit)
    assert base.unit == "million USD"
    assert base.flows[0, 0, 0] == pytest.approx(300_000 * IN_MILLION[unit])
    if unit == "million USD":
        assert base.provenance.repairs == ()
    else:
        (repair,) = base.provenance.repairs
        assert f"flows.csv converted from {unit} to million USD" in repair


def test_unit_in_a_column(write):
    base = baseline(write(f"{ROWS[0]},unit", *[f"{row},thousand USD" for row in ROWS[1:]]))
    assert base.flows[0, 0, 0] == pytest.approx(300)


@pytest.mark.parametrize("unit", ["million EUR", "mln USD", "tonnes"])
def test_wrong_unit(write, unit):
    error = refusal(write(f"{ROWS[0]},unit", *[f"{row},{unit}" for row in ROWS[1:]]))
    assert error.code == "TR010"
    assert "row 2, column unit" in error.message
    assert f"found '{unit}', expected one of 'USD'" in error.message
    assert refusal(write(*ROWS), unit=unit).code == "TR010"


def test_two_units_in_a_file(write):
    units = ["USD", "USD", "million USD", "USD"]
    rows = [f"{row},{unit}" for row, unit in zip(ROWS[1:], units, strict=True)]
    error = refusal(write(f"{ROWS[0]},unit", *rows))
    assert "row 4, column unit: found 'million USD' after 'USD'" in error.message


def test_unit_of_file_and_option_must_agree(write):
    path = write(f"{ROWS[0]},unit", *[f"{row},USD" for row in ROWS[1:]])
    assert refusal(path, unit="million USD").code == "TR010"
    assert baseline(path, unit="USD").unit == "million USD"


def test_year_from_column_or_option(write):
    assert baseline(write(f"{ROWS[0]},year", *[f"{row},2019" for row in ROWS[1:]])).year == 2019
    assert baseline(write(*ROWS), year=2020).year == 2020
    assert baseline(write(*ROWS)).year is None


def test_two_years_in_a_file(write):
    rows = [f"{row},{2019 + number % 2}" for number, row in enumerate(ROWS[1:])]
    assert refusal(write(f"{ROWS[0]},year", *rows)).code == "TR014"


def test_sectors_and_tariffs(write):
    rows = [f"{row},{sector},0.05" for sector in ("goods", "services") for row in ROWS[1:]]
    base = baseline(write(f"{ROWS[0]},sector,tariff", *rows))
    assert base.sectors == ("goods", "services")
    assert base.flows.shape == base.tariffs.shape == (2, 2, 2)


def test_a_sector_without_a_pair(write):
    rows = [f"{row},goods" for row in ROWS[1:]] + [f"{row},services" for row in ROWS[2:]]
    error = refusal(write(f"{ROWS[0]},sector", *rows))
    assert "KAZ to KAZ (sector services)" in error.message


@pytest.mark.parametrize(("tariff", "code"), [("12", "TR011"), ("-0.1", "TR006"), ("", "TR005"), ("5 %", "TR004")])
def test_bad_tariffs(write, tariff, code):
    rows = [f"{row},0" for row in ROWS[1:]]
    rows[1] = f"{ROWS[2]},{tariff}"
    error = refusal(write(f"{ROWS[0]},tariff", *rows))
    assert error.code == code
    assert "row 3, column tariff (KAZ to RUS)" in error.message


def test_tariffs_that_are_per_cent_on_average(write):
    rows = [f"{row},{'0' if row.startswith(('KAZ,KAZ', 'RUS,RUS')) else '5'}" for row in ROWS[1:]]
    error = refusal(write(f"{ROWS[0]},tariff", *rows))
    assert error.code == "TR011"
    assert "column tariff: the mean is 5, expected fractions" in error.message


def test_methods_and_sources_of_the_user(write):
    rows = [f"{row},reported,customs" for row in ROWS[1:]]
    rows[1] = f"{ROWS[2]},guessed,"
    base = baseline(write(f"{ROWS[0]},method,source", *rows))
    assert base.imputed().rows() == [("KAZ", "RUS", "total", 10_000.0, "guessed", "", "")]


@given(st.lists(st.floats(1e-3, 1e9), min_size=4, max_size=4), st.sampled_from(sorted(IN_MILLION)))
def test_conversion_is_proportional(values, unit):
    domestic = [values[0] + 1e9, values[1], values[2], values[3] + 1e9]
    frame = pl.DataFrame(
        {"exporter": ["KAZ", "KAZ", "RUS", "RUS"], "importer": ["KAZ", "RUS", "KAZ", "RUS"], "trade": domestic}
    )
    plain, converted = baseline(frame), baseline(frame, unit=unit)
    assert converted.flows == pytest.approx(plain.flows * IN_MILLION[unit])
    assert converted.domestic_share()["domestic_share"].to_list() == pytest.approx(
        plain.domestic_share()["domestic_share"].to_list()
    )
