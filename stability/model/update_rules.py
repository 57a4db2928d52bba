"""Update rules by which training moves the parameters, and one step of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from types import SimpleNamespace
from typing import Any

import numpy as np

from stability.errors import NumberError, UnknownNameError, nearest, require_kind
from stability.exact.numbers import Exact, decimal, is_moderate, rational

State = tuple[Any, ...]
"""(p, buffers..., t): the parameters, what the rule remembers, and the number of steps taken."""

Move = Callable[..., State]
"""(state, gradient at p, parameters of the rule, arithmetic) -> next state; the formula serves every kind of number."""


def _each(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function to every entry of an array of objects, or to the number itself."""
    if not isinstance(x, np.ndarray):
        return function(x)
    found = np.empty(x.shape, dtype=object)
    for place in np.ndindex(x.shape):
        found[place] = function(x[place])
    return found


def _is_tensor(x: Any) -> bool:
    return hasattr(x, "addcmul")


def _root(x: Any) -> Any:
    """Return the square root; that of a Fraction only where it is rational."""
    kind = _kind(x)
    if kind is float:
        return x**0.5
    return _each(_exact_root if kind is Fraction else lambda e: e ** kind(1, 2), x)


def _exact_root(x: Fraction) -> Fraction:
    root = Fraction(isqrt(abs(x.numerator)), isqrt(x.denominator))
    if root * root != x:
        raise NumberError(f"Expected the square of a rational number; got {x}.", "Use floats or sympy for this rule.")
    return root


def _sign(x: Any) -> Any:
    if _is_tensor(x):
        return x.sign()
    kind = _kind(x)
    if kind is float:
        return np.sign(x)
    return _each(lambda e: Fraction((e > 0) - (e < 0)) if kind is Fraction else _sympy().sign(e), x)


def _sympy() -> Any:
    import sympy

    return sympy


def _kind(x: Any) -> Callable[..., Any]:
    """Return what makes numbers of the kind of x: float (tensors, arrays), Fraction, or sympy's Rational."""
    first = x.flat[0] if isinstance(x, np.ndarray) and x.dtype == object else x
    if hasattr(first, "free_symbols"):
        rationals: Callable[..., Any] = _sympy().Rational
        return rationals
    return Fraction if isinstance(first, int | Fraction) else float


@dataclass(frozen=True)
class Arithmetic:
    """How sums with a product are rounded, and where Adam's corrections come from.

    Attributes
    ----------
    plus : callable
        (a, factor, b) -> a + factor b
    plus_product, plus_quotient : callable
        (a, factor, b, c) -> a + factor b c, a + factor b / c
    between : callable
        (a, b, weight) -> a + weight (b - a)
    root : callable
        a -> sqrt(a)
    corrections : callable
        (parameters, t) -> (step / (1 - beta1^t), scale), where scale is sqrt(1 - beta2^t), or what `denominator` takes
    denominator : callable, optional
        (v, scale, eps) -> sqrt(v / (1 - beta2^t)) + eps; root(v) / scale + eps if left out
    """

    plus: Callable[[Any, Any, Any], Any]
    plus_product: Callable[[Any, Any, Any, Any], Any]
    plus_quotient: Callable[[Any, Any, Any, Any], Any]
    between: Callable[[Any, Any, Any], Any]
    root: Callable[[Any], Any]
    corrections: Callable[[Any, Any], tuple[Any, Any]]
    denominator: Callable[[Any, Any, Any], Any] | None = None


def _corrections(c: Any, t: Any) -> tuple[Any, Any]:
    return c.step / (1 - c.beta1**t), _root(1 - c.beta2**t)


PLAIN = Arithmetic(
    plus=lambda a, factor, b: a + factor * b,
    plus_product=lambda a, factor, b, c: a + factor * b * c,
    plus_quotient=lambda a, factor, b, c: a + factor * b / c,
    between=lambda a, b, weight: a + weight * (b - a),
    root=_root,
    corrections=_corrections,
)
"""Every operation is rounded by itself: the same bits on every machine that follows IEEE 754."""

TORCH = Arithmetic(
    plus=lambda a, factor, b: a.add(b, alpha=factor),
    plus_product=lambda a, factor, b, c: a.addcmul(b, c, value=factor),
    plus_quotient=lambda a, factor, b, c: a.addcdiv(b, c, value=factor),
    between=lambda a, b, weight: a.lerp(b, weight),
    root=_root,
    corrections=_corrections,
)
"""As torch.optim does it: rounded once where the processor can (a fused multiply-add)."""


