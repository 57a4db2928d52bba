"""What the results of trainings say on the claims of "Increasing separation in units".

The training accuracy of ReLU + BN is that by batch statistics, as Keras logs it; that by running means stands beside it, and the
accuracy at the end beside the greatest.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import exp, log

import numpy as np
from scipy import stats

from stability.arrays import Floats
from stability.audit.deep_experiments import DeepMeasured
from stability.audit.hypothesis_tests import all_of, differs, hardly_any, mean_interval, most
from stability.audit.passing import LEAST, probable
from stability.audit.vocabulary import Measurement

from .vocabulary import GOOD, TRIVIAL


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


def normalised(found: DeepMeasured) -> bool:
    """Return whether networks have batch normalisation."""
    return found.settings["method"] == "relu-bn"


def best(found: DeepMeasured) -> Floats:
    """Return the greatest training accuracies over the epochs, by batch statistics where there is normalisation."""
    return found.values("batch_accuracy_max" if normalised(found) else "train_accuracy_max")


def final(found: DeepMeasured) -> Floats:
    """Return the training accuracies at the end, by batch statistics where there is normalisation."""
    return found.values("batch_accuracy_final" if normalised(found) else "train_accuracy_final")


def at_best(found: DeepMeasured, name: str) -> Floats:
    """Return a loss or validation accuracy at the first epoch of the greatest training accuracy."""
    own = {
        "loss": "batch_loss_at_best",
        "val_loss": "val_loss_at_batch_best",
        "val_accuracy": "val_accuracy_at_batch_best",
    }
    return found.values(own[name] if normalised(found) else f"{name}_at_best")


def final_loss(found: DeepMeasured) -> Floats:
    """Return the training losses at the end, by batch statistics where there is normalisation."""
    return found.values("batch_loss_final" if normalised(found) else "loss_final")


def works(found: DeepMeasured) -> Measurement:
    """Judge that most networks of a shape work."""
    return beside(most(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best"), found)


def fails(found: DeepMeasured) -> Measurement:
    """Judge that few networks of a shape work."""
    return beside(hardly_any(best(found) >= GOOD, f"of {named(found)} get 90% or more right at their best"), found)


def one_pair(working: Sequence[DeepMeasured], failing: Sequence[DeepMeasured]) -> Measurement:
    """Judge that in some pair most networks of the first shape work and few of the second."""
    pairs = [(works(a), fails(b)) for a, b in zip(working, failing, strict=True)]
    parts = [all_of(*pair) for pair in pairs]
    holds = next((part for part in parts if part.reproduced), parts[0])
    return Measurement(holds.reproduced, f"{holds.says} All: {shares(*working, *failing)}.")


def still_works(found: DeepMeasured) -> Measurement:
    """Judge that most networks of a shape work after the last epoch as well."""
    part = most(final(found) >= GOOD, f"of {named(found)} get 90% or more right at the end")
    return Measurement(part.reproduced, f"{part.says} At their best {int((best(found) >= GOOD).sum())} do.")


def never_better(found: DeepMeasured, share: float = 0.5) -> Measurement:
    """Judge that more than a share of networks never do better than one class for all points."""
    part = most(best(found) <= TRIVIAL + 1e-9, f"of {named(found)} never get more than 44 of 85 right", share)
    if not normalised(found):
        return part
    count = int((by_running_means(found)[1] <= TRIVIAL + 1e-9).sum())
    return Measurement(part.reproduced, f"{part.says} That is by batch statistics; by running means {count} never do.")


def beside(part: Measurement, found: DeepMeasured) -> Measurement:
    """Say how many networks do so at the end, and by running means, beside a judgement on those that work."""
    counts = [int((x >= GOOD).sum()) for x in (final(found), *by_running_means(found))]
    says = f"{part.says} At the end {counts[0]} of {found.count} do"
    if normalised(found):
        says += f", by batch statistics; by running means {counts[2]} at their best and {counts[1]} at the end"
    return Measurement(part.reproduced, f"{says}.")


def by_running_means(found: DeepMeasured) -> tuple[Floats, Floats]:
    """Return the training accuracies of networks as they are used, at the end and the greatest."""
    return found.values("train_accuracy_final"), found.values("train_accuracy_max")


def label(found: DeepMeasured) -> str:
    """Return the method and the shape, and what is not as in Table 2."""
    s = found.settings
    more = ", zero start" * (s["init"] == "zero") + ", penalty alone" * (not s["main_loss"])
    return f"{s['method']}, {s['depth']} x {s['width']}{more}"


def named(found: DeepMeasured) -> str:
    """Return the method and the shape, and how long it trained."""
    return f"{label(found)}, {found.settings['epochs']:,} epochs,"


def better(*found: DeepMeasured) -> Measurement:
    """Judge that the first has better training accuracies than each of the others, at their best, seed by seed."""
    return compared([(found[0], other) for other in found[1:]])


def degrades(*pairs: DeepMeasured) -> Measurement:
    """Judge that of pairs of shapes the first, shallower one is better."""
    return compared([*zip(pairs[::2], pairs[1::2], strict=True)])


def all_better(
    constrained: Sequence[DeepMeasured], plain: Sequence[DeepMeasured], read: Callable[[DeepMeasured], Floats] = best
) -> Measurement:
    """Judge that all of some methods exceed all of some others in a number, in the mean of the seeds."""
    whole = compared([(a, b) for a in constrained for b in plain], read)
    shares = (f"{label(a)} {(read(a)[:, None] > read(plain[-1])).mean():.0%}" for a in constrained)
    return Measurement(
        whole.reproduced, f"{whole.says} Pairs of runs in which {label(plain[-1])} is exceeded: {'; '.join(shares)}."
    )


def compared(
    pairs: Sequence[tuple[DeepMeasured, DeepMeasured]], read: Callable[[DeepMeasured], Floats] = best
) -> Measurement:
    """Judge that the first of each pair exceeds the second in a number, in the mean of the seeds that both have."""
    values = [common(read(a), read(b)) for a, b in pairs]
    parts = [differs(*each, f"{label(a)} and {label(b)}") for each, (a, b) in zip(values, pairs, strict=True)]
    least = min(zip(values, parts, strict=True), key=lambda each: mean_interval(each[0][0] - each[0][1])[0])[1]
    count = sum(bool(part.reproduced) for part in parts)
    head = f"{count} of {len(parts)} differences are confirmed. The least clear: " if len(parts) > 1 else ""
    found = list({id(each): each for pair in pairs for each in pair}.values())
    return Measurement(all_of(*parts).reproduced, f"{head}{least.says} {means(found)}")


def common(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the numbers of the seeds that both have."""
    n = min(len(one), len(other))
    return one[:n], other[:n]


