"""On XOR a local minimum that is not global is the constant 1/2, misses one class-1 point, or has all units dead.

Setting  abs1, relu1, abs2, relu2 on the corners (+-1, +-1), sum of squared errors. Outputs above 1/2 count as class 1;
         an output of exactly 1/2 counts as class 0, so the constant 1/2 has two of four right.
Idea     Moving a bias turns all points on a kink on or off at once, so torch's slope at a kink mixes two neighbouring
         cells: where its gradient is 0 the point is stationary and in the list. Then count the outputs.
Scope    Where a method can stop, not how often. Stops without being minima: abs1 at 0, dead ReLUs on their edge.
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

MODELS = ["abs1", "relu1", "abs2", "relu2"]
TRAP, STOPS = ("kind", "=", "local minimum"), ("autograd_faces", ">", 0)
FAILURES = {"abs1": [(1, 2)], "relu1": [(2, 2)], "abs2": [(1, 2)], "relu2": [(1, 2), (1, 3), (2, 2)]}


def failures(model: str, kinds: list[tuple[int, int]]) -> Statement:
    """State with which loss and how many right answers the minima that are not global come, and no others."""
    numbers = [[("loss", "=", loss), ("right", "=", right)] for loss, right in kinds]
    each = [number_of_sets(on(model), [TRAP, *conditions], ">", 0) for conditions in numbers]
    losses, rights = (list(dict.fromkeys(values)) for values in zip(*kinds, strict=True))
    others = [("loss", "in", losses), ("right", "in", rights)]
    return AllAboutSets([*each, every_set(on(model), [TRAP], others)])


def stops(model: str, losses: list[int]) -> Statement:
    """State at which losses torch's gradient can be 0, always with two or more right, and with four only at loss 0."""
    within = every_set(on(model), [STOPS], [("loss", "in", losses), ("right", ">=", 2)])
    return AllAboutSets([within, every_set(on(model), [STOPS, ("loss", ">", 0)], [("right", "<", 4)])])


def theorem() -> Statement:
    """Return the statement."""
    alive = [every_set(on(model), [MINIMA], [("loss", "<=", 1)]) for model in ("abs1", "abs2")]
    dead = [
        every_set(on(m), [TRAP, ("loss", "=", 2)], [("dimension", "=", d)]) for m, d in (("relu1", 3), ("relu2", 6))
    ]
    stopped = [stops(m, [1, 2] if m == "relu1" else [0, 1, 2]) for m in MODELS]
    return AllAboutSets([*(failures(m, FAILURES[m]) for m in MODELS), *alive, *dead, *stopped])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "abs2 never fails": every_set(on("abs2"), [MINIMA], [("kind", "=", "global minimum")]),
        "relu2 fails only when dead": failures("relu2", [(2, 2)]),
        "the best relu1 gets three right": every_set(
            on("relu1"), [("kind", "=", "global minimum")], [("right", "=", 3)]
        ),
        "loss 1 means a coin toss": every_set(on("relu2"), [TRAP, ("loss", "=", 1)], [("right", "=", 2)]),
        "descent stops only in minima": every_set(on("abs1"), [STOPS], [MINIMA]),
    }
