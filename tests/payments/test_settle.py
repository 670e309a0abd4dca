"""Settling obligations: totals, ties, priorities, limits, reasons."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dostastyq as dq
from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation, Position, settle

TWELVE = ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"]


def owed(*rows):
    return [Obligation(f"r{k}", d, c, a, "KZT") for k, (d, c, a) in enumerate(rows, start=1)]


def draw(seed, count=300, indivisible=0.0, classes=3):
    source = random.Random(seed)
    return [
        Obligation(
            f"r{k:05}",
            *source.sample(TWELVE, 2),
            int(source.lognormvariate(8, 1.5)) + 1,
            "KZT",
            f"2026-11-{source.randint(20, 27)}",
            source.randrange(classes),
            source.random() >= indivisible,
        )
        for k in range(count)
    ]


def test_the_contract():
    found = dq.payments.settle(owed(("KAZ", "KGZ", 100), ("KGZ", "KAZ", 60)), {"KAZ": 0, "KGZ": 0})
    assert found.settled_total == 120
    assert dict(found.settled) == {"r1": 60, "r2": 60}
    assert found.left["r1"].amount == 40
    assert (found.left["r1"].reason, found.left["r1"].bank) == ("cap", "KAZ")
    assert found.net == {"KAZ": 0, "KGZ": 0}
    assert found.certificate.optimal


def test_everything_is_settled_where_it_fits():
    found = settle(owed(("KAZ", "KGZ", 100)), {"KAZ": 100, "KGZ": 0})
    assert found.certificate.method == "netting"
    assert (found.settled_total, dict(found.left), found.net["KAZ"]) == (100, {}, -100)


def test_a_long_cycle_settles_without_money():
    found = settle(owed(("KAZ", "KGZ", 50), ("KGZ", "UZB", 50), ("UZB", "KAZ", 50)), dict.fromkeys(TWELVE, 0))
    assert found.settled_total == 150


def test_pro_rata_shares_between_creditors_and_within_a_pair():
    rows = owed(("KAZ", "KGZ", 1_000_000), ("KAZ", "UZB", 500_000), ("KAZ", "UZB", 300_000))
    found = settle(rows, {"KAZ": 900_000, "KGZ": 0, "UZB": 0})
    assert dict(found.settled) == {"r1": 500_000, "r2": 250_000, "r3": 150_000}


def test_first_come_serves_the_older_value_date_then_the_earlier_arrival():
    rows = [
        Obligation("late", "KAZ", "KGZ", 100, "KZT", "2026-11-24"),
        Obligation("second", "KAZ", "UZB", 100, "KZT", "2026-11-23"),
        Obligation("third", "KAZ", "KGZ", 100, "KZT", "2026-11-23"),
        Obligation("undated", "KAZ", "KGZ", 100, "KZT"),
    ]
    found = settle(rows, {"KAZ": 150, "KGZ": 0, "UZB": 0}, rule="first_come")
    assert dict(found.settled) == {"late": 0, "second": 100, "third": 50, "undated": 0}


def test_the_higher_number_is_served_first_whatever_it_costs():
    rows = [
        Obligation("urgent", "KAZ", "UZB", 10, "KZT", priority=1),
        Obligation("a", "KAZ", "KGZ", 10, "KZT"),
        Obligation("b", "KGZ", "TJK", 10, "KZT"),
        Obligation("c", "TJK", "TKM", 10, "KZT"),
    ]
    caps = dict.fromkeys(TWELVE, 0) | {"KAZ": 10}
    found = settle(rows, caps)
    assert dict(found.settled) == {"urgent": 10, "a": 0, "b": 0, "c": 0}
    assert found.certificate.priorities == (1, 0)
    assert found.certificate.prices["KAZ"] == (0, 3)
    equal = settle([Obligation("urgent", "KAZ", "UZB", 10, "KZT"), *rows[1:]], caps)
    assert dict(equal.settled) == {"urgent": 0, "a": 10, "b": 10, "c": 10}


def test_a_quota_limits_the_creditor_and_says_so():
    found = settle(owed(("KAZ", "KGZ", 100)), {"KAZ": 100, "KGZ": 0}, quotas={"KGZ": 30})
    assert found.net == {"KAZ": -30, "KGZ": 30}
    assert (found.left["r1"].reason, found.left["r1"].bank) == ("quota", "KGZ")
    assert "net credit" in found.left["r1"].sentence


def test_every_obligation_left_over_names_a_limit_that_is_reached():
    rows, caps = draw(1), dict.fromkeys(TWELVE, 3000)
    found = settle(rows, caps)
    assert found.left
    for item in found.left.values():
        assert item.reason == "cap"
        assert found.net[item.bank] == -caps[item.bank]
        assert item.bank in item.sentence


@pytest.mark.parametrize("indivisible", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_input_does_not_matter(seed, indivisible):
    rows, caps = draw(seed, indivisible=indivisible), dict.fromkeys(TWELVE, 5000)
    first = settle(rows, caps).to_dict()
    random.Random(seed).shuffle(rows)
    again = settle(rows, caps).to_dict()
    assert first["settled"] == again["settled"]
    assert first["left"] == again["left"]
    assert first["certificate"] == again["certificate"]


@pytest.mark.parametrize("rule", ["pro_rata", "first_come"])
def test_the_rule_does_not_change_how_much_is_settled(rule):
    rows, caps = draw(5), dict.fromkeys(TWELVE, 5000)
    totals = settle(rows, caps, rule=rule).certificate.settled_by_priority
    assert totals == settle(rows, caps).certificate.settled_by_priority


def test_first_come_splits_one_obligation_a_pair_and_class():
    rows = draw(6, 500)
    frame = settle(rows, dict.fromkeys(TWELVE, 5000), rule="first_come").to_frame()
    level = {row.reference: row.priority for row in rows}
    split = [
        (row["debtor"], row["creditor"], level[row["reference"]])
        for row in frame.iter_rows(named=True)
        if 0 < row["settled"] < row["amount"]
    ]
    assert split
    assert len(split) == len(set(split))


@pytest.mark.parametrize("rule", ["pro_rata", "first_come"])
@pytest.mark.parametrize("cap", [0, 4000, 40000])
@pytest.mark.parametrize("indivisible", [0.1, 0.6, 1.0])
def test_indivisible_obligations_are_whole_and_the_gap_is_stated(cap, indivisible, rule):
    rows = draw(int(cap + 10 * indivisible), 70, indivisible=indivisible)
    found = settle(rows, dict.fromkeys(TWELVE, cap), rule=rule)
    for row in rows:
        assert row.divisible or found.settled[row.reference] in (0, row.amount)
    relaxed = settle(
        [Obligation(r.reference, r.debtor, r.creditor, r.amount, "KZT", r.value_date, r.priority) for r in rows],
        dict.fromkeys(TWELVE, cap),
    )
    assert found.certificate.upper_bound == relaxed.certificate.settled_by_priority
    assert found.certificate.gap >= (0, 0, 0)
    assert all(net >= -cap for net in found.net.values())
    assert sum(found.net.values()) == 0
    for reference, item in found.left.items():
        at_limit = found.net[item.bank] == -cap
        assert item.reason == ("cap" if at_limit else "indivisible"), reference


def test_an_indivisible_cycle_is_settled_whole():
    rows = [
        Obligation("a", "KAZ", "KGZ", 70, "KZT", divisible=False),
        Obligation("b", "KGZ", "KAZ", 70, "KZT", divisible=False),
        Obligation("c", "KGZ", "KAZ", 50, "KZT", divisible=False),
    ]
    found = settle(rows, {"KAZ": 0, "KGZ": 0})
    assert dict(found.settled) == {"a": 70, "b": 70, "c": 0}
    assert found.certificate.optimal


@given(
    st.lists(
        st.tuples(st.sampled_from(TWELVE[:5]), st.sampled_from(TWELVE[:5]), st.integers(1, 2**40), st.integers(0, 2)),
        max_size=25,
    ),
    st.dictionaries(st.sampled_from(TWELVE[:5]), st.integers(0, 2**40)),
)
def test_money_is_neither_made_nor_lost(rows, caps):
    sound = [(d, c, a, p) for d, c, a, p in rows if d != c]
    items = [Obligation(f"r{k}", d, c, a, "KZT", priority=p) for k, (d, c, a, p) in enumerate(sound)]
    found = settle(items, dict.fromkeys(TWELVE[:5], 0) | caps)
    assert sum(found.net.values()) == 0
    assert sum(found.settled.values()) == found.settled_total
    assert type(found.settled_total) is int
    for bank, net in found.net.items():
        paid = sum(found.settled[i.reference] for i in items if i.debtor == bank)
        received = sum(found.settled[i.reference] for i in items if i.creditor == bank)
        assert net == received - paid >= -caps.get(bank, 0)
    for item in items:
        left = found.left[item.reference].amount if item.reference in found.left else 0
        assert found.settled[item.reference] + left == item.amount
        assert type(found.settled[item.reference]) is int


def test_settlement_prints_and_turns_into_a_frame():
    found = settle(owed(("KAZ", "KGZ", 100), ("KGZ", "KAZ", 60)), {"KAZ": 0, "KGZ": 0})
    assert found.summary() == "120 of 160 minor units of KZT settled, 1 obligations left over"
    frame = found.to_frame()
    assert frame.columns == [
        "reference", "debtor", "creditor", "currency", "value_date", "amount", "settled", "left", "reason", "bank",
    ]  # fmt: skip
    assert frame.row(0) == ("r1", "KAZ", "KGZ", "KZT", None, 100, 60, 40, "cap", "KAZ")
    assert "float" not in str(frame.schema).lower()


def test_nothing_to_settle():
    assert settle([], {"KAZ": 0}).settled_total == 0
    assert settle([], {}).net == {}


@pytest.mark.parametrize(
    ("caps", "options", "code"),
    [
        ({"KAZ": -1, "KGZ": 0}, {}, "PY014"),
        ({"KAZ": 1.0, "KGZ": 0}, {}, "PY014"),
        ({"KAZ": True, "KGZ": 0}, {}, "PY014"),
        ({"KAZ": 2**62 + 1, "KGZ": 0}, {}, "PY014"),
        ({"KAZ": "0", "KGZ": 0}, {}, "PY014"),
        ({"KAZ": 0, 7: 0}, {}, "PY014"),
        ([("KAZ", 0)], {}, "PY014"),
        (None, {}, "PY014"),
        ({"KAZ": 0, "KGZ": 0}, {"rule": "lottery"}, "PY015"),
        ({"KAZ": 0, "KGZ": 0}, {"quotas": {"UZB": 5}}, "PY004"),
        ({"KAZ": 0, "KGZ": 0}, {"quotas": {"KGZ": -5}}, "PY014"),
    ],
)
def test_limits_and_rules_that_are_none(caps, options, code):
    with pytest.raises(DostastyqError) as refusal:
        settle(owed(("KAZ", "KGZ", 100)), caps, **options)
    assert refusal.value.code == code


def test_currencies_do_not_mix_without_a_fixing():
    rows = [Obligation("a", "KAZ", "KGZ", 1, "KZT"), Obligation("b", "KAZ", "KGZ", 1, "KGS")]
    with pytest.raises(DostastyqError, match="several currencies: KGS, KZT"):
        settle(rows, {"KAZ": 0, "KGZ": 0})


def test_largest_amount_and_too_much_in_all():
    assert settle(owed(("KAZ", "KGZ", 2**61)), {"KAZ": 2**62, "KGZ": 0}).settled_total == 2**61
    with pytest.raises(DostastyqError) as refusal:
        settle(owed(("KAZ", "KGZ", 2**62), ("KAZ", "KGZ", 2**62)), {"KAZ": 2**62, "KGZ": 0})
    assert refusal.value.code == "PY030"


def test_an_unknown_bank_is_left_out_and_the_rest_cleared():
    found = settle(owed(("KAZ", "KGZ", 100), ("KAZ", "USA", 100)), {"KAZ": 100, "KGZ": 0})
    assert dict(found.settled) == {"r1": 100}
    (refusal,) = found.refused
    assert (refusal.row, refusal.reference, refusal.field, refusal.found) == (2, "r2", "creditor", "USA")


def test_a_repeated_obligation_replays_and_another_content_is_refused():
    first, again = owed(("KAZ", "KGZ", 100)) * 2
    other = Obligation("r1", "KAZ", "KGZ", 101, "KZT")
    found = settle([first, again, other], {"KAZ": 1000, "KGZ": 0})
    assert dict(found.settled) == {"r1": 100}
    assert [refusal.code for refusal in found.refused] == ["PY005"]


def test_the_running_position_shows_who_is_over():
    position = Position({"KAZ": 50, "KGZ": 0})
    (first,) = owed(("KAZ", "KGZ", 80))
    position.add(first)
    position.add(first)
    assert position.net == {"KAZ": -80, "KGZ": 80}
    assert position.over == {"KAZ": 30}
    for wrong, code in (
        (Obligation("r1", "KAZ", "KGZ", 81, "KZT"), "PY005"),
        (Obligation("r2", "KAZ", "UZB", 1, "KZT"), "PY004"),
        (Obligation("r3", "KAZ", "KGZ", 1, "KGS"), "PY020"),
    ):
        with pytest.raises(DostastyqError) as refusal:
            position.add(wrong)
        assert refusal.value.code == code
    position.add(Obligation("r3", "KGZ", "KAZ", 30, "KZT"))
    assert position.over == {}


def test_one_obligation_outside_a_list_is_refused():
    with pytest.raises(DostastyqError) as refusal:
        settle(owed(("KAZ", "KGZ", 1))[0], {"KAZ": 0, "KGZ": 0})
    assert refusal.value.code == "PY003"


def test_any_time_is_enough_for_a_small_case():
    assert settle(owed(("KAZ", "KGZ", 5)), {"KAZ": 3, "KGZ": 0}, timeout=float("inf")).settled_total == 3
