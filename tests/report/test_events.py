"""Event studies and coefficients as pictures: what is drawn, in which words, and what is refused."""

import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml
from dostastyq.report.coefficients import coefficient_plot, write_plot
from dostastyq.report.events import Step, event_plot, event_steps, write_event_plot
from dostastyq.trade import Panel

THREE = "exporter^year + importer^year + exporter^importer"
STEPS = [
    Step(2012, 0.12, -0.02, 0.27, (-0.07, 0.17)),
    Step(2013, 0.0),
    Step(2014, -0.5, -0.6, -0.4, (-0.1, 0.1)),
]


@pytest.fixture(scope="module")
def study():
    """Panel in which pairs enter an agreement at different times, its fit and the dummies."""
    draw = np.random.default_rng(5)
    states = ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS"]
    e, m, t = np.indices((8, 8, 8)).reshape(3, -1)
    since = draw.integers(2, 9, size=(8, 8))
    since = np.minimum(since, since.T)
    joined = ((t >= since[e, m]) & (e != m)).astype(float)
    trade = np.exp(0.4 * joined + draw.normal(scale=0.2, size=e.size))
    names = np.array(states)
    frame = pl.DataFrame({"exporter": names[e], "importer": names[m], "year": 2000 + t, "trade": trade, "pact": joined})
    panel, dummies = Panel.read(frame).event_study("pact", before=3, after=3)
    return ppml(f"trade ~ {' + '.join(dummies)} | {THREE}", panel), dummies


def words(svg):
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def dots(svg):
    groups = [node for node in ET.fromstring(svg).iter() if "mark-symbol" in node.get("class", "")]
    return sum(len(group) for group in groups)


def test_a_step_for_every_dummy_and_the_reference(study):
    fit, dummies = study
    steps = event_steps(fit, dummies)
    assert [step.at for step in steps] == [-3, -2, -1, 0, 1, 2, 3]
    assert steps[2] == Step(-1, 0.0)
    assert steps[3].estimate == fit.coef()["pact_after0"]
    assert steps[3].low < steps[3].estimate < steps[3].high
    assert all(step.estimate > 0.2 for step in steps[3:])


def test_the_picture_shows_every_step(study, tmp_path):
    fit, dummies = study
    write_event_plot(fit, dummies, tmp_path / "study.svg")
    svg = (tmp_path / "study.svg").read_text(encoding="utf-8")
    shown = words(svg)
    assert "Years since entry into force" in shown
    assert "Log points of trade, year −1 = 0" in shown
    assert {"−3", "3"} <= set(shown)
    assert dots(svg) == 7


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "2013 = 0"), ("ru", "Логарифмические пункты торговли, 2013 = 0"), ("kk", "Сауданың логарифмдік пункттері")],
)
def test_calendar_years_in_three_languages(language, said):
    svg = event_plot(STEPS, language, title="Pact", event=2013.5, calendar=True)
    assert any(said in text for text in words(svg))
    assert "Pact" in words(svg)
    assert {"2012", "2013", "2014"} <= set(words(svg))
    assert svg == event_plot(STEPS, language, title="Pact", event=2013.5, calendar=True)


def test_what_is_not_there_is_not_in_the_legend():
    bare = words(event_plot([Step(2012, 0.1), Step(2013, 0.0), Step(2014, -0.1)], calendar=True))
    assert not any("Grey" in text or "intervals" in text for text in bare)
    full = words(event_plot(STEPS, calendar=True))
    assert any("Grey" in text for text in full)
    assert any("intervals" in text for text in full)


def test_names_of_other_regressors_are_refused(study):
    with pytest.raises(DostastyqError) as error:
        event_steps(study[0], ["rta"])
    assert error.value.code == "RP040"
    assert "event_study" in error.value.hint


def test_coefficients_stand_by_name_with_their_interval(study, tmp_path):
    fit, dummies = study
    write_plot(fit, tmp_path / "coefficients.svg")
    svg = (tmp_path / "coefficients.svg").read_text(encoding="utf-8")
    assert [text for text in words(svg) if text.startswith("pact")] == list(fit.names)
    assert "Coefficient and 95% interval" in words(svg)
    some = coefficient_plot(fit, "ru", terms=dummies[:2], level=0.9)
    assert [text for text in words(some) if text.startswith("pact")] == list(dummies[:2])
    assert any("90" in text and "интервал" in text for text in words(some))
