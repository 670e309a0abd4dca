"""The main job with sectors: channels that sum, one world either way, pooled duties, refusals."""

import dataclasses
import json
import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dostastyq as dq
from dostastyq.assess import by_sector
from dostastyq.assess.channels import CHANNELS
from dostastyq.assess.pool import norms, pooled_world, transfers
from dostastyq.assess.scenario import scenario
from dostastyq.assess.shock import trade_cost
from dostastyq.equilibrium import Shock, calibrate
from dostastyq.errors import DostastyqError

UNION = ("BLR", "KAZ", "RUS")
NONE = {"free": 0.0, "union": 0.0}


def by_state(rows):
    return {row.state: row for row in rows}


def effects(channels, state):
    return {effect.channel: effect.welfare_percent for effect in by_state(channels.states)[state].effects}


@pytest.fixture(scope="module")
def union(judge_sectors):
    return judge_sectors("eaeu-2014")


@pytest.fixture(scope="module")
def entry(judge_sectors):
    """Ukraine joins the union: all three channels move."""
    return judge_sectors("eaeu-2014", join=["UKR"], free=0.2, union=0.1)


def test_the_union_of_three_is_shown_over_the_register_and_over_no_preference(union):
    assert union.model == "sectors"
    assert union.baseline == "eaeu-2019"
    assert union.on == "2019-07-01"
    assert [contrast.otherwise for contrast in union.contrasts] == ["register", "none"]
    assert union.scenario["members"] == list(UNION)
    assert union.scenario["members_absent"] == ["ARM", "KGZ"]
    assert any("Armenia and Kyrgyzstan are members too" in note for note in union.notes)
    assert union.converged
    assert union.residual < 1e-9


def test_channels_sum_to_the_total_for_every_economy(union, entry):
    for result in (union, entry):
        for channels, contrast in zip(result.channels, result.contrasts, strict=True):
            for row, state in zip(channels.states, contrast.states, strict=True):
                assert [effect.channel for effect in row.effects] == list(CHANNELS)
                assert sum(e.welfare_percent for e in row.effects) == pytest.approx(row.total_percent, abs=1e-10)
                assert row.total_percent == state.welfare_percent


def test_over_free_trade_only_the_non_tariff_channel_moves(union):
    """Free trade stays between the three without the union, and no national tariff is sourced."""
    channels = union.channels[0]
    for state in UNION:
        found = effects(channels, state)
        assert found["internal_tariffs"] == found["external_tariff"] == 0.0
        assert found["non_tariff_costs"] != 0.0
    assert any("No national tariff is sourced for Belarus, Kazakhstan and Russia" in note for note in union.notes)


def test_internal_tariffs_are_those_lifted_between_members(judge_sectors, sectors):
    """The channel alone, recomputed with the engine alone: from the external tariff to zero between the three."""
    result = judge_sectors("eaeu-2014", otherwise="none", **NONE)
    inside = np.isin(sectors.economies, UNION)
    lifted = np.outer(inside, inside) & ~np.eye(len(inside), dtype=bool)
    full = np.where(lifted, sectors.detail.external[:, :, None], sectors.tariffs)
    economy = calibrate(np.asarray(sectors.flows), elasticity=np.full(28, 4.0), tariffs=np.asarray(sectors.tariffs))
    without = economy.solve(Shock(tariffs=full))
    row = next(row for row in result.sensitivity if row.value == "tariffs_only")
    for state, welfare, low, high in row.states:
        expected = 100 / (1 + without.welfare.values[sectors.economies.index(state)] / 100) - 100
        assert welfare == pytest.approx(expected, abs=1e-8)
        assert low == high == welfare


@pytest.fixture
def ask(law, sectors, sizes):
    """A question about an agreement at chosen effects, to be taken apart."""

    def make(agreement="eaeu-2014", *, free=0.25, union=0.1, **options):
        chosen = sizes.replace("cis_free_trade", value=free).replace("union_increment", value=union)
        plan = scenario(agreement, law, sectors.on, **options)
        restricted = by_sector.restrict(plan, law.pairs(sectors.on), sectors)
        return by_sector.Question(sectors, restricted, chosen, ("uniform_4", np.full(28, 4.0)))

    return make


