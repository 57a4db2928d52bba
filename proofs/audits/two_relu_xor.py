"""The claims of "Two ReLU Units Summed for XOR Classification", in our words, with what was found.

Words    The document calls the sum of two units relu1. Here relu1 is the single unit that 2.3.2 analyses and relu2
         the sum of two, of which all the rest speaks. The loss is the sum of squared errors; training used the mean,
         a quarter. A trap is a set of local minima with loss above 0; a point is dead where no unit sees it.
Data     x1 = (1, -1), x2 = (-1, 1) with label 1; x3 = (1, 1), x4 = (-1, -1) with label 0; formulas count from 0.
Angles   3 pi/4 is w = c(-1, 1) and pi/4 is w = c(1, 1), with c > 0, so r = c sqrt 2.
Found    The angle called a trap is that of the solutions, and it attracts. The angle called true is the one from which
         runs fail. What the prose describes (both class-1 points seen, equal outputs, cancelling tugs) is the plateau
         on which the network is linear and outputs 1/2 everywhere; it has no preferred orientation.
         Half of all starts from zero biases have a dead class-1 point, whatever the scale of the weights: 2^(1-k) for k
         units. For gradient flow that decides all: with both class-1 points live it solves the task, with one dead it
         ends in a trap, as long as the units are not very long. Large steps can do either, and other biases lead to
         traps without a dead point.
         All published figures are compatible with the measured ones: 53% failures, 3.2% of live starts, 0.9%, 0.13% and
         0.012% with the three margins. But what fails after the liveness test fails by Adam: plain gradient descent
         solves the task from all live starts, without a margin, and so does Adam from short weights. The failures left
         are of the same kind, a class-1 point that is lost on the way, and all start with a unit near pi/4. The margin
         guarantees nothing: not at 3/10, less for longer weights, and with random biases a fifth of the runs fail.
         All solutions form one connected family, up to the order of the units. A third unit leaves traps of the same
         losses; failures become rare with width, more slowly than dead points, and not with the dimension.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import comb, prod
from typing import Any

import numpy as np
from scipy import stats

from stability import landscape
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.experiments import Experiment, GroupCounts, Measured
from stability.audit.hypothesis_tests import LEAST, all_of, probability_of_count, probable
from stability.audit.landscape_statements import (
    global_minimum_at,
    gradient_descent_visits,
    landscapes,
    local_minimum_at,
    number_fact,
    on,
    pre,
)
from stability.audit.measurements import Measurement, Prediction
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.geometry.arrangement.feasibility import active_set
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.logic.statements import AllOf, Exists, ForAll, Not
from stability.model.datasets import Dataset
from stability.model.wilson import wilson
from stability.training.ensembles.ensemble import Ensemble
from stability.training.ensembles.reference_descent import End
from stability.training.ensembles.unit_geometry import dead_points, margins

ABS1, RELU1, RELU2, RELU3 = (on(model) for model in ("abs1", "relu1", "relu2", "relu3"))
LEAKY2 = on("leaky1/100:2")
ONE, TWO = landscapes(relu1=RELU1), landscapes(relu2=RELU2)
BOTH = landscapes(abs1=ABS1, relu2=RELU2)

TRAP, BEST = ("kind", "=", "local minimum"), ("kind", "=", "global minimum")
"""What a stationary set may be: local minima above the least loss, or minima of the least loss."""

SOLVES = ("loss", "=", 0)

DEAD_X1 = (("-1/4", "1/4", 0), ("-1/4", "1/4", 0))
"""A trap: both units see x2 only and fit it together; x1 is dead, loss 1."""

SEEN_X1 = (("-1/16", "1/16", "1/4"), ("1/16", "-1/16", "1/4"))
"""Another: every unit sees every point, and the output is 1/2 everywhere; loss 1."""

ANY_ANGLE = (("1/8", 0, "1/4"), ("-1/8", 0, "1/4"))
"""The same plateau with weights at 45 degrees from the line w2 = -w1."""

CARRIED = (("1/2", "1/8", 0), (-2, -1, 0))
"""A start with zero biases and margin 3/8."""

TRAPPED = (("1/2", "-1/2", 0), ("-1/2", "1/2", "-3/2"))
"""One unit fits x1, the other is dead on all of the data; loss 1."""

SEES_ALONE = ((0, 0, "1/2"), (0, 0, -1))
"""One unit outputs 1/2 everywhere, the other is dead on all of the data; loss 1."""

SYMMETRIC = (("1/2", "-1/2", 0), ("-1/2", "1/2", 0))
"""The solution whose units are mirror images of each other."""

ASYMMETRIC = (("3/2", "-1/2", -1), ("-1/2", "1/2", 0))
"""A solution whose units are not: one stands at an angle of its own."""

LEAKY_ASYMMETRIC = (("-100/99", "100/99", "-100/99"), ("101/198", "-101/198", "1/99"))
"""The same with a slope of 1/100 instead of 0."""

BLIND = (("-7/2", "7/2", 0), ("-1/2", "1/2", 0))
"""A start with zero biases at which x1 is dead, with pre-activations -7 and -1."""

REVIVED = (("-3/2", "3/2", -2), ("3/2", "-3/2", -2))
"""Where one step of size 1/7 (4/7 for the mean) leads from there: a solution."""

UNSEEN = ((1, -1, 0), (-1, 1, 0))
"""A start with zero biases at which x3 and x4 are dead, on all boundaries."""

NARROW = (
    (("101/100", "-99/100", 0), ("-101/100", "99/100", 0)),
    (("67/100", "-199/300", "-17/50"), ("-67/100", "199/300", "-17/50")),
    (("121/180", "-599/900", "-76/225"), ("-121/180", "599/900", "-76/225")),
)
"""A live start with zero biases and margin 1/50, and where two steps of 1/6 lead from there: to a solution."""

FITTED = (("2/3", "-2/3", "-1/3"), ("-2/3", "2/3", "-1/3"))
"""Where one step of size 1/6 leads from there: a solution."""


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


def at_rest(point: Sequence[Sequence[object]]) -> ForAll:
    """State that relu2 has no slope in any direction from a point."""
    return ForAll(DIRECTION, [], [f"relu2.d1({flat(point)}, {ALONG}) == 0"], TWO)


def stuck(point: Sequence[Sequence[object]]) -> AllOf:
    """State that a point is a local minimum of relu2 with loss 1."""
    return AllOf([local_minimum_at(RELU2, point), number_fact(f"relu2.loss({flat(point)}) == 1", relu2=RELU2)])


def turning(x: str, y: str, bias: str) -> tuple[str, str, str, str]:
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


def barely(point: Sequence[Sequence[object]]) -> list[str]:
    """Return that the first unit sees x3, and the second x4, by 1/50 at most."""
    return [f"relu2.pre({flat(point)}, {j}, {i}) <= 1/50" for j, i in ((0, 2), (1, 3))]


EQ, OPT = "[-c, c, b]", "[c, c, b]"
EQ_TURN = "[-c, -c, 0]"
"""The quarter turn of w = c(-1, 1): the velocity of w when the angle grows."""

EQ_SLOPES, EQ_BENDS = turning("-c", "c", "b")[:2], turning("-c", "c", "b")[2:]
OPT_SLOPES, OPT_BENDS = turning("c", "c", "b")[:2], turning("c", "c", "b")[2:]
NEAR = turning("-p", "q", "0")
"""Slopes and curvatures at w = (-p, q), b = 0: with p, q > 0 the quadrant around 3 pi/4."""

KINKS = ["b", "b - 2*c", "b + 2*c"]
SIX = "p1 p2 b1 q1 q2 b2"
SIX_AT = "[p1, p2, b1, q1, q2, b2]"
ZERO_BIAS = "[p1, p2, 0, q1, q2, 0]"
ALIGNED = "[-p, p, b1, -q, q, b2]"
ALIGNED_0 = "[-p, p, 0, -q, q, 0]"
VALLEY = "[-p, p, 0, p - 1/2, 1/2 - p, 0]"
DIRECTION = "d0 d1 d2 d3 d4 d5"
ALONG = f"[{', '.join(DIRECTION.split())}]"

AXES = [f"[{', '.join(str(int(i == n)) for i in range(6))}]" for n in range(6)]
SLOPES = [f"{side}*(2*{name} - 1)" for name, signs in (("a", "2 -2 2"), ("k", "-2 2 2")) for side in signs.split()]
MOVED = [f"{old} - 1/6*({slope})" for old, slope in zip(("a", "-a", "0", "-k", "k", "0"), SLOPES, strict=True)]
"""At w = a(1, -1) and k(-1, 1), zero biases: the axes, the slopes along them, and where a step of 1/6 leads."""

SECOND_WAYS = ("[-c, -c, 0, 0, 0, 0]", "[c, c, 0, 0, 0, 0]")
SECOND = [f"relu2.d2([-c, c, 0, -m, m, 0], {way}, [c, -c, 0, 0, 0, 0])" for way in SECOND_WAYS]
LEVEL = [f"relu2.d1([-c, c, 0, -m, m, 0], {way}) == 0" for way in SECOND_WAYS]
"""Curvatures and slopes when the first of two units turns at 3 pi/4, the second being m(-1, 1)."""

EARLIER = (((-1, 1), 1), ((1, -1), 0), ((-1, -1), 3), ((1, 1), 2))
"""The points as 2.3.1 numbers them, with their places in the data."""

W = "[w1, w2, b]"
BEND = "relu1.d2([w1, w2, b], [-w2, w1, 0], [-w1, -w2, 0])"
WEIGHTED = f"relu1.out({EQ}, 0) - 1 - (relu1.out({EQ}, 1) - 1)"
"""The first component of the sum of (f - 1) x over x1 and x2; the second is its negative."""

SOLVED = [
    *(f"relu2.pre({SIX_AT}, {j}, {i}) <= 0" for j, i in ((0, 2), (1, 2), (0, 3), (1, 3), (1, 0), (0, 1))),
    *(f"relu2.pre({SIX_AT}, {j}, {j}) == 1" for j in (0, 1)),
]
"""Up to the order of the units, relu2 fits all labels: unit 0 gives 1 at x1, unit 1 gives 1 at x2, all else is 0."""

SOLVED_AT = [dict(zip(SIX.split(), ("1/2", "-1/2", 0, "-1/2", "1/2", 0), strict=True))]
SILENT = [f"relu2.out({SIX_AT}, {i}) == 0" for i in range(4)]
SILENT_AT = [dict.fromkeys(SIX.split(), 0)]
SCORE = [f"relu2.out({SIX_AT}, {i}) {side} 1/2" for i, side in enumerate(("<=", "<=", "<", "<"))]
"""With outputs 0 and the threshold 1/2: both class-1 points wrong, both class-0 points right."""

BLIND_AT = dict(zip(SIX.split(), (x for row in BLIND for x in row), strict=True))

PI4_IS_WORSE = ForAll(
    "c b",
    ["c > 0"],
    [f"relu1.loss({OPT}) > 1"],
    ONE,
    squares=["2*b - 1", "3*b - 2", "b - 1", "c"],
    splits=KINKS,
)
"""Every unit at pi/4 has loss above 1."""


def tug(point: str, along: str, example: int, label: int) -> str:
    """Return what an example that is seen adds to the slope of relu1 along a direction."""
    return f"2*(relu1.out({point}, {example}) - {label})*relu1.pre({along}, 0, {example})"


def sees_class_zero() -> ForAll:
    """State that a unit which sees x1 and x2 sees x3 or x4."""
    see = pre("relu1", "[u, v, b]")
    return ForAll("u v b", each(see[:2], "> 0"), [[f"{see[2]} > 0"], [f"{see[3]} > 0"]], ONE, splits=see[2:])


def sees_at_eq() -> ForAll:
    """State which points a unit at 3 pi/4 sees."""
    see = pre("relu1", EQ)
    ranges = (["b <= -2*c"], ["-2*c < b", "b <= 0"], ["0 < b", "b <= 2*c"], ["b > 2*c"])
    seen = ((), (1,), (1, 2, 3), (0, 1, 2, 3))
    cases = [
        [*where, *(f"{z} {'>' if i in these else '<='} 0" for i, z in enumerate(see))]
        for where, these in zip(ranges, seen, strict=True)
    ]
    return ForAll("c b", ["c > 0"], cases, ONE, splits=KINKS)


def assumed(point: str) -> list[str]:
    """Return what 2.3.2 A assumes at a point: x1 and x2 strictly on, x3 and x4 strictly off."""
    return each(pre("relu1", point)[:2], "> 0") + each(pre("relu1", point)[2:], "< 0")


def curvature_at_eq() -> ForAll:
    """State the whole table of the angular curvature at 3 pi/4, over all c > 0 and all b."""
    return ForAll(
        "c b",
        ["c > 0"],
        [
            ["b >= 2*c", *each(EQ_BENDS, "== 0")],
            ["b > 0", "b < 2*c", *each(EQ_BENDS, "== 4*c*(1 + 2*c - b)")],
            ["b == 0", *each(EQ_BENDS, "== 4*c")],
            ["b < 0", "b > -2*c", *each(EQ_BENDS, "== 4*c*(1 - 2*c - b)")],
            ["b <= -2*c", *each(EQ_BENDS, "== 0")],
        ],
        ONE,
        splits=KINKS,
    )


def curvature_at_opt() -> ForAll:
    """State the whole table of slope and curvature at pi/4, over all c > 0 and all b."""
    flat_slopes = each(OPT_SLOPES, "== 0")
    return ForAll(
        "c b",
        ["c > 0"],
        [
            ["b >= 2*c", *flat_slopes, *each(OPT_BENDS, "== 0")],
            ["b > 0", "b < 2*c", *flat_slopes, *each(OPT_BENDS, "== 4*c*(2*c - b)")],
            ["b == 0", *each(OPT_SLOPES, "== -4*c")],
            ["b < 0", "b > -2*c", *flat_slopes, *each(OPT_BENDS, "== -4*c*(2*c + b)")],
            ["b <= -2*c", *flat_slopes, *each(OPT_BENDS, "== 0")],
        ],
        ONE,
        splits=KINKS,
    )


def kind_at_eq() -> AllOf:
    """State for which c and b the angle 3 pi/4 is a strict minimum, a strict maximum, or one of equals."""
    level, cup, cap = each(EQ_SLOPES, "== 0"), each(EQ_BENDS, "> 0"), each(EQ_BENDS, "< 0")
    everywhere = "4*(u**2 + v**2) + 4*b**2 - 4*b + 2"
    return AllOf(
        [
            ForAll("c b", ["c > 0", "b >= 0", "b < 2*c"], level + cup, ONE),
            ForAll("c b", ["c > 0", "b < 0", "b > -2*c", "b < 1 - 2*c"], level + cup, ONE),
            ForAll("c b", ["c > 0", "b < 0", "b > -2*c", "b > 1 - 2*c"], level + cap, ONE),
            ForAll(
                "u v b",
                each(pre("relu1", "[u, v, b]"), ">= 0"),
                [f"relu1.loss([u, v, b]) == {everywhere}"],
                ONE,
            ),
        ]
    )


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
    pull = f"relu2.d1({SIX_AT}, [{', '.join(way)}]) == -2*(relu2.loss({SIX_AT}) - {bottom})"
    here = dict(zip(SIX.split(), (x for row in to for x in row), strict=True))
    parts = [ForAll(SIX, given, [pull], TWO, [here], samples=0)]
    for (u, v, b), signs in zip(to, where, strict=True):
        moved = pre("relu1", f"[{u} + x, {v} + y, {b} + z]")[:2]
        turned = ("x + y", "x - z", "y + z", "x + z", "y - z", *moved)
        same = [f"{z} {sign} 0" for z, sign in zip(moved, signs, strict=True)]
        rest = [dict.fromkeys("xyz", 0)]
        parts.append(ForAll("x y z", [f"{nearer}*(x**2 + y**2 + z**2) < 1"], same, ONE, rest, squares=turned))
    return AllOf(parts)


def solved_nearby() -> AllOf:
    """State that every start within 1/sqrt 3 of the symmetric solution flows to a solution."""
    return drawn(SYMMETRIC, ("><", "<>"), bottom=0, nearer=3)


def trapped_nearby() -> AllOf:
    """State that every start within 1/sqrt 12 of DEAD_X1 flows to a trap of loss 1, x2 being fitted and x1 dead."""
    return drawn(DEAD_X1, ("<>", "<>"), bottom=1, nearer=12)


def flow_from_opt() -> AllOf:
    """State that from (c + d, c - d, 0) with 0 < d < c <= 3/2 gradient flow of one unit reaches its least loss, 1."""
    near = "[c + d, c - d, 0]"
    region = [f"{z} {sign} 0" for z, sign in zip(pre("relu1", near), "><", strict=False)]
    starts_there = ForAll("c d", ["0 < d < c", "c <= 3/2"], [*region, "c + d >= -3/2", "c - d <= 3/2"], ONE)
    return AllOf([starts_there, theorem_statement("basins_of_relu1"), global_minimum_at(RELU1, (("1/2", "-1/2", 0),))])


def converges() -> ForAll:
    """State that gradient descent with any step h <= 1/6 multiplies the loss by (1 - 6h)^2 in a region that it keeps.

    The region: w = a(1, -1), bias b for one unit and w = k(-1, 1), bias d for the other, each unit seeing its
    class-1 point (2a + b > 0), with b < 0 and 2a > 1 + 2b: weights on the line at 3 pi/4 and -pi/4.
    """
    here = "[a, -a, b, -k, k, d]"
    e, g = "(2*a + b - 1)", "(2*k + d - 1)"
    a, b, k, d = f"(a - 2*h*{e})", f"(b - 2*h*{e})", f"(k - 2*h*{g})", f"(d - 2*h*{g})"
    there = f"[{a}, -{a}, {b}, -{k}, {k}, {d}]"
    units = [[int(i == n) for i in range(6)] for n in range(6)]
    gradient = (f"2*{e}", f"-2*{e}", f"2*{e}", f"-2*{g}", f"2*{g}", f"2*{g}")
    inside = ["b < 0", "2*a + b > 0", "2*a - 2*b > 1", "d < 0", "2*k + d > 0", "2*k - 2*d > 1"]
    kept = [f"{b} < 0", f"2*{a} + {b} > 0", f"2*{a} - 2*{b} > 1"]
    kept += [f"{d} < 0", f"2*{k} + {d} > 0", f"2*{k} - 2*{d} > 1"]
    return ForAll(
        "a b k d h",
        [*inside, "h > 0", "h <= 1/6"],
        [
            *(f"relu2.d1({here}, {unit}) == {part}" for unit, part in zip(units, gradient, strict=True)),
            *kept,
            f"relu2.loss({here}) == {e}**2 + {g}**2",
            f"relu2.loss({there}) == (1 - 6*h)**2 * ({e}**2 + {g}**2)",
        ],
        TWO,
        try_at=[{"a": "1/2", "b": "-1/10", "k": "1/2", "d": "-1/10", "h": "1/10"}],
        samples=0,
    )


def alone(example: int) -> dict[str, Any]:
    """Return the landscape of relu2 on one example of XOR; the loss and its gradient are sums of such parts."""
    x, y = RELU2.data.points[example], RELU2.data.labels[example]
    return landscapes(**{f"alone{example}": landscape(RELU2.network, Dataset("one example", (x,), (y,)))})


def stays_dead() -> AllOf:
    """State why a gradient flow from zero biases never revives x1 once neither unit sees it, so that its output is 0.

    For each unit V = 3 z(x1) + z(x2) is 2 z(x1) < 0 at the start, and it never grows while x1 is dead: no other point
    pulls it up. So a unit whose z(x1) is near 0 does not see x2, and then no point pulls z(x1) up either. By symmetry
    the same holds of x2, and of the second unit.
    """
    x1 = each([f"relu2.pre({SIX_AT}, {j}, 0)" for j in (0, 1)], "<= 0")
    start, off = pre("relu1", "[u, v, 0]"), [f"alone1.pre({SIX_AT}, 0, 0) <= 0"]
    parts = [ForAll("u v", [], [f"3*{start[0]} + {start[1]} == 2*{start[0]}"], ONE)]
    for i in (1, 2, 3):
        v, z = (f"alone{i}.autograd({SIX_AT}, [{along}, 0, 0, 0]) >= 0" for along in ("2, -2, 4", "1, -1, 1"))
        parts += [ForAll(SIX, [], [v], alone(i)), ForAll(SIX, off if i == 1 else [], [z], alone(i), [SILENT_AT[0]])]
    return AllOf([*parts, ForAll(SIX, x1, [f"relu2.out({SIX_AT}, 0) == 0"], TWO, [BLIND_AT])])


def step_solves_abs1() -> ForAll:
    """State that from every zero-bias start with w1 != w2 one step of 1/8 leads the absolute-value unit to a solution."""
    here, axes = "[u, v, 0]", ("[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]")
    x, y, b = (f"{old} - 1/8*abs1.autograd({here}, {axis})" for old, axis in zip("uv0", axes, strict=True))
    ends = [("u > v", "1/2", "-1/2"), ("u < v", "-1/2", "1/2")]
    goals = [[side, f"{x} == {first}", f"{y} == {second}", f"{b} == 0"] for side, first, second in ends]
    return ForAll("u v", ["u != v"], goals, landscapes(abs1=ABS1), splits=["u - v", "u + v"])


def pulls_unless_fitted() -> AllOf:
    """State that an absolute-value unit has a gradient at a single example that is neither fitted nor on its boundary."""
    parts = []
    for x, y in (((1, -1), 1), ((1, 1), 0)):
        name = f"one{y}"
        one = landscapes(**{name: landscape(ABS1.network, Dataset("one example", (x,), (y,)))})
        given = [f"{name}.pre([u, v, b], 0, 0) != 0", f"{name}.out([u, v, b], 0) != {y}"]
        parts.append(ForAll("u v b", given, [f"{name}.autograd([u, v, b], [0, 0, 1]) != 0"], one))
    return AllOf(parts)


def more_functions() -> AllOf:
    """State that relu2 represents what abs1 does, and the outputs (1, 0, 0, 0) too, which abs1 does not.

    Over all w and b the pre-activation at a point takes every value z, so that |z| = relu(z) + relu(-z) everywhere.
    """
    mirrored = [f"relu2.out([u, v, b, -u, -v, -b], {i}) == abs1.out([u, v, b], {i})" for i in range(4)]
    single = [f"relu2.out({flat(TRAPPED)}, {i}) == {int(i == 0)}" for i in range(4)]
    alike = [f"abs1.out([u, v, b], {i}) == {int(i == 0)}" for i in range(4)]
    never = Not(Exists("u v b", alike, landscapes(abs1=ABS1), samples=0))
    return AllOf([ForAll("u v b", [], mirrored, BOTH), number_fact(*single, relu2=RELU2), never])


def traps_with_live_points() -> AllAboutSets:
    """State which traps of relu2 have no dead point, and which do.

    The outputs, the same on a whole set, are part of the complete list; where they are 1/2 some unit sees the point.
    """
    plateau = [TRAP, ("loss", "=", 1), ("right", "=", 2)]
    return AllAboutSets(
        [
            number_of_sets(RELU2, plateau, "=", 3),
            *(set_at(RELU2, point, [*plateau, ("dimension", "=", 3)]) for point in (SEEN_X1, SEES_ALONE)),
            number_of_sets(RELU2, [TRAP, ("right", "=", 3), ("loss", "=", 1), ("dimension", "=", 5)], "=", 2),
            number_of_sets(RELU2, [TRAP, ("loss", "=", 2), ("dimension", "=", 6)], "=", 1),
            number_of_sets(RELU2, [TRAP], "=", 6),
            complete_list(RELU2.atlas()),
        ]
    )


# Training, as documented where nothing else is said: w ~ N(0, 1/4), b = 0, Adam (0.01; 0.9, 0.99) on the mean of squares,
# at most 800 epochs, until the loss is below 1e-7 or has not fallen for 11 epochs. Success: all four points right.

Which = Callable[[Ensemble], np.ndarray]
"""Which runs belong to a group: one bool per run."""

EQ_AND_OPPOSITE, OPT_AND_OPPOSITE = (-1, 1), (1, 1)


def unseen(label: int, when: str = "starts") -> Which:
    """Return the runs in which a point of this class is dead, at the start or at the stop ("points")."""
    return lambda e: dead_points(e, getattr(e, when))[:, e.task.labels == label].any(1)


def margin_between(low: float, high: float = np.inf, labels: Sequence[int] = (0, 1)) -> Which:
    """Return the runs whose start has a margin above `low` and up to `high` at the points of these classes."""

    def which(e: Ensemble) -> np.ndarray:
        least = margins(e, e.starts)[:, np.isin(e.task.labels, labels)].min(1)
        inside: np.ndarray = (least > low) & (least <= high)
        return inside

    return which


def along(line: tuple[int, int], degrees: float, when: str, every: bool) -> Which:
    """Return the runs in which a unit, or every unit, has its weights this close to a line."""

    def which(e: Ensemble) -> np.ndarray:
        weights = e.rows(getattr(e, when))[:, :, :2]
        sine = np.abs(weights @ np.array([-line[1], line[0]])) / np.linalg.norm(weights, axis=2) / np.hypot(*line)
        near = sine < np.sin(np.radians(degrees))
        chosen: np.ndarray = near.all(1) if every else near.any(1)
        return chosen

    return which


def unlike(tolerance: float) -> Which:
    """Return the runs that stop with units farther than this from being mirror images, in w1 + w2 and in the bias."""

    def which(e: Ensemble) -> np.ndarray:
        units = e.rows()
        far: np.ndarray = np.hypot(np.hypot(*units[:, :, :2].sum(1).T), units[:, 0, 2] - units[:, 1, 2]) > tolerance
        return far

    return which


def both(*parts: Which) -> Which:
    """Return the runs that belong to all of these groups."""
    return lambda e: np.logical_and.reduce([part(e) for part in parts])


def other(part: Which) -> Which:
    """Return the runs that do not."""
    return lambda e: ~part(e)


def tallies(**groups: Which) -> dict[str, Callable[[Ensemble], list[float]]]:
    """Return what counts the runs of each group, and the successes among them."""

    def tally(which: Which) -> Callable[[Ensemble], list[float]]:
        return lambda e: [float(which(e).sum()), float((which(e) & e.success).sum())]

    return {name: tally(which) for name, which in groups.items()}


DEAD, LIVE, SAFE = unseen(1), margin_between(0), margin_between(0.3)
STARTS = tallies(
    dead=DEAD,
    seeing=other(DEAD),
    live=LIVE,
    half_live=both(other(DEAD), unseen(0)),
    safe=SAFE,
    narrow=margin_between(0, 0.1),
)
"""dead: a class-1 point is dead; seeing: none is; live: no point is; half_live: only a class-0 point is; safe and narrow:
live with a margin above 3/10, up to 1/10."""

DESCENT = {"optimizer": "sgd", "betas": None, "ends": False}
NORMAL = Experiment(
    "normal",
    restarts=100_000,
    numbers=STARTS
    | tallies(
        lost=unseen(1, "points"),
        aligned=along(EQ_AND_OPPOSITE, 10, "points", every=True),
        boundaries_aligned=along(OPT_AND_OPPOSITE, 10, "points", every=True),
        both_near_eq=along(EQ_AND_OPPOSITE, 15, "starts", every=True),
        collapsed=lambda e: e.outputs[..., 0].max(1) < 0.05,
        unlike_by_1_100=unlike(0.01),
        unlike_by_1_20=unlike(0.05),
        unlike_by_1_5=unlike(0.2),
    ),
)
PATIENT = Experiment("no-patience", patience=None, ends=False)
LIVE_STARTS = Experiment(
    "live",
    init="dead-data-rejection:0.5",
    restarts=100_000,
    numbers=tallies(
        lost=unseen(1, "points"),
        unsafe=margin_between(0, 0.3),
        safe=SAFE,
        narrow_at_class_1=both(margin_between(0, 0.1, [1]), margin_between(0.3, labels=[0])),
        narrow_at_class_0=both(margin_between(0, 0.1, [0]), margin_between(0.3, labels=[1])),
        near_eq=along(EQ_AND_OPPOSITE, 15, "starts", every=False),
        near_opt=along(OPT_AND_OPPOSITE, 15, "starts", every=False),
    ),
    ends=False,
)
MARGINS = {
    m: Experiment(f"margin-{m}", init=f"margin-rejection:0.5:{m}", restarts=100_000, ends=False)
    for m in ("0.1", "0.2", "0.3")
}
BY_DESCENT = Experiment("descent", lr="0.1", numbers=STARTS, **DESCENT)
LIVE_BY_DESCENT = Experiment("descent-live", init="dead-data-rejection:0.5", lr="0.1", **DESCENT)
BY_LONG_STEPS = Experiment(
    "descent-live-long-steps",
    init="dead-data-rejection:0.5",
    lr="1",
    numbers=tallies(safe=SAFE, unsafe=margin_between(0, 0.3)),
    **DESCENT,
)
BY_SHORT_STEPS = Experiment("short-steps", lr="0.001", epochs=8000, numbers=STARTS, ends=False)
SHORT, LONG, LONGER = (
    Experiment(f"weights-{std}", init=f"normal:{std}", numbers=STARTS, ends=False) for std in ("0.1", "1", "2")
)
BIASED = Experiment("biases", init="normal:0.5:0.5", numbers=STARTS, ends=False)
WIDE = {k: Experiment(f"relu{k}", model=f"relu{k}", numbers=STARTS, ends=False) for k in (3, 4, 8, 16)}
CUBE = {k: Experiment(f"cube-relu{k}", "relu" + str(k), "parity:3", numbers=STARTS, ends=False) for k in (4, 8)}
ABSOLUTE = Experiment("abs1", model="abs1", ends=False)
ABSOLUTE_BIASED = Experiment("abs1-biases", model="abs1", init="normal:0.5:0.5", ends=False)
ABSOLUTE_BY_DESCENT = Experiment("abs1-biases-descent", model="abs1", init="normal:0.5:0.5", lr="0.1", **DESCENT)


def part(found: Measured, name: str) -> GroupCounts:
    """Return the counts of a group, without its epochs."""
    runs, successes = map(int, found.numbers[name])
    return GroupCounts(runs, successes, {}, {})


def failed(found: GroupCounts) -> int:
    """Return how many runs of a group fail."""
    return found.runs - found.successes


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Return the 95% interval of a share: anything, of no runs."""
    return wilson(hits, runs) if runs else (0.0, 1.0)


