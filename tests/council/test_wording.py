"""Forms with values that are unusual but legal: the grammar of each language, and what no term may be."""

import pytest

from dostastyq.council.composer import compose, library
from dostastyq.council.composer.wording import THIS
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES

PARTIES = ["GEO", "KAZ", "RUS"]
WORDING = {"title": {"en": "Aim"}, "paragraphs": [{"en": "The Parties cooperate."}]}


def drafted(*finals, subjects=(WORDING,), kind="treaty", **more):
    data = {"slug": "drawn", "kind": kind, "domain": ["trade"], "title": {"en": "T", "ru": "Т"}, "parties": PARTIES}
    finals = [{"pattern": "on_signature"}, *finals]
    return compose(data | {"subjects": list(subjects), "finals": finals, "languages": list(LANGUAGES)} | more)


def said(draft, code, language):
    codes = {part.clause for article in draft.articles for part in article.paragraphs}
    assert code in codes
    parts = [part for article in draft.articles for part in article.paragraphs if part.clause == code]
    return " ".join(part.text[language] for part in parts)


def test_one_state_is_spoken_of_in_the_singular_and_with_its_article():
    draft = compose(
        {
            "slug": "drawn",
            "kind": "treaty",
            "domain": ["trade"],
            "title": {"en": "T"},
            "parties": PARTIES,
            "finals": [{"pattern": "on_signature_deposit_for_some", "values": {"states": ["KAZ"]}}],
        }
    )
    code = "on_signature_deposit_for_some"
    assert "For the Republic of Kazakhstan, whose law" in said(draft, code, "en")
    assert "Для Республики Казахстан, где законодательство требует" in said(draft, code, "ru")
    assert "олардың" not in said(draft, code, "kk")
    opening = draft.articles[0].paragraphs[0].text["en"]
    assert opening.startswith("Georgia, the Republic of Kazakhstan and the Russian Federation, hereinafter")


@pytest.mark.parametrize(
    ("period", "kk"),
    [("P5Y", "5 жылдан"), ("P18M", "18 айдан"), ("P2W", "2 аптадан"), ("P1D", "1 күннен"), ("P1Y6M", "1 жыл 6 айдан")],
)
def test_not_longer_than_takes_the_kazakh_ablative(period, kk):
    draft = drafted(subjects=[WORDING, {"clause": "safeguards", "values": {"period": period}}])
    assert f"шараларын {kk} аспайтын мерзімге" in said(draft, "safeguards", "kk")


@pytest.mark.parametrize(
    ("period", "ru"), [("P1Y", "1 года"), ("P5Y", "5 лет"), ("P21D", "21 дня"), ("P1Y6M", "1 года 6 месяцев")]
)
def test_a_term_is_said_in_the_russian_genitive(period, ru):
    draft = drafted({"pattern": "term", "values": {"period": period}})
    assert f"действует в течение {ru} с даты" in said(draft, "term", "ru")


@pytest.mark.parametrize("kind", THIS["ru"])
def test_the_closing_article_agrees_with_the_gender_of_the_instrument(kind):
    text = drafted(kind=kind).articles[-1].paragraphs[0].text["ru"]
    ending = {"ее": "составлено", "ий": "составлен", "ая": "составлена"}[text.split()[0][-2:]]
    assert f" {ending} в одном" in text


def test_a_text_without_a_depositary_does_not_promise_one_in_its_heading():
    assert drafted().articles[-1].title["en"] == "Languages"
    assert drafted(depositary="exec-committee").articles[-1].title["en"] == "Languages and depositary"


@pytest.mark.parametrize("code", [code for code, it in library("cis").patterns.items() if "notice" in it.parameters])
def test_a_notice_of_no_time_is_refused(code):
    with pytest.raises(DostastyqError, match=r"finals\.\[1\]\.values\.notice.*no time at all") as refused:
        drafted({"pattern": code, "values": {"notice": "P0D"}})
    assert refused.value.code == "CN107"


@pytest.mark.parametrize("period", ["P201Y", "P9999Y", "P99999999Y", "P9999999999D", "P2401M"])
def test_a_term_that_no_calendar_holds_is_refused(period):
    with pytest.raises(DostastyqError, match="longer than 200 years") as refused:
        drafted({"pattern": "term", "values": {"period": period}})
    assert refused.value.code == "CN107"
