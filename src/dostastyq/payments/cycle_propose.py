"""From a frozen cycle to a settlement, and from a settlement to legs of the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from dostastyq.money import LARGEST
from dostastyq.payments.circulation import Indices, Integers
from dostastyq.payments.clearing import settle
from dostastyq.payments.cycle_columns import iter_columns
from dostastyq.payments.cycle_model import Cycle
from dostastyq.payments.cycle_rules import Rules, valid
from dostastyq.payments.fixing import Fixing
from dostastyq.payments.intake import Batch, Intake
from dostastyq.payments.ledger import available, days
from dostastyq.payments.ledger_model import Leg
from dostastyq.payments.model import REASONS, UNDATED, Settlement
from dostastyq.payments.netting import keyed
from dostastyq.store.books import exceptions
from dostastyq.store.rows import Bulk

Results: TypeAlias = tuple[Integers, npt.NDArray[np.object_], npt.NDArray[np.object_]]
"""Settled amount, reason and bank of every obligation, shape (m,) each."""
Pair: TypeAlias = tuple[str, str, str, int]
"""Debtor, creditor, currency, amount."""
_COLUMNS = ("reference", "debtor", "creditor", "amount", "currency", "day", "priority", "divisible")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything that a proposal rests on.

    Parameters
    ----------
    batch
        Obligations in the order of their numbers; the banks are all that occur.
    caps, quotas
        Limits of this proposal.
    excluded
        Reason of each obligation that takes no part, empty for the others, shape (m,).
    culprit
        Bank because of which, shape (m,).
    """

    batch: Batch
    caps: Mapping[str, int]
    quotas: Mapping[str, int]
    excluded: npt.NDArray[np.object_]
    culprit: npt.NDArray[np.object_]


def case_of(connection: Connection, cycle: Cycle, fixing: Fixing | None) -> Case:
    """Read what a proposal rests on."""
    rules = valid(connection, cycle.currency, cycle.value_date)
    out, reduced = exceptions_of(connection, cycle)
    batch = load(connection, cycle, rules)
    caps, quotas = room(connection, cycle.currency, rules, reduced)
    excluded = np.full(len(batch), "", object)
    culprit = np.full(len(batch), None, object)

    def leave(rows: npt.NDArray[np.bool_], reason: str, bank: str | None) -> None:
        rows &= excluded == ""
        excluded[rows], culprit[rows] = reason, bank

    for place, bank in enumerate(batch.banks):
        of_bank = (batch.debtor == place) | (batch.creditor == place)
        status = rules.status(bank)
        reason = "unfunded" if bank in out else status if status != "active" else ""
        if reason or bank not in caps:
            leave(of_bank, reason or "no_limit", bank)
    rated = {cycle.currency} if fixing is None else set(fixing.rates)
    for place, code in enumerate(batch.currencies):
        if code not in rated:
            leave(batch.currency == place, "no_rate", None)
    leave((batch.day > days(cycle.value_date)) & (batch.day != UNDATED), "undue", None)
    return Case(batch, caps, quotas, excluded, culprit)


