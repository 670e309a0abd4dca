"""A vote counted by hand: from the frozen rule as plain data to who won, without the engine that sealed the result."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from dostastyq.dates import Truth

PRESENT = frozenset({"for", "against", "abstain", "non_interest"})


def tally(rule: Mapping[str, Any], votes: Mapping[str, str]) -> tuple[Truth, list[str], str]:
    """Give whether it is adopted, whom it binds, and the share that is for it.

    Parameters
    ----------
    rule
        As it was frozen.
    votes
        Word by state.

    Examples
    --------
    >>> rule = {"voters": ["A", "B", "C"], "absence": "absent", "quorum": None, "vetoes": [], "blocking": ["against"],
    ...         "counted": ["for", "against", "abstain", "absent"], "bound": ["for"], "majorities": []}
    >>> tally(rule, {"A": "for", "B": "non_interest"})
    (True, ['A'], '1/2')
    """
    said = {voter: votes.get(voter, rule["absence"]) for voter in rule["voters"]}
    quotas = product(*(majority["quota"] for majority in rule["majorities"]))
    found = {_adopted(rule, said, [Fraction(quota) for quota in each]) for each in quotas}
    adopted = found.pop() if len(found) == 1 else None
    bound = [voter for voter, vote in said.items() if vote in rule["bound"]] if adopted else []
    share = _share(rule["majorities"][0] if rule["majorities"] else {"weights": {}}, rule, said)
    return adopted, bound, "" if share is None else str(share)


def _adopted(rule: Mapping[str, Any], said: Mapping[str, str], quotas: list[Fraction]) -> bool:
    cast = list(said.values())
    if "for" not in cast or any(vote in rule["blocking"] for vote in cast):
        return False
    if any(said[voter] == "against" for voter in rule["vetoes"]):
        return False
    if rule["quorum"] is not None:
        present = sum(vote in PRESENT for vote in cast)
        if present < Fraction(rule["quorum"]) * len(cast):
            return False
    for majority, quota in zip(rule["majorities"], quotas, strict=True):
        share = _share(majority, rule, said)
        if share is None or share < quota or (majority["strict"] and share == quota):
            return False
    return True


def _share(majority: Mapping[str, Any], rule: Mapping[str, Any], said: Mapping[str, str]) -> Fraction | None:
    weights = {voter: Fraction(majority["weights"].get(voter, 1)) for voter in said}
    whole = sum(weights[voter] for voter, vote in said.items() if vote in rule["counted"])
    return Fraction(sum(weights[voter] for voter, vote in said.items() if vote == "for"), whole) if whole else None
