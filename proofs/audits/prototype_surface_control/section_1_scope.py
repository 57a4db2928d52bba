"""The claims of section 1: prototype surfaces, and the two pathologies that are said to plague all piecewise-linear units."""

from stability import Claim, Exists, ForAll, Repair, landscape
from stability.audit.vocabulary import landscapes, on

from .vocabulary import ANY, ONE_EXAMPLE, RELU1, RELU2, SIX, SIX_NAMES, P, all_off

ONE_PRELU = landscapes(one=landscape(on("leaky1/4:1").network, ONE_EXAMPLE))
"""A unit with the slope at which a PReLU starts in torch, on one example with label 1."""

DEAD_X1 = dict(zip(SIX_NAMES.split(), ("-1/100", "1/100", "-1/1000", "-5", "5", "-1/10"), strict=True))
"""Two units that are off at x1; the second one has far too large an output at x2."""

UNIT_AXES = [f"[{', '.join(str(int(i == k)) for i in range(6))}]" for k in range(3)]


def after_a_step(step: str) -> str:
    """Return the formula of the pre-activation of the first of two units at x1 after a step of gradient descent."""
    x, y, bias = (
        f"({name} - {step}*relu2.autograd({SIX}, {axis}))"
        for name, axis in zip(SIX_NAMES.split(), UNIT_AXES, strict=False)
    )
    return f"{x} - {y} + {bias}"


SECTION_1 = [
    Claim(
        "prototype-surfaces",
        "1",
        "Networks of piecewise-linear units can be interpreted as learning prototype surfaces, whose distances to the data drive "
        "classification.",
        opinion="An interpretation, without a criterion by which a network would fail to fit it.",
        weight="notation",
    ),
    Claim(
        "dead-units-stay-dead",
        "1",
        "A unit that is off at all examples stays in the region without gradient for ever: steps do not change it.",
        statement=ForAll(
            "u v b step",
            all_off("relu1"),
            [f"{x} - step*relu1.autograd({P}, {axis}) == {x}" for x, axis in zip("uvb", ANY, strict=True)],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "dead-examples-stay-dead",
        "1",
        "An example at which all units are off stays in the region without gradient for ever (read: on XOR two ReLUs that are off "
        "at x1 are still off there after a step of 1/8).",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.pre({SIX}, {j}, 0) < 0" for j in (0, 1)],
            [f"{after_a_step('1/8')} <= 0"],
            landscapes(relu2=RELU2),
            [DEAD_X1],
            samples=0,
        ),
        because="Other examples move the units on: one whose output is too large pushes a unit over the opposite example.",
        repair=Repair(
            "It gives no gradient itself, but units may come to see it: with w = (-1/100, 1/100), b = -1/1000 and w' = (-5, 5), "
            "b' = -1/10 both units are off at x1, and after a step of 1/8 the first one is on.",
            Exists(
                SIX_NAMES,
                [*(f"relu2.pre({SIX}, {j}, 0) < 0" for j in (0, 1)), f"{after_a_step('1/8')} > 0"],
                landscapes(relu2=RELU2),
                [DEAD_X1],
                samples=0,
            ),
        ),
    ),
    Claim(
        "prelu-is-plagued-too",
        "1",
        "Regions without gradient plague networks of PReLUs as well (read: with the slope 1/4 some example that is not fitted, "
        "on the negative side of the only unit, gives it no gradient).",
        statement=Exists(
            "u v b",
            [
                "one.pre([u, v, b], 0, 0) < 0",
                "one.out([u, v, b], 0) != 1",
                *(f"one.autograd({P}, {axis}) == 0" for axis in ANY),
            ],
            ONE_PRELU,
            samples=0,
        ),
        because="Left of its kink a PReLU has a slope, which is what it is for.",
        repair=Repair(
            "With the slope 1/4 every example off the kink that is not fitted gives the bias a gradient.",
            ForAll(
                "u v b",
                ["one.pre([u, v, b], 0, 0) != 0", "one.out([u, v, b], 0) != 1"],
                [f"one.autograd({P}, {ANY[2]}) != 0"],
                ONE_PRELU,
            ),
        ),
    ),
]
