"""Counts, slacks and norms of layers, by hand and by autograd."""

import numpy as np
import pytest
import torch

from stability.training.constraints.penalties import penalty
from stability.training.deep.batch import Stack
from stability.training.deep.datasets import DeepData
from stability.training.deep.layer_statistics import COUNTS, SLACKS, counts, measured_layers
from stability.training.deep.settings import Settings

ROWS = [[2.0, -0.5], [0.25, -3.0], [-0.5, 0.5]]
"""Three points at two units; see tests/training/constraints/test_penalties.py for the slacks."""

NONE = np.zeros((0, 2)), np.zeros(0, dtype=int)
X = np.array([[1.0, 0.5], [-1.0, 0.25], [0.5, -2.0], [2.0, 1.0]])
DATA = DeepData("four", X, np.array([0, 1, 1, 0]), *NONE)


def layers(*rows):
    """Return pre-activations (layers, 1 network, points, units)."""
    return torch.tensor(rows).unsqueeze(1)


@pytest.mark.parametrize(
    ("rows", "dead", "affine", "points"),
    [
        (ROWS, 0, 0, 0),
        ([[1.0, -1.0], [2.0, 0.0], [3.0, -2.0]], 1, 1, 0),
        ([[0.0, -1.0], [0.0, 0.0], [-3.0, -2.0]], 2, 0, 3),
        ([[0.5, 1.0], [2.0, 1e-9], [3.0, 2.0]], 0, 2, 0),
        ([[1.0, -1.0], [-1.0, -1.0], [-1.0, 0.0]], 1, 0, 2),
    ],
)
def test_units_and_points_are_counted_by_their_signs(rows, dead, affine, points):
    found = counts(layers(rows))
    assert (found["dead_units"], found["affine_units"], found["dead_examples"]) == ([[dead]], [[affine]], [[points]])


def test_slacks_of_all_layers_are_added_and_counts_are_not():
    """By hand: over units 1/2 + 1/2, over points 5/4 + 1, over the layer 0; where all is 0, each slack is 1."""
    zeros = [[0.0, 0.0]] * 3
    found = counts(layers(ROWS, zeros))
    assert found["dead_units"].tolist() == [[0, 2]]
    assert found["dead_examples"].tolist() == [[0, 3]]
    assert found["slack_units"].tolist() == [1 + 4]
    assert found["slack_points"].tolist() == [2.25 + 6]
    assert found["slack_layers"].tolist() == [0 + 2]
    assert {name: values.dtype for name, values in found.items()} == dict.fromkeys(found, np.float64)


def test_networks_stand_each_for_themselves():
    z = torch.randn(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    found = counts(z)
    for k in range(3):
        alone = counts(z[:, k : k + 1])
        assert {name: values[k].tolist() for name, values in found.items()} == {
            name: values[0].tolist() for name, values in alone.items()
        }


def measured(method, **more):
    how = Settings(2, 3, method, dtype="float64", **more)
    stack = Stack(how, DATA, [4, 5], "cpu")
    return stack, measured_layers(stack)


def gradients(stack, k, penalised):
    """Return the gradients of the mean cross-entropy, and of the penalty, in each hidden layer of network k."""
    leaf = stack.held.flat.clone().requires_grad_()
    own, h, zs = stack.held.over(leaf), torch.tensor(X), []
    for weights in own.layers[:-1]:
        zs.append(h @ weights[k][:, :-1].T + weights[k][:, -1])
        h = torch.relu(zs[-1])
    logits = (h @ own.layers[-1][k][:, :-1].T + own.layers[-1][k][:, -1])[:, 0]
    labels = torch.tensor(DATA.y_train, dtype=torch.float64)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
    if penalised:
        s = stack.settings
        loss = loss + s.weight * sum(penalty(z, s.kind, s.rho, s.power, s.ties) for z in zs)
    (slope,) = torch.autograd.grad(loss, leaf)
    found = stack.held.over(slope)
    return [float(weights[k].norm()) for weights in found.layers[:-1]]


@pytest.mark.parametrize("method", ["relu", "sep-pu", "sep-l"])
def test_norms_are_those_of_autograd_with_the_penalty_and_without(method):
    stack, found = measured(method, weight=0.5)
    for k in range(2):
        assert found["loss_gradient_norm"][k].tolist() == pytest.approx(gradients(stack, k, False))
        assert found["gradient_norm"][k].tolist() == pytest.approx(gradients(stack, k, method != "relu"))
    assert {name: found[name].shape for name in (*SLACKS, *COUNTS)} == {
        **dict.fromkeys(SLACKS, (2,)),
        **dict.fromkeys(COUNTS, (2, 2)),
    }


def test_looking_leaves_running_means_as_they_are():
    stack, found = measured("relu-bn")
    assert stack.running.mean.abs().max() == 0
    assert torch.equal(stack.running.variance, torch.ones_like(stack.running.variance))
    assert np.isfinite(found["gradient_norm"]).all()


def test_networks_of_zeros_are_dead_everywhere_and_have_no_gradient_inside():
    _, found = measured("relu", init="zero")
    assert found["dead_units"].tolist() == [[3, 3], [3, 3]]
    assert found["dead_examples"].tolist() == [[4, 4], [4, 4]]
    assert found["gradient_norm"].tolist() == [[0, 0], [0, 0]]


def test_dropout_is_not_looked_at():
    plain, dropped = (measured("relu", dropout=rate)[1] for rate in (0.0, 0.9))
    assert {name: values.tolist() for name, values in plain.items()} == {
        name: values.tolist() for name, values in dropped.items()
    }
