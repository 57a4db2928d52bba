"""One absolute-value unit on XOR needs 3 to 4 more steps from twice as far, however far: time goes by the logarithm.

Setting  Mean of squared errors, gradient descent with step h <= 1/2, x1 and x2 on different sides, as from zero biases
         with w1 != w2. The step 1/10 is the documented one.
Idea     In such a cell the loss is the squared distance to its solution and the gradient twice the way to it: a step
         multiplies the distance by 1 - 2h, keeps its direction and stays in the cell. At h = 1/10 that is 4/5.
Scope    Exact: n steps leave (4/5)^n of the distance; a tolerance t is reached from d after log(d / t) / log(5/4)
         steps, rounded up. So neither steps nor, for the flow (rate 2), time are proportional to the distance.
"""

from collections.abc import Sequence

from stability.audit.landscape_statements import landscapes, on
from stability.logic.statements import AllOf, ForAll, Statement

ABS1, P = landscapes(mean_abs1=on("abs1", loss="mean")), "[u, v, b]"
BEST = ("1/2", "-1/2", "0")
NEXT = [f"{x} - h*2*({x} - ({q}))" for x, q in zip("uvb", BEST, strict=True)]
OWN = [f"mean_abs1.pre({P}, 0, 0) > 0", f"mean_abs1.pre({P}, 0, 1) < 0"]
AT = dict(zip("uvb", ("1", "0", "0"), strict=True))


def step(rate: str) -> ForAll:
    """State that a step leads to the solution plus (1 - rate h) times the way from it, and stays in the cell."""
    axes = ("[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]")
    moved = [f"{x} - h*mean_abs1.autograd({P}, {axis})" for x, axis in zip("uvb", axes, strict=True)]
    ways = [f"{new} - ({q}) == (1 - {rate}*h)*({x} - ({q}))" for new, x, q in zip(moved, "uvb", BEST, strict=True)]
    there = f"[{', '.join(NEXT)}]"
    stays = [f"mean_abs1.pre({there}, 0, 0) > 0", f"mean_abs1.pre({there}, 0, 1) < 0"]
    return ForAll("u v b h", [*OWN, "0 < h", "h <= 1/2"], [*ways, *stays], ABS1, [{**AT, "h": "1/10"}])


def loss(factor: str) -> ForAll:
    """State that the loss is the squared distance to the solution, times a factor."""
    return ForAll("u v b", OWN, [f"mean_abs1.loss({P}) == {factor}*((u - 1/2)**2 + (v + 1/2)**2 + b**2)"], ABS1, [AT])


def from_twice(few: int, many: int) -> ForAll:
    """State that from twice the distance these many more steps of 1/10 do not, and do, make up for it."""
    more: Sequence[str] = [f"2*d*(1 - 2/10)**{few} > d", f"2*d*(1 - 2/10)**{many} < d"]
    return ForAll("d", ["d > 0"], more)


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([loss("1"), step("2"), from_twice(3, 4)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {"five more": from_twice(4, 5), "half the rate": step("1"), "loss twice that": loss("2")}
