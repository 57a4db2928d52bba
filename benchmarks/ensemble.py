"""How many epochs of training a second, next to JAX and to torch itself?

    .venv/bin/python benchmarks/ensemble.py          # in some minutes
    .venv/bin/python benchmarks/ensemble.py --quick  # without 1,000,000 restarts

Two ReLU units on XOR, mean of squared errors, Adam (0.01; 0.9, 0.99), 500 epochs of full batches in float32, no early
stops, from the same normal starts. A restart-epoch is one epoch of one run. Each row has a process of its own, with
nothing compiled before: the first call includes compiling, the warm one is the best of the next three (of one where it
takes long). Rows marked with a number of epochs or restarts did that part of the work, and their times are scaled.

ours, compiled        a loop over epochs for each vector of restarts, by the C++ compiler
ours, eager           the same bits without a compiler
ours, torch.compile   fused epochs on tiles that fit the cache: the loops for GPUs, compiled for the CPU
jax                   vmap of a scan over epochs, under jit
torch.func            vmap of the gradient, and Adam on all restarts at once
torch.optim           a plain loop, one restart at a time
ours, output layer    the compiled loop with trained output weights and an output bias, 9 numbers instead of 6

`ends` is the share of runs that end with a loss below 0.01: all have done the same, but for the output layer. The
last lines compare the compiled loop with what the machine can do: each kind of arithmetic is measured by a compiled
loop of its own.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from stability.model.update_rules import update_rule
from stability.training.ensembles.engines import engine
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.epochs import Stops
from stability.training.ensembles.phases import run_phases
from stability.training.ensembles.problem import task
from stability.training.ensembles.torch_loops import OPTIONS, tile_size, torch_advance

EPOCHS, LR, BETAS, EPS = 500, 0.01, (0.9, 0.99), 1e-8
TASK, ADAM = task("relu2", "xor"), update_rule("adam", step="1/100", beta1="9/10", beta2="99/100")
LAYERED, OUTPUT_LAYER = task("relu2-out+c", "xor"), "ours, output layer"
X, Y = torch.tensor(TASK.points, dtype=torch.float32), torch.tensor(TASK.labels, dtype=torch.float32)
FEW_EPOCHS, FEW_RESTARTS, LONG, LARGE = 50, 3, 20.0, 10**6
Run = Callable[[np.ndarray], Any]


def starts(count: int) -> np.ndarray:
    """Return normal starts, of shape (count, 6)."""
    return np.random.default_rng(0).normal(size=(count, 6)) * 0.5


def ours(mode: str, device: str = "cpu") -> Run:
    """Return our trainer in a mode."""
    return lambda p: train(TASK, p, ADAM, epochs=EPOCHS, mode=mode, device=device).points


def with_output_layer() -> Run:
    """Return our trainer for a network with a trained output layer."""

    def run(given: np.ndarray) -> Any:
        whole = np.hstack([given, np.random.default_rng(1).normal(size=(len(given), 3)) * 0.5])
        return train(LAYERED, whole, ADAM, epochs=EPOCHS, mode="compiled", device="cpu").points

    return run


def by_torch_compile() -> Run:
    """Return our trainer with the loops of torch.compile."""

    def run(given: np.ndarray) -> torch.Tensor:
        p = torch.tensor(given.T.copy(), dtype=torch.float32)
        eager = engine(TASK, ADAM, Stops(), "eager", "cpu", p.dtype, len(given), EPOCHS)[0]
        advance = torch_advance(TASK, ADAM, Stops(), tile_size(len(given)), eager)
        with torch.no_grad():
            return run_phases(p, ADAM, advance, EPOCHS, EPOCHS, ())[0].T

    return run


def jax_scan() -> Run:
    """Return the same by JAX."""
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as jnp

    x, y = jnp.array(X.numpy()), jnp.array(Y.numpy())

    def loss(p: Any) -> Any:
        return jnp.mean((jax.nn.relu(x @ p[:, :2].T + p[:, 2]).sum(1) - y) ** 2)

    def one(start: Any) -> Any:
        def step(state: Any, t: Any) -> Any:
            p, m, v = state
            g = jax.grad(loss)(p)
            m, v = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * v + (1 - BETAS[1]) * g * g
            rate, scale = LR / (1 - BETAS[0] ** t), jnp.sqrt(1 - BETAS[1] ** t)
            return (p - rate * m / (jnp.sqrt(v) / scale + EPS), m, v), None

        zero = jnp.zeros_like(start)
        (p, _, _), _ = jax.lax.scan(step, (start, zero, zero), jnp.arange(1, EPOCHS + 1, dtype=jnp.float32))
        return p

    compiled = jax.jit(jax.vmap(one))
    return lambda p: np.asarray(compiled(jnp.array(p.reshape(-1, 2, 3), dtype=jnp.float32)).block_until_ready())


def loss_of(p: torch.Tensor) -> torch.Tensor:
    """Return the loss at (2, 3) parameters."""
    return ((torch.relu(X @ p[:, :2].T + p[:, 2]).sum(1) - Y) ** 2).mean()


def torch_func() -> Run:
    """Return the first epochs by torch.func.vmap and elementwise Adam."""
    slope = torch.func.vmap(torch.func.grad(loss_of))

    def run(given: np.ndarray) -> torch.Tensor:
        p = torch.tensor(given.reshape(-1, 2, 3), dtype=torch.float32)
        m, v = torch.zeros_like(p), torch.zeros_like(p)
        for t in range(1, FEW_EPOCHS + 1):
            g = slope(p)
            m.lerp_(g, 1 - BETAS[0])
            v.mul_(BETAS[1]).addcmul_(g, g, value=1 - BETAS[1])
            scale = (1 - BETAS[1] ** t) ** 0.5
            p = p.addcdiv(m, (v.sqrt() / scale).add_(EPS), value=-LR / (1 - BETAS[0] ** t))
        return p

    return run


def torch_optim() -> Run:
    """Return training of one restart after the other by torch.optim."""

    def end(start: np.ndarray) -> torch.Tensor:
        p = torch.tensor(start, dtype=torch.float32, requires_grad=True)
        optimiser = torch.optim.Adam([p], lr=LR, betas=BETAS, eps=EPS)
        for _ in range(EPOCHS):
            optimiser.zero_grad()
            loss_of(p).backward()
            optimiser.step()
        return p.detach()

    return lambda given: torch.stack([end(start) for start in given.reshape(-1, 2, 3)])


RUNS: dict[str, Callable[[], Run]] = {
    "ours, compiled": lambda: ours("compiled"),
    "ours, eager": lambda: ours("eager"),
    "ours, torch.compile": by_torch_compile,
    "ours, compiled, cuda": lambda: ours("compiled", "cuda"),
    "jax": jax_scan,
    f"torch.func, {FEW_EPOCHS} epochs": torch_func,
    f"torch.optim, {FEW_RESTARTS} restarts": torch_optim,
    OUTPUT_LAYER: with_output_layer,
}


@dataclass(frozen=True)
class Row:
    """What a contender took.

    Attributes
    ----------
    first, warm : float
        Seconds of the first call and of the best later one, for all the work.
    ends : float or None
        The share of runs that end with a loss below 0.01; None where only a part was done.
    """

    first: float
    warm: float
    ends: float | None


def measure(name: str, size: int) -> Row:
    """Run a contender in this process."""
    run, given = RUNS[name](), starts(FEW_RESTARTS if name.startswith("torch.optim") else size)
    times: list[float] = []
    while not times or len(times) < (2 if times[0] > LONG else 4):
        begin = time.perf_counter()
        found = run(given)
        times.append(time.perf_counter() - begin)
    factor = (EPOCHS / FEW_EPOCHS if name.startswith("torch.func") else 1) * size / len(given)
    if name == OUTPUT_LAYER:
        return Row(times[0], min(times[1:]), None)
    p = np.asarray(found, dtype=np.float64).reshape(-1, 2, 3)
    outputs = np.maximum(p[:, :, :2] @ TASK.points.T + p[:, :, 2:], 0).sum(1)
    below = float((((outputs - TASK.labels) ** 2).mean(1) < 0.01).mean())
    return Row(times[0] * factor, min(times[1:]) * factor, None if factor > 1 else below)


def measure_apart(name: str, size: int) -> Row:
    """Run a contender in a fresh process, with no compiled code to be found."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(measure, name, size).result()


