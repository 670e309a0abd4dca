"""Bad input and shut gates: which rule, what would satisfy it, nothing stored; and what satisfies it opens the gate."""

from dataclasses import replace
from datetime import date

import pytest

from dostastyq.council import Council, compose, procedure_named
from dostastyq.council.case import Case, Shut
from dostastyq.council.gates import GATES
from dostastyq.council.procedure import GATES as NAMED
from dostastyq.council.replay import verify
from dostastyq.errors import DostastyqError
from dostastyq.store import open_journal

SLUG = "roads-1997"
SESSION = "chs/1997-03-28"
SECRETARY, KAZ, RUS, MDA = "S. Secretary", "K. Head", "R. Delegate", "M. Minister"
STREAMS = ("council", "register")


def text(**changes):
    """Compose a short agreement."""
    data = {
        "slug": SLUG,
        "agreement": "transport",
        "parties": ["KAZ", "RUS"],
        "title": {"ru": "Соглашение", "en": "Agreement"},
        "languages": ["ru", "en"],
        "reasons": "roads",
        "depositary": "exec-secretariat",
        "subjects": [{"title": {"ru": "Предмет", "en": "Subject"}, "paragraphs": [{"ru": "Дороги.", "en": "Roads."}]}],
        "finals": [{"pattern": "all_deposits"}],
    }
    return compose({key: value for key, value in (data | changes).items() if value is not None})


NO_ENGLISH = [{"title": {"ru": "Предмет", "en": "Subject"}, "paragraphs": [{"ru": "Дороги."}]}]
OTHER_WORDS = [{"title": {"ru": "Предмет", "en": "Subject"}, "paragraphs": [{"ru": "Мосты.", "en": "Bridges."}]}]
OWN_FINAL = [{"title": {"ru": "Сила", "en": "Force"}, "paragraphs": [{"ru": "Когда-нибудь.", "en": "Some day."}]}]


class House:
    """A council, and ways to bring a draft to where a gate is looked at."""

    def __init__(self, journal):
        self.journal = journal
        self.council = Council(journal)
        self.drafts, self.sessions = self.council.drafts, self.council.sessions
        self.decisions, self.signatures = self.council.decisions, self.council.signatures
        self.people, self.tasks = self.council.people, self.council.tasks
        self.people.admit(SECRETARY, "secretariat", "secretary", by=SECRETARY, rehearsal=True, on="1997-01-06")
        self.people.admit(KAZ, "KAZ", "head_of_state", by=SECRETARY)
        self.people.admit(RUS, "RUS", "delegate", by=SECRETARY)
        self.people.admit(MDA, "MDA", "foreign_minister", by=SECRETARY)

    def propose(self, made=None, organ="chs", **more):
        return self.drafts.propose(made or text(), organ=organ, by=KAZ, **more)

    def registered(self, **more):
        self.propose(**more)
        self.drafts.register(SLUG, by=SECRETARY)

    def circulated(self, **more):
        self.registered(**more)
        self.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-01")

    def agreed(self, **more):
        self.circulated(**more)
        self.drafts.agree(SLUG, by=SECRETARY, on="1997-02-02")

    def placed(self, day="1997-03-28", organ="chs", **more):
        self.agreed(organ=organ, **more)
        self.sessions.convene(organ, day, place="Moscow", by=SECRETARY)
        self.sessions.place(SLUG, f"{organ}/{day}", by=SECRETARY)

    def opened(self, day="1997-03-28", organ="chs", present=None, **more):
        self.placed(day, organ, **more)
        self.sessions.open(f"{organ}/{day}", by=SECRETARY, present=present, on=day)

    def voting(self, **more):
        self.opened(**more)
        self.decisions.open(SLUG, by=SECRETARY)

    def adopted(self, *, uninterested=(), **more):
        self.voting(**more)
        self.decisions.vote(SLUG, "for", by=KAZ)
        for name in uninterested:
            self.decisions.vote(SLUG, "non_interest", by=name)
        self.decisions.close(SLUG, by=SECRETARY)

    def signing(self, **more):
        self.adopted(**more)
        self.signatures.open(SLUG, by=SECRETARY)

    def signed(self, **more):
        self.signing(**more)
        self.signatures.sign(SLUG, by=KAZ)
        self.signatures.close(SLUG, by=SECRETARY)

    def recorded(self, **more):
        self.adopted(made=text(agreement="decision", finals=[{"pattern": "on_signature"}]), **more)
        self.signatures.enact(SLUG, by=SECRETARY)

    def refuse(self, call, code, found, remedy):
        """A step is refused: the code, what is wrong and what would satisfy it; nothing is stored."""
        before = [self.journal.head(stream) for stream in STREAMS]
        with pytest.raises(DostastyqError) as caught:
            call()
        assert caught.value.code == code, caught.value
        assert found in caught.value.message
        assert remedy in caught.value.hint
        assert [self.journal.head(stream) for stream in STREAMS] == before
        return caught.value


