"""The datasets, and how they are read exactly."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from inspect import signature
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.errors import DataError, NumberError, UnknownNameError, as_written, extras_named, nearest, require_kind
from stability.exact.numbers import formatted, rational
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.model.correctness import correct
from stability.model.csv_data import read_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 4096
"""The most points a generated dataset may have."""

FEW_LABELS = 4
"""So many different labels are counted one by one where a dataset is shown."""


@dataclass(frozen=True, repr=False)
class Dataset(Tabular):
    """Finitely many exact points with exact labels.

    Numbers may be given as anything `stability.exact.numbers.rational` reads; they are stored as Fractions.
    A point may occur twice, with equal or conflicting labels.

    Attributes
    ----------
    name : str
        The spelling that `dataset` reads.
    points : tuple of tuple of Fraction
        n points of d coordinates, n and d at least 1.
    labels : tuple of Fraction
        n labels; of a row of labels for each point there are none here.
    label_rows : tuple of tuple of Fraction
        Rows of at least two labels y1, y2, ..., for networks of several outputs, where labels were given as rows.

    Raises
    ------
    DataError
        If there are no points or no coordinates, lengths differ, or an entry is not rational.

    Examples
    --------
    >>> from stability import Dataset
    >>> line = Dataset("line", [[-1], [0], ["1/2"]], [1, 0, "0.25"])
    >>> line.dimension, line.labels[2]
    (1, Fraction(1, 4))
    >>> Dataset("two columns", [[-1], [0]], [[1, 0], [0, "1/2"]]).label_rows[1]
    (Fraction(0, 1), Fraction(1, 2))
    """

    name: str
    points: tuple[tuple[Fraction, ...], ...]
    labels: tuple[Fraction, ...] = ()
    label_rows: tuple[tuple[Fraction, ...], ...] = ()

    def __post_init__(self) -> None:
        rows = [_listed(p, f"{self.name}, point {i}") for i, p in enumerate(_listed(self.points, self.name), 1)]
        labels = _listed(self.labels, f"{self.name}, labels") or _listed(self.label_rows, f"{self.name}, labels")
        if not rows or len(rows) != len(labels):
            raise DataError(
                f"{self.name}: expected one label for each of at least one point; got {len(rows)} points and "
                f"{len(labels)} labels.",
                'Write Dataset("pair", [[0, 1], [1, "1/2"]], [0, 1]).',
            )
        wanted = len(rows[0]) or "at least 1"
        for i, row in enumerate(rows, 1):
            if len(row) != wanted:
                raise DataError(
                    f"{self.name}, point {i}: expected {wanted} coordinates; got {len(row)}.",
                    "Give every point the same coordinates.",
                )
        points = tuple(
            tuple(_exact(v, f"{self.name}, point {i}, coordinate x{c}") for c, v in enumerate(row, 1))
            for i, row in enumerate(rows, 1)
        )
        object.__setattr__(self, "points", points)
        exact = _label_rows(self.name, labels)
        object.__setattr__(self, "labels", tuple(row[0] for row in exact) if len(exact[0]) == 1 else ())
        object.__setattr__(self, "label_rows", () if len(exact[0]) == 1 else exact)

    @property
    def dimension(self) -> int:
        """The number of coordinates of a point."""
        return len(self.points[0])

    @property
    def columns(self) -> int:
        """The number of labels of a point."""
        return len(self.label_rows[0]) if self.label_rows else 1

    @property
    def targets(self) -> tuple[tuple[Fraction, ...], ...]:
        """The labels as rows, however many a point has."""
        return self.label_rows or tuple((y,) for y in self.labels)

    def correct(self, outputs: Sequence[Fraction]) -> list[bool] | None:
        """Return which outputs, one per point, are correct; None where there are not two labels."""
        return None if self.label_rows else correct(outputs, self.labels)

    def _table(self) -> ResultTable:
        size = f"{amount(len(self.points), 'point')} in {amount(self.dimension, 'dimension')}"
        rows = [
            [*map(formatted, point), *map(formatted, y)] for point, y in zip(self.points, self.targets, strict=True)
        ]
        return ResultTable(self.name, self._names(), rows, finding=f"{size}, {self._labels_in_words()}")

    def _labels_in_words(self) -> str:
        if self.label_rows:
            return f"{self.columns} labels each"
        counts = sorted(Counter(self.labels).items())
        if len(counts) > FEW_LABELS:
            return f"{len(counts)} labels from {formatted(counts[0][0])} to {formatted(counts[-1][0])}"
        return ", ".join(f"{count} of label {formatted(label)}" for label, count in counts)

    def _names(self) -> list[str]:
        labels = [f"y{c + 1}" for c in range(self.columns)] if self.label_rows else ["y"]
        return [*(f"x{c + 1}" for c in range(self.dimension)), *labels]

    def _records(self) -> list[dict[str, float]]:
        rows = [(*map(float, point), *map(float, y)) for point, y in zip(self.points, self.targets, strict=True)]
        return [dict(zip(self._names(), row, strict=True)) for row in rows]

    def to_json(self) -> dict[str, Any]:
        """Return the points and labels, exact numbers as text; labels are rows where a point has several."""
        points = [[str(x) for x in point] for point in self.points]
        labels: list[Any] = [[str(y) for y in row] for row in self.label_rows] or [str(y) for y in self.labels]
        return {"name": self.name, "points": points, "labels": labels}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the points of a line or of the plane by their labels; return the Axes.

        Raises
        ------
        DataError
            If points have more than two coordinates, or several labels.
        """
        from stability.plot.datasets import draw_dataset

        if self.label_rows:
            raise DataError(
                f"Expected one label for each point to draw; {self.name} has {self.columns}.",
                "Look at its numbers: .to_frame() or .to_json().",
            )
        return draw_dataset(ax, self)


