"""Fits as tables: one with what it rests on, several side by side; terminal, LaTeX, HTML, Word."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.effects import FEW_PAIRS
from dostastyq.gravity.problem import Covariance
from dostastyq.gravity.writers import Grid, html, latex, rendered, rich_table, word
from dostastyq.i18n import Text, Translator, message, translator

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from dostastyq.gravity.fit import Fit

type_style = Literal["rich", "latex", "html", "word"]
STYLES: Final = ("rich", "latex", "html", "word")
STARS: Final = ((0.01, "***"), (0.05, "**"), (0.1, "*"))

_SMALLEST = 0.0005
_MOST_DECIMALS = 8


def notes(fit: "Fit") -> tuple[Text, ...]:
    """Say what to know before use; see `Fit.notes`."""
    mark = fit.certificate
    found = [
        Text(
            "Outcome {outcome}; effects {effects}.",
            outcome=fit.sample.formula.outcome.text,
            effects=" + ".join(effect.name for effect in fit.sample.formula.effects) or "1",
        ),
        Text("Cells in the sample: {n:,}, of them zero flows: {zeros:,}.", n=mark.observations, zeros=mark.zeros),
        *(Text("Left out, {reason}: {n:,}.", reason=_reason(why), n=n) for why, n in fit.left_out.items()),
        Text("Standard errors: {kind}.", kind=spread(fit.uncertainty)),
    ]
    if fit.uncertainty.repaired:
        found.append(Text("Their covariance was not positive semi-definite and was set to the nearest one that is."))
    found += _panel_notes(fit)
    found += [
        Text("Without a coefficient: {name}, {why}.", name=gone.name, why=_why(gone.reason)) for gone in fit.dropped
    ]
    if fit.corrected:
        found.append(
            Text("Corrected for the bias of many effects (Weidner and Zylkin 2021): {what}.", what=fit.corrected)
        )
    few = {name: pairs for name, pairs in fit.treated_pairs.items() if 0 < pairs < FEW_PAIRS}
    if few:
        listed = ", ".join(f"{name} ({pairs})" for name, pairs in few.items())
        found.append(
            Text(
                "Few pairs change: {listed}. Standard errors of these coefficients are probably too small. "
                "Prefer randomisation inference.",
                listed=listed,
            )
        )
    found.append(
        Text(
            "Solved in {n} steps: score {score}, sums of flows off by {gap} at most.",
            n=mark.iterations,
            score=f"{mark.score:.0e}",
            gap=f"{mark.adding_up:.0e}",
        )
    )
    return tuple(found)


def _panel_notes(fit: "Fit") -> list[Text]:
    """Domestic flows and pairs."""
    found = []
    if fit.has_domestic is not None:
        found.append(
            _domestic(fit)
            if fit.has_domestic
            else Text("Domestic flows are not in the sample: effects are relative to other foreign trade.")
        )
    if fit.sample.structure.has_pairs:
        symmetric = fit.sample.structure.kind == "three_way_symmetric"
        found.append(
            Text("One effect for both directions of a pair.")
            if symmetric
            else Text("One effect for each direction of a pair.")
        )
    return found


def _domestic(fit: "Fit") -> Text:
    """Whose domestic flows are in the sample."""
    panel = fit.sample.structure
    exporters = fit.sample.data.filter(pl.Series(fit.in_sample))[panel.exporter[0]].n_unique()
    some = len(fit.domestic_economies)
    if some == exporters:
        return Text("Domestic flows are in the sample.")
    return Text("Domestic flows are in the sample for some exporters only: {some:,} of {n:,}.", some=some, n=exporters)


def _reason(why: str) -> Text:
    """Why cells are not in the sample."""
    return {
        "missing": Text("rows without a value"),
        "weight": Text("cells of weight zero"),
        "pair": Text("cells of pairs that never trade"),
        "exporter_year": Text("cells of exporters without any sale in the year"),
        "importer_year": Text("cells of importers without any purchase in the year"),
        "separated": Text("zero flows for which no finite fit exists"),
    }.get(why) or Text("cells of groups without trade")


def _why(reason: str) -> Text:
    """Why a regressor has no coefficient."""
    return {
        "absorbed": Text("explained by the effects"),
        "collinear": Text("explained by the effects and the regressors before it"),
    }.get(reason) or Text("lives only in cells for which no finite fit exists")


def spread(found: Covariance) -> Text:
    """Say how a covariance was made."""
    if not found.clusters:
        return Text("heteroskedastic")
    counted = [Text("{name} ({n:,})", name=_dimension(name), n=count) for name, count in found.clusters.items()]
    return Text("clustered by {dimensions}", dimensions=_listed(counted))


def _dimension(name: str) -> str:
    """Name of a cluster dimension; a column of the user's as it is called."""
    return {
        "exporter": Text("exporter"),
        "importer": Text("importer"),
        "year": Text("year"),
        "exporter_year": Text("exporter-year"),
        "importer_year": Text("importer-year"),
        "pair": Text("pair"),
        "pair_symmetric": Text("pair in either direction"),
    }.get(name, name)