def test_never_the_same_tariff_twice(ask, sectors):
    """Tariffs and the rest together move trade of every sector between members by β: gravity's ratio of ratios."""
    question = ask()
    pair = question.plan.pairs[1]
    worlds = by_sector.worlds_of(question, pair)
    old, new = (worlds.solve(worlds.parts(world)).flows[:-1] for world in (pair.first, pair.second))
    blr, rus, deu = (sectors.economies.index(code) for code in ("BLR", "RUS", "DEU"))
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(new) - np.log(old)
    moved = change[:, blr, rus] - change[:, blr, deu] - change[:, deu, rus] + change[:, deu, deu]
    known = np.isfinite(moved)
    assert known.sum() > 20
    np.testing.assert_allclose(moved[known], 0.35, atol=1e-7)
    assert worlds.tariff_part(pair.first, pair.second) > 0.2
    assert worlds.whole_effect(pair.first, pair.second)[0] == pytest.approx(0.35)


@given(seed=st.integers(0, 2**20), net=st.floats(-0.5, 0.5), new=st.floats(0.0, 0.4))
def test_one_world_is_reached_from_the_whole_effect_or_from_the_part_beside_tariffs(seed, net, new):
    """β with tariffs left out, or β beside ln(1+τ) whose coefficient is -(1+θ): the same cost, the same world."""
    draw = np.random.default_rng(seed)
    theta = draw.uniform(2, 8, 2)
    flows = draw.lognormal(0, 1, (2, 3, 3)) + 30 * np.eye(3)
    pair = np.zeros((3, 3))
    pair[0, 1] = pair[1, 0] = 1.0
    old = 0.1 * pair * np.ones((2, 1, 1))
    economy = calibrate(flows, elasticity=theta, tariffs=old)
    axis = theta[:, None, None]
    change = (np.log1p(new) - np.log1p(0.1)) * pair * np.ones((2, 1, 1))
    whole = net * pair - (1 + axis) * change
    from_whole = trade_cost(whole, axis, change)
    beside = np.exp(-net * pair / axis)
    np.testing.assert_allclose(from_whole, beside * np.ones((2, 1, 1)), rtol=1e-12)
    one = economy.solve(Shock(trade_cost=from_whole, tariffs=np.where(pair, new, old)))
    other = economy.solve(Shock(trade_cost=np.broadcast_to(beside, flows.shape), tariffs=np.where(pair, new, old)))
    np.testing.assert_allclose(np.asarray(one.flows), np.asarray(other.flows), rtol=1e-8)
    np.testing.assert_allclose(np.asarray(one.welfare), np.asarray(other.welfare), atol=1e-8)


def test_read_by_pair_the_mean_effect_of_a_pair_is_still_beta(ask, sectors):
    """The tariff part is taken at its mean over a pair's goods, so that the parts average to β."""
    question = ask()
    pair = question.plan.pairs[1]
    worlds = by_sector.worlds_of(question, pair, "by_pair")
    first = worlds.parts(pair.first)
    blr, rus = sectors.economies.index("BLR"), sectors.economies.index("RUS")
    part = -5.0 * np.log1p(first.tariffs) - 4.0 * np.log(first.cost)
    weight = sectors.flows[:-1, blr, rus]
    assert np.average(part[:-1, blr, rus], weights=weight) == pytest.approx(-0.35)
    assert np.ptp(part[:-1, blr, rus]) > 0.1


def test_services_are_moved_by_nothing(ask):
    question = ask()
    for pair in question.plan.pairs:
        worlds = by_sector.worlds_of(question, pair)
        for world in (pair.first, pair.second):
            parts = worlds.parts(world)
            assert (parts.cost[-1] == 1).all()
            assert not parts.slope[:, -1].any()
            assert not parts.tariffs[-1].any()


def test_the_present_law_changes_nothing(ask, sectors):
    question = ask()
    pair = question.plan.pairs[0]
    worlds = by_sector.worlds_of(question, pair)
    present = worlds.parts(pair.second)
    assert np.array_equal(present.tariffs, sectors.tariffs)
    assert (present.cost == 1).all()
    assert abs(worlds.solve(present).log_welfare).max() < 1e-9


def test_a_joiner_takes_the_external_tariff_of_the_union(ask, sectors, entry):
    question = ask(join=["UKR"])
    pair = question.plan.pairs[0]
    law = by_sector.tariff_law(question, pair)
    place = sectors.economies.index
    before, after = law.levels(pair.first), law.levels(pair.second)
    assert np.array_equal(after[:, place("UKR"), place("DEU")], sectors.tariffs[:, place("RUS"), place("DEU")])
    assert not after[:, place("UKR"), place("RUS")].any()
    assert before[:, place("UKR"), place("RUS")].any()
    assert np.array_equal(before, sectors.tariffs)
    for channel in CHANNELS:
        assert effects(entry.channels[0], "UKR")[channel] != 0.0
    assert any("No norm is set for Ukraine" in note for note in entry.notes)