@pytest.fixture
def house(tmp_path):
    """A council; what is in its journal at the end could all have been."""
    with open_journal(tmp_path / "council.sqlite") as journal:
        made = House(journal)
        yield made
        assert not verify(journal)
        assert journal.verify().ok


# Each gate once: where it is looked at, the step refused, code, rule, remedy, and what the remedy amounts to.


def _reasons(house):
    house.refuse(lambda: house.propose(text(reasons="")), "CN220", "rules-1996", "`reasons`")
    house.propose()


def _through_statutory_organ(house):
    house.propose(origin="railway-council")
    house.refuse(lambda: house.drafts.register(SLUG, by=SECRETARY), "CN221", "railway-council", "--through")
    call = lambda: house.drafts.register(SLUG, by=SECRETARY, through="easc")  # noqa: E731
    house.refuse(call, "CN221", "easc", "chg")
    house.drafts.register(SLUG, by=SECRETARY, through="chg")


def _languages(house):
    house.registered(made=text(subjects=NO_ENGLISH))
    call = lambda: house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-01")  # noqa: E731
    house.refuse(call, "CN222", "the text in en lacks 1.1", "draft revise")
    house.drafts.revise(SLUG, text(), by=KAZ)
    call()


def _impact_attached(house):
    house.registered(made=text(agreement="free_trade_area", scenario={"baseline": "cis-2023"}))
    call = lambda: house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-01")  # noqa: E731
    house.refuse(call, "CN223", "not been assessed", f"draft impact {SLUG}")
    house.drafts.attach_impact(SLUG, by=SECRETARY)
    call()


def _before_deadline(house):
    house.circulated()
    call = lambda: house.drafts.opine(SLUG, "agree", by=RUS, on="1997-02-03")  # noqa: E731
    house.refuse(call, "CN224", "1997-02-01", "circulate it once more")
    house.drafts.convene_experts(SLUG, by=SECRETARY, on="1997-02-02")
    house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-20")
    call()


def _entitled(house):
    house.circulated(organ="interstate-bank")
    house.refuse(lambda: house.drafts.opine(SLUG, "agree", by=MDA), "CN231", "MDA", "KAZ, RUS")
    house.drafts.opine(SLUG, "agree", by=RUS)


def _opinions_in(house):
    house.circulated()
    house.refuse(lambda: house.drafts.agree(SLUG, by=SECRETARY), "CN225", "no opinion yet of KAZ", "deadline")
    house.drafts.agree(SLUG, by=SECRETARY, on="1997-02-02")


def _no_objection(house):
    house.circulated()
    house.drafts.opine(SLUG, "object", by=RUS, remarks={"1.1": "which?"})
    call = lambda: house.drafts.agree(SLUG, by=SECRETARY)  # noqa: E731
    house.refuse(lambda: house.drafts.agree(SLUG, by=SECRETARY, on="1997-02-02"), "CN226", "RUS objects", "experts")
    house.drafts.convene_experts(SLUG, by=SECRETARY, on="1997-02-02")
    house.drafts.revise(SLUG, text(subjects=OTHER_WORDS), by=KAZ)
    house.refuse(call, "CN226", "version 2 was not circulated", "draft circulate")
    house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-20")
    house.drafts.agree(SLUG, by=SECRETARY, on="1997-02-21")


def _agreed_beforehand(house):
    house.registered()
    house.sessions.convene("chs", "1997-03-28", place="Moscow", by=SECRETARY)
    call = lambda: house.sessions.place(SLUG, SESSION, by=SECRETARY)  # noqa: E731
    house.refuse(call, "CN227", "not submitted [rules-1996", "circulate")
    house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-01")
    house.refuse(call, "CN227", "not submitted [rules-1996", "agree")
    house.drafts.agree(SLUG, by=SECRETARY, on="1997-02-02")
    call()


def _referred_by_session(house):
    house.placed()
    house.sessions.postpone(SLUG, by=SECRETARY)
    assert GATES["referred_by_session"](_case(house, "place")) is None
    draft = replace(house.council.chamber().draft(SLUG), stage="agreed")
    shut = GATES["referred_by_session"](_case(house, "place", draft=draft))
    assert isinstance(shut, Shut)
    assert "refer" in shut.remedy
    house.sessions.place(SLUG, SESSION, by=SECRETARY)


