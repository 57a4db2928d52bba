"""Layers without any slack can pass on a gradient times any number: zero slack stops neither vanishing nor exploding.

Setting  A layer of two units, (e, e - 2) and (e - 2, e), both with bias 1 - e, at the points (1, 0) and (0, 1). It may
         be repeated as often as one likes, as it maps these two points to themselves.
Idea     At (1, 0) its pre-activations are 1 and -1, at (0, 1) the reverse: no slack for units, points or the layer, no
         dead or affine unit, no dead example. Yet (1 + t, 0) becomes (1 + e t, 0): a change is passed on e times.
Scope    D such layers pass on e^D: nothing for e = 0, any explosion for large e; pre-activations are always 1 and -1.
         Weights of a norm below 1 would exclude explosions; but slack 0 at points no further apart than d needs 2/d.
"""

from stability.audit.layer_statements import images, layer, relu, reluing, without_slack
from stability.logic.statements import AllOf, Exists, ForAll, Statement

UNITS = ((("e", "e - 2"), "1 - e"), (("e - 2", "e"), "1 - e"))
POINTS = (("1", "0"), ("0", "1"))
NEAR = ["t**2 < 1/16", "(e*t)**2 < 1/16", "-2 <= 4*(e - 2)*t", "4*(e - 2)*t <= 2"]
"""Changes so small that no unit goes on or off."""


def fulfilled(kind: str) -> ForAll:
    """State that the layer has no slack and maps both points to themselves."""
    z = layer(UNITS, POINTS)
    same = [
        f"{h} == {x}" for row, point in zip(images(z), POINTS, strict=True) for h, x in zip(row, point, strict=True)
    ]
    return ForAll("e", [], [*without_slack(kind, z), *same], reluing())


def passes(factor: str) -> ForAll:
    """State that a small change t of the first output becomes so many times t behind the layer, and nothing else."""
    [[on, off]] = images(layer(UNITS, [("1 + t", "0")]))
    return ForAll("e t", NEAR, [f"{on} == 1 + ({factor})*t", f"{off} == 0"], reluing(), [{"e": 0, "t": 0}])


def width(norm: str) -> ForAll:
    """State that a unit w with 1 at x and -1 at y has |w|^2 |x - y|^2 at least so large."""
    given = ["u*x + v*y + b >= 1", "u*p + v*q + b <= -1"]
    length = "(u**2 + v**2)*((x - p)**2 + (y - q)**2)"
    at = dict(zip(["u", "v", "b", "x", "y", "p", "q"], (1, 0, 0, 1, 0, -1, 0), strict=True))
    return ForAll(
        "u v b x y p q", given, [f"{length} >= {norm}"], try_at=[at], squares=["u*(y - q) - v*(x - p)"], samples=0
    )


def theorem() -> Statement:
    """Return the statement."""
    grows = Exists("e t", [*NEAR, "t != 0", f"{relu('1 + e*t')} - 1 == 100*t"], reluing(), [{"e": 100, "t": "1/4000"}])
    return AllOf([*map(fulfilled, ("sep-u", "sep-p", "sep-l")), passes("e"), grows, width("4")])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "changes pass unchanged": passes("1"),
        "each layer doubles the change": passes("2*e"),
        "half as wide again": width("9"),
    }
