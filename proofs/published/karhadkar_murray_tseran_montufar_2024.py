"""On three points most activation regions of three ReLUs have no bad minima; of two units 30 of 36, and 6 can fit.

Setting  x = 0, 1, 2; ReLUs with a bias each and output weights other than 0, no output bias; squared error. A region
         is a choice of signs for each unit, in order. For the counts of minima: two units and labels 0, 1, 0.
Idea     In a region errors at rest are orthogonal to (x, 1) on what each unit sees. If these vectors span everything
         the errors are 0: no bad minimum, whatever the labels. Otherwise it depends on labels: with signs of output
         weights fixed everything is linear in the products a_j (w_j, b_j).
Scope    This data set, regions one by one, counted with both orders of units; minima at which the loss is
         differentiable. The theorem has a bound on the width without explicit constant, which these widths need not
         meet.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement, permutations, product

from flint import fmpq

from stability.audit.claims import Repair
from stability.audit.output_layer_statements import inner, squares
from stability.audit.published import Paper, PublishedClaim, PublishedInstance
from stability.exact.systems import rank
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.landscapes import landscape
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement
from stability.model.datasets import Dataset

X, LABELS = [0, 1, 2], [0, 1, 0]
LINE = landscape("relu1", Dataset("three points", [[x] for x in X], LABELS))
CELLS = [face.signs(3) for face in arrange(integers(LINE).rows).faces if face.is_cell(7)]
PATTERNS = sorted({"".join("<>"[sign > 0] for sign in signs) for signs in CELLS})

Region = tuple[str, ...]
E = ["e0", "e1", "e2"]
FIT = {("<>>", "<>>"), ("<<>", "<>>"), ("><<", ">><"), (">><", ">><")}
BAD = {(">>>", ">>>"), ("<<<", ">>>"), ("<<>", "<<>"), ("<<<", "<<<"), ("><<", "><<")}
"""Regions of two units, in any order, that contain fits of 0, 1, 0, and that contain local minima with errors."""


def regions(width: int) -> list[Region]:
    """Return the regions, units in any order."""
    return list(combinations_with_replacement(PATTERNS, width))


def orders(region: Region) -> int:
    """Return how many regions these are, with all orders of the units."""
    return len(set(permutations(region)))


def columns(region: Region) -> list[list[str]]:
    """Return what errors at rest are orthogonal to: x and 1 where each unit sees."""
    return [[str(x**k * (sign == ">")) for x, sign in zip(X, signs, strict=True)] for signs in region for k in (1, 0)]


def has_full_rank(region: Region) -> bool:
    """Return whether these span everything."""
    return rank([[fmpq(int(x)) for x in column] for column in columns(region)]) == len(X)


def covered(patterns: Sequence[str] = PATTERNS) -> ForAll:
    """State that a unit without pre-activations 0 has one of these patterns."""
    pre = [f"{x}*w + b" for x in X]
    goals = [[f"{z} {sign} 0" for z, sign in zip(pre, signs, strict=True)] for signs in patterns]
    return ForAll("w b", [f"{z} != 0" for z in pre], goals, splits=pre)


def errors_vanish(region: Region) -> ForAll:
    """State that errors at rest are 0, whatever the labels."""
    given = [f"{inner(E, column)} == 0" for column in columns(region)]
    tries = [
        dict.fromkeys(E, 0),
        {"e0": 1, "e1": -2, "e2": 1},
        {"e0": 1, "e1": 0, "e2": 0},
        {"e0": 0, "e1": 0, "e2": 1},
    ]
    return ForAll(" ".join(E), given, [f"{e} == 0" for e in E], try_at=tries)


def ranks(width: int, but: Sequence[Region] = ()) -> Statement:
    """State in which regions errors at rest vanish; the exceptions are said to be otherwise."""
    parts = [errors_vanish(r) if has_full_rank(r) != (r in but) else Not(errors_vanish(r)) for r in regions(width)]
    return AllOf([covered(), *parts])


def share(width: int) -> tuple[int, int]:
    """Return how many regions have full rank, and how many there are."""
    return sum(orders(r) for r in regions(width) if has_full_rank(r)), len(PATTERNS) ** width


def most(width: int) -> ForAll:
    """State that these are more than half."""
    full, every = share(width)
    return ForAll("", [], [f"{full}/{every} > 1/2"])


def in_region(region: Region, signs: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return the signs of pre-activations, by products u, v with these signs of output weights, and the errors."""
    lines = [[f"({u}*{x} + {v})" for x in X] for u, v in (("u1", "v1"), ("u2", "v2"))]
    inside = [
        f"{sign}*{line} {side} 0"
        for sign, unit, pattern in zip(signs, lines, region, strict=True)
        for line, side in zip(unit, pattern, strict=True)
    ]
    seen = [
        [line for line, unit in zip(at, region, strict=True) if unit[i] == ">"]
        for i, at in enumerate(zip(*lines, strict=True))
    ]
    return inside, [f"({' + '.join([*each, '0'])} - {y})" for each, y in zip(seen, LABELS, strict=True)]


