"""Connected sets of stationary points: of which kind, how large, where, and what touches them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from stability.exact.eigenvalues import Eigenvalue, spectrum
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.arrangement.enumerate import Arrangement, Face
from stability.geometry.arrangement.integer_problem import Integers, Vector, dot, primitive
from stability.geometry.arrangement.symmetry import symmetries
from stability.geometry.stationary.components import Component, StationaryPiece, join
from stability.geometry.stationary.least_squares import Combination, Fits, Generators
from stability.geometry.stationary.search import Faces, generators
from stability.geometry.stationary.simple_points import on_same_faces
from stability.geometry.stationary.unit_balance import Balance, UnitBalance
from stability.io.results import Displayed, ResultTable
from stability.model.correctness import correct
from stability.model.network_loss import Matrix, NetworkLoss

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 9
"""Characters of a number up to which a witness is left as it is."""

KINDS = ("global minimum", "local minimum", "saddle", "local maximum")
"""In the order in which they are listed at equal loss."""


@dataclass(frozen=True, eq=False)
class StationarySet(Displayed):
    """A connected set of stationary points, all of one kind; its images by permuting units are the same entry.

    Attributes
    ----------
    landscape : NetworkLoss
    index : int
        The position in the atlas.
    kind : str
        One of `KINDS`. A set of local minima that are also local maxima (a plateau) is a set of local minima.
    loss : Fraction
        The exact loss.
    dimension : int
        The largest dimension of a piece, in full parameter space.
    isolated : bool
        Whether it is one point with no other stationary point near it.
    strict : bool
        Whether it is one strict local minimum.
    faces : int
        How many faces of parameter space (choices of one face per unit) it meets.
    witness : list of rows (w_1, ..., w_d, b)
        A point of it, on a piece of the largest dimension.
    outputs : list of Fraction
        What the network puts out on the data, the same on all of the set.
    clarke, directional : bool
        The two senses of stationary; the first holds for every set of an atlas.
    autograd_rests : bool
        Whether the gradient that torch computes is 0 on all of the set.
    autograd_faces, smooth_faces : int
        On how many of its faces that gradient is 0, and on how many the loss is differentiable.
    orbit : int
        How many sets there are by permuting the units, this one included.
    borders : list of int
        Sets of another kind that it touches: stationary points next to it that are not of its kind.
    images : list of int
        Sets onto which the symmetries of the problem map it, itself included.
    members : list of tuples of faces
        Where it lies, unit by unit.

    Examples
    --------
    >>> from stability import landscape
    >>> best = landscape("abs1", "xor").atlas().sets[0]
    >>> best.kind, best.loss, best.isolated, best.right
    ('global minimum', Fraction(0, 1), True, 4)
    """

    landscape: NetworkLoss
    index: int
    kind: str
    loss: Fraction
    dimension: int
    isolated: bool
    strict: bool
    faces: int
    witness: Matrix
    outputs: list[Fraction]
    directional: bool
    autograd_rests: bool
    autograd_faces: int
    smooth_faces: int
    orbit: int
    borders: list[int]
    images: list[int]
    members: list[Faces] = field(repr=False)
    clarke: bool = True

    @property
    def repels(self) -> list[int]:
        """The sets at its edge from which descent leads away, where this set is one of local minima."""
        return self.borders if self.directional else []

    @cached_property
    def correct(self) -> list[bool] | None:
        """Which examples are correct, as `stability.model.correctness` says; None where there are not two labels."""
        return correct(self.outputs, self.landscape.data.labels)

    @property
    def right(self) -> int | None:
        """How many examples are correct; None where there are not two labels."""
        return None if self.correct is None else sum(self.correct)

    def correct_of_class(self, label: Fraction) -> int | None:
        """Return how many examples of a label are correct; None where there are not two labels."""
        if self.correct is None:
            return None
        return sum(c for c, y in zip(self.correct, self.landscape.data.labels, strict=True) if y == label)

    @cached_property
    def spectrum(self) -> list[Eigenvalue] | None:
        """The exact eigenvalues of the Hessian at the witness; None where the loss is not twice differentiable."""
        if not self.landscape.is_twice_differentiable(self.witness):
            return None
        return spectrum(self.landscape.hessian(self.witness))

    def __repr__(self) -> str:
        rows = "; ".join(f"w = ({', '.join(map(str, row[:-1]))}) b = {row[-1]}" for row in self.witness)
        return f"{self.kind}, loss {self.loss}, dimension {self.dimension}, at {rows}"

    def _table(self) -> ResultTable:
        count = [] if self.right is None else [("correct", f"{self.right} of {len(self.outputs)} examples")]
        rows = [
            ("kind", f"{'strict ' if self.strict else ''}{self.kind}"),
            ("loss", formatted(self.loss)),
            ("dimension", str(self.dimension)),
            ("a point of it", "; ".join(map(formatted_vector, self.witness))),
            ("outputs", formatted_vector(self.outputs)),
            *count,
            ("sets by permuting the units", str(self.orbit)),
            ("touches sets", ", ".join(map(str, self.borders)) or "none"),
        ]
        finding = f"{'strict ' if self.strict else ''}{self.kind}, loss {formatted(self.loss)}"
        return ResultTable(f"Set {self.index} of the atlas of {self.landscape!r}", (), rows, finding=finding)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what the network puts out at each example of data in the plane; return the Axes.

        Raises
        ------
        DataError
            If the data are not in the plane.
        """
        from stability.plot.loss_levels import draw_outputs

        return draw_outputs(ax, self.landscape.data, self.outputs)

    def stated(self) -> dict[str, Any]:
        """Return what a certificate of an atlas says of the set, with exact numbers as text."""
        return {
            "kind": self.kind,
            "loss": str(self.loss),
            "dimension": self.dimension,
            "isolated": self.isolated,
            "strict": self.strict,
            "faces": self.faces,
            "witness": [[str(x) for x in row] for row in self.witness],
            "outputs": [str(x) for x in self.outputs],
            "clarke": self.clarke,
            "directional": self.directional,
            "autograd_rests": self.autograd_rests,
            "autograd_faces": self.autograd_faces,
            "smooth_faces": self.smooth_faces,
            "orbit": self.orbit,
            **({} if self.right is None else {"right": self.right}),
        }

    def to_json(self) -> dict[str, Any]:
        """Return the set with exact numbers as text."""
        values = self.spectrum
        return {
            **self.stated(),
            "right": self.right,
            "borders": self.borders,
            "repels": self.repels,
            "images": self.images,
            "spectrum": None if values is None else [value.to_json() for value in values],
        }


