"""What a trained network makes of points, layer by layer."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from stability.arrays import Floats
from stability.errors import DataError
from stability.training.deep.forward_backward import LayerPass, NormalisedPass, Running
from stability.training.deep.parameters import parameters
from stability.training.deep.results import DeepRun


@dataclass(frozen=True)
class Images:
    """What the layers of a network make of n points.

    Attributes
    ----------
    z : array (D, n, w)
        Pre-activations, after batch normalisation where there is one.
    h : array (D, n, f)
        What hidden layers hand on.
    logits : array (n,)
    """

    z: Floats
    h: Floats
    logits: Floats


def images(run: DeepRun, place: int, points: ArrayLike) -> Images:
    """Return what a trained network makes of points, in float64, as it is used after training.

    Parameters
    ----------
    run : DeepRun
    place : int
        Which of the seeds, counted from 0.
    points : array (n, d)

    Raises
    ------
    DataError
        If the points do not have the shape of those of the run.
    """
    x, inputs = np.asarray(points, dtype=np.float64), run.data.x_train.shape[1]
    if x.ndim != 2 or x.shape[1] != inputs or not len(x):
        raise DataError(f"Expected points of shape (n, {inputs}); got {x.shape}.", "Give one row per point.")
    with torch.no_grad():
        held = parameters(run.settings, inputs, 1, "cpu")
        held = held.over(held.flat.double())
        held.set_rows(run.parameters[[place]])
        work = _pass(run, place, torch.tensor(x))
        if isinstance(work, NormalisedPass):
            work.evaluate(held, work.logits)
        else:
            work.forward(held, work.logits)
    f, n = run.settings.features, len(x)
    z, h = work.z[:, 0, :, :n].transpose(1, 2), work.h[:, 0, :f, :n].transpose(1, 2)
    return Images(z.numpy().copy(), h.numpy().copy(), work.logits[0, 0, :n].numpy().copy())


def _pass(run: DeepRun, place: int, x: torch.Tensor) -> LayerPass:
    if not run.settings.normalised:
        return LayerPass(run.settings, x, 1, len(x))
    mean, variance = torch.tensor(run.running[place])[:, :, None, :, None]
    return NormalisedPass(run.settings, x, 1, len(x), Running(mean, variance))