def contains(region: Region, what: str) -> list[Exists]:
    """State that a region contains fits, or minima with errors, for each choice of signs of the output weights."""
    found = []
    for signs in product((1, -1), repeat=2):
        inside, errors = in_region(region, signs)
        rest = [f"{inner(errors, column)} == 0" for column in columns(region)]
        wanted = [f"{e} == 0" for e in errors] if what == "fits" else [*rest, f"{squares(errors)} > 0"]
        found.append(Exists("u1 v1 u2 v2", [*inside, *wanted]))
    return found


def counted(fit: set[Region] = FIT, bad: set[Region] = BAD) -> Statement:
    """State which regions contain fits, and which contain minima with errors."""
    parts: list[Statement] = []
    for region in regions(2):
        for what, those in (("fits", fit), ("minima", bad)):
            cases = contains(region, what)
            parts += [Not(AllOf([Not(case) for case in cases]))] if region in those else [Not(case) for case in cases]
    return AllOf(parts)


THREE = [
    "Inputs are one-dimensional, with a bias, and distinct.",
    "Two layers of ReLUs, output weights other than 0, squared error.",
    "Not met, or not known: the width is above a bound of order n log n with a constant that is not explicit.",
]

PAPER = Paper(
    "K. Karhadkar, M. Murray, H. Tseran and G. Montúfar",
    2024,
    "Mildly overparameterized ReLU networks have a favorable loss landscape",
    "TMLR 2024; arXiv:2305.19510",
    [
        PublishedClaim(
            "most-regions-have-full-rank",
            "theorem on activation regions, one-dimensional inputs (number not checked)",
            "If a network is wide enough, most activation regions have a Jacobian of full rank, and so no bad "
            "local minima.",
            PublishedInstance("x = 0, 1, 2 with any labels; three ReLUs, no output bias; squared error.", THREE),
            "proved",
            lambda: AllOf([ranks(3), most(3)]),
            Repair(
                "Of three units exactly 144 of 216 regions have full rank, of two units 14 of 36.",
                lambda: AllOf([ranks(2), ranks(3)]),
            ),
            {
                "most of two units": lambda: most(2),
                "one that sees all, one that sees nothing": lambda: ranks(2, [("<<<", ">>>")]),
                "five patterns of a unit": lambda: covered(PATTERNS[1:]),
            },
            because="Region by region; that the list of regions is complete is part of the record.",
        ),
        PublishedClaim(
            "most-regions-contain-fits",
            "theorem on one-dimensional inputs (number not checked)",
            "Most activation regions contain global minima of loss 0 and no bad local minima.",
            PublishedInstance("x = 0, 1, 2 with labels 0, 1, 0; two ReLUs, no output bias; squared error.", THREE),
            "refuted",
            lambda: Not(counted()),
            Repair(
                "Of the 36 regions of two units 6 contain fits and no bad minima, 6 contain bad minima, and 24 "
                "contain neither.",
                counted,
            ),
            {
                "every region with a dead unit has bad minima": lambda: counted(bad={*BAD, ("<<<", "<<>")}),
                "regions in which a unit sees all contain fits": lambda: counted(fit={*FIT, ("<>>", ">>>")}),
            },
            because="Two units are fewer than the theorem asks for: 6 of 36 contain fits.",
        ),
    ],
)
