"""The words in which claims about two-layer networks are stated: sums of a_j s(w_j . x + b_j) + c, all trainable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from stability.audit.output_layer_statements import inner, squares
from stability.errors import StatementError
from stability.exact.numbers import Exact
from stability.exact.systems import dot, solve
from stability.landscapes import Landscape, landscape
from stability.logic.statements import Exists, ForAll
from stability.logic.validation import exact_number
from stability.model.datasets import Dataset


@dataclass(frozen=True)
class TwoLayerFormulas:
    """The formulas of a two-layer network on data, in the variables a1, w1 (in the plane w11, w12), b1, a2, ..., c.

    Attributes
    ----------
    points : sequence of sequence of exact numbers, or of formulas
    labels : sequence of exact numbers, or of formulas
    width : int
        How many units there are.
    slopes : pair
        Those of the unit left and right of its kink.
    bias : bool
        Whether there is an output bias c.
    others : str
        The variables that points and labels name, separated by blanks.

    Examples
    --------
    >>> net = TwoLayerFormulas([[0], [1]], [1, 0], 1)
    >>> net.names, net.out(1)
    ('a1 w1 b1 c', 'a1*relu((w1)*(1) + b1) + c')
    """

    points: Sequence[Sequence[Exact]]
    labels: Sequence[Exact]
    width: int
    slopes: tuple[Exact, Exact] = (0, 1)
    bias: bool = True
    others: str = ""

    @property
    def names(self) -> str:
        """The variables, unit by unit, and those of the data."""
        units = [f"a{j} {' '.join(self.weights(j))} b{j}" for j in self.units]
        return " ".join([*units, *(["c"] if self.bias else []), *self.others.split()])

    @property
    def units(self) -> range:
        """The numbers of the units, from 1."""
        return range(1, self.width + 1)

    def weights(self, unit: int) -> list[str]:
        """Return the variables of the weights of a unit."""
        size = len(self.points[0])
        return [f"w{unit}"] if size == 1 else [f"w{unit}{k + 1}" for k in range(size)]

    def pre(self, unit: int, example: int) -> str:
        """Return the pre-activation of a unit, counted from 1, at an example, counted from 0."""
        point = [str(x) for x in self.points[example]]
        return f"{inner(self.weights(unit), point)[1:-1]} + b{unit}"

    def active(self, unit: int, example: int) -> str:
        """Return what a unit puts out at an example, before its output weight."""
        z = self.pre(unit, example)
        left, right = (exact_number(slope, "a slope") for slope in self.slopes)
        if left == 0 and right == 1:
            return f"relu({z})"
        return f"({left}*({z}) + {right - left}*relu({z}))"

    def out(self, example: int) -> str:
        """Return the output at an example."""
        terms = [f"a{j}*{self.active(j, example)}" for j in self.units]
        return " + ".join([*terms, *(["c"] if self.bias else [])])

    def errors(self) -> list[str]:
        """Return outputs less labels."""
        return [f"{self.out(i)} - ({y})" for i, y in enumerate(self.labels)]

    def loss(self) -> str:
        """Return the sum of squared errors."""
        return squares(self.errors())

    def sees(self, unit: int, signs: str) -> list[str]:
        """Return the signs of the pre-activations of a unit: a text of <, > and =; a blank leaves one open."""
        return [
            f"{self.pre(unit, i)} {'==' if sign == '=' else sign} 0" for i, sign in enumerate(signs) if sign.strip()
        ]

    def at_least(
        self, loss: Exact, given: Sequence[str] = (), near: Sequence[Exact] = (), at: Mapping[str, Exact] | None = None
    ) -> ForAll:
        """State that the loss is nowhere smaller where the givens hold.

        Parameters
        ----------
        loss : exact number
        given : sequence of str
            Relations between the parameters.
        near : sequence of exact numbers
            Outputs at which it is that small; their distances are a hint for the proof.
        at : mapping of str to exact numbers, optional
            Parameters that satisfy the givens, or refute the statement.
        """
        hints = [f"{self.out(i)} - ({v})" for i, v in enumerate(near)]
        tries = [] if at is None else [self.filled(at)]
        return ForAll(self.names, given, [f"{self.loss()} >= {loss}"], try_at=tries, squares=hints, samples=0)

    def attains(self, loss: Exact, at: Mapping[str, Exact], given: Sequence[str] = (), relation: str = "==") -> Exists:
        """State that the loss is this, or below it for another relation, at these parameters, where the givens hold."""
        return Exists(self.names, [*given, f"{self.loss()} {relation} {loss}"], try_at=[self.filled(at)])

    def filled(self, at: Mapping[str, Exact]) -> dict[str, str]:
        """Return values of all variables, 0 for those that are not named."""
        return {name: str(at.get(name, 0)) for name in self.names.split()}

    def landscape(self) -> Landscape:
        """Return the landscape of this network, where points and labels are numbers and the right slope is 1.

        Raises
        ------
        StatementError
            If the right slope is another one.
        """
        left, right = (exact_number(slope, "a slope") for slope in self.slopes)
        if right != 1:
            raise StatementError(f"Expected the slope 1 right of the kink; got {right}.", "Scale the unit.")
        unit = {0: "relu", -1: "abs"}.get(int(left), "") if left.denominator == 1 else ""
        points = tuple(tuple(exact_number(x, "a coordinate") for x in point) for point in self.points)
        data = Dataset("points", points, tuple(exact_number(y, "a label") for y in self.labels))
        return landscape(f"{unit or f'leaky{left}:'}{self.width}-out{'+c' if self.bias else ''}", data)

    def place(self, at: Mapping[str, Exact]) -> list[list[str]]:
        """Return these parameters as a point of that landscape, 0 for those that are not named."""
        values = self.filled(at)
        rows = [[values[name] for name in (*self.weights(j), f"b{j}", f"a{j}")] for j in self.units]
        return [*rows, *([[values["c"]]] if self.bias else [])]


def affine_fit(points: Sequence[Sequence[Exact]], labels: Sequence[Exact]) -> tuple[list[Fraction], Fraction]:
    """Return the outputs of a best affine fit, and its sum of squared errors.

    Examples
    --------
    >>> affine_fit([[0], [1], [2]], [0, 1, 0])
    ([Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)], Fraction(2, 3))
    """
    rows = [[*(_rational(x) for x in point), fmpq(1)] for point in points]
    targets = [_rational(y) for y in labels]
    columns = [list(column) for column in zip(*rows, strict=True)]
    normal = [([dot(one, other) for other in columns], dot(one, targets)) for one in columns]
    weights = solve(normal, [], len(columns)) or []
    outs = [dot(row, weights) for row in rows]
    errors = [out - y for out, y in zip(outs, targets, strict=True)]
    return [_fraction(out) for out in outs], _fraction(dot(errors, errors))


def _rational(value: Exact) -> fmpq:
    number = exact_number(value, "a number")
    return fmpq(number.numerator, number.denominator)


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))
