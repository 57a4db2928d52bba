"""With steps from 1/2 to 3/4 every global minimum is a source, yet a whole square of starts around them is kept.

Setting  One absolute-value unit on x = 1 and x = -1, both labelled 1: four global minima, Hessian 4 I.
Idea     w + b and w - b do not see each other; each moves by c -> (1 - 4 step) c + 4 step sign(c), |c| <= 4 step.
Scope    Kinks included. On XOR beyond 1/4 only starts with u + v = 0 can stay: u + v grows by the factor 1 - 8 step.
"""

from stability import landscape
from stability.audit.landscape_statements import hessian_is, landscapes, on
from stability.logic.statements import AllOf, ForAll, Statement
from stability.model.datasets import Dataset

PAIR = landscape("abs1", Dataset("pair", [[1], [-1]], [1, 1]))
PLACE = landscapes(abs1=PAIR)
BEST = [[1, 0]], [[-1, 0]], [[0, 1]], [[0, -1]]
STEPS = ["1/2 < step", "step <= 3/4"]
HINTS = [{"w": "3/2", "b": "3/2", "step": "3/4"}, {"w": 4, "b": 0, "step": 1}, {"w": "1/2", "b": 0, "step": "3/4"}]


def moved(model: str, point: str, axes: list[str]) -> list[str]:
    """Return where a step takes a point, entry by entry."""
    names = point.split(", ")
    return [f"({n} - step*{model}.autograd([{point}], [{axis}]))" for n, axis in zip(names, axes, strict=True)]


def square(w: str, b: str, reach: str) -> list[str]:
    """Return the relations of the square with the corners (+-reach, 0) and (0, +-reach)."""
    return [f"-{reach} <= {w} + {b} <= {reach}", f"-{reach} <= {w} - {b} <= {reach}"]


def stays(steps: list[str], reach: str) -> Statement:
    """State that one step maps the square into itself."""
    given, then = square("w", "b", reach), square(*moved("abs1", "w, b", ["1, 0", "0, 1"]), reach)
    return ForAll("w b step", [*steps, *given], then, PLACE, try_at=HINTS)


def sources(steps: list[str]) -> list[Statement]:
    """State that these are the global minima, all with Hessian 4 I, and that the multiplier 1 - 4 step exceeds 1."""
    points = [[f"w == {w}", f"b == {b}"] for ((w, b),) in BEST]
    squares, solved = ["w", "w - 1", "w + 1", "b", "b - 1", "b + 1"], [{"w": 1, "b": 0}]
    return [
        ForAll("w b", ["abs1.loss([w, b]) == 0"], points, PLACE, try_at=solved, squares=squares),
        *(hessian_is(PAIR, point, [[4, 0], [0, 4]]) for point in BEST),
        ForAll("step", steps, ["(1 - 4*step)**2 > 1"]),
    ]


def diagonal(factor: str) -> Statement:
    """State that on XOR a step multiplies u + v by a factor, wherever it starts."""
    u, v, _ = moved("xor", "u, v, b", ["1, 0, 0", "0, 1, 0", "0, 0, 1"])
    return ForAll("u v b step", [], [f"{u} + {v} == ({factor})*(u + v)"], landscapes(xor=on("abs1")))


def theorem() -> Statement:
    """Return the statement."""
    grows = ForAll("step", ["step > 1/4"], ["(1 - 8*step)**2 > 1"])
    return AllOf([*sources(STEPS), stays(STEPS, "4*step"), diagonal("1 - 8*step"), grows])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "larger steps too": stays(["1/2 < step", "step <= 1"], "4*step"),
        "a smaller square": stays(STEPS, "step"),
        "smaller steps make sources too": AllOf(sources(["1/4 < step", "step <= 3/4"])),
        "u + v shrinks on XOR": diagonal("1 - step"),
    }
