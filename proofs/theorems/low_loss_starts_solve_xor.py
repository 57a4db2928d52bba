"""Two ReLU units solve XOR by gradient flow from every start with zero biases and a mean loss below 1/4.

Setting  Mean of squared errors on the corners (+-1, +-1), two units; 1/4 is the loss of the lowest traps.
Idea     A class-1 point that no unit sees has output 0 and a squared error of 1, a quarter of which is in the mean.
         Below 1/4 both are live; from zero biases each unit then sees one of them, and outputs at class 0 are below 1.
         From there gradient flow ends at a solution: live_points_train_two_relus.
Scope    The first part holds for all biases, and the loss never grows: along such a flow no class-1 point dies. From
         1/4 on there are starts with a dead example, so no higher threshold does. Stated for x1, and up to the order of
         the units. Large steps, and Adam, need not follow the flow.
"""

from collections.abc import Sequence
from typing import Any

from stability import landscape
from stability.audit.landscape_statements import landscapes, on
from stability.audit.theorems import theorem_statement
from stability.logic.statements import AllOf, ForAll, Statement
from stability.model.datasets import Dataset

NAMES, P = "u v b s t c", "[u, v, b, s, t, c]"
ZERO, Q = "u v s t", "[u, v, 0, s, t, 0]"
MEAN = landscapes(mean_relu2=on("relu2", loss="mean"))
ERRORS = [f"mean_relu2.out({Q}, {i}) - {y}" for i, y in enumerate((1, 1, 0, 0))]
SOLUTION, TRAP = ("1/2", "-1/2", "-1/2", "1/2"), ("-1/4", "1/4", "-1/4", "1/4")
ALONE = ("-1/4", "1/4", "0", "-1/4", "1/4", "0")
LEVEL_UNIT = ("0", "0", "1/10", "9/20", "-9/20", "0")


def claim(
    names: str,
    given: Sequence[str],
    goals: Sequence[Sequence[str]],
    at: Sequence[str],
    place: dict[str, Any],
    squares: Sequence[str] = (),
) -> ForAll:
    """State that one of the alternatives holds at all points with the givens, of which an example is given."""
    example = dict(zip(names.split(), at, strict=True))
    return ForAll(names, given, goals, place, [example], squares=squares, samples=0)


def dead(example: int, cost: str, at: Sequence[str] = ALONE) -> ForAll:
    """State what an example that no unit sees costs: its own squared error."""
    place = on("relu2")
    one = Dataset("one example", place.data.points[example : example + 1], place.data.labels[example : example + 1])
    off = [f"alone.pre({P}, {j}, 0) <= 0" for j in (0, 1)]
    return claim(NAMES, off, [[f"alone.loss({P}) {cost}"]], at, landscapes(alone=landscape(place.network, one)))


def below(level: str, at: Sequence[str] = SOLUTION) -> ForAll:
    """State that with zero biases below this loss each unit sees a class-1 point of its own."""
    own = [["u > v", "s < t"], ["u < v", "s > t"]]
    return claim(ZERO, [f"mean_relu2.loss({Q}) < {level}"], own, at, MEAN, ERRORS)


def theorem() -> Statement:
    """Return the statement."""
    low = [f"mean_relu2.out({Q}, {i}) < 1" for i in (2, 3)]
    class_zero = claim(ZERO, [f"mean_relu2.loss({Q}) < 1/4"], [low], SOLUTION, MEAN, ERRORS)
    return AllOf([dead(0, ">= 1"), below("1/4"), class_zero, theorem_statement("live_points_train_two_relus")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    apart = [[f"mean_relu2.pre({P}, 0, 0)*mean_relu2.pre({P}, 0, 1) < 0"]]
    return {
        "dead examples of class 0 cost as much": dead(2, ">= 1"),
        "a dead example costs more": dead(0, "> 1"),
        "below the quartile 0.325": below("325/1000", at=TRAP),
        "for all biases": claim(NAMES, [f"mean_relu2.loss({P}) < 1/4"], apart, LEVEL_UNIT, MEAN),
    }
