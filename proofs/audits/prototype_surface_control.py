"""The claims of "Prototype-Surface Control Theory for ReLU Networks", in our words, with what was found.

Names in the formulas: [u, v, b] are the weights and the bias of a single unit; w = c(1, 1) is the angle pi/4 and
w = c(-1, 1) the angle 3 pi/4. The examples are numbered from 0: (1, -1) and (-1, 1) with label 1, (1, 1) and
(-1, -1) with label 0. Losses are sums of squares, as in the document's formula, unless a name says mean.

Where gradient flow ends is settled by theorems of proofs/theorems: an open region of starts that no flow leaves, and
in it a point towards which the slope is -2 (loss - bottom), so that the loss sinks to the bottom.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from stability import landscape
from stability.audit.claims import Claim, Repair, Writeup
from stability.audit.counts import Tally, TallyExperiment
from stability.audit.hypothesis_tests import all_of
from stability.audit.landscape_statements import (
    autograd_rests_at,
    gradient_descent_visits,
    hessian_is,
    landscapes,
    local_minimum_at,
    number_fact,
    on,
    pre,
    stationary_points_are,
    turn,
)
from stability.audit.measurements import Measurement, Prediction, proportion
from stability.audit.protocols import Study
from stability.audit.theorems import theorem_statement
from stability.geometry.arrangement.feasibility import active_set
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.geometry.stationary.senses import clarke_stationary, strict_local_minimum
from stability.initialisation.sampling import starts
from stability.logic.statements import AllOf, Exists, ForAll, Not
from stability.model.datasets import Dataset
from stability.model.wilson import wilson
from stability.studies.controller_claims import controlled_moons, controlled_xor
from stability.studies.intervention_claims import early_monitoring, later_layers, local_repairs, one_shot
from stability.studies.monitor_costs import monitor_costs
from stability.training.ensembles.reference_descent import descend

ABS1, RELU1, RELU2 = on("abs1"), on("relu1"), on("relu2")
LEAKY = on("leaky1/100:1")
ONE_EXAMPLE = Dataset("one example", ((1, -1),), (1,))
ONE_RELU, ONE_ABS = landscape(RELU1.network, ONE_EXAMPLE), landscape(ABS1.network, ONE_EXAMPLE)

P = "[u, v, b]"
ANY = ["[1, 0, 0]", "[0, 1, 0]", "[0, 0, 1]"]
ROOT_HALF = ["2*r**2 == 1", "r > 0"]

BEST = [["-1/2", "1/2", 0]]
MIRROR = [["1/2", "-1/2", 0]]
TRAPS = [[[0, 0, "1/2"]], [[0, 0, "-1/2"]]]
SADDLES = [[[0, 0, 0]]] + [[[f"{s}/6", f"{-s}/6", f"{t}/3"]] for s in (1, -1) for t in (1, -1)]
SOLVED, TRAPPED, SADDLE = (("kind", "=", kind) for kind in ("global minimum", "local minimum", "saddle"))
"""What a stationary set may be: minima of the least loss, minima above it, or neither minima nor maxima."""

NINE = [[f"w1 == {p[0][0]}", f"w2 == {p[0][1]}", f"b == {p[0][2]}"] for p in [BEST, MIRROR, *TRAPS, *SADDLES]]
FITTED = [[["3/4", "-3/4", "-1/2"]], [[1, -1, -1]]]
SOLUTION2 = [["1/2", "-1/2", 0], ["-1/2", "1/2", 0]]


def smooth(name: str) -> list[str]:
    """Return the condition that no pre-activation of a single unit is zero."""
    return [f"{z} != 0" for z in pre(name, P)]


def all_off(name: str, relation: str = "<") -> list[str]:
    """Return the condition that every example is on the inactive side."""
    return [f"{z} {relation} 0" for z in pre(name, P)]


def slopes(name: str, weights: tuple[str, str], bias: str = "0") -> tuple[str, str, str]:
    """Return the angular slopes on both sides, per radian away from the angle, and the angular curvature."""
    x, y = weights
    point, back = f"[{x}, {y}, {bias}]", f"[{y}, -({x}), 0]"
    forward, curvature = turn(name, weights, bias)
    return forward, f"{name}.d1({point}, {back})", curvature


NT, SEPARATOR, OPPOSITE = ("c", "c"), ("-c", "c"), ("c", "-c")
TORQUE = "[-v, u, 0]"


def unit_gradient(name: str) -> tuple[str, str]:
    """Return torch's gradient with respect to the two weights."""
    return f"{name}.autograd({P}, {ANY[0]})", f"{name}.autograd({P}, {ANY[1]})"


def rests_near_collapse() -> ForAll:
    """State that every point of a box around the dead point (0, 0, -1) rests."""
    box = [f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t")]
    still = [f"relu1.autograd([x, y, -1 + t], {axis}) == 0" for axis in ANY]
    return ForAll("x y t", box, still, landscapes(relu1="relu1"))


def preactivations(points: np.ndarray) -> np.ndarray:
    """Return the pre-activations on XOR, runs by units by examples."""
    rows = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]], dtype=float)
    return np.einsum("rkc,nc->rkn", points, rows)


def live(points: np.ndarray) -> np.ndarray:
    """Tell per run whether each XOR example activates some unit."""
    return (preactivations(points).max(axis=1) > 0).all(axis=1)


def healthy_then_failing() -> Measurement:
    """Measure how many two-unit runs without dead data through the first five epochs fail in the end."""
    shares, failures = [], 0
    for law, words in (("normal:0.5", "zero biases"), ("normal:0.5:0.5", "random biases")):
        begin = starts(RELU2, law, 1500, 0)
        healthy = live(begin)
        for _ in range(5):
            begin = descend(RELU2, begin, step=0.02, epochs=1).points
            healthy &= live(begin)
        end = descend(RELU2, begin[healthy], step=0.02, epochs=3000)
        failed = int((end.losses > 0.01).sum())
        failures += failed
        shares.append(f"{proportion(failed, int(healthy.sum()))} with {words}")
    return Measurement(
        failures == 0, f"relu2 runs without dead data in epochs 0 to 5 that fail later: {'; '.join(shares)}."
    )


def hooks() -> Measurement:
    """Compare what torch's hooks see with the exact values."""
    import torch

    layer = torch.nn.Linear(2, 2).double()
    weights = torch.tensor([[0.75, -0.25], [-0.5, 0.25]])
    seen: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        layer.weight.copy_(weights)
        layer.bias.copy_(torch.tensor([0.125, 0.5]))
    layer.register_forward_hook(lambda _, __, z: seen.update(z=z.detach()))
    x = torch.tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]], dtype=torch.double)
    y = torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.double)
    layer.weight.register_hook(lambda g: seen.update(g=g))
    ((torch.relu(layer(x)).sum(1) - y) ** 2).sum().backward()
    point = [["3/4", "-1/4", "1/8"], ["-1/2", "1/4", "1/2"]]
    z = np.array(RELU2.preactivations(point), dtype=float).T
    g = np.array(RELU2.gradient(point), dtype=float).reshape(2, 3)[:, :2]
    same = np.array_equal(seen["z"].numpy(), z) and np.allclose(seen["g"].numpy(), g, rtol=1e-14)
    return Measurement(same, "A forward and a gradient hook give the exact pre-activations and gradients on XOR.")


def second_order_cost() -> Measurement:
    """Time the Hessian block of every unit of a wide layer, with its eigenvalues."""
    units, examples, width = 128, 1024, 32
    draw = np.random.default_rng(0)
    x = np.c_[draw.normal(size=(examples, width)), np.ones(examples)]
    active = x @ draw.normal(size=(width + 1, units)) > 0
    begin = time.perf_counter()
    for j in range(units):
        rows = x[active[:, j]]
        np.linalg.eigvalsh(2 * rows.T @ rows)
    seconds = time.perf_counter() - begin
    size = f"{units} units, {width} inputs, {examples} examples"
    return Measurement(seconds > 60, f"Every unit's Hessian block with its eigenvalues: {seconds:.1f} s ({size}).")


COST = TallyExperiment("monitor-cost", monitor_costs, restarts=20, few=3)
ONE_SHOT = TallyExperiment("one-warm-up", one_shot, restarts=20_000, few=1000)
EARLY = TallyExperiment("first-epochs", early_monitoring, restarts=20_000, few=1000)
LATER = TallyExperiment("later-layers", later_layers, restarts=200, few=20)
LOCAL = TallyExperiment("local-repairs", local_repairs, restarts=200, few=20)
WRITTEN = TallyExperiment("controller-on-xor", controlled_xor, restarts=20_000, few=1000)
BIASED = TallyExperiment("controller-on-xor-biases", partial(controlled_xor, init="normal:0.5:0.5"), 20_000, few=1000)
DEEP = TallyExperiment("controller-on-moons", controlled_moons, restarts=8, few=1)
CHEAP = {"every 1": 0.5, "every 100": 0.05}
"""Shares of a training step that a monitor may take to be called cheap, read at every step and at every 100th."""


def cheap(cost: Tally) -> Measurement:
    """Judge the cost of a monitor."""
    often, seldom, noise = (cost.figure(name) for name in ("every 1", "every 100", "bare again"))
    says = (
        f"Read at every step a monitor prolongs it by {often:.1%}, read at every 100th by {seldom:.1%}; a second bare loop "
        f"by {noise:.1%} (four layers of 256 units, batch 256)."
    )
    return Measurement(all(cost.figure(name) < limit for name, limit in CHEAP.items()), says)


def all_of_them(*places: int) -> Callable[[Tally], Measurement]:
    """Judge that counts of a tally are those of all runs."""
    return lambda tally: Measurement(all(tally[k].count == tally[k].total for k in places), sentences(tally, *places))


def none_of_them(*places: int) -> Callable[[Tally], Measurement]:
    """Judge that counts of a tally are 0."""
    return lambda tally: Measurement(all(not tally[k].count for k in places), sentences(tally, *places))


