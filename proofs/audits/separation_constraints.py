"""The claims of "Increasing separation in units", in our words, with what was found.

Words    A layer at points is a table z[i][j] of pre-activations, i counting points and j units. A unit is dead on a set if it
         is positive at no point of it, affine if at all, separating if neither. A point is dead in a layer if no unit is
         positive there. Slacks are what a largest value lacks to 1 and a smallest to -1: of a unit over points (Sep-U), of a
         point over units (Sep-P), both (Sep-P+U), of a layer (Sep-L). Statements about layers are proved for two units
         and two or three points where that is the general case: they compare two of either.
Settings Measured: the 85 + 15 points of the moons (no noise, 44 of 85 in one class), full batch, Glorot weights, zero biases,
         Adam 0.01, binary cross-entropy plus 1e-4 times the sum of squared g, as the authors' program has it; 50 x 4, 5000
         epochs and 64 seeds for Table 2, fewer for Figure 1. "Works": at its best a network gets 90% of training right.
         Unless said otherwise numbers are the best over the epochs, as in the document; last values are given beside them.
Found    Zero sets are closed, not open, and interzones neither; one dead layer is enough to lose a point; later biases learn
         from dead points. Separating units and layers are different things, neither tells of dead points. The text exchanges
         the two slacks; its Eq. 1, 9, 25 and 27 need other indices. Zero slack does what it says for what it constrains,
         but stops neither vanishing nor exploding gradients, whatever the bounds on pre-activations. From zero weights units
         stay equal until dropout tells them apart. Training bears out Table 2 but for one loss, that constraints beat ReLU
         and batch normalisation, and how representations collapse. It does not bear out that Sep-L is best, that maxima last
         or that accuracies drop less than others: ReLU's is one class for all points. "63%" is a loss, not an accuracy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import exp, log

import numpy as np
from scipy import stats

from stability import landscape
from stability.arrays import Floats
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.deep_experiments import DeepExperiment, DeepMeasured
from stability.audit.deep_tests import among_runs, differs, hardly_any, most
from stability.audit.hypothesis_tests import all_of
from stability.audit.landscape_statements import landscapes, number_fact
from stability.audit.layer_statements import (
    affine,
    affine_unit,
    dead_point,
    dead_unit,
    images,
    largest,
    layer,
    lower_slack,
    penalty,
    relu,
    reluing,
    separations,
    slacks,
    smallest,
    upper_slack,
    without_slack,
)
from stability.audit.measurements import Measurement
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement
from stability.model.datasets import Dataset

TABLE = "a b c d"
Z = (("a", "b"), ("c", "d"))
"""Two points at two units: a and b are the pre-activations of the first point."""
COLUMN = (("a",), ("b",), ("c",))
"""Three points at one unit."""
SPLIT = {"a": 1, "b": -1, "c": -1, "d": 1}
"""Each unit sees one point, and each point is seen by one unit."""
CUT = {"a": 1, "b": 1, "c": -1, "d": -1}
"""Both units see the first point only."""
SIDES = {"a": 1, "b": -1, "c": 1, "d": -1}
"""The first unit sees both points, the second none."""

INTERZONE = "interzone_is_neither_open_nor_closed"
IMAGES = "images_of_the_parts_of_a_layer"
LAYERS = "separating_layers_need_separating_units"
SLACK = "zero_slack_separates"
BATCHES = "only_point_slack_splits_over_batches"
HIDDEN = "one_dead_layer_hides_a_point"
GRADIENT = "zero_slack_bounds_no_gradient"
ZERO = "zero_start_keeps_units_equal"


def part(name: str, *which: int) -> Statement:
    """Return some parts of a theorem, counted from 0."""
    whole = theorem_statement(name)
    assert isinstance(whole, AllOf)
    return AllOf([whole.parts[k] for k in which])


def fact(*relations: str) -> ForAll:
    """State relations between numbers, with ReLU units."""
    return ForAll("", [], list(relations), reluing())


def pairs(given: Sequence[str], *then: str, names: str = "p q", **at: object) -> ForAll:
    """State relations between the pre-activations p, q of two units, or of one unit at two points."""
    known = [{name: str(value) for name, value in at.items()}] if at else []
    return ForAll(names, list(given), list(then), reluing(), known)


def table(given: Sequence[str], *then: str, at: dict[str, int] = SPLIT) -> ForAll:
    """State relations between the pre-activations of two units at two points."""
    return ForAll(TABLE, list(given), list(then), reluing(), [at], samples=0)


def possible(*relations: str, at: dict[str, int]) -> Exists:
    """State that two units at two points may have this."""
    return Exists(TABLE, list(relations), reluing(), [at], samples=0)


METHODS = ("relu", "relu-bn", "sep-l", "sep-p", "sep-u", "sep-pu")
MAIN = {method: DeepExperiment(f"{method}-50x4", method) for method in METHODS}
"""Table 2: 50 layers of 4 units, 64 seeds."""


def shape(method: str, depth: int, width: int = 4) -> DeepExperiment:
    """Return an experiment of Figure 1; wide networks train from fewer seeds."""
    name, seeds = f"{method}-{depth}x{width}", 8 if width > 10 else 16
    return DeepExperiment(name, method, depth=depth, width=width, epochs=2000, restarts=seeds)


SHAPES = {
    "relu": ((10, 4), (30, 4), (40, 4), (30, 10), (50, 10), (30, 25), (50, 25)),
    "relu-bn": ((10, 4), (30, 4), (70, 4), (30, 3), (70, 10), (70, 25)),
    "sep-pu": ((10, 4), (30, 4), (70, 4), (120, 4), (150, 4), (30, 3), (50, 2)),
    "sep-p": ((10, 4), (30, 4), (70, 4), (100, 4), (50, 10), (70, 10)),
    "sep-u": ((10, 4), (70, 4), (50, 2), (50, 10)),
    "sep-l": ((10, 4), (120, 4), (50, 10), (70, 10), (50, 25)),
}
MAP = {(method, *size): shape(method, *size) for method, sizes in SHAPES.items() for size in sizes}
MAP["sep-pu", 120, 10] = DeepExperiment("sep-pu-120x10", "sep-pu", depth=120, width=10, epochs=3000, restarts=64)
"""Figure 1, coarsely: methods by depth and width. The deepest shape that is said to work trains from more seeds."""

ZERO_STARTS = {
    name: DeepExperiment(f"zero-{name}", method, init="zero", epochs=3000, restarts=16, **more)
    for name, method, more in (
        ("relu", "relu", {"dropout": 0.9}),
        ("sep-pu", "sep-pu", {"dropout": 0.9}),
        ("sep-pu-no-dropout", "sep-pu", {}),
    )
}
"""From zero weights, dropout annealed from 0.9 to 0 over 1000 epochs where there is any."""

NO_LOSS = {
    method: DeepExperiment(f"no-loss-{method}", method, main_loss=False, epochs=2000, restarts=16)
    for method in ("relu", "relu-bn", "sep-l", "sep-pu")
}
"""Figure 8: trained on the penalty alone; ReLU and ReLU + BN, which have none, stay at their starts."""

LINEAR = DeepExperiment("sep-pu-linear", "sep-pu", power=1, epochs=2000, restarts=16)
"""With the penalty as it is printed, linear in the slacks."""

INTRODUCTION = [
    Claim(
        "depth-has-issues",
        "1",
        "Depth is instrumental in vanishing and exploding gradients, dead units and degradation.",
        opinion="Reports of other papers, whose references are lost; what of it bears on the networks of this document is "
        "measured under 4.",
    ),
    Claim(
        "two-families",
        "1, Table 1",
        "Remedies are either changes of the architecture or of the data.",
        opinion="A way to sort methods. The constraints themselves are in neither family, nor are initialisations.",
    ),
    Claim(
        "width-against-vanishing",
        "1, Table 1",
        "More width helps against vanishing gradients and allows more depth.",
        opinion="No network is named; for those of Figure 1 see width-compensates.",
    ),
    Claim(
        "connections-against-vanishing",
        "1, Table 1",
        "Additional connections help against vanishing gradients (read: with h + max(0, w h + b) a dead layer passes the "
        "point on unchanged).",
        statement=ForAll(
            "h w b", ["w*h + b <= 0"], [f"h + {relu('w*h + b')} == h"], reluing(), [dict.fromkeys("hwb", 0)]
        ),
    ),
    Claim(
        "leaky-against-dead-units",
        "1, Table 1",
        "A leaky unit has a gradient wherever there is an error, on either side.",
        statement=ForAll(
            "z",
            ["leaky.out([0, z], 0) != 1"],
            ["leaky.autograd([0, z], [0, 1]) != 0"],
            landscapes(leaky=landscape("leaky1/100:1", Dataset("one example", ((0,),), (1,)))),
        ),
    ),
    Claim(
        "prelu-against-dead-units",
        "1, Table 1",
        "A PReLU unit max(0, z) - a max(0, -z) puts out something on the negative side.",
        statement=ForAll("a z", ["z < 0"], [f"{relu('z')} - a*{relu('-z')} != 0"], reluing()),
        because="Its slope is trained and may become 0.",
        repair=Repair(
            "It does if a is not 0; and at a = 0 the output still moves with a, so that a can be revived.",
            AllOf(
                [
                    ForAll("a z", ["z < 0"], [f"{relu('z')} - a*{relu('-z')} == a*z"], reluing()),
                    ForAll("a z", ["z < 0", "a != 0"], ["a*z != 0"], splits=["a"]),
                ]
            ),
        ),
    ),
    Claim(
        "crelu-against-dead-units",
        "1, Table 1",
        "C-ReLU, which gives max(0, z) and max(0, -z), leaves no unit dead.",
        statement=pairs([], f"{relu('p')} + {relu('q')} > 0", f"{relu('-p')} + {relu('-q')} > 0"),
        because="One of the two is dead on a set on which z has one sign.",
        repair=Repair(
            "It leaves no point dead but those with z = 0, and of the two units never both on a set.",
            ForAll("z", ["z != 0"], [f"{relu('z')} + {relu('-z')} > 0"], reluing()),
        ),
    ),
    Claim(
        "normalisation-against-gradients",
        "1, Table 1",
        "Batch normalisation keeps units from being dead (read: before its own shift; values of mean 0 that are not all 0 "
        "have both signs).",
        statement=ForAll(
            "a b c",
            ["a + b + c == 0", "a**2 + b**2 + c**2 > 0"],
            [[f"{x} > 0", f"{y} < 0"] for x in "abc" for y in "abc" if x != y],
            try_at=[{"a": 1, "b": 0, "c": -1}],
            splits=["a", "b", "c"],
        ),
        because="With a shift they may be dead, see bn-truncates.",
    ),
    Claim(
        "gradients-depend-on-dying",
        "1, 4",
        "Vanishing and exploding gradients come from dead units and points (read: with neither, in layers w h with w > 0 at "
        "points x > 0, the slope of two layers in x lies between 1/10 and 10).",
        statement=ForAll(
            "x v w",
            ["x > 0", "v > 0", "w > 0"],
            [f"{relu('w*' + relu('v*x'))} >= 1/10*x", f"{relu('w*' + relu('v*x'))} <= 10*x"],
            reluing(),
            [{"x": 1, "v": 1, "w": 100}],
        ),
        because="Slopes are products of weights, whatever is alive.",
        repair=Repair(
            "With nothing dead the slope is v w, any positive number; with no slack either, a layer passes on e times a change, "
            "for any e.",
            lambda: AllOf(
                [
                    ForAll("x v w", ["x > 0", "v > 0", "w > 0"], [f"{relu('w*' + relu('v*x'))} == v*w*x"], reluing()),
                    theorem_statement(GRADIENT),
                ]
            ),
        ),
    ),
    Claim(
        "dying-depends-on-planes",
        "1",
        "Which items die depends on where the planes lie relative to the data: scaling weights and bias by c > 0 changes "
        "nothing.",
        statement=AllOf(
            [
                ForAll(
                    "u v b x y c",
                    [f"{affine('uv', 'b', 'xy')} {s} 0", "c > 0"],
                    [f"c*({affine('uv', 'b', 'xy')}) {s} 0"],
                )
                for s in (">", "<=")
            ]
        ),
    ),
    Claim(
        "constraints-move-planes",
        "1",
        "Sep-U makes planes cut through the data: without slack each unit has points on both sides.",
        statement=ForAll(
            "a b c",
            without_slack("sep-u", COLUMN),
            [[f"{x} > 0", f"{y} < 0"] for x in "abc" for y in "abc" if x != y],
            reluing(),
            [{"a": 1, "b": 0, "c": -1}],
            splits=["a", "b", "c"],
            samples=0,
        ),
    ),
    Claim(
        "opposing-units",
        "1, 4",
        "Sep-P gives each point units of opposite sign: without slack it is positive in one and negative in another.",
        statement=ForAll(
            "a b c",
            without_slack("sep-p", [["a", "b", "c"]]),
            [[f"{x} > 0", f"{y} < 0"] for x in "abc" for y in "abc" if x != y],
            reluing(),
            [{"a": 1, "b": 0, "c": -1}],
            splits=["a", "b", "c"],
            samples=0,
        ),
    ),
]

SETS = [
    Claim(
        "layer-is-a-sum-of-units",
        "2, Eq. 1",
        "As printed, with one fixed axis e_i, the components of a layer are its units.",
        statement=pairs(
            [], f"{relu('p')} + {relu('q')} == {relu('p')}", f"0*{relu('p')} + 0*{relu('q')} == {relu('q')}"
        ),
        because="All units are added up on one axis.",
        repair=Repair(
            "They are with the axis e_j of each unit.",
            pairs([], f"1*{relu('p')} + 0*{relu('q')} == {relu('p')}", f"0*{relu('p')} + 1*{relu('q')} == {relu('q')}"),
        ),
    ),
    Claim(
        "units-truncate",
        "2, Eq. 2",
        "A unit puts out the larger of 0 and w . x + b, which is affine where it is positive.",
        statement=ForAll(
            "z", [], [f"{relu('z')} >= 0", f"{relu('z')} >= z", f"{relu('z')}*({relu('z')} - z) == 0"], reluing()
        ),
    ),
    Claim(
        "upper-and-lower-partition",
        "2, Eq. 3",
        "Each point is either in the upper or in the lower part of a unit.",
        statement=AllOf(
            [
                ForAll(
                    "u v b x y",
                    [],
                    [[f"{affine('uv', 'b', 'xy')} {s} 0"] for s in (">", "<=")],
                    splits=["u*x + v*y + b"],
                ),
                Not(Exists("z", ["z > 0", "z <= 0"], samples=0)),
            ]
        ),
    ),
    Claim(
        "always-a-plane",
        "2, Eq. 4",
        "The pre-activation is 0 on a plane, of whichever weights and bias (read: for w = 0, b = 1 somewhere).",
        statement=Exists("x y", ["0*x + 0*y + 1 == 0"], samples=0),
        because="With w = 0 it is nowhere, or everywhere: the start from zero has no planes at all.",
        repair=Repair(
            "If w is not 0 it is 0 at the point p with |w|^2 p = -b w.",
            ForAll(
                "u v b p q",
                ["u**2 + v**2 > 0", "(u**2 + v**2)*p == -b*u", "(u**2 + v**2)*q == -b*v"],
                ["(u**2 + v**2)*(u*p + v*q + b) == 0"],
                try_at=[{"u": 1, "v": 0, "b": 0, "p": 0, "q": 0}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "upper-is-a-half-space",
        "2",
        "The upper part is the positive half-space of that plane (read: some of it is always there, also for w = 0, b = 0).",
        statement=Exists("x y", ["0*x + 0*y + 0 > 0"], samples=0),
        because="For w = 0 it is everything or nothing.",
        repair=Repair(
            "If w is not 0 both sides are there: x + t w is on the positive side for large t, and on the negative for small.",
            ForAll(
                "u v b x y t",
                ["u**2 + v**2 > 0", f"t*(u**2 + v**2) > -({affine('uv', 'b', 'xy')})"],
                [f"{affine('uv', 'b', ('x + t*u', 'y + t*v'))} > 0"],
                try_at=[{**dict.fromkeys("bxyv", 0), "u": 1, "t": 1}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "lower-is-a-closure",
        "2",
        "The lower part is the closure of the negative half-space (read: near each point of the lower part of any unit there "
        "are points where it is negative, also for w = 0, b = 0).",
        statement=Not(
            AllOf([ForAll("x y", [], ["0*x + 0*y + 0 <= 0"]), Not(Exists("x y", ["0*x + 0*y + 0 < 0"], samples=0))])
        ),
        because="For w = 0, b = 0, as at a start from zero, everything is lower and nothing negative.",
        repair=Repair(
            "It is if w is not 0: from a point of the lower part each step t > 0 along -w leads to negative values.",
            ForAll(
                "u v b x y t",
                ["u**2 + v**2 > 0", f"{affine('uv', 'b', 'xy')} <= 0", "t > 0"],
                [f"{affine('uv', 'b', ('x - t*u', 'y - t*v'))} < 0"],
                try_at=[{**dict.fromkeys("bxyv", 0), "u": 1, "t": 1}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "affine-component-is-open",
        "2, Eq. 5",
        "The affine component of a layer is open.",
        statement=lambda: part(INTERZONE, 0),
        because="Around a point where w . x + b = z > 0 the unit is positive at all distances below z / |w|.",
    ),
    Claim(
        "zero-set-is-open",
        "2, Eq. 5",
        "The zero set of a layer is open (read: of the units x and y no step to the right from (0, -1) leaves it).",
        statement=lambda: Not(part(INTERZONE, 3)),
        because="It is closed: it contains its boundary.",
        repair=Repair(
            "The zero set is closed: a point outside is in some upper part, and with it all points nearby. From (0, -1), "
            "which is in the zero set of x and y, any step to the right leaves it.",
            lambda: part(INTERZONE, 0, 3),
        ),
    ),
    Claim(
        "affine-component-is-convex",
        "2, Eq. 5",
        "The affine component is convex.",
        statement=lambda: part(INTERZONE, 1),
    ),
    Claim("zero-set-is-convex", "2, Eq. 5", "The zero set is convex.", statement=lambda: part(INTERZONE, 2)),
    Claim(
        "not-always-bounded",
        "2, Eq. 5",
        "Both may be bounded, and need not be: of x, y, 1 - x - y the affine component is within a square, and of one unit x "
        "neither is.",
        statement=AllOf(
            [
                ForAll("x y", ["x > 0", "y > 0", "1 - x - y > 0"], ["0 < x < 1", "0 < y < 1"]),
                ForAll("x y", ["-x <= 0", "-y <= 0", "x + y - 1 <= 0"], ["0 <= x <= 1", "0 <= y <= 1"]),
                Exists("x m", ["x > m", "m > 0", "x > 0"]),
                Exists("x m", ["-x > m", "m > 0", "x <= 0"]),
            ]
        ),
    ),
    Claim(
        "interzone-is-closed",
        "2, Eq. 6",
        "The interzone is closed (read: of x and y the limit (0, -1) of its points is in it).",
        statement=lambda: Not(part(INTERZONE, 3)),
        because="That limit is in the zero set. The complement of an open and a closed set need be neither.",
        repair=Repair(
            "It need be neither closed nor open: of x and y it lacks the limit (0, -1) of its points, and points of the affine "
            "component come as near as one likes to (1, 0), which is in it.",
            lambda: part(INTERZONE, 3, 4),
        ),
    ),
    Claim(
        "interzone-is-not-convex",
        "2, Eq. 6",
        "The interzone is not convex (read: that of x and x - 1 has two points with a point between them that is not in it).",
        statement=Not(
            ForAll(
                "x y t",
                ["0 < x", "x - 1 <= 0", "0 < y", "y - 1 <= 0", "0 <= t", "t <= 1"],
                ["t*x + (1 - t)*y > 0", "t*x + (1 - t)*y - 1 <= 0"],
                try_at=[{"x": 1, "y": 1, "t": 0}],
                samples=0,
            )
        ),
        because="There it is the band 0 < x <= 1, and for a single unit it is empty.",
        repair=Repair(
            "It may be convex or not: that of x and y has (1, -1) and (-1, 1) without (0, 0) between them; that of x and x - 1 "
            "is the band 0 < x <= 1.",
            lambda: part(INTERZONE, 5, 6, 7),
        ),
    ),
    Claim(
        "interzone-sees-in-part",
        "2, Eq. 6",
        "In the interzone, and only there, some unit is on and another off.",
        statement=AllOf(
            [
                ForAll(
                    "p q",
                    [],
                    [["p > 0", "q > 0"], ["p <= 0", "q <= 0"], ["p > 0", "q <= 0"], ["p <= 0", "q > 0"]],
                    splits=["p", "q"],
                ),
                Not(Exists("p q", ["p > 0", "q <= 0", "q > 0"], samples=0)),
                Not(Exists("p q", ["p > 0", "q <= 0", "p <= 0"], samples=0)),
            ]
        ),
    ),
    Claim(
        "interzone-is-not-affine",
        "2, Eq. 6",
        "In the interzone a point is neither passed on as its pre-activations nor mapped to 0.",
        statement=pairs(
            ["p > 0", "q <= 0"], f"{relu('p')} != 0", f"({relu('p')} - p)**2 + ({relu('q')} - q)**2 > 0", p=1, q=0
        ),
        because="If the units that are off are off by 0, the output is the pre-activations, as in the affine component.",
        repair=Repair(
            "It is never mapped to 0, and not to its pre-activations unless the units that are off have a plane there.",
            AllOf(
                [
                    pairs(["p > 0", "q <= 0"], f"{relu('p')} > 0", p=1, q=0),
                    pairs(["p > 0", "q < 0"], f"{relu('q')} != q", p=1, q=-1),
                ]
            ),
        ),
    ),
    Claim(
        "outputs-are-not-negative",
        "2",
        "Layers map into the orthant without negative components.",
        statement=pairs([], f"{relu('p')} >= 0", f"{relu('q')} >= 0"),
    ),
    Claim(
        "affine-component-to-interior",
        "2",
        "A layer maps its affine component into the interior of the orthant.",
        statement=lambda: part(IMAGES, 0),
    ),
    Claim(
        "zero-set-to-origin",
        "2",
        "The image of the zero set is the set of the origin, in every layer (read: of x and 1 - x some point has it).",
        statement=lambda: Not(part(IMAGES, 6)),
        because="A zero set may be empty, as there.",
        repair=Repair(
            "Every point of the zero set is mapped to the origin, and no other is.",
            lambda: AllOf(
                [
                    part(IMAGES, 1),
                    pairs(["p > 0"], f"{relu('p')} + {relu('q')} > 0", p=1, q=0),
                    pairs(["q > 0"], f"{relu('p')} + {relu('q')} > 0", p=0, q=1),
                ]
            ),
        ),
    ),
    Claim(
        "interzone-onto-boundary",
        "2",
        "The image of the interzone is the boundary of the orthant (read: the origin, which is on it, is an image of a point "
        "with p > 0 >= q).",
        statement=Exists("p q", ["p > 0", "q <= 0", f"{relu('p')} == 0", f"{relu('q')} == 0"], reluing(), samples=0),
        because="The origin is no image, and others need not be.",
        repair=Repair(
            "Its image is in the boundary and without the origin; of x and x - 1 it is (x, 0) with 0 < x <= 1, so that (2, 0) "
            "and (0, 1) are missed.",
            lambda: part(IMAGES, 2, 3, 4, 5),
        ),
    ),
]

ONE_EXAMPLE = landscapes(one=landscape("relu1", Dataset("one example", ((0,),), (1,))))

DEATH = [
    Claim(
        "dead-units-put-out-nothing",
        "2, Remark 2.1, Eq. 7",
        "A unit is dead on a set exactly if it puts out 0 at all of it.",
        statement=AllOf(
            [
                pairs(["p <= 0", "q <= 0"], f"{relu('p')} == 0", f"{relu('q')} == 0"),
                pairs([f"{relu('p')} == 0", f"{relu('q')} == 0"], "p <= 0", "q <= 0"),
            ]
        ),
    ),
    Claim(
        "dead-points-become-zero",
        "2, Remark 2.1, Eq. 8",
        "A point is dead in a layer exactly if it is mapped to the origin.",
        statement=AllOf(
            [
                ForAll("p q r", ["p <= 0", "q <= 0", "r <= 0"], [f"{relu(x)} == 0" for x in "pqr"], reluing()),
                ForAll("p q r", [f"{relu(x)} == 0" for x in "pqr"], ["p <= 0", "q <= 0", "r <= 0"], reluing()),
            ]
        ),
    ),
    Claim(
        "dead-in-every-layer",
        "2, Remark 2.1, Eq. 9",
        "To be dead for the network a point must be dead in every layer (read: behind a layer in which it is dead, it can "
        "still matter: the next unit puts out other than a bias alone would).",
        statement=lambda: Not(part(HIDDEN, 0)),
        because="The quantifier is too strong: one layer is enough.",
        repair=Repair(
            "Dead in one layer, a point is lost: what follows depends on biases only. By the printed definition a positive "
            "bias right behind that layer would count it as alive.",
            lambda: part(HIDDEN, 0, 3),
        ),
    ),
    Claim(
        "eq-9-covers-all-layers",
        "2, Remark 2.1, Eq. 9",
        "The condition, which starts at k = 2, covers all layers (read: of D = 2 units, x and w x + b, it tells that x is dead "
        "in the first).",
        statement=ForAll("x w b", [f"w*{relu('x')} + b <= 0"], ["x <= 0"], reluing(), [{"x": 1, "w": -1, "b": 0}]),
        because="The first layer is left out; with a single hidden layer nothing is asked, and every point would be dead.",
        repair=Repair(
            "With k = 1 included (the point itself being its first representation) a point dead in all layers is dead in the "
            "first, and then in the second exactly if the biases there are not positive.",
            ForAll(
                "x w b",
                ["x <= 0"],
                [["b <= 0", f"w*{relu('x')} + b <= 0"], ["b > 0", f"w*{relu('x')} + b > 0"]],
                reluing(),
                splits=["b"],
            ),
        ),
    ),
    Claim(
        "no-gradient-in-the-zero-set",
        "2",
        "Over the zero set the gradient of the loss is 0 (read: in the parameters of that layer, as torch computes it).",
        statement=ForAll("z", ["z <= 0"], ["one.autograd([0, z], [0, 1]) == 0"], ONE_EXAMPLE),
    ),
    Claim(
        "no-gradient-on-the-plane",
        "2",
        "That is so on its boundary, where a pre-activation is 0, too (read: as a derivative, to either side).",
        statement=ForAll("", [], ["one.d1([0, 0], [0, 1]) == 0", "one.d1([0, 0], [0, -1]) == 0"], ONE_EXAMPLE),
        because="There is no derivative: one side has a slope.",
        repair=Repair(
            "With label 1 the slope towards the positive side is -2 and towards the other 0; torch says 0.",
            ForAll(
                "",
                [],
                ["one.d1([0, 0], [0, 1]) == -2", "one.d1([0, 0], [0, -1]) == 0", "one.autograd([0, 0], [0, 1]) == 0"],
                ONE_EXAMPLE,
            ),
        ),
    ),
    Claim(
        "dead-points-give-no-gradient",
        "2",
        "Points that are dead, in a layer or the network, give gradients of 0 to all parameters (read: also to a positive bias c "
        "behind that layer, with loss (max(0, c) - 0)^2).",
        statement=lambda: Not(part(HIDDEN, 1)),
        because="Biases behind the layer get a gradient from dead points too, and learn a constant from them.",
        repair=Repair(
            "They give none to parameters of that layer and of those before it, nor to the weights right behind it; the bias "
            "there has the slope 2c.",
            lambda: part(HIDDEN, 0, 1),
        ),
    ),
    Claim(
        "gradients-need-live-points",
        "2",
        "A point gives the layers up to one a gradient only if it is not dead there.",
        statement=lambda: part(HIDDEN, 0),
    ),
    Claim(
        "live-points-give-gradients",
        "2",
        "Back-propagation depends on points not being dead (read: a point alive in both layers of max(0, w max(0, x) + b) gives "
        "the first a gradient: a change there changes the output).",
        statement=ForAll(
            "x y w b",
            ["x > 0", "y > 0", "x != y", f"w*{relu('x')} + b > 0"],
            [f"{relu('w*' + relu('x') + ' + b')} != {relu('w*' + relu('y') + ' + b')}"],
            reluing(),
            [{"x": 1, "y": 2, "w": 0, "b": 1}],
        ),
        because="To be alive is necessary, not sufficient: a bias keeps points alive that no weight connects.",
        repair=Repair(
            "It does if a path of non-zero weights joins units that are on: here if w is not 0.",
            ForAll(
                "x y w b",
                ["x > 0", "y > 0", "x != y", "w != 0", "w*x + b > 0", "w*y + b > 0"],
                [
                    f"{relu('w*' + relu('x') + ' + b')} - {relu('w*' + relu('y') + ' + b')} == w*(x - y)",
                    "w*(x - y) != 0",
                ],
                reluing(),
                [{"x": 1, "y": 2, "w": 1, "b": 1}],
                splits=["w", "x - y"],
            ),
        ),
    ),
    Claim(
        "gradients-need-the-upper-part",
        "2, 4",
        "Through a unit a gradient passes only where the unit is positive (as torch computes it).",
        statement=AllOf(
            [
                ForAll("z", ["z <= 0"], ["one.autograd([0, z], [0, 1]) == 0"], ONE_EXAMPLE),
                ForAll("z", ["z > 0", "z != 1"], ["one.autograd([0, z], [0, 1]) != 0"], ONE_EXAMPLE),
            ]
        ),
    ),
    Claim(
        "may-die-in-the-next-layer",
        "2",
        "A point that is alive in one layer may be dead in the next.",
        statement=Exists("x w b", ["x > 0", f"w*{relu('x')} + b <= 0"], reluing()),
        because="As printed the point is dead before as well, which is possible too.",
    ),
    Claim(
        "sets-may-be-degraded",
        "2",
        "A layer degrades a set completely if that is part of its zero set: all points get the same image.",
        statement=table(
            [f"{x} <= 0" for x in "abcd"], *[f"{relu(x)} == 0" for x in "abcd"], at=dict.fromkeys("abcd", 0)
        ),
    ),
]

SEPARATION = [
    Claim(
        "eq-10-is-eq-11",
        "2, Definition 2.1, Eq. 10, 11",
        "That the upper part meets X, but not in all of X, is the same as that of the lower part.",
        statement=AllOf(
            [
                ForAll("a b", [f"{x} > 0", f"{y} <= 0"], [["a <= 0", "b > 0"], ["b <= 0", "a > 0"]], splits=["a", "b"])
                for x, y in ("ab", "ba")
            ]
            + [
                ForAll("z", [], [["z > 0"], ["z <= 0"]], splits=["z"]),
                Not(Exists("z", ["z > 0", "z <= 0"], samples=0)),
            ]
        ),
    ),
    Claim(
        "separating-units-are-not-dead",
        "2",
        "A separating unit is not dead.",
        statement=Not(Exists("a b c", [*separations(COLUMN, 0)[0], *dead_unit(COLUMN, 0)], samples=0)),
    ),
    Claim(
        "separating-units-do-not-degrade",
        "2",
        "A separating unit does not map the set to one point: its outputs at two points differ.",
        statement=pairs(["p > 0", "q <= 0"], f"{relu('p')} > {relu('q')}", p=1, q=0),
        because="Later layers may still do so.",
    ),
    Claim(
        "proposition-2.2-extends",
        "2, Proposition 2.2, Eq. 12",
        "For layers of one unit the predicate of layers is that of units.",
        statement=AllOf(
            [
                ForAll("a c", ["a > 0", "c <= 0"], [list(x) for x in separations((("a",), ("c",)), 0)]),
                ForAll("a c", separations((("a",), ("c",)), 0)[0], ["a > 0", "c <= 0"]),
            ]
        ),
    ),
    Claim(
        "separating-layer-has-a-separating-unit",
        "2, Proposition 2.2, Eq. 12",
        "In a separating layer some unit separates.",
        statement=lambda: part(LAYERS, 0),
    ),
    Claim(
        "separating-units-make-a-layer",
        "2, Proposition 2.2, Eq. 12",
        "The predicate extends that of units: a layer all of whose units separate is separating.",
        statement=lambda: Not(part(LAYERS, 1)),
        because="No point need be in all upper parts: with (1, -1) and (-1, 1) both units separate, and the affine component "
        "contains no point. It is a definition, by the way, not a proposition.",
        repair=Repair(
            "A separating layer has a separating unit, but may have an affine one; units may all separate without it.",
            lambda: part(LAYERS, 0, 1, 2),
        ),
    ),
    Claim(
        "separation-tells-of-dead-points",
        "2",
        "Separation, of units or of layers, helps to understand dead points (read: in a separating layer no point is dead).",
        statement=lambda: Not(part(LAYERS, 3)),
        because="The affine component tells nothing of the zero set.",
        repair=Repair(
            "A separating layer may have a dead point, and so may a layer of separating units; a layer all of whose points "
            "are seen by some unit has none.",
            lambda: AllOf(
                [part(LAYERS, 3), possible(*separations(Z, 0)[0], *separations(Z, 1)[0], *dead_point(Z, 1), at=CUT)]
            ),
        ),
    ),
    Claim(
        "eq-13-for-finite-sets",
        "2, Remark 2.3, Eq. 13, 16, 17",
        "On a finite set (three points) a unit separates exactly if its largest pre-activation is positive and its smallest is "
        "not.",
        statement=AllOf(
            [
                ForAll(
                    "a b c",
                    [f"{largest(*'abc')} > 0", f"{smallest(*'abc')} <= 0"],
                    separations(COLUMN, 0),
                    reluing(),
                    [{"a": 1, "b": 0, "c": -1}],
                    splits=["a", "b", "c"],
                ),
                *(
                    ForAll("a b c", given, [f"{largest(*'abc')} > 0", f"{smallest(*'abc')} <= 0"], reluing())
                    for given in separations(COLUMN, 0)
                ),
            ]
        ),
    ),
    Claim(
        "eq-13-for-discrete-sets",
        "2, Remark 2.3, Eq. 16",
        "It is enough that X is discrete (read: of the set of all 1/n some member is a least one: not all have smaller ones, and "
        "not all are positive).",
        statement=Not(
            AllOf(
                [
                    ForAll("n t", ["n >= 1", "n*t == 1"], ["t > 0"], try_at=[{"n": 1, "t": 1}], samples=0),
                    ForAll(
                        "n t s",
                        ["n >= 1", "n*t == 1", "(n + 1)*s == 1"],
                        ["s < t"],
                        try_at=[{"n": 1, "t": 1, "s": "1/2"}],
                        samples=0,
                    ),
                ]
            )
        ),
        because="The numbers 1/n are discrete and positive, and tend to 0 without a least one; a minimum must be attained.",
        repair=Repair(
            "It must be finite, or so that both are attained. All 1/n are positive, and each has a smaller one, 1/(n + 1).",
            AllOf(
                [
                    ForAll("n t", ["n >= 1", "n*t == 1"], ["t > 0"], try_at=[{"n": 1, "t": 1}], samples=0),
                    ForAll(
                        "n t s",
                        ["n >= 1", "n*t == 1", "(n + 1)*s == 1"],
                        ["s < t"],
                        try_at=[{"n": 1, "t": 1, "s": "1/2"}],
                        samples=0,
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "eq-14",
        "2, Eq. 14",
        "If the upper part meets X, the largest pre-activation is positive.",
        statement=ForAll("a b c", ["a > 0"], [f"{largest(*'abc')} > 0"], reluing()),
    ),
    Claim(
        "eq-15-from-the-lower-part",
        "2, Eq. 15",
        "From the lower part not being empty it follows that the smallest pre-activation is not positive (read: of the unit x, "
        "whose lower part has 0, at X = {1, 2}).",
        statement=Not(AllOf([Exists("x", ["x <= 0"]), fact(f"{smallest('1', '2')} > 0")])),
        because="The lower part must meet X.",
        repair=Repair(
            "It follows from the lower part having a point of X.",
            ForAll("a b c", ["a <= 0"], [f"{smallest(*'abc')} <= 0"], reluing()),
        ),
    ),
]

MIX = "r*s + (1 - r)*t"

SLACKS = [
    Claim(
        "predicates-do-not-differentiate",
        "3",
        "Whether a unit sees a point is no differentiable function (read: it is constant around every z but 0, and jumps there).",
        statement=AllOf(
            [
                ForAll("z e", ["z > 0", "e**2 < z**2"], ["z + e > 0"], try_at=[{"z": 1, "e": 0}]),
                ForAll("z e", ["z < 0", "e**2 < z**2"], ["z + e <= 0"], try_at=[{"z": -1, "e": 0}]),
                ForAll("e", ["e > 0"], ["0 + e > 0", "0 - e <= 0"]),
            ]
        ),
    ),
    Claim(
        "least-slacks",
        "3, Eq. 18",
        "The least slacks with the two inequalities are max(0, 1 - largest) and max(0, 1 + smallest).",
        statement=AllOf(
            [
                ForAll(
                    "a b s",
                    ["s >= 0", f"{largest('a', 'b')} >= 1 - s"],
                    [f"s >= {upper_slack('a', 'b')}"],
                    reluing(),
                    [{"a": 1, "b": 0, "s": 0}],
                ),
                ForAll(
                    "a b s",
                    ["s >= 0", f"{smallest('a', 'b')} <= -1 + s"],
                    [f"s >= {lower_slack('a', 'b')}"],
                    reluing(),
                    [{"a": -1, "b": 0, "s": 0}],
                ),
                ForAll(
                    "a b",
                    [],
                    [
                        f"{largest('a', 'b')} >= 1 - {upper_slack('a', 'b')}",
                        f"{smallest('a', 'b')} <= -1 + {lower_slack('a', 'b')}",
                    ],
                    reluing(),
                ),
            ]
        ),
    ),
    Claim(
        "zero-slack-separates",
        "3, Eq. 18",
        "A unit without slack separates.",
        statement=ForAll(
            "a b c",
            without_slack("sep-u", COLUMN),
            separations(COLUMN, 0),
            reluing(),
            [{"a": 1, "b": 0, "c": -1}],
            splits=["a", "b", "c"],
            samples=0,
        ),
    ),
    Claim(
        "constraints-are-the-predicate",
        "3",
        "The constraints enforce just the predicate: a unit that separates has no slack.",
        statement=pairs(
            ["p > 0", "q <= 0"], f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0", p=1, q=0
        ),
        because="They ask for a margin of 1 on either side.",
        repair=Repair(
            "It has none once it is scaled up enough, unless its smallest pre-activation is exactly 0.",
            lambda: AllOf([part(SLACK, 7), ForAll("s", ["s > 0"], [f"{lower_slack('s*1', 's*0')} == 1"], reluing())]),
        ),
    ),
    Claim(
        "at-least-one",
        "3",
        "The max makes it a matter of at least one point, unlike in an SVM, where all points have a margin.",
        statement=AllOf(
            [
                ForAll(
                    "a b c",
                    [f"{largest(*'abc')} >= 1"],
                    [["a >= 1"], ["b >= 1"], ["c >= 1"]],
                    reluing(),
                    splits=["a - 1", "b - 1", "c - 1"],
                ),
                Exists("a b c", [f"{largest(*'abc')} >= 1", "b < 1", "c < 1"], reluing()),
            ]
        ),
    ),
    Claim(
        "main-loss-takes-over",
        "3, Eq. 19",
        "The penalty is not negative, and once minimised leaves training to the loss: without slack it stays 0 nearby, if the "
        "margins exceed 1.",
        statement=AllOf(
            [
                ForAll(
                    "s t r", ["s >= 0", "t >= 0", "0 <= r", "r <= 1"], [f"{MIX} >= 0"], try_at=[dict.fromkeys("str", 0)]
                ),
                ForAll(
                    "p q d e",
                    ["p > 1", "q < -1", "p + d > 1", "q + e < -1"],
                    [f"{upper_slack('p + d', 'q + e')} == 0", f"{lower_slack('p + d', 'q + e')} == 0"],
                    reluing(),
                    [{"p": 2, "q": -2, "d": 0, "e": 0}],
                    samples=0,
                ),
            ]
        ),
    ),
    Claim(
        "penalty-means-slack",
        "3, Eq. 19, 24",
        "The penalty is 0 only if there is no slack (with shares strictly between 0 and 1).",
        statement=ForAll(
            "s t r",
            ["s >= 0", "t >= 0", "0 < r", "r < 1", f"{MIX} == 0"],
            ["s == 0", "t == 0"],
            try_at=[{"s": 0, "t": 0, "r": "1/2"}],
            samples=0,
        ),
    ),
    Claim(
        "upper-slack-saves-lower-part",
        "3",
        "The constraint with the upper slack makes the lower part non-empty: with a value of 1 or more some point is in it.",
        statement=pairs([f"{upper_slack('p', 'q')} == 0"], f"{smallest('p', 'q')} <= 0", p=1, q=0),
        because="It is the other way round.",
        repair=Repair(
            "It makes the upper part non-empty, and so excludes dead units.",
            pairs([f"{upper_slack('p', 'q')} == 0"], f"{largest('p', 'q')} > 0", p=1, q=0),
        ),
    ),
    Claim(
        "lower-slack-saves-upper-part",
        "3",
        "The constraint with the lower slack makes the upper part non-empty: with a value of -1 or less some point is in it.",
        statement=pairs([f"{lower_slack('p', 'q')} == 0"], f"{largest('p', 'q')} > 0", p=1, q=-1),
        because="It is the other way round.",
        repair=Repair(
            "It makes the lower part non-empty, and so excludes affine units.",
            pairs([f"{lower_slack('p', 'q')} == 0"], f"{smallest('p', 'q')} <= 0", p=1, q=-1),
        ),
    ),
    Claim(
        "neither-dead-nor-affine",
        "3",
        "Without slack a unit is neither dead nor affine.",
        statement=lambda: part(SLACK, 0, 1),
    ),
    Claim(
        "convex-combination",
        "3, Eq. 20, 23",
        "g is a convex combination: with 0 <= r <= 1 it lies between the two slacks.",
        statement=ForAll(
            "s t r",
            ["s <= t", "0 <= r", "r <= 1"],
            [f"s <= {MIX}", f"{MIX} <= t"],
            try_at=[dict.fromkeys("str", 0)],
        ),
    ),
]

ZERO_START = [
    Claim(
        "equal-at-zero",
        "3",
        "From zero weights and biases both slacks are equal.",
        statement=fact(f"{upper_slack('0', '0')} == {lower_slack('0', '0')}", f"{upper_slack('0', '0')} == 1"),
    ),
    Claim(
        "cancel-at-zero",
        "3",
        "There they cancel each other for r = 1/2 (read: the penalty does not change with w and b, near 0).",
        statement=lambda: Not(
            AllOf(
                [
                    part(ZERO, 1),
                    Exists(
                        "w b x y", [f"{largest('w*x + b', 'w*y + b')} > {smallest('w*x + b', 'w*y + b')}"], reluing()
                    ),
                ]
            )
        ),
        because="The penalty itself falls in every direction that tells two points apart; only torch, which shares ties out, "
        "reports slopes that cancel.",
        repair=Repair(
            "Near 0 it is 1 - (largest - smallest)/2, so that 0 is a peak; the slopes with ties shared out are (1 - 2r) times "
            "the mean of the points, and 1 - 2r, which are 0 at r = 1/2.",
            lambda: part(ZERO, 1, 2),
        ),
    ),
    Claim(
        "tie-is-broken",
        "3",
        "A share of 0.51 breaks the tie: the slope of the bias is then not 0.",
        statement=lambda: AllOf([part(ZERO, 2), number_fact("1 - 2*51/100 != 0", "1 - 2*51/100 == -2/100")]),
    ),
    Claim(
        "share-is-neutral",
        "3",
        "A share of 0.51 does not bias the problem (read: a unit with the same z at all points prefers no z from -1 to 1).",
        statement=lambda: Not(part(ZERO, 5)),
        because="However near to 1/2, it is a preference: for z = 1, an affine unit.",
        repair=Repair(
            "It prefers the largest z with 0.51, and has no preference with 1/2.",
            lambda: part(ZERO, 5, 6),
        ),
    ),
    Claim(
        "enables-zero-start",
        "3",
        "As weights now depend on their outputs, zero initialisation becomes possible (read: without randomness units of a layer "
        "get different gradients at some time).",
        statement=lambda: Not(part(ZERO, 4)),
        because="Equal units have equal outputs and thus equal gradients, of the loss and of the penalty.",
        repair=Repair(
            "Units that start equal stay equal, weights behind a layer of zeros have no influence on the penalty, and only biases "
            "move there; randomness such as dropout must tell the units apart, as the conclusions admit.",
            lambda: part(ZERO, 3, 4),
        ),
    ),
]

DEPTH, WIDTH, POINTS = 50, 4, 85
U, P = DEPTH * WIDTH, DEPTH * POINTS

KINDS = [
    Claim("units-by-parameters", "3.1, Eq. 21", "A unit is given by its weights and its bias.", opinion="A notation."),
    Claim(
        "layers-are-square",
        "3.1, Eq. 21",
        "As printed a layer has as many inputs as units (here, by 4.1: 2 coordinates, 4 units).",
        statement=number_fact(f"2 == {WIDTH}"),
        because="The first layer of the document's own network has not.",
        repair=Repair(
            "The dimensions are those of Eq. 1, m_(k-1) and m_k: 2 and 4 in the first layer.",
            number_fact("2 != 4", "2 < 4"),
        ),
    ),
    Claim(
        "sum-over-units",
        "3.1, Eq. 22, 24",
        "The penalty of a layer is the sum of those of its units, and 0 only if all units are without slack.",
        statement=AllOf(
            [
                ForAll(
                    TABLE,
                    [],
                    [
                        f"{penalty('sep-u', Z)} == {penalty('sep-u', [['a'], ['c']])} + {penalty('sep-u', [['b'], ['d']])}"
                    ],
                    reluing(),
                    samples=4,
                ),
                ForAll(
                    "s t x y",
                    [*(f"{n} >= 0" for n in "stxy"), "s + t + x + y == 0"],
                    [f"{n} == 0" for n in "stxy"],
                    try_at=[dict.fromkeys("stxy", 0)],
                ),
            ]
        ),
    ),
    Claim(
        "units-allow-dead-points",
        "3.1",
        "Sep-U does not exclude dead points.",
        statement=possible(*without_slack("sep-u", Z), *dead_point(Z, 1), at=CUT),
    ),
    Claim(
        "eq-25-index",
        "3.1, Eq. 25",
        "As printed, with j up to the number n of inputs, the intersection holds the dead points (read: of two units of one input, "
        "p <= 0 for the first makes the layer put out 0).",
        statement=pairs(["p <= 0"], f"{relu('p')} + {relu('q')} == 0", p=-1, q=-1),
        because="The units are m, not n.",
        repair=Repair(
            "With j up to m it does.",
            pairs(["p <= 0", "q <= 0"], f"{relu('p')} == 0", f"{relu('q')} == 0", p=-1, q=-1),
        ),
    ),
    Claim(
        "batches-trouble-units",
        "3.2",
        "Under Sep-U small batches penalise units whose points lie outside the batch.",
        statement=lambda: part(BATCHES, 1, 2, 3),
    ),
    Claim(
        "points-ignore-batches",
        "3.2",
        "Sep-P does not depend on the choice of batches: the penalty of all points is the sum of those of the batches.",
        statement=lambda: part(BATCHES, 0),
    ),
    Claim(
        "points-stay-alive",
        "3.2, Eq. 26",
        "Sep-P excludes dead points: without slack no point is dead (nor positive in all units).",
        statement=lambda: part(SLACK, 2, 3),
    ),
    Claim(
        "eq-27",
        "3.2, Eq. 27",
        "The printed term, which has one x, is what is to be minimised: if it is 0, no point is dead.",
        statement=ForAll(
            TABLE,
            [f"{s} == 0" for s in slacks("sep-p", Z[:1])],
            [["c > 0"], ["d > 0"]],
            reluing(),
            [{**SPLIT, "c": -1, "d": -1}],
            samples=0,
        ),
        because="The sum over the points is missing.",
        repair=Repair(
            "It is the sum over all points.",
            lambda: AllOf([part(SLACK, 2), part(BATCHES, 0)]),
        ),
    ),
    Claim(
        "points-allow-dead-units",
        "3.2",
        "Sep-P does not exclude dead units.",
        statement=possible(*without_slack("sep-p", Z), *dead_unit(Z, 1), at=SIDES),
    ),
    Claim(
        "both-exclude-both",
        "3.2",
        "Sep-P+U excludes dead units and dead points, where it has no slack; that is possible with two units.",
        statement=AllOf(
            [
                possible(*without_slack("sep-pu", Z), at=SPLIT),
                *(
                    Not(Exists(TABLE, [*without_slack("sep-pu", Z), *what], reluing(), [SPLIT], samples=0))
                    for what in (dead_unit(Z, 0), dead_point(Z, 0), affine_unit(Z, 0))
                ),
            ]
        ),
        because="With one unit a point cannot be without slack, see the next claim.",
    ),
    Claim(
        "any-width",
        "3.2",
        "Layers of any width can fulfil it (read: of one unit, at one point).",
        statement=Exists("p", [f"{upper_slack('p')} == 0", f"{lower_slack('p')} == 0"], reluing(), samples=0),
        because="A point needs a value of 1 or more and another of -1 or less.",
        repair=Repair(
            "One unit cannot, two can.",
            lambda: AllOf([part(SLACK, 6), possible(*without_slack("sep-pu", Z), at=SPLIT)]),
        ),
    ),
    Claim(
        "layer-relaxes-units",
        "3.3",
        "Sep-L relaxes Sep-U: no slack of units, none of the layer.",
        statement=lambda: part(SLACK, 4),
    ),
    Claim(
        "layer-relaxes-both",
        "3.3, Figure 7",
        "It relaxes Sep-P+U: no slack of points, none of the layer either; and not conversely.",
        statement=lambda: AllOf(
            [
                part(SLACK, 4, 5),
                possible(*without_slack("sep-l", Z), *dead_unit(Z, 1), at={"a": 1, "b": -1, "c": -1, "d": -1}),
            ]
        ),
    ),
    Claim(
        "strictly-beyond-one",
        "3.3, Eq. 28",
        "It asks for a value greater than 1 and another less than -1.",
        statement=ForAll(
            "p q",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
            [["p > 1"], ["q > 1"]],
            reluing(),
            [{"p": 1, "q": -1}],
            samples=0,
        ),
        because="The inequalities are not strict.",
        repair=Repair(
            "It asks for a value of 1 or more and another of -1 or less; they are different values.",
            ForAll(
                "p q",
                [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
                [["p >= 1", "q <= -1"], ["q >= 1", "p <= -1"]],
                reluing(),
                [{"p": 1, "q": -1}],
                splits=["p", "q"],
                samples=0,
            ),
        ),
    ),
    Claim(
        "layer-allows-affine-units",
        "3.3",
        "It allows affine units.",
        statement=possible(*without_slack("sep-l", Z), *affine_unit(Z, 0), at=SIDES),
        because="And dead units and points as well.",
    ),
    Claim(
        "depth-many-constraints",
        "3.3, Eq. 28",
        "Sep-L has as many constraints as there are layers (here 50).",
        statement=number_fact(f"2*{DEPTH} == {DEPTH}"),
        because="Each layer has two, with a slack each.",
        repair=Repair(
            "It has twice as many, 100; Sep-U has 400 (two for each of 200 units), Sep-P 8500 (for 85 points), both 8900.",
            number_fact(f"2*{DEPTH} == 100", f"2*{U} == 400", f"2*{P} == 8500", f"2*({U} + {P}) == 8900"),
        ),
    ),
    Claim(
        "many-constraints",
        "3.3",
        "Sep-P+U has many constraints: 89 times as many as Sep-L here.",
        statement=number_fact(f"2*({U} + {P}) == 89*2*{DEPTH}"),
    ),
    Claim(
        "layer-is-cheaper",
        "3.3",
        "Sep-L costs less to compute than Sep-U (read: it takes fewer comparisons to find the largest values of a layer, n w - 1 "
        "against w (n - 1)).",
        statement=ForAll("n w", ["n >= 2", "w >= 2"], ["n*w - 1 < w*(n - 1)"], try_at=[{"n": POINTS, "w": WIDTH}]),
        because="There are fewer slacks, but each looks at all pre-activations.",
        repair=Repair(
            "It takes no fewer: n w - 1 is at least w (n - 1), and n (w - 1), if w >= 1 and n >= 1; here 339, 336 and 255.",
            AllOf(
                [
                    ForAll("n w", ["n >= 1", "w >= 1"], ["n*w - 1 >= w*(n - 1)", "n*w - 1 >= n*(w - 1)"]),
                    number_fact("85*4 - 1 == 339", "4*84 == 336", "85*3 == 255"),
                ]
            ),
        ),
    ),
    Claim(
        "adapts-to-skipping",
        "3.3",
        "Constraints should adapt to connections that skip layers.",
        opinion="A wish; no network here has such connections. What affine units pass on is in affine-units-forward.",
    ),
    Claim(
        "layer-weights",
        "3.3, Eq. 29",
        "Weights for each layer focus on the role of layers.",
        opinion="No choice but equal weights is tried. With equal ones the term is lambda times that of Eq. 28.",
    ),
]


@dataclass(frozen=True)
class Row:
    """A row of Table 2, as printed.

    Attributes
    ----------
    name : str
    train, validation : str
        Accuracies.
    loss, validation_loss : str
    right, validation_right : int
        Of 85 and of 15 points.
    """

    name: str
    train: str
    validation: str
    loss: str
    validation_loss: str
    right: int
    validation_right: int

    @property
    def drop(self) -> str:
        """By how much the accuracy falls from training to validation, relative to training."""
        return f"(({exact(self.train)}) - ({exact(self.validation)}))/({exact(self.train)})"

    @property
    def variation(self) -> str:
        """By how much the loss differs, relative to validation."""
        return f"(({exact(self.validation_loss)}) - ({exact(self.loss)}))/({exact(self.validation_loss)})"

    @property
    def growth(self) -> str:
        """By how much the loss differs, relative to training."""
        return f"(({exact(self.validation_loss)}) - ({exact(self.loss)}))/({exact(self.loss)})"


def exact(number: str) -> str:
    """Return a printed decimal as a fraction."""
    return str(Fraction(number))


RELU, NORM, LAYER, POINT, UNIT, BOTH = ROWS = (
    Row("relu", "0.5176", "0.4", "0.6925", "0.6938", 44, 6),
    Row("relu-bn", "0.8117", "0.6", "0.6331", "0.6636", 69, 9),
    Row("sep-l", "1.0000", "1.0", "0.0000", "0.0211", 85, 15),
    Row("sep-p", "0.9294", "0.8000", "0.1765", "0.6476", 79, 12),
    Row("sep-u", "0.9058", "0.8000", "0.4161", "1.5228", 77, 12),
    Row("sep-pu", "0.9882", "0.9333", "0.6988", "1.0810", 84, 14),
)
PLAIN, SEPARATING = ROWS[:2], ROWS[2:]


def between(low: str, value: str, high: str) -> str:
    """Return that a number is at least one and below another."""
    return f"{low} <= {value} < {high}"


def truncated(row: Row) -> list[str]:
    """Return that the accuracies are these counts, cut after four digits."""
    shares = ((row.train, row.right, POINTS), (row.validation, row.validation_right, 15))
    return [between(exact(x), f"{k}/{n}", f"({exact(x)}) + 1/10000") for x, k, n in shares]


def rounded(row: Row) -> list[str]:
    """Return that the accuracies are these counts, rounded to four digits."""
    shares = ((row.train, row.right, POINTS), (row.validation, row.validation_right, 15))
    return [between(f"({exact(x)}) - 1/20000", f"{k}/{n}", f"({exact(x)}) + 1/20000") for x, k, n in shares]


def constant_loss() -> Measurement:
    """Compare the losses of ReLU with those of a constant output of the training share of the classes."""
    p = 44 / 85
    train = -(44 * log(p) + 41 * log(1 - p)) / 85
    validation = -(6 * log(p) + 9 * log(1 - p)) / 15
    says = f"The constant 44/85 has the loss {train:.4f} in training and {validation:.4f} in validation"
    return Measurement(abs(train - 0.6925) < 1e-4, f"{says} (printed: 0.6925 and 0.6938; a half has {log(2):.4f}).")


def possible_loss() -> Measurement:
    """Say how wrong one point must be for 84 right points and the loss 0.6988, if the others cost at most ln 2 each."""
    least = 85 * 0.6988 - 84 * log(2)
    most = 85 * 0.6988
    says = f"One wrong point of 85 must cost from {least:.1f} to {most:.1f}, that is, be given the probability "
    return Measurement(most >= least > log(2), f"{says}{exp(-least):.2g} to {exp(-most):.1g}.")


TABLE_2 = [
    Claim(
        "accuracies-are-counts",
        "4.1, Table 2",
        "The accuracies are shares of 85 and of 15 points, rounded to four digits.",
        statement=AllOf([number_fact(*rounded(row)) for row in ROWS]),
        because="0.8117 and 0.9058 are cut, not rounded.",
        repair=Repair(
            "They are 44, 69, 85, 79, 77 and 84 of 85, and 6, 9, 15, 12, 12 and 14 of 15, cut after four digits.",
            AllOf([number_fact(*truncated(row)) for row in ROWS]),
        ),
    ),
    Claim(
        "relu-learns-nothing",
        "4.1, Table 2, Figure 2",
        "ReLU is unable to solve the problem: its accuracies are those of one class for all points, 44 of 85 and 50 - 44 of 15.",
        statement=number_fact(*truncated(RELU), f"{RELU.right} == 44", f"{RELU.validation_right} == 50 - 44"),
    ),
    Claim(
        "relu-loss-is-constant",
        "4.1, Table 2",
        "The loss of ReLU, 0.6925 in training, is that of a constant output.",
        measure=constant_loss,
    ),
    Claim(
        "highest-by-layer",
        "4.1",
        "The highest accuracies are those of Sep-L, 100% in training and validation.",
        statement=number_fact(
            f"{exact(LAYER.train)} == 1",
            f"{exact(LAYER.validation)} == 1",
            *(f"{exact(x)} < 1" for row in ROWS if row is not LAYER for x in (row.train, row.validation)),
        ),
    ),
    Claim(
        "loss-of-zero",
        "4.1",
        "Sep-L attains the training loss 0 (read: some finite odds E > 0 give probability p = E/(1 + E) = 1 to a label).",
        statement=Exists("E p", ["E > 0", "p*(1 + E) == E", "p == 1"], samples=0),
        because="Cross-entropy is positive for all finite outputs.",
        repair=Repair(
            "It is below 0.00005, as printed with four digits: probabilities are below 1, but come as near as one likes.",
            ForAll(
                "E p",
                ["E > 0", "p*(1 + E) == E"],
                ["p < 1", "(1 - p)*(1 + E) == 1"],
                try_at=[{"E": 1, "p": "1/2"}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "superior-to-first-rows",
        "4.1",
        "All constraints have higher accuracies than ReLU and ReLU + BN, the first two rows.",
        statement=number_fact(
            *(
                f"{exact(getattr(a, x))} > {exact(getattr(b, x))}"
                for a in SEPARATING
                for b in PLAIN
                for x in ("train", "validation")
            )
        ),
    ),
    Claim(
        "drop-over-20",
        "4.1",
        "ReLU and ReLU + BN lose over 20% of their accuracy from training to validation.",
        statement=number_fact(*(f"{row.drop} > 20/100" for row in PLAIN)),
        because="23% and 26% of the training accuracy; in points ReLU loses 12.",
    ),
    Claim(
        "drop-over-20-points",
        "4.1",
        "The same in points of accuracy.",
        statement=number_fact(*(f"({exact(row.train)}) - ({exact(row.validation)}) > 20/100" for row in PLAIN)),
        because="ReLU loses 11.76 points, as one class for all points must on this split.",
        repair=Repair(
            "ReLU loses 11.76 points and ReLU + BN 21.17; relative to training these are 23% and 26%.",
            number_fact(
                f"({exact(RELU.train)}) - ({exact(RELU.validation)}) == 1176/10000",
                f"({exact(NORM.train)}) - ({exact(NORM.validation)}) == 2117/10000",
                between("225/1000", RELU.drop, "235/1000"),
                between("255/1000", NORM.drop, "265/1000"),
            ),
        ),
    ),
    Claim(
        "drop-below-14",
        "4.1",
        "With constraints the drops are less than 14%.",
        statement=number_fact(*(f"{row.drop} < 14/100" for row in SEPARATING)),
    ),
    Claim(
        "drop-of-5.59",
        "4.1",
        "Sep-P+U drops by 5.59% only.",
        statement=number_fact(between("5585/100000", BOTH.drop, "5595/100000")),
        because="It is 5.56% of the training accuracy (exactly 1/18), or 5.49 points.",
        repair=Repair(
            "It drops by 5.56%, from 84/85 to 14/15, which is 1/18 of 84/85; in points that is 5.49.",
            number_fact(
                between("5555/100000", BOTH.drop, "5565/100000"),
                "(84/85 - 14/15)/(84/85) == 1/18",
                between("5485/100000", "84/85 - 14/15", "5495/100000"),
            ),
        ),
    ),
    Claim(
        "loss-varies-more",
        "4.1",
        "The loss differs more between training and validation with constraints than without.",
        statement=number_fact(*(f"{a.variation} > {b.variation}" for a in SEPARATING for b in PLAIN)),
    ),
    Claim(
        "loss-variation-72",
        "4.1",
        "By more than 72% for Sep-U and Sep-P (relative to validation).",
        statement=number_fact(*(f"{row.variation} > 72/100" for row in (UNIT, POINT))),
    ),
    Claim(
        "loss-variation-100",
        "4.1",
        "By 100% for Sep-L (relative to validation).",
        statement=number_fact(f"{LAYER.variation} == 1"),
        because="That says only that the training loss is 0 to four digits.",
    ),
    Claim(
        "loss-variation-5",
        "4.1",
        "By less than 5% for ReLU and ReLU + BN.",
        statement=number_fact(*(f"{x} < 5/100" for row in PLAIN for x in (row.variation, row.growth))),
    ),
    Claim(
        "same-base",
        "4.1",
        "These are percentages of the same kind as those of accuracy, relative to training (read: that of Sep-U is below 100%).",
        statement=number_fact(f"{UNIT.growth} < 1"),
        because="They are relative to validation; relative to training the losses of Sep-U and Sep-P grow by more than 266%.",
        repair=Repair(
            "Relative to training they are 266% for Sep-U and 267% for Sep-P, and have no value for Sep-L.",
            number_fact(
                between("2655/1000", UNIT.growth, "2665/1000"), between("2665/1000", POINT.growth, "2675/1000")
            ),
        ),
    ),
    Claim(
        "family-variation-72",
        "4.1",
        "The constraints as a family vary by 72% or more (read: Sep-P+U as well).",
        statement=number_fact(f"{BOTH.variation} >= 72/100"),
        because="Sep-P+U is left out.",
        repair=Repair("Sep-P+U varies by 35%.", number_fact(between("345/1000", BOTH.variation, "355/1000"))),
    ),
    Claim(
        "loss-beside-accuracy",
        "4.1, Table 2",
        "A training loss of 0.6988, above that of tossing a coin, goes with 84 of 85 points right.",
        measure=possible_loss,
    ),
]

GOOD, TRIVIAL = 0.9, 44 / 85
"""A network works if it gets 9 of 10 training points right at its best; one class for all gets 44 of 85."""


READINGS = {
    "train": {"best": "train_accuracy_max"},
    "validation": {"best": "val_accuracy_max", "at the best in training": "val_accuracy_at_best"},
    "loss": {"at the first best epoch": "loss_at_best", "with the penalty": "objective_at_best"},
    "validation_loss": {"at the first best epoch in training": "val_loss_at_best"},
}
"""What the columns of Table 2 may be; losses may also be those of the last epoch, where that is as good as the best."""


def best(found: DeepMeasured) -> Floats:
    """Return the best training accuracies over the epochs."""
    return found.values("train_accuracy_max")


def works(found: DeepMeasured) -> Measurement:
    """Judge that most networks of a shape work."""
    return most(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best")


def fails(found: DeepMeasured) -> Measurement:
    """Judge that few networks of a shape work."""
    return hardly_any(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best")


def named(found: DeepMeasured) -> str:
    """Return the method and the shape."""
    s = found.settings
    return f"{s['method']}, {s['depth']} x {s['width']}"


def better(*found: DeepMeasured) -> Measurement:
    """Judge that the first has better training accuracies than each of the others, at their best, seed by seed."""
    first, *others = found
    return all_of(*(differs(*common(best(first), best(x)), f"{named(first)} and {named(x)}") for x in others))


def common(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the numbers of the seeds that both have."""
    n = min(len(one), len(other))
    return one[:n], other[:n]


