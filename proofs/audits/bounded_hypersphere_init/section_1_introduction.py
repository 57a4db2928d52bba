"""The claims of section 1: dead data, and what else helps against them."""

from collections.abc import Sequence
from typing import Any

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.vocabulary import Study, number_fact, pre, theorem_statement

from .experiments import HE, KAIMING, NORMAL, XAVIER, compared
from .judgements import costs_as_much, needs_attempts, remain_dead
from .vocabulary import LEAKY2, ONE, RELU2, SIX, SIX_AT, alone, no_slope


def dead(example: int) -> list[str]:
    """Return that neither unit sees an example, which is alone."""
    return [f"alone{example}.pre({SIX_AT}, {j}, 0) < 0" for j in (0, 1)]


def of_the_dead(*then: str, place: Any = RELU2, more: Sequence[str] = ()) -> AllOf:
    """State what holds of every example that no unit sees, @ being it alone."""
    at = [{"p1": 0, "p2": 0, "b1": -1, "q1": 0, "q2": 0, "b2": -1}]
    parts = []
    for i, y in enumerate(place.data.labels):
        own = [text.replace("@", f"alone{i}").replace("LABEL", str(y)) for text in (*then, *more)]
        goals, extra = own[: len(then)], own[len(then) :]
        parts.append(ForAll(SIX, [*dead(i), *extra], goals, alone(i, place), at, samples=0))
    return AllOf(parts)


INTRODUCTION = [
    Claim(
        "dead-outputs-zero",
        "1.1",
        "A point with negative pre-activations in all units gets output 0.",
        statement=lambda: of_the_dead(f"@.out({SIX_AT}, 0) == 0"),
        weight="notation",
    ),
    Claim(
        "dead-no-gradient",
        "1.1",
        "A point at which all units are off gives them no gradient.",
        statement=lambda: AllOf([no_slope(i, SIX_AT, dead(i), SIX) for i in range(4)]),
        weight="notation",
    ),
    Claim(
        "dead-not-learnt",
        "1.1",
        "A dead point is not learnt before some unit sees it: until then its squared error is that of the output 0.",
        statement=lambda: of_the_dead(f"@.loss({SIX_AT}) == LABEL**2"),
    ),
    Claim(
        "training-may-ignore-the-dead",
        "1.1",
        "Training may converge to a point that is not optimal and leaves dead points out.",
        statement=lambda: theorem_statement("dead_examples_trap_two_relus"),
        because="From an open set of starts gradient flow ends with x2 fitted, x1 dead, and loss 1.",
        weight="central",
    ),
    Claim(
        "rejection-is-expensive",
        "1.2",
        "Rejection sampling is expensive (read: for XOR it needs as many draws as training needs epochs).",
        measure=Study([NORMAL], costs_as_much),
        because="With zero biases one draw in four is live: the two units must look into opposite quarters.",
    ),
    Claim(
        "leaky-gives-gradient",
        "1.2",
        "A leaky ReLU has a gradient at points that no unit sees (read: with slope 1/100, unless they are fitted).",
        statement=lambda: of_the_dead(
            f"@.autograd({SIX_AT}, [0, 0, 1, 0, 0, 0]) != 0", place=LEAKY2, more=[f"@.out({SIX_AT}, 0) != LABEL"]
        ),
    ),
    Claim(
        "leaky-changes-the-network",
        "1.2",
        "A leaky ReLU in place of a ReLU changes the network: there are parameters at which the outputs differ.",
        statement=number_fact(
            "relu2.out([0, 0, -1, 0, 0, 0], 0) == 0",
            "leaky.out([0, 0, -1, 0, 0, 0], 0) != 0",
            relu2=RELU2,
            leaky=LEAKY2,
        ),
    ),
    Claim(
        "scaling-reduces-dead-data",
        "1.2",
        "A weight scale such as Xavier's or He's makes dead data rarer (read: with zero biases some factor c > 0 brings a "
        "dead point to life).",
        statement=lambda: Exists(
            "p1 p2 c",
            ["c > 0", "relu1.pre([p1, p2, 0], 0, 0) <= 0", "relu1.pre([c*p1, c*p2, 0], 0, 0) > 0"],
            ONE,
            samples=0,
        ),
        because="Whether a point is dead does not depend on the scale at all.",
        repair=Repair(
            "With zero biases all pre-activations are multiplied by the scale, so that the same points are dead at "
            "every scale.",
            lambda: ForAll(
                "p1 p2 c",
                ["c > 0"],
                [
                    f"{z} == c*{y}"
                    for z, y in zip(pre("relu1", "[c*p1, c*p2, 0]"), pre("relu1", "[p1, p2, 0]"), strict=True)
                ],
                ONE,
            ),
        ),
    ),
    Claim(
        "scaling-leaves-dead-data",
        "1.2",
        "Xavier's and He's weights do not get rid of dead data (read: some starts from zero biases still have a "
        "dead point).",
        measure=Study([XAVIER, KAIMING], remain_dead),
    ),
    Claim(
        "he-weights-help-training",
        "1.2, 2.2",
        "Careful weights such as He's make training less of a problem (read: with zero biases more runs of the documented training "
        "succeed with He's weights than with the standard ones).",
        measure=compared(HE, NORMAL, "He's weights and N(0, 1/4)"),
        because="The dead points decide, which are as frequent whatever the scale; longer weights add failures of their own.",
    ),
    Claim(
        "rejection-needs-attempts",
        "1.2, 5.2",
        "Rejection may need several attempts (read: more than half of the first draws are rejected).",
        measure=Study([NORMAL], needs_attempts),
    ),
]
