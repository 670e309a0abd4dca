"""Least transfers: what they promise holds in the equilibrium with them."""

import numpy as np
import pytest

from dostastyq.coalition import atlas
from dostastyq.coalition.transfers import real_income
from dostastyq.equilibrium import Shock, calibrate

FOUR = ("ARM", "BLR", "KAZ", "RUS")


@pytest.fixture(scope="module")
def uneven(flows):
    """One member protects its market by far more than the others: its union costs it something."""
    rates = np.zeros((5, 5))
    rates[:, :] = np.array([[0.02], [0.04], [0.04], [0.30], [0.05]])
    np.fill_diagonal(rates, 0.0)
    return calibrate(flows, tariffs=rates, labels=(*FOUR, "ROW"))


def test_without_transfers_it_is_the_solver(small):
    shock = Shock(trade_cost=0.9)
    expected = np.log1p(small.solve(shock).welfare.values / 100)
    assert real_income(small, shock, np.zeros(5)) == pytest.approx(expected, abs=1e-10)


def test_money_received_is_worth_its_face_to_the_first_order(small):
    spent = np.array(small.solve().expenditure)
    move = np.array([1e-4, 0, 0, 0, -1e-4])
    gain = (np.exp(real_income(small, Shock(), move)) - 1) * spent
    assert gain[0] == pytest.approx(1e-4, rel=0.2)
    assert gain[4] == pytest.approx(-1e-4, rel=0.2)


@pytest.mark.parametrize("firm", [False, True])
def test_promised_welfare_holds_when_solved_again(uneven, firm):
    found = atlas(uneven, FOUR, "customs_union", external="trade_weighted")
    deal = found.transfers(self_enforcing=firm)
    assert deal.needed
    if not deal.possible:
        assert deal.missing > 0
        return
    assert deal.payments.sum() == pytest.approx(0, abs=1e-9)
    everybody = np.append(deal.payments, 0.0)
    without, shock = found.worlds.shocks([(), (15,)], found.worlds.effects.values)
    spent = np.array(uneven.solve().expenditure)
    real = np.exp(real_income(uneven, shock, everybody)) - np.exp(real_income(uneven, without, np.zeros(5)))
    scale = np.abs(found.payoff[-1]).max()
    assert (real * spent)[:4] == pytest.approx(deal.variation, abs=1e-6 * scale)
    assert (deal.variation >= deal.least - 1e-6 * scale).all()


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