def test_a_leaver_goes_back_to_its_own_tariff_where_a_file_gives_it(judge_sectors, tmp_path):
    file = tmp_path / "national.csv"
    file.write_text("importer,tariff,source\nKAZ,0.02,WTO profile\n", encoding="utf-8")
    held = judge_sectors("eaeu-2014", leave=["KAZ"])
    own = judge_sectors("eaeu-2014", leave=["KAZ"], national_tariffs=file)
    assert effects(held.channels[0], "KAZ")["external_tariff"] == 0.0
    assert effects(own.channels[0], "KAZ")["external_tariff"] != 0.0
    assert by_state(own.channels[0].states)["KAZ"].revenue_to < by_state(held.channels[0].states)["KAZ"].revenue_to
    assert any("National tariffs of Kazakhstan are the user's own" in note for note in own.notes)
    assert any(source.key == "national-tariffs" and "WTO profile" in source.note for source in own.sources)
    unused = judge_sectors("eaeu-2014", leave=["BLR"], national_tariffs=file)
    assert any("is not used" in note for note in unused.notes)


def test_pooled_duties_are_shown_beside_and_the_norms_restated(judge_sectors, union):
    leaves = judge_sectors("eaeu-2014", leave=["KAZ"])
    pool = leaves.channels[0].pool
    assert set(pool["from"]) == set(UNION)
    assert set(pool["to"]) == {"BLR", "RUS"}
    for shares in pool.values():
        assert sum(map(Fraction, shares.values())) == 1
    for channels in (*leaves.channels, *union.channels):
        assert all(row.pooled_percent is not None for row in channels.states)
        gap = [abs(row.pooled_percent - row.total_percent) for row in channels.states if row.state in UNION]
        assert max(gap) > 1e-3
    assert union.channels[0].pool["from"] == {}


def test_outside_the_days_of_its_norms_nothing_is_pooled(judge_sectors):
    later = judge_sectors("eaeu-2014", on="2021-01-01", otherwise="register")
    assert all(row.pooled_percent is None for row in later.channels[0].states)
    assert any("Pooled revenue is not shown" in note for note in later.notes)


@given(st.lists(st.floats(0.1, 1e3), min_size=4, max_size=4), st.floats(0.05, 0.95))
def test_transfers_sum_to_zero_and_give_each_its_norm(revenue, norm):
    collected, share = np.array(revenue), np.array([norm, 1 - norm, 0.0, 0.0])
    moved = transfers(collected, share)
    assert abs(moved.sum()) < 1e-9
    assert (moved[2:] == 0).all()
    np.testing.assert_allclose((collected + moved)[:2], share[:2] * collected[:2].sum(), rtol=1e-9)


def test_pooled_deficits_settle_where_transfers_agree_and_refuse_where_they_do_not():
    share = norms({"A": Fraction(1, 2), "B": Fraction(1, 2)}, ("A", "B"))
    deficit = np.array([5.0, -5.0])

    def revenue(deficits):
        return np.array([10.0, 30.0]) + 0.2 * deficits

    settled = pooled_world(revenue, deficit, np.zeros(2), share, 100.0)
    np.testing.assert_allclose(settled, deficit + transfers(revenue(settled), share), atol=1e-6)
    with pytest.raises(DostastyqError) as error:
        pooled_world(lambda d: 5 * d, deficit, np.zeros(2), share, 100.0)
    assert error.value.code == "AS015"


def test_the_slope_behind_an_interval_is_a_difference_of_solved_worlds(ask):
    question = ask(free=0.1, union=0.0)
    pair = question.plan.pairs[1]
    step = 1e-4

    def log_gain(free):
        moved = dataclasses.replace(question, estimates=question.estimates.replace("cis_free_trade", value=free))
        worlds = by_sector.worlds_of(moved, pair)
        return worlds.solve(worlds.parts(pair.second)).log_welfare - worlds.solve(worlds.parts(pair.first)).log_welfare

    worlds = by_sector.worlds_of(question, pair)
    slope = worlds.solve(worlds.parts(pair.second)).derivative() - worlds.solve(worlds.parts(pair.first)).derivative()
    np.testing.assert_allclose(slope[0], (log_gain(0.1 + step) - log_gain(0.1 - step)) / (2 * step), atol=1e-6)


