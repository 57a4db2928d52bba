"""Verification of records that ReLU units stay dead. Standard library only.

How far an optimiser can carry a unit is bounded by `recovery_drift.py`, which stands beside this file; here, the unit
is confirmed to be off at all inputs wherever it can be carried.
"""

import sys
from fractions import Fraction
from math import lcm
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, reading, drifts = map(part, ("limits", "recovery_grammar", "recovery_drift"))
need = limits.need

Row = list[Fraction]


def whole_numbers(*rows: Row) -> list[list[int]]:
    """Return rows times the same positive number, all in whole numbers."""
    factor = 1
    for x in (x for row in rows for x in row):
        factor = lcm(factor, x.denominator)
        limits.within(factor.bit_length(), limits.BITS, "bits of a common denominator")
    return [[x.numerator * (factor // x.denominator) for x in row] for row in rows]


class Inputs:
    """The inputs, by which the greatest value of a function of them is found.

    The function is the sum over the coordinates, of which the last is 1, of up_i x_i where x_i > 0 and down_i x_i
    where x_i < 0, with down_i <= up_i; so it is convex.
    """

    def __init__(self, claim: Any, meter: Any) -> None:
        self.meter, self.box = meter, claim.box
        self.rows = [whole_numbers([*point, Fraction(1)])[0] for point in claim.points]
        self.size = len(claim.units[0].parameters)

    def positive(self, down: Row, up: Row) -> bool:
        """Return whether the function is positive at an input."""
        bits = max(x.numerator.bit_length() + x.denominator.bit_length() for x in (*down, *up))
        self.meter.spend(4 * self.size * (len(self.rows) or 4), bits, "the inputs")
        if self.box:
            return self.positive_in_box(down, up)
        low, high = whole_numbers(down, up)
        return any(
            sum(x * (b if x > 0 else a) for x, a, b in zip(row, low, high, strict=True)) > 0 for row in self.rows
        )

    def positive_in_box(self, down: Row, up: Row) -> bool:
        """Return whether the function is positive in the box, or not bounded there."""
        total = up[-1]
        for (low, high), a, b in zip(self.box, down[:-1], up[:-1], strict=True):
            if (high is None and b > 0) or (low is None and a < 0):
                return True
            ends = [x for x in (low, high) if x is not None]
            total += max((x * (b if x > 0 else a) for x in ends), default=Fraction(0))
            limits.within(total.denominator.bit_length(), limits.BITS, "bits of a common denominator")
        return total > 0


def stays_dead(unit: Any, claim: Any, optimiser: Any, inputs: Inputs) -> bool:
    """Return whether a unit is off at all inputs wherever it can be carried."""
    where = optimiser.drift(unit)
    inputs.meter.spend(40 * inputs.size * len(where.corners), what="the drift of a unit")
    error = inputs.size * claim.roundoff / (1 - inputs.size * claim.roundoff)
    sizes = [
        error * (max(map(abs, column)) + max(a, b))
        for column, a, b in zip(zip(*where.corners, strict=True), where.down, where.up, strict=True)
    ]
    for corner in where.corners:
        down = [p - a - e for p, a, e in zip(corner, where.down, sizes, strict=True)]
        up = [p + b + e for p, b, e in zip(corner, where.up, sizes, strict=True)]
        if inputs.positive(down, up):
            return False
    return True


def truth(claim: Any, proof: Any, meter: Any) -> str:
    """Return "proved" if all units stay dead, "refuted" if one is alive at the start."""
    inputs = Inputs(claim, meter)
    if any(inputs.positive(unit.parameters, unit.parameters) for unit in claim.units):
        return "refuted"
    if claim.rule.name != "sgd":
        meter.spend(20 * proof["explicit"], proof["bits"], "steps of Adam")
    optimiser = drifts.Optimiser(claim.rule, proof, claim.steps)
    for j, unit in enumerate(claim.units):
        need(
            stays_dead(unit, claim, optimiser, inputs),
            f"unit {j + 1}: not decided, it may be carried to where it is on",
        )
    return "proved"


def with_decimal(text: str) -> str:
    """Return a long fraction with the decimal of the float that it is, if it is one, beside it."""
    if "/" not in text or len(text) < 20:
        return text
    value = Fraction(text)
    near = float(value) if abs(value) < 10**300 else 0.0
    return f"{text} ({near})" if Fraction(near) == value else text


def said(claim: Any, data: Any) -> str:
    """Return a statement in words."""
    units, rule = len(claim.units), data["rule"]
    long = "for ever" if claim.steps is None else f"for {claim.steps} step{'s' * (claim.steps != 1)}"
    many = f"{units} ReLU unit{'s' * (units != 1)} with {len(claim.units[0].parameters) - 1} weights"
    where = "all inputs in the box" if claim.box else f"the {len(claim.points)} inputs"
    given = {key: with_decimal(str(rule[key]).lower()) for key in reading.RULES[rule["name"]][1:]}
    settings = ", ".join(f"{key} {value}" for key, value in given.items() if value not in ("0", "false"))
    error = f", sums rounded by at most {data['roundoff']}" if claim.roundoff else ""
    verb = "stays" if units == 1 else "stay"
    return f"{many} {verb} dead {long} on {where} of the record under {rule['name']} with {settings}{error}"


def conclude(record: dict[str, Any], shapes: dict[str, Any], meter: Any) -> str:
    """Return what a record concludes, in words; reject it if it does not prove that."""
    need(not shapes, "landscapes: expected none in a record about units that stay dead")
    claim = reading.claim(record["statement"])
    proof = reading.proof(record["proof"], claim.rule)
    verdict = truth(claim, proof, meter)
    need(verdict == record["conclusion"], f"the conclusion is {verdict}")
    words = said(claim, record["statement"])
    return f"{verdict}: {words}"


def check(record: dict[str, Any]) -> str:
    """Return what a record of any format concludes, in words; reject it if it does not prove that."""
    return str(part("checker").check(record))


if __name__ == "__main__":
    sys.exit(part("checker").command(sys.argv[1:]))
