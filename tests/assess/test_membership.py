"""The members as a coalition: tests against the assessment's own figures and against an atlas."""

from dataclasses import replace

import numpy as np
import pytest

from dostastyq import assess, trade
from dostastyq.assess import estimates, unions
from dostastyq.errors import DostastyqError


@pytest.fixture(scope="module")
def eaeu():
    return assess.assess("eaeu-2014")


@pytest.fixture(scope="module")
def harmful():
    """The union if it harmed trade: every member would be better off outside."""
    return assess.assess("eaeu-2014", estimates=estimates.load().replace("union_increment", value=-0.3))


def test_one_membership_a_contrast(eaeu):
    assert [one.otherwise for one in eaeu.coalition] == [one.otherwise for one in eaeu.contrasts]
    assert eaeu.coalition[0].members == ("ARM", "BLR", "KAZ", "KGZ", "RUS")
    assert set(eaeu.coalition[0].outsiders) == {"AZE", "GEO", "MDA", "TJK", "TKM", "UKR", "UZB"}


@pytest.mark.parametrize("index", [0, 1])
def test_mutual_benefit_is_that_of_the_contrast(eaeu, index):
    contrast, found = eaeu.contrasts[index], eaeu.coalition[index]
    assert found.holds["mutual_benefit"] == contrast.mutually_beneficial
    assert found.probability["mutual_benefit"] == pytest.approx(contrast.probability_mutually_beneficial, abs=0.01)
    signs = {one.state: np.sign(one.welfare_percent) for one in contrast.states if one.member}
    assert [signs[state] for state in found.members] == np.sign(found.variation).tolist()


def test_tariffs_of_the_baseline_stay_as_in_the_contrast():
    """One sector with tariffs: the effect holds the tariff cut, and no tariff is changed besides."""
    base = trade.baseline("cis-2023")
    rates = np.full(base.flows.shape, 0.08)
    rates[0][np.diag_indices(len(base.economies))] = 0.0
    found = assess.assess("eaeu-2014", replace(base, tariffs=rates))
    for contrast, coalition in zip(found.contrasts, found.coalition, strict=True):
        gain = {one.state: one.welfare_percent for one in contrast.states}
        ratio = coalition.variation / [gain[state] for state in coalition.members]
        spent = base.flows[0].sum(axis=1)[[base.economies.index(state) for state in coalition.members]]
        assert ratio * 100 == pytest.approx(spent, rel=0.1)


def test_over_no_preference_it_is_the_atlas(eaeu):
    atlas = unions(["eaeu-2014"], "economic_union", draws=0).atlas
    found = eaeu.coalition[1]
    assert atlas.members == found.members
    assert found.variation == pytest.approx(atlas.payoff[-1], rel=1e-6)
    assert found.shapley == pytest.approx(atlas.sharing.shapley, rel=1e-6)
    assert found.outside == pytest.approx([atlas.payoff[31 & ~(1 << k), k] for k in range(5)], rel=1e-5)


@pytest.mark.parametrize(("reference", "index"), [("eaeu-2014", 0), ("none", 1)])
def test_the_union_of_all_in_the_atlas_is_the_contrast(eaeu, reference, index):
    """Two routes to one number for every economy: the assessment's worlds and the atlas's."""
    atlas = unions(["eaeu-2014"], "economic_union", reference=reference, draws=0).atlas
    direct = {one.state: one.welfare_percent for one in eaeu.contrasts[index].states}
    assert atlas.of(*atlas.members) == pytest.approx(direct, abs=1e-8)


def test_a_union_that_harms_trade_is_left(harmful):
    found = harmful.coalition[0]
    assert found.would_leave == found.members
    assert not found.holds["internal"]
    assert found.probability["internal"] < 0.1
    assert all(deal.needed and not deal.possible for deal in found.transfers)


def test_after_a_state_left_the_rest_is_tested():
    found = assess.assess("eaeu-2014", leave=["KGZ"]).coalition[0]
    assert found.members == ("ARM", "BLR", "KAZ", "RUS")
    assert "KGZ" in found.would_join


