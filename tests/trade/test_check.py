"""Every planted defect of an array is found, named, and given a remedy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.trade import codes
from dostastyq.trade.check import CLEARLY_POSITIVE, Problem, problems, refuse

ECONOMIES = ("ARM", "KAZ", "RUS", "ROW")


def sound():
    flows = np.ones((1, 4, 4))
    flows[0][np.diag_indices(4)] = 50
    return flows


def found(flows, **changes):
    settings = {"tariffs": None, "economies": ECONOMIES, "sectors": ("total",)} | changes
    return problems(flows, **settings)


def test_a_sound_baseline_has_no_problems():
    assert found(sound()) == []
    assert refuse([]) is None


@pytest.mark.parametrize(
    ("value", "code", "words"), [(np.nan, "TR005", "missing"), (np.inf, "TR012", "infinite"), (-3, "TR006", "negative")]
)
def test_bad_values_are_named_by_exporter_and_importer(value, code, words):
    flows = sound()
    flows[0, 1, 2] = value
    (problem,) = found(flows)
    assert problem.code == code
    assert "trade RUS to KAZ, sector total" in problem.message
    assert words in problem.message
    assert problem.hint


def test_bad_tariffs_are_told_apart_from_flows():
    tariffs = np.zeros((1, 4, 4))
    tariffs[0, 0, 1] = np.nan
    (problem,) = found(sound(), tariffs=tariffs)
    assert "tariff KAZ to ARM" in problem.message


def test_tariffs_have_the_shape_of_the_flows():
    (problem,) = found(sound(), tariffs=np.zeros((4, 4)))
    assert problem.code == "TR011"


@pytest.mark.parametrize("home", [0.0, 1e-9, CLEARLY_POSITIVE / 2])
def test_a_domestic_flow_near_zero_is_a_problem(home):
    flows = sound()
    flows[0, 1, 1] = home
    (problem,) = found(flows)
    assert problem.code == "TR009"
    assert "domestic flow of KAZ" in problem.message
    assert "1%" in problem.message


def test_shapes_and_labels_must_match():
    (problem,) = found(np.ones((1, 4, 3)))
    assert problem.code == "TR013"
    assert "(1, 4, 3)" in problem.message
    assert "(1, 4, 4)" in problem.message
    assert found(sound(), sectors=("goods", "services"))[0].code == "TR013"


def test_codes_are_unique_and_known():
    repeated = found(sound(), economies=("ARM", "ARM", "RUS", "ROW"))
    assert [problem.code for problem in repeated] == ["TR013"]
    unknown = found(sound(), economies=("ARM", "KZA", "RUS", "ROW"))
    assert [problem.code for problem in unknown] == ["TR008"]
    assert "'KAZ'" in unknown[0].hint
    assert "aggregates" in unknown[0].hint


def test_aggregates_are_the_users_own():
    assert found(sound(), economies=("ARM", "EUN", "RUS", "ROW"), aggregates=("EUN",)) == []


def test_another_unit_is_refused():
    (problem,) = found(sound(), unit="tonnes")
    assert problem.code == "TR010"
    assert "tonnes" in problem.message


@given(
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6), st.sampled_from([np.nan, -1.0])
)
def test_every_planted_defect_is_found_and_nothing_else(cells, value):
    flows = sound()
    for importer, exporter in cells:
        flows[0, importer, exporter] = value
    named = {problem.message.split(",")[0] for problem in found(flows)}
    assert named == {f"trade {ECONOMIES[exporter]} to {ECONOMIES[importer]}" for importer, exporter in cells}


def test_one_error_lists_all_problems_and_says_each_remedy_once():
    many = [Problem("TR006", f"cell {number}", "correct it") for number in range(30)]
    with pytest.raises(DostastyqError) as error:
        refuse(many)
    assert error.value.code == "TR006"
    assert error.value.message.count("cell") == 20
    assert error.value.message.endswith("and 10 more")
    assert error.value.hint == "correct it"


def test_known_codes():
    known = codes.economies()
    twelve = {"ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"}
    assert twelve | {"ROW", "TWN", "HKG", "XKX", "SRB", "ROU"} <= known
    assert not {"SUN", "YUG", "ROM", "ZAR", "DDR", "ZZZ", "XXX", "QUU", "KZ", "EU"} & known
    assert 240 <= len(known) <= 260


def test_unknown_codes_keep_their_order():
    assert codes.unknown(["ZZZ", "KAZ", "SUN"]) == ["ZZZ", "SUN"]
