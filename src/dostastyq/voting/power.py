r"""What a vote is worth: power indices, vetoes, and the coalitions that carry or stop a decision, all exact.

With :math:`\eta_i(s)` the coalitions of size s, voter i among them, that win and lose without i (its swings), n voters
and :math:`\eta_i = \sum_s \eta_i(s)`:

- Shapley and Shubik (1954): :math:`\phi_i = \sum_s \frac{(s-1)!\,(n-s)!}{n!}\,\eta_i(s)`, the share of all orders in
  which i's consent decides;
- Banzhaf (1965), Penrose (1946): absolute :math:`\beta'_i = \eta_i / 2^{n-1}`, the probability that i decides when
  everybody else votes by the toss of a coin; normalised :math:`\beta_i = \eta_i / \sum_j \eta_j`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq.errors import DostastyqError
from dostastyq.voting.model import Rule

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.voting.game import Wins

LISTED = 10_000
"""Minimal coalitions that are listed; of more only the number is given."""


@dataclass(frozen=True, slots=True)
class Power:
    """What a vote is worth under a rule when everybody is present and for or against.

    Parameters
    ----------
    rule
        Name of the rule.
    quota
        Its quotas, one a majority.
    voters
        Who votes.
    winning
        How many of the 2ⁿ coalitions carry a decision.
    swings
        Winning coalitions by voter that lose without it.
    shapley_shubik, banzhaf
        Indices by voter, adding up to one.
    banzhaf_absolute
        Probability by voter of deciding when every other vote is a toss of a coin.
    veto
        Voters without whom nothing is adopted.
    minimal_winning, minimal_blocking
        Coalitions that carry a decision, and that stop one, and no longer do once anybody leaves; smallest first.
        None above 25 voters or where there are more than 10,000.
    minimal_winning_count, minimal_blocking_count
        How many there are; None above 25 voters.
    """

    rule: str
    quota: tuple[Fraction, ...]
    voters: tuple[str, ...]
    winning: int
    swings: Mapping[str, int]
    shapley_shubik: Mapping[str, Fraction]
    banzhaf: Mapping[str, Fraction]
    banzhaf_absolute: Mapping[str, Fraction]
    veto: tuple[str, ...]
    minimal_winning: tuple[tuple[str, ...], ...] | None
    minimal_blocking: tuple[tuple[str, ...], ...] | None
    minimal_winning_count: int | None
    minimal_blocking_count: int | None

    @property
    def coalitions(self) -> int:
        """How many coalitions there are, the empty one included."""
        return int(2 ** len(self.voters))

    def to_frame(self) -> "pl.DataFrame":
        """One row a voter: both indices, the probability of deciding, veto."""
        import polars as pl  # noqa: PLC0415 -- heavy

        return pl.DataFrame(
            [
                {
                    "voter": voter,
                    "shapley_shubik": float(self.shapley_shubik[voter]),
                    "banzhaf": float(self.banzhaf[voter]),
                    "banzhaf_absolute": float(self.banzhaf_absolute[voter]),
                    "veto": voter in self.veto,
                }
                for voter in self.voters
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: indices as numbers, and once more as exact fractions in text."""
        indices = ("shapley_shubik", "banzhaf", "banzhaf_absolute")
        return {
            "quota": [str(quota) for quota in self.quota],
            "winning_coalitions": self.winning,
            "coalitions": self.coalitions,
            **{name: {voter: float(value) for voter, value in getattr(self, name).items()} for name in indices},
            "exact": {name: {voter: str(value) for voter, value in getattr(self, name).items()} for name in indices},
            "swings": dict(self.swings),
            "veto": list(self.veto),
            "minimal_winning": _lists(self.minimal_winning),
            "minimal_winning_count": self.minimal_winning_count,
            "minimal_blocking": _lists(self.minimal_blocking),
            "minimal_blocking_count": self.minimal_blocking_count,
        }


