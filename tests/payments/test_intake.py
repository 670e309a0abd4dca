"""Files taken in row by row: what is refused, why, and that the rest is untouched."""

import csv
import json
import sys

import polars as pl
import pytest

from dostastyq.cli import main
from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation, read, read_caps, settle, write_report

BANKS = ("KAZ", "KGZ", "UZB")
HEADER = "reference,debtor,creditor,amount,currency,value_date,priority,divisible"
GOOD = ["a,KAZ,KGZ,100,KZT,2026-11-23,0,true", "b,KGZ,KAZ,60,KZT,,,", "c,UZB,KAZ,5,KZT,2026-11-24,2,false"]

BAD = {
    "negative": ("x,KAZ,KGZ,-5,KZT,,,", "amount", "-5", "MN004"),
    "zero": ("x,KAZ,KGZ,0,KZT,,,", "amount", "0", "MN004"),
    "above 2**62": (f"x,KAZ,KGZ,{2**62 + 1},KZT,,,", "amount", str(2**62 + 1), "MN005"),
    "far above": (f"x,KAZ,KGZ,{10**30},KZT,,,", "amount", str(10**30), "MN005"),
    "decimal": ("x,KAZ,KGZ,12.50,KZT,,,", "amount", "12.50", "MN003"),
    "exponent": ("x,KAZ,KGZ,1e3,KZT,,,", "amount", "1e3", "MN003"),
    "grouped": ("x,KAZ,KGZ,1 000,KZT,,,", "amount", "1 000", "MN003"),
    "no amount": ("x,KAZ,KGZ,,KZT,,,", "amount", "", "MN003"),
    "no reference": (",KAZ,KGZ,5,KZT,,,", "reference", "", "PY001"),
    "unknown debtor": ("x,KZ,KGZ,5,KZT,,,", "debtor", "KZ", "PY004"),
    "unknown creditor": ("x,KAZ,FRA,5,KZT,,,", "creditor", "FRA", "PY004"),
    "owes itself": ("x,KAZ,KAZ,5,KZT,,,", "creditor", "KAZ", "PY001"),
    "unknown currency": ("x,KAZ,KGZ,5,TENGE,,,", "currency", "TENGE", "MN001"),
    "currency out of date": ("x,KAZ,KGZ,5,RUR,2026-11-23,,", "currency", "RUR", "MN002"),
    "currency too early": ("x,KAZ,KGZ,5,KZT,1992-01-01,,", "currency", "KZT", "MN002"),
    "no day": ("x,KAZ,KGZ,5,KZT,23.11.2026,,", "value_date", "23.11.2026", "DT002"),
    "no such day": ("x,KAZ,KGZ,5,KZT,2026-02-30,,", "value_date", "2026-02-30", "DT002"),
    "priority": ("x,KAZ,KGZ,5,KZT,,high,", "priority", "high", "PY002"),
    "divisible": ("x,KAZ,KGZ,5,KZT,,,maybe", "divisible", "maybe", "PY002"),
    "too few fields": ("x,KAZ,KG", "row", "x,KAZ,KG", "PY012"),
    "too many fields": ("x,KAZ,KGZ,5,KZT,,,,1", "row", "x,KAZ,KGZ,5,KZT,,,,1", "PY012"),
    "open quote": ('x,KAZ,KGZ,5,"KZT,,,', "row", 'x,KAZ,KGZ,5,"KZT,,,', "PY012"),
    "other content": ("a,KAZ,KGZ,101,KZT,2026-11-23,0,true", "reference", "a", "PY005"),
}


def written(path, rows, end="\n"):
    path.write_text("\n".join([HEADER, *rows]) + end, "utf-8")
    return path


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("place", [1, 3])
def test_a_bad_row_is_refused_and_the_rest_untouched(tmp_path, name, place):
    line, field, found, code = BAD[name]
    rows = GOOD.copy()
    rows.insert(place, line)
    taken = read(written(tmp_path / "o.csv", rows), BANKS)
    (refusal,) = taken.refused
    assert (refusal.row, refusal.field, refusal.found, refusal.code) == (place + 2, field, found, code)
    assert refusal.expected
    assert refusal.remedy
    good = read(written(tmp_path / "good.csv", GOOD), BANKS)
    assert list(taken.batch.references) == ["a", "b", "c"]
    caps = dict.fromkeys(BANKS, 40)
    assert settle(taken, caps).to_dict()["settled"] == settle(good, caps).to_dict()["settled"]