def most_of_them(place: int, *others: int) -> Callable[[Tally], Measurement]:
    """Judge that a count is more than half, in its 95% interval; say others as well."""
    return lambda tally: Measurement(
        wilson(tally[place].count, tally[place].total)[0] > 0.5, sentences(tally, place, *others)
    )


def in_each(judge: Callable[[Tally], Measurement]) -> Callable[..., Measurement]:
    """Judge several tallies alike."""
    return lambda *tallies: all_of(*map(judge, tallies))


def as_good(tally: Tally) -> Measurement:
    """Judge that repairs in the first epochs succeed as often as later ones: their 95% intervals meet."""
    early, always = tally[2], tally[3]
    meet = wilson(early.count, early.total)[1] >= wilson(always.count, always.total)[0]
    return Measurement(meet, sentences(tally, 2, 3))


def sentences(tally: Tally, *places: int) -> str:
    """Return counts of a tally in words."""
    return "; ".join(str(tally[k]) for k in places) + "."


SECTION_2 = [
    Claim(
        "mirror-identity",
        "2.1",
        "An absolute-value unit is the sum of two ReLU units with opposite weights and bias.",
        statement=ForAll(
            "u v b",
            [],
            [f"abs1.out({P}, {i}) == relu2.out([u, v, b, -u, -v, -b], {i})" for i in range(4)],
            landscapes(abs1=ABS1, relu2=RELU2),
        ),
    ),
    Claim(
        "data-centred",
        "2.1",
        "The four XOR points have mean zero.",
        statement=ForAll("u v b", [], [" + ".join(pre("abs1", P)) + " == 4*b"], landscapes(abs1=ABS1)),
    ),
    Claim(
        "loss-is-a-mean",
        "2.1",
        "The loss, written as a plain sum of four squares, is the mean squared error.",
        statement=ForAll(
            "u v b",
            [],
            [f"relu1.loss({P}) == mean_relu1.loss({P})"],
            landscapes(relu1=RELU1, mean_relu1=on("relu1", loss="mean")),
        ),
        because="The formula has no 1/4; figures that use both readings differ by a factor 4.",
        repair=Repair(
            "The sum is 4 times the mean, for both units, so that stationary points are the same and Hessians "
            "differ by the factor 4.",
            ForAll(
                "u v b",
                [],
                [f"relu1.loss({P}) == 4*mean_relu1.loss({P})", f"abs1.loss({P}) == 4*mean_abs1.loss({P})"],
                landscapes(
                    relu1=RELU1,
                    abs1=ABS1,
                    mean_relu1=on("relu1", loss="mean"),
                    mean_abs1=on("abs1", loss="mean"),
                ),
            ),
        ),
    ),
    Claim(
        "radius-rate",
        "2.2",
        "Under gradient flow the norm r changes at minus the derivative of the loss in r.",
        statement=ForAll(
            "u v b",
            smooth("abs1"),
            [f"-(u*{unit_gradient('abs1')[0]} + v*{unit_gradient('abs1')[1]}) == -abs1.d1({P}, [u, v, 0])"],
            landscapes(abs1=ABS1),
        ),
    ),
    Claim(
        "angle-rate",
        "2.2",
        "Under gradient flow the angle changes at minus 1/r times the angular derivative.",
        statement=ForAll(
            "u v b r",
            ["r > 0", "r**2 == u**2 + v**2", *smooth("abs1")],
            [f"-(u*{unit_gradient('abs1')[1]} - v*{unit_gradient('abs1')[0]}) == -r*abs1.d1({P}, {TORQUE})"],
            landscapes(abs1=ABS1),
            try_at=[{"u": "6/5", "v": "8/5", "b": "1/10", "r": 2}],
            samples=0,
        ),
        because="The metric of the plane gives 1/r squared.",
        repair=Repair(
            "The angle changes at minus 1/r^2 times the angular derivative (r^2 times its rate is minus that "
            "derivative), for both units.",
            AllOf(
                [
                    ForAll(
                        "u v b",
                        smooth(name),
                        [f"-(u*{unit_gradient(name)[1]} - v*{unit_gradient(name)[0]}) == -{name}.d1({P}, {TORQUE})"],
                        landscapes(**{name: name}),
                    )
                    for name in ("abs1", "relu1")
                ]
            ),
        ),
    ),
    Claim(
        "bias-rate",
        "2.2",
        "Under gradient flow the bias changes at minus the derivative of the loss in b.",
        statement=ForAll(
            "u v b",
            smooth("abs1"),
            [f"-abs1.autograd({P}, {ANY[2]}) == -abs1.d1({P}, {ANY[2]})"],
            landscapes(abs1=ABS1),
        ),
    ),
    Claim(
        "equilibria-have-polar-coordinates",
        "2.2",
        "Every equilibrium has a positive norm, so that it is a fixed point (r, theta, b) of the polar flow.",
        statement=lambda: stationary_points_are(ABS1, [["w1**2 + w2**2 > 0"]]),
        because="At w = 0 there is no angle and 1/r blows up.",
        repair=Repair(
            "For the absolute-value unit exactly three equilibria have w = 0 and escape polar coordinates: "
            "b = 0 and b = +-1/2; two of them are traps.",
            lambda: stationary_points_are(
                ABS1,
                [["w1**2 + w2**2 > 0"], *(["w1 == 0", "w2 == 0", f"b == {b}"] for b in ("0", "1/2", "-1/2"))],
            ),
        ),
    ),
    Claim(
        "jacobian-decides",
        "2.2",
        "The local Jacobian settles the stability of the fixed points: it does not vanish at any of them.",
        statement=Exists(
            "x y t",
            ["relu1.d2([0, 0, -1], [x, y, t], [0, 0, 0]) != 0"],
            landscapes(relu1=RELU1),
        ),
        because="At a ReLU collapse such as w = 0, b = -1 no direction has any curvature.",
        repair=Repair(
            "At that collapse the loss is twice differentiable with Hessian zero: linearisation decides nothing.",
            lambda: hessian_is(RELU1, [[0, 0, -1]], [[0] * 3] * 3),
        ),
    ),
]

ACTIVE = [(0, 0), (0, 1)], [(0, 2), (0, 3)]
CONDITIONS = [
    # The stationarity equations of the cell with signs (+, +, -, -), errors being s_i z_i - y_i.
    " + ".join(
        f"({s}*{z} - {y})*({s}*({x}))"
        for s, z, y, x in zip((1, 1, -1, -1), pre("abs1", P), (1, 1, 0, 0), row, strict=True)
    )
    + " == 0"
    for row in ((1, -1, 1, -1), (-1, 1, 1, -1), (1, 1, 1, 1))
]

