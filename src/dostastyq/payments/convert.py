"""Clearing in several currencies at one fixing: limits in the unit of account, settlement in each currency itself.

If all converted net positions are within the limits, everything is settled. Else the values of what is owed, rounded
down, form one circulation in the unit of account, whose flow is turned back into whole minor units of each currency,
rounded down again. On every arc that costs a bank less than the worth of one minor unit and one minor unit of account;
the sum of these over its arcs is its margin, by which its limits are drawn in beforehand. The result is checked against
the full limits on exactly converted nets. The upper bound of the certificate is the optimum with values rounded up and
limits drawn out by the margin, so the gap says what rounding can have cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.money import LARGEST, round_half_even
from dostastyq.payments.allocate import allocate
from dostastyq.payments.circulation import TOTAL, Indices, Integers, Network, Optimum, network
from dostastyq.payments.clearing import explain, optimum, prices, prove
from dostastyq.payments.fixing import Fixing, Residue
from dostastyq.payments.intake import Batch, Intake
from dostastyq.payments.model import Rule, Settlement
from dostastyq.payments.netting import Merged, keyed, total
from dostastyq.payments.verifier import Certificate, by_level, verify_rows

CHECKS = ("amounts", "conservation by currency", "limits on converted nets", "potentials of the bound")
"""Each obligation within its amount; nets of each currency sum to zero; converted nets hold; the bound is proved."""


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """Obligations in several currencies, merged; limits are in the unit of account."""

    batch: Batch
    arc: Indices
    kind: Indices
    pair: Integers
    due: Integers
    priorities: tuple[int, ...]
    rate: tuple[Fraction, ...]
    debit: Integers
    credit: Integers

    def valued(self, values: list[int], widened: int) -> tuple[Network, Integers]:
        """Network of values above zero, limits moved by `widened` margins, and which arcs it has."""
        n = len(self.batch.banks)
        value = np.array(values, np.int64)
        which = np.flatnonzero(value)
        debtor, creditor = (self.pair // n % n).astype(np.int32), (self.pair % n).astype(np.int32)
        unit = np.array([ceil(one) + 1 for one in self.rate], np.int64)[self.kind]
        margin = np.full(n, len(self.rate), np.int64)
        np.add.at(margin, debtor, unit)
        np.add.at(margin, creditor, unit)
        limits = [np.clip(limit + widened * margin, 0, LARGEST) for limit in (self.debit, self.credit)]
        level = (self.pair // (n * n)).astype(np.int32)
        return network(debtor[which], creditor[which], value[which], level[which], *limits), which

    def values(self, rounding: Callable[[Fraction], int]) -> list[int]:
        """Value what is owed on each arc in minor units of account, rounded down or up."""
        return [rounding(self.rate[k] * a) for k, a in zip(self.kind.tolist(), self.due.tolist(), strict=True)]


def clear_converted(  # noqa: PLR0917 -- what `settle` was given, read
    intake: Intake, debit: Integers, credit: Integers, fixing: Fixing, rule: Rule, timeout: float
) -> Settlement:
    """Clear obligations in several currencies.

    Raises
    ------
    DostastyqError
        ``PY050`` no rate, ``PY054`` indivisible obligations while limits bind, ``PY055`` limits narrower than the
        margin of rounding; the codes of the optimiser and of the verifier.
    """
    batch = intake.batch
    case = _case(batch, debit, credit, fixing)
    settled, method = batch.amount, "netting"
    position, residue = _positions(case, settled, fixing)
    bound: tuple[int, ...] | None = None
    worth: tuple[int, ...] = (0,) * len(batch.banks)
    outer, _ = case.valued(case.values(ceil), +1)
    if not _within(position, debit, credit):
        method = "converted"
        settled = _settled(case, rule, timeout)
        position, residue = _positions(case, settled, fixing)
        if not _within(position, debit, credit):
            message = "what rounding of conversions can cost does not fit the limits"
            raise DostastyqError("PY055", message, "widen the narrowest caps by a few minor units for each pair")
        best, _ = _optimum(case, outer, "pro_rata", timeout)
        worth, bound = prove(outer, best), by_level(outer, best.flow.tolist())
    return _settlement(intake, case, fixing, rule, method, settled, position, residue, bound, worth, outer)


def _case(batch: Batch, debit: Integers, credit: Integers, fixing: Fixing) -> _Case:
    rate = tuple(fixing.per_minor(code) for code in batch.currencies)
    worth = sum(one * total(batch.amount[batch.currency == k]) for k, one in enumerate(rate))
    if worth > TOTAL // 2 or total(batch.amount) > TOTAL:
        message = f"obligations are worth {floor(worth)} minor units of account in all"
        raise DostastyqError("PY030", message, "clear them in several cycles")
    kinds = max(len(rate), 1)
    keys, arc, priorities = keyed(batch, batch.currency, kinds)
    due = np.zeros(len(keys), np.int64)
    np.add.at(due, arc, batch.amount)
    return _Case(batch, arc, (keys % kinds).astype(np.int32), keys // kinds, due, priorities, rate, debit, credit)


def _settled(case: _Case, rule: Rule, timeout: float) -> Integers:
    """Settle what fits the limits, drawn in by the margin of rounding, in minor units of each currency."""
    if not case.batch.divisible.all():
        message = "indivisible obligations in several currencies while limits bind"
        raise DostastyqError("PY054", message, "clear their currency apart, or let them be settled in part")
    values = case.values(floor)
    inner, which = case.valued(values, -1)
    best, _ = _optimum(case, inner, "pro_rata", timeout)
    prove(inner, best)
    flow = np.zeros(len(case.due), np.int64)
    flow[which] = best.flow
    rows = zip(case.kind.tolist(), case.due.tolist(), values, flow.tolist(), strict=True)
    parts = [a if x == v else min(a, floor(x / case.rate[k])) for k, a, v, x in rows]
    native = np.array(parts, np.int64)
    settled = allocate(case.batch, case.arc, native, rule).settled
    verify_rows(native, case.arc, case.batch.amount, settled)
    return settled


def _optimum(case: _Case, net: Network, rule: str, timeout: float) -> tuple[Optimum, str]:
    nothing = np.zeros(0, np.int32)
    return optimum(case.batch, Merged(net, nothing, nothing, case.priorities), rule, timeout)


def _positions(case: _Case, settled: Integers, fixing: Fixing) -> tuple[dict[str, int], Residue]:
    """Net position of each bank in the unit of account, each currency rounded once, and the residue."""
    batch = case.batch
    nets: dict[str, dict[str, int]] = {}
    for k, code in enumerate(batch.currencies):
        rows = batch.currency == k
        net = np.zeros(len(batch.banks), np.int64)
        np.add.at(net, batch.creditor[rows], settled[rows])
        np.subtract.at(net, batch.debtor[rows], settled[rows])
        nets[code] = dict(zip(batch.banks, net.tolist(), strict=True))
    values, residue = fixing.converted(nets)
    sums = {bank: sum(positions[bank] for positions in values.values()) for bank in batch.banks}
    return sums, residue


def _within(position: Mapping[str, int], debit: Integers, credit: Integers) -> bool:
    limits = zip(position.values(), debit.tolist(), credit.tolist(), strict=True)
    return all(-low <= value <= high for value, low, high in limits)


def _settlement(  # noqa: PLR0917 -- parts of the record
    intake: Intake,
    case: _Case,
    fixing: Fixing,
    rule: Rule,
    method: str,
    settled: Integers,
    position: dict[str, int],
    residue: Residue,
    bound: tuple[int, ...] | None,
    worth: tuple[int, ...],
    outer: Network,
) -> Settlement:
    batch = case.batch
    level = case.pair // max(len(batch.banks), 1) ** 2
    reached = [Fraction(0)] * max(len(case.priorities), 1)
    flow = np.zeros(len(case.due), np.int64)
    np.add.at(flow, case.arc, settled)
    for k, place, amount in zip(case.kind.tolist(), level.tolist(), flow.tolist(), strict=True):
        reached[place] += case.rate[k] * amount
    by_priority = tuple(floor(value) for value in reached)[: len(case.priorities)]
    due = sum((case.rate[k] * total(case.due[case.kind == k]) for k in range(len(case.rate))), Fraction(0))
    certificate = Certificate(
        method=method,
        due=round_half_even(due),
        settled=round_half_even(sum(reached, Fraction(0))),
        priorities=case.priorities,
        settled_by_priority=by_priority,
        upper_bound=by_priority if bound is None else bound[: len(case.priorities)],
        prices=prices(outer, batch.banks, worth),
        potentials=dict(zip(batch.banks, worth, strict=True)),
        checks=CHECKS,
    )
    rows = explain(batch, settled, np.array(list(position.values()), np.int64), case.debit, case.credit, exact=False)
    by_reference, left = rows.by_reference()
    return Settlement(
        currency=fixing.unit,
        settled_total=certificate.settled,
        settled=by_reference,
        left=left,
        net=position,
        certificate=certificate,
        rule=rule,
        refused=intake.refused,
        residue=residue,
        rows=rows,
    )
