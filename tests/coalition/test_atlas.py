"""The atlas: its table against single solves, its worlds, its refusals."""

import json

import numpy as np
import pytest

from dostastyq.coalition import CONCEPTS, Effects, Reference, assumed, atlas, structures
from dostastyq.coalition.partitions import with_unions
from dostastyq.coalition.uncertainty import grid
from dostastyq.equilibrium import Shock, calibrate
from dostastyq.errors import DostastyqError
from dostastyq.parallel import Cache

FOUR = ("ARM", "BLR", "KAZ", "RUS")


def shock_by_hand(economy, members, union, effect, external=None):
    """The shock of one union, written out pair by pair."""
    labels, n = economy.labels, len(economy.labels)
    cost, rates = np.ones((n, n)), np.array(economy.tariffs)
    for i, importer in enumerate(labels):
        for j, exporter in enumerate(labels):
            if importer in members and exporter in members and i != j:
                cost[i, j] = np.exp(-effect / economy.elasticity)
                rates[i, j] = 0.0
            elif importer in members and i != j and external is not None and union != "free_trade_area":
                rates[i, j] = external[j]
    return Shock(trade_cost=cost, tariffs=rates if np.array(economy.tariffs).any() else None)


def test_the_batch_equals_single_solves(cis):
    """4,096 coalitions of the twelve; a sample of them solved one by one is the oracle."""
    twelve = tuple(cis.labels[:12])
    found = atlas(cis, twelve, effects=0.3)
    assert len(found) == 4096
    for mask in (0, 3, 5, 0b101010101010, 0b111000111, 4095):
        members = [state for k, state in enumerate(twelve) if mask >> k & 1]
        single = cis.solve(shock_by_hand(cis, members, "customs_union", 0.3)).welfare.values
        assert found.welfare[mask] == pytest.approx(single, abs=1e-9)
    assert found.of("RUS", "KAZ") == dict(zip(cis.labels, found.welfare[found.row("KAZ", "RUS")], strict=True))


@pytest.mark.parametrize("rule", ["largest", "trade_weighted", 0.04])
def test_customs_unions_equal_single_solves(small, rule):
    found = atlas(small, FOUR, "customs_union", external=rule)
    flows, rates = np.array(small.flows), np.array(small.tariffs)
    for members in (("ARM", "RUS"), ("BLR", "KAZ", "RUS"), FOUR):
        places = [small.labels.index(member) for member in members]
        output = flows.sum(axis=0)
        external = {
            "largest": rates[max(places, key=lambda place: output[place])],
            "trade_weighted": (flows * rates)[places].sum(axis=0) / flows[places].sum(axis=0),
            0.04: np.full(5, 0.04),
        }[rule]
        single = small.solve(shock_by_hand(small, members, "customs_union", 0.0, external)).welfare.values
        assert found.welfare[found.row(*members)] == pytest.approx(single, abs=1e-9)


def test_sectors_equal_single_solves(flows, tariffs):
    """Two sectors, the second one services that no effect touches."""
    economy = calibrate(
        np.stack([flows, 0.3 * flows]),
        elasticity=[4.0, 6.0],
        tariffs=np.stack([tariffs, 0 * tariffs]),
        labels=(*FOUR, "ROW"),
    )
    found = atlas(economy, FOUR, "free_trade_area", effects=0.2, goods=(1, 0))
    cost, rates = np.ones((2, 5, 5)), np.array(economy.tariffs)
    inside = np.ix_(range(2, 4), range(2, 4))
    cost[0][inside] = np.exp(-0.2 / 4 + 5 / 4 * np.log1p(rates[0][inside]))
    rates[0][inside] = 0.0
    np.fill_diagonal(cost[0], 1.0)
    single = economy.solve(Shock(trade_cost=cost, tariffs=rates)).welfare.values
    assert found.welfare[found.row("KAZ", "RUS")] == pytest.approx(single, abs=1e-9)