def all_better(constrained: Sequence[DeepMeasured], plain: Sequence[DeepMeasured], name: str) -> Measurement:
    """Judge that all of some methods exceed all of some others in a number."""
    return all_of(
        *(differs(a.values(name), b.values(name), f"{named(a)} and {named(b)}") for a in constrained for b in plain)
    )


def shares(*found: DeepMeasured) -> str:
    """Return how many of each work."""
    return ", ".join(f"{named(x)}: {int((best(x) >= GOOD).sum())} of {x.count}" for x in found)


def fall(found: DeepMeasured, validation: str) -> Floats:
    """Return the drops of accuracy from training to validation, relative to training."""
    drops: Floats = 1 - found.values(validation) / best(found)
    return drops


def medians(name: str, *found: DeepMeasured) -> str:
    """Return the medians of a number."""
    return ", ".join(f"{named(x)}: {np.median(x.values(name)):g}" for x in found)


def readings(found: DeepMeasured, column: str) -> dict[str, Floats]:
    """Return what a column of Table 2 may be, in all seeds."""
    known = {words: found.values(name) for words, name in READINGS[column].items()}
    last = {"loss": "loss_final", "validation_loss": "val_loss_final"}.get(column)
    if last is not None:
        as_good = found.values("train_accuracy_final") >= best(found)
        known["at the last, if as good"] = np.where(as_good, found.values(last), np.nan)
    return known


