"""Connected sets of stationary points: of which kind, how large, where, and what touches them."""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stability.exact.eigenvalues import Eigenvalue, spectrum
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.stationary.search import Faces
from stability.io.results import Displayed, ResultTable
from stability.model.correctness import correct
from stability.model.network_loss import Matrix, NetworkLoss

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("global minimum", "local minimum", "saddle", "local maximum")
"""In the order in which they are listed at equal loss."""

MINIMA = KINDS[:2]
"""The kinds of sets of local minima."""


@dataclass(frozen=True)
class Escape:
    """How the loss falls by a silent unit: a small step of its hidden parameters, then one of its output weight.

    Attributes
    ----------
    point : list of rows
        A point of the set with a silent unit, in the layer form.
    unit : int
        Counted from 0.
    toward : list of Fraction
        The direction of the first step, (w_1, ..., w_d, b).
    sign : int
        The sign that the output weight takes; the loss falls by the product of both steps, to second order.
    """

    point: Matrix
    unit: int
    toward: list[Fraction]
    sign: int

    def to_json(self) -> dict[str, Any]:
        """Return it with exact numbers as text."""
        point = [[str(x) for x in row] for row in self.point]
        return {"point": point, "unit": self.unit, "toward": [str(x) for x in self.toward], "sign": self.sign}


@dataclass(frozen=True, eq=False)
class StationarySet(Displayed):
    """A connected set of stationary points, all of one kind; its images by permuting units are the same entry.

    Attributes
    ----------
    landscape : NetworkLoss
    index : int
        The position in the atlas, by which every table and file names the set, whatever the loss is divided by.
    kind : str
        One of `KINDS`. A set of local minima that are also local maxima (a plateau) is a set of local minima.
    loss : Fraction
        The exact loss.
    dimension : int
        The largest dimension of a piece, in full parameter space; of two one-hot outputs that at the witness, which
        certificates leave out.
    isolated : bool
        Whether it is one point with no other stationary point near it.
    strict : bool
        Whether it is one strict local minimum.
    faces : int
        How many faces of parameter space (choices of one face per unit) it meets; where output weights are trained,
        a sign is chosen too, which may be 0.
    witness : list of rows
        A point of it, on a piece of the largest dimension, in the layer form.
    outputs : list of Fraction
        What the network puts out on the data, the same on all of the set.
    clarke, directional : bool
        The two senses of stationary, on all of the set; the first holds for every set of an atlas. Where output weights
        are trained, points without descent to first order need not be local minima.
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
        Where it lies, unit by unit; with trained output weights in states of units, in ascending order.

    escape : Escape, optional
        How the loss falls from a point of the set by a unit with a trained output weight of 0, where it does.

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
    escape: Escape | None = None
    clarke: bool = True

    @property
    def is_minimum(self) -> bool:
        """Whether its points are local minima."""
        return self.kind in MINIMA

    @property
    def repels(self) -> list[int]:
        """The sets at its edge from which descent leads away, where this set is one of local minima."""
        return self.borders if self.is_minimum else []

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
        size, names = self.landscape.data.dimension, self.landscape.parameter_names
        rows = []
        for row in self.witness[: self.landscape.units]:
            rest = [f"{name} = {x}" for name, x in zip(names[size:], row[size:], strict=True)]
            rows.append(" ".join([f"w = ({', '.join(map(str, row[:size]))})", *rest]))
        biases = ", ".join(map(str, self.witness[-1]))
        bias = [f"c = {biases}"] * self.landscape.network.output_bias
        return f"{self.kind}, loss {self.loss}, dimension {self.dimension}, at {'; '.join([*rows, *bias])}"

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
        sizes = {"dimension": self.dimension, "isolated": self.isolated, "strict": self.strict}
        return {
            "kind": self.kind,
            "loss": str(self.loss),
            **({} if self.landscape.network.one_hot else sizes),
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
            "index": self.index,
            **self.stated(),
            "dimension": self.dimension,
            "isolated": self.isolated,
            "strict": self.strict,
            "right": self.right,
            "borders": self.borders,
            "repels": self.repels,
            "images": self.images,
            **({} if not self.landscape.network.trainable else {"escape": self.escape and self.escape.to_json()}),
            "spectrum": None if values is None else [value.to_json() for value in values],
        }
