"""From shares or flows by sector to an economy that is an exact equilibrium, with every repair reported."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.checks import check_tariffs, tariff_remarks
from dostastyq.equilibrium.inputs import check_labels
from dostastyq.equilibrium.labels import FloatArray, Labels, type_label
from dostastyq.equilibrium.sectors.anderson import AT_REST, anderson
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.certificate import certify, new_shares, read
from dostastyq.equilibrium.sectors.economy import CLOSURES, SectorEconomy
from dostastyq.equilibrium.sectors.inputs import (
    check_sectors,
    cube,
    elasticities,
    finite,
    numbers,
    shaped,
    share_table,
)
from dostastyq.equilibrium.sectors.singular import check_base
from dostastyq.equilibrium.sectors.solve import solve_change
from dostastyq.equilibrium.sectors.sweep import start, sweep
from dostastyq.equilibrium.sectors.system import Change, apply
from dostastyq.errors import DostastyqError, nearest

if TYPE_CHECKING:
    from dostastyq.equilibrium.one_economy import OneSectorEconomy

_ROUNDING = 1e-12
_SETTLED = 1e-10
_REPAIRABLE = 1e-2
_NEGATIVE_INPUT = -1e-2
_CLIPPED = 0.2


def from_shares(  # noqa: PLR0917 -- the arguments of `Economy.from_shares`
    trade_shares: object,
    expenditure: object,
    tariffs: object,
    elasticity: object,
    value_added_share: object,
    input_shares: object,
    final_shares: object,
    deficits: object,
    *,
    labels: Sequence[type_label] | None,
    sectors: Sequence[type_label] | None,
    export_taxes: object,
    remaining: float,
) -> SectorEconomy:
    """Make an economy from shares; see `Economy.from_shares`."""
    shares = numbers(trade_shares, "trade shares")
    if shares.ndim != 3 or shares.shape[1] != shares.shape[2] or shares.size == 0:
        raise DostastyqError(
            "EQ001",
            f"trade shares have shape {shares.shape}; expected (J, N, N) [sector, importer, exporter]",
            "one sector is shape (1, N, N)",
        )
    finite(shares, "trade shares")
    names = check_labels(labels, shares.shape[1])
    kinds = check_sectors(sectors, len(shares))
    table = (len(kinds), len(names))
    spending = _not_negative(shaped(expenditure, "expenditure", table, "[sector, state]"), "expenditure")
    repairs: list[str] = []
    shares = _normalised(_not_negative(shares, "trade shares"), spending, kinds, names, repairs)
    return _calibrated(
        shares, spending, tariffs, elasticity, value_added_share, input_shares, final_shares, deficits, names, kinds,
        export_taxes, remaining, repairs,
    )  # fmt: skip


def from_flows(  # noqa: PLR0917 -- the arguments of `calibrate`
    flows: FloatArray,
    elasticity: object,
    tariffs: object,
    inputs: object,
    value_added: object,
    final_shares: object,
    deficits: object,
    labels: Labels,
    sectors: Labels,
    export_taxes: object,
    remaining: float,
) -> SectorEconomy:
    """Make an economy from tariff-exclusive flows at the border, shape (J, N, N); see `calibrate`."""
    _not_negative(finite(flows, "flows"), "flows")
    levels = _levels(tariffs, "tariffs", sectors, labels)
    gross = flows if levels is None else flows * (1 + levels)
    spending = gross.sum(axis=2)
    shares = gross / np.where(spending > 0, spending, 1.0)[:, :, None]
    return _calibrated(
        shares, spending, levels, elasticity, value_added, inputs, final_shares, deficits, labels, sectors,
        export_taxes, remaining, [],
    )  # fmt: skip


def from_one_sector(economy: "OneSectorEconomy") -> SectorEconomy:
    """Make the twin of an economy with one sector; see `OneSectorEconomy.with_sectors`."""
    base = economy.base
    spending = base.gross.sum(axis=1)[None]
    size = len(economy.labels)
    made = Base.of(
        (base.gross / base.gross.sum(axis=1)[:, None])[None],
        None if base.tariffs is None else base.tariffs[None],
        None,
        np.array([base.theta]),
        np.ones((1, size)),
        np.zeros((size, 1, 1)),
        np.ones((1, size)),
        spending,
    )
    if economy.deficits == "zero":
        made = replace(made, deficit=np.zeros(size))
    return SectorEconomy(made, economy.labels, ("all",), economy.deficits, economy.repairs, economy.remaining)


def _calibrated(  # noqa: PLR0917 -- one call from each of two makers
    shares: FloatArray,
    spending: FloatArray,
    tariffs: object,
    elasticity: object,
    value_added: object,
    inputs: object,
    final_shares: object,
    deficits: object,
    labels: Labels,
    sectors: Labels,
    export_taxes: object,
    remaining: float,
    repairs: list[str],
) -> SectorEconomy:
    theta = elasticities(elasticity, sectors)
    levels, taxes = (
        _levels(value, name, sectors, labels) for value, name in ((tariffs, "tariffs"), (export_taxes, "export_taxes"))
    )
    gamma, links = _technology(value_added, inputs, sectors, labels, repairs)
    closure, target = _closure(deficits, remaining, labels)
    raw = Base.of(shares, levels, taxes, theta, gamma, links, np.zeros_like(spending), spending)
    repairs.extend(tariff_remarks(levels, raw.flows))
    alpha = _final(final_shares, raw, sectors, labels, repairs)
    base = replace(raw, final_shares=alpha)
    check_base(base, labels, sectors)
    if target is None:
        target = np.zeros(len(labels)) if closure == "zero" else raw.deficit - raw.deficit.mean()
    else:
        gap = target.sum() / raw.income.sum()
        if abs(gap) > 1e-6:
            raise DostastyqError(
                "EQ044",
                f"the deficits sum to {target.sum():.6g} ({gap:.2%} of world value added); expected zero: what one"
                " state borrows another lends",
                "spread the difference over the lenders",
            )
        target = target - gap * raw.income
    base = settle(base, target, labels, sectors, repairs, balanced=closure == "zero")
    return SectorEconomy(base, labels, sectors, closure, tuple(repairs), remaining)


def settle(
    base: Base, deficit: FloatArray, labels: Labels, sectors: Labels, repairs: list[str], *, balanced: bool
) -> Base:
    """Solve the base without a shock, at given deficits, and make the solution the base.

    Parameters
    ----------
    base
        Accounts that may miss an equilibrium.
    deficit
        Deficits that hold in the result, shape (N,).
    labels, sectors
        Names, for messages.
    repairs
        Gets a sentence on each repair.
    balanced
        Whether the deficits are removed on purpose.

    Returns
    -------
    Base

    Raises
    ------
    DostastyqError
        ``EQ015`` when there is no equilibrium near the data.
    """
    before, settled = base, replace(base, deficit=deficit)
    for _ in range(4):
        system = apply(settled, Change())
        with np.errstate(all="ignore"):
            found = anderson(system, sweep, start(system), AT_REST)
            if not found.residual <= _ROUNDING:
                found = anderson(system, sweep, start(system), AT_REST, patient=True)
        if found.iterations == 0 and found.converged:
            break
        if not found.residual <= _ROUNDING:
            worst = int(np.argmax(np.abs(deficit - before.deficit) / before.income))
            raise DostastyqError(
                "EQ015",
                f"the base is no equilibrium and cannot be made one: after {found.iterations} sweeps the largest"
                f" residual is {found.residual:.3g}; expected {_ROUNDING:g} (deficit of {labels[worst]!s}:"
                f" {before.deficit[worst] / before.income[worst]:.1%} of value added)",
                "check expenditure, final shares and input shares, or use another closure",
            )
        shares = new_shares(found.system, found.state.log_cost)
        made = Base.of(
            shares, base.tariffs, base.export_taxes, base.theta, base.value_added, base.inputs, base.final_shares,
            found.state.expenditure,
        )  # fmt: skip
        settled = replace(made, deficit=deficit)
    _check_settled(settled, labels, sectors)
    _report(before, settled, labels, sectors, repairs, balanced=balanced)
    return settled


def _check_settled(base: Base, labels: Labels, sectors: Labels) -> None:
    """Refuse a base that stands still without being an equilibrium."""
    try:
        attempt, name = solve_change(
            base, Change(), labels, sectors, proportional=False, tolerance=_SETTLED / 4, sweeper=sweep
        )
    except DostastyqError as error:
        raise DostastyqError("EQ015", f"the base cannot be made an equilibrium: {error.message}", error.hint) from error
    with np.errstate(all="ignore"):
        mark = certify(read(attempt, Change()), "additive", iterations=0, method=name, tolerance=_SETTLED)
    if not mark.converged:
        worst = max(mark.residuals, key=lambda key: mark.residuals[key])
        raise DostastyqError(
            "EQ015",
            f"the base cannot be made an equilibrium: its {worst.replace('_', ' ')} equation misses by"
            f" {mark.residual:.3g}; expected at most {_SETTLED:g}",
            "check expenditure, final shares and input shares, or use another closure",
        )


def _report(before: Base, after: Base, labels: Labels, sectors: Labels, repairs: list[str], *, balanced: bool) -> None:
    share = before.deficit / before.income
    worst = int(np.argmax(np.abs(share)))
    if balanced and abs(share[worst]) > _ROUNDING:
        repairs.append(
            f"trade was balanced before anything else: the largest deficit removed was {labels[worst]!s},"
            f" {before.deficit[worst]:.6g} ({share[worst]:.2%} of value added)"
        )
    moved = np.abs(after.expenditure - before.expenditure) / before.expenditure.sum(axis=0)
    if moved.max() > _ROUNDING:
        sector, state = (int(index) for index in np.unravel_index(int(moved.argmax()), moved.shape))
        shares = np.abs(after.shares - before.shares).max()
        repairs.append(
            f"the base was re-solved to be an exact equilibrium: expenditure moved by up to {moved.max():.3g} of a"
            f" state's total ({sectors[sector]!s} in {labels[state]!s}), trade shares by up to {shares:.3g}"
        )


def _closure(deficits: object, remaining: float, labels: Labels) -> tuple[str, FloatArray | None]:
    if not 0 <= remaining <= 1:
        raise DostastyqError("EQ044", f"the remaining part of deficits is {remaining}; expected 0 to 1", "0 is usual")
    if isinstance(deficits, str):
        if deficits not in CLOSURES:
            raise DostastyqError("EQ011", f"there is no closure {deficits!r}", nearest(deficits, CLOSURES))
        return deficits, None
    return "additive", shaped(deficits, "deficits", (len(labels),), "one number a state, or the name of a closure")


def _levels(value: object, name: str, sectors: Labels, labels: Labels) -> FloatArray | None:
    if value is None:
        return None
    levels = cube(value, name, sectors, labels, np.zeros((len(sectors), len(labels), len(labels))))
    check_tariffs(levels, labels, name)
    return levels


def _not_negative(array: FloatArray, what: str) -> FloatArray:
    if (array < 0).any():
        where = tuple(int(index) for index in np.argwhere(array < 0)[0])
        raise DostastyqError(
            "EQ009",
            f"{what}{list(where)} is {array[where]:g}; expected at least 0",
            "changes of stocks are usual below zero: set such cells to 0 and scale the others, or leave stocks out",
        )
    return array


def _normalised(
    shares: FloatArray, spending: FloatArray, sectors: Labels, labels: Labels, repairs: list[str]
) -> FloatArray:
    """Rows that sum to one; a row of a good that nobody buys may be empty."""
    sums = shares.sum(axis=2)
    wrong = np.where((sums == 0) & (spending == 0), 0.0, np.abs(sums - 1))
    if wrong.max() > _REPAIRABLE:
        sector, state = (int(index) for index in np.unravel_index(int(wrong.argmax()), wrong.shape))
        raise DostastyqError(
            "EQ040",
            f"the trade shares of {sectors[sector]!s} in {labels[state]!s} sum to {sums[sector, state]:.6g}; expected 1"
            " over exporters",
            "axes are [sector, importer, exporter]",
        )
    if wrong.max() > _ROUNDING:
        repairs.append(f"trade shares were divided by their sums, which missed 1 by up to {wrong.max():.2g}")
    return np.where(sums[:, :, None] > 0, shares / np.where(sums > 0, sums, 1.0)[:, :, None], 0.0)


def _technology(
    value_added: object, inputs: object, sectors: Labels, labels: Labels, repairs: list[str]
) -> tuple[FloatArray, FloatArray]:
    """Value-added shares (J, N) and input shares (N, J, J) that sum to one for each using sector."""
    shape = (len(labels), len(sectors), len(sectors))
    if inputs is None:
        given = 1.0 if value_added is None else value_added
        gamma = share_table(given, "value-added shares", sectors, labels)
        if not np.allclose(gamma, 1, rtol=0, atol=_ROUNDING):
            raise DostastyqError(
                "EQ041",
                "value-added shares below 1 were given without input shares; expected what the rest is spent on",
                "give the input shares [state, input, using sector]",
            )
        return np.ones_like(gamma), np.zeros(shape)
    links = shaped(inputs, "input shares", shape, "[state, input, using sector]")
    if links.min() < _NEGATIVE_INPUT:
        where = tuple(int(index) for index in np.unravel_index(int(links.argmin()), shape))
        raise DostastyqError(
            "EQ041",
            f"the share of {sectors[where[1]]!s} in the output of {sectors[where[2]]!s} in {labels[where[0]]!s} is"
            f" {links.min():.3g}; expected at least 0",
            "set it to 0 and scale the other inputs of that sector to one less its value-added share",
        )
    if links.min() < 0:
        repairs.append(
            f"{int((links < 0).sum())} input shares are below zero, the least {links.min():.2g}; they were kept"
        )
    used = links.sum(axis=1).T
    gamma = 1 - used if value_added is None else share_table(value_added, "value-added shares", sectors, labels)
    if gamma.min() < 0 or gamma.max() > 1 + _REPAIRABLE:
        where = tuple(int(i) for i in np.argwhere((gamma < 0) | (gamma > 1 + _REPAIRABLE))[0])
        raise DostastyqError(
            "EQ041",
            f"the value-added share of {sectors[where[0]]!s} in {labels[where[1]]!s} is {gamma[where]:.6g}; expected 0"
            " to 1",
            "it is value added over output: a fraction, not per cent; taxes less subsidies belong to neither",
        )
    wrong = np.abs(gamma + used - 1)
    if wrong.max() > _REPAIRABLE:
        sector, state = (int(index) for index in np.unravel_index(int(wrong.argmax()), wrong.shape))
        raise DostastyqError(
            "EQ041",
            f"value added and inputs of {sectors[sector]!s} in {labels[state]!s} sum to"
            f" {gamma[sector, state] + used[sector, state]:.6g} of output; expected 1",
            "input shares are [state, input, using sector] and sum over inputs",
        )
    if wrong.max() > _ROUNDING:
        repairs.append(
            f"input shares were scaled to sum to one less the value-added share, which they missed by up to"
            f" {wrong.max():.2g}"
        )
    gamma = np.where(used == 0, 1.0, np.minimum(gamma, 1.0))
    scale = np.where(used == 0, 0.0, (1 - gamma) / np.where(used == 0, 1.0, used))
    return gamma, links * scale.T[:, None, :]


def _final(final_shares: object, base: Base, sectors: Labels, labels: Labels, repairs: list[str]) -> FloatArray:
    """Take final shares as given, or as the accounts leave them."""
    if final_shares is not None:
        alpha = _not_negative(share_table(final_shares, "final shares", sectors, labels), "final shares")
        sums = alpha.sum(axis=0)
        wrong = np.abs(sums - 1)
        if wrong.max() > _REPAIRABLE:
            state = int(wrong.argmax())
            raise DostastyqError(
                "EQ040",
                f"the final shares of {labels[state]!s} sum to {sums[state]:.6g}; expected 1 over sectors",
                "axes are [sector, state]; None takes them from the accounts",
            )
        if wrong.max() > _ROUNDING:
            repairs.append(f"final shares were divided by their sums, which missed 1 by up to {wrong.max():.2g}")
        return np.asarray(alpha / sums)
    final = base.expenditure - np.einsum("nkj,jn->kn", base.inputs, base.output)
    below = np.minimum(final, 0).sum(axis=0) / base.expenditure.sum(axis=0)
    if below.min() < -_CLIPPED:
        state = int(below.argmin())
        raise DostastyqError(
            "EQ047",
            f"{labels[state]!s} would need more inputs than it buys: final demand is below zero by {-below[state]:.1%}"
            " of its expenditure; expected inputs within expenditure",
            "check units of input shares and flows, or give final_shares",
        )
    if below.min() < -_ROUNDING:
        state = int(below.argmin())
        repairs.append(
            f"final demand below zero was set to zero in {int((final < 0).sum())} cells, most in {labels[state]!s},"
            f" {-below[state]:.2%} of its expenditure"
        )
    final = np.maximum(final, 0.0)
    sums = final.sum(axis=0)
    if not sums.min() > 0:
        raise DostastyqError(
            "EQ047",
            f"{labels[int(sums.argmin())]!s} buys nothing but inputs: no final demand is left; expected some",
            "check units of input shares and flows, or give final_shares",
        )
    return np.asarray(final / sums)
