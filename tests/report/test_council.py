"""Papers in print: every paper in every language, what somebody wrote is text alone, the PDF can be read back."""

import re
import sys
import zlib
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from dostastyq import register
from dostastyq.actor import Actor
from dostastyq.council import Vote, records
from dostastyq.council.ballots import frozen
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.report import council as printed
from dostastyq.report import council_pdf

HOSTILE = '#eval("1") #panic() <script>alert(1)</script> *bold* _it_ $x$ `raw` \\ @ref <lab> &amp; {{ 7*7 }} {x} // c'
LETTERS = "ә ғ қ ң ө ұ ү һ і Ә Ғ Қ Ң Ө Ұ Ү Һ І"
LAW = register.load("cis")
KINDS = ("agenda", "differences", "decision", "minutes", "copy", "tasks")


def papers(sample_council, chamber):
    union, session = sample_council.UNION, sample_council.SESSION
    return {
        "agenda": records.agenda(chamber, session, LAW),
        "differences": records.differences_table(chamber, union, LAW, version=1),
        "decision": records.decision_paper(chamber, union, LAW),
        "minutes": records.minutes(chamber, session, LAW),
        "copy": records.certified_copy(chamber, union, "kk", LAW),
        "tasks": records.task_table(chamber, on=date(2027, 7, 1)),
    }


@pytest.fixture(scope="module")
def chamber(sample_council, tmp_path_factory):
    sample = sample_council.build(tmp_path_factory.mktemp("papers"))
    yield sample.view(sample_council.AUDITOR)
    sample.council.journal.close()


@pytest.fixture(scope="module")
def plain(sample_council, chamber):
    return papers(sample_council, chamber)


@pytest.fixture(scope="module")
def hostile(sample_council, tmp_path_factory):
    sample = sample_council.build(tmp_path_factory.mktemp("hostile"), secret=f"{HOSTILE} {LETTERS}")
    yield papers(sample_council, sample.view(sample_council.AUDITOR))
    sample.council.journal.close()