def cell(row: Row, column: str) -> Claim:
    """Return the claim of a cell of Table 2."""
    value = getattr(row, column)
    words = {"train": "training accuracy", "validation": "validation accuracy", "loss": "training loss"}
    what = words.get(column, "validation loss")
    return Claim(
        f"{row.name}-{column.replace('_', '-')}",
        "4.1, Table 2",
        f"The {what} of {row.name} is {value} (read: within the range of 64 seeds).",
        measure=Study([MAIN[row.name]], lambda m: among_runs(float(value), readings(m, column), 1e-4)),
        because="No seed has such a loss at so good an epoch." if (row, column) == (BOTH, "loss") else "",
    )


def one_reading(name: str) -> Study:
    """Return the study whether all validation accuracies of the table fit one reading."""
    order = [MAIN[row.name] for row in ROWS]

    def judge(*found: DeepMeasured) -> Measurement:
        parts = [
            among_runs(float(r.validation), {r.name: m.values(name)}, 1e-4) for r, m in zip(ROWS, found, strict=True)
        ]
        return all_of(*parts)

    return Study(order, judge)


def gap(found: DeepMeasured) -> Floats:
    """Return by how much the validation loss exceeds the training loss, relative to validation, at the best epoch."""
    own: Floats = 1 - found.values("loss_at_best") / found.values("val_loss_at_best")
    return own


