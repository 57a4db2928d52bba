"""The claims of section 2, Remark 2.1, Eq. 7 to 9: dead units and points, and their gradients."""

from collections.abc import Sequence

from stability import AllOf, Claim, Dataset, Exists, ForAll, Not, Repair, landscape
from stability.audit.layer_statements import relu, reluing
from stability.audit.vocabulary import landscapes

from .vocabulary import SPLIT, TABLE, pairs, part

HIDDEN = "one_dead_layer_hides_a_point"


def table(given: Sequence[str], *then: str, at: dict[str, int] = SPLIT) -> ForAll:
    """State relations between the pre-activations of two units at two points."""
    return ForAll(TABLE, list(given), list(then), reluing(), [at], samples=0)


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
        weight="notation",
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
        weight="notation",
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
        weight="central",
    ),
    Claim(
        "eq-9-covers-all-layers",
        "2, Remark 2.1, Eq. 9",
        "The condition for dead points of a network, which starts at k = 2, covers all layers (read: of D = 2 "
        "units, x and w x + b, it shows that x is dead in the first).",
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
        weight="notation",
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
        "On the boundary of the zero set, where a pre-activation is 0, the gradient of the loss is 0 too (read: as "
        "a derivative, to either side).",
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
        weight="central",
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
        weight="central",
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
