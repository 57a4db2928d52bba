"""The landscape of a record in whole numbers, and the algebra of whole numbers. Standard library only.

No code is shared with the finder.
"""

from functools import reduce
from itertools import repeat
from math import gcd, lcm
from operator import add, gt, lt, mul
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
networks = part("networks")

Vector = tuple[int, ...]
Sides = tuple[int, int]  # bits of the examples with a positive, and with a negative, pre-activation

TO_DIGITS, TO_FLAGS = bytes.maketrans(b"\0\1", b"01"), bytes.maketrans(b"01", b"\0\1")


def dot(a: Any, b: Any) -> Any:
    """Return the inner product."""
    return sum(map(mul, a, b))


def primitive(vector: Any) -> Vector:
    """Return an integer vector without a common divisor."""
    divisor = gcd(*vector)
    return tuple(vector) if divisor < 2 else tuple(x // divisor for x in vector)


def mixture(weights: Any, vectors: Any, size: int) -> list[int]:
    """Return the combination of vectors of this size with the given weights."""
    total = [0] * size
    for weight, vector in zip(weights, vectors, strict=True):
        if weight:
            total = list(map(add, total, map(mul, vector, repeat(weight))))
    return total


def rank(vectors: Any) -> int:
    """Return the rank of integer vectors, by elimination without fractions."""
    rows, found = [v for v in vectors if any(v)], 0
    while rows:
        pivot, found = rows[0], found + 1
        c = next(k for k, x in enumerate(pivot) if x)
        rest = [[pivot[c] * x - row[c] * y for x, y in zip(row, pivot, strict=True)] for row in rows[1:]]
        rows = [primitive(row) for row in rest if any(row)]
    return found


def bits(mask: int) -> list[int]:
    """Return the positions of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def mask(truths: Any) -> int:
    """Return truth values as bits, the first one lowest."""
    return int(b"0" + bytes(truths)[::-1].translate(TO_DIGITS), 2)


def flags(mask: int, size: int) -> bytes:
    """Return bits, the lowest first, as so many bytes 0 or 1."""
    return f"{mask:0{size}b}"[::-1].encode().translate(TO_FLAGS)


def common(meter: Any, denominators: list[int]) -> int:
    """Return a common multiple of denominators, unless it is too long."""
    found = 1
    for each in denominators:
        found = lcm(found, each)
        meter.spend(1, found.bit_length(), "a common denominator")
    return found


class Landscape:
    """The loss of a network of two-slope units on exact data, in whole numbers, rebuilt from a record.

    Attributes
    ----------
    signs : list of int
        The signs that output weights of active units may have, + first.
    rows : list of tuple of int
        Those of the examples, times one positive number; `columns` are the same by parameters.
    targets : list of int
        The labels times `level`; centred where there is an output bias.
    full : int
        The bits of the examples whose rows are not 0.
    lines : list of (tuple of int, int)
        For every example its row without a common divisor and with its first number above 0, and how long it is.
    """

    def __init__(self, name: str, data: Any, meter: Any) -> None:
        self.network, self.meter = networks.Network(data), meter
        own = self.network
        self.labels, self.true, self.trained, self.bias = own.labels, own.slopes, own.trained, own.bias
        self.count, self.size, self.width = data["units"], len(own.rows), len(own.rows[0])
        self.signs = [s for s in (1, -1) if self.trained or s in own.signs]
        factor = common(meter, [x.denominator for row in own.rows for x in row])
        self.rows = [tuple(int(x * factor) for x in row) for row in own.rows]
        self.columns = list(zip(*self.rows, strict=True))
        steep = common(meter, [s.denominator for s in self.true.values()])
        self.slope = {s: int(value * steep) for s, value in self.true.items()}
        self.scale = own.scale * (2 if own.one_hot and data["loss"] == "sum" else 1)
        self.level = common(meter, [y.denominator for y in self.labels])
        self.targets = [int(y * self.level) for y in self.labels]
        if self.bias:
            self.level, self.targets = self.level * self.size, self.centred(self.targets)
        self.area = self.size * self.width
        self.bits = max(abs(x) for row in [*self.rows, self.slope.values()] for x in row).bit_length()
        self.spend(self.area * self.width, "the rank of the data")
        self.full, self.rank = mask(map(any, self.rows)), rank(self.rows)
        sizes = [gcd(*row) * (1 if next(filter(None, row), 1) > 0 else -1) for row in self.rows]
        self.lines = [(tuple(x // (g or 1) for x in row), abs(g)) for row, g in zip(self.rows, sizes, strict=True)]
        self.words = networks.said(name, data)

    def spend(self, steps: int, what: str) -> None:
        """Count work on numbers as long as those of the data; a step takes about a microsecond."""
        self.meter.spend(steps, self.bits, what)

    def centred(self, values: Any) -> list[int]:
        """Return values for every example less their mean, times their number."""
        total = sum(values)
        return [self.size * x - total for x in values]

    def heights(self, vector: Any) -> list[Any]:
        """Return the pre-activations of a unit, times one positive number."""
        parts = (map(mul, column, repeat(x)) for column, x in zip(self.columns, vector, strict=True))
        return list(reduce(lambda a, b: map(add, a, b), parts))

    def sides(self, vector: Any) -> Sides:
        """Return on which examples a unit is positive and negative, as bits."""
        z = self.heights(vector)
        return mask(map(gt, z, repeat(0))), mask(map(lt, z, repeat(0)))

    def bent(self, z: int) -> int:
        """Return a unit's output at a pre-activation, times a positive number."""
        return self.slope[1 if z > 0 else -1] * z

    def outputs(self, vector: Any) -> list[int]:
        """Return a unit's outputs on all examples, times one positive number."""
        up, down = self.slope[1], self.slope[-1]
        return [up * z if z > 0 else down * z for z in self.heights(vector)]

    def slopes(self, sides: Sides) -> list[int]:
        """Return the slope at every example, at kinks as torch has it."""
        pairs = zip(flags(sides[0], self.size), flags(sides[1], self.size), strict=True)
        return [self.slope[a - b] for a, b in pairs]

    def gradient(self, errors: Any, sides: Sides) -> list[int]:
        """Return the derivative of half the loss in the parameters of a unit of sign +, times a positive number."""
        forces = list(map(mul, errors, self.slopes(sides)))
        return [dot(forces, column) for column in self.columns]