def at(method: str, *sizes: tuple[int, int]) -> list[DeepExperiment]:
    """Return experiments of Figure 1."""
    return [MAIN[method] if size == (50, 4) else MAP[method, *size] for size in sizes]


def even(found: DeepMeasured, when: str) -> Measurement:
    """Judge that the loss gradient of the first layer is within a factor of 100 of that of the last, in the mean."""
    norms = found.layer(f"loss_gradient_norm_{when}")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {named(found)} at the {when}: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(last / 100 <= first <= 100 * last and first > 0, says)


def vanishes(found: DeepMeasured) -> Measurement:
    """Judge that at the start it is less than a millionth of it."""
    norms = found.layer("loss_gradient_norm_start")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {named(found)} at the start: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(first < 1e-6 * last, says)


def gradient_gone(found: DeepMeasured) -> Measurement:
    """Judge that at the end every layer has a loss gradient below 1/100, in the mean, though most seeds are not done."""
    top = float(found.layer("loss_gradient_norm_end").max())
    left = most(found.values("loss_final") > 0.3, "of the seeds end with a loss above 0.3")
    return Measurement(
        top < 1e-2 and left.reproduced, f"Largest mean gradient norm of a layer at the end: {top:.2g}. {left.says}"
    )


def works_somewhere(*found: DeepMeasured) -> Measurement:
    """Judge that most networks of at least one shape work."""
    good = [works(m) for m in found]
    return Measurement(any(part.reproduced for part in good), f"Works: {shares(*found)}.")