def test_all_bad_rows_at_once(tmp_path):
    rows = [line.replace("x,", f"x{k},", 1) for k, (line, *_) in enumerate(BAD.values())]
    taken = read(written(tmp_path / "o.csv", [*GOOD, *rows]), BANKS)
    assert [refusal.row for refusal in taken.refused] == list(range(5, 5 + len(BAD)))
    assert [refusal.code for refusal in taken.refused] == [code for *_, code in BAD.values()]


def test_the_largest_amount_is_accepted(tmp_path):
    taken = read(written(tmp_path / "o.csv", [f"x,KAZ,KGZ,{2**62},KZT,,,"]), BANKS)
    assert taken.batch.amount.tolist() == [2**62]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_file_cut_in_half_keeps_its_whole_rows(tmp_path, cut):
    path = written(tmp_path / "o.csv", GOOD)
    path.write_bytes(path.read_bytes()[:-cut])
    taken = read(path, BANKS)
    kept = list(taken.batch.references)
    assert kept == ["a", "b", "c"][: len(kept)]
    if taken.refused:
        assert {refusal.code for refusal in taken.refused} <= {"PY012", "MN003", "PY002", "PY004", "DT002"}
        assert [refusal.row for refusal in taken.refused] == [len(kept) + 2]
    else:
        assert any("no line end" in note for note in taken.notes)


@pytest.mark.parametrize("style", ["plain", "crlf", "quoted", "cyrillic", "semicolon"])
def test_a_file_cut_at_any_byte(tmp_path, style):
    lines = [HEADER, *GOOD[:2]]
    if style == "quoted":
        lines = ['"' + line.replace(",", '","') + '"' for line in lines]
    text = "\n".join([*lines, ""])
    text = {
        "crlf": text.replace("\n", "\r\n"),
        "semicolon": text.replace(",", ";"),
        "cyrillic": text.replace("\na,", "\nВзнос-1,"),
    }.get(style, text)
    whole, path = text.encode(), tmp_path / "o.csv"
    first = {"cyrillic": "Взнос-1"}.get(style, "a")
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        if cut < whole.index(b"currency") + len(b"currency"):  # the header itself was cut
            with pytest.raises(DostastyqError, match=r"no column|names of columns"):
                read(path, BANKS)
            continue
        taken = read(path, BANKS)
        rows = whole[:cut].decode("utf-8", errors="replace").split("\n")[1:]
        names = list(taken.batch.references)
        assert names == [first, "b"][: len(names)]
        assert len(names) >= len(rows) - 1 if whole[:cut].count(b"\n") else not names
        if rows and rows[-1].strip():  # the row that was cut is refused, or read as it stands and said so
            assert len(names) + len(taken.refused) == len(rows)
            assert taken.refused or taken.notes
        assert len(taken.refused) <= 1


def test_an_amount_that_may_have_been_cut_is_refused(tmp_path):
    path = tmp_path / "o.csv"
    rows = "reference,debtor,creditor,currency,amount\na,KAZ,KGZ,KZT,100\nb,KAZ,KGZ,KZT,100"
    path.write_text(rows)
    taken = read(path, BANKS)
    assert list(taken.batch.references) == ["a"]
    assert [(refusal.row, refusal.code) for refusal in taken.refused] == [(3, "PY012")]
    path.write_text(rows + "\n")
    assert list(read(path, BANKS).batch.references) == ["a", "b"]


def test_half_of_a_quoted_field_is_no_obligation(tmp_path):
    path = written(tmp_path / "o.csv", ['"x', 'y",KAZ,KGZ,7,KZT,,,', *GOOD])
    taken = read(path, BANKS)
    assert list(taken.batch.references) == ["a", "b", "c"]
    assert [(refusal.row, refusal.code) for refusal in taken.refused] == [(2, "PY012"), (3, "PY012")]


@pytest.mark.parametrize("header", [f"{HEADER},,", f"{HEADER},note,note", f"{HEADER},row,"])
def test_other_columns_are_left_alone(tmp_path, header):
    path = tmp_path / "o.csv"
    path.write_text(header + "\n" + "".join(f"{line},9,x\n" for line in GOOD))
    assert list(read(path, BANKS).batch.references) == ["a", "b", "c"]


def test_a_column_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "o.csv"
    path.write_text(f"{HEADER},amount\n{GOOD[0]},7\n")
    with pytest.raises(DostastyqError, match="two columns 'amount'"):
        read(path, BANKS)


