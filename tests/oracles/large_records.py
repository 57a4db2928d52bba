"""Short records that ask for much work, and records of long lists, on which the checkers must neither hang nor fail."""

from forged_records import KINK, about_points, changed, flow_record, honest, sealed

from stability import landscape
from stability.geometry.atlas.statements import number_of_sets
from stability.logic.records import prove
from stability.model.datasets import Dataset

AT_ZERO = prove(number_of_sets(landscape("relu1", Dataset("zero", [[0]], [0])), [], ">", 0)).record
STEEP = {**KINK, "slopes": {"-": "1", "0": "1", "+": "1"}}


def claim(text, place=None, names=(), tree=None):
    statement = {"for all": list(names), "given": [], "then": [[text]]}
    tree = tree or {"goal": 0, "by": [None]}
    return about_points(statement, "proved", {"tree": tree}, {"L": place} if place else {})


def nested(text, times, inner="x"):
    for _ in range(times):
        inner = text.replace("@", inner)
    return inner


def absurd(term):
    return {"absurd": [{"of": [], "weight": "1", **term}]}


def atlas_of(units):
    """Return a record about many units on one point whose inputs are 0, with all proofs that one unit needs."""
    return changed(AT_ZERO, ("landscapes", "relu1", "units"), units)


def flow_of(path, bits=96, units=1, points=(("0",), ("1",))):
    record = flow_record([list(p) for p in points], ["-1"] * len(points), [["0", "1"]] * units, path, [], units)
    record["proof"]["bits"] = bits
    return sealed(record)


def many_names(count, last="x > 0"):
    """Return a record about many variables, the last of which is called x."""
    names = [*(f"x{k}" for k in range(count)), "x"]
    statement = {"exists": names, "such that": [last]}
    return about_points(statement, "proved", {"witness": dict.fromkeys(names, "1")})


def long_fractions(count):
    """Return fractions with long denominators without much in common: those of sums are longer still."""
    return [f"1/{7 ** (2000 + k) * 2 + 3 ** (4000 + 7 * k)}" for k in range(count)]


def sum_of_fractions(count):
    """Return a record on a sum of long fractions, which a witness gives."""
    names = [f"x{k}" for k in range(count)]
    statement = {"exists": names, "such that": [" + ".join(names) + " > 0"]}
    return about_points(statement, "proved", {"witness": dict(zip(names, long_fractions(count), strict=True))})


def weights_of_fractions(count):
    """Return a record whose weights are long fractions."""
    proof = {"weights": long_fractions(count), "toward": [["1", "0"]] * count}
    return about_points({"clarke": "L", "at": ["0", "0"]}, "proved", proof, {"L": KINK})


ABC = [*"abcdefgh"]
BOMBS = {
    "a long sum of long fractions": sum_of_fractions(60),
    "long fractions as weights": weights_of_fractions(60),
    "long records of products": claim(
        " + ".join(f"({'+'.join(ABC)}+{k})**4" for k in range(1_500)) + " > 0", names=ABC
    ),
    "a tower of powers": claim(nested("(@)**12", 8, "9999") + " > 0"),
    "a tower of high powers": claim(nested("(@)**1000", 3, "9") + " > 0"),
    "a tower over a polynomial": claim(nested("(@)**12", 5, "x + 1") + " > 0", names=["x"]),
    "a power of a polynomial": claim(f"({'+'.join(ABC)})**12 > 0", names=ABC),
    "a power of a power": claim("((a + b + 1)**30)**30 > 0", names=ABC),
    "a product of powers": claim("(a+b+c+d+e+f+g+h)**5 * (a-b-c-d-e-f-g-h)**5 * (a+2*b+c)**9 > 0", names=ABC),
    "an exponent": claim("2**999999999 > 0"),
    "losses of losses": claim(nested("L.loss([@, 1])", 30) + " > 0", STEEP, ["x"]),
    "losses of numbers": claim(nested("L.loss([@, 3])", 30, "2") + " > 0", STEEP),
    "losses of two losses": claim(nested("L.loss([@, @])", 10) + " > 0", STEEP, ["x"]),
    "a square of a power": claim("x > 0", names=[*ABC, "x"], tree=absurd({"square": "(a+b+c+d)**40"})),
    "a product of many facts": claim(
        "x > 0", names=["x", "y", "z"], tree={"split": "x + y*z + 1", **{s: absurd({"of": [0] * 300}) for s in "-0+"}}
    ),
    "signs before signs": claim("-" * 5_000 + "1 > 0"),
    "brackets in brackets": claim("(" * 5_000 + "1" + ")" * 5_000 + " > 0"),
    "a long number": claim("9" * 50_000 + " > 0"),
    "a long number of JSON": '{"format": "stability-atlas/1", "statement": ' + "9" * 50_000 + "}",
    "lists in lists": "[" * 50_000,
    "statements in statements": '{"format": "stability-record/1", "statement": ' + '{"not": ' * 300 + "1" + "}" * 301,
    "many units": claim("1 > 0", {**KINK, "units": 10**9}),
    "units in every order": atlas_of(25),
    "units of a hundred": atlas_of(100),
    "choices of faces": changed(honest()["number"], ("landscapes", "abs1", "units"), 13),
    "fine steps": flow_of(["0.25"] * 400, 4096, 10),
    "tiny steps": flow_of(["0." + "0" * 4000 + "1"] * 50),
    "long data": flow_of(["0.001"] * 50, points=[["0." + "3" * 4000], ["0." + "7" * 4000]]),
    "units that flow": flow_of(["0.001"] * 20, units=40),
}

MANY = 40_000
LONG_LISTS = {
    "keys, the last twice": "{" + ",".join(f'"k{k}": 1' for k in range(MANY)) + f', "k{MANY - 1}": 1}}',
    "names, the last twice": sealed(
        {
            **many_names(1),
            "statement": {"exists": [*(f"x{k}" for k in range(MANY)), f"x{MANY - 1}"], "such that": ["x0 > 0"]},
        }
    ),
    "names": many_names(MANY),
    "uses of the last name": many_names(MANY, " + ".join(["x"] * (MANY // 4)) + " > 0"),
    "places": flow_of(["1"], points=[[str(k)] for k in range(MANY)]),
}
