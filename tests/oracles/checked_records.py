"""A dozen records of every kind, built by the finders, on which the checker is attacked."""

from functools import cache

from stability import landscape
from stability.geometry.arrangement.feasibility import active_set
from stability.geometry.stationary.classification import classify
from stability.geometry.stationary.senses import clarke_stationary
from stability.logic.records import prove
from stability.logic.statements import AllOf, Exists, ForAll, Not
from stability.model.datasets import Dataset

ONE = landscape("abs1", Dataset("one", [[1]], [1]))
PAIR = landscape("relu1", Dataset("pair", [[1], [-2]], [1, "1/2"]), "mean")
XOR = landscape("abs1", "xor")
DATA = {"L": ONE.to_record()}


def statements():
    linear = ForAll("x y", ["x >= 1", "y >= x"], ["x + y >= 2"])
    return {
        "linear": linear,
        "chain": ForAll("x y", ["0 < x < y < 1"], ["x*y < y", "y != 0"]),
        "alternatives": ForAll("x", ["x != 0"], [["x > 0"], ["x < 0", "x**3 < 0"]], splits=["x"]),
        "squares": ForAll("x", ["x >= 0", "x <= 1"], ["x*(1 - x) <= 1/4"], squares=["x - 1/2"]),
        "numbers": ForAll("", [], ["L.loss([1, 0]) == 0", "L.d1([0, 0], [1, 0]) == -2", "L.out([2, 1], 0) > 2"], DATA),
        "mean": ForAll("", [], ["M.loss([1, 0]) == 1/8", "M.d1([0, 0], [1, 0]) == -1"], {"M": PAIR.to_record()}),
        "counterexample": ForAll("x", ["x > 0"], ["x**2 >= x"]),
        "vacuous": ForAll("x y", ["x > y + 1", "x < y"], ["x == 5"]),
        "root": ForAll("x", ["x**2 == 2", "x > 0"], ["x < 3/2", "x > 7/5"], root=("1", "2")),
        "root refuted": ForAll("x", ["x**2 == 2", "x > 0"], [["x > 3/2"], ["x < 1"]], root=("1", "2")),
        "exists": Exists("u b", ["L.loss([u, b]) == 0", "u != b"], DATA),
        "exists not": Not(Exists("u b", ["L.out([u, b], 0) < 0"], DATA)),
        "switches": active_set(landscape("relu1", "xor"), on=[(0, 0), (0, 1)], off=[(0, 2), (0, 3)]),
        "clarke": clarke_stationary(ONE, [[0, 0]]),
        "clarke not": Not(clarke_stationary(PAIR, [[2, 4]])),
        "all": AllOf([linear, Not(ForAll("x", [], ["x > 0"]))]),
        "all refuted": AllOf([linear, ForAll("x", [], ["x > 0"])]),
        "rest": ForAll(
            "u b s",
            ["L.rest([u, b], [s])"],
            [["u + b == 0"], ["u + b == 1"], ["u + b == -1"]],
            DATA,
            try_at=[{"u": 1, "b": 0, "s": 0}],
            splits=["u + b"],
        ),
        "saddle": classify(ONE, [[0, 0]]).statement,
        "kink": classify(PAIR, [["1/3", "2/3"]]).statement,
        "trap": classify(XOR, [[0, 0, "1/2"]]).statement,
    }


@cache
def records():
    return {name: prove(statement).record for name, statement in statements().items()}
