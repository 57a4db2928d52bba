"""How often training succeeds with each policy of repairs and without, and whether repairs harm healthy runs."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.compute.executors import ended_on_errors
from stability.compute.progress import Progress
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.exact.limits import require_memory, require_steps, require_workers
from stability.initialisation.sampling import initial
from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable, json_data
from stability.model.wilson import wilson
from stability.studies.intervention_runs import RUNS, Run
from stability.training.control.batch import Training
from stability.training.control.batch_training import train_controlled
from stability.training.control.policies import POLICIES, Policy, policy_named
from stability.training.ensembles.ensemble import place_of
from stability.training.ensembles.problem import task

TASKS = {
    "xor": "two ReLUs on XOR, all correct at the stop",
    "moons": "50 layers of 4 units on the two moons, training accuracy at the end above 0.95",
    "digits": "64-32-32-10 on digits, held-out accuracy at the end above 0.9",
}
"""What is trained, and what counts as a success."""

SUCCESS = {"moons": 0.95, "digits": 0.9}
CHUNK = 5000


@dataclass(frozen=True, repr=False)
class PolicyOutcome(Displayed):
    """What runs of one task under one policy came to.

    Attributes
    ----------
    task, policy : str
        A key of `TASKS`, and the name of the policy; "none" for no controller.
    runs, successes : int
    healthy, harmed, alarmed : int
        Runs that succeed without a controller; how many of them fail with it; how many of them it repairs at all.
    rescued : int
        Runs that fail without a controller and succeed with it.
    repairs : dict of str to int
        How many repairs of each kind were made in all runs.
    measured : dict of str to float
        Means over the runs: accuracy at the end, largest accuracy, loss at the end, repairs, and the share of runs
        whose largest accuracy is a success.
    """

    task: str
    policy: str
    runs: int
    successes: int
    healthy: int
    harmed: int
    alarmed: int
    rescued: int
    repairs: dict[str, int]
    measured: dict[str, float]

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval (Wilson) of the success probability."""
        return wilson(self.successes, self.runs)

    @property
    def harm(self) -> tuple[float, float, float]:
        """The share of healthy runs that fail with the controller, and its 95% interval; nan if none is healthy."""
        if not self.healthy:
            return (float("nan"),) * 3
        return (self.harmed / self.healthy, *wilson(self.harmed, self.healthy))

    def _table(self) -> ResultTable:
        low, high = self.interval
        rows = [
            ("successes", f"{self.successes:,} of {self.runs:,} runs, {low:.2%} to {high:.2%}"),
            ("healthy runs that fail with it", f"{self.harmed:,} of {self.healthy:,}"),
            ("healthy runs that it repairs", f"{self.alarmed:,} of {self.healthy:,}"),
            ("rescued", f"{self.rescued:,}"),
            ("repairs", ", ".join(f"{count:,} {kind}" for kind, count in self.repairs.items()) or "none"),
        ]
        finding = f"{self.rescued:,} rescued, {self.harmed:,} harmed of {amount(self.runs, 'run', ',')}"
        return ResultTable(f"{self.task} with the policy {self.policy}", (), rows, finding=finding)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        low, high = self.interval
        harm = self.harm[1:] if self.healthy else (None, None)
        return {
            **json_data(asdict(self)),
            "success_rate": self.successes / self.runs,
            "wilson_low": low,
            "wilson_high": high,
            "harm_low": harm[0],
            "harm_high": harm[1],
        }


@dataclass(frozen=True)
class _Ends:
    """What is kept of the runs of one task under one policy, by run."""

    success: NDArray[np.bool_]
    repaired: NDArray[np.int64]
    repairs: Counter[str]
    measured: dict[str, float]

    def against(self, task_name: str, policy: str, base: "_Ends") -> PolicyOutcome:
        """Return the comparison with the same runs without a controller."""
        own, healthy = self.success, base.success
        return PolicyOutcome(
            task_name,
            policy,
            len(own),
            int(own.sum()),
            int(healthy.sum()),
            int((healthy & ~own).sum()),
            int((healthy & (self.repaired > 0)).sum()),
            int((~healthy & own).sum()),
            dict(self.repairs),
            {**self.measured, "repairs": float(self.repaired.mean())},
        )


