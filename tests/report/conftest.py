"""Assessments made by hand: no engine behind them, so that a report can be judged on figures we chose."""

from dataclasses import replace

import pytest

from dostastyq.assess.model import Assessment, Contrast, ImputedCell, Parameter, SensitivityRow, StateResult
from dostastyq.i18n import Text
from dostastyq.provenance import Source

UNION = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
TWELVE = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB")
PARTNERS = tuple(
    "ARE CHE CHN DEU FRA GBR IND IRN ITA JPN KOR LTU LVA MNG NLD POL ROU SRB TUR USA VNM ROW".split()  # noqa: SIM905
)
SIZE = {"ARM": 0.39, "BLR": 0.68, "KAZ": 0.18, "KGZ": 0.41, "RUS": 0.05}
TITLE = {
    "en": "Treaty on the Eurasian Economic Union",
    "ru": "Договор о Евразийском экономическом союзе",
    "kk": "Еуразиялық экономикалық одақ туралы шарт",
}
NOTE = Text(
    "one coefficient moves all members, so this is the probability that the coefficient is positive; "
    "it says nothing on how gains differ between them"
)


def states(coefficient, deviation, members=UNION):
    """Members move by `coefficient` (1 is the central estimate of the notes), everyone else by little or nothing."""
    results = []
    for index, state in enumerate((*TWELVE, *PARTNERS)):
        member = state in members
        size = SIZE.get(state, 0.2) if member else -0.002 - 0.0004 * (index % 7)
        centre, half = coefficient * size, 1.96 * deviation * abs(size)
        results.append(
            StateResult(
                state,
                centre,
                centre - half,
                centre + half,
                0.98 * centre,
                3 * centre,
                2.5 * centre,
                12 * centre,
                member,
            )
        )
    return tuple(results)


def contrast(coefficient, deviation, otherwise="register", probability=0.5, **changes):
    """One contrast whose members all move by the same coefficient."""
    instead = {
        "register": Text(
            "the law without it: what would otherwise apply by the register on {on:date}; "
            "what it terminated stays terminated",
            on="2023-07-01",
        ),
        "none": Text("the same day with no preference at all between the pairs it covers"),
    }
    results = states(coefficient, deviation, changes.pop("members", UNION))
    return Contrast(
        **{
            "from_world": instead[otherwise],
            "to_world": Text("the law in force on {on:date}, with {title}", on="2023-07-01", title=TITLE),
            "otherwise": otherwise,
            "formula": Text(
                "100 · (W_to / W_from − 1); W is real income, so a positive figure means better off in the second world"
            ),
            "states": results,
            "mutually_beneficial": all(r.welfare_percent > 0 for r in results if r.member),
            "probability_mutually_beneficial": probability,
            "probability_note": NOTE,
            "pairs": tuple((a, b, "eurasian_union") for a in UNION for b in UNION if a != b),
            **changes,
        }
    )


def sensitivity(contrasts):
    """Every contrast under the seven assumptions, scaled as elasticities scale them."""
    cases = (
        ("elasticity", 2.5, 1.6), ("elasticity", 4.0, 1.0), ("elasticity", 6.0, 0.67), ("imputed_cells", 0.7, 0.9),
        ("imputed_cells", 1.4, 1.1), ("domestic_flows", 0.75, 1.3), ("domestic_flows", 1.25, 0.8),
    )  # fmt: skip
    return tuple(
        SensitivityRow(
            index,
            assumption,
            value,
            tuple((r.state, k * r.welfare_percent, k * r.low, k * r.high) for r in one.states if r.member),
        )
        for index, one in enumerate(contrasts)
        for assumption, value, k in cases
    )


def assessment(*contrasts, leave=(), join=(), **changes):
    """An assessment of the union around `contrasts`."""
    pairs = [(a, b) for a in TWELVE for b in (*TWELVE, *PARTNERS) if a != b]
    return Assessment(
        **{
            "scenario": {
                "agreement": "eaeu-2014",
                "title": TITLE,
                "preference": "economic_union",
                "change": "leave" if leave else "join" if join else "exists",
                "states": list(TWELVE),
                "leave": list(leave),
                "join": list(join),
                "members": list(UNION),
            },
            "baseline": "cis-2023",
            "on": "2023-07-01",
            "elasticity": 4.0,
            "contrasts": contrasts,
            "sensitivity": sensitivity(contrasts),
            "residual": 3.2e-13,
            "iterations": 5,
            "converged": True,
            "estimates": (
                Parameter(
                    "union_increment",
                    0.0,
                    0.15,
                    Text("Increment of the union over free trade."),
                    Text("Not identified."),
                    3,
                    -0.118,
                    0.155,
                ),
                Parameter("cis_free_trade", 0.19, 0.15, Text("Level of free trade."), Text("Weakly identified."), 41),
            ),
            "imputed_cells": tuple(
                ImputedCell(a, b, 17300.0 / (1 + i), "icio_2022", "icio") for i, (a, b) in enumerate(pairs[:64])
            ),
            "sources": (
                Source("baci", "BACI: trade at the product level", "Etalab 2.0", "https://www.cepii.fr/", "2023"),
                Source("sheet", "A leaflet without an address", "CC BY 4.0"),
            ),
            "proof": (Text("{code:territory}: bound", code="KAZ"),),
            "notes": (Text("Trade deficits stay what they are in units of world output."),),
            **changes,
        }
    )


def union():
    """The shipped default: the increment is zero, the whole is positive, no interval leaves zero out."""
    return assessment(contrast(0.0, 1.0, "register", 0.5), contrast(1.0, 1.1, "none", 0.82))


def free_trade_area():
    """One contrast, gains established for every member."""
    return assessment(contrast(1.0, 0.2, "none", 0.99), estimates=())


def departure():
    """Kyrgyzstan leaves: losses for itself, established; the others' are open."""
    one = contrast(-1.0, 1.0)
    results = tuple(replace(r, low=-0.6, high=-0.2) if r.state == "KGZ" else r for r in one.states)
    return assessment(replace(one, states=results), leave=("KGZ",))


@pytest.fixture(name="union", scope="session")
def union_fixture():
    return union()


@pytest.fixture(name="free_trade_area", scope="session")
def free_trade_area_fixture():
    return free_trade_area()


@pytest.fixture(name="departure", scope="session")
def departure_fixture():
    return departure()


@pytest.fixture(scope="session")
def sample():
    """The makers above, for tests that need another assessment."""
    return {"assessment": assessment, "contrast": contrast}
