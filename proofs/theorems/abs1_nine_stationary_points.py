"""One absolute-value unit on XOR has nine stationary points; two of its four minima are traps.

Setting  y = |w1 x1 + w2 x2 + b| on the corners (+-1, +-1), sum of squared errors.
Idea     In each cell the loss is one bowl 4 |p - p_cell|^2 + const, and few bottoms lie in their own cell; at
         kinks the forces of the two sides must balance.
Scope    All of parameter space, kinks included, slopes at kinks free; says nothing about basins.
"""

from stability.audit.landscape_statements import local_minimum_at, on, stationary_points_are
from stability.geometry.stationary.senses import strict_local_minimum
from stability.logic.statements import AllOf, Not, Statement

ABS1 = on("abs1")
MINIMA = [("1/2", "-1/2", "0"), ("-1/2", "1/2", "0"), ("0", "0", "1/2"), ("0", "0", "-1/2")]
SADDLES = [
    ("0", "0", "0"),
    *((u, v, b) for u, v in (("1/6", "-1/6"), ("-1/6", "1/6")) for b in ("1/3", "-1/3")),
]


def listed(points: list[tuple[str, str, str]]) -> Statement:
    """State that these are all stationary points."""
    return stationary_points_are(ABS1, [[f"w1 == {u}", f"w2 == {v}", f"b == {b}"] for u, v, b in points])


def theorem() -> Statement:
    """Return the statement."""
    minima = [strict_local_minimum(ABS1, [p]) for p in MINIMA]
    return AllOf([listed(MINIMA + SADDLES), *minima, *(Not(local_minimum_at(ABS1, [p])) for p in SADDLES)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "no traps": listed(MINIMA[:2] + SADDLES),
        "no kink saddles": listed(MINIMA),
        "saddle is a minimum": strict_local_minimum(ABS1, [SADDLES[1]]),
    }
