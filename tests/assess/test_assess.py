"""The main job: signs, worlds, formula, refusals."""

import math

import numpy as np
import polars as pl
import pytest

import dostastyq as dq
from dostastyq.errors import DostastyqError

MEMBERS = {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
TWELVE = MEMBERS | {"AZE", "GEO", "MDA", "TJK", "TKM", "UKR", "UZB"}


def members(contrast):
    return [state for state in contrast.states if state.member]


def by_state(contrast):
    return {state.state: state for state in contrast.states}


def test_the_union_is_shown_over_the_register_and_over_no_preference(judge):
    result = judge("eaeu-2014")
    assert [contrast.otherwise for contrast in result.contrasts] == ["register", "none"]
    over_register, over_none = result.contrasts
    assert {pair[2] for pair in over_register.pairs} == {"union_increment"}
    assert {pair[2] for pair in over_none.pairs} == {"cis_free_trade+union_increment"}
    assert len(over_register.pairs) == len(over_none.pairs) == 20
    assert {pair[0] for pair in over_register.pairs} == MEMBERS


def test_every_state_and_partner_appears_in_every_contrast(judge, base):
    for contrast in judge("eaeu-2014").contrasts:
        found = [state.state for state in contrast.states]
        assert sorted(found) == sorted(base.economies)
        assert set(found) >= TWELVE
        assert {state.state for state in members(contrast)} == MEMBERS


def test_a_positive_coefficient_makes_every_member_gain(judge):
    for contrast in judge("eaeu-2014", free=0.2, union=0.1).contrasts:
        assert all(state.welfare_percent > 0 for state in members(contrast))
        assert contrast.mutually_beneficial


def test_a_coefficient_of_zero_gives_exactly_zero(judge):
    contrast = judge("eaeu-2014", union=0.0).contrasts[0]
    assert all(state.welfare_percent == 0.0 for state in contrast.states)
    assert all(state.exports_percent == 0.0 for state in contrast.states)
    assert contrast.probability_mutually_beneficial == 0.5
    assert not contrast.mutually_beneficial
    assert all(state.low < 0 < state.high for state in members(contrast))


def test_a_negative_coefficient_prints_losses(judge):
    contrast = judge("eaeu-2014", union=-0.1).contrasts[0]
    assert all(state.welfare_percent < 0 for state in members(contrast))
    assert contrast.probability_mutually_beneficial < 0.5


def test_leaving_a_beneficial_union_hurts_the_leaver_and_is_the_present_against_the_change(judge):
    exists = judge("eaeu-2014", union=0.2).contrasts[0]
    leaves = judge("eaeu-2014", union=0.2, leave=["KGZ"]).contrasts[0]
    assert by_state(leaves)["KGZ"].welfare_percent < 0 < by_state(exists)["KGZ"].welfare_percent
    assert {pair[0] for pair in leaves.pairs} == MEMBERS
    assert all("KGZ" in pair[:2] for pair in leaves.pairs)
    assert by_state(leaves)["KGZ"].member


def test_everyone_leaving_undoes_the_agreement(judge):
    exists = by_state(judge("eaeu-2014", union=0.2).contrasts[0])
    gone = by_state(judge("eaeu-2014", union=0.2, leave=sorted(MEMBERS)).contrasts[0])
    for state, result in gone.items():
        back = (1 + result.welfare_percent / 100) * (1 + exists[state].welfare_percent / 100)
        assert back == pytest.approx(1, abs=1e-9)


def test_joining_a_beneficial_union_helps_the_joiner(judge):
    result = judge("eaeu-2014", free=0.2, union=0.2, join=["UZB"])
    for contrast in result.contrasts:
        joiner = by_state(contrast)["UZB"]
        assert joiner.member
        assert joiner.welfare_percent > 0
    over_register, over_none = (by_state(contrast)["UZB"].welfare_percent for contrast in result.contrasts)
    assert over_none > over_register


def test_without_the_free_trade_treaty_the_union_stays(judge):
    result = judge("fta-2011", free=0.2, union=0.1)
    union_pairs = {(a, b) for a in MEMBERS for b in MEMBERS}
    for contrast in result.contrasts:
        assert not {pair[:2] for pair in contrast.pairs} & union_pairs
        assert not {"AZE", "TKM", "GEO"} & {pair[0] for pair in contrast.pairs}
        assert ("RUS", "UKR") not in {pair[:2] for pair in contrast.pairs}
        assert by_state(contrast)["TJK"].welfare_percent > 0


def test_a_named_law_can_stand_in(judge):
    named = judge("eaeu-2014", union=0.2, otherwise="fta-2011").contrasts
    register = judge("eaeu-2014", union=0.2, otherwise="register").contrasts
    assert len(named) == len(register) == 1
    assert [s.welfare_percent for s in named[0].states] == [s.welfare_percent for s in register[0].states]


def test_the_formula_is_the_ratio_of_the_two_worlds(judge, base):
    """100 (W_with / W_without - 1), recomputed from the engine alone."""
    theta, union = 4.0, 0.3
    contrast = judge("eaeu-2014", union=union).contrasts[0]
    inside = np.isin(base.economies, sorted(MEMBERS))
    cost = np.where(np.outer(inside, inside), math.exp(union / theta), 1.0)
    np.fill_diagonal(cost, 1.0)
    economy = dq.equilibrium.calibrate(base.flows[0], elasticity=theta, labels=base.economies)
    without = economy.solve(dq.equilibrium.Shock(trade_cost=cost))
    expected = 100 * (1 / (1 + np.asarray(without.welfare) / 100) - 1)
    np.testing.assert_allclose([s.welfare_percent for s in contrast.states], expected, rtol=1e-9, atol=1e-12)


def test_the_interval_widens_with_the_standard_error_and_is_centred_in_logs(law, base, sizes):
    def width(standard_error):
        chosen = sizes.replace("union_increment", value=0.1, standard_error=standard_error)
        result = dq.assess.assess("eaeu-2014", base, register=law, estimates=chosen)
        return by_state(result.contrasts[0])["BLR"]

    narrow, wide = width(0.1), width(0.2)
    assert wide.high > narrow.high > narrow.welfare_percent > narrow.low > wide.low
    low, high = (math.log1p(x / 100) for x in (wide.low, wide.high))
    assert (low + high) / 2 == pytest.approx(math.log1p(wide.welfare_percent / 100))


def test_sensitivity_covers_elasticity_filled_cells_and_domestic_flows(judge):
    rows = judge("eaeu-2014", union=0.1).sensitivity
    assert {(row.assumption, row.value) for row in rows} >= {
        ("elasticity", 2.5), ("elasticity", 4.0), ("elasticity", 6.0), ("imputed_cells", 0.7), ("imputed_cells", 1.4),
    }  # fmt: skip
    assert "domestic_flows" in {row.assumption for row in rows}
    first = [row for row in rows if row.assumption == "elasticity" and row.contrast == 0]
    belarus = {row.value: {state: welfare for state, welfare, *_ in row.states}["BLR"] for row in first}
    assert belarus[2.5] > belarus[4.0] > belarus[6.0] > 0


def test_every_equilibrium_is_certified(judge):
    result = judge("eaeu-2014", union=0.1)
    assert result.converged
    assert result.residual < 1e-10


def test_an_agreement_not_in_force_is_refused_with_its_successor(judge):
    with pytest.raises(DostastyqError) as refusal:
        judge("cu-territory-2007")
    assert "not in force on 2023-07-01" in refusal.value.message
    assert "eaeu-2014" in refusal.value.hint


def test_a_preference_that_ended_with_its_treaty_still_standing_is_refused(judge):
    with pytest.raises(DostastyqError) as refusal:
        judge("cu-1995")
    assert refusal.value.code == "AS001"
    assert "eaeu-2014" in refusal.value.hint


def test_a_day_before_entry_into_force_is_refused_with_what_applied(judge):
    with pytest.raises(DostastyqError) as refusal:
        judge("eaeu-2014", on="2013-01-01")
    assert "cu-territory-2007" in refusal.value.hint


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"leave": ["UZB"]}, "AS004", "not bound"),
        ({"join": ["KAZ"]}, "AS005", "already bound"),
        ({"join": ["UZZ"]}, "AS008", "UZZ"),
        ({"elasticity": -1.0}, "AS006", "between"),
        ({"elasticity": math.nan}, "AS006", "between"),
        ({"on": "2023-13-01"}, "AS007", "2023-13-01"),
        ({"otherwise": "cis-charter-1993"}, "AS003", "no preference"),
    ],
)
def test_bad_questions_are_refused(judge, options, code, says):
    with pytest.raises(DostastyqError) as refusal:
        judge("eaeu-2014", **options)
    assert refusal.value.code == code
    assert says in refusal.value.message
    assert refusal.value.hint