def told(hits: int, runs: int) -> str:
    """Return a share with its interval, in as many digits as a rare event needs."""
    low, high = interval(hits, runs)
    digits = 1 if hits > runs / 200 else 3
    own = f"{hits / runs:.{digits}%}, " if runs else ""
    return f"{hits:,} of {runs:,} ({own}95% interval {low:.{digits}%} to {high:.{digits}%})"


def published(found: GroupCounts, failures: int, of: int) -> Measurement:
    """Judge a published number of failures. That 2% is one failure makes 50 runs, that 0.2% is at least one makes 500."""
    chance = probability_of_count(failures, of, failed(found), found.runs)
    says = f"{told(failed(found), found.runs)} fail; a count as unlikely as {failures} of {of} has probability "
    return Measurement(chance >= LEAST, f"{says}{probable(chance)}.")


def at_least(bound: float, hits: int, runs: int, words: str) -> Measurement:
    """Judge whether a share is so large, its interval included."""
    return Measurement(interval(hits, runs)[0] >= bound, f"{words}: {told(hits, runs)}.")


def below(bound: float, hits: int, runs: int, words: str) -> Measurement:
    """Judge whether a share is smaller, its interval included."""
    return Measurement(interval(hits, runs)[1] < bound, f"{words}: {told(hits, runs)}.")


def never(found: GroupCounts, words: str) -> Measurement:
    """Judge whether no run of a group fails."""
    return Measurement(found.runs > 0 and not failed(found), f"Failures {words}: {told(failed(found), found.runs)}.")


def falls(what: str, *stages: tuple[str, int, int]) -> Measurement:
    """Judge whether a share, (words, hits, runs), falls from stage to stage, beyond the intervals of both."""
    bounds = [interval(hits, runs) for _, hits, runs in stages]
    lower = all(after[1] < before[0] for before, after in pairwise(bounds))
    return Measurement(lower, f"{what}, {'; '.join(f'{words}: {told(hits, runs)}' for words, hits, runs in stages)}.")


def fewer_failures(*stages: tuple[str, GroupCounts]) -> Measurement:
    """Judge whether the share of failures falls from group to group."""
    return falls("Failures", *((words, failed(group), group.runs) for words, group in stages))


def resolved(before: GroupCounts, after: GroupCounts, of: int = 50, left: int = 1, first: int = 21) -> Measurement:
    """Judge the published share of failures that the liveness test resolves, 1 - left/first, in two samples of `of`."""
    rates = [failed(group) / group.runs for group in (before, after)]
    counts = np.arange(of + 1)
    chances = np.outer(*(stats.binom.pmf(counts, of, rate) for rate in rates))[1:]
    shares = 1 - counts[None, :] / counts[1:, None]
    tails = [chances[side].sum() for side in (shares <= 1 - left / first, shares >= 1 - left / first)]
    chance = min(1.0, 2 * min(tails))
    says = f"From {rates[0]:.1%} to {rates[1]:.1%} failures, {1 - rates[1] / rates[0]:.1%} are resolved; in two samples of "
    return Measurement(
        chance >= LEAST, f"{says}{of}, a share as far off as 20 of 21 has probability {probable(chance)}."
    )


def in_traps(found: Measured) -> Measurement:
    """Judge whether the failed runs stopped where gradient flow leads into a trap."""
    hits, everyone = found.count(kind="local minimum"), failed(found.whole)
    return at_least(0.95, hits, everyone, "Failed runs that stopped at a trap, or on a flow into one")


def share_of_blind_starts(*wide: Measured) -> Measurement:
    """Judge whether the shares of starts with a dead class-1 point halve from unit to unit: 2^(1 - k)."""
    groups = [
        (int(found.settings["model"].removeprefix("relu")), part(found, "dead").runs, found.runs) for found in wide
    ]
    inside = [low <= 2.0 ** (1 - k) <= high for k, hits, runs in groups for low, high in [wilson(hits, runs, 0.99)]]
    says = "; ".join(f"{k} units {told(hits, runs)}, expected {2.0 ** (1 - k):.3%}" for k, hits, runs in groups)
    return Measurement(all(inside), f"Starts with a dead class-1 point: {says}.")