class Gathering:
    """The stationary faces of a landscape, made into sets.

    Parameters
    ----------
    problem : Integers
    arrangement : Arrangement
    stationary : sequence of faces
    """

    def __init__(self, problem: Integers, arrangement: Arrangement, stationary: Sequence[Faces]) -> None:
        self.problem = problem
        self.arrangement = arrangement
        self.stationary = stationary
        self.used = sorted({f for faces in stationary for f in faces})
        names, generated, self.examples = generators(problem, [arrangement.faces[f] for f in self.used])
        self.generated = dict(zip(self.used, generated, strict=True))
        self.fits = Fits(names, problem.labels)
        self.unit = UnitBalance(
            problem, [(arrangement.faces[c].plus, arrangement.faces[c].minus) for c in arrangement.cells]
        )
        self._errors: dict[Generators, tuple[tuple[Vector, int], int]] = {}
        self._answers: dict[tuple[str, int, Vector], bool] = {}

    def key(self, faces: Faces) -> Generators:
        """Return the generators of a choice of faces."""
        return frozenset().union(*(self.generated[f] for f in faces))

    def errors(self, faces: Faces) -> tuple[tuple[Vector, int], int]:
        """Return the errors on the stationary set of a choice of faces, and the rank of its outputs."""
        key = self.key(faces)
        if key not in self._errors:
            fit = self.fits.fit(key)
            self._errors[key] = self.fits.errors(fit), fit.rank
        return self._errors[key]

    def weights(self, faces: Faces) -> Combination:
        """Return positive weights of the generators that put out the fit."""
        return self.fits.inside(self.fits.fit(self.key(faces)))[1]

    def balance(self, face: int, errors: Vector) -> Balance:
        """Return why a unit is in balance on a face."""
        return self.unit.balance(self.arrangement.faces[face], errors)

    def piece(self, faces: Faces) -> StationaryPiece:
        """Return the stationary points on a choice of faces."""
        errors, rank = self.errors(faces)
        e = primitive(errors[0])
        least, rests, smooth = (all(self._is(name, f, e) for f in faces) for name in ("least", "resting", "smooth"))
        most = not least and all(self._is("most", f, e) for f in faces)
        free = sum(self.arrangement.faces[f].dimension for f in faces) - rank + self.problem.units * self.problem.idle
        return StationaryPiece(
            faces, errors, free, "minimum" if least else "maximum" if most else "saddle", rests, smooth
        )

    def _is(self, what: str, face: int, errors: Vector) -> bool:
        """Return whether one unit is a least or a most, whether torch lets it rest, or whether it is smooth."""
        key = what, face, errors
        if key not in self._answers:
            place, rays = self.arrangement.faces[face], self.arrangement.rays
            self._answers[key] = {
                "least": partial(self.unit.nothing_descends, place, errors, rays),
                "most": partial(self.unit.nothing_ascends, place, errors, rays),
                "resting": partial(self.unit.autograd_rests, place, errors),
                "smooth": partial(self.unit.is_smooth, place, errors),
            }[what]()
        return self._answers[key]

    def witness(self, faces: Faces) -> Matrix:
        """Return a stationary point on a choice of faces, one row per unit, with small entries where there are some."""
        rows = self._combined(faces)
        if max(len(str(x)) for row in rows for x in row) > LONGEST:
            rows = on_same_faces(self.problem, self._combined(faces, even=True))
        return [self.problem.full(row) for row in rows]

    def _combined(self, faces: Faces, even: bool = False) -> Matrix:
        """Return the point that weights of the fit make of rays; `even`: rays without outputs get a size of 1."""
        weights, problem = self.weights(faces), self.problem
        sources = [
            (unit, ray, out)
            for unit, f in enumerate(faces)
            for ray in self.arrangement.faces[f].rays
            for out in problem.outputs([ray])
        ]
        names = {out: g for g, out in enumerate(self.fits.outputs)}
        share: dict[int, int] = {}
        for _, _, out in sources:
            share[names[out]] = share.get(names[out], 0) + 1
        rows = [[Fraction(0)] * problem.rank for _ in faces]
        for unit, ray, out in sources:
            factor = Fraction(1, max(map(abs, ray)) if even else 1)
            if any(out):
                g, i = names[out], next(i for i, x in enumerate(out) if x)
                raw = problem.activation(dot(problem.rows[i], ray))
                factor = Fraction(weights.numerators.get(g, 0), weights.denominator * share[g]) * Fraction(out[i], raw)
            rows[unit] = [x + factor * y for x, y in zip(rows[unit], ray, strict=True)]
        alive = {unit for unit, _, out in sources if any(out)}
        tidy = [row if unit in alive else self._simple(faces[unit]) for unit, row in enumerate(rows)]
        return [[Fraction(x) for x in row] for row in tidy]

    def _simple(self, f: int) -> Vector:
        """Return a vector of a face with small entries, where rounding finds one."""
        face = self.arrangement.faces[f]
        inside = primitive(self.arrangement.inside(f))
        largest = max(map(abs, inside))
        for bound in (1, 2, 4, 8, 16):
            near = _rounded(inside, bound)
            if self._lies_on(face, near):
                return near
        sizes = [max(map(abs, ray)) for ray in face.rays]
        scales = [max(sizes) // size for size in sizes]
        even = tuple(
            map(sum, zip(*([k * x for x in ray] for k, ray in zip(scales, face.rays, strict=True)), strict=True))
        )
        bound = 32
        while bound < largest:
            for middle in (even, inside):
                near = _rounded(middle, bound)
                if self._lies_on(face, near):
                    return near
            bound *= 2
        return inside

    def _lies_on(self, face: Face, vector: Vector) -> bool:
        """Return whether a vector has the signs of a face."""
        heights = [dot(row, vector) for row in self.problem.rows]
        plus = sum(1 << i for i, z in enumerate(heights) if z > 0)
        minus = sum(1 << i for i, z in enumerate(heights) if z < 0)
        return (plus, minus) == (face.plus, face.minus)

    def sets(self, landscape: NetworkLoss) -> tuple[list[StationarySet], dict[Faces, int]]:
        """Return the connected sets, least loss first, and to which each choice of faces belongs."""
        pieces = [self.piece(faces) for faces in self.stationary]
        self._piece_of = {piece.faces: piece for piece in pieces}
        components, number = join(pieces, self.arrangement.faces)
        least = min(self.problem.loss(c.pieces[0].errors[0]) / c.pieces[0].errors[1] ** 2 for c in components)
        drafts = [self._draft(landscape, component, least) for component in components]
        order = sorted(range(len(drafts)), key=lambda k: _rank(drafts[k]))
        place = {old: new for new, old in enumerate(order)}
        images = self._images(components, number, place)
        found = [
            StationarySet(
                **{
                    **drafts[old],
                    "landscape": landscape,
                    "index": place[old],
                    "borders": sorted(place[b] for b in components[old].borders),
                    "images": images[old],
                }
            )
            for old in order
        ]
        return found, {faces: place[k] for faces, k in number.items()}

    def _images(
        self, components: Sequence[Component], number: dict[Faces, int], place: dict[int, int]
    ) -> list[list[int]]:
        """Return, for each component, the places of those onto which the symmetries map it."""
        group = symmetries(self.problem, self.arrangement)
        label = list(range(len(components)))
        for k, component in enumerate(components):
            for image in group.images(component.members[0]):
                old, new = sorted((label[k], label[number[tuple(sorted(image))]]))
                label = [old if each == new else each for each in label]
        return [sorted(place[c] for c, each in enumerate(label) if each == mine) for mine in label]

    def _size(self, piece: StationaryPiece) -> tuple[int, int]:
        """Return the dimension of a piece and, for choice among equals, that of its faces: the fewer kinks the more."""
        return piece.dimension, sum(self.arrangement.faces[f].dimension for f in piece.faces)

    def _draft(self, landscape: NetworkLoss, component: Component, least: Fraction) -> dict[str, Any]:
        top = max(component.pieces, key=self._size)
        errors, den = top.errors
        loss = self.problem.loss(errors) / den**2
        minimum = top.sort == "minimum"
        single = top.dimension == 0
        labels = landscape.data.labels
        order = next(faces for faces in component.members if tuple(sorted(faces)) == top.faces)
        return {
            "kind": ("global minimum" if loss == least else "local minimum")
            if minimum
            else {"maximum": "local maximum"}.get(top.sort, top.sort),
            "loss": loss,
            "dimension": top.dimension,
            "isolated": single and not component.borders,
            "strict": single and minimum,
            "faces": len(component.members),
            "witness": self.witness(order),
            "outputs": [y + Fraction(e, den) / self.problem.unit for e, y in zip(errors, labels, strict=True)],
            "directional": minimum,
            "autograd_rests": all(piece.autograd_rests for piece in component.pieces),
            "autograd_faces": sum(self._piece_of[tuple(sorted(f))].autograd_rests for f in component.members),
            "smooth_faces": sum(self._piece_of[tuple(sorted(f))].smooth for f in component.members),
            "orbit": component.orbit,
            "members": component.members,
        }


def _rank(draft: dict[str, Any]) -> tuple[Any, ...]:
    return draft["loss"], KINDS.index(draft["kind"]), draft["dimension"], [[-x for x in r] for r in draft["witness"]]


def _rounded(vector: Sequence[int], bound: int) -> Vector:
    """Return a vector of the same direction, nearly, with entries up to a bound."""
    largest = max(map(abs, vector))
    if largest <= bound:
        return tuple(vector)
    return tuple(round(Fraction(bound * x, largest)) for x in vector)
