"""The landscapes, points and formulas with which several sections of "Two ReLU Units Summed for XOR Classification" state their claims."""

from collections.abc import Sequence
from math import comb
from typing import Any

from stability import AllOf, Dataset, ForAll, landscape
from stability.audit.vocabulary import landscapes, local_minimum_at, number_fact, on, pre

ABS1, RELU1, RELU2, RELU3 = (on(model) for model in ("abs1", "relu1", "relu2", "relu3"))

ONE, TWO = landscapes(relu1=RELU1), landscapes(relu2=RELU2)

TRAP, BEST = ("kind", "=", "local minimum"), ("kind", "=", "global minimum")
"""What a stationary set may be: local minima above the least loss, or minima of the least loss."""

SOLVES = ("loss", "=", 0)

DEAD_X1 = (("-1/4", "1/4", 0), ("-1/4", "1/4", 0))
"""A trap: both units see x2 only and fit it together; x1 is dead, loss 1."""

SEEN_X1 = (("-1/16", "1/16", "1/4"), ("1/16", "-1/16", "1/4"))
"""Another: every unit sees every point, and the output is 1/2 everywhere; loss 1."""

ANY_ANGLE = (("1/8", 0, "1/4"), ("-1/8", 0, "1/4"))
"""The same plateau with weights at 45 degrees from the line w2 = -w1."""

TRAPPED = (("1/2", "-1/2", 0), ("-1/2", "1/2", "-3/2"))
"""One unit fits x1, the other is dead on all of the data; loss 1."""

SYMMETRIC = (("1/2", "-1/2", 0), ("-1/2", "1/2", 0))
"""The solution whose units are mirror images of each other."""


def flat(point: Sequence[Sequence[object]]) -> str:
    """Return a point as the list of a formula."""
    return f"[{', '.join(str(x) for row in point for x in row)}]"


def sides(point: Sequence[Sequence[object]], relation: str, examples: Sequence[int]) -> ForAll:
    """State on which side of both boundaries of relu2 these examples lie."""
    facts = [f"relu2.pre({flat(point)}, {j}, {i}) {relation} 0" for j in (0, 1) for i in examples]
    return number_fact(*facts, relu2=RELU2)


def all_seen(point: Sequence[Sequence[object]]) -> ForAll:
    """State that both units of relu2 see all points."""
    return sides(point, ">", range(4))


def stuck(point: Sequence[Sequence[object]]) -> AllOf:
    """State that a point is a local minimum of relu2 with loss 1."""
    return AllOf([local_minimum_at(RELU2, point), number_fact(f"relu2.loss({flat(point)}) == 1", relu2=RELU2)])


def angular_derivatives(x: str, y: str, bias: str) -> tuple[str, str, str, str]:
    """Return slope and curvature of relu1 when w = (x, y) turns: both slopes (left, right), then both curvatures."""
    at, left, right = f"[{x}, {y}, {bias}]", f"[-({y}), {x}, 0]", f"[{y}, -({x}), 0]"
    inward = f"[-({x}), -({y}), 0]"
    slopes = f"relu1.d1({at}, {left})", f"relu1.d1({at}, {right})"
    return *slopes, f"relu1.d2({at}, {left}, {inward})", f"relu1.d2({at}, {right}, {inward})"


def each(formulas: Sequence[str], relation: str) -> list[str]:
    """Return the relation for each of the formulas."""
    return [f"{formula} {relation}" for formula in formulas]


def margin(point: str, least: str) -> list[str]:
    """Return that the first unit sees x1 and x3, and the second x2 and x4, by more than `least`."""
    return [f"relu2.pre({point}, {j}, {i}) > {least}" for j, i in ((0, 0), (1, 1), (0, 2), (1, 3))]


EQ, OPT = "[-c, c, b]", "[c, c, b]"

EQ_TURN = "[-c, -c, 0]"
"""The quarter turn of w = c(-1, 1): the velocity of w when the angle grows."""

EQ_SLOPES, EQ_BENDS = angular_derivatives("-c", "c", "b")[:2], angular_derivatives("-c", "c", "b")[2:]

NEAR = angular_derivatives("-p", "q", "0")
"""Slopes and curvatures at w = (-p, q), b = 0: with p, q > 0 the quadrant around 3 pi/4."""

KINKS = ["b", "b - 2*c", "b + 2*c"]

SIX = "p1 p2 b1 q1 q2 b2"

SIX_AT = "[p1, p2, b1, q1, q2, b2]"

ZERO_BIAS = "[p1, p2, 0, q1, q2, 0]"

ALIGNED_0 = "[-p, p, 0, -q, q, 0]"

DIRECTION = "d0 d1 d2 d3 d4 d5"

ALONG = f"[{', '.join(DIRECTION.split())}]"

AXES = [f"[{', '.join(str(int(i == n)) for i in range(6))}]" for n in range(6)]

