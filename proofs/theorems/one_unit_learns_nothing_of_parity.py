"""On the parity of three bits no single unit beats the constant 1/2; those that get more right have a larger loss.

Setting  The eight corners of the cube, label 1 where the product of the coordinates is -1; abs1 and relu1, sum.
Idea     The labels are orthogonal to every affine function. A unit that stays on everywhere is affine, so its best is
         the constant with loss 8/4 = 2; a fold helps at some corners what it harms at others.
Scope    All of parameter space. abs1 has no trap, yet sixteen equally good and equally useless minima; relu1 has eleven
         traps: one per class-1 corner (loss 3), one per side of the cube (loss 3), and the dead one (loss 4).
"""

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets, set_at
from stability.logic.statements import Statement

ABS1, RELU1 = on("abs1", "parity:3"), on("relu1", "parity:3")
TRAP, BEST = ("kind", "=", "local minimum"), ("kind", "=", "global minimum")


def theorem() -> Statement:
    """Return the statement."""
    absolute = [
        number_of_sets(ABS1, [BEST], "=", 16),
        every_set(ABS1, [MINIMA], [BEST, ("loss", "=", 2), ("right", "<=", 4), ("strict", "=", True)]),
        set_at(ABS1, [[0, 0, 0, "1/2"]], [BEST]),
    ]
    relu = [
        number_of_sets(RELU1, [BEST], "=", 1),
        set_at(RELU1, [[0, 0, 0, "1/2"]], [BEST, ("loss", "=", 2), ("right", "=", 4)]),
        number_of_sets(RELU1, [TRAP, ("loss", "=", 3), ("dimension", "=", 3), ("right", "=", 5)], "=", 4),
        number_of_sets(RELU1, [TRAP, ("loss", "=", 3), ("dimension", "=", 1), ("right", "=", 4)], "=", 6),
        number_of_sets(RELU1, [TRAP, ("loss", "=", 4), ("dimension", "=", 4), ("right", "=", 4)], "=", 1),
        number_of_sets(RELU1, [TRAP], "=", 11),
        every_set(RELU1, [("right", ">", 4)], [("right", "=", 5), ("loss", ">=", 3)]),
    ]
    return AllAboutSets([*absolute, *relu])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "a fold beats the constant": every_set(ABS1, [BEST], [("loss", "<", 2)]),
        "two minima, as a sign": number_of_sets(ABS1, [MINIMA], "=", 2),
        "the best is the most accurate": every_set(RELU1, [("right", ">", 4)], [("loss", "<=", 2)]),
        "relu1 has no trap": number_of_sets(RELU1, [TRAP], "=", 0),
    }
