"""A unit with output weight 0 is left by descent, unless all it puts out here and nearby is orthogonal to the errors.

Setting  Three examples with errors e_i, whatever makes them; the unit puts out h_i, or k_i after a small move; S = 2
         sum e_i k_i, Q = sum k_i^2. Then one ReLU unit with output weight a and output bias c on XOR; sums of squares.
Idea     At a = 0 the loss does not depend on the unit, and at a = t it is larger by t S + t^2 Q. So where S is not 0 it
         falls, by S^2 / 4Q at best; where S = 0 here, but not after a move, one moves first, which costs nothing.
Scope    Three examples, by an argument for any number; any units. That S = 0 all around is enough for a minimum in a, w
         and b alone; what other parameters do is shown for c on XOR. There, at c = 1/2 with loss 1, it is a minimum if
         the unit sees all or nothing, no rest if it sees one; at w = b = 0 every slope is 0, yet the loss falls nearby.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.audit.output_layer_statements import inner, squares
from stability.logic.statements import AllOf, ForAll, Statement

NAMES = "t e0 e1 e2 h0 h1 h2 k0 k1 k2"
E, H, K = ([f"{x}{i}" for i in range(3)] for x in "ehk")
S, Q = f"2*{inner(E, K)}", squares(K)


def loss(weight: str, out: Sequence[str]) -> str:
    """Return the loss with this output weight, at what the unit puts out."""
    return squares([f"{e} + {weight}*{h}" for e, h in zip(E, out, strict=True)])


def on_xor(given: Sequence[str], then: str, at: Sequence[str] = ("a", "w1", "w2", "b", "c")) -> ForAll:
    """State what holds of the loss on XOR, at any parameters or along a curve."""
    a, *unit, c = at
    errors = [f"{a}*relu1.out([{', '.join(unit)}], {i}) + {c} - {int(i < 2)}" for i in range(4)]
    hints = [" + ".join(errors), *(f"{errors[i]} - ({errors[i + 1]})" for i in (0, 2))]
    return ForAll("a w1 w2 b c t", given, [f"{squares(errors)} {then}"], landscapes(relu1="relu1"), squares=hints)


def sees(signs: str) -> list[str]:
    """Return which examples of XOR the unit sees."""
    return [f"relu1.pre([w1, w2, b], 0, {i}) {sign} 0" for i, sign in enumerate(signs)]


def theorem() -> Statement:
    """Return the statement."""
    one = "relu1.pre([w1, w2, b], 0, 0)"
    return AllOf(
        [
            ForAll(
                NAMES, [], [f"{loss('0', H)} == {squares(E)}", f"{loss('t', K)} == {squares(E)} + t*{S} + t**2*{Q}"]
            ),
            ForAll(NAMES, [f"t*{S} < 0", f"t**2*{Q} < -t*{S}"], [f"{loss('t', K)} < {loss('0', H)}"]),
            ForAll(NAMES, [f"2*t*{Q} == -{S}"], [f"4*{Q}*({loss('0', H)} - {loss('t', K)}) == ({S})**2"]),
            ForAll(NAMES, [f"{S} == 0"], [f"{loss('t', K)} >= {loss('0', H)}"]),
            on_xor(sees(">>>>"), ">= 1"),
            on_xor(sees("<<<<"), ">= 1"),
            on_xor([*sees("><<<"), "0 < t", f"t*{one} < 1"], "< 1", ["t", "w1", "w2", "b", "1/2"]),
            on_xor(["0 < t", "t < 1/4"], "< 1", ["t", "t", "-t", "0", "1/2"]),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "every silent unit is a minimum": on_xor(["-1/4 < a < 1/4"], ">= 1"),
        "it falls on either side": ForAll(NAMES, [f"{S} != 0", "t != 0"], [f"{loss('t', K)} < {loss('0', H)}"]),
        "a step of any size": ForAll(NAMES, [f"t*{S} < 0"], [f"{loss('t', K)} < {loss('0', H)}"]),
        "no matter what it puts out": ForAll(NAMES, [], [f"{loss('t', H)} == {loss('t', K)}"]),
    }
