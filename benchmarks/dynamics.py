"""How fast does gradient flow reach its end, next to an adaptive integrator with events?

    .venv/bin/python benchmarks/dynamics.py          # in some minutes
    .venv/bin/python benchmarks/dynamics.py --quick  # fewer starts, in seconds

ours, all at once   The ends of 1,000 random starts of two ReLU units on XOR; those that floats cannot decide are
                    decided exactly, and their number is report.
ours, certified     The same starts one by one in ball arithmetic, every sign decided.
solve_ivp           scipy's LSODA with an event at every kink, restarted there, to a velocity below 1e-9; where both
                    sides of a kink lead to it it slides with the mean velocity. On some of the starts.
diffrax             the gradient (0 at kinks) by Tsit5, the same tolerances, some starts at once under jit, warm; it
                    knows no kinks, so that sliding makes it step minutely. Left out where it is not installed.

A wrong end is one whose loss is not that of the certified trajectory. The last row is a labelled map of basins.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.integrate import solve_ivp

from stability import Landscape, landscape
from stability.dynamics.basins.planes import basin_map
from stability.dynamics.flow.batch import flow_limits
from stability.geometry.sections.planes import plane

Numbers = np.ndarray
CLOSE, SPEED, LONGEST = 1e-10, 1e-9, 400.0


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """Return how long some work takes, and its result."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


class Peer:
    """Gradient flow of ReLU units by scipy, restarted at kinks."""

    def __init__(self, place: Landscape) -> None:
        self.rows = np.array([[float(x) for x in row] for row in place.rows])
        self.labels = np.array([float(y) for y in place.data.labels])
        self.shape = (place.units, place.width)

    def velocity(self, p: Numbers, signs: Numbers) -> Numbers:
        """Return the velocity with fixed activations; kinks that the point slides on keep it there."""
        z = p.reshape(self.shape) @ self.rows.T
        slope = np.select([signs > 0, signs < 0], [1.0, 0.0], 0.5)
        error = np.where(signs > 0, z, 0).sum(axis=0) - self.labels
        speed = -2 * (slope * error) @ self.rows
        for j, row in enumerate(signs):
            kinks = self.rows[row == 0]
            if len(kinks):
                speed[j] -= kinks.T @ np.linalg.lstsq(kinks.T, speed[j], rcond=None)[0]
        return speed.ravel()

    def turned(self, p: Numbers, signs: Numbers, unit: int, example: int) -> Numbers:
        """Return the activations after a kink is met: the other side, or on the kink where both sides lead to it."""
        found = signs.copy()
        found[unit, example] = -signs[unit, example]
        across = self.velocity(p, found).reshape(self.shape)[unit] @ self.rows[example]
        if across * found[unit, example] <= CLOSE:
            found[unit, example] = 0
        return found

    def end(self, start: Numbers) -> Numbers:
        """Return the limit."""
        p, t = start.ravel().copy(), 0.0
        signs = np.sign(p.reshape(self.shape) @ self.rows.T)
        while t < LONGEST:
            active = list(zip(*np.nonzero(signs), strict=True))
            events = [self._kink(j, i, signs[j, i]) for j, i in active] + [self._rest(signs)]
            ran = solve_ivp(
                lambda _, q, s=signs: self.velocity(q, s),
                (t, LONGEST),
                p,
                method="LSODA",
                rtol=1e-10,
                atol=1e-12,
                events=events,
            )
            p, t = ran.y[:, -1], ran.t[-1]
            met = [k for k, times in enumerate(ran.t_events) if len(times)]
            if not met or met[0] == len(active):
                return p
            signs = self.turned(p, signs, *active[met[0]])
        return p

    def _kink(self, j: int, i: int, sign: float) -> Callable[[float, Numbers], float]:
        def event(_: float, p: Numbers) -> float:
            return float(sign * (p.reshape(self.shape)[j] @ self.rows[i])) + CLOSE

        event.terminal, event.direction = True, -1  # type: ignore[attr-defined]
        return event

    def _rest(self, signs: Numbers) -> Callable[[float, Numbers], float]:
        def event(_: float, p: Numbers) -> float:
            return float(np.linalg.norm(self.velocity(p, signs))) - SPEED

        event.terminal = True  # type: ignore[attr-defined]
        return event

    def loss(self, p: Numbers) -> float:
        """Return the loss at a point."""
        z = p.reshape(self.shape) @ self.rows.T
        return float(((np.maximum(z, 0).sum(axis=0) - self.labels) ** 2).sum())


