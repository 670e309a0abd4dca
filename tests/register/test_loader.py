"""Bad data is refused with file and line; the traps of YAML 1.1 do not close."""

import re

import pytest

from dostastyq import register
from dostastyq.errors import DostastyqError
from dostastyq.register.loader import read_folder
from dostastyq.register.reader import compose


def refusal(folder):
    with pytest.raises(DostastyqError) as caught:
        read_folder(folder, "copy")
    return caught.value


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the shipped {file} no longer has {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


SPOILED = [
    ("RG020", "states.yaml", "ARM:\n", "ARM: [\n", "not YAML"),
    ("RG021", "states.yaml", 'iso2: "AM"', 'iso2: "AM"\n  iso2: "AM"', "'iso2' is written twice"),
    ("RG021", "states.yaml", "AZE:\n", "ARM:\n", "'ARM' is written twice"),
    ("RG021", "instruments/union.yaml", "\neaeu-2014:", "\nfta-2011:", "'fta-2011' is also in instruments/trade.yaml"),
    ("RG022", "states.yaml", "numeric:", "number:", "unknown key 'number'"),
    ("RG022", "states.yaml", "short:", "brief:", "unknown key 'brief'"),
    ("RG023", "states.yaml", ", en: Kyrgyz Republic}", "}", "missing 'en'"),
    ("RG025", "states.yaml", 'from: "1993-05-05"', 'from: "1990-12-15"', "not after the name before it"),
    ("RG027", "states.yaml", "src: [open_kgz, own]", "src: []", "unsourced fact"),
    ("RG022", "instruments/trade.yaml", "act: suspension,", "act: suspension, toward: [UKR],", "unknown key 'toward'"),
    ("RG022", "coverage.yaml", "customs_union:", "custom_union:", "unknown key 'custom_union'"),
    ("RG023", "instruments/trade.yaml", "  kind: agreement\n", "", "missing 'kind'"),
    ("RG023", "instruments/trade.yaml", "{unknown: true}", "{delay: P0D}", "a clause has one rule"),
    ("RG024", "instruments/trade.yaml", "domain: [trade]", "domain: trade", "expected a list"),
    ("RG024", "sources.yaml", "brief: {", "brief: text\nbrief2: {", "expected a mapping"),
    ("RG025", "instruments/trade.yaml", '"2011-10-18"', '"2011-13-18"', "not a day of the calendar"),
    ("RG025", "instruments/trade.yaml", '"2011-10-18"', '"18.10.2011"', "not a day of the register"),
    ("RG025", "instruments/trade.yaml", "delay: P30D", "delay: 30 days", "not a duration"),
    ("RG026", "instruments/trade.yaml", "state: KGZ, act", "state: KGS, act", "'KGS' is not a state"),
    ("RG026", "instruments/trade.yaml", "src: [wiki_fta11]", "src: [wiki_fta12]", "'wiki_fta12' is not a source"),
    ("RG026", "instruments/trade.yaml", "target: fta-1994", "target: fta-1995", "'fta-1995' is not an instrument"),
    ("RG026", "memberships.yaml", "state: ARM", "state: NO", "'NO' is not a state"),
    ("RG027", "instruments/trade.yaml", ", src: [huggo], conf: medium}", ", conf: medium}", "unsourced fact"),
    ("RG027", "instruments/trade.yaml", "src: [huggo], conf: medium", "src: [], conf: medium", "unsourced fact"),
    ("RG027", "instruments/trade.yaml", "preference: none", "preference: customs_union", "unsourced fact"),
    (
        "RG027",
        "instruments/trade.yaml",
        "who: exec-committee, src: [own], conf: high",
        "who: exec-committee",
        "unsourced",
    ),
    ("RG028", "instruments/trade.yaml", "act: notification", "act: notifikation", "'notifikation' is not an act"),
    ("RG028", "instruments/trade.yaml", "conf: high", "conf: certain", "'certain' is not a confidence"),
    ("RG028", "instruments/trade.yaml", "derived: true", "derived: yes", "'yes' is not true or false"),
    ("RG028", "instruments/trade.yaml", "type: amends", "type: amended", "'amended' is not a relation"),
    ("RG028", "memberships.yaml", "class: associate", "class: associate_member", "not a class of membership"),
    ("RG029", "instruments/trade.yaml", 'effective: "2016-01-02", ', "", "suspension without a day"),
]


@pytest.mark.parametrize("case", SPOILED, ids=lambda case: f"{case[0]}-{case[3][:24].strip()}")
def test_refusals_name_file_and_line(shipped_copy, case):
    code, file, old, new, says = case
    line = spoil(shipped_copy, file, old, new)
    error = refusal(shipped_copy)
    assert error.code == code
    assert says in error.message
    named = re.match(rf"{re.escape(file)}:(\d+)", error.message)
    if code not in {"RG021", "RG023"}:
        assert named, error.message
        assert abs(int(named.group(1)) - line) <= 2


def test_hints_name_the_nearest(shipped_copy):
    spoil(shipped_copy, "instruments/trade.yaml", "target: fta-1994", "target: fta-1995")
    assert "fta-1994" in refusal(shipped_copy).hint


def test_missing_and_empty_files(shipped_copy):
    (shipped_copy / "sources.yaml").write_text("", encoding="utf-8")
    assert refusal(shipped_copy).code == "RG020"
    (shipped_copy / "sources.yaml").unlink()
    assert "cannot be read" in refusal(shipped_copy).message


def test_scalars_stay_text():
    record = dict(compose("NO: 0102\non: yes\ncode: 2011-10-18\nnothing: null\n", "codes.yaml").entries())
    assert {key: value.text() for key, value in record.items()} == {
        "NO": "0102",
        "on": "yes",
        "code": "2011-10-18",
        "nothing": "null",
    }


def test_the_copy_reads_as_the_shipped(shipped_copy, reg):
    assert read_folder(shipped_copy, "cis") == reg


def test_load_refuses_what_it_cannot_do():
    with pytest.raises(DostastyqError) as caught:
        register.load("sic")
    assert caught.value.code == "RG003"
    assert caught.value.hint


def test_load_is_shared():
    assert register.load("cis") is register.load()