def test_a_free_trade_area_keeps_external_tariffs(small):
    found = atlas(small, FOUR, "free_trade_area")
    single = small.solve(shock_by_hand(small, FOUR, "free_trade_area", 0.0)).welfare.values
    assert found.welfare[-1] == pytest.approx(single, abs=1e-9)
    assert found.external_tariff is None


def test_a_member_that_stays_out_pays_the_external_tariff(flows, tariffs):
    """In the base the four trade freely; where the reference world takes that away, the union asks it of outsiders."""
    inside = np.ix_(range(4), range(4))
    free = tariffs.copy()
    free[inside] = 0.0
    economy = calibrate(flows, tariffs=free, labels=(*FOUR, "ROW"))
    reference = Reference("none", tariffs=tariffs[inside])
    found = atlas(economy, FOUR, "customs_union", reference=reference, external="largest")
    shock = next(found.worlds.shocks([(0b1100,)], found.worlds.effects.values))
    rates = np.array(economy.solve(shock).tariffs)
    assert rates[2, :2] == pytest.approx(tariffs[3, :2])
    assert rates[3, :2] == pytest.approx(tariffs[3, :2])
    assert rates[2, 3] == rates[3, 2] == 0
    assert rates[:2, :4] == pytest.approx(tariffs[:2, :4])


def test_a_revenue_neutral_tariff_yields_at_base_trade_what_was_given_up(small):
    found = atlas(small, FOUR, "customs_union", external="revenue_neutral")
    flows, rates = np.array(small.flows), np.array(small.tariffs)
    places, rest = [0, 1, 2, 3], [4]
    common = found.worlds.external.of(places)[0]
    before = (flows * rates)[places].sum()
    assert (flows[places][:, rest] * common[rest]).sum() == pytest.approx(before)


def test_an_effect_that_contains_the_tariff_cut_counts_it_once(small):
    """The same trade with tariffs removed or not: the cost change makes up for the tariff."""
    found = atlas(small, FOUR, "free_trade_area", effects=0.2)
    cost = np.ones((5, 5))
    rates, theta = np.array(small.tariffs), small.elasticity
    inside = np.ix_(range(4), range(4))
    cost[inside] = np.exp(-0.2 / theta + (1 + theta) / theta * np.log1p(rates[inside]))
    rates[inside] = 0.0
    np.fill_diagonal(cost, 1.0)
    single = small.solve(Shock(trade_cost=cost, tariffs=rates)).welfare.values
    assert found.welfare[-1] == pytest.approx(single, abs=1e-9)


def test_the_reference_world_is_taken_out_and_kept(plain):
    """What the base has of a preference is taken out; the full union then is the base again."""
    ones = np.ones((1, 4, 4))
    out = atlas(plain, FOUR, effects=0.3, reference=Reference("none", present=ones))
    assert np.abs(out.log_welfare[-1]).max() < 1e-9
    assert (out.welfare[-1, :4] > 0).all()
    kept = atlas(plain, FOUR, effects=0.3, reference=Reference("register", present=ones, outside=ones))
    assert np.abs(kept.welfare).max() < 1e-8


def test_worth_is_money_of_the_base(plain):
    found = atlas(plain, FOUR, effects=0.3)
    spent = np.array(plain.solve().expenditure)
    expected = spent[:4] * (np.exp(found.log_welfare[15, :4]) - np.exp(found.log_welfare[0, :4]))
    assert found.payoff[15] == pytest.approx(expected)
    assert found.worth[15] == pytest.approx(expected.sum())
    assert found.worth[[0, 1, 2, 4, 8]] == pytest.approx(0)
    assert found.sharing.shapley.sum() == pytest.approx(found.worth[15])
    assert found.sharing.nucleolus.sum() == pytest.approx(found.worth[15])


