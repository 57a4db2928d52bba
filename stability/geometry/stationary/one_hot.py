"""Two one-hot outputs with biases, as one: at rest the outputs of the two labels sum to 1.

The output of label 1 then is that of a network with one output, whose output weights are half the differences of the
two, and its squared errors count twice (the theorem stands in proofs/theorems). What the outputs of both labels have in
common is free as long as it is 1/2 on all examples; every set has the point at which it is a bias alone.
"""

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from stability.errors import UnknownNameError
from stability.model.network_loss import Matrix, NetworkLoss, Point, Vector, dot


def is_reducible(landscape: NetworkLoss) -> bool:
    """Return whether there is one output, or two one-hot ones, which are one at rest."""
    net = landscape.network
    return net.outputs == 1 or (net.one_hot and net.outputs == 2)


def require_reducible(landscape: NetworkLoss) -> None:
    """Refuse several outputs that are not those of two labels.

    Raises
    ------
    UnknownNameError
        If there are several outputs, other than one-hot ones for the labels 0 and 1.
    """
    net = landscape.network
    if not is_reducible(landscape):
        raise UnknownNameError(
            f"Expected one output, or two one-hot outputs, for a complete list of stationary points; {net.name} on "
            f"{landscape.data.name} has {net.outputs} outputs, which do not reduce to one.",
            "Ask what a point is (classify), or for a certified search that may miss some (fixed_points).",
        )


def as_one_output(landscape: NetworkLoss, point: Point) -> tuple[Vector, Vector, Vector] | None:
    """Return output weights, outputs and errors of the one output at a point; None where the two do not sum to 1."""
    if landscape.network.outputs == 1:
        return landscape.outer(point), landscape.outputs(point), landscape.residuals(point)
    outputs: Matrix = landscape.outputs(point)  # type: ignore[assignment]
    if any(sum(row) != 1 for row in outputs):
        return None
    weights: Matrix = landscape.outer(point)  # type: ignore[assignment]
    second = [row[1] for row in outputs]
    errors = [f - y for f, y in zip(second, landscape.data.labels, strict=True)]
    return [(row[1] - row[0]) / 2 for row in weights], second, errors


def in_both_outputs(rows: Sequence[Vector]) -> Matrix:
    """Return a point (w, b, a) per unit and (c) of the one output as one of two outputs that sum to 1.

    Examples
    --------
    >>> in_both_outputs([[Fraction(1), Fraction(0), Fraction(2)], [Fraction(1, 3)]])[1]
    [Fraction(2, 3), Fraction(1, 3)]
    """
    *units, (bias,) = rows
    return [*([*row[:-1], -row[-1], row[-1]] for row in units), [1 - bias, bias]]


def free_sums(landscape: NetworkLoss, point: Matrix) -> int:
    """Return in how many dimensions the common part of both outputs is free, at a point (w, b, a) per unit and (c).

    It is a combination of what the units put out and a bias, and must be 1/2 on all examples.
    """
    value = landscape.network.unit.value
    units = [[value(dot(row[: landscape.width], x)) for x in landscape.rows] for row in point[: landscape.units]]
    columns = [[fmpq(x.numerator, x.denominator) for x in out] for out in units]
    _, rank = fmpq_mat([*columns, [fmpq(1)] * len(landscape.rows)]).rref()
    return landscape.units + 1 - int(rank)
