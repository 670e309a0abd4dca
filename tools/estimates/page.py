"""Tables of the documentation, written from the figures they show.

A page marks a table by ``<!-- figures: name -->`` and ``<!-- end -->``; what stands between is replaced. The prose
around it is written by hand and has no figures that could go stale.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dostastyq.assess.estimates import Estimates

NAMES = {
    "cis_free_trade": "free trade in the CIS over no preference",
    "union_increment": "the Eurasian union over free trade in the CIS",
}
SPECIFICATIONS = (
    ("icio-goods", "union", "**enters.** The union among BLR, KAZ, RUS over their customs union of 2010"),
    ("icio-total", "union", "goods and services"),
    ("icio-goods-no-border", "union", "no border × year"),
    ("icio-goods-no-treaty", "union", "the treaty of 2011 not controlled for"),
    ("icio-goods-no-rest", "union", "without the rest of the world, which holds the other eight CIS states"),
    ("icio-goods-cis-year", "union", "CIS × year: against the pairs of Ukraine alone"),
    ("icio-goods-leads", "lead_union", "the same pairs in 2014, before the union"),
    ("icio-goods-placebo", "union", "76 triples of neighbours that agreed on nothing: mean (root mean square)"),
    ("icio-goods", "treaty", "not identified: varies in one year"),
    ("icio-goods", "rus_ukr", "Russia–Ukraine from 2014: war and sanctions"),
    ("wb-dta", "treaty", "**enters.** The treaty of 2011 over the free trade it replaced"),
    ("wb-dta", "union", "**enters.** The union over CIS free trade"),
    ("wb-dta", "customs_union", "the customs union of 2010 over CIS free trade"),
    ("wb-dta", "rus_ukr", "Russia–Ukraine from 2014"),
    ("wb-dta-no-cis-year", "treaty", "no CIS × year"),
    ("wb-dta-no-cis-year", "union", "no CIS × year"),
    ("wb-dta-apart", "founders", "BLR, KAZ, RUS"),
    ("wb-dta-apart", "acceded_arm", "pairs of Armenia"),
    ("wb-dta-apart", "acceded_kgz", "pairs of Kyrgyzstan"),
    ("wb-dta-treaty", "treaty", "the treaty with no union beside it"),
    ("wb-dta-earlier", "union", "over a world in which the customs union of 1995 counts"),
    ("wb-dta-leads", "lead_treaty", "treaty pairs in 2008, before the treaty"),
    ("wb-dta-leads", "lead_union", "union pairs before their union"),
    ("wb-dta-placebo", "treaty", "100 regions elsewhere: mean (root mean square)"),
    ("wb-dta-placebo", "union", "100 regions elsewhere: mean (root mean square)"),
    ("wb-dta-world-pooled", "world_free_trade", "**enters.** 39 free trade agreements of the world, 1996–2016"),
    ("wb-dta-world-pooled", "world_union", "**enters.** 9 customs unions and economic unions of the world, 1996–2016"),
    ("wb-dta-world-1964-pooled", "world_free_trade", "the same over 1964–2016"),
    ("wb-dta-world-1964-pooled", "world_union", "the same over 1964–2016"),
    ("level", "cis_free_trade", "not identified: free trade in the CIS over nothing"),
    (
        "union-over-treaty",
        "union_increment",
        "not identified in ICIO: the customs union of 2010 is on in all years before",
    ),
)
"""Rows of the specification table that the page shows: specification, coefficient, what it is."""

_BLOCK = re.compile(r"(<!-- figures: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, tables: Mapping[str, str]) -> str:
    """Put tables between their marks.

    Raises
    ------
    KeyError
        When the page asks for a table that there is not.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}{tables[found['name']]}\n{found[3]}", page)