def _listed(parts: Sequence[str]) -> str:
    """Join texts by commas, each still to be translated."""
    first, *rest = parts
    return Text("{first}, {rest}", first=first, rest=_listed(rest)) if rest else first


def summary(fit: "Fit", language: str = "en") -> str:
    """Regression table with its notes as plain text."""
    tr = translator(language)
    table = rich_summary(fit, tr)
    return "\n".join([rendered(table), *(tr.text(note) for note in fit.notes)])


def rich_summary(fit: "Fit", tr: Translator) -> "RichTable":
    """Regression table of one fit: term, estimate, standard error, z, p, interval."""
    header = [
        tr.gettext(message("Regressor")),
        tr.gettext(message("estimate")),
        tr.gettext(message("std. error")),
        "z",
        "p",
        tr.gettext(message("95% interval")),
    ]
    rows = [
        [
            row["term"],
            figure(row["estimate"], row["std_error"], 4, tr),
            figure(row["std_error"], row["std_error"], 4, tr),
            tr.number(row["statistic"], 2),
            _probability(row["p_value"], tr),
            "[{}; {}]".format(*(figure(row[end], row["std_error"], 3, tr) for end in ("low", "high"))),
        ]
        for row in fit.tidy().iter_rows(named=True)
    ]
    return rich_table(Grid(header, rows, len(rows), ""))


def figure(value: float, error: float, digits: int, tr: Translator) -> str:
    """Write a number with at least `digits` decimals, and two digits of its standard error.

    Examples
    --------
    >>> [figure(value, 0.2 * abs(value), 3, translator("en")) for value in (0.5, 0.00123, -6.25e-12)]
    ['0.500', '0.00123', '−6.25e-12']
    """
    if not 0 < error < math.inf or error >= 10.0 ** (1 - digits):
        return tr.number(value, digits)
    wanted = 1 - math.floor(math.log10(error))
    if wanted <= _MOST_DECIMALS:
        return tr.number(value, wanted)
    power = math.floor(math.log10(abs(value))) if value else 0
    return f"{tr.number(value / 10.0**power, 2)}e{power}"


def _probability(value: float, tr: Translator) -> str:
    return tr.number(value, 3) if not value < _SMALLEST else f"<{tr.number(2 * _SMALLEST, 3)}"


def as_dict(fit: "Fit") -> dict[str, object]:
    """Everything about a fit as plain values."""
    mark, panel = fit.certificate, fit.sample.structure
    return {
        "formula": fit.sample.formula.text,
        "panel": {"kind": panel.kind, "exporter": panel.exporter, "importer": panel.importer, "year": panel.year},
        "domestic_flows": fit.has_domestic,
        "observations": fit.nobs,
        "zeros": mark.zeros,
        "left_out": dict(fit.left_out),
        "coefficients": fit.tidy().to_dicts(),
        "trade_effects_percent": fit.trade_effects().to_dicts(),
        "covariance": {"terms": fit.names, "matrix": fit.vcov.tolist()},
        "standard_errors": {
            "kind": fit.uncertainty.kind,
            "clusters": dict(fit.clusters),
            "small_sample": fit.uncertainty.small_sample,
        },
        "treated_pairs": dict(fit.treated_pairs),
        "dropped": [{"name": gone.name, "reason": gone.reason} for gone in fit.dropped],
        "bias_corrected": fit.corrected,
        "certificate": mark.to_dict(),
        "notes": [str(note) for note in fit.notes],
        "made_by": fit.provenance.made_by,
        "inputs": dict(fit.provenance.inputs),
    }