def degrades(*pairs: DeepMeasured) -> Measurement:
    """Judge that of pairs of shapes the first, shallower one is better."""
    return all_of(*(better(a, b) for a, b in zip(pairs[::2], pairs[1::2], strict=True)))


def collapse(found: DeepMeasured, at_most: int) -> Measurement:
    """Judge that the training points have at most so many images behind the last layer, in most networks."""
    few = found.values("distinct") <= at_most
    return most(few, f"of {named(found)} have at most {at_most} images of the 85 points at the end")


def spread(found: DeepMeasured) -> Measurement:
    """Judge that most networks keep more than half of the points apart."""
    many = found.values("distinct") > 42
    return most(many, f"of {named(found)} have more than 42 images of the 85 points at the end")


def more_images(*found: DeepMeasured) -> Measurement:
    """Judge that the first keeps more images than each of the others."""
    first, *others = found
    return all_of(
        *(
            differs(*common(first.values("distinct"), x.values("distinct")), f"Images, {named(first)} and {named(x)}")
            for x in others
        )
    )


def progressive(found: DeepMeasured) -> Measurement:
    """Judge that images of the points get fewer layer by layer down to one."""
    images = found.layer("distinct_end")
    quarters = [float(images[k]) for k in (0, 12, 24, 36, 49)]
    says = f"Images of the points behind layers 1, 13, 25, 37 and 50, in the mean of {found.count} seeds: "
    down = all(a >= b for a, b in pairwise(quarters))
    return Measurement(down and quarters[-1] < 1.5, f"{says}{', '.join(f'{x:.1f}' for x in quarters)}.")