def shown(value: float | None, digits: int = 3) -> str:
    """Write a figure with a minus sign of its own, and nothing as a dash.

    Examples
    --------
    >>> shown(-0.0152), shown(None)
    ('−0.015', '–')
    """
    if value is None:
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def chance(p: float | None) -> str:
    """Write a probability; what rounds to nothing is said to be below a thousandth."""
    return "<0.001" if p is not None and p < 0.0005 else shown(p)


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Write a Markdown table; figures stand right, the first `left` columns and those named with a space last left."""
    marks = ["---" if k < left or name.endswith(" ") else "--:" for k, name in enumerate(header)]
    lines = [[name.strip() for name in header], marks, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def reference(shipped: Estimates) -> dict[str, str]:
    """Tables of docs/reference/estimates.md."""
    parameters = [
        [
            f"`{p.name}`: {NAMES[p.name]}",
            shown(p.value),
            shown(p.standard_error),
            f"{shown(p.value - 1.96 * p.standard_error, 2)} to {shown(p.value + 1.96 * p.standard_error, 2)}",
            f"{shown(p.own_coefficient)} ({shown(p.own_standard_error)})",
            shown(shipped.evidence[p.name]["weight_on_own"], 2),
        ]
        for p in shipped.parameters
    ]
    header = ["parameter", "value", "standard deviation", "95 % interval ", "own estimate (s.d.)", "weight on it"]
    found = {(row["specification"], row["parameter"]): row for row in shipped.specifications.iter_rows(named=True)}
    rows = [_specification(found[name, parameter], what) for name, parameter, what in SPECIFICATIONS]
    listed = ["specification", "coefficient of", "value (s.e.)", "pairs", "what it is "]
    return {
        "parameters": grid(header, parameters),
        "covariance": f"Their covariance is {shown(float(shipped.covariance[0, 1]), 4)}.",
        "specifications": grid(listed, rows, left=2),
    }


def _specification(row: Mapping[str, Any], what: str) -> list[str]:
    value = row["coefficient"]
    pairs = row["treated_pairs"]
    return [
        f"`{row['specification']}`",
        f"`{row['parameter']}`",
        "–" if value is None else f"{shown(value)} ({shown(row['standard_error'])})",
        "" if pairs is None or value is None else str(pairs),
        what,
    ]


def studies(figures: Mapping[str, Any]) -> dict[str, str]:
    """Tables of docs/validation/cis-agreements.md, from its figures."""
    made = {name: _study(study) for name, study in figures["studies"].items()}
    made["summary"] = grid(
        ["agreement", "pairs", "p of the leads", "after (s.e.)", "placebo", "share as far"],
        [_summary(line, figures["studies"][line["study"]]) for line in figures["summary"]],
    )
    made["premium"] = grid(
        ["year", "log points (s.e.)", "times", "cells"],
        [
            [str(row["year"]), f"{shown(row['estimate'], 2)} ({shown(row['standard_error'], 2)})",
             shown(row["times"], 1), f"{row['cells']:,}"]
            for row in figures["premium"]
        ],
    )  # fmt: skip
    made["free-trade"] = grid(
        ["year", "cells", "free trade", "none", "not known"],
        [
            [str(row[name]) for name in ("year", "cells", "free_trade", "none", "unknown")]
            for row in figures["free_trade"]["years"]
        ],
    )
    made["changing"] = f"Pairs seen both with and without it: {', '.join(figures['free_trade']['changing']) or 'none'}."
    made["chance"] = grid(
        ["specification", "coefficient of", "value (s.e.)", "p by clusters", "s.d. by chance", "p by randomisation",
         "pairs", "comparable"],
        [
            [f"`{row['specification']}`", f"`{row['term']}`", _value(row),
             chance(row["clustered_p"]), shown(row["spread"]), chance(row["randomisation_p"]), str(row["pairs"]),
             f"{row['comparable']:,}"]
            for row in figures["chance"]
        ],
        left=2,
    )  # fmt: skip
    return made


def _value(row: Mapping[str, Any]) -> str:
    return f"{shown(row['estimate'])} ({shown(row['standard_error'])})"


def _study(study: Mapping[str, Any]) -> str:
    """One row a year."""
    groups = study["groups"] > 0
    certain = study["pairs"] > 1
    header = ["year", "log points (s.e.)" if certain else "log points", "per cent"]
    header += ["placebo, 5th to 95th", "share as far"] if groups else []
    rows = []
    for row in study["rows"]:
        if row["year"] == study["reference"]:
            rows.append([str(row["year"]), "reference", "", *(["", ""] if groups else [])])
            continue
        error = f" ({shown(row['standard_error'], 2)})" if certain else ""
        line = [str(row["year"]), shown(row["estimate"], 2) + error, shown(row["percent"], 0)]
        if groups:
            line += [_band(row), shown(row["beyond"], 2)]
        rows.append(line)
    return grid(header, rows)


def _band(row: Mapping[str, Any]) -> str:
    return f"{shown(row['placebo_low'], 2)} to {shown(row['placebo_high'], 2)}"


def _summary(line: Mapping[str, Any], study: Mapping[str, Any]) -> list[str]:
    """One agreement: do its leads hold, and how far is its last year from chance."""
    last = next(row for row in study["rows"] if row["year"] == line["year"])
    leads = study["leads"] or {}
    error = f" ({shown(last['standard_error'], 2)})" if study["pairs"] > 1 else ""
    return [
        f"{line['what']} ({study['panel']})",
        str(study["pairs"]),
        f"{chance(leads.get('p_value'))} / {shown(leads.get('placebo_p'), 2)}" if leads else "–",
        f"{line['year']}: {shown(last['estimate'], 2)}{error}",
        _band(last) if study["groups"] else "–",
        shown(last.get("beyond"), 2),
    ]
