"""Lower bounds of losses of trained output layers: decided by the least loss of the list, or left alone."""

from fractions import Fraction

import pytest
import torch

from stability import landscape, prove
from stability.audit.loss_bounds import LossBound, loss_bound

PLACES = {"L": landscape("relu1-out", "xor"), "S": landscape("relu2", "xor")}


@pytest.mark.parametrize(
    ("model", "relation", "bound", "conclusion"),
    [
        ("relu1-out", ">=", "1", "proved"),
        ("relu1-out", ">", "1", "refuted"),
        ("relu1-out", ">", "999/1000", "proved"),
        ("relu1-out", ">=", "1001/1000", "refuted"),
        ("relu1-out+c", ">=", "0", "proved"),
        ("relu2-linear", ">=", "0", "proved"),
        ("relu2-linear", ">", "0", "refuted"),
    ],
)
def test_the_least_loss_of_the_list_decides(model, relation, bound, conclusion):
    assert prove(LossBound(landscape(model, "xor"), "L", relation, Fraction(bound))).conclusion == conclusion


def test_no_descent_of_torch_gets_below_what_is_proved():
    torch.manual_seed(0)
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float64)
    y = torch.tensor([0.0, 1, 1, 0], dtype=torch.float64)
    w, a = torch.randn(200, 3, dtype=torch.float64), torch.randn(200, 1, dtype=torch.float64)
    for each in (w, a):
        each.requires_grad_()
    adam = torch.optim.Adam([w, a], 0.02)
    for _ in range(1500):
        adam.zero_grad()
        losses = (a * (w[:, :2] @ x.T + w[:, 2:]).relu() - y).square().sum(1)
        losses.sum().backward()
        adam.step()
    assert 1 - 1e-12 <= losses.min() < 1 + 1e-3


@pytest.mark.parametrize(
    ("variables", "given", "goals"),
    [
        (["p"], ["p[0] > 0"], [["L.loss(p) >= 1"]]),
        (["p"], [], [["L.loss(p) >= 1"], ["L.loss(p) = 0"]]),
        (["p"], [], [["L.loss(p) >= 1", "L.loss(p) >= 0"]]),
        (["p"], [], [["L.loss(q) >= 1"]]),
        (["p"], [], [["S.loss(p) >= 1"]]),
        (["p"], [], [["loss(p) >= 1"]]),
        (["p"], [], [["L.loss(p) <= 1"]]),
        (["p"], [], [["L.loss(p) >= 1/0"]]),
    ],
)
def test_what_is_no_bound_at_all_parameters_is_left_to_the_prover(variables, given, goals):
    assert loss_bound(variables, given, goals, PLACES) is None