def _session_of_organ(house):
    house.agreed()
    house.sessions.convene("chg", "1997-03-20", place="Moscow", by=SECRETARY)
    house.sessions.convene("chs", "1997-03-28", place="Moscow", by=SECRETARY)
    call = lambda: house.sessions.place(SLUG, "chg/1997-03-20", by=SECRETARY)  # noqa: E731
    house.refuse(call, "CN228", "is a session of chg", "name a session of chs")
    house.sessions.place(SLUG, SESSION, by=SECRETARY)


def _in_time(house):
    house.agreed(rules="rules-2009")
    house.sessions.convene("chs", "1997-02-05", place="Moscow", by=SECRETARY)
    house.sessions.convene("chs", "1997-03-28", place="Moscow", by=SECRETARY)
    call = lambda: house.sessions.place(SLUG, "chs/1997-02-05", by=SECRETARY)  # noqa: E731
    house.refuse(call, "CN229", "less than P10D before the session", "1997-02-12 or later")
    house.sessions.place(SLUG, SESSION, by=SECRETARY)


def _organ_below(house):
    house.placed()
    house.refuse(lambda: house.sessions.refer(SLUG, "chs", by=SECRETARY), "CN230", "not below chs", "chg")
    house.sessions.refer(SLUG, "chg", by=SECRETARY)


def _session_open(house):
    house.placed()
    house.refuse(lambda: house.decisions.open(SLUG, by=SECRETARY), "CN232", "is convened", "session open")
    house.sessions.open(SESSION, by=SECRETARY, on="1997-03-28")
    house.decisions.open(SLUG, by=SECRETARY)


def _rule_known(house):
    house.opened(organ="railway-council")
    house.refuse(lambda: house.decisions.open(SLUG, by=SECRETARY), "CN233", "railway-council", "chg")
    house.sessions.close("railway-council/1997-03-28", by=SECRETARY)


def _weights_in_force(house):
    house.opened(organ="interstate-bank")
    call = lambda **votes: house.decisions.open(SLUG, by=SECRETARY, weights=votes or None)  # noqa: E731
    house.refuse(call, "CN234", "recorded for RUS 50 only", "--weights")
    house.refuse(lambda: call(RUS=50, KAZ=20), "CN234", "70 and not to 100", "check each weight")
    call(RUS=50, KAZ=50)


def _vote_open(house):
    house.opened()
    house.refuse(lambda: house.decisions.vote(SLUG, "for", by=KAZ), "CN206", "it is on_agenda", "open_vote")
    assert GATES["vote_open"](_case(house, "vote")).code == "CN235"
    house.decisions.open(SLUG, by=SECRETARY)
    house.decisions.vote(SLUG, "for", by=KAZ)


def _past_session(house):
    house.opened()
    house.refuse(lambda: house.decisions.report(SLUG, "  ", by=SECRETARY), "CN236", "source", "source")
    house.decisions.report(SLUG, "Gazette", by=SECRETARY)


def _decision_of_organ(house):
    house.adopted()
    house.refuse(lambda: house.signatures.enact(SLUG, by=SECRETARY), "CN237", "agreement", "sign open")
    house.signatures.open(SLUG, by=SECRETARY)


def _final_clauses_readable(house):
    house.circulated(made=text(finals=OWN_FINAL))
    call = lambda day: house.drafts.agree(SLUG, by=SECRETARY, on=day)  # noqa: E731
    house.refuse(lambda: call("1997-02-02"), "CN238", "machine-readable", "pattern")
    house.drafts.convene_experts(SLUG, by=SECRETARY, on="1997-02-02")
    house.drafts.revise(SLUG, text(), by=KAZ)
    house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-20")
    call("1997-02-21")


def _depositary_named(house):
    house.circulated(made=text(depositary=None))
    call = lambda day: house.drafts.agree(SLUG, by=SECRETARY, on=day)  # noqa: E731
    refused = house.refuse(lambda: call("1997-02-02"), "CN237", "no depositary is named", "name one in `depositary`")
    assert "rules-1996" in refused.message
    house.drafts.convene_experts(SLUG, by=SECRETARY, on="1997-02-02")
    house.drafts.revise(SLUG, text(), by=KAZ)
    house.drafts.circulate(SLUG, by=SECRETARY, until="1997-02-20")
    call("1997-02-21")


def _full_powers(house):
    house.signing()
    call = lambda: house.signatures.sign(SLUG, by=RUS)  # noqa: E731
    house.refuse(call, "CN240", "no full powers of RUS (Vienna Convention", "organ empower")
    house.people.empower(RUS, basis="note 7", draft=SLUG, by=SECRETARY)
    call()