def test_json_has_coalition_and_transfers(eaeu):
    record = eaeu.to_dict()
    assert [one["otherwise"] for one in record["coalition"]] == ["register", "none"]
    assert record["coalition"][0]["tests"]["internal"]["definition"]
    assert {(one["otherwise"], one["aim"]) for one in record["transfers"]} == {
        (otherwise, aim) for otherwise in ("register", "none") for aim in ("mutual_benefit", "self_enforcing")
    }


def test_references_of_an_atlas():
    """Over the register the union adds its increment alone; the slug of the one union says the same."""
    none, register, slug = (
        unions(["eaeu-2014"], reference=name, draws=0, estimates=estimates.load().replace("union_increment", value=0.2))
        for name in ("none", "register", "eaeu-2014")
    )
    assert none.atlas.reference == "none"
    assert register.atlas.worth[-1] == pytest.approx(slug.atlas.worth[-1])
    assert register.atlas.worth[-1] > none.atlas.worth[-1]
    shallow = unions(["fta-2011"], "free_trade_area", reference="register", draws=0)
    assert "RUS" in shallow.atlas.members


def test_an_atlas_says_data_day_and_sources():
    record = unions(["arm", "kaz"], draws=10).to_dict()
    assert (record["members"], record["baseline"], record["on"]) == (["ARM", "KAZ"], "cis-2023", "2023-07-01")
    assert record["sources"]
    assert record["draws"] == 10


@pytest.mark.parametrize(
    ("members", "options", "code"),
    [
        (["ARM", "XXX"], {}, "CO001"),
        (["ARM", "arm"], {}, "CO002"),
        (["cu-rus-blr-1995"], {"on": "1993-01-01"}, "CO003"),
        (["ARM", "KAZ"], {"reference": "nothing"}, "RG001"),
        (["ARM", "KAZ"], {"on": "soon"}, "AS007"),
        (["ARM", "KAZ"], {"external": "largest"}, "CO006"),
        (["ARM", "KAZ"], {"effect": "tariffs"}, "CO012"),
        (["ARM", "KAZ"], {"effect": "none"}, "CO012"),
        (["eaeu-2014", "KAZ"], {}, "CO001"),
        (["ARM", "KAZ"], {"effect": float("nan")}, "CO012"),
        (["ARM", "KAZ"], {"effect": float("inf")}, "CO012"),
        (["ARM", "KAZ"], {"effect": -30.0}, "CO012"),
        (["eaeu-2041"], {}, "CO001"),
        (["KAZ"], {}, "CO003"),
        (["ARM", "KAZ"], {"elasticity": "uniform_4"}, "AS006"),
        (["BLR", "KAZ"], {"elasticity": "no_set", "baseline": "eaeu-2019"}, "TR019"),
        (["ARM", "KAZ"], {"baseline": "eaeu-2019"}, "CO001"),
    ],
)
def test_bad_questions_are_refused(members, options, code):
    with pytest.raises(DostastyqError) as refusal:
        unions(members, draws=0, **options)
    assert refusal.value.code == code


def test_sectors_and_tariffs():
    """The union of three on the baseline with sectors: tariffs alone, and a rate of the user's."""
    study = unions(["BLR", "KAZ", "RUS"], baseline="eaeu-2019", effect="tariffs", external=0.05)
    assert study.elasticity == "uniform_4"
    assert study.atlas.external_tariff == "given"
    assert study.atlas.samples is None  # nothing is uncertain
    drawn = unions(["BLR", "KAZ", "RUS"], baseline="eaeu-2019", effect="tariffs", external=0.05, draws=10).atlas
    assert (drawn.probability("core") == drawn.holds("core")).all()
    assert unions(["BLR", "KAZ"], effect=0.3, draws=0).atlas.payoff[-1].min() > 0


