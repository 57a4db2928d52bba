"""At the stationary points of two units on XOR the loss is 0, 1, 4/3 or 2; a second unit adds no level to abs1's.

Setting  abs2 and relu2 on the corners (+-1, +-1), sum of squared errors; all six parameters, kinks included.
Idea     The errors at rest depend only on which points each unit is on for. With two units the ReLU gains the fit;
         otherwise both repeat what one unit can do, with its weight shared or with an idle partner.
Scope    Exact and complete. Minima at 0 and 1, for the ReLU also at 2, where both units are dead; never at 4/3.
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
            levels("abs2", [0, 1, "4/3", 2]),
            levels("abs2", [0, 1], [MINIMA]),
            levels("relu2", [0, 1, "4/3", 2]),
            levels("relu2", [0, 1, 2], [MINIMA]),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "two units always fit": levels("relu2", [0], [MINIMA]),
        "abs2 has no trap": levels("abs2", [0], [MINIMA]),
        "abs2 can die": levels("abs2", [0, 1, 2], [MINIMA]),
        "no kink levels": levels("relu2", [0, 1, 2]),
        "a level between": levels("relu2", [0, "1/2", 1, "4/3", 2]),
    }
