"""Power indices: enumeration and generating functions against plain Python by the definition, and against the limit.

CPU seconds, best of 3 in one run. Goals: 60 voters in under 1 s; 25 voters by enumeration within seconds.
"""

from collections.abc import Callable
from itertools import combinations
from random import Random
from time import process_time

from dostastyq import voting
from dostastyq.voting import Majority, Rule, game, generating, power


def cpu(call: Callable[[], object], repeat: int = 3) -> float:
    """CPU seconds of `call`, best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        before = process_time()
        call()
        best = min(best, process_time() - before)
    return best


def rule(voters: int, largest: int = 100) -> Rule:
    draw = Random(1994)
    weights = {str(voter): draw.randint(1, largest) for voter in range(voters)}
    return voting.weighted_majority("drawn", weights, "2/3")


def swings(given: Rule) -> dict[str, int]:
    """Swings by their definition, in plain Python."""
    (test,) = game.tests_of(given)
    weights = dict(zip(given.voters, test.weights, strict=True))
    found = dict.fromkeys(given.voters, 0)
    for size in range(1, len(weights) + 1):
        for coalition in combinations(weights, size):
            total = sum(weights[voter] for voter in coalition)
            if total >= test.quota:
                for voter in coalition:
                    found[voter] += total - weights[voter] < test.quota
    return found


def main() -> None:
    small = rule(16)
    assert swings(small) == power(small).swings
    plain, ours = cpu(lambda: swings(small), 1), cpu(lambda: power(small))
    print(f"16 voters: plain Python {plain:.3f} s (swings only), power {ours:.4f} s, ratio {plain / ours:.0f}")
    large = rule(25)
    tests = game.tests_of(large)
    listed, counted = cpu(lambda: power(large)), cpu(lambda: generating.count(tests))
    print(f"25 voters: every coalition looked at {listed:.3f} s, counts by generating functions {counted:.4f} s")
    for voters in (60, 100):
        print(f"{voters} voters, weights to 100: power {cpu(lambda n=voters: power(rule(n))):.3f} s (goal at 60: 1)")
    wide = rule(60, 10_000)
    print(f"60 voters, weights to 10,000: power {cpu(lambda: power(wide), 1):.3f} s")
    people = dict(zip(map(str, range(27)), tests[0].weights * 2, strict=False))
    council = voting.double_majority(
        "council", people, Majority(quota="11/20"), Majority(quota="13/20", weights=people)
    )
    print(f"27 voters, double majority: power {cpu(lambda: power(council)):.4f} s")
    area = {voter: 1 + 7 * weight % 40 for voter, weight in people.items()}
    both = voting.double_majority(
        "two weights", people, Majority(quota="1/2", weights=area), Majority(quota="13/20", weights=people)
    )
    print(f"27 voters, two weighted majorities: power {cpu(lambda: power(both), 1):.3f} s")


if __name__ == "__main__":
    main()
