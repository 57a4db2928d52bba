"""The claims of section 7: what the conditions and the controller achieve."""

from itertools import product

from stability import AllOf, Claim, ForAll, Not, Repair, number_of_sets, set_at
from stability.audit.vocabulary import (
    MINIMA,
    AllAboutSets,
    Measurement,
    Study,
    autograd_rests_at,
    landscapes,
    number_fact,
    pre,
    strict_local_minimum,
    theorem_statement,
)

from .experiments import BIASED, DEEP, WRITTEN, all_of_them, in_each, most_of_them, none_of_them, sentences
from .vocabulary import (
    ABS1,
    ANY,
    BEST,
    FITS2,
    RELU1,
    RELU2,
    SADDLE,
    SADDLES,
    SIX,
    SIX_NAMES,
    TORQUE,
    TRAPS,
    WEIGHTS2,
    P,
)

SOLUTION2 = [["1/2", "-1/2", 0], ["-1/2", "1/2", 0]]

SOLVED2 = "[1/2, -1/2, 0, -1/2, 1/2, 0]"

FITTED_EXACTLY = [f"relu2.out({SIX}, {i}) == {int(i < 2)}" for i in range(4)]

NONE_DEAD = [[f"relu2.pre({SIX}, {j}, {i}) > 0" for i, j in enumerate(seen)] for seen in product((0, 1), repeat=4)]
"""The ways in which each example is seen by one of two units at least."""

SOME_GRADIENT = [[f"relu2.autograd({SIX}, {axis}) != 0"] for axis in WEIGHTS2]
"""The ways in which one of two units has a gradient of its weights."""


def both_conditions() -> ForAll:
    """State that at a start from which two ReLU units end at loss 1 all examples are active and both units turn."""
    at = "[1/8, 0, 1/4, 0, 1/8, 1/4]"
    seen = [f"relu2.pre({at}, {j}, {i}) > 0" for j in (0, 1) for i in range(4)]
    turns = [f"relu2.d1({at}, {way}) != 0" for way in ("[0, 1/8, 0, 0, 0, 0]", "[0, 0, 0, -1/8, 0, 0]")]
    return number_fact(*seen, *turns, relu2=RELU2)