def test_order_of_the_states_does_not_matter(plain):
    one, other = atlas(plain, FOUR, effects=0.3), atlas(plain, FOUR[::-1], effects=0.3)
    assert one.of("ARM", "KAZ") == pytest.approx(other.of("KAZ", "ARM"), abs=1e-9)
    assert {frozenset(members) for members in one.stable("core")} == {
        frozenset(members) for members in other.stable("core")
    }


def test_probability_of_one_effect_is_that_of_its_sign(plain):
    """One coefficient, no tariffs: the union of all pays when the coefficient is positive."""
    found = atlas(plain, FOUR, effects=assumed(0.1, 0.2), draws=400)
    assert found.probability("mutual_benefit")[-1] == pytest.approx(0.691, abs=0.004)
    assert found.probability("mutual_benefit", "internal")[-1] <= found.probability("internal")[-1]


def test_outcomes_between_the_nodes_are_those_of_solves(plain):
    """Interpolated draws against the equilibrium at the drawn effects, two uncertain directions."""
    effects = Effects(
        ("shallow", "deep"),
        np.array([0.1, 0.05]),
        np.array([[0.02, 0.005], [0.005, 0.03]]),
        {"free_trade_area": (1.0, 0.0), "customs_union": (1.0, 1.0), "economic_union": (1.0, 1.0)},
        "by hand",
    )
    present = np.zeros((2, 4, 4))
    present[0, :2, :2] = 1.0
    found = atlas(plain, FOUR, effects=effects, reference=Reference("none", present=present), draws=50)
    assert len(found.samples.log_welfare) == 9
    flat = (found.samples.weights[7] @ found.samples.log_welfare.reshape(9, -1)).reshape(16, 4)
    payoff = list(found.samples.payoffs(np.ones(4)))[7]
    assert payoff == pytest.approx(np.exp(flat) - np.exp(flat[0]))
    assert found.samples.weights.sum(axis=1) == pytest.approx(1)


def test_interpolation_against_direct_solves(plain):
    found = atlas(plain, FOUR, effects=assumed(0.1, 0.2), draws=9)
    nodes = grid(found.worlds, uncertain=True)
    weights = nodes.weights(9)
    drawn = (weights @ nodes.coefficients)[:, 0]
    for k in (0, 3, 8):
        direct = atlas(plain, FOUR, effects=float(drawn[k])).log_welfare[:, :4]
        between = (weights[k] @ found.samples.log_welfare.reshape(len(nodes.coefficients), -1)).reshape(16, 4)
        assert between == pytest.approx(direct, abs=2e-6)


def test_without_effects_or_tariffs_the_result_says_what_it_took(plain, small):
    assert "Yotov" in " ".join(atlas(plain, FOUR).notes)
    assert "tariffs between its members set to nil" in " ".join(atlas(small, FOUR).notes)


def test_json_has_every_coalition(plain):
    found = atlas(plain, FOUR, effects=assumed(0.2, 0.1), draws=20)
    record = json.loads(json.dumps(found.to_dict()))
    assert len(record["coalitions"]) == 16
    assert record["coalitions"][5]["members"] == ["ARM", "KAZ"]
    assert set(record["coalitions"][5]["welfare"]) == set(plain.labels)
    assert set(record["stable"]) == set(CONCEPTS)
    assert list(FOUR) in record["stable"]["mutual_benefit"]
    assert all(concept["definition"] and concept["source"] for concept in record["concepts"].values())
    assert record["probability"]["core"][0]["probability"] <= 1
    frame = found.to_frame()
    assert frame.height == 12 * 5
    assert str(found).startswith("Atlas(")


def test_a_killed_run_goes_on_from_the_cache(plain, tmp_path):
    cache = Cache("atlas", tmp_path)
    first = atlas(plain, FOUR, effects=0.3, cache=cache)
    files = list(tmp_path.rglob("*.npz"))
    seen = []
    again = atlas(plain, FOUR, effects=0.3, cache=cache, progress=lambda *a: seen.append(a))
    assert files
    assert (first.log_welfare == again.log_welfare).all()
    assert seen


