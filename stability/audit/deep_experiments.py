"""Trainings of deep thin networks that back the verdicts on measured claims, and what is kept of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.audit.claims import check_id
from stability.errors import StabilityError, StatementError
from stability.io.results import json_data
from stability.logic.formulas import short
from stability.logic.validation import finite, member, whole_number
from stability.training.deep.batch import Stack
from stability.training.deep.datasets import DATASETS
from stability.training.deep.results import DeepRun
from stability.training.deep.settings import INITS, METHODS
from stability.training.deep.training import train_deep
from stability.version import __version__

FEW = 4
"""Seeds where nothing is kept and little time is given."""

PLACES = 6
"""Digits after the point by which images are distinguished."""

OF_RUNS = (
    "train_accuracy_final",
    "train_accuracy_max",
    "val_accuracy_final",
    "val_accuracy_max",
    "val_accuracy_at_best",
    "loss_final",
    "val_loss_final",
    "loss_at_best",
    "val_loss_at_best",
    "penalty_final",
    "diverged",
)
"""What is kept of every seed, as `stability.training.deep.results.DeepRun` has it."""

OF_BATCHES = (
    "batch_accuracy_final",
    "batch_accuracy_max",
    "batch_loss_final",
    "batch_loss_at_best",
    "val_loss_at_batch_best",
    "val_accuracy_at_batch_best",
)
"""What is kept of every seed with batch normalisation besides."""

OF_LAYERS = ("dead_units", "affine_units", "dead_examples", "loss_gradient_norm")
"""What is kept of every layer, at the start and at the end."""


@dataclass(frozen=True)
class DeepExperiment:
    """Trainings of rectangular networks by their settings; the defaults are those of Table 2.

    Attributes
    ----------
    name : str
        Unique within a write-up; also that of the file that keeps the result.
    method : str
    data : str
    depth, width, epochs : int
    init : str
    weight, dropout : float
    power, anneal : int
    rho : float or None
    main_loss : bool
        As `train_deep` takes them.
    restarts : int
        Seeds, from 0.
    """

    name: str
    method: str
    data: str = "moons"
    depth: int = 50
    width: int = 4
    epochs: int = 5000
    init: str = "glorot"
    weight: float = 1e-4
    power: int = 2
    rho: float | None = None
    dropout: float = 0.0
    anneal: int = 1000
    main_loss: bool = True
    restarts: int = 64

    def __post_init__(self) -> None:
        check_id(self.name, "an experiment")
        member(self.data, DATASETS, "data of deep networks")
        member(self.method, METHODS, "a method")
        member(self.init, INITS, "an initialisation")
        for value, what in ((self.depth, "the depth"), (self.width, "the width"), (self.restarts, "restarts")):
            whole_number(value, what, 1)
        for value, what in ((self.epochs, "epochs"), (self.anneal, "epochs of annealing")):
            whole_number(value, what)
        whole_number(self.power, "the power of the penalty", 1, 2)
        for number, what in ((self.weight, "the weight"), (self.dropout, "dropout"), (self.rho, "rho")):
            if number is not None and finite(number, what) < 0:
                raise StatementError(f"Expected a number of at least 0 for {what}; got {number}.", "Write 0.5.")
        if self.dropout >= 1 or (self.rho is not None and self.rho > 1):
            raise StatementError(
                f"Expected dropout below 1 and rho up to 1; got {self.dropout} and {self.rho}.", "Write 0.5."
            )
        if not isinstance(self.main_loss, bool):
            raise StatementError(f"Expected True or False for main_loss; got {short(self.main_loss)}.", "Write True.")

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that a kept result must agree with."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "name"}

    @property
    def few(self) -> int:
        """Seeds where nothing is kept and little time is given."""
        return min(FEW, self.restarts)

    def run(self, restarts: int | None = None) -> "DeepMeasured":
        """Train and return what is kept; fewer seeds on request."""
        more = {key: value for key, value in self.settings.items() if key not in _POSITIONS and key != "restarts"}
        found = train_deep(
            self.data, self.depth, self.width, self.method, seeds=restarts or self.restarts, device="cpu", **more
        )
        return kept(self, found)

    def read(self, data: Mapping[str, Any]) -> "DeepMeasured":
        """Return what `DeepMeasured.to_json` gave."""
        named = {each.name: data[each.name] for each in fields(DeepMeasured)}
        if not isinstance(named["runs"], dict) or not isinstance(named["layers"], dict):
            raise TypeError("expected tables of runs and layers")
        return DeepMeasured(**named)


_POSITIONS = ("data", "depth", "width", "method")


@dataclass(frozen=True)
class DeepMeasured:
    """What is kept of a deep experiment.

    Attributes
    ----------
    settings : dict
    origin : dict
        Version, device and seconds.
    runs : dict of str to list
        One number per seed (None where it is not finite): `OF_RUNS`, and with batch normalisation `OF_BATCHES`;
        "objective_at_best", the loss with the penalty at the moment of the history nearest to the greatest training
        accuracy; and of the end "dead_units" and "affine_units" in all layers, "lost_points", dead in some layer, and
        "distinct", images of the training points behind the last layer.
    layers : dict of str to list
        One number per layer, the mean over seeds: `OF_LAYERS` with _start and _end; "distinct_start" and
        "distinct_end", images of the training points; "readout_end", the accuracy of the best linear fit to them.
    """

    settings: dict[str, Any]
    origin: dict[str, Any]
    runs: dict[str, list[float | None]]
    layers: dict[str, list[float | None]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many seeds there were."""
        return int(self.settings["restarts"])

    def values(self, name: str) -> Floats:
        """Return a number per seed, NaN where there is none.

        Raises
        ------
        StabilityError
            If it was not kept.
        """
        return self._array(self.runs, name)

    def layer(self, name: str) -> Floats:
        """Return a mean per layer, NaN where there is none.

        Raises
        ------
        StabilityError
            If it was not kept.
        """
        return self._array(self.layers, name)

    def _array(self, table: Mapping[str, list[float | None]], name: str) -> Floats:
        if name not in table:
            raise StabilityError(f"Expected something that was kept; got {name!r}.", f"Known: {', '.join(table)}.")
        return np.array([np.nan if x is None else x for x in table[name]], dtype=float)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def kept(experiment: DeepExperiment, found: DeepRun) -> DeepMeasured:
    """Return what is kept of networks after their training."""
    start, end = preactivations(found, False), preactivations(found, True)
    names = OF_RUNS + OF_BATCHES * found.settings.normalised
    runs = {name: json_data(np.asarray(getattr(found, name), dtype=float)) for name in names}
    runs |= {
        "objective_at_best": json_data(_objective_at_best(found)),
        "dead_units": json_data(found.dead_units_end.sum(1)),
        "affine_units": json_data(found.affine_units_end.sum(1)),
        "lost_points": json_data((end <= 0).all(-1).any(0).sum(-1).astype(float)),
        "distinct": json_data(distinct(end)[:, -1]),
    }
    layers = {f"{name}_{when}": getattr(found, f"{name}_{when}") for name in OF_LAYERS for when in ("start", "end")}
    layers |= {"distinct_start": distinct(start), "distinct_end": distinct(end)}
    layers["readout_end"] = readout(end, found.data.y_train)
    settings = {**experiment.settings, "restarts": len(found.seeds)}
    origin = {"version": __version__, "device": found.device, "seconds": round(found.seconds, 1)}
    return DeepMeasured(settings, origin, runs, {name: json_data(x.mean(0)) for name, x in layers.items()})


