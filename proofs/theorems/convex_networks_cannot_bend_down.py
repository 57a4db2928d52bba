"""No number of units tried fits a hill: the best of one, two and three units is the constant 1/3.

Setting  Points -1, 0, 1 with labels 0, 1, 0 (docs/data/hill.csv), sum of squared errors.
Idea     A sum of units is convex in x, so the middle output is at most the mean of the outer two. The best fit under
         that bound is affine, and the best affine function is the constant 1/3, with loss 2/3.
Scope    Networks whose units all count positively, as everywhere here. Widths 1 to 3; the reason holds for any width.
         More units only add flat dimensions, and for the ReLU a dead plateau of loss 1.
"""

from pathlib import Path

from stability.audit.landscape_statements import on
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, every_set, number_of_sets
from stability.logic.statements import Statement

DATA = str(Path(__file__).parents[2] / "docs" / "data" / "hill.csv")
RELUS, ABSOLUTES = ([on(f"{unit}{k}", DATA) for k in (1, 2, 3)] for unit in ("relu", "abs"))
BEST, TRAP, SADDLE = (("kind", "=", kind) for kind in ("global minimum", "local minimum", "saddle"))


def theorem() -> Statement:
    """Return the statement."""
    every = (*RELUS, *ABSOLUTES)
    best = [every_set(land, [BEST], [("loss", "=", "2/3")]) for land in every]
    right = [every_set(land, [], [("right", "=", 2)]) for land in every]
    total = [number_of_sets(land, [], "=", 3) for land in (*RELUS, ABSOLUTES[0])]
    dead = [
        number_of_sets(land, [TRAP, ("loss", "=", 1), ("dimension", "=", land.parameters)], "=", 1) for land in RELUS
    ]
    untrapped = [every_set(land, [MINIMA], [BEST]) for land in ABSOLUTES]
    saddles = [number_of_sets(land, [SADDLE, ("loss", "=", 1)], "=", 1) for land in every]
    return AllAboutSets([*best, *right, *total, *dead, *untrapped, *saddles])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "three units fit": number_of_sets(RELUS[2], [("loss", "=", 0)], ">", 0),
        "more units do better": every_set(RELUS[2], [BEST], [("loss", "<", "2/3")]),
        "ReLUs have no trap": every_set(RELUS[1], [MINIMA], [BEST]),
        "the peak is found": number_of_sets(ABSOLUTES[2], [("right", "=", 3)], ">", 0),
    }
