"""Least transfers: what they promise holds in the equilibrium with them."""

from dataclasses import replace

import numpy as np
import pytest

from dostastyq.coalition import atlas
from dostastyq.equilibrium import calibrate

FOUR = ("ARM", "BLR", "KAZ", "RUS")


@pytest.fixture(scope="module")
def uneven(flows):
    """One member protects its market by far more than the others: its union costs it something."""
    rates = np.zeros((5, 5))
    rates[:, :] = np.array([[0.02], [0.04], [0.04], [0.30], [0.05]])
    np.fill_diagonal(rates, 0.0)
    return calibrate(flows, tariffs=rates, labels=(*FOUR, "ROW"))


@pytest.mark.parametrize("firm", [False, True])
def test_promised_welfare_holds_when_solved_again(uneven, firm):
    found = atlas(uneven, FOUR, "customs_union", external="trade_weighted")
    deal = found.transfers(self_enforcing=firm)
    assert deal.needed
    if not deal.possible:
        assert deal.missing > 0
        return
    assert deal.payments.sum() == pytest.approx(0, abs=1e-9)
    without, shock = found.worlds.shocks([(), (15,)], found.worlds.effects.values)
    spent = np.array(uneven.solve().expenditure)
    paid = replace(shock, deficits=np.array(uneven.deficit) + np.append(deal.payments, 0.0))
    real = (np.array(uneven.solve(paid).welfare) - np.array(uneven.solve(without).welfare)) / 100
    scale = np.abs(found.payoff[-1]).max()
    assert (real * spent)[:4] == pytest.approx(deal.variation, abs=1e-6 * scale)
    assert (deal.variation >= deal.least - 1e-6 * scale).all()
    receives = deal.payments > 1e-6 * scale
    assert deal.variation[receives] == pytest.approx(deal.least[receives], abs=1e-5 * scale)  # and not a cent more


def test_transfers_make_a_union_beneficial_that_was_not(uneven):
    found = atlas(uneven, FOUR, "customs_union", external="trade_weighted")
    possible = [
        deal
        for mask in found.listed
        if mask and not found.holds("mutual_benefit")[mask]
        for deal in [found.transfers(*[s for k, s in enumerate(FOUR) if mask >> k & 1])]
        if deal.possible
    ]
    assert possible
    assert all(deal.needed and deal.total > 0 for deal in possible)


def test_no_transfers_where_everybody_gains(plain):
    deal = atlas(plain, FOUR, effects=0.3).transfers()
    assert not deal.needed
    assert deal.possible
    assert deal.total == 0


def test_no_transfers_can_share_a_loss(plain):
    deal = atlas(plain, FOUR, effects=-0.3).transfers()
    assert deal.needed
    assert not deal.possible
    assert deal.missing == pytest.approx(-deal.variation.sum(), rel=0.05)
    assert deal.to_dict()["missing"] == deal.missing


def test_transfers_with_sectors(flows):
    """Two sectors, one tariff far above the others: the union's loser is paid, and the deal holds when solved again."""
    rates = np.zeros((2, 5, 5))
    rates[0] = np.array([[0.02], [0.04], [0.04], [0.40], [0.05]])
    rates[1] = 0.03
    for sector in rates:
        np.fill_diagonal(sector, 0.0)
    economy = calibrate(
        np.stack([flows, flows[::-1, ::-1].T * 0.5 + np.diag(flows.diagonal())]),
        elasticity=[4.0, 6.0],
        tariffs=rates,
        labels=(*FOUR, "ROW"),
    )
    found = atlas(economy, FOUR, "customs_union")
    deals = [
        found.transfers(*[s for k, s in enumerate(FOUR) if mask >> k & 1])
        for mask in found.listed
        if mask and not found.holds("mutual_benefit")[mask]
    ]
    done = [deal for deal in deals if deal.possible]
    assert done
    assert all((deal.variation >= deal.least - 1e-5 * np.abs(deal.payments).max()).all() for deal in done)


@pytest.mark.parametrize("size", [0.08, 0.1, 0.15, 0.2, 0.3])
def test_two_equal_payers_settle(size):
    """Who of two alike pays is open, how much is not: the search must not wander between them."""
    flows = np.full((4, 4), 4.0) + np.diag([60.0, 60.0, 60.0, 300.0])
    rates = np.array([[0.02], [0.02], [size], [0.02]]) * (1 - np.eye(4))
    economy = calibrate(flows, tariffs=rates, labels=("A", "B", "C", "ROW"))
    deal = atlas(economy, ("A", "B", "C"), "free_trade_area").transfers()
    assert not deal.needed or not deal.possible or deal.total > 0
    if deal.needed and deal.possible:
        assert (deal.variation >= deal.least - 1e-5).all()
