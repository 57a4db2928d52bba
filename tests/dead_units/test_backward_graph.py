"""The graph behind a result names all that used a tensor."""

import torch

from stability.dead_units.backward_graph import BackwardGraph, node_of


def test_users_and_uses_are_counted():
    w = torch.ones(3, requires_grad=True)
    z = w * 2
    once, twice = z.relu(), (z * z).sum() + w.sum()
    assert [len(BackwardGraph([each]).users(z.grad_fn)) for each in (once, twice)] == [1, 2]
    assert [BackwardGraph([each]).uses(w) for each in (once, twice)] == [1, 2]


def test_results_without_a_graph_have_no_users():
    x = torch.ones(2)
    graph = BackwardGraph([x, x.relu()])
    assert graph.uses(x) == 0
    assert node_of(x) is None
    assert node_of(None) is None