def preactivations(found: DeepRun, end: bool) -> Floats:
    """Return what the units get at the training points, at the start or at the end.

    Returns
    -------
    array (depth, seeds, points, width)
        After batch normalisation where there is one.
    """
    with torch.no_grad():
        stack = Stack(found.settings, found.data, found.seeds.tolist(), "cpu")
        if end:
            stack.held.set_rows(found.parameters)
            running = torch.as_tensor(found.running)
            for own, k in ((stack.running.mean, 0), (stack.running.variance, 1)):
                own.copy_(running[:, k].permute(1, 0, 2)[..., None])
        stack.infer(torch.zeros_like(stack.evaluation.logits))
        z: Floats = stack.evaluation.z_train.transpose(-1, -2).double().numpy()
    return z


def distinct(z: Floats) -> Floats:
    """Return how many images points have behind each layer of ReLU units.

    Parameters
    ----------
    z : array (depth, seeds, points, width)

    Returns
    -------
    array (seeds, depth)
        Images that agree to `PLACES` digits relative to the largest output of the layer count as one.
    """
    h = np.maximum(z, 0)
    scale = np.maximum(h.max((2, 3), keepdims=True), 1e-30)
    coarse = np.round(h / scale, PLACES)
    return np.array([[len(np.unique(images, axis=0)) for images in layer] for layer in coarse], dtype=float).T


def readout(z: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return how many points the least-squares affine fit to the labels gets right behind each layer.

    Parameters
    ----------
    z : array (depth, seeds, points, width)
    labels : int array (points,)
        0 and 1.

    Returns
    -------
    array (seeds, depth)
        Shares.
    """
    signs = 2.0 * labels - 1
    h = np.maximum(z, 0)
    scale = np.maximum(h.max((2, 3), keepdims=True), 1e-30)
    images = np.concatenate([h / scale, np.ones((*z.shape[:3], 1))], -1)
    fitted = images @ (np.linalg.pinv(images, rcond=1e-9) @ signs[:, None])
    share: Floats = ((fitted[..., 0] > 0) == (signs > 0)).mean(-1).T
    return share


def _objective_at_best(found: DeepRun) -> Floats:
    near = np.abs(found.history_epochs[None] - found.train_accuracy_max_epoch[:, None]).argmin(1)
    penalty: Floats = found.history["penalty"][np.arange(len(near)), near]
    return found.loss_at_best + penalty
