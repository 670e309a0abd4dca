"""The table in the depositary's own codes: what its notes say, and what the register alone may say."""

from datetime import date

import pytest

from dostastyq.errors import DostastyqError
from dostastyq.register.depositary import MARKS, depositary_table

PAYMENTS_NOTE = {
    "BLR": ("1994-12-22", "1995-09-25"),
    "UZB": ("1995-01-19", "1995-09-25"),
    "MDA": ("1995-09-25", "1995-09-25"),
    "KAZ": ("1995-10-30", "1995-10-30"),
    "KGZ": ("1995-12-28", "1995-12-28"),
    "ARM": ("1996-02-12", "1996-02-12"),
    "RUS": ("1997-01-23", "1997-01-23"),
    "TJK": ("2001-10-23", "2001-10-23"),
}
"""Deposit and entry into force by the status note on the Payments Union, as of 10 January 2011."""


def row(reg, on, slug):
    return depositary_table(reg, on, [slug]).row(0, named=True)


def test_the_note_on_the_payments_union_is_reproduced(reg):
    cells = row(reg, "2011-01-10", "payments-union-1994")
    assert {state: cells[state] for state in reg.states} == {
        **{state: deposit for state, (deposit, _) in PAYMENTS_NOTE.items()},
        **dict.fromkeys(("AZE", "GEO", "TKM", "UKR"), "+"),
    }
    assert cells["force"] == ""
    assert reg.parties("payments-union-1994", "2011-01-10") == tuple(sorted(PAYMENTS_NOTE))
    for state, (_, entered) in PAYMENTS_NOTE.items():
        eve = date.fromordinal(date.fromisoformat(entered).toordinal() - 1)
        assert reg.status("payments-union-1994", state, entered).bound is True
        assert reg.status("payments-union-1994", state, eve).bound is False
    for state in ("AZE", "GEO", "TKM", "UKR"):
        assert reg.status("payments-union-1994", state, "2011-01-10").bound is False


def test_the_first_row_of_the_table_of_2009(reg):
    cells = row(reg, "2009-11-01", "customs-policy-1992")
    assert [cells[state] for state in ("BLR", "UZB", "TJK", "KGZ")] == [
        "1993-03-05",
        "1996-08-17",
        "1997-12-03",
        "1999-03-03",
    ]
    assert [cells[state] for state in ("ARM", "KAZ", "MDA", "TKM")] == ["+"] * 4
    assert [cells[state] for state in ("AZE", "UKR")] == ["-", "-"]
    assert cells["RUS"] == "+?"


@pytest.mark.parametrize(
    ("slug", "state", "on", "cell"),
    [
        ("cis-charter-1993", "GEO", "2009-08-17", "1994-04-19"),
        ("cis-charter-1993", "GEO", "2009-08-18", "¹"),
        ("cu-1995", "KAZ", "1996-01-01", "ВП"),
        ("cu-1995", "KAZ", "1997-12-03", "1997-12-03"),
        ("fta-2011", "UZB", "2013-01-01", "-"),
        ("kkk-decision-1993", "KAZ", "1993-06-01", "?"),
        ("eaeu-2014", "KGZ", "2014-12-31", "-"),
        ("eaeu-2014", "KGZ", "2015-08-12", "2015-08-12"),
    ],
)
def test_cells(reg, slug, state, on, cell):
    assert row(reg, on, slug)[state] == cell


def test_a_document_not_in_force_is_marked(reg):
    assert row(reg, "2012-09-19", "fta-2011")["force"] == "*"
    assert row(reg, "2012-09-20", "fta-2011")["force"] == ""
    assert row(reg, "2015-01-01", "eurasec-2000")["force"] == "*"
    assert row(reg, "2015-01-01", "oil-gas-1993")["force"] == "?"


def test_declared_not_to_join(treaty):
    complete = '{date: "2010-12-31", src: [note], conf: high}'
    reg = treaty("{unknown: true}", ['state: ARM, act: refusal, date: "2001-05-01"'], complete=complete)
    assert [row(reg, on, "t")["ARM"] for on in ("2001-04-30", "2001-05-01")] == ["+", "²"]


def test_the_whole_table(reg):
    table = depositary_table(reg, "2011-01-10", language="kk")
    assert table["signed"].to_list()[0] == "1991-12-08"
    assert "fta-2011" not in table["instrument"]
    assert table.columns == ["instrument", "title", "signed", "force", *reg.states]
    assert table.filter(table["instrument"] == "payments-union-1994")["title"].item().startswith("Төлем одағын")
    assert table.null_count().sum_horizontal().item() == 0


def test_marks_are_those_of_the_vocabulary(reg):
    assert {item.code: item.mark for item in reg.institutions.vocabulary if item.mark} == MARKS


def test_refusals(reg):
    with pytest.raises(DostastyqError) as caught:
        depositary_table(reg, "2011-01-10", ["payments-union"])
    assert caught.value.code == "RG001"