def _gradient_descent(state: State, g: Any, c: Any, how: Arithmetic = PLAIN) -> State:
    p, t = state
    return how.plus(p, -c.step, g), t + 1


def _heavy_ball(state: State, g: Any, c: Any, how: Arithmetic = PLAIN) -> State:
    p, v, t = state
    v = c.momentum * v + g
    return how.plus(p, -c.step, v), v, t + 1


def _nesterov(state: State, g: Any, c: Any, how: Arithmetic = PLAIN) -> State:
    p, v, t = state
    v = c.momentum * v + g
    return how.plus(p, -c.step, how.plus(g, c.momentum, v)), v, t + 1


def _adam(state: State, g: Any, c: Any, how: Arithmetic = PLAIN) -> State:
    p, m, v, t = state
    t = t + 1
    m, v = how.between(m, g, 1 - c.beta1), how.plus_product(c.beta2 * v, 1 - c.beta2, g, g)
    rate, scale = how.corrections(c, t)
    low = how.denominator(v, scale, c.eps) if how.denominator else how.root(v) / scale + c.eps
    return how.plus_quotient(p, -rate, m, low), m, v, t


def _sign_descent(state: State, g: Any, c: Any, how: Arithmetic = PLAIN) -> State:
    p, t = state
    return how.plus(p, -c.step, _sign(g)), t + 1


@dataclass(frozen=True)
class Range:
    """Which values a parameter of a rule may take: above 0, or from 0 to below 1; and what it is if not given."""

    fraction: bool
    default: str | None = None

    def __contains__(self, value: Fraction) -> bool:
        return 0 <= value < 1 if self.fraction else value > 0

    def __str__(self) -> str:
        return "from 0 to below 1" if self.fraction else "above 0"


@dataclass(frozen=True)
class RuleFamily:
    """A kind of update rule.

    Attributes
    ----------
    title : str
        What it is called in a sentence.
    buffers : tuple of str
        What it remembers besides the parameters, each shaped like them and 0 at first.
    ranges : dict
        Its parameters.
    move : Move
        One step.
    """

    title: str
    buffers: tuple[str, ...]
    ranges: Mapping[str, Range]
    move: Move


STEP, SHARE = Range(fraction=False), Range(fraction=True, default="9/10")

RULES: dict[str, RuleFamily] = {
    "gd": RuleFamily("gradient descent", (), {"step": STEP}, _gradient_descent),
    "heavy-ball": RuleFamily("heavy ball", ("v",), {"step": STEP, "momentum": SHARE}, _heavy_ball),
    "nesterov": RuleFamily("Nesterov's method", ("v",), {"step": STEP, "momentum": SHARE}, _nesterov),
    "adam": RuleFamily(
        "Adam",
        ("m", "v"),
        {"step": STEP, "beta1": SHARE, "beta2": Range(True, "999/1000"), "eps": Range(False, "1/100000000")},
        _adam,
    ),
    "sign": RuleFamily("sign descent", (), {"step": STEP}, _sign_descent),
}
"""Every update rule, in the conventions of torch.optim (SGD with momentum, with nesterov=True; Adam).

With gradient g at p: heavy ball is v <- mu v + g, p <- p - eta v; Nesterov is v <- mu v + g, p <- p - eta (g + mu v),
so that the stored p is the point that looks ahead; Adam is m <- m + (1 - beta1)(g - m), v <- beta2 v + (1 - beta2) g^2,
p <- p - eta / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps). Sign descent is p <- p - eta sign(g), sign(0) = 0.
"""

ALIASES = {"gradient-descent": "gd", "momentum": "heavy-ball", "sign-descent": "sign"}