def _listed(values: Any, where: str) -> list[Any]:
    """Return a sequence or array as a list of Python values."""
    values = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        said = f"{where}: expected a sequence of numbers; got {as_written(values)}."
        raise DataError(said, "Write [[0, 1], [1, 0]].")
    return list(values)


def _label_rows(name: str, labels: list[Any]) -> tuple[tuple[Fraction, ...], ...]:
    """Return the labels of each point, exactly: all points have as many as the first."""
    rows: list[tuple[Fraction, ...]] = []
    for i, given in enumerate(labels, 1):
        several = not isinstance(given, str | bytes) and isinstance(given, Iterable)
        row = _listed(given, f"{name}, label {i}") if several else [given]
        if len(row) != (len(rows[0]) if rows else max(1, len(row))):
            raise DataError(
                f"{name}, label {i}: expected {amount(len(rows[0]) if rows else 1, 'label')}; got {len(row)}.",
                "Give every point as many labels: [0, 1], or [[1, 0], [0, 1]] for two outputs.",
            )
        where = [f"{name}, label {i}" + f", column y{c}" * several for c in range(1, len(row) + 1)]
        rows.append(tuple(_exact(v, place) for v, place in zip(row, where, strict=True)))
    return tuple(rows)


def _exact(value: Any, where: str) -> Fraction:
    try:
        return rational(value)
    except NumberError as error:
        raise DataError(f"{where}: {error.problem[0].lower()}{error.problem[1:]}", error.remedy) from None


def xor() -> Dataset:
    """Return the centred XOR data: label 1 for (1, -1) and (-1, 1), else 0, in the write-ups' order."""
    points = ((1, -1), (-1, 1), (1, 1), (-1, -1))
    return Dataset("xor", tuple(tuple(map(Fraction, p)) for p in points), tuple(map(Fraction, (1, 1, 0, 0))))


def parity(dimension: int) -> Dataset:
    """Return all corners of {-1, 1}^dimension; label 1 where the product of the coordinates is -1, else 0.

    Raises
    ------
    DataError
        If the dimension is below 1, or there are more than 4096 corners.
    """
    limit = MOST_POINTS.bit_length() - 1
    if not 1 <= dimension <= limit:
        raise DataError(
            f"parity:{dimension}: expected a dimension from 1 to {limit} (at most {MOST_POINTS} corners); "
            f"got {dimension}.",
            "Write parity:3 for the corners of the cube.",
        )
    corners = list(product((Fraction(-1), Fraction(1)), repeat=dimension))
    return Dataset(f"parity:{dimension}", tuple(corners), tuple(Fraction(prod(c) < 0) for c in corners))


def moons(count: int, seed: int) -> Dataset:
    """Return scikit-learn's two moons without noise, every float taken at its exact binary value.

    Raises
    ------
    DataError
        If the count is not in 1..4096, or the seed not in 0..2^32 - 1.
    """
    with extras_named():
        from sklearn.datasets import make_moons

    if not 1 <= count <= MOST_POINTS or not 0 <= seed < 2**32:
        raise DataError(
            f"moons:{count}:{seed}: expected 1 to {MOST_POINTS} points and a seed from 0 to {2**32 - 1}; "
            f"got {count} points and seed {seed}.",
            "Write moons:100:10 for 100 points with seed 10.",
        )
    points, labels = make_moons(n_samples=count, noise=None, random_state=seed)
    return Dataset(f"moons:{count}:{seed}", points, labels)


DATASETS: dict[str, Callable[..., Dataset]] = {"xor": xor, "parity": parity, "moons": moons}
"""Every dataset by its name; the integers after the name are the arguments of its function."""

EXAMPLES = {"xor": "xor", "parity": "parity:3", "moons": "moons:100:10"}


def dataset(spelling: str | Path) -> Dataset:
    """Return the dataset with this spelling: "xor", "parity:3", "moons:100:10", or the path of a CSV file.

    Raises
    ------
    UnknownNameError
        If there is no such dataset and no such file.
    DataError
        If the arguments or the file make no sense.

    Examples
    --------
    >>> from stability import dataset
    >>> dataset("xor").labels
    (Fraction(1, 1), Fraction(1, 1), Fraction(0, 1), Fraction(0, 1))
    """
    require_kind(spelling, str | Path, "the spelling of a dataset", 'Write "xor", or the path of a CSV file.')
    word = str(spelling)
    name, *arguments = word.split(":")
    if name in DATASETS:
        return _generated(word, name, arguments)
    if word.lower().endswith(".csv") or "/" in word or (word and Path(word).exists()):
        points, labels = read_csv(word)
        return Dataset(word, tuple(map(tuple, points)), label_rows=tuple(map(tuple, labels)))
    known = [EXAMPLES.get(entry, entry) for entry in DATASETS]
    raise UnknownNameError(
        f"Expected a dataset or the path of a CSV file; got {word!r}.", nearest(word, [*known, "data.csv"])
    )


def _generated(spelling: str, name: str, arguments: list[str]) -> Dataset:
    wanted = list(signature(DATASETS[name]).parameters)
    if len(arguments) != len(wanted) or not all(re.fullmatch(r"-?[0-9]{1,12}", a) for a in arguments):
        form = ":".join([name, *map(str.upper, wanted)])
        raise DataError(
            f"Expected {form}{' with whole numbers' if wanted else ''}; got {spelling!r}.",
            f"Write {EXAMPLES.get(name, form)}.",
        )
    return DATASETS[name](*map(int, arguments))
