"""The cycle: every gate, whoever pushes; retries; unwinding; what the database refuses by itself."""

import itertools
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dostastyq.actor import Actor
from dostastyq.errors import DostastyqError
from dostastyq.payments import ClearingHouse, Ledger, Limit, Obligation, Rate, Standing, fix, transfer, verify_books
from dostastyq.payments import settle as clear
from dostastyq.store import backup, engine, open_journal, restore, upgrade

MAKER, CHECKER = Actor("A. Maker", "KAZ", "clearing officer"), Actor("B. Checker")
BANKS = ("ARM", "KAZ", "KGZ", "UZB")
DAY, LONG_AGO = date(2026, 11, 24), date(2026, 1, 1)


def limits(cap=100, code="KZT", **more):
    """Give every bank the same limit."""
    return [Limit(bank, code, cap, "Protocol 1", LONG_AGO, **more) for bank in BANKS]


def circle(prefix="r", amount=100, code="KZT", day=DAY):
    """Each bank owes the next one, the first 40 more than the last."""
    pairs = zip(BANKS, (*BANKS[1:], BANKS[0]), strict=True)
    return [
        Obligation(f"{prefix}{number}", debtor, creditor, amount + 40 * (number == 0), code, day)
        for number, (debtor, creditor) in enumerate(pairs)
    ]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """An empty database."""
    place = str(tmp_path / "books.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    return place


@pytest.fixture
def house(place):
    """A clearing house with limits and an open cycle."""
    with open_journal(place) as journal:
        made = ClearingHouse(journal)
        made.set_limits(limits(), by=MAKER)
        made.open("c1", "KZT", DAY, by=MAKER, cut_off=None)
        yield made


@pytest.fixture
def small(tmp_path):
    """The same on SQLite only, where the database makes no difference."""
    with open_journal(tmp_path / "small.sqlite") as journal:
        made = ClearingHouse(journal)
        made.set_limits(limits(), by=MAKER)
        made.open("c1", "KZT", DAY, by=MAKER, cut_off=None)
        yield made


def refused(code, call, *arguments, **options):
    """The message of a refusal with a code."""
    with pytest.raises(DostastyqError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value
    return str(caught.value)


def run(house, name, owed=(), until="final", **options):
    """Bring a cycle as far as a state."""
    if owed:
        house.submit(name, owed, by=MAKER)
    calls = {
        "frozen": lambda: house.freeze(name, by=MAKER),
        "proposed": lambda: house.propose(name, by=MAKER, **options),
        "approved": lambda: house.approve(name, by=CHECKER),
        "settled": lambda: house.settle(name, by=CHECKER),
        "final": lambda: house.finish(name, by=CHECKER),
    }
    for state, call in calls.items():
        found = call()
        assert found.state == state
        if state == until:
            return found
    return found


def balances(house, code="KZT"):
    """Posted balances by account."""
    return {one.account: one.posted for one in house.ledger.balances() if one.currency == code}


def test_from_opening_to_finality(house):
    house.submit("c1", circle(), by=MAKER)
    assert [one.net for one in house.positions("c1")] == [-40, 40, 0, 0]
    found = run(house, "c1")
    assert [step.state for step in found.steps] == ["open", "frozen", "proposed", "approved", "settled", "final"]
    assert found.steps[-1].at > found.steps[-2].at
    assert found.last("approved").by == CHECKER
    assert balances(house) == {"ARM": -40, "KAZ": 40, "KGZ": 0, "UZB": 0}
    assert house.certificate("c1")["certificate"]["optimal"]
    assert house.left_over("c1") == []
    assert verify_books(house.journal).ok


def test_a_cycle_settles_what_clearing_says(house):
    owed = circle(amount=500) + circle("more", 700)
    expected = clear(owed, dict.fromkeys(BANKS, 30))
    house.set_limits(limits(30), by=MAKER)
    run(house, "c1", owed)
    assert balances(house) == expected.net
    assert {row["reference"]: row["left"] for row in house.left_over("c1")} == {
        reference: item.amount for reference, item in expected.left.items()
    }
    assert verify_books(house.journal).ok


def test_caps_count_what_was_drawn_before(small):
    """A second cycle has the room that the first one left."""
    run(small, "c1", circle(amount=50))
    small.open("c2", "KZT", DAY, by=MAKER, cut_off=None)
    run(small, "c2", [Obligation("x", "ARM", "KAZ", 1000, "KZT", DAY)])
    assert balances(small)["ARM"] == -100, "the cap, not twice"
    assert small.certificate("c2")["caps"]["ARM"] == 60


def test_approvals_of_two_cycles_share_the_room(small):
    small.open("c2", "KZT", DAY, by=MAKER, cut_off=None)
    for name in ("c1", "c2"):
        run(small, name, [Obligation(name, "ARM", "KAZ", 80, "KZT", DAY)], until="proposed")
    small.approve("c1", by=CHECKER)
    assert "80" in refused("PY089", small.approve, "c2", by=CHECKER)
    small.recast("c2", "the other cycle took the room", by=CHECKER)
    small.propose("c2", by=MAKER)
    small.approve("c2", by=CHECKER)
    assert small.left_over("c2")[0]["left"] == 60


# Gates.


def test_the_maker_is_not_the_checker(house):
    run(house, "c1", circle(), until="proposed")
    for same in (MAKER, Actor("a.  MAKER", "KGZ")):
        refused("PY082", house.approve, "c1", by=same)
    with pytest.raises(DostastyqError, match="does not approve it"), house.journal.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cycle_step VALUES (1, 4, 'approved', 'Somebody', 'a. maker', 'KAZ', '', '', NULL, 99)"
        )
    assert house.cycle("c1").state == "proposed"


STATES = ("open", "frozen", "proposed", "approved", "settled", "final")


@pytest.mark.parametrize("until", STATES[:-1])
def test_the_database_lets_no_step_be_skipped(house, until):
    """Somebody with SQL and no program: only the next state, and it only with what belongs to it."""
    house.submit("c1", circle(), by=MAKER)
    if until != "open":
        run(house, "c1", until=until)
    step = len(house.cycle("c1").steps)
    allowed = {"open": {"frozen"}, "frozen": {"proposed"}, "settled": {"final"}, "proposed": {"frozen"}}
    for state, number in itertools.product(STATES, (step, step + 1, step + 2)):
        row = f"(1, {number}, '{state}', 'C. Third', 'c. third', 'KAZ', '', 'why', NULL, 99)"
        if number == step + 1 and state in allowed.get(until, ()):
            continue
        with pytest.raises(DostastyqError) as caught, house.journal.transaction() as connection:
            connection.exec_driver_sql(f"INSERT INTO cycle_step VALUES {row}")
        assert caught.value.code == "ST013"


def test_the_database_takes_obligations_only_while_open(house):
    run(house, "c1", circle(), until="frozen")
    with pytest.raises(DostastyqError, match="while the cycle is open"), house.journal.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO cycle_submission VALUES (1, 2, 5, 1, 99)")


def test_the_tables_of_cycles_are_append_only(house):
    house.set_standings([Standing("UZB", "held", "court order 7", LONG_AGO)], by=MAKER)
    run(house, "c1", circle())
    house.open("c2", "KZT", DAY, by=MAKER, cut_off=None)
    run(house, "c2", [Obligation("z", "ARM", "KAZ", 1, "KZT")], until="proposed")
    house.recast("c2", "reduced", by=CHECKER, caps={"ARM": 0})
    names = ("clearing_limit", "clearing_standing", "cycle", "cycle_step", "cycle_exception")
    sqlite = house.journal.database.dialect.name == "sqlite"
    large = {"cycle_obligation", "cycle_outcome"}
    for table in (*names, "cycle_submission", "cycle_obligation", "cycle_outcome"):
        replaced = [f"REPLACE INTO {table} SELECT * FROM {table}"] if sqlite and table in large else []
        for statement in (f"UPDATE {table} SET entry = entry", f"DELETE FROM {table}", *replaced):
            with pytest.raises(DostastyqError, match="append-only"), house.journal.transaction() as connection:
                connection.exec_driver_sql(statement)


def test_an_outcome_above_its_obligation_is_not_approved(house):
    """Even a proposal written by hand does not get through the gate of the database."""
    run(house, "c1", circle(), until="frozen")
    step = "INSERT INTO cycle_step VALUES (1, {}, '{}', 'X', '{}', 'KAZ', '', '', NULL, 99)"
    statements = (
        step.format(3, "proposed", "x"),
        "INSERT INTO cycle_outcome VALUES (1, 3, 1, 141, NULL, NULL, 99)",
        step.format(4, "approved", "y"),
    )
    assert "within the obligations" in refused("ST013", write, house.journal, statements)


def write(journal, statements):
    """Write as somebody with SQL and no program does."""
    with journal.transaction() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


# Submissions.


def test_a_submission_again_gets_the_first_answer(house):
    first = house.submit("c1", circle(), by=MAKER)
    again = house.submit("c1", circle(), by=CHECKER)
    assert (first.accepted, first.repeated, again.accepted, again.repeated) == (4, 0, 0, 4)
    assert dict(again.receipts) == dict(first.receipts)
    run(house, "c1")
    late = house.submit("c1", circle()[:2], by=MAKER)
    assert (late.accepted, late.repeated) == (0, 2), "a retry after the end is answered, not refused"
    assert late.receipts["r1"] == first.receipts["r1"]
    refused("PY081", house.submit, "c1", circle("new"), by=MAKER)
    house.open("c2", "KZT", DAY, by=MAKER, cut_off=None)
    replayed = house.submit("c2", circle() + circle("new"), by=MAKER)
    assert (replayed.accepted, replayed.repeated) == (4, 4), "an obligation of an earlier cycle is not taken in twice"
    assert replayed.receipts["r0"].cycle == "c1"


def test_a_reference_with_other_content_is_refused(house):
    house.submit("c1", circle(), by=MAKER)
    other = [Obligation("r0", "ARM", "KAZ", 141, "KZT", DAY), Obligation("fresh", "ARM", "KAZ", 1, "KZT", DAY)]
    found = house.submit("c1", other, by=MAKER)
    assert (found.accepted, [refusal.code for refusal in found.refused]) == (1, ["PY005"])
    assert "ARM owes KAZ 140" in found.refused[0].expected


def test_a_frame_and_a_file_are_taken_in_row_by_row(small, tmp_path):
    rows = {
        "reference": ["a", "b", "c", "d"],
        "debtor": ["ARM", "KAZ", "NOBODY", "KGZ"],
        "creditor": ["KAZ", "KAZ", "ARM", "UZB"],
        "amount": [10, 20, 30, 2**62],
        "currency": ["KZT"] * 4,
    }
    found = small.submit("c1", pl.DataFrame(rows), by=MAKER)
    assert (found.accepted, [refusal.row for refusal in found.refused]) == (2, [2, 3])
    path = tmp_path / "owed.csv"
    pl.DataFrame(rows).write_csv(path)
    assert small.submit("c1", path, by=MAKER).repeated == 2


def test_a_blocked_bank_submits_nothing_and_a_held_one_settles_nothing(small):
    small.set_standings([Standing("UZB", "blocked", "decision 12", LONG_AGO)], by=MAKER)
    found = small.submit("c1", circle(), by=MAKER)
    assert {(one.code, one.remedy) for one in found.refused} == {("PY085", "UZB is blocked: decision 12")}
    small.set_standings([Standing("KGZ", "held", "court order 7", LONG_AGO)], by=MAKER)
    small.set_standings([Standing("ARM", "blocked", "not yet", date(2027, 1, 1))], by=MAKER)
    run(small, "c1")
    assert {(row["reason"], row["bank"]) for row in small.left_over("c1")} == {("held", "KGZ"), ("cap", "ARM")}
    small.set_standings([Standing("KGZ", "active", "order lifted", LONG_AGO)], by=MAKER)
    assert small.rules("KZT", DAY).status("KGZ") == "active"


def test_what_cannot_be_settled_in_a_cycle_says_why(small):
    owed = [
        Obligation("fine", "ARM", "KAZ", 5, "KZT"),
        Obligation("later", "ARM", "KAZ", 5, "KZT", DAY + timedelta(days=1)),
        Obligation("dollars", "ARM", "KAZ", 5, "USD", DAY),
    ]
    run(small, "c1", owed)
    assert {row["reference"]: row["reason"] for row in small.left_over("c1")} == {
        "later": "undue",
        "dollars": "no_rate",
    }
    assert balances(small)["KAZ"] == 5


# Limits.


def test_limits_are_those_of_the_day(small):
    small.set_limits([Limit("ARM", "KZT", 7, "Protocol 2", DAY, DAY + timedelta(days=1), quota=9)], by=MAKER)
    caps = [small.rules("KZT", DAY + timedelta(days=shift)).limits["ARM"].cap for shift in (-1, 0, 1)]
    assert caps == [100, 7, 100]
    assert small.rules("RUB", DAY).limits == {}
    run(small, "c1", circle())
    assert balances(small)["ARM"] == -7


def test_limits_that_are_none_are_refused():
    for wrong in ({"cap": -1}, {"cap": 2**62 + 1}, {"cap": 1.0}, {"quota": -1}):
        refused("PY014", Limit, "ARM", "KZT", **({"cap": 1} | wrong), act="Protocol", valid_from=DAY)
    refused("PY087", Limit, "ARM", "KZT", 1, " ", DAY)
    refused("PY087", Limit, "ARM", "KZT", 1, "Protocol", DAY, DAY)
    refused("PY087", Standing, "ARM", "asleep", "why", DAY)
    refused("PY087", Standing, "ARM", "held", "", DAY)


# Unwinding.


def test_a_bank_that_does_not_fund_is_recast_out(house):
    run(house, "c1", circle(amount=500), until="approved")
    assert house.ledger.balance("ARM", "KZT").outgoing == 540
    refused("PY086", house.recast, "c1", " ", by=CHECKER, without=["ARM"])
    found = house.recast("c1", "ARM did not fund", by=CHECKER, without=["ARM"])
    assert (found.state, found.steps[-1].reason) == ("frozen", "ARM did not fund")
    assert house.recast("c1", "ARM did not fund", by=CHECKER, without=["ARM"]) == found, "again: the first answer"
    assert house.ledger.balance("ARM", "KZT").outgoing == 0, "the reservation is void"
    house.propose("c1", by=MAKER)
    reasons = {row["reference"]: row["reason"] for row in house.left_over("c1")}
    assert (reasons["r0"], reasons["r3"]) == ("unfunded", "unfunded")
    house.approve("c1", by=CHECKER)
    house.settle("c1", by=CHECKER)
    assert balances(house)["ARM"] == 0
    assert verify_books(house.journal).ok


def test_a_recast_with_a_reduced_cap(small):
    run(small, "c1", circle(), until="approved")
    refused("PY086", small.recast, "c1", "why", by=CHECKER, caps={"ARM": 100})
    refused("PY086", small.recast, "c1", "why", by=CHECKER, caps={"RUS": 1})
    small.recast("c1", "ARM funded 10", by=CHECKER, caps={"ARM": 10})
    small.propose("c1", by=MAKER)
    refused("PY086", small.recast, "c1", "why", by=CHECKER, caps={"ARM": 11})
    small.approve("c1", by=CHECKER)
    small.settle("c1", by=CHECKER)
    assert balances(small)["ARM"] == -10
    refused("PY081", small.recast, "c1", "too late", by=CHECKER)


def test_a_crash_of_the_optimiser_leaves_the_cycle_frozen(small):
    run(small, "c1", [Obligation("large", "ARM", "KAZ", 1000, "KZT")], until="frozen")
    refused("PY033", small.propose, "c1", by=MAKER, timeout=0.0)
    assert small.cycle("c1").state == "frozen"
    assert verify_books(small.journal).ok
    assert small.propose("c1", by=MAKER).state == "proposed"


def test_rules_that_change_while_a_proposal_is_computed(small, monkeypatch):
    import dostastyq.payments.cycle as module  # noqa: PLC0415

    run(small, "c1", circle(), until="frozen")
    real = module.proposal

    def slow(*arguments):
        small.set_limits(limits(0), by=CHECKER)
        return real(*arguments)

    monkeypatch.setattr(module, "proposal", slow)
    refused("PY088", small.propose, "c1", by=MAKER)
    assert small.cycle("c1").state == "frozen"


# Time.


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


def test_cut_offs_are_kept_whatever_the_clock_does(tmp_path):
    clock = Clock(datetime(2031, 1, 6, 9, tzinfo=UTC))
    with open_journal(tmp_path / "books.sqlite") as journal:
        house = ClearingHouse(journal, clock)
        house.set_limits(limits(), by=MAKER)
        found = house.open("c1", "KZT", "2031-01-13", by=MAKER, cut_off=clock.now + timedelta(hours=2))
        house.submit("c1", circle(day=None), by=MAKER)
        refused("PY083", house.freeze, "c1", by=MAKER)
        clock.now += timedelta(hours=2)
        refused("PY083", house.submit, "c1", circle("late", day=None), by=MAKER)
        assert house.submit("c1", circle(day=None), by=MAKER).repeated == 4
        clock.now -= timedelta(days=400)
        refused("PY083", house.freeze, "c1", by=MAKER)
        clock.now += timedelta(days=800)
        assert house.freeze("c1", by=MAKER).state == "frozen"
        assert found.cut_off == datetime(2031, 1, 6, 11, tzinfo=UTC)


def test_a_clock_behind_the_journal_does_not_reopen(tmp_path):
    """What was recorded last is the least that it can be."""
    clock = Clock(datetime.now(UTC) + timedelta(hours=1))
    with open_journal(tmp_path / "books.sqlite") as journal:
        house = ClearingHouse(journal, clock)
        house.set_limits(limits(), by=MAKER)
        house.open("c1", "KZT", DAY, by=MAKER, cut_off=datetime.now(UTC) - timedelta(seconds=1))
        clock.now = datetime(2000, 1, 1, tzinfo=UTC)
        refused("PY083", house.submit, "c1", circle(), by=MAKER)


def test_the_calendar_gives_the_cut_off(small):
    found = small.open("c2", "KZT", DAY, by=MAKER)
    assert found.cut_off == datetime(2026, 11, 24, 12, tzinfo=UTC), "16:00 in Yerevan"
    assert "2026-11-30" in refused("PY084", small.open, "c3", "KZT", "2026-11-28", by=MAKER)
    refused("PY080", small.open, "c2", "KZT", DAY, by=MAKER, rule="first_come")
    assert small.open("c2", "KZT", DAY, by=MAKER) == found


# Several currencies.


def test_several_currencies_close_into_the_unit_of_account(house):
    rates = [
        Rate("RUB", "KZT", DAY, Fraction("6.4321"), "fixing"),
        Rate("KGS", "KZT", DAY, Fraction("5.9999"), "fixing"),
    ]
    fixing = fix(rates, "KZT", DAY)
    owed = circle() + circle("b", 331, "RUB") + circle("k", 777, "KGS")
    house.set_limits(limits(100_000), by=MAKER)
    expected = clear(owed, dict.fromkeys(BANKS, 100_000), fixing=fixing)
    run(house, "c1", owed, fixing=fixing)
    assert set(balances(house, "RUB").values()) == set(balances(house, "KGS").values()) == {0}
    found = balances(house)
    assert found.pop(expected.residue.account, 0) == expected.residue.amount
    assert found == expected.net
    assert verify_books(house.journal).ok


# Backups and tampering.


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_has_the_cycles(house, target, tmp_path, request):
    house.set_standings([Standing("UZB", "held", "court order 7", LONG_AGO)], by=MAKER)
    run(house, "c1", circle(), until="approved")
    house.recast("c1", "KGZ did not fund", by=CHECKER, without=["KGZ"])
    run_rest = ("proposed", "approved", "settled")
    for state, call in zip(run_rest, (house.propose, house.approve, house.settle), strict=True):
        assert call("c1", by=MAKER if state == "proposed" else CHECKER).state == state
    backup(house.journal, tmp_path / "copy")
    place = str(tmp_path / "other.sqlite") if target == "sqlite" else request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    with open_journal(place) as other:
        restore(other, tmp_path / "copy")
        assert verify_books(other).ok
        twin = ClearingHouse(other)
        assert twin.cycle("c1") == house.cycle("c1")
        assert twin.positions("c1") == house.positions("c1")
        assert twin.finish("c1", by=CHECKER).state == "final"


def test_a_settlement_that_is_not_its_obligations_is_found(small):
    """Rows and journal rewritten by somebody clever with the program itself: the sums of the cycle do not agree."""
    import dostastyq.payments.cycle as module  # noqa: PLC0415

    small.set_limits(limits(1000), by=MAKER)
    real = module.pairs_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "pairs_of", lambda *found: real(*found)[:-1])
        run(small, "c1", circle())
    assert "what cycle c1 settles" in str(verify_books(small.journal).faults)


