"""The report: one HTML file that opens offline and asks the network for nothing.

Texts come from the assessment and from the templates, figures from the assessment alone; both are said by the
`dostastyq.i18n.Translator` of the language. Everything that is not markup of ours is escaped.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from dostastyq.assess.model import Assessment
from dostastyq.files import write_whole
from dostastyq.i18n import translator
from dostastyq.report import charts
from dostastyq.report.charts import tile_grid
from dostastyq.report.headline import headline
from dostastyq.report.outlines import load, outline_map
from dostastyq.report.view import build

if TYPE_CHECKING:
    from jinja2 import Environment


Outlines = bool | str | os.PathLike[str] | None
"""What is drawn of borders: nothing (None or False), the shipped layer (True), or a GeoJSON file of the user's own."""


def html(assessment: Assessment, language: str = "en", outlines: Outlines = None) -> str:
    """Render `assessment` as one self-contained HTML page.

    Parameters
    ----------
    assessment
        The assessment.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    outlines
        None for the border-free tile grid; True for a map of the shipped outlines; the path of a GeoJSON
        FeatureCollection, features with an alpha-3 code as property ``iso3``, ``ISO_A3`` or ``id``, for a map of these.

    Returns
    -------
    str
        The page: style and pictures inside, no script, no request; the same assessment gives the same bytes.

    Raises
    ------
    DostastyqError
        ``RP002`` to ``RP006`` if `outlines` names a file that cannot be drawn.
    """
    tr = translator(language)
    view = build(assessment, tr)
    layer = None if outlines is None or outlines is False else load(outlines, assessment.scenario["members"])
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            a=assessment,
            view=view,
            language=language,
            headline=headline(assessment, language),
            dots=[Markup(charts.dot_chart(c.dots, view.domain, c.axis_title, tr)) for c in view.contrasts],
            maps=[
                Markup(outline_map(layer, c.tiles, view.extent, tr) if layer else tile_grid(c.tiles, view.extent, tr))
                for c in view.contrasts
            ],
            layer=layer,
            palette={"loss": charts.LOSS, "neutral": charts.NEUTRAL, "gain": charts.GAIN},
            tr=tr,
            _=tr.gettext,
            ngettext=tr.ngettext,
        )
    )


def write(
    assessment: Assessment, path: str | os.PathLike[str], language: str = "en", outlines: Outlines = None
) -> Path:
    """Write the page to `path`, whole or not at all.

    Parameters
    ----------
    assessment
        The assessment.
    path
        File to write; an existing one is replaced.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    outlines
        What is drawn of borders, as in `html`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DostastyqError
        ``RP001`` if the file cannot be written; ``RP002`` to ``RP006`` if `outlines` cannot be drawn.
    """
    content = html(assessment, language, outlines)
    return write_whole(path, content.encode(), code="RP001", what="the report")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("dostastyq.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
