"""Lower bounds of losses of trained output layers: decided by the least loss of the list, or left alone."""

from fractions import Fraction
from time import perf_counter

import numpy as np
import pytest
import torch

from stability import Dataset, landscape, prove
from stability.audit.loss_bounds import LossBound, bound_at_all, loss_bound

PLACES = {"L": landscape("relu1-out", "xor"), "S": landscape("relu2", "xor")}
ROWS = Dataset("rows", [[x] for x in range(60)], [x % 2 for x in range(60)])


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
        ("relu1-out", "<", "1", "refuted"),
        ("relu1-out", "<=", "1", "proved"),
        ("relu1-out", "<", "1001/1000", "proved"),
        ("relu1-out", ">", "-1", "proved"),
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


def test_many_rows_are_compared_with_the_best_piece_by_least_squares():
    """A ReLU on a line fits the rows on one side of its kink, freely or with the kink at the first or last of them."""
    x, y = np.arange(60.0), np.arange(60) % 2
    best = np.sum(y**2)
    for kept in [slice(k, 60) for k in range(60)] + [slice(0, k) for k in range(1, 61)]:
        free = np.stack([x[kept], np.ones_like(x[kept])], 1)
        fits = [np.linalg.lstsq(free, y[kept], rcond=None)[0]]
        for kink in x[kept][[0, -1]]:
            (slope,) = np.linalg.lstsq((x[kept] - kink)[:, None], y[kept], rcond=None)[0]
            fits.append(np.array([slope, -slope * kink]))
        best = min(best, *(np.sum((np.maximum(w * x + b, 0) - y) ** 2) for w, b in fits))
    for loss in (best - 1e-6, best + 1e-6):
        found = loss_bound(["p"], [], [[f"loss(p) >= {loss:.9f}"]], {"M": landscape("relu1", ROWS)})
        assert prove(found).conclusion == ("proved" if loss < best else "refuted")


@pytest.mark.parametrize(
    ("variables", "text", "somewhere", "relation", "bound"),
    [
        (["p"], "L.loss(p) >= -1/2", False, ">=", "-1/2"),
        (["p"], "0 <= L.loss(p)", False, ">=", "0"),
        (["p"], "- 1 < L.loss(p)", False, ">", "-1"),
        (["u", "v", "b", "a"], "L.loss([u, v, b, a]) ≥ 0.25", False, ">=", "1/4"),
        (["u", "v", "b", "a"], "L.loss([[a, v, b, u]]) > 0", False, ">", "0"),
        (["p"], "L.loss(p) < 1/2", True, "<", "1/2"),
        (["p"], "1/2 ≥ L.loss(p)", True, "<=", "1/2"),
        (["p"], "S.loss(p) < 1/2", True, "<", "1/2"),
    ],
)
def test_a_bound_may_be_written_in_other_ways(variables, text, somewhere, relation, bound):
    found = loss_bound(variables, [], [[text]], PLACES, somewhere)
    assert (found.relation, found.bound) == (relation, Fraction(bound))


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
        (["p", "p"], [], [["L.loss(p) >= 0"]]),
        (["p", "1x"], [], [["L.loss(p) >= 0"]]),
        (["u", "v", "b"], [], [["L.loss([u, v, b, b]) >= 0"]]),
        (["u", "v", "b"], [], [["L.loss([u, v, b]) >= 0"]]),
        (["u", "v", "b"], [], [["L.loss([u, v, b, 1]) >= 0"]]),
        (["u", "v", "b"], [], [["L.loss([u, v, b, a]) >= 0"]]),
        (["p"], [], [["1 >= L.loss(p) >= 0"]]),
    ],
)
def test_what_is_no_bound_at_all_parameters_is_left_to_the_prover(variables, given, goals):
    assert loss_bound(variables, given, goals, PLACES) is None


@pytest.mark.parametrize(
    "text", ["loss(" + " " * 50_000 + "!", "1 < loss(" + " " * 50_000 + "!", "loss(x" + "\t" * 50_000]
)
def test_long_spaces_cost_no_time(text):
    begun = perf_counter()
    assert bound_at_all(text.format(" " * 50_000), ["x"], {}) is None
    assert perf_counter() - begun < 5