# Every path.


class Paths(RuleBasedStateMachine):
    """Two people push at random; the cycle goes through every gate or nowhere, and the books hold."""

    @initialize()
    def begin(self):
        import tempfile  # noqa: PLC0415

        self.folder = tempfile.TemporaryDirectory()
        self.journal = open_journal(f"{self.folder.name}/books.sqlite")
        self.house, self.numbers = ClearingHouse(self.journal), itertools.count()
        self.house.set_limits(limits(60), by=MAKER)
        self.house.open("c1", "KZT", DAY, by=MAKER, cut_off=None)
        self.sent, self.before = {}, ["open"]

    def teardown(self):
        if hasattr(self, "journal"):
            assert verify_books(self.journal).ok
            self.journal.close()
            self.folder.cleanup()

    @rule(amount=st.integers(1, 150), debtor=st.sampled_from(BANKS), creditor=st.sampled_from(BANKS), old=st.booleans())
    def submit(self, amount, debtor, creditor, old):
        if debtor == creditor:
            return
        reference = next(iter(self.sent)) if old and self.sent else f"r{next(self.numbers)}"
        one = Obligation(reference, debtor, creditor, amount, "KZT", DAY)
        if self.before[-1] != "open" and reference not in self.sent:
            refused("PY081", self.house.submit, "c1", [one], by=MAKER)
            return
        found = self.house.submit("c1", [one], by=MAKER)
        if found.accepted:
            assert self.before[-1] == "open"
            assert reference not in self.sent
            self.sent[reference] = one
        elif found.repeated:
            assert self.sent[reference] == one
        else:
            assert self.sent[reference] != one

    @rule(
        act=st.sampled_from(["freeze", "propose", "approve", "settle", "finish"]), by=st.sampled_from([MAKER, CHECKER])
    )
    def step(self, act, by):
        with suppress(DostastyqError):
            getattr(self.house, act)("c1", by=by)

    @rule(by=st.sampled_from([MAKER, CHECKER]), bank=st.sampled_from([None, *BANKS]), cap=st.sampled_from([None, 5]))
    def recast(self, by, bank, cap):
        with suppress(DostastyqError):
            caps = {bank: cap} if bank and cap is not None else {}
            self.house.recast(
                "c1", f"reason {next(self.numbers)}", by=by, without=[bank] if bank and not caps else [], caps=caps
            )

    @rule()
    def pay_in(self):
        number = next(self.numbers)
        self.house.ledger.post([transfer(f"p{number}", "KAZ", "ARM", 3, "KZT", DAY)], by=MAKER)

    @invariant()
    def gates(self):
        if not hasattr(self, "house"):
            return
        steps = self.house.cycle("c1").steps
        states = [step.state for step in steps]
        for one, other in itertools.pairwise(states):
            assert STATES.index(other) == STATES.index(one) + 1 or (
                one in ("proposed", "approved") and other == "frozen"
            )
        for step in steps:
            if step.state == "approved":
                proposed = [other for other in steps[: step.number] if other.state == "proposed"][-1]
                assert proposed.by.key != step.by.key
        self.before = states
        assert not sum(balances(self.house).values())
        done = {"settled", "final"} & set(states)
        settled = {row["reference"]: row["left"] for row in self.house.left_over("c1")} if done else {}
        moved = sum(one.amount - settled.get(reference, 0) for reference, one in self.sent.items()) if done else 0
        posted = [self.house.ledger.find(f"commit/cycle/c1/{len(states) - 2 - ('final' in states)}")] if moved else []
        assert moved == sum(one.total["KZT"] for one in posted)


