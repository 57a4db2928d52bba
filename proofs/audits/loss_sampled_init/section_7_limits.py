"""The claims of section 7: limits of the method."""

from stability import Claim, number_of_sets
from stability.audit.hypothesis_tests import higher
from stability.audit.vocabulary import Study, theorem_statement

from .experiments import (
    CONTROL,
    FILTERED,
    FILTERED_ADAM,
    LONG_SGD,
    LOWEST,
    PLAIN,
    PLAIN_ADAM,
    SGD,
    SGD_LOWEST,
    THREE,
    THREE_LOWEST,
)
from .judgements import better_than_sgd, far_starts_fail, gains
from .vocabulary import ABOVE, LINEAR, TRAP

LIMITS = [
    Claim(
        "better-with-adam",
        "7.1, 9.2",
        "The method does better with Adam than with SGD (read: with the filter or without it, for two units or two "
        "layers, Adam succeeds more often).",
        measure=Study(
            [CONTROL, SGD, LOWEST, SGD_LOWEST, PLAIN_ADAM, PLAIN, FILTERED_ADAM, FILTERED],
            lambda *ms: better_than_sgd(*(m.whole for m in ms)),
        ),
        because="Nowhere; without the filter it is SGD that succeeds more often.",
        weight="central",
    ),
    Claim(
        "moderate-difficulty",
        "7.1",
        "Sampling starts works best for problems with 50 to 80% success before (read: the gain in points by the "
        "strictest filter is largest there, of two units, three units and two layers).",
        measure=Study([CONTROL, LOWEST, THREE, THREE_LOWEST, PLAIN, FILTERED], gains),
        because="Two units, below that range, gain most; three units lie within it.",
    ),
    Claim(
        "distance-is-the-challenge",
        "7.1, 8.1, 9.3",
        "The failures that sampling mends come from being far (read: among live starts, those of loss above 1 fail "
        "more often than one in a hundred, under SGD with steps of 1/10 and 1/2).",
        measure=Study([SGD, LONG_SGD], far_starts_fail),
        because="They come from dead points.",
        weight="central",
    ),
    Claim(
        "some-minima-hold-sgd",
        "7.2",
        "In the two-layer network there are local minima that SGD cannot leave.",
        statement=lambda: number_of_sets(LINEAR, [TRAP, ("autograd_rests", "=", True)], "=", 15),
        because="On 15 of 16 sets of local minima that are no solutions the gradient that torch computes, of the loss over all four points as in "
        "this training, is 0 everywhere, so that no method that follows it can leave.",
    ),
    Claim(
        "optimiser-is-at-fault",
        "7.2",
        "SGD is a poor choice for two layers: with Adam (step 1/100, the same epochs) more runs succeed.",
        measure=Study([PLAIN_ADAM, PLAIN], lambda a, s: higher(a.whole, s.whole, "Adam, SGD")),
        because="Rather fewer do.",
    ),
    Claim(
        "other-approaches",
        "7.2",
        "Some problems need different approaches because of their architecture.",
        opinion="No problem and no approach is named.",
    ),
    Claim(
        "overhead-at-scale",
        "7.3",
        "The cost of sampling may matter at scale.",
        opinion="A 'may'; at this size see sampling-costs-nothing.",
    ),
    Claim(
        "enough-samples",
        "7.3, 9.2",
        "Thresholds need enough samples: 100 to 1000 to know the distribution.",
        opinion="No accuracy is asked for. The best of n draws is passed by the share 1/(n + 1) in the mean, anything "
        "from 0 to several times that at a time.",
    ),
    Claim(
        "thresholds-by-problem",
        "7.3",
        "Different tasks need different thresholds. Read: what excludes all traps of relu2, a loss below 1/4, no "
        "two-layer start with zero biases has.",
        statement=lambda: theorem_statement(ABOVE),
        because="There no threshold excludes the plateaus, which lie at 1/4 and below; with other biases 1/8 does, see "
        "low-loss-excludes-plateaus.",
    ),
]
