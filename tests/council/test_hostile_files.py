"""Files made to break the reader, or that nobody can read rightly: refused with file, line, field and remedy."""

import pytest

from dostastyq.council.composer import compose
from dostastyq.errors import DostastyqError

HEAD = "slug: a\nagreement: customs_union\ntitle: {en: T}\nparties: [KAZ, RUS]\n"
SIGNED = HEAD + "finals:\n  - pattern: on_signature\n"
BOMB = "  a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)

HOSTILE = {
    "a part that holds itself": (HEAD + "scenario: &a {x: *a}\n", "CN101", "d.yaml:5", "alias"),
    "billions of words": (HEAD + "scenario:\n" + BOMB, "CN101", "d.yaml:6", "alias"),
    "nested lists": (HEAD + "scenario: " + "[" * 20000 + "]" * 20000, "CN101", "d.yaml", "nested deeper"),
    "nested mappings": (HEAD + "scenario: " + "{a: " * 300 + "1" + "}" * 300, "CN101", "d.yaml:5", "nested deeper"),
    "six thousand figures": (
        HEAD + "finals:\n  - pattern: third_deposit\n    values: {count: " + "9" * 6000 + "}\n",
        "CN107",
        "d.yaml:7 (finals.[0].values.count)",
        "is not a count",
    ),
    "a control character": (HEAD.replace("T}", '"T\\0"}'), "CN107", "d.yaml:3 (title.en)", "U+0000 at place 2"),
    "writing turned around": (HEAD.replace("T}", '"T\\u202e"}'), "CN107", "d.yaml:3 (title.en)", "U+202E"),
    "a path for a name": (
        SIGNED + "  - pattern: terminates\n    values: {instruments: [{slug: ../x, title: {kk: a, ru: b, en: c}}]}\n",
        "CN107",
        "d.yaml:8 (finals.[1].values.instruments.[0].slug)",
        "not a stable name",
    ),
    "an instrument twice": (
        SIGNED + "  - pattern: terminates\n    values: {instruments: [fta-2011, fta-2011]}\n",
        "CN107",
        "d.yaml:8",
        "named twice",
    ),
    "a text that ends itself": (
        SIGNED + "  - pattern: terminates\n    values: {instruments: [{slug: a, title: {kk: a, ru: b, en: c}}]}\n",
        "CN109",
        "d.yaml:7 (finals.[1])",
        "this text itself",
    ),
    "a final clause without words": (
        HEAD + "finals:\n  - title: {en: x}\n    paragraphs: []\n",
        "CN104",
        "d.yaml:7 (finals.[0].paragraphs)",
        "needs a paragraph",
    ),
    "more deposits than parties": (
        HEAD + "finals:\n  - pattern: third_deposit\n    values: {count: 3}\n",
        "CN109",
        "d.yaml:6 (finals.[0])",
        "3 of 2 parties",
    ),
    "a clause without what it presupposes": (
        SIGNED + "subjects:\n  - clause: common_customs_tariff\n    values: {date: 2028-01-01}\n",
        "CN109",
        "d.yaml:8 (subjects.[0])",
        "presupposes 'customs_territory'",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_place_and_a_remedy(name, tmp_path):
    text, code, place, says = HOSTILE[name]
    path = tmp_path / "d.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(DostastyqError) as refused:
        compose(path)
    assert refused.value.code == code
    assert refused.value.message.startswith(place)
    assert says in refused.value.message
    assert refused.value.hint
    assert len(refused.value.message) < 300


def test_plain_data_that_holds_itself_is_refused():
    data = {"slug": "a", "title": {"en": "T"}, "parties": ["KAZ", "RUS"]}
    data["scenario"] = data
    with pytest.raises(DostastyqError, match="holds itself"):
        compose(data)


def test_braces_in_own_wording_stay_as_they_are():
    said = {"en": "{0.__class__} {", "ru": "{this.Nom}"}
    wording = {"title": {"en": "{x}"}, "paragraphs": [said]}
    draft = compose(
        {"slug": "a", "agreement": "decision", "title": {"en": "T"}, "parties": ["KAZ", "RUS"], "subjects": [wording]}
    )
    assert dict(draft.articles[1].paragraphs[0].text) == said