def _entitled_to_sign(house):
    house.signing()
    house.refuse(lambda: house.signatures.sign(SLUG, by=MDA), "CN241", "MDA", "KAZ, RUS")
    house.signatures.sign(SLUG, by=KAZ)


def _somebody_signed(house):
    house.signing()
    house.refuse(lambda: house.signatures.close(SLUG, by=SECRETARY), "CN242", "nobody has signed", "sign first")
    house.signatures.sign(SLUG, by=KAZ)
    house.signatures.close(SLUG, by=SECRETARY)


def _in_force_by_register(house):
    house.signed()
    call = lambda: house.signatures.enter_into_force(SLUG, by=SECRETARY)  # noqa: E731
    house.refuse(call, "CN243", "Kazakhstan", "sign deposit")
    house.signatures.deposit(SLUG, "KAZ", "ratification", by=SECRETARY)
    call()


def _tasks_done(house):
    house.recorded()
    house.tasks.assign(SLUG, "build", to=["KAZ"], by=SECRETARY)
    house.refuse(lambda: house.signatures.finish(SLUG, by=SECRETARY), "CN244", f"{SLUG}#1", "task progress")
    house.tasks.progress(f"{SLUG}#1", 100, by=KAZ)
    house.signatures.finish(SLUG, by=SECRETARY)


def _case(house, step, *, draft=None):
    chamber, rules = house.council.chamber(), procedure_named("cis", "rules-1996")
    return Case(
        chamber=chamber,
        law=house.council.law(),
        draft=draft or chamber.draft(SLUG),
        map=rules,
        step=rules.steps[step],
        person=chamber.admissions[0].person,
        on=date(1997, 3, 28),
        today=date(1997, 3, 28),
    )


LOOKED = {name[1:]: look for name, look in list(globals().items()) if name[1:] in NAMED}


def test_every_gate_is_tried():
    assert set(LOOKED) == NAMED


@pytest.mark.parametrize("gate", sorted(LOOKED))
def test_gates(gate, house):
    LOOKED[gate](house)


# The bad input that the commands must refuse.


def test_a_state_that_is_not_entitled(house):
    house.voting(present=["KAZ", "MDA"])
    house.people.empower(RUS, basis="note 7", by=SECRETARY)
    house.refuse(lambda: house.decisions.vote(SLUG, "for", by=RUS), "CN231", "RUS is not at the session", "KAZ, MDA")
    house.refuse(lambda: house.decisions.vote(SLUG, "for", by=KAZ, state="RUS"), "CN212", "acts for KAZ", "of RUS")


def test_entitlement_is_frozen_when_the_vote_opens(house):
    house.opened(organ="interstate-bank")
    house.decisions.open(SLUG, by=SECRETARY, weights={"RUS": 50, "KAZ": 50})
    refused = house.refuse(lambda: house.decisions.vote(SLUG, "for", by=MDA), "CN231", "frozen on 1997-03-28", "RUS")
    assert "interstate_bank" in refused.message


def test_a_vote_after_the_close(house):
    house.adopted()
    refused = house.refuse(
        lambda: house.decisions.vote(SLUG, "for", by=RUS), "CN235", "the vote was closed on 1997-03-28", "agenda"
    )
    assert SLUG in refused.message
    house.decisions.vote(SLUG, "for", by=KAZ), "what was cast is answered again"
    house.refuse(lambda: house.decisions.vote(SLUG, "against", by=KAZ), "CN255", "KAZ has voted for", "once")


def test_an_edition_that_does_not_exist(house):
    house.refuse(lambda: house.propose(rules="rules-1997"), "CN001", "'rules-1997'", "rules-1996")
    call = lambda: house.sessions.convene("chs", "1997-03-28", place="Moscow", by=SECRETARY, rules="2002")  # noqa: E731
    house.refuse(call, "CN001", "'2002'", "rules-2002")


def test_weights_out_of_date(house):
    house.opened(organ="mek", day="1998-01-15")
    call = lambda: house.decisions.open(SLUG, by=SECRETARY)  # noqa: E731
    house.refuse(call, "CN234", "not in force on 1998-01-15 (mek_1994: from 1994-10-21 until 1998-01-01)", "day of the")


def test_weights_on_the_last_day_of_their_period(house):
    house.opened(organ="mek", day="1997-12-31")
    assert house.decisions.open(SLUG, by=SECRETARY).rule["weights"] == "mek_1994"


