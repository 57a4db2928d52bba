"""Records of every kind about trajectories, built by the finders, on which the checkers are attacked."""

from functools import cache

from stability import landscape
from stability.dynamics.flow.statements import AllAboutFlows, certify, flow_ends
from stability.logic.records import prove
from stability.logic.statements import Not
from stability.model.datasets import Dataset

SKEW = Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1], [0, 1]], [1, 0, "1/2", -1, 0])
FREES = Dataset("frees", [[-2, 2], [3, 0], [2, 3], [-2, 0]], ["5/2", 2, "-1/2", 3])
TWICE = Dataset("twice", [[0], [1], [0], [2]], [1, 0, 1, 1])
RELU2 = landscape("relu2", "xor")
SLIDES = [[1, "1/2", "1/10"], ["-1/2", "1/3", "1/4"]]
STARTS = {
    "at once": (landscape("abs1", "xor"), [[1, "1/2", "1/10"]]),
    "slides": (RELU2, SLIDES),
    "crosses": (landscape("relu1", SKEW, "mean"), [["1/2", "1/3", "1/7"]]),
    "leaky": (landscape("leaky1/10:1", SKEW), [["-1/2", "2/3", "1/7"]]),
    "frees": (landscape("leaky1/2:1", FREES), [["-7/3", "4/3", "5/3"]]),
    "together": (landscape("relu1", "xor"), [[1, -1, "1/3"]]),
    "from a kink": (landscape("relu1", "xor"), [[1, 1, 2]]),
    "no bias": (RELU2, [["1/2", "1/3", 0], ["-2/3", "1/5", 0]]),
    "twice": (landscape("abs1", TWICE), [["-1/2", "2/3"]]),
}
"""Two kinks at once, a crossing that ends the sliding along another kink, a start on two kinks, an end that is reached
in the limit, data points that coincide."""


@cache
def records():
    found = {name: certify(*each).record for name, each in STARTS.items()}
    worse = flow_ends(RELU2, SLIDES, [("loss", ">", "1/2")])
    here = flow_ends(
        RELU2, SLIDES, [("loss", "<=", 0), ("within", "1/10", [["7/10", "-1/2", "-1/5"], ["-1/2", "1/2", 0]])]
    )
    found["refuted"] = prove(worse).record
    found["all"] = prove(AllAboutFlows([Not(worse), here])).record
    assert all(record is not None for record in found.values()), found
    return found
