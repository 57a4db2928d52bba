"""Heavy ball is stable exactly for step * curvature < 2 (1 + mu), Nesterov exactly below 2 (1 + mu)/(1 + 2 mu).

Setting  Loss h p^2 / 2 and torch's conventions: v <- mu v + g, then p <- p - step v or p <- p - step (g + mu v).
Idea     The multipliers solve z^2 - t z + d = 0, and by Jury's conditions they are all inside the unit circle.
Scope    0 <= mu < 1. At the minima of abs1 on XOR h is 8: limits (1 + mu)/4 and (1 + mu)/(4 + 8 mu). Local.
"""

from stability.audit.landscape_statements import hessian_is, on
from stability.logic.statements import AllOf, ForAll, Statement

MINIMA = [["1/2", "-1/2", 0]], [["-1/2", "1/2", 0]], [[0, 0, "1/2"]], [[0, 0, "-1/2"]]
EIGHT = [[8 * (row == column) for column in range(3)] for row in range(3)]
HEAVY_BALL = "z*v", "(1 + mu - step*h)", "mu", "step*h < 2*(1 + mu)"
NESTEROV = "(h*p + mu*z*v)", "(1 + mu)*(1 - step*h)", "mu*(1 - step*h)", "(1 + 2*mu)*step*h < 2*(1 + mu)"
EIGENVECTORS = [
    {"step": "1/2", "h": 1, "mu": 0, "z": "1/2", "p": 1, "v": 2},
    {"step": 1, "h": 1, "mu": "1/2", "z": 0, "p": 1, "v": -2},
]


def jury(t: str, d: str) -> list[str]:
    """Return Jury's conditions on z^2 - t z + d."""
    return [f"1 - ({t}) + {d} > 0", f"1 + ({t}) + {d} > 0", f"{d} < 1"]


def criterion() -> list[Statement]:
    """State that Jury's conditions mean that all roots are inside: two real ones r, s, or a pair x +- i y."""
    inside, pair = ["-1 < r", "r < 1", "-1 < s", "s < 1"], ["y > 0", "x**2 + y**2 < 1"]
    real, double = jury("r + s", "r*s"), jury("2*x", "(x**2 + y**2)")
    return [
        ForAll("r s", real, inside),
        ForAll("r s", inside, real),
        ForAll("x y", ["y > 0", *double], pair, try_at=[{"x": 0, "y": "1/2"}]),
        ForAll("x y", pair, double, squares=["1 - x", "1 + x"]),
    ]


def limit(move: str, t: str, d: str, below: str) -> list[Statement]:
    """State that multipliers solve z^2 - t z + d = 0, and that Jury's conditions mean steps below the limit."""
    names, rule = "step h mu", ["0 <= mu", "mu < 1", "step > 0", "h > 0"]
    step = ["step*z*v == step*(mu*v + h*p)", f"z*p == p - step*{move}"]
    root = [f"z**2*p - {t}*z*p + {d}*p == 0"]
    return [
        ForAll("step h mu z p v", step, root, try_at=EIGENVECTORS),
        ForAll(names, [*rule, below], jury(t, d)),
        ForAll(names, [*rule, *jury(t, d)], [below]),
    ]


def theorem() -> Statement:
    """Return the statement."""
    hessians = [hessian_is(on("abs1"), minimum, EIGHT) for minimum in MINIMA]
    return AllOf([*hessians, *criterion(), *limit(*HEAVY_BALL), *limit(*NESTEROV)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "momentum does not matter": AllOf(limit(*HEAVY_BALL[:3], "step*h < 2")),
        "nesterov like heavy ball": AllOf(limit(*NESTEROV[:3], HEAVY_BALL[3])),
        "nesterov with the multipliers of heavy ball": AllOf(limit(NESTEROV[0], *HEAVY_BALL[1:])),
    }
