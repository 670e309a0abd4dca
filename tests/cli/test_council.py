"""The commands of the council, as their users meet them: `organ`, `draft`, `opinion`, `session` and the others."""

import json
import re
import shlex
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import typer
import yaml

from dostastyq.cli import app, main
from dostastyq.council.composer import EXAMPLE
from dostastyq.store import STREAMS, open_journal

SECRETARY = ("--as", "A. Secretary")
STATES = ("ARM", "KAZ", "KGZ", "RUS")
SESSION = "chs/2026-06-01"
GROUPS = ("organ", "draft", "opinion", "session", "agenda", "decide", "sign", "task")
SPEECHLESS = {"draft example"}
"""Leaves that print nothing of their own."""


COMMAND = typer.main.get_command(app)
"""The command line, put together once for all the calls of a test."""


def delegate(state):
    return ("--as", f"D. {state}")


def head(state):
    return ("--as", f"H. {state}")


def leaves():
    """Every command of the council, with its options."""
    for group in GROUPS:
        for name, command in COMMAND.commands[group].commands.items():
            yield f"{group} {name}", {option for one in command.params for option in one.opts}


def written(folder, **changes):
    """Write the shipped example as a draft that asks for no assessment."""
    data = yaml.safe_load(EXAMPLE.read_text("utf-8")) | {"slug": "cu"} | changes
    data.pop("scenario", None)
    path = folder / f"{data['slug']}.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return path


class House:
    """A user's folder, and what its command line answers."""

    def __init__(self, folder, patch, capture):
        self.folder, self.patch, self.capture = folder, patch, capture

    def __call__(self, *arguments):
        """Run a command line; returns exit code, standard output and standard error."""
        self.patch.setattr(sys, "argv", ["dostastyq", *map(str, arguments)])
        self.patch.setattr(typer.main, "get_command", lambda _: COMMAND)
        with pytest.raises(SystemExit) as end:
            main()
        captured = self.capture.readouterr()
        return end.value.code or 0, captured.out, captured.err

    def ok(self, *arguments):
        code, out, err = self(*arguments)
        assert code == 0, (arguments, err)
        return out

    def plain(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, *arguments):
        """Code of a refusal that stores nothing, with the whole of what it says."""
        before = self.entries()
        code, out, err = self(*arguments)
        assert (code, out) == (2, ""), (arguments, out, err)
        assert self.entries() == before
        assert err.count("\n") == 2, f"no remedy: {err}"
        return err.split(": ")[1], err

    def entries(self):
        with open_journal() as journal:
            return {stream: journal.head(stream).sequence for stream in STREAMS}