def scores(found: Measured) -> Measurement:
    """Judge whether all failed runs have three or two points right."""
    three, two, everyone = found.right[3], found.right[2], failed(found.whole)
    says = f"Failed runs with three right answers: {told(three, everyone)}; with two: {told(two, everyone)}."
    return Measurement(three + two == everyone, says)


def near_starts_fail(found: Measured) -> Measurement:
    """Judge whether live starts near 3 pi/4 or -pi/4 fail more often than the others."""
    near, true = part(found, "near_eq"), part(found, "near_opt")
    rest, far = ((failed(found.whole) - failed(group), found.runs - group.runs) for group in (near, true))
    says = (
        f"Failures of live starts with a unit within 15 degrees of 3 pi/4 or -pi/4: {told(failed(near), near.runs)}; "
        f"others: {told(*rest)}. With a unit within 15 degrees of pi/4 or -3 pi/4: {told(failed(true), true.runs)}; "
        f"others: {told(*far)}."
    )
    return Measurement(interval(failed(near), near.runs)[0] > interval(*rest)[1], says)


def asymmetric(found: Measured, name: str, words: str) -> Measurement:
    """Judge whether the successes that end with units unlike each other are the smaller part."""
    hits, everyone = part(found, name).successes, found.whole.successes
    return below(0.5, hits, everyone, f"Successful runs whose units end more than {words} from being mirror images")


def alike(*groups: tuple[str, GroupCounts]) -> Measurement:
    """Judge whether two groups fail equally often: their intervals meet."""
    low, high = zip(*(interval(failed(group), group.runs) for _, group in groups), strict=True)
    says = "; ".join(f"{words}: {told(failed(group), group.runs)}" for words, group in groups)
    return Measurement(max(low) <= min(high), f"Failures, {says}.")


def few_but_some(found: GroupCounts) -> Measurement:
    """Judge whether some runs fail, but less than 5%."""
    low, high = interval(failed(found), found.runs)
    return Measurement(low > 0 and high < 0.05, f"Failures of live starts: {told(failed(found), found.runs)}.")


def dead_starts_fail(found: Measured) -> Measurement:
    """Judge whether at least 95% of the runs fail at whose start a class-1 point is dead."""
    rule = f"{found.settings['optimizer']}, {found.settings['lr']}"
    dead = part(found, "dead")
    return at_least(0.95, failed(dead), dead.runs, f"Failures where a class-1 point is dead at the start ({rule})")


def failures_were_dead_starts(found: Measured, bound: float) -> Measurement:
    """Judge whether at least such a share of the failed runs started with a dead class-1 point."""
    words, seeing = "Failed runs that started with a dead class-1 point", part(found, "seeing")
    judged = at_least(bound, failed(part(found, "dead")), failed(found.whole), words)
    return replace(judged, says=f"{judged.says} Failures of the other starts: {told(failed(seeing), seeing.runs)}.")


def half_live_fail_more(found: Measured) -> Measurement:
    """Judge whether a dead class-0 point makes failures more frequent where both class-1 points are live."""
    return fewer_failures(
        ("with a dead class-0 point only", part(found, "half_live")), ("with none dead", part(found, "live"))
    )


def narrow_fail_more(found: Measured, name: str) -> Measurement:
    """Judge whether starts with a narrow margin at one class only fail more often than safe ones."""
    where = name[-1]
    return fewer_failures(
        (f"margin up to 1/10 at class {where} only", part(found, name)), ("above 3/10 everywhere", part(found, "safe"))
    )


def live_failures_lack_margin(found: Measured) -> Measurement:
    """Judge whether failed live runs started without a margin of 3/10 more often than all live runs."""
    unsafe, everyone = part(found, "unsafe"), failed(found.whole)
    return falls(
        "Starts with a margin up to 3/10",
        ("of failed live runs", failed(unsafe), everyone),
        ("of all live runs", unsafe.runs, found.runs),
    )


def failures_end(found: Measured, name: str, words: str, bound: float = 0.5) -> Measurement:
    """Judge whether at least such a share of the failed runs ends in a group."""
    return at_least(bound, failed(part(found, name)), failed(found.whole), f"Failed runs that end {words}")


# Published counts, as far as they follow from the percentages: 21 and 1 of 50; 4, 1 and 0 of 500.


def fisher(before: int, n: int, after: int, m: int) -> str:
    """Return the chance that of before + after failures among n + m runs at most `after` fall on the last m."""
    every = before + after
    ways = sum(comb(m, k) * comb(n, every - k) for k in range(after + 1))
    return f"{ways}/{comb(n + m, every)}"


def trend(counts: Sequence[int], n: int) -> str:
    """Return the chance that failures, dealt out at random over stages of n runs, come as early as these or earlier."""
    every, late = sum(counts), sum(k * count for k, count in enumerate(counts))
    dealt = [d for d in product(range(every + 1), repeat=len(counts)) if sum(d) == every]
    ways = sum(prod(comb(n, x) for x in d) for d in dealt if sum(k * x for k, x in enumerate(d)) <= late)
    return f"{ways}/{comb(n * len(counts), every)}"


def no_failure(rate: str, runs: int) -> str:
    """Return the chance that none of so many runs fails at a rate."""
    well = 1 - Fraction(rate)
    return f"{well.numerator**runs}/{well.denominator**runs}"


def as_unlikely(count: int, of: int) -> str:
    """Return the chance of counts as unlikely as this one, of so many tosses of a coin."""
    return f"{sum(comb(of, k) for k in range(of + 1) if comb(of, k) <= comb(of, count))}/{2**of}"


STEPS = ((1, 50, 4, 500), (4, 500, 1, 500), (1, 500, 0, 500))
"""The published steps from liveness to a margin of 3/10: failures before, of n, and after, of m."""


def whole(share: str, runs: int) -> ForAll:
    """State that a share of so many runs is a whole number."""
    return ForAll("", [], [[f"{k} == {share}*{runs}"] for k in range(runs + 1)])


FLIPS = ("p1, p2, 0, q1, q2, 0", "-p1, -p2, 0, q1, q2, 0", "p1, p2, 0, -q1, -q2, 0", "-p1, -p2, 0, -q1, -q2, 0")


def one_blind_flip() -> ForAll:
    """State that at most one of the four ways to negate two units leaves a class-1 point dead: a quarter of the starts."""
    goals = [[f"relu2.out([{flip}], {i}) > 0" for flip in FLIPS if flip != bad for i in (0, 1)] for bad in FLIPS]
    return ForAll("p1 p2 q1 q2", ["p1 != p2", "q1 != q2"], goals, TWO, splits=["p1 - p2", "q1 - q2"])


def four_units_for_the_cube() -> AllOf:
    """State that four units fit the parity of three signs, and that no unit can do the work of two.

    A unit that is off at all class-0 corners sees one class-1 corner at most: with two of them it would see one of the
    class-0 corners of the square on whose diagonal they lie. So every solution needs a unit for each of the four.
    """
    cube, one = on("relu4", "parity:3"), on("relu1", "parity:3")
    ups = [k for k, label in enumerate(one.data.labels) if label == 1]
    fit = ", ".join(f"{x}/2" for k in ups for x in (*one.data.points[k], -1))
    seen = [f"one.pre([u, v, w, b], 0, {k})" for k in range(8)]
    off, pairs = each([seen[k] for k in range(8) if k not in ups], "<= 0"), combinations([seen[k] for k in ups], 2)
    return AllOf(
        [
            number_fact(f"cube.loss([{fit}]) == 0", cube=cube),
            ForAll("u v w b", off, [f"{x} + {y} <= 0" for x, y in pairs], landscapes(one=one)),
        ]
    )


def family_of_solutions() -> AllOf:
    """State that solutions have four free parameters, and that two equations among them make the units mirror images."""
    first, second = "(s + 1 - b)/2, (s - 1 + b)/2, b", "(t - 1 + d)/2, (t + 1 - d)/2, d"
    given = ["b <= s <= -b", "d <= t <= -d"]
    here = [dict.fromkeys("stbd", 0)]
    sums = [f"({x}) + ({y})" for x, y in zip(first.split(", ")[:2], second.split(", ")[:2], strict=True)]
    return AllOf(
        [
            ForAll("s t b d", given, [f"relu2.loss([{first}, {second}]) == 0"], TWO, here),
            ForAll("s t b d", [*(f"{x} == 0" for x in sums), "b == d"], ["s + t == 0", "b == d"], TWO, here),
            ForAll("s t b d", ["s + t == 0", "b == d"], [f"{x} == 0" for x in sums], TWO, here),
        ]
    )


def ends_across(begin: np.ndarray, end: End) -> np.ndarray:
    """Tell which runs of a single unit end at loss 1 with w1 and w2 of opposite signs."""
    weights = end.points[:, 0, :2]
    across: np.ndarray = (np.abs(end.losses - 1) < 1e-6) & (weights.prod(1) < 0)
    return across


def ends_as_alive(begin: np.ndarray, end: End) -> np.ndarray:
    """Tell which runs of relu2 end at loss 0 with both class-1 points live at the start, at loss 1 with one dead."""
    points = np.array([[float(x) for x in row] for row in RELU2.rows])
    dead = (np.einsum("rkc,nc->rkn", begin, points)[:, :, :2].max(1) <= 0).any(1)
    as_told: np.ndarray = np.abs(end.losses - dead) < 1e-6
    return as_told


def ends_in_quadrant(begin: np.ndarray, end: End) -> np.ndarray:
    """Tell which runs of a single unit end at loss 1 with w1 < 0 < w2."""
    inside: np.ndarray = ends_across(begin, end) & (end.points[:, 0, 0] < 0)
    return inside