@pytest.mark.parametrize("option", ["leave", "join"])
def test_a_state_inside_the_rest_of_the_world_is_refused_with_the_reason(judge_sectors, option):
    state = {"leave": "KGZ", "join": "UZB"}[option]
    with pytest.raises(DostastyqError) as error:
        judge_sectors("eaeu-2014", **{option: [state]})
    assert error.value.code == "AS009"
    for said in (state, "inside ROW", "no table", "cis-2023"):
        assert said in str(error.value)


@pytest.mark.parametrize(("agreement", "named"), [("bfta-arm-geo-1995", "ARM, GEO"), ("fta-uzbekistan-2013", "UZB")])
def test_an_agreement_with_states_inside_the_rest_alone_is_refused(judge_sectors, agreement, named):
    with pytest.raises(DostastyqError) as error:
        judge_sectors(agreement)
    assert error.value.code == "AS009"
    assert named in error.value.message


def test_sectors_of_every_state_of_the_register(union, sectors):
    frame = union.sector_frame()
    assert frame.height == 2 * 4 * 28
    assert set(frame["state"]) == {*UNION, "UKR"}
    total = frame.filter(pl.col("contrast") == 1).group_by("state").agg(pl.col("exports").sum(), pl.col("output").sum())
    assert (total["exports"] < total["output"]).all()
    contrast = by_state(union.contrasts[1].states)
    for state in UNION:
        rows = frame.filter(pl.col("contrast") == 1, pl.col("state") == state)
        after = (rows["exports"] * (1 + rows["exports_percent"].fill_null(0) / 100)).sum()
        assert 100 * (after / rows["exports"].sum() - 1) == pytest.approx(contrast[state].exports_percent, abs=1e-8)
    assert "Services (aggregate)" in set(frame["sector"])
    assert not sectors.detail.titles.keys() - set(frame["sector"])


def test_sensitivity_names_every_set_the_lent_inputs_and_the_readings(union, sectors):
    cases = [(row.assumption, row.value) for row in union.sensitivity if row.contrast == 0]
    assert cases == [
        *(("elasticity_set", name) for name in sectors.detail.elasticities),
        ("inputs", "borrowed-1993"),
        ("effect", "by_pair"),
        ("effect", "tariffs_only"),
    ]


def test_lent_inputs_are_an_option_that_says_so(judge_sectors, union):
    lent = judge_sectors("eaeu-2014", inputs="borrowed-1993", otherwise="register")
    assert any("Input-output links are borrowed" in note for note in lent.notes)
    assert ("inputs", "none") in [(row.assumption, row.value) for row in lent.sensitivity]
    assert "cp2015" in {source.key for source in lent.sources}
    row = next(row for row in union.sensitivity if row.assumption == "inputs" and row.contrast == 0)
    for state, welfare, _, _ in row.states:
        assert by_state(lent.contrasts[0].states)[state].welfare_percent == pytest.approx(welfare, abs=1e-9)
    back = next(row for row in lent.sensitivity if row.value == "none")
    for state, welfare, _, _ in back.states:
        assert by_state(union.contrasts[0].states)[state].welfare_percent == pytest.approx(welfare, abs=1e-9)


def test_elasticities_by_name_number_and_file(judge_sectors, union, sectors, tmp_path):
    named = judge_sectors("eaeu-2014", elasticities="fontagne_2022", otherwise="register")
    assert named.elasticities["name"] == "fontagne_2022"
    assert named.elasticities["values"]["C20"] == 10.56
    row = next(row for row in union.sensitivity if row.value == "fontagne_2022" and row.contrast == 0)
    assert [s.welfare_percent for s in named.contrasts[0].states if s.member] == [w for _, w, _, _ in row.states]
    assert judge_sectors("eaeu-2014", elasticity=6, otherwise="register").elasticity == 6
    file = tmp_path / "theta.csv"
    file.write_text("sector,elasticity\n" + "".join(f'"{name}",5\n' for name in sectors.sectors), encoding="utf-8")
    assert judge_sectors("eaeu-2014", elasticities=file, otherwise="register").elasticity == 5
    for wrong in ("fontagne", {"A01": 4.0}, tmp_path / "no.csv"):
        with pytest.raises(DostastyqError) as error:
            judge_sectors("eaeu-2014", elasticities=wrong)
        assert error.value.code in {"TR019", "TR002"}
    with pytest.raises(DostastyqError) as error:
        judge_sectors("eaeu-2014", elasticities="uniform_4", elasticity=4)
    assert error.value.code == "AS011"


