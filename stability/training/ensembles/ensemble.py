"""Many restarts at once, each with its own random stream and its own stop: where they end."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.errors import DataError, StabilityError
from stability.exact.limits import require_memory, require_steps
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.sampling import initial
from stability.io.results import ResultTable, Tabular, json_data
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import UpdateRule, require_rule
from stability.training.devices import device_for
from stability.training.ensembles.engines import engine
from stability.training.ensembles.epochs import REASONS, Stops
from stability.training.ensembles.gradients import evaluate
from stability.training.ensembles.phases import run_phases
from stability.training.ensembles.problem import Task, as_task
from stability.training.ensembles.settings import require_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHUNK = 2**18
"""Restarts that are in memory at once, at most."""

ENTRIES = 2**25
"""Activations that are in memory at once, at most."""

PHASE, QUIET_PHASE = 64, 2**12
"""Epochs between two looks at which finished runs leave the batch; and where runs finish only by divergence."""

ARRAYS = ("starts", "points", "losses", "outputs", "accuracies", "stopped", "reasons", "buffers")
"""The arrays of `Ensemble` with one entry per restart."""

DTYPES = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True, repr=False)
class Ensemble(Tabular):
    """Many runs of training, each from its start to its stop.

    Attributes
    ----------
    task : Task
    rule : UpdateRule
    init : str
        The initialisation by its spelling; "given" if the starts were.
    seed, epochs : int
    stops : Stops
    dtype, device, mode : str
        In which precision, where and by which engine the runs were computed.
    seconds : float
    starts, points : arrays (restarts, parameters)
        Parameters in the order of `Task`: (w, b) unit by unit, then for each output its weights and its bias.
    losses : array (restarts,)
        At the stop.
    outputs : array (restarts, n, outputs)
    accuracies : array (restarts,)
        The share of examples that are correct, NaN where labels cannot say (not two of them).
    stopped : int array (restarts,)
        The steps that each run took.
    reasons : int array (restarts,)
        Why it stopped, as a place in `REASONS`.
    buffers : array (restarts, buffers, parameters)
        What the rule remembered after the last epoch; 0 for runs that stopped earlier.
    snapshots : dict of int to array (restarts, parameters)
        Parameters after so many epochs, on request.
    wanted : int
        The restarts that were asked for; more than there are after an interruption.

    Examples
    --------
    >>> from stability import landscape, train, update_rule
    >>> runs = train(landscape("abs1", "xor"), "normal:0.5", update_rule("gd", step="1/10"), epochs=50, restarts=8)
    >>> runs.points.shape
    (8, 3)
    """

    task: Task
    rule: UpdateRule
    init: str
    seed: int
    epochs: int
    stops: Stops
    dtype: str
    device: str
    mode: str
    seconds: float
    starts: Floats
    points: Floats
    losses: Floats
    outputs: Floats
    accuracies: Floats
    stopped: NDArray[np.int64]
    reasons: NDArray[np.int64]
    buffers: Floats
    snapshots: dict[int, Floats]
    wanted: int

    def __repr__(self) -> str:
        """Return what was trained, and how many runs succeeded; the arrays are the attributes."""
        return ": ".join(self._heading())

    def _heading(self) -> tuple[str, str]:
        runs = f"{self.restarts:,} runs of {self.task!r}, {self.init}, {self.rule}, at most {self.epochs:,} epochs"
        well = f"{int(self.success.sum()):,} with all examples correct; " if self.task.classifies else ""
        return f"{runs}, seed {self.seed}", f"{well}least loss {self.losses.min():.6g}"

    def _table(self) -> ResultTable:
        rows = []
        for k in np.unique(self.reasons).tolist():
            own = self.losses[self.reasons == k]
            rows.append((REASONS[k], f"{len(own):,}", f"{own.min():.6g}", f"{own.max():.6g}"))
        head, finding = self._heading()
        return ResultTable(head, ("stopped by", "runs", "least loss", "greatest loss"), rows, finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        columns = {"loss": self.losses, "accuracy": self.accuracies, "stopped": self.stopped}
        rows = zip(*(column.tolist() for column in columns.values()), self.reasons.tolist(), strict=True)
        return [{**dict(zip(columns, row, strict=False)), "reason": REASONS[row[-1]]} for row in rows]

    def to_json(self) -> dict[str, Any]:
        """Return what was trained, and loss, accuracy, steps and reason of every run; None for what is not finite."""
        runs = self._records()
        return {
            "model": self.task.name,
            "data": self.task.data.name,
            "loss_kind": self.task.loss_kind,
            "rule": str(self.rule),
            "init": self.init,
            "seed": self.seed,
            "epochs": self.epochs,
            "restarts": self.restarts,
            "wanted": self.wanted,
            "dtype": self.dtype,
            "device": self.device,
            "mode": self.mode,
            "seconds": self.seconds,
            "successes": int(self.success.sum()) if self.task.classifies else None,
            "runs": json_data(runs),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw which share of the runs ends at most at each loss; return the Axes."""
        from stability.plot.end_states import draw_losses

        return draw_losses(ax, self.losses, f"loss at the stop ({self.task.loss_kind} of squared errors)")

    @property
    def restarts(self) -> int:
        """How many runs there are."""
        return len(self.points)

    @property
    def success(self) -> NDArray[np.bool_]:
        """Which runs have all examples correct at the stop.

        Raises
        ------
        DataError
            If there are neither two labels nor one output per class, so that nothing is correct or wrong.
        """
        if not self.task.classifies:
            _ = self.task.middle
        found: NDArray[np.bool_] = self.accuracies == 1
        return found

    def rows(self, which: Floats | None = None) -> Floats:
        """Return parameters of the units (those at the stop by default) in the shape (restarts, units, width)."""
        p = self.points if which is None else which
        own: Floats = p[:, : self.task.hidden].reshape(-1, self.task.units, self.task.width)
        return own


