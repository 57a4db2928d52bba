"""The grammar of statements about trajectories, and of their proofs. Standard library only.

Nothing is concluded here: what is of another form is rejected. The grammar is that of docs/certificates.md.
"""

from fractions import Fraction
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, grammar, wording = part("limits"), part("grammar"), part("text")
need, fields, listed, whole = limits.need, grammar.fields, grammar.listed, grammar.whole

EVENTS = ("crossing", "sliding begins", "sliding ends")
CONDITIONS = ("loss", "signs", "within", "events")
MOST_BITS = 4096


def together(points: list[list[str]]) -> list[list[int]]:
    """Return for every example all those at the same point."""
    exact = [tuple(map(limits.exact, point)) for point in points]
    same: dict[Any, list[int]] = {}
    for i, point in enumerate(exact):
        same.setdefault(point, []).append(i)
    return [same[point] for point in exact]


class Reading:
    """The landscapes of a record, by which statements about trajectories on them are read."""

    def __init__(self, landscapes: dict[str, Any], shapes: dict[str, Any]) -> None:
        self.shapes = shapes
        self.same = {name: together(data["points"]) for name, data in landscapes.items()}

    def statement(self, value: Any, where: str = "statement", depth: int = 0) -> None:
        """Confirm that a statement is one."""
        grammar.nested(depth)
        keys = {*value} if type(value) is dict else set()
        if "all of" in keys:
            for k, each in enumerate(listed(fields(value, where, ("all of",))["all of"], f"{where}['all of']", 1)):
                self.statement(each, f"{where}['all of'][{k}]", depth + 1)
        elif "not" in keys:
            self.statement(fields(value, where, ("not",))["not"], f"{where}.not", depth + 1)
        elif "flow on" in keys:
            fields(value, where, ("flow on", "from", "has"))
            shape = grammar.known(value["flow on"], f"{where}['flow on']", self.shapes)
            need(not shape.outer, f"{where}['flow on']: expected output weights that are fixed; got trainable ones")
            grammar.point(value["from"], f"{where}.from", shape)
            for k, each in enumerate(listed(value["has"], f"{where}.has")):
                self.condition(each, value["flow on"], f"{where}.has[{k}]")
            grammar.distinct(value["has"], f"{where}.has")
            kinds = [each[0] for each in value["has"] if each[0] in ("signs", "events")]
            grammar.distinct(kinds, f"{where}.has")
        else:
            grammar.refuse(where, "a statement: 'flow on', 'not' or 'all of'", value)

    def condition(self, value: Any, name: str, where: str) -> None:
        """Confirm that a condition on the limit, or on the way there, is one."""
        shape = self.shapes[name]
        kind, relation, wanted = listed(value, where, length=3)
        grammar.word(kind, where, CONDITIONS)
        if kind == "within":
            if grammar.number(relation, where) < 0:
                grammar.refuse(where, "a distance from 0", relation)
            grammar.point(wanted, where, shape)
            return
        grammar.word(relation, where, grammar.RELATIONS if kind == "loss" else ("=",))
        if kind == "loss":
            grammar.number(wanted, where)
        elif kind == "signs":
            signs(wanted, where, shape)
        else:
            for k, each in enumerate(listed(wanted, where)):
                self.event(each, name, f"{where}[{k}]")
            grammar.distinct(wanted, where)

    def event(self, value: Any, name: str, where: str) -> None:
        """Confirm that an event is one: its kind, a unit, an example (or all at one point), and two times."""
        kind, unit, example, first, last = listed(value, where, length=5)
        grammar.word(kind, where, EVENTS)
        whole(unit, where, 0, self.shapes[name][0] - 1)
        named = grammar.wholes(example, where, least=2) if type(example) is list else [example]
        whole(named[0], where, 0, self.shapes[name][2] - 1)
        here = self.same[name][named[0]]
        if named != here:
            grammar.refuse(where, f"all examples at one point, here {here[0] if len(here) == 1 else here}", example)
        times = [grammar.number(time, where) for time in (first, last)]
        need(0 <= times[0] <= times[1], f"{where}: expected two times from 0, the earlier one first")

    def proof(self, statement: Any, value: Any, where: str = "proof") -> None:
        """Confirm that a proof has the parts that a statement needs."""
        if "all of" in statement:
            parts = listed(fields(value, where, ("parts",))["parts"], f"{where}.parts", length=len(statement["all of"]))
            for k, (each, why) in enumerate(zip(statement["all of"], parts, strict=True)):
                self.proof(each, why, f"{where}.parts[{k}]")
        elif "not" in statement:
            self.proof(statement["not"], value, where)
        else:
            trajectory(value, self.shapes[statement["flow on"]], where)


