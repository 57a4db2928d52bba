"""Two mirrored ReLU units have no torque all the way to an exact fit: they only need to grow.

Setting  Two ReLU units on XOR with w = (r, -r), w' = -w and zero biases, 0 < r < 1/2, sum of squared errors.
Idea     Each unit sees one class-1 point; along its own normal the loss is (2r - 1)^2, across it nothing changes.
Scope    The torque ratio is 0 at every such point, at a gradient by w of length 2 sqrt 2 (1 - 2r); the loss falls to 0.
"""

from stability.audit.landscape_statements import landscapes, number_fact
from stability.logic.statements import AllOf, ForAll, Statement

P, RELU2 = "[r, -r, 0, -r, r, 0]", landscapes(relu2="relu2")
ACROSS = ["[r, r, 0, 0, 0, 0]", "[0, 0, 0, -r, -r, 0]"]
ALONG = ["[r, -r, 0, 0, 0, 0]", "[0, 0, 0, -r, r, 0]"]


def on_the_way(*relations: str) -> ForAll:
    """State what holds at every point of the way."""
    return ForAll("r", ["0 < r < 1/2"], list(relations), RELU2)


def theorem() -> Statement:
    """Return the statement."""
    still = [f"relu2.d1({P}, {d}) == 0" for d in ACROSS]
    falling = [f"relu2.d1({P}, {d}) == 4*r*(2*r - 1)" for d in ALONG]
    return AllOf(
        [
            on_the_way(*still, *falling, f"relu2.loss({P}) == 2*(2*r - 1)**2"),
            number_fact("relu2.loss([1/2, -1/2, 0, -1/2, 1/2, 0]) == 0", relu2="relu2"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "no torque, no progress": on_the_way(*(f"relu2.d1({P}, {d}) == 0" for d in ALONG)),
        "some torque is left": on_the_way(f"relu2.d1({P}, {ACROSS[0]}) < 0"),
    }
