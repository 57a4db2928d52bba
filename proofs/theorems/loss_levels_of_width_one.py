"""At the stationary points of one unit on XOR the loss has four values at most, and at minima only two.

Setting  abs1 and relu1 on the corners (+-1, +-1), sum of squared errors; all of parameter space, kinks included.
Idea     On a stationary face the fit is a projection of the labels, so there are finitely many levels: 0 (fitted),
         1 (the constant 1/2, or one of two class-1 points), 4/3 (a class-1 point held on the kink), 2 (nothing).
Scope    Exact and complete: a run that seems to stop at any other loss is still on its way.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

Level = int | str


def levels(model: str, values: Sequence[Level], given: Sequence[tuple[str, str, list[str]]] = ()) -> Statement:
    """State that the loss takes these values, each of them, and no others."""
    within = every_set(on(model), list(given), [("loss", "in", list(values))])
    return AllAboutSets([within, *(number_of_sets(on(model), [*given, ("loss", "=", v)], ">", 0) for v in values)])


def theorem() -> Statement:
    """Return the statement."""
    return AllAboutSets(
        [
            levels("abs1", [0, 1, "4/3", 2]),
            levels("abs1", [0, 1], [MINIMA]),
            levels("relu1", [1, "4/3", 2]),
            levels("relu1", [1, 2], [MINIMA]),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "relu1 fits": levels("relu1", [0, 1, "4/3", 2]),
        "smooth levels only": levels("abs1", [0, 1, 2]),
        "abs1 has no trap": levels("abs1", [0], [MINIMA]),
        "relu1 has no dead trap": levels("relu1", [1], [MINIMA]),
        "a minimum at 4/3": levels("relu1", [1, "4/3", 2], [MINIMA]),
    }
