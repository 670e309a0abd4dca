"""Effects of agreements on trade, with their joint uncertainty, as shipped with a commonwealth.

The figures are made by ``tools/build_estimates.py`` by the rule of ``docs/decisions/0002-effect-sizes.md``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import polars as pl

from dostastyq.assess.model import Parameter
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, Source


@dataclass(frozen=True, eq=False)
class Estimates:
    """The effects of the agreements of one commonwealth.

    Parameters
    ----------
    parameters
        K effects, in the order of the covariance.
    covariance
        Joint covariance of the effects, K by K; its diagonal is the squared standard errors.
    sources
        Sources of the data behind them, with licences.
    commonwealth
        Folder of shipped data they belong to.
    evidence
        For each parameter what it was pooled from: panels, leads, placebo groups, the world's agreements.
    provenance
        Program, hashes of the inputs, sources and what was done to the data.
    """

    parameters: tuple[Parameter, ...]
    covariance: np.ndarray
    sources: tuple[Source, ...]
    commonwealth: str
    evidence: Mapping[str, Mapping[str, Any]]
    provenance: Provenance

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the K effects."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def values(self) -> np.ndarray:
        """The K effects in log points of bilateral trade."""
        return np.array([parameter.value for parameter in self.parameters])

    @cached_property
    def specifications(self) -> pl.DataFrame:
        """Every specification that was run, one row a coefficient, null and negative results included."""
        return pl.read_csv(_folder(self.commonwealth).joinpath("specifications.csv").read_bytes(), null_values="")

    def parameter(self, name: str) -> Parameter:
        """Return the effect called `name`."""
        return self.parameters[self._position(name)]

    def replace(self, name: str, *, value: float | None = None, standard_error: float | None = None) -> "Estimates":
        """Return the same effects with one assumed instead of estimated.

        Parameters
        ----------
        name
            The effect to change.
        value
            New coefficient; the estimated one when None.
        standard_error
            New standard deviation, the correlation with the other effects being kept; the estimated one when None.
        """
        k = self._position(name)
        old = self.parameters[k]
        new = replace(
            old,
            value=old.value if value is None else value,
            standard_error=old.standard_error if standard_error is None else standard_error,
        )
        scale = np.ones(len(self.parameters))
        covariance = self.covariance.copy()
        if old.standard_error > 0:
            scale[k] = new.standard_error / old.standard_error
            covariance *= np.outer(scale, scale)
        covariance[k, k] = new.standard_error**2
        parameters = (*self.parameters[:k], new, *self.parameters[k + 1 :])
        return replace(self, parameters=parameters, covariance=covariance)

    def to_frame(self) -> pl.DataFrame:
        """One row an effect, with its 95 % interval."""
        return pl.DataFrame(
            [
                {
                    "name": p.name,
                    "value": p.value,
                    "standard_error": p.standard_error,
                    "low": p.value - 1.96 * p.standard_error,
                    "high": p.value + 1.96 * p.standard_error,
                    "treated_pairs": p.treated_pairs,
                    "own_coefficient": p.own_coefficient,
                    "own_standard_error": p.own_standard_error,
                }
                for p in self.parameters
            ]
        )

    def _position(self, name: str) -> int:
        if name not in self.names:
            raise DostastyqError("AS020", f"there is no estimated effect '{name}'", nearest(name, self.names))
        return self.names.index(name)


def load(commonwealth: str = "cis") -> Estimates:
    """Load the effects shipped with `commonwealth`.

    Examples
    --------
    >>> load().names
    ('cis_free_trade', 'union_increment')
    """
    shipped = _folder(commonwealth).joinpath("effects.json")
    if not shipped.is_file():
        known = [folder.name for folder in files("dostastyq").joinpath("commonwealths").iterdir() if folder.is_dir()]
        raise DostastyqError(
            "AS021", f"no estimated effects are shipped for '{commonwealth}'", nearest(commonwealth, known)
        )
    record = json.loads(shipped.read_text(encoding="utf-8"))
    sources = tuple(Source(**source) for source in record["sources"])
    return Estimates(
        parameters=tuple(Parameter(**parameter) for parameter in record["parameters"]),
        covariance=np.array(record["covariance"], dtype=np.float64),
        sources=sources,
        commonwealth=commonwealth,
        evidence=record["evidence"],
        provenance=Provenance(
            made_by=record["made_by"],
            inputs=tuple(sorted(record["inputs"].items())),
            sources=sources,
            repairs=tuple(record["repairs"]),
        ),
    )


def _folder(commonwealth: str) -> Traversable:
    return files("dostastyq").joinpath("commonwealths", commonwealth, "estimates")