def train(
    task: Task | NetworkLoss,
    init: str | Floats,
    rule: UpdateRule,
    *,
    epochs: int,
    stop_loss: float = 0.0,
    patience: int | None = None,
    restarts: int = 1000,
    seed: int = 0,
    dtype: str = "float32",
    device: str = "auto",
    mode: str = "auto",
    snapshots: Sequence[int] = (),
    chunk: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Return where full-batch training ends from each of many starts.

    Restart i has its own random stream and its own stop, so its run does not depend on the number of restarts, on
    chunks, on workers or on the mode (but for "torch"), bit for bit on one kind of device.

    Parameters
    ----------
    task : Task or Landscape
        What is minimised; a landscape with its own loss, the sum or the mean.
    init : str or array (restarts, parameters)
        An initialisation as `stability.model.initialisations` spells it, or the starts themselves.
    rule : UpdateRule
    epochs : int
        The most steps of a run.
    stop_loss : float
        A run stops once its loss is below it.
    patience : int, optional
        A run stops after so many epochs without a new best loss.
    restarts, seed : int
    dtype : str
        "float32" or "float64".
    device : str
        "cpu", "cuda", or "auto" for "cuda" where there is one.
    mode : str
        One of `stability.training.ensembles.settings.MODES`. "auto" compiles small tasks if epochs times restarts say
        that it pays: on CPUs by g++ or clang++ in some tenths of a second, once a process for each task, kind of rule
        and dtype; on GPUs by torch.compile, which takes longer. Runs that all stop early may pay less than is
        expected; without a compiler, or with one that fails, epochs are taken step by step.
    snapshots : sequence of int
        Numbers of epochs after which parameters are kept.
    chunk : int, optional
        Restarts in memory at once; by the size of the task if left out.
    executor : concurrent.futures.Executor, optional
        Shares out the chunks.
    progress : callable, optional
        Called with ("restarts", how many are done, how many there are); in a notebook there is a bar if it is left out.

    Raises
    ------
    StabilityError
        If a setting makes no sense, or there is no such device.

    Examples
    --------
    >>> from stability import landscape, train, update_rule
    >>> runs = train(landscape("abs1", "xor"), [[1.0, -1.0, 0.0]], update_rule("gd", step="1/10"), epochs=5)
    >>> runs.losses.tolist()
    [2.047459020104725e-07]
    """
    require_rule(rule)
    task = as_task(task)
    place, given = device_for(device), None if isinstance(init, str) else _given(task, init)
    count = restarts if given is None else len(given)
    chunk = at_once(task) if chunk is None else chunk
    require_settings(
        restarts=count, seed=seed, epochs=epochs, stop_loss=stop_loss, patience=patience, dtype=dtype, mode=mode
    )
    _refuse(epochs, snapshots, chunk)
    require_steps(epochs, "epochs")
    require_memory(count, restart_bytes(task) + 8 * task.parameters * len(snapshots), "restarts")
    require_dtype(task, dtype)
    stops = Stops(float(stop_loss), patience)
    began = perf_counter()
    run = partial(_chunk, task, init if given is None else given, rule, stops, epochs, seed, dtype, place, mode)
    run = partial(run, min(count, chunk), tuple(sorted({*snapshots})))
    ranges = [(k, min(k + chunk, count)) for k in range(0, count, chunk)]
    parts: list[dict[str, Any]] = []
    try:
        with reporting(progress, "train") as report:
            for part in (executor.map if executor else map)(run, ranges):
                parts.append(part)
                report("restarts", ranges[len(parts) - 1][1], count)
    except KeyboardInterrupt:
        if not parts:
            raise
    found = {name: np.concatenate([part[name] for part in parts]) for name in ARRAYS}
    kept = {t: np.concatenate([part["snapshots"][t] for part in parts]) for t in parts[0]["snapshots"]}
    spelling = init if isinstance(init, str) else "given"
    ran, seconds = parts[0]["mode"], perf_counter() - began
    return Ensemble(
        task, rule, spelling, seed, epochs, stops, dtype, place, ran, seconds, snapshots=kept, wanted=count, **found
    )


def at_once(task: Task) -> int:
    """Return how many restarts of a task are in memory at once, if nothing else is asked for."""
    return max(1, min(CHUNK, ENTRIES // (task.units * task.examples * task.outputs)))


def restart_bytes(task: Task) -> int:
    """Return what is kept of one restart: two points, outputs and five numbers, held twice while they are joined."""
    return 2 * 8 * (2 * task.parameters + task.targets.size + 5)


def require_dtype(task: Task, dtype: str) -> None:
    """Refuse data that a precision does not hold.

    Raises
    ------
    DataError
        If a number is too large, or so close to 0 that it becomes 0.
    """
    limits = torch.finfo(DTYPES[dtype])
    for numbers in (task.points, task.labels, task.targets):
        sizes = np.abs(numbers[numbers != 0])
        for size in (x for x in (sizes.min(initial=1), sizes.max(initial=1)) if not limits.tiny <= x <= limits.max):
            raise DataError(
                f"Expected numbers within the range of {dtype} ({limits.tiny:.1e} to {limits.max:.1e}) in "
                f"{task.data.name}; got {size:.6g}.",
                "Rescale the data, or write --dtype float64.",
            )


def _given(task: Task, init: Any) -> Floats:
    """Return starts that were given, checked."""
    try:
        given = np.asarray(init, dtype=np.float64)
        got = str(given.shape)
    except (TypeError, ValueError):
        given, got = np.empty(0), f"{init!r:.60}"
    if given.ndim != 2 or given.shape[1] != task.parameters or not np.isfinite(given).all():
        raise StabilityError(
            f"Expected finite starts of shape (restarts, {task.parameters}); got {got}.",
            "Flatten each start: (w, b) unit by unit, then for each output its trained weights and its bias.",
        )
    return given


def _refuse(epochs: int, snapshots: Sequence[int], chunk: int) -> None:
    if chunk < 1:
        raise StabilityError(f"Expected a chunk of at least 1 restart; got {chunk}.", "Leave it out for the usual one.")
    if any(not 0 <= t <= epochs for t in snapshots):
        raise StabilityError(f"Expected snapshots from 0 to {epochs}; got {list(snapshots)}.", "Leave the others out.")


def _chunk(
    task: Task,
    init: str | Floats,
    rule: UpdateRule,
    stops: Stops,
    epochs: int,
    seed: int,
    dtype: str,
    device: str,
    mode: str,
    together: int,
    snapshots: tuple[int, ...],
    span: tuple[int, int],
) -> dict[str, Any]:
    """Train the restarts from span[0] to span[1]; return the arrays of Ensemble, snapshots, and the mode."""
    first, last = span
    advance, ran = engine(task, rule, stops, mode, device, DTYPES[dtype], together, epochs)
    starts = (
        initial(init, place_of(task), last - first, seed, first=first) if isinstance(init, str) else init[first:last]
    )
    p = torch.as_tensor(starts.T.copy(), dtype=DTYPES[dtype], device=device)
    with torch.no_grad():
        phase = PHASE if stops.any else QUIET_PHASE
        final, epoch, reason, kept, buffers = run_phases(p, rule, advance, phase, epochs, snapshots)
        points, losses, outputs = (_floats(x) for x in (final.T, *evaluate(task, final)))
    stopped, reasons = (x.cpu().numpy().astype(np.int64) for x in (epoch, reason))
    remembered = np.zeros((len(points), len(buffers), points.shape[1]))
    for k, each in enumerate(buffers):
        remembered[:, k] = _floats(each.T)
    arrays = starts, points, losses, outputs, _accuracies(task, outputs), stopped, reasons, remembered
    return {
        **dict(zip(ARRAYS, arrays, strict=True)),
        "snapshots": {t: _floats(x.T) for t, x in kept.items()},
        "mode": ran,
    }


def _floats(x: torch.Tensor) -> Floats:
    found: Floats = np.ascontiguousarray(x.cpu().numpy(), dtype=np.float64)
    return found


def _accuracies(task: Task, outputs: Floats) -> Floats:
    if not task.classifies:
        return np.full(len(outputs), np.nan)
    shares: Floats = task.right(outputs).mean(1)
    return shares


def place_of(task: Task) -> InitialisationProblem:
    """Return what initialisations need to know of a task."""

    def loss(flat: Floats) -> Floats:
        found: Floats = evaluate(task, torch.as_tensor(np.ascontiguousarray(flat.T)))[0].numpy()
        return found

    net, heads = task.network, task.outputs if task.head_width else 0
    layers = {"head_weights": net.trainable, "head_constants": net.output_bias, "hidden_biases": net.hidden_biases}
    labels = task.labels if task.data.labels else np.zeros(task.examples)
    return InitialisationProblem(task.points, labels, task.units, heads, loss, **layers)
