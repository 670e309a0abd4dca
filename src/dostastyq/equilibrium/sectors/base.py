r"""The calibrated world with sectors.

Letters are those of ``docs/notation.md``: n imports, i exports, j is a sector, k a sector that supplies it; hats are
new over old, primes new. Shares :math:`\pi_{nij}` of expenditure :math:`X_{nj}` include tariffs :math:`\tau` and export
taxes :math:`e`, so that a flow at the border is :math:`T_{nij}=\pi_{nij}X_{nj}/(1+\tau_{nij})`, of which the producer
keeps :math:`T_{nij}/(1+e_{nij})`.

.. math:: Y_{ij}=\sum_n\frac{T_{nij}}{1+e_{nij}},\quad V_n=\sum_j\gamma_{nj}Y_{nj},\quad
          R_n=\sum_{ij}\tau_{nij}T_{nij}+\sum_{mj}\frac{e_{mnj}}{1+e_{mnj}}T_{mnj},

.. math:: D_n=\sum_{ij}T_{nij}-\sum_{mj}T_{mnj},\quad I_n=V_n+R_n+D_n,\quad
          X_{nj}=\alpha_{nj}I_n+\sum_k\Gamma_{njk}Y_{nk}.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The calibrated world before any shock; J sectors, N states, arrays ``[sector, importer, exporter]``.

    Parameters
    ----------
    shares
        Shares of expenditure, tariffs included, shape (J, N, N); a row sums to 1, or to 0 where nothing is bought.
    tariffs, export_taxes
        Ad valorem levels as fractions, shape (J, N, N); None where there are none.
    theta
        Trade elasticities, shape (J,).
    value_added
        Share of value added in output, gamma, shape (J, N).
    inputs
        Input k per unit of output j, ``[state, k, j]``, shape (N, J, J).
    final_shares
        Shares of final expenditure, alpha, shape (J, N).
    expenditure
        X, tariffs included, shape (J, N), currency of the base year.
    output
        Revenue of producers Y, shape (J, N).
    income
        Value added V, shape (N,).
    revenue
        Tariffs and export taxes R, shape (N,).
    deficit
        D, imports less exports at the border, shape (N,).
    """

    shares: FloatArray
    tariffs: FloatArray | None
    export_taxes: FloatArray | None
    theta: FloatArray
    value_added: FloatArray
    inputs: FloatArray
    final_shares: FloatArray
    expenditure: FloatArray
    output: FloatArray
    income: FloatArray
    revenue: FloatArray
    deficit: FloatArray

    @classmethod
    def of(  # noqa: PLR0917 -- the primary arrays of a base, in the order of its fields
        cls,
        shares: FloatArray,
        tariffs: FloatArray | None,
        export_taxes: FloatArray | None,
        theta: FloatArray,
        value_added: FloatArray,
        inputs: FloatArray,
        final_shares: FloatArray,
        expenditure: FloatArray,
    ) -> "Base":
        """Add up the accounts; levels that are all zero count as None."""
        tariffs = None if tariffs is None or not tariffs.any() else tariffs
        export_taxes = None if export_taxes is None or not export_taxes.any() else export_taxes
        border = border_flows(shares, expenditure, tariffs)
        sold = border if export_taxes is None else border / (1 + export_taxes)
        output = sold.sum(axis=1)
        imports, exports = border.sum(axis=(0, 2)), border.sum(axis=(0, 1))
        revenue = expenditure.sum(axis=0) - imports + exports - output.sum(axis=0)
        return cls(
            shares,
            tariffs,
            export_taxes,
            theta,
            value_added,
            inputs,
            final_shares,
            expenditure,
            output,
            (value_added * output).sum(axis=0),
            revenue if tariffs is not None or export_taxes is not None else np.zeros_like(revenue),
            imports - exports,
        )

    @property
    def final_income(self) -> FloatArray:
        """I = V + R + D, what is spent on final goods, shape (N,)."""
        return self.income + self.revenue + self.deficit

    @property
    def flows(self) -> FloatArray:
        """Tariff-exclusive flows at the border, shape (J, N, N)."""
        return border_flows(self.shares, self.expenditure, self.tariffs)


def border_flows(shares: FloatArray, expenditure: FloatArray, tariffs: FloatArray | None) -> FloatArray:
    """Tariff-exclusive flows, shape (J, N, N)."""
    flows = shares * expenditure[:, :, None]
    if tariffs is not None:
        flows /= 1 + tariffs
    return flows