def signs(value: Any, where: str, shape: Any) -> None:
    """Confirm that there is a text of signs for every unit, with one for every example."""
    for text in listed(value, where, length=shape[0]):
        if type(text) is not str or len(text) != shape[2] or not set(text) <= set("-0+"):
            grammar.refuse(where, f"texts of {shape[2]} signs, each -, 0 or +", text)


def trajectory(value: Any, shape: Any, where: str) -> None:
    """Confirm the form of what shows where a trajectory goes."""
    units, examples = shape.units, shape.examples
    fields(value, where, ("bits", "signs", "path", "target", "shift", "chains"))
    whole(value["bits"], f"{where}.bits", 1, MOST_BITS)
    signs(value["signs"], f"{where}.signs", shape)
    for k, each in enumerate(listed(value["path"], f"{where}.path")):
        here = f"{where}.path[{k}]"
        if type(each) is str:
            grammar.positive(each, here)
            continue
        time, changes = listed(each, here, length=2)
        grammar.positive(time, here)
        for change in listed(changes, here, 1):
            unit, example, sign = grammar.wholes(change, here, 3)
            need(0 <= unit < units and 0 <= example < examples, f"{here}: expected a unit and an example, from 0")
            whole(sign, here, -1, 1)
    for name in ("target", "shift"):
        grammar.vector(value[name], f"{where}.{name}", shape.parameters)
    for k, chain in enumerate(listed(value["chains"], f"{where}.chains")):
        if chain is not None:
            here = f"{where}.chains[{k}]"
            rates, weights = listed(chain, here, length=2)
            grammar.vector(weights, here, len(grammar.vector(rates, here)) + 1)


def said(statement: Any) -> str:
    """Return a statement in words; units and examples are counted from 1 there, as people do, and from 0 in records."""
    match statement:
        case {"all of": parts}:
            return " and ".join(f"[{said(each)}]" for each in parts)
        case {"not": inner}:
            return f"not [{said(inner)}]"
    ends = ", ".join(["ends at a stationary point", *map(condition_said, statement["has"])])
    return (
        f"every solution of gradient flow on {statement['flow on']} from {wording.point_said(statement['from'])} {ends}"
    )


def condition_said(condition: Any) -> str:
    """Return a condition in words."""
    match condition:
        case ["within", distance, point]:
            return f"within {power_of_ten(distance)} of {wording.point_said(point)}"
        case ["events", _, events]:
            each = [f"{kind} (unit {j + 1}, {which(i)}) between {a} and {b}" for kind, j, i, a, b in events]
            return f"after {', '.join(each) or 'no event'}"
        case ["signs", _, signs]:
            return f"with signs {' '.join(signs)}"
    name, relation, value = condition
    return f"with {name} {relation} {value}"


def which(example: Any) -> str:
    """Return an example, or those at one point, in words."""
    if type(example) is list:
        return f"examples {' and '.join(str(i + 1) for i in example)}"
    return f"example {example + 1}"


def power_of_ten(distance: str) -> str:
    """Return a distance, in a shorter way if it is 1/10, 1/100, ..."""
    exact: Fraction = limits.exact(distance)
    zeros = str(exact.denominator).removeprefix("1")
    return f"10^-{len(zeros)}" if exact.numerator == 1 and zeros and not zeros.strip("0") else distance
