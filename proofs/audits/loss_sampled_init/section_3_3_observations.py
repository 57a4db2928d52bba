"""The claims of section 3.3: five observations on the results."""

import numpy as np

from stability import AllOf, Claim
from stability.audit.hypothesis_tests import all_of, higher, with_interval
from stability.audit.vocabulary import Measurement, Prediction, Study, number_fact, theorem_statement

from .experiments import ANTI, CONTROL, CONTROL_LONG, HALF, LOWEST, LOWEST_LONG, QUARTER, SAFE, SGD, SHORT_ADAM, STARTS
from .judgements import ends_solved, group, helps_under_sgd, speed_up, spread
from .vocabulary import RELU2


def begins_low(begin: np.ndarray) -> np.ndarray:
    """Return which starts of relu2 have a mean loss below 1/4."""
    points, labels = np.array([[float(x) for x in row] for row in RELU2.rows]), np.array([1, 1, 0, 0])
    low: np.ndarray = (((np.einsum("rkc,nc->rkn", begin, points).clip(0).sum(1) - labels) ** 2).mean(1)) < 0.25
    return low


OBSERVATIONS = [
    Claim(
        "low-loss-always-succeeds",
        "Summary, 3.3 (1), 6, 9.1",
        "With the strictest filter every start succeeds: from zero biases and loss below 0.072, gradient flow ends "
        "at a solution.",
        statement=lambda: AllOf([theorem_statement("low_loss_starts_solve_xor"), number_fact("72/1000 < 1/4")]),
        because="Any threshold up to 1/4 will do.",
        predicts=Prediction(
            "relu2 runs from zero biases and mean loss below 1/4 end at loss 0",
            "relu2",
            ends_solved,
            begins_low,
            starts="normal:1/2",
            restarts=400,
            epochs=1500,
        ),
        weight="central",
    ),
    Claim(
        "threshold-must-be-that-low",
        "3.3 (1), A.3",
        "For complete success it takes a threshold that one start in 100 passes (read: of the starts below 1/4, "
        "one in ten, some fail in the documented training).",
        measure=Study(
            [SAFE, STARTS],
            lambda m, s: Measurement(
                m.whole.successes < m.runs,
                f"{with_interval(m.whole.successes, m.runs)} succeed below 1/4, and "
                f"{with_interval(s.group('below 0.25').runs, s.runs)} of all starts lie there.",
            ),
        ),
        because="They all succeed: at a tenth of the draws.",
        weight="central",
    ),
    Claim(
        "speed-up",
        "3.3 (2)",
        "From a median of 123 epochs to one of 49 is a speed-up of 2.5.",
        statement=number_fact("245/100 <= 123/49 < 255/100"),
    ),
    Claim(
        "speed-up-measured",
        "3.3 (2)",
        "The strictest filter divides the median of the successful runs by 2.5.",
        measure=Study([CONTROL, LOWEST], speed_up),
        weight="central",
    ),
    Claim(
        "speed-up-of-convergence",
        "Summary, 3.3 (2)",
        "The strictest filter makes training converge 2.5 times as fast (read: trained to a loss of 1e-7, without the rule of 11 epochs, "
        "it divides the median of the successful runs by 2.5).",
        measure=Study([CONTROL_LONG, LOWEST_LONG], speed_up),
        because="It is less than twice as fast. The rest is early stopping: with the filter most runs stop by the rule, far from convergence.",
        weight="central",
    ),
    Claim(
        "range-narrows",
        "3.3 (3)",
        "The ranges 33 to 275 and 25 to 99 are 242 and 74 epochs wide.",
        statement=number_fact("275 - 33 == 242", "99 - 25 == 74"),
    ),
    Claim(
        "range-narrows-measured",
        "3.3 (3)",
        "The strictest filter narrows the range of the successful runs from 242 to 74 epochs.",
        measure=Study([CONTROL, LOWEST], lambda a, b: all_of(spread(a, 29, 242), spread(b, 50, 74))),
    ),
    Claim(
        "lower-is-better",
        "3.3 (4)",
        "The lower the loss at the start, the higher the success rate, from filter to filter.",
        measure=Study(
            [ANTI, CONTROL, HALF, QUARTER, LOWEST],
            lambda *ms: all_of(
                *(
                    higher(b.whole, a.whole, names)
                    for a, b, names in zip(
                        ms,
                        ms[1:],
                        ("none, > 0.468", "< 0.468, none", "< 0.325, < 0.468", "< 0.072, < 0.325"),
                        strict=False,
                    )
                )
            ),
        ),
        weight="central",
    ),
    Claim(
        "loss-helps-live-starts",
        "3.3 (4), 5.1",
        "A low loss at the start helps by itself, not only because it excludes dead points: of the live starts too "
        "those of lower loss succeed more often (documented training).",
        measure=Study(
            [CONTROL],
            lambda m: higher(
                group(m, "live below 0.468"), group(m, "live above 0.468"), "live starts below and above loss 0.468"
            ),
        ),
    ),
    Claim(
        "loss-helps-whatever-the-steps",
        "3.3 (4), 5.1",
        "Lower loss helps live starts whatever the optimiser (read: those of loss above 1 fail more often than "
        "others under plain descent, too, with steps of 1/10).",
        measure=Study([SGD, CONTROL, SHORT_ADAM], helps_under_sgd),
        because="Under plain descent liveness decides all; it is Adam that leads live starts of high loss into traps.",
        weight="ours",
    ),
    Claim(
        "high-loss-is-worse",
        "3.3 (5)",
        "Starts with loss above the median succeed less often than unfiltered ones.",
        measure=Study([CONTROL, ANTI], lambda a, b: higher(a.whole, b.whole, "all starts and those > 0.468")),
    ),
]