def test_lines_may_end_as_on_old_machines(tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes("\r".join([HEADER, *GOOD, ""]).encode())
    assert list(read(path, BANKS).batch.references) == ["a", "b", "c"]


@pytest.mark.parametrize("sign", ["", "-"])
def test_digits_without_end_are_refused_alone(tmp_path, sign):
    path = written(tmp_path / "o.csv", [*GOOD, f"x,KAZ,KGZ,{sign}{'9' * 5000},KZT,,,"])
    taken = read(path, BANKS)
    assert [refusal.code for refusal in taken.refused] == ["MN004" if sign else "MN005"]
    caps = tmp_path / "caps.csv"
    caps.write_text(f"bank,cap\nKAZ,{'9' * 5000}\nKGZ,5\n")
    limits, _, refused = read_caps(caps)
    assert (limits, [refusal.code for refusal in refused]) == ({"KGZ": 5}, ["PY013"])


@pytest.mark.parametrize(
    ("column", "values"),
    [("amount", [[1]]), ("reference", [b"a\xff"]), ("creditor", [{"name": "KGZ"}])],
    ids=["list", "bytes", "struct"],
)
def test_columns_of_other_kinds_are_refused(tmp_path, column, values):
    cells = {"reference": ["a"], "debtor": ["KAZ"], "creditor": ["KGZ"], "amount": [1], "currency": ["KZT"]}
    path = tmp_path / "o.parquet"
    pl.DataFrame(cells | {column: values}).write_parquet(path)
    with pytest.raises(DostastyqError, match=f"column '{column}' holds") as refusal:
        read(path, BANKS)
    assert refusal.value.code == "PY011"


def test_a_column_of_row_numbers_in_the_file_does_not_matter(tmp_path):
    cells = {"reference": ["a"], "debtor": ["KAZ"], "creditor": ["KGZ"], "amount": [-1], "currency": ["KZT"]}
    pl.DataFrame(cells | {"row": ["seven"]}).write_parquet(tmp_path / "o.parquet")
    assert [refusal.row for refusal in read(tmp_path / "o.parquet", BANKS).refused] == [1]
    pl.DataFrame({"bank": ["KAZ"], "cap": [5], "row": [7]}).write_parquet(tmp_path / "caps.parquet")
    assert read_caps(tmp_path / "caps.parquet")[0] == {"KAZ": 5}


@pytest.mark.parametrize("reference", ["a\x00", "a\tb", "\x7f"])
def test_control_characters_are_refused(tmp_path, reference):
    path = written(tmp_path / "o.csv", [*GOOD, f"{reference},KAZ,KGZ,5,KZT,,,", f"x{reference}x,KAZ,KGZ,5,KZT,,,"])
    taken = read(path, BANKS)
    assert list(taken.batch.references) == ["a", "b", "c"]
    assert {refusal.code for refusal in taken.refused} == {"PY001"}
    with pytest.raises(DostastyqError, match="expected a name"):
        Obligation(f"x{reference}x", "KAZ", "KGZ", 5, "KZT")


def test_a_repeated_row_replays_the_first_answer(tmp_path):
    taken = read(written(tmp_path / "o.csv", [*GOOD, GOOD[0], GOOD[0]]), BANKS)
    assert taken.repeated == 2
    assert not taken.refused
    assert len(taken.batch) == 3


def test_a_corrected_row_after_a_refused_one_is_accepted(tmp_path):
    taken = read(written(tmp_path / "o.csv", ["a,KAZ,KGZ,-1,KZT,,,", "a,KAZ,KGZ,1,KZT,,,"]), BANKS)
    assert taken.batch.amount.tolist() == [1]
    assert [refusal.row for refusal in taken.refused] == [2]


@pytest.mark.parametrize("change", ["crlf", "bom", "semicolon", "quotes", "blank lines", "no line end"])
def test_files_as_people_write_them(tmp_path, change):
    path = written(tmp_path / "o.csv", GOOD)
    text = path.read_text()
    match change:
        case "crlf":
            text = text.replace("\n", "\r\n")
        case "bom":
            text = "\ufeff" + text
        case "semicolon":
            text = text.replace(",", ";")
        case "quotes":
            text = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()) + "\n"
        case "blank lines":
            text = text.replace("\n", "\n\n")
        case "no line end":
            text = text.rstrip("\n")
    path.write_bytes(text.encode())
    taken = read(path, BANKS)
    assert list(taken.batch.references) == ["a", "b", "c"]
    assert not taken.refused