@dataclass(frozen=True, repr=False)
class UpdateRule:
    """An update rule with exact parameters.

    Attributes
    ----------
    name : str
        Its spelling, a key of `RULES`.
    values : tuple of (str, Fraction)
        Its parameters, all of them.

    Examples
    --------
    >>> from stability import update_rule
    >>> rule = update_rule("heavy-ball", step="1/10")
    >>> str(rule), rule.parameters["momentum"]
    ('heavy-ball (step 1/10, momentum 9/10)', Fraction(9, 10))
    """

    name: str
    values: tuple[tuple[str, Fraction], ...]

    @property
    def family(self) -> RuleFamily:
        """The kind of rule."""
        return RULES[self.name]

    @property
    def parameters(self) -> dict[str, Fraction]:
        """The parameters by name."""
        return dict(self.values)

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(f'{name} {value}' for name, value in self.values)})"

    __repr__ = __str__

    def start(self, p: Any) -> State:
        """Return the state of a rule that has not moved yet: buffers 0, t = 0."""
        return (p, *(p * 0 for _ in self.family.buffers), 0)

    def step(self, state: State, gradient: Any) -> State:
        """Return the next state.

        Parameters
        ----------
        state : (p, buffers..., t)
            p and the buffers are numbers (float, Fraction, sympy), numpy arrays of such, or torch tensors.
        gradient : like p
            The gradient of the loss at p. Nesterov's method takes it there too.

        Raises
        ------
        NumberError
            If a square root of Adam is not rational while p is a Fraction.
        """
        kind = _kind(state[0])
        exact = {name: (value.numerator, value.denominator) for name, value in self.values}
        numbers = {name: top / bottom if kind is float else kind(top, bottom) for name, (top, bottom) in exact.items()}
        how = TORCH if _is_tensor(state[0]) else PLAIN
        return self.family.move(state, gradient, SimpleNamespace(**numbers), how)

    @property
    def floats(self) -> SimpleNamespace:
        """The parameters as floats, as attributes."""
        return SimpleNamespace(**{name: value.numerator / value.denominator for name, value in self.values})


def update_rule(spelling: str, **parameters: Exact) -> UpdateRule:
    """Return the update rule of a spelling and parameters: update_rule("heavy-ball", step="1/10", momentum="9/10").

    Parameters
    ----------
    spelling : str
        "gd", "heavy-ball", "nesterov", "adam" or "sign"; underscores do as well.
    parameters : exact numbers
        `step` (above 0) is always needed. Defaults: momentum 9/10, beta1 9/10, beta2 999/1000, eps 1/100000000.

    Raises
    ------
    UnknownNameError
        If there is no such rule, or it has no such parameter.
    NumberError
        If a parameter is missing, not rational, or out of its range.

    Examples
    --------
    >>> from stability import update_rule
    >>> update_rule("adam", step="1/100").parameters["beta2"]
    Fraction(999, 1000)
    """
    require_kind(spelling, str, "the spelling of an update rule", 'Write update_rule("gd", step="1/10").')
    word = spelling.replace("_", "-")
    name = ALIASES.get(word, word)
    if name not in RULES:
        raise UnknownNameError(f"Expected an update rule; got {spelling!r}.", nearest(word, list(RULES)))
    ranges = RULES[name].ranges
    for given in parameters:
        if given not in ranges:
            raise UnknownNameError(f"{name} has no parameter {given!r}.", nearest(given, list(ranges)))
    return UpdateRule(name, tuple((each, _value(name, each, parameters.get(each))) for each in ranges))


def _value(name: str, parameter: str, given: Exact | None) -> Fraction:
    """Return a parameter of a rule, or its default."""
    allowed = RULES[name].ranges[parameter]
    entry = allowed.default if given is None else given
    example = f"Give its {parameter}, such as {allowed.default or '1/10'}."
    if entry is None:
        raise NumberError(f"Expected the {parameter} of {name}; got none.", example)
    try:
        value = rational(entry)
    except NumberError as error:
        raise NumberError(f"{name}, {parameter}: {error.problem[0].lower()}{error.problem[1:]}", example) from None
    if value not in allowed:
        raise NumberError(f"{name}: expected a {parameter} {allowed}; got {given}.", example)
    if not is_moderate(value):
        raise NumberError(
            f"{name}: expected a {parameter} that is 0 or from 1e-300 to 1e300; got {decimal(value)}.", example
        )
    return value


def optimiser(name: str, step: str, momentum: str | None, betas: str | None) -> UpdateRule:
    """Return the update rule of a command line; sgd is gradient descent, or heavy ball if there is a momentum.

    Raises
    ------
    UnknownNameError, NumberError
        If there is no such rule, or a number makes no sense.
    """
    given: dict[str, str] = {} if momentum is None else {"momentum": momentum}
    if betas is not None:
        parts = betas.split(",")
        if len(parts) != 2:
            raise NumberError(f"Expected two betas; got {betas!r}.", "Write --betas 0.9,0.99.")
        given |= {"beta1": parts[0], "beta2": parts[1]}
    if name == "sgd":
        name = "gd" if momentum is None else "heavy-ball"
    return update_rule(name, step=step, **given)


def require_rule(value: object) -> None:
    """Refuse what is no update rule.

    Raises
    ------
    KindError
        If it is something else.
    """
    require_kind(value, UpdateRule, "an update rule", 'Write update_rule("gd", step="1/10").')
