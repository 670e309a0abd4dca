"""What the documents show is what the commands say and what the code gives."""

import doctest
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dostastyq as dq
from dostastyq.cli import app

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.kk.md", "README.ru.md")
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
CUT = "…"
OWN = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB", "CHN", "ROW")


def blocks(page, kind):
    """Fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def sessions(page):
    """Every command of the console blocks of a page, with what the page shows of its output."""
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown.rstrip("\n").split("\n")


def words(command):
    """Arguments of a command line, quoted ones whole."""
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', command)]


def assert_shown(shown, given):
    """Lines shown are lines given, in order; what stands for a cut skips any number of them."""
    at, free = 0, False
    for line in shown:
        if line == CUT:
            free = True
            continue
        while free and at < len(given) and given[at] != line:
            at += 1
        assert at < len(given), line
        assert given[at] == line
        at, free = at + 1, False
    assert free or at == len(given)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, as wide a terminal as the pages have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.parametrize("name", READMES)
def test_the_sessions_of_a_readme(name, folder):
    ran = 0
    for command, shown in sessions(ROOT / name):
        program, *arguments = words(command)
        if program == "cat":
            (folder / arguments[0]).write_text("\n".join(shown) + "\n", "utf-8")
            continue
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert_shown(shown, [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")])
        ran += 1
    assert ran >= 9


def test_a_line_that_is_not_given_is_noticed():
    assert_shown(["a", CUT, "c"], ["a", "b", "c"])
    for shown in (["a", "c"], ["a", CUT, "d"], ["a", "b"]):
        with pytest.raises(AssertionError):
            assert_shown(shown, ["a", "b", "c"])


def test_readmes_in_three_languages_show_the_same():
    def kept(name):
        return {re.sub(r" --lang \w+", "", command) for command, _ in sessions(ROOT / name)}

    assert kept("README.ru.md") == kept("README.kk.md") <= kept("README.md")


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_the_code_of_a_tutorial(page, folder):
    """Interactive sessions are compared, plain code runs, commands answer."""
    assert doctest.testfile(str(page), module_relative=False).failed == 0
    own = ["exporter,importer,trade", *(f"{a},{b},{500 if a == b else 9}" for a in OWN for b in OWN)]
    (folder / "flows.csv").write_text("\n".join(own) + "\n", "utf-8")
    for block in blocks(page, "python"):
        if ">>>" not in block:
            exec(compile(block, page.name, "exec"), {"dq": dq})  # the page is ours
    for block in blocks(page, ""):
        for line in re.findall(r"^dostastyq .*$", block, re.MULTILINE):
            done = CliRunner().invoke(app, words(line)[1:], catch_exceptions=False)
            assert done.exit_code == 0, f"{line}\n{done.output}"


@pytest.mark.parametrize("page", [ROOT / name for name in (*READMES, "CONTRIBUTING.md", "CHANGELOG.md")], ids=str)
def test_links_of_the_front_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_every_page_is_named_by_the_index_in_every_language():
    for language in ("", ".kk", ".ru"):
        index = (ROOT / "docs" / f"index{language}.md").read_text("utf-8")
        named = re.findall(r"\]\(([^)#\s]+\.md)\)", index)
        assert len(named) == len(set(named)), language
        pages = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if not page.name.startswith("index")}
        assert set(named) == pages, language
