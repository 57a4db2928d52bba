"""The measured experiments of "Increasing separation in units", and what their results say on its claims."""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log

import numpy as np
from scipy import stats

from stability.arrays import Floats
from stability.audit.deep_experiments import DeepExperiment, DeepMeasured
from stability.audit.hypothesis_tests import all_of, among_runs, differs, hardly_any, most
from stability.audit.vocabulary import Measurement, Study

from .vocabulary import GOOD, READINGS, ROWS, SEPARATING

METHODS = ("relu", "relu-bn", "sep-l", "sep-p", "sep-u", "sep-pu")

MAIN = {method: DeepExperiment(f"{method}-50x4", method) for method in METHODS}
"""Table 2: 50 layers of 4 units, 64 seeds."""


def shape(method: str, depth: int, width: int = 4) -> DeepExperiment:
    """Return an experiment of Figure 1; wide networks train from fewer seeds."""
    name, seeds = f"{method}-{depth}x{width}", 8 if width > 10 else 16
    return DeepExperiment(name, method, depth=depth, width=width, epochs=2000, restarts=seeds)


SHAPES = {
    "relu": ((10, 4), (30, 4), (40, 4), (30, 10), (50, 10), (30, 25), (50, 25)),
    "relu-bn": ((10, 4), (30, 4), (70, 4), (30, 3), (70, 10), (70, 25)),
    "sep-pu": ((10, 4), (30, 4), (70, 4), (120, 4), (150, 4), (30, 3), (50, 2)),
    "sep-p": ((10, 4), (30, 4), (70, 4), (100, 4), (50, 10), (70, 10)),
    "sep-u": ((10, 4), (70, 4), (50, 2), (50, 10)),
    "sep-l": ((10, 4), (120, 4), (50, 10), (70, 10), (50, 25)),
}

MAP = {(method, *size): shape(method, *size) for method, sizes in SHAPES.items() for size in sizes}

MAP["sep-pu", 120, 10] = DeepExperiment("sep-pu-120x10", "sep-pu", depth=120, width=10, epochs=3000, restarts=64)
"""Figure 1, coarsely: methods by depth and width. The deepest shape that is said to work trains from more seeds."""

ZERO_STARTS = {
    name: DeepExperiment(f"zero-{name}", method, init="zero", epochs=3000, restarts=16, **more)
    for name, method, more in (
        ("relu", "relu", {"dropout": 0.9}),
        ("sep-pu", "sep-pu", {"dropout": 0.9}),
        ("sep-pu-no-dropout", "sep-pu", {}),
    )
}
"""From zero weights, dropout annealed from 0.9 to 0 over 1000 epochs where there is any."""

NO_LOSS = {
    method: DeepExperiment(f"no-loss-{method}", method, main_loss=False, epochs=2000, restarts=16)
    for method in ("relu", "relu-bn", "sep-l", "sep-pu")
}
"""Figure 8: trained on the penalty alone; ReLU and ReLU + BN, which have none, stay at their starts."""

LINEAR = DeepExperiment("sep-pu-linear", "sep-pu", power=1, epochs=2000, restarts=16)
"""With the penalty as it is printed, linear in the slacks."""


def constant_loss() -> Measurement:
    """Compare the losses of ReLU with those of a constant output of the training share of the classes."""
    p = 44 / 85
    train = -(44 * log(p) + 41 * log(1 - p)) / 85
    validation = -(6 * log(p) + 9 * log(1 - p)) / 15
    says = f"The constant 44/85 has the loss {train:.4f} in training and {validation:.4f} in validation"
    return Measurement(abs(train - 0.6925) < 1e-4, f"{says} (printed: 0.6925 and 0.6938; a half has {log(2):.4f}).")


def losses_of_one_constant() -> Measurement:
    """Say which validation losses go with the printed training loss of ReLU, cut or rounded, if the output is one constant."""
    outputs = np.linspace(0.45, 0.58, 130_001)
    train = -(44 * np.log(outputs) + 41 * np.log(1 - outputs)) / 85
    validation = -(6 * np.log(outputs) + 9 * np.log(1 - outputs)) / 15
    fitting = validation[(train >= 0.69245) & (train < 0.6926)]
    low, high = fitting.min(), fitting.max()
    says = f"With a training loss of 0.6925 a constant output has a validation loss from {low:.4f} to {high:.4f}; printed: 0.6938"
    return Measurement(low - 5e-5 <= 0.6938 <= high + 5e-5, f"{says}.")