def means(found: Sequence[DeepMeasured]) -> str:
    """Return the mean training accuracies, at best and at the end, and by running means where they differ."""
    how = [
        f"{x.settings['depth']} x {x.settings['width']}, {x.settings['epochs']:,} epochs, {x.count} seeds"
        for x in found
    ]
    alike, each = len(set(how)) == 1, []
    for x, shape in zip(found, how, strict=True):
        start = " from zero" * (x.settings["init"] == "zero")
        words = f"{x.settings['method']}{start}{'' if alike else f', {shape},'} {best(x).mean():.3f} and {final(x).mean():.3f}"
        if normalised(x):
            last, greatest = (values.mean() for values in by_running_means(x))
            words += f" by batch statistics, {greatest:.3f} and {last:.3f} by running means"
        each.append(words)
    shape = f" ({how[0]})" if alike else ""
    return f"Mean training accuracies at best and at the end{shape}: {'; '.join(each)}."


def shares(*found: DeepMeasured) -> str:
    """Return how many of each work, at their best and at the end."""
    counted = []
    for x in found:
        words = f"{named(x)} {int((best(x) >= GOOD).sum())} of {x.count} at best"
        last, greatest = (int((values >= GOOD).sum()) for values in by_running_means(x))
        words += f" by batch statistics ({greatest} by running means)" * normalised(x)
        words += f", {int((final(x) >= GOOD).sum())} at the end"
        counted.append(words + f" ({last} by running means)" * normalised(x))
    return "; ".join(counted)


