"""One wrong copy of an XOR corner costs 1/2 at least; two ReLUs pay just that, absolute values pay 4/7.

Setting  XOR with (1, -1) a second time, labelled 0 (docs/data/conflict.csv); sum of squared errors, five examples.
Idea     Two labels 0 and 1 at one point act as a doubled example with label 1/2, plus the constant 1/2. With a ReLU for
         each class-1 corner only that corner moves; the fold of |.| serves both corners, so the whole sheet tilts.
Scope    All of parameter space. A second absolute unit buys nothing; the levels of relu2 show which corner is lost.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "conflict.csv")
LEVELS = {
    "abs1": ["4/7", "8/7"],
    "abs2": ["4/7", "8/7"],
    "relu1": [1, "8/7", "3/2", 2],
    "relu2": ["1/2", 1, "8/7", "3/2", 2],
}
"""The losses of minima; 8/7 is the best affine fit, 1 and 3/2 keep the clean and the disputed corner, 2 is dead."""


def levels(model: str, values: list[int | str]) -> Statement:
    """State that the minima have these losses, each of them, and no others."""
    land = on(model, DATA)
    each = [number_of_sets(land, [MINIMA, ("loss", "=", value)], ">", 0) for value in values]
    return AllAboutSets([*each, every_set(land, [MINIMA], [("loss", "in", values)])])


def theorem() -> Statement:
    """Return the statement."""
    right = [every_set(on(model, DATA), [("kind", "=", "global minimum")], [("right", "=", 4)]) for model in LEVELS]
    return AllAboutSets([*(levels(*each) for each in LEVELS.items()), *right])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "nobody reaches 1/2": every_set(on("relu2", DATA), [MINIMA], [("loss", ">", "1/2")]),
        "abs2 reaches 1/2": levels("abs2", ["1/2", "8/7"]),
        "the wrong label can be learnt": number_of_sets(on("relu2", DATA), [("right", "=", 5)], ">", 0),
        "the traps of clean XOR": levels("relu2", ["1/2", 1, 2]),
    }
