"""A ReLU unit tangent to a sphere around XOR and facing away sees nothing, for ever, and the other one cannot do alone.

Setting  Two units; the first with w not 0 and b = -|w| R, where R^2 > 2, so that the sphere contains the four points.
Idea     Every |x| is sqrt 2, so w . x + b <= |w| (sqrt 2 - R) < 0: off at all points, with slope 0 in each of its
         parameters, whatever the other unit does. The other one puts out z1 + z2 = z3 + z4: if both class-1 points are
         above 1/2 then so is a class-0 point. Its loss is 1 at least.
Scope    Every rule that follows the gradient, Adam and momentum included, as a step of 0 keeps all memories at 0. With
         both units turned away no parameter ever moves. If only R^2 > 1, some weights are off everywhere, others not.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import global_minimum_at, landscapes, on
from stability.logic.statements import AllOf, ForAll, Statement

NAMES, P, Q = "u v n r s t c", "[u, v, -n*r, s, t, c]", "[s, t, c]"
AWAY, WIDE = ["n > 0", "n**2 == u**2 + v**2", "r > 0"], ["r**2 > 2"]
OFF, ONE = [f"relu2.pre({P}, 0, {i}) < 0" for i in range(4)], [f"relu1.out({Q}, {i})" for i in range(4)]
WRONG = [[f"{ONE[0]} <= 1/2"], [f"{ONE[1]} <= 1/2"], [f"{ONE[2]} >= 1/2"], [f"{ONE[3]} >= 1/2"]]
PLACES = landscapes(relu1="relu1", relu2="relu2")


def claim(given: Sequence[str], *then: str, more: str = "") -> Statement:
    """State what holds of two units, the first of which faces away."""
    units = {"u": 3, "v": 4, "n": 5, "s": 1, "t": 1, "c": 0, **dict.fromkeys(more.split(), 1)}
    names, at = f"{NAMES} {more}", [{**units, "r": r} for r in ("3/2", "27/20", "1/2")]
    return ForAll(names, [*AWAY, *given], then, PLACES, at, squares=["u + v", "u - v"], samples=0)


def alone(alternatives: Sequence[Sequence[str]], at: Sequence[str] = ("1/2", "-1/2", "0")) -> Statement:
    """State what a single unit gets wrong at the threshold 1/2."""
    sides = [f"{out} - 1/2" for out in ONE[:3]]
    return ForAll("s t c", [], alternatives, PLACES, try_at=[dict(zip("stc", at, strict=True))], splits=sides)


def theorem() -> Statement:
    """Return the statement."""
    still = f"relu2.d1({P}, [d, e, f, 0, 0, 0]) == 0"
    rest = [f"relu2.out({P}, {i}) == {one}" for i, one in enumerate(ONE)]
    least = global_minimum_at(on("relu1"), (("1/2", "-1/2", 0),))
    return AllOf([claim(WIDE, *OFF), claim(OFF, still, more="d e f"), claim(OFF, *rest), alone(WRONG), least])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "a smaller sphere": claim(["r**2 > 16/9"], *OFF),
        "the margin is lost": claim(WIDE, f"relu2.pre({P}, 0, 0) > -n/10"),
        "still at any radius": claim(["r > 0"], f"relu2.d1({P}, [d, e, f, 0, 0, 0]) == 0", more="d e f"),
        "two points wrong": alone([WRONG[0], WRONG[1]], ("1", "-1", "5")),
        "the other one rests as well": claim(OFF, f"relu2.d1({P}, [0, 0, 0, d, e, f]) == 0", more="d e f"),
    }
