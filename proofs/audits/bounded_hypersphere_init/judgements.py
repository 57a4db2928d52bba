"""What the results of the experiments of "Bounded Hypersphere Initialization for ReLU Networks" say on its claims."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy import stats

from stability.audit.experiments import GroupCounts, Measured
from stability.audit.hypothesis_tests import all_of, higher
from stability.audit.vocabulary import Measurement, Study, proportion
from stability.model.wilson import wilson

from .experiments import CELLS, FEW, LOOKS, PLAIN, SCALES
from .vocabulary import ALPHAS, SHARES


def succeeding(group: GroupCounts) -> str:
    """Return the successes of a group in words."""
    return f"{proportion(group.successes, group.runs)} succeed"


def share(measured: Measured, group: str) -> str:
    """Return the share of all runs that belong to a group, in words."""
    return proportion(measured.group(group).runs, measured.runs)


def beyond(hits: int, runs: int, least: float) -> bool:
    """Return whether the 95% interval of a share is above a number."""
    return wilson(hits, runs)[0] > least


def rest(measured: Measured, group: str) -> GroupCounts:
    """Return the counts of the runs outside a group."""
    own, whole = measured.group(group), measured.whole
    return GroupCounts(whole.runs - own.runs, whole.successes - own.successes, {}, {})


def failures(group: GroupCounts) -> int:
    """Return how many runs of a group fail."""
    return group.runs - group.successes


def best(*measured: Measured) -> Measured:
    """Return the result with the highest rate."""
    return max(measured, key=lambda m: m.whole.rate)


def spelled(measured: Measured) -> str:
    """Return the initialisation of a result, and its successes."""
    return f"{measured.settings['init']}: {succeeding(measured.whole)}"


def percent(counts: Sequence[float], runs: int) -> str:
    """Return counts as percentages of runs."""
    return ", ".join(f"{count / runs:.1%}" for count in counts)


def few(measured: Measured) -> int:
    """Return how many runs were made again for a number."""
    return min(FEW, measured.runs)


def costs_as_much(normal: Measured) -> Measurement:
    """Judge whether rejection of dead data takes as many draws as training takes epochs."""
    live = normal.runs - normal.group("dead").runs
    epochs = float(normal.whole.epochs().mean())
    says = (
        f"{proportion(live, normal.runs)} of normal draws leave no point dead, so that {normal.runs / live:.1f} draws "
    )
    says += f"are needed on average; a successful run takes {epochs:.0f} epochs."
    return Measurement(bool(normal.runs / live >= epochs), says)


def needs_attempts(normal: Measured) -> Measurement:
    """Judge whether more than half of the draws have to be repeated."""
    hits = normal.group("dead").runs
    return Measurement(
        beyond(hits, normal.runs, 0.5), f"{proportion(hits, normal.runs)} of the draws leave a point dead."
    )


def remain_dead(*schemes: Measured) -> Measurement:
    """Judge whether schemes leave points dead in some starts."""
    says = [f"{m.settings['init']}: {share(m, 'dead')} of the starts" for m in schemes]
    return Measurement(all(m.group("dead").runs for m in schemes), f"Some point is dead in {'; '.join(says)}.")


def never_dead_early(spheres: Measured) -> Measurement:
    """Judge whether no point is dead in the first 50 epochs."""
    dead, split, runs = spheres.numbers["dead by epoch"], spheres.numbers["unit lost by epoch"], few(spheres)
    early = [count for epoch, count in zip(LOOKS, dead, strict=True) if epoch <= 50]
    says = (
        f"After {', '.join(map(str, LOOKS))} epochs some point is dead in {percent(dead, runs)} of {runs:,} runs; some "
    )
    return Measurement(not any(early), f"{says}unit has lost a point in {percent(split, runs)}.")


def all_contract(spheres: Measured) -> Measurement:
    """Judge whether in 95% of the runs both boundaries end nearer to the mean of the data."""
    own, failed = spheres.group("nearer"), failures(spheres.whole)
    says = f"{proportion(own.runs, spheres.runs)} of the runs, {proportion(own.successes, spheres.whole.successes)} of "
    says += f"those that succeed and {proportion(failures(own), failed)} of those that fail."
    return Measurement(beyond(own.runs, spheres.runs, 0.95), f"Both boundaries move inward in {says}")


def successes_contract(spheres: Measured) -> Measurement:
    """Judge the same of the successful runs."""
    hits, runs = spheres.group("nearer").successes, spheres.whole.successes
    return Measurement(beyond(hits, runs, 0.95), f"Both boundaries move inward in {proportion(hits, runs)} of them.")


def shorter(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether the solutions that are found are shorter than those from other starts."""
    (own, error), rest = spheres.numbers["length"], [m.numbers["length"] for m in others]
    says = ", ".join(f"{m:.3f}" for m, _ in rest)
    says = f"Mean length of the solutions: {own:.4f} (standard error {error:.1g}), against {says} from "
    words = f"{says}{' and '.join(m.settings['init'] for m in others)}. The shortest solution has length 1."
    return Measurement(all(own + 3 * error < m - 3 * e for m, e in rest), words)


