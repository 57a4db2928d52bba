"""Cones cut by hyperplanes, and what shows that a hyperplane misses one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd

import numpy as np
from flint import fmpz_mat
from numpy.typing import NDArray

from stability.geometry.arrangement.integer_problem import Vector, dot, primitive


@dataclass(frozen=True)
class Ray:
    """A direction with the sides of all hyperplanes it is on.

    Attributes
    ----------
    vector : tuple of int
        Without a common divisor.
    plus, minus : int
        Bit i is set where row i is positive (negative) along the vector.
    """

    vector: Vector
    plus: int
    minus: int

    @property
    def off(self) -> int:
        """The hyperplanes that the ray does not lie on, as bits."""
        return self.plus | self.minus


class Hyperplanes:
    """The hyperplanes row . v = 0, with the rays met so far."""

    def __init__(self, rows: tuple[Vector, ...]) -> None:
        self.rows = rows
        self.seen: dict[Vector, Ray] = {}
        largest = max(abs(x) for row in rows for x in row)
        self._safe = (2**63 - 1) // (largest * len(rows[0]))
        self._array = np.array(rows, dtype=np.int64) if self._safe else np.empty(0)

    def ray(self, direction: Sequence[int]) -> Ray:
        """Return the ray in a direction."""
        vector = primitive(direction)
        known = self.seen.get(vector)
        if known is None:
            known = self.seen[vector] = Ray(vector, *self._sides(vector))
        return known

    def _sides(self, vector: Vector) -> tuple[int, int]:
        """Return on which hyperplanes' positive and negative sides a vector is; in machine words where they do."""
        if max(map(abs, vector)) <= self._safe:
            z = self._array @ np.array(vector, dtype=np.int64)
            return _mask(z > 0), _mask(z < 0)
        heights = [dot(row, vector) for row in self.rows]
        return _sum_of_bits(z > 0 for z in heights), _sum_of_bits(z < 0 for z in heights)


def _mask(flags: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _sum_of_bits(flags: Iterable[bool]) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)


@dataclass(frozen=True)
class Cone:
    """The positive combinations of some rays, none of them superfluous."""

    planes: Hyperplanes
    rays: tuple[Ray, ...]

    @cached_property
    def sides(self) -> tuple[int, int]:
        """Which hyperplanes have a ray on their positive (negative) side, as bits; both: the cone is cut."""
        plus = minus = 0
        for ray in self.rays:
            plus |= ray.plus
            minus |= ray.minus
        return plus, minus

    def parts(self, i: int) -> dict[int, "Cone"]:
        """Return the parts of the cone on the negative side of hyperplane i, on it, and on the positive side."""
        plus, minus = self.sides
        uncut, bit = ~(plus & minus), 1 << i
        above = [ray for ray in self.rays if ray.plus & bit]
        below = [ray for ray in self.rays if ray.minus & bit]
        on = [ray for ray in self.rays if not ray.off & bit]
        on += [self._meet(i, p, q) for p in above for q in below if self._adjacent(p, q, uncut)]
        return {s: Cone(self.planes, tuple(on + more)) for s, more in ((-1, below), (0, []), (1, above))}

    def _adjacent(self, p: Ray, q: Ray, uncut: int) -> bool:
        """Return whether two rays span a face of the cone: no third ray is on all walls that both are on."""
        walls = uncut & ~(p.off | q.off)
        return not any(ray is not p and ray is not q and not ray.off & walls for ray in self.rays)

    def _meet(self, i: int, p: Ray, q: Ray) -> Ray:
        row = self.planes.rows[i]
        a, b = dot(row, p.vector), dot(row, q.vector)
        return self.planes.ray([a * y - b * x for x, y in zip(p.vector, q.vector, strict=True)])

    def certificate(self, i: int, sign: int, known: int) -> list[int]:
        """Return why row i has the given sign on the cone, by the rows in `known`, whose signs it obeys.

        The result (i, sign, c, k_1, m_1, k_2, m_2, ...) says that c * sign * row_i, or c * row_i where sign is 0,
        is the sum of m_k * sign_k * row_k: c > 0, and m_k >= 0 where sign_k is not 0 (Farkas). Found by going
        from row_i to the boundary of the dual cone, one wall after the other.
        """
        plus, minus = self.sides
        vectors = [ray.vector for ray in self.rays]
        rest = [sign * x if sign else x for x in self.planes.rows[i]]
        heights = [dot(rest, vector) for vector in vectors]
        scale, found = 1, dict[int, int]()
        while any(heights):
            touched = 0
            for ray, height in zip(self.rays, heights, strict=True):
                if not height:
                    touched |= ray.plus | ray.minus
            k = next(bits(known & (plus | minus) & ~touched))
            wall = self.planes.rows[k] if plus >> k & 1 else [-x for x in self.planes.rows[k]]
            slopes = [dot(wall, vector) for vector in vectors]
            up, down = _least_ratio(heights, slopes)
            rest = [down * x - up * y for x, y in zip(rest, wall, strict=True)]
            heights = [down * x - up * y for x, y in zip(heights, slopes, strict=True)]
            found = {each: m * down for each, m in found.items()} | {k: up}
            scale *= down
        if any(rest):
            more, on = self._span(rest, known & ~(plus | minus))
            found = {k: m * more for k, m in found.items()} | on
            scale *= more
        divisor = gcd(scale, *found.values())
        return [i, sign, scale // divisor, *(x for k, m in found.items() for x in (k, m // divisor))]

    def _span(self, target: Sequence[int], zeros: int) -> tuple[int, dict[int, int]]:
        """Return a positive multiple of the target as a combination of rows on which the cone lies, and which."""
        names = list(bits(zeros))
        if len(names) == 1:
            x, y = next((x, y) for x, y in zip(self.planes.rows[names[0]], target, strict=True) if x)
            return abs(x), {names[0]: y if x > 0 else -y}
        columns = [*(self.planes.rows[k] for k in names), target]
        reduced, den, rank = fmpz_mat([list(line) for line in zip(*columns, strict=True)]).rref()
        turn, values = 1 if den > 0 else -1, dict[int, int]()
        for r in range(rank):
            value = turn * int(reduced[r, len(names)])
            if value:
                values[names[next(c for c in range(len(names)) if reduced[r, c])]] = value
        return turn * int(den), values


def _least_ratio(tops: Sequence[int], bottoms: Sequence[int]) -> tuple[int, int]:
    """Return the least of the quotients with positive denominators, without a common divisor."""
    up, down = 0, 0
    for top, bottom in zip(tops, bottoms, strict=True):
        if bottom and (not down or top * down < up * bottom):
            up, down = top, bottom
    common = gcd(up, down)
    return up // common, down // common


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
