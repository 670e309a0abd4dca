"""Maps of procedure: what is shipped, what is refused, and that no map has a dead end."""

import copy
import shutil
from dataclasses import replace
from datetime import date

import networkx as nx
import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.council.procedure import (
    GATES,
    STAGES,
    STEPS,
    WHO,
    Gate,
    procedure_maps,
    procedure_named,
    procedure_on,
)
from dostastyq.council.procedure_read import check_days, read_frame, read_map, read_maps
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.register.loader import COMMONWEALTHS

FOLDER = COMMONWEALTHS / "cis" / "council" / "procedures"
EDITIONS = ("rules-1992", "rules-1996", "rules-2002", "rules-2009")
MAPS = ("conference", *EDITIONS)
LAW = register.load("cis")
FRAME = read_frame((FOLDER / "words.yaml").read_text(encoding="utf-8"), LAW)
PLAIN = {code: yaml.load((FOLDER / f"{code}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader) for code in MAPS}


def read(plain, code="rules-2009"):
    """Read a map from plain values."""
    return read_map(yaml.safe_dump(plain, allow_unicode=True), f"{code}.yaml", FRAME)


def graph(held):
    """The map as a graph of its own, with the first step's stage as source."""
    drawn = nx.DiGraph()
    drawn.add_nodes_from(["", *held.stages])
    for step in held.steps.values():
        for stage in step.froms or ("",):
            drawn.add_edges_from((stage, goal) for goal in (step.to, step.otherwise) if goal)
    return drawn


def sound(held):
    """Whether everything is reached from the start and leads to an end, by another way than the reader's own."""
    drawn = graph(held)
    reached = nx.descendants(drawn, "") | {""}
    ends = set(held.ends)
    return (
        reached == set(drawn.nodes)
        and all(stage in ends or nx.descendants(drawn, stage) & ends for stage in held.stages)
        and all(drawn.out_degree(stage) == 0 for stage in ends)
    )


@pytest.mark.parametrize("code", MAPS)
def test_every_shipped_map_is_sound_and_said_in_three_languages(code):
    held = procedure_named("cis", code)
    assert sound(held)
    assert set(held.steps) <= set(STEPS)
    assert set(held.gates) == {name for step in held.steps.values() for name in step.gates.names} <= GATES
    titles = [held.title, *held.stages.values(), *held.gates.values(), *(step.title for step in held.steps.values())]
    for title in titles:
        assert set(title) == set(LANGUAGES)
        assert all(title.values())
    for step in held.steps.values():
        assert step.who <= WHO
        assert step.who
        assert set(step.sources) <= set(LAW.sources)


@pytest.mark.parametrize("code", EDITIONS)
def test_an_edition_has_every_stage_and_step_and_is_in_the_register(code):
    held = procedure_named("cis", code)
    assert set(held.stages) == set(STAGES)
    assert set(held.steps) == set(STEPS)
    instrument = LAW.instrument(held.instrument)
    assert instrument.signed.day.earliest == held.start
    assert {name for step in held.steps.values() for name in step.gates.names} == GATES


def test_what_nobody_read_is_not_called_verified():
    verified = {code: {c for c, step in held.steps.items() if step.verified} for code, held in procedure_maps().items()}
    assert verified == {
        "conference": set(),
        "rules-1992": {"certify"},
        "rules-1996": {"propose", "register", "circulate", "place", "open_vote"},
        "rules-2002": {"certify"},
        "rules-2009": set(),
    }
    for held in procedure_maps().values():
        assert not held.absence_verified
        assert all(step.sources != ("own",) for step in held.steps.values() if step.verified)
        assert all("read nowhere" in step.note for step in held.steps.values() if step.deadline)


def test_the_bar_on_what_was_not_agreed_is_in_every_edition_and_not_before():
    for code in EDITIONS:
        places = procedure_named("cis", code).steps["place"].gates
        either = places.parts[0]
        assert (either.kind, either.names) == ("any", ("agreed_beforehand", "referred_by_session"))
        assert "proposed" not in procedure_named("cis", code).steps["place"].froms
    conference = procedure_named("cis", "conference")
    assert conference.steps["place"].gates == Gate(kind="all")
    assert "proposed" in conference.steps["place"].froms
    assert conference.rule in LAW.institutions.rules


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("1991-11-30", "conference"),
        ("1991-12-08", "conference"),
        ("1992-05-14", "conference"),
        ("1992-05-15", "rules-1992"),
        ("1996-05-16", "rules-1992"),
        ("1996-05-17", "rules-1996"),
        ("2002-10-07", "rules-2002"),
        ("2009-10-09", "rules-2009"),
        ("2041-01-01", "rules-2009"),
    ],
)
def test_the_edition_of_a_day(day, code):
    assert procedure_on("cis", date.fromisoformat(day)).code == code


@given(st.dates(date(1991, 12, 8), date(2030, 1, 1)))
def test_every_day_has_exactly_one_edition(day):
    found = [held for held in procedure_maps().values() if held.start <= day and (held.end is None or day < held.end)]
    assert found == [procedure_on("cis", day)]


def test_the_secretariat_of_a_day():
    rules = procedure_named("cis", "rules-1992")
    days = [date(1992, 1, 1), date(1992, 7, 6), date(1993, 5, 13), date(1993, 5, 14)]
    assert [rules.secretariat_on(day) for day in days] == [
        "",
        "working-group-1992",
        "working-group-1992",
        "exec-secretariat",
    ]


def test_an_edition_that_does_not_exist_and_a_stage_that_does_not():
    with pytest.raises(DostastyqError, match="'rules-2010'") as caught:
        procedure_named("cis", "rules-2010")
    assert caught.value.code == "CN001"
    assert "rules-2009" in caught.value.hint
    with pytest.raises(DostastyqError, match="no stage 'dreamt'") as caught:
        procedure_named("cis", "rules-2009").at("dreamt")
    assert caught.value.code == "CN002"
    with pytest.raises(DostastyqError) as caught:
        procedure_maps("mercosur")
    assert caught.value.code == "RG003"


def remove_closed(plain):
    """Take away the stage at which everything that was carried out ends."""
    plain["steps"].pop("close")
    plain["steps"]["deposit"]["from"].remove("closed")
    plain["stages"].remove("closed")
    plain["ends"].remove("closed")


def drop(plain, stage):
    """Let nobody withdraw from a stage."""
    plain["steps"]["withdraw"]["from"].remove(stage)


BROKEN = [
    ("CN002", "dreamt", lambda m: m["steps"]["register"].update(to="dreamt")),
    ("CN002", "dreamt", lambda m: m["steps"]["register"].update({"from": ["dreamt"]})),
    ("CN002", "dreamt", lambda m: m.update(ends=["dreamt"])),
    ("CN002", "dreamt", lambda m: m["stages"].append("dreamt")),
    ("CN004", "economic-counsel", lambda m: m.update(organs=["economic-counsel"])),
    (
        "CN004",
        "economic-counsel",
        lambda m: m.update(secretariat=[{"organ": "economic-counsel", "from": "2009-10-09"}]),
    ),
    ("CN004", "unanimity", lambda m: m.update(rule="unanimity")),
    ("CN005", "enrol", lambda m: m["steps"].update(enrol=m["steps"].pop("register"))),
    ("CN006", "tongues", lambda m: m["steps"]["circulate"].update(gates=["tongues"])),
    ("CN006", "one of all, any and not", lambda m: m["steps"]["circulate"].update(gates={"some": ["languages"]})),
    ("CN006", "any of nothing", lambda m: m["steps"]["circulate"].update(gates={"any": []})),
    ("CN007", "minister", lambda m: m["steps"]["circulate"].update(who=["minister"])),
    ("CN007", "nobody", lambda m: m["steps"]["circulate"].update(who=[])),
    ("CN008", "30 days", lambda m: m["steps"]["circulate"].update(deadline="30 days")),
    ("CN009", "propose", lambda m: m["steps"]["propose"].update({"from": ["registered"]})),
    ("CN009", "register", lambda m: m["steps"]["register"].update({"from": []})),
    ("CN010", "close_vote", lambda m: m["steps"]["close_vote"].pop("otherwise")),
    ("CN010", "otherwise", lambda m: m["steps"]["register"].update(otherwise="rejected")),
    ("CN010", "nowhere", lambda m: m["steps"]["propose"].pop("to")),
    ("CN011", "recollection", lambda m: m["steps"]["revise"].update(verified="true")),
    ("CN012", "propose", lambda m: m["steps"].pop("propose")),
    ("CN012", "postponed", lambda m: m["steps"].pop("postpone")),
    ("CN012", "rejected", lambda m: m["steps"]["close_vote"].update(otherwise="adopted")),
    (
        "CN013",
        "postponed",
        lambda m: (m["steps"]["place"].update({"from": ["agreed", "referred"]}), drop(m, "postponed")),
    ),
    ("CN013", "no end", remove_closed),
    ("CN014", "withdrawn", lambda m: m["steps"]["register"].update({"from": ["proposed", "withdrawn"]})),
    ("CN015", "before it began", lambda m: m.update(end="2009-10-09")),
    ("RG022", "gate", lambda m: m["steps"]["circulate"].update(gate="languages")),
    ("RG023", "basis", lambda m: m["steps"]["circulate"].pop("basis")),
    ("RG026", "cntd_rulez", lambda m: m["steps"]["circulate"].update(src=["cntd_rulez"])),
    ("RG026", "rules-2010", lambda m: m.update(instrument="rules-2010")),
    ("RG027", "src", lambda m: m["steps"]["circulate"].pop("src")),
]


@pytest.mark.parametrize(
    ("code", "named", "change"), BROKEN, ids=[f"{number}-{code}" for number, (code, *_) in enumerate(BROKEN)]
)
def test_a_broken_map_is_refused_with_file_key_and_remedy(code, named, change):
    plain = copy.deepcopy(PLAIN["rules-2009"])
    change(plain)
    with pytest.raises(DostastyqError, match=named) as caught:
        read(plain)
    assert caught.value.code == code
    assert caught.value.message.startswith("rules-2009.yaml:")
    assert caught.value.hint


def test_days_that_overlap_or_leave_a_hole_are_refused():
    maps = list(procedure_maps().values())
    check_days(maps)
    for number, end in ((0, date(1992, 5, 14)), (1, date(1996, 5, 18)), (2, None), (4, date(2020, 1, 1))):
        changed = list(maps)
        changed[number] = replace(maps[number], end=end)
        with pytest.raises(DostastyqError, match=maps[number].code) as caught:
            check_days(changed)
        assert caught.value.code == "CN015"


def test_a_folder_without_maps_or_without_a_title_is_refused(tmp_path):
    with pytest.raises(DostastyqError) as caught:
        read_maps(tmp_path, LAW)
    assert caught.value.code == "CN003"
    words = (FOLDER / "words.yaml").read_text(encoding="utf-8")
    with pytest.raises(DostastyqError, match="adopted") as caught:
        read_frame("\n".join(line for line in words.splitlines() if not line.startswith("  adopted:")), LAW)
    assert caught.value.code == "RG023"
    shutil.copytree(FOLDER, tmp_path / "copy")
    assert read_maps(tmp_path / "copy", LAW) == procedure_maps()


STAGE = st.sampled_from(STAGES)
STEP = st.sampled_from([step for step in STEPS if step != "propose"])
MUTATION = st.one_of(
    st.tuples(st.just("remove"), STEP),
    st.tuples(st.just("to"), STEP, STAGE),
    st.tuples(st.just("stay"), STEP),
    st.tuples(st.just("from"), STEP, st.lists(STAGE, min_size=1, max_size=4, unique=True)),
    st.tuples(st.just("ends"), st.lists(STAGE, min_size=1, max_size=4, unique=True)),
    st.tuples(st.just("stage"), STAGE),
)


def mutate(plain, kind, *what):
    """Change one thing of a map, so that it may or may not remain sound."""
    steps = plain["steps"]
    if kind == "ends":
        plain["ends"] = what[0]
    elif kind == "stage":
        plain["stages"] = [stage for stage in plain["stages"] if stage != what[0]]
        plain["ends"] = [stage for stage in plain["ends"] if stage != what[0]]
        for code, step in list(steps.items()):
            step["from"] = [stage for stage in step["from"] if stage != what[0]]
            if what[0] in {step.get("to"), step.get("otherwise")} or (not step["from"] and code != "propose"):
                del steps[code]
    elif what[0] in steps:
        if kind == "remove":
            del steps[what[0]]
        elif kind == "stay":
            steps[what[0]].pop("to", None)
        else:
            steps[what[0]][kind] = what[1]


@given(st.sampled_from(MAPS), st.lists(MUTATION, min_size=1, max_size=3))
def test_a_changed_map_is_refused_or_sound(code, mutations):
    plain = copy.deepcopy(PLAIN[code])
    for mutation in mutations:
        mutate(plain, *mutation)
    refusal, held = None, None
    try:
        held = read(plain, code)
    except DostastyqError as error:
        refusal = error
    event(refusal.code if refusal else "sound")
    if refusal is None:
        assert sound(held)
    else:
        assert refusal.code in {"CN002", "CN009", "CN012", "CN013", "CN014"}
        assert refusal.hint


@given(st.lists(MUTATION, min_size=1, max_size=2))
def test_a_change_is_refused_only_for_what_is_wrong(mutations):
    plain = copy.deepcopy(PLAIN["rules-2009"])
    for mutation in mutations:
        mutate(plain, *mutation)
    drawn = nx.DiGraph()
    drawn.add_nodes_from(["", *plain["stages"]])
    for step in plain["steps"].values():
        goals = [step[key] for key in ("to", "otherwise") if key in step]
        drawn.add_edges_from((stage, goal) for stage in step["from"] or [""] for goal in goals)
    ends = set(plain["ends"])
    known = set(drawn.nodes) == {"", *plain["stages"]} and ends <= set(plain["stages"])
    fine = (
        known
        and "propose" in plain["steps"]
        and nx.descendants(drawn, "") == set(plain["stages"])
        and all(stage in ends or nx.descendants(drawn, stage) & ends for stage in plain["stages"])
        and all(drawn.out_degree(stage) == 0 for stage in ends)
    )
    try:
        read(plain)
    except DostastyqError:
        assert not fine
    else:
        assert fine