def test_a_reference_may_hold_a_comma(tmp_path):
    taken = read(written(tmp_path / "o.csv", ['"KZ/1, part ""2""",KAZ,KGZ,7,KZT,,,']), BANKS)
    assert list(taken.batch.references) == ['KZ/1, part "2"']


def test_rows_that_are_not_utf8_are_refused_alone(tmp_path):
    path = written(tmp_path / "o.csv", GOOD)
    path.write_bytes(path.read_bytes() + b"\xff\xfe,KAZ,KGZ,7,KZT,,,\n")
    taken = read(path, BANKS)
    assert [refusal.code for refusal in taken.refused] == ["PY012"]
    assert len(taken.batch) == 3


def test_csv_parquet_and_python_are_the_same(tmp_path):
    from_csv = read(written(tmp_path / "o.csv", GOOD), BANKS)
    items = [
        Obligation("a", "KAZ", "KGZ", 100, "KZT", "2026-11-23"),
        Obligation("b", "KGZ", "KAZ", 60, "KZT"),
        Obligation("c", "UZB", "KAZ", 5, "KZT", "2026-11-24", 2, False),
    ]
    columns = HEADER.split(",")
    frame = pl.DataFrame([{name: getattr(item, name) for name in columns} for item in items])
    frame.write_parquet(tmp_path / "o.parquet")
    caps = dict.fromkeys(BANKS, 20)
    answers = [
        settle(source, caps).to_dict() for source in (from_csv, read(tmp_path / "o.parquet", BANKS), items, frame)
    ]
    assert all(answer == answers[0] for answer in answers)


def test_a_column_of_floats_is_refused_row_by_row(tmp_path):
    frame = pl.DataFrame(
        {"reference": ["a"], "debtor": ["KAZ"], "creditor": ["KGZ"], "amount": [5.0], "currency": ["KZT"]}
    )
    frame.write_parquet(tmp_path / "o.parquet")
    (refusal,) = read(tmp_path / "o.parquet", BANKS).refused
    assert (refusal.field, refusal.found, refusal.code) == ("amount", "5.0", "MN003")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_parquet_file_is_refused_whole(tmp_path, share):
    path = tmp_path / "o.parquet"
    pl.DataFrame({"reference": ["a"] * 1000}).write_parquet(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DostastyqError) as refusal:
        read(path, BANKS)
    assert refusal.value.code == "PY010"


def test_missing_files_and_columns(tmp_path):
    with pytest.raises(DostastyqError) as refusal:
        read(tmp_path / "none.csv", BANKS)
    assert refusal.value.code == "PY010"
    (tmp_path / "o.csv").write_text("reference,debtor\na,KAZ\n")
    with pytest.raises(DostastyqError, match="no column 'creditor'"):
        read(tmp_path / "o.csv", BANKS)
    (tmp_path / "o.csv").write_text("a,KAZ,KGZ,5,KZT\n")
    with pytest.raises(DostastyqError) as refusal:
        read(tmp_path / "o.csv", BANKS)
    assert refusal.value.code == "PY011"


@pytest.mark.parametrize("wrong", ["-1", "1.5", "", "all", str(2**62 + 1)])
def test_a_cap_that_is_none_is_refused_and_the_rest_stands(tmp_path, wrong):
    path = tmp_path / "caps.csv"
    path.write_text(f"bank,cap,quota\nKAZ,5,\nKGZ,{wrong},\nUZB,0,9\n")
    caps, quotas, refused = read_caps(path)
    assert (caps, quotas) == ({"KAZ": 5, "UZB": 0}, {"UZB": 9})
    assert [(item.row, item.reference, item.field, item.found) for item in refused] == [(3, "KGZ", "cap", wrong)]


def test_a_bank_has_one_cap_and_a_sound_quota(tmp_path):
    path = tmp_path / "caps.csv"
    path.write_text("bank,cap,quota\nKAZ,5,\nKAZ,6,\nKGZ,1,-2\n,3,\nUZ")
    caps, _, refused = read_caps(path)
    assert caps == {"KAZ": 5}
    assert [(item.row, item.field) for item in refused] == [(3, "bank"), (4, "quota"), (5, "bank"), (6, "row")]


