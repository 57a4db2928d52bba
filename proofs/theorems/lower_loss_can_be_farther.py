"""For two ReLU units on XOR a start of lower loss can be farther from all solutions, and a nearer start be slower.

Setting  Sum of squared errors. P = (1/2, f - 1/2, 0), (-1/2, 1/2, 0) and Q = (e + 1/2, -1/2, 0), (-1/2, 1/2, 0), both
         with zero biases and all points live but x4, 0 < e, f <= 1/2.
Idea     Both miss x1 and x3 by as much, P by f, Q by e: the losses are 2 f^2 and 2 e^2. P misses them in different
         directions: to mend that takes a change of f; for Q, which misses them in one direction, e / sqrt 2 is enough.
         So P is lower and farther if f < e < f sqrt 2, and lower and nearer beyond.
Scope    Exact distances to all solutions with the units in this order; the others are at sqrt(3) / 2 or more. Gradient
         flow runs straight to the nearest one, at the rate 4 from P and 8 from Q, whatever e and f: the loss falls as
         exp(-8 t) and exp(-16 t), so a nearer P is slower.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

RELU2 = landscapes(relu2="relu2")
LOW, HIGH = "[1/2, f - 1/2, 0, -1/2, 1/2, 0]", "[e + 1/2, -1/2, 0, -1/2, 1/2, 0]"
NEAREST = "[1/2 + e/2, -1/2, -e/2, -1/2, 1/2, 0]"
BOTH, ONE = ["0 < f", "f <= 1/2", "0 < e", "e <= 1/2"], {"f": "1/3", "e": "2/5"}
NAMES, OWN = "u v b s t c", ("1/2", "-1/2", "0", "-1/2", "1/2", "0")
OTHER, NEAR_Q = ("-1/2", "1/2", "0", "1/2", "-1/2", "0"), ("7/10", "-1/2", "-1/5", *OWN[3:])
FROM = {"f": ("1/2", "f - 1/2"), "e": ("e + 1/2", "-1/2")}
"""The weights of the first unit of P and of Q; all else is that of the symmetric solution."""


def slopes(point: str, gradient: Sequence[str], name: str) -> ForAll:
    """State the gradient at a point."""
    axes = [f"[{', '.join(str(int(j == k)) for j in range(6))}]" for k in range(6)]
    goal = [f"relu2.autograd({point}, {axis}) == {slope}" for axis, slope in zip(axes, gradient, strict=True)]
    return ForAll(name, [f"0 < {name}", f"{name} <= 1/2"], goal, RELU2, [{name: ONE[name]}], samples=0)


def far(start: str, first: int, least: str) -> ForAll:
    """State that all solutions whose first unit fits this class-1 point are at least so far from P or Q, squared.

    Of any solution one unit fits x1 and the other x2, and both are off at x3.
    """
    x, y = FROM[start]
    fits = [f"relu2.pre([u, v, b, s, t, c], 0, {first}) == 1", "relu2.pre([u, v, b, s, t, c], 0, 2) <= 0"]
    away = f"(u - ({x}))**2 + (v - ({y}))**2 + b**2 + (s + 1/2)**2 + (t - 1/2)**2 + c**2"
    moves = [f"u - ({x})", f"v - ({y})", "b"]
    squares = [*moves, "s + 1/2", "t - 1/2", "c", f"{moves[0]} - b"]
    squares += [f"{moves[0]} + {moves[1]}", f"{moves[0]} + b", f"{moves[1]} - b"]
    known = [
        {**dict(zip(NAMES.split(), at, strict=True)), start: ONE[start]} for at in (OTHER if first else OWN, NEAR_Q)
    ]
    given = [f"0 < {start}", f"{start} <= 1/2", *fits]
    return ForAll(f"{start} {NAMES}", given, [f"{away} >= {least}"], RELU2, known, squares=squares, samples=0)


def compared(given: Sequence[str], *relations: str) -> ForAll:
    """State relations that hold for all e and f with the givens."""
    return ForAll("f e", [*BOTH, *given], relations, RELU2, [ONE, {"f": "1/5", "e": "2/5"}], samples=0)


def theorem() -> Statement:
    """Return the statement."""
    losses = [f"relu2.loss({LOW}) == 2*f**2", f"relu2.loss({HIGH}) == 2*e**2", f"relu2.loss({NEAREST}) == 0"]
    return AllOf(
        [
            compared([], *losses),
            compared(["f < e", "e**2 < 2*f**2"], "2*f**2 < 2*e**2", "(e/2)**2 + (e/2)**2 < f**2"),
            compared(["2*f**2 < e**2"], "2*f**2 < 2*e**2", "f**2 < e**2/2"),
            far("f", 0, "f**2"),
            far("e", 0, "e**2/2"),
            far("f", 1, "3/4"),
            far("e", 1, "3/4"),
            slopes(LOW, ["0", "4*f", "0", "0", "0", "0"], "f"),
            slopes(HIGH, ["8*(e/2)", "0", "8*(e/2)", "0", "0", "0"], "e"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "farther than its loss says": far("f", 0, "2*f**2"),
        "as far as P": far("e", 0, "e**2"),
        "the higher loss is farther": compared(["f < e"], "e**2/2 > f**2"),
        "both at one rate": slopes(HIGH, ["4*(e/2)", "0", "4*(e/2)", "0", "0", "0"], "e"),
    }