def fall(found: DeepMeasured, validation: Floats) -> Floats:
    """Return the drops of accuracy from training to validation, relative to training."""
    drops: Floats = 1 - validation / best(found)
    return drops


def gap(found: DeepMeasured) -> Floats:
    """Return by how much the validation loss exceeds the training loss, relative to validation, at the best epoch."""
    own: Floats = 1 - at_best(found, "loss") / at_best(found, "val_loss")
    return own


def loss_beside(found: DeepMeasured, loss: float, right: float) -> Measurement:
    """Judge that a loss occurs at the best epoch of networks that then get a share right, by a Student law of its log."""
    values = np.log(at_best(found, "loss")[best(found) >= right])
    n, mean, spread = len(values), values.mean(), values.std(ddof=1)
    chance = float(2 * stats.t.sf(abs(log(loss) - mean) / (spread * np.sqrt(1 + 1 / n)), n - 1))
    says = f"{n} of {found.count} seeds of {named(found)} get {right:.0%} or more right; their losses then are from "
    says += f"{exp(values.min()):.2g} to {exp(values.max()):.2g}, and one as far off as {loss:g} has probability "
    reach = exp(mean + spread * stats.t.ppf(1 - LEAST / 2, n - 1) * np.sqrt(1 + 1 / n))
    return Measurement(chance >= LEAST, f"{says}{probable(chance)}. (Losses above {reach:.2g} are refused.)")


def even(found: DeepMeasured, when: str) -> Measurement:
    """Judge that the loss gradient of the first layer is within a factor of 100 of that of the last, in the mean."""
    norms = found.layer(f"loss_gradient_norm_{when}")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {label(found)} at the {when}: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(last / 100 <= first <= 100 * last and first > 0, says)


def vanishes(found: DeepMeasured) -> Measurement:
    """Judge that at the start it is less than a millionth of it."""
    norms = found.layer("loss_gradient_norm_start")
    first, last = float(norms[0]), float(norms[-1])
    says = f"Gradient norm of {label(found)} at the start: {first:.2g} in the first layer, {last:.2g} in the last."
    return Measurement(first < 1e-6 * last, says)


def gradient_gone(found: DeepMeasured) -> Measurement:
    """Judge that at the end every layer has a loss gradient below 1/100, in the mean, though most seeds are not done."""
    top = float(found.layer("loss_gradient_norm_end").max())
    left = most(final_loss(found) > 0.3, f"of {named(found)} end with a loss above 0.3")
    return Measurement(
        top < 1e-2 and left.reproduced, f"Largest mean gradient norm of a layer at the end: {top:.2g}. {left.says}"
    )


def works_somewhere(*found: DeepMeasured) -> Measurement:
    """Judge that most networks of at least one shape work; it is undecided where of some neither most nor few do."""
    good = [works(m) for m in found]
    says = " ".join(part.says for part in good)
    if any(part.reproduced for part in good):
        return Measurement(True, says)
    few = all(fails(m).reproduced for m in found)
    return Measurement(False if few else None, says)


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
            differs(*common(first.values("distinct"), x.values("distinct")), f"Images, {label(first)} and {label(x)}")
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
    dead = float(found.layer("dead_examples_end")[-1])
    return Measurement(
        dead > 42.5, f"Of 85 points {dead:.1f} are dead in the last layer, in the mean of {found.count} seeds."
    )


def not_zero(found: DeepMeasured) -> Measurement:
    """Judge that few points are mapped to zero by the last layer."""
    dead = float(found.layer("dead_examples_end")[-1])
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
    says = ", ".join(f"{label(m)}: {x:.1%}" for m, x in zip(found, ends, strict=True))
    return Measurement(
        min(ends[:-1]) > ends[-1] + 0.02, f"A linear fit to the last layer gets right, in the mean: {says}."
    )