def to_zero(found: DeepMeasured) -> Measurement:
    """Judge that most points are mapped to zero by the last layer."""
    dead = float(found.layer("dead_points_end")[-1])
    return Measurement(
        dead > 42.5, f"Of 85 points {dead:.1f} are dead in the last layer, in the mean of {found.count} seeds."
    )


def not_zero(found: DeepMeasured) -> Measurement:
    """Judge that few points are mapped to zero by the last layer."""
    dead = float(found.layer("dead_points_end")[-1])
    return Measurement(
        dead < 42.5, f"Of 85 points {dead:.1f} are dead in the last layer, in the mean of {found.count} seeds."
    )


def bad_units(found: DeepMeasured) -> Floats:
    """Return how many of the units are dead or affine."""
    total: Floats = found.values("dead_units") + found.values("affine_units")
    return total


def lost_points_cost(found: DeepMeasured) -> Measurement:
    """Judge that seeds with more lost points end with lower accuracies."""
    lost, right = found.values("lost_points"), found.values("train_accuracy_final")
    rank = stats.spearmanr(lost, right)
    says = f"Rank correlation {rank.statistic:.2f} (p = {rank.pvalue:.2g}) over {found.count} seeds; points lost: "
    return Measurement(bool(rank.statistic < 0 and rank.pvalue < 0.01), f"{says}median {np.median(lost):g} of 85.")


def forwards(found: DeepMeasured) -> Measurement:
    """Judge that what the fourth layer holds is what the last one holds, as read out linearly."""
    read = found.layer("readout_end")
    says = f"A linear fit gets {read[3]:.1%} of the points right behind layer 4 and {read[-1]:.1%} behind layer 50"
    return Measurement(abs(read[3] - read[-1]) < 0.05, f"{says}, in the mean of {found.count} seeds.")


def more_readable(*found: DeepMeasured) -> Measurement:
    """Judge that a linear fit to the last layer reads more from all but the last than from the last."""
    ends = [float(m.layer("readout_end")[-1]) for m in found]
    says = ", ".join(f"{named(m)}: {x:.1%}" for m, x in zip(found, ends, strict=True))
    return Measurement(
        min(ends[:-1]) > ends[-1] + 0.02, f"A linear fit to the last layer gets right, in the mean: {says}."
    )


CELLS = [cell(row, column) for row in ROWS for column in READINGS]
EVERY = [MAIN[method] for method in METHODS]
FOUR = [MAIN[row.name] for row in SEPARATING]


ON_RELU, ON_NORM, ON_LAYER, ON_POINT, ON_UNIT, ON_BOTH = EVERY

PERFORMANCE = [
    *CELLS,
    Claim(
        "gradients-vanish-with-depth",
        "1",
        "Deep networks have vanishing gradients (read: at the start of ReLU at 50 x 4 the first layer has less than a millionth of the "
        "gradient of the last).",
        measure=Study([MAIN["relu"]], vanishes),
    ),
    Claim(
        "normalisation-evens-gradients",
        "Table 1",
        "Batch normalisation helps against vanishing and exploding gradients (read: at the start at 50 x 4 the gradients of the first "
        "and the last layer are within a factor of 100).",
        measure=Study([MAIN["relu-bn"]], lambda m: even(m, "start")),
        because="They no longer vanish; they explode.",
    ),
    Claim(
        "constraints-keep-gradients",
        "5",
        "With constraints gradients do not vanish (read: at the end of training at 50 x 4, with each of them, those of the first and "
        "the last layer are within a factor of 100).",
        measure=Study([MAIN[row.name] for row in SEPARATING], lambda *found: all_of(*(even(m, "end") for m in found))),
        because="With Sep-U they do.",
    ),
    Claim(
        "validation-is-maximal",
        "4.1, Table 2",
        "The validation accuracies of Table 2 are the best over all epochs (read: all within the range of 64 seeds).",
        measure=one_reading("val_accuracy_max"),
    ),
    Claim(
        "validation-at-the-best",
        "4.1, Table 2",
        "They are those of the epoch of the best training accuracy.",
        measure=one_reading("val_accuracy_at_best"),
        because="Sep-L's and Sep-P+U's are above those of all our seeds.",
    ),
    Claim(
        "layer-is-best",
        "4.1",
        "The highest performance is that of Sep-L (read: its best training accuracy is higher than those of the other "
        "constraints in the mean of the seeds).",
        measure=Study([MAIN[m] for m in ("sep-l", "sep-p", "sep-u", "sep-pu")], better),
        because="Sep-P does a little better in the mean, and Sep-P+U as well as Sep-L.",
    ),
    Claim(
        "layer-reaches-100",
        "4.1, Table 2",
        "Sep-L gets everything right, in training and validation (read: most seeds at their best).",
        measure=Study(
            [MAIN["sep-l"]],
            lambda m: all_of(
                most(best(m) == 1, "get all training points right at their best"),
                most(m.values("val_accuracy_max") == 1, "get all validation points right at their best"),
            ),
        ),
        because="Three seeds of ten do so in training, fewer in validation.",
    ),
    Claim(
        "maxima-are-kept",
        "4.1, Table 2",
        "The performance is what training leads to (read: with each constraint most seeds end with their best training accuracy).",
        measure=Study(
            FOUR,
            lambda *found: all_of(
                *(
                    most(m.values("train_accuracy_final") >= best(m), f"of {named(m)} end as well as they ever were")
                    for m in found
                )
            ),
        ),
        because="Most are passed on the way; Sep-U loses most.",
    ),
    Claim(
        "constraints-are-superior",
        "4.1",
        "All constraints have better training accuracies than ReLU and ReLU + BN, at their best.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "train_accuracy_max")),
    ),
    Claim(
        "constraints-are-superior-in-validation",
        "4.1",
        "The same of validation.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "val_accuracy_max")),
    ),
    Claim(
        "constraints-are-superior-at-the-end",
        "4.1",
        "The same of training accuracies after the last epoch.",
        measure=Study(EVERY, lambda *found: all_better(found[2:], found[:2], "train_accuracy_final")),
    ),
    Claim(
        "drops-are-smaller",
        "4.1",
        "From training to validation accuracies drop less with constraints (read: relative to training, at the best training "
        "epoch, in the mean of the seeds).",
        measure=Study(
            EVERY,
            lambda *found: all_of(
                *(
                    differs(
                        fall(b, "val_accuracy_at_best"), fall(a, "val_accuracy_at_best"), f"{named(b)} and {named(a)}"
                    )
                    for a in found[2:]
                    for b in found[:2]
                )
            ),
        ),
        because="They are as large or larger; the drop of ReLU is that of one class for all points.",
    ),
    Claim(
        "drops-are-below-14",
        "4.1",
        "With constraints they drop by less than 14% (read: each at its own best epoch, in the mean of the seeds).",
        measure=Study(
            FOUR,
            lambda *found: all_of(
                *(differs(np.full(m.count, 0.14), fall(m, "val_accuracy_max"), f"14% and {named(m)}") for m in found)
            ),
        ),
        because="Sep-L is about there.",
    ),
    Claim(
        "losses-differ-more",
        "4.1",
        "The losses of training and validation differ more with constraints (read: relative to validation, at the best epoch of "
        "training, in the mean of the seeds).",
        measure=Study(
            EVERY,
            lambda *found: all_of(
                *(differs(gap(a), gap(b), f"{named(a)} and {named(b)}") for a in found[2:] for b in found[:2])
            ),
        ),
    ),
    Claim(
        "printed-penalty",
        "3, 4.1",
        "The penalty that is printed, linear in the slacks, trains networks like those of Table 2 (read: 0.9882 is within the range "
        "of Sep-P+U).",
        measure=Study([LINEAR], lambda m: among_runs(0.9882, {"best": best(m)}, 1e-4)),
        because="The authors' program squares it.",
    ),
]


