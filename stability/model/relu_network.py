"""Units and points that every layer of a ReLU network kills, forwards or separates, exactly."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from stability.errors import DataError, PointError, UnknownNameError, nearest
from stability.exact.numbers import Exact, rational
from stability.model.network_loss import Matrix, Vector, dot

Slacks = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]

KINDS = ("sep-u", "sep-p", "sep-pu", "sep-l")
"""A constraint for every unit, for every point, for both (units first), or one for the whole layer."""

Entry = TypeVar("Entry")


def groups(kind: str, z: Sequence[Sequence[Entry]]) -> list[list[Entry]]:
    """Return the pre-activations that each constraint of a kind looks at.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    z : table, a row for each point and a column for each unit
        Numbers, or formulas.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise UnknownNameError(f"Expected a kind of separation; got {kind!r}.", nearest(str(kind), list(KINDS)))
    units, points = [list(column) for column in zip(*z, strict=True)], [list(row) for row in z]
    whole = [[value for row in z for value in row]]
    return {"sep-u": units, "sep-p": points, "sep-pu": units + points, "sep-l": whole}[kind]


@dataclass(frozen=True)
class AffineMap:
    """x -> W x + b with rational entries.

    Attributes
    ----------
    weight : tuple of rows, shape (units, inputs)
    bias : tuple, shape (units,)
    """

    weight: tuple[tuple[Fraction, ...], ...]
    bias: tuple[Fraction, ...]

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.weight[0])

    @property
    def units(self) -> int:
        """How many numbers it gives."""
        return len(self.bias)

    def __call__(self, point: Sequence[Fraction]) -> Vector:
        """Return W x + b."""
        return [dot(row, point) + b for row, b in zip(self.weight, self.bias, strict=True)]


def affine(weight: Sequence[Sequence[Exact]], bias: Sequence[Exact]) -> AffineMap:
    """Return the map x -> W x + b, every number taken at its exact value.

    Raises
    ------
    PointError
        If there is no unit or no input, the rows differ in length, or there is not one bias per row.
    NumberError
        If an entry is not rational.
    """
    rows = tuple(tuple(rational(w) for w in row) for row in weight)
    biases = tuple(rational(b) for b in bias)
    if not rows or not rows[0] or {len(row) for row in rows} != {len(rows[0])} or len(biases) != len(rows):
        raise PointError(
            f"Expected rows of one length, at least 1, and a bias for each; got rows of lengths "
            f"{[len(row) for row in rows]} and {len(biases)} biases.",
            "Write affine([[1, 2], [3, 4]], [0, '1/2']) for two units of two inputs.",
        )
    return AffineMap(rows, biases)


@dataclass(frozen=True)
class LayerSets:
    """What one layer does to finitely many points (separation-constraints.md, section 2).

    A unit's upper part is open (z > 0), its lower part closed (z <= 0). The affine component A is where all units are
    above, the zero set Z where none is, the interzone all the rest.

    Attributes
    ----------
    z : tuple of rows, shape (points, units)
        Pre-activations.
    """

    z: tuple[tuple[Fraction, ...], ...]

    @property
    def upper(self) -> tuple[tuple[bool, ...], ...]:
        """Whether the point lies in the upper part, by points and units."""
        return tuple(tuple(value > 0 for value in row) for row in self.z)

    @property
    def lower(self) -> tuple[tuple[bool, ...], ...]:
        """Whether the point lies in the lower part, by points and units."""
        return tuple(tuple(value <= 0 for value in row) for row in self.z)

    @property
    def dead_units(self) -> tuple[bool, ...]:
        """Which units have all points in their lower part."""
        return tuple(all(column) for column in zip(*self.lower, strict=True))

    @property
    def affine_units(self) -> tuple[bool, ...]:
        """Which units have all points in their upper part."""
        return tuple(all(column) for column in zip(*self.upper, strict=True))

    @property
    def separating_units(self) -> tuple[bool, ...]:
        """Which units have points in both parts."""
        return tuple(any(column) and not all(column) for column in zip(*self.upper, strict=True))

    @property
    def dead_examples(self) -> tuple[bool, ...]:
        """Which points lie in the zero set."""
        return tuple(not any(row) for row in self.upper)

    @property
    def affine_points(self) -> tuple[bool, ...]:
        """Which points lie in the affine component."""
        return tuple(all(row) for row in self.upper)

    @property
    def interzone_points(self) -> tuple[bool, ...]:
        """Which points lie in neither."""
        return tuple(any(row) and not all(row) for row in self.upper)

    @property
    def has_dead_examples(self) -> bool:
        """Whether some point lies in the zero set."""
        return any(self.dead_examples)

    @property
    def separates(self) -> bool:
        """Whether some points, but not all, lie in the affine component (proposition 2.2 takes this as definition)."""
        return any(self.affine_points) and not all(self.affine_points)

    @property
    def images(self) -> int:
        """How many distinct points the layer sends its points to."""
        return len({tuple(max(value, Fraction(0)) for value in row) for row in self.z})

    def slacks(self, kind: str) -> Slacks:
        """Return by how much each constraint is missed from above, max(0, 1 - max z), and below, max(0, 1 + min z).

        Parameters
        ----------
        kind : str
            One of `KINDS`; "sep-pu" gives the slacks of the units, then those of the points.

        Raises
        ------
        UnknownNameError
            If there is no such kind.
        """
        zero, constrained = Fraction(0), groups(kind, self.z)
        upper = tuple(max(zero, 1 - max(group)) for group in constrained)
        return upper, tuple(max(zero, 1 + min(group)) for group in constrained)

    def satisfies(self, kind: str) -> bool:
        """Whether all slacks are zero."""
        upper, lower = self.slacks(kind)
        return not any(upper) and not any(lower)