def test_with_sectors_it_is_the_contrast():
    """Tariffs, external tariffs and costs of every group follow the law: all members together are the contrast."""
    found = assess.assess("eaeu-2014", model="sectors")
    atlas = unions(["BLR", "KAZ", "RUS"], baseline="eaeu-2019", draws=0).atlas
    spent = dict(zip(atlas.economies, atlas.expenditure, strict=True))
    assert [one.otherwise for one in found.coalition] == ["register", "none"]
    for contrast, coalition in zip(found.contrasts, found.coalition, strict=True):
        assert coalition.members == ("BLR", "KAZ", "RUS")
        assert coalition.outsiders == ("UKR",)
        gain = {one.state: 1 + one.welfare_percent / 100 for one in contrast.states}
        # the present world, real income 1, is the one with the agreement
        lost = [spent[state] * (1 - 1 / gain[state]) for state in coalition.members]
        assert coalition.variation == pytest.approx(lost, rel=1e-5)
    assert found.coalition[1].transfers[0].missing > 0
    assert found.to_dict()["transfers"][2]["otherwise"] == "none"
    assert found.voting is not None
    assert found.voting.rule == "eaeu_consensus"
    assert dict(found.voting.contrasts[0].votes)["ARM"] == "undecided"
    assert "No figure, so undecided: Armenia and Kyrgyzstan" in found.voting.note


@pytest.mark.parametrize(
    ("change", "members", "outsiders"),
    [({"leave": ["KAZ"]}, ("BLR", "RUS"), ("KAZ", "UKR")), ({"join": ["UKR"]}, ("BLR", "KAZ", "RUS", "UKR"), ())],
)
def test_with_sectors_the_membership_after_a_change_is_tested(change, members, outsiders):
    """Who leaves gives up what the contrast says; who joins gets what the union's law gives."""
    found = assess.assess("eaeu-2014", model="sectors", otherwise="none", **change)
    (coalition,), (contrast,) = found.coalition, found.contrasts
    assert (coalition.members, coalition.outsiders) == (members, outsiders)
    atlas = unions(["BLR", "KAZ"], baseline="eaeu-2019", draws=0).atlas
    money = dict(zip(atlas.economies, atlas.expenditure, strict=True))
    gain = {one.state: one.welfare_percent / 100 for one in contrast.states}
    if change == {"join": ["UKR"]}:
        # what the contrast divides by is the income without, four in ten thousand from that of the base
        moved = coalition.variation[members.index("UKR")] - coalition.outside[members.index("UKR")]
        assert moved == pytest.approx(gain["UKR"] * money["UKR"], rel=1e-3)
    else:
        whole = assess.assess("eaeu-2014", model="sectors", otherwise="none").coalition[0]
        left = whole.variation[whole.members.index("BLR")] + gain["BLR"] * money["BLR"]
        assert coalition.variation[members.index("BLR")] == pytest.approx(left, rel=1e-4, abs=1e-3)


def test_who_joins_has_before_what_the_contrast_says():
    """Without a preference before, Ukraine gains by joining what the contrast shows."""
    found = assess.assess("eaeu-2014", join=["UKR"], otherwise="none")
    (coalition,), (contrast,) = found.coalition, found.contrasts
    atlas = unions(["BLR", "KAZ"], draws=0).atlas
    money = dict(zip(atlas.economies, atlas.expenditure, strict=True))["UKR"]
    (gain,) = (one.welfare_percent / 100 for one in contrast.states if one.state == "UKR")
    place = coalition.members.index("UKR")
    assert coalition.variation[place] - coalition.outside[place] == pytest.approx(gain * money, rel=1e-3)


def test_too_few_members_are_said_not_to_be_tested():
    found = assess.assess("eaeu-2014", model="sectors", leave=["BLR", "KAZ"])
    assert found.coalition == ()
    assert any("not tested as a coalition: 1 of them" in note for note in found.notes)
    assert not any("not tested as a coalition" in note for note in assess.assess("eaeu-2014", model="sectors").notes)