MAPS = [
    Claim(
        "relu-until-30",
        "4.1, Figure 1a",
        "ReLU works up to 30 layers (read: at some width).",
        measure=Study(at("relu", (30, 4), (30, 10), (30, 25)), works_somewhere),
    ),
    Claim(
        "relu-fails-beyond-30",
        "4.1, Figure 1a",
        "ReLU fails in networks deeper than 30 layers (read: few of 40 x 4, 50 x 4, 50 x 10, 50 x 25 work).",
        measure=Study(at("relu", (40, 4), (50, 4), (50, 10), (50, 25)), lambda *found: all_of(*map(fails, found))),
    ),
    Claim(
        "normalisation-until-70",
        "4.1, Figure 1b",
        "ReLU + BN works up to 70 layers (read: at some width).",
        measure=Study(at("relu-bn", (70, 4), (70, 10), (70, 25)), works_somewhere),
        because="At 70 layers of 25 units the best accuracies are from 0.73 to 0.87, a failure by this measure, though not trivial.",
    ),
    Claim(
        "both-until-120",
        "4.1, Figure 1c",
        "Sep-P+U works up to 120 layers (read: at some width).",
        measure=Study(at("sep-pu", (120, 4), (120, 10)), works_somewhere),
    ),
    Claim(
        "both-fails-beyond-120",
        "4.1, Figure 1c",
        "Beyond 120 layers it fails (read: few of 150 x 4 work).",
        measure=Study(at("sep-pu", (150, 4)), fails),
    ),
    Claim(
        "both-work-better",
        "4.1, Figure 1c",
        "Sep-P+U works significantly better than ReLU and ReLU + BN (read: at 30 x 4, and at 70 x 4 than ReLU + BN).",
        measure=Study(
            [
                *at("sep-pu", (30, 4)),
                *at("relu", (30, 4)),
                *at("relu-bn", (30, 4)),
                *at("sep-pu", (70, 4)),
                *at("relu-bn", (70, 4)),
            ],
            lambda a, b, c, d, e: all_of(better(a, b, c), better(d, e)),
        ),
    ),
    Claim(
        "deeper-than-normalisation",
        "1",
        "At the same width constraints allow more depth than batch normalisation (read: at 4 units most work with Sep-P+U at a "
        "depth, of 30, 50 and 70, at which few do with ReLU + BN).",
        measure=Study(
            [*at("sep-pu", (30, 4), (50, 4), (70, 4)), *at("relu-bn", (30, 4), (50, 4), (70, 4))],
            lambda *found: Measurement(
                any(works(a).reproduced and fails(b).reproduced for a, b in zip(found[:3], found[3:], strict=True)),
                f"Work: {shares(*found)}.",
            ),
        ),
    ),
    Claim(
        "all-degrade-with-depth",
        "4.1, Figure 1",
        "With every method accuracies fall with depth (read: of 4 units, from 10 layers to 40 with ReLU, 70 with ReLU + BN and Sep-U, "
        "100 with Sep-P, 120 with Sep-P+U and Sep-L).",
        measure=Study(
            [
                *at("relu", (10, 4), (40, 4)),
                *at("relu-bn", (10, 4), (70, 4)),
                *at("sep-u", (10, 4), (70, 4)),
                *at("sep-p", (10, 4), (100, 4)),
                *at("sep-pu", (10, 4), (120, 4)),
                *at("sep-l", (10, 4), (120, 4)),
            ],
            degrades,
        ),
    ),
    Claim(
        "width-compensates",
        "1, 4.1, Figure 1",
        "More width makes up for depth in part, with all methods (read: from 4 to 10 units, of ReLU + BN and Sep-P at 70 layers, Sep-U "
        "at 50, Sep-P+U at 120; of ReLU to 25 units at 30).",
        measure=Study(
            [
                *at("relu", (30, 25), (30, 4)),
                *at("relu-bn", (70, 10), (70, 4)),
                *at("sep-p", (70, 10), (70, 4)),
                *at("sep-u", (50, 10), (50, 4)),
                *at("sep-pu", (120, 10), (120, 4)),
            ],
            degrades,
        ),
        because="Not with Sep-P.",
    ),
    Claim(
        "skinny-networks",
        "4.1",
        "In skinny networks Sep-P+U works where ReLU + BN fails (read: at 30 x 3).",
        measure=Study([*at("sep-pu", (30, 3)), *at("relu-bn", (30, 3))], lambda a, b: all_of(works(a), fails(b))),
    ),
    Claim(
        "skinniest-networks",
        "4.1",
        "So it does from a width of 2 on (read: most of 50 x 2 work).",
        measure=Study(at("sep-pu", (50, 2)), works),
        because="Width 3 is enough at 30 layers; width 2 seldom is at 50.",
    ),
    Claim(
        "units-allow-depth",
        "4.1, Figure 1d",
        "Sep-U allows deeper networks (read: than ReLU; at 50 x 4 it is better).",
        measure=Study([MAIN["sep-u"], MAIN["relu"]], better),
    ),
    Claim(
        "units-need-width",
        "4.1, Figure 1d",
        "The accuracy of Sep-U falls as networks get narrower (read: from 10 to 4 to 2 units at 50 layers).",
        measure=Study(at("sep-u", (50, 10), (50, 4), (50, 2)), lambda a, b, c: all_of(better(a, b), better(b, c))),
    ),
    Claim(
        "units-suffer-from-dead-points",
        "4.1",
        "That is because of dead points, which Sep-U does not address (read: at 50 x 4 seeds with more points dead in some layer "
        "have lower final training accuracies).",
        measure=Study([MAIN["sep-u"]], lost_points_cost),
    ),
    Claim(
        "points-until-50",
        "4.1, Figure 1e",
        "Sep-P works up to 50 layers.",
        measure=Study(at("sep-p", (30, 4), (50, 4), (50, 10)), lambda *found: all_of(*map(works, found))),
    ),
    Claim(
        "points-break-down",
        "4.1, Figure 1e",
        "Beyond that it breaks down (read: few of 70 x 4, 70 x 10, 100 x 4 work).",
        measure=Study(at("sep-p", (70, 4), (70, 10), (100, 4)), lambda *found: all_of(*map(fails, found))),
        because="At 70 layers most still work.",
    ),
    Claim(
        "layer-suffers-from-width",
        "4.1, Figure 1f",
        "Sep-L suffers from larger widths (read: at 50 layers 25 units are worse than 10).",
        measure=Study(at("sep-l", (50, 10), (50, 25)), better),
        because="There is no clear difference.",
    ),
    Claim(
        "layer-until-70",
        "4.1, Figure 1f",
        "Sep-L has acceptable performance at 70 layers with a medium width (read: most of 70 x 10 work).",
        measure=Study(at("sep-l", (70, 10)), works),
    ),
]


FIGURES = [
    Claim(
        "figure-2-progressively",
        "Figure 2",
        "ReLU maps the data to zero progressively (read: the images of the points get fewer layer by layer, to one).",
        measure=Study([ON_RELU], progressive),
    ),
    Claim(
        "figure-2-to-zero",
        "Figure 2",
        "It maps them to zero (read: in the last layer most points are dead).",
        measure=Study([ON_RELU], to_zero),
    ),
    Claim(
        "figure-2-unable",
        "Figure 2",
        "Its output layer is unable to solve the problem (read: no seed is ever better than one class for all).",
        measure=Study(
            [ON_RELU], lambda m: most(best(m) <= TRIVIAL + 1e-9, "of the seeds never get more than 44 of 85 right", 0.9)
        ),
    ),
    Claim(
        "figure-3-few-points",
        "Figure 3",
        "ReLU + BN collapses the data into few points at the feature layer (read: five at most, in most seeds).",
        measure=Study([ON_NORM], lambda m: collapse(m, 5)),
    ),
    Claim(
        "figure-3-not-zero",
        "5, Figure 3",
        "ReLU + BN maps the data through the network with activations that are not zero (read: few points are dead in the last "
        "layer).",
        measure=Study([ON_NORM], not_zero),
    ),
    Claim(
        "figure-3-no-gradient",
        "Figure 3",
        "With ReLU + BN gradients cannot be propagated back (read: at the end they are below 1/100 in every layer, while the loss is "
        "above 0.3 in most seeds).",
        measure=Study([ON_NORM], gradient_gone),
    ),
    Claim(
        "figure-3-fails-like-relu",
        "Figure 3",
        "It fails in the same manner as ReLU, its output being arbitrary (read: its best training accuracy is no better than "
        "one class for all, in most seeds).",
        measure=Study(
            [ON_NORM], lambda m: most(best(m) <= TRIVIAL + 1e-9, "of the seeds never get more than 44 of 85 right")
        ),
        because="Most learn something, for a while.",
    ),
    Claim(
        "figure-4-fewer-dead-and-affine",
        "Figure 4",
        "With Sep-U there are fewer dead and affine units (read: than with ReLU).",
        measure=Study(
            [ON_RELU, ON_UNIT],
            lambda a, b: differs(bad_units(a), bad_units(b), "Dead or affine of 200 units, ReLU and Sep-U"),
        ),
    ),
    Claim(
        "figure-4-two-points",
        "Figure 4",
        "Sep-U collapses the data into two points at the feature layer (read: five at most, in most seeds).",
        measure=Study([ON_UNIT], lambda m: collapse(m, 5)),
    ),
    Claim(
        "figure-4-approximately-right",
        "Figure 4",
        "Its classification is approximately right (read: most seeds get 80% at their best).",
        measure=Study([ON_UNIT], lambda m: most(best(m) >= 0.8, "of the seeds get 80% or more right at their best")),
    ),
    Claim(
        "figure-4-conjecture",
        "Figure 4",
        "It collapses because of dead points (read: Sep-P+U, which addresses them, keeps more images).",
        measure=Study([ON_BOTH, ON_UNIT], more_images),
    ),
    Claim(
        "figure-5-richer",
        "Figure 5",
        "Sep-P has richer representations and does not collapse the data like Sep-U or ReLU + BN (read: it keeps more images).",
        measure=Study([ON_POINT, ON_UNIT, ON_NORM], more_images),
    ),
    Claim(
        "figure-5-plenty",
        "Figure 5",
        "With Sep-P plenty of units are dead or affine (read: more than half of the 200, and more than with Sep-U).",
        measure=Study(
            [ON_POINT, ON_UNIT],
            lambda a, b: all_of(
                most(bad_units(a) > 100, "of the seeds of Sep-P have more than 100 of 200 units dead or affine"),
                differs(bad_units(a), bad_units(b), "Dead or affine, Sep-P and Sep-U"),
            ),
        ),
    ),
    Claim(
        "figure-5-underfits",
        "Figure 5",
        "They cause underfitting (read: Sep-P+U, which has fewer of them, has better training accuracies at their best).",
        measure=Study([ON_BOTH, ON_POINT], better),
        because="It is as good as Sep-P+U.",
    ),
    Claim(
        "figure-6-no-collapse",
        "Figure 6",
        "Sep-P+U does not collapse the data (read: most seeds keep more than half of the points apart).",
        measure=Study([ON_BOTH], spread),
    ),
    Claim(
        "figure-6-retains-power",
        "Figure 6",
        "It keeps the classification power of Sep-U (read: its best training accuracy is higher).",
        measure=Study([ON_BOTH, ON_UNIT], better),
    ),
    Claim(
        "both-leave-none-dead",
        "3.2",
        "Sep-P+U ensures that there are neither dead units nor dead points (read: in most trained networks there is none).",
        measure=Study(
            [ON_BOTH],
            lambda m: all_of(
                most(m.values("dead_units") == 0, "of the seeds end without a dead unit"),
                most(m.values("lost_points") == 0, "of the seeds end without a point that is dead in some layer"),
            ),
        ),
        because="A penalty of weight 1e-4 does not ensure anything; without slack there would be none, see both-exclude-both.",
    ),
    Claim(
        "figure-7-dead-and-affine",
        "Figure 7",
        "With Sep-L there are several affine and dead units.",
        measure=Study(
            [ON_LAYER],
            lambda m: all_of(
                most(m.values("dead_units") > 0, "of the seeds end with dead units"),
                most(m.values("affine_units") > 0, "of the seeds end with affine units"),
            ),
        ),
    ),
    Claim(
        "figure-7-no-hindrance",
        "Figure 7",
        "They do not hinder (read: Sep-L is no worse than Sep-P+U, which has fewer: its mean best training accuracy is at most "
        "0.05 lower).",
        measure=Study([ON_LAYER, ON_BOTH], lambda a, b: differs(best(a), best(b), "Sep-L and Sep-P+U", -0.05)),
    ),
    Claim(
        "figure-7-forwards",
        "Figure 7",
        "They pass on the solution of the fourth layer to the output (read: linear fits to layer 4 and to the last get as much right, "
        "up to 5 points).",
        measure=Study([ON_LAYER], forwards),
    ),
    Claim(
        "figure-8-collapse",
        "Figure 8",
        "Without the main loss ReLU and ReLU + BN, which then stay at their starts, collapse the data into few points (read: five "
        "at most, in most seeds).",
        measure=Study([NO_LOSS["relu"], NO_LOSS["relu-bn"]], lambda *found: all_of(*(collapse(m, 5) for m in found))),
        because="Half of the starts of ReLU + BN keep more.",
    ),
    Claim(
        "figure-8-structure",
        "Figure 8",
        "Without the main loss Sep-L and Sep-P+U preserve structure (read: most seeds keep more than half of the points apart).",
        measure=Study([NO_LOSS["sep-l"], NO_LOSS["sep-pu"]], lambda *found: all_of(*map(spread, found))),
    ),
    Claim(
        "figure-8-useful",
        "Figure 8",
        "That structure is useful for back-propagation (read: a linear fit to the last layer gets more right than for ReLU + BN).",
        measure=Study([NO_LOSS["sep-l"], NO_LOSS["sep-pu"], NO_LOSS["relu-bn"]], more_readable),
    ),
    Claim(
        "zero-start-works",
        "5",
        "From zero weights Sep-P+U with annealed dropout gives good results (read: most seeds work).",
        measure=Study([ZERO_STARTS["sep-pu"]], works),
    ),
    Claim(
        "zero-start-needs-constraints",
        "5",
        "It is the constraint that makes this possible (read: with ReLU and dropout alone few seeds work).",
        measure=Study([ZERO_STARTS["relu"]], fails),
    ),
    Claim(
        "zero-start-needs-dropout",
        "5",
        "Symmetry had to be broken, by annealed dropout (read: without it few seeds work).",
        measure=Study([ZERO_STARTS["sep-pu-no-dropout"]], fails),
    ),
    Claim(
        "zero-start-is-superior",
        "5",
        "Such a start, from data, must be superior to any random one (read: with Sep-P+U its best training accuracies are higher "
        "than from Glorot's).",
        measure=Study([ZERO_STARTS["sep-pu"], ON_BOTH], better),
        because="They are lower.",
    ),
    Claim(
        "intuitive-separation",
        "5, Figures 4 to 7",
        "The constraints separate the moons in intuitive manners.",
        opinion="'Intuitive' has no criterion.",
    ),
]


