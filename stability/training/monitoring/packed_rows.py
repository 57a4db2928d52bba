"""The numbers behind some readings of one layout, taken off part by part, without a copy of all of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from stability.training.monitoring.one_pass import Pointer
from stability.training.monitoring.row_norms import Floats


class PackedRows:
    """Numbers of some readings, a row each.

    Parameters
    ----------
    rows : sequence of array (count,)
    places : sequence of int, optional
        Where the rows begin in memory, where that is known.

    Examples
    --------
    >>> rows = PackedRows([np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])])
    >>> rows.take(2).table().tolist(), rows.take(1).table().tolist()
    ([[1.0, 2.0], [4.0, 5.0]], [[3.0], [6.0]])
    """

    def __init__(self, rows: Sequence[Floats], places: Sequence[int] = ()) -> None:
        self.rows, self._places, self._at = rows, places, 0

    @classmethod
    def of(cls, numbers: Sequence[torch.Tensor]) -> "PackedRows":
        """Return the numbers of tensors of one shape, from their device."""
        if numbers[0].device.type == "cpu":
            return cls([each.numpy() for each in numbers], [each.data_ptr() for each in numbers])
        return cls([*torch.stack([*numbers]).cpu().numpy()])

    def take(self, columns: int) -> "PackedRows":
        """Return the next columns."""
        start, self._at = self._at, self._at + columns
        rows = [row[start : start + columns] for row in self.rows]
        ahead = start * rows[0].itemsize
        return PackedRows(rows, [place + ahead for place in self._places])

    def some(self, places: Iterable[int]) -> "PackedRows":
        """Return some of the rows."""
        return PackedRows([self.rows[k] for k in places])

    def table(self) -> Floats:
        """Return them as an array (rows, columns)."""
        return np.concatenate(self.rows).reshape(len(self.rows), -1)

    @property
    def single(self) -> bool:
        """Whether these are numbers of 32 bits, one after the other."""
        return all(row.dtype == np.float32 and row.flags.c_contiguous for row in self.rows)

    @property
    def pointers(self) -> Any:
        """Where every row begins in memory."""
        places = self._places or [row.ctypes.data for row in self.rows]
        return (Pointer * len(places))(*places)


def address(array: Floats) -> Any:
    """Return where an array begins in memory."""
    return Pointer(array.ctypes.data)