STEPS = {
    "founded": [
        ("organ", "admit", "A. Secretary", "--capacity", "secretary", "--rehearsal", "--on", "2026-01-10", *SECRETARY),
        *(
            ("organ", "admit", f"{letter}. {state}", "--of", state, "--capacity", capacity, *SECRETARY)
            for state in STATES
            for letter, capacity in (("D", "delegate"), ("H", "head_of_state"))
        ),
        ("organ", "admit", "O. Watcher", "--of", "GEO", "--capacity", "observer", *SECRETARY),
        ("organ", "admit", "E. Expert", "--of", "KGZ", "--capacity", "expert", *SECRETARY),
    ],
    "proposed": [("draft", "new", "cu.yaml", "--organ", "chs", "--on", "2026-01-12", *delegate("KAZ"))],
    "circulated": [
        ("draft", "register", "cu", "--on", "2026-01-13", *SECRETARY),
        ("draft", "circulate", "cu", "--until", "2026-03-01", *SECRETARY),
        ("opinion", "give", "cu", "remarks", "--remark", "1.1=unclear", "--remark", "good", *delegate("RUS")),
    ],
    "experts": [
        *(("opinion", "give", "cu", "agree", *delegate(state)) for state in ("ARM", "KAZ", "KGZ")),
        ("draft", "experts", "cu", "--on", "2026-03-02", *SECRETARY),
        (
            "draft",
            "amend",
            "cu",
            "2.2",
            "--text",
            "kk=Екі.",
            "--text",
            "ru=Два.",
            "--text",
            "en=Two.",
            *delegate("RUS"),
        ),
        ("draft", "amend", "cu", "10", "--form", "notice=P6M", "--as", "E. Expert"),
        ("draft", "table", "cu", *SECRETARY),
    ],
    "agreed": [
        ("draft", "revise", "cu", "--accept", "2", "--reject", "1", "--note", "six months", *SECRETARY),
        ("draft", "circulate", "cu", "--until", "2026-04-15", *SECRETARY),
        ("opinion", "give", "cu", "agree", *delegate("KAZ")),
        ("draft", "agree", "cu", "--on", "2026-04-16", *SECRETARY),
    ],
    "voting": [
        ("session", "convene", "chs", "2026-06-01", "--place", "Astana", *SECRETARY),
        ("session", "place", "cu", SESSION, "--no-discussion", *SECRETARY),
        ("session", "open", SESSION, "--on", "2026-06-01", "--present", "ARM,KAZ", "--present", "kgz,rus", *SECRETARY),
        ("decide", "open", "cu", *SECRETARY),
        ("decide", "vote", "cu", "for", *delegate("KAZ")),
    ],
    "adopted": [
        ("decide", "vote", "cu", "for", "--special-opinion", "Sugar stays out.", *delegate("ARM")),
        ("decide", "undiscussed", SESSION, "for", *delegate("KGZ")),
        ("decide", "vote", "cu", "non_interest", *delegate("RUS")),
        ("decide", "close", "cu", *SECRETARY),
    ],
    "signed": [
        ("sign", "open", "cu", *SECRETARY),
        ("sign", "give", "cu", "--reservation", "Art. 4=not for sugar", *head("KAZ")),
        ("organ", "empower", "D. KGZ", "--basis", "note 7", "--draft", "cu", "--until", "2026-06-02", *SECRETARY),
        ("sign", "give", "cu", "--subject-to-procedures", "--state", "kgz", *delegate("KGZ")),
        ("sign", "give", "cu", "--statement", "We read Art. 5 narrowly.", *head("ARM")),
        ("sign", "decline", "cu", "--statement", "Not our union.", *head("RUS")),
        ("sign", "close", "cu", *SECRETARY),
        ("sign", "certify", "cu", *SECRETARY),
    ],
    "closed": [
        *(
            ("sign", "deposit", "cu", state, "ratification", "--on", f"2026-07-0{day}", *delegate(state))
            for day, state in enumerate(("ARM", "KAZ", "KGZ"), 1)
        ),
        ("sign", "enter", "cu", "--on", "2026-09-01", *SECRETARY),
        ("task", "assign", "cu", "Appoint officers", "--to", "KAZ,secretariat", "--due", "2026-12-31", *SECRETARY),
        ("task", "progress", "cu#1", 100, "--note", "appointed", *delegate("KAZ")),
        ("sign", "finish", "cu", *SECRETARY),
    ],
}
"""The way of a draft, in command lines; after each part the folder is kept for the tests."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Folder in which the way of a draft leaves a copy of the house after each part, once it has been walked."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def house(kept, monkeypatch, tmp_path, capsys):
    """Make a house in which a draft has come as far as asked."""
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "house"))
    monkeypatch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    made = House(tmp_path, monkeypatch, capsys)

    def at(stage):
        walked = list(STEPS)[: list(STEPS).index(stage) + 1] if stage else []
        done = [part for part in walked if (kept / part).exists()]
        if done:
            shutil.copytree(kept / done[-1], tmp_path / "house")
        for part in walked[len(done) :]:
            for step in STEPS[part]:
                made.ok(*step)
            shutil.copytree(tmp_path / "house", kept / part)
        return made

    return at


def test_every_command_says_who_acts_and_speaks_json():
    found = dict(leaves())
    assert len(found) >= 50
    assert not [name for name, options in found.items() if not {"--as", "--json"} <= options]
    assert {name for name, options in found.items() if "--lang" not in options} == SPEECHLESS


def test_the_way_of_a_draft_to_law(house):
    run = house("closed")
    moves = [move["step"] for move in run.plain("draft", "show", "cu", *SECRETARY)["moves"]]
    assert moves[:3] == ["propose", "register", "circulate"]
    assert moves[-3:] == ["deposit", "enter_into_force", "close"]
    status = run.plain("sign", "status", "cu", *SECRETARY)
    assert {state: found["code"] for state, found in status["statuses"].items() if state != "RUS"} == dict.fromkeys(
        ("ARM", "KAZ", "KGZ"), "IN_FORCE"
    )
    assert status["forecast"]["in_force"] is True
    assert json.loads(run.ok("status", "cu", "--state", "KAZ", "--on", "2026-09-01", "--json"))["bound"] is True
    assert "cu" in json.loads(run.ok("matrix", "--on", "2026-09-01", "--json"))["instruments"]
    assert run.ok("db", "verify").endswith("\n")


def test_a_step_says_what_it_led_to(house):
    run = house("founded")
    new = ("draft", "new", "cu.yaml", "--organ", "chs", "--on", "2026-01-12", *delegate("KAZ"))
    assert run.ok(*new) == "cu: proposed · Propose, 12 January 2026, D. KAZ\n"
    assert run.ok(*new, "--lang", "ru") == "cu: предложен · Предложить, 12 января 2026\u202fг., D. KAZ\n"
    assert run.plain(*new)["stage"] == "proposed"
    assert run.ok("draft", "register", "cu", *SECRETARY, "--lang", "kk").startswith("cu: тіркелді · Тіркеу, 2026")
    assert run.ok("draft", "withdraw", "cu", "--reason", "too early", *delegate("KAZ")).startswith("cu: withdrawn")


def test_who_acts_is_the_user_of_the_system_by_default(house, monkeypatch):
    monkeypatch.setenv("LOGNAME", "A. Secretary")
    run = house("founded")
    assert len(run.plain("organ", "people")["people"]) == 11
    monkeypatch.setenv("LOGNAME", "somebody")
    assert run.refused("organ", "people")[0] == "CN211"


def test_a_draft_is_private_until_it_is_circulated(house):
    run = house("proposed")
    assert [item["slug"] for item in run.plain("draft", "list", *delegate("KAZ"))] == ["cu"]
    assert [item["slug"] for item in run.plain("draft", "list", *SECRETARY)] == ["cu"]
    for other in (delegate("RUS"), ("--as", "O. Watcher")):
        assert run.plain("draft", "list", *other) == []
        assert run.refused("draft", "show", "cu", *other)[0] == "CN201"
        assert run.refused("draft", "text", "cu", *other)[0] == "CN201"


def test_opinions_are_private_until_the_table_goes_round(house):
    run = house("circulated")

    def said(*who):
        answers = run.plain("opinion", "list", "cu", *who)["answers"]
        return {item["state"]: (item["stance"], item["shown"]) for item in answers}

    assert said(*delegate("RUS"))["RUS"] == ("remarks", True)
    assert said(*delegate("KAZ"))["RUS"] == (None, False)
    assert said(*SECRETARY)["RUS"] == ("remarks", True)
    assert said(*SECRETARY)["KAZ"] == (None, True)
    assert "unclear" not in run.ok("opinion", "list", "cu", *delegate("KAZ"))
    later = house_at(run, "experts")
    assert "1.1: unclear" in later.ok("opinion", "list", "cu", *delegate("KAZ"))


def house_at(run, part):
    """Walk on to the next part."""
    for step in STEPS[part]:
        run.ok(*step)
    return run


def test_votes_are_private_until_the_vote_is_closed(house):
    run = house("voting")
    assert run.plain("decide", "show", "cu", *delegate("RUS"))["poll"]["votes"] == []
    assert [vote["state"] for vote in run.plain("decide", "show", "cu", *delegate("KAZ"))["poll"]["votes"]] == ["KAZ"]
    house_at(run, "adopted")
    found = run.plain("decide", "show", "cu", *delegate("RUS"))["decisions"][0]
    assert {vote["state"]: vote["vote"] for vote in found["votes"]} == {
        "KAZ": "for",
        "ARM": "for",
        "KGZ": "for",
        "RUS": "non_interest",
    }
    assert (found["adopted"], found["bound"]) == (True, ["ARM", "KAZ", "KGZ"])
    assert "Sugar stays out." in run.ok("decide", "show", "cu", *delegate("RUS"))


def test_amendments_and_versions(house):
    run = house("agreed")
    found = run.plain("draft", "diff", "cu", *delegate("KGZ"))
    assert (found["from"], found["to"]) == (1, 2)
    changed = [item for item in found["differences"] if item["kind"] == "changed"]
    assert [run_["text"] for run_ in changed[0]["runs"] if run_["kind"] == "added"] == ["6"]
    told = run.ok("draft", "diff", "cu", "--lang", "ru", *SECRETARY)
    assert "{+6+}" in told
    assert run.ok("draft", "diff", "cu", "--from", 1, "--to", 1, *SECRETARY).endswith("No paragraph differs.\n")
    accepted = [item["accepted"] for item in run.plain("draft", "show", "cu", *SECRETARY)["amendments"]]
    assert accepted == [False, True]


def test_the_text_and_the_bytes_that_were_sealed(house):
    run = house("signed")
    sealed = run.plain("draft", "show", "cu", *SECRETARY)["copies"]
    for lang in ("kk", "ru", "en"):
        run.ok("draft", "text", "cu", "--akn", "cu.akn", "--lang", lang, *delegate("RUS"))
        assert sha256(Path("cu.akn").read_bytes()).hexdigest() == sealed[lang]
    text = run.ok("draft", "text", "cu", "--lang", "kk", *delegate("RUS"))
    assert text.startswith("Кеден одағы туралы шарт\n")
    found = run.plain("draft", "text", "cu", "--lang", "ru", "--version", 1, *delegate("RUS"))
    assert found["title"] == "Договор о таможенном союзе"
    assert {"number", "text", "clause"} == set(found["text"][0])


def test_a_signature_with_a_reservation_is_in_the_register(house):
    run = house("signed")
    found = run.plain("sign", "status", "cu", *delegate("RUS"))
    signed = {item["state"]: item for item in found["round"]["signatures"]}
    assert [state for state, item in signed.items() if item["signed"]] == ["KAZ", "KGZ", "ARM"]
    assert signed["KAZ"]["reservations"] == {"Art. 4": "not for sugar"}
    told = run.ok("sign", "status", "cu", *SECRETARY)
    assert "Art. 4: not for sugar" in told
    assert "Not our union." in told
    acts = json.loads(run.ok("timeline", "KAZ", "--from", "2026-06-01", "--json"))
    assert {"reservation", "signature"} <= {item["kind"] for item in acts if item["instrument"] == "cu"}


def test_sessions_and_their_agendas(house):
    run = house("voting")
    assert [item["code"] for item in run.plain("session", "list", *SECRETARY)] == [SESSION]
    assert run.plain("session", "list", "--organ", "chg", *SECRETARY) == []
    found = run.plain("session", "show", SESSION, *delegate("RUS"))
    assert (found["state"], found["present"]) == ("open", ["ARM", "KAZ", "KGZ", "RUS"])
    agenda = run.plain("agenda", "show", SESSION, *SECRETARY)
    assert (agenda["items"][0]["draft"], agenda["items"][0]["discussion"]) == ("cu", False)
    assert agenda["items"][0]["asked"] == 11
    assert run.plain("agenda", "show", SESSION, "--as", "O. Watcher")["items"][0]["opinions"] is None
    assert "without discussion" in run.ok("session", "show", SESSION, *SECRETARY)


def test_an_item_is_discussed_when_a_state_asks_and_can_be_put_off(house):
    run = house("agreed")
    run.ok(*STEPS["voting"][0])
    run.ok(*STEPS["voting"][1])
    said = run.ok("session", "discuss", "cu", *delegate("KGZ"))
    assert said == f"{SESSION}: item 1, cu, with discussion\n"
    assert run.ok("session", "postpone", "cu", "--reason", "later", *SECRETARY).startswith("cu: postponed")
    run.ok("session", "convene", "chs", "2026-07-01", "--place", "Minsk", *SECRETARY)
    run.ok("session", "place", "cu", "chs/2026-07-01", "--narrow", *SECRETARY)
    assert run.plain("session", "show", "chs/2026-07-01", "--as", "O. Watcher")["items"] == []
    assert run.ok("session", "refer", "cu", "chg", *SECRETARY).startswith("cu: referred to an organ below")


def test_an_organ_shows_what_is_recorded_of_it(house):
    run = house("founded")
    found = run.plain("organ", "show", "chs", "--on", "2026-06-01")
    assert found["missing"] == []
    assert [turn["forecast"] for turn in found["calendar"]][:1] == [True]
    assert {"mandate", "members", "rule", "chair", "calendar", "parent", "through", "edition"} <= found.keys()
    sectoral = run.plain("organ", "list", "--kind", "sectoral")
    assert len(sectoral) >= 20
    assert "railway-council" in {item["code"] for item in sectoral}
    assert "Not recorded" in run.ok("organ", "show", "railway-council", "--on", "2024-06-01")
    assert run.refused("organ", "list", "--kind", "sectorial")[0] == "CL004"
    assert run.refused("organ", "list", "--as", "nobody")[0] == "CN211"


def test_a_person_comes_and_goes(house):
    run = house("founded")
    said = run.ok("organ", "dismiss", "E. Expert", "--on", "2026-02-01", *SECRETARY)
    assert said == "E. Expert is no longer admitted from 1 February 2026\n"
    assert run.refused("draft", "list", "--as", "E. Expert")[0] == "CN211"
    assert run.refused("organ", "dismiss", "E. Expert", *SECRETARY)[0] == "CN211"
    powers = ("organ", "empower", "D. RUS", "--basis", "note 1", *head("RUS"))
    assert run.plain(*powers)["state"] == "RUS"
    assert [item["person"] for item in run.plain("organ", "people", *delegate("RUS"))["powers"]] == ["D. RUS"]
    assert run.plain("organ", "people", *delegate("ARM"))["powers"] == []


@pytest.mark.parametrize("flag", ["--mermaid", "--dot"])
def test_a_procedure_draws_itself(house, flag):
    run = house("circulated")
    drawn = run.ok("organ", "procedure", "rules-2009", flag, "--draft", "cu", *SECRETARY)
    assert drawn != run.ok("organ", "procedure", "rules-2009", flag)
    assert "circulated" in drawn


def test_a_procedure_as_a_table_as_data_and_as_a_file(house, tmp_path):
    run = house("founded")
    assert run.plain("organ", "procedure", "--on", "1994-01-01")["code"] == "rules-1992"
    assert "Rules of procedure of 2002" in run.ok("organ", "procedure", "rules-2002")
    assert run.ok("organ", "procedure", "conference", "--svg", "map.svg", "--lang", "ru") == ""
    assert (tmp_path / "map.svg").read_text("utf-8").startswith("<svg")
    assert run.refused("organ", "procedure", "rules-2003")[0] == "CN001"
    assert run.refused("organ", "procedure", "--svg", "no/such/folder/map.svg")[0] == "CL005"


def test_a_draft_is_checked_before_anybody_sees_it(house, tmp_path):
    run = house("founded")
    assert run.plain("draft", "check", "cu.yaml") == {
        "slug": "cu",
        "ready": True,
        "lacks": {"reasons": [], "languages": [], "final_clauses": [], "depositary": []},
    }
    poor = written(tmp_path, slug="poor", reasons={}, depositary="", title={"ru": "Проект"}, finals=[])
    code, out, _ = run("draft", "check", poor)
    assert code == 1
    assert {line[0] for line in out.splitlines()[1:]} == {"✗"}
    code, out, _ = run("draft", "check", poor, "--json")
    assert json.loads(out)["lacks"]["final_clauses"] == ["eif"]


def test_the_library(house):
    run = house("founded")
    assert len(run.plain("draft", "patterns")) >= 24
    form = run.plain("draft", "patterns", "third_deposit_30_days")
    assert {"code", "title", "text", "parameters", "number", "form", "drafting"} <= form.keys()
    told = run.ok("draft", "patterns", "third_deposit_30_days", "--lang", "kk")
    assert told.startswith("Күшіне енуі")
    assert "{this" not in told
    assert run.plain("draft", "clauses", "--kind", "customs_union")[0]["code"] == "customs_territory"
    assert run.ok("draft", "example") == EXAMPLE.read_text("utf-8")
    assert run.plain("draft", "example")["slug"] == "customs-union-draft"
    run.ok("draft", "example", "--out", "mine.yaml")
    assert run.plain("draft", "check", "mine.yaml")["ready"] is True
    assert run.refused("draft", "patterns", "third")[0] == "CL004"
    assert run.refused("draft", "clauses", "--kind", "custom_union")[0] == "CL004"


def test_tasks(house):
    run = house("adopted")
    run.ok("task", "assign", "cu", "Print the tariff", "--to", "kgz", "--due", "2026-11-01", *SECRETARY)
    run.ok("task", "assign", "cu", "Appoint officers", "--to", "KAZ,secretariat", *SECRETARY)
    assert [item["code"] for item in run.plain("task", "list", *SECRETARY)] == ["cu#1", "cu#2"]
    assert [item["code"] for item in run.plain("task", "list", "--of", "secretariat", *SECRETARY)] == ["cu#2"]
    said = run.ok("task", "progress", "cu#1", 100, "--note", "printed", *delegate("KGZ"))
    assert said == "cu#1: Print the tariff · Kyrgyzstan · 100% done\n"
    assert [item["code"] for item in run.plain("task", "list", "--open", *SECRETARY)] == ["cu#2"]
    assert "printed" in run.ok("task", "show", "cu#1", *SECRETARY)
    assert run.plain("task", "show", "cu#1", *SECRETARY)["progress"] == 100


READERS = (
    ("draft", "show", "cu", "--text", "en"),
    ("draft", "list"),
    ("opinion", "list", "cu"),
    ("session", "show", SESSION),
    ("session", "list"),
    ("agenda", "show", SESSION),
    ("decide", "show", "cu"),
    ("sign", "status", "cu"),
    ("task", "list"),
    ("task", "show", "cu#1"),
    ("organ", "people"),
    ("organ", "show", "chs", "--on", "2026-06-01"),
    ("organ", "list"),
    ("organ", "procedure", "rules-2009"),
    ("draft", "clauses"),
    ("draft", "patterns"),
    ("draft", "check", "cu.yaml"),
)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_what_is_shown_speaks_three_languages(house, lang):
    run = house("closed")
    shown = {reader: run.ok(*reader, *SECRETARY, "--lang", lang) for reader in READERS}
    assert all(shown.values())
    words = {
        "en": ("carried out and closed", "agrees", "in session", "Adopted.", "head of state", "sector council"),
        "ru": ("исполнен и закрыт", "согласие", "идёт", "Принято", "глава государства", "отраслевой совет", "срок"),
        "kk": ("орындалып жабылды", "келіседі", "өтіп жатыр", "Қабылданды", "мемлекет басшысы", "салалық кеңес"),
    }
    whole = "".join(shown.values())
    assert not [word for word in words[lang] if word not in whole]
    if lang != "en":
        assert not [word for word in words["en"] if word in whole]


@pytest.mark.parametrize("reader", READERS, ids=" ".join)
def test_json_is_the_same_whenever_it_is_asked(house, reader):
    run = house("closed")
    first = run.ok(*reader, *SECRETARY, "--json")
    assert first == run.ok(*reader, *SECRETARY, "--json")
    assert json.loads(first)


REFUSALS = [
    ("founded", ("draft", "list", "--as", "Somebody"), "CN211"),
    ("founded", ("organ", "admit", "X", "--of", "KAZ", "--capacity", "auditor", *SECRETARY), "CN213"),
    ("founded", ("organ", "admit", "X", "--of", "QQQ", "--capacity", "delegate", *SECRETARY), "RG002"),
    ("founded", ("organ", "admit", "X", "--of", "KAZ", "--capacity", "expert", *delegate("KAZ")), "CN210"),
    ("founded", ("organ", "show", "chx"), "RG026"),
    ("founded", ("draft", "new", "none.yaml", "--organ", "chs", *delegate("KAZ")), "CN101"),
    ("founded", ("draft", "new", "cu.yaml", "--organ", "chx", *delegate("KAZ")), "RG026"),
    ("founded", ("draft", "new", "cu.yaml", "--organ", "chs", "--rules", "rules-2003", *delegate("KAZ")), "CN001"),
    ("founded", ("draft", "new", "cu.yaml", "--organ", "chs", "--as", "O. Watcher"), "CN210"),
    ("founded", ("draft", "new", "cu.yaml", "--organ", "chs", "--on", "soon", *delegate("KAZ")), "DT002"),
    ("proposed", ("draft", "circulate", "cu", *SECRETARY), "CN206"),
    ("proposed", ("draft", "revise", "cu", "cu.yaml", *delegate("KAZ")), "CN219"),
    ("proposed", ("draft", "amend", "cu", "1.1", *delegate("KAZ")), "CL006"),
    ("proposed", ("draft", "amend", "cu", "1.1", "--text", "kk", *delegate("KAZ")), "CL003"),
    ("proposed", ("draft", "text", "cu", "--version", "7", *delegate("KAZ")), "CN218"),
    ("proposed", ("draft", "list", "--stage", "circulating", *SECRETARY), "CL004"),
    ("proposed", ("draft", "impact", "cu", *SECRETARY), "CN247"),
    ("proposed", ("opinion", "list", "cu", *SECRETARY), "CN280"),
    ("circulated", ("opinion", "give", "cu", "object", *delegate("KGZ")), "CN245"),
    ("circulated", ("opinion", "give", "cu", "remarks", "--remark", "99.1=x", *delegate("KGZ")), "CN246"),
    ("circulated", ("opinion", "give", "cu", "agree", "--state", "ARM", *delegate("KGZ")), "CN212"),
    ("circulated", ("opinion", "give", "cu", "agree", "--on", "2026-03-02", *delegate("KGZ")), "CN224"),
    ("circulated", ("opinion", "give", "cu", "agree", "--as", "O. Watcher"), "CN201"),
    ("circulated", ("draft", "agree", "cu", *SECRETARY), "CN225"),
    ("circulated", ("session", "convene", "chs", "2026-01-01", "--place", "Minsk", *SECRETARY), "CN250"),
    ("circulated", ("session", "show", "chs/2026-01-01", *SECRETARY), "CN202"),
    ("agreed", ("decide", "open", "cu", *SECRETARY), "CN206"),
    ("agreed", ("decide", "show", "cux", *SECRETARY), "CN201"),
    ("voting", ("decide", "open", "cu", "--weights", "KAZ", *SECRETARY), "CL002"),
    ("voting", ("decide", "vote", "cu", "against", *delegate("KAZ")), "CN255"),
    ("voting", ("decide", "undiscussed", SESSION, "against", *delegate("KAZ")), "CN255"),
    ("voting", ("decide", "vote", "cu", "for", "--as", "E. Expert"), "CN210"),
    ("voting", ("session", "close", SESSION, *SECRETARY), "CN253"),
    ("voting", ("sign", "open", "cu", *SECRETARY), "CN206"),
    ("voting", ("task", "assign", "cu", "Wait", "--to", "KAZ", *SECRETARY), "CN270"),
    ("adopted", ("decide", "vote", "cu", "for", "--as", "H. RUS"), "CN255"),
    ("adopted", ("decide", "undiscussed", SESSION, "for", *delegate("KAZ")), "CN235"),
    ("adopted", ("sign", "enact", "cu", *SECRETARY), "CN237"),
    ("adopted", ("task", "assign", "cu", "Wait", "--to", "KAZ", "--due", "2026-01-01", *SECRETARY), "CN270"),
    ("adopted", ("agenda", "copy", "cu", "--html", "copy.html", *SECRETARY), "CN282"),
    ("adopted", ("agenda", "print", SESSION, *SECRETARY), "CL007"),
    ("signed", ("sign", "deposit", "cu", "KAZ", "ratifying", *SECRETARY), "CN264"),
    ("signed", ("sign", "deposit", "cu", "ARM", "ratification", *delegate("KAZ")), "CN212"),
    ("signed", ("sign", "enter", "cu", *SECRETARY), "CN243"),
    ("closed", ("task", "progress", "cu#1", "120", *SECRETARY), "CN271"),
    ("closed", ("task", "show", "cu#9", *SECRETARY), "CN203"),
]


@pytest.mark.parametrize(
    ("stage", "arguments", "code"),
    REFUSALS,
    ids=[" ".join(arguments[:3]) + f" {code}" for _, arguments, code in REFUSALS],
)
def test_refusals_say_what_would_satisfy_and_store_nothing(house, stage, arguments, code):
    assert house(stage).refused(*arguments)[0] == code


def test_full_powers_that_have_run_out(house):
    run = house("adopted")
    run.ok("sign", "open", "cu", "--on", "2026-06-03", *SECRETARY)
    run.ok("organ", "empower", "D. KAZ", "--basis", "n", "--from", "2026-05-01", "--until", "2026-06-02", *SECRETARY)
    code, said = run.refused("sign", "give", "cu", *delegate("KAZ"))
    assert code == "CN240"
    assert "2026-05-01 – 2026-06-02" in said
    assert run.refused("sign", "give", "cu", *head("RUS"))[0] == "CN241"


def test_nothing_works_before_the_council_is_founded(house):
    run = house("")
    assert run.refused("session", "list", *SECRETARY)[0] == "CN211"
    assert run.refused("organ", "admit", "B", "--of", "KAZ", "--capacity", "delegate", *SECRETARY)[0] == "CN214"
    assert run.plain("organ", "list", "--kind", "supreme")


def test_a_result_that_a_source_reports(house):
    run = house("agreed")
    run.ok("session", "convene", "chs", "2026-06-01", "--place", "Astana", *SECRETARY)
    run.ok("session", "place", "cu", SESSION, *SECRETARY)
    run.ok("session", "open", SESSION, "--on", "2026-06-01", *SECRETARY)
    report = ("decide", "report", "cu", "--source", "press, 2 June 2026", "--bound", "KAZ,KGZ", *SECRETARY)
    found = run.plain(*report)
    assert (found["reported"], found["bound"], found["votes"]) == ("press, 2 June 2026", ["KAZ", "KGZ"], [])
    assert "press, 2 June 2026" in run.ok("decide", "show", "cu", *SECRETARY)


def test_a_decision_of_an_organ_needs_no_signature(house, tmp_path):
    run = house("founded")
    decision = {
        "slug": "meeting-2026",
        "agreement": "decision",
        "parties": list(STATES),
        "languages": ["ru"],
        "title": {"ru": "Решение о встрече"},
        "reasons": {"ru": "Встречаться."},
        "subjects": [{"title": {"ru": "Встреча"}, "paragraphs": [{"ru": "Министры встречаются ежегодно."}]}],
        "finals": [{"pattern": "on_signature"}],
    }
    (tmp_path / "meeting.yaml").write_text(yaml.safe_dump(decision, allow_unicode=True), "utf-8")
    steps = [step for part in ("proposed", "circulated") for step in STEPS[part] if step[0] == "draft"]
    steps += [("draft", "agree", "cu", "--on", "2026-04-16", *SECRETARY), *STEPS["voting"], STEPS["adopted"][-1]]
    for step in steps:
        run.ok(*("meeting.yaml" if word == "cu.yaml" else "meeting-2026" if word == "cu" else word for word in step))
    assert run.ok("sign", "enact", "meeting-2026", *SECRETARY).startswith("meeting-2026: recorded in the register")
    assert "meeting-2026" in json.loads(run.ok("matrix", "--on", "2026-09-01", "--json"))["instruments"]


def test_papers_in_print(house, tmp_path):
    run = house("closed")
    papers = {
        "agenda": ("print", SESSION),
        "differences": ("differences", "cu"),
        "decision": ("decision", "cu"),
        "minutes": ("minutes", SESSION),
        "copy": ("copy", "cu", "--text", "ru"),
    }
    for name, words in papers.items():
        assert run.ok("agenda", *words, "--html", f"{name}.html", "--lang", "kk", *SECRETARY) == ""
        assert (tmp_path / f"{name}.html").read_text("utf-8").startswith("<!doctype html>")
        assert run.plain("agenda", *words, *SECRETARY)
    run.ok("agenda", "print", SESSION, "--pdf", "agenda.pdf", "--lang", "ru", *SECRETARY)
    assert (tmp_path / "agenda.pdf").read_bytes().startswith(b"%PDF")
    assert run.refused("agenda", "print", SESSION, "--html", "no/such/a.html", *SECRETARY)[0] == "CL005"


def test_a_calendar(house, tmp_path):
    run = house("closed")
    written = run.ok("session", "calendar", "--lang", "ru", *SECRETARY)
    assert written.startswith("BEGIN:VCALENDAR")
    run.ok("session", "calendar", "--lang", "ru", "--out", "sessions.ics", *SECRETARY)
    assert (tmp_path / "sessions.ics").read_text("utf-8").splitlines() == written.splitlines()


def test_what_a_draft_does_in_law(house):
    run = house("proposed")
    assert run.plain("draft", "law", "cu", "--on", "2026-06-01", *delegate("KAZ"))
    assert run.refused("draft", "law", "cu", *delegate("RUS"))[0] == "CN201"


def test_the_pages_of_the_documentation(house, root):
    """The how-to runs as it stands, and the reference names every command."""
    run = house("")
    page = (root / "docs" / "how-to" / "run-a-session.md").read_text("utf-8")
    lines = re.findall(r"^dostastyq (.*)$", page, re.MULTILINE)
    assert len(lines) >= 40
    for line in lines:
        run.ok(*shlex.split(line))
    reference = (root / "docs" / "reference" / "council-commands.md").read_text("utf-8")
    assert not [name for name, _ in leaves() if f"`{name}" not in reference]