def test_structures_hold_the_coalitions_of_the_atlas(plain):
    found = atlas(plain, FOUR, effects=0.3)
    table = structures(found)
    assert len(table) == 15
    assert table.exact
    for row in (3, 12, 15):
        place = int(np.flatnonzero((table.labels == with_unions(4, [row])).all(axis=1))[0])
        assert table.payoff[place] == pytest.approx(found.payoff[row], abs=1e-6)
    two = int(np.flatnonzero((table.labels == with_unions(4, [3, 12])).all(axis=1))[0])
    assert table.name(two) == (("ARM", "BLR"), ("KAZ", "RUS"))
    assert table.stable("nash")
    assert json.dumps(table.to_dict())


def test_structures_of_many_states_are_pruned_and_say_so(cis):
    found = atlas(cis, cis.labels[:9], effects=-0.1)
    table = structures(found)
    assert not table.exact
    assert "at most two unions" in table.pruning
    assert all(len(table.name(row)) <= 2 for row in range(len(table)))


@pytest.mark.parametrize(
    ("members", "options", "code", "said"),
    [
        (("ARM", "XXX"), {}, "CO001", "inside ROW"),
        (("ARM", "ROW"), {}, "CO001", "rest of the world"),
        (("ARM", "ARM"), {}, "CO002", "twice"),
        (("ARM",), {}, "CO003", "two"),
        (FOUR, {"union": "monetary_union"}, "CO005", "monetary_union"),
        (FOUR, {"external": "largest"}, "CO006", "no tariffs"),
        (FOUR, {"union": "free_trade_area", "external": "largest"}, "CO006", "free trade area"),
        (FOUR, {"draws": -1}, "CO008", "-1"),
        (FOUR, {"draws": 1_000_000}, "CO008", "100000"),
    ],
)
def test_bad_input_says_what_where_and_the_remedy(plain, members, options, code, said):
    with pytest.raises(DostastyqError) as refusal:
        atlas(plain, members, **options)
    assert refusal.value.code == code
    assert said in refusal.value.message
    assert refusal.value.hint


@pytest.mark.parametrize("rule", ["biggest", [0.1, 0.2], float("nan"), "x"])
def test_a_bad_external_tariff_is_refused(small, rule):
    with pytest.raises(DostastyqError) as refusal:
        atlas(small, FOUR, external=rule)
    assert refusal.value.code == "CO006"


def test_too_many_states_are_refused():
    labels = [f"S{k:02}" for k in range(22)]
    economy = calibrate(np.full((22, 22), 1.0) + 50 * np.eye(22), labels=labels)
    with pytest.raises(DostastyqError) as refusal:
        atlas(economy, labels)
    assert refusal.value.code == "CO004"


def test_unknown_concepts_and_missing_draws_are_refused(plain):
    found = atlas(plain, FOUR, effects=0.3)
    for call, code in (
        (lambda: found.stable("cor"), "CO007"),
        (lambda: found.probability("core"), "CO008"),
        (lambda: found.row("GEO"), "CO001"),
    ):
        with pytest.raises(DostastyqError) as refusal:
            call()
        assert refusal.value.code == code


def test_structures_have_probabilities_where_there_are_draws(plain):
    """One coefficient: where it is positive one structure is worth most, where it is negative another."""
    table = structures(atlas(plain, FOUR, effects=assumed(0.1, 0.2), draws=100))
    share = table.probabilities["efficient"]
    everybody, apart = len(table.labels[0]) * [0], list(range(4))
    rows = {tuple(labels): k for k, labels in enumerate(table.labels.tolist())}
    assert share[rows[tuple(everybody)]] + share[rows[tuple(apart)]] == pytest.approx(1.0)
    assert share[rows[tuple(everybody)]] == pytest.approx(0.69, abs=0.011)
    assert table.to_dict()["probability"]["nash"]
    assert structures(atlas(plain, FOUR, effects=0.1)).probabilities is None
