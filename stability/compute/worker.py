"""The worker, which computes a batch of tasks and reports of each what came of it."""

import json
import platform
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from stability.compute.code_version import Code, resolve
from stability.compute.grids import Arguments, SweepError, SweepTask, canonical
from stability.compute.store import DONE, FAILED, Row

LIBRARIES = ("numpy", "torch")
LONGEST = 2000
"""Characters of an error that are kept."""

STARTED = time.time()
"""When this process loaded the first of this code; what was written later may differ from what is loaded."""


def work(code: Code, tasks: Sequence[SweepTask]) -> list[Row]:
    """Compute some tasks, one after the other; what one of them raises is its result.

    Raises
    ------
    SweepError
        If this process has other code than the sweep.
    """
    _same_code(code)
    function = resolve(code.address)
    return [_row(code, function, each) for each in tasks]


def seconds_of(code: Code, arguments: Arguments) -> float:
    """Return how long one call of a task takes here.

    Raises
    ------
    SweepError
        If the task fails, or this process has other code than the sweep.
    """
    row = work(code, [SweepTask("", arguments)])[0]
    if row.state == FAILED:
        raise SweepError(f"The task {canonical(arguments)} failed: {row.error}", "Try it by itself.")
    return row.seconds


@lru_cache(maxsize=16)
def _same_code(code: Code) -> None:
    if not code.is_here():
        raise SweepError(
            f"A worker has another version of {code.address} than {code.version}.",
            "Results of different code are not mixed: install the same code everywhere, and do not edit it meanwhile.",
        )
    if not all(_is_loaded_as_written(*each) for each in code.stamps().items()):
        raise SweepError(
            f"The code of {code.address} was edited after a worker had loaded it.",
            "Start the workers (or this session) again, so that they load it.",
        )


@cache
def _is_loaded_as_written(module: str, stamp: float) -> bool:
    """Return, before a module is used, whether what is loaded is what was written then; remembered once it is used."""
    return module not in sys.modules or stamp <= STARTED


def _row(code: Code, function: Callable[..., Any], task: SweepTask) -> Row:
    _seed(task.arguments)
    began = time.perf_counter()
    try:
        state, result, error = DONE, _serialised(function(**task.arguments)), None
    except (Exception, SystemExit) as problem:
        state, result, error = FAILED, None, f"{type(problem).__name__}: {problem}"[:LONGEST]
    seconds = time.perf_counter() - began
    arguments = canonical(task.arguments)
    return Row(task.key, code.address, arguments, code.version, state, result, error, 1, seconds, environment())


def _serialised(result: Any) -> str:
    """Return a result as JSON; unlike arguments it may have infinities and NaN."""
    if not isinstance(result, Mapping) or not all(isinstance(name, str) for name in result):
        raise SweepError(
            f"Expected a dict with texts as names from the task; got {result!r:.60}.", 'Return {"name": value}.'
        )
    return json.dumps(dict(result), sort_keys=True, separators=(",", ":"), default=_listed)


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise SweepError(
        f"Expected numbers, texts, lists and dicts in the result; got {value!r:.60}.",
        "Turn it into a number, a text, a list or a dict.",
    )


def _seed(arguments: Arguments) -> None:
    """Seed the global generators by the arguments, so that a result does not depend on what ran before in a process.

    Where other threads draw from them too, as on dask, a task must have a generator of its own.
    """
    random.seed(canonical(arguments))
    number = random.getrandbits(32)
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


@lru_cache(maxsize=1)
def environment() -> str:
    """Return what computes here: Python, numpy, torch and the kind of machine, but not its name."""
    found = [f"python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join([*found, f"{platform.system()} {platform.machine()}"])
