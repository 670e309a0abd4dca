"""Clause trees on drawn instruments against the slow answer: ask every day what was done by then."""

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.dates import Day
from dostastyq.register import Act, Clause, Instrument
from dostastyq.register.facts import Fact, Preference, Signing
from dostastyq.register.timeline import at

SIGNED = date(2010, 1, 1)
WINDOW = 120
STATES = ("ARM", "BLR", "KAZ", "RUS", "UZB")
REG = register.load("cis")


def day(number):
    return SIGNED + timedelta(days=number)


LEAVES = st.one_of(
    st.builds(
        Clause,
        st.just("count"),
        st.sampled_from([1, 2, 3, "all"]),
        st.sampled_from([("ratification",), ("ratification", "accession")]),
        st.sampled_from(["P0D", "P7D", "P30D"]),
    ),
    st.builds(lambda number: Clause("date", text=day(number).isoformat()), st.integers(0, WINDOW)),
)
TREES = st.one_of(
    LEAVES,
    st.just(Clause("signature")),
    st.just(Clause("per_state")),
    st.builds(
        lambda rule, parts: Clause(rule, parts=tuple(parts)),
        st.sampled_from(["any", "all"]),
        st.lists(LEAVES, min_size=1, max_size=3),
    ),
)


@st.composite
def instruments(draw):
    by = tuple(sorted(draw(st.sets(st.sampled_from(STATES), min_size=1, max_size=4))))
    acts = []
    for state in STATES:
        if draw(st.booleans()):
            kind = "ratification" if state in by else "accession"
            number = draw(st.integers(0, WINDOW))
            acts.append(Act(state, kind, "t", date=day(number)))
            if draw(st.booleans()):
                acts.append(
                    Act(state, "withdrawal_effective", "t", effective=day(draw(st.integers(number, 2 * WINDOW))))
                )
    return Instrument(
        slug="t",
        kind="treaty",
        domain=("trade",),
        title={"en": "A treaty"},
        signed=Signing(day=Day.of(SIGNED), place="Minsk", by=by),
        clause=draw(TREES),
        preference=Preference(),
        late_delay=draw(st.sampled_from(["P0D", "P10D"])),
        complete=Fact(day=Day.parse("2030-01-01")),
        acts=tuple(sorted(acts, key=lambda act: act.order)),
    )


def law_of(item):
    return REG.changed(instruments=MappingProxyType({item.slug: item}), rivals=())


def leaves(item, state):
    return [act.effective.earliest for act in item.acts if act.state == state and act.kind == "withdrawal_effective"]


def holds(clause, item, on):
    """Whether a clause is fulfilled on a day, counted afresh."""
    earlier = on - timedelta(days=int(clause.delay[1:-1]))
    if on < SIGNED:
        return False
    if clause.rule == "date":
        return earlier >= date.fromisoformat(clause.text)
    if clause.rule == "signature":
        return earlier >= SIGNED
    if clause.rule in {"any", "all"}:
        return {"any": any, "all": all}[clause.rule](holds(part, item, earlier) for part in clause.parts)
    kinds = clause.acts or ("ratification", "accession")
    done = {
        act.state
        for act in item.acts
        if act.kind in kinds
        and act.date.earliest <= earlier
        and not any(act.date.earliest <= end <= earlier for end in leaves(item, act.state))
    }
    if clause.rule == "per_state":
        return bool(done)
    return set(item.signed.by) <= done if clause.count == "all" else len(done) >= clause.count


def effect(item, state):
    """Day from which a state is bound, counted afresh; None where there is none."""
    begun = _begun(item)
    consents = [act.date.earliest for act in item.acts if act.state == state and act.kind != "withdrawal_effective"]
    late = timedelta(days=int(item.late_delay[1:-1]))
    if not consents:
        return SIGNED if item.clause.rule == "signature" and state in item.signed.by else None
    if item.clause.rule in {"signature", "per_state"}:
        found = consents[0] + late
    elif begun is None:
        return None
    else:
        counted = consents[0] + timedelta(days=int(item.clause.counting_delay[1:-1]))
        found = begun if counted <= begun else max(begun, consents[0] + late)
    return None if any(consents[0] <= end < found for end in leaves(item, state)) else found


