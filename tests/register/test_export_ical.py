"""The calendar, parsed back: exact days as events, every other day in a note."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from dostastyq.register import exports
from dostastyq.register.exports.events import of_instrument


def parse(reg, **options):
    return Calendar.from_ical(exports.export(reg, "ical", **options))


def test_every_exact_day_is_an_event_and_nothing_else(reg):
    wanted = {
        (f"urn:dostastyq:cis:{event.key}", event.day.earliest)
        for slug in reg.instruments
        for event in of_instrument(reg, slug)
        if event.day.exact
    }
    found = [(str(event["UID"]), event["DTSTART"].dt) for event in parse(reg).walk("VEVENT")]
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_events_last_one_day_and_block_nothing(reg):
    for event in parse(reg, instrument="fta-2011").walk("VEVENT"):
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)
        assert event["TRANSP"] == "TRANSPARENT"


def test_names_are_unique(reg):
    calendar = parse(reg)
    names = [str(part["UID"]) for kind in ("VEVENT", "VJOURNAL") for part in calendar.walk(kind)]
    assert len(set(names)) == len(names)


def test_days_not_exactly_known_are_notes_without_a_day(reg):
    (note,) = parse(reg, instrument="fta-2011").walk("VJOURNAL")
    assert "DTSTART" not in note
    assert "21 August 2012 or earlier: Russia: notification" in str(note["DESCRIPTION"])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Treaty on a Free Trade Area (CIS): Kazakhstan: enters into force for it"),
        ("ru", "Договор о зоне свободной торговли: Казахстан: вступает для него в силу"),
        ("kk", "Еркін сауда аймағы туралы шарт: Қазақстан: ол үшін күшіне енеді"),
    ],
)
def test_events_speak_three_languages(reg, language, said):
    calendar = parse(reg, instrument="fta-2011", language=language)
    summaries = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT") if event["DTSTART"].dt == date(2012, 12, 8)]
    assert said in summaries


def test_it_is_a_complete_calendar(reg):
    calendar = parse(reg, instrument="fta-2011")
    assert str(calendar["VERSION"]) == "2.0"
    assert str(calendar["PRODID"]).startswith("-//Dostastyq//")
    assert all("DTSTAMP" in event for event in calendar.walk("VEVENT"))