OVERVIEW = [
    Claim(
        "can-solve-xor",
        "1",
        "The sum of two ReLU units can fit XOR exactly.",
        statement=lambda: set_at(RELU2, SYMMETRIC, [BEST, SOLVES]),
    ),
    Claim(
        "has-failure-states",
        "1, 2",
        "Even so its training can fail for good: there are local minima, and at none but the solutions are all four "
        "points right.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [TRAP], ">=", 1),
                every_set(RELU2, [TRAP], [("loss", ">", 0), ("right", "<", 4)]),
                every_set(RELU2, [BEST], [SOLVES, ("right", "=", 4)]),
            ]
        ),
    ),
    Claim(
        "fails-42-percent",
        "1, 2.1",
        "The network fails in 42% of the documented runs.",
        measure=Study([NORMAL], lambda normal: published(normal.whole, 21, 50)),
    ),
    Claim(
        "two-units-are-the-fewest",
        "1",
        "It is a minimal network: a sum of two ReLU units can solve the task, a single one cannot.",
        statement=lambda: AllAboutSets(
            [number_of_sets(RELU1, [SOLVES], "=", 0), set_at(RELU2, SYMMETRIC, [BEST, SOLVES])]
        ),
    ),
    Claim(
        "failing-comes-as-a-surprise",
        "1",
        "So many failures come as a surprise: the starts do not foretell them. Read: of the four equally likely ways to "
        "negate the units of a start with zero biases at most one leaves a class-1 point dead, so a quarter at most.",
        statement=one_blind_flip,
        because="Two do: half of the starts have a dead class-1 point, so about half of the runs must be expected to fail.",
        repair=Repair(
            "Of the 2^k ways to negate k units just two leave a class-1 point dead (k = 1, 2, 3): half of all starts for two "
            "units, for every law of the weights that does not change when a unit is negated.",
            lambda: theorem_statement("half_of_the_starts_are_blind"),
        ),
    ),
    Claim(
        "failures-are-not-early-stops",
        "1",
        "The failures are not due to stopping early: without the rule of 11 epochs, up to 800 epochs, as many fail (read: the "
        "95% intervals meet).",
        measure=Study(
            [NORMAL, PATIENT],
            lambda normal, patient: alike(("with the rule", normal.whole), ("without", patient.whole)),
        ),
    ),
    Claim(
        "failures-are-for-good",
        "1, 2.3",
        "Failed runs are in a stable minimum, not on their way (read: gradient flow from where at least 95% of them stopped "
        "leads into a trap near by).",
        measure=Study([NORMAL], in_traps),
    ),
    Claim(
        "liveness-gives-each-a-gradient",
        "1",
        "Where every point is seen by some unit, every point gives a gradient: x1 does, wherever the first unit sees it.",
        statement=lambda: ForAll(
            SIX,
            [f"alone0.pre({SIX_AT}, 0, 0) > 0"],
            [f"alone0.autograd({SIX_AT}, {AXES[2]}) != 0"],
            alone(0),
            SOLVED_AT,
        ),
        because="Not if it is fitted already; for random starts that has probability 0.",
        repair=Repair(
            "x1 does unless its output is 1, and x3 does always: class-0 points that are seen are never fitted.",
            lambda: AllOf(
                [
                    ForAll(
                        SIX,
                        [f"alone0.pre({SIX_AT}, 0, 0) > 0", f"alone0.out({SIX_AT}, 0) != 1"],
                        [f"alone0.autograd({SIX_AT}, {AXES[2]}) != 0"],
                        alone(0),
                    ),
                    ForAll(
                        SIX,
                        [f"alone2.pre({SIX_AT}, 0, 0) > 0"],
                        [f"alone2.autograd({SIX_AT}, {AXES[2]}) != 0"],
                        alone(2),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "progressively-eliminated",
        "1",
        "The failures go step by step: liveness, then margins of 1/10, 2/10 and 3/10 each leave fewer than the step before.",
        measure=Study(
            [NORMAL, LIVE_STARTS, *MARGINS.values()],
            lambda normal, live, *margins: fewer_failures(
                ("all starts", normal.whole),
                ("live", live.whole),
                *((f"margin {m}", each.whole) for m, each in zip(MARGINS, margins, strict=True)),
            ),
        ),
    ),
    Claim(
        "success-needs-a-safe-start",
        "1",
        "Success depends critically on a start that is live and has a margin of 3/10 (read: most successful runs of the "
        "documented training start so).",
        measure=Study(
            [NORMAL],
            lambda normal: at_least(
                0.5, part(normal, "safe").successes, normal.whole.successes, "Successful runs with a safe start"
            ),
        ),
        because="Reliability does; most successes start unsafe.",
    ),
    Claim(
        "fundamental-principles",
        "1",
        "Minimal models reveal fundamental principles of optimisation, though these may not scale.",
        opinion="No principle is named that could hold or fail, and 'may not' cannot be false.",
    ),
]

FAILURES = [
    Claim(
        "dead-point-gives-no-gradient",
        "2.1",
        "A point that no unit sees gives no gradient.",
        statement=lambda: ForAll(
            f"{SIX} {DIRECTION}",
            [f"alone0.pre({SIX_AT}, {j}, 0) < 0" for j in (0, 1)],
            [f"alone0.d1({SIX_AT}, {ALONG}) == 0"],
            alone(0),
            try_at=[{**BLIND_AT, **dict.fromkeys(DIRECTION.split(), 0)}],
        ),
    ),
    Claim(
        "seen-points-give-gradient",
        "2.1",
        "Conversely, where all points are seen and the loss is above 0, there is a gradient.",
        statement=lambda: Not(
            AllOf([number_fact(f"relu2.loss({flat(SEEN_X1)}) == 1", relu2=RELU2), all_seen(SEEN_X1), at_rest(SEEN_X1)])
        ),
        because="On the plateau of outputs 1/2 all units see all points, and the four signals cancel.",
        repair=Repair(
            "Where all units see all points, the gradient on each is 8 times the summed weights, and 8 times the summed "
            "biases less 4: none where the weights sum to 0 and the biases to 1/2, and only there.",
            lambda: ForAll(
                SIX,
                [f"relu2.pre({SIX_AT}, {j}, {i}) > 0" for j in (0, 1) for i in range(4)],
                [
                    f"relu2.d1({SIX_AT}, {axis}) == {slope}"
                    for axis, slope in zip(AXES, 2 * ("8*(p1 + q1)", "8*(p2 + q2)", "8*(b1 + b2) - 4"), strict=True)
                ],
                TWO,
                try_at=[dict(zip(SIX.split(), (x for row in SEEN_X1 for x in row), strict=True))],
                samples=0,
            ),
        ),
    ),
    Claim(
        "every-trap-has-a-dead-point",
        "2.1",
        "Dead class-1 points explain all failures: at every local minimum with loss above 0 some class-1 point is dead.",
        statement=lambda: Not(AllOf([stuck(SEEN_X1), all_seen(SEEN_X1)])),
        because="On the plateau of outputs 1/2 every unit sees every point.",
        repair=Repair(
            "Of the six sets of traps three, of dimension 3, output 1/2 everywhere, so that no point is dead (two of "
            "them with a dead unit); two, of dimension 5, fit one class-1 point and leave the other dead; in one, of "
            "dimension 6, all is dead.",
            traps_with_live_points,
        ),
    ),
    Claim(
        "failures-had-a-dead-point",
        "2.1",
        "Dead class-1 points at the start are what most failures come from (read: more than half of the documented "
        "failures started with one).",
        measure=Study([NORMAL], lambda normal: failures_were_dead_starts(normal, 0.5)),
    ),
    Claim(
        "dead-starts-fail",
        "2.1",
        "Documented runs that start with a class-1 point dead fail consistently (read: at least 95% of them).",
        measure=Study([NORMAL], lambda normal: dead_starts_fail(normal)),
    ),
    Claim(
        "dead-starts-fail-however-trained",
        "2.1",
        "That is the work of the dead points, not of the optimiser or its step: as many fail by plain gradient descent (0.1), "
        "and by Adam with a tenth of the step (at least 95% each).",
        measure=Study([BY_DESCENT, BY_SHORT_STEPS], lambda *trained: all_of(*map(dead_starts_fail, trained))),
    ),
    Claim(
        "dead-points-explain-all",
        "2.1",
        "Dead class-1 points are responsible for the whole failure rate (read: at least 99% of the failed documented runs "
        "started with one).",
        measure=Study([NORMAL], lambda normal: failures_were_dead_starts(normal, 0.99)),
        because="One failure in sixteen started with both class-1 points live. It would be all by plain gradient descent: "
        "see dead-points-explain-all-descent.",
    ),
    Claim(
        "dead-points-explain-all-descent",
        "2.1",
        "The same by plain gradient descent (0.1): at least 99% of its failures started with a dead class-1 point.",
        measure=Study([BY_DESCENT], lambda descent: failures_were_dead_starts(descent, 0.99)),
    ),
    Claim(
        "figures-fit-dead-points",
        "2.1",
        "The published figure fits this explanation: if half of the runs fail, a count as unlikely as 21 of 50 has a "
        "probability of at least 1 in 100.",
        statement=number_fact(f"{as_unlikely(21, 50)} >= 1/100"),
    ),
    Claim(
        "starved-altogether",
        "2.1",
        "A dead class-1 point starves the model of its gradient signal altogether: at zero biases with x1 dead torch's "
        "gradient vanishes.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2", ["p1 < p2", "q1 < q2"], [f"relu2.autograd({ZERO_BIAS}, {axis}) == 0" for axis in AXES], TWO
        ),
        because="The point gives none, but the others do, and the weights move on without it.",
        repair=Repair(
            "For all w1 < w2 in both units, zero biases: the output at x1 is 0, and along (-1, 1) each unit has the slope "
            "4(f(x2) - 1): both turn to the other class-1 point until that is fitted.",
            lambda: ForAll(
                "p1 p2 q1 q2",
                ["p1 < p2", "q1 < q2"],
                [
                    f"relu2.out({ZERO_BIAS}, 0) == 0",
                    *(
                        f"relu2.autograd({ZERO_BIAS}, {way}) == 4*(relu2.out({ZERO_BIAS}, 1) - 1)"
                        for way in ("[-1, 1, 0, 0, 0, 0]", "[0, 0, 0, -1, 1, 0]")
                    ),
                ],
                TWO,
                splits=["p1 + p2", "q1 + q2"],
            ),
        ),
    ),
    Claim(
        "dead-start-never-recovers",
        "2.1",
        "From zero biases and a class-1 point that is dead, gradient descent never reaches a solution.",
        statement=lambda: Not(
            AllOf(
                [
                    sides(BLIND, "<", [0]),
                    gradient_descent_visits(RELU2, "1/7", [BLIND, REVIVED]),
                    number_fact(f"relu2.loss({flat(REVIVED)}) == 0", relu2=RELU2),
                ]
            )
        ),
        because="Where two units overshoot x2 together, one step of size 1/7 (4/7 for the mean) throws the shorter one "
        "over to x1, here onto a solution.",
        repair=Repair(
            "Torch's gradient flow never does: 3 z(x1) + z(x2) of each unit starts at 2 z(x1) < 0 and never grows while "
            "x1 is dead, and z(x1) does not grow where z(x2) <= 0; so x1 stays dead, with output 0.",
            stays_dead,
        ),
    ),
    Claim(
        "dead-starts-are-trapped",
        "2.1",
        "Dead class-1 points cause failure: from zero biases with w1 < w2 in both units, so that x1 is dead, gradient "
        "flow ends in a trap (read: with outputs of at most 3 at the class-0 points).",
        statement=lambda: theorem_statement("dead_points_trap_two_relus"),
        because="x2 is fitted, with loss 1, and x1 stays dead.",
    ),
    Claim(
        "live-starts-succeed-under-the-flow",
        "2.1, 2.3.3",
        "Removing dead class-1 points removes the failure: from zero biases with both live, gradient flow reaches a "
        "solution (read: with w1 != w2 in both units and outputs of at most 3 at the class-0 points).",
        statement=lambda: theorem_statement("live_points_train_two_relus"),
        because="No margin is needed.",
        predicts=Prediction(
            "relu2 runs from zero biases end at loss 0 if both class-1 points are live, else at loss 1",
            "relu2",
            ends_as_alive,
            starts="normal:1/2",
            restarts=200,
            epochs=1500,
        ),
    ),
    Claim(
        "all-points-must-be-live",
        "2.1",
        "All points, class 0 too, must give gradient at the start: where one is dead, descent does not reach a "
        "solution.",
        statement=lambda: Not(
            AllOf(
                [
                    sides(UNSEEN, "<=", [2, 3]),
                    gradient_descent_visits(RELU2, "1/6", [UNSEEN, FITTED]),
                    number_fact(f"relu2.loss({flat(FITTED)}) == 0", relu2=RELU2),
                ]
            )
        ),
        because="A dead class-0 point is fitted already; from w = +-(1, -1) at zero bias one step of 1/6 solves the task.",
        repair=Repair(
            "Only class-1 points must be seen in the end: at every solution some unit sees each of them, and no unit sees "
            "a class-0 point.",
            lambda: AllOf(
                [
                    *(
                        ForAll(
                            SIX,
                            [f"relu2.out({SIX_AT}, {i}) == 1"],
                            [[f"relu2.pre({SIX_AT}, {j}, {i}) > 0"] for j in (0, 1)],
                            TWO,
                            SOLVED_AT,
                            samples=0,
                        )
                        for i in (0, 1)
                    ),
                    *(
                        ForAll(
                            SIX,
                            [f"relu2.out({SIX_AT}, {i}) == 0"],
                            [f"relu2.pre({SIX_AT}, {j}, {i}) <= 0" for j in (0, 1)],
                            TWO,
                            SOLVED_AT,
                            samples=0,
                        )
                        for i in (2, 3)
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "fails-2-percent-when-live",
        "1, 2.1",
        "With no dead point at the start the network fails in 2% of the documented runs.",
        measure=Study([LIVE_STARTS], lambda live: published(live.whole, 1, 50)),
    ),
    Claim(
        "class-0-must-be-live-too",
        "1, 2.1",
        "Dead class-0 points do harm as well: where both class-1 points are live, documented runs fail more often with a dead "
        "class-0 point than without.",
        measure=Study([NORMAL], lambda normal: half_live_fail_more(normal)),
    ),
    Claim(
        "class-0-must-be-live-for-descent",
        "1, 2.1",
        "The same by plain gradient descent (0.1).",
        measure=Study([BY_DESCENT], lambda descent: half_live_fail_more(descent)),
        because="It is Adam that needs them; see live-starts-succeed-under-the-flow.",
    ),
    Claim(
        "share-resolved",
        "2.1",
        "From 42% to 2% failures, 95% of the failures are resolved.",
        statement=number_fact("945/1000 <= (42 - 2)/42 < 955/1000"),
        because="Of the rate, that is: the two kinds of starts are different runs.",
    ),
    Claim(
        "share-resolved-in-training",
        "2.1",
        "The liveness test resolves 95% of the failures of the documented training.",
        measure=Study([NORMAL, LIVE_STARTS], lambda normal, live: resolved(normal.whole, live.whole)),
    ),
    Claim(
        "drop-is-no-accident",
        "2.1",
        "The published drop confirms that liveness matters: if it did not, failures as few as 1 of 50 after 21 of 50 would "
        "have a probability below 1 in 1,000,000 (Fisher's exact test).",
        statement=number_fact(f"{fisher(21, 50, 1, 50)} < 1/1000000"),
    ),
    Claim(
        "one-failure-is-2-percent",
        "2.1, 2.2",
        "The figures fit each other: if a single failure is 2%, there were 50 runs, and 42% of them are a whole number.",
        statement=ForAll(
            "n k", ["100 == 2*n", "100*k == 42*n"], ["n == 50", "k == 21"], try_at=[{"n": 50, "k": 21}], samples=0
        ),
    ),
    Claim(
        "failures-remain-when-live",
        "2.2",
        "With the dead points gone some failures are left, but few (read: the share is above 0 and below 5%).",
        measure=Study([LIVE_STARTS], lambda live: few_but_some(live.whole)),
    ),
    Claim(
        "failures-remain-by-short-steps",
        "2.2",
        "They are persistent: some are left with a tenth of the step (Adam, 0.001).",
        measure=Study([BY_SHORT_STEPS], lambda short: few_but_some(part(short, "live"))),
    ),
    Claim(
        "failures-remain-by-descent",
        "2.2",
        "They are persistent: some are left by plain gradient descent (0.1).",
        measure=Study([LIVE_BY_DESCENT], lambda live: few_but_some(live.whole)),
        because="They come from Adam, which moves all parameters at one speed, and not from the start alone: the flow solves the task, "
        "see live-starts-succeed-under-the-flow.",
    ),
    Claim(
        "secondary-mode-is-another",
        "2, 2.2",
        "What is left is another, subtler kind of failure (read: fewer than half of the failed live runs stop with a dead "
        "class-1 point).",
        measure=Study(
            [LIVE_STARTS],
            lambda live: below(
                0.5,
                failed(part(live, "lost")),
                failed(live.whole),
                "Failed live runs that stop with a dead class-1 point",
            ),
        ),
        because="It is the same failure, later: the class-1 point is lost on the way.",
    ),
    Claim(
        "live-failures-lack-margin",
        "2.2",
        "What the failures of live starts have in common is a small margin: below 3/10 more often than in all live "
        "starts.",
        measure=Study([LIVE_STARTS], live_failures_lack_margin),
    ),
    Claim(
        "margin-at-class-1-counts",
        "2.2",
        "It is the margin at the class-1 points that lacks: where only that is below 1/10 (3/10 elsewhere) live starts fail more "
        "often than with a margin of 3/10.",
        measure=Study([LIVE_STARTS], lambda live: narrow_fail_more(live, "narrow_at_class_1")),
    ),
    Claim(
        "margin-at-class-0-counts",
        "2.2",
        "And at the class-0 points: the same where only that is below 1/10.",
        measure=Study([LIVE_STARTS], lambda live: narrow_fail_more(live, "narrow_at_class_0")),
        because="Boundaries may pass near class-0 points; at the solutions they often do.",
    ),
    Claim(
        "margin-lowers-failures",
        "1, 2.2",
        "A margin of 3/10 on top of liveness lowers the share of failures further.",
        measure=Study(
            [LIVE_STARTS, MARGINS["0.3"]],
            lambda live, safe: fewer_failures(("live starts", live.whole), ("margin 3/10", safe.whole)),
        ),
    ),
    *(
        Claim(
            f"fails-at-margin-{m}",
            "1, 2.2" if m == "0.3" else "2.2",
            f"With a margin of {m} the network fails in {failures / 5:.1f}% of the documented runs.",
            measure=Study([MARGINS[m]], lambda found, failures=failures: published(found.whole, failures, 500)),
        )
        for m, failures in (("0.1", 4), ("0.2", 1), ("0.3", 0))
    ),
    Claim(
        "dose-response",
        "2.2",
        "Margins of 1/10, 2/10 and 3/10 leave 0.8%, 0.2% and 0.0% failures: the more margin, the fewer (read: published counts "
        "of 500, and each measured share below the one before, beyond the intervals of both).",
        measure=Study(
            list(MARGINS.values()),
            lambda *found: all_of(
                fewer_failures(*((f"margin {m}", each.whole) for m, each in zip(MARGINS, found, strict=True))),
                *(published(each.whole, k, 500) for k, each in zip((4, 1, 0), found, strict=True)),
            ),
        ),
    ),
    Claim(
        "dose-response-by-long-steps",
        "2.2",
        "A margin is safe by itself, whatever the optimiser and step: by gradient descent with a step of 1 live starts fail less "
        "often with a margin of 3/10 than without.",
        measure=Study(
            [BY_LONG_STEPS],
            lambda long: fewer_failures(("margin up to 3/10", part(long, "unsafe")), ("above", part(long, "safe"))),
        ),
        because="The other way round: wide margins come with long units, and these overshoot.",
    ),
    Claim(
        "margin-needed-for-short-weights",
        "2.2",
        "What live starts need is that margin, in absolute size: with weights N(0, 1/100) those with margins up to 1/10, nearly "
        "all, fail in at least 0.8% of the runs as well.",
        measure=Study(
            [SHORT],
            lambda short: at_least(
                0.008,
                failed(part(short, "narrow")),
                part(short, "narrow").runs,
                "Failures of live starts with weights N(0, 1/100) and a margin up to 1/10",
            ),
        ),
        because="Short units need none: the margin to have depends on the scale of the weights.",
    ),
    Claim(
        "margin-suffices-for-long-weights",
        "2.2",
        "A margin of 3/10 is safe for longer weights too, N(0, 1): at most 0.2% fail.",
        measure=Study(
            [LONG],
            lambda long: below(
                0.002,
                failed(part(long, "safe")),
                part(long, "safe").runs,
                "Failures of starts with weights N(0, 1) and a margin above 3/10",
            ),
        ),
        because="Nearly ten times as many do: what is wide for weights N(0, 1/4) is narrow for these.",
    ),
    Claim(
        "margins-had-50-runs",
        "2.2",
        "The margins were tried with as many runs as the liveness test, 50: 0.2% is a whole number of them.",
        statement=whole("2/1000", 50),
        because="It is a tenth of a run.",
        repair=Repair(
            "0.2% of n is below 1 for all n < 500; of 500 runs the figures are 4, 1 and 0. Rounded to a tenth of a percent "
            "they need n > 470: for n <= 400 nothing but 0 is below 0.25%, for 400 < n <= 470 nothing lies from 0.75% to 0.85%.",
            lambda: AllOf(
                [
                    ForAll("n", ["0 < n < 500"], ["0 < 2*n/1000 < 1"]),
                    number_fact("4/500 == 8/1000", "1/500 == 2/1000", "0/500 == 0"),
                    ForAll("n", ["0 < n <= 400"], ["0 < 25*n/10000 <= 1"]),
                    ForAll("n", ["400 < n <= 470"], ["3 < 75*n/10000", "85*n/10000 < 4"]),
                ]
            ),
        ),
    ),
    Claim(
        "each-step-is-evidence",
        "2.2",
        "The published counts show that each step helps: 1 of 50, then 4, 1 and 0 of 500 (read: by Fisher's exact test with "
        "an error of at most 1 in 20 each).",
        statement=number_fact(*(f"{fisher(*step)} <= 1/20" for step in STEPS)),
        because="They are too few for that.",
        repair=Repair(
            "By chance such steps have probabilities above 1/3, 1/6 and 1/3. But 4, 1 and 0 together, in this order, are "
            "evidence: failures dealt out at random come so early with a probability below 1/40.",
            lambda: number_fact(
                *(f"{fisher(*step)} > {chance}" for step, chance in zip(STEPS, ("1/3", "1/6", "1/3"), strict=True)),
                f"{trend((4, 1, 0), 500)} < 1/40",
            ),
        ),
    ),
    Claim(
        "zero-means-zero",
        "1, 2.2",
        "Where none of 500 runs fails the failure rate is zero, or at least no longer that of the step before, 0.2% (read: with "
        "95% confidence).",
        statement=number_fact(f"{no_failure('1/500', 500)} < 1/20"),
        because="At 0.2% none of 500 runs fails with a probability of 37%.",
        repair=Repair(
            "With 95% confidence 0 of 500 excludes failure rates of 0.6% and more, and none of 0.59% and less. It would take "
            "about 1500 runs to exclude 0.2%: 1497 do, 1496 do not.",
            lambda: number_fact(
                f"{no_failure('6/1000', 500)} < 1/20 < {no_failure('59/10000', 500)}",
                f"{no_failure('1/500', 1497)} < 1/20 < {no_failure('1/500', 1496)}",
            ),
        ),
    ),
    Claim(
        "margin-is-critical",
        "1, 2.2",
        "A safe start is critical, in the sense of necessary: with zero biases and a margin of 1/50 only, descent does "
        "not reach a solution.",
        statement=lambda: Not(
            AllOf(
                [
                    number_fact(*margin(flat(NARROW[0]), "0"), *barely(NARROW[0]), relu2=RELU2),
                    gradient_descent_visits(RELU2, "1/6", NARROW),
                    number_fact(f"relu2.loss({flat(NARROW[-1])}) == 0", relu2=RELU2),
                ]
            )
        ),
        because="From w = +-(101/100, -99/100) two steps of 1/6 solve the task.",
        repair=Repair(
            "With zero biases and w = a(1, -1) and k(-1, 1), on the line, the margin is 0; with a, k >= 1/2 one step of "
            "1/6 reaches a solution, for all such a and k.",
            lambda: ForAll(
                "a k",
                ["a >= 1/2", "k >= 1/2"],
                [
                    *(f"relu2.pre([a, -a, 0, -k, k, 0], {j}, {i}) == 0" for j in (0, 1) for i in (2, 3)),
                    *(
                        f"relu2.autograd([a, -a, 0, -k, k, 0], {axis}) == {slope}"
                        for axis, slope in zip(AXES, SLOPES, strict=True)
                    ),
                    f"relu2.loss([{', '.join(MOVED)}]) == 0",
                ],
                TWO,
            ),
        ),
    ),
    Claim(
        "room-to-manoeuvre",
        "2, 2.2",
        "Failure modes form a hierarchy, and a margin works by giving the optimiser room to manoeuvre.",
        opinion="A reading of the experiments without a criterion; what can be checked of it stands in the other claims.",
    ),
]

SURFACES = [
    Claim(
        "flow-from-class-aligned-surfaces",
        "3",
        "Learning is driven by gradient flow from class-aligned surfaces.",
        opinion="Neither such a surface nor the flow from it is defined.",
    ),
    Claim(
        "abs1-flow-is-always-present",
        "3",
        "In the absolute-value model gradient flow is always present: it rests at no point but the solutions.",
        statement=lambda: every_set(ABS1, [], [SOLVES]),
        because="It rests at seven points more, two of which are traps.",
        repair=Repair(
            "It rests at nine isolated points: the two solutions, two traps at loss 1 (both strict minima), four saddles "
            "at loss 4/3 and the origin at loss 2, a saddle.",
            lambda: AllAboutSets(
                [
                    every_set(ABS1, [], [("isolated", "=", True)]),
                    number_of_sets(ABS1, [], "=", 9),
                    number_of_sets(ABS1, [BEST, SOLVES], "=", 2),
                    number_of_sets(ABS1, [TRAP, ("strict", "=", True), ("loss", "=", 1)], "=", 2),
                    number_of_sets(ABS1, [("kind", "=", "saddle"), ("loss", "=", "4/3")], "=", 4),
                    set_at(ABS1, [[0, 0, 0]], [("kind", "=", "saddle"), ("loss", "=", 2)]),
                ]
            ),
        ),
    ),
    Claim(
        "abs1-points-always-pull",
        "3",
        "In the absolute-value model no point is ever dead: off its boundary each gives a gradient until it is fitted.",
        statement=pulls_unless_fitted,
    ),
    Claim(
        "abs1-always-trains",
        "3",
        "With its flow always present the absolute-value model never fails in the documented training, from zero biases.",
        measure=Study([ABSOLUTE], lambda absolute: never(absolute.whole, "of the absolute-value model")),
    ),
    Claim(
        "abs1-always-trains-with-biases",
        "3",
        "Nor does it with normal biases (N(0, 1/4), as the weights), by Adam or by plain gradient descent (0.1).",
        measure=Study(
            [ABSOLUTE_BIASED, ABSOLUTE_BY_DESCENT],
            lambda adam, descent: all_of(never(adam.whole, "by Adam"), never(descent.whole, "by descent")),
        ),
        because="The flow ends in a trap wherever x1 and x2 are on the same side at the start, a share of (2/pi) arctan(1/sqrt 2) "
        "= 39.2% (basins_of_abs1).",
        repair=Repair(
            "Where z(x1) and z(x2) have different signs the gradient is 8 times the way to a solution; where they agree, 8 "
            "times the way to a trap at w = 0, b = +-1/2.",
            lambda: theorem_statement("basins_of_abs1"),
        ),
    ),
    Claim(
        "abs1-is-more-reliable",
        "3",
        "From the same laws the absolute-value model fails less often than two ReLU units, with zero and with normal biases.",
        measure=Study(
            [NORMAL, ABSOLUTE, BIASED, ABSOLUTE_BIASED],
            lambda normal, absolute, biased, other: all_of(
                fewer_failures(("two ReLU units", normal.whole), ("absolute value", absolute.whole)),
                fewer_failures(("with biases, two ReLU units", biased.whole), ("absolute value", other.whole)),
            ),
        ),
    ),
    Claim(
        "relu2-flow-is-conditional",
        "3",
        "With two ReLU units the flow depends on where one starts: torch's gradient vanishes on an open region, while "
        "the absolute-value model rests at isolated points only.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [("dimension", "=", 6), ("autograd_rests", "=", True), TRAP], ">=", 1),
                every_set(ABS1, [], [("isolated", "=", True)]),
            ]
        ),
    ),
    Claim(
        "liveness-lowers-failures",
        "1, 3",
        "Comparing normal with live starts confirms it: with a liveness test the share of failures is lower.",
        measure=Study(
            [NORMAL, LIVE_STARTS],
            lambda normal, live: fewer_failures(("all starts", normal.whole), ("live ones", live.whole)),
        ),
    ),
    Claim(
        "inductive-bias",
        "3",
        "Inductive bias plays a critical role in neural architectures.",
        opinion="A general lesson; what is said of these two models stands in the other claims.",
    ),
    Claim(
        "xor-is-trivial",
        "3",
        "XOR is a trivial dataset.",
        opinion="A matter of taste; no line separates its classes (no_line_separates_xor).",
    ),
    Claim(
        "can-represent-abs1",
        "3",
        "Two ReLU units represent every function of the absolute-value unit, and others besides.",
        statement=more_functions,
    ),
    Claim(
        "absolute-value-guarantees",
        "3",
        "The absolute value guarantees success by its structure: all its local minima are solutions.",
        statement=lambda: every_set(ABS1, [MINIMA], [SOLVES]),
        because="Two of its four minima are traps, at w = 0, b = +-1/2.",
        repair=Repair(
            "With zero bias it does: from every w with w1 != w2 one step of 1/8 reaches a solution exactly.",
            step_solves_abs1,
        ),
    ),
    Claim(
        "more-treacherous",
        "3",
        "Two ReLU units have more places to get stuck than the absolute value: six sets of traps, all of dimension 3 or "
        "more, instead of two points.",
        statement=lambda: AllAboutSets(
            [
                number_of_sets(RELU2, [TRAP], "=", 6),
                every_set(RELU2, [TRAP], [("dimension", ">=", 3)]),
                number_of_sets(ABS1, [TRAP], "=", 2),
                every_set(ABS1, [TRAP], [("isolated", "=", True)]),
            ]
        ),
    ),
]

FUTURE = [
    Claim(
        "artifacts-of-minimal-width",
        "4",
        "The failures are artifacts of a minimal width: with a third unit no local minimum but the solutions is left.",
        statement=lambda: number_of_sets(RELU3, [TRAP], "=", 0),
        because="A spare unit can lie dead, or share the work of another.",
        repair=Repair(
            "Three units have ten sets of traps, of the same losses 1 and 2; at none are four points right. One is "
            "the dead region, of full dimension 9. What width does change: the solutions form one connected set, not two.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU3, [TRAP], "=", 10),
                    every_set(RELU3, [TRAP], [("loss", "in", [1, 2]), ("right", "<", 4)]),
                    number_of_sets(RELU3, [TRAP, ("loss", "=", 2), ("dimension", "=", 9)], "=", 1),
                    number_of_sets(RELU3, [BEST, SOLVES], "=", 1),
                    number_of_sets(RELU2, [BEST, SOLVES], "=", 2),
                ]
            ),
        ),
    ),
    Claim(
        "conspiracies-are-rare",
        "4",
        "In a layer of a hundred units a start at which some class-1 point is dead is vanishingly rare. Read: zero "
        "biases, weights with a symmetric law. A unit then sees exactly one of x1 and x2, so all must look the same "
        "way: 2 of the 2^100 equally likely choices, less than 1 in 10^29.",
        statement=lambda: AllOf(
            [
                ForAll(
                    "u v",
                    ["u != v"],
                    [
                        [f"{a} > 0", f"{b} < 0"]
                        for a, b in (pre("relu1", "[u, v, 0]")[:2], pre("relu1", "[u, v, 0]")[1::-1])
                    ],
                    ONE,
                    splits=["u - v"],
                ),
                number_fact(f"2/{2**100} < 1/{10**29}"),
            ]
        ),
    ),
    Claim(
        "each-unit-halves-the-dead-starts",
        "4",
        "The more units, the rarer a dead class-1 point, without end: each further unit halves its probability. Read: of "
        "the 2^k ways to negate k units just two leave one dead, shown for k = 1, 2, 3; 2^(1-k) of the starts from zero "
        "biases, whatever the scale of the weights.",
        statement=lambda: theorem_statement("half_of_the_starts_are_blind"),
    ),
    Claim(
        "dead-starts-by-width",
        "4",
        "So it is for the documented law with two, three, four, eight and sixteen units.",
        measure=Study([NORMAL, *WIDE.values()], share_of_blind_starts),
    ),
    Claim(
        "narrow-starts-by-width",
        "4",
        "Starts with a point within the margin (3/10) of all units become rarer from two to three, four, eight and sixteen units.",
        measure=Study(
            [NORMAL, *WIDE.values()],
            lambda *found: falls(
                "Starts without a margin above 3/10",
                *((each.settings["model"], each.runs - part(each, "safe").runs, each.runs) for each in found),
            ),
        ),
    ),
    Claim(
        "failures-by-width",
        "4",
        "So do failures of the documented training.",
        measure=Study(
            [NORMAL, *WIDE.values()],
            lambda *found: fewer_failures(*((each.settings["model"], each.whole) for each in found)),
        ),
    ),
    Claim(
        "same-failures-at-eight-units",
        "4",
        "What fails in wider networks is still the dead points (read: with eight units most failed runs started with a dead "
        "class-1 point).",
        measure=Study([WIDE[8]], lambda wide: failures_were_dead_starts(wide, 0.5)),
        because="Failures become rarer, but more slowly than dead points; most come from live starts.",
    ),
    Claim(
        "dead-starts-by-dimension",
        "4",
        "Dead points are an artifact of low dimension: with four units starts with a dead class-1 point are rarer for the parity "
        "of three signs than for XOR.",
        measure=Study(
            [WIDE[4], CUBE[4]],
            lambda flat, cube: falls(
                "Starts with a dead class-1 point",
                *(
                    (words, part(each, "dead").runs, each.runs)
                    for words, each in (("XOR", flat), ("three signs", cube))
                ),
            ),
        ),
        because="There are twice as many points, each dead with the same probability 2^-4. Width thins them out, dimension does "
        "not.",
    ),
    Claim(
        "failures-by-dimension",
        "4",
        "So are failures: the parity of three signs with four units, the fewest that can solve it, fails less often than XOR "
        "with two.",
        measure=Study(
            [NORMAL, CUBE[4]],
            lambda flat, cube: fewer_failures(("XOR, two units", flat.whole), ("three signs, four units", cube.whole)),
        ),
        because="It fails a little more often; more than half of these failures start with all class-1 points live.",
        repair=Repair(
            "Four units fit the parity of three signs. A unit that is off at all class-0 corners sees one class-1 corner at "
            "most, so that each of the four needs a unit of its own.",
            four_units_for_the_cube,
        ),
    ),
    Claim(
        "width-helps-in-three-dimensions",
        "4",
        "Width helps there too: with eight units the parity of three signs fails less often than with four.",
        measure=Study(
            [CUBE[4], CUBE[8]],
            lambda four, eight: fewer_failures(("four units", four.whole), ("eight units", eight.whole)),
        ),
    ),
    Claim(
        "scale-of-weights-is-not-enough",
        "4",
        "Initialisation is not about the scale of weights alone: with standard deviations of 1/10, 1/2, 1 and 2 at least 45% of "
        "the runs fail.",
        measure=Study(
            [SHORT, NORMAL, LONG, LONGER],
            lambda *found: all_of(
                *(
                    at_least(0.45, failed(each.whole), each.runs, f"Failures for {each.settings['init']}")
                    for each in found
                )
            ),
        ),
        because="Half of the starts have a dead class-1 point at every scale (half_of_the_starts_are_blind).",
    ),
    Claim(
        "scale-of-weights-does-not-matter",
        "4",
        "The scale of weights is the lesser matter: live starts fail no less often with weights N(0, 1/100) than with N(0, 1/4) "
        "(read: the 95% intervals meet).",
        measure=Study(
            [SHORT, LIVE_STARTS],
            lambda short, live: alike(("N(0, 1/100)", part(short, "live")), ("N(0, 1/4)", live.whole)),
        ),
        because="Short weights end the failures of live starts without any margin.",
    ),
    Claim(
        "scaling",
        "4",
        "Whether the findings scale is questionable; high-dimensional geometry may make these failures irrelevant.",
        opinion="Doubts and a 'may'; nothing here could turn out false.",
    ),
    Claim(
        "sound-geometric-relationship",
        "4",
        "Initialisation is about a sound geometric relationship of network and data, not only the scale of weights.",
        opinion="No criterion of soundness is given.",
    ),
    Claim(
        "principles-for-high-dimension",
        "4",
        "Liveness and margin can be made principles of initialisation in high dimension.",
        opinion="A question for the future; no principle is proposed yet.",
    ),
    Claim(
        "asymmetric-solutions-exist",
        "4",
        "There are solutions whose units are not mirror images of each other, and they are as stable as the symmetric.",
        statement=lambda: AllAboutSets([set_at(RELU2, point, [BEST, SOLVES]) for point in (ASYMMETRIC, SYMMETRIC)]),
    ),
    Claim(
        "asymmetric-are-few",
        "4",
        "Few successful runs end in an asymmetric solution (read: fewer than half; the units are more than 1/20 from being mirror "
        "images).",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_20", "1/20")),
        because="The symmetric ones are a thin part of the set of solutions.",
        repair=Repair(
            "Solutions have four free parameters, w1 + w2 = s or t and the biases b, d with |s| <= -b, |t| <= -d; the units are "
            "mirror images just if s + t = 0 and b = d, in a part of dimension 2.",
            family_of_solutions,
        ),
    ),
    Claim(
        "clearly-asymmetric-are-few",
        "4",
        "Fewer than half end clearly asymmetric, more than 1/5 from being mirror images.",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_5", "1/5")),
    ),
    Claim(
        "truly-asymmetric-are-few",
        "4",
        "Fewer than half end more than 1/100 from being mirror images.",
        measure=Study([NORMAL], lambda normal: asymmetric(normal, "unlike_by_1_100", "1/100")),
        because="The smaller the tolerance, the fewer are symmetric; none are exactly, since those have dimension 2 of 4.",
    ),
    Claim(
        "asymmetric-solutions-apart",
        "4",
        "The asymmetric solutions form a class of their own: more connected sets of solutions than the one, up to the "
        "order of the units, that has the symmetric one.",
        statement=lambda: AllAboutSets(
            [set_at(RELU2, SYMMETRIC, [BEST, ("orbit", "=", 2)]), number_of_sets(RELU2, [BEST], ">", 2)]
        ),
        because="There is one set, in two orders of the units.",
        repair=Repair(
            "The solutions form one connected set of dimension 4, in two orders of the units. It holds the symmetric and "
            "the asymmetric ones, and nothing at its edge repels: no other stationary point of loss 0.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU2, [SOLVES], "=", 2),
                    every_set(RELU2, [SOLVES], [BEST, ("dimension", "=", 4), ("orbit", "=", 2)]),
                    *(set_at(RELU2, point, [SOLVES]) for point in (SYMMETRIC, ASYMMETRIC)),
                ]
            ),
        ),
    ),
    Claim(
        "asymmetry-from-one-sided-slope",
        "4",
        "That solutions need not be symmetric is an artifact of the ReLU's one-sided gradient: with a slope of 1/100 on "
        "the other side the solutions are isolated.",
        statement=lambda: every_set(LEAKY2, [BEST], [("isolated", "=", True)]),
        because="A leaky slope thins the family of solutions out, but does not end it.",
        repair=Repair(
            "With slope 1/100 there still are solutions in two sets of dimension 2, asymmetric ones among them; the "
            "one-sided gradient adds two dimensions to each set.",
            lambda: AllAboutSets(
                [
                    number_of_sets(LEAKY2, [BEST, SOLVES, ("dimension", "=", 2)], "=", 2),
                    number_of_sets(LEAKY2, [SOLVES], "=", 2),
                    set_at(LEAKY2, LEAKY_ASYMMETRIC, [BEST, SOLVES]),
                    number_of_sets(RELU2, [BEST, SOLVES, ("dimension", "=", 4)], "=", 2),
                ]
            ),
        ),
    ),
    Claim(
        "deeper-problem",
        "4",
        "The failures are symptoms of an inability to form a coherent, class-defining surface.",
        opinion="Called a gut feeling; the surface is not defined.",
    ),
]

