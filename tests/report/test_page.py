"""The page: complete, escaped, the same figures in every language, and nothing asked of the network."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dostastyq import report
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES, translator
from dostastyq.provenance import Source

LOADING = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source", "use", "image", "base"}


class Page(HTMLParser):
    """Elements with their attributes, and visible text by element."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        said_in_english = any(attrs.get("lang") == "en" for tag, attrs in self.open if tag != "html")
        if data.strip() and not {"style", "title"} & set(inside):
            self.texts.append((tuple(inside), said_in_english, data.strip()))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="session")
def pages(union):
    return {language: report.html(union, language) for language in LANGUAGES}


def words(text):
    return " ".join(data for _, _, data in Page(text).texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded(pages, language):
    page = Page(pages[language])
    assert not LOADING & {tag for tag, _ in page.elements}
    for tag, attrs in page.elements:
        assert "src" not in attrs
        assert not any(name.startswith("on") for name in attrs)
        if "href" in attrs:
            assert tag == "a"
    style = re.search(r"<style>(.*?)</style>", pages[language], re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in page.all("meta")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_names_its_language_and_its_pictures(pages, language):
    page = Page(pages[language])
    assert page.all("html") == [{"lang": language}]
    figures = page.all("figure")
    assert len(figures) == 4
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in figures)
    assert all(attrs.get("scope") in {"col", "row", "colgroup"} for attrs in page.all("th"))
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_economy_is_in_every_table(pages, union, language):
    rows = re.findall(r'<th scope="row">(.*?) <span class="code">(\w+)</span></th>', pages[language])
    tr = translator(language)
    expected = sorted((tr.territory(r.state), r.state) for contrast in union.contrasts for r in contrast.states)
    assert sorted(rows) == expected


def test_members_come_first_and_ranked(pages, union):
    codes = re.findall(r'<span class="code">(\w+)</span>', pages["en"])
    second = codes[len(union.contrasts[0].states) :]
    assert second[:5] == ["BLR", "KGZ", "ARM", "KAZ", "RUS"]
    assert set(second[5:12]) == {"AZE", "GEO", "MDA", "TJK", "TKM", "UKR", "UZB"}
    assert second[-1] == "ROW"


def test_figures_are_those_of_the_assessment(pages):
    assert "<td>+0.680</td>\n      <td>−0.786</td>\n      <td>+2.146</td>" in pages["en"]
    assert "<td>+0,680</td>\n      <td>−0,786</td>\n      <td>+2,146</td>" in pages["ru"]


def test_sensitivity_has_every_case(pages):
    text = words(pages["en"])
    for case in ("θ = 2.5", "θ = 4", "θ = 6", "× 0.7", "× 1.4", "× 0.75", "× 1.25"):
        assert len(re.findall(re.escape(case) + r"(?!\d)", text)) == 2


def test_what_is_assumed_filled_and_certified_is_there(pages):
    text = words(pages["en"])
    assert "Not identified." in text
    assert "−0.118 (0.155)" in text
    assert "64 cells of the baseline" in text
    assert "34 more" in text
    assert "3.2 · 10⁻¹³" in text
    assert "Etalab 2.0" in text
    assert "Kazakhstan: bound" in text


LATIN = re.compile(r"[A-Za-z]{3,}")
ALLOWED = re.compile(
    r"Dostastyq|cis-2023|BACI|CEPII|ICIO|icio|baci|sheet|Etalab|CC BY|W_to|W_from|ln d|[A-Z]{3}|: bound|eurasian_union"
    r"|Increment of the union over free trade\.|Not identified\.|Level of free trade\.|Weakly identified\."
)


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_english_is_left_that_is_not_marked_as_english(pages, language):
    left = [
        text for _, english, text in Page(pages[language]).texts if not english and LATIN.search(ALLOWED.sub("", text))
    ]
    assert not left
    labels = " ".join(attrs.get("aria-label", "") for _, attrs in Page(pages[language]).elements)
    assert not LATIN.search(labels)


def test_languages_differ_and_figures_agree(pages):
    assert len(set(pages.values())) == 3

    def figures(text):
        return re.findall(r"<td[^>]*>([−+]?[\d,.]+)<", text.replace("\xa0", ""))

    english = [value.replace(",", "") for value in figures(pages["en"])]
    for language in ("kk", "ru"):
        assert [value.replace(",", ".") for value in figures(pages[language])] == english


HOSTILE = '<script>alert("x")</script>&{{ 7*7 }}{title}'


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text(sample, language):
    base = sample["assessment"](replace(sample["contrast"](1.0, 1.0), from_world=HOSTILE))
    evil = replace(
        base,
        scenario={**base.scenario, "title": {"en": HOSTILE}},
        baseline=HOSTILE,
        notes=(HOSTILE,),
        proof=(HOSTILE,),
        sources=(Source("k", HOSTILE, HOSTILE, "javascript:alert(1)", HOSTILE, HOSTILE),),
    )
    text = report.html(evil, language)
    assert "<script" not in text
    assert "javascript:" not in text
    assert HOSTILE in words(text)


def test_same_assessment_gives_the_same_bytes(union):
    assert report.html(union, "kk") == report.html(union, "kk")


def test_single_contrast_and_no_extras(free_trade_area):
    bare = replace(free_trade_area, imputed_cells=(), proof=(), notes=(), sensitivity=())
    text = report.html(bare)
    assert "No cell was filled" in text
    assert len(Page(text).all("figure")) == 2


def test_departure_page(departure):
    text = words(report.html(departure, "ru"))
    assert "Если остальные договоры сохраняют силу" in text
    assert "проигрыш подтверждён при всех проверенных допущениях: Кыргызстан." in text


def test_nothing_changes_draws_neutral(sample):
    still = sample["assessment"](sample["contrast"](0.0, 0.0))
    calm = tuple(replace(r, welfare_percent=0.0, low=0.0, high=0.0) for r in still.contrasts[0].states)
    text = report.html(replace(still, contrasts=(replace(still.contrasts[0], states=calm),)))
    assert "nothing changes for the members" in text
    assert 'class="legend"' not in text


def test_unknown_pairs_are_listed(sample):
    text = report.html(sample["assessment"](sample["contrast"](1.0, 1.0, unknown_pairs=(("TKM", "AZE"),))))
    assert "1 flow whose status the register does not know" in text
    assert "TKM→AZE" in text


def test_write_replaces_the_file_whole(union, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    assert report.write(union, path, "ru") == path
    assert path.read_text(encoding="utf-8") == report.html(union, "ru")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["missing/report.html", "folder"])
def test_unwritable_path_is_refused_and_leaves_nothing(union, tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DostastyqError, match="cannot write the report") as refusal:
        report.write(union, tmp_path / name)
    assert refusal.value.code == "RP001"
    assert refusal.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_unknown_language_is_refused(union):
    with pytest.raises(DostastyqError, match="no language"):
        report.html(union, "fr")