SECTION_7 = [
    Claim(
        "saddles-become-attractors",
        "7",
        "The unstable saddles of the absolute-value unit are degenerate attractors (local minima) of the single ReLU.",
        statement=lambda: AllAboutSets(
            [*(set_at(ABS1, p, [SADDLE]) for p in SADDLES), *(set_at(RELU1, p, [MINIMA]) for p in SADDLES)]
        ),
        repair=Repair(
            "The absolute-value unit has exactly five saddles, and none of them is a local minimum of the single ReLU.",
            lambda: AllAboutSets(
                [
                    number_of_sets(ABS1, [SADDLE], "=", 5),
                    *(set_at(ABS1, p, [SADDLE, ("isolated", "=", True)]) for p in SADDLES),
                    *(Not(set_at(RELU1, p, [MINIMA])) for p in SADDLES),
                ]
            ),
        ),
    ),
    Claim(
        "both-conditions-suffice-one-unit",
        "7",
        "If every example is active and the weights receive a tangential gradient, a single ReLU stays out of the "
        "degenerate state.",
        statement=ForAll(
            "u v b",
            [*(f"{z} > 0" for z in pre("relu1", P)), f"relu1.d1({P}, {TORQUE}) != 0"],
            [f"relu1.loss({P}) < 2"],
            landscapes(relu1=RELU1),
        ),
        because="The two conditions exclude each other.",
        repair=Repair(
            "With all four examples active the gradient on the weights is 8w, purely radial: descent ends in the trap "
            "w = 0, b = 1/2, in one step of 1/8.",
            ForAll(
                "u v b",
                [f"{z} > 0" for z in pre("relu1", P)],
                [
                    f"relu1.autograd({P}, {ANY[0]}) == 8*u",
                    f"relu1.autograd({P}, {ANY[1]}) == 8*v",
                    f"b - 1/8*relu1.autograd({P}, {ANY[2]}) == 1/2",
                ],
                landscapes(relu1=RELU1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "both-conditions-suffice-two-units",
        "7",
        "If every example has an active unit and every unit a tangential gradient at the start, two ReLU units succeed.",
        statement=lambda: Not(AllOf([both_conditions(), theorem_statement("seeing_everything_is_a_trap")])),
        because="Around w = (1/8, 0), (0, 1/8) with biases 1/4 both hold, and every flow runs straight to outputs 1/2.",
        repair=Repair(
            "What suffices for gradient flow is that each unit is on at a class-1 point of its own and off at the other "
            "one, with outputs at the class-0 points of at most 3: then the loss sinks to 0.",
            lambda: theorem_statement("live_points_train_two_relus"),
        ),
        weight="central",
    ),
    Claim(
        "conditions-hold-to-the-end",
        "7",
        "The tangential gradient can be guaranteed throughout: it is not zero at the solution.",
        statement=number_fact("abs1.autograd([-1/2, 1/2, 0], [-1/2, -1/2, 0]) != 0", abs1=ABS1),
        repair=Repair(
            "At the solution the whole gradient is zero; the condition can only be asked for on the way.",
            lambda: autograd_rests_at(ABS1, BEST),
        ),
    ),
    Claim(
        "general-indicators",
        "7",
        "Dead data and torque tell a healthy network from a sick one (read: where two ReLUs fit XOR, no example is dead, or the "
        "gradient of some unit's weights is not 0, so that its torque ratio is defined).",
        statement=ForAll(
            SIX_NAMES, FITTED_EXACTLY, [*NONE_DEAD, *SOME_GRADIENT], landscapes(relu2=RELU2), [FITS2], samples=0
        ),
        because="At the best network that there is both class-0 examples are dead, and no unit has a torque ratio.",
        repair=Repair(
            "At the solution w = (1/2, -1/2), (-1/2, 1/2), b = 0 both class-0 examples are dead, so D = 1/2, and the gradient is 0, "
            "so that the torque ratio is undefined.",
            lambda: AllOf(
                [
                    autograd_rests_at(RELU2, SOLUTION2),
                    number_fact(
                        *(f"relu2.pre({SOLVED2}, {j}, {i}) <= 0" for j in (0, 1) for i in (2, 3)),
                        *(f"relu2.pre({SOLVED2}, {i}, {i}) > 0" for i in (0, 1)),
                        relu2=RELU2,
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "controller-avoids-traps",
        "7",
        "At every stationary point of the absolute-value unit with a positive loss some alarm is on: dead data, or "
        "missing torque with a gradient that is not zero.",
        statement=ForAll(
            "u v b",
            [f"abs1.loss({P}) > 0", *(f"abs1.autograd({P}, {axis}) == 0" for axis in ANY)],
            [[f"{z} <= 0"] for z in pre("abs1", P)],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
            samples=0,
        ),
        because="At the trap all examples are active and the gradient is zero, so no rule of the table applies.",
        repair=Repair(
            "The trap w = 0, b = 1/2 is a strict local minimum with loss 1, no dead data and no gradient: the controller "
            "never acts there.",
            lambda: AllOf(
                [
                    strict_local_minimum(ABS1, TRAPS[0]),
                    number_fact(
                        "abs1.loss([0, 0, 1/2]) == 1",
                        *(f"{z} > 0" for z in pre("abs1", "[0, 0, 1/2]")),
                        *(f"abs1.autograd([0, 0, 1/2], {axis}) == 0" for axis in ANY),
                        abs1=ABS1,
                    ),
                ]
            ),
        ),
        weight="central",
    ),
    Claim(
        "controller-keeps-from-bad-ends",
        "7",
        "With the controller, training keeps away from degenerate ends: every run of two ReLUs on XOR succeeds.",
        measure=Study([WRITTEN, BIASED], in_each(all_of_them(1))),
        because="With zero biases, then with random ones. Units that see everything are a trap too, and warm-ups lead there.",
        weight="central",
    ),
    Claim(
        "controller-rescues-most",
        "7",
        "Most runs of two ReLUs on XOR that fail alone succeed with the controller.",
        measure=Study([WRITTEN, BIASED], in_each(most_of_them(2, 0, 1))),
    ),
    Claim(
        "interventions-are-light",
        "7",
        "The interventions are light: no run that would succeed alone fails because of them.",
        measure=Study([WRITTEN, BIASED], in_each(none_of_them(3))),
        because="The solution has dead data, so the alarm is on where nothing is wrong.",
        weight="central",
    ),
    Claim(
        "indicators-spare-healthy-runs",
        "7",
        "The two indicators tell healthy runs from sick ones: most runs that succeed alone raise no alarm.",
        measure=Study(
            [WRITTEN], lambda counts: Measurement(counts[4].count < counts[4].total / 2, sentences(counts, 4))
        ),
        because="Class-0 points are dead at every fit, so that the alarm for dead data is on.",
    ),
    Claim(
        "scales-to-deep-nets",
        "7",
        "The controller scales from XOR to deep networks.",
        measure=Study([DEEP], most_of_them(1, 0, 3)),
        because="Tried on 50 layers of four units on the two moons, accuracy above 0.95 at the end.",
        weight="central",
    ),
]
