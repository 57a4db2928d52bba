"""The claims of the comparison on what theory and monitor cost, and on whether the theory can be implemented."""

from functools import partial

from stability import Claim, Not, Repair
from stability.audit.vocabulary import MINIMA, AllAboutSets, Study, number_of_sets

from .experiments import COST, prolongs_by_less, second_order_cost
from .vocabulary import ABS1, RELU1, SOLVED


def complete_lists() -> AllAboutSets:
    """State how many stationary sets, of which kinds, the two units have on XOR, by their complete lists."""
    return AllAboutSets(
        [
            number_of_sets(ABS1, [], "=", 9),
            number_of_sets(ABS1, [MINIMA], "=", 4),
            number_of_sets(RELU1, [], "=", 9),
            number_of_sets(RELU1, [SOLVED], "=", 3),
            number_of_sets(RELU1, [MINIMA], "=", 4),
        ]
    )


COSTS = [
    Claim(
        "second-order-is-infeasible",
        "Comparison 3",
        "Computing Hessians and their eigenvalues for every neuron is not feasible for a network of any size.",
        measure=second_order_cost,
        because="In a cell a unit's block is a small matrix of inner products.",
    ),
    Claim(
        "monitor-cost",
        "Comparison 3",
        "The monitor's own cost is very low (read: reading at every step prolongs a training step by less than 5%).",
        measure=Study([COST], partial(prolongs_by_less, "every 1", 0.05)),
        because="The numbers that it reads are at hand, but to read them takes time as well.",
    ),
    Claim(
        "negligible-overhead",
        "Comparison 4",
        "The monitor runs in real time with negligible overhead (read: reading at every step prolongs a training step by less than "
        "1%).",
        measure=Study([COST], partial(prolongs_by_less, "every 1", 0.01)),
        because="It is negligible only if read now and then, as the control note advises in its section 6.",
        weight="central",
    ),
    Claim(
        "cannot-be-implemented",
        "Comparison 4",
        "The theory cannot be implemented directly (read: of the two units of the note, on its data, no complete list of the states "
        "at which training can end, with their kinds, is computed).",
        statement=lambda: Not(complete_lists()),
        because="This package does, for small networks of two-slope units; what follows is computed. For large ones the list is too "
        "long.",
        repair=Repair(
            "Of the absolute-value unit on XOR the complete list has nine sets of stationary points, four of them local minima; that "
            "of the single ReLU has nine as well, and four minima, three of them global and the other one a collapse.",
            lambda: complete_lists(),
        ),
        weight="central",
    ),
    Claim(
        "virtues",
        "Comparison 4",
        "The theory is rigorous and explanatory, the monitor practical and actionable.",
        opinion="Praise without a criterion; what can be checked of it stands in the other claims.",
        uses=["only-critical-point", "relu-only-collapses"],
    ),
    Claim(
        "thresholds-arbitrary",
        "Comparison 4",
        "The monitor's thresholds are arbitrary and need tuning.",
        opinion="No criterion is given by which a threshold would be right or wrong.",
    ),
    Claim(
        "theory-idealised",
        "Comparison 4",
        "The theory assumes full-batch descent on squared error and may not describe training with Adam.",
        opinion="A statement of scope; 'may not' can not be false.",
    ),
    Claim(
        "complements",
        "Comparison, conclusion",
        "Theory and monitor complement each other.",
        opinion="A judgement; the analogies that follow it can not be checked.",
    ),
]
