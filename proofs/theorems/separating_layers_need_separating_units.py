"""A layer that is on at some point but not at all has a unit that separates; such units need not make such a layer.

Setting  A unit separates X if it is positive at one point and not at another. A layer does, as printed, if some point
         makes all units positive and another does not. Two units at two points; z[i][j] of point i at unit j.
Idea     Of the units that are off at the second point each is on at the first, so it separates. Conversely (1, -1) and
         (-1, 1): both units separate, and no point makes both positive.
Scope    Any numbers of points and units, as the argument looks at two points and one unit. A layer may separate with an
         affine unit, and with a dead example.
"""

from stability.audit.layer_statements import affine_unit, dead_example, separations
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement

NAMES = "a b c d"
Z = (("a", "b"), ("c", "d"))
"""Point 0 has the pre-activations a and b, point 1 has c and d."""
APART = {"a": 1, "b": -1, "c": -1, "d": 1}
ON_FIRST = ["a > 0", "b > 0"]


def some_unit() -> ForAll:
    """State that a layer on at point 0, and off in unit 0 or 1 at point 1, has a unit that separates."""
    return ForAll(NAMES, ON_FIRST, [*separations(Z, 0), *separations(Z, 1), ["c > 0", "d > 0"]], splits=["c", "d"])


def with_separating_units(*more: str) -> Exists:
    """State that units may both separate, with more relations."""
    first, second = separations(Z, 0)[0], separations(Z, 1)[1]
    return Exists(NAMES, [*first, *second, *more], try_at=[APART])


def layer_with(*more: str) -> Exists:
    """State that a layer may separate, with more relations."""
    return Exists(NAMES, [*ON_FIRST, "c <= 0", *more], try_at=[{**dict.fromkeys("abd", 1), "c": -1}])


def theorem() -> Statement:
    """Return the statement."""
    return AllOf(
        [
            some_unit(),
            with_separating_units("b <= 0", "c <= 0"),
            layer_with(*affine_unit(Z, 1)),
            layer_with(*dead_example(Z, 1)),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the first unit separates": ForAll(NAMES, ON_FIRST, [*separations(Z, 0), ["c > 0", "d > 0"]]),
        "no layer separates with a dead example": Not(layer_with(*dead_example(Z, 1))),
        "separating units see a common point": Not(with_separating_units("b <= 0", "c <= 0")),
    }
