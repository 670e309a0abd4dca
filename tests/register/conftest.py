"""The shipped register, and small registers written out in a test."""

import shutil
from pathlib import Path

import pytest

from dostastyq import register
from dostastyq.register.loader import COMMONWEALTHS, read_folder

SOURCES = "note: {kind: status_note, title: A note}\n"
STATES = "".join(
    f"""{code}:
  iso2: {code[:2]}
  numeric: "{number:03}"
  name: {{kk: {code}, ru: {code}, en: {code}}}
  independent_from: {{date: "1991-12-26", src: [note], conf: high}}
"""
    for number, code in enumerate(("ARM", "BLR", "KAZ"), 1)
)
COVERAGE = """horizon: "2020-12-31"
preferences:
  customs_union: {src: [note], conf: high}
"""
TREATY = """{slug}:
  kind: treaty
  domain: [trade]
  title: {{en: A treaty, ru: Договор}}
  preference: {preference}
  signed: {{date: "2000-01-10", place: Minsk, by: [ARM, BLR], src: [note], conf: high}}
  eif: {eif}
{more}  acts: {acts}
"""


@pytest.fixture(scope="session")
def reg():
    """The shipped register of the CIS."""
    return register.load("cis")


@pytest.fixture
def shipped_copy(tmp_path):
    """A copy of the shipped data to spoil, and a function that reads it."""
    folder = tmp_path / "register"
    shutil.copytree(COMMONWEALTHS / "cis" / "register", folder)
    return folder


@pytest.fixture
def small(tmp_path):
    """A function from the text of instruments to a register of ARM, BLR and KAZ."""

    def build(text: str):
        folder = Path(tmp_path) / "small"
        (folder / "instruments").mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("sources.yaml", SOURCES),
            ("states.yaml", STATES),
            ("memberships.yaml", "[]\n"),
            ("coverage.yaml", COVERAGE),
            ("instruments/all.yaml", text),
        ):
            (folder / name).write_text(content, encoding="utf-8")
        return read_folder(folder, "small")

    return build


@pytest.fixture
def treaty(small):
    """A function from the clauses and acts of one treaty, signed by ARM and BLR on 2000-01-10, to its register."""

    def build(eif="{unknown: true}", acts=(), *, preference="none", **more):
        lines = "".join(f"  {key}: {value}\n" for key, value in more.items())
        written = "[" + ", ".join(f"{{{act}, src: [note], conf: high}}" for act in acts) + "]"
        return small(TREATY.format(slug="t", eif=eif, acts=written, more=lines, preference=preference))

    return build
