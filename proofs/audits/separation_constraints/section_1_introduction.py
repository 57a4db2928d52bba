"""The claims of section 1 and Table 1: what troubles deep networks, and the remedies known."""

from stability import AllOf, Claim, Dataset, ForAll, Repair, landscape
from stability.audit.layer_statements import affine, relu, reluing, without_slack
from stability.audit.vocabulary import landscapes, theorem_statement

from .vocabulary import COLUMN, GRADIENT, pairs

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
        weight="ours",
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
        weight="ours",
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
        weight="ours",
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
        weight="central",
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
