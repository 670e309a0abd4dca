"""Between two states: replacement, extension, windows of preference, and what an incomplete register may not say."""

from dataclasses import replace
from datetime import date

from dostastyq.register.model import Coverage
from dostastyq.register.pairwise import instrument_line, kind_line, preference_line
from dostastyq.register.timeline import NEVER, UNKNOWN, at

BASE = """{slug}:
  kind: treaty
  domain: [trade]
  title: {{en: A treaty, ru: Договор}}
  preference: {preference}
  signed: {{date: "2000-01-10", place: Minsk, by: [ARM, BLR], src: [note], conf: high}}
  eif: {{unknown: true}}
  complete: {{date: "2020-12-31", src: [note], conf: high}}
{more}  acts:
{acts}
"""
UNION = "{kind: customs_union, src: [note], conf: high}"


def act(state, day, kind="entry_into_force", **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f'    - {{state: {state}, act: {kind}, date: "{day}"{extra}, src: [note], conf: high}}\n'


def text(slug, *acts, preference=UNION, more=""):
    return BASE.format(slug=slug, preference=preference, more=more, acts="".join(acts) or "    []\n")


def on(line, *years):
    return [at(line, date(year, 7, 1)) for year in years]


def test_both_must_apply_it(small):
    reg = small(text("old", act("ARM", "2001-01-01"), act("BLR", "2003-01-01")))
    assert on(reg.line("old", "ARM", "BLR"), 2001, 2002, 2003) == [False, False, True]
    assert reg.line("old", "BLR", "ARM") is reg.line("old", "ARM", "BLR")
    assert instrument_line(reg, "old", "ARM", "ARM") == NEVER


def test_replaced_only_between_parties_of_the_later_treaty(small):
    """Clause 15: free trade of 1994 and of 2011."""
    entries = [act(state, "2001-01-01") for state in ("ARM", "BLR", "KAZ")]
    replaced = '  replaced_between: {parties_of: new, date: "2005-01-01", src: [note], conf: high}\n'
    new = [act("ARM", "2004-01-01"), act("BLR", "2006-01-01"), act("BLR", "2010-01-01", "withdrawal_effective")]
    reg = small(text("old", *entries, more=replaced) + text("new", *new))
    assert on(reg.line("old", "ARM", "BLR"), 2004, 2005, 2006, 2011) == [True, True, False, False]
    assert on(reg.line("old", "ARM", "KAZ"), 2004, 2011) == [True, True]
    assert on(reg.without("new").line("old", "ARM", "BLR"), 2005, 2006) == [True, False]
    assert on(reg.without("new", revive=True).line("old", "ARM", "BLR"), 2005, 2006, 2011) == [True, True, True]


def test_extension_reaches_parties_of_the_treaty_only(small):
    """Clause 16: the protocol with Uzbekistan of 2013."""
    treaty = text("t", act("ARM", "2001-01-01"), act("ARM", "2008-01-01", "withdrawal_effective"))
    entries = [act(state, "2002-01-01") for state in ("ARM", "BLR", "KAZ")]
    more = "  extends_to: [KAZ]\n  relations: [{type: extends_application_of, target: t, src: [note], conf: high}]\n"
    reg = small(treaty + text("p", *entries, more=more))
    assert on(reg.line("p", "ARM", "KAZ"), 2001, 2002, 2008) == [False, True, False]
    assert on(reg.line("p", "BLR", "KAZ"), 2005) == [False]
    assert on(reg.line("p", "ARM", "BLR"), 2005) == [False]
    assert "p" not in reg.without("t").instruments


def test_window_of_preference(small):
    preference = '{kind: customs_union, from: "2002-01-01", until: 2004/2005, src: [note], conf: low}'
    reg = small(text("t", act("ARM", "2001-01-01"), act("BLR", "2001-01-01"), preference=preference))
    line = preference_line(reg, "t", "ARM", "BLR")
    assert on(line, 2001, 2002, 2004, 2006) == [False, True, None, False]
    assert on(reg.line("t", "ARM", "BLR"), 2001, 2006) == [True, True]
    assert kind_line(reg, "customs_union", "ARM", "BLR") == line


def test_an_instrument_without_preference_gives_none(small):
    reg = small(text("t", act("ARM", "2001-01-01"), act("BLR", "2001-01-01"), preference="none"))
    assert preference_line(reg, "t", "ARM", "BLR") == NEVER


def test_a_kind_not_declared_complete_is_unknown_where_nothing_is_recorded(small):
    preference = "{kind: free_trade_area, src: [note], conf: high}"
    reg = small(text("t", act("ARM", "2001-01-01"), act("BLR", "2001-01-01"), preference=preference))
    assert on(kind_line(reg, "free_trade_area", "ARM", "BLR"), 2000, 2001) == [None, True]
    assert kind_line(reg, "economic_union", "ARM", "BLR") == UNKNOWN
    assert kind_line(reg, "customs_union", "ARM", "BLR") == NEVER
    assert reg.panel([2000], by="kind")["free_trade_area"].null_count() == 6


def test_what_completeness_rested_on_goes_with_a_revived_past(reg):
    """Between parties of the 2011 treaty its annex ended the bilateral ones; without it the rest is unknown."""
    revived = reg.without("fta-2011", revive=True)
    for law, known, unknown in ((reg, False, True), (reg.without("fta-2011"), False, False), (revived, True, None)):
        assert on(kind_line(law, "free_trade_area", "RUS", "UKR"), 2020) == [known]
        assert on(kind_line(law, "free_trade_area", "MDA", "TJK"), 2020) == [unknown]


def test_a_bilateral_agreement_has_no_third_party_and_makes_its_pair_known(small):
    preference = "{kind: free_trade_area, src: [note], conf: high}"
    bilateral = text("b", act("ARM", "2001-01-01"), act("BLR", "2001-01-01"), preference=preference)
    treaty = text("t", act("ARM", "2010-01-01"), act("KAZ", "2010-01-01"), preference=preference)
    reg = small(bilateral.replace("kind: treaty", "kind: bilateral", 1) + treaty)
    coverage = Coverage(kind="free_trade_area", between="t")
    reg = replace(reg, coverage={"free_trade_area": coverage})
    assert reg.line("b", "ARM", "KAZ") == NEVER
    assert on(kind_line(reg, "free_trade_area", "ARM", "BLR"), 2000, 2001) == [False, True]
    assert on(kind_line(reg, "free_trade_area", "ARM", "KAZ"), 2000, 2011) == [None, True]
    assert on(kind_line(reg.without("b"), "free_trade_area", "ARM", "BLR"), 2005) == [False]
    assert on(kind_line(reg.without("b", revive=True), "free_trade_area", "ARM", "BLR"), 2005) == [None]