def room(
    connection: Connection, code: str, rules: Rules, reduced: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Caps and quotas with what the books hold: a bank may run its cap less what it has drawn, plus what it has.

    Returns
    -------
    tuple
        Net debit, and net credit where there is a quota, that each bank may still run.
    """
    held = available(connection, code)
    caps = {bank: min(limit.cap, reduced.get(bank, limit.cap)) for bank, limit in rules.limits.items()}
    debit = {bank: min(max(cap + held.get(bank, 0), 0), LARGEST) for bank, cap in caps.items()}
    quotas = {bank: limit.quota for bank, limit in rules.limits.items() if limit.quota is not None}
    return debit, {bank: min(max(quota - held.get(bank, 0), 0), LARGEST) for bank, quota in quotas.items()}


def exceptions_of(connection: Connection, cycle: Cycle) -> tuple[set[str], dict[str, int]]:
    """Banks that recasts left out, and reduced caps."""
    out: set[str] = set()
    reduced: dict[str, int] = {}
    query = select(exceptions).where(exceptions.c.cycle == cycle.number).order_by(exceptions.c.step)
    for row in connection.execute(query):
        if row.cap is None:
            out.add(row.bank)
        else:
            reduced[row.bank] = min(row.cap, reduced.get(row.bank, row.cap))
    return out, reduced


def load(connection: Connection, cycle: Cycle, rules: Rules) -> Batch:
    """Read the obligations of a cycle as columns, in the order of their numbers."""
    references: list[str] = []
    names: dict[str, int] = {}
    codes: dict[str, int] = {}
    parts: list[tuple[npt.NDArray[Any], ...]] = [(np.zeros(0, np.int64),) * (len(_COLUMNS) - 1)]
    for reference, debtor, creditor, amount, code, day, priority, divisible in iter_columns(
        connection, cycle.number, _COLUMNS
    ):
        references += reference
        dated = [UNDATED if one is None else one for one in day] if None in day else day
        numbers = (np.array(column, np.int64) for column in (amount, dated, priority, divisible))
        parts.append((_places(debtor, names), _places(creditor, names), _places(code, codes), *numbers))
    debtors, creditors, currency, amounts, dates, priorities, flags = map(np.concatenate, zip(*parts, strict=True))
    banks, bank_place = _ranked(names, {*names, *rules.limits})
    currencies, code_place = _ranked(codes, codes)
    return Batch(
        references=references,
        banks=banks,
        debtor=bank_place[debtors],
        creditor=bank_place[creditors],
        amount=amounts,
        priority=priorities.astype(np.int32),
        divisible=flags.astype(bool),
        day=dates.astype(np.int32),
        currencies=currencies,
        currency=code_place[currency],
    )


def _places(column: Sequence[str], known: dict[str, int]) -> Integers:
    """Place of each name among those known, to which new ones are added."""
    for name in set(column) - known.keys():
        known[name] = len(known)
    return np.fromiter(map(known.__getitem__, column), np.int64, len(column))


def _ranked(known: Mapping[str, int], names: Iterable[str]) -> tuple[tuple[str, ...], Indices]:
    """Names in order, and the place in it of each that is known."""
    ordered = tuple(sorted(names))
    rank = {name: place for place, name in enumerate(ordered)}
    return ordered, np.array([rank[name] for name in known], np.int32)


def proposal(case: Case, cycle: Cycle, fixing: Fixing | None, timeout: float) -> tuple[Settlement, Results]:
    """Settle a case; the settlement, and columns of all obligations: settled amount, reason, bank."""
    batch = case.batch
    taking = np.flatnonzero(case.excluded == "")
    every = len(taking) == len(batch)
    part = batch if every else _narrow(batch.take(taking))
    found = settle(Intake(part, ()), case.caps, rule=cycle.rule, quotas=case.quotas, fixing=fixing, timeout=timeout)
    rows = found.rows
    if rows is None:
        raise RuntimeError("a settlement without rows")
    names = np.array([None, *REASONS[1:]], object)
    banks = np.array([*part.banks, None], object)
    settled, reason, bank = rows.settled, names[rows.reason], banks[rows.bank]
    if not every:
        settled = np.zeros(len(batch), np.int64)
        reason, bank = case.excluded.copy(), case.culprit.copy()
        settled[taking], reason[taking], bank[taking] = rows.settled, names[rows.reason], banks[rows.bank]
    return found, (settled, reason, bank)


def _narrow(batch: Batch) -> Batch:
    """Keep the currencies that occur."""
    present, place = np.unique(batch.currency, return_inverse=True)
    codes = tuple(batch.currencies[one] for one in present.tolist())
    return replace(batch, currencies=codes, currency=place.astype(np.int32))


def numbered(cycle: int, step: int, found: Results) -> Bulk:
    """Rows of the table of outcomes."""
    settled, reason, bank = (column.tolist() for column in found)
    return Bulk((cycle, step, list(range(1, len(settled) + 1)), settled, reason, bank), len(settled))


def pairs_of(batch: Batch, settled: Integers) -> list[Pair]:
    """Sum what a proposal settles between two banks."""
    n, k = len(batch.banks), max(len(batch.currencies), 1)
    keys, arc, _ = keyed(replace(batch, priority=np.zeros(len(batch), np.int32)), batch.currency, k)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, arc, settled)
    return [
        (batch.banks[key // k // n], batch.banks[key // k % n], batch.currencies[key % k], amount)
        for key, amount in zip(keys.tolist(), sums.tolist(), strict=True)
        if amount
    ]


def pairs_kept(connection: Connection, cycle: int, step: int) -> list[Pair]:
    """Sum the same from the rows of the database, for a check."""
    names = ("debtor", "creditor", "currency", "settled")
    sums: dict[tuple[str, str, str], int] = {}
    for debtor, creditor, code, settled in iter_columns(connection, cycle, names, step):
        for key, amount in zip(zip(debtor, creditor, code, strict=True), settled, strict=True):
            sums[key] = sums.get(key, 0) + amount
    return [(*key, amount) for key, amount in sorted(sums.items()) if amount]


def legs_of(paid: Iterable[Pair], conversion: Mapping[str, Any] | None) -> tuple[Leg, ...]:
    """Legs of a settlement: two for each pair of banks, and those that turn net positions into the unit of account."""
    legs = []
    for debtor, creditor, code, amount in paid:
        legs += [Leg(debtor, code, -amount), Leg(creditor, code, amount)]
    for code, account, amount in (conversion or {}).get("legs", ()):
        legs.append(Leg(account, code, amount))
    return tuple(legs)


def conversion_of(case: Case, found: Results, fixing: Fixing) -> dict[str, Any]:
    """Legs that close the positions of every currency and open them in the unit of account, and the rates used."""
    batch = case.batch
    settled = found[0]
    nets: dict[str, dict[str, int]] = {}
    for place, code in enumerate(batch.currencies):
        if code not in fixing.rates:
            continue
        rows, net = batch.currency == place, np.zeros(len(batch.banks), np.int64)
        np.add.at(net, batch.creditor[rows], settled[rows])
        np.subtract.at(net, batch.debtor[rows], settled[rows])
        nets[code] = dict(zip(batch.banks, net.tolist(), strict=True))
    values, residue = fixing.converted(nets)
    moved = [
        [code, bank, -amount]
        for code, net in nets.items()
        if code != fixing.unit
        for bank, amount in net.items()
        if amount
    ]
    sums = dict.fromkeys(batch.banks, 0)
    for code, worth in values.items():
        if code != fixing.unit:
            for bank, amount in worth.items():
                sums[bank] += amount
    moved += [[fixing.unit, bank, amount] for bank, amount in sums.items() if amount]
    if residue.amount:
        moved.append([fixing.unit, residue.account, residue.amount])
    return {
        "legs": moved,
        "account": residue.account,
        "residue": residue.amount,
        "on": fixing.on.isoformat(),
        "rates": {code: f"{rate.numerator}/{rate.denominator}" for code, rate in sorted(fixing.rates.items())},
    }
