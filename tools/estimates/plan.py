"""The specifications of docs/decisions/0002-effect-sizes.md, by panel."""

import polars as pl

from estimates.panels import DTA_YEARS, ICIO_YEARS, Panel, treated_pairs
from estimates.regress import Specification

BORDER_YEAR = tuple(f"border_{year}" for year in ICIO_YEARS[1:])
CIS_YEAR_ICIO = tuple(f"cis_{year}" for year in ICIO_YEARS[1:])
CIS_YEAR_DTA = tuple(f"cis_{year}" for year in DTA_YEARS[1:])
WORLD = ("world_free_trade", "world_union", "world_partial", "world_one_cis_state")
LEAST_PAIRS = 10

WAR = "war and sanctions, not the end of an agreement"
TREATY_ICIO = "not identified: the treaty varies in the first year of the window only, for pairs without a war"
OVER_CUSTOMS_UNION = "over the customs union of 2010, which was in force in all earlier years of the window"
OVER_EARLIER = "over the earlier free trade that the treaty replaced, not over nothing"
OVER_TREATY = "over free trade in the CIS"
WORLD_CLASS = "pairs of two economies outside the CIS; all agreements of the class with one coefficient"


def icio() -> list[Specification]:
    """Return the specifications on ICIO; the first is the one that enters a parameter."""
    base, bare = ("union", "treaty", "rus_ukr"), ("union", "rus_ukr")
    notes = {"union": OVER_CUSTOMS_UNION, "treaty": TREATY_ICIO, "rus_ukr": WAR}
    return [
        Specification("icio-goods", "trade_goods", base, BORDER_YEAR, "main: goods", notes),
        Specification("icio-total", "trade_total", base, BORDER_YEAR, "check: goods and services", notes),
        Specification("icio-goods-no-treaty", "trade_goods", bare, BORDER_YEAR, "check: no treaty as a control", notes),
        Specification(
            "icio-goods-no-rest",
            "trade_goods",
            base,
            BORDER_YEAR,
            "check: no rest of the world, which holds eight CIS states",
            notes,
            without=("ROW",),
        ),
        Specification("icio-goods-no-border", "trade_goods", base, (), "check: no border x year", notes),
        Specification(
            "icio-goods-cis-year",
            "trade_goods",
            base,
            (*BORDER_YEAR, *CIS_YEAR_ICIO),
            "check: CIS x year, the union against the pairs of Ukraine alone",
            notes,
        ),
        Specification(
            "icio-goods-leads",
            "trade_goods",
            ("lead_union", *base),
            BORDER_YEAR,
            "lead: the union's pairs in the year before",
            {**notes, "lead_union": "before the union; zero if the pairs did not already differ"},
        ),
    ]


def wb_dta() -> list[Specification]:
    """Return the specifications on wb-dta; the first is the one that enters the parameters."""
    base = ("treaty", "customs_union", "union", "rus_ukr")
    controls = (*WORLD, *CIS_YEAR_DTA)
    notes = {
        "treaty": OVER_EARLIER,
        "customs_union": OVER_TREATY,
        **dict.fromkeys(("union", "founders", "acceded_arm", "acceded_kgz"), OVER_TREATY),
        "rus_ukr": WAR,
        "world_free_trade": WORLD_CLASS,
        "world_union": WORLD_CLASS,
    }
    apart = ("treaty", "customs_union", "founders", "acceded_arm", "acceded_kgz", "rus_ukr")
    before = "before the regime; zero if the pairs did not already differ"
    return [
        Specification("wb-dta", "trade_usd", (*base, *WORLD[:2]), (*WORLD[2:], *CIS_YEAR_DTA), "main: goods", notes),
        Specification("wb-dta-no-cis-year", "trade_usd", base, WORLD, "check: no CIS x year", notes),
        Specification("wb-dta-apart", "trade_usd", apart, controls, "check: founders and accessions apart", notes),
        Specification("wb-dta-treaty", "trade_usd", ("treaty", "rus_ukr"), controls, "check: the treaty alone", notes),
        Specification(
            "wb-dta-earlier",
            "trade_usd",
            (*base, "earlier_union"),
            controls,
            "check: the customs union of 1995 as a control, cells of unknown status left out",
            {**notes, "earlier_union": "the customs union agreed in 1995, as the register has it"},
        ),
        Specification(
            "wb-dta-leads",
            "trade_usd",
            ("lead_treaty", "lead_union", *base),
            controls,
            "lead: the treated pairs in the panel year before",
            {**notes, "lead_treaty": before, "lead_union": before},
        ),
    ]


def statements(like: dict[str, object]) -> list[dict[str, object]]:
    """Return what no regression can say, as rows of the table; `like` is any row."""
    empty = dict.fromkeys(like) | {"border_year": False}
    level = {
        "specification": "level",
        "purpose": "free trade in the CIS over nothing",
        "parameter": "cis_free_trade",
        "note": "not identified: in force before every window begins; the treaty of 2011 replaced it pair by pair",
    }
    over = {
        "specification": "union-over-treaty",
        "purpose": "the union over free trade in ICIO",
        "panel": "icio",
        "parameter": "union_increment",
        "note": "not identified: the customs union of 2010 is in force in all years before the union",
    }
    return [{**empty, **level}, {**empty, **over}]


def world(panel: Panel, name: str) -> tuple[Panel, Specification, dict[str, tuple[str, str]]]:
    """Give every agreement outside the CIS with enough pairs its own dummy.

    Returns
    -------
    panel, specification, agreements
        The panel with the dummies; the regression; and ``(name, class)`` by dummy.
    """
    frame, flow = panel.frame, panel.flows[0]
    agreements: dict[str, tuple[str, str]] = {}
    for kind in ("free_trade", "union"):
        titles = frame.filter(pl.col(f"world_{kind}") == 1.0)["world_agreement"].unique().sort().to_list()
        for title in titles:
            column = f"agreement{len(agreements) + 1:03d}"
            dummy = (pl.col("world_agreement") == title).cast(pl.Float64).alias(column)
            if treated_pairs(frame.with_columns(dummy), flow, column) >= LEAST_PAIRS:
                agreements[column] = (title, kind)
                frame = frame.with_columns(dummy, (pl.col(f"world_{kind}") - dummy).alias(f"world_{kind}"))
    rest = [dummy for dummy in WORLD if treated_pairs(frame, flow, dummy) > 0]
    cis = ["treaty", "customs_union", "union", "rus_ukr", *CIS_YEAR_DTA]
    controls = (*rest, *[column for column in cis if column in frame.columns])
    spec = Specification(name, flow, tuple(agreements), controls, "agreements of the world, each on its own")
    return Panel(panel.name, frame, panel.flows, panel.window), spec, agreements
