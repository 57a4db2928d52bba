"""No hyperplane puts both class-1 points of XOR on one side and both class-0 points on the other.

Setting  z_i = w . x_i + b on the corners (+-1, +-1), any w and b.
Idea     Both pairs of points have the same midpoint, so z_0 + z_1 = z_2 + z_3 = 2b.
Scope    Strict sides. With class-0 points on the hyperplane itself there are solutions, as abs1 shows.
"""

from stability.audit.landscape_statements import landscapes, pre
from stability.logic.statements import Exists, ForAll, Not, Statement

Z = pre("abs1", "[w1, w2, b]")


def theorem() -> Statement:
    """Return the statement."""
    sides = [f"{Z[0]} > 0", f"{Z[1]} > 0", f"{Z[2]} < 0", f"{Z[3]} < 0"]
    return Not(Exists("w1 w2 b", sides, landscapes(abs1="abs1")))


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    weak = [f"{Z[0]} > 0", f"{Z[1]} > 0", f"{Z[2]} < 0"]
    midpoint = ForAll("w1 w2 b", [], [f"{Z[0]} + {Z[1]} == b"], landscapes(abs1="abs1"))
    return {
        "three points": Not(Exists("w1 w2 b", weak, landscapes(abs1="abs1"))),
        "half the midpoint": midpoint,
    }