def chosen(size: int) -> list[str]:
    """Return who runs at a size: at the largest only what is compiled."""
    here = [name for name in RUNS if "cuda" not in name or torch.cuda.is_available()]
    here = [name for name in here if name != "jax" or find_spec("jax")]
    return [name for name in here if size < LARGE or "compiled" in name or name == "jax"]


def operations() -> dict[str, int]:
    """Return the arithmetic of a restart-epoch by kind; products with 1 and -1 are none, choices are not counted.

    Pre-activations take d products and d sums per unit and point, the activation a maximum, outputs k - 1 sums, errors
    a difference; the loss is a sum of squares, scaled; slopes are sums of n products, scaled. For m, Adam takes a
    difference, a product and a sum; for v three products and a sum; for p a root, two quotients, a product, two sums.
    """
    n, d, k, p = len(TASK.labels), TASK.width - 1, TASK.units, TASK.parameters
    products = int((np.abs(TASK.points) != 1).sum())
    forward = k * (products + n * d + n) + (k - 1) * n + n
    loss = n + (n - 1) + 1
    slopes = k * (products + (d + 1) * (n - 1) + (d + 1))
    return {"plain": forward + loss + slopes + p * (3 + 4 + 3), "quotients": 2 * p, "roots": p}


def speeds() -> dict[str, float]:
    """Return how many operations of each kind a second compiled loops reach that only compute."""
    return {
        "plain": 2 * _steps_a_second(lambda x, y: x * y + 0.5),
        "quotients": _steps_a_second(lambda x, y: y / x),
        "roots": _steps_a_second(lambda x, y: torch.sqrt(x)),
    }


