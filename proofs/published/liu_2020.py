"""Differentiable local minima are best in their region; in products of weights they are isolated or flat.

Setting  Two ReLUs with trainable output weights at x = 0, 1, 2, 3 with any labels, the first seeing all points, the
         second two or all of them; sum of squared errors. Products: u, v = a1 (w1, b1) and p, q = a2 (w2, b2).
Idea     In a region outputs are linear in the products, and errors at rest are orthogonal to them (Pythagoras).
         Products are determined by the outputs exactly if the columns of the region are independent. A unit (a, w, b)
         with a != 0 has the same outputs as (a/s, s w, s b) for every s > 0.
Scope    These regions, any labels; in words any number of units and examples.
"""

from collections.abc import Sequence

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.logic.statements import AllOf, Exists, ForAll, Statement

X, LABELS = range(4), [f"y{i}" for i in range(4)]
HERE, THERE = ["u", "v", "p", "q"], ["U", "V", "P", "Q"]
TWO, ALL = [0, 0, 1, 1], [1, 1, 1, 1]
"""Which points the second unit sees."""


def outputs(products: Sequence[str], mask: Sequence[int]) -> list[str]:
    """Return the outputs, linear in the products."""
    u, v, p, q = products
    return [f"{u}*{x} + {v} + {m}*({p}*{x} + {q})" for x, m in zip(X, mask, strict=True)]


def errors(products: Sequence[str], mask: Sequence[int]) -> list[str]:
    """Return outputs less labels."""
    return [f"({out} - {y})" for out, y in zip(outputs(products, mask), LABELS, strict=True)]


def at_rest(mask: Sequence[int]) -> list[str]:
    """Return the equations of the two units, with output weights other than 0."""
    columns = [[str(m * x**k) for x, m in zip(X, each, strict=True)] for each in (ALL, mask) for k in (1, 0)]
    return [f"{inner(errors(HERE, mask), column)} == 0" for column in columns]


def best_in_region(mask: Sequence[int], equations: slice = slice(None)) -> ForAll:
    """State that whatever rests in a region is not worse than anything else there."""
    names = " ".join([*HERE, *THERE, *LABELS])
    hints = [f"{a} - ({b})" for a, b in zip(outputs(THERE, mask), outputs(HERE, mask), strict=True)]
    lower = f"{squares(errors(THERE, mask))} >= {squares(errors(HERE, mask))}"
    zero = dict.fromkeys(names.split(), 0)
    tries = [zero, {**zero, "V": 1, **dict.fromkeys(LABELS, 1)}, {**zero, "q": 1, "v": -1}]
    return ForAll(names, at_rest(mask)[equations], [lower], try_at=tries, squares=hints, samples=0)


def determined(mask: Sequence[int]) -> ForAll:
    """State that the outputs determine the products."""
    same = [f"{a} == {b}" for a, b in zip(outputs(HERE, mask), outputs(THERE, mask), strict=True)]
    tries = [dict.fromkeys([*HERE, *THERE], 0), {**dict.fromkeys([*HERE, *THERE], 0), "v": 1, "Q": 1}]
    return ForAll(" ".join([*HERE, *THERE]), same, [f"{a} == {b}" for a, b in zip(HERE, THERE, strict=True)],
                  try_at=tries, samples=0)  # fmt: skip


def isolated_or_affine() -> Statement:
    """State that minima are isolated products in one region, and a line of products through each in the other."""
    shifted = ["(u + t)", "v", "(p - t)", "q"]
    line = ForAll(
        "u v p q t", [], [f"{a} == {b}" for a, b in zip(outputs(HERE, ALL), outputs(shifted, ALL), strict=True)]
    )
    return AllOf([determined(TWO), line])


def orbit(given: Sequence[str] = ("s > 0", "s*r == 1")) -> Statement:
    """State that a scale s of a unit and 1/s of its output weight change no output, and are another point."""
    tries = [{"a": 1, "z": 1, "s": s, "r": s} for s in (1, -1)]
    same = ForAll("a z s r", given, ["a*r*relu(s*z) == a*relu(z)"], try_at=tries, samples=0)
    other = Exists("a s r", ["s*r == 1", "s > 0", "a != 0", "a*r != a"], try_at=[{"a": 1, "s": 2, "r": "1/2"}])
    return AllOf([same, other])


REGIONS = PublishedInstance(
    "x = 0, 1, 2, 3 with any labels; two ReLUs with trainable output weights, the first sees all points, the "
    "second the "
    "last two or all; sum of squared errors.",
    ["One hidden layer of ReLUs.", "A convex loss.", "The point is inside a region: no pre-activation is 0."],
)

PAPER = Paper(
    "B. Liu",
    2020,
    "Understanding global loss landscape of one-hidden-layer ReLU networks, part 1: theory",
    "arXiv:2002.04763",
    [
        PublishedClaim(
            "global-in-their-region",
            "theorem on differentiable minima (number not checked)",
            "Differentiable local minima are global minima of their region.",
            REGIONS,
            "proved",
            lambda: AllOf([best_in_region(TWO), best_in_region(ALL)]),
            false_variants={"without the equations of the first unit": lambda: best_in_region(TWO, slice(2, None))},
            because="Where an output weight is 0 the equations of its unit are missing; descent leaves such points.",
        ),
        PublishedClaim(
            "isolated-or-flat",
            "locations of differentiable minima (number not checked)",
            "They are isolated points or an affine set, depending on data, activation pattern and width.",
            REGIONS,
            "proved",
            isolated_or_affine,
            Repair(
                "That is so in the products a_j (w_j, b_j); in output weights and weights no minimum with a unit "
                "that is not "
                "silent is isolated: (a/s, s w, s b) is as good for every s > 0.",
                lambda: AllOf([isolated_or_affine(), orbit()]),
            ),
            {
                "isolated where both see all": lambda: determined(ALL),
                "scales of both signs": lambda: orbit(["s*r == 1"]),
            },
            because="In the products of output weights and weights.",
        ),
    ],
)
