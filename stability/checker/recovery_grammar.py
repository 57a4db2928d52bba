"""The grammar of statements that ReLU units stay dead, and of their proofs. Standard library only.

Nothing is concluded here: what is of another form is rejected. The grammar is that of docs/certificates.md.
"""

from fractions import Fraction
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, grammar = part("limits"), part("grammar")
need, fields, listed, whole, number = limits.need, grammar.fields, grammar.listed, grammar.whole, grammar.number

DECAYS = ("weight_decay", "bias_decay")
SGD = ("name", "lr", "momentum", "dampening", "nesterov", *DECAYS)
ADAM = ("name", "lr", "beta1", "beta2", "eps", "taken", *DECAYS)
RULES = {"sgd": SGD, "adam": ADAM, "adamw": ADAM}
MOST_STEPS, MOST_BITS, MOST_EXPLICIT, WIDEST = 10**9, 4096, 10_000, 100_000


class Unit(NamedTuple):
    """A unit with what its optimiser remembers; the bias is the last entry of each list.

    Attributes
    ----------
    parameters : list of Fraction
    velocity, square : list of Fraction
        The buffer of SGD, or the first moment of Adam; and its second moment (of SGD 0).
    """

    parameters: list[Fraction]
    velocity: list[Fraction]
    square: list[Fraction]


class Rule(NamedTuple):
    """An optimiser; what it does not have is 0.

    Attributes
    ----------
    name : str
        "sgd", "adam" (weight decay is a gradient) or "adamw" (weight decay scales).
    lr, momentum, dampening, weight_decay, bias_decay, beta1, beta2, eps : Fraction
    nesterov : bool
    taken : int
        Steps that Adam took before.
    """

    name: str
    lr: Fraction
    weight_decay: Fraction
    bias_decay: Fraction
    momentum: Fraction = Fraction(0)
    dampening: Fraction = Fraction(0)
    nesterov: bool = False
    beta1: Fraction = Fraction(0)
    beta2: Fraction = Fraction(0)
    eps: Fraction = Fraction(0)
    taken: int = 0


Interval = tuple[Fraction | None, Fraction | None]
"""Between which numbers a coordinate of an input is; None where there is no bound."""


class Claim(NamedTuple):
    """A statement that has been read.

    Attributes
    ----------
    units : list of Unit
    points : list of list of Fraction
        The inputs where they are listed.
    box : list of Interval
        The inputs where they are all of a box; else empty.
    rule : Rule
    roundoff : Fraction
    steps : int or None
        None for ever.
    """

    units: list[Unit]
    points: list[list[Fraction]]
    box: list[Interval]
    rule: Rule
    roundoff: Fraction
    steps: int | None


def between(value: Any, where: str, low: int, high: int | None = None, below: bool = False) -> Fraction:
    """Return a number from `low` to `high`, or below it."""
    found: Fraction = number(value, where)
    if found < low or (high is not None and (found >= high if below else found > high)):
        upper = "" if high is None else f" and {'below' if below else 'at most'} {high}"
        grammar.refuse(where, f"a number of at least {low}{upper}", value)
    return found


def rule(value: Any, where: str) -> Rule:
    """Return the optimiser."""
    if type(value) is not dict or "name" not in value:
        grammar.refuse(where, "an object with the field 'name'", value)
    data = fields(value, where, RULES[grammar.word(value["name"], f"{where}.name", RULES)])
    least: dict[str, Any] = {key: between(data[key], f"{where}.{key}", 0) for key in ("lr", *DECAYS)}
    if data["name"] == "sgd":
        mu = between(data["momentum"], f"{where}.momentum", 0, 1, below=True)
        damped = between(data["dampening"], f"{where}.dampening", 0, 1)
        nesterov = data["nesterov"]
        need(type(nesterov) is bool, f"{where}.nesterov: expected true or false")
        need(not nesterov or (mu and not damped), f"{where}.nesterov: expected momentum and no dampening with it")
        return Rule(data["name"], **least, momentum=mu, dampening=damped, nesterov=nesterov)
    betas: dict[str, Any] = {key: between(data[key], f"{where}.{key}", 0, 1, below=True) for key in ("beta1", "beta2")}
    taken = whole(data["taken"], f"{where}.taken", 0, MOST_STEPS)
    return Rule(data["name"], **least, **betas, eps=between(data["eps"], f"{where}.eps", 0), taken=taken)


def unit(value: Any, where: str, name: str, width: int) -> Unit:
    """Return a unit with the state of its optimiser."""
    memory = ("velocity",) if name == "sgd" else ("m", "v")
    data = fields(value, where, ("weights", "bias", *memory))
    own = [*grammar.vector(data["weights"], f"{where}.weights", width), number(data["bias"], f"{where}.bias")]
    first, *rest = [grammar.vector(data[key], f"{where}.{key}", width + 1) for key in memory]
    square = rest[0] if rest else [Fraction(0)] * (width + 1)
    need(min(square) >= 0, f"{where}.v: expected squares, which are not negative")
    return Unit(own, first, square)


def interval(value: Any, where: str) -> Interval:
    """Return two bounds, of which each may be missing."""
    low, high = (None if each is None else number(each, where) for each in listed(value, where, length=2))
    need(low is None or high is None or low <= high, f"{where}: expected a lower bound that is not above the upper one")
    return low, high


def claim(value: Any) -> Claim:
    """Return a statement, read."""
    data = fields(value, "statement", ("units", "inputs", "rule", "roundoff", "steps"))
    how = rule(data["rule"], "statement.rule")
    given = listed(data["units"], "statement.units", 1)
    first = given[0].get("weights") if type(given[0]) is dict else None
    width = len(listed(first, "statement.units[0].weights", 1))
    limits.within(width, WIDEST, "weights of a unit")
    units = [unit(each, f"statement.units[{j}]", how.name, width) for j, each in enumerate(given)]
    inputs = data["inputs"]
    kind = next(iter(inputs)) if type(inputs) is dict and len(inputs) == 1 else None
    points: list[list[Fraction]] = []
    box: list[Interval] = []
    if kind == "points":
        rows = enumerate(listed(inputs["points"], "statement.inputs.points", 1))
        points = [grammar.vector(row, f"statement.inputs.points[{i}]", width) for i, row in rows]
    elif kind == "box":
        sides = enumerate(listed(inputs["box"], "statement.inputs.box", length=width))
        box = [interval(side, f"statement.inputs.box[{k}]") for k, side in sides]
    else:
        grammar.refuse("statement.inputs", "an object with the field 'points' or the field 'box'", inputs)
    roundoff = between(data["roundoff"], "statement.roundoff", 0)
    need(roundoff * (width + 1) < 1, "statement.roundoff: expected less than 1 over the number of parameters of a unit")
    steps = None if data["steps"] is None else whole(data["steps"], "statement.steps", 1, MOST_STEPS)
    return Claim(units, points, box, how, roundoff, steps)


def proof(value: Any, how: Rule) -> dict[str, Any]:
    """Return a proof, read."""
    data = fields(value, "proof", ("bits", "ratios") if how.name == "sgd" else ("bits", "explicit"))
    found: dict[str, Any] = {"bits": whole(data["bits"], "proof.bits", 1, MOST_BITS)}
    if how.name != "sgd":
        return {**found, "explicit": whole(data["explicit"], "proof.explicit", 0, MOST_EXPLICIT)}
    ratios = listed(data["ratios"], "proof.ratios", length=2)
    read = [None if q is None else grammar.positive(q, f"proof.ratios[{k}]") for k, q in enumerate(ratios)]
    return {**found, "ratios": read}
