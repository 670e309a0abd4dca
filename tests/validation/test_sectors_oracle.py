"""The multi-sector solver against a slow one written from Caliendo and Parro (2015), eqs 2-10, with nothing in common.

Prices are iterated to rest at given wages, expenditure comes from one dense linear system, and a library's root finder
looks for the wages at which trade balances. The world is that of 1993, added up to Mexico, Canada, the United States
and everybody else.
"""

import numpy as np
import pytest
from scipy.optimize import root

from dostastyq.equilibrium import Economy, Shock

REGIONS = ("Mexico", "Canada", "USA", "Rest")


class Textbook:
    """A base at given deficits, and counterfactuals from it."""

    def __init__(self, shares, spending, tariffs, theta, gamma, inputs, alpha, deficit=None):  # noqa: PLR0917
        self.shares, self.tariffs, self.theta, self.gamma = shares, tariffs, theta, gamma
        self.inputs, self.alpha = inputs, alpha
        flows = shares * spending[:, :, None] / (1 + tariffs)
        self.income = (gamma * flows.sum(axis=1)).sum(axis=0)
        self.deficit = flows.sum(axis=(0, 2)) - flows.sum(axis=(0, 1)) if deficit is None else deficit
        first = self.solve(tariffs, self.deficit)
        self.shares, self.income = first["shares"], first["income"]
        self.final = first["final"]

    def solve(self, tariffs, deficit):
        """Wages, prices, flows, revenue and welfare of a world."""
        size = len(self.income)

        def imbalance(free):
            found = self.at(np.append(free, 0.0), tariffs, deficit)
            net = found["flows"].sum(axis=(0, 1)) - found["flows"].sum(axis=(0, 2)) + deficit
            return (net / found["income"])[:-1]

        answer = root(imbalance, np.zeros(size - 1), tol=1e-13)
        assert np.abs(answer.fun).max() < 1e-11
        return self.at(np.append(answer.x, 0.0), tariffs, deficit)

    def at(self, log_wage, tariffs, deficit):
        """Everything that follows from wages; world value added is the numeraire."""
        log_wage = log_wage - np.log(np.exp(log_wage) @ self.income / self.income.sum())
        income = np.exp(log_wage) * self.income
        power = -self.theta[:, None, None]
        wedge = ((1 + tariffs) / (1 + self.tariffs)) ** power
        log_price, moved = np.zeros_like(self.gamma), np.inf
        while moved > 1e-15:
            unit = self.gamma * log_wage + np.einsum("nkj,kn->jn", self.inputs, log_price)
            weight = self.shares * wedge * np.exp(power * unit[:, None, :])
            total = weight.sum(axis=2)
            after = -np.log(total) / self.theta[:, None]
            moved, log_price = np.abs(after - log_price).max(), after
        shares = weight / total[:, :, None]
        spending = self.spending(shares, tariffs, income + deficit)
        flows = shares * spending[:, :, None] / (1 + tariffs)
        revenue = (tariffs * flows).sum(axis=(0, 2))
        return {
            "wage": np.exp(log_wage), "price": np.exp(log_price), "shares": shares, "flows": flows, "income": income,
            "revenue": revenue, "final": income + revenue + deficit,
            "index": np.exp((self.alpha * log_price).sum(axis=0)),
        }  # fmt: skip

    def spending(self, shares, tariffs, given):
        """X = alpha (given + R(X)) + inputs Y(X), one system of all goods and states."""
        sectors, states, _ = shares.shape
        system = np.eye(sectors * states).reshape(sectors, states, sectors, states)
        border = shares / (1 + tariffs)
        for n in range(states):
            duty = (border[:, n] * tariffs[:, n]).sum(axis=1)
            system[:, n, :, n] -= np.outer(self.alpha[:, n], duty)
            for m in range(states):
                system[:, n, :, m] -= self.inputs[n] * border[:, m, n]
        flat = np.linalg.solve(system.reshape(sectors * states, -1), (self.alpha * given).ravel())
        return flat.reshape(sectors, states)

    def compare(self, result, tariffs, deficit):
        """Hold an equilibrium against the world solved here."""
        found = self.solve(tariffs, deficit)
        welfare = 100 * (found["final"] / self.final / found["index"] - 1)
        np.testing.assert_allclose(np.asarray(result.welfare), welfare, rtol=0, atol=1e-8)
        np.testing.assert_allclose(
            np.asarray(result.real_wage), 100 * (found["wage"] / found["index"] - 1), rtol=0, atol=1e-8
        )
        np.testing.assert_allclose(np.asarray(result.sector_prices), found["price"], rtol=1e-10)
        top = found["flows"].max()
        np.testing.assert_allclose(np.asarray(result.flows) / top, found["flows"] / top, rtol=0, atol=1e-11)
        np.testing.assert_allclose(np.asarray(result.tariff_revenue), found["revenue"], rtol=1e-9, atol=1e-9 * top)
        return welfare


