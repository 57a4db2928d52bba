"""Zero slack keeps what it constrains from being dead or affine; that of units or of points implies that of the layer.

Setting  Two units at two points, z[i][j]. Slacks: what is lacking from a largest value of 1 and a smallest of -1, for
         each unit over the points (Sep-U), each point over the units (Sep-P), or all values (Sep-L).
Idea     Slack 0 means that some value is >= 1 and some <= -1. Some value of a unit, or of a point, is one of the layer.
Scope    Any finite numbers; infinitely many values may lack a largest one. With a single unit Sep-P asks for z >= 1
         and z <= -1 at once. A unit that separates, with no point on its plane, has no slack once it is scaled up.
"""

from stability.audit.layer_statements import (
    affine_unit,
    dead_example,
    dead_unit,
    lower_slack,
    reluing,
    upper_slack,
    without_slack,
)
from stability.logic.statements import AllOf, Exists, ForAll, Not, Statement

NAMES = "a b c d"
Z = (("a", "b"), ("c", "d"))
EXAMPLE = {"a": 1, "b": -1, "c": -1, "d": 1}
KNOWN = [EXAMPLE, {"a": -1, "b": -1, "c": 1, "d": 1}, {"a": -1, "b": 1, "c": -1, "d": 1}]
"""No slack for either; none for units, with a dead example; none for points, with a dead unit."""


def never(kind: str, *what: str) -> Statement:
    """State that a layer without slack of a kind cannot have this."""
    return Not(Exists(NAMES, [*without_slack(kind, Z), *what], reluing(), KNOWN, samples=0))


def implies(kind: str, other: str) -> ForAll:
    """State that no slack of one kind means no slack of the other."""
    return ForAll(NAMES, without_slack(kind, Z), without_slack(other, Z), reluing(), KNOWN, samples=0)


def one_unit() -> Statement:
    """State that Sep-P without slack is impossible for a single unit at a point."""
    return Not(Exists("a", [f"{upper_slack('a')} == 0", f"{lower_slack('a')} == 0"], reluing(), samples=0))


def scaled() -> ForAll:
    """State that a unit with a > 0 > c has no slack once it is scaled by s with s a >= 1 and s c <= -1."""
    given = ["a > 0", "c < 0", "s*a >= 1", "s*c <= -1"]
    then = [f"{slack('s*a', 's*c')} == 0" for slack in (upper_slack, lower_slack)]
    return ForAll("a c s", given, then, reluing(), [{"a": 1, "c": -1, "s": 1}], samples=0)


def theorem() -> Statement:
    """Return the statement."""
    units = [never("sep-u", *dead_unit(Z, 0)), never("sep-u", *affine_unit(Z, 0))]
    points = [never("sep-p", *dead_example(Z, 0)), never("sep-p", "a > 0", "b > 0")]
    return AllOf([*units, *points, implies("sep-u", "sep-l"), implies("sep-p", "sep-l"), one_unit(), scaled()])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "units keep points alive": never("sep-u", *dead_example(Z, 0)),
        "points keep units alive": never("sep-p", *dead_unit(Z, 0)),
        "the layer keeps units alive": never("sep-l", *dead_unit(Z, 0)),
        "the layer implies its units": implies("sep-l", "sep-u"),
        "units imply points": implies("sep-u", "sep-p"),
    }
