"""The faces on which a single unit rests, and where exactly."""

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq

from stability.errors import StabilityError, UnknownNameError
from stability.exact.systems import Vector, solve
from stability.geometry.arrangement.cells import ONE, ZERO, exact
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_fixed


@dataclass(frozen=True)
class Rest:
    """The points of one face at which a single unit is stationary, slopes at kinks being free.

    Attributes
    ----------
    signs : list of int
        The face: the sign of every pre-activation.
    witness : list
        One such point (w_1, ..., w_d, b).
    slopes : list
        Slopes of the unit, one per example, that balance the gradient there.
    fitted : list
        The pre-activation of each example that acts on the unit; None where it acts on nothing.
    """

    signs: list[int]
    witness: Vector
    slopes: Vector
    fitted: list[fmpq | None]


def faces(landscape: NetworkLoss) -> Iterator[list[int]]:
    """Yield every sign vector in {-1, 0, 1} that a single unit can take on the data."""
    rows = integers(landscape).rows
    yield from (face.signs(len(rows)) for face in arrange(rows, certified=False).faces)


def rests(landscape: NetworkLoss) -> list[Rest]:
    """Return every face on which a single unit is stationary, with a witness.

    Raises
    ------
    StabilityError
        If the landscape has more than one unit.
    UnknownNameError
        If its output weight is trained, or there is an output bias.
    """
    require_fixed(landscape, "the faces on which a unit rests")
    if landscape.units != 1:
        raise StabilityError(
            f"The list of stationary faces is for one unit; {landscape.network.name} has {landscape.units}.",
            "Classify single points instead.",
        )
    if landscape.network.output_bias:
        raise UnknownNameError(
            "Expected no output bias for the faces on which a unit rests, as errors at kinks depend on it; got "
            f"{landscape.network.name}.",
            "Ask for the atlas.",
        )
    found = (_rest(landscape, signs) for signs in faces(landscape))
    return [rest for rest in found if rest is not None]


def _rest(landscape: NetworkLoss, signs: list[int]) -> Rest | None:
    """Solve the balance of forces on one face, in homogeneous coordinates (h w, h b, h slopes, h)."""
    width, n = landscape.width, len(signs)
    size = width + n + 1
    rows = [[exact(x) for x in row] for row in landscape.rows]
    labels = [exact(y) for y in landscape.data.labels]
    steep = {s: exact(landscape.slope(0, s)) for s in (-1, 1)}
    low, high = sorted(steep.values())

    def vector(**parts: Vector) -> Vector:
        p, s, h = parts.get("p", [ZERO] * width), parts.get("s", [ZERO] * n), parts.get("h", [ZERO])
        return [*p, *s, *h]

    def axis(i: int, value: fmpq) -> Vector:
        return [value if k == i else ZERO for k in range(n)]

    balance = [[ZERO] * size for _ in range(width)]
    equal: list[tuple[Vector, fmpq]] = []
    above: list[tuple[Vector, fmpq]] = [(vector(h=[ONE]), ONE)]
    for i, s in enumerate(signs):
        if s == 0:
            equal.append((vector(p=rows[i]), ZERO))
            above.append((vector(s=axis(i, ONE), h=[-low]), ZERO))
            above.append((vector(s=axis(i, -ONE), h=[high]), ZERO))
        else:
            equal.append((vector(s=axis(i, ONE), h=[-steep[s]]), ZERO))
            above.append((vector(p=[s * x for x in rows[i]]), ONE))
        for c, x in enumerate(rows[i]):
            line = balance[c]
            if s == 0:
                line[width + i] -= labels[i] * x
                continue
            for k in range(width):
                line[k] += steep[s] * steep[s] * rows[i][k] * x
            line[-1] -= steep[s] * labels[i] * x
    found = solve([*equal, *((line, ZERO) for line in balance)], above, size)
    if found is None:
        return None
    scaled = [x / found[-1] for x in found[:-1]]
    point, slopes = scaled[:width], scaled[width:]
    z = [sum((a * b for a, b in zip(row, point, strict=True)), ZERO) for row in rows]
    fitted = [z[i] if s == 0 or steep[s] else None for i, s in enumerate(signs)]
    return Rest(signs, point, [s / exact(landscape.network.weights[0]) for s in slopes], fitted)
