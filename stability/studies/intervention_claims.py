"""Runs behind the sentences about repairs: one shot, early monitoring, later layers, and local repairs.

Source: prototype-surface-control, sections 5 and 6.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stability.audit.counts import Counted
from stability.initialisation.sampling import initial
from stability.studies.intervention_runs import deep_thin
from stability.training.control.batch import Training
from stability.training.control.batch_training import Controlled, train_controlled
from stability.training.control.interventions import Intervention, intervene
from stability.training.control.layer_view import sites
from stability.training.control.policies import Policy, Rule
from stability.training.deep.training import train_deep
from stability.training.ensembles.ensemble import place_of
from stability.training.ensembles.problem import task

WARM_UP = Intervention("bias warm-up", 0.01)
EVERY_STEP = Training(every=1)


def warm_up(max_tries: int = 10, until: int | None = None, level: float | None = None) -> Policy:
    """Return the policy of bias warm-ups alone: at most so many, up to a step, where losses are above a level."""
    return Policy("warm-up", (Rule("dead data", (WARM_UP,), level=level),), max_tries=max_tries, until=until)


def one_shot(restarts: int = 20_000, seed: int = 0, init: str = "normal:0.5") -> list[Counted]:
    """Count successes of relu2 on XOR with one bias warm-up, with up to ten, and without; a reading every 10 steps."""
    plain = _xor(None, restarts, seed, init)
    once, often = (_xor(warm_up(tries), restarts, seed, init) for tries in (1, 10))
    failing = ~plain.success
    harmed = plain.success & ~once.success
    return [
        _counted("succeed without repair", plain.success),
        _counted("succeed with one bias warm-up where an example is dead", once.success),
        _counted("of the runs that fail without it, succeed with one", once.success[failing]),
        _counted("of the runs that succeed without it, fail with one", harmed[plain.success]),
        _counted("succeed with up to ten", often.success),
        _counted("have dead data again at a reading after the first warm-up", _again(once)),
    ]


def early_monitoring(restarts: int = 20_000, epochs: int = 5, seed: int = 0, init: str = "normal:0.5") -> list[Counted]:
    """Count what reading in the first epochs alone misses on XOR, where every epoch is one step and each is read."""
    plain = _xor(None, restarts, seed, init)
    seen = _xor(warm_up(max_tries=0, until=epochs), restarts, seed, init, EVERY_STEP)
    silent = np.ones(restarts, dtype=bool)
    for event in seen.events:
        silent[event.restarts] = False
    found = [
        _counted(f"of the runs without dead data in the first {epochs} epochs, fail", ~plain.success[silent]),
        _counted(
            f"of the runs with dead data in the first {epochs} epochs, succeed unrepaired", plain.success[~silent]
        ),
    ]
    for name, level in (("any dead example", None), ("dead examples with a high loss", 0.1)):
        for limit in (epochs, None):
            words = "in all epochs" if limit is None else f"in the first {epochs} epochs"
            runs = _xor(warm_up(10, limit, level), restarts, seed, init, EVERY_STEP)
            found.append(_counted(f"succeed with warm-ups for {name} {words}", runs.success))
    return found


def later_layers(seeds: int = 200, depth: int = 10, width: int = 4, epochs: int = 500) -> list[Counted]:
    """Count later layers with dead examples that correct themselves, in plain networks on the moons trained by Adam."""
    run = train_deep("moons", depth, width, "relu", seeds=seeds, epochs=epochs, device="cpu")
    start, end = run.dead_examples_start, run.dead_examples_end
    healthy = (start[:, : depth // 2] == 0).all(1)
    later, then = start[healthy, depth // 2 :], end[healthy, depth // 2 :]
    affected = (later > 0).any(1)
    good = run.train_accuracy_final > 0.95
    words = "runs without dead examples in the first half of the layers at the start"
    return [
        Counted(f"of {seeds} runs, {words}", int(healthy.sum()), seeds),
        _counted(
            f"of these with dead examples in the second half, have none there after {epochs} steps",
            (then[affected] == 0).all(1),
        ),
        _counted(
            "of these without dead examples in the second half at the start, have some there at the end",
            (then[~affected] > 0).any(1),
        ),
        _counted("of these, reach a training accuracy above 0.95", good[healthy]),
        _counted("of the other runs, reach it", good[~healthy]),
    ]


def local_repairs(seeds: int = 200, depth: int = 10, width: int = 4) -> list[Counted]:
    """Count how a bias warm-up of the first layer in need changes dead data of later ones, before training on moons."""
    counts = dict.fromkeys(("repaired", "changed", "worse", "recovered"), 0)
    for seed in range(seeds):
        model, x = deep_thin(seed, depth, width)
        before = _dead(model, x)
        affected = [k for k, share in enumerate(before) if share > 0]
        if not affected or affected[0] == depth - 1:
            continue
        intervene(sites(model, (x,))[affected[0]], WARM_UP)
        later, then = np.array(before[affected[0] + 1 :]), np.array(_dead(model, x)[affected[0] + 1 :])
        counts["repaired"] += 1
        counts["changed"] += bool((later != then).any())
        counts["worse"] += bool((then > later).any())
        counts["recovered"] += bool((then == 0).all())
    says = {
        "changed": "warm-ups of one layer that change the dead data of later ones",
        "worse": "warm-ups of one layer after which a later one has more dead data",
        "recovered": "warm-ups of the first layer in need after which no later one has dead data",
    }
    return [Counted(words, counts[name], counts["repaired"]) for name, words in says.items()]


def repair_claims(restarts: int = 20_000, seeds: int = 200) -> dict[str, list[Counted]]:
    """Return all of them."""
    biased = early_monitoring(restarts, init="normal:0.5:0.5")
    return {
        "one shot": one_shot(restarts),
        "early monitoring": early_monitoring(restarts),
        "early monitoring, random biases": biased,
        "later layers": later_layers(seeds),
        "local repairs": local_repairs(seeds),
    }


def _dead(model: torch.nn.Module, x: torch.Tensor) -> list[float]:
    return [float((site.tops.amax(1) <= 0).double().mean()) for site in sites(model, (x,))]


def _xor(policy: Policy | None, restarts: int, seed: int, init: str, how: Training | None = None) -> Controlled:
    problem = task("relu2", "xor")
    starts = initial(init, place_of(problem), restarts, seed).reshape(restarts, 2, 3)
    return train_controlled(problem, starts, policy, how, seed)


def _again(runs: Controlled) -> NDArray[np.bool_]:
    """Return of the runs that were repaired, which gave up because the alarm came back."""
    flags = {verb: np.zeros(len(runs.success), dtype=bool) for verb in ("repair", "give up")}
    for event in runs.events:
        if event.verb in flags:
            flags[event.verb][event.restarts] = True
    found: NDArray[np.bool_] = flags["give up"][flags["repair"]]
    return found


def _counted(says: str, which: Any) -> Counted:
    flags = np.asarray(which)
    return Counted(says, int(flags.sum()), len(flags))