def test_with_one_sector_it_is_the_model_with_one_sector(judge, judge_sectors, base):
    """The same file, the same effects: every figure agrees, and the whole effect is the non-tariff channel."""
    one = judge("eaeu-2014", free=0.2, union=0.1)
    many = judge_sectors("eaeu-2014", free=0.2, union=0.1, base=base)
    for plain, contrast, channels in zip(one.contrasts, many.contrasts, many.channels, strict=True):
        for a, b, row in zip(plain.states, contrast.states, channels.states, strict=True):
            assert a.welfare_percent == pytest.approx(b.welfare_percent, abs=1e-8)
            assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-6)
            assert row.effects[2].welfare_percent == pytest.approx(row.total_percent, abs=1e-9)
    assert many.scenario["members_absent"] == []


@pytest.fixture(scope="module")
def own_sectors():
    """A user's own file: two sectors, tariffs, four states and the rest."""
    codes = ("BLR", "KAZ", "RUS", "UKR", "ROW")
    draw = np.random.default_rng(7)
    rows = [
        {
            "exporter": a,
            "importer": b,
            "sector": sector,
            "trade": float(5000 if a == b else draw.integers(10, 200)),
            "tariff": 0.08 if "ROW" in (a, b) and a != b else 0.0,
        }
        for sector in ("food", "steel")
        for a in codes
        for b in codes
    ]
    return pl.DataFrame(rows)


def test_a_users_own_file_by_sector_is_taken(judge_sectors, own_sectors, tmp_path):
    base = dq.trade.baseline(own_sectors, year=2019, name="own")
    result = judge_sectors("eaeu-2014", base=base, free=0.2, union=0.1)
    assert [row.value for row in result.sensitivity if row.contrast == 0] == [2.5, 4.0, 6.0, "by_pair", "tariffs_only"]
    assert result.elasticity == 4
    assert result.scenario["members"] == list(UNION)
    assert all(effects(result.channels[1], state)["internal_tariffs"] == 0 for state in UNION)
    assert any("The external tariff of Belarus, Kazakhstan and Russia is not known" in note for note in result.notes)
    file = tmp_path / "national.csv"
    levels = (("food", 0.2), ("steel", 0.05))
    lines = [f"{state},{tariff},{sector}" for state in UNION for sector, tariff in levels]
    file.write_text("\n".join(["importer,tariff,sector", *lines]), encoding="utf-8")
    known = judge_sectors("eaeu-2014", base=base, free=0.2, union=0.1, national_tariffs=file)
    assert all(effects(known.channels[1], state)["internal_tariffs"] != 0 for state in UNION)
    with pytest.raises(DostastyqError) as error:
        judge_sectors("eaeu-2014", base=base, inputs="borrowed-1993")
    assert error.value.code == "TR021"


def test_a_file_without_a_rest_must_have_every_state(judge_sectors, own_sectors):
    alone = own_sectors.filter(pl.col("exporter") != "ROW", pl.col("importer") != "ROW")
    base = dq.trade.baseline(alone, year=2019, name="own")
    with pytest.raises(DostastyqError) as error:
        judge_sectors("eaeu-2014", base=base)
    assert error.value.code == "AS009"
    assert "no ROW" in error.value.message


def test_options_of_the_other_model_are_refused(judge, sectors):
    for option in ({"elasticities": "uniform_4"}, {"inputs": "borrowed-1993"}, {"national_tariffs": "x.csv"}):
        with pytest.raises(DostastyqError) as error:
            judge("eaeu-2014", **option)
        assert error.value.code == "AS011"
    with pytest.raises(DostastyqError) as error:
        dq.assess.assess("eaeu-2014", model="sector")
    assert error.value.code == "AS012"
    with pytest.raises(DostastyqError) as error:
        dq.assess.assess("eaeu-2014", sectors)
    assert error.value.code == "AS010"
    assert "--model sectors" in error.value.hint


def test_the_answer_is_plain_data_and_the_same_twice(judge_sectors, union):
    again = judge_sectors("eaeu-2014")
    assert json.dumps(again.to_dict(), ensure_ascii=False) == json.dumps(union.to_dict(), ensure_ascii=False)
    record = union.to_dict()
    assert record["model"] == "sectors"
    assert len(record["channels"]) == 2
    assert set(record["sectors"][0]) >= {"contrast", "state", "sector", "output", "exports", "imports"}


def test_what_is_not_modelled_is_said(union):
    said = " ".join(union.notes)
    for word in ("Not modelled", "never counted twice", "No input-output links", "services keep"):
        assert word in said
    assert union.channels[0].note == ""
    assert "log points" in union.channels[1].note
    assert union.channels[1].tariff_effect > 0.2 > abs(union.channels[1].whole_effect)
    assert all(math.isfinite(row.output) for row in union.sectors)
