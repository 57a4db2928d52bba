"""First zeros of sums of decaying exponentials, guaranteed by ball arithmetic.

A function f(t) = a + sum of c_l exp(-m_l t) with m_l > 0 is followed from t = 0 by steps that it provably survives: its
second derivative is bounded by that of the moment, so a parabola lies below it; where f is flat, Taylor's formula of
higher order allows longer ones. Near a simple root the steps end in an interval on which f provably changes sign once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb

FEW_STEPS = 8
"""So many steps are those of a parabola; then longer ones are tried."""

MOST_STEPS = 5000
MOST_DOUBLINGS = 100


class Undecided(Exception):  # noqa: N818 - more precision may decide it
    """The working precision does not decide a sign."""


class Unsettled(Undecided):
    """Something is not decided, whatever the precision; says what."""


@dataclass(frozen=True)
class RootBall:
    """The only root in an interval, enclosed in a ball."""

    time: arb


def is_positive(x: arb) -> bool:
    """Return whether a ball lies right of 0.

    Raises
    ------
    Undecided
        If it contains 0.
    """
    if x > 0:
        return True
    if x < 0:
        return False
    raise Undecided


@dataclass(frozen=True)
class Decay:
    """f(t) = level + sum of weights_l * exp(-rates_l * t), with f > 0 right after t = 0.

    Attributes
    ----------
    level : arb
    weights, rates : sequences of arb
        The rates are positive, in ascending order.
    order : int
        How many of f, f', f'', ... are known to be exactly 0 at t = 0, from f on.
    level_is_zero : bool
        Whether the level is exactly 0.
    """

    level: arb
    weights: Sequence[arb]
    rates: Sequence[arb]
    order: int = 0
    level_is_zero: bool = False

    def parts(self, t: arb) -> list[arb]:
        """Return the exponential terms at t."""
        return [c * (-m * t).exp() for c, m in zip(self.weights, self.rates, strict=True)]

    def derivative(self, parts: Sequence[arb], order: int) -> arb:
        """Return a derivative, from the terms."""
        total = self.level if order == 0 and not self.level_is_zero else arb(0)
        return total + sum((p * (-m) ** order for p, m in zip(parts, self.rates, strict=True)), arb(0))

    def bound(self, parts: Sequence[arb], order: int) -> arb:
        """Return a bound of a derivative's size from now on."""
        total = sum((abs(p) * m**order for p, m in zip(parts, self.rates, strict=True)), arb(0))
        return total.upper()

    def never(self, parts: Sequence[arb]) -> bool:
        """Return whether f is provably positive from now on."""
        falling = sum((p.lower() for p in parts if not p > 0), arb(0))
        if not self.level_is_zero:
            return bool(self.level + falling > 0)
        return len(parts) == 1 or bool(falling >= 0) or self._slowest_wins(parts)

    def _slowest_wins(self, parts: Sequence[arb]) -> bool:
        """Return whether the slowest term is positive and larger than all negative ones, which decay faster."""
        falling = sum((p.lower() for p in parts[1:] if not p > 0), arb(0))
        return bool(parts[0] + falling > 0)

    def first_root(self) -> RootBall | None:
        """Return the first root after 0, or None if there is none.

        Raises
        ------
        Undecided
            If the precision does not suffice, as where f only touches 0.
        """
        if self.level_is_zero and len(self.rates) > 1 and (self.weights[0] > 0 or self.weights[0] < 0):
            return self._lifted().first_root()
        t = self._away() if self.order else arb(0)
        for count in range(MOST_STEPS):
            parts = self.parts(t)
            if self.never(parts):
                return None
            value, slope, bend = (self.derivative(parts, 0), self.derivative(parts, 1), self.bound(parts, 2))
            if not value > 0:
                raise Undecided("whether a kink is met or only touched")
            if slope < 0 and 2 * bend * value < slope * slope:
                return RootBall(self._refined(t, (t + 2 * value / -slope).upper()))
            step = (slope + (slope * slope + 2 * bend * value).sqrt()) / bend
            step = step * arb("0.99")
            t = arb((t + (step if count < FEW_STEPS else self._longer(parts, value, step))).lower().mid())
        raise Undecided

    def _lifted(self) -> "Decay":
        """Return f over its slowest term, which has the same roots; they may be far apart where rates are close."""
        return Decay(self.weights[0], self.weights[1:], [rate - self.rates[0] for rate in self.rates[1:]], self.order)

    def _longer(self, parts: Sequence[arb], value: arb, step: arb) -> arb:
        """Return a step, doubled while Taylor's formula proves that f stays positive: it may be as flat as a power."""
        count = len(self.rates) + 1
        falls = [min(self.derivative(parts, k).lower(), arb(0)) / arb(k).fac() for k in range(1, count)]
        falls.append(-self.bound(parts, count) / arb(count).fac())
        for _ in range(MOST_DOUBLINGS):
            wide = 2 * step
            if not value + sum((fall * wide**k for k, fall in enumerate(falls, 1)), arb(0)) > 0:
                break
            step = wide
        return step

    def _away(self) -> arb:
        """Return a time up to which f is positive, from its first derivative that is not 0 at t = 0."""
        parts, k = self.parts(arb(0)), self.order
        first = self.derivative(parts, k)
        if not is_positive(first):
            raise Undecided
        bound = self.bound(parts, k + 1)
        limit = first * (k + 1) / bound if bound > 0 else arb(1)
        return arb((limit * arb("0.5")).lower().mid())

    def _refined(self, low: arb, high: arb) -> arb:
        """Return a small ball around the only root between low and high, where f falls (interval Newton)."""
        ball, bend = low.union(high), self.bound(self.parts(low), 2)
        for _ in range(60):
            middle = arb(ball.mid())
            parts = self.parts(middle)
            fall = self.derivative(parts, 1) + arb(0, bend * ball.rad())
            if not fall < 0:
                raise Undecided
            step = middle - self.derivative(parts, 0) / fall
            if not step.overlaps(ball):
                raise Undecided
            smaller = ball.intersection(step)
            if smaller.rad() * 2 > ball.rad():
                return smaller
            ball = smaller
        return ball
