"""Two ReLU units on XOR that see every point, and nearly alike, run straight to outputs 1/2, by flow and by descent.

Setting  All eight pre-activations positive, and at each point those of the two units less than 1/2 apart.
Idea     The network is linear there. Both units have the same gradient, 8 (summed weights) and 8 (summed biases) - 4:
         their difference stays, and their sum runs straight to weights 0, bias 1/2. At each point the sum of the
         pre-activations stays above their difference, so both remain positive.
Scope    Gradient flow, and gradient descent with any step h <= 1/16: each output's distance to 1/2 shrinks by 1 - 16 h,
         so the loss sinks to 1. An open set of starts at which no point is ever dead, and, but where the two weights
         are parallel, the gradient turns both units.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P = "u v b s t c", "[u, v, b, s, t, c]"
GRADIENT = 2 * ["8*(u + s)", "8*(v + t)", "(8*(b + c) - 4)"]
AXES = [f"[{', '.join(str(int(k == n)) for k in range(6))}]" for n in range(6)]
NEXT = f"[{', '.join(f'{x} - h*{g}' for x, g in zip(NAMES.split(), GRADIENT, strict=True))}]"
AT = dict(zip(f"{NAMES} h".split(), ["1/8", "0", "1/4", "0", "1/8", "1/4", "1/16"], strict=True))
LONG = {"b": "2", "c": "2", "h": "1/8"}


def seen(point: str, gap: str = "1/2") -> list[str]:
    """Return that both units see all points, their pre-activations being less than a gap apart."""
    pairs = [(f"relu2.pre({point}, 0, {i})", f"relu2.pre({point}, 1, {i})") for i in range(4)]
    return [f"{z} > 0" for pair in pairs for z in pair] + [f"-{gap} < {z} - {y} < {gap}" for z, y in pairs]


def excess(point: str, i: int) -> str:
    """Return by how much the summed pre-activations at an example exceed 1/2."""
    return f"(relu2.pre({point}, 0, {i}) + relu2.pre({point}, 1, {i}) - 1/2)"


def claim(names: str, given: Sequence[str], *then: str, at: dict[str, str] = AT) -> Statement:
    """State that relations hold at all points with the givens."""
    return ForAll(names, given, then, landscapes(relu2="relu2"), [{n: at[n] for n in names.split()}], samples=0)


def theorem() -> Statement:
    """Return the statement."""
    step, gradient = [*seen(P), "0 < h <= 1/16"], zip(AXES, GRADIENT, strict=True)
    return AllOf(
        [
            claim(NAMES, seen(P), *(f"relu2.d1({P}, {e}) == {g}" for e, g in gradient)),
            claim(NAMES, seen(P), *(f"relu2.out({P}, {i}) - 1/2 == {excess(P, i)}" for i in range(4))),
            claim(f"{NAMES} h", step, *(f"{excess(NEXT, i)} == (1 - 16*h)*{excess(P, i)}" for i in range(4))),
            claim(f"{NAMES} h", step, *seen(NEXT)),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    apart = {**AT, "b": "9/10", "c": "1/10", "u": "0", "t": "0"}
    wide, slopes = seen(P, "1"), zip(AXES[:3], ("8*u", "8*v", "8*b - 4"), strict=True)
    return {
        "however far apart": claim(f"{NAMES} h", [*wide, "0 < h <= 1/16"], *seen(NEXT, "1"), at=apart),
        "steps up to 1/8": claim(f"{NAMES} h", [*seen(P), "0 < h <= 1/8"], *seen(NEXT), at={**apart, **LONG}),
        "each unit for itself": claim(NAMES, seen(P), *(f"relu2.d1({P}, {e}) == {slope}" for e, slope in slopes)),
        "as long as all is seen": claim(f"{NAMES} h", [*seen(P)[:8], "0 < h <= 1/16"], *seen(NEXT)[:8], at=apart),
    }