def test_a_full_power_that_expired(house):
    house.people.empower(RUS, basis="note 7", by=SECRETARY, until="1997-03-28")
    house.signing()
    call = lambda: house.signatures.sign(SLUG, by=RUS)  # noqa: E731
    house.refuse(call, "CN240", "valid 1997-01-06 – 1997-03-28, not on 1997-03-28", "organ empower")
    house.people.empower(RUS, basis="note 8", by=SECRETARY, until="1997-03-29")
    call()


def test_who_declared_that_it_is_not_interested_accedes_later(house):
    house.adopted(uninterested=[RUS])
    house.people.empower(RUS, basis="note 7", by=SECRETARY)
    house.signatures.open(SLUG, by=SECRETARY)
    house.refuse(lambda: house.signatures.sign(SLUG, by=RUS), "CN241", "not interested", "sign deposit")
    house.signatures.sign(SLUG, by=KAZ)
    house.signatures.close(SLUG, by=SECRETARY)
    house.signatures.deposit(SLUG, "RUS", "accession", by=SECRETARY)
    assert [act.kind for act in house.council.law().instrument(SLUG).acts] == ["accession"]


def test_a_round_in_which_nobody_signed_opens_again_on_another_day(house):
    house.signing()
    house.signatures.decline(SLUG, by=KAZ, statement="not today")
    call = lambda: house.signatures.sign(SLUG, by=KAZ, on="1997-03-29")  # noqa: E731
    house.refuse(call, "CN261", "KAZ has declined", "stands")
    house.signatures.open(SLUG, by=SECRETARY, on="1997-03-29")
    call()
    house.refuse(lambda: house.signatures.open(SLUG, by=SECRETARY), "CN249", "excludes", "map")
    assert house.council.law().instrument(SLUG).signed.by == ("KAZ",)


def test_who_has_not_signed_does_not_ratify(house):
    house.people.admit("R. Head", "RUS", "head_of_state", by=SECRETARY)
    house.signed(made=text(parties=["KAZ", "MDA", "RUS"], finals=[{"pattern": "all_deposits"}]))
    for act in ("ratification", "definitive_signature"):
        call = lambda act=act: house.signatures.deposit(SLUG, "RUS", act, by=RUS)  # noqa: E731
        house.refuse(call, "CN267", "RUS, which has not signed", "accession")
        call = lambda act=act: house.signatures.deposit(SLUG, "UZB", act, by=SECRETARY)  # noqa: E731
        house.refuse(call, "CN267", "UZB, which has not signed", "accession")
    house.signatures.deposit(SLUG, "KAZ", "ratification", by=KAZ)


def test_no_reservation_to_a_text_that_allows_none(house):
    house.signing(made=text(finals=[{"pattern": "all_deposits"}, {"pattern": "no_reservations"}]))
    call = lambda: house.signatures.sign(SLUG, by=KAZ, reservations={"Art. 1": "not on Sundays"})  # noqa: E731
    house.refuse(call, "CN268", "allows none", "--statement")
    house.signatures.sign(SLUG, by=KAZ, statement="On Sundays we walk.")
    house.signatures.close(SLUG, by=SECRETARY)
    call = lambda: house.signatures.deposit(  # noqa: E731
        SLUG, "KAZ", "reservation", by=KAZ, provisions=("Art. 1",), text="not on Sundays"
    )
    house.refuse(call, "CN268", "allows none", "leave it out")


def test_nobody_takes_the_chair_by_naming_themselves(house):
    house.agreed()
    convene = house.sessions.convene
    call = lambda: convene("chs", "1997-03-28", place="Chisinau", chair="MDA", by=MDA)  # noqa: E731
    house.refuse(call, "CN210", "may not convene", "chair, secretariat")
    convene("chs", "1997-03-28", place="Moscow", chair="MDA", by=SECRETARY)
    house.sessions.place(SLUG, "chs/1997-03-28", by=MDA)


def test_only_who_speaks_for_the_depositary_deposits_for_others(house):
    house.people.admit("B. Observer", "BLR", "observer", by=SECRETARY)
    house.people.admit("B. Expert", "BLR", "expert", by=SECRETARY)
    house.people.admit("B. Delegate", "BLR", "delegate", by=SECRETARY)
    house.signed(made=text(depositary="BLR"))
    for name in ("B. Observer", "B. Expert"):
        with pytest.raises(DostastyqError) as caught:
            house.signatures.deposit(SLUG, "KAZ", "ratification", by=name)
        assert caught.value.code == "CN210"
    house.signatures.deposit(SLUG, "KAZ", "ratification", by="B. Delegate")