def diffrax_ends(peer: Peer, starts: Numbers) -> Callable[[], Numbers] | None:
    """Return what computes the ends by diffrax, compiled, or None where it is not installed."""
    try:
        import diffrax
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    rows, labels = jnp.array(peer.rows), jnp.array(peer.labels)

    def loss(p: Any) -> Any:
        return ((jax.nn.relu(p.reshape(peer.shape) @ rows.T).sum(0) - labels) ** 2).sum()

    def end(p: Any) -> Any:
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, args: -jax.grad(loss)(y)),
            diffrax.Tsit5(),
            t0=0.0,
            t1=LONGEST,
            dt0=1e-3,
            y0=p,
            stepsize_controller=diffrax.PIDController(rtol=1e-10, atol=1e-12),
            max_steps=100_000,
            throw=False,
        )
        return found.ys[-1]

    every = jax.jit(jax.vmap(end))
    flat = jnp.array(starts.reshape(len(starts), -1))
    every(flat).block_until_ready()
    return lambda: np.asarray(every(flat))


def main() -> int:
    """Print the table; exit with 1 if an end of ours is wrong."""
    quick = "--quick" in sys.argv
    many, some, side = (100, 10, 60) if quick else (1000, 100, 500)
    place = landscape("relu2", "xor")
    sets = place.atlas().sets
    starts = np.random.default_rng(0).normal(size=(many, 2, 3)) * 0.5
    fast, found = seconds(lambda: flow_limits(place, starts))
    sure, paths = seconds(lambda: [place.flow(start.tolist()) for start in starts])
    wrong = sum(path.ends_on is None or path.ends_on.index != k for path, k in zip(paths, found.sets, strict=True))
    peer = Peer(place)
    slow, limits = seconds(lambda: [peer.end(start) for start in starts[:some]])
    lost = sum(abs(peer.loss(p) - float(path.loss)) > 1e-8 for p, path in zip(limits, paths, strict=False))
    single = landscape("relu1", "xor")
    single.atlas()
    axis = np.linspace(-1.5, 1.5, side)
    slice_ = plane(single, [["1/2", "-1/2", 0]], [[0, 0, 1]])
    drawn, labels = seconds(lambda: basin_map(single, slice_, axis, axis))
    table = Table("what", "starts", "seconds", "ms a start", "times ours", "ends that are wrong", "decided exactly")
    each = slow / some * 1000
    table.add_row("ours, all at once", str(many), f"{fast:.2f}", f"{fast / many * 1000:.3f}",
                  f"{each / (fast / many * 1000):.0f}", str(wrong), str(found.exact))  # fmt: skip
    table.add_row("ours, certified", str(many), f"{sure:.2f}", f"{sure / many * 1000:.3f}",
                  f"{each / (sure / many * 1000):.0f}", "reference", str(many))  # fmt: skip
    table.add_row("solve_ivp with events", str(some), f"{slow:.2f}", f"{each:.3f}", "", str(lost), "")
    work = diffrax_ends(peer, starts[:some])
    if work is not None:
        spent, points = seconds(work)
        bad = sum(abs(peer.loss(p) - float(path.loss)) > 1e-8 for p, path in zip(points, paths, strict=False))
        own = spent / some * 1000
        table.add_row("diffrax, Tsit5", str(some), f"{spent:.2f}", f"{own:.3f}",
                      f"{own / (fast / many * 1000):.0f}", str(bad), "")  # fmt: skip
    table.add_row(f"map of relu1, {side} x {side}", f"{side * side:,}", f"{drawn:.2f}",
                  f"{drawn / side**2 * 1000:.4f}", "", f"{(labels < 0).sum()} undecided", "")  # fmt: skip
    Console(width=130).print(table)
    print(f"Two ReLU units on XOR have {len(sets)} stationary sets; normal starts, standard deviation 1/2.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
