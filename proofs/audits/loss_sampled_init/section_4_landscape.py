"""The claims of section 4, and what others rest on it, that the complete list of stationary sets of two layers decides."""

from stability import AllOf, Claim, ForAll, Not, Repair, every_set, number_of_sets
from stability.audit.vocabulary import MINIMA, AllAboutSets, number_fact

from .vocabulary import AN_EIGHTH, BEST, EVEN, LINEAR, SOLVES, TRAP, entries

LEVELS = ["1/8", "1/6", "1/4"]

PUBLISHED = ("loss", "<", "326/1000")
"""Being below the published filter."""

SHARED = [["1", "1/2", "0", "1/2"], ["1", "1/2", "1/2", "0"], ["1/2", "1", "0", "1/2"], ["1/2", "1", "1/2", "0"]]
"""What the output for class 1 is on the plateau of 1/8: 1/2 at a point of each class, right at the others."""


def traps(*numbers: int) -> AllAboutSets:
    """State how many sets of local minima that are no solutions there are at each level, and that there are no others."""
    counts = [
        number_of_sets(LINEAR, [TRAP, ("loss", "=", level)], "=", n) for level, n in zip(LEVELS, numbers, strict=True)
    ]
    return AllAboutSets([*counts, number_of_sets(LINEAR, [TRAP], "=", sum(numbers))])


def missed_by_three() -> AllOf:
    """State what two points of different classes cost that get the output biases k and m alone, and that three units can leave it at that."""
    units = ("[1, -1, -1]", "[1, 1, -1]", "[0, 0, -1]")
    both = [" - ".join(f"relu1.out({unit}, {i})/2" for unit in units[:2]) for i in range(4)]
    unseen = [f"relu1.pre({unit}, 0, {i}) < 0" for unit in units for i in (1, 3)]
    loss = entries([(f"1/2 - ({out})", f"1/2 + {out}") for out in both])
    cost = "k**2 + (m - 1)**2 + (k - 1)**2 + m**2"
    return AllOf(
        [ForAll("k m", [], [f"({cost})/8 >= 1/8"], samples=0), number_fact(*unseen, f"{loss} == 1/8", relu1="relu1")]
    )


LANDSCAPE = [
    Claim(
        "one-plateau",
        "4.3, A.2",
        "A network that is stuck has the loss 0.125 (read: every local minimum that is no solution has it).",
        statement=lambda: every_set(LINEAR, [TRAP], [AN_EIGHTH]),
        because="Three points may be unseen, or all, instead of one of each class.",
        repair=Repair(
            "Of 16 sets of such minima (connected, units counted in both orders) 8 have the loss 1/8, 4 have 1/6 and 4 have 1/4. No "
            "stationary point, kinks included, has any other loss, but for the solutions.",
            lambda: AllAboutSets([traps(8, 4, 4), every_set(LINEAR, [], [("loss", "in", ["0", *LEVELS])])]),
        ),
        weight="central",
    ),
    Claim(
        "plateau-outputs-halves",
        "4.3, A.2",
        "The networks on that plateau output (1/2, 1/2) everywhere (read: at every stationary point of loss 1/8).",
        statement=lambda: every_set(LINEAR, [AN_EIGHTH], [EVEN]),
        because="Outputs (1/2, 1/2) everywhere cost 1/4.",
        repair=Repair(
            "They do so at one point of each class and fit the other two: at six of its 24 sets for each choice of the two. Three of four "
            "points are right, the one of class 0 by a tie, which goes to the first output. Outputs (1/2, 1/2) everywhere have loss 1/4.",
            lambda: AllAboutSets(
                [
                    number_of_sets(LINEAR, [AN_EIGHTH], "=", 24),
                    *(number_of_sets(LINEAR, [AN_EIGHTH, ("outputs", "=", each)], "=", 6) for each in SHARED),
                    every_set(LINEAR, [AN_EIGHTH], [("right", "=", 3), ("correct of class 0", "=", 2)]),
                    every_set(LINEAR, [EVEN], [("loss", "=", "1/4")]),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "architecture-is-difficult",
        "4.3, 7.2",
        "SGD, two layers and squared errors make a difficult landscape; its difficulties are compound: there is more than one kind of "
        "plateau.",
        statement=lambda: AllAboutSets([traps(8, 4, 4), number_of_sets(LINEAR, [BEST], "=", 12)]),
        because="There are 16 sets of traps at three levels, and 12 sets of solutions. The landscape is that of the layers and the errors; SGD "
        "has no part in it.",
    ),
    Claim(
        "wider-layer-has-no-plateaus",
        "4.3, 7.2",
        "The architecture limits, and a wider hidden layer has no such plateau (read: with three hidden units no local minimum has "
        "the loss 1/8).",
        statement=lambda: Not(missed_by_three()),
        because="Three units can miss a point of each class as two can.",
        repair=Repair(
            "Points that no hidden unit sees get the output biases alone, whatever the width; x2 and x4 then cost 1/8 at least, and with three "
            "units, too, some networks that miss both strictly have just that loss. By the theorem loss_levels_of_two_layers the traps of three units "
            "have the losses 1/8, 1/6 and 1/4 as those of two.",
            missed_by_three,
        ),
        weight="ours",
    ),
    Claim(
        "two-layer-filter-excludes-traps",
        "4.2, 5.1, 9.1",
        "The filter < 0.326 excludes what two-layer runs get stuck at, as < 0.072 does for two units (read: every local minimum with such a loss "
        "is a solution).",
        statement=lambda: every_set(LINEAR, [MINIMA, PUBLISHED], [SOLVES]),
        because="Every trap there is has a loss below 0.326.",
        repair=Repair(
            "1/8 is the highest threshold that does: below it every local minimum is a solution, and at 1/8 there are traps. All 16 sets of traps "
            "lie below 0.326.",
            lambda: AllAboutSets(
                [
                    every_set(LINEAR, [MINIMA, ("loss", "<", "1/8")], [SOLVES]),
                    number_of_sets(LINEAR, [TRAP, AN_EIGHTH], ">=", 1),
                    every_set(LINEAR, [TRAP], [PUBLISHED]),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "low-loss-excludes-plateaus",
        "5.1, 7.3",
        "A low loss excludes all traps of two layers, too: from below 1/8 descent can come to rest at solutions only (read: every stationary "
        "point of a loss below 1/8, kinks included, has loss 0; below 1/6 it has 0 or 1/8, below 1/4 one of 0, 1/8 and 1/6).",
        statement=lambda: AllAboutSets(
            [
                every_set(LINEAR, [("loss", "<", level)], [("loss", "in", ["0", *LEVELS[:k]])])
                for k, level in enumerate(LEVELS)
            ]
        ),
        because="Gradient flow never raises the loss. So a limit of it that is stationary lies no higher than its start, and below 1/8 it is a "
        "solution; so it is with gradient descent, if none of its steps raises the loss. That there is a limit is not proved. Zero biases never "
        "start below 1/4, see thresholds-by-problem.",
        weight="ours",
    ),
    Claim(
        "two-layers-are-simple",
        "8.1",
        "The landscape is simple, without many local minima (read: the two-layer network has none but its solutions).",
        statement=lambda: number_of_sets(LINEAR, [TRAP], "=", 0),
        because="The traditional view is right here, too.",
        repair=Repair(
            "16 of its 28 sets of minima are traps.",
            lambda: AllAboutSets([number_of_sets(LINEAR, [TRAP], "=", 16), number_of_sets(LINEAR, [MINIMA], "=", 28)]),
        ),
    ),
]