DEFINITION = [
    Claim(
        "trap-exists",
        "2.3",
        "Two ReLU units have a local minimum with loss above 0 in which both weights lie on the line w2 = -w1.",
        statement=lambda: stuck(DEAD_X1),
        because="Both units fit x2 together and x1 is dead; loss 1.",
    ),
    Claim(
        "trap-is-isolated",
        "2.3",
        "That local minimum is stable in the strict sense: every small change of the parameters raises the loss.",
        statement=lambda: set_at(RELU2, DEAD_X1, [TRAP, ("strict", "=", True)]),
        because="It is one point of a plateau.",
        repair=Repair(
            "It is a point of a set of local minima with loss 1, of dimension 5; and no minimum of two units is strict: "
            "they come in sets of dimension 3 to 6.",
            lambda: AllAboutSets(
                [
                    set_at(RELU2, DEAD_X1, [TRAP, ("loss", "=", 1), ("dimension", "=", 5)]),
                    every_set(RELU2, [MINIMA], [("strict", "=", False), ("dimension", "in", [3, 4, 5, 6])]),
                ]
            ),
        ),
    ),
    Claim(
        "trap-has-a-basin",
        "2.3, 2.3.1 (1)",
        "That trap has a basin of attraction around it: from every start within 1/sqrt 12 of it gradient flow ends in a "
        "trap with loss 1 and x1 dead.",
        statement=trapped_nearby,
        because="The distance to it falls under gradient flow.",
    ),
    Claim(
        "seeing-trap-has-a-basin",
        "2.3.1 (1)",
        "So has the trap at which all points are seen: where both units see all points, with pre-activations less than "
        "1/2 apart, gradient flow runs straight to outputs 1/2.",
        statement=lambda: AllOf([all_seen(SEEN_X1), theorem_statement("seeing_everything_is_a_trap")]),
    ),
    Claim(
        "trap-needs-alignment",
        "2.3",
        "What makes training stick is the orientation: both weights must lie on the line w2 = -w1.",
        statement=lambda: Not(stuck(ANY_ANGLE)),
        because="The weights of this local minimum with loss 1 stand at 45 degrees to that line.",
        repair=Repair(
            "Wherever all units see all points, w1 + w2 = 0 and b1 + b2 = 1/2, the network is linear, "
            "outputs 1/2, has loss 1 and no slope in any direction, whatever the angle: a plateau of local "
            "minima.",
            lambda: ForAll(
                f"u v b {DIRECTION}",
                [
                    f"relu2.pre([u, v, b, -u, -v, 1/2 - b], {j}, {i}) > 0"
                    for j, i in ((0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3))
                ],
                [
                    f"relu2.d1([u, v, b, -u, -v, 1/2 - b], {ALONG}) == 0",
                    "relu2.loss([u, v, b, -u, -v, 1/2 - b]) == 1",
                    *(f"relu2.out([u, v, b, -u, -v, 1/2 - b], {i}) == 1/2" for i in range(4)),
                ],
                TWO,
                try_at=[{"u": "1/8", "v": 0, "b": "1/4", **dict.fromkeys(DIRECTION.split(), 0)}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "alignment-is-a-trap",
        "2.3",
        "With both weights on the line w2 = -w1 the loss stays above 0.",
        statement=lambda: ForAll("p q", [], [f"relu2.loss({ALIGNED_0}) > 0"], TWO, try_at=[{"p": "-1/2", "q": "1/2"}]),
        because="The solution itself has this alignment; what matters is whether the two units look the same way.",
        repair=Repair(
            "At zero bias, two units on that line that look the same way have loss 1 + (2|p + q| - 1)^2 >= "
            "1; two that look opposite ways have loss (2|p| - 1)^2 + (2|q| - 1)^2, which reaches 0.",
            lambda: ForAll(
                "p q",
                [],
                [
                    ["p >= 0", "q >= 0", f"relu2.loss({ALIGNED_0}) == 1 + (2*p + 2*q - 1)**2"],
                    ["p <= 0", "q <= 0", f"relu2.loss({ALIGNED_0}) == 1 + (2*p + 2*q + 1)**2"],
                    ["p <= 0", "q >= 0", f"relu2.loss({ALIGNED_0}) == (2*p + 1)**2 + (2*q - 1)**2"],
                    ["p >= 0", "q <= 0", f"relu2.loss({ALIGNED_0}) == (2*p - 1)**2 + (2*q + 1)**2"],
                ],
                TWO,
                splits=["p", "q"],
            ),
        ),
    ),
    Claim(
        "weights-and-boundaries",
        "2.3, 2.3.1",
        "A unit whose weights lie on the line w2 = -w1 has its boundary along that line, as the two "
        "descriptions assume.",
        statement=lambda: ForAll("c", ["c > 0"], each(pre("relu1", "[-c, c, 0]")[:2], "== 0"), ONE),
        because="The boundary is orthogonal to the weights.",
        repair=Repair(
            "For every c other than 0 the boundary of w = c(-1, 1), b = 0 runs through x3 and x4, along the "
            "line y = x, and misses x1 and x2.",
            lambda: ForAll(
                "c",
                ["c != 0"],
                [
                    *each(pre("relu1", "[-c, c, 0]")[:2], "!= 0"),
                    *each(pre("relu1", "[-c, c, 0]")[2:], "== 0"),
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "boundaries-on-antidiagonal",
        "2.3",
        "There is such a local minimum with both boundaries exactly on the line y = -x.",
        statement=lambda: Exists(
            "p q", ["p != 0", "q != 0", "relu2.d1([p, p, 0, q, q, 0], [1, -1, 0, 0, 0, 0]) >= 0"], TWO
        ),
        because="A minimum must not descend along (1, -1) of its first unit, and all of these do.",
        repair=Repair(
            "With both boundaries on y = -x the loss descends with slope -4 for all p and q, so none is a "
            "local minimum; with both boundaries parallel to it there are local minima of loss 1.",
            lambda: AllOf(
                [
                    ForAll("p q", [], ["relu2.d1([p, p, 0, q, q, 0], [1, -1, 0, 0, 0, 0]) == -4"], TWO),
                    stuck((("1/16", "1/16", "1/4"), ("-1/16", "-1/16", "1/4"))),
                ]
            ),
        ),
    ),
    Claim(
        "most-failures-aligned",
        "2.3",
        "Many failures of the documented training (read: at least half) end with both weights on that line, "
        "to 10 degrees.",
        measure=Study(
            [NORMAL], lambda normal: failures_end(normal, "aligned", "with both weights within 10 degrees of w2 = -w1")
        ),
        because="Failed runs end anywhere on a continuum in which one class-1 point is dead.",
    ),
    Claim(
        "most-failures-have-such-boundaries",
        "2.3",
        "Many failures (read: at least half) end with both boundaries along that line, to 10 degrees.",
        measure=Study(
            [NORMAL],
            lambda normal: failures_end(
                normal, "boundaries_aligned", "with both boundaries within 10 degrees of the direction of y = -x"
            ),
        ),
        because="Hardly any do: such weights are at pi/4, where units of documented runs do not stay.",
    ),
    Claim(
        "failures-miss-one-point",
        "2.3",
        "What stable failures have in common is a dead class-1 point (at least 95% of the failed documented runs stop with one).",
        measure=Study([NORMAL], lambda normal: failures_end(normal, "lost", "with a dead class-1 point", 0.95)),
    ),
]

INTUITION = [
    Claim(
        "class-one-seen",
        "2.3.1 (1)",
        "With w on the line w2 = -w1 and zero bias, x1 and x2 are both on the positive side or on the boundary.",
        statement=lambda: ForAll("c", ["c > 0"], each(pre("relu1", "[-c, c, 0]")[:2], ">= 0"), ONE),
        because="They are on opposite sides.",
        repair=Repair(
            "For w = c(-1, 1) with any c and b: both are on the positive side or the boundary exactly if b >= 2|c|.",
            lambda: ForAll(
                "c b",
                [],
                [
                    ["b >= 2*c", "b >= -2*c", *each(pre("relu1", EQ)[:2], ">= 0")],
                    ["b < 2*c", f"{pre('relu1', EQ)[0]} < 0"],
                    ["b < -2*c", f"{pre('relu1', EQ)[1]} < 0"],
                ],
                ONE,
                splits=["b - 2*c", "b + 2*c"],
            ),
        ),
    ),
    Claim(
        "trap-that-sees-class-one",
        "2.3.1 (1)",
        "Some trap on that line has x1 and x2 on the positive side of both units.",
        statement=lambda: AllOf(
            [
                stuck(SEEN_X1),
                number_fact(
                    *(f"relu2.pre({flat(SEEN_X1)}, {j}, {i}) > 0" for j in (0, 1) for i in (0, 1)),
                    relu2=RELU2,
                ),
            ]
        ),
        because="It lies on the plateau where the network is linear, and needs biases near 1/4.",
    ),
    Claim(
        "tugs-cancel-there",
        "2.3.1 (1)",
        "At w = c(-1, 1) the points x1 and x2 tug at the angle with equal and opposite strength.",
        statement=lambda: Exists(
            "c b",
            [
                "c > 0",
                f"{tug(EQ, EQ_TURN, 0, 1)} != 0",
                f"{tug(EQ, EQ_TURN, 0, 1)} + {tug(EQ, EQ_TURN, 1, 1)} == 0",
            ],
            ONE,
        ),
        because="Both lie along w, so neither has a lever; there is nothing to cancel.",
        repair=Repair(
            "For all c and b each tug is 0 by itself, seen or not: x1 and x2 are orthogonal to the turning direction.",
            lambda: ForAll(
                "c b",
                [],
                [
                    *each(pre("relu1", EQ_TURN)[:2], "== 0"),
                    *(f"{tug(EQ, EQ_TURN, i, 1)} == 0" for i in (0, 1)),
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "tugs-cancel-after-a-turn",
        "2.3.1 (1)",
        "After a small turn away from w = c(-1, 1), the tugs of x1 and x2 cancel as long as both are seen.",
        statement=lambda: ForAll(
            "p q b",
            ["p > 0", "q > 0", *each(pre("relu1", "[-p, q, b]")[:2], "> 0")],
            [f"{tug('[-p, q, b]', '[-q, -p, 0]', 0, 1)} + {tug('[-p, q, b]', '[-q, -p, 0]', 1, 1)} == 0"],
            ONE,
        ),
        because="Off the line their levers are opposite, but their errors differ.",
        repair=Repair(
            "Where a unit sees all four points, x1 and x2 together tug with 4(q^2 - p^2), x3 and x4 with the "
            "opposite, and the angle feels nothing; this holds for every w = (-p, q), not only near the "
            "line.",
            lambda: ForAll(
                "p q b",
                each(pre("relu1", "[-p, q, b]"), "> 0"),
                [
                    f"{tug('[-p, q, b]', '[-q, -p, 0]', 0, 1)} + {tug('[-p, q, b]', '[-q, -p, 0]', 1, 1)}"
                    " == 4*(q**2 - p**2)",
                    f"{tug('[-p, q, b]', '[-q, -p, 0]', 2, 0)} + {tug('[-p, q, b]', '[-q, -p, 0]', 3, 0)}"
                    " == 4*(p**2 - q**2)",
                    *each(turning("-p", "q", "b")[:2], "== 0"),
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "ball-in-a-bowl",
        "2.3.1 (1), 2.3.2",
        "With zero bias, 3 pi/4 is a stable equilibrium of the angular loss of one unit, for every r.",
        statement=lambda: ForAll(
            "c",
            ["c > 0"],
            [*each(turning("-c", "c", "0")[:2], "== 0"), *each(turning("-c", "c", "0")[2:], "== 4*c")],
            ONE,
        ),
        because="So it is; but it is the orientation of the solutions, see theta-opt-is-true.",
        predicts=Prediction(
            "a unit that starts with w1 < 0 < w2 and b = 0 stays there and reaches its least loss, 1",
            "relu1",
            ends_in_quadrant,
            lambda begin: (begin[:, 0, 0] < 0) & (begin[:, 0, 1] > 0),
            starts="normal:1/2",
            epochs=1500,
        ),
    ),
    Claim(
        "class-zero-error",
        "2.3.1 (2)",
        "With both weights on that line and zero biases, the class-0 points have a large error.",
        statement=lambda: ForAll("p q", [], [f"relu2.out({ALIGNED_0}, {i}) > 0" for i in (2, 3)], TWO),
        because="They lie on both boundaries and are fitted exactly.",
        repair=Repair(
            "For all weights on the line, the error at x3 and x4 is the sum of the positive parts of the "
            "biases: 0 unless a bias is positive.",
            lambda: ForAll(
                "p q b1 b2",
                [],
                [
                    [*signs, *(f"relu2.out({ALIGNED}, {i}) == {error}" for i in (2, 3))]
                    for signs, error in (
                        (("b1 <= 0", "b2 <= 0"), "0"),
                        (("b1 >= 0", "b2 <= 0"), "b1"),
                        (("b1 <= 0", "b2 >= 0"), "b2"),
                        (("b1 >= 0", "b2 >= 0"), "b1 + b2"),
                    )
                ],
                TWO,
                splits=["b1", "b2"],
            ),
        ),
    ),
    Claim(
        "class-zero-collinear",
        "2.3.1 (2)",
        "The gradient contributions of x3 and x4 are collinear with the weights c(-1, 1).",
        statement=lambda: ForAll("c", ["c > 0"], each(pre("relu1", EQ_TURN)[2:], "== 0"), ONE),
        because="A contribution is a multiple of its point, and x3 = -x4 = (1, 1) is orthogonal to (-1, 1).",
        repair=Repair(
            "For every c it is x1 and x2 that are collinear with the weights, and x3 and x4 that are "
            "orthogonal to them.",
            lambda: ForAll(
                "c",
                [],
                [*each(pre("relu1", EQ_TURN)[:2], "== 0"), *each(pre("relu1", "[-c, c, 0]")[2:], "== 0")],
                ONE,
            ),
        ),
    ),
    Claim(
        "class-zero-only-scales",
        "2.3.1 (2)",
        "At w = c(-1, 1), x3 and x4 can only change the norm of the weights; neither turns them.",
        statement=lambda: ForAll("c b", ["c > 0", "b > 0"], [f"{tug(EQ, EQ_TURN, i, 0)} == 0" for i in (2, 3)], ONE),
        because="It is the reverse: they can only turn.",
        repair=Repair(
            "For all c and b, x3 and x4 never change the norm. If b > 0 they tug at the angle with -4bc and "
            "4bc: these are the equal and opposite tugs; if b <= 0 they do nothing.",
            lambda: ForAll(
                "c b",
                [],
                [
                    [
                        *still,
                        "b > 0",
                        f"{tug(EQ, EQ_TURN, 2, 0)} == -4*b*c",
                        f"{tug(EQ, EQ_TURN, 3, 0)} == 4*b*c",
                    ]
                    if active
                    else [*still, "b <= 0", *(f"relu1.out({EQ}, {i}) == 0" for i in (2, 3))]
                    for still in [[f"{tug(EQ, '[-c, c, 0]', i, 0)} == 0" for i in (2, 3)]]
                    for active in (True, False)
                ],
                ONE,
                splits=["b"],
            ),
        ),
    ),
    Claim(
        "cannot-swing-out",
        "2.3.1 (2)",
        "Training that starts with both weights on the line w2 = -w1 never leaves it, whatever the biases.",
        statement=lambda: ForAll(
            "p q b1 b2",
            [],
            [f"relu2.autograd({ALIGNED}, {across}) == 0" for across in ("[1, 1, 0, 0, 0, 0]", "[0, 0, 0, 1, 1, 0]")],
            TWO,
        ),
        because="True of torch's gradient, kinks included; but the line holds the solution, so this is no obstacle.",
    ),
    Claim(
        "y-equals-x-separates",
        "2.3.1 (3)",
        "The line y = x separates the classes of XOR: x1 and x2 lie on one side of it, x3 and x4 on the other.",
        statement=lambda: Exists(
            "t", [f"t*({z}) {side} 0" for z, side in zip(pre("relu1", "[1, -1, 0]"), ">><<", strict=True)], ONE
        ),
        because="x1 and x2 lie on different sides of it, x3 and x4 on it. No line separates the classes.",
        repair=Repair(
            "It is the boundary of both units at the symmetric solution, which see one class-1 point each: pre-activation 0 at "
            "x3 and x4, 1 and -1 at x1 and x2.",
            lambda: number_fact(
                *(
                    f"relu2.pre({flat(SYMMETRIC)}, {j}, {i}) == {z}"
                    for j, signs in enumerate(((1, -1, 0, 0), (-1, 1, 0, 0)))
                    for i, z in enumerate(signs)
                ),
                relu2=RELU2,
            ),
        ),
    ),
    Claim(
        "must-rotate-away",
        "2.3.1 (3)",
        "To solve the task the weights must leave the line w2 = -w1 and turn towards the true separator.",
        statement=lambda: ForAll(SIX, SOLVED, ["p1 + p2 != 0", "q1 + q2 != 0"], TWO, SOLVED_AT, samples=0),
        because="The true separator y = x is the boundary of these weights already.",
        repair=Repair(
            "Every solution has both weights within 45 degrees of the line, at most -b off it: up to the "
            "order of the units p1 - p2 = 1 - b1, |p1 + p2| <= -b1 and q2 - q1 = 1 - b2, |q1 + q2| <= -b2. "
            "With zero biases they lie on it.",
            solutions,
        ),
    ),
    Claim(
        "only-shrinking-helps",
        "2.3.1 (3)",
        "At this angle the loss falls only if the norm of the weights shrinks.",
        statement=lambda: ForAll(
            "c b", ["c > 0", "b == 0"], [f"relu1.d1({EQ}, [-1, 1, 0]) > 0"], ONE, [{"c": "1/4", "b": 0}]
        ),
        because="Short weights must grow.",
        repair=Repair(
            "For c > 0 the slope along the ray is 4(2c + b - 1) if |b| < 2c: growth helps until 2c = 1 - b. "
            "It is 16c, so that shrinking helps, if b >= 2c: there both class-1 points are seen. It is 0 if "
            "b <= -2c.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [
                    ["b >= 2*c", "relu1.d1([-c, c, b], [1, -1, 0]) == -16*c"],
                    ["b < 2*c", "b > -2*c", "relu1.d1([-c, c, b], [-1, 1, 0]) == 4*(2*c + b - 1)"],
                    ["b <= -2*c", "relu1.d1([-c, c, b], [1, -1, 0]) == 0"],
                ],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "outputs-collapse",
        "2.3.1 (3)",
        "At this angle and zero bias gradient flow shrinks the outputs to 0 (read: from all w = p(-1, 1) and q(-1, 1), "
        "p, q > 0).",
        statement=lambda: Not(trapped_nearby()),
        because="Outputs 0 have loss 2; every flow that starts within 1/sqrt 12 of p = q = 1/4, zero biases, ends at loss 1, with "
        "output 1 at x2.",
        repair=Repair(
            "For all p, q >= 0 the loss is 1 + (2p + 2q - 1)^2: least, 1, where the output at x2 is 1 and only x1 is "
            "missed.",
            lambda: ForAll(
                "p q",
                ["p >= 0", "q >= 0"],
                [
                    f"relu2.loss({ALIGNED_0}) == 1 + (2*p + 2*q - 1)**2",
                    f"relu2.out({ALIGNED_0}, 1) == 2*p + 2*q",
                    *(f"relu2.out({ALIGNED_0}, {i}) == 0" for i in (0, 2, 3)),
                ],
                TWO,
            ),
        ),
    ),
    Claim(
        "failures-collapse",
        "2.3.1 (3)",
        "Failed runs (read: at least half) end with all outputs near 0.",
        measure=Study([NORMAL], lambda normal: failures_end(normal, "collapsed", "with all outputs below 1/20")),
        because="Nearly all fit one class-1 point.",
    ),
    Claim(
        "collapse-gives-50",
        "2.3.1 (3)",
        "A network with all outputs 0 classifies 50% correctly.",
        statement=lambda: AllOf(
            [ForAll(SIX, [silent], [score], TWO, SILENT_AT) for silent, score in zip(SILENT, SCORE, strict=True)]
        ),
        because="With the threshold 1/2 it gets class 0 right and class 1 wrong.",
    ),
    Claim(
        "collapse-gives-75",
        "2.3.1 (3)",
        "A network with all outputs 0 may also classify 75% correctly.",
        statement=lambda: Exists(
            SIX,
            [*SILENT, f"relu2.out({SIX_AT}, 0) + relu2.out({SIX_AT}, 1) > 1/2"],
            TWO,
            SILENT_AT,
            samples=0,
        ),
        because="Three right answers need a class-1 point above 1/2.",
        repair=Repair(
            "75% is the score all along a line of local minima at which the outputs have not collapsed: 1 at "
            "x2, 0 elsewhere. It holds every pair w = p(-1, 1) and (1/2 - p)(-1, 1) with 0 < p < 1/2 and zero biases: "
            "loss 1, no slope in any direction.",
            lambda: AllOf(
                [
                    ForAll(
                        "p",
                        ["0 < p", "p < 1/2"],
                        [f"relu2.out({VALLEY}, {i}) == {int(i == 1)}" for i in range(4)],
                        TWO,
                    ),
                    ForAll(
                        f"p {DIRECTION}",
                        ["0 < p", "p < 1/2"],
                        [f"relu2.d1({VALLEY}, {ALONG}) == 0", f"relu2.loss({VALLEY}) == 1"],
                        TWO,
                        try_at=[{"p": "1/4", **dict.fromkeys(DIRECTION.split(), 0)}],
                        samples=0,
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "failures-score",
        "2.3.1 (3)",
        "Failed runs classify 75% or 50% of the points correctly.",
        measure=Study([NORMAL], scores),
    ),
]

PROOF = [
    Claim(
        "proof-is-rigorous",
        "2.3.2",
        "The argument for the stability of 3 pi/4 and the instability of pi/4 is rigorous.",
        opinion="A judgement on the text. Its steps are settled one by one below.",
    ),
    Claim(
        "one-unit-for-two",
        "2.3.2 A",
        "What holds for the angle of a single unit holds for each unit in a sum of two: at zero bias 3 pi/4 is stable.",
        statement=lambda: ForAll("c m", ["c > 0", "m > 0"], each(SECOND, "> 0"), TWO),
        because="The other unit changes the error at x2.",
        repair=Repair(
            "For all c > 0 and m >= 0, with the other unit at m(-1, 1), slope 0 and curvature 4c(1 - 2m): "
            "stable exactly if the other contributes less than 1 at x2. With the other at m(1, -1) the "
            "curvature is 4c, as alone.",
            lambda: AllOf(
                [
                    ForAll("c m", ["c > 0", "m >= 0"], [*each(SECOND, "== 4*c*(1 - 2*m)"), *LEVEL], TWO),
                    ForAll("c m", ["c > 0", "m <= 0"], [*each(SECOND, "== 4*c"), *LEVEL], TWO),
                ]
            ),
        ),
    ),
    Claim(
        "same-numbers",
        "2.3.2 A",
        "The points are numbered as in the description before: its x1, (-1, 1), is the x1 of the proof, (1, -1).",
        statement=lambda: ForAll("u v b", [], ["-u + v + b == relu1.pre([u, v, b], 0, 0)"], ONE),
        because="x1 and x2 change places, and so do x3 and x4; both classes are symmetric, so nothing hangs on it.",
        repair=Repair(
            "What is called x1, x2, x3, x4 before is x2, x1, x4, x3 of the proof.",
            lambda: ForAll(
                "u v b",
                [],
                [f"{x}*u + {y}*v + b == {pre('relu1', '[u, v, b]')[i]}" for (x, y), i in EARLIER],
                ONE,
            ),
        ),
    ),
    Claim(
        "data-are-centred",
        "2.3.2 A",
        "The data are centred: their mean is 0.",
        statement=lambda: ForAll("u v", [], [f"{' + '.join(pre('relu1', '[u, v, 0]'))} == 0"], ONE),
    ),
    Claim(
        "polar-form",
        "2.3.2 A",
        "Weights other than 0 are r (cos, sin) with r > 0 in just one way: any two such forms agree.",
        statement=lambda: AllOf(
            [
                ForAll(
                    "u v r c s",
                    ["r > 0", "r**2 == u**2 + v**2", "r*c == u", "r*s == v"],
                    ["c**2 + s**2 == 1"],
                    try_at=[{"u": 3, "v": 4, "r": 5, "c": "3/5", "s": "4/5"}],
                    samples=0,
                ),
                ForAll(
                    "r c s q x y",
                    ["r > 0", "q > 0", "c**2 + s**2 == 1", "x**2 + y**2 == 1", "r*c == q*x", "r*s == q*y"],
                    ["r == q", "c == x", "s == y"],
                    try_at=[{"r": 1, "c": 1, "s": 0, "q": 1, "x": 1, "y": 0}],
                    samples=0,
                ),
            ]
        ),
    ),
    Claim(
        "norm-and-bias-stay",
        "2.3.2 A",
        "Norm and bias may be held fixed: at 3 pi/4 training does not move them.",
        statement=lambda: ForAll(
            "c b", ["c > 0"], [f"relu1.autograd({EQ}, {way}) == 0" for way in ("[-1, 1, 0]", "[0, 0, 1]")], ONE
        ),
        because="It does until x2 is fitted; only the angle rests there.",
        repair=Repair(
            "For c > 0 and zero bias torch's slopes along the weights, (-1, 1), and along the bias are 4(2c - 1) and 2(2c - 1): "
            "both rest only at c = 1/2, where x2 is fitted.",
            lambda: ForAll(
                "c",
                ["c > 0"],
                [
                    "relu1.autograd([-c, c, 0], [-1, 1, 0]) == 4*(2*c - 1)",
                    "relu1.autograd([-c, c, 0], [0, 0, 1]) == 2*(2*c - 1)",
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "active-set",
        "2.3.2 A",
        "Some weights and bias switch x1 and x2 on while x3 and x4 are off.",
        statement=lambda: active_set(RELU1, on=[(0, 0), (0, 1)], off=[(0, 2), (0, 3)]),
        because="x1 + x2 = x3 + x4 = 0, so the pre-activations of either pair add up to 2b.",
        repair=Repair(
            "For all w and b, a unit that sees x1 and x2 sees x3 or x4 too. At 3 pi/4 it sees nothing (b <= "
            "-2c), x2 alone (-2c < b <= 0), all but x1 (0 < b <= 2c), or all four.",
            lambda: AllOf([sees_class_zero(), sees_at_eq()]),
        ),
    ),
    Claim(
        "loss-formula",
        "2.3.2 A",
        "The loss is the sum of the squared differences between outputs and labels.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [],
            [
                "relu1.loss([w1, w2, b]) == (relu1.out([w1, w2, b], 0) - 1)**2 + (relu1.out([w1, w2, b], 1) - 1)**2"
                " + relu1.out([w1, w2, b], 2)**2 + relu1.out([w1, w2, b], 3)**2"
            ],
            ONE,
        ),
        because="Training used the mean, which divides every slope and curvature below by 4.",
    ),
    Claim(
        "chain-rule",
        "2.3.2 B",
        "Where no point is on the boundary, dL/dtheta is twice the sum over seen points of error times x . "
        "(-sin, cos).",
        statement=lambda: ForAll(
            "r u v b",
            ["r > 0", "u**2 + v**2 == 1", *each(pre("relu1", "[r*u, r*v, b]"), "!= 0")],
            ["relu1.d1([r*u, r*v, b], [-r*v, r*u, 0]) == relu1.autograd([r*u, r*v, b], [-v, u, 0])"],
            ONE,
            try_at=[{"r": 2, "u": "3/5", "v": "4/5", "b": 1}],
        ),
        because="dw/dtheta is r(-sin, cos); the factor r is lost.",
        repair=Repair(
            "For all r, u, v, b off the boundaries, dL/dtheta is r times that sum.",
            lambda: ForAll(
                "r u v b",
                each(pre("relu1", "[r*u, r*v, b]"), "!= 0"),
                ["relu1.d1([r*u, r*v, b], [-r*v, r*u, 0]) == r*relu1.autograd([r*u, r*v, b], [-v, u, 0])"],
                ONE,
            ),
        ),
    ),
    Claim(
        "chain-rule-at-boundaries",
        "2.3.2 B",
        "With its factor r the formula gives the derivative at every angle, boundaries included.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [],
            ["relu1.d1([w1, w2, b], [-w2, w1, 0]) == relu1.autograd([w1, w2, b], [-w2, w1, 0])"],
            ONE,
            try_at=[{"w1": 1, "w2": 1, "b": 0}],
        ),
        because="At pi/4 and zero bias, x1 and x2 are on the boundary with error -1: a kink, where the "
        "formula gives 0.",
        repair=Repair(
            "It gives both one-sided derivatives wherever x1 and x2 are off the boundary; x3 and x4 may be "
            "on it, since they are fitted there.",
            lambda: ForAll(
                "w1 w2 b",
                each(pre("relu1", "[w1, w2, b]")[:2], "!= 0"),
                [
                    f"relu1.d1([w1, w2, b], {way}) == relu1.autograd([w1, w2, b], {way})"
                    for way in ("[-w2, w1, 0]", "[w2, -w1, 0]")
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "sum-over-class-one",
        "2.3.2 B",
        "With x1 and x2 on and x3 and x4 off, only x1 and x2 enter dL/dtheta.",
        statement=lambda: ForAll(
            "w1 w2 b",
            assumed("[w1, w2, b]"),
            [
                f"relu1.d1([w1, w2, b], [-w2, w1, 0]) == {tug('[w1, w2, b]', '[-w2, w1, 0]', 0, 1)}"
                f" + {tug('[w1, w2, b]', '[-w2, w1, 0]', 1, 1)}"
            ],
            ONE,
        ),
        repair=Repair(
            "At zero bias, in the whole quadrant w1 < 0 < w2, dL/dtheta is the tug of x2 plus that of x3 "
            "(above the diagonal) or x4 (below): one point of each class.",
            lambda: AllOf(
                [
                    ForAll(
                        "p q",
                        ["p > 0", "q > 0", side],
                        [
                            f"{NEAR[0]} == {tug('[-p, q, 0]', '[-q, -p, 0]', 1, 1)}"
                            f" + {tug('[-p, q, 0]', '[-q, -p, 0]', i, 0)}"
                        ],
                        ONE,
                    )
                    for side, i in (("q > p", 2), ("p > q", 3))
                ]
            ),
        ),
    ),
    Claim(
        "opposite-points",
        "2.3.2 B",
        "x1 + x2 = 0.",
        statement=lambda: ForAll("u v", [], [" + ".join(pre("relu1", "[u, v, 0]")[:2]) + " == 0"], ONE),
        because="So is x3 + x4, which is what makes the active set impossible.",
    ),
    Claim(
        "equal-outputs",
        "2.3.2 B",
        "At w = c(-1, 1) the unit gives the same output at x1 and x2.",
        statement=lambda: ForAll("c b", ["c > 0"], [f"relu1.out({EQ}, 0) == relu1.out({EQ}, 1)"], ONE),
        repair=Repair(
            "For c > 0 the outputs are equal exactly if b <= -2c, both being 0; else the output at x2 is the larger.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [
                    ["b <= -2*c", *(f"relu1.out({EQ}, {i}) == 0" for i in (0, 1))],
                    ["b > -2*c", f"relu1.out({EQ}, 0) < relu1.out({EQ}, 1)"],
                ],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "weighted-sum",
        "2.3.2 B",
        "At w = c(-1, 1) the sum of (f - 1) x over x1 and x2 is the zero vector.",
        statement=lambda: ForAll("c b", ["c > 0"], [f"{WEIGHTED} == 0"], ONE),
        because="It is (f(x1) - f(x2)) times (1, -1).",
        repair=Repair(
            "For c > 0 it vanishes exactly if b <= -2c. For all c and b its part along the turning direction "
            "vanishes, and that is all that dL/dtheta needs.",
            lambda: AllOf(
                [
                    ForAll(
                        "c b",
                        ["c > 0"],
                        [["b <= -2*c", f"{WEIGHTED} == 0"], ["b > -2*c", f"{WEIGHTED} < 0"]],
                        ONE,
                        splits=KINKS,
                    ),
                    ForAll("c b", [], [f"{tug(EQ, EQ_TURN, 0, 1)} + {tug(EQ, EQ_TURN, 1, 1)} == 0"], ONE),
                ]
            ),
        ),
    ),
    Claim(
        "slope-at-eq",
        "2.3.2 B",
        "dL/dtheta = 0 at 3 pi/4.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_SLOPES, "== 0"), ONE),
        because="True for every r > 0 and every b, from both sides, though not for the reason given.",
    ),
    Claim(
        "second-derivative-formula",
        "2.3.2 C",
        "With x1 and x2 on and x3 and x4 off, the second derivative is a sum over x1 and x2 only.",
        statement=lambda: ForAll(
            "w1 w2 b",
            assumed("[w1, w2, b]"),
            [
                f"{BEND} == {tug('[w1, w2, b]', '[-w1, -w2, 0]', 0, 1)} + {tug('[w1, w2, b]', '[-w1, -w2, 0]', 1, 1)}"
                f" + 2*{pre('relu1', '[-w2, w1, 0]')[0]}**2 + 2*{pre('relu1', '[-w2, w1, 0]')[1]}**2"
            ],
            ONE,
        ),
        repair=Repair(
            "Wherever no point is on the boundary, it is the Hessian along the turning direction minus w . grad L.",
            lambda: ForAll(
                "w1 w2 b",
                each(pre("relu1", "[w1, w2, b]"), "!= 0"),
                [
                    f"{BEND} == relu1.d2([w1, w2, b], [-w2, w1, 0], [0, 0, 0])"
                    " - relu1.autograd([w1, w2, b], [w1, w2, 0])"
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "curvature-as-assumed",
        "2.3.2 C",
        "With x1 and x2 on and x3 and x4 off, the second derivative at 3 pi/4 is positive.",
        statement=lambda: ForAll("c b", ["c > 0", *assumed(EQ)], each(EQ_BENDS, "> 0"), ONE),
        repair=Repair(
            "At zero bias it is 4c = 2 sqrt(2) r > 0 for every r.",
            lambda: ForAll("c b", ["c > 0", "b == 0"], each(EQ_BENDS, "== 4*c"), ONE, [{"c": 1, "b": 0}]),
        ),
    ),
    Claim(
        "curvature-for-every-bias",
        "2.3.2 C",
        "The second derivative at 3 pi/4 is positive for every fixed r and b.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_BENDS, "> 0"), ONE),
        because="It is 0 for |b| >= 2c, and of either sign for negative b.",
        repair=Repair(
            "For every c > 0 (s = 2c = r sqrt 2): 0 if |b| >= s; 2s(1 + s - b) if 0 < b < s; 2s if b = 0; "
            "2s(1 - s - b) if -s < b < 0.",
            curvature_at_eq,
        ),
    ),
    Claim(
        "attracts-with-norm-and-bias-free",
        "2.3.2 C",
        "3 pi/4 stays attracting when norm and bias move as well: where a unit sees x2 and not x1, gradient flow turns it "
        "towards that angle.",
        statement=lambda: ForAll(
            "w1 w2 b",
            [f"{pre('relu1', W)[1]} > 0", f"{pre('relu1', W)[0]} < 0", "w1 + w2 > 0"],
            [f"(w2 - w1)*relu1.d1({W}, [1, 1, 0]) >= (w1 + w2)*relu1.d1({W}, [-1, 1, 0])"],
            ONE,
        ),
        because="Where x2 alone is seen with an output above 1 the unit shortens and w1 + w2 stays: it turns away.",
        repair=Repair(
            "Nowhere does |w1 + w2| grow. From zero bias and w1 < w2 with w1 >= -1/2, w2 <= 1/2 the flow ends exactly at "
            "w = (-1/2, 1/2), b = 0; a unit that sees x2 alone keeps w1 + w2 for ever.",
            lambda: theorem_statement("short_units_find_the_separator"),
        ),
    ),
    Claim(
        "minimum-for-every-bias",
        "2.3.2 C",
        "3 pi/4 is a strict local minimum of the angular loss for every fixed r and b.",
        statement=lambda: ForAll("c b", ["c > 0"], each(EQ_BENDS, ">= 0"), ONE, try_at=[{"c": 1, "b": "-1/2"}]),
        because="Even a minimum that is not strict needs curvature >= 0, the slope being 0.",
        repair=Repair(
            "A strict minimum if 0 <= b < 2c, or -2c < b < 0 and b < 1 - 2c; a strict maximum if -2c < b < 0 "
            "and b > 1 - 2c. Where all four points are seen the loss depends on the norm and b alone, so all "
            "angles are equal.",
            kind_at_eq,
        ),
    ),
    Claim(
        "theta-opt-direction",
        "2.3.2 D",
        "The angle pi/4 means w proportional to (-1, 1).",
        statement=lambda: ForAll("u v", ["u > 0", "u == v"], ["u + v == 0"], try_at=[{"u": 1, "v": 1}]),
        because="That is 3 pi/4, the angle called the trap.",
        repair=Repair(
            "Every vector at pi/4 is orthogonal to (-1, 1), and not 0.",
            lambda: ForAll("u v", ["u > 0", "u == v"], ["-u + v == 0", "u + v > 0"], try_at=[{"u": 1, "v": 1}]),
        ),
    ),
    Claim(
        "theta-opt-is-true",
        "2.3.2 D",
        "pi/4 is the orientation of the true separator: no single unit does better than the best one at pi/4.",
        statement=lambda: Not(PI4_IS_WORSE),
        because="Every unit at pi/4 has loss above 1, and 3 pi/4 reaches the least loss of all, 1.",
        repair=Repair(
            "The least loss of a single unit is 1, reached at 3 pi/4 with w = (-1/2, 1/2), b = 0; at pi/4 "
            "the loss is above 1 for all r and b. Every solution of two units has w1 w2 < 0 in both, so none "
            "has a weight at pi/4.",
            lambda: AllOf([global_minimum_at(RELU1, (("-1/2", "1/2", 0),)), PI4_IS_WORSE, solutions()]),
        ),
    ),
    Claim(
        "slope-at-opt",
        "2.3.2 D",
        "dL/dtheta = 0 at pi/4, zero bias included.",
        statement=lambda: ForAll("c b", ["c > 0"], each(OPT_SLOPES, "== 0"), ONE, try_at=[{"c": 1, "b": 0}]),
        because="At zero bias x1 and x2 are on the boundary with error -1, and there is no derivative.",
        repair=Repair(
            "For every c > 0: both one-sided slopes are 0 if b is not 0, and -4c if b = 0.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [["b != 0", *each(OPT_SLOPES, "== 0")], ["b == 0", *each(OPT_SLOPES, "== -4*c")]],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "opt-is-a-peak-at-zero-bias",
        "2.3.2 D",
        "At zero bias any small turn away from pi/4 lowers the loss, for every r.",
        statement=lambda: ForAll("c", ["c > 0"], each(turning("c", "c", "0")[:2], "< 0"), ONE),
        because="True, as a sharp peak; the document expects a smooth one.",
        predicts=Prediction(
            "a unit that starts in the open quadrant around pi/4 with b = 0 leaves it and reaches its least loss, 1",
            "relu1",
            ends_across,
            lambda begin: (begin[:, 0, :2] > 0).all(1),
            starts="normal:1/2",
            epochs=1500,
        ),
    ),
    Claim(
        "curvature-at-opt",
        "2.3.2 D",
        "The second derivative at pi/4 is negative, so that it is a local maximum, wherever the loss is smooth there.",
        statement=lambda: ForAll("c b", ["c > 0", "b != 0", "b < 2*c", "b > -2*c"], each(OPT_BENDS, "< 0"), ONE),
        because="For small positive b it is a strict minimum.",
        repair=Repair(
            "For every c > 0 (s = 2c): slope 0 and curvature 2s(s - b) > 0 if 0 < b < s, -2s(s + b) < 0 if "
            "-s < b < 0, 0 if |b| >= s; a peak with slopes -2s to both sides if b = 0.",
            curvature_at_opt,
        ),
    ),
    Claim(
        "opt-is-a-saddle",
        "2.3.2 D",
        "Some unit at pi/4 that sees a point is a saddle of the loss: stationary in (w, b), at a kink in the "
        "wide sense.",
        statement=lambda: Exists(
            "c b s0 s1 s2 s3",
            ["c > 0", "2*c + b > 0", f"relu1.rest({OPT}, [s0, s1, s2, s3])"],
            ONE,
            samples=0,
        ),
        because="Shorter weights are always better there.",
        repair=Repair(
            "For all c > 0 and b > -2c the loss at w = c(1, 1) falls along -(1, 1); for b <= -2c the unit is "
            "dead and the loss is 2.",
            lambda: ForAll(
                "c b",
                ["c > 0"],
                [["b > -2*c", f"relu1.d1({OPT}, [-1, -1, 0]) < 0"], ["b <= -2*c", f"relu1.loss({OPT}) == 2"]],
                ONE,
                splits=KINKS,
            ),
        ),
    ),
    Claim(
        "repelled-from-the-truth",
        "2.3.2 D",
        "Gradient flow is repelled from the orientation of the true separator, from zero bias on either side.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="The true orientation is 3 pi/4; what repels is pi/4. From zero bias and w1 < w2 with w1 >= -1/2, w2 <= 1/2, norm and "
        "bias free, the flow ends exactly at w = (-1/2, 1/2), b = 0.",
        repair=Repair(
            "At zero bias dL/dtheta = -2(w1 + w2) for every w with w1 < 0 < w2: the angular flow leads to 3 pi/4 from the whole "
            "quadrant.",
            restoring,
        ),
    ),
]

INITIALISATION = [
    Claim(
        "no-torque-nearby",
        "2.3.3",
        "Near 3 pi/4 there is no torque.",
        statement=lambda: ForAll("p q", ["p > 0", "q > 0"], [f"{NEAR[0]} == 0"], ONE),
        because="Only at the angle itself, at zero bias.",
        repair=Repair(
            "At zero bias the torque dL/dtheta is -2(w1 + w2) in the whole quadrant w1 < 0 < w2: 0 at 3 pi/4 only.",
            lambda: AllOf(
                [
                    restoring(),
                    ForAll("p q", ["p > 0", "q > 0"], [["p == q"], [f"{NEAR[0]} != 0"]], ONE, splits=["p - q"]),
                ]
            ),
        ),
    ),
    Claim(
        "near-eq-is-the-basin",
        "2.3.3",
        "Starts with both weights near the line w2 = -w1 lie in the basin of the trap.",
        statement=lambda: Not(solved_nearby()),
        because="It matters whether the two look the same way: every start within 1/sqrt 3 of +-(1/2, -1/2), zero biases, flows "
        "to loss 0.",
        repair=Repair(
            "Looking opposite ways they solve it, which refutes the claim. Looking the same way they do not: every start within "
            "1/sqrt 12 of w = (-1/4, 1/4) twice, zero biases, flows to loss 1.",
            trapped_nearby,
        ),
    ),
    Claim(
        "starts-near-eq-fail",
        "2.3.3",
        "Random starts near 3 pi/4 are the ones that fail (documented training, live starts).",
        measure=Study([LIVE_STARTS], near_starts_fail),
        because="It is the other way round.",
    ),
    Claim(
        "starts-land-near-eq",
        "2.3.3",
        "Random starts can land near 3 pi/4 (read: both weights within 15 degrees of the line w2 = -w1 in at least 1 start in "
        "100).",
        measure=Study(
            [NORMAL],
            lambda normal: at_least(
                0.01,
                part(normal, "both_near_eq").runs,
                normal.runs,
                "Starts with both weights within 15 degrees of the line",
            ),
        ),
    ),
    Claim(
        "starts-near-eq-fail-more",
        "2.3.3",
        "Without care (no liveness test) starts with both weights within 15 degrees of that line fail more often than all.",
        measure=Study(
            [NORMAL],
            lambda normal: fewer_failures(
                ("starts near the line", part(normal, "both_near_eq")), ("all starts", normal.whole)
            ),
        ),
        because="They fail a little less often: half of them, those whose units look the same way.",
    ),
    Claim(
        "pushed-away-from-opt",
        "2.3.3",
        "At zero bias, gradient descent turns a unit near pi/4 away from it, on either side.",
        statement=lambda: AllOf(
            [
                ForAll("p q", ["p > 0", "q > p"], [f"{turning('p', 'q', '0')[0]} == -2*(p + q)"], ONE),
                ForAll("p q", ["q > 0", "p > q"], [f"{turning('p', 'q', '0')[1]} == -2*(p + q)"], ONE),
            ]
        ),
        because="True in the whole quadrant, with torque 2(w1 + w2); for 0 < b < 2c pi/4 attracts instead.",
    ),
    Claim(
        "pushed-into-the-trap",
        "2.3.3",
        "From near pi/4 a unit is pushed into a trap: gradient flow from w = (c + d, c - d), b = 0, with some "
        "0 < d < c <= 3/2, does not reach its least loss.",
        statement=lambda: Not(flow_from_opt()),
        because="All of these starts reach it, loss 1.",
        repair=Repair(
            "They are turned towards less loss: at equal norm and zero bias 3 pi/4 has less than pi/4, by 4c (for two units "
            "see live-starts-succeed-under-the-flow).",
            lambda: ForAll("c", ["c > 0"], ["relu1.loss([c, c, 0]) - relu1.loss([-c, c, 0]) == 4*c"], ONE),
        ),
    ),
    Claim(
        "liveness-avoids-angles",
        "2.3.3",
        "A live start with zero biases keeps both weights at least 5 degrees (1 in 11) off the line w2 = -w1.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2",
            margin(ZERO_BIAS, "0"),
            ["121*(p1 + p2)**2 > (p1 - p2)**2", "121*(q1 + q2)**2 > (q1 - q2)**2"],
            TWO,
            try_at=[{"p1": 5, "p2": "-22/5", "q1": -5, "q2": "22/5"}],
        ),
        because="The test tells quadrants apart, not angles.",
        repair=Repair(
            "Of the four quarter turns of the second unit just one makes the start live, whatever the two angles: the test "
            "keeps a quarter of all starts and prefers no angle.",
            lambda: theorem_statement("a_quarter_of_the_starts_is_live"),
        ),
    ),
    Claim(
        "margin-avoids-angles",
        "2.3.3",
        "A start with zero biases and margin 3/10 keeps both weights at least 5 degrees (1 in 11) off the "
        "line w2 = -w1.",
        statement=lambda: ForAll(
            "p1 p2 q1 q2",
            margin("[p1, p2, 0, q1, q2, 0]", "3/10"),
            ["121*(p1 + p2)**2 > (p1 - p2)**2", "121*(q1 + q2)**2 > (q1 - q2)**2"],
            TWO,
            try_at=[{"p1": 5, "p2": "-22/5", "q1": -5, "q2": "22/5"}],
        ),
        because="Long weights pass the test at any angle but the exact one.",
        repair=Repair(
            "For every margin m >= 0 and zero biases, up to the order and mirror image of the units: |w1 + "
            "w2| > m and |w1 - w2| > m for both. The test keeps units off both diagonals by a distance, and "
            "by no angle.",
            lambda: ForAll(
                "p1 p2 q1 q2 m",
                ["m >= 0", *margin("[p1, p2, 0, q1, q2, 0]", "m")],
                ["p1 - p2 > m", "p1 + p2 > m", "q1 - q2 < -m", "q1 + q2 < -m"],
                TWO,
                try_at=[{"p1": 1, "p2": 0, "q1": -1, "q2": 0, "m": 0}],
            ),
        ),
    ),
    Claim(
        "no-live-start-is-stuck",
        "2.3.3",
        "No start with margin 3/10 is itself a local minimum with loss above 0.",
        statement=lambda: Not(
            AllOf(
                [
                    number_fact(
                        *(
                            f"relu2.pre({flat(ANY_ANGLE)}, {j}, {i}) > 3/10"
                            for j, i in ((0, 0), (1, 1), (0, 2), (1, 3))
                        ),
                        relu2=RELU2,
                    ),
                    stuck(ANY_ANGLE),
                ]
            )
        ),
        because="With positive biases a start can pass the test, with 3/8, and never move.",
        repair=Repair(
            "With zero biases, as documented, the loss falls wherever a unit sees x3 (or, mirrored, x4), "
            "hence at every live start: with slope at most -4(w1 + w2) < -4m along -(1, 1) of that unit.",
            lambda: ForAll(
                "p1 p2 q1 q2",
                ["p1 + p2 > 0"],
                ["relu2.d1([p1, p2, 0, q1, q2, 0], [-1, -1, 0, 0, 0, 0]) <= -4*(p1 + p2)"],
                TWO,
            ),
        ),
    ),
    Claim(
        "margin-guarantees",
        "2.3.3",
        "A start with zero biases and margin 3/10 is never carried into a trap by gradient descent.",
        statement=lambda: Not(
            AllOf(
                [
                    number_fact(*margin(flat(CARRIED), "3/10"), relu2=RELU2),
                    gradient_descent_visits(RELU2, "1/4", [CARRIED, TRAPPED]),
                    stuck(TRAPPED),
                ]
            )
        ),
        because="One step of size 1/4 (1 for the mean) carries w = (1/2, 1/8), (-2, -1), margin 3/8, into a trap.",
        repair=Repair(
            "What does guarantee convergence: w = a(1, -1) and k(-1, 1), on the line itself, with biases b < "
            "0, 2a + b > 0 and 2a > 1 + 2b (same for k). Every step h <= 1/6 keeps this and multiplies the "
            "loss by (1 - 6h)^2.",
            converges,
        ),
    ),
    Claim(
        "margin-guarantees-the-flow",
        "2.3.3",
        "With infinitely small steps it does: from zero biases and margin 3/10 gradient flow always reaches a solution.",
        statement=lambda: Not(theorem_statement("a_margin_does_not_save_long_units")),
        because="From w = (v + m, v) and its opposite, v > 3/2 + 2 sqrt m, margin m, it loses both class-1 points.",
        repair=Repair(
            "With zero biases and both class-1 points live, one in each unit, the slope towards the symmetric solution is -2 times "
            "the loss: the flow comes nearer until it solves the task, or a unit no longer sees just its own class-1 point. It "
            "keeps these without any margin where outputs are at most 3: see live-starts-succeed-under-the-flow.",
            lambda: AllOf(
                [
                    drawn(SYMMETRIC, ("><", "<>"), bottom=0, nearer=3).parts[0],
                    ForAll(
                        "u v",
                        ["u > v"],
                        [f"{pre('relu1', '[u, v, 0]')[i]} {side} 0" for i, side in enumerate("><")],
                        ONE,
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "liveness-guarantees-training",
        "2.3.3",
        "The liveness test guarantees that the documented training succeeds.",
        measure=Study([LIVE_STARTS], lambda live: never(live.whole, "of live starts")),
        because="The document's own figure for it in 2.1 is 2% failures.",
    ),
    Claim(
        "margin-guarantees-training",
        "1, 2.2, 2.3.3, 4",
        "The margin 3/10 guarantees that the documented training succeeds.",
        measure=Study([MARGINS["0.3"]], lambda safe: never(safe.whole, "with margin 3/10")),
        because="None of 500, as published, is what a rare failure looks like.",
    ),
    Claim(
        "liveness-guarantees-descent",
        "2.3.3, 4",
        "By plain gradient descent (0.1) liveness guarantees success, without any margin.",
        measure=Study([LIVE_BY_DESCENT], lambda live: never(live.whole, "of live starts by plain gradient descent")),
    ),
    Claim(
        "heuristics-work-with-biases",
        "2.3.3",
        "The tests work by avoiding bad biases as well: with normal biases (N(0, 1/4)) documented runs from live starts with a "
        "margin above 3/10 fail in less than 2%.",
        measure=Study(
            [BIASED],
            lambda biased: below(
                0.02,
                failed(part(biased, "safe")),
                part(biased, "safe").runs,
                "Failures with normal biases and a margin above 3/10",
            ),
        ),
        because="Biases bring starts into the basins of the traps at which all points are live: see "
        "every-trap-has-a-dead-point and seeing-trap-has-a-basin.",
    ),
]

CLAIMS = [*OVERVIEW, *FAILURES, *DEFINITION, *INTUITION, *PROOF, *INITIALISATION, *SURFACES, *FUTURE]

WRITEUP = Writeup("two-relu-xor", "Two ReLU Units Summed for XOR Classification", CLAIMS)
