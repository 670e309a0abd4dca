"""Languages: every message said in all of them, figures and names by their rules."""

import ast
import copy
import json
import pickle
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

import dostastyq.i18n
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES, Text, translator

SOURCE = Path(dostastyq.i18n.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
NAMES = re.compile(r"CC0|CC BY [\d.]+|Apache-[\d.]+|Etalab [\d.]+")
SINGULAR, PLURAL = {"gettext", "message", "Text", "_"}, {"ngettext", "counted"}


def literals(node):
    """Strings an argument may be; both branches of a conditional."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def python_messages(path):
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
        if getattr(getattr(call.func, "value", None), "id", "") == "alt":  # Altair has a Text of its own
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in SINGULAR and call.args:
            yield from ((text, None) for text in literals(call.args[0]))
        elif name in PLURAL and len(call.args) > 1:
            yield from zip(literals(call.args[0]), literals(call.args[1]), strict=True)


def template_messages(path):
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for _, _, found in environment.extract_translations(path.read_text("utf-8")):
        yield (found, None) if isinstance(found, str) else (found[0], found[1])


def used_messages():
    """Every message of the source tree with its plural, and where it stands."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        found.update((m, path.relative_to(SOURCE).as_posix()) for m in python_messages(path))
    for path in sorted(SOURCE.rglob("*.j2")):
        found.update((m, path.relative_to(SOURCE).as_posix()) for m in template_messages(path))
    return found


def shipped_sentences():
    """Sentences of the shipped data that a report shows: what was estimated, and notes on sources."""
    folder = SOURCE / "commonwealths"
    effects = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*/estimates/effects.json"))]
    shipped = (*sorted(folder.glob("*/baselines/*.json")), *sorted(folder.glob("*/inputs/*.json")))
    baselines = [json.loads(path.read_text("utf-8")) for path in shipped]
    found = {p[field] for data in effects for p in data["parameters"] for field in ("description", "identification")}
    for source in (source for data in (*effects, *baselines) for source in data["sources"]):
        found |= {source.get("note") or "", source.get("as_of") or "", source["licence"]}
    for path in sorted(folder.glob("*/register/sources.yaml")):
        kinds = re.findall(r"\bkind: ([a-z_]+)", path.read_text("utf-8"))
        found |= {kind.replace("_", " ") for kind in kinds} | {"facts only"}
    return {text for text in found if re.search(r"[a-z]{3}", text) and not NAMES.fullmatch(text)}


def catalogue(language):
    with (SOURCE / "locale" / language / "LC_MESSAGES" / "dostastyq.po").open("rb") as file:
        return read_po(file, locale=language)


def fields(template):
    return sorted({(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name is not None})


def forms(entry):
    return list(entry.string) if isinstance(entry.string, tuple) else [entry.string]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language):
    entries = {entry.id: entry for entry in catalogue(language) if entry.id}
    missing = []
    for (singular, plural), where in used_messages().items():
        entry = entries.get((singular, plural) if plural else singular)
        if entry is None or entry.fuzzy or not all(forms(entry)):
            missing.append(f"{where}: {singular}")
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_shipped_sentence_is_translated(language):
    tr = translator(language)
    assert not sorted(text for text in shipped_sentences() if tr.text(text) == text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_message_is_left_over(language):
    used = {(singular, plural) if plural else singular for singular, plural in used_messages()} | shipped_sentences()
    assert not [entry.id for entry in catalogue(language) if entry.id and entry.id not in used]


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_fields(language):
    for entry in catalogue(language):
        if entry.id:
            singular, plural = entry.id if isinstance(entry.id, tuple) else (entry.id, entry.id)
            expected = sorted({*fields(singular), *fields(plural)})
            for form in forms(entry):
                assert fields(form) == expected, form


def test_plural_forms_are_those_of_the_languages():
    assert {language: catalogue(language).num_plurals for language in TRANSLATED} == {"kk": 2, "ru": 3}


def test_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(DostastyqError, match="there is no language 'de'") as refusal:
        translator("de")
    assert "kk, ru, en" in refusal.value.hint


PARTNERS = "CHN TUR USA GBR IND KOR JPN IRN ARE SRB VNM MNG CHE DEU FRA EUN XKX TWN ROW"
REGISTER = {
    "kk": "Армения Әзербайжан Беларусь Грузия Қазақстан Қырғызстан "
    "Молдова Ресей Тәжікстан Түрікменстан Украина Өзбекстан",
    "ru": "Армения Азербайджан Беларусь Грузия Казахстан Кыргызстан "
    "Молдова Россия Таджикистан Туркменистан Украина Узбекистан",
    "en": "Armenia Azerbaijan Belarus Georgia Kazakhstan Kyrgyzstan "
    "Moldova Russia Tajikistan Turkmenistan Ukraine Uzbekistan",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_twelve_have_the_names_of_the_register(language):
    codes = ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"]
    assert [translator(language).territory(code) for code in codes] == REGISTER[language].split()


@pytest.mark.parametrize("language", LANGUAGES)
def test_partners_have_names(language):
    tr = translator(language)
    for code in PARTNERS.split():
        assert tr.territory(code) != code
    assert tr.territory("QQQ") == "QQQ"


@pytest.mark.parametrize(
    ("language", "number", "percent", "day"),
    [
        ("kk", "−1\xa0234,50", "+0,4%", "2026\u202fж. 22 қараша"),
        ("ru", "−1\xa0234,50", "+0,4\xa0%", "22 ноября 2026\u202fг."),
        ("en", "−1,234.50", "+0.4%", "22 November 2026"),
    ],
)
def test_figures_follow_the_language(language, number, percent, day):
    tr = translator(language)
    assert tr.number(-1234.5, 2) == number
    assert tr.percent(0.4, 1, signed=True) == percent
    assert tr.date("2026-11-22") == day


def test_a_figure_that_rounds_to_zero_has_no_sign():
    tr = translator("en")
    assert tr.number(-0.0004, 2, signed=True) == tr.number(0.0004, 2, signed=True) == "0.00"
    assert tr.number(float("nan"), 2) == tr.number(None) == tr.percent(float("inf")) == "–"


@pytest.mark.parametrize(("n", "word"), [(1, "пара"), (3, "пары"), (5, "пар"), (11, "пар"), (22, "пары")])
def test_russian_has_three_plural_forms(n, word, monkeypatch):
    tr = translator("ru")
    monkeypatch.setattr(tr, "_catalogue", Pairs(tr._catalogue))
    assert tr.ngettext("{n} pair", "{n} pairs", n) == f"{n} {word}"


class Pairs:
    """The catalogue with one more message."""

    def __init__(self, catalogue):
        self.plural = catalogue.plural

    def ngettext(self, _singular, _plural, n):
        return ("{n} пара", "{n} пары", "{n} пар")[self.plural(n)]


TITLE = {"en": "Treaty", "ru": "Договор", "kk": "Шарт"}


def test_text_is_english_and_says_itself_again():
    text = Text("{title}: {x:+.2f}, {n:,}, {s:.0%}, {day:date}, {who:territories}, {year}", **VALUES)
    assert text == "Treaty: −1.50, 12,000, 12%, 22 November 2026, Armenia and Russia, 2023"
    russian = translator("ru").text(text)
    assert russian == "Договор: −1,50, 12\xa0000, 12\xa0%, 22 ноября 2026\u202fг., Армения и Россия, 2023"


VALUES = {
    "title": TITLE,
    "x": -1.5,
    "n": 12000,
    "s": 0.12,
    "day": "2026-11-22",
    "who": ("ARM", "RUS"),
    "year": 2023,
}


def test_text_inside_text_is_translated():
    outer = Text("({inner})", inner=Text("Rest of the world"))
    assert translator("ru").text(outer) == "(Остальной мир)"


def test_text_survives_copies_and_json():
    text = Text.counted("{n} pair", "{n} pairs", 3, more=[1])
    for twin in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert twin == "3 pairs"
        assert (twin.template, twin.plural, twin.n, twin.values) == ("{n} pair", "{n} pairs", 3, text.values)
    assert json.dumps([text]) == '["3 pairs"]'


def test_text_is_frozen():
    with pytest.raises(TypeError):
        Text("{n}", n=1).values["n"] = 2
    with pytest.raises(AttributeError):
        Text("plain").template = "other"


def test_plain_strings_are_translated_when_known():
    tr = translator("ru")
    assert tr.text("Rest of the world") == "Остальной мир"
    assert tr.text("no such message {field}") == "no such message {field}"
    assert tr.text("") == ""


def test_unknown_number_format_is_a_fault_of_the_template():
    with pytest.raises(ValueError, match="unknown number format"):
        Text("{x:q}", x=1.0)