def test_the_report_is_a_table(tmp_path):
    taken = read(written(tmp_path / "o.csv", [*GOOD, BAD["negative"][0]]), BANKS)
    write_report(tmp_path / "report.csv", taken.refused)
    with (tmp_path / "report.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["row"] == "5"
    assert row["found"] == "-5"


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dostastyq", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def files(tmp_path):
    caps = tmp_path / "caps.csv"
    caps.write_text("bank,cap\nKAZ,10\nKGZ,0\nUZB,5\n")
    return written(tmp_path / "o.csv", [*GOOD, BAD["negative"][0]]), caps


def test_clear_prints_what_settle_returns(run, files):
    code, out, err = run("clear", files[0], "--caps", files[1], "--json")
    assert code == 0
    answer = json.loads(out)
    found = settle(read(files[0], BANKS), {"KAZ": 10, "KGZ": 0, "UZB": 5})
    assert {key: answer[key] for key in found.to_dict()} == json.loads(json.dumps(found.to_dict()))
    assert answer["refused"][0]["row"] == 5
    assert err.startswith("1 row refused: ")
    assert files[0].with_name("o.csv.refused.csv").exists()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "has reached the net debit"), ("ru", "исчерпан лимит"), ("kk", "лимиті таусылған")]
)
def test_clear_speaks_three_languages(run, files, language, words):
    code, out, _ = run("clear", files[0], "--caps", files[1], "--lang", language)
    assert code == 0
    assert words in out


def test_clear_writes_rows_and_the_same_bytes_twice(run, files, tmp_path):
    outs = []
    for name in ("one.csv", "two.csv"):
        code, _, _ = run(
            "clear", files[0], "--caps", files[1], "--out", tmp_path / name, "--report", tmp_path / "r.csv"
        )
        assert code == 0
        outs.append((tmp_path / name).read_bytes() + (tmp_path / "r.csv").read_bytes())
    assert outs[0] == outs[1]
    assert not files[0].with_name("o.csv.refused.csv").exists()
    run("clear", files[0], "--caps", files[1], "--out", tmp_path / "rows.parquet")
    assert pl.read_parquet(tmp_path / "rows.parquet")["settled"].sum() > 0


def test_clear_in_several_currencies(run, tmp_path, files):
    rates = tmp_path / "rates.csv"
    rates.write_text("base,quote,on,value,source\nKZT,RUB,2026-11-20,0.1534,CBR\n")
    several = written(tmp_path / "s.csv", ["a,KAZ,KGZ,100,KZT,,,", "b,KGZ,KAZ,60,RUB,,,"])
    code, _, err = run("clear", several, "--caps", files[1])
    assert (code, "PY020" in err) == (2, True)
    code, out, _ = run(
        "clear", several, "--caps", files[1], "--rates", rates, "--unit", "RUB", "--on", "2026-11-22", "--carried", 2
    )
    assert code == 0
    assert "rounding-residue" in out
    code, _, err = run("clear", several, "--caps", files[1], "--rates", rates)
    assert code == 2


def test_clear_reports_a_file_that_cannot_be_read(run, files, tmp_path):
    broken = tmp_path / "o.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    code, out, err = run("clear", broken, "--caps", files[1])
    assert (code, out) == (2, "")
    assert "PY010" in err
    assert "PY010" in (tmp_path / "o.parquet.refused.csv").read_text()


def test_clear_writes_nothing_half(run, files, tmp_path, monkeypatch):
    code, out, err = run("clear", files[0], "--caps", files[1], "--out", tmp_path / "nowhere" / "rows.csv")
    assert (code, out, "PY016" in err) == (2, "", True)
    target = tmp_path / "rows.csv"
    target.write_text("as it was")

    def full(_, path):
        path.write_text("half of a")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    code, out, err = run("clear", files[0], "--caps", files[1], "--out", target)
    assert (code, out, "No space left" in err) == (2, "", True)
    assert target.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["caps.csv", "o.csv", "rows.csv"]


def test_clear_replaces_the_report_of_an_earlier_run(run, files):
    report = files[0].with_name("o.csv.refused.csv")
    run("clear", files[0], "--caps", files[1])
    assert len(report.read_text().splitlines()) == 2
    written(files[0], GOOD)
    run("clear", files[0], "--caps", files[1])
    assert len(report.read_text().splitlines()) == 1


def test_clear_says_that_the_last_row_may_have_been_cut(run, files):
    files[0].write_text(files[0].read_text().rstrip("\n"))
    for language, words in (("en", "no line end"), ("ru", "последняя строка"), ("kk", "соңғы жолдың")):
        code, _, err = run("clear", files[0], "--caps", files[1], "--lang", language)
        assert (code, words in err) == (0, True)