def possible_loss() -> Measurement:
    """Say how wrong one point must be for 84 right points and the loss 0.6988, if the others cost at most ln 2 each."""
    least = 85 * 0.6988 - 84 * log(2)
    most = 85 * 0.6988
    says = f"One wrong point of 85 must cost from {least:.1f} to {most:.1f}, that is, be given the probability "
    return Measurement(most >= least > log(2), f"{says}{exp(-least):.2g} to {exp(-most):.1g}.")


def best(found: DeepMeasured) -> Floats:
    """Return the best training accuracies over the epochs."""
    return found.values("train_accuracy_max")


def works(found: DeepMeasured) -> Measurement:
    """Judge that most networks of a shape work."""
    return most(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best")


def fails(found: DeepMeasured) -> Measurement:
    """Judge that few networks of a shape work."""
    return hardly_any(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best")


def named(found: DeepMeasured) -> str:
    """Return the method and the shape."""
    s = found.settings
    return f"{s['method']}, {s['depth']} x {s['width']}"


def better(*found: DeepMeasured) -> Measurement:
    """Judge that the first has better training accuracies than each of the others, at their best, seed by seed."""
    first, *others = found
    return all_of(*(differs(*common(best(first), best(x)), f"{named(first)} and {named(x)}") for x in others))


def common(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the numbers of the seeds that both have."""
    n = min(len(one), len(other))
    return one[:n], other[:n]


def all_better(constrained: Sequence[DeepMeasured], plain: Sequence[DeepMeasured], name: str) -> Measurement:
    """Judge that all of some methods exceed all of some others in a number."""
    return all_of(
        *(differs(a.values(name), b.values(name), f"{named(a)} and {named(b)}") for a in constrained for b in plain)
    )


def shares(*found: DeepMeasured) -> str:
    """Return how many of each work."""
    return ", ".join(f"{named(x)}: {int((best(x) >= GOOD).sum())} of {x.count}" for x in found)


def fall(found: DeepMeasured, validation: str) -> Floats:
    """Return the drops of accuracy from training to validation, relative to training."""
    drops: Floats = 1 - found.values(validation) / best(found)
    return drops


def medians(name: str, *found: DeepMeasured) -> str:
    """Return the medians of a number."""
    return ", ".join(f"{named(x)}: {np.median(x.values(name)):g}" for x in found)


def readings(found: DeepMeasured, column: str) -> dict[str, Floats]:
    """Return what a column of Table 2 may be, in all seeds."""
    known = {words: found.values(name) for words, name in READINGS[column].items()}
    last = {"loss": "loss_final", "validation_loss": "val_loss_final"}.get(column)
    if last is not None:
        as_good = found.values("train_accuracy_final") >= best(found)
        known["at the last, if as good"] = np.where(as_good, found.values(last), np.nan)
    return known


def one_reading(name: str) -> Study:
    """Return the study whether all validation accuracies of the table fit one reading."""
    order = [MAIN[row.name] for row in ROWS]

    def judge(*found: DeepMeasured) -> Measurement:
        parts = [
            among_runs(float(r.validation), {r.name: m.values(name)}, 1e-4) for r, m in zip(ROWS, found, strict=True)
        ]
        return all_of(*parts)

    return Study(order, judge)


def gap(found: DeepMeasured) -> Floats:
    """Return by how much the validation loss exceeds the training loss, relative to validation, at the best epoch."""
    own: Floats = 1 - found.values("loss_at_best") / found.values("val_loss_at_best")
    return own


def at(method: str, *sizes: tuple[int, int]) -> list[DeepExperiment]:
    """Return experiments of Figure 1."""
    return [MAIN[method] if size == (50, 4) else MAP[method, *size] for size in sizes]


def even(found: DeepMeasured, when: str) -> Measurement:
    """Judge that the loss gradient of the first layer is within a factor of 100 of that of the last, in the mean."""
    norms = found.layer(f"loss_gradient_norm_{when}")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {named(found)} at the {when}: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(last / 100 <= first <= 100 * last and first > 0, says)


def vanishes(found: DeepMeasured) -> Measurement:
    """Judge that at the start it is less than a millionth of it."""
    norms = found.layer("loss_gradient_norm_start")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {named(found)} at the start: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(first < 1e-6 * last, says)


def gradient_gone(found: DeepMeasured) -> Measurement:
    """Judge that at the end every layer has a loss gradient below 1/100, in the mean, though most seeds are not done."""
    top = float(found.layer("loss_gradient_norm_end").max())
    left = most(found.values("loss_final") > 0.3, "of the seeds end with a loss above 0.3")
    return Measurement(
        top < 1e-2 and left.reproduced, f"Largest mean gradient norm of a layer at the end: {top:.2g}. {left.says}"
    )


def works_somewhere(*found: DeepMeasured) -> Measurement:
    """Judge that most networks of at least one shape work."""
    good = [works(m) for m in found]
    return Measurement(any(part.reproduced for part in good), f"Works: {shares(*found)}.")


def degrades(*pairs: DeepMeasured) -> Measurement:
    """Judge that of pairs of shapes the first, shallower one is better."""
    return all_of(*(better(a, b) for a, b in zip(pairs[::2], pairs[1::2], strict=True)))


def collapse(found: DeepMeasured, at_most: int) -> Measurement:
    """Judge that the training points have at most so many images behind the last layer, in most networks."""
    few = found.values("distinct") <= at_most
    return most(few, f"of {named(found)} have at most {at_most} images of the 85 points at the end")


def spread(found: DeepMeasured) -> Measurement:
    """Judge that most networks keep more than half of the points apart."""
    many = found.values("distinct") > 42
    return most(many, f"of {named(found)} have more than 42 images of the 85 points at the end")


def more_images(*found: DeepMeasured) -> Measurement:
    """Judge that the first keeps more images than each of the others."""
    first, *others = found
    return all_of(
        *(
            differs(*common(first.values("distinct"), x.values("distinct")), f"Images, {named(first)} and {named(x)}")
            for x in others
        )
    )


def progressive(found: DeepMeasured) -> Measurement:
    """Judge that images of the points get fewer layer by layer down to one."""
    images = found.layer("distinct_end")
    quarters = [float(images[k]) for k in (0, 12, 24, 36, 49)]
    says = f"Images of the points behind layers 1, 13, 25, 37 and 50, in the mean of {found.count} seeds: "
    down = all(a >= b for a, b in pairwise(quarters))
    return Measurement(down and quarters[-1] < 1.5, f"{says}{', '.join(f'{x:.1f}' for x in quarters)}.")


def to_zero(found: DeepMeasured) -> Measurement:
    """Judge that most points are mapped to zero by the last layer."""
    dead = float(found.layer("dead_points_end")[-1])
    return Measurement(
        dead > 42.5, f"Of 85 points {dead:.1f} are dead in the last layer, in the mean of {found.count} seeds."
    )


def not_zero(found: DeepMeasured) -> Measurement:
    """Judge that few points are mapped to zero by the last layer."""
    dead = float(found.layer("dead_points_end")[-1])
    return Measurement(
        dead < 42.5, f"Of 85 points {dead:.1f} are dead in the last layer, in the mean of {found.count} seeds."
    )


def bad_units(found: DeepMeasured) -> Floats:
    """Return how many of the units are dead or affine."""
    total: Floats = found.values("dead_units") + found.values("affine_units")
    return total


def lost_points_cost(found: DeepMeasured) -> Measurement:
    """Judge that seeds with more lost points end with lower accuracies."""
    lost, right = found.values("lost_points"), found.values("train_accuracy_final")
    rank = stats.spearmanr(lost, right)
    says = f"Rank correlation {rank.statistic:.2f} (p = {rank.pvalue:.2g}) over {found.count} seeds; points lost: "
    return Measurement(bool(rank.statistic < 0 and rank.pvalue < 0.01), f"{says}median {np.median(lost):g} of 85.")


def forwards(found: DeepMeasured) -> Measurement:
    """Judge that what the fourth layer holds is what the last one holds, as read out linearly."""
    read = found.layer("readout_end")
    says = f"A linear fit gets {read[3]:.1%} of the points right behind layer 4 and {read[-1]:.1%} behind layer 50"
    return Measurement(abs(read[3] - read[-1]) < 0.05, f"{says}, in the mean of {found.count} seeds.")


def more_readable(*found: DeepMeasured) -> Measurement:
    """Judge that a linear fit to the last layer reads more from all but the last than from the last."""
    ends = [float(m.layer("readout_end")[-1]) for m in found]
    says = ", ".join(f"{named(m)}: {x:.1%}" for m, x in zip(found, ends, strict=True))
    return Measurement(
        min(ends[:-1]) > ends[-1] + 0.02, f"A linear fit to the last layer gets right, in the mean: {says}."
    )


EVERY = [MAIN[method] for method in METHODS]

FOUR = [MAIN[row.name] for row in SEPARATING]

ON_RELU, ON_NORM, ON_LAYER, ON_POINT, ON_UNIT, ON_BOTH = EVERY
