"""A table of texts in four styles: terminal, LaTeX, HTML, Word."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDTH: Final = 110


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as texts: the first column names the rows, `rule` is the row before which a line is drawn."""

    header: list[str]
    rows: list[list[str]]
    rule: int
    footer: str


def rich_table(grid: Grid) -> "RichTable":
    """Make a table for a terminal."""
    from rich.box import SIMPLE  # noqa: PLC0415 -- slow to import
    from rich.table import Table  # noqa: PLC0415

    parts = 0 < grid.rule < len(grid.rows)
    made = Table(
        box=SIMPLE if parts else None,
        pad_edge=False,
        header_style="bold",
        caption=grid.footer or None,
        caption_justify="left",
    )
    for position, header in enumerate(grid.header):
        made.add_column(
            header, justify="right" if position else "left", overflow="fold", no_wrap=parts and not position
        )
    for number, row in enumerate(grid.rows):
        if number == grid.rule:
            made.add_section()
        made.add_row(*row)
    return made


def rendered(made: "RichTable") -> str:
    """Give a table for a terminal as plain text."""
    from rich.console import Console  # noqa: PLC0415 -- slow to import

    out = StringIO()
    Console(file=out, width=WIDTH, highlight=False, color_system=None).print(made, markup=False)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _great_table(grid: Grid) -> Any:  # noqa: ANN401 -- great_tables comes with an extra
    try:
        import great_tables  # noqa: PLC0415 -- an extra
    except ImportError:
        raise _extra() from None
    columns = {f"c{k}": [row[k] for row in grid.rows] for k in range(len(grid.header))}
    made = great_tables.GT(pl.DataFrame(columns)).cols_label({f"c{k}": name for k, name in enumerate(grid.header)})
    made = made.cols_align("right", columns=list(columns)[1:]).cols_align("left", columns=["c0"])
    return made.tab_source_note(grid.footer)


def latex(grid: Grid) -> str:
    """Give the LaTeX source of a table; it needs the package booktabs."""
    rows = [[_tex(cell) for cell in row] for row in grid.rows]
    escaped = Grid([_tex(cell) for cell in grid.header], rows, grid.rule, _tex(grid.footer))
    lines = str(_great_table(escaped).as_latex()).splitlines()
    body = next(k for k, line in enumerate(lines) if line.startswith(r"\midrule")) + 1
    if 0 < grid.rule < len(grid.rows):
        lines.insert(body + grid.rule, r"\midrule")
    return "\n".join(line.rstrip() for line in lines).replace("×", r"$\times$") + "\n"


def _tex(text: str) -> str:
    """Text with the signs of LaTeX made harmless."""
    return text.replace("−", "-").replace("–", "--")


def html(grid: Grid) -> str:
    """Give the HTML source of a table."""
    made = _great_table(grid).with_id("regression")  # random otherwise
    if 0 < grid.rule < len(grid.rows):
        from great_tables import loc, style  # noqa: PLC0415 -- an extra

        line = style.borders(sides="top", color="#333333", weight="1px")
        made = made.tab_style(line, loc.body(rows=[grid.rule]))
    source: str = made.as_raw_html()
    return source


def word(grid: Grid, path: Path) -> Path:
    """Write a table into a Word document."""
    try:
        from docx import Document  # noqa: PLC0415 -- an extra
    except ImportError:
        raise _extra() from None
    document = Document()
    made = document.add_table(rows=1 + len(grid.rows), cols=len(grid.header))
    made.style = "Light List"
    for number, row in enumerate([grid.header, *grid.rows]):
        for position, text in enumerate(row):
            paragraph = made.cell(number, position).paragraphs[0]
            paragraph.text = text
            paragraph.alignment = 2 if position else 0
            if number == grid.rule + 1:
                _line_above(made.cell(number, position))
    document.add_paragraph(grid.footer)
    document.save(str(path))
    return path


def _line_above(cell: Any) -> None:  # noqa: ANN401 -- python-docx comes with an extra
    """Draw a line over a cell."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 -- an extra
    from docx.oxml.ns import qn  # noqa: PLC0415

    borders, top = OxmlElement("w:tcBorders"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("color", "333333")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    cell._tc.get_or_add_tcPr().append(borders)


def _extra() -> DostastyqError:
    return DostastyqError(
        "GR032", "tables in LaTeX, HTML and Word need a library that is not installed", "pip install dostastyq[tables]"
    )
