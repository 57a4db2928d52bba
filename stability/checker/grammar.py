"""The grammar of a record, whatever it is about. Standard library only; see docs/certificates.md.

Each function returns a value that is as it must be, and else rejects the record, saying where it is not.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from fractions import Fraction
from keyword import iskeyword
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits = part("limits")
need = limits.need

FIELDS = ("format", "id", "landscapes", "statement", "conclusion", "proof")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
PLAIN = ("units", "slopes", "points", "labels", "loss")
LAYER = ("output_weights", "output_bias", "hidden_biases", "one_hot", "outputs")


class Shape(NamedTuple):
    """How large a landscape is, and what its points look like.

    Attributes
    ----------
    units : int
    hidden : int
        Weights and bias of a unit.
    examples : int
    outer : int
        Output weights of a unit that are parameters: 0, 1 or 2.
    biases : int
        Output biases: 0, 1 or 2.
    """

    units: int
    hidden: int
    examples: int
    outer: int = 0
    biases: int = 0

    @property
    def rows(self) -> list[int]:
        """How many numbers the rows of a point have."""
        return [self.hidden + self.outer] * self.units + [self.biases] * bool(self.biases)

    @property
    def parameters(self) -> int:
        """How many numbers a point has."""
        return self.units * (self.hidden + self.outer) + self.biases

    @property
    def one_hot(self) -> bool:
        """Whether there are two outputs."""
        return self.outer == 2


def got(value: Any) -> str:
    """Return a value in a few words."""
    if type(value) is dict:
        return f"an object with {len(value)} keys"
    return f"a list of {len(value)}" if type(value) is list else "null" if value is None else f"{value!r:.60}"


def refuse(where: str, wanted: str, value: Any) -> None:
    """Reject the record because of a value."""
    raise limits.Rejected(f"{where}: expected {wanted}; got {got(value)}")


def fields(value: Any, where: str, needed: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """Return an object that has all these fields and no others."""
    wanted = f"an object with the fields {', '.join(map(repr, needed)) or '(none)'}"
    if type(value) is not dict:
        refuse(where, wanted, value)
    missing, usual = [key for key in needed if key not in value], {*needed, *optional}
    strange = [key for key in value if key not in usual]
    if missing or strange:
        less = f"none called {missing[0]!r}" if missing else f"one called {strange[0]!r:.60}"
        raise limits.Rejected(f"{where}: expected {wanted}; got {less}")
    return dict(value)


def listed(value: Any, where: str, least: int = 0, length: int | None = None) -> list[Any]:
    """Return a list, of at least so many or exactly so many entries."""
    if type(value) is not list or len(value) < least or length not in (None, len(value)):
        many = f"of {length}" if length is not None else f"of at least {least}" if least else "(maybe empty)"
        refuse(where, f"a list {many}", value)
    return list(value)


def word(value: Any, where: str, known: Collection[str]) -> str:
    """Return one of the words that are known here."""
    if type(value) is not str or value not in known:
        refuse(where, f"one of {', '.join(map(repr, known))}", value)
    return str(value)


def whole(value: Any, where: str, low: int | None = None, high: int | None = None) -> int:
    """Return a whole number, which a truth value is not, between bounds."""
    if type(value) is not int or (low is not None and value < low) or (high is not None and value > high):
        bounds = f" from {low}" * (low is not None) + f" to {high}" * (high is not None)
        refuse(where, f"a whole number{bounds}", value)
    return int(value)


def wholes(value: Any, where: str, length: int | None = None, least: int = 0) -> list[int]:
    """Return a list of whole numbers."""
    found = listed(value, where, least, length)
    if not {*map(type, found)} <= {int}:
        refuse(where, "a list of whole numbers", next(x for x in found if type(x) is not int))
    return found


def number(value: Any, where: str) -> Fraction:
    """Return the number that a text stands for."""
    try:
        return limits.exact(value)  # type: ignore[no-any-return]
    except limits.Rejected as problem:
        raise limits.Rejected(f"{where}: {problem}") from None


def positive(value: Any, where: str) -> Fraction:
    """Return a number above 0."""
    if number(value, where) <= 0:
        refuse(where, "a number above 0", value)
    return number(value, where)


def vector(value: Any, where: str, length: int | None = None, least: int = 0) -> list[Fraction]:
    """Return the numbers that a list of texts stands for."""
    return [number(x, f"{where}[{k}]") for k, x in enumerate(listed(value, where, least, length))]


def point(value: Any, where: str, shape: Shape) -> list[list[Fraction]]:
    """Return a point of a landscape: for every unit its weights and its bias, and what else a network has."""
    sizes = shape.rows
    rows = enumerate(listed(value, where, length=len(sizes)))
    return [vector(row, f"{where}[{j}]", sizes[j]) for j, row in rows]


def name(value: Any, where: str) -> str:
    """Return a name: letters, digits and _, of ASCII."""
    if type(value) is not str or len(value) > limits.NAME or not NAME.fullmatch(value) or iskeyword(value):
        refuse(where, f"a name of up to {limits.NAME} of the characters A-Z a-z 0-9 _", value)
    return str(value)


def landscape(value: Any, where: str) -> Shape:
    """Return how large a landscape is."""
    data = fields(value, where, PLAIN, LAYER)
    units = whole(data["units"], f"{where}.units", 1, limits.UNITS)
    slopes = fields(data["slopes"], f"{where}.slopes", ("-", "0", "+"))
    for side, slope in slopes.items():
        number(slope, f"{where}.slopes[{side!r}]")
    points = listed(data["points"], f"{where}.points", 1)
    width = len(listed(points[0], f"{where}.points[0]", 1))
    for i, each in enumerate(points):
        vector(each, f"{where}.points[{i}]", width)
    vector(data["labels"], f"{where}.labels", len(points))
    word(data["loss"], f"{where}.loss", ("sum", "mean"))
    layer(data, where)
    many = data.get("outputs", 1)
    outer, biases = many * trained(data), many * ("output_bias" in data)
    return Shape(units, width + ("hidden_biases" not in data), len(points), outer, biases)


def trained(data: Any) -> bool:
    """Return whether the output weights of a landscape are parameters."""
    return bool(data.get("output_weights") == "trainable")


def layer(data: Any, where: str) -> None:
    """Confirm what is said of the output layer, and of biases, of a landscape."""
    for key, only in (("output_bias", True), ("hidden_biases", False), ("one_hot", True)):
        if data.get(key, only) is not only:
            refuse(f"{where}.{key}", f"{only}".lower() + ", or no such field", data[key])
    weights = data.get("output_weights", "trainable")
    if weights != "trainable":
        for j, a in enumerate(vector(weights, f"{where}.output_weights", data["units"])):
            need(a, f"{where}.output_weights[{j}]: expected a number other than 0; got {weights[j]!r:.60}")
    if "one_hot" in data or "outputs" in data:
        need("one_hot" in data and "outputs" in data, f"{where}: expected one_hot and outputs both, or none of them")
        whole(data["outputs"], f"{where}.outputs", 2, 2)
        usual = trained(data) and "output_bias" in data and "hidden_biases" not in data
        need(usual, f"{where}.one_hot: expected trainable output weights, an output bias and hidden biases")
        labels = [number(y, where) for y in data["labels"]]
        need({*labels} <= {0, 1}, f"{where}.one_hot: expected the labels 0 and 1; got others")


def landscapes(value: Any) -> dict[str, Shape]:
    """Return how large every landscape is, by its name."""
    if type(value) is not dict:
        refuse("landscapes", "an object", value)
    return {name(key, "landscapes"): landscape(each, f"landscapes.{key}") for key, each in value.items()}


def known(value: Any, where: str, shapes: dict[str, Shape]) -> Shape:
    """Return the shape of the landscape that a statement names."""
    if type(value) is not str or value not in shapes:
        refuse(where, "the name of a landscape of the record", value)
    return shapes[value]


def nested(depth: int) -> None:
    """Reject statements in statements in statements."""
    limits.within(depth, limits.PARTS, "statements in each other")


def distinct(values: Iterable[Any], where: str) -> None:
    """Reject a list that says the same twice."""
    for value, times in Counter(map(repr, values)).items():
        if times > 1:
            raise limits.Rejected(f"{where}: expected nothing twice; got {value:.80} repeatedly")
