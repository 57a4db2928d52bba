"""The words in which claims about layers of ReLU units and their separation are stated.

A layer is given by its pre-activations: a table of formulas z[i][j], a row for each point and a column for each unit.
"""

from collections.abc import Sequence
from fractions import Fraction

from stability.audit.landscape_statements import landscapes
from stability.landscapes import landscape
from stability.logic.branches import Landscapes
from stability.model.datasets import Dataset
from stability.model.relu_network import groups

Table = Sequence[Sequence[str]]


def reluing() -> Landscapes:
    """Return the landscape that the formulas of this module name: one ReLU unit at the number 0."""
    return landscapes(relu=landscape("relu1", Dataset("the number 0", ((Fraction(0),),), (Fraction(0),))))


def relu(z: str) -> str:
    """Return the formula of max(0, z)."""
    return f"relu.out([0, {z}], 0)"


def largest(*values: str) -> str:
    """Return the formula of the largest value."""
    top = f"({values[0]})"
    for value in values[1:]:
        top = f"({top} + {relu(f'({value}) - {top}')})"
    return top


def smallest(*values: str) -> str:
    """Return the formula of the smallest value."""
    low = f"({values[0]})"
    for value in values[1:]:
        low = f"({low} - {relu(f'{low} - ({value})')})"
    return low


def upper_slack(*values: str) -> str:
    """Return the least number >= 0 that, added to the largest value, makes it 1 or more."""
    return relu(f"1 - {largest(*values)}")


def lower_slack(*values: str) -> str:
    """Return the least number >= 0 that, taken from the smallest value, makes it -1 or less."""
    return relu(f"1 + {smallest(*values)}")


def slacks(kind: str, z: Table) -> list[str]:
    """Return the formulas of all slacks of a layer, the upper and the lower one of each constraint in turn."""
    return [slack(*group) for group in groups(kind, z) for slack in (upper_slack, lower_slack)]


def without_slack(kind: str, z: Table) -> list[str]:
    """Return that a layer fulfils all constraints of a kind."""
    return [f"{slack} == 0" for slack in slacks(kind, z)]


def penalty(kind: str, z: Table, rho: str = "1/2") -> str:
    """Return the formula of the sum over constraints of rho times the upper plus 1 - rho times the lower slack."""
    pairs = [(upper_slack(*group), lower_slack(*group)) for group in groups(kind, z)]
    return " + ".join(f"({rho})*{up} + (1 - ({rho}))*{low}" for up, low in pairs)


def dead_unit(z: Table, j: int) -> list[str]:
    """Return that a unit sees no point: all lie in its lower set."""
    return [f"{row[j]} <= 0" for row in z]


def affine_unit(z: Table, j: int) -> list[str]:
    """Return that a unit sees all points."""
    return [f"{row[j]} > 0" for row in z]


def dead_example(z: Table, i: int) -> list[str]:
    """Return that no unit sees a point: it lies in the zero set of the layer."""
    return [f"{value} <= 0" for value in z[i]]


def separations(z: Table, j: int) -> list[list[str]]:
    """Return the ways in which a unit can separate: it sees one point, and another not."""
    n = len(z)
    return [[f"{z[i][j]} > 0", f"{z[k][j]} <= 0"] for i in range(n) for k in range(n) if i != k]


def affine(weights: Sequence[str], bias: str, point: Sequence[str]) -> str:
    """Return the formula of w . x + b."""
    terms = [f"({w})*({x})" for w, x in zip(weights, point, strict=True)]
    return " + ".join([*terms, f"({bias})"])


def layer(units: Sequence[tuple[Sequence[str], str]], points: Table) -> list[list[str]]:
    """Return the table of pre-activations of units (weights, bias) at points."""
    return [[affine(weights, bias, point) for weights, bias in units] for point in points]


def images(z: Table) -> list[list[str]]:
    """Return what a layer puts out."""
    return [[relu(value) for value in row] for row in z]
