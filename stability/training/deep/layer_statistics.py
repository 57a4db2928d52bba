"""How the layers of trained networks lie to the data: counts, slacks and slopes, layer by layer."""

import numpy as np
import torch

from stability.arrays import Floats
from stability.training.constraints.penalties import slacks
from stability.training.deep.batch import Stack, totals

Tensor = torch.Tensor

SLACKS = {"slack_units": "sep-u", "slack_points": "sep-p", "slack_layers": "sep-l"}
"""Totals of upper and lower slacks over all constraints of a kind, by name."""

COUNTS = ("dead_units", "affine_units", "dead_examples", "gradient_norm", "loss_gradient_norm")
"""What is known of each hidden layer."""


def measured_layers(stack: Stack) -> dict[str, Floats]:
    """Return what is known of each network and each hidden layer now, at the training points.

    Networks are looked at as they are used: without dropout, by running means and variances. Only the gradients of
    normalised networks are those by means and variances of the training points.

    Parameters
    ----------
    stack : Stack

    Returns
    -------
    dict of arrays
        Those of `SLACKS`, of shape (S,), and of `COUNTS`, of shape (S, D): units that are at most 0 at all points,
        units above 0 at all points, points where all units are at most 0, the norm of the gradient of the objective in
        the layer's weights and biases, and that of the loss without the penalty.
    """
    logits = torch.zeros_like(stack.evaluation.logits)
    stack.infer(logits)
    found = counts(stack.evaluation.z_train.transpose(-1, -2))
    found["gradient_norm"] = _norms(stack, logits, stack.settings.kind is not None)
    found["loss_gradient_norm"] = _norms(stack, logits, False)
    return found


def counts(z: Tensor) -> dict[str, Floats]:
    """Return slacks (S,) and counts (S, D) of pre-activations of shape (D, S, n, w)."""
    above = z > 0
    numbers = {
        "dead_units": (~above).all(-2).sum(-1),
        "affine_units": above.all(-2).sum(-1),
        "dead_examples": (~above).all(-1).sum(-1),
    }
    found: dict[str, Floats] = {name: x.T.double().cpu().numpy() for name, x in numbers.items()}
    for name, kind in SLACKS.items():
        found[name] = totals(torch.stack(slacks(z.double(), kind)).movedim(2, 0))
    return found


def _norms(stack: Stack, logits: Tensor, penalised: bool) -> Floats:
    """Return the norms of slopes in each hidden layer, (S, D); leaves running means as they are."""
    kept = [x.clone() for x in (stack.running.mean, stack.running.variance)]
    stack.find_slopes(logits, 0.0, penalised)
    for own, before in zip((stack.running.mean, stack.running.variance), kept, strict=True):
        own.copy_(before)
    layers = [np.sqrt(totals(layer.double() ** 2)) for layer in stack.slopes.layers[:-1]]
    return np.stack(layers, 1)
