"""The variables and landscapes that formulas may name."""

import ast
import keyword
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stability.errors import StatementError
from stability.logic.formulas import RELATIONS, parsed, short
from stability.logic.roots import roots_in
from stability.logic.sizes import FormulaSize, Shape

MOST_NAMES = 1_000
"""Variables of a statement."""

LONGEST_NAME = 80


def shape(name: str, data: Any) -> Shape:
    """Return the shape of a landscape as a record holds it.

    Raises
    ------
    StatementError
        If it is no such landscape.
    """
    try:
        points, labels, units = data["points"], data["labels"], data["units"]
        numbers = [*(x for point in points for x in point), *labels, *(data["slopes"][side] for side in "-0+")]
        weights = data.get("output_weights", ["1"] * units)
        trained = weights == "trainable"
        biased, hidden = data.get("output_bias", False), data.get("hidden_biases", True)
        numbers += [] if trained else weights
        whole = type(units) is int and units > 0 and data["loss"] in ("sum", "mean")
        for number in numbers:
            Fraction(number)
        fits = (trained or len(weights) == units) and "one_hot" not in data and "outputs" not in data
        even = len(points) == len(labels) > 0 and len({len(point) for point in points}) == 1
        flags = isinstance(biased, bool) and isinstance(hidden, bool)
        good = whole and even and fits and flags and all(isinstance(number, str) for number in numbers)
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, AttributeError):
        good = False
    if not good or not is_name(name):
        raise StatementError(
            f"Expected landscapes by name; got {short(name)}: {short(data)}.",
            'Write {"relu1": landscape("relu1", "xor")}.',
        )
    parameters = units * (len(points[0]) + hidden + trained) + biased
    return Shape(units, parameters, len(points), max(map(len, numbers)), trained)


def is_name(text: object) -> bool:
    """Return whether a text can name a variable or a landscape: ASCII, not private, no keyword."""
    plain = isinstance(text, str) and text.isascii() and text.isidentifier() and len(text) <= LONGEST_NAME
    return plain and not keyword.iskeyword(str(text)) and not str(text).startswith("_")


class Scope:
    """The variables and landscapes that formulas may name.

    Parameters
    ----------
    names : sequence of str
        The variables.
    landscapes : dict
        By name, as in a record.

    Raises
    ------
    StatementError
        If a name is none, or stands twice.
    """

    def __init__(self, names: Sequence[str], landscapes: Mapping[str, Any]) -> None:
        if not isinstance(landscapes, Mapping):
            raise StatementError(f"Expected landscapes by name; got {short(landscapes)}.", 'Write {"L": ...}.')
        self.names, self.roots = list(names), list[str]()
        self.shapes = {name: shape(name, data) for name, data in landscapes.items()}
        for name in self.names:
            if not is_name(name):
                raise StatementError(f"Expected names of variables; got {short(name)}.", 'Write "w1 w2 b".')
        everything = [*self.names, *self.shapes]
        double = sorted({name for name in everything if everything.count(name) > 1})
        if double:
            raise StatementError(f"Expected different names; got {double[0]} twice.", "Rename one of them.")
        if len(self.names) > MOST_NAMES:
            raise StatementError(
                f"Expected at most {MOST_NAMES} variables; got {len(self.names)}.", "Split the statement."
            )

    def relation(self, text: str) -> None:
        """Refuse a text that is no relation between the variables.

        Raises
        ------
        StatementError
            With what was expected.
        """
        node, reading = parsed(text), FormulaSize(self.names, self.shapes, text)
        self.roots = roots_in([*self.roots, text])
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                reading.size(side)
            return
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RELATIONS:
            reading.call(node)
            return
        raise StatementError(f"Expected a relation; got {short(text)}.", "Compare it with something: x > 0.")

    def expression(self, text: str) -> None:
        """Refuse a text that stands for no number.

        Raises
        ------
        StatementError
            With what was expected.
        """
        FormulaSize(self.names, self.shapes, text, hint=True).size(parsed(text))
