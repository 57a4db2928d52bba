"""Wherever two ReLU units fit XOR, exactly half of the data is dead.

Setting  f(x) = relu(w . x + b) + relu(w' . x + b'), any parameters.
Idea     A sum of ReLU outputs is 0 only if each is off, and 1 only if one is on.
Scope    The alarm "some example activates no unit" is on at every solution; it is no sign of failure.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P = "u v b x y t", "[u, v, b, x, y, t]"
SOLUTION = [dict(zip(NAMES.split(), ("1/2", "-1/2", 0, "-1/2", "1/2", 0), strict=True))]
RELU2 = landscapes(relu2="relu2")


def fitted(example: int, label: int, *then: list[str]) -> Statement:
    """State what holds wherever one example is fitted."""
    return ForAll(NAMES, [f"relu2.out({P}, {example}) == {label}"], list(then), RELU2, SOLUTION, samples=0)


def theorem() -> Statement:
    """Return the statement."""
    live = [fitted(i, 1, [f"relu2.pre({P}, 0, {i}) > 0"], [f"relu2.pre({P}, 1, {i}) > 0"]) for i in (0, 1)]
    dead = [fitted(i, 0, [f"relu2.pre({P}, 0, {i}) <= 0", f"relu2.pre({P}, 1, {i}) <= 0"]) for i in (2, 3)]
    return AllOf([*live, *dead])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    both = fitted(0, 1, [f"relu2.pre({P}, 0, 0) > 0", f"relu2.pre({P}, 1, 0) > 0"])
    return {"class-0 points live": fitted(2, 0, [f"relu2.pre({P}, 0, 2) > 0"]), "both units on": both}
