"""The forms of the catalogue: whole in three languages, accepted by the register, saying in words what they record."""

import json
import re
from datetime import date, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.council.composer import compose, library
from dostastyq.council.composer.form import forms
from dostastyq.council.composer.library import read_library
from dostastyq.council.composer.wording import DOCUMENTS, GENITIVES, Speaker, day, duration
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.register.reader import compose as nodes
from dostastyq.register.schema import read_instrument
from dostastyq.register.schema_base import Known

REG = register.load("cis")
LIBRARY = library("cis")
PARTIES = ["ARM", "BLR", "KAZ", "KGZ", "RUS"]
DAYS = st.dates(date(2027, 1, 1), date(2040, 12, 31)).map(date.isoformat)
DELAYS = st.one_of(st.just("P0D"), st.integers(1, 120).map("P{}D".format), st.integers(1, 36).map("P{}M".format))
DRAWN = {
    "count": st.integers(1, len(PARTIES)),
    "number": st.integers(0, 99),
    "duration": DELAYS,
    "term": DELAYS.filter(lambda text: text != "P0D"),
    "date": DAYS,
    "states": st.lists(st.sampled_from(PARTIES), min_size=1, max_size=3, unique=True),
    "organ": st.sampled_from(sorted(REG.institutions.organs)),
    "instruments": st.lists(st.sampled_from(["fta-2011", "cu-1995", "eaeu-2014"]), min_size=1, max_size=2, unique=True),
    "acts": st.lists(st.sampled_from(sorted(DOCUMENTS.keys() - {"accession"})), min_size=1, max_size=2, unique=True),
    "provisions": st.lists(st.sampled_from(["1", "1.1"]), min_size=1, max_size=2, unique=True),
}
WORDING = {"title": {"en": "Aim"}, "paragraphs": [{"en": "The Parties cooperate."}]}
ON_SIGNATURE = {"pattern": "on_signature"}


def draft_of(code, values, kind="treaty"):
    finals = [{"pattern": code, "values": values}]
    if "eif" not in LIBRARY.patterns[code].form:
        finals.insert(0, ON_SIGNATURE)
    data = {"slug": "drawn", "kind": kind, "domain": ["trade"], "title": {"en": "T", "ru": "Т"}, "parties": PARTIES}
    return compose(data | {"subjects": [WORDING], "finals": finals, "languages": list(LANGUAGES)})


def read(draft, **more):
    known = Known(frozenset(REG.sources), frozenset(REG.states), frozenset({*REG.instruments, draft.slug}), None)
    return read_instrument(draft.slug, nodes(json.dumps(draft.record(**more), ensure_ascii=False), "drawn"), known)


def said(code, values, language):
    """Text of the form's own article."""
    article = next(it for it in draft_of(code, values).articles if it.pattern == code)
    return " ".join(paragraph.text[language] for paragraph in article.paragraphs)


@st.composite
def filled(draw):
    code = draw(st.sampled_from(sorted(LIBRARY.patterns)))
    return code, {name: draw(DRAWN[it.kind]) for name, it in LIBRARY.patterns[code].parameters.items()}


def test_the_catalogue_is_whole():
    assert {pattern.number for pattern in LIBRARY.patterns.values()} >= set(range(1, 25))
    for pattern in LIBRARY.patterns.values():
        assert all(set(text) == set(LANGUAGES) for text in (pattern.title, *pattern.text))
        assert pattern.form


@given(filled())
def test_every_form_is_accepted_and_the_register_answers(drawn):
    code, values = drawn
    signed = {"date": "2027-05-14", "place": "Astana", "by": PARTIES}
    item = read(draft_of(code, values), signed=signed, source="own")
    law = REG.changed(instruments=MappingProxyType(dict(REG.instruments) | {item.slug: item}))
    assert law.status(item.slug, "KAZ", "2027-06-01").code
    assert str(law.forecast(item.slug, on="2027-06-01"))
    assert (item.clause.rule == "unknown") == (code == "clause_not_seen")


@given(filled())
def test_every_value_is_said_in_every_language(drawn):
    code, values = drawn
    for language in LANGUAGES:
        text, speaker = said(code, values, language), Speaker(REG, language)
        for name, value in values.items():
            kind = LIBRARY.patterns[code].parameters[name].kind
            phrase = speaker.say(kind, value)
            forms_of = {str(phrase)} | {
                getattr(phrase, form) for form in ("gen", "after", "ord", "on", "from_", "to") if hasattr(phrase, form)
            }
            assert any(form in text for form in forms_of), (code, language, name, text)
        assert "{" not in text
        assert "  " not in text


