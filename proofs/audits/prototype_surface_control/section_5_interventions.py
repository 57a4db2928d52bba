"""The claims of section 5: interventions against dead data and missing torque."""

from stability import AllOf, Claim, Exists, ForAll, Repair
from stability.audit.hypothesis_tests import all_of
from stability.audit.vocabulary import Study, landscapes, number_fact, on, turn

from .experiments import ONE_SHOT, all_of_them, most_of_them, none_of_them
from .vocabulary import ABS1, ANY, RELU2, SEPARATOR, TORQUE, P, all_off, smooth

LEAKY = on("leaky1/100:1")

RISE = "-1/8*leaky.autograd([0, 0, b], [0, 0, 1])"
"""By how much a step of 1/8 raises the bias of a unit with w = 0 while its slope is leaky."""


SECTION_5 = [
    Claim(
        "bias-warm-up-revives",
        "5",
        "Raising the bias by minus the smallest m_i plus epsilon leaves no dead example.",
        statement=ForAll(
            "m0 m1 m2 m3 low epsilon",
            [*(f"m{i} >= low" for i in range(4)), "epsilon > 0"],
            [f"m{i} + (-low + epsilon) > 0" for i in range(4)],
        ),
        weight="central",
    ),
    Claim(
        "bias-warm-up-harmless",
        "5",
        "Applied to the two-ReLU solution of XOR, where its trigger fires, the bias warm-up keeps the loss at zero.",
        statement=ForAll(
            "epsilon",
            ["0 < epsilon < 1"],
            ["relu2.loss([1/2, -1/2, epsilon, -1/2, 1/2, epsilon]) == 0"],
            landscapes(relu2=RELU2),
        ),
        repair=Repair(
            "It raises the loss from 0 to 10 epsilon^2 (0 < epsilon < 1): do not warm up dead examples that are fitted.",
            ForAll(
                "epsilon",
                ["0 < epsilon < 1"],
                ["relu2.loss([1/2, -1/2, epsilon, -1/2, 1/2, epsilon]) == 10*epsilon**2"],
                landscapes(relu2=RELU2),
            ),
        ),
    ),
    Claim(
        "angular-noise-descends",
        "5",
        "Moving the weights along the tangential gradient, as printed with a plus sign, does not increase the loss to "
        "first order.",
        statement=ForAll(
            "u v b",
            smooth("abs1"),
            [f"abs1.d1({P}, [-v*abs1.d1({P}, {TORQUE}), u*abs1.d1({P}, {TORQUE}), 0]) <= 0"],
            landscapes(abs1=ABS1),
        ),
        because="The gradient points uphill.",
        repair=Repair(
            "With a plus sign the loss rises at the rate of the squared torque, with a minus sign it falls at that rate; "
            "so subtract the tangential gradient.",
            ForAll(
                "u v b",
                smooth("abs1"),
                [
                    f"abs1.d1({P}, [-v*abs1.d1({P}, {TORQUE}), u*abs1.d1({P}, {TORQUE}), 0])"
                    f" == abs1.d1({P}, {TORQUE})**2",
                    f"abs1.d1({P}, [v*abs1.d1({P}, {TORQUE}), -u*abs1.d1({P}, {TORQUE}), 0])"
                    f" == -abs1.d1({P}, {TORQUE})**2",
                ],
                landscapes(abs1=ABS1),
            ),
        ),
        weight="central",
    ),
    Claim(
        "angular-noise-acts",
        "5",
        "At exactly zero torque the angular noise of the table changes the weights.",
        statement=ForAll(
            "u v b",
            ["u**2 + v**2 > 0", f"abs1.d1({P}, {TORQUE}) == 0", *smooth("abs1")],
            [[f"-v*abs1.d1({P}, {TORQUE}) != 0"], [f"u*abs1.d1({P}, {TORQUE}) != 0"]],
            landscapes(abs1=ABS1),
            try_at=[{"u": "1/10", "v": "1/5", "b": 1}],
        ),
        because="It is proportional to the torque, so it is no noise: where torque vanishes it does nothing.",
        repair=Repair(
            "Where torque is zero the correction is exactly zero, with either sign; a random tangential step is needed.",
            ForAll(
                "u v b",
                [f"abs1.d1({P}, {TORQUE}) == 0", *smooth("abs1")],
                [f"-v*abs1.d1({P}, {TORQUE}) == 0", f"u*abs1.d1({P}, {TORQUE}) == 0"],
                landscapes(abs1=ABS1),
                try_at=[{"u": "1/10", "v": "1/5", "b": 1}],
            ),
        ),
        weight="central",
    ),
    Claim(
        "leaky-slope-revives",
        "5",
        "A temporary leaky slope of 1/100 gives a collapsed unit a gradient that raises its bias.",
        statement=ForAll(
            "u v b",
            all_off("leaky"),
            [f"leaky.d1({P}, {ANY[2]}) < 0"],
            landscapes(leaky=LEAKY),
        ),
    ),
    Claim(
        "few-leaky-steps-revive",
        "5",
        "A few steps with the leaky slope of 1/100 revive a collapsed unit (read: within 100 steps of 1/8 the bias comes from -1 to 0, "
        "with w = 0, so that some step raises it by 1/100 or more).",
        statement=Exists("b", ["-1 <= b", "b < 0", f"{RISE} >= 1/100"], landscapes(leaky=LEAKY), samples=0),
        because="The gradient is a hundredth of what it would be with the unit on.",
        repair=Repair(
            "Each step of 1/8 raises the bias by more than 1/200 and at most 51/10000, so that 197 to 200 steps lead from -1 to 0; "
            "the number T of steps has to be that large.",
            AllOf(
                [
                    ForAll(
                        "b", ["-1 <= b", "b < 0"], [f"{RISE} > 1/200", f"{RISE} <= 51/10000"], landscapes(leaky=LEAKY)
                    ),
                    number_fact("196*51/10000 < 1", "200*1/200 == 1"),
                ]
            ),
        ),
    ),
    Claim(
        "leaky-slope-gives-torque",
        "5",
        "A temporary leaky slope gives torque where there was none, at w = c(-1, 1).",
        statement=Exists(
            "c",
            ["c > 0", f"{turn('leaky', SEPARATOR, '0')[0]} != 0"],
            landscapes(leaky=LEAKY),
        ),
        because="The symmetry that removes the torque does not depend on the slopes.",
        repair=Repair(
            "There the torque of the leaky unit is zero for every c > 0 and every bias.",
            ForAll("c b", ["c > 0"], [f"{turn('leaky', SEPARATOR)[0]} == 0"], landscapes(leaky=LEAKY)),
        ),
    ),
    Claim(
        "one-shot-correction",
        "5",
        "The bias warm-up is a one-shot correction: after one there is no dead data at later readings, and the run succeeds.",
        measure=Study([ONE_SHOT], lambda counts: all_of(all_of_them(1)(counts), none_of_them(5)(counts))),
        because="Two ReLUs on XOR: most runs are rescued by one, many see dead data again, and some succeed with it.",
    ),
    Claim(
        "warm-up-rescues-most",
        "5",
        "Most runs of two ReLUs on XOR that fail without repair succeed with one bias warm-up.",
        measure=Study([ONE_SHOT], most_of_them(2, 0, 1, 4)),
    ),
    Claim(
        "thresholds",
        "5",
        "D_th, tau_th and gamma separate healthy from sick runs.",
        opinion="No values are given.",
    ),
    Claim(
        "escalate-late",
        "5",
        "Re-evaluate after an intervention and escalate only if the metric is still out of bounds.",
        opinion="Advice on procedure, not a statement that could be false.",
    ),
]
