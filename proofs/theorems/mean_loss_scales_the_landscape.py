"""On XOR the mean of squared errors has the same stationary sets as their sum, at a quarter of the loss.

Setting  abs1, relu1, abs2, relu2 on the corners (+-1, +-1); four examples, so mean = sum / 4.
Idea     A positive factor moves no stationary point and changes no sign, so kinds and dimensions stay. Gradients and
         eigenvalues of the Hessian become a quarter, and every limit on the step size of descent four times as large.
Scope    Exact. Methods that rescale gradients, such as Adam, feel no such factor; a weight decay feels it.
"""

from fractions import Fraction

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import AllAboutSets, number_of_sets
from stability.logic.statements import Statement

GLOBAL, LOCAL, SADDLE, MAXIMUM = "global minimum", "local minimum", "saddle", "local maximum"
ABS1 = [(2, GLOBAL, 0, 0), (2, LOCAL, 1, 0), (4, SADDLE, "4/3", 0), (1, SADDLE, 2, 0)]
RELU1 = [
    *((1, GLOBAL, 1, 0), (2, GLOBAL, 1, 2), (2, SADDLE, "4/3", 0)),
    *((1, LOCAL, 2, 3), (1, SADDLE, 2, 1), (2, MAXIMUM, 2, 2)),
]
ABS2 = [(1, GLOBAL, 0, 1), (4, LOCAL, 1, 3), (1, SADDLE, 1, 2), (2, SADDLE, "4/3", 2), (1, SADDLE, 2, 0)]
RELU2 = [
    *((2, GLOBAL, 0, 4), (3, LOCAL, 1, 3), (2, LOCAL, 1, 5), (1, SADDLE, 1, 2), (4, SADDLE, 1, 4)),
    *((2, SADDLE, "4/3", 3), (1, LOCAL, 2, 6), (1, SADDLE, 2, 4), (1, MAXIMUM, 2, 5)),
]
Sets = list[tuple[int, str, int | str, int]]


def listed(model: str, loss: str, sets: Sets, factor: str = "1") -> Statement:
    """State how many sets there are of each kind, loss (times the factor) and dimension, and no others."""
    land = on(model, loss=loss)
    classes = [(n, [("kind", "=", k), ("dimension", "=", d)], Fraction(c) * Fraction(factor)) for n, k, c, d in sets]
    counts = [number_of_sets(land, [*conditions, ("loss", "=", c)], "=", n) for n, conditions, c in classes]
    return AllAboutSets([*counts, number_of_sets(land, [], "=", sum(n for n, *_ in sets))])


def theorem() -> Statement:
    """Return the statement."""
    models = {"abs1": ABS1, "relu1": RELU1, "abs2": ABS2, "relu2": RELU2}
    return AllAboutSets([listed(m, *how) for m, s in models.items() for how in (("sum", s), ("mean", s, "1/4"))])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the same losses": listed("abs1", "mean", ABS1),
        "half the losses": listed("relu1", "mean", RELU1, "1/2"),
        "the sum at a quarter": listed("relu2", "sum", RELU2, "1/4"),
        "the saddles go": listed("abs1", "mean", ABS1[:2], "1/4"),
    }
