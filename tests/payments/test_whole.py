"""Indivisible obligations: the search against every possible choice, the repair, and the faults of the optimiser."""

import random

import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation, clearing, repair, settle
from dostastyq.payments.circulation import Network
from dostastyq.payments.worker import Worker

from .conftest import FULL, by_scipy

BANKS = ["KAZ", "KGZ", "TJK", "UZB"]


def draw(seed, count, *, largest=9, divisible=0.0, classes=1, cap=10):
    source = random.Random(seed)
    rows = [
        Obligation(
            f"r{k}",
            *source.sample(BANKS, 2),
            source.randint(1, largest),
            "KZT",
            None,
            source.randrange(classes),
            source.random() < divisible,
        )
        for k in range(count)
    ]
    return rows, {bank: source.randint(0, cap) for bank in BANKS}


def every_choice(rows, caps):
    """Best totals by priority over all sets of whole obligations, the rest by linear programming."""
    whole = [row for row in rows if not row.divisible]
    parts = [row for row in rows if row.divisible]
    priorities = sorted({row.priority for row in rows}, reverse=True)
    ends = [np.array([BANKS.index(getattr(row, side)) for row in parts], np.int32) for side in ("debtor", "creditor")]
    due = np.array([row.amount for row in parts], np.int64)
    level = np.array([priorities.index(row.priority) for row in parts], np.int32)
    best = [-1]
    for number in range(1 << len(whole)):
        net = np.zeros(4, np.int64)
        totals = [0] * len(priorities)
        for k, row in enumerate(whole):
            if number >> k & 1:
                net[BANKS.index(row.debtor)] -= row.amount
                net[BANKS.index(row.creditor)] += row.amount
                totals[priorities.index(row.priority)] += row.amount
        debit = np.array([caps[bank] for bank in BANKS]) + net
        if parts:
            try:
                found = by_scipy(Network(*ends, due, level, debit, np.full(4, 2**40)))
            except AssertionError:  # no flow of the rest makes this choice fit
                continue
            totals = [a + b for a, b in zip(totals, [*found, *[0] * len(totals)], strict=False)]
        elif (debit < 0).any():
            continue
        best = max(best, totals)
    return tuple(best)


@pytest.mark.parametrize("seed", range(60 if FULL else 12))
def test_the_best_of_all_choices_is_found(seed):
    rows, caps = draw(seed, 11, classes=1 + seed % 3)
    found = settle(rows, caps).certificate
    assert found.settled_by_priority == every_choice(rows, caps)
    assert found.optimal or found.search == "complete"


@pytest.mark.parametrize("seed", range(20 if FULL else 4))
def test_the_best_of_all_choices_with_divisible_ones_is_found(seed):
    rows, caps = draw(100 + seed, 9, divisible=0.4, classes=1 + seed % 2, cap=3)
    found = settle(rows, caps).certificate
    assert found.settled_by_priority == every_choice(rows, caps)


@pytest.mark.parametrize("core", [False, True])
@pytest.mark.parametrize("rule", ["pro_rata", "first_come"])
def test_the_search_is_never_worse_than_the_repair(monkeypatch, rule, core):
    if core:
        monkeypatch.setattr(repair, "SEARCHED", 10)
        monkeypatch.setattr(repair, "CORE", 12)
    gained = 0
    for seed in range(6):
        rows, caps = draw(200 + seed, 80, largest=10**6, divisible=0.2 * (seed % 2), classes=1 + seed % 3, cap=10**6)
        after = settle(rows, caps, rule=rule)
        with monkeypatch.context() as patch:
            patch.setattr(clearing, "improve", lambda *given: (given[2], ""))
            before = settle(rows, caps, rule=rule)
        totals = after.certificate.settled_by_priority
        assert totals >= before.certificate.settled_by_priority
        assert all(row.divisible or after.settled[row.reference] in {0, row.amount} for row in rows)
        assert not core or after.certificate.search != "complete"
        gained += totals > before.certificate.settled_by_priority
    assert gained


def test_the_same_choice_whatever_the_order():
    rows, caps = draw(7, 120, largest=10**5, divisible=0.1, classes=2, cap=10**5)
    first = settle(rows, caps).to_dict()
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        again = settle(rows, caps).to_dict()
        assert (again["settled"], again["certificate"]) == (first["settled"], first["certificate"])


def test_amounts_too_large_for_floating_point_stay_exact():
    source = random.Random(3)
    rows = [Obligation(f"r{k}", *source.sample(BANKS, 2), 2**55 + k, "KZT", divisible=False) for k in range(24)]
    found = settle(rows, dict.fromkeys(BANKS, 2**55 + 5))
    assert found.settled_total > 0
    assert found.certificate.search != "complete"
    assert all(found.settled[row.reference] in {0, row.amount} for row in rows)
    assert min(found.net.values()) >= -(2**55) - 5


def test_without_an_answer_of_the_search_the_repair_stands(monkeypatch):
    rows, caps = draw(201, 80, largest=10**6, cap=10**6)

    def crash(*_):
        raise DostastyqError("PY034", "the optimiser ended", "try again")

    monkeypatch.setattr(Worker, "choice", crash)
    found = settle(rows, caps)
    assert found.certificate.search == "none"
    assert found.settled_total > 0


def test_a_choice_that_does_not_fit_is_mended_and_proves_nothing(monkeypatch):
    rows, caps = draw(202, 40, largest=10**6, cap=10**6)

    def everything(_, columns, *__):
        return np.ones(len(columns["amount"]), bool), "complete"

    monkeypatch.setattr(Worker, "choice", everything)
    found = settle(rows, caps)
    assert found.certificate.search != "complete"
    assert all(net >= -caps[bank] for bank, net in found.net.items())


def test_whole_settlement_never_gives_up(monkeypatch):
    monkeypatch.setattr(repair, "ROUNDS", 0)
    rows, caps = draw(203, 80, largest=10**6, divisible=0.3, cap=10**6)
    found = settle(rows, caps)
    assert all(row.divisible or found.settled[row.reference] in {0, row.amount} for row in rows)
