"""How standard errors are asked for: ``vcov=`` in the words of pyfixest, as dimensions of the engine.

=============================================  ==================================================================
``vcov``                                       standard errors
=============================================  ==================================================================
None                                           clustered by pair; heteroskedastic with one year, or without a panel
``"HC1"`` or ``"hetero"``                      heteroskedastic
``{"CRV1": "exporter^importer"}``              clustered by pair
``{"CRV1": "exporter + importer + year"}``     clustered in three dimensions at once (Cameron, Gelbach and Miller 2011)
=============================================  ==================================================================
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.formula import Effect, parse_effects
from dostastyq.gravity.inference import Cluster
from dostastyq.gravity.sample import Sample, groups
from dostastyq.gravity.structure import pair_identifier

type_vcov = str | Mapping[str, str] | None

_ROBUST: Final = frozenset({"HC1", "hetero"})
_FORMS: Final = "write 'HC1' or {'CRV1': 'exporter^importer'}"


def clusters_of(vcov: type_vcov) -> tuple[Effect, ...] | None:
    """Read `vcov`.

    Returns
    -------
    tuple of Effect or None
        Cluster dimensions, none when heteroskedastic; None for the default.

    Raises
    ------
    DostastyqError
        ``GR014`` when it is not understood.

    Examples
    --------
    >>> [dimension.name for dimension in clusters_of({"CRV1": "exporter + importer^year"})]
    ['exporter', 'importer^year']
    """
    if vcov is None:
        return None
    if isinstance(vcov, str):
        if vcov in _ROBUST:
            return ()
        if vcov == "iid":
            reason = "standard errors that believe trade to be Poisson are far too small"
            raise DostastyqError("GR014", f"vcov is 'iid': {reason}", _FORMS)
        raise DostastyqError("GR014", f"vcov is {vcov!r}, which is not understood", _FORMS)
    if not isinstance(vcov, Mapping):
        raise DostastyqError("GR014", f"vcov is {vcov!r}, which is not understood", _FORMS)
    kinds = list(vcov)
    if kinds != ["CRV1"]:
        raise DostastyqError("GR014", f"vcov has the keys {', '.join(map(repr, kinds))}, expected 'CRV1'", _FORMS)
    return parse_effects(vcov["CRV1"])


def dimensions(clusters: tuple[Effect, ...] | None, found: Sample) -> list[Cluster] | None:
    """Cluster dimensions as the engine takes them; None leaves it to the model."""
    if clusters is None:
        return None
    return [_dimension(effect, found) for effect in clusters]


def _dimension(effect: Effect, found: Sample) -> Cluster:
    panel = found.structure
    e, m, t = (frozenset(side) for side in (panel.exporter, panel.importer, panel.year))
    names = {t: "year", m: "importer", e: "exporter", m | t: "importer_year", e | t: "exporter_year", e | m: "pair"}
    columns = frozenset(effect.columns)
    if panel.kind == "general":
        return effect.name, groups(effect, found.data)
    if columns in names and columns:
        # where a column of the data numbers undirected pairs, exporter^importer is still said of the directed one
        written = any(frozenset(effect.columns) == e | m for effect in found.formula.effects)
        symmetric = names[columns] == "pair" and panel.kind == "three_way_symmetric" and written
        return "pair_symmetric" if symmetric else names[columns]
    if len(columns) == 1 and found.labels[0].to_series().equals(found.labels[1].to_series()):
        kind = pair_identifier(effect.columns[0], panel, found.data)
        if kind is not None:
            return "pair_symmetric" if kind == "three_way_symmetric" else "pair"
    rows = groups(effect, found.data)
    array = np.zeros(int(np.prod(found.shape)), dtype=np.int64)
    array[found.cells] = rows
    return effect.name, array.reshape(found.shape)
