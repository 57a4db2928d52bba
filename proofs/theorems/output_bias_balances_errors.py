"""With an output bias the errors sum to 0 at rest; at its best the loss is that of centred outputs and labels.

Setting  Three examples with labels y_i, any network that puts out h_i, and an output bias c; sum of squared errors.
Idea     The loss is a parabola in c with slope 2 sum e_i and curvature 6, so it is best where sum e_i = 0, and there it
         is the sum of squared errors about their mean, a third of the sum over pairs of (e_i - e_j)^2.
Scope    Three examples; the computation is that of a mean, the same for any number n. c is plus or minus the all-ones
         output, c = relu(c) - relu(-c): one free line more among the generators. Hidden biases do not do this: the last
         part has one ReLU without output bias at rest on XOR, with errors that do not sum to 0.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.audit.output_layer_statements import squares
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, N = "c t h0 h1 h2 y0 y1 y2", 3
PAIRS = " + ".join(f"((h{i} - y{i}) - (h{j} - y{j}))**2" for i, j in ((0, 1), (0, 2), (1, 2)))


def errors(bias: str = "c") -> list[str]:
    """Return the formulas of the errors with this output bias."""
    return [f"h{i} + {bias} - y{i}" for i in range(N)]


TOTAL = f"({' + '.join(errors())})"


def claim(given: Sequence[str], *then: str) -> ForAll:
    """State what holds for all outputs and labels."""
    return ForAll(NAMES, given, then)


def hidden_bias(then: str) -> ForAll:
    """State what the errors of one ReLU on XOR add up to where it rests and sees nothing."""
    out = " + ".join(f"relu1.out([w1, w2, b], {i})" for i in range(4))
    dead = [f"relu1.pre([w1, w2, b], 0, {i}) < 0" for i in range(4)]
    resting = ["relu1.autograd([w1, w2, b], [1, 0, 0]) == 0", "relu1.autograd([w1, w2, b], [0, 0, 1]) == 0"]
    return ForAll("w1 w2 b", dead, [*resting, f"{out} - 2 {then}"], landscapes(relu1="relu1"))


def theorem() -> Statement:
    """Return the statement."""
    here = squares(errors())
    return AllOf(
        [
            claim([], f"{squares(errors('c + t'))} == {here} + 2*t*{TOTAL} + {N}*t**2"),
            claim([f"{TOTAL} == 0", "t != 0"], f"{squares(errors('c + t'))} > {here}"),
            claim([f"{TOTAL} != 0", f"{N}*t == -{TOTAL}"], f"{squares(errors('c + t'))} < {here}"),
            claim([f"{TOTAL} == 0"], f"{N}*{here} == {PAIRS}"),
            ForAll("c", [], ["c == relu(c) - relu(-c)"]),
            hidden_bias("< 0"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    here = squares(errors())
    return {
        "every error is 0": claim([f"{TOTAL} == 0"], f"{errors()[0]} == 0"),
        "centred without rest": claim([], f"{N}*{here} == {PAIRS}"),
        "a hidden bias will do": hidden_bias("== 0"),
        "one ReLU is as good as a bias": ForAll("c", [], ["c == relu(c)"]),
    }