def compare_on_xor(
    restarts: int = 20_000,
    policies: Sequence[str | Policy] = tuple(POLICIES),
    seed: int = 0,
    how: Training | None = None,
    init: str = "normal:0.5",
    progress: Progress | None = None,
) -> list[PolicyOutcome]:
    """Train relu2 on XOR from the same starts without a controller and with each policy; after Ctrl-C, on those done.

    Parameters
    ----------
    restarts, seed : int
    policies : sequence of str or Policy
    how : Training, optional
        By default Adam(0.01; 0.9, 0.99), at most 800 epochs, stop loss 1e-7, patience 11, a reading every 10 steps.
    init : str
        The law of the starts.
    progress : callable, optional

    Returns
    -------
    list of PolicyOutcome
        First without a controller, then by policy.
    """
    problem = task("relu2", "xor")
    chosen = [None, *map(_policy, policies)]
    parts: list[list[_Ends]] = []
    try:
        for first in range(0, restarts, CHUNK):
            count = min(CHUNK, restarts - first)
            starts = initial(init, place_of(problem), count, seed, first=first).reshape(count, 2, 3)
            found = []
            for each in chosen:
                runs = train_controlled(problem, starts, each, how, seed, first)
                kinds = Counter[str]()
                for event in runs.events:
                    kinds[event.intervention.kind] += len(event.restarts) if event.verb == "repair" else 0
                found.append(_Ends(runs.success, runs.repairs, +kinds, {"loss": float(runs.losses.mean())}))
            parts.append(found)
            if progress is not None:
                progress("xor", first + count, restarts)
    except KeyboardInterrupt:
        if not parts:
            raise
    return _compared("xor", [_joined(each) for each in zip(*parts, strict=True)], chosen)