@dataclass(frozen=True)
class Layers:
    """A network of affine maps with a ReLU after each, and perhaps a last affine map without.

    Attributes
    ----------
    hidden : tuple of AffineMap
        Those with a ReLU, at least one.
    last : AffineMap or None
    """

    hidden: tuple[AffineMap, ...]
    last: AffineMap | None = None

    @property
    def inputs(self) -> int:
        """The dimension of the data."""
        return self.hidden[0].inputs

    def points(self, points: Iterable[Sequence[Exact]]) -> Matrix:
        """Return points as exact rows.

        Raises
        ------
        DataError
            If there is none, or the dimension does not fit.
        NumberError
            If an entry is not rational.
        """
        rows = [[rational(x) for x in point] for point in points]
        if not rows or {len(row) for row in rows} != {self.inputs}:
            raise DataError(
                f"Expected at least one point, of dimension {self.inputs}; got lengths {[len(row) for row in rows]}.",
                f"Give rows of {self.inputs} numbers.",
            )
        return rows

    def sets(self, points: Iterable[Sequence[Exact]]) -> tuple[LayerSets, ...]:
        """Return what every hidden layer does to the points, as the layers before it represent them."""
        rows, found = self.points(points), []
        for layer in self.hidden:
            z = [layer(row) for row in rows]
            found.append(LayerSets(tuple(tuple(row) for row in z)))
            rows = [_relu(row) for row in z]
        return tuple(found)

    def outputs(self, points: Iterable[Sequence[Exact]]) -> Matrix:
        """Return what the network computes, one row per point."""
        rows = [_relu(list(row)) for row in self.sets(points)[-1].z]
        return rows if self.last is None else [self.last(row) for row in rows]

    def gradients(
        self, points: Iterable[Sequence[Exact]], slopes: Callable[[Matrix], Sequence[Sequence[Fraction]]]
    ) -> list[tuple[Matrix, Vector]]:
        """Return the gradient of a loss by weight and bias of every map, the last one included, as torch takes it.

        At a pre-activation of 0 the ReLU has the slope 0.

        Parameters
        ----------
        points : rows
        slopes : callable
            Gets the outputs (points, outputs) and returns the derivatives of the loss by each of them.
        """
        rows = self.points(points)
        inputs, above = [rows], [sets.upper for sets in self.sets(rows)]
        for layer in self.hidden:
            inputs.append([_relu(layer(row)) for row in inputs[-1]])
        back = [list(row) for row in slopes(self.outputs(rows))]
        found = []
        if self.last is not None:
            found.append(_by_parameters(inputs[-1], back))
            back = _composed(self.last, back)
        for layer, given, on in zip(reversed(self.hidden), reversed(inputs[:-1]), reversed(above), strict=True):
            back = [[b * u for b, u in zip(row, ups, strict=True)] for row, ups in zip(back, on, strict=True)]
            found.append(_by_parameters(given, back))
            back = _composed(layer, back)
        return found[::-1]


def layers(
    hidden: Sequence[tuple[Sequence[Sequence[Exact]], Sequence[Exact]]],
    last: tuple[Sequence[Sequence[Exact]], Sequence[Exact]] | None = None,
) -> Layers:
    """Return the network with these (weight, bias) pairs, a ReLU after each but the last.

    Raises
    ------
    PointError
        If there is no hidden layer, or a layer does not take as many numbers as the one before it gives.
    NumberError
        If an entry is not rational.
    """
    maps = [affine(weight, bias) for weight, bias in [*hidden, *([] if last is None else [last])]]
    shapes = [(each.inputs, each.units) for each in maps]
    if not hidden or any(a[1] != b[0] for a, b in pairwise(shapes)):
        raise PointError(
            f"Expected at least one hidden layer, and maps that fit together; got (inputs, units) {shapes}.",
            "Each map takes as many numbers as the one before gives.",
        )
    return Layers(tuple(maps[: len(hidden)]), None if last is None else maps[-1])


def dead_somewhere(sets: Sequence[LayerSets]) -> tuple[bool, ...]:
    """Which points lie in the zero set of some layer."""
    return tuple(any(dead) for dead in zip(*(each.dead_examples for each in sets), strict=True))


def dead_everywhere(sets: Sequence[LayerSets]) -> tuple[bool, ...]:
    """Which points lie in the zero set of every layer."""
    return tuple(all(dead) for dead in zip(*(each.dead_examples for each in sets), strict=True))


def _relu(row: Vector) -> Vector:
    return [max(value, Fraction(0)) for value in row]


def _by_parameters(given: Matrix, back: Matrix) -> tuple[Matrix, Vector]:
    columns = [list(column) for column in zip(*given, strict=True)]
    by_unit = [list(column) for column in zip(*back, strict=True)]
    return [[dot(unit, column) for column in columns] for unit in by_unit], [sum(u, Fraction(0)) for u in by_unit]


def _composed(layer: AffineMap, back: Matrix) -> Matrix:
    columns = list(zip(*layer.weight, strict=True))
    return [[dot(row, column) for column in columns] for row in back]