def test_unknown_names_are_refused_with_the_nearest(judge):
    with pytest.raises(DostastyqError, match="eaeu-2014"):
        judge("eaeu-2041")
    with pytest.raises(DostastyqError, match="no preference in goods"):
        judge("cis-charter-1993")
    with pytest.raises(DostastyqError, match="cis-2023"):
        dq.assess.assess("eaeu-2014", "cis-2032")


def test_a_day_before_independence_is_refused(judge):
    with pytest.raises(DostastyqError, match="independen"):
        judge("eaeu-2014", on="1985-01-01")


def test_the_answer_is_the_same_twice(judge):
    assert judge("eaeu-2014", leave=["ARM"]).to_dict() == judge("eaeu-2014", leave=["ARM"]).to_dict()


def test_a_baseline_that_cannot_take_an_assumption_says_so_and_is_assessed(law, sizes, base):
    frame = base.to_frame().select("exporter", "importer", "trade").to_dicts()
    exports = sum(row["trade"] for row in frame if row["exporter"] == "BEL" != row["importer"])
    for row in frame:
        if row["exporter"] == row["importer"] == "BEL":
            row["trade"] = 0.2 * exports
    own = dq.trade.baseline(pl.DataFrame(frame), year=2023, name="own")
    result = dq.assess.assess("eaeu-2014", own, register=law, estimates=sizes)
    assert {row.value for row in result.sensitivity if row.assumption == "domestic_flows"} == {1.25}
    assert any("0.75" in note for note in result.notes)
