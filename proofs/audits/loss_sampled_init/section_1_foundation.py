"""The claims of section 1: the loss of a start, its distance from a solution, and the time to it."""

from stability import Claim, ForAll, Not, Repair
from stability.audit.vocabulary import Study, landscapes, theorem_statement

from .experiments import CONTROL, DISTANCE, SGD
from .judgements import correlates, explained, near_and_fast
from .vocabulary import ABS1, part

NEARER = "lower_loss_can_be_farther"


FOUNDATION = [
    Claim(
        "time-is-linear-in-distance",
        "1, 5.1, 6, 8.2, 9.1",
        "Convergence time is proportional to the distance of the start from the solution (read: for |w . x + b|, "
        "descent with steps of 1/10 needs twice as many from twice as far, here 12 instead of 6).",
        statement=ForAll("d", ["d > 0"], ["2*d*(4/5)**12 == d*(4/5)**6"], try_at=[{"d": 1}]),
        because="Every step takes the same share of the distance.",
        repair=Repair(
            "From zero biases a step of 1/10 leaves exactly 4/5 of the distance: from twice as far it takes 3 to 4 "
            "more, however far. Time goes by the logarithm of the distance.",
            lambda: theorem_statement("time_grows_with_the_log_of_the_distance"),
        ),
        weight="central",
    ),
    Claim(
        "distance-explains-time",
        "1, 8.2",
        "In such a landscape (|w . x + b| on XOR, 100 runs of SGD with step 1/10, stopped at loss 1e-7) a line in "
        "the distance alone explains the epochs with R^2 = 0.9666.",
        measure=Study([DISTANCE], explained),
        because="0.9666 belongs to a fit with several features along the traces.",
        weight="central",
    ),
    Claim(
        "influences-hard-cases",
        "1, 5.1, 8.2",
        "Closer starts are faster in hard cases, too (read: for relu2 in the documented training, rank correlation "
        "of distance and epochs at least 1/2 among the successful runs).",
        measure=Study([CONTROL], near_and_fast),
    ),
    Claim(
        "low-loss-means-close",
        "1, 5.1",
        "Of two starts the one of lower loss is closer to a solution (read: for relu2 with zero biases).",
        statement=lambda: Not(part(NEARER, 0, 1, 3, 4, 5, 6)),
        because="It depends on the directions in which the points are missed.",
        repair=Repair(
            "For one absolute-value unit, zero biases and w1 != w2, it is so: the mean loss is the squared distance to "
            "the nearest solution.",
            lambda: ForAll(
                "u v",
                ["u > v"],
                [
                    "abs1.loss([u, v, 0])/4 == (u - 1/2)**2 + (v + 1/2)**2",
                    "(u - 1/2)**2 + (v + 1/2)**2 < (u + 1/2)**2 + (v - 1/2)**2",
                ],
                landscapes(abs1=ABS1),
                splits=["u - v", "u + v"],
            ),
        ),
        weight="central",
    ),
    Claim(
        "low-loss-tells-distance",
        "Summary, 1, 5.1",
        "The initial loss is an effective proxy for the distance (read: without a filter the rank correlation of "
        "initial loss and distance from start to end is at least 1/2, over all runs).",
        measure=Study(
            [CONTROL],
            lambda m: correlates(m, "loss and distance", m.runs, "runs"),
        ),
        weight="central",
    ),
    Claim(
        "low-loss-is-faster",
        "5.1",
        "Starts of lower loss converge faster (read: rank correlation of initial loss and epochs at least 1/2 "
        "among the successful runs without a filter).",
        measure=Study(
            [CONTROL],
            lambda m: correlates(m, "loss and epochs, successes", m.whole.successes, "successes"),
        ),
        weight="central",
    ),
    Claim(
        "closer-is-faster",
        "5.1",
        "A closer start converges faster (read: for relu2 with zero biases, under gradient flow).",
        statement=lambda: Not(part(NEARER, 0, 2, 3, 4, 5, 6, 7, 8)),
        because="It depends on the direction from which the flow comes in: the nearer of two starts can be half as "
        "fast.",
        repair=Repair(
            "For all e, f in (0, 1/2] the flow runs straight to the nearest solution, from P at the rate 4 and "
            "from Q at the rate 8, whatever the distances, f and e / sqrt 2; so time is set by the rate and the "
            "logarithm.",
            lambda: part(NEARER, 0, 3, 4, 5, 6, 7, 8),
        ),
        weight="central",
    ),
    Claim(
        "relation-is-robust",
        "8.2",
        "The relation is robust (read: it is as strong under SGD with steps of 1/10).",
        measure=Study([SGD], near_and_fast),
        because="Under SGD distance and time do not go together at all.",
        weight="central",
    ),
    Claim(
        "quantifiable-benefit",
        "1, 9.3",
        "The benefit of sampling should be quantifiable and predictable.",
        opinion="A hope, stated before the figures; these are judged one by one.",
        uses=["time-is-linear-in-distance"],
    ),
]
