"""What the clauses say, counted by hand, against what the register computes from their forms."""

import json
from datetime import date, timedelta
from types import MappingProxyType

import pytest

from dostastyq import register
from dostastyq.council.composer import compose
from dostastyq.register.reader import compose as nodes
from dostastyq.register.schema import read_instrument
from dostastyq.register.schema_base import Known

REG = register.load("cis")
PARTIES = ["ARM", "KAZ", "KGZ", "RUS"]
SIGNED = date(2027, 5, 14)


def law_of(*finals, acts=(), parties=PARTIES):
    draft = compose(
        {
            "slug": "drawn",
            "kind": "treaty",
            "domain": ["trade"],
            "title": {"en": "T", "ru": "Т"},
            "parties": parties,
            "subjects": [{"title": {"en": "Aim"}, "paragraphs": [{"en": "The Parties cooperate."}]}],
            "finals": [{"pattern": code, "values": values} for code, values in finals],
        }
    )
    known = Known(frozenset(REG.sources), frozenset(REG.states), frozenset({*REG.instruments, "drawn"}), None)
    acts = [{"state": s, "act": a, "date": d} for s, a, d in acts]
    record = draft.record(
        signed={"date": SIGNED.isoformat(), "place": "Astana", "by": parties}, source="own", acts=acts
    )
    item = read_instrument("drawn", nodes(json.dumps(record, ensure_ascii=False), "drawn"), known)
    return REG.changed(instruments=MappingProxyType(dict(REG.instruments) | {"drawn": item}))


DEPOSITED = [
    (s, "ratification", d)
    for s, d in zip(PARTIES, ("2027-06-01", "2027-07-01", "2027-08-01", "2027-09-01"), strict=True)
]
BY_COUNT = ("2027-08-31", "2027-08-31", "2027-08-31", "2027-10-01")

CASES = [
    ([("third_deposit_30_days", {})], DEPOSITED, dict(zip(PARTIES, BY_COUNT, strict=True))),
    ([("third_deposit_later_30_days", {})], DEPOSITED, {"KAZ": "2027-08-01", "KGZ": "2027-08-01", "RUS": "2027-10-01"}),
    (
        [("on_signature_deposit_for_some", {"states": ["KAZ"]})],
        [("KAZ", "notification", "2027-07-01")],
        {"ARM": "2027-05-14", "KAZ": "2027-07-01"},
    ),
    ([("own_ratification", {"delay": "P1M"})], [("ARM", "ratification", "2028-01-31")], {"ARM": "2028-02-29"}),
    (
        [("accession_not_counted", {"count": 2})],
        [*DEPOSITED[:2], ("UZB", "accession", "2027-06-05"), ("TJK", "accession", "2027-08-01")],
        {"ARM": "2027-07-01", "UZB": "2027-07-01", "TJK": "2027-08-01"},
    ),
    (
        [("founders_or_day", {"states": ["ARM", "RUS"], "date": "2027-08-15"})],
        DEPOSITED,
        {"ARM": "2027-08-15", "KAZ": "2027-08-15", "KGZ": "2027-08-15", "RUS": "2027-09-01"},
    ),
    (
        [("founders_or_day", {"states": ["ARM", "KAZ"], "date": "2027-08-15"})],
        DEPOSITED,
        {"ARM": "2027-07-01", "KAZ": "2027-07-01", "KGZ": "2027-08-01"},
    ),
    ([("all_deposits_and_day", {"date": "2027-08-15"})], DEPOSITED, {"ARM": "2027-09-01"}),
    ([("all_deposits_and_day", {"date": "2027-12-31"})], DEPOSITED, {"ARM": "2027-12-31"}),
    (
        [("all_deposits", {"delay": "P30D"}), ("accession", {"delay": "P30D"})],
        [*DEPOSITED, ("UZB", "accession", "2027-06-05"), ("TJK", "accession", "2027-12-01")],
        {"ARM": "2027-10-01", "UZB": "2027-10-01", "TJK": "2027-12-31"},
    ),
]


@pytest.mark.parametrize(("finals", "acts", "days"), CASES)
def test_a_treaty_enters_into_force_on_the_day_that_its_text_says(finals, acts, days):
    law = law_of(*finals, acts=acts)
    for state, day in days.items():
        before = (date.fromisoformat(day) - timedelta(1)).isoformat()
        assert law.status("drawn", state, before).code != "IN_FORCE", (state, before)
        assert law.status("drawn", state, day).code == "IN_FORCE", (state, day)


def test_provisional_application_begins_and_ends_as_the_text_says():
    law = law_of(("third_deposit", {}), ("provisional_after_signature", {"delay": "P60D"}), acts=DEPOSITED)
    codes = [law.status("drawn", "ARM", day).code for day in ("2027-07-12", "2027-07-13", "2027-07-31", "2027-08-01")]
    assert codes == ["CONSENTED", "PROVISIONAL", "PROVISIONAL", "IN_FORCE"]
    law = law_of(
        ("third_deposit", {}), ("provisional_for_some", {"states": ["ARM"], "date": "2027-06-15"}), acts=DEPOSITED
    )
    assert law.status("drawn", "ARM", "2027-06-15").code == "PROVISIONAL"
    assert law.status("drawn", "KAZ", "2027-06-15").code != "PROVISIONAL"


def test_a_term_and_a_notice_run_out_on_their_day():
    law = law_of(("on_signature", {}), ("term", {"period": "P1Y6M"}))
    assert [law.status("drawn", "KAZ", day).code for day in ("2028-11-13", "2028-11-14")] == ["IN_FORCE", "TERMINATED"]
    notice = [("ARM", "withdrawal_notice", "2027-08-31")]
    law = law_of(("on_signature", {}), ("withdrawal", {"notice": "P6M"}), acts=notice)
    assert [law.status("drawn", "ARM", day).code for day in ("2028-02-28", "2028-02-29")] == ["LEAVING", "WITHDRAWN"]
