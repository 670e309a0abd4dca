"""Clearing at the cut-off: everything if it fits the limits, else the exact optimum, verified before it is returned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from dostastyq.errors import DostastyqError, nearest
from dostastyq.money import LARGEST
from dostastyq.payments.allocate import allocate, items
from dostastyq.payments.circulation import Indices, Integers, Network, Optimum
from dostastyq.payments.intake import Batch, Intake, from_frame, from_obligations
from dostastyq.payments.model import Obligation, Rows, Rule, Settlement, printable
from dostastyq.payments.netting import Merged, merge, total
from dostastyq.payments.repair import improve, repair
from dostastyq.payments.verifier import (
    CHECKS,
    Certificate,
    admissible,
    by_level,
    digits,
    verify,
    verify_rows,
)
from dostastyq.payments.worker import TIMEOUT, shared

if TYPE_CHECKING:
    from dostastyq.payments.fixing import Fixing

SEARCH = 30.0
"""Most seconds that a search for a better choice of indivisible obligations may take; nodes end it before."""
RECOMPUTED = 20_000
"""Arcs up to which the verifier finds the potentials itself; above, it checks those of the optimiser."""


def settle(
    obligations: Iterable[Obligation] | Intake | Any,  # noqa: ANN401 -- or a data frame
    caps: Mapping[str, int],
    *,
    rule: Rule = "pro_rata",
    quotas: Mapping[str, int] | None = None,
    fixing: "Fixing | None" = None,
    timeout: float = TIMEOUT,
) -> Settlement:
    """Clear obligations multilaterally within the limits of the banks.

    Parameters
    ----------
    obligations
        `Obligation` objects, an `Intake`, or a data frame with the columns of a file.
    caps
        Net debit that each bank may run, minor units; a bank without a cap does not take part.
    rule
        Who is served among equals when not all can be: ``"pro_rata"`` (every pair of banks the same share, as far as
        the limits allow, whatever the order of the input) or ``"first_come"`` (value date, then order of the input).
    quotas
        Net credit that a bank accepts; any where it is not named.
    fixing
        Rates of the day and the unit of account; needed for obligations in several currencies. Caps, quotas and
        nets are then in minor units of the unit of account, and ties between pairs are broken pro rata of value.
    timeout
        Seconds to wait for the optimiser.

    Returns
    -------
    Settlement

    Raises
    ------
    DostastyqError
        ``PY014`` a limit that is none, ``PY015`` unknown rule, ``PY020`` several currencies without a fixing,
        ``PY030`` to ``PY034`` the optimiser, ``PY040`` to ``PY043`` the verifier. Nothing is changed then.

    Examples
    --------
    >>> owed = [Obligation("a", "ARM", "BLR", 100, "RUB"), Obligation("b", "ARM", "KAZ", 100, "RUB")]
    >>> dict(settle(owed, {"ARM": 50, "BLR": 0, "KAZ": 0}).settled)
    {'a': 25, 'b': 25}
    >>> dict(settle(owed, {"ARM": 50, "BLR": 0, "KAZ": 0}, rule="first_come").settled)
    {'a': 50, 'b': 0}
    """
    if rule not in get_args(Rule):
        raise DostastyqError("PY015", f"there is no rule {rule!r}", nearest(str(rule), get_args(Rule)))
    limits, accepted = _limits("cap", caps), _limits("quota", quotas or {})
    for bank in accepted:
        if bank not in limits:
            raise DostastyqError("PY004", f"a quota of {bank!r}, which has no cap", nearest(bank, limits))
    if not isinstance(obligations, Intake):
        is_frame = hasattr(obligations, "columns")
        obligations = (from_frame if is_frame else from_obligations)(obligations, limits)
    batch = obligations.batch
    debit = np.array([limits.get(bank, 0) for bank in batch.banks], np.int64)
    credit = np.array([accepted.get(bank, LARGEST) for bank in batch.banks], np.int64)
    if fixing is not None:
        from dostastyq.payments.convert import clear_converted  # noqa: PLC0415 -- it stands on this module

        return clear_converted(obligations, debit, credit, fixing, rule, timeout)
    if len(batch.currencies) > 1:
        message = "obligations in several currencies: " + ", ".join(batch.currencies)
        raise DostastyqError("PY020", message, "clear each currency apart, or give a fixing")
    return _clear(obligations, debit, credit, rule, timeout)


def _limits(what: str, limits: object) -> dict[str, int]:
    if not isinstance(limits, Mapping):
        message = f"the {what}s are {type(limits).__name__}, expected a mapping"
        raise DostastyqError("PY014", message, f"map each bank to its {what}")
    return {bank: _limit(bank, what, limit) for bank, limit in limits.items()}


def _limit(bank: object, what: str, value: object) -> int:
    if not printable(bank):
        raise DostastyqError("PY014", f"a {what} of {bank!r}, expected the name of a bank", "name the bank")
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DostastyqError("PY014", f"the {what} of {bank!r} is {value!r}", "give a whole number of minor units")
    limit = int(value)
    if not 0 <= limit <= LARGEST:
        raise DostastyqError("PY014", f"the {what} of {bank!r} is {limit}", f"give 0 to {LARGEST}")
    return limit


def _clear(intake: Intake, debit: Integers, credit: Integers, rule: Rule, timeout: float) -> Settlement:
    """Clear obligations of one currency."""
    batch = intake.batch
    merged = merge(batch, debit, credit)
    net = merged.network
    found, method = optimum(batch, merged, rule, timeout)
    settled = allocate(batch, merged.arc, found.flow, rule)
    worth = prove(net, found)
    bound = by_level(net, found.flow)
    flow, parts, ended = found.flow, settled.settled, ""
    if settled.short.any():
        parts, ended = _repaired(batch, merged, flow, rule, timeout)
        flow, method = _flow(merged, parts), "repair"
    position = admissible(net, flow)
    verify_rows(flow, merged.arc, batch.amount, parts)
    certificate = Certificate(
        method=method,
        due=total(batch.amount),
        settled=total(parts),
        priorities=merged.priorities,
        settled_by_priority=by_level(net, flow)[: len(merged.priorities)],
        upper_bound=bound[: len(merged.priorities)],
        prices=prices(net, batch.banks, worth),
        potentials=dict(zip(batch.banks, worth, strict=True)),
        checks=CHECKS,
        search=ended,
    )
    rows = explain(batch, parts, np.array(position, np.int64), debit, credit)
    by_reference, left = rows.by_reference()
    return Settlement(
        currency=batch.currencies[0] if batch.currencies else "",
        settled_total=certificate.settled,
        settled=by_reference,
        left=left,
        net=dict(zip(batch.banks, position, strict=True)),
        certificate=certificate,
        rule=rule,
        refused=intake.refused,
        rows=rows,
    )


def _repaired(batch: Batch, merged: Merged, flow: Integers, rule: str, timeout: float) -> tuple[Integers, str]:
    """Settle whole obligations; under ``pro_rata`` they are served by value date and reference, not by arrival."""
    order = np.arange(len(batch))
    if rule == "pro_rata":
        order = np.array(sorted(order.tolist(), key=lambda row: (batch.day[row], batch.references[row])), np.int64)
    batch, merged = batch.take(order), replace(merged, arc=merged.arc[order])

    def solver(part: Network, served: tuple[Indices, Integers] | None) -> Integers:
        return _ask(part, served, rule, timeout).flow

    found, ended = repair(batch, merged, flow, rule, solver), ""
    if by_level(merged.network, _flow(merged, found)) != by_level(merged.network, flow):
        found, ended = improve(batch, merged, found, rule, solver, lambda *columns: _choose(columns, timeout))
    parts = np.empty(len(batch), np.int64)
    parts[order] = found
    return parts, ended


def _choose(columns: tuple[Any, ...], timeout: float) -> tuple[Any, str]:
    """Ask for a choice of whole obligations; without an answer the repaired settlement stands."""
    names = ("debtor", "creditor", "amount", "level", "whole", "low", "high")
    try:
        return shared().choice(dict(zip(names, columns, strict=True)), min(SEARCH, timeout / 2), timeout)
    except DostastyqError as error:
        if error.code not in {"PY033", "PY034"}:
            raise
        return columns[4], "none"


def _flow(merged: Merged, parts: Integers) -> Integers:
    flow = np.zeros(len(merged.network.capacity), np.int64)
    np.add.at(flow, merged.arc, parts)
    return flow


def optimum(batch: Batch, merged: Merged, rule: str, timeout: float) -> tuple[Optimum, str]:
    """Everything where that fits the limits, else the largest that does, and how it was found."""
    net = merged.network
    every = net.net(net.capacity)
    if (every >= -net.debit).all() and (every <= net.credit).all():
        return Optimum(net.capacity, ((0, net.levels),), (np.zeros(net.banks, np.int64),)), "netting"
    order = items(batch, merged.arc, net.level) if rule == "first_come" else None
    return _ask(net, order, rule, timeout), "optimum"


def _ask(net: Network, order: tuple[Indices, Integers] | None, rule: str, timeout: float) -> Optimum:
    return shared().optimum(net, rule, order, timeout)


def prove(net: Network, found: Optimum) -> tuple[int, ...]:
    """Verify the optimum; the potentials in Python integers, recomputed by the verifier where that is quick."""
    if len(net.capacity) <= RECOMPUTED:
        return verify(net, found.flow)
    worth = [0] * net.banks
    for (_, last), potential in zip(found.groups, found.potentials, strict=True):
        scale = net.base ** (net.levels - last)
        worth = [value + scale * one for value, one in zip(worth, potential.tolist(), strict=True)]
    return verify(net, found.flow, worth)


def prices(net: Network, banks: tuple[str, ...], worth: Iterable[int]) -> dict[str, tuple[int, ...]]:
    """By bank, how much more of each class is settled for one minor unit more of net debit."""
    return {bank: digits(max(value, 0), net.base, net.levels) for bank, value in zip(banks, worth, strict=True)}


def explain(
    batch: Batch, settled: Integers, position: Integers, debit: Integers, credit: Integers, *, exact: bool = True
) -> Rows:
    """Name, for every obligation not settled in full, the limit that holds it back.

    Where the debtor could still pay and the creditor still receive, more could be settled, so one of the two is at its
    limit unless the obligation is indivisible. After a conversion (not `exact`) the limit is the one nearest at hand.
    """
    left = settled < batch.amount
    can_pay, can_receive = (position + debit)[batch.debtor], (credit - position)[batch.creditor]
    if exact:
        whole = (can_pay > 0) & (can_receive > 0)
        at_creditor = np.where(whole, can_pay >= batch.amount, can_pay > 0)
    else:
        whole, at_creditor = np.zeros(len(batch), bool), can_receive < can_pay
    reason = np.select([~left, whole, at_creditor], [0, 3, 2], 1).astype(np.int32)
    bank = np.where(at_creditor, batch.creditor, batch.debtor)
    return Rows(batch, settled, reason, np.where(left, bank, -1).astype(np.int32))
