"""Two one-hot outputs with biases rest where they sum to 1: they are one output with targets 2t - 1, at half its loss.

Setting  Three examples with targets (t, 1 - t), two hidden outputs h and k, any at all; outputs f = a h + b k + c and
         g = p h + q k + d; errors u = f - t and v = g - 1 + t; sum of squared errors over examples and outputs.
Idea     u + v = (a + p) h + (b + q) k + c + d - 1 is spanned by h, k and 1, to all of which it is orthogonal at rest.
         So it is 0; then f - g has the errors e = u - v = 2u = -2v from 2t - 1, and u^2 + v^2 = e^2 / 2.
Scope    Three examples and two units, by an argument for any number. What goes back to the hidden layer is u a + v p =
         e (a - p) / 2, so both rest alike, at kinks too. The loss is half that of f - g plus half the sum of (u + v)^2:
         minima of f - g are minima. The converse in words: half of s (a + p), s (b + q), s (c + d - 1) can be put to f
         and taken from g, which changes e by s (u + v). So at a minimum, after any small move of a unit with a + p not
         0, e is orthogonal to u + v, that is, to what the unit puts out; other units leave u + v alone. It needs both
         biases, and targets with a constant sum.
"""

from collections.abc import Sequence

from stability.audit.output_layer_statements import inner, squares
from stability.logic.statements import AllOf, ForAll, Statement

NAMES = "a b c p q d s " + " ".join(f"h{i} k{i} t{i}" for i in range(3))
U = [f"a*h{i} + b*k{i} + c - t{i}" for i in range(3)]
V = [f"p*h{i} + q*k{i} + d - (1 - t{i})" for i in range(3)]
E = [f"(a - p)*h{i} + (b - q)*k{i} + c - d - (2*t{i} - 1)" for i in range(3)]
TOTAL = [f"(a + p)*h{i} + (b + q)*k{i} + c + d - 1" for i in range(3)]
HIDDEN, ONES = [[f"{unit}{i}" for i in range(3)] for unit in "hk"], ["1"] * 3
LOSS = f"({squares(U)} + {squares(V)})"


def claim(given: Sequence[str], then: str, **instance: str) -> ForAll:
    """State what follows; the instance has 0 for all that it does not name."""
    return ForAll(NAMES, given, [then], try_at=[{**dict.fromkeys(NAMES.split(), 0), **instance}], samples=0)


def rest(second: Sequence[str] = V, biases: bool = True) -> list[str]:
    """Return the equations of the output weights, and of the output biases or that there are none."""
    outs = [*HIDDEN, ONES] if biases else HIDDEN
    return [f"{inner(e, out)} == 0" for e in (U, second) for out in outs] + ([] if biases else ["c == 0", "d == 0"])


def plus(errors: Sequence[str], part: str) -> list[str]:
    """Return the errors with a part of u + v added."""
    return [f"{e} + {part}*({total})" for e, total in zip(errors, TOTAL, strict=True)]


def theorem() -> Statement:
    """Return the statement."""
    half = [f"s*({total})/2" for total in ("a + p", "b + q", "c + d - 1")]
    shifted = [f"(a + {half[0]})*h{i} + (b + {half[1]})*k{i} + c + {half[2]} - t{i}" for i in range(3)]
    moved = [f"{shifted[i]} == {plus(U, 's/2')[i]}" for i in range(3)]
    changed = squares([*plus(U, "s/2"), *plus(V, "-s/2")])
    return AllOf(
        [
            claim(rest(), f"{squares(TOTAL)} == 0", d="1"),
            ForAll("x y z", ["x**2 + y**2 + z**2 == 0"], ["x == 0", "y == 0", "z == 0"]),
            claim([], f"2*{LOSS} == {squares(E)} + {squares(TOTAL)}"),
            ForAll("u v a p", ["u + v == 0"], ["2*(u*a + v*p) == (u - v)*(a - p)"]),
            ForAll(NAMES, [], [*moved, f"2*{changed} == {squares(plus(E, 's'))} + {squares(TOTAL)}"], samples=0),
            claim(["a + p == 0", "b + q == 0", "c + d == 1"], f"2*{LOSS} == {squares(E)}", d="1"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    alike = [f"p*h{i} + q*k{i} + d - t{i}" for i in range(3)]
    both = squares([f"{u} + {v}" for u, v in zip(U, alike, strict=True)])
    return {
        "without output biases": claim(rest(biases=False), f"{squares(TOTAL)} == 0"),
        "the same target twice": claim(rest(alike), f"{both} == 0", t0="1", t1="-1"),
        "the whole loss": claim(rest(), f"{LOSS} == {squares(E)}", t0="1", c="1/3", d="2/3"),
        "without rest": claim([], f"2*{LOSS} == {squares(E)}"),
    }