class Page(HTMLParser):
    """Elements with attributes, and the visible text with the language it is marked as."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "col"}:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self.open]
        language = next((attrs["lang"] for _, attrs in reversed(self.open) if "lang" in attrs), "")
        if data.strip() and not {"style", "title"} & set(inside):
            self.texts.append((language, data.strip()))

    def words(self):
        return " ".join(text for _, text in self.texts)


def pdf_text(data):
    """Text of a PDF as a reader copies it: glyphs of every page by the tables that map them to letters."""
    bodies = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\s(.*?)\sendobj", data, re.DOTALL)}

    def stream(number):
        return zlib.decompress(bodies[number].partition(b"stream")[2].lstrip(b"\r\n"))

    def letters(font):
        table = stream(int(re.search(rb"/ToUnicode (\d+)", bodies[font])[1])).partition(b"endcodespacerange")[2]
        pairs = re.findall(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>", table)
        return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}

    found = []
    for body in bodies.values():
        if b"/Type/Page/" not in body:
            continue
        resources = bodies[int(re.search(rb"/Resources (\d+)", body)[1])]
        fonts = {name: letters(int(number)) for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)}
        content = stream(int(re.search(rb"/Contents (\d+)", body)[1]))
        for name, shown in re.findall(rb"/(f\d+) [\d.]+ Tf(.*?)ET", content, re.DOTALL):
            for codes in strings(re.sub(rb"<<.*?>>", b"", shown)):
                pairs = zip(codes[::2], codes[1::2], strict=True)
                found.append("".join(fonts[name].get(256 * high + low, "�") for high, low in pairs))
    return "".join(found)


def strings(shown):
    """Strings of a PDF operator, escapes read; brackets in pairs need none."""
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    depth, made = 0, b""
    for escaped, byte in re.findall(rb"\\([0-7]{1,3}|.)|([^\\])", shown, re.DOTALL):
        if not depth:
            depth, made = int(byte == b"("), b""
        elif escaped:
            made += bytes([int(escaped, 8)]) if escaped.isdigit() else plain.get(escaped, escaped)
        else:
            depth += (byte == b"(") - (byte == b")")
            made += byte
            if not depth:
                yield made[:-1]


def squeezed(text):
    """Text without what a line break may change."""
    return re.sub(r"[\s\u00ad\u200b\u2010-]", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_pages_load_nothing_and_name_their_language(plain, kind, language):
    page = Page(printed.html(plain[kind], language))
    assert not {"script", "link", "img", "iframe", "object", "base", "svg"} & {tag for tag, _ in page.elements}
    assert page.elements[0] == ("html", {"lang": language})
    assert sum(tag == "h1" for tag, _ in page.elements) == 1
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in page.elements if tag == "th")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": policy}) in page.elements
    assert not any("src" in attrs or "href" in attrs for _, attrs in page.elements)


ALLOWED = re.compile(
    r"Dostastyq|SHA-\d+|Akoma Ntoso|[a-z]+-[a-z]*-?\w*#?\d*|chg/[\d-]+|[0-9a-f]{64}|\b[a-z]+_\w+|cisstat|own"
)


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_english_is_left(plain, sample_council, kind, language):
    people = {*sample_council.HEADS.values(), sample_council.EXPERT}
    left = [
        text
        for marked, text in Page(printed.html(plain[kind], language)).texts
        if marked == language and text not in people and re.search(r"[A-Za-z]{3,}", ALLOWED.sub("", text))
    ]
    assert not left


@pytest.mark.parametrize("kind", KINDS)
def test_languages_differ(plain, kind):
    assert len({printed.html(plain[kind], language) for language in LANGUAGES}) == 3


def test_what_a_paper_says(plain):
    said = {kind: Page(printed.html(plain[kind], "ru")).words() for kind in KINDS}
    for text in ("Повестка дня", "Председательствует Кыргызстан", "без обсуждения", "передано нижестоящему органу"):
        assert text in said["agenda"]
    for text in ("нет ответа", "возражение", "Льготы переходного периода", "№ 1, Кыргызстан: изложить так", "принята"):
        assert text in said["differences"]
    for text in ("Принято.", "Обязаны решением Армения, Казахстан, Кыргызстан и Россия", "голос не подан", "консенсус"):
        assert text in said["decision"]
    for text in ("Протокол", "Экономический совет", "Сначала экономическая оценка."):
        assert text in said["minutes"]
    for text in (
        "Настоящая копия соответствует тексту",
        "Оговорка: Art. 4: не распространяется на сахар",
        "не подписало",
    ):
        assert text in said["copy"]
    assert "просрочено" in said["tasks"]


def test_the_text_of_a_copy_is_marked_with_its_language(plain):
    marked = dict.fromkeys(language for language, _ in Page(printed.html(plain["copy"], "en")).texts)
    assert list(marked)[:2] == ["en", "kk"]


def test_changed_words_are_marked(plain):
    page = printed.html(plain["differences"], "en")
    assert "<del>January</del><ins>July</ins>" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_wrote_is_text_in_a_page(hostile, kind, language):
    page = Page(printed.html(hostile[kind], language))
    assert "script" not in {tag for tag, _ in page.elements}
    assert "lab" not in {tag for tag, _ in page.elements}
    assert HOSTILE in page.words()
    assert LETTERS in page.words()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_wrote_is_text_in_a_pdf(hostile, kind, language):
    text = squeezed(pdf_text(printed.pdf(hostile[kind], language)))
    assert squeezed(HOSTILE) in text
    assert squeezed(LETTERS) in text
    assert "�" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_page_and_pdf_say_the_same(plain, kind, language):
    paper = plain[kind]
    data = printed.pdf(paper, language)
    assert data.startswith(b"%PDF-")
    assert data == printed.pdf(paper, language)
    assert printed.html(paper, language) == printed.html(paper, language)
    text = squeezed(pdf_text(data))
    document = printed.document(paper, language)
    cells = [
        line for section in document.sections for row in (section.table.rows if section.table else ()) for line in row
    ]
    lines = [
        *(line for section in document.sections for line in section.lines),
        *(line for row in cells for line in row),
    ]
    for line in lines:
        assert squeezed("".join(words for _, words in line.runs) or line.text) in text
    for title in [document.title, *(section.title for section in document.sections)]:
        assert squeezed(title) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_tagged_and_archival(plain, language):
    data = printed.pdf(plain["decision"], language)
    assert f"/Lang({language}".encode() in data
    assert b"/MarkInfo<</Marked true" in data
    assert re.search(rb"pdfaid:part>2<", data)
    assert re.search(rb"pdfaid:conformance>A<", data)
    assert re.search(rb"pdfuaid:part>1<", data)
    assert {font.split(b"+")[1].split(b"-")[0] for font in re.findall(rb"/FontName/(\S+?)/", data)} <= {
        b"LibertinusSerif",
        b"DejaVuSansMono",
    }


def test_weighted_votes_show_their_weights(chamber, sample_council):
    draft = chamber.draft(sample_council.UNION)
    rule = frozen(register.procedure(LAW, "mek_qualified"))
    cast = [("RUS", "for"), ("KAZ", "for"), ("ARM", "against")]
    person = Actor("A", "RUS")
    votes = tuple(
        Vote(state=state, vote=vote, special_opinion="", day=date(1994, 11, 1), person=person) for state, vote in cast
    )
    decided = replace(draft.decision, rule=rule, votes=votes, adopted=False, bound=(), share="11/20")
    weighed = replace(chamber, drafts={**chamber.drafts, draft.slug: replace(draft, decisions=(decided,))})
    document = printed.document(records.decision_paper(weighed, draft.slug, LAW), "en")
    result, how, votes_section = document.sections
    assert result.lines[0].text == "Not adopted."
    assert ("Share for it", "11/20 (55%)") in [(name, lines[0].text) for name, lines in result.facts]
    assert ("Share needed", "at least 4/5") in [(name, lines[0].text) for name, lines in how.facts]
    weights = {row[0][0].text: row[1][0].text for row in votes_section.table.rows}
    assert votes_section.table.headers[1] == "Weight"
    assert (weights["Russia"], weights["Ukraine"]) == ("50", "14")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Հայաստան, საქართველო", "Հայաստան, საქართველო"),
        ("Oʻzbekiston, Тоҷикистон, Türkmenistan, Azərbaycan", "Oʻzbekiston, Тоҷикистон, Türkmenistan, Azərbaycan"),
        ("中文 \U0001f600 Қазақстан", "[U+4E2D][U+6587] [U+1F600] Қазақстан"),
        ("a\x07b \\u0007 \ue000", "a[U+0007]b \\u0007 [U+E000]"),
    ],
)
def test_every_sign_is_drawn_or_told_by_its_number(plain, written, shown):
    (task,) = plain["tasks"].tasks
    paper = replace(plain["tasks"], tasks=(replace(task, title=written),))
    assert squeezed(shown) in squeezed(pdf_text(printed.pdf(paper, "kk")))


def test_without_typst_the_refusal_says_what_to_install(plain, monkeypatch):
    council_pdf._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(DostastyqError, match="no PDF without Typst") as refusal:
        printed.pdf(plain["tasks"])
    assert (refusal.value.code, "dostastyq[pdf]" in refusal.value.hint) == ("RP050", True)
    council_pdf._compiler.cache_clear()


def test_no_paper_of_another_delegation_shows_a_private_opinion(sample_council, tmp_path_factory):
    sample = sample_council.build(tmp_path_factory.mktemp("private"), "opinions")
    try:
        paper = records.differences_table(sample.view(sample_council.HEADS["UZB"]), sample_council.UNION, LAW)
        text = squeezed(pdf_text(printed.pdf(paper, "ru")))
        assert squeezed("тым жоғары") not in text
        assert squeezed("Льготы переходного") not in text
        assert squeezed("не показывается") in text
        assert "тым жоғары" not in printed.html(paper, "ru")
    finally:
        sample.council.journal.close()
