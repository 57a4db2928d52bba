"""The claims of the chat on its next step, and in short."""

from stability import AllOf, Claim, ForAll, Not, Repair
from stability.audit.vocabulary import Study, number_fact

from .experiments import ALIGNED, CELLS, CLASSES, HALVES, PLAIN
from .judgements import above, below, crossing_helps, flips_help, mostly_crossed, mostly_live, robust
from .vocabulary import ALPHAS, OFF, ON, SHARES, SIX, SIX_AT, SOLVED, TWO


def aligned(*then: list[str]) -> ForAll:
    """State what holds of units along the axes of their classes, c(1, 1) and d(1, -1), whose biases are b and -f.

    With b = alpha R |w| and alpha R < sqrt 2, the square of b is below 4 c^2.
    """
    at = [{"c": 1, "d": 1, "b": "1/2", "f": "1/2"}]
    return ForAll("c d b f", ["b > 0", "f > 0", "b**2 < 4*c**2"], then, TWO, at, splits=["c"], samples=0)


def crossing() -> ForAll:
    """State that where the boundaries of a solution meet inside the square, both contain x3 and x4."""
    inside = ["-1 < x < 1", "-1 < y < 1", "p1*x + p2*y + b1 == 0", "q1*x + q2*y + b2 == 0"]
    own = [ON[0][0], OFF[0][1], ON[1][1], OFF[1][0], *OFF[0][2:], *OFF[1][2:]]
    then = [f"relu2.pre({SIX_AT}, {j}, {i}) == 0" for j in (0, 1) for i in (2, 3)]
    at = [{**SOLVED[0], "x": "1/2", "y": "1/2"}]
    return ForAll(f"{SIX} x y", [*own, *inside], then, TWO, at, splits=["x - y"], samples=0)


ALIGNED_AT = "[c, c, b, d, -d, -f]"


def class_zero_dead() -> list[list[str]]:
    """Return that x3, or x4, is dead."""
    return [[f"relu2.pre({ALIGNED_AT}, {j}, {i}) < 0" for j in (0, 1)] for i in (2, 3)]


def whole_units(*shares: str) -> ForAll:
    """State that each share of two units is 0, 1 or 2 units."""
    return number_fact(*(f"(2*{p})*(2*{p} - 1)*(2*{p} - 2) == 0" for p in shares))


NEXT = [
    Claim(
        "shares-of-two-units",
        "Chat, next step",
        "Each p of the grid is a share of two units that can be inverted.",
        statement=lambda: whole_units("0", "1/4", "1/2", "3/4", "1"),
        because="A quarter of two units is half a unit; p can only be a probability.",
        repair=Repair("Only 0, 1/2 and 1 are, with 0, 1 and 2 units.", lambda: whole_units("0", "1/2", "1")),
        weight="ours",
    ),
    Claim(
        "flips-help",
        "Chat, fix 1, in short",
        "In the grid some share p of inverted units is better than none, at some alpha.",
        measure=Study([CELLS[p, a] for a in ALPHAS for p in SHARES], flips_help),
        because="At every alpha none is best, and the more inverted the worse.",
    ),
    Claim(
        "grid-stays-below-90",
        "Chat, next step",
        "The grid may leave less than 90% success (read: in every cell, also with exactly half inverted).",
        measure=Study([*CELLS.values(), *HALVES.values()], below(0.9)),
    ),
    Claim(
        "boundaries-cross",
        "Chat, next step",
        "After initialisation the two boundaries make an X (read: they cross inside the square in most starts of alpha "
        "0.1 and 0.3).",
        measure=Study([PLAIN, *(CELLS[p, a] for p in ("0", "0.5") for a in ("0.1", "0.3"))], mostly_crossed),
    ),
    Claim(
        "crossing-helps",
        "Chat, next step",
        "An X at the start is what is wanted (read: such starts succeed more often, at alpha = 0.3).",
        measure=Study([CELLS["0", "0.3"], CELLS["0.5", "0.3"]], crossing_helps),
        because="With no unit inverted they succeed far less often, and with half inverted hardly more.",
    ),
    Claim(
        "solutions-cross",
        "Chat, next step",
        "Solutions have an X: at some solution the two boundaries are different lines that meet inside the square.",
        statement=lambda: Not(crossing()),
        because="Each cuts off one class-1 point from the others.",
        repair=Repair(
            "Where the boundaries of a solution meet inside the square, both contain x3 and x4: they are one line.",
            crossing,
        ),
        weight="central",
    ),
    Claim(
        "class-spheres-99-percent",
        "Chat, next step",
        "Class-aware spheres with alpha = 0.3 break 99% success (read: with weights drawn as before).",
        measure=Study([CLASSES["0.3"]], above(0.99)),
        because="Less than half of the runs succeed, as with one of two units inverted anywhere. It is true if the weights "
        "are turned along the axis of their class as well.",
        weight="central",
    ),
    Claim(
        "aligned-spheres-99-percent",
        "Chat, fix 3, next step",
        "Class-aware spheres with weights along the axis of each class, as partitions aligned with the axes "
        "suggest, break 99% success at alpha = 0.3.",
        measure=Study([ALIGNED["0.3"]], above(0.99)),
        weight="ours",
    ),
    Claim(
        "guarantee-is-kept",
        "Chat, next step",
        "Class-aware spheres with a small alpha keep most of the guarantee against dead data (read: most starts "
        "leave no point dead, drawn or aligned).",
        measure=Study([CLASSES["0.3"], ALIGNED["0.3"]], mostly_live),
        because="It is given up: with alpha = 0.3 most starts, or all, leave a point dead.",
        repair=Repair(
            "With aligned weights and alpha R < sqrt 2 one of the class-0 points is dead at every start; both class-1 points "
            "are seen by the facing unit.",
            lambda: AllOf(
                [aligned(*class_zero_dead()), aligned([f"relu2.pre({ALIGNED_AT}, 0, {i}) > 0" for i in (0, 1)])]
            ),
        ),
    ),
    Claim(
        "too-uniform",
        "Chat, in short",
        "The rule is too uniform for XOR.",
        opinion="No measure of uniformity is given; what can be checked of it stands in the other claims.",
    ),
    Claim(
        "robust-with-heterogeneity",
        "Chat, in short",
        "Sign flips and scaled margins make the network solve XOR robustly (read: some cell of the grid succeeds as often "
        "as rejection of dead data, 95% and more).",
        measure=Study([*CELLS.values(), *HALVES.values()], above(0.95)),
        because="The best cell has nothing inverted and alpha = 0.7.",
        weight="central",
    ),
    Claim(
        "class-spheres-robust",
        "Chat, in short",
        "Class-aware spheres make the network solve XOR robustly (read: 95% at some alpha of the grid, with weights "
        "drawn as before).",
        measure=Study([*CLASSES.values(), *ALIGNED.values()], robust),
        because="They do so with aligned weights only, and at alpha = 0.3 only.",
        weight="central",
    ),
]