TestPaths = Paths.TestCase
TestPaths.settings = settings(max_examples=settings.default.max_examples // 4, stateful_step_count=25)


PAY = {
    "banks": st.tuples(st.sampled_from(BANKS), st.sampled_from(BANKS)).filter(lambda pair: pair[0] != pair[1]),
    "amount": st.integers(1, 2**40),
    "shift": st.integers(-400, 400),
}


class Postings(RuleBasedStateMachine):
    """Random postings against a plain list of what should count."""

    @initialize()
    def begin(self):
        import tempfile  # noqa: PLC0415

        self.folder = tempfile.TemporaryDirectory()
        self.journal = open_journal(f"{self.folder.name}/books.sqlite")
        self.ledger, self.numbers = Ledger(self.journal), itertools.count()
        self.ledger.open_accounts(dict.fromkeys(BANKS), by=MAKER)
        self.counted, self.held = [], {}

    def teardown(self):
        if hasattr(self, "journal"):
            assert verify_books(self.journal).ok
            self.journal.close()
            self.folder.cleanup()

    def one(self, banks, amount, shift):
        return transfer(f"r{next(self.numbers)}", *banks, amount, "KZT", DAY + timedelta(days=shift))

    @rule(**PAY, twice=st.booleans())
    def post(self, banks, amount, shift, twice):
        wanted = self.one(banks, amount, shift)
        booked = self.ledger.post([wanted] * (1 + twice), by=MAKER)
        self.counted.append(booked[0])
        if twice:
            assert self.ledger.post([wanted], by=CHECKER) == booked[:1]

    @rule(**PAY)
    def reserve(self, banks, amount, shift):
        (held,) = self.ledger.reserve([self.one(banks, amount, shift)], by=MAKER)
        self.held[held.reference] = held

    @rule(choice=st.integers(0, 99), commit=st.booleans())
    def resolve(self, choice, commit):
        if self.held:
            reference = sorted(self.held)[choice % len(self.held)]
            del self.held[reference]
            done = self.ledger.commit(reference, by=MAKER) if commit else self.ledger.void(reference, "no", by=MAKER)
            self.counted += [done] if commit else []

    @rule(choice=st.integers(0, 99))
    def reverse(self, choice):
        if self.counted:
            target = self.counted[choice % len(self.counted)]
            known = {one.reverses for one in self.counted}
            if target.kind == "reverse":
                refused("PY073", self.ledger.reverse, target.reference, "wrong", by=MAKER)
                return
            undone = self.ledger.reverse(target.reference, "wrong", by=MAKER)
            if target.number not in known:
                self.counted.append(undone)

    @invariant()
    def agrees(self):
        if not hasattr(self, "ledger"):
            return
        for on in (None, DAY, DAY - timedelta(days=200)):
            expected = dict.fromkeys(BANKS, 0)
            for posting in self.counted:
                if on is None or posting.value_date <= on:
                    for leg in posting.legs:
                        expected[leg.account] += leg.amount
            found = {one.account: one.posted for one in self.ledger.balances(on=on)}
            assert {bank: found.get(bank, 0) for bank in BANKS} == expected
            assert not sum(found.values())
        pending = sum(leg.amount for held in self.held.values() for leg in held.legs if leg.amount > 0)
        assert sum(one.incoming for one in self.ledger.balances()) == pending


TestPostings = Postings.TestCase
TestPostings.settings = settings(max_examples=settings.default.max_examples // 4, stateful_step_count=25)
