"""What a status says, its proof, and the questions that are refused."""

from datetime import date, datetime

import pytest

from dostastyq.errors import DostastyqError
from dostastyq.register.status import CODES, IN_FORCE


def test_a_status_reads_as_an_officer_would_say_it(reg):
    text = str(reg.status("fta-2011", "KAZ", on="2012-12-07"))
    assert text.splitlines()[0] == (
        "fta-2011, KAZ, 2012-12-07: CONSENTED, consented, not yet in force for it "
        "(bound: no, applied: no; confidence medium)"
    )
    late = "a state that consents later, 30 days after its own act"
    basis = "30 days after the depositary receives the third notification"
    rule = f"rule of entry into force: 30 days after consent no. 3 (ratification or notification); {late} ({basis})"
    assert text.splitlines()[1:] == [
        "  - Kazakhstan signed on 18 October 2011 [wiki_fta11; high]",
        f"  - {rule}",
        "  - consent no. 3 received: 21 August 2012 or earlier (Belarus, Russia and Ukraine)",
        "  - the instrument: in force from 20 September 2012 [wiki_fta11, huggo, topgorod_12; high]",
        "  - Kazakhstan: notification, 8 November 2012 (computed), with effect from 8 December 2012 [huggo; medium]",
        "  - so on 7 December 2012: consented, not yet in force for it, since 8 November 2012, until 8 December 2012",
    ]
    day_later = str(reg.status("fta-2011", "KAZ", on="2012-12-08"))
    assert day_later.endswith("so on 8 December 2012: in force for it, since 8 December 2012")


def test_since_and_until(reg):
    before, after = (reg.status("fta-2011", "KAZ", on=day) for day in ("2012-12-07", "2012-12-08"))
    assert (str(before.since), str(before.until)) == ("2012-11-08", "2012-12-08")
    assert (str(after.since), after.until) == ("2012-12-08", None)
    assert str(reg.status("eurasec-2000", "KAZ", on="2010-01-01").until) == "2015-01-01"


@pytest.mark.parametrize(
    ("slug", "state", "day", "code"),
    [
        ("fta-2011", "KAZ", "2011-10-17", "NONE"),
        ("fta-2011", "KAZ", "2011-10-18", "SIGNED"),
        ("cis-charter-1993", "GEO", "2009-01-01", "LEAVING"),
        ("cis-charter-1993", "GEO", "2010-01-01", "WITHDRAWN"),
        ("eurasec-2000", "UZB", "2009-01-01", "SUSPENDED"),
        ("eurasec-2000", "KAZ", "2015-01-01", "TERMINATED"),
        ("eec-treaty-2011", "BLR", "2012-01-01", "PROVISIONAL"),
        ("economic-union-1993", "KAZ", "1993-12-24", "PROVISIONAL"),
        ("fta-1994", "TKM", "2023-07-01", "PROVISIONAL"),
        ("fta-1994", "AZE", "2005-01-01", "UNKNOWN"),
        ("payments-union-1994", "UKR", "2005-01-01", "SIGNED"),
    ],
)
def test_codes(reg, slug, state, day, code):
    assert reg.status(slug, state, on=day).code == code


OUTSIDE = ("NONE", "NEGOTIATING", "ADOPTED", "SIGNED", "DECLINED", "CONSENTED", "WITHDRAWN", "TERMINATED")


def test_codes_and_truths_agree(reg):
    """No code says more than its truths, over every state and instrument on some days."""
    doubt = {(None, None), (False, None), (None, False), (True, None)}
    allowed = {
        "SUSPENDED": {(True, False), (None, False)},
        "PROVISIONAL": {(False, True), (None, True)},
        **{code: {(True, True)} for code in IN_FORCE},
        "REPLACED": {(True, False)},
        "UNKNOWN": doubt,
        "CONFLICT": doubt,
        **{code: {(False, False)} for code in OUTSIDE},
    }
    assert set(allowed) == set(CODES)
    for day in ("1992-06-01", "1996-01-01", "2005-01-01", "2012-12-08", "2023-07-01", "2026-10-01"):
        for slug in reg.instruments:
            for state in reg.states:
                status = reg.status(slug, state, on=day)
                assert (status.bound, status.applied) in allowed[status.code], status


def test_every_answer_has_reasons_and_every_source_is_known(reg):
    for slug in reg.instruments:
        for state in reg.states:
            proof = reg.status(slug, state, on="2023-07-01").proof
            assert len(proof) >= 1
            assert {source for step in proof for source in step.sources} <= set(reg.sources)


def test_beyond_the_horizon_continuity_is_a_labelled_presumption(reg):
    status = reg.status("fta-2011", "KAZ", on="2026-06-01")
    assert status.applied is True
    assert status.confidence == "low"
    assert "presumed to continue" in str(status)
    assert "presumed" not in str(reg.status("fta-2011", "KAZ", on="2026-03-20"))


def test_statements_do_not_weaken_the_answer(reg):
    """What a state said about leaving has medium confidence; that it is bound has high."""
    status = reg.status("fta-2011", "BLR", on="2023-07-01")
    assert status.confidence == "high"
    assert any(
        "drafting a denunciation law" in line for line in reg.status("fta-2011", "UKR", "2023-07-01").proof.lines
    )


def test_as_data(reg):
    record = reg.status("eaeu-2014", "KGZ", on=date(2015, 8, 12)).to_dict()
    keys = ["instrument", "state", "on", "known_at", "code", "bound", "applied", "since", "until", "proof"]
    assert list(record)[:10] == keys
    assert (record["on"], record["since"], record["until"]) == ("2015-08-12", "2015-08-12", None)
    assert record["proof"][-2]["sources"] == ["eec_2021", "huggo"]


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("fta-2012", "KAZ", "2015-01-01"), "RG001", "fta-2011"),
        (("fta-2011", "KZA", "2015-01-01"), "RG002", "KAZ"),
        (("fta-2011", "SUN", "2015-01-01"), "RG002", "ARM"),
        (("cis-agreement-1991", "KAZ", "1991-12-15"), "RG004", "1991-12-16"),
        (("fta-2011", "KAZ", "2015"), "DT002", "YYYY-MM-DD"),
        (("fta-2011", "KAZ", "2015-01-01", datetime(2026, 11, 22)), "RG005", "time zone"),  # noqa: DTZ001
        (("fta-2011", "KAZ", "2015-01-01", "2014"), "DT002", "YYYY-MM-DD"),
    ],
)
def test_refusals(reg, arguments, code, hint):
    with pytest.raises(DostastyqError) as caught:
        reg.status(*arguments)
    assert caught.value.code == code
    assert hint in str(caught.value)


def test_a_state_is_not_paired_with_itself(reg):
    with pytest.raises(DostastyqError) as caught:
        reg.applies("fta-2011", "KAZ", "KAZ", on="2015-01-01")
    assert caught.value.code == "RG006"


def test_parties_and_unknown_parties(reg):
    assert reg.parties("fta-2011", on="2023-07-01") == ("ARM", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "UKR")
    assert reg.unknown_parties("fta-2011", on="2023-07-01") == ()
    assert set(reg.unknown_parties("fta-2011", on="2026-01-01")) == {"AZE", "GEO", "TKM", "UZB"}
    with pytest.raises(DostastyqError):
        reg.parties("fta", on="2023-07-01")
