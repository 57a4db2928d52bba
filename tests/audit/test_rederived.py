"""Forty analytic claims of the write-ups, drawn by a fixed seed, come to the same verdict by a second method.

The draw is by a hash of the id, so that a claim that is added or left out changes few of them. Only the statement and
the landscapes of a claim's record are read, never its proof or its conclusion.

| how | decides? |
|---|---|
| numbers, exact | yes: evaluated in Fractions, losses written out by hand |
| a point, exact | yes: a point found by search fails the statement, or shows it, in Fractions |
| a point, to 13 digits | yes, in floats: found by Newton's method on equations |
| all faces | yes: the stationary sets by one linear program for every choice of faces |
| descent from N starts | yes where a trap is found |
| N points | no, supports: none of N points fails that satisfy the hypotheses, on kinks and off them |
| no point, N without one of the relations | no, supports: N points are found once one is left out, none with all |
"""

import hashlib
import json
import re

import brute_force
import pytest
import slow_sets

from stability.audit.discovery import proofs_folder

DRAWN, SEED, FAST, ENOUGH = 40, "40 claims", 5, 50
ANALYTIC = ("proved", "refuted", "vacuous")
DECIDING = (brute_force.EXACTLY, brute_force.NEARLY, brute_force.EVALUATED, "all faces", "descent")


def drawn():
    statuses = json.loads((proofs_folder() / "statuses.json").read_text(encoding="utf-8"))
    ids = [id_ for id_, found in statuses.items() if found["status"] in ANALYTIC]
    return sorted(ids, key=lambda id_: hashlib.sha256(f"{SEED}: {id_}".encode()).hexdigest())[:DRAWN]


def record(id_):
    return json.loads((proofs_folder() / "records" / f"{id_}.json").read_text(encoding="utf-8"))


def rederived(found):
    method = slow_sets if found["format"] == "stability-atlas/1" else brute_force
    return method.rederived(found["statement"], found["landscapes"])


def means_something(how):
    """Return whether a verdict is decided, or supported by enough points in all."""
    return (
        any(word in how for word in DECIDING) or sum(map(int, re.findall(r"(\d+) (?:points|without)", how))) >= ENOUGH
    )


@pytest.mark.parametrize(
    "id_", [pytest.param(id_, marks=() if k < FAST else pytest.mark.slow) for k, id_ in enumerate(drawn())]
)
def test_a_second_method_agrees(id_, record_property):
    found = record(id_)
    verdict, how = rederived(found)
    record_property("how", how)
    assert verdict == found["conclusion"], how
    assert means_something(how), how


XOR = {"points": [["1", "-1"], ["-1", "1"], ["1", "1"], ["-1", "-1"]], "labels": ["1", "1", "0", "0"], "units": 1}
ABS1 = {"abs1": {**XOR, "slopes": {"-": "-1", "0": "0", "+": "1"}, "loss": "sum"}}
RELU1 = {"relu1": {**XOR, "slopes": {"-": "0", "0": "0", "+": "1"}, "loss": "mean"}}
P = "[u, v, b]"


def every(then, *given, names="u v b"):
    return {"for all": names.split(), "given": list(given), "then": [list(then)]}


@pytest.mark.parametrize(
    ("statement", "landscapes", "verdict"),
    [
        (every(["u**2 + v**2 >= 2*u*v"]), {}, "proved"),
        (every(["u**2 + v**2 > 2*u*v"]), {}, "refuted"),  # only on u = v
        (every(["u**2 + v**2 >= 2*u*v + 1/1000000"]), {}, "refuted"),
        (every(["u + v <= 3/2"], "u**2 + v**2 == 1"), {}, "proved"),
        (every(["u + v <= 7/5"], "u**2 + v**2 == 1"), {}, "refuted"),  # the greatest is the root of 2
        (every(["u == 1"], "u**2 == 1", "u > 0"), {}, "proved"),
        (every(["u == 1"], "u**2 == -1"), {}, "vacuous"),
        ({"for all": ["u"], "given": ["u**2 == 4"], "then": [["u == 2"], ["u == -2"]]}, {}, "proved"),
        ({"exists": ["u"], "such that": ["u**3 == 2"]}, {}, "proved"),
        ({"exists": ["u", "v"], "such that": ["u**2 + v**2 == 1", "u + v > 3/2"]}, {}, "refuted"),
        ({"not": {"exists": ["u"], "such that": ["u**2 < 0"]}}, {}, "proved"),
        (
            every([f"abs1.loss({P}) == 4*u**2 + 4*v**2 + 4*b**2 + 2 - 2*abs(u - v + b) - 2*abs(v - u + b)"]),
            ABS1,
            "proved",
        ),
        (every([f"relu1.loss({P}) >= 1/4"]), RELU1, "proved"),
        (every([f"relu1.loss({P}) >= 26/100"]), RELU1, "refuted"),
        (every([f"abs1.d1({P}, [0, 0, 1]) == -abs1.d1({P}, [0, 0, -1])"]), ABS1, "refuted"),  # on kinks only
        (every([f"abs1.d2({P}, [1, 0, 0], [0, 0, 0]) == 8"]), ABS1, "proved"),
        (
            every(
                [f"abs1.autograd({P}, [0, 0, 1]) == 0"],
                f"abs1.out({P}, 0) == 1",
                f"abs1.out({P}, 1) == 1",
                f"abs1.out({P}, 2) == 0",
                f"abs1.out({P}, 3) == 0",
            ),
            ABS1,
            "proved",
        ),
        (every(["u**2 + v**2 > 0"], f"abs1.rest({P}, [s, t, x, y])", names="u v b s t x y"), ABS1, "refuted"),
        pytest.param(
            every(["b**2 <= 1/4"], f"abs1.rest({P}, [s, t, x, y])", names="u v b s t x y"),
            ABS1,
            "proved",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_method_sets_true_apart_from_false(statement, landscapes, verdict):
    assert brute_force.rederived(statement, landscapes)[0] == verdict


@pytest.mark.parametrize(
    ("given", "number", "verdict"),
    [
        ([["kind", "=", "local minimum"]], 2, "proved"),
        ([["kind", "=", "local minimum"]], 3, "refuted"),
        ([["loss", "in", ["4/3", 2]], ["isolated", "=", True]], 5, "proved"),
        ([["right", "=", 3]], 4, "proved"),
    ],
)
def test_the_nine_points_of_an_absolute_value(given, number, verdict):
    statement = {"sets of": "abs1", "with": given, "number": ["=", number]}
    assert slow_sets.rederived(statement, ABS1) == (verdict, "all faces")


@pytest.mark.slow
def test_descent_of_three_units_ends_in_traps_too():
    relu3 = {"relu3": {**RELU1["relu1"], "units": 3}}
    statement = {"sets of": "relu3", "with": [["kind", "=", "local minimum"]], "number": ["=", 0]}
    verdict, how = slow_sets.rederived(statement, relu3)
    assert (verdict, how[:7]) == ("refuted", "descent")
