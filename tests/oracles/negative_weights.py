"""Trajectories of units whose output weights are negative, or of both signs, at kinks, for both checkers.

What the output of a unit is multiplied by turns which side of a kink is left, and where the loss is convex.
"""

from fractions import Fraction as Q
from functools import cache

from forged_records import record_of
from hand_made import LEAKY, data_of

from stability import landscape
from stability.dynamics.flow.statements import certify
from stability.model.datasets import Dataset

LINE, PLANE, SQUARE = [[0], [1]], [[0, 0], [1, 0], [0, 1]], [[0, 0], [0, 1], [1, 0], [1, 1]]
ONCE = Dataset("once", [[0]], [2])


def on(points, *labels, factor=1):
    return Dataset("drawn", points, [Q(factor) * Q(y) for y in labels])


CONVEX, CONCAVE = ("-2", "-1", "12.8"), ("-2", "1", "11.3")
"""Labels on the plane where a unit of weight 1 leaves the kink at (0, 0) when it crosses that at (1, 0)."""

STARTS = {
    "left upward": (landscape("leaky1/2[-2]", on(LINE, 1, -4)), [[1, 0]]),
    "held": (landscape("leaky1/2[-2]", on(LINE, 3, -4)), [[1, 0]]),
    "left downward": (landscape("leaky1/2[-2]", on(LINE, 5, -4)), [[1, 0]]),
    "slid along to the end": (landscape("abs[-2]", on(LINE, 1, -4)), [[1, 0]]),
    "left beside another unit": (landscape("relu[-2,1]+c", on(LINE, "1/2", -3)), [[1, 0], [1, "1/2"], [1]]),
    "set free where convex": (landscape("leaky1/2[-2]", on(PLANE, *CONVEX, factor=-2)), [["0.01", 10, 0]]),
    "set free where concave": (landscape("leaky1/2[-2]", on(PLANE, *CONCAVE, factor=-2)), [["-0.01", 10, 0]]),
    "crossed at once": (landscape("leaky1/2[-2,-1/2]", ONCE), [[0, 2], [0, "1/2"]]),
    "crossed at once from two sides": (landscape("leaky1/2[-2,1/2]", ONCE), [[0, 2], [0, "-1/4"]]),
    "held at once": (landscape("abs[-2,-1/2]", ONCE), [[0, 2], [0, "1/2"]]),
    "two of one unit at once": (landscape("relu[-2]", on(SQUARE, 0, 1, 1, 0, factor=-2)), [[1, -1, "1/3"]]),
}


@cache
def records():
    """Return the record about each trajectory."""
    found = {name: certify(*start) for name, start in STARTS.items()}
    assert all(each.record for each in found.values()), {name: each.reason for name, each in found.items()}
    return {name: each.record for name, each in found.items()}


def begun(labels, weights, start, signs, path, points=LINE):
    """Return a record that gives no end: a checker that follows its path rejects its target."""
    texts = [" ".join(map(str, point)) for point in points]
    data = data_of(texts, [str(Q(y)) for y in labels], LEAKY, len(weights), output_weights=weights)
    size = len(weights) * (len(points[0]) + 1)
    proof = {"bits": 96, "signs": signs, "path": path, "target": ["0"] * size, "shift": ["0"] * size, "chains": []}
    return record_of("stability-flow/1", {"L": data}, {"flow on": "L", "from": start, "has": []}, "proved", proof)


def left(label, signs, path=()):
    """Return the beginning of a unit at the kink of one point whose output is -2, at another, of label -4.

    With the slope t at the kink its height changes at a rate of 4 (2 - t label), t being 1/2 or 1.
    """
    return begun([label, -4], ["-2"], [["1", "0"]], [signs], list(path))


def in_step(labels, weights, side):
    """Return the beginning of two units, one four times the other, set free from one kink by crossing another.

    Output weights are in the same proportion: both move as one unit whose output is some multiple of the second's.
    """
    first, second = map(Q, weights)
    together = 4 * first + second
    fast, slow = [f"{side}0.04", "40", "0"], [f"{side}0.01", "10", "0"]
    moves = [[j, i, s] for j in (0, 1) for i, s in ((0, 1), (1, -1 if side == "" else 1))]
    early = Q("0.004" if side == "" else "0.0095") / abs(second * together)
    path = [str(early), [str(Q("0.002") / abs(second * together)), moves]]
    scaled = [together * Q(y) for y in labels]
    return begun(scaled, weights, [fast, slow], ["0++" if side == "" else "0-+"] * 2, path, PLANE)


def on_a_ray():
    """Return the beginning of a unit without biases on the one hyperplane of the kinks of two proportional points."""
    data = data_of(["1 0", "2 0", "0 1"], ["-1", "-1", "2"], hidden_biases=False)
    proof = {"bits": 96, "signs": ["00+"], "path": [], "target": ["0", "2"], "shift": ["0", "0"], "chains": []}
    statement = {"flow on": "L", "from": [["0", "1"]], "has": []}
    return record_of("stability-flow/1", {"L": data}, statement, "proved", proof)


FOLLOWED, NOT_LEFT = "a target that does not rest", "a start on a kink that need not be left to that side"
BEGINNINGS = {
    "up": (left(1, "++"), FOLLOWED),
    "up, not down": (left(1, "-+"), NOT_LEFT),
    "up, and not held": (left(1, "0+", ["0.001"]), "unit 1 may leave a kink"),
    "held, not up": (left(3, "++"), NOT_LEFT),
    "held, not down": (left(3, "-+"), NOT_LEFT),
    "just held": (left(2, "++"), NOT_LEFT),
    "down": (left(5, "-+"), FOLLOWED),
    "down, not up": (left(5, "++"), NOT_LEFT),
    "down, and not held": (left(5, "0+", ["0.001"]), "unit 1 may leave a kink"),
    "on proportional points": (on_a_ray(), "kinks that depend on each other cannot be held"),
    **{
        f"{name}, weights {first} and {second}": (in_step(labels, [first, second], side), words)
        for name, labels, side, words in (
            ("convex", CONVEX, "", FOLLOWED),
            ("concave", CONCAVE, "-", "several things at once"),
        )
        for first, second in (("-2", "-1/2"), ("2", "1/2"))
    },
}
"""Beginnings of trajectories, and in what words a checker rejects them."""
