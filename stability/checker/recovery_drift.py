"""How far a unit without gradients can be carried by what its optimiser remembers. Standard library only.

Every bound holds for all learning rates from 0 to that of the rule, which may change from step to step.
"""

from fractions import Fraction
from math import isqrt
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
need = part("limits").need

Row = list[Fraction]
ZERO, ONE = Fraction(0), Fraction(1)


class Drift(NamedTuple):
    """Where a unit can be, up to a positive factor: within a box around the hull of some points.

    Attributes
    ----------
    corners : list of list of Fraction
    down, up : list of Fraction
        How far each parameter may be below and above.
    """

    corners: list[Row]
    down: Row
    up: Row


def floor(x: Fraction, bits: int) -> Fraction:
    """Return the greatest multiple of 2^-bits that is not above x."""
    return Fraction((x.numerator << bits) // x.denominator, 1 << bits)


def ceiling(x: Fraction, bits: int) -> Fraction:
    """Return the least multiple of 2^-bits that is not below x."""
    return -floor(-x, bits)


def root_below(x: Fraction, bits: int) -> Fraction:
    """Return the greatest multiple of 2^-bits whose square is not above x."""
    return Fraction(isqrt((x.numerator << 2 * bits) // x.denominator), 1 << bits)


def root_above(x: Fraction, bits: int) -> Fraction:
    """Return a multiple of 2^-bits whose square is above x."""
    return root_below(x, bits) + Fraction(1, 1 << bits)


def power(x: Fraction, n: int, bits: int, rounded: Any) -> Fraction:
    """Return x^n of a number from 0 to 1, by squares, each product rounded by `rounded`."""
    found, square = ONE, x
    while n:
        if n & 1:
            found = rounded(found * square, bits)
        n >>= 1
        square = rounded(square * square, bits) if n else square
    return found


class Group(NamedTuple):
    """How SGD moves parameters with the same decay: to a p - c v with a from `least` to 1 and c from 0 to `carried`.

    Attributes
    ----------
    least, carried : Fraction
    together : Fraction
        Up to a factor c is at most this, if all parameters move alike.
    """

    least: Fraction
    carried: Fraction
    together: Fraction


def group(rule: Any, decay: Fraction, ratio: Fraction | None, steps: int | None, bits: int) -> Group:
    """Return how SGD moves parameters with this decay."""
    lr, mu = rule.lr, rule.momentum
    ahead = mu if rule.nesterov else ONE
    fading = ZERO if steps is None else power(mu, steps, bits, floor)
    carried = lr * ahead * mu * (1 - fading) / (1 - mu)
    if not decay:
        return Group(ONE, carried, carried)
    if not mu:
        slowest = 1 - lr * decay
        need(slowest >= 0, "the weight decay changes signs: expected lr times weight decay of at most 1")
        return Group(ZERO if steps is None else power(slowest, steps, bits, floor), ZERO, ZERO)
    if ratio is None:
        raise part("limits").Rejected("proof.ratios: expected a number where there are momentum and weight decay")
    direct = lr * decay if rule.nesterov else ZERO
    fed = mu * ratio + (1 - rule.dampening) * decay
    slowest = 1 - direct - lr * ahead * fed
    need(slowest >= 0, "proof.ratios: a step with this ratio changes signs")
    need(fed * (1 + lr * ahead * ratio) <= ratio * (1 - direct), "proof.ratios: a step does not keep this ratio")
    least = ZERO if steps is None else power(slowest, steps, bits, floor)
    together = min(1 / ratio, carried / least) if least else 1 / ratio
    return Group(least, carried, together)


def groups(rule: Any, proof: Any, steps: int | None) -> tuple[Group, Group]:
    """Return how SGD moves weights, and biases."""
    weights, bias = proof["ratios"]
    bits = proof["bits"]
    return group(rule, rule.weight_decay, weights, steps, bits), group(rule, rule.bias_decay, bias, steps, bits)


def sgd(unit: Any, rule: Any, weights: Group, bias: Group) -> Drift:
    """Return where SGD can carry a unit."""
    p, v = unit.parameters, unit.velocity
    if rule.weight_decay == rule.bias_decay:
        ends = [[x - c * y for x, y in zip(p, v, strict=True)] for c in (ZERO, min(weights.together, bias.together))]
    else:
        ends = [
            [*(a * x - c * y for x, y in zip(p[:-1], v[:-1], strict=True)), b * p[-1] - d * v[-1]]
            for a in {weights.least, ONE}
            for c in {ZERO, weights.carried}
            for b in {bias.least, ONE}
            for d in {ZERO, bias.carried}
        ]
    still = [ZERO] * len(p)
    return Drift([list(each) for each in dict.fromkeys(map(tuple, ends))], still, still)


def sums(rule: Any, shrink: Fraction, proof: Any, steps: int | None) -> tuple[Fraction | None, Fraction | None]:
    """Return bounds of the sums of what Adam moves a parameter by, over |m| / sqrt(v) and over |m| / eps.

    Each move is divided by a power of `shrink`; None where no bound is found.
    """
    bits, lr, taken = proof["bits"], rule.lr, rule.taken
    last = proof["explicit"] if steps is None else min(proof["explicit"], steps)
    b1, b2 = power(rule.beta1, taken, bits, ceiling), power(rule.beta2, taken, bits, floor)
    first, second, scale = ONE, ONE, ONE
    by_root: Fraction | None = ZERO
    by_eps = ZERO
    for _ in range(last):
        b1, b2 = ceiling(b1 * rule.beta1, bits), floor(b2 * rule.beta2, bits)
        first, second = ceiling(first * rule.beta1, bits), floor(second * rule.beta2, bits)
        scale = floor(scale * shrink, bits)
        need(b1 < 1 and scale > 0, "proof.bits: too few for the powers of beta1 or of the weight decay")
        move = ceiling(lr * first / (scale * (1 - b1)), bits)
        by_eps += move
        if by_root is not None:
            by_root = by_root + ceiling(move * root_above((1 - b2) / second, bits), bits) if second else None
    if steps is not None and steps <= last:
        return by_root, by_eps
    b1 = ceiling(b1 * rule.beta1, bits)
    need(b1 < 1, "proof.bits: too few for the powers of beta1")
    rest = ceiling(lr / (1 - b1), bits)
    root = root_below(rule.beta2, bits)
    tail = series(rule.beta1 / (root * shrink), last, rest, bits) if root else None
    by_root = None if by_root is None or tail is None else by_root + tail
    tail = series(rule.beta1 / shrink, last, rest, bits)
    return by_root, None if tail is None else by_eps + tail


def series(ratio: Fraction, last: int, factor: Fraction, bits: int) -> Fraction | None:
    """Return a bound of factor times the sum of ratio^k over all k > last; None if it has none."""
    above = ceiling(ratio, bits)
    return factor * power(above, last + 1, bits, ceiling) / (1 - above) if above < 1 else None


def spent(unit: Any, i: int, rule: Any, both: Any, bits: int) -> Fraction:
    """Return how far the moments of Adam can carry one parameter without gradients."""
    m, root = abs(unit.velocity[i]), root_below(unit.square[i], bits)
    if not m:
        return ZERO
    by_root, by_eps = both
    found = [] if by_root is None or not root else [m * by_root / root]
    if by_eps is not None and rule.eps:
        found.append(m * by_eps / rule.eps)
    need(found, "Adam may carry a parameter without bound: beta1^2 is not below beta2, or the second moment is 0")
    return ceiling(min(found), bits)


def decay_drift(unit: Any, i: int, rule: Any, steps: int | None, bits: int) -> Fraction:
    """Return how far Adam can carry one parameter that is decayed through its gradient."""
    m, v, b1, b2 = unit.velocity[i], unit.square[i], rule.beta1, rule.beta2
    if steps is None:
        raise part("limits").Rejected("no bound for ever: Adam divides weight decay through the gradient by its size")
    need(b1 * b1 < b2, "no bound: expected beta1^2 below beta2")
    need(v > 0 or m == 0, "no bound: a first moment without a second one")
    past = m * m / v if v else ZERO
    ratio = root_above(past + (1 - b1) ** 2 / ((1 - b2) * (1 - b1 * b1 / b2)), bits)
    started = power(b1, rule.taken + 1, bits, ceiling)
    need(started < 1, "proof.bits: too few for the powers of beta1")
    return ceiling(steps * rule.lr * ratio / (1 - started), bits)


class Moments(NamedTuple):
    """How Adam moves parameters, whatever the unit.

    Attributes
    ----------
    factors : list of (Fraction, Fraction)
        By what weights, and bias, may be multiplied, up to a common factor: the corners of what is possible.
    sums : (Fraction or None, Fraction or None)
    """

    factors: list[tuple[Fraction, Fraction]]
    sums: tuple[Fraction | None, Fraction | None]


def moments(rule: Any, proof: Any, steps: int | None) -> Moments:
    """Return how Adam moves parameters."""
    decoupled, bits = rule.name == "adamw", proof["bits"]
    slow, slow_bias = (1 - decoupled * rule.lr * decay for decay in (rule.weight_decay, rule.bias_decay))
    need(min(slow, slow_bias) > 0, "the weight decay changes signs: expected lr times weight decay below 1")
    if slow == slow_bias:
        return Moments([(ONE, ONE)], sums(rule, slow, proof, steps))
    a, b = (ZERO if steps is None else power(s, steps, bits, floor) for s in (slow, slow_bias))
    pairs = [(x, y) for x in (ONE, a) for y in (ONE, b) if (x == 1 or slow < 1) and (y == 1 or slow_bias < 1)]
    return Moments(pairs, sums(rule, ONE, proof, steps))


def adam(unit: Any, rule: Any, found: Moments, steps: int | None, bits: int) -> Drift:
    """Return where Adam can carry a unit."""
    p, last = unit.parameters, len(unit.parameters) - 1
    decays = [rule.weight_decay] * last + [rule.bias_decay]
    corners = [(*(a * w for w in p[:-1]), b * p[-1]) for a, b in found.factors]
    down, up = [ZERO] * len(p), [ZERO] * len(p)
    for i, m in enumerate(unit.velocity):
        if rule.name == "adam" and decays[i]:
            down[i] = up[i] = decay_drift(unit, i, rule, steps, bits)
        elif m:
            (down if m > 0 else up)[i] = spent(unit, i, rule, found.sums, bits)
    return Drift([list(each) for each in dict.fromkeys(corners)], down, up)


class Optimiser:
    """What is common to all units of a claim, found once."""

    def __init__(self, rule: Any, proof: Any, steps: int | None) -> None:
        self.rule, self.steps, self.bits = rule, steps, proof["bits"]
        self.sgd = rule.name == "sgd"
        self.common: Any = (groups if self.sgd else moments)(rule, proof, steps)

    def drift(self, unit: Any) -> Drift:
        """Return where a unit that has no gradient can be carried."""
        if self.sgd:
            return sgd(unit, self.rule, *self.common)
        return adam(unit, self.rule, self.common, self.steps, self.bits)