def power(rule: Rule) -> Power:
    """Compute what each vote is worth.

    Parameters
    ----------
    rule
        How the body decides; of one reading. Up to 25 voters every coalition is looked at; beyond, generating
        functions count them.

    Raises
    ------
    DostastyqError
        ``VT008`` where sources disagree on a quota: ask each of ``rule.readings()``. ``VT009`` where the weights are
        too fine to be counted exactly.

    Notes
    -----
    Shapley, L. S. and Shubik, M. (1954), "A Method for Evaluating the Distribution of Power in a Committee System",
    American Political Science Review 48(3). Banzhaf, J. F. (1965), "Weighted Voting Doesn't Work: A Mathematical
    Analysis", Rutgers Law Review 19. Penrose, L. S. (1946), "The Elementary Statistics of Majority Voting", Journal of
    the Royal Statistical Society 109(1).

    Examples
    --------
    >>> from dostastyq.voting import weighted_majority
    >>> commission = power(weighted_majority("commission", {"RUS": 57, "BLR": "21.5", "KAZ": "21.5"}, "2/3"))
    >>> commission.winning, commission.veto, str(commission.shapley_shubik["RUS"])
    (3, ('RUS',), '2/3')
    """
    from dostastyq.voting import game, generating  # noqa: PLC0415 -- numpy waits until something is counted

    if len(rule.readings()) > 1:
        quotas = " or ".join(str(quota) for majority in rule.majorities for quota in majority.quota)
        raise DostastyqError(
            "VT008", f"{rule.code}: sources disagree on the quota, {quotas}", "ask each of its readings()"
        )
    tests, size = game.tests_of(rule), len(rule.voters)
    enumerated = size <= game.ENUMERATED
    won = game.wins(tests) if enumerated else None
    winning, containing = generating.count(tests) if won is None else game.count(won, size)
    swings = [_swings(winning, counts) for counts in containing]
    totals = [sum(each) for each in swings]
    orders = [factorial(s - 1) * factorial(size - s) for s in range(1, size + 1)]
    lists = [(None, None)] * 2 if won is None else [_listed(rule, won), _listed(rule, game.blocks(won))]

    def by_voter(values: Sequence[Fraction]) -> Mapping[str, Fraction]:
        return MappingProxyType(dict(zip(rule.voters, values, strict=True)))

    return Power(
        rule=rule.code,
        quota=tuple(majority.quota[0] for majority in rule.majorities),
        voters=rule.voters,
        winning=sum(winning),
        swings=MappingProxyType(dict(zip(rule.voters, totals, strict=True))),
        shapley_shubik=by_voter(
            [Fraction(sum(a * b for a, b in zip(each, orders, strict=True)), factorial(size)) for each in swings]
        ),
        banzhaf=by_voter([Fraction(total, sum(totals)) for total in totals]),
        banzhaf_absolute=by_voter([Fraction(total, 2 ** (size - 1)) for total in totals]),
        veto=tuple(
            voter
            for place, voter in enumerate(rule.voters)
            if any(sum(test.weights) - test.weights[place] < test.quota for test in tests)
        ),
        minimal_winning=lists[0][0],
        minimal_blocking=lists[1][0],
        minimal_winning_count=lists[0][1],
        minimal_blocking_count=lists[1][1],
    )


def _swings(winning: list[int], containing: list[int]) -> list[int]:
    """Swings of a voter by the size of the coalition with it, from one."""
    return [containing[s] - (winning[s - 1] - containing[s - 1]) for s in range(1, len(winning))]


def _listed(rule: Rule, won: "Wins") -> tuple[tuple[tuple[str, ...], ...] | None, int]:
    """Name the minimal coalitions, as far as they are not too many, and count them."""
    from dostastyq.voting.game import minimal  # noqa: PLC0415

    numbers = minimal(won, len(rule.voters))
    if len(numbers) > LISTED:
        return None, len(numbers)
    named = tuple(
        tuple(voter for place, voter in enumerate(rule.voters) if number >> place & 1) for number in numbers.tolist()
    )
    return named, len(numbers)


def _lists(coalitions: tuple[tuple[str, ...], ...] | None) -> list[list[str]] | None:
    return None if coalitions is None else [list(each) for each in coalitions]