SECTION_31 = [
    Claim(
        "active-set-possible",
        "3.1 (1)",
        "Some weights and bias put both class-1 points strictly on the positive side and both class-0 points "
        "strictly on the negative side.",
        statement=active_set(ABS1, *ACTIVE),
        because="The two pairs of points have the same midpoint.",
        repair=Repair(
            "The pre-activations of the two classes always have the same sum, 2b, so no hyperplane separates them.",
            ForAll(
                "u v b",
                [],
                [
                    "{} + {} == {} + {}".format(*pre("abs1", P)),
                    "{} + {} == 2*b".format(*pre("abs1", P)[:2]),
                ],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
    Claim(
        "example-in-active-set",
        "3.1",
        "The weights r(-1, 1) with r = 1/sqrt 2 and b = 0 lie in that active set.",
        statement=ForAll(
            "r",
            ROOT_HALF,
            [f"{z} {s} 0" for z, s in zip(pre("abs1", "[-r, r, 0]"), ">><<", strict=True)],
            landscapes(abs1=ABS1),
            root=("0", "1"),
        ),
        repair=Repair(
            "For every c > 0 the weights c(-1, 1) with b = 0 put the class-1 points at -2c and 2c, and both class-0 "
            "points exactly on the kink.",
            ForAll(
                "c",
                ["c > 0"],
                [
                    f"{z} == {value}"
                    for z, value in zip(pre("abs1", "[-c, c, 0]"), ("-2*c", "2*c", "0", "0"), strict=True)
                ],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
    Claim(
        "coefficient-reading-fits",
        "3.1",
        "With r = 1/sqrt 2 as the coefficient, as printed, w = r(-1, 1) fits the data.",
        statement=ForAll("r", ROOT_HALF, ["abs1.loss([-r, r, 0]) == 0"], landscapes(abs1=ABS1), root=("0", "1")),
        because="The norm of those weights is 1, twice the square root of 1/2 too long; both outputs are sqrt 2.",
        repair=Repair(
            "Along w = c(-1, 1), b = 0, c > 0 the loss is 8 (c - 1/2)^2: only the coefficient 1/2 fits.",
            ForAll("c", ["c > 0"], ["abs1.loss([-c, c, 0]) == 8*(c - 1/2)**2"], landscapes(abs1=ABS1)),
        ),
    ),
    Claim(
        "coefficient-reading-critical",
        "3.1",
        "With r = 1/sqrt 2 as the coefficient the point is critical.",
        statement=ForAll(
            "r",
            ROOT_HALF,
            ["abs1.d1([-r, r, 0], [-1, 1, 0]) == 0"],
            landscapes(abs1=ABS1),
            root=("0", "1"),
        ),
        repair=Repair(
            "Along the ray the slope is 16 (c - 1/2): the loss falls towards coefficient 1/2 from both sides.",
            ForAll("c", ["c > 0"], ["abs1.d1([-c, c, 0], [-1, 1, 0]) == 16*(c - 1/2)"], landscapes(abs1=ABS1)),
        ),
    ),
    Claim(
        "norm-reading-fits",
        "3.1",
        "With r = 1/sqrt 2 as the norm, the point w = (-1/2, 1/2), b = 0 fits all four examples.",
        statement=number_fact("abs1.loss([-1/2, 1/2, 0]) == 0", abs1=ABS1),
    ),
    Claim(
        "only-critical-point",
        "3.1 Theorem 1",
        "The absolute-value unit has no critical point but w = (-1/2, 1/2), b = 0.",
        statement=lambda: AllAboutSets([set_at(ABS1, BEST, [("dimension", "=", 0)]), number_of_sets(ABS1, [], "=", 1)]),
        repair=Repair(
            "It has exactly nine: +-(1/2, -1/2, 0) with loss 0, (0, 0, +-1/2) with loss 1, four kink saddles "
            "(+-1/6, -+1/6, +-1/3) with loss 4/3 and the origin with loss 2. There are no others even if slopes at "
            "kinks may vary one by one.",
            lambda: AllOf(
                [
                    stationary_points_are(ABS1, NINE),
                    *(clarke_stationary(ABS1, p) for p in (BEST, MIRROR, *TRAPS, *SADDLES)),
                    *(number_fact(f"abs1.loss([{', '.join(map(str, p[0]))}]) == 1", abs1=ABS1) for p in TRAPS),
                    *(number_fact(f"abs1.loss([{', '.join(map(str, p[0]))}]) == 4/3", abs1=ABS1) for p in SADDLES[1:]),
                ]
            ),
        ),
    ),
    Claim(
        "unique-stable-equilibrium",
        "3.1 Theorem 1",
        "No other point than w = (-1/2, 1/2), b = 0 is stable (a local minimum).",
        statement=lambda: AllAboutSets(
            [set_at(ABS1, BEST, [("strict", "=", True)]), number_of_sets(ABS1, [MINIMA], "=", 1)]
        ),
        because="The mirror image of the solution is another, and so are two traps.",
        repair=Repair(
            "Exactly four of the nine are local minima, all strict: the two solutions and the two traps. The others are "
            "saddles.",
            lambda: AllAboutSets(
                [
                    number_of_sets(ABS1, [], "=", 9),
                    every_set(ABS1, [], [("isolated", "=", True)]),
                    number_of_sets(ABS1, [MINIMA, ("strict", "=", True)], "=", 4),
                    *(set_at(ABS1, p, [SOLVED, ("loss", "=", 0)]) for p in (BEST, MIRROR)),
                    *(set_at(ABS1, p, [TRAPPED, ("loss", "=", 1)]) for p in TRAPS),
                    *(set_at(ABS1, p, [SADDLE]) for p in SADDLES),
                ]
            ),
        ),
        predicts=Prediction(
            "z_1 z_2 < 0 at the start leads to loss 0, z_1 z_2 > 0 to the traps at loss 1",
            "abs1",
            lambda begin, end: np.abs(end.losses - np.where(_opposite(begin), 0, 1)) < 1e-8,
        ),
    ),
    Claim(
        "unique-up-to-mirror",
        "3.1 Theorem 1",
        "Up to the sign of (w, b), the solution is the only local minimum.",
        statement=lambda: AllAboutSets(
            [*(set_at(ABS1, p, [MINIMA]) for p in (BEST, MIRROR)), number_of_sets(ABS1, [MINIMA], "=", 2)]
        ),
        repair=Repair(
            "Up to sign there are two: the solution and a trap at w = 0, b = 1/2 where the output is 1/2 everywhere, "
            "loss 1.",
            lambda: AllAboutSets(
                [
                    *(set_at(ABS1, p, [SOLVED, ("strict", "=", True)]) for p in (BEST, MIRROR)),
                    *(set_at(ABS1, p, [TRAPPED, ("strict", "=", True), ("loss", "=", 1)]) for p in TRAPS),
                    number_of_sets(ABS1, [MINIMA], "=", 4),
                    complete_list(ABS1.atlas()),  # with all outputs
                ]
            ),
        ),
    ),
    Claim(
        "hessian-positive-definite",
        "3.1 Theorem 1",
        "At the solution the second derivative is positive in every direction.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0"],
            ["abs1.d2([-1/2, 1/2, 0], [x, y, t], [0, 0, 0]) > 0"],
            landscapes(abs1=ABS1),
        ),
    ),
    Claim(
        "hessian-is-4-identity",
        "3.1 Theorem 1",
        "At the solution the Hessian is 4 times the identity.",
        statement=lambda: hessian_is(ABS1, BEST, [[4, 0, 0], [0, 4, 0], [0, 0, 4]]),
        because="4 I belongs to half the sum of squares, which the document does not use.",
        repair=Repair(
            "It is 8 I for the sum and 2 I for the mean. It exists although two examples lie on the kink, because "
            "their labels are 0.",
            lambda: AllOf(
                [
                    hessian_is(ABS1, BEST, [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                    hessian_is(on("abs1", loss="mean"), BEST, [[2, 0, 0], [0, 2, 0], [0, 0, 2]]),
                ]
            ),
        ),
    ),
    Claim(
        "strict-minimum",
        "3.1 Theorem 1",
        "The solution is a strict local minimum.",
        statement=lambda: strict_local_minimum(ABS1, BEST),
    ),
    Claim(
        "global-minimum",
        "3.1 Theorem 1",
        "The solution is a global minimum.",
        statement=lambda: set_at(ABS1, BEST, [SOLVED, ("loss", "=", 0)]),
    ),
    Claim(
        "only-perfect-fit",
        "3.1 Theorem 1",
        "No other parameters fit the data.",
        statement=lambda: AllAboutSets(
            [set_at(ABS1, BEST, [("dimension", "=", 0)]), number_of_sets(ABS1, [("loss", "=", 0)], "=", 1)]
        ),
        repair=Repair(
            "Exactly two parameter vectors fit the data: +-(1/2, -1/2, 0).",
            lambda: AllAboutSets(
                [
                    number_of_sets(ABS1, [("loss", "=", 0)], "=", 2),
                    *(set_at(ABS1, p, [("loss", "=", 0), ("isolated", "=", True)]) for p in (BEST, MIRROR)),
                ]
            ),
        ),
    ),
    Claim(
        "proof-slopes-are-signs",
        "3.1 proof",
        "At the solution the slope at every example is +1 or -1, the sign of its pre-activation.",
        statement=number_fact(*(f"{z} != 0" for z in pre("abs1", "[-1/2, 1/2, 0]")), abs1=ABS1),
        because="Both class-0 points lie on the hyperplane: their sign is 0 and their slope undefined.",
        repair=Repair(
            "The pre-activations are -1, 1, 0, 0, and torch's slope at the two zeros is 0.",
            number_fact(
                *(f"{z} == {x}" for z, x in zip(pre("abs1", "[-1/2, 1/2, 0]"), (-1, 1, 0, 0), strict=True)),
                abs1=ABS1,
            ),
        ),
    ),
    Claim(
        "proof-gradient-formula",
        "3.1 proof",
        "Off the kinks the gradient is, up to a factor, the sum of error times slope times input.",
        statement=ForAll(
            "u v b x y t",
            smooth("abs1"),
            [f"abs1.autograd({P}, [x, y, t]) == abs1.d1({P}, [x, y, t])"],
            landscapes(abs1=ABS1),
        ),
    ),
    Claim(
        "proof-inputs-span",
        "3.1 proof",
        "With slopes equal to signs, the vectors slope times input span the plane at the solution.",
        statement=ForAll(
            "x y",
            ["x**2 + y**2 > 0"],
            [[f"({s})*({a}*x + {c}*y) != 0"] for s, a, c in ((-1, 1, -1), (1, -1, 1), (0, 1, 1), (0, -1, -1))],
        ),
        because="With sign(0) = 0 only the two class-1 vectors are left, and they coincide.",
        repair=Repair(
            "All four slopes +-1, as inside any cell, would span the plane; but then the sign pattern matters, as "
            "the next step shows.",
            ForAll("x y", ["x**2 + y**2 > 0"], [["x - y != 0"], ["x + y != 0"]], splits=["x - y", "x + y"]),
        ),
    ),
    Claim(
        "proof-unique-solution",
        "3.1 proof",
        "The gradient conditions for the assumed signs (+, +, -, -) have the solution as their only solution.",
        statement=ForAll(
            "u v b",
            CONDITIONS,
            ["u == -1/2", "v == 1/2", "b == 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
            samples=0,
        ),
        because="They do have one solution only, but it is the trap.",
        repair=Repair(
            "Their only solution is w = 0, b = 1/2, the trap with loss 1.",
            ForAll(
                "u v b",
                CONDITIONS,
                ["u == 0", "v == 0", "b == 1/2"],
                landscapes(abs1=ABS1),
                try_at=[{"u": 0, "v": 0, "b": "1/2"}],
                samples=0,
            ),
        ),
    ),
    Claim(
        "proof-one-cell-is-enough",
        "3.1 proof",
        "The minimum inside the solution's own sign pattern is the solution, so that no other cell matters.",
        statement=lambda: every_set(ABS1, [MINIMA], [SOLVED]),
        because="Every cell has its own quadratic; two other cells contain their own minimum.",
        repair=Repair(
            "In every cell the Hessian is 8 I: each cell has one candidate, and the nine survivors are known.",
            ForAll(
                "u v b x y t",
                smooth("abs1"),
                [f"abs1.d2({P}, [x, y, t], [0, 0, 0]) == 8*(x**2 + y**2 + t**2)"],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
]


def _opposite(begin: np.ndarray) -> np.ndarray:
    p, b = begin[:, 0, 0] - begin[:, 0, 1], begin[:, 0, 2]
    return (p + b) * (b - p) < 0


RESTING = "relu1.rest([u, v, b], [s0, s1, s2, s3])"
REST_NAMES = "u v b s0 s1 s2 s3"
ACTIVE_REST = {"u": "3/4", "v": "-3/4", "b": "-1/2", "s0": 1, "s1": 0, "s2": 0, "s3": 0}
Z = pre("relu1", "[w1, w2, b]")

SECTION_32 = [
    Claim(
        "relu-only-collapses",
        "3.2 Proposition 1",
        "Every critical point of a single ReLU unit has all pre-activations at or below zero.",
        statement=lambda: stationary_points_are(RELU1, [[f"{z} <= 0" for z in Z]]),
        repair=Repair(
            "There are six more kinds: one class-1 point fitted exactly with the others off (two flat families, loss "
            "1), w = 0 with b = 1/2 (loss 1), and two kink saddles (+-1/6, -+1/6, 1/3).",
            lambda: stationary_points_are(
                RELU1,
                [
                    [f"{z} <= 0" for z in Z],
                    [f"{Z[0]} == 1", *(f"{z} <= 0" for z in Z[1:])],
                    [f"{Z[1]} == 1", *(f"{z} <= 0" for z in (Z[0], *Z[2:]))],
                    ["w1 == 0", "w2 == 0", "b == 1/2"],
                    ["w1 == 1/6", "w2 == -1/6", "b == 1/3"],
                    ["w1 == -1/6", "w2 == 1/6", "b == 1/3"],
                ],
            ),
        ),
    ),
    Claim(
        "relu-no-active-rest",
        "3.2 proof",
        "No stationary point has an active example.",
        statement=ForAll(
            REST_NAMES,
            [RESTING],
            [f"{z} <= 0" for z in pre("relu1", P)],
            landscapes(relu1=RELU1),
            try_at=[ACTIVE_REST],
            samples=0,
        ),
        repair=Repair(
            "Points that fit one class-1 example exactly, all others off, are global minima of the unit, with loss 1; "
            "they form sets of dimension 2.",
            lambda: AllAboutSets([set_at(RELU1, p, [SOLVED, ("loss", "=", 1), ("dimension", "=", 2)]) for p in FITTED]),
        ),
    ),
    Claim(
        "collapse-loss-not-zero",
        "3.2 Proposition 1",
        "All collapses have a non-zero loss.",
        statement=ForAll("u v b", all_off("relu1", "<="), [f"relu1.loss({P}) > 0"], landscapes(relu1=RELU1)),
    ),
    Claim(
        "collapse-loss-half",
        "3.2 Proposition 1",
        "All collapses have the loss 1/2, with the loss as defined.",
        statement=ForAll("u v b", all_off("relu1", "<="), [f"relu1.loss({P}) == 1/2"], landscapes(relu1=RELU1)),
        because="1/2 is the mean; the document's formula is the sum.",
        repair=Repair(
            "The sum is 2 and the mean 1/2 at every collapse.",
            ForAll(
                "u v b",
                all_off("relu1", "<="),
                [f"relu1.loss({P}) == 2", f"mean_relu1.loss({P}) == 1/2"],
                landscapes(relu1=RELU1, mean_relu1=on("relu1", loss="mean")),
            ),
        ),
    ),
    Claim(
        "collapses-degenerate",
        "3.2 Proposition 1",
        "Collapses are degenerate: the curvature vanishes in every direction.",
        statement=ForAll(
            "u v b x y t",
            all_off("relu1"),
            [f"relu1.d2({P}, [x, y, t], [0, 0, 0]) == 0"],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "proof-bias-derivative-formula",
        "3.2 proof",
        "Where example k is active, the derivative in b is 2 z_k.",
        statement=ForAll(
            "u v b",
            [f"{pre('relu1', P)[0]} > 0", *smooth("relu1")[1:]],
            [f"relu1.d1({P}, {ANY[2]}) == 2*{pre('relu1', P)[0]}"],
            landscapes(relu1=RELU1),
        ),
        because="The label is forgotten, and so are the other active examples.",
        repair=Repair(
            "Where only the first example is active, the derivative in b is 2 (z_1 - 1).",
            ForAll(
                "u v b",
                [f"{pre('relu1', P)[0]} > 0", *(f"{z} < 0" for z in pre("relu1", P)[1:])],
                [f"relu1.d1({P}, {ANY[2]}) == 2*({pre('relu1', P)[0]} - 1)"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "proof-bias-derivative-not-zero",
        "3.2 proof",
        "Where an example is active, the derivative in b is not zero.",
        statement=ForAll(
            "u v b",
            [f"{pre('relu1', P)[0]} > 0", *smooth("relu1")[1:]],
            [f"relu1.d1({P}, {ANY[2]}) != 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": "3/4", "v": "-3/4", "b": "-1/2"}],
        ),
        repair=Repair(
            "With only class-0 examples active it is positive.",
            ForAll(
                "u v b",
                [
                    f"{pre('relu1', P)[2]} > 0",
                    *(f"{z} < 0" for z in pre("relu1", P)[:2]),
                    f"{pre('relu1', P)[3]} != 0",
                ],
                [f"relu1.d1({P}, {ANY[2]}) > 0"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "proof-collapse-output",
        "3.2 proof",
        "With every pre-activation at or below zero all outputs are zero.",
        statement=ForAll(
            "u v b",
            all_off("relu1", "<="),
            [f"relu1.out({P}, {i}) == 0" for i in range(4)],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "proof-collapse-gradient",
        "3.2 proof",
        "With every pre-activation at or below zero the gradient vanishes.",
        statement=ForAll(
            "u v b x y t",
            all_off("relu1", "<="),
            [f"relu1.d1({P}, [x, y, t]) == 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": 0, "v": 0, "b": 0, "x": 0, "y": 0, "t": 1}],
        ),
        because="On the edge of the dead region a class-1 point can be switched on, and the loss falls at once.",
        repair=Repair(
            "It vanishes where all are strictly below zero; on the edge torch still reports zero, but at w = 0, b = 0 "
            "raising the bias lowers the loss at rate 4.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        all_off("relu1"),
                        [f"relu1.d1({P}, [x, y, t]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                    ForAll(
                        "u v b x y t",
                        all_off("relu1", "<="),
                        [f"relu1.autograd({P}, [x, y, t]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                    number_fact("relu1.d1([0, 0, 0], [0, 0, 1]) == -4", relu1=RELU1),
                ]
            ),
        ),
    ),
    Claim(
        "collapses-attract",
        "3.2",
        "A collapse attracts: no other point near it, such as near w = 0, b = -1, is at rest.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0", *(f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t"))],
            [[f"relu1.autograd([x, y, -1 + t], {axis}) != 0"] for axis in ANY],
            landscapes(relu1=RELU1),
            try_at=[{"x": 0, "y": 0, "t": "1/8"}],
        ),
        because="An attractor would draw its neighbours in; here every neighbour stays where it is.",
        repair=Repair(
            "The dead region is a plateau: around w = 0, b = -1 every point of a box rests, neither attracted nor "
            "repelled. From outside, starts with both class-1 points off flow to its edge, where a class-0 point is "
            "about to leave: its pre-activation decays at the rate 6 and never reaches 0.",
            lambda: AllOf([rests_near_collapse(), theorem_statement("basins_of_relu1")]),
        ),
        predicts=Prediction(
            "runs that start all off never move",
            "relu1",
            lambda begin, end: (begin == end.points).all(axis=(1, 2)),
            relevant=lambda begin: (preactivations(begin) < 0).all(axis=(1, 2)),
        ),
    ),
    Claim(
        "collapse-eigenvalue-bias",
        "3.2",
        "At a collapse the Jacobian of the flow has a negative eigenvalue in the bias direction.",
        statement=ForAll(
            "u v b", all_off("relu1"), [f"relu1.d2({P}, {ANY[2]}, [0, 0, 0]) > 0"], landscapes(relu1=RELU1)
        ),
        repair=Repair(
            "The curvature in the bias direction is exactly zero.",
            ForAll(
                "u v b",
                all_off("relu1"),
                [f"relu1.d2({P}, {ANY[2]}, [0, 0, 0]) == 0"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "collapse-eigenvalue-radial",
        "3.2",
        "At a collapse the Jacobian of the flow has a negative eigenvalue in the radial direction.",
        statement=ForAll(
            "u v b", all_off("relu1"), [f"relu1.d2({P}, [u, v, 0], [0, 0, 0]) > 0"], landscapes(relu1=RELU1)
        ),
        repair=Repair(
            "The curvature in the radial direction is exactly zero.",
            ForAll(
                "u v b",
                all_off("relu1"),
                [f"relu1.d2({P}, [u, v, 0], [0, 0, 0]) == 0"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "collapse-eigenvalue-angular",
        "3.2",
        "At a collapse the angular eigenvalue is exactly zero.",
        statement=ForAll("u v b", all_off("relu1"), [f"{turn('relu1', ('u', 'v'))[1]} == 0"], landscapes(relu1=RELU1)),
    ),
]


def angular(name: str, weights: tuple[str, str], *relations: str, given: str = "c > 0", bias: str = "0") -> ForAll:
    """State relations about the angular slopes {0}, {1} on both sides and the curvature {2} on a ray."""
    parts = slopes(name, weights, bias)
    names = "c" if bias == "0" else f"c {bias}"
    return ForAll(names, given.split(" and "), [r.format(*parts) for r in relations], landscapes(**{name: name}))


ON_ZERO_BIAS = "[u, v, 0]"
ABS_TORQUE, RELU_TORQUE = (f"{name}.d1({ON_ZERO_BIAS}, {TORQUE})" for name in ("abs1", "relu1"))
OFF_DIAGONALS = ["u != v", "u != -v"]


def fits(names: str, given: list[str], point: str) -> AllOf:
    """State that gradient flow of a single ReLU fits x1 from these starts: their region, and where it leads."""
    u, v, _ = point.strip("[]").split(", ")
    z1, z2, *_ = pre("relu1", point)
    starts = ForAll(names, given, [f"{z1} > 0", f"{z2} < 0", f"{u} >= -3/2", f"{v} <= 3/2"], landscapes(relu1=RELU1))
    return AllOf([starts, theorem_statement("basins_of_relu1")])


def fits_near_the_diagonal() -> AllOf:
    """State that gradient flow fits x1 from (c + d, c - d, 0) with 0 < d < c <= 3/2; x2 from its mirror image."""
    return fits("c d", ["0 < d < c", "c <= 3/2"], "[c + d, c - d, 0]")


def fits_from_zero_bias() -> AllOf:
    """State that gradient flow fits x1 from all w2 < w1 with w1 >= -3/2, w2 <= 3/2, b = 0; x2 from the mirror image."""
    return fits("u v", ["v < u", "u >= -3/2", "v <= 3/2"], "[u, v, 0]")


def on_the_ray() -> list[ForAll]:
    """State torch's flow from c(1, 1), b = 0: along -(1, 1, 1) to a collapse."""
    gradient = [f"relu1.autograd([c - s, c - s, -s], {axis}) == 2*(2*c - 3*s)" for axis in ANY]
    collapse = [f"{z} <= 0" for z in pre("relu1", "[c/3, c/3, -2*c/3]")]
    place = landscapes(relu1=RELU1)
    return [ForAll("c s", ["c > 0", "0 <= s", "3*s < 2*c"], gradient, place), ForAll("c", ["c > 0"], collapse, place)]


SECTION_33 = [
    Claim(
        "abs-curvature-at-pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the second angular derivative at pi/4 exists and is negative.",
        statement=angular("abs1", NT, "{0} + {1} == 0", "{2} < 0"),
        because="Both class-1 points lie on the kink there, so there is a peak with a corner and no second derivative.",
        repair=Repair(
            "At pi/4 with b = 0 the angular loss has a corner: it falls at rate 8c (4 sqrt 2 r) on both sides, for every "
            "r. The angle is unstable.",
            angular("abs1", NT, "{0} == -8*c", "{1} == -8*c"),
        ),
    ),
    Claim(
        "abs-unstable-at-pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the angle pi/4 is unstable.",
        statement=angular("abs1", NT, "{0} < 0", "{1} < 0"),
    ),
    Claim(
        "abs-curvature-at-3pi-over-4",
        "3.3 table",
        "For the absolute-value unit with b = 0 the second angular derivative at 3 pi/4 is positive.",
        statement=angular("abs1", SEPARATOR, "{0} == 0", "{1} == 0", "{2} > 0"),
    ),
    Claim(
        "abs-curvature-for-any-bias",
        "3.3 table",
        "The same holds whatever the frozen bias.",
        statement=angular("abs1", SEPARATOR, "{2} > 0", bias="b"),
        because="Beyond |b| = sqrt 2 r no class-1 point changes side and the angle feels nothing.",
        repair=Repair(
            "The curvature is 8c (4 sqrt 2 r) while |b| < 2c (sqrt 2 r), and zero where |b| > 2c.",
            AllOf(
                [
                    angular("abs1", SEPARATOR, "{2} == 8*c", given="-2*c < b < 2*c", bias="b"),
                    angular("abs1", SEPARATOR, "{2} == 0", given="c > 0 and b > 2*c", bias="b"),
                    angular("abs1", SEPARATOR, "{2} == 0", given="c > 0 and b < -2*c", bias="b"),
                ]
            ),
        ),
    ),
    Claim(
        "relu-curvature-at-pi-over-4",
        "3.3 table",
        "For a single ReLU with b = 0 the second angular derivative at pi/4 exists and is positive.",
        statement=angular("relu1", NT, "{0} + {1} == 0", "{2} > 0"),
        repair=Repair(
            "It does not exist: there is a corner and the loss falls at rate 4c (2 sqrt 2 r) on both sides. For a "
            "frozen 0 < b < 2c the curvature is 4c (2c - b) > 0; for -2c < b < 0 it is -4c (2c + b) < 0.",
            AllOf(
                [
                    angular("relu1", NT, "{0} == -4*c", "{1} == -4*c"),
                    angular(
                        "relu1",
                        NT,
                        "{0} == 0",
                        "{2} == 4*c*(2*c - b)",
                        "{2} > 0",
                        given="0 < b < 2*c",
                        bias="b",
                    ),
                    angular(
                        "relu1",
                        NT,
                        "{0} == 0",
                        "{2} == -4*c*(2*c + b)",
                        "{2} < 0",
                        given="-2*c < b < 0",
                        bias="b",
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "relu-stable-at-pi-over-4",
        "3.3 table",
        "For a single ReLU the angle pi/4 is stable as long as b stays frozen at 0.",
        statement=angular("relu1", NT, "{0} >= 0", "{1} >= 0"),
        repair=Repair(
            "It is a strict peak there, unstable; it is a valley only for a frozen bias strictly between 0 and 2c.",
            AllOf(
                [
                    angular("relu1", NT, "{0} < 0", "{1} < 0"),
                    angular("relu1", NT, "{0} == 0", "{1} == 0", "{2} > 0", given="0 < b < 2*c", bias="b"),
                ]
            ),
        ),
        predicts=Prediction(
            "with the bias free as well, every relu1 run from w near c(1, 1), b = 0 leaves the angle",
            "relu1",
            lambda begin, end: np.abs(_angle(end.points) - np.pi / 4) > 0.05,
            relevant=lambda begin: _near_diagonal(begin),
            starts="normal:0.1",
            restarts=4000,
        ),
    ),
    Claim(
        "relu-bias-derivative-at-pi-over-4",
        "3.3 table",
        "There the derivative in b exists and is not zero.",
        statement=ForAll(
            "c",
            ["c > 0"],
            [
                "relu1.d1([c, c, 0], [0, 0, 1]) + relu1.d1([c, c, 0], [0, 0, -1]) == 0",
                "relu1.d1([c, c, 0], [0, 0, 1]) != 0",
            ],
            landscapes(relu1=RELU1),
        ),
        because="Raising b switches both class-1 points on; lowering it does not.",
        repair=Repair(
            "The one-sided slopes are 4c - 4 upwards and -4c downwards: lowering the bias always helps, raising it helps "
            "too while c < 1.",
            ForAll(
                "c",
                ["c > 0"],
                ["relu1.d1([c, c, 0], [0, 0, 1]) == 4*c - 4", "relu1.d1([c, c, 0], [0, 0, -1]) == -4*c"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "relu-drifts-to-collapse",
        "3.3 table",
        "From near the angle pi/4 with b = 0 a single ReLU drifts to collapse (read: gradient flow does so from some "
        "w = (c + d, c - d) with 0 < d < c <= 3/2).",
        statement=lambda: Not(fits_near_the_diagonal()),
        because="The slightest turn switches a class-1 point on. It stays on, and the flow fits it.",
        repair=Repair(
            "For 0 < c <= 3/2 all starts (c + d, c - d, 0) with 0 < d < c, and their mirror images, end in a fit of one "
            "class-1 point, at the least loss 1. Longer units collapse if d is small, up to a parabola; so does torch's "
            "flow exactly on the ray, along -(1, 1, 1) to (c/3, c/3, -2c/3).",
            lambda: AllOf([fits_near_the_diagonal(), theorem_statement("edges_of_the_basins_of_relu1"), *on_the_ray()]),
        ),
        predicts=Prediction(
            "runs of relu1 near pi/4, but not on it, with b = 0 and norm below 2 end at loss 1",
            "relu1",
            lambda begin, end: np.abs(end.losses - 1) < 1e-6,
            relevant=lambda begin: _near_diagonal(begin) & (np.linalg.norm(begin[:, 0, :2], axis=1) < 2),
            starts="normal:0.5",
            restarts=4000,
        ),
    ),
    Claim(
        "mirror-makes-repeller",
        "3.3",
        "Without the mirror channel the angle pi/4 is no repeller at b = 0.",
        statement=Not(angular("relu1", NT, "{0} < 0", "{1} < 0")),
        repair=Repair(
            "It repels with and without the mirror channel; the absolute value repels exactly twice as hard.",
            AllOf(
                [
                    angular("relu1", NT, "{0} == -4*c", "{1} == -4*c"),
                    angular("abs1", NT, "{0} == -8*c", "{1} == -8*c"),
                ]
            ),
        ),
    ),
    Claim(
        "single-attracting-angle",
        "3.3",
        "For the absolute-value unit 3 pi/4 is the only attracting angle.",
        statement=Not(angular("abs1", OPPOSITE, "{0} == 0", "{1} == 0", "{2} > 0")),
        because="The unit does not change when (w, b) changes sign.",
        repair=Repair(
            "There are exactly two, 3 pi/4 and 7 pi/4; at b = 0 torque vanishes at no angle other than these and the two "
            "corners pi/4 and 5 pi/4.",
            AllOf(
                [
                    angular("abs1", SEPARATOR, "{0} == 0", "{2} == 8*c"),
                    angular("abs1", OPPOSITE, "{0} == 0", "{2} == 8*c"),
                    ForAll("u v", OFF_DIAGONALS, [f"{ABS_TORQUE} != 0"], landscapes(abs1=ABS1)),
                ]
            ),
        ),
    ),
    Claim(
        "single-attracting-basin",
        "3.3",
        "With the mirror channel the angle of the solution is the single attracting basin: gradient flow from almost "
        "every start ends at that angle.",
        statement=lambda: Not(theorem_statement("basins_of_abs1")),
        because="Two traps without any angle, w = 0, attract open regions too.",
        repair=Repair(
            "The flow runs straight to a solution where the pre-activations at x1 and x2 differ in sign, and straight to "
            "a trap, w = 0 and b = +-1/2, where they agree.",
            lambda: theorem_statement("basins_of_abs1"),
        ),
    ),
    Claim(
        "separator-lost-without-mirror",
        "3.3",
        "Without the mirror channel 3 pi/4 attracts no more: gradient flow, norm and bias free, ends there from no open "
        "set of starts.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="Short units turn to it exactly.",
        repair=Repair(
            "From b = 0 and w1 < w2 with w1 >= -1/2, w2 <= 1/2 a single ReLU ends exactly at w = (-1/2, 1/2), b = 0. Nowhere "
            "does |w1 + w2| grow; but a unit that sees x2 alone keeps it, and turns away while it shortens.",
            lambda: theorem_statement("short_units_find_the_separator"),
        ),
    ),
    Claim(
        "removing-mirror-flips-torque",
        "3.3",
        "Removing the mirror channel flips the sign of the angular feedback.",
        statement=ForAll(
            "u v", OFF_DIAGONALS, [f"{ABS_TORQUE}*{RELU_TORQUE} <= 0"], landscapes(abs1=ABS1, relu1=RELU1)
        ),
        repair=Repair(
            "At b = 0 it halves the torque at every w and flips nothing: the loss of the absolute value is twice that of "
            "the ReLU minus 2.",
            ForAll(
                "u v",
                [],
                [
                    f"abs1.loss({ON_ZERO_BIAS}) == 2*relu1.loss({ON_ZERO_BIAS}) - 2",
                    f"{ABS_TORQUE} == 2*{RELU_TORQUE}",
                ],
                landscapes(abs1=ABS1, relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "bias-uncontrolled",
        "3.3",
        "Without the mirror channel nothing holds the bias: under gradient flow near 3 pi/4 it never returns to 0.",
        statement=lambda: Not(theorem_statement("short_units_find_the_separator")),
        because="The loss is curved in b, and short units return to b = 0 exactly.",
        repair=Repair(
            "At w = c(-1, 1), b = 0 the curvature in b is 6 upwards and 2 downwards; with the mirror channel 8 on both "
            "sides. From w1 >= -1/2 - b, w2 <= 1/2 + b with x2 on and x1 off, z1 >= -1, the bias returns to 0. Where x2 alone "
            "is on it settles where x2 is fitted: neutral along a flat family, not adrift.",
            lambda: AllOf(
                [
                    ForAll(
                        "c",
                        ["c > 0"],
                        [
                            "relu1.d2([-c, c, 0], [0, 0, 1], [0, 0, 0]) == 6",
                            "relu1.d2([-c, c, 0], [0, 0, -1], [0, 0, 0]) == 2",
                            "abs1.d2([-c, c, 0], [0, 0, 1], [0, 0, 0]) == 8",
                            "abs1.d2([-c, c, 0], [0, 0, -1], [0, 0, 0]) == 8",
                        ],
                        landscapes(relu1=RELU1, abs1=ABS1),
                    ),
                    theorem_statement("short_units_find_the_separator"),
                ]
            ),
        ),
    ),
    Claim(
        "training-slides-into-off-state",
        "3.3",
        "Training a single ReLU slides into the all-off state (read: gradient flow does so from some weights with "
        "|w1|, |w2| <= 3/2, w1 != w2 and zero bias).",
        statement=lambda: Not(fits_from_zero_bias()),
        because="Every one of these starts sees one class-1 point, keeps it and fits it.",
        repair=Repair(
            "From zero bias and w1 > w2 with w1 >= -3/2, w2 <= 3/2 (or the mirror image) the flow ends in a fit, at the "
            "least loss 1. What does slide into the all-off state: units that see no class-1 point, and of those that see "
            "one the long ones beyond a parabola.",
            lambda: AllOf([fits_from_zero_bias(), theorem_statement("edges_of_the_basins_of_relu1")]),
        ),
        predicts=Prediction(
            "runs of relu1 from zero bias with |w1|, |w2| <= 3/2 end at loss 1",
            "relu1",
            lambda begin, end: np.abs(end.losses - 1) < 1e-6,
            relevant=lambda begin: (np.abs(begin[:, 0, :2]) <= 1.5).all(axis=1),
            starts="normal:0.5",
            restarts=100,
        ),
    ),
]


def _angle(points: np.ndarray) -> np.ndarray:
    return np.arctan2(points[:, 0, 1], points[:, 0, 0])


def _near_diagonal(begin: np.ndarray) -> np.ndarray:
    turn_by = np.abs(_angle(begin) - np.pi / 4)
    return (turn_by > 0) & (turn_by < 0.05)


SIX = "[u1, v1, b1, u2, v2, b2]"
SIX_NAMES = "u1 v1 b1 u2 v2 b2"
FITS2 = {"u1": "1/2", "v1": "-1/2", "b1": 0, "u2": "-1/2", "v2": "1/2", "b2": 0}
G = "u*h - v*g"

SECTION_4 = [
    Claim(
        "dead-data-definition",
        "4.1",
        "An example whose largest pre-activation is positive has a non-zero gradient, so D counts exactly the examples "
        "without gradient.",
        statement=ForAll(
            "u v b",
            ["one.pre([u, v, b], 0, 0) > 0"],
            [[f"one.autograd({P}, {axis}) != 0"] for axis in ANY],
            landscapes(one=ONE_RELU),
            try_at=[{"u": "1/2", "v": "-1/2", "b": 0}],
        ),
        because="An example that is fitted exactly has no gradient either, and that is success.",
        repair=Repair(
            "An example has no gradient exactly if it is dead or fitted.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        ["one.pre([u, v, b], 0, 0) <= 0"],
                        [f"one.autograd({P}, [x, y, t]) == 0"],
                        landscapes(one=ONE_RELU),
                    ),
                    ForAll(
                        "u v b",
                        ["one.pre([u, v, b], 0, 0) > 0", "one.out([u, v, b], 0) != 1"],
                        [f"one.autograd({P}, {ANY[2]}) != 0"],
                        landscapes(one=ONE_RELU),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "dead-data-at-the-kink",
        "4.1",
        "A pre-activation of exactly zero counts as dead, because then no change of parameters matters to first order.",
        statement=ForAll(
            "u v b x y t",
            ["one.pre([u, v, b], 0, 0) <= 0"],
            [f"one.d1({P}, [x, y, t]) == 0"],
            landscapes(one=ONE_RELU),
            try_at=[{"u": 0, "v": 0, "b": 0, "x": 0, "y": 0, "t": 1}],
        ),
        because="torch reports slope 0 at the kink, but the loss does fall on one side.",
        repair=Repair(
            "Strictly below zero nothing matters to first order; at zero a class-1 example still pulls, one-sidedly.",
            AllOf(
                [
                    ForAll(
                        "u v b x y t",
                        ["one.pre([u, v, b], 0, 0) < 0"],
                        [f"one.d1({P}, [x, y, t]) == 0"],
                        landscapes(one=ONE_RELU),
                    ),
                    number_fact("one.d1([0, 0, 0], [0, 0, 1]) == -2", one=ONE_RELU),
                ]
            ),
        ),
    ),
    Claim(
        "dead-data-for-any-unit",
        "4.1",
        "A largest pre-activation at or below zero means no gradient for the document's absolute-value unit too.",
        statement=ForAll(
            "u v b x y t",
            ["one.pre([u, v, b], 0, 0) <= 0"],
            [f"one.autograd({P}, [x, y, t]) == 0"],
            landscapes(one=ONE_ABS),
        ),
        because="Left of the kink an absolute value has slope -1.",
        repair=Repair(
            "For an absolute-value unit a class-1 example left of the kink has gradient unless it is fitted.",
            ForAll(
                "u v b",
                ["one.pre([u, v, b], 0, 0) < 0", "one.out([u, v, b], 0) != 1"],
                [f"one.autograd({P}, {ANY[2]}) != 0"],
                landscapes(one=ONE_ABS),
            ),
        ),
    ),
    Claim(
        "no-dead-data-at-success",
        "4.1",
        "Where the two-ReLU network fits XOR there is no dead data.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.out({SIX}, {i}) == {int(i < 2)}" for i in range(4)],
            [[f"relu2.pre({SIX}, {j}, 2) > 0"] for j in (0, 1)],
            landscapes(relu2=RELU2),
            try_at=[FITS2],
            samples=0,
        ),
        because="The alarm sounds at the solution itself.",
        repair=Repair(
            "At every exact fit both class-0 examples are dead and both class-1 examples live: D = 1/2, always.",
            AllOf(
                [
                    ForAll(
                        SIX_NAMES,
                        [f"relu2.out({SIX}, {i}) == 0"],
                        [f"relu2.pre({SIX}, {j}, {i}) <= 0" for j in (0, 1)],
                        landscapes(relu2=RELU2),
                        try_at=[FITS2],
                        samples=0,
                    )
                    for i in (2, 3)
                ]
                + [
                    ForAll(
                        SIX_NAMES,
                        [f"relu2.out({SIX}, {i}) == 1"],
                        [[f"relu2.pre({SIX}, {j}, {i}) > 0"] for j in (0, 1)],
                        landscapes(relu2=RELU2),
                        try_at=[FITS2],
                        samples=0,
                    )
                    for i in (0, 1)
                ]
            ),
        ),
    ),
    Claim(
        "torque-split",
        "4.2",
        "The radial and the tangential part of a gradient are orthogonal and add up to it, so the torque ratio lies "
        "between 0 and 1.",
        statement=ForAll(
            "u v g h",
            ["u**2 + v**2 > 0"],
            [
                "u*((u**2 + v**2)*g - (u*g + v*h)*u) + v*((u**2 + v**2)*h - (u*g + v*h)*v) == 0",
                "(u**2 + v**2)*(g**2 + h**2) == (u*g + v*h)**2 + (u*h - v*g)**2",
                "(u*h - v*g)**2 <= (u**2 + v**2)*(g**2 + h**2)",
            ],
            squares=["u*g + v*h"],
        ),
    ),
    Claim(
        "torque-defined",
        "4.2",
        "The torque ratio is defined wherever training can stop: the gradient and the weights are not zero there.",
        statement=ForAll(
            "u v b",
            [f"abs1.autograd({P}, {axis}) == 0" for axis in ANY],
            ["u**2 + v**2 > 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
        ),
        because="Where training stops the ratio is 0/0; at the traps the weights vanish as well.",
        repair=Repair(
            "At every smooth stationary point the gradient is zero, so the ratio is undefined: it is a statement about "
            "the way there. At the solution and at the trap alike all three components are 0.",
            number_fact(
                *(f"abs1.autograd({p}, {axis}) == 0" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]") for axis in ANY),
                abs1=ABS1,
            ),
        ),
    ),
    Claim(
        "no-torque-means-no-turning",
        "4.2",
        "With no tangential gradient a gradient step changes the length of the weights and not their direction.",
        statement=ForAll(
            "u v g h step",
            [f"{G} == 0"],
            ["u*(v - step*h) - v*(u - step*g) == 0"],
            try_at=[{"u": 1, "v": 2, "g": 2, "h": 4, "step": "1/2"}],
        ),
    ),
    Claim(
        "low-torque-signals-trap",
        "4.2",
        "Where the torque ratio is zero, descent does not lead to the solution.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "1/8", [[["-1/4", "1/4", 0]], BEST])),
        because="The right orientation has no torque either: nothing is left to turn.",
        repair=Repair(
            "At w = c(-1, 1), b = 0 the torque is zero for every c > 0 while only the length is wrong (unless c = 1/2), "
            "and one step of 1/8 reaches the solution from every such point.",
            ForAll(
                "c",
                ["c > 0"],
                [
                    "abs1.d1([-c, c, 0], [-c, -c, 0]) == 0",
                    "-c - 1/8*abs1.autograd([-c, c, 0], [1, 0, 0]) == -1/2",
                    "c - 1/8*abs1.autograd([-c, c, 0], [0, 1, 0]) == 1/2",
                    "abs1.autograd([-c, c, 0], [0, 0, 1]) == 0",
                ],
                landscapes(abs1=ABS1),
            ),
        ),
    ),
    Claim(
        "no-torque-traps-exist",
        "4.2",
        "There are no-torque traps: regions without torque from which descent reaches a bad minimum.",
        statement=AllOf(
            [
                ForAll(
                    "u v b",
                    [f"{z} > 0" for z in pre("abs1", P)[:2]] + smooth("abs1")[2:],
                    [f"{turn('abs1', ('u', 'v'))[0]} == 0"],
                    landscapes(abs1=ABS1),
                ),
                ForAll(
                    "u v b",
                    [f"{z} > 0" for z in pre("abs1", P)[:2]] + smooth("abs1")[2:],
                    [
                        f"u - 1/8*abs1.autograd({P}, {ANY[0]}) == 0",
                        f"v - 1/8*abs1.autograd({P}, {ANY[1]}) == 0",
                        f"b - 1/8*abs1.autograd({P}, {ANY[2]}) == 1/2",
                    ],
                    landscapes(abs1=ABS1),
                ),
            ]
        ),
    ),
]

SECTION_56 = [
    Claim(
        "bias-warm-up-revives",
        "5",
        "Raising the bias by minus the smallest m_i plus epsilon leaves no dead example.",
        statement=ForAll(
            "m0 m1 m2 m3 low epsilon",
            [*(f"m{i} >= low" for i in range(4)), "epsilon > 0"],
            [f"m{i} + (-low + epsilon) > 0" for i in range(4)],
        ),
    ),
    Claim(
        "bias-warm-up-harmless",
        "5",
        "Applied to the two-ReLU solution of XOR, where its trigger fires, the correction keeps the loss at zero.",
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
    ),
    Claim(
        "angular-noise-acts",
        "5",
        "At exactly zero torque that correction changes the weights.",
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
        measure=Study([ONE_SHOT], lambda tally: all_of(all_of_them(1)(tally), none_of_them(5)(tally))),
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
    Claim(
        "forward-and-gradient-hooks",
        "6",
        "Forward hooks capture the pre-activations and gradient hooks the gradients.",
        measure=hooks,
    ),
    Claim(
        "hooks-are-cheap",
        "6",
        "Capturing them is cheap.",
        measure=Study([COST], cheap),
        because="A reading at every 100th step costs next to nothing; one at every step can be felt.",
    ),
    Claim(
        "interventions-are-local",
        "6",
        "Interventions stay local to their layer: raising its biases leaves the dead data of later layers as they are.",
        measure=Study([LOCAL], none_of_them(0, 1)),
        because="Only the layer's own parameters are written, but all later layers see other inputs.",
    ),
    Claim(
        "first-epochs-suffice",
        "6",
        "Monitoring the first five epochs suffices: runs that are healthy until then succeed.",
        measure=healthy_then_failing,
        because="With random biases some runs that are healthy through epoch 5 still fail.",
    ),
    Claim(
        "repairs-of-first-epochs-suffice",
        "6",
        "On two ReLUs on XOR, repairs in the first five epochs do as well as repairs at any time.",
        measure=Study([EARLY], as_good),
    ),
    Claim(
        "later-layers-correct-themselves",
        "6",
        "Once early geometry is healthy, later layers correct themselves.",
        measure=Study([LATER], most_of_them(1, 0, 2, 3)),
        because="Tried on ten layers of four units on the two moons: a dead later layer passes no gradient back.",
    ),
]


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
        "Dead data and torque tell a healthy network from a sick one: a network that fits the data has D = 0 or a "
        "defined torque ratio.",
        statement=number_fact(
            "relu2.pre([1/2, -1/2, 0, -1/2, 1/2, 0], 0, 2) + relu2.pre([1/2, -1/2, 0, -1/2, 1/2, 0], 1, 2) > 0",
            relu2=RELU2,
        ),
        repair=Repair(
            "The two-ReLU solution has D = 1/2 and a zero gradient, hence an undefined torque ratio.",
            lambda: AllOf(
                [
                    autograd_rests_at(RELU2, SOLUTION2),
                    number_fact(
                        *(f"relu2.pre([1/2, -1/2, 0, -1/2, 1/2, 0], {j}, {i}) <= 0" for j in (0, 1) for i in (2, 3)),
                        relu2=RELU2,
                    ),
                ]
            ),
        ),
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
    ),
    Claim(
        "controller-keeps-from-bad-ends",
        "7",
        "With the controller, training keeps away from degenerate ends: every run of two ReLUs on XOR succeeds.",
        measure=Study([WRITTEN, BIASED], in_each(all_of_them(1))),
        because="With zero biases, then with random ones. Units that see everything are a trap too, and warm-ups lead there.",
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
    ),
    Claim(
        "indicators-spare-healthy-runs",
        "7",
        "The two indicators tell healthy runs from sick ones: most runs that succeed alone raise no alarm.",
        measure=Study([WRITTEN], lambda tally: Measurement(tally[4].count < tally[4].total / 2, sentences(tally, 4))),
    ),
    Claim(
        "scales-to-deep-nets",
        "7",
        "The controller scales from XOR to deep networks.",
        measure=Study([DEEP], most_of_them(1, 0, 3)),
        because="Tried on 50 layers of four units on the two moons, accuracy above 0.95 at the end.",
    ),
]

ORBIT = [[[0, 0, b]] for b in ("3/10", "9/10", "-3/10", "-9/10", "3/10")]
DIVERGING = [[[0, 0, b]] for b in (2, -4, 10, -28)]
STEP_38 = "b - 3/8*abs1.autograd([0, 0, b], [0, 0, 1])"


def triples() -> list[ForAll]:
    """State that from w = 0 and |b| > 1 a step of 1/2 keeps w and makes |b| - 1 three times as large."""
    place, bias = landscapes(abs1=ABS1), "b - 1/2*abs1.autograd([0, 0, b], [0, 0, 1])"
    still = [f"abs1.autograd([0, 0, b], {axis}) == 0" for axis in ANY[:2]]
    up = ForAll("b", ["b > 1"], [*still, f"{bias} < -1", f"-({bias}) - 1 == 3*(b - 1)"], place)
    return [up, ForAll("b", ["b < -1"], [*still, f"{bias} > 1", f"{bias} - 1 == 3*(-b - 1)"], place)]


COMPARISON = [
    Claim(
        "plateau-non-hyperbolic",
        "Comparison 2",
        "In the degenerate (dead) state every multiplier of gradient descent has modulus 1: training stalls.",
        statement=ForAll(
            "u v b x y t step",
            [*all_off("relu1"), "step > 0"],
            [
                *(f"relu1.autograd({P}, {axis}) == 0" for axis in ANY),
                f"x**2 + y**2 + t**2 - step*relu1.d2({P}, [x, y, t], [0, 0, 0]) == x**2 + y**2 + t**2",
            ],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "bias-freeze-means-plateau",
        "Comparison 2",
        "A bias that does not move shows a flat plateau: where the bias gradient is zero, so is the bias curvature.",
        statement=ForAll(
            "u v b",
            [f"abs1.autograd({P}, {ANY[2]}) == 0", *smooth("abs1")],
            [f"abs1.d2({P}, {ANY[2]}, [0, 0, 0]) == 0"],
            landscapes(abs1=ABS1),
            try_at=[{"u": 0, "v": 0, "b": "1/2"}],
        ),
        because="The bias also stops at every good minimum.",
        repair=Repair(
            "At the strict minima, solution and trap, the bias rests with curvature 8.",
            number_fact(
                *(f"abs1.autograd({p}, {ANY[2]}) == 0" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]")),
                *(f"abs1.d2({p}, {ANY[2]}, [0, 0, 0]) == 8" for p in ("[-1/2, 1/2, 0]", "[0, 0, 1/2]")),
                abs1=ABS1,
            ),
        ),
    ),
    Claim(
        "torque-freezes-feature",
        "Comparison 2",
        "Low torque can freeze a unit's direction: with all four examples active, torque is zero and stays zero.",
        statement=ForAll(
            "u v b step",
            [*(f"{z} > 0" for z in pre("relu1", P)), "0 < step < 1/8"],
            [
                f"relu1.d1({P}, {TORQUE}) == 0",
                f"(u - step*relu1.autograd({P}, {ANY[0]}))*v == (v - step*relu1.autograd({P}, {ANY[1]}))*u",
            ],
            landscapes(relu1=RELU1),
        ),
    ),
    Claim(
        "zero-collapse-fixed-point",
        "Comparison 2",
        "All parameters zero is a fixed point of training.",
        statement=lambda: AllOf([autograd_rests_at(RELU1, [[0, 0, 0]])]),
    ),
    Claim(
        "zero-collapse-sink",
        "Comparison 2",
        "All parameters zero is a sink.",
        statement=lambda: local_minimum_at(RELU1, [[0, 0, 0]]),
        because="Only torch's slope 0 at the kink holds it there.",
        repair=Repair(
            "It is no local minimum of either unit: raising the bias lowers the loss at rate 4. Nor does collapse lead "
            "there: with both class-1 points off and x3 on, w1 + w2 - 2b is positive and never changes.",
            lambda: AllOf(
                [
                    Not(local_minimum_at(RELU1, [[0, 0, 0]])),
                    number_fact(
                        "relu1.d1([0, 0, 0], [0, 0, 1]) == -4",
                        "abs1.d1([0, 0, 0], [0, 0, 1]) == -4",
                        relu1=RELU1,
                        abs1=ABS1,
                    ),
                    ForAll(
                        "u v b",
                        [f"{z} {r} 0" for z, r in zip(pre("relu1", P), "<<>", strict=False)],
                        ["u + v - 2*b > 0", f"relu1.d1({P}, [1, 1, -2]) == 0"],
                        landscapes(relu1=RELU1),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "dead-neuron-is-a-sink",
        "Comparison, conclusion",
        "A dead neuron is a degenerate sink: its neighbours are drawn towards it.",
        statement=ForAll(
            "x y t",
            ["x**2 + y**2 + t**2 > 0", *(f"-1/8 <= {d} <= 1/8" for d in ("x", "y", "t"))],
            [
                [f"x*relu1.autograd([x, y, -1 + t], {ANY[0]}) > 0"],
                [f"t*relu1.autograd([x, y, -1 + t], {ANY[2]}) > 0"],
            ],
            landscapes(relu1=RELU1),
        ),
        repair=Repair("Its neighbours are dead too and stay where they are.", rests_near_collapse),
    ),
    Claim(
        "dead-check-finds-zero-unit",
        "Comparison 2",
        "Checking for pre-activations below zero on all inputs finds a unit whose parameters have collapsed to zero.",
        statement=number_fact(*(f"{z} < 0" for z in pre("relu1", "[0, 0, 0]")), relu1=RELU1),
        repair=Repair(
            "Its pre-activations are zero, not negative; the check must be 'at most zero'.",
            number_fact(*(f"{z} == 0" for z in pre("relu1", "[0, 0, 0]")), relu1=RELU1),
        ),
    ),
    Claim(
        "dead-neuron-has-collapsed",
        "Comparison 2",
        "A unit that stays dead on all inputs has parameters (near) zero.",
        statement=ForAll("u v b", all_off("relu1"), ["u == 0", "v == 0", "b == 0"], landscapes(relu1=RELU1)),
        repair=Repair(
            "On XOR a dead unit is one with b < -|w1 + w2| and b < -|w1 - w2|, of any size; all zero is not among them.",
            ForAll(
                "u v b",
                all_off("relu1"),
                ["b < 0", "b < u - v", "b < v - u", "b < u + v", "b < -u - v"],
                landscapes(relu1=RELU1),
            ),
        ),
    ),
    Claim(
        "dead-data-constant-output",
        "Comparison 2",
        "For inputs at which all ReLUs are off the output is constant.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.pre({SIX}, {j}, 0) <= 0" for j in (0, 1)],
            [f"relu2.out({SIX}, 0) == 0"],
            landscapes(relu2=RELU2),
        ),
    ),
    Claim(
        "dead-data-is-extreme",
        "Comparison 2",
        "Inputs at which all ReLUs are off show a trivial, failed model.",
        statement=ForAll(
            SIX_NAMES,
            [f"relu2.pre({SIX}, {j}, 2) <= 0" for j in (0, 1)],
            [f"relu2.loss({SIX}) > 0"],
            landscapes(relu2=RELU2),
            try_at=[FITS2],
            samples=0,
        ),
        repair=Repair(
            "A two-ReLU network that fits XOR is off at both class-0 points.",
            number_fact(
                "relu2.loss([1/2, -1/2, 0, -1/2, 1/2, 0]) == 0",
                *(f"relu2.pre([1/2, -1/2, 0, -1/2, 1/2, 0], {j}, {i}) <= 0" for j in (0, 1) for i in (2, 3)),
                relu2=RELU2,
            ),
        ),
    ),
    Claim(
        "source-diverges",
        "Comparison 2",
        "Where a minimum is a source of gradient descent (a multiplier above 1 in size) parameters grow without bound.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "3/8", ORBIT)),
        because="With step 3/8 every minimum of the absolute-value unit is a source (multiplier -2), yet b runs through "
        "3/10, 9/10, -3/10, -9/10 for ever.",
        repair=Repair(
            "With step 3/8 and w = 0 every orbit stays in |b| <= 3/2 although the minima are sources with multiplier -2.",
            lambda: AllOf(
                [
                    hessian_is(ABS1, TRAPS[0], [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                    number_fact("(1 - 3/8*8)**2 > 1"),
                    ForAll(
                        "b",
                        ["-3/2 <= b <= 3/2"],
                        [
                            "abs1.autograd([0, 0, b], [1, 0, 0]) == 0",
                            "abs1.autograd([0, 0, b], [0, 1, 0]) == 0",
                            f"-3/2 <= {STEP_38}",
                            f"{STEP_38} <= 3/2",
                        ],
                        landscapes(abs1=ABS1),
                    ),
                ]
            ),
        ),
    ),
    Claim(
        "complete-taxonomy",
        "Comparison 4",
        "The list of end states is complete: every bounded run settles at a fixed point.",
        statement=lambda: Not(gradient_descent_visits(ABS1, "3/8", ORBIT)),
        because="A periodic orbit is neither a sink, nor a plateau, nor divergence.",
        repair=Repair(
            "Gradient descent with step 3/8 has a cycle of period 4 on XOR, off every kink.",
            lambda: gradient_descent_visits(ABS1, "3/8", ORBIT),
        ),
    ),
    Claim(
        "instability-from-step",
        "Comparison 4",
        "The theory predicts instability from the step size: at the solution of the absolute-value unit descent is "
        "stable exactly for steps below 1/4.",
        statement=lambda: AllOf(
            [
                hessian_is(ABS1, BEST, [[8, 0, 0], [0, 8, 0], [0, 0, 8]]),
                ForAll("step", ["0 < step < 1/4"], ["(1 - 8*step)**2 < 1"]),
                ForAll("step", ["step > 1/4"], ["(1 - 8*step)**2 > 1"]),
            ]
        ),
    ),
    Claim(
        "instability-from-momentum",
        "Comparison 4",
        "The theory predicts instability from the momentum as well: at the minima of the absolute-value unit heavy ball "
        "is stable exactly for steps below (1 + mu)/4, Nesterov exactly below (1 + mu)/(4 + 8 mu).",
        statement=lambda: theorem_statement("step_limit_of_momentum"),
    ),
    Claim(
        "monitor-misses-divergence",
        "Comparison 2",
        "Indicators for stalling and collapse stay silent while training diverges: from w = 0 and any |b| > 1 steps of "
        "1/2 triple |b| - 1 each time.",
        statement=lambda: AllOf(
            [
                gradient_descent_visits(ABS1, "1/2", DIVERGING),
                number_fact(
                    *(f"abs1.pre([0, 0, {b}], 0, {i}) > 0" for b in (2, 10) for i in range(4)),
                    "abs1.loss([0, 0, 10]) > abs1.loss([0, 0, 2])",
                    abs1=ABS1,
                ),
                *triples(),
            ]
        ),
    ),
    Claim(
        "any-optimizer",
        "Comparison 4",
        "With any optimizer a radial gradient keeps the direction of the weights, for Adam's first step (the signs) too.",
        statement=ForAll(
            "u v b",
            [f"{z} > 0" for z in pre("relu1", P)]
            + ["u > 0", "v > 0", f"relu1.autograd({P}, {ANY[0]}) > 0", f"relu1.autograd({P}, {ANY[1]}) > 0"],
            ["u*1 - v*1 == 0"],
            landscapes(relu1=RELU1),
            try_at=[{"u": "1/5", "v": "1/10", "b": 1}],
        ),
        because="Adam's first step is along the signs (1, 1), which is not along (2, 1).",
        repair=Repair(
            "Where all examples are active the gradient is radial, but a sign step turns every w with 0 < w2 < w1: the "
            "cross product of w and the step is w1 - w2.",
            ForAll(
                "u v b",
                [f"{z} > 0" for z in pre("relu1", P)] + ["0 < v < u"],
                [
                    f"relu1.d1({P}, {TORQUE}) == 0",
                    f"relu1.autograd({P}, {ANY[0]}) > 0",
                    f"relu1.autograd({P}, {ANY[1]}) > 0",
                    "u*1 - v*1 > 0",
                ],
                landscapes(relu1=RELU1),
                try_at=[{"u": "1/5", "v": "1/10", "b": 1}],
            ),
        ),
    ),
    Claim(
        "low-torque-may-be-harmless",
        "Comparison 4",
        "A low torque ratio is not always a problem.",
        statement=lambda: gradient_descent_visits(ABS1, "1/8", [[["-1/4", "1/4", 0]], BEST]),
    ),
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
        "The monitor's own cost is very low.",
        measure=Study([COST], cheap),
        because="It reads numbers that the step computes anyway.",
    ),
    Claim(
        "virtues",
        "Comparison 4",
        "The theory is rigorous and explanatory, the monitor practical and actionable.",
        opinion="Praise without a criterion; what can be checked of it stands in the other claims.",
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

CLAIMS = [
    *SECTION_2,
    *SECTION_31,
    *SECTION_32,
    *SECTION_33,
    *SECTION_4,
    *SECTION_56,
    *SECTION_7,
    *COMPARISON,
]
WRITEUP = Writeup("prototype-surface-control", "Prototype-Surface Control Theory for ReLU Networks", CLAIMS)