def table(
    fits: "Sequence[Fit] | Mapping[str, Fit]",
    style: type_style = "rich",
    *,
    path: str | Path | None = None,
    terms: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    language: str = "en",
) -> Any:  # noqa: ANN401 -- a rich table, or a string, by style
    """Set several fits side by side: estimates with stars, standard errors below in brackets.

    Parameters
    ----------
    fits
        Fits, or fits by their heading.
    style
        ``"rich"`` for a terminal, ``"latex"``, ``"html"``, or ``"word"``; all but the first need the extra ``tables``.
    path
        File to write; required for Word.
    terms
        Regressors to show, in this order; all by default.
    labels
        What to call a regressor.
    language
        Language of the headings and figures.

    Returns
    -------
    rich.table.Table or str
        The table, or its LaTeX or HTML source; the path for Word.

    Raises
    ------
    DostastyqError
        ``GR030`` unknown style, ``GR031`` no fits or a missing path, ``GR032`` the extra is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> e, m, t = np.indices((5, 5, 3)).reshape(3, -1)
    >>> rta = ((e + m) % 2 * (t > 0)).astype(float)
    >>> data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": np.exp(0.3 * rta), "rta": rta})
    >>> from dostastyq.gravity import ppml
    >>> fit = ppml("trade ~ rta | exporter^year + importer^year + exporter^importer", data)
    >>> [column.header for column in table({"all years": fit, "again": fit}).columns]
    ['', 'all years', 'again']
    """
    if style not in STYLES:
        raise DostastyqError("GR030", f"there is no table style {style!r}", nearest(style, STYLES))
    named = dict(fits) if isinstance(fits, Mapping) else {f"({k})": fit for k, fit in enumerate(fits, start=1)}
    if not named:
        raise DostastyqError("GR031", "there are no fits to set side by side", "give at least one")
    if style == "word" and path is None:
        raise DostastyqError("GR031", "a Word table needs a file to be written to", "give path='table.docx'")
    grid = side_by_side(named, translator(language), terms, labels or {})
    if style == "word":
        return word(grid, Path(str(path)))
    if style == "rich":
        shown = rich_table(grid)
        text = "" if path is None else rendered(shown) + "\n"
    else:
        text = latex(grid) if style == "latex" else html(grid)
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return shown if style == "rich" else text


def side_by_side(
    fits: "Mapping[str, Fit]", tr: Translator, terms: Sequence[str] | None = None, labels: Mapping[str, str] = {}
) -> Grid:
    """Lay out several fits as texts."""
    found = {heading: {row["term"]: row for row in fit.tidy().iter_rows(named=True)} for heading, fit in fits.items()}
    names = list(terms) if terms is not None else list(dict.fromkeys(name for one in found.values() for name in one))
    rows: list[list[str]] = []
    for name in names:
        cells = [one.get(name) for one in found.values()]
        rows.append([labels.get(name, name), *(_starred(cell, tr) for cell in cells)])
        errors = [None if cell is None else cell["std_error"] for cell in cells]
        rows.append(["", *("" if error is None else f"({figure(error, error, 3, tr)})" for error in errors)])
    rule = len(rows)
    lines: list[tuple[str, Callable[[Fit], str]]] = [
        (tr.gettext(message("Cells")), lambda fit: tr.number(fit.nobs)),
        *((_effect_label(name, tr), _has_effect(name, tr)) for name in _effects_of(fits.values())),
        (tr.gettext(message("Standard errors")), lambda fit: _clusters(fit, tr)),
        (tr.gettext(message("Domestic flows")), lambda fit: _yes(fit.has_domestic, tr)),
        (tr.gettext(message("Bias correction")), lambda fit: _yes(bool(fit.corrected), tr)),
    ]
    rows += [[label, *(value(fit) for fit in fits.values())] for label, value in lines]
    footer = tr.gettext(message("Standard errors in brackets; *** p < 0.01, ** p < 0.05, * p < 0.1."))
    return Grid(["", *fits], rows, rule, footer)


def _effects_of(fits: "Iterable[Fit]") -> list[str]:
    """Effects of several fits, each once."""
    return list(dict.fromkeys(effect.name for fit in fits for effect in fit.sample.formula.effects))


def _effect_label(name: str, tr: Translator) -> str:
    return tr.gettext(message("Effect {name}"), name=name.replace("^", " × "))


def _has_effect(name: str, tr: Translator) -> "Callable[[Fit], str]":
    return lambda fit: _yes(name in {effect.name for effect in fit.sample.formula.effects}, tr)


def _clusters(fit: "Fit", tr: Translator) -> str:
    """Say in short what standard errors are clustered by."""
    names = [_dimension(name) for name in fit.uncertainty.clusters]
    return tr.text(Text("by {dimensions}", dimensions=_listed(names)) if names else Text("heteroskedastic"))


def _starred(cell: dict[str, Any] | None, tr: Translator) -> str:
    if cell is None:
        return ""
    stars = next((mark for below, mark in STARS if cell["p_value"] < below), "")
    return figure(cell["estimate"], cell["std_error"], 3, tr) + stars


def _yes(value: bool | None, tr: Translator) -> str:
    if value is None:
        return "–"
    return tr.gettext(message("yes")) if value else tr.gettext(message("no"))
