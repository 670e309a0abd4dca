"""The grammar of the equation, and that every refusal points at its character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity.formula import parse


def refused(text):
    with pytest.raises(DostastyqError) as error:
        parse(text)
    assert error.value.code == "GR002"
    assert error.value.hint
    return error.value.message


def names(text):
    found = parse(text)
    return [term.name for term in found.terms], [effect.name for effect in found.effects]


@pytest.mark.parametrize(
    ("text", "terms", "effects"),
    [
        ("trade ~ rta", ["rta"], []),
        ("trade~rta|exporter^year+importer^year", ["rta"], ["exporter^year", "importer^year"]),
        ("trade ~ a*b | e", ["a", "b", "a:b"], ["e"]),
        ("trade ~ (a + b + c)**2 - a:c | e", ["a", "a:b", "b", "b:c", "c"], ["e"]),
        ("trade ~ log(dist) + I(x**2) | e", ["log(dist)", "I(x ** 2)"], ["e"]),
        ("trade ~ i(year, border, ref=1986) | e + m", ["i(year, border, ref=1986)"], ["e", "m"]),
        ("trade ~ 1 | e", [], ["e"]),
        ("trade ~ rta + 0 | e + e", ["rta"], ["e"]),
        ("trade ~ rta | e^t + t^e", ["rta"], ["e^t"]),
        ("trade ~ `my column`:b | `an effect`^t", ["my column:b"], ["an effect^t"]),
        ("trade ~ rta | 0", ["rta"], []),
        ("log(trade + 1) ~ I(a != '~|+') | e", ["I(a != '~|+')"], ["e"]),
    ],
)
def test_what_is_written_is_read(text, terms, effects):
    assert names(text) == (terms, effects)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("trade rta", 10, "~ is missing"),
        ("trade ~ a ~ b", 12, "a second ~"),
        ("trade ~ a | b | c", 16, "a second |"),
        ("trade ~ log(dist | e", 12, "( is not closed"),
        ("trade ~ a) | e", 10, ") closes nothing"),
        ("trade ~ I(a == 'x) | e", 16, "' is not closed"),
        (" ~ a | e", 2, "no flow before ~"),
        ("trade ~ | e", 8, "no regressors"),
        ("trade ~ a b | e", 9, "Missing operator"),
        ("trade ~ rta +", 13, "insufficient arguments"),
        ("trade ~ a $ b", 11, "Unknown operator"),
        ("trade ~ a + 3 | e", 13, "Numeric literals"),
        ("trade ~ a | b[c]", 13, "slope b[c]"),
        ("trade ~ a | b^", 15, "a column is missing"),
        ("trade ~ a | e + log(d)", 17, "'log(d)' is no column"),
        ("trade ~ sw(a, b) | e", 9, "several equations"),
    ],
)
def test_a_refusal_points_at_its_character(text, position, said):
    message = refused(text)
    assert message.startswith(f"formula, character {position}: ")
    assert said in message
    _, shown, mark = message.split("\n")
    assert shown == f"    {text}"
    assert len(mark) == 4 + position
    assert mark.endswith("^")


@given(st.text(alphabet="abc ~|+^*:()`'\"1[]{},=.", max_size=24))
def test_no_text_breaks_the_reader(text):
    try:
        found = parse(text)
    except DostastyqError as error:
        assert error.code == "GR002"  # noqa: PT017 -- either outcome is right
    else:
        assert found.outcome.text


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True))
def test_positions_are_those_of_the_text(columns):
    text = "trade ~ " + " + ".join(columns) + " | e"
    for term in parse(text).terms:
        factor = term.factors[0]
        assert text[factor.position - 1] == factor.text
