"""Who may do what and who sees what, against a table written out by hand for every capacity and every step."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.actor import Actor
from dostastyq.council import Council, compose, procedure_maps
from dostastyq.council.gates import GATES
from dostastyq.council.people_model import CAPACITIES
from dostastyq.council.policy import ACTS, check_part, parts
from dostastyq.council.procedure import GATES as NAMED
from dostastyq.council.procedure import STEPS
from dostastyq.council.replay.gates import LOOKS
from dostastyq.errors import DostastyqError
from dostastyq.store import open_journal

SPEAKS = {"head_of_state", "head_of_government", "foreign_minister", "delegate"}
OFFICE = {"secretary"}
# Step: who may always, and who may besides when their state is in the chair.
TABLE = {
    "propose": (SPEAKS | OFFICE, set()),
    "revise": (SPEAKS | OFFICE, set()),
    "register": (OFFICE, set()),
    "return": (OFFICE, set()),
    "circulate": (OFFICE, set()),
    "opine": (SPEAKS, set()),
    "convene_experts": (OFFICE, set()),
    "amend": (SPEAKS | OFFICE | {"expert"}, set()),
    "table": (OFFICE, set()),
    "agree": (OFFICE, set()),
    "place": (OFFICE, SPEAKS),
    "withdraw": (SPEAKS | OFFICE, set()),
    "postpone": (OFFICE, SPEAKS),
    "refer": (OFFICE, SPEAKS),
    "open_vote": (OFFICE, SPEAKS),
    "vote": (SPEAKS, set()),
    "close_vote": (OFFICE, SPEAKS),
    "report": (OFFICE, set()),
    "enact": (OFFICE, set()),
    "open_signature": (OFFICE, set()),
    "sign": (SPEAKS, set()),
    "close_signature": (OFFICE, set()),
    "certify": (OFFICE, set()),
    "deposit": (SPEAKS | OFFICE, set()),
    "enter_into_force": (OFFICE, set()),
    "close": (OFFICE, set()),
    "admit": (OFFICE, set()),
    "dismiss": (OFFICE, set()),
    "empower": (SPEAKS | OFFICE, set()),
    "convene": (OFFICE, SPEAKS),
    "open_session": (OFFICE, SPEAKS),
    "close_session": (OFFICE, SPEAKS),
    "item_change": (SPEAKS | OFFICE, set()),
    "attach_impact": (SPEAKS | OFFICE | {"expert"}, set()),
    "assign": (OFFICE, SPEAKS),
    "progress": (SPEAKS | OFFICE, set()),
    "inform": (OFFICE, set()),
}


def test_the_table_has_every_step_and_every_gate():
    assert set(TABLE) == {*STEPS, *ACTS}
    assert set(GATES) == set(LOOKS) == NAMED


@pytest.mark.parametrize("capacity", sorted(CAPACITIES))
@pytest.mark.parametrize("step", sorted(TABLE))
def test_capacities_and_steps(step, capacity):
    always, in_chair = TABLE[step]
    person = Actor("A", "secretariat" if capacity in {"secretary", "auditor"} else "KAZ", capacity)
    maps = [held for held in procedure_maps().values() if step in held.steps]
    asked = [ACTS[step]] if step in ACTS else [held.steps[step].who for held in maps]
    assert asked
    for chair, may in (("", capacity in always), ("RUS", capacity in always), ("KAZ", capacity in always | in_chair)):
        for who in asked:
            held = parts(person, chair=chair)
            if may:
                check_part(person, who, held, step)
            else:
                with pytest.raises(DostastyqError, match="may not") as caught:
                    check_part(person, who, held, step)
                assert caught.value.code == "CN210"
                assert caught.value.hint


@given(
    st.sampled_from(sorted(CAPACITIES)),
    st.sampled_from(["", "KAZ", "RUS"]),
    st.sampled_from(["", "KAZ", "RUS", "exec-committee"]),
)
def test_parts_come_from_capacities(capacity, chair, depositary):
    place = "secretariat" if capacity in {"secretary", "auditor"} else "KAZ"
    held = parts(Actor("A", place, capacity), chair=chair, depositary=depositary)
    assert ("state" in held) is (capacity in SPEAKS)
    assert ("chair" in held) is (capacity in SPEAKS and chair == "KAZ")
    assert ("secretariat" in held) is (capacity == "secretary")
    assert not held or capacity not in {"observer", "auditor"}


@pytest.fixture
def house(tmp_path):
    """A council with one person of each capacity of Kazakhstan, and one delegate of Russia."""
    with open_journal(tmp_path / "council.sqlite") as journal:
        council = Council(journal)
        admit = council.people.admit
        admit("S", "secretariat", "secretary", by="S", rehearsal=True, on=date(1997, 1, 6))
        for capacity in CAPACITIES:
            place = "secretariat" if capacity in {"secretary", "auditor"} else "KAZ"
            admit(f"KAZ {capacity}", place, capacity, by="S")
        admit("RUS delegate", "RUS", "delegate", by="S")
        admit("RUS observer", "RUS", "observer", by="S")
        yield council


def draft_of(council, by):
    return council.drafts.propose(
        compose(
            {
                "slug": "roads-1997",
                "agreement": "transport",
                "parties": ["KAZ", "RUS"],
                "title": {"ru": "Соглашение", "en": "Agreement"},
                "reasons": "roads",
                "depositary": "exec-secretariat",
                "subjects": [{"title": {"ru": "Предмет"}, "paragraphs": [{"ru": "Стороны строят дороги."}]}],
                "finals": [{"pattern": "on_signature"}],
            }
        ),
        organ="chs",
        by=by,
    )


def sees(council, *, opinions=False):
    """Names of those who see the draft, or an opinion on it."""
    found = set()
    for item in council.chamber().admissions:
        draft = council.view(item.person.name).drafts.get("roads-1997")
        if draft is not None and (draft.opinions or not opinions):
            found.add(item.person.name)
    return found


INSIDE = {"S", "KAZ secretary", "KAZ auditor"}
KAZ = {f"KAZ {capacity}" for capacity in (*SPEAKS, "expert")}
DELEGATIONS = KAZ | {"RUS delegate"}
OBSERVERS = {"KAZ observer", "RUS observer"}


def test_who_sees_a_draft_and_its_opinions(house):
    draft_of(house, "KAZ delegate")
    assert sees(house) == INSIDE | KAZ
    with pytest.raises(DostastyqError) as caught:
        house.decisions.vote("roads-1997", "for", by="RUS delegate")
    assert caught.value.code == "CN201"
    house.drafts.register("roads-1997", by="S")
    assert sees(house) == INSIDE | KAZ
    house.drafts.circulate("roads-1997", by="S", until="1997-02-01")
    assert sees(house) == INSIDE | DELEGATIONS
    house.drafts.opine("roads-1997", "remarks", by="RUS delegate", remarks={"1.1": "which?"})
    assert sees(house, opinions=True) == INSIDE | {"RUS delegate"}
    house.drafts.convene_experts("roads-1997", by="S", on="1997-02-02")
    assert sees(house, opinions=True) == INSIDE | {"RUS delegate"}
    house.drafts.table("roads-1997", by="S")
    assert sees(house, opinions=True) == INSIDE | DELEGATIONS
    house.drafts.agree("roads-1997", by="S")
    house.sessions.convene("chs", "1997-03-28", place="Moscow", by="S")
    assert sees(house) == INSIDE | DELEGATIONS
    house.sessions.place("roads-1997", "chs/1997-03-28", by="S")
    assert sees(house) == INSIDE | DELEGATIONS | OBSERVERS
    assert sees(house, opinions=True) == INSIDE | DELEGATIONS


def test_the_hash_of_an_opinion_betrays_it_to_nobody(house):
    draft_of(house, "KAZ delegate")
    house.drafts.register("roads-1997", by="S")
    house.drafts.circulate("roads-1997", by="S", until="1997-02-01")
    house.drafts.opine("roads-1997", "not_interested", by="RUS delegate")
    held = {item.step: item.hash for item in house.chamber().draft("roads-1997").moves}
    for name, sees_it in {"RUS delegate": True, "S": True, "KAZ auditor": True, "KAZ delegate": False}.items():
        shown = {item.step: item.hash for item in house.view(name).draft("roads-1997").moves}
        assert (shown["opine"] == held["opine"]) is sees_it, name
        assert shown["circulate"] == held["circulate"]


def test_a_text_revised_in_a_round_is_not_shown_before_it_goes_round(house):
    draft_of(house, "KAZ delegate")
    house.drafts.register("roads-1997", by="S")
    house.drafts.circulate("roads-1997", by="S", until="1997-02-01")
    house.drafts.convene_experts("roads-1997", by="S", on="1997-02-02")
    house.drafts.table("roads-1997", by="S")
    text = house.chamber().draft("roads-1997").composition.to_dict()
    text["subjects"][0]["paragraphs"] = [{"ru": "Стороны строят железные дороги."}]
    del text["articles"]
    house.drafts.revise("roads-1997", compose(text), by="S")
    assert [each.number for each in house.view("RUS delegate").draft("roads-1997").versions] == [1], "the same day"
    house.drafts.circulate("roads-1997", by="S", until="1997-03-01")
    assert [each.number for each in house.view("RUS delegate").draft("roads-1997").versions] == [1, 2]


def test_a_text_mended_before_it_goes_round_is_never_shown(house):
    draft_of(house, "KAZ delegate")
    text = house.chamber().draft("roads-1997").composition.to_dict()
    text["reasons"] = "better roads"
    house.drafts.revise("roads-1997", compose(text), by="KAZ delegate")
    house.drafts.register("roads-1997", by="S")
    house.drafts.circulate("roads-1997", by="S", until="1997-02-01")
    assert [each.number for each in house.view("RUS delegate").draft("roads-1997").versions] == [2]
    assert [each.number for each in house.view("KAZ delegate").draft("roads-1997").versions] == [1, 2]


def test_nobody_learns_of_a_hidden_draft_by_full_powers(house):
    draft_of(house, "KAZ delegate")
    house.people.admit("RUS minister", "RUS", "foreign_minister", by="S")
    with pytest.raises(DostastyqError) as caught:
        house.people.empower("RUS delegate", basis="note", draft="roads-1997", by="RUS minister")
    assert caught.value.code == "CN201"
    with pytest.raises(DostastyqError) as caught:
        house.people.empower("RUS delegate", basis="note", draft="roads-1998", by="RUS minister")
    assert "roads-1997" not in str(caught.value)
    house.people.empower("RUS delegate", basis="note", draft="roads-1997", by="S")
    assert not house.view("RUS delegate").powers
    assert house.view("KAZ auditor").powers


def test_an_item_of_the_narrow_format_is_for_heads_of_delegation(house):
    draft_of(house, "KAZ delegate")
    house.drafts.register("roads-1997", by="S")
    house.drafts.circulate("roads-1997", by="S", until="1997-02-01")
    house.drafts.agree("roads-1997", by="S", on="1997-02-02")
    house.sessions.convene("chs", "1997-03-28", place="Moscow", by="S")
    house.sessions.place("roads-1997", "chs/1997-03-28", by="S", narrow=True)
    assert sees(house) == INSIDE | DELEGATIONS
    shown = {
        item.person.name
        for item in house.chamber().admissions
        if house.view(item.person.name).session("chs/1997-03-28").items
    }
    assert shown == INSIDE | DELEGATIONS - {"KAZ expert"}
    house.sessions.postpone("roads-1997", by="S")
    house.sessions.place("roads-1997", "chs/1997-03-28", by="S")
    assert sees(house) == INSIDE | DELEGATIONS | OBSERVERS, "an item in the open is for all"
