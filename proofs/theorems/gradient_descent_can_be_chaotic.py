"""With steps from 1/4 to 3/8 gradient descent on XOR is chaotic on a line: bounded, and everywhere expanding.

Setting  One absolute-value unit at w = c (1, -1), b = 0: the line stays, and c -> (1 - 8 step) c + 4 step sign(c).
Idea     [-4 step, 4 step] is mapped into itself, and two points on one side of 0 part by the factor 8 step - 1 > 1.
Scope    Orbits on the line off c = 0 have the Lyapunov exponent log(8 step - 1) there. Off the line all directions
         part as fast; open sets of bounded starts are in a_source_need_not_diverge. At 3/8, |c| makes the tent map.
"""

from stability.audit.landscape_statements import gradient_descent_visits, landscapes, on
from stability.logic.statements import AllOf, ForAll, Statement

STEPS = ["1/4 < step", "step <= 3/8"]
VISITED = [("1/6", "-1/6"), ("7/6", "-7/6"), ("-5/6", "5/6"), ("1/6", "-1/6")]
AT_THE_END = [{"c": 2, "step": "1/2"}]
AXES = ["[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]"]


def slope(model: str, c: str, axis: str) -> str:
    """Return torch's derivative along an axis at the point c of the line."""
    return f"{model}.autograd([{c}, -{c}, 0], {axis})"


def moved(model: str, c: str) -> str:
    """Return where one step takes the point c of the line."""
    return f"({c} - step*{slope(model, c, AXES[0])})"


def invariant(model: str, steps: list[str], reach: str = "4*step") -> list[Statement]:
    """State that the line is mapped into itself, and so is the interval of all |c| <= reach."""
    stays = [f"{slope(model, 'c', AXES[0])} + {slope(model, 'c', AXES[1])} == 0", f"{slope(model, 'c', AXES[2])} == 0"]
    inside = [f"-{reach} <= {moved(model, 'c')}", f"{moved(model, 'c')} <= {reach}"]
    within = [f"-{reach} <= c", f"c <= {reach}"]
    place = landscapes(**{model: model})
    return [ForAll("c", [], stays, place), ForAll("c step", [*steps, *within], inside, place, try_at=AT_THE_END)]


def smooth(model: str) -> Statement:
    """State that the loss is differentiable on the line but at c = 0, so that torch reports the gradient."""
    there, back = (f"{model}.d1([c, -c, 0], [{d}])" for d in ("x, y, t", "-x, -y, -t"))
    return ForAll("c x y t", ["c != 0"], [f"{there} + {back} == 0"], landscapes(**{model: model}))


def expands(model: str, steps: list[str]) -> list[Statement]:
    """State that two points on one side of the kink part by the factor 8 step - 1, and that this is above 1."""
    square = f"({moved(model, 'c')} - {moved(model, 'd')})**2 == (8*step - 1)**2*(c - d)**2"
    sides = (["c > 0", "d > 0"], ["c < 0", "d < 0"])
    return [
        *(ForAll("c d step", [*steps, *side], [square], landscapes(**{model: model})) for side in sides),
        ForAll("step", steps, ["8*step - 1 > 1"]),
    ]


def theorem() -> Statement:
    """Return the statement, with a cycle of period 3 at the step 3/8."""
    period_3 = gradient_descent_visits(on("abs1"), "3/8", [[[*c, 0]] for c in VISITED])
    return AllOf([smooth("abs1"), *invariant("abs1", STEPS), *expands("abs1", STEPS), period_3])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "larger steps too": AllOf(invariant("abs1", ["1/4 < step", "step <= 1/2"])),
        "smaller steps too": AllOf(expands("abs1", ["1/8 < step", "step <= 3/8"])),
        "a smaller interval": AllOf(invariant("abs1", STEPS, "step")),
        "one ReLU too": AllOf(expands("relu1", STEPS)),
    }
