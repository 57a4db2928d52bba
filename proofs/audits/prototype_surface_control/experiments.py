"""The measured experiments of "Prototype-Surface Control Theory for ReLU Networks", and what their results say on its claims."""

import time
from collections.abc import Callable
from functools import partial
from math import isnan

import numpy as np

from stability.audit.counts import CountExperiment, CountResult
from stability.audit.hypothesis_tests import all_of
from stability.audit.passing import near_enough
from stability.audit.vocabulary import Measurement, proportion
from stability.initialisation.sampling import starts
from stability.model.wilson import wilson
from stability.studies.controller_claims import controlled_moons, controlled_xor
from stability.studies.intervention_claims import early_monitoring, later_layers, local_repairs, one_shot
from stability.studies.monitor_costs import monitor_costs
from stability.training.ensembles.reference_descent import descend

from .vocabulary import RELU2, preactivations


def live(points: np.ndarray) -> np.ndarray:
    """Return per run whether each XOR example activates some unit."""
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


COST = CountExperiment("monitor-cost", monitor_costs, restarts=20, few=3)

ONE_SHOT = CountExperiment("one-warm-up", one_shot, restarts=20_000, few=1000)

EARLY = CountExperiment("first-epochs", early_monitoring, restarts=20_000, few=1000)

LATER = CountExperiment("later-layers", later_layers, restarts=200, few=20)

LOCAL = CountExperiment("local-repairs", local_repairs, restarts=200, few=20)

WRITTEN = CountExperiment("controller-on-xor", controlled_xor, restarts=20_000, few=1000)

BIASED = CountExperiment("controller-on-xor-biases", partial(controlled_xor, init="normal:0.5:0.5"), 20_000, few=1000)

DEEP = CountExperiment("controller-on-moons", controlled_moons, restarts=8, few=1)


def prolongs_by_less(how: str, limit: float, cost: CountResult) -> Measurement:
    """Judge that a monitor, read so often, prolongs a step by less than a share; undecided where the noise is as large."""
    own, noise = cost.figure(how), abs(cost.figure("bare again"))
    often, seldom = cost.figure("every 1"), cost.figure("every 100")
    says = (
        f"Read at every step a monitor prolongs it by {often:.1%}, read at every 100th by {seldom:.1%}; a second bare loop, "
        f"which shows what this can tell apart, by {cost.figure('bare again'):.1%} (four layers of 256 units, batch 256)."
    )
    return Measurement(own < limit if noise < limit and not isnan(own) else None, says)


def all_of_them(*places: int) -> Callable[[CountResult], Measurement]:
    """Judge that some of the counts are those of all runs."""
    return lambda counts: Measurement(
        all(counts[k].count == counts[k].total for k in places), sentences(counts, *places)
    )


def none_of_them(*places: int) -> Callable[[CountResult], Measurement]:
    """Judge that some of the counts are 0."""
    return lambda counts: Measurement(all(not counts[k].count for k in places), sentences(counts, *places))


def most_of_them(place: int, *others: int) -> Callable[[CountResult], Measurement]:
    """Judge that a count is more than half, in its 95% interval; say others as well."""
    return lambda counts: Measurement(
        wilson(counts[place].count, counts[place].total)[0] > 0.5, sentences(counts, place, *others)
    )


def in_each(judge: Callable[[CountResult], Measurement]) -> Callable[..., Measurement]:
    """Judge several results alike."""
    return lambda *results: all_of(*map(judge, results))


def as_good(counts: CountResult) -> Measurement:
    """Judge that repairs in the first epochs succeed as often as later ones, up to two points."""
    early, always = counts[2], counts[3]
    return near_enough((early.count, early.total), (always.count, always.total), 0.02, sentences(counts, 2, 3)[:-1])


def sentences(counts: CountResult, *places: int) -> str:
    """Return some of the counts in words."""
    return "; ".join(str(counts[k]) for k in places) + "."
