"""Editions of a tariff: taking one in, finding the line of a code, and refusing what an edition cannot answer."""

from datetime import date
from pathlib import Path

import pytest

from dostastyq.customs.imports import import_tariff, read_tariff
from dostastyq.customs.tariff import Edition, Line, check_code, edition, edition_on, editions
from dostastyq.errors import DostastyqError


def small(*, complete: bool = True) -> Edition:
    texts = {"1701991001": "340 USD за 1 т", "17": "5%", "8703": "15%"}
    lines = {code: Line(code, text) for code, text in texts.items()}
    day = date(2020, 1, 1)
    return Edition("small", "small", "eaeu-2014", day, date(2021, 1, 1), "an act", lines, complete, synthetic=True)


@pytest.mark.parametrize(
    ("code", "text"), [("1701991001", "340 USD за 1 т"), ("1702000000", "5%"), ("8703231981", "15%"), ("0101", None)]
)
def test_the_longest_beginning_of_a_code_decides(code: str, text: str | None) -> None:
    line = small().find(code)
    assert (line.text if line else None) == text


def test_an_edition_speaks_of_its_own_days_only() -> None:
    known = [small()]
    assert edition_on(date(2020, 12, 31), "eaeu-2014", "1701991001", known) is known[0]
    assert edition_on(date(2021, 1, 1), "eaeu-2014", "1701991001", known) is None
    assert edition_on(date(2020, 6, 1), "fta-2011", "1701991001", known) is None


def test_a_sample_is_silent_where_a_whole_tariff_says_no() -> None:
    assert edition_on(date(2020, 6, 1), "eaeu-2014", "0101000000", [small(complete=False)]) is None
    assert edition_on(date(2020, 6, 1), "eaeu-2014", "0101000000", [small()]) is not None
    assert check_code("0101 21 000 0", small(complete=False)) == "0101210000"
    with pytest.raises(DostastyqError) as refusal:
        check_code("0101210000", small())
    assert refusal.value.code == "CU021"
    assert "no heading 0101" in refusal.value.message


@pytest.mark.parametrize("code", ["1701", "17019910011", "sugar", "١٧٠١٩٩١٠٠١"])
def test_a_code_is_ten_digits(code: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        check_code(code)
    assert refusal.value.code == "CU020"


def test_every_shipped_line_reads() -> None:
    for known in editions():
        assert known.valid_from < known.valid_until
        assert all(line.rate for line in known.lines.values())
    assert edition("ett-2026-06-18").lines["8703239042"].text.startswith("20%, но не менее")
    with pytest.raises(DostastyqError, match="no tariff"):
        edition("ett-1999")


def test_search_by_code_and_by_words() -> None:
    known = Edition(
        "s", "s", "eaeu-2014", date(2020, 1, 1), date(2021, 1, 1), "act",
        {"1701991001": Line("1701991001", "5%", "White sugar"), "1001990000": Line("1001990000", "5%", "Wheat")},
    )  # fmt: skip
    assert [line.code for line in known.search("1701")] == ["1701991001"]
    assert [line.code for line in known.search("sugar white")] == ["1701991001"]
    assert list(known.search("salt")) == []


def test_rows_that_are_no_lines_are_refused_with_the_reason() -> None:
    taken = read_tariff("code,rate\n1701991001,5%\n1701991001,7%\n6666,10%\n1001990000,свободно\n0102210000,563\n")
    assert taken.codes == 1
    assert taken.duplicates == 1
    assert [(row.row, row.code) for row in taken.refused] == [
        (3, "1701991001"), (4, "6666"), (5, "1001990000"), (6, "0102210000"),
    ]  # fmt: skip
    assert "'5%', which is kept" in taken.refused[0].reason
    assert "footnote" in taken.refused[-1].reason


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", "code,rate\n1,2\n"])
def test_a_file_that_is_no_tariff_is_refused(text: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        read_tariff(text)
    assert refusal.value.code == "CU030"


def test_an_imported_edition_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    source = tmp_path / "mine.csv"
    source.write_text("hs10,raw\n1701991001,5%\n7777,5%\n", encoding="utf-8")
    taken, head = import_tariff(
        source, name="mine-2019", act="an act", valid_from="2019-01-01", valid_until="2020-01-01"
    )
    assert (taken.codes, head.name) == (1, "mine-2019.json")
    assert "7777" in (tmp_path / "tariffs" / "mine-2019.refused.csv").read_text(encoding="utf-8")
    found = edition_on(date(2019, 6, 1), "eaeu-2014", "1701991001")
    assert found is not None
    assert (found.name, found.complete) == ("mine-2019", True)


@pytest.mark.parametrize(
    ("name", "days"), [("x", ("2020-01-01", "2019-01-01")), ("../x", ("2019-01-01", "2020-01-01"))]
)
def test_nothing_is_written_for_a_wrong_edition(tmp_path: Path, name: str, days: tuple[str, str]) -> None:
    source = tmp_path / "mine.csv"
    source.write_text("code,rate\n1701991001,5%\n", encoding="utf-8")
    with pytest.raises(DostastyqError) as refusal:
        import_tariff(source, name=name, valid_from=days[0], valid_until=days[1], act="", folder=tmp_path / "t")
    assert refusal.value.code == "CU031"
    assert not (tmp_path / "t").exists()


def test_the_whole_tariff_comes_in(data_folder: Path) -> None:
    taken = read_tariff((data_folder / "ett" / "eaeu_ett_2026.csv").read_text(encoding="utf-8"))
    assert (taken.rows, taken.codes, taken.duplicates) == (13_319, 13_290, 27)
    assert {row.code for row in taken.refused if "stands above" not in row.reason} == {"6666", "7777"}


def test_the_sample_is_cut_from_the_whole(data_folder: Path) -> None:
    taken = read_tariff((data_folder / "ett" / "eaeu_ett_2026.csv").read_text(encoding="utf-8"))
    whole = dict(line.split(",", 1) for line in taken.lines.splitlines()[1:])
    shipped = edition("ett-2026-06-18")
    assert 1000 < len(shipped.lines) < len(whole)
    assert all(whole[line.code].strip(',"') == line.text for line in shipped.lines.values())