def _steps_a_second(step: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> float:
    chains, length = 12, 16
    x, y = torch.rand(2**18) + 0.5, torch.rand(2**18) + 0.5

    def chain(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        parts = [x + k for k in range(chains)]
        for _ in range(length):
            parts = [step(part, y) for part in parts]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    compiled, times = torch.compile(chain, options=OPTIONS), []
    for _ in range(30):
        begin = time.perf_counter()
        compiled(x, y)
        times.append(time.perf_counter() - begin)
    return len(x) * chains * length / min(times)


def report(size: int, found: dict[str, Row]) -> str:
    """Return the ratios at a size, next to their targets."""
    own, eager, jax = found["ours, compiled"], found.get("ours, eager"), found.get("jax")
    earlier = found.get("ours, torch.compile")
    parts = [f"compiling takes {own.first - own.warm:.2f} s (target: at most 3)"]
    if earlier is not None:
        parts.append(
            f"the first call {earlier.first / own.first:.0f} times as fast as with torch.compile, "
            f"warm {earlier.warm / own.warm:.2f} times (target: 1)"
        )
    if jax is not None and size < LARGE:
        parts.append(f"{jax.warm / own.warm:.1f} times jax when warm (target: 12)")
    if jax is not None:
        parts.append(f"{jax.first / own.first:.2f} times jax with the first call (target: 1)")
    if OUTPUT_LAYER in found:
        parts.append(f"{found[OUTPUT_LAYER].warm / own.warm:.2f} times as long with an output layer")
    if jax is not None and eager is not None:
        parts.append(f"eager {jax.warm / eager.warm:.2f} times jax (target: 0.5)")
    return f"{size:,} restarts: {'; '.join(parts)}"


def limits(best: float) -> list[str]:
    """Return how near so many restart-epochs a second come to what the machine can do, in words."""
    counts, reached = operations(), speeds()
    done = best * sum(counts.values())
    least = {kind: counts[kind] / reached[kind] * 1e9 for kind in counts}
    dividing, plain, mine = least["quotients"] + least["roots"], least["plain"], 1e9 / best
    counted = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return [
        f"Operations of a restart-epoch: {counted} (plain: sums and products). Reached by loops that only compute, "
        f"in billions a second: {', '.join(f'{kind} {speed / 1e9:.1f}' for kind, speed in reached.items())}.",
        f"Ours, compiled, does {done / 1e9:.1f} billion a second, {done / reached['plain']:.0%} of multiply-adds. "
        f"At those speeds the plain ones take {plain:.2f} ns and the others, beside them, {dividing:.2f} ns; "
        f"a restart-epoch takes {mine:.2f} ns: {max(plain, dividing) / mine:.0%} of the limit.",
    ]


def show(size: int, found: dict[str, Row], table: Table) -> None:
    """Add the rows of a size to the table."""
    jax = found.get("jax")
    for name, row in found.items():
        ratio, ends = "" if jax is None else f"{jax.warm / row.warm:.3g}", "" if row.ends is None else f"{row.ends:.2%}"
        speed = f"{size * EPOCHS / row.warm / 1e6:.3g}"
        table.add_row(f"{size:,}", name, f"{row.first:.2f}", f"{row.warm:.3f}", speed, ratio, ends)
    table.add_section()


def main() -> int:
    """Print the table; return 1 if a contender ends elsewhere."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without 1,000,000 restarts")
    sizes = [20_000, 200_000] + ([] if parser.parse_args().quick else [LARGE])
    table = Table("restarts", "by", "first call, s", "warm, s", "million restart-epochs a s", "times jax, warm", "ends")
    before, lines, best, wrong = os.getloadavg()[0], [], 0.0, []
    for size in sizes:
        found = {name: measure_apart(name, size) for name in chosen(size)}
        own = found["ours, compiled"]
        show(size, found, table)
        lines.append(report(size, found))
        best = max(best, size * EPOCHS / own.warm)
        wrong += [
            (size, name) for name, row in found.items() if row.ends is not None and abs(row.ends - own.ends) > 0.005
        ]
    Console(width=130).print(table)
    print(
        f"On the CPU, {torch.get_num_threads()} threads; load {before:.1f} before and {os.getloadavg()[0]:.1f} after."
    )
    print("\n".join([*lines, *limits(best), *(f"{name} ends elsewhere at {size:,}" for size, name in wrong)]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
