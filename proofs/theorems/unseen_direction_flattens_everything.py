"""If the data lie on a line of the plane, nothing is isolated: every set has one flat dimension more per unit.

Setting  Points (1, 0), (0, 1) and their midpoint (1/2, 1/2), labels 0, 0, 1 (docs/data/midpoint.csv), sum of squared
         errors. This is the hill (labels 0, 1, 0 at -1, 0, 1) laid across the plane.
Idea     All points have x1 + x2 = 1, so adding t to both weights and -t to the bias changes no output.
Scope    Same kinds and losses as on the hill. No minimum is strict, and a start's position along t is kept for ever:
         the gradient has no part in that direction.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "midpoint.csv")
GLOBAL, LOCAL, SADDLE = "global minimum", "local minimum", "saddle"
SETS = {
    "relu1": [(1, GLOBAL, "2/3", 0), (1, LOCAL, 1, 2), (1, SADDLE, 1, 0)],
    "abs1": [(2, GLOBAL, "2/3", 0), (1, SADDLE, 1, 0)],
    "relu2": [(1, GLOBAL, "2/3", 2), (1, LOCAL, 1, 4), (1, SADDLE, 1, 2)],
    "abs2": [(1, GLOBAL, "2/3", 2), (1, SADDLE, 1, 0)],
}
"""On the hill: number, kind, loss and dimension."""


def lifted(model: str, more: int) -> Statement:
    """State that the sets are those of the hill with so many dimensions more per unit, and no others."""
    land, sets = on(model, DATA), SETS[model]
    dimensions = [(n, k, c, d + more * land.units) for n, k, c, d in sets]
    counts = [
        number_of_sets(land, [("kind", "=", k), ("loss", "=", c), ("dimension", "=", d)], "=", n)
        for n, k, c, d in dimensions
    ]
    return AllAboutSets([*counts, number_of_sets(land, [], "=", sum(n for n, *_ in sets))])


def theorem() -> Statement:
    """Return the statement."""
    flat = [every_set(on(m, DATA), [], [("isolated", "=", False), ("strict", "=", False)]) for m in SETS]
    return AllAboutSets([*(lifted(model, 1) for model in SETS), *flat])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "as on the line": lifted("abs1", 0),
        "two dimensions more": lifted("relu2", 2),
        "strict minima": every_set(on("abs1", DATA), [("kind", "=", GLOBAL)], [("strict", "=", True)]),
        "the midpoint is found": every_set(on("abs2", DATA), [("kind", "=", GLOBAL)], [("right", "=", 3)]),
    }