@pytest.fixture(scope="module")
def four(data_folder):
    """Arrays of the four regions: shares, spending, tariffs before and after, theta, gamma, inputs, alpha."""
    data = np.load(data_folder / "cp2015" / "nafta_1993.npz")
    names = [str(name) for name in data["regions"]]
    group = np.array([[(name if name in REGIONS else "Rest") == region for name in names] for region in REGIONS], float)

    def pairs(values):
        return np.einsum("an,nij,bi->jab", group, values, group)

    gross = data["pi_nij"] * data["X_nj"][:, None, :]
    flows = gross / (1 + data["tau_nij_bln"])
    levels = []
    for name in ("tau_nij_bln", "tau_nij_cfl"):
        duty = pairs(flows * data[name])
        levels.append(np.where(duty > 0, duty / np.where(duty > 0, pairs(flows), 1.0), 0.0) * ~np.eye(4, dtype=bool))
    gross = pairs(flows) * (1 + levels[0])
    spending = gross.sum(axis=2)
    made = flows.sum(axis=0)
    gamma = (group @ (made * data["gamma_nj"]) / (group @ made)).T
    inputs = np.einsum("an,nkj,nj->akj", group, data["gamma_nkj"], made) / (group @ made)[:, None, :]
    used = inputs.sum(axis=1).T
    inputs *= np.where(used > 0, (1 - gamma) / np.where(used > 0, used, 1.0), 0.0).T[:, None, :]
    gamma = np.where(used > 0, gamma, 1.0)
    alpha = (group @ (data["alpha_nj"] * data["wL_n"][:, None])).T
    return gross / spending[:, :, None], spending, *levels, data["theta_j"], gamma, inputs, alpha / alpha.sum(axis=0)


VARIANTS = ("as published", "no links between sectors", "no materials", "one sector")


def variant(four, name):
    """Base arrays and new tariffs of a model variant (Caliendo and Parro 2015, section 5)."""
    shares, spending, before, after, theta, gamma, inputs, alpha = four
    match name:
        case "no links between sectors":
            inputs = np.stack([np.diag(row) for row in (1 - gamma).T])
        case "no materials":
            gamma, inputs, alpha = np.ones_like(gamma), np.zeros_like(inputs), spending / spending.sum(axis=0)
        case "one sector":
            flows = (shares * spending[:, :, None] / (1 + before)).sum(axis=0, keepdims=True)
            duties = [
                (shares * spending[:, :, None] / (1 + before) * level).sum(axis=0, keepdims=True)
                for level in (before, after)
            ]
            before, after = (duty / flows for duty in duties)
            gross = flows * (1 + before)
            share = ((gamma * spending).sum(axis=0) / spending.sum(axis=0))[None]
            spending = gross.sum(axis=2)
            shares, theta, gamma, alpha = gross / spending[:, :, None], np.array([4.5]), share, np.ones((1, 4))
            inputs = (1 - share).T[:, None, :]
    return (shares, spending, before, theta, gamma, inputs, alpha), after


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("balanced", [True, False], ids=["balanced", "own deficits"])
def test_nafta_in_every_variant_of_the_model(four, name, balanced):
    base, after = variant(four, name)
    book = Textbook(*base, deficit=np.zeros(4) if balanced else None)
    economy = Economy.from_shares(*base, deficits="zero" if balanced else "additive", labels=REGIONS)
    welfare = book.compare(economy.solve(Shock(tariffs=after)), after, book.deficit)
    assert 1e-3 < np.abs(welfare).max() < 2
    if name == "no materials":
        plain = Economy.from_shares(
            *base[:4], 1.0, None, None, deficits="zero" if balanced else book.deficit, labels=REGIONS
        )
        book.compare(plain.solve(Shock(tariffs=after)), after, book.deficit)


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0])
def test_tariffs_of_the_whole_world(four, factor):
    base, _ = variant(four, "as published")
    book = Textbook(*base)
    economy = Economy.from_shares(*base, deficits=book.deficit, labels=REGIONS)
    book.compare(economy.solve(Shock(tariffs=factor * base[2])), factor * base[2], book.deficit)


def test_deficits_are_eliminated(four):
    base, after = variant(four, "as published")
    book = Textbook(*base)
    kept = Economy.from_shares(*base, labels=REGIONS)
    gone = Economy.from_shares(*base, deficits="phase-out", labels=REGIONS)
    np.testing.assert_allclose(np.asarray(kept.deficit), book.deficit, rtol=1e-9)
    for economy, shock in ((kept, Shock(deficits=0)), (gone, None)):
        welfare = book.compare(economy.solve(shock), base[2], np.zeros(4))
        assert (np.sign(welfare) == -np.sign(book.deficit)).all()
    book.compare(gone.solve(Shock(tariffs=after)), after, np.zeros(4))
