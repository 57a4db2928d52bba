"""The landscapes, points and formulas with which several sections of "Increasing separation in units" state their claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stability import AllOf, Exists, ForAll
from stability.audit.layer_statements import reluing
from stability.audit.vocabulary import Statement, theorem_statement

TABLE = "a b c d"

Z = (("a", "b"), ("c", "d"))
"""Two points at two units: a and b are the pre-activations of the first point."""

COLUMN = (("a",), ("b",), ("c",))
"""Three points at one unit."""

SPLIT = {"a": 1, "b": -1, "c": -1, "d": 1}
"""Each unit sees one point, and each point is seen by one unit."""

CUT = {"a": 1, "b": 1, "c": -1, "d": -1}
"""Both units see the first point only."""

SLACK = "zero_slack_separates"

GRADIENT = "zero_slack_bounds_no_gradient"


def part(name: str, *which: int) -> Statement:
    """Return some parts of a theorem, counted from 0."""
    whole = theorem_statement(name)
    assert isinstance(whole, AllOf)
    return AllOf([whole.parts[k] for k in which])


def fact(*relations: str) -> ForAll:
    """State relations between numbers, with ReLU units."""
    return ForAll("", [], list(relations), reluing())


def pairs(given: Sequence[str], *then: str, names: str = "p q", **at: object) -> ForAll:
    """State relations between the pre-activations p, q of two units, or of one unit at two points."""
    known = [{name: str(value) for name, value in at.items()}] if at else []
    return ForAll(names, list(given), list(then), reluing(), known)


def possible(*relations: str, at: dict[str, int]) -> Exists:
    """State that two units at two points may have this."""
    return Exists(TABLE, list(relations), reluing(), [at], samples=0)


DEPTH, WIDTH, POINTS = 50, 4, 85


@dataclass(frozen=True)
class Row:
    """A row of Table 2, as printed.

    Attributes
    ----------
    name : str
    train, validation : str
        Accuracies.
    loss, validation_loss : str
    right, validation_right : int
        Of 85 and of 15 points.
    """

    name: str
    train: str
    validation: str
    loss: str
    validation_loss: str
    right: int
    validation_right: int

    @property
    def drop(self) -> str:
        """By how much the accuracy falls from training to validation, relative to training."""
        return f"(({exact(self.train)}) - ({exact(self.validation)}))/({exact(self.train)})"

    @property
    def variation(self) -> str:
        """By how much the loss differs, relative to validation."""
        return f"(({exact(self.validation_loss)}) - ({exact(self.loss)}))/({exact(self.validation_loss)})"

    @property
    def growth(self) -> str:
        """By how much the loss differs, relative to training."""
        return f"(({exact(self.validation_loss)}) - ({exact(self.loss)}))/({exact(self.loss)})"


def exact(number: str) -> str:
    """Return a printed decimal as a fraction."""
    return str(Fraction(number))


RELU, NORM, LAYER, POINT, UNIT, BOTH = ROWS = (
    Row("relu", "0.5176", "0.4", "0.6925", "0.6938", 44, 6),
    Row("relu-bn", "0.8117", "0.6", "0.6331", "0.6636", 69, 9),
    Row("sep-l", "1.0000", "1.0", "0.0000", "0.0211", 85, 15),
    Row("sep-p", "0.9294", "0.8000", "0.1765", "0.6476", 79, 12),
    Row("sep-u", "0.9058", "0.8000", "0.4161", "1.5228", 77, 12),
    Row("sep-pu", "0.9882", "0.9333", "0.6988", "1.0810", 84, 14),
)

PLAIN, SEPARATING = ROWS[:2], ROWS[2:]


def between(low: str, value: str, high: str) -> str:
    """Return that a number is at least one and below another."""
    return f"{low} <= {value} < {high}"


def truncated(row: Row) -> list[str]:
    """Return that the accuracies are these counts, cut after four digits."""
    shares = ((row.train, row.right, POINTS), (row.validation, row.validation_right, 15))
    return [between(exact(x), f"{k}/{n}", f"({exact(x)}) + 1/10000") for x, k, n in shares]


GOOD, TRIVIAL = 0.9, 44 / 85
"""A network works if it gets 9 of 10 training points right at its best; one class for all gets 44 of 85."""
