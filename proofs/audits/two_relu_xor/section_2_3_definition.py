"""The claims of section 2.3: the trap, its basin and its boundaries."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair, every_set, set_at
from stability.audit.vocabulary import MINIMA, AllAboutSets, Study, pre, theorem_statement

from .experiments import NORMAL
from .judgements import failures_end
from .vocabulary import (
    ALIGNED_0,
    ALONG,
    ANY_ANGLE,
    DEAD_X1,
    DIRECTION,
    ONE,
    RELU2,
    SEEN_X1,
    TRAP,
    TWO,
    all_seen,
    each,
    stuck,
    trapped_nearby,
)

DEFINITION = [
    Claim(
        "trap-exists",
        "2.3",
        "Two ReLU units have a local minimum with loss above 0 in which both weights lie on the line w2 = -w1.",
        statement=lambda: stuck(DEAD_X1),
        because="Both units fit x2 together and x1 is dead; loss 1.",
        weight="central",
    ),
    Claim(
        "trap-is-isolated",
        "2.3",
        "The local minimum with both weights on the line w2 = -w1 is stable in the strict sense: every small change "
        "of the parameters raises the loss.",
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
        "The trap with both weights on the line w2 = -w1 has a basin of attraction around it: from every start "
        "within 1/sqrt 12 of it gradient flow ends in a trap with loss 1 and x1 dead.",
        statement=trapped_nearby,
        because="The distance to it falls under gradient flow.",
    ),
    Claim(
        "seeing-trap-has-a-basin",
        "2.3.1 (1)",
        "The trap at which all points are seen has a basin of attraction: where both units see all points, with "
        "pre-activations less than 1/2 apart, gradient flow runs straight to outputs 1/2.",
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
        weight="central",
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
        "A unit whose weights lie on the line w2 = -w1 has its boundary along the same line, as the two "
        "descriptions of the trap assume.",
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
        "Two ReLU units have a local minimum with loss above 0 and both boundaries exactly on the line y = -x.",
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
        weight="central",
    ),
    Claim(
        "most-failures-aligned",
        "2.3",
        "Many failures of the documented training (read: at least half) end with both weights on the line w2 = -w1, "
        "to 10 degrees.",
        measure=Study(
            [NORMAL], lambda normal: failures_end(normal, "aligned", "with both weights within 10 degrees of w2 = -w1")
        ),
        because="Failed runs end anywhere on a continuum in which one class-1 point is dead.",
        weight="central",
    ),
    Claim(
        "most-failures-have-such-boundaries",
        "2.3",
        "Many failures of the documented training (read: at least half) end with both boundaries along the line y = "
        "-x, to 10 degrees.",
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
