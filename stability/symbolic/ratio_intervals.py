"""Ratios b/r for which the kinks of an angular loss come in the same order around the circle."""

from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise

import sympy as sp

from stability.model.network_loss import NetworkLoss
from stability.symbolic.angles import Direction, along, ascending, number, quarter, sign


@dataclass(frozen=True)
class Regime:
    """The ratios low < b/r < high, or the single ratio low = high.

    Attributes
    ----------
    low, high : Expr
        Exact, or -oo and oo.
    """

    low: sp.Expr
    high: sp.Expr

    @property
    def is_point(self) -> bool:
        """Whether the regime is one ratio."""
        return bool(self.low == self.high)

    @property
    def sample(self) -> sp.Expr:
        """A ratio in the regime; rational where there is one to choose."""
        if self.is_point:
            return self.low
        if self.low == -sp.oo or self.high == sp.oo:
            ends = (e for e in (self.low, self.high) if e.is_finite)
            end = next(ends, sp.Integer(0))
            return sp.ceiling(end) + 1 if self.high == sp.oo else sp.floor(end) - 1
        middle, grid = (self.low + self.high) / 2, 1
        while True:
            guess = sp.Rational(sp.floor(middle * grid), grid)
            if sign(guess - self.low) > 0 and sign(self.high - guess) > 0:
                return guess
            grid *= 2

    def text(self, name: str = "b/r") -> str:
        """Return "0 < b/r < sqrt(2)" or "b/r = 0"."""
        if self.is_point:
            return f"{name} = {self.low}"
        left = "" if self.low == -sp.oo else f"{self.low} < "
        return left + name + ("" if self.high == sp.oo else f" < {self.high}")


def regimes(landscape: NetworkLoss) -> list[Regime]:
    """Return the regimes in ascending order: open intervals, and the critical ratios between them."""
    critical = critical_ratios(landscape)
    ends = [-sp.oo, *critical, sp.oo]
    gaps = [Regime(low, high) for low, high in pairwise(ends)]
    points = [Regime(ratio, ratio) for ratio in critical]
    return [regime for pair in zip(gaps, points, strict=False) for regime in pair] + gaps[-1:]


def critical_ratios(landscape: NetworkLoss) -> list[sp.Expr]:
    """Return the ratios b/r where a kink appears or two kinks cross.

    Kinks lie where cos(theta - phi_i) = -(b/r) / |x_i|: they appear at b/r = +-|x_i|, and those of x_i and
    x_k cross in the two directions orthogonal to x_i - x_k.
    """
    points = [tuple(map(number, x)) for x in landscape.data.points]
    found = [sp.sqrt(a**2 + b**2) for a, b in points]
    for i, (a, b) in enumerate(points):
        for c, d in points[:i]:
            if (a, b) != (c, d):
                found.append((a * d - b * c) / sp.sqrt((a - c) ** 2 + (b - d) ** 2))
    return ascending([s * value for value in found for s in (1, -1)])


@dataclass(frozen=True)
class Kink:
    """Where the circle of directions meets a kink.

    Attributes
    ----------
    u : pair of Expr
        Its direction (cos theta, sin theta) at the sample ratio.
    branches : tuple of (int, int)
        (i, s) with theta = phi_i + s * arccos(-(b/r) / |x_i|), for each data point i met there.
    """

    u: Direction
    branches: tuple[tuple[int, int], ...]


def kinks(landscape: NetworkLoss, ratio: sp.Expr) -> list[Kink]:
    """Return the kinks met at a ratio b/r, by angle from 0 to 2 pi."""
    found: list[Kink] = []
    for i, x in enumerate(landscape.data.points):
        square = sum(number(c) ** 2 for c in x)
        if square == 0 or sign(square - ratio**2) < 0:
            continue
        root, (p, q) = sp.sqrt(sp.expand(square - ratio**2)), map(number, x)
        for s in (1, -1) if root != 0 else (1,):
            u = (
                sp.radsimp((-ratio * p - s * root * q) / square),
                sp.radsimp((-ratio * q + s * root * p) / square),
            )
            found.append(Kink(u, ((i, s),)))
    found.sort(key=cmp_to_key(lambda a, b: _turns(a.u, b.u)))
    return _merged(found)


def _merged(found: list[Kink]) -> list[Kink]:
    merged: list[Kink] = []
    for kink in found:
        if merged and _turns(merged[-1].u, kink.u) == 0:
            merged[-1] = Kink(kink.u, merged[-1].branches + kink.branches)
        else:
            merged.append(kink)
    return merged


def _turns(u: Direction, v: Direction) -> int:
    """Compare two directions by their angle in [0, 2 pi): -1, 0 or 1."""
    halves = lower_half(u) - lower_half(v)
    return halves or sign(v[0] * u[1] - v[1] * u[0])


def lower_half(u: Direction) -> int:
    """Return 0 for angles in [0, pi) and 1 for those in [pi, 2 pi)."""
    height = sign(u[1])
    return int(height < 0 or (height == 0 and sign(u[0]) < 0))


def entered(landscape: NetworkLoss, u: Direction, ratio: sp.Expr, side: int) -> tuple[int, ...]:
    """Return the pattern just after (side 1) or just before (side -1) a direction.

    The sign of z_i / r = x_i . u + b/r, else that of its derivative x_i . Ju times the side, else that of its
    second derivative -x_i . u; 0 only where z_i stays 0 all the way round.
    """
    pattern = []
    for x in landscape.data.points:
        value = along(x, u)
        pattern.append(sign(value + ratio) or side * sign(along(x, quarter(u))) or sign(-value))
    return tuple(pattern)
