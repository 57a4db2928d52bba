"""The largest stable step of one mode of an update rule: exactly, by Jury's criterion, and as a proved formula."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from stability.dynamics.maps.modes import mode
from stability.errors import DifferentiabilityError
from stability.exact.numbers import Exact
from stability.exact.unit_circle_roots import Poly, all_inside, coefficients
from stability.logic.statements import AllOf, ForAll, Statement
from stability.model.update_rules import RULES, update_rule

MEMORY = {"gd": None, "heavy-ball": "momentum", "nesterov": "momentum", "adam": "beta1"}
"""For every rule with a Jacobian, the parameter besides the step on which stability depends: its memory."""


def jury(polynomial: Sequence[Any]) -> list[Any]:
    """Return what must be positive for all roots of z^2 + c1 z + c0, or of z + c0, to lie inside the unit circle.

    The coefficients, the constant one first and the leading 1 last, may be numbers or formulas. For degree 2 these are
    p(1), p(-1) and 1 - c0; they are necessary and sufficient for real coefficients (Jury 1964).
    """
    if len(polynomial) == 2:
        return [1 + polynomial[0], 1 - polynomial[0]]
    c0, c1, _ = polynomial
    return [1 + c1 + c0, 1 - c1 + c0, 1 - c0]


def known(name: str) -> str:
    """Return the spelling of a rule that has a Jacobian at a minimum.

    Raises
    ------
    UnknownNameError, DifferentiabilityError
        If there is no such rule, or it has none.
    """
    spelling = update_rule(name, step=1).name
    if spelling not in MEMORY:
        raise DifferentiabilityError(f"{name} has no Jacobian at a minimum.", f"Take one of {', '.join(MEMORY)}.")
    return spelling


def mode_at(name: str, memory: Exact = 0) -> tuple[Poly, Poly]:
    """Return polynomials a and b in z: the roots of a + x b are the multipliers of a mode with step * curvature = x.

    For Adam the preconditioner is frozen, x is step * curvature / (sqrt(v) + eps), and the multiplier beta2 of the
    second moments, which does not depend on x, is left out.

    Raises
    ------
    UnknownNameError, DifferentiabilityError, NumberError
        If there is no such rule, it has no Jacobian, or the memory is not from 0 to below 1.
    """
    spelling = known(name)
    key = MEMORY[spelling]
    settings: dict[str, Exact] = {} if key is None else {key: memory}
    a, b = mode(update_rule(spelling, step=1, **settings, **({"eps": 1} if spelling == "adam" else {})))
    idle = a.gcd(b)
    if not all_inside(idle):
        raise DifferentiabilityError(f"{name} has a multiplier that never shrinks.", "Take gd or heavy-ball.")
    return a // idle, b // idle


@lru_cache(maxsize=4096)
def limit_of_mode(name: str, memory: Fraction = Fraction(0)) -> Fraction:
    """Return X such that the mode with step * curvature = x is stable exactly for 0 < x < X.

    Every condition of Jury's criterion is of degree 1 in x, so that together they bound an interval; it starts at 0.

    Raises
    ------
    UnknownNameError, DifferentiabilityError, NumberError
        As `mode_at`.
    """
    a, b = mode_at(name, memory)
    here, moved = (jury([*coefficients(p), *[Fraction(0)] * 2][: a.degree() + 1]) for p in (a, a + b))
    lines = [(c, d - c) for c, d in zip(here, moved, strict=True)]
    lower = max((-c / slope for c, slope in lines if slope > 0), default=None)
    upper = min((-c / slope for c, slope in lines if slope < 0), default=None)
    if lower != 0 or upper is None or any(c <= 0 for c, slope in lines if slope == 0):
        raise DifferentiabilityError(f"{name} is stable for no interval of steps (0, X).", "Take another rule.")
    return Fraction(upper)


@lru_cache(maxsize=8)
def formula(name: str) -> Any:
    """Return the characteristic polynomial of a mode as a sympy polynomial in z, with symbols x and m (the memory).

    The step of the rule is differentiated with m in place of a number, as in `modes.linear_part`.
    """
    from sympy import Matrix, Poly, S, Symbol, eye, limit, oo

    spelling = known(name)
    x, m, z, s, rest = (Symbol(each, positive=True) for each in ("x", "m", "z", "s", "beta2"))
    settings = SimpleNamespace(step=S.One, momentum=m, beta1=m, beta2=rest, eps=S.One)
    family = RULES[spelling]
    size, columns = 1 + len(family.buffers), []
    for k in range(size):
        state = [s if c == k else S.Zero for c in range(size)]
        after = family.move((*state, oo), x * state[0], settings)[:-1]
        gone = [S(each).xreplace({m**oo: S.Zero, rest**oo: S.Zero}) for each in after]
        columns.append([limit(each / s, s, 0, "+") for each in gone])
    characteristic = Poly((z * eye(size) - Matrix(columns).T).det(), z)
    quotient, remainder = characteristic.div(Poly(z - rest, z))
    return quotient if spelling == "adam" and remainder.is_zero else characteristic


def limit_formula(name: str) -> Any:
    """Return X of `limit_of_mode` as a sympy formula in m; the condition at z = -1 gives it, `limit_statement` why."""
    from sympy import factor, solve

    (x,) = [each for each in formula(name).free_symbols if each.name == "x"]
    (found,) = solve(formula(name).eval(-1), x)
    return factor(found)


def limit_parts(name: str) -> tuple[Any, Any]:
    """Return X of `limit_formula` as two polynomials in m, the lower one above 0 at m = 0."""
    from sympy import expand, fraction

    parts = fraction(limit_formula(name))
    turn = 1 if parts[1].subs(dict.fromkeys(parts[1].free_symbols, 0)) > 0 else -1
    top, bottom = (expand(turn * each) for each in parts)
    return top, bottom


def limit_statement(name: str) -> Statement:
    """State that Jury's conditions mean 0 < x < X(m), for all m from 0 to below 1, both ways."""
    from sympy import expand

    top, bottom = limit_parts(name)
    conditions = [f"{expand(each)} > 0" for each in jury(list(reversed(formula(name).all_coeffs())))]
    memory, below = ["0 <= m", "m < 1"], [f"({bottom})*x < {top}", "x > 0"]
    return AllOf([ForAll("x m", [*memory, *below], conditions), ForAll("x m", [*memory, *conditions], below)])