SOLVED = [
    *(f"relu2.pre({SIX_AT}, {j}, {i}) <= 0" for j, i in ((0, 2), (1, 2), (0, 3), (1, 3), (1, 0), (0, 1))),
    *(f"relu2.pre({SIX_AT}, {j}, {j}) == 1" for j in (0, 1)),
]
"""Up to the order of the units, relu2 fits all labels: unit 0 gives 1 at x1, unit 1 gives 1 at x2, all else is 0."""

SOLVED_AT = [dict(zip(SIX.split(), ("1/2", "-1/2", 0, "-1/2", "1/2", 0), strict=True))]

SILENT_AT = [dict.fromkeys(SIX.split(), 0)]


def tug(point: str, along: str, example: int, label: int) -> str:
    """Return what an example that is seen adds to the slope of relu1 along a direction."""
    return f"2*(relu1.out({point}, {example}) - {label})*relu1.pre({along}, 0, {example})"


def assumed(point: str) -> list[str]:
    """Return what 2.3.2 A assumes at a point: x1 and x2 strictly on, x3 and x4 strictly off."""
    return each(pre("relu1", point)[:2], "> 0") + each(pre("relu1", point)[2:], "< 0")


def restoring() -> ForAll:
    """State that at zero bias dL/dtheta = -2 (w1 + w2) in the whole open quadrant around 3 pi/4."""
    return ForAll("p q", ["p > 0", "q > 0"], [f"{NEAR[0]} == -2*(-p + q)", f"{NEAR[1]} == 2*(-p + q)"], ONE)


def solutions() -> AllOf:
    """State what every solution of relu2 looks like.

    Outputs are sums of non-negative parts, so output 0 at x3 and x4 means that both units are off there. Such a unit
    cannot see both class-1 points; so, up to their order, one unit fits x1 and the other x2.
    """
    straddle = ["p1*p2 < 0", "q1*q2 < 0", "p1 - p2 == 1 - b1", "b1 <= p1 + p2 <= -b1", "b2 <= q1 + q2 <= -b2"]
    see = pre("relu1", "[u, v, b]")
    return AllOf(
        [
            ForAll("u v b", each(see[2:], "<= 0"), [[f"{see[0]} <= 0"], [f"{see[1]} <= 0"]], ONE, splits=see[:2]),
            ForAll(SIX, SOLVED, [*straddle, "q2 - q1 == 1 - b2"], TWO, SOLVED_AT, samples=0),
        ]
    )


def drawn(to: Sequence[Sequence[object]], where: Sequence[Sequence[str]], bottom: int, nearer: int) -> AllOf:
    """State that gradient flow from everywhere near a point stays near it and brings the loss to a level.

    With the signs `where` of the pre-activations at x1 and x2, one pair per unit, the slope towards the point is -2
    (loss - bottom), so the distance to it falls; and no start whose squared distance is below 1/nearer has other signs.
    """
    way = [f"{x} - ({name})" for x, name in zip((x for row in to for x in row), SIX.split(), strict=True)]
    given = [f"relu2.pre({SIX_AT}, {j}, {i}) {where[j][i]} 0" for j in (0, 1) for i in (0, 1)]
    slope = f"relu2.d1({SIX_AT}, [{', '.join(way)}]) == -2*(relu2.loss({SIX_AT}) - {bottom})"
    here = dict(zip(SIX.split(), (x for row in to for x in row), strict=True))
    parts = [ForAll(SIX, given, [slope], TWO, [here], samples=0)]
    for (u, v, b), signs in zip(to, where, strict=True):
        moved = pre("relu1", f"[{u} + x, {v} + y, {b} + z]")[:2]
        turned = ("x + y", "x - z", "y + z", "x + z", "y - z", *moved)
        same = [f"{z} {sign} 0" for z, sign in zip(moved, signs, strict=True)]
        rest = [dict.fromkeys("xyz", 0)]
        parts.append(ForAll("x y z", [f"{nearer}*(x**2 + y**2 + z**2) < 1"], same, ONE, rest, squares=turned))
    return AllOf(parts)


def trapped_nearby() -> AllOf:
    """State that every start within 1/sqrt 12 of DEAD_X1 flows to a trap of loss 1, x2 being fitted and x1 dead."""
    return drawn(DEAD_X1, ("<>", "<>"), bottom=1, nearer=12)


def alone(example: int) -> dict[str, Any]:
    """Return the landscape of relu2 on one example of XOR; the loss and its gradient are sums of such parts."""
    x, y = RELU2.data.points[example], RELU2.data.labels[example]
    return landscapes(**{f"alone{example}": landscape(RELU2.network, Dataset("one example", (x,), (y,)))})


def fisher(before: int, n: int, after: int, m: int) -> str:
    """Return the chance that of before + after failures among n + m runs at most `after` fall on the last m."""
    every = before + after
    ways = sum(comb(m, k) * comb(n, every - k) for k in range(after + 1))
    return f"{ways}/{comb(n + m, every)}"
