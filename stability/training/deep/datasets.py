"""The points on which deep thin networks are trained."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stability.arrays import Floats, Ints
from stability.errors import DataError, UnknownNameError, extras_named, nearest
from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable


@dataclass(frozen=True, repr=False)
class DeepData(Displayed):
    """Points with labels, to train on and to validate with.

    Attributes
    ----------
    name : str
    x_train, x_val : arrays (n, d)
    y_train, y_val : int arrays (n,)
        Labels counted from 0. There may be no validation points.
    """

    name: str
    x_train: Floats
    y_train: Ints
    x_val: Floats
    y_val: Ints

    def __post_init__(self) -> None:
        x, y, u, v = self.x_train, self.y_train, self.x_val, self.y_val
        shapes = f"{x.shape}, {y.shape}, {u.shape} and {v.shape}"
        matched = x.ndim == u.ndim == 2 and x.shape[1] == u.shape[1] and y.shape == (len(x),) and v.shape == (len(u),)
        if not matched or not len(x) or not x.shape[1]:
            raise DataError(
                f"Expected points of shape (n, d) with n labels, to train on and to validate with; got {shapes}.",
                "Give at least one training point; validation points may be an empty array of shape (0, d).",
            )
        if not (np.isfinite(x).all() and np.isfinite(u).all()):
            raise DataError("Expected finite coordinates; got some that are not.", "Leave out those points.")

    def _table(self) -> ResultTable:
        classes = len({*self.y_train.tolist(), *self.y_val.tolist()})
        size = f"{amount(len(self.x_train), 'training point')} and {len(self.x_val):,} to validate with"
        kind = f"{amount(self.x_train.shape[1], 'coordinate')}, {amount(classes, 'class')}"
        return ResultTable(self.name, finding=f"{size}, {kind}")

    def to_json(self) -> dict[str, Any]:
        """Return points and labels as lists."""
        names = ("x_train", "y_train", "x_val", "y_val")
        return {"name": self.name, **{name: getattr(self, name).tolist() for name in names}}

    def require_two_classes(self) -> None:
        """Raise DataError unless all labels are 0 or 1."""
        labels = sorted({*self.y_train.tolist(), *self.y_val.tolist()})
        if not {*labels} <= {0, 1}:
            raise DataError(f"Expected the labels 0 and 1; got {labels}.", "Take moons or xor.")


def given(name: str, x_train: ArrayLike, y_train: ArrayLike, x_val: ArrayLike, y_val: ArrayLike) -> DeepData:
    """Return data from anything that numpy can read.

    Raises
    ------
    DataError
        If the shapes do not match, labels are not whole numbers, or a number is not finite.
    """
    try:
        points = [np.asarray(x, dtype=np.float64) for x in (x_train, x_val)]
        labels = [np.asarray(y, dtype=np.float64) for y in (y_train, y_val)]
    except (TypeError, ValueError) as problem:
        raise DataError(f"Expected arrays of numbers; got something else: {problem}.", "Give (n, d) arrays.") from None
    if any(not np.isfinite(y).all() or (y != np.round(y)).any() for y in labels):
        raise DataError("Expected whole numbers as labels; got others.", "Count the classes from 0.")
    whole = [y.astype(np.int64) for y in labels]
    return DeepData(name, points[0], whole[0], points[1], whole[1])


def two_moons() -> DeepData:
    """Return the two moons: 85 points to train on, 44 of them of class 1, and 15 to validate with.

    100 points without noise, shuffled by numpy's seed 10, each coordinate divided by its range; 15% are split off by
    scikit-learn's seed 42.
    """
    with extras_named():
        from sklearn.datasets import make_moons

    x, y = make_moons(100, noise=None, shuffle=True, random_state=10)
    return _split("moons", x / np.ptp(x, axis=0), y, 0.15)


def digits() -> DeepData:
    """Return scikit-learn's 8 x 8 digits, pixels divided by 16: ten classes, 15% to validate with.

    Examples
    --------
    >>> from stability import digits
    >>> digits().x_train.shape
    (1527, 64)
    """
    with extras_named():
        from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _split("digits", x / 16, y, 0.15)


def xor() -> DeepData:
    """Return the four points of centred XOR, class 1 for (1, -1) and (-1, 1); none to validate with."""
    x = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    return given("xor", x, [0, 1, 1, 0], np.empty((0, 2)), np.empty(0))


DATASETS: dict[str, Callable[[], DeepData]] = {"moons": two_moons, "xor": xor, "digits": digits}


def dataset(name: str) -> DeepData:
    """Return a dataset by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in DATASETS:
        raise UnknownNameError(f"Expected a dataset; got {name!r}.", nearest(name, list(DATASETS)))
    return DATASETS[name]()


def _split(name: str, x: Floats, y: Ints, share: float) -> DeepData:
    from sklearn.model_selection import train_test_split

    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=share, random_state=42)
    return given(name, x_train, y_train, x_val, y_val)
