"""The report in a browser: one file, no request, no complaint, no sideways scrolling."""

import os
import runpy
from pathlib import Path

import pytest

from dostastyq import report
from dostastyq.i18n import LANGUAGES

pytestmark = pytest.mark.browser

CHROMIUM = Path(os.environ.get("DOSTASTYQ_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SAMPLE = Path(__file__).parents[1] / "report" / "conftest.py"


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; name one in DOSTASTYQ_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    union = runpy.run_path(str(SAMPLE))["union"]()
    pages = {language: report.write(union, folder / f"{language}.html", language) for language in LANGUAGES}
    return {**pages, "outlines": report.write(union, folder / "outlines.html", "kk", outlines=True)}


@pytest.fixture
def opened(browser, files):
    """Open the file of a language at a width; gives the page, its requests and what it complained of."""
    contexts = []

    def open_at(language, width, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page, requests, complaints = context.new_page(), [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(files[language].as_uri())
        page.wait_for_load_state("networkidle")
        return page, requests, complaints

    yield open_at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_opens_alone_and_fits(opened, files, language, width):
    page, requests, complaints = opened(language, width)
    assert requests == [files[language].as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == language
    assert page.locator("figure svg").count() == 4


@pytest.mark.parametrize("width", [390, 1280])
def test_page_with_outlines_opens_alone_and_fits(opened, files, width):
    page, requests, complaints = opened("outlines", width)
    assert requests == [files["outlines"].as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".maps svg").count() == 2
    assert page.locator(".outlines p").count() == 2


@pytest.mark.parametrize("language", [*LANGUAGES, "outlines"])
def test_no_word_of_a_picture_is_cut(opened, language):
    page, _, _ = opened(language, 390)
    cut = page.evaluate(
        """() => [...document.querySelectorAll("figure svg")].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < frame.left - 0.5 || box.right > frame.right + 0.5
                    || box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5;
            }).map(text => text.textContent);
        })"""
    )
    assert cut == []


def test_wide_tables_scroll_inside_themselves_and_can_be_reached_by_keyboard(opened):
    page, _, _ = opened("ru", 390)
    regions = page.locator(".scroll")
    assert regions.count() >= 4
    assert all(regions.nth(i).get_attribute("tabindex") == "0" for i in range(regions.count()))


def test_dark_scheme_keeps_text_readable(opened):
    page, _, _ = opened("en", 1280, color_scheme="dark")
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert ink == "rgb(233, 235, 237)"
    assert paper == "rgb(21, 24, 27)"


def test_every_drawn_colour_exists(opened):
    page, _, _ = opened("en", 1280)
    missing = page.evaluate(
        """() => [...document.querySelectorAll("figure svg *")].filter(
            e => (e.getAttribute("fill") || "").startsWith("var") && getComputedStyle(e).fill === "rgb(0, 0, 0)"
        ).length"""
    )
    assert missing == 0
