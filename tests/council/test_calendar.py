"""The calendar: whole days, names that last, in three languages, and nothing of what its reader may not see."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from dostastyq import register
from dostastyq.council.calendar import to_ical
from dostastyq.i18n import LANGUAGES

LAW = register.load("cis")


@pytest.fixture(scope="module")
def stages(sample_council, tmp_path_factory):
    made = {
        stage: sample_council.build(tmp_path_factory.mktemp(stage), stage)
        for stage in ("proposed", "opinions", "agenda", "decided")
    }
    yield made
    for sample in made.values():
        sample.council.journal.close()


def events(chamber, language="en"):
    calendar = Calendar.from_ical(to_ical(chamber, LAW, language))
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def test_sessions_deadlines_and_tasks(stages, sample_council):
    secretary = sample_council.SECRETARY
    assert set(events(stages["proposed"].view(secretary))) == set()
    assert set(events(stages["opinions"].view(secretary))) == {
        f"urn:dostastyq:cis:council/deadline/{slug}/1" for slug in (sample_council.UNION, sample_council.MEETING)
    }
    assert set(events(stages["agenda"].view(secretary))) == {"urn:dostastyq:cis:council/session/chg/2027-02-15"}
    assert set(events(stages["decided"].view(secretary))) == {
        "urn:dostastyq:cis:council/session/chg/2027-02-15",
        f"urn:dostastyq:cis:council/task/{sample_council.UNION}#1",
    }


def test_days(stages, sample_council):
    found = events(stages["opinions"].view(sample_council.SECRETARY))
    deadline = found[f"urn:dostastyq:cis:council/deadline/{sample_council.UNION}/1"]
    held = stages["opinions"].council.chamber().draft(sample_council.UNION).deadline
    assert deadline["dtstart"].dt == held == date(2026, 12, 5)
    assert deadline["dtend"].dt == held + timedelta(days=1)


@pytest.mark.parametrize(
    ("language", "summary", "line"),
    [
        ("kk", "Үкімет басшылары кеңесі", "1. Кеден одағы туралы шарт"),
        ("ru", "Совет глав правительств", "1. Договор о таможенном союзе"),
        ("en", "Council of Heads of Government", "1. Treaty on a Customs Union"),
    ],
)
def test_a_session_has_its_place_and_agenda(stages, sample_council, language, summary, line):
    (event,) = events(stages["agenda"].view(sample_council.HEADS["KGZ"]), language).values()
    assert event["summary"] == summary
    assert event["location"] == "Бишкек"
    assert line in event["description"].splitlines()
    assert event["status"] == "TENTATIVE"


def test_same_council_same_bytes_and_names_that_last(stages, sample_council):
    chamber = stages["decided"].view(sample_council.SECRETARY)
    for language in LANGUAGES:
        assert to_ical(chamber, LAW, language) == to_ical(chamber, LAW, language)
        assert set(events(chamber, language)) == set(events(chamber))


def test_nobody_sees_a_deadline_of_a_draft_they_may_not_see(stages, sample_council):
    seen = events(stages["opinions"].view(sample_council.OBSERVER))
    assert seen == {}
    assert (
        events(stages["opinions"].view(sample_council.HEADS["TJK"])).keys()
        == events(stages["opinions"].view(sample_council.SECRETARY)).keys()
    )
