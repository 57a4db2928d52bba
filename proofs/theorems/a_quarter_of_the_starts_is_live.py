"""From zero biases a quarter of all starts of two ReLU units let them see all of XOR between them, at any angle.

Setting  Weights p and q, no biases, no point on a boundary. Live: every point is seen, so that no output is 0.
Idea     A unit sees one of x1, x2 and one of x3, x4, by the quadrant between the diagonals that its weights are in.
         Only units in opposite quadrants see everything, and of the four quarter turns of q one is opposite to p.
Scope    Whatever law does not change when a unit makes a quarter turn gives the share 1/4. The test selects quadrants,
         no angle within them and no norm. Not so with biases.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import ForAll, Statement

TURNS = ("q1, q2", "-q2, q1", "-q1, -q2", "q2, -q1")
SIDES = ["p1 - p2", "p1 + p2", "q1 - q2", "q1 + q2"]


def dead(point: str) -> list[str]:
    """Return that some point is dead."""
    return ["*".join(f"relu2.out({point}, {i})" for i in range(4)) + " == 0"]


def live(point: str) -> list[str]:
    """Return that none is."""
    return [f"relu2.out({point}, {i}) > 0" for i in range(4)]


def live_turns(number: int = 1, bias: str = "0") -> Statement:
    """State that of the four quarter turns of the second unit one, or so many in a row, are live."""
    points = [f"[p1, p2, {bias}, {turn}, {bias}]" for turn in TURNS]
    goals = []
    for first in range(4):
        seen = {(first + j) % 4 for j in range(number)}
        goals.append([r for j, point in enumerate(points) for r in (live if j in seen else dead)(point)])
    return ForAll("p1 p2 q1 q2", [f"{z} != 0" for z in SIDES], goals, landscapes(relu2="relu2"), splits=SIDES)


def theorem() -> Statement:
    """Return the statement."""
    return live_turns()


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "half of them": live_turns(2),
        "none": live_turns(0),
        "with a bias too": live_turns(bias="1/2"),
    }
