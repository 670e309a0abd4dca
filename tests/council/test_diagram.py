"""Drawings of the maps: every step and gate is in them, what was not read is dashed, and the picture holds its text."""

import os
import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dostastyq.council.diagram import dot, edges, mermaid, say_gate
from dostastyq.council.procedure import Gate, procedure_maps, procedure_named
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.report.procedure import WHO, WIDTH, svg

MAPS = tuple(procedure_maps())
CHROMIUM = Path(os.environ.get("DOSTASTYQ_CHROMIUM", "/usr/bin/chromium"))
EDGE = re.compile(r'^  (\w+) (-->|-\.->)\|"(.*)"\| (\w+)$', re.M)
NODE = re.compile(r'^  (\w+)(?:\(\[|\[)"([^"]*)"(?:\]\)|\])(?::::(\w+))?$', re.M)


def moves(held):
    """Pairs of stages that a map joins, with the steps that stay as loops."""
    return {
        (stage, goal)
        for step in held.steps.values()
        for stage in step.froms or ("start",)
        for goal in (step.to or stage, step.otherwise)
        if goal
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", MAPS)
def test_mermaid_has_every_stage_step_and_gate(code, language):
    held = procedure_named("cis", code)
    text = mermaid(held, language)
    assert text == mermaid(held, language)
    nodes, drawn = NODE.findall(text), EDGE.findall(text)
    assert {name: title for name, title, _ in nodes} == {c: t[language] for c, t in held.stages.items()}
    assert {(start, end) for start, _, _, end in drawn} == moves(held)
    assert len(text.splitlines()) == len(nodes) + len(drawn) + 4
    labels = " ".join(label for _, _, label, _ in drawn)
    for title in (*(step.title for step in held.steps.values()), *held.gates.values()):
        assert title[language] in labels
    for start, arrow, label, _ in drawn:
        steps = [step for step in held.steps.values() if step.title[language] in label.split("<br/>")[0]]
        if arrow == "-->":
            assert any(step.verified and (start in step.froms or start == "start") for step in steps)


def test_what_is_dashed_is_what_nobody_read():
    held = procedure_named("cis", "rules-1996")
    solid = {(start, end) for start, arrow, _, end in EDGE.findall(mermaid(held)) if arrow == "-->"}
    assert ("start", "proposed") in solid
    assert ("proposed", "registered") in solid
    assert ("registered", "proposed") not in solid
    assert not [edge for edge in edges(procedure_named("cis", "rules-2009")) if edge.verified]


def test_the_way_of_a_failed_vote_is_its_own():
    for held in procedure_maps().values():
        assert [(edge.start, edge.end) for edge in edges(held) if edge.failing] == [("voting", "rejected")]


@given(st.sampled_from(MAPS), st.data())
def test_stages_passed_and_the_present_one_are_marked(code, data):
    held = procedure_named("cis", code)
    stages = st.sampled_from(sorted(held.stages))
    at, done = data.draw(stages), data.draw(st.frozensets(stages, max_size=5))
    marks = {name: mark for name, _, mark in NODE.findall(mermaid(held, done=done, at=at))}
    assert marks == {name: "at" if name == at else "done" if name in done else "" for name in held.stages}
    text = dot(held, done=done, at=at)
    assert text.count("penwidth=3") == 1
    assert text.count("fillcolor") == len(done)
    drawing = etree.fromstring(svg(held, at=at, done=done))
    styles = [node.get("class", "").split() for node in drawing.iter("{*}rect")]
    assert len(styles) == len(held.stages)
    assert sum("at" in style for style in styles) == 1
    assert sum("done" in style for style in styles) == len(done)


@pytest.mark.parametrize("draw", [mermaid, dot, svg])
def test_a_language_or_stage_that_does_not_exist_is_refused(draw):
    held = procedure_named("cis", "conference")
    with pytest.raises(DostastyqError, match="'fr'") as caught:
        draw(held, "fr")
    assert caught.value.code == "CN016"
    with pytest.raises(DostastyqError, match="'experts'") as caught:
        draw(held, at="experts")
    assert caught.value.code == "CN002"


def test_gates_are_said_with_their_logic():
    held = procedure_named("cis", "rules-2009")
    leaf = Gate(kind="gate", name="in_time")
    assert say_gate(Gate(kind="all"), held) == ""
    assert say_gate(Gate(kind="not", parts=(leaf,)), held) == "not: in time"
    assert say_gate(Gate(kind="not", parts=(leaf,)), held, "ru") == "кроме случая: внесён в срок"
    assert say_gate(held.steps["place"].gates, held, "kk").startswith("алдын ала келісілген / сессия тапсырған; ")


@pytest.mark.parametrize("code", MAPS)
def test_the_pictures_of_the_documents_are_those_of_the_maps(code, root):
    shown = (root / "docs" / "images" / f"procedure-{code}.svg").read_text(encoding="utf-8")
    assert shown == svg(procedure_named("cis", code)), "write it anew with report.procedure.svg"
    assert f"procedure-{code}.svg" in (root / "docs" / "reference" / "council-procedures.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("code", MAPS)
def test_dot_joins_what_the_map_joins(code):
    held = procedure_named("cis", code)
    text = dot(held, "ru")
    joined = re.findall(r'^  (\w+) -> (\w+) \[label="((?:[^"\\]|\\.)*)"(, style=dashed)?\];$', text, re.M)
    assert {(start, end) for start, end, _, _ in joined} == moves(held)
    assert text.count("->") == len(joined)
    assert sum(not dashed for *_, dashed in joined) == sum(edge.verified for edge in edges(held))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", MAPS)
def test_the_picture_says_every_stage_step_role_and_gate_once_at_least(code, language):
    held = procedure_named("cis", code)
    drawing = etree.fromstring(svg(held, language))
    said = " ".join(unescape(node.text) for node in drawing.iter("{*}text"))
    for title in (*held.stages.values(), *(step.title for step in held.steps.values()), *held.gates.values()):
        assert title[language] in said
    assert drawing.get("aria-label") == held.title[language]
    assert set(WHO) == {role for step in procedure_named("cis", "rules-2009").steps.values() for role in step.who}
    heads = [node for node in drawing.iter("{*}path") if node.get("class") == "head"]
    assert len(heads) == len({goal for step in held.steps.values() for goal in step.leads})


def test_a_deadline_is_said_in_words():
    rules = procedure_named("cis", "rules-2009")
    for language, said in (("kk", "30 күн"), ("ru", "30 дней"), ("en", "30 days")):
        assert said in svg(rules, language)
    step = replace(rules.steps["circulate"], deadline="P1M")
    assert "P1M" in svg(replace(rules, steps={**rules.steps, "circulate": step}))


@pytest.mark.parametrize("code", MAPS)
def test_no_way_leaves_the_picture_or_meets_another_lane(code):
    held = procedure_named("cis", code)
    drawing = etree.fromstring(svg(held, "kk"))
    height = float(drawing.get("viewBox").split()[3])
    lanes = {}
    for node in drawing.iter("{*}path"):
        if node.get("class") == "head":
            continue
        way = re.fullmatch(r"M\d+ (\d+)H(\d+)Q(\d+) \d+ \d+ \d+V(\d+)(?:Q\d+ (\d+) .*)?", node.get("d"))
        start, lane, stop = int(way[1]), int(way[3]), int(way[5] or way[4])
        assert 0 < lane < int(way[2]) < WIDTH / 2
        assert max(start, stop) < height
        lanes.setdefault(lane, []).append((min(start, stop), max(start, stop)))
    for spans in lanes.values():
        spans.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


@pytest.mark.browser
def test_every_line_of_text_stays_within_the_picture():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; name one in DOSTASTYQ_CHROMIUM")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 390, "height": 900})
        for held in procedure_maps().values():
            for language in LANGUAGES:
                page.set_content(f"<body style='margin:0'>{svg(held, language)}</body>")
                widest = page.evaluate(
                    "Math.max(...[...document.querySelectorAll('text')].map(t => t.getBBox().x + t.getBBox().width))"
                )
                assert widest <= WIDTH, (held.code, language)
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
        chromium.close()
