"""National tariffs and elasticities of a user: every defect named by file, row, column, what was found and expected."""

import numpy as np
import pytest

from dostastyq import trade
from dostastyq.errors import DostastyqError


@pytest.fixture(scope="module")
def base():
    return trade.baseline("eaeu-2019")


@pytest.fixture
def write(tmp_path):
    def make(text, name="file.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_without_a_sector_a_tariff_is_for_all_goods(write, base):
    read = trade.national_tariffs(write("importer,tariff,source\nKAZ,0.06,profile of 2009\n"), base)
    assert set(read.levels) == {"KAZ"}
    assert (read.levels["KAZ"][:-1] == 0.06).all()
    assert read.levels["KAZ"][-1] == 0
    assert "profile of 2009" in read.source.note
    assert "KAZ" in read.source.title


def test_by_sector_every_sector_of_goods_is_needed(write, base):
    rows = [f"BLR,{j / 100},{sector}" for j, sector in enumerate(base.sectors[:-1])]
    read = trade.national_tariffs(write("importer,tariff,sector\n" + "\n".join(rows)), base)
    np.testing.assert_allclose(read.levels["BLR"][:-1], np.arange(27) / 100)
    with pytest.raises(DostastyqError) as error:
        trade.national_tariffs(write("importer,tariff,sector\n" + "\n".join(rows[:-2])), base)
    assert error.value.code == "TR005"
    assert "C302T309" in error.value.message


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("state,tariff\nKAZ,0.05\n", "TR003", "importer"),
        ("importer,tariff\nKZA,0.05\n", "TR008", "row 2, column importer: found 'KZA'"),
        ("importer,tariff,sector\nKAZ,0.05,C99\n", "TR008", "row 2, column sector: found 'C99'"),
        ("importer,tariff,sector\nKAZ,0.05,Services (aggregate)\n", "TR008", "sector of goods"),
        ("importer,tariff\nKAZ,five\n", "TR004", "found five"),
        ("importer,tariff\nKAZ,\n", "TR004", "found nothing"),
        ("importer,tariff\nKAZ,-0.1\n", "TR006", "at least 0"),
        ("importer,tariff\nKAZ,15\n", "TR011", "fraction"),
        ("importer,tariff\nKAZ,5\n", "TR011", "column tariff (KAZ): the mean is 5, expected fractions such as 0.05"),
        ("importer,tariff\nKAZ,0.05\nKAZ,0.06\n", "TR007", "given again"),
    ],
)
def test_a_defect_of_national_tariffs_is_named(write, base, text, code, said):
    with pytest.raises(DostastyqError) as error:
        trade.national_tariffs(write(text), base)
    assert error.value.code == code
    assert said in error.value.message


def test_a_file_that_is_not_there(base, tmp_path):
    with pytest.raises(DostastyqError) as error:
        trade.national_tariffs(tmp_path / "none.csv", base)
    assert error.value.code == "TR002"


def test_elasticities_by_name_number_mapping_and_file(write, base):
    assert trade.elasticities_of(base, "fontagne_2022")[1][0] == 2.91
    assert trade.elasticities_of(base, 5)[0] == "5"
    given = dict.fromkeys(base.sectors, 3.0)
    assert (trade.elasticities_of(base, given)[1] == 3).all()
    lines = "\n".join(f'"{sector}",{2 + j}' for j, sector in enumerate(base.sectors))
    name, values = trade.elasticities_of(base, write("sector,elasticity\n" + lines, "mine.csv"))
    assert name == "mine.csv"
    assert values.tolist() == [2.0 + j for j in range(28)]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("sector,theta\nA01,4\n", "TR003", "elasticity"),
        ("sector,elasticity\nA01,four\n", "TR004", "row 2, column elasticity (A01): found four"),
        ("sector,elasticity\nA01,4\nA01,5\n", "TR007", "given again"),
        ("sector,elasticity\nA01,4\n", "TR019", "none for sector A02"),
    ],
)
def test_a_defect_of_elasticities_is_named(write, base, text, code, said):
    with pytest.raises(DostastyqError) as error:
        trade.elasticities_of(base, write(text))
    assert error.value.code == code
    assert said in error.value.message


@pytest.mark.parametrize("wrong", [0, -1.0, float("nan"), float("inf")])
def test_an_elasticity_that_is_not_above_zero(base, wrong):
    with pytest.raises(DostastyqError) as error:
        trade.elasticities_of(base, wrong)
    assert error.value.code == "TR019"