@given(filled(), st.data())
def test_another_value_is_another_text_and_another_form(drawn, data):
    code, values = drawn
    if not values:
        return
    name = data.draw(st.sampled_from(sorted(values)))
    other = values | {name: data.draw(DRAWN[LIBRARY.patterns[code].parameters[name].kind])}
    same = other == values
    assert (forms(draft_of(code, other)) == forms(draft_of(code, values))) is same
    for language in LANGUAGES:
        assert (said(code, other, language) == said(code, values, language)) is same


@pytest.mark.parametrize("kind", ["agreement", "treaty", "protocol", "convention", "decision"])
@pytest.mark.parametrize("code", sorted(LIBRARY.patterns))
def test_every_kind_of_instrument_names_itself(code, kind):
    sample = {"count": 2, "number": 1, "duration": "P1D", "date": "2028-01-01", "states": ["KAZ"], "organ": "chs"}
    sample |= {"term": "P1D", "instruments": ["fta-2011"], "acts": ["ratification"], "provisions": ["1"]}
    values = {name: sample[it.kind] for name, it in LIBRARY.patterns[code].parameters.items()}
    article = next(it for it in draft_of(code, values, kind).articles if it.pattern == code)
    texts = [text for it in article.paragraphs for text in it.text.values()]
    assert all(text[0].isupper() and text.endswith(".") for text in texts)


@pytest.mark.parametrize(
    ("code", "values", "keys"),
    [
        ("third_deposit", {"count": 4, "acts": ["approval"]}, {"late": {"of": ["approval"], "delay": "P0D"}}),
        ("provisional_from_signature", {}, {"provisional": {"upon": "signature", "basis": "Art. 3"}}),
        ("withdrawal", {}, {"withdrawal": {"notice": "P12M", "to": "depositary", "basis": "Art. 3"}}),
        ("provisions_later", {"provisions": ["1.1"], "date": "2029-01-01"},
         {"partial_entry": [{"date": "2029-01-01", "provisions": ["Art. 1 para. 1"]}]}),
        ("terminates", {"instruments": ["cu-1995", "fta-2011"]},
         {"relations": [{"type": "terminates", "target": "cu-1995"}, {"type": "terminates", "target": "fta-2011"}]}),
        ("on_signature_deposit_for_some", {"states": ["KAZ"]}, {"signed": {"subject_to": ["KAZ"]}}),
    ],
)  # fmt: skip
def test_forms_of_note(code, values, keys):
    found = forms(draft_of(code, values))
    assert {key: found[key] for key in keys} == keys


def test_states_are_declined_for_every_state_of_the_register():
    assert set(GENITIVES) == set(REG.states)


@given(st.integers(0, 400), st.sampled_from("DWMY"))
def test_russian_numbers_govern_their_noun(number, unit):
    genitive = duration(f"P{number}{unit}", "ru").gen.split()[-1]
    assert genitive in {
        "D": {"дня", "дней"},
        "W": {"недели", "недель"},
        "M": {"месяца", "месяцев"},
        "Y": {"года", "лет"},
    }[unit] | ({"дней"} if number == 0 else set())
    one = number % 10 == 1 and number % 100 != 11
    assert (genitive in {"дня", "недели", "месяца", "года"}) is (one and number > 0)


@given(st.integers(0, 3000))
def test_days_keep_their_figures(offset):
    found = date(2027, 1, 1) + timedelta(offset)
    for language in LANGUAGES:
        phrase = day(found.isoformat(), language)
        for text in (phrase, phrase.on, phrase.from_, phrase.to):
            assert sorted(map(int, re.findall(r"\d+", text))) == sorted([found.year, found.day])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("is applied provisionally from {date}", "is applied provisionally from {day}", "does not say date"),
        ("provisional: {from: $date, basis: $article}", "provisional: {upon: signature}", "leaves out date"),
        ("eif: {upon: signature}\n      eif_basis: $article\n\n", "eif: {upon: $moon}\n\n", "names moon"),
        ("с даты его подписания.\"\n        en", "с {this.foo} его подписания.\"\n        en", "cannot be filled"),
        ("ru: Выход, en: Withdrawal", "ru: \"\", en: Withdrawal", "no text in 'ru'"),
        ("notice: P12M", "colour: P12M", "is not a parameter"),
    ],
)  # fmt: skip
def test_a_library_that_is_not_whole_is_refused(tmp_path, old, new, message):
    for name in ("clauses.yaml", "patterns.yaml"):
        text = (COMMONWEALTHS / "cis" / "council" / name).read_text("utf-8")
        if name == "patterns.yaml":
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DostastyqError) as refusal:
        read_library(tmp_path, REG)
    assert message in refusal.value.message
    assert "patterns.yaml:" in refusal.value.message