CONCLUSIONS = [
    Claim(
        "normalised-63-percent",
        "5",
        "Table 2 shows an accuracy of 63% for ReLU + BN.",
        statement=number_fact(between("625/1000", exact(NORM.validation), "635/1000")),
        because="63% is its loss of 0.6331 in training; the accuracies are 81% and 60%.",
        repair=Repair(
            "The accuracies are 0.8117 and 0.6; what rounds to 63% is the training loss.",
            number_fact(
                *truncated(NORM),
                between("625/1000", exact(NORM.loss), "635/1000"),
            ),
        ),
    ),
    Claim(
        "constraints-over-90",
        "5",
        "Every test with a constraint has an accuracy over 90% (read: in validation, as 63% is compared with).",
        statement=number_fact(*(f"{exact(row.validation)} > 9/10" for row in SEPARATING)),
        because="Sep-P and Sep-U have 80%.",
        repair=Repair(
            "In training all four have; in validation Sep-L and Sep-P+U have, and Sep-P and Sep-U have 80%.",
            number_fact(
                *(f"{exact(row.train)} > 9/10" for row in SEPARATING),
                *(f"{exact(row.validation)} > 9/10" for row in (LAYER, BOTH)),
                *(f"{exact(row.validation)} == 8/10" for row in (POINT, UNIT)),
            ),
        ),
    ),
    Claim(
        "activations-may-be-useless",
        "5",
        "Activations that are not 0 may be useless: a layer without dead points may map two points to one.",
        statement=Exists(
            "x y w b",
            ["x != y", f"{relu('w*x + b')} > 0", f"{relu('w*x + b')} == {relu('w*y + b')}"],
            reluing(),
            [{"x": 0, "y": 1, "w": 0, "b": 1}],
        ),
    ),
    Claim(
        "vanishing-is-prevented",
        "5",
        "The constraints prevent vanishing gradients (read: a layer without any slack passes on at least a hundredth of a change).",
        statement=lambda: Not(
            AllOf(
                [
                    part(GRADIENT, 0, 1, 2, 3),
                    fact(
                        *(
                            f"{x} == {y}"
                            for row, point in zip(images(layer(STILL, POINTS_OF_E)), POINTS_OF_E, strict=True)
                            for x, y in zip(row, point, strict=True)
                        )
                    ),
                    ForAll(
                        "t",
                        ["-1/8 <= t", "t <= 1/8"],
                        [f"{images(layer(STILL, [('1 + t', '0')]))[0][0]} == 1"],
                        reluing(),
                    ),
                ]
            )
        ),
        because="A layer can fulfil all of them by its biases, and pass on nothing of a small change; any number of such layers "
        "can follow each other.",
        repair=Repair(
            "They prevent that units or points die. Layers without slack may still pass on e times a change, for any e, so "
            "that gradients vanish (e = 0) or explode.",
            lambda: theorem_statement(GRADIENT),
        ),
    ),
    Claim(
        "exploding-remains",
        "5",
        "Exploding gradients remain: a layer without slack may pass on a hundred times a change.",
        statement=lambda: part(GRADIENT, 0, 1, 2, 3, 4),
    ),
    Claim(
        "lower-bounds-on-magnitudes",
        "5",
        "The constraints bound the magnitude of pre-activations from below (read: without slack none of a unit's is 0).",
        statement=Not(
            Exists(
                "a b c", [*without_slack("sep-u", COLUMN), "b == 0"], reluing(), [{"a": 1, "b": 0, "c": -1}], samples=0
            )
        ),
        because="They bound the largest and the smallest only.",
        repair=Repair(
            "They bound the largest by 1 from below and the smallest by -1 from above; all others may be anything.",
            AllOf(
                [
                    ForAll(
                        "a b c",
                        [f"{upper_slack(*'abc')} == 0"],
                        [f"{largest(*'abc')} >= 1"],
                        reluing(),
                        [dict.fromkeys("abc", 1)],
                    ),
                    ForAll(
                        "a b c",
                        [f"{lower_slack(*'abc')} == 0"],
                        [f"{smallest(*'abc')} <= -1"],
                        reluing(),
                        [dict.fromkeys("abc", -1)],
                    ),
                    ForAll(
                        "b",
                        ["-1 <= b", "b <= 1"],
                        [f"{upper_slack('1', 'b', '-1')} == 0", f"{lower_slack('1', 'b', '-1')} == 0"],
                        reluing(),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "no-upper-bounds",
        "5",
        "They do not bound pre-activations from above: scaling by s >= 1 keeps a unit without slack.",
        statement=ForAll(
            "p q s",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0", "s >= 1"],
            [f"{upper_slack('s*p', 's*q')} == 0", f"{lower_slack('s*p', 's*q')} == 0"],
            reluing(),
            [{"p": 1, "q": -1, "s": 1}],
            samples=0,
        ),
    ),
    Claim(
        "bounding-values-stops-explosions",
        "5",
        "More constraints of this kind would stop explosions (read: with pre-activations from -1 to 1 as well a layer passes on at "
        "most a hundred times a change).",
        statement=lambda: Not(
            AllOf(
                [
                    part(GRADIENT, 0, 1, 2, 3),
                    ForAll("e", [], [f"-1 <= {x} <= 1" for row in layer(EXPLODING, POINTS_OF_E) for x in row]),
                    Exists("e t", ["t > 0", f"{relu('1 + e*t')} - 1 > 100*t"], reluing(), [{"e": 200, "t": 1}]),
                ]
            )
        ),
        because="Those of the example are 1 and -1, and it still passes on any number of times a change.",
        repair=Repair(
            "Bounds on pre-activations bound no gradient: in the example all are 1 or -1, for any e.",
            lambda: AllOf(
                [
                    part(GRADIENT, 3, 4),
                    ForAll("e", [], [f"-1 <= {x} <= 1" for row in layer(EXPLODING, POINTS_OF_E) for x in row]),
                ]
            ),
        ),
    ),
    Claim(
        "bounding-weights-stops-explosions",
        "5",
        "Limiting the norms of weights would: |w . x| <= |w| |x|, so that each unit passes on at most |w| times a change.",
        statement=ForAll(
            "u v x y", [], ["(u*x + v*y)**2 <= (u**2 + v**2)*(x**2 + y**2)"], squares=["u*y - v*x"], samples=10
        ),
        because="The limit must leave room for the constraints: points at a distance d need |w| >= 2/d.",
    ),
    Claim(
        "room-for-both",
        "5",
        "Norms can be limited without harm to the constraints, whatever the data (read: some unit without slack has |w| times the "
        "distance of its points below 2).",
        statement=lambda: Not(part(GRADIENT, 5)),
        because="It is 2 at least.",
        repair=Repair(
            "Without slack |w| is at least 2/d, if d is the largest distance of the points in the layer's input.",
            lambda: part(GRADIENT, 5),
        ),
    ),
    Claim(
        "simplicity-is-defeated",
        "5",
        "Dropout moves the randomness from initialisation into training, which defeats the purpose in part.",
        opinion="A judgement of purposes.",
    ),
    Claim(
        "further-research",
        "5",
        "Other losses, layers, tasks and data, and the interplay of penalty and loss, are to be studied.",
        opinion="Questions.",
    ),
    Claim(
        "helps-to-delve",
        "5",
        "The geometric framework will help to understand and simplify deep learning.",
        opinion="A hope.",
    ),
    Claim(
        "positions-are-to-blame",
        "4",
        "Gradient issues are intertwined with the positions of the planes.",
        opinion="'Intertwined' names no relation. That no positions exclude them is in vanishing-is-prevented.",
    ),
    Claim(
        "force-two-points",
        "4",
        "Sep-U makes each unit separate at least two points: without slack two points differ in it by 2 or more.",
        statement=ForAll(
            "p q",
            [f"{upper_slack('p', 'q')} == 0", f"{lower_slack('p', 'q')} == 0"],
            ["(p - q)**2 >= 4"],
            reluing(),
            [{"p": 1, "q": -1}],
            samples=0,
        ),
    ),
]

POINTS_OF_E = (("1", "0"), ("0", "1"))
EXPLODING = ((("e", "e - 2"), "1 - e"), (("e - 2", "e"), "1 - e"))
STILL = ((("0", "-2"), "1"), (("-2", "0"), "1"))
"""The layer of the theorem on gradients with e = 0."""

CAPTIONS = [
    Claim(
        "figure-1-letters",
        "Figure 1",
        "The networks have depth W and depth D.",
        opinion="A misprint: W is the width, as its range and the text say.",
    ),
    Claim(
        "beyond-width-25",
        "4.1, Figure 1",
        "The map shows that Sep-L suffers beyond a width of 25.",
        statement=ForAll("W D", ["2 <= W", "W <= 25", "2 <= D", "D <= 150", "W > 25"], ["W > 25"]),
        because="It ends there.",
        repair=Repair(
            "No network of the map is wider than 25.", Not(Exists("W", ["2 <= W", "W <= 25", "W > 25"], samples=0))
        ),
    ),
    Claim(
        "bn-truncates",
        "Figure 3",
        "Despite the standardisation a unit may be dead after the affine map of gamma and beta (read: with 1 and -1 "
        "standardised).",
        statement=Exists("g s", ["g > 0", "g*1 + s <= 0", "g*(-1) + s <= 0"]),
    ),
    Claim(
        "affine-units-forward",
        "Figure 7",
        "Affine units do not hinder: a unit with weight 1 and bias 0 passes on an earlier output unchanged.",
        statement=ForAll("z", [], [f"{relu('1*' + relu('z') + ' + 0')} == {relu('z')}"], reluing()),
    ),
    Claim(
        "dead-units-do-not-hinder",
        "Figure 7",
        "Dead units do not hinder: beside an affine one, a dead unit leaves what is passed on as it is.",
        statement=ForAll(
            "z w b",
            [f"w*{relu('z')} + b <= 0"],
            [f"{relu(relu('z'))} + {relu('w*' + relu('z') + ' + b')} == {relu('z')}"],
            reluing(),
            [dict.fromkeys("zwb", 0)],
        ),
    ),
]

CLAIMS = [
    *INTRODUCTION,
    *SETS,
    *DEATH,
    *SEPARATION,
    *SLACKS,
    *ZERO_START,
    *KINDS,
    *TABLE_2,
    *PERFORMANCE,
    *MAPS,
    *CONCLUSIONS,
    *CAPTIONS,
    *FIGURES,
]

WRITEUP = Writeup("separation-constraints", "Increasing separation in units", CLAIMS)