def _begun(item, clause=None):
    """First day on which every part of the clause has held: what held once is not undone by one who leaves."""
    clause = clause or item.clause
    if clause.rule in {"any", "all"}:
        found = [_begun(item, part) for part in clause.parts]
        if clause.rule == "all":
            return None if None in found else max(found)
        return min((begun for begun in found if begun is not None), default=None)
    return next((day(n) for n in range(3 * WINDOW) if holds(clause, item, day(n))), None)


def bound_by_day(item, state, begun, on):
    if begun is None or on < begun:
        return False
    return not any(begun <= end <= on for end in leaves(item, state))


@given(instruments())
def test_entry_into_force_is_the_first_day_on_which_the_clause_holds(item):
    if item.clause.rule == "per_state":
        return
    line, begun = law_of(item).force("t"), _begun(item)
    for number in range(-2, 2 * WINDOW, 3):
        expected = begun is not None and day(number) >= begun
        assert at(line, day(number)) is expected, (item.clause, number)


@given(instruments(), st.sampled_from(STATES))
def test_a_state_is_bound_on_the_days_the_oracle_says(item, state):
    standing, begun = law_of(item).standing("t", state), effect(item, state)
    for number in range(-2, 2 * WINDOW, 3):
        assert at(standing.bound, day(number)) is bound_by_day(item, state, begun, day(number)), (item.clause, number)


@given(instruments(), st.sampled_from(STATES), st.integers(0, WINDOW))
def test_one_more_consent_never_unbinds_anybody(item, state, number):
    """But by a declared clause: a delay for late states may come to concern one that was not late before."""
    if any(act.state == state for act in item.acts) or item.late_delay != "P0D":
        return
    law = law_of(item)
    kind = "ratification" if state in item.signed.by else "accession"
    more = law.overlay([Act(state, kind, "t", date=day(number))])
    for other in STATES:
        if other != state or item.clause.rule != "signature":
            for on in (day(number), day(number + 40), day(2 * WINDOW)):
                if law.status("t", other, on).bound is True:
                    assert more.status("t", other, on).bound is True


@given(instruments(), st.randoms(use_true_random=False))
def test_overlay_and_rebuild_agree_in_any_order(item, shuffle):
    acts = list(item.acts)
    shuffle.shuffle(acts)
    bare = law_of(replace(item, acts=()))
    assert bare.overlay(acts) == law_of(item)
    one_by_one = bare
    for act in acts:
        one_by_one = one_by_one.overlay([act])
    assert one_by_one == law_of(item)


@given(instruments(), st.sampled_from(STATES))
def test_a_doubtful_deposit_never_contradicts_the_certain_one(item, state):
    """Widening a day may turn an answer into unknown, and never into its opposite."""
    if item.clause.rule == "signature":
        return
    wide = tuple(
        replace(act, date=Day.between(act.date.earliest - timedelta(days=5), act.date.latest + timedelta(days=5)))
        if act.date is not None
        else act
        for act in item.acts
    )
    exact, doubtful = law_of(item).standing("t", state), law_of(replace(item, acts=wide)).standing("t", state)
    left = any(act.kind == "withdrawal_effective" for act in item.acts)
    for number in range(-2, 2 * WINDOW, 5):
        found = at(doubtful.bound, day(number))
        if not left:
            assert found is None or found is at(exact.bound, day(number)), (item.clause, number)


@pytest.mark.parametrize("kind", ["ratification", "accession"])
def test_an_open_list_is_unknown_and_not_pending(kind):
    item = Instrument(
        slug="t",
        kind="treaty",
        domain=("trade",),
        title={"en": "A treaty"},
        signed=Signing(day=Day.of(SIGNED), place="Minsk", by=STATES),
        clause=Clause("count", 3, ("ratification",)),
        preference=Preference(),
        acts=(Act("KAZ", kind, "t", date=day(5)),),
    )
    assert at(law_of(item).force("t"), day(-1)) is False
    assert at(law_of(item).force("t"), day(50)) is None
    assert law_of(item).status("t", "KAZ", day(50)).code == "UNKNOWN"
