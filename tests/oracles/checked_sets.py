"""Records of every kind about all stationary sets, built by the finders, on which the checkers are attacked."""

from functools import cache

from stability import landscape
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.logic.records import prove
from stability.model.datasets import Dataset

LINE = Dataset("line", [[0], [1], [2], [1]], [0, 1, 0, 0])
"""Three collinear points, one of them twice with conflicting labels: kinks that depend on each other."""
RELU1, ABS1 = landscape("relu1", "xor"), landscape("abs1", LINE)
RELU2 = landscape("relu2", Dataset("pair", [[1, 0], [0, 1], ["1/2", "1/2"]], [0, 0, 1]), "mean")


def statements():
    return {
        "relu1": complete_list(RELU1.atlas()),
        "abs1 on a line": complete_list(ABS1.atlas()),
        "every": every_set(RELU2, [("kind", "=", "saddle")], [("smooth_faces", "=", 0)]),
        "every not": every_set(RELU1, [MINIMA], [("loss", "<", 2)]),
        "vacuous": every_set(RELU1, [("loss", "<", 1)], [("kind", "=", "saddle")]),
        "number": number_of_sets(RELU1, [MINIMA], "=", 4),
        "number not": number_of_sets(RELU2, [("kind", "=", "global minimum")], ">", 1),
        "at": set_at(RELU1, [[0, 0, "1/2"]], [("kind", "=", "global minimum"), ("strict", "=", True)]),
        "at not": set_at(RELU1, [[1, 1, 1]], []),
        "all": AllAboutSets([number_of_sets(ABS1, [], ">", 0), set_at(RELU1, [[0, 0, -1]], [("loss", "=", 2)])]),
    }


@cache
def records():
    return {name: prove(statement).record for name, statement in statements().items()}