def less_sensitive(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether the success depends less on the scale of the weights."""
    found = [(m, m.numbers["successes by scale"]) for m in (spheres, *others)]
    spread = [(max(counts) - min(counts)) / few(m) for m, counts in found]
    says = "; ".join(f"{m.settings['init']} {percent(counts, few(m))}" for m, counts in found)
    scales = ", ".join(f"{c:g}" for c in SCALES)
    says = f"With weights times {scales} these succeed: {says} (of {few(spheres):,} runs each)."
    return Measurement(spread[0] < min(spread[1:]), says)


def fails_dead_or_narrow(normal: Measured) -> Measurement:
    """Judge whether nearly all failures started with a dead example, or with a margin below 1/10."""
    dead, close, failed = (failures(g) for g in (normal.group("dead"), normal.group("narrow"), normal.whole))
    says = f"{proportion(dead, failed)} of the failures started with a dead example, {proportion(close, failed)} with none "
    return Measurement(beyond(dead + close, failed, 0.95), f"{says}and a margin below 1/10.")


def fails_narrow(live: Measured) -> Measurement:
    """Judge whether failures of live starts have small margins more often than live starts have."""
    hits, failed = failures(live.group("narrow")), failures(live.whole)
    low, high = wilson(hits, failed)[0], wilson(live.group("narrow").runs, live.runs)[1]
    says = f"{proportion(hits, failed)} of the failures had a margin below 1/10, {share(live, 'narrow')} of all starts."
    return Measurement(low > high, says)


def fails_otherwise(safe: Measured) -> Measurement:
    """Judge whether most failures of starts with a margin are of another kind than a dead class-1 point."""
    hits, failed = failures(safe.group("class-1 point dead at the stop")), failures(safe.whole)
    says = f"{proportion(hits, failed)} of the failures end with a class-1 point that is dead."
    return Measurement(not beyond(hits, failed, 0.5), says)


def perfect(adam: Measured, longer: Measured, descent: Measured) -> Measurement:
    """Judge whether all runs succeed."""
    says = f"{succeeding(adam.whole)}; with 500 epochs, default betas and no early stop {succeeding(longer.whole)}; by gradient "
    says += f"descent with step 1/10 {succeeding(descent.whole)}."
    return Measurement(not any(failures(m.whole) for m in (adam, longer, descent)), says)


def same_start(spheres: Measured) -> Measurement:
    """Judge whether the biases do not vary from start to start."""
    value, error = spheres.numbers["bias"]
    spread = error * np.sqrt(2 * spheres.runs)
    says = f"Over {spheres.runs:,} starts a bias has the mean {value:.3f} and the standard deviation {spread:.3f}."
    return Measurement(not spread > 0, says)


def leaves_dead(live: Measured) -> Measurement:
    """Judge whether rejection leaves points dead in some starts."""
    hits = live.group("dead").runs
    return Measurement(hits > 0, f"Some point is dead in {proportion(hits, live.runs)} of the starts after rejection.")


def none_ignored(spheres: Measured) -> Measurement:
    """Judge whether no run stops with a dead class-1 point."""
    hits = spheres.group("class-1 point dead at the stop").runs
    says = f"A class-1 point is dead at the stop in {proportion(hits, spheres.runs)} of the runs, failures included."
    return Measurement(not hits, says)


def faster(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether successful runs stop earlier than those from other starts."""
    medians = [np.median(m.whole.epochs()) for m in (spheres, *others)]
    bounds = [median_interval(m.whole.epochs()) for m in (spheres, *others)]
    each = [f"{x:g} (95% interval {low:g} to {high:g})" for x, (low, high) in zip(medians, bounds, strict=True)]
    says = ", ".join(f"{words} from {m.settings['init']}" for words, m in zip(each[1:], others, strict=True))
    earlier = all(bounds[0][1] < low for low, _ in bounds[1:])
    later = any(bounds[0][0] > high for _, high in bounds[1:])
    return Measurement(
        earlier if earlier or later else None, f"Successful runs stop after {each[0]} epochs (median), {says}."
    )


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95% interval of a median, by its order statistics."""
    ordered, n = np.sort(values), len(values)
    low, high = stats.binom.ppf(0.025, n, 0.5), stats.binom.isf(0.025, n, 0.5)
    return float(ordered[int(low)]), float(ordered[min(int(high), n - 1)])


def end_flat(spheres: Measured) -> Measurement:
    """Judge whether most failures end with outputs 1/2, and none with a dead class-1 point."""
    hits, failed = failures(spheres.group("flat end")), failures(spheres.whole)
    says = f"{proportion(hits, failed)} of the failures end with all outputs within 1/20 of 1/2."
    return all_of(Measurement(beyond(hits, failed, 0.9), says), none_ignored(spheres))


def most_fail(spheres: Measured) -> Measurement:
    """Judge whether most runs fail that start without any split of the data."""
    hits = failures(spheres.whole)
    return Measurement(
        beyond(hits, spheres.runs, 0.5), f"Of starts at which all units see all data {succeeding(spheres.whole)}."
    )


def near(published: float, digits: float) -> Callable[..., Measurement]:
    """Return the judgement of a published mean bias."""

    def judge(spheres: Measured) -> Measurement:
        value, error = spheres.numbers["bias"]
        says = f"The mean bias of {2 * spheres.runs:,} units is {value:.3f} (standard error {error:.1g})."
        return Measurement(abs(value - published) < digits / 2 + 3 * error, says)

    return judge


def steeper(spheres: Measured, *others: Measured) -> Measurement:
    """Judge whether gradients are larger at the start than from other starts."""
    (own, error), rest = spheres.numbers["gradient"], [m.numbers["gradient"] for m in others]
    says = ", ".join(f"{m.numbers['gradient'][0]:.2f} from {m.settings['init']}" for m in others)
    words = f"The gradient of the mean loss has the mean length {own:.2f}, against {says}."
    return Measurement(all(own - 3 * error > m + 3 * e for m, e in rest), words)


def overshoots(spheres: Measured) -> Measurement:
    """Judge whether the outputs of at least one run in twenty shoot below 1/2 on average."""
    hits, runs = int(spheres.numbers["overshot"]), few(spheres)
    says = (
        f"The mean output is ever below 2/5 in {proportion(hits, runs)} of the runs, on its way from about 2.7 to 1/2."
    )
    return Measurement(beyond(hits, runs, 0.05), says)


def splits_twice(biased: Measured) -> Measurement:
    """Judge whether in most starts both units see some points and not all."""
    hits = biased.group("both split").runs
    says = (
        f"In {proportion(hits, biased.runs)} of the starts both boundaries separate points; {succeeding(biased.whole)}."
    )
    return Measurement(beyond(hits, biased.runs, 0.5), says)


def more_alike(spheres: Measured, xavier: Measured) -> Measurement:
    """Judge whether the rule makes units alike more often than zero biases do."""
    own, other = (m.group("alike").runs for m in (spheres, xavier))
    says = (
        f"{proportion(own, spheres.runs)} of the starts that face the data have units with pre-activations less than "
    )
    says += f"1/2 apart at all points, {proportion(other, xavier.runs)} of those with the same weights and zero biases."
    return Measurement(wilson(own, spheres.runs)[0] > wilson(other, xavier.runs)[1], says)


def alike_fail(spheres: Measured, flow: Measured) -> Measurement:
    """Judge whether alike units succeed less often, with Adam and with gradient descent."""
    parts = [higher(rest(m, "alike"), m.group("alike"), names) for m, names in ((spheres, ADAM), (flow, DESCENT))]
    failed = (
        f"{proportion(failures(spheres.group('alike')), failures(spheres.whole))} of the failures are of alike units."
    )
    return all_of(*parts, Measurement(True, failed))


ADAM, DESCENT = "others against alike units, Adam", "the same, gradient descent with step 0.1"


def flips_help(*measured: Measured) -> Measurement:
    """Judge whether at some alpha a share of inverted units succeeds more often than none."""
    columns = [measured[k : k + len(SHARES)] for k in range(0, len(measured), len(SHARES))]
    won = [a for a, row in zip(ALPHAS, columns, strict=True) if any(better(m, row[0]) for m in row[1:])]
    rows = "; ".join(
        f"alpha {a}: {percent([m.whole.successes for m in row], row[0].runs)}"
        for a, row in zip(ALPHAS, columns, strict=True)
    )
    return Measurement(bool(won), f"Successes at p = {', '.join(SHARES)} of {columns[0][0].runs:,} runs each: {rows}.")


def better(first: Measured, second: Measured) -> bool:
    """Return whether the 95% interval of one rate is above that of another."""
    return first.whole.interval[0] > second.whole.interval[1]


def above(least: float) -> Callable[..., Measurement]:
    """Return the judgement that the best of several starts succeeds in more than a share of the runs."""

    def judge(*measured: Measured) -> Measurement:
        found = best(*measured)
        words = f"The best of {len(measured)}: " if len(measured) > 1 else ""
        return Measurement(found.whole.interval[0] > least, f"{words}{spelled(found)}.")

    return judge


def robust(*measured: Measured) -> Measurement:
    """Judge whether the best of the first half succeeds in 95% of the runs; report the rates of both halves."""
    half = len(measured) // 2
    rows = [percent([m.whole.successes for m in part], part[0].runs) for part in (measured[:half], measured[half:])]
    says = f"Successes at alpha = {', '.join(ALPHAS)}: {rows[0]} with weights as drawn, {rows[1]} with aligned ones "
    found = best(*measured[:half]).whole
    return Measurement(found.interval[0] > 0.95, f"{says}(of {measured[0].runs:,} runs each).")


def below(most: float) -> Callable[..., Measurement]:
    """Return the judgement that even the best of several starts stays below a share of successes."""

    def judge(*measured: Measured) -> Measurement:
        found = best(*measured)
        return Measurement(found.whole.interval[1] < most, f"The best of {len(measured)}: {spelled(found)}.")

    return judge


def smaller_helps(alpha: str) -> Study:
    """Return the study whether a smaller alpha is better than 1, nothing being inverted."""

    def judge(small: Measured, plain: Measured) -> Measurement:
        dead = Measurement(True, f"Some point is dead in {share(small, 'dead')} of the starts.")
        return all_of(higher(small.whole, plain.whole, f"alpha {alpha} and 1"), dead)

    return Study([CELLS["0", alpha], PLAIN], judge)


def crossing_helps(*measured: Measured) -> Measurement:
    """Judge whether starts succeed more often whose boundaries cross inside the square."""
    parts = [
        higher(m.group("crossed"), rest(m, "crossed"), f"crossing, others; {m.settings['init']}") for m in measured
    ]
    return all_of(*parts)


def mostly_crossed(plain: Measured, *others: Measured) -> Measurement:
    """Judge whether the other starts of the grid mostly have crossing boundaries."""
    says = "; ".join(f"{m.settings['init']}: {share(m, 'crossed')}" for m in (plain, *others))
    return Measurement(
        all(beyond(m.group("crossed").runs, m.runs, 0.5) for m in others), f"Boundaries cross inside: {says}."
    )


def mostly_live(*measured: Measured) -> Measurement:
    """Judge whether most starts leave no point dead."""
    says = "; ".join(f"{m.settings['init']}: {share(m, 'dead')}" for m in measured)
    return Measurement(
        all(beyond(m.runs - m.group("dead").runs, m.runs, 0.5) for m in measured), f"Some point is dead: {says}."
    )


def code_runs() -> Measurement:
    """Set an entry of a bias as the code of section 4 does, outside torch.no_grad."""
    layer = torch.nn.Linear(2, 2)
    try:
        layer.bias[0] = torch.norm(layer.weight[0]) * 1.5
    except RuntimeError as problem:
        return Measurement(False, f"torch {torch.__version__} raises RuntimeError: {problem}")
    return Measurement(True, f"torch {torch.__version__} sets it.")


def off_centre(as_written: Measured, moons: Measured) -> Measurement:
    """Judge whether neither form of the rule leaves a point of the moons dead."""
    says = f"On moons:100:10 some point is dead in {share(as_written, 'dead')} of the starts as written, and in "
    return Measurement(not as_written.group("dead").runs, f"{says}{share(moons, 'dead')} with w . m put back.")