def compare_on_runs(
    name: str,
    seeds: int,
    epochs: int,
    policies: Sequence[str | Policy] = tuple(POLICIES),
    seed: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[PolicyOutcome]:
    """Train one network for each seed and policy; after Ctrl-C, only seeds done under every policy count.

    Parameters
    ----------
    name : str
        "moons" or "digits".
    seeds, epochs : int
    policies : sequence of str or Policy
    seed : int
        The first one.
    workers : int, optional
        Processes; as many as there are processors by default. 1 for none but this one.
    progress : callable, optional

    Returns
    -------
    list of PolicyOutcome
        First without a controller, then by policy.

    Raises
    ------
    UnknownNameError
        If there is no such task or policy.
    """
    if name not in RUNS:
        raise UnknownNameError(f"Expected moons or digits; got {name!r}.", nearest(name, list(RUNS)))
    chosen = [None, *map(_policy, policies)]
    jobs = [(each, place) for each in range(seed, seed + seeds) for place in range(len(chosen))]
    found: dict[tuple[int, int], Run] = {}
    try:
        for job, run in _done(name, jobs, chosen, epochs, workers or len(os.sched_getaffinity(0))):
            found[job] = run
            if progress is not None:
                progress(name, len(found), len(jobs))
    except KeyboardInterrupt:
        if not found:
            raise
    complete = [s for s in range(seed, seed + seeds) if all((s, place) in found for place in range(len(chosen)))]
    if not complete:
        raise KeyboardInterrupt
    ends = [_ends_of(name, [found[s, place] for s in complete]) for place in range(len(chosen))]
    return _compared(name, ends, chosen)


def compare_policies(
    names: Sequence[str] = tuple(TASKS),
    policies: Sequence[str] = tuple(POLICIES),
    restarts: int = 20_000,
    seeds: dict[str, int] | None = None,
    epochs: dict[str, int] | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[PolicyOutcome]:
    """Yield the results of all tasks: XOR over restarts, moons and digits over seeds.

    Parameters
    ----------
    names, policies : sequences of str
    restarts : int
        Of XOR.
    seeds, epochs : dict of str to int, optional
        Of the others; see `SIZES`.
    seed, workers
    progress : callable, optional

    Raises
    ------
    UnknownNameError, StabilityError
        If a task or policy is unknown, or a size is not at least 1.
    """
    sizes = {name: (count, length) for name, (count, length) in SIZES.items()}
    for name, count in (seeds or {}).items():
        sizes[name] = (count, sizes[name][1])
    for name, length in (epochs or {}).items():
        sizes[name] = (sizes[name][0], length)
    for name in names:
        if name not in TASKS:
            raise UnknownNameError(f"Expected a task; got {name!r}.", nearest(name, list(TASKS)))
    smallest = min(restarts, *(n for pair in sizes.values() for n in pair), 1 if workers is None else workers)
    if smallest < 1 or seed < 0:
        raise StabilityError(
            f"Expected restarts, seeds, epochs and workers of at least 1 and a seed of at least 0; got {smallest}.",
            "Leave them out for the defaults.",
        )
    for each in policies:
        _policy(each)
    require_workers(1 if workers is None else workers)
    for count, length in sizes.values():
        require_memory(count, RUN_BYTES, "runs")
        require_steps(length, "epochs")
    for name in names:
        if name == "xor":
            yield from compare_on_xor(restarts, policies, seed, progress=progress)
        else:
            yield from compare_on_runs(name, *sizes[name], policies, seed, workers, progress)


RUN_BYTES = 100_000
"""What a run that waits for its turn, and its result, take at most."""

SIZES = {"moons": (4, 1000), "digits": (10, 8)}
"""Seeds and epochs of the tasks that train one network at a time."""


def wanted_runs(names: Sequence[str], restarts: int, seeds: dict[str, int]) -> dict[str, int]:
    """Return how many runs of each task are asked for."""
    return {name: restarts if name == "xor" else seeds[name] for name in names}


def _policy(each: str | Policy) -> Policy:
    return policy_named(each) if isinstance(each, str) else each


def _done(
    name: str, jobs: Sequence[tuple[int, int]], chosen: Sequence[Policy | None], epochs: int, workers: int
) -> Iterator[tuple[tuple[int, int], Run]]:
    """Yield jobs with their runs as they finish."""
    if workers == 1:
        for each, place in jobs:
            yield (each, place), RUNS[name](each, chosen[place], epochs)
        return
    with ProcessPoolExecutor(workers, initializer=_one_thread) as pool, ended_on_errors(pool):
        yield from _shared_out(pool, name, jobs, chosen, epochs)


def _shared_out(
    pool: Executor, name: str, jobs: Sequence[tuple[int, int]], chosen: Sequence[Policy | None], epochs: int
) -> Iterator[tuple[tuple[int, int], Run]]:
    futures = {pool.submit(RUNS[name], each, chosen[place], epochs): (each, place) for each, place in jobs}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _ends_of(name: str, runs: Sequence[Run]) -> _Ends:
    best = np.array([run.best > SUCCESS[name] for run in runs])
    means = {key: float(np.mean([getattr(run, key) for run in runs])) for key in ("final", "best", "loss")}
    repairs = sum((Counter(run.repairs) for run in runs), Counter[str]())
    return _Ends(
        np.array([run.final > SUCCESS[name] for run in runs]),
        np.array([sum(run.repairs.values()) for run in runs]),
        repairs,
        {**means, "best_success": float(best.mean())},
    )


def _joined(parts: Sequence[_Ends]) -> _Ends:
    """Return chunks of runs as one."""
    sizes = [len(part.success) for part in parts]
    names = parts[0].measured
    return _Ends(
        np.concatenate([part.success for part in parts]),
        np.concatenate([part.repaired for part in parts]),
        sum((part.repairs for part in parts), Counter[str]()),
        {name: float(np.average([part.measured[name] for part in parts], weights=sizes)) for name in names},
    )


def _compared(name: str, ends: Sequence[_Ends], chosen: Sequence[Policy | None]) -> list[PolicyOutcome]:
    names = ["none" if policy is None else policy.name for policy in chosen]
    return [end.against(name, policy, ends[0]) for policy, end in zip(names, ends, strict=True)]
