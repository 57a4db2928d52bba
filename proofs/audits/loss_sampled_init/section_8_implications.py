"""The claims of section 8: what the results imply."""

from stability import AllOf, Claim, ForAll, Not, Repair, every_set, number_of_sets
from stability.audit.hypothesis_tests import higher
from stability.audit.vocabulary import AllAboutSets, Study, local_minimum_at, number_fact

from .experiments import CONTROL, SGD_LOWEST
from .vocabulary import BEST, DEAD_X1, ONE, RELU2, SYMMETRIC, TRAP, TWO, flat

FAR = "[a, -a, 0, -k, k, 0]"
"""Starts with zero biases on a line through the solution, as far from it as one likes."""

MOVED = [
    f"{old} - 1/6*({side}*(2*{name} - 1))"
    for name, olds, sides in (("a", ("a", "-a", "0"), (2, -2, 2)), ("k", ("-k", "k", "0"), (-2, 2, 2)))
    for old, side in zip(olds, sides, strict=True)
]
"""Where a step of 1/6 leads from there."""


def step_solves_far() -> ForAll:
    """State that from FAR, for all a, k >= 1/2, one step of 1/6 reaches a solution."""
    axes = [f"[{', '.join(str(int(i == j)) for j in range(6))}]" for i in range(6)]
    steps = [
        f"{new} == {old} - 1/6*relu2.autograd({FAR}, {axis})"
        for new, old, axis in zip(MOVED, FAR[1:-1].split(", "), axes, strict=True)
    ]
    return ForAll("a k", ["a >= 1/2", "k >= 1/2"], [*steps, f"relu2.loss([{', '.join(MOVED)}]) == 0"], TWO)


def far_from_solutions() -> AllOf:
    """State how far FAR is from every solution, squared; of any solution the first unit gives 1 at x1, or at x2."""
    away = "(u - a)**2 + (v + a)**2 + b**2"
    parts = []
    for i, moves in ((0, ("(u - a)", "-(v + a)", "b")), (1, ("-(u - a)", "(v + a)", "b"))):
        squares = [f"{x} - {y}" for x, y in zip(moves, (*moves[1:], moves[0]), strict=True)]
        given = ["a >= 1/2", f"relu1.pre([u, v, b], 0, {i}) == 1"]
        known = (
            {"a": "1/2", "u": "1/2", "v": "-1/2", "b": 0} if i == 0 else {"a": "1/2", "u": "-1/2", "v": "1/2", "b": 0}
        )
        parts.append(ForAll("a u v b", given, [f"{away} >= (2*a - 1)**2/3"], ONE, [known], squares=squares, samples=0))
    return AllOf(parts)


def trap_near_a_solution() -> AllOf:
    """State that DEAD_X1 is a trap, and how near to a solution it is."""
    apart = " + ".join(
        f"({x} - ({y}))**2" for x, y in zip(*(flat(p)[1:-1].split(", ") for p in (DEAD_X1, SYMMETRIC)), strict=True)
    )
    return AllOf(
        [
            local_minimum_at(RELU2, DEAD_X1),
            number_fact(f"relu2.loss({flat(DEAD_X1)}) == 1", f"{apart} <= 5/4", relu2=RELU2),
        ]
    )


IMPLICATIONS = [
    Claim(
        "simple-landscape",
        "8.1",
        "The landscape is simple, without many local minima (read: relu2 on XOR has no local minimum but its "
        "solutions).",
        statement=lambda: number_of_sets(RELU2, [TRAP], "=", 0),
        because="The traditional view is right here.",
        repair=Repair(
            "Six of eight sets of minima are traps, of mean loss 1/4 and 1/2, one of them of full dimension.",
            lambda: AllAboutSets(
                [
                    number_of_sets(RELU2, [TRAP], "=", 6),
                    number_of_sets(RELU2, [BEST], "=", 2),
                    every_set(RELU2, [TRAP], [("loss", "in", [1, 2])]),
                    number_of_sets(RELU2, [TRAP, ("dimension", "=", 6)], "=", 1),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "hard-means-far",
        "8.1, 9.3",
        "The distance of the start determines the difficulty (read: descent reaches a solution from every start "
        "that is nearer to one than some start from which it does).",
        statement=lambda: Not(AllOf([step_solves_far(), far_from_solutions(), trap_near_a_solution()])),
        because="A trap lies within sqrt(5/4) of a solution, and descent reaches solutions from as far as one likes.",
        repair=Repair(
            "From w = a(1, -1) and k(-1, 1) with zero biases one step of 1/6 (2/3 for the mean) reaches a "
            "solution, for all a, k >= 1/2, though all are at (2a - 1) / sqrt 3 or more; from a trap within "
            "sqrt(5/4) of one nothing does.",
            lambda: AllOf([step_solves_far(), far_from_solutions(), trap_near_a_solution()]),
        ),
        weight="central",
    ),
    Claim(
        "hard-may-be-far",
        "8.1, 9.3",
        "Many networks that are hard to train may simply be far from a solution.",
        opinion="A 'may' about networks that are not named; for these two see hard-means-far and "
        "distance-is-the-challenge.",
        uses=["hard-means-far"],
    ),
    Claim(
        "start-beats-optimiser",
        "8.1",
        "A better start is worth more than a more complex optimiser: plain SGD with the filter < 0.072 succeeds "
        "more often than Adam without.",
        measure=Study(
            [SGD_LOWEST, CONTROL], lambda a, b: higher(a.whole, b.whole, "SGD with the filter, Adam without")
        ),
        weight="central",
    ),
    Claim(
        "fundamental-principle",
        "8.2",
        "The linear relation suggests a fundamental principle of optimisation.",
        opinion="A suggestion; the relation itself does not hold, see time-is-linear-in-distance.",
        uses=["time-is-linear-in-distance"],
    ),
    Claim(
        "future-directions",
        "8.3",
        "Scaling, architecture, proofs and hybrids are worth studying.",
        opinion="Questions. One is answered here: for relu2 the improvement is proved, see low-loss-always-succeeds.",
    ),
]
