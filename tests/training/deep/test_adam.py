"""Adam of deep networks and of controlled runs: the one definition, to the bits of its formula written out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stability.model.update_rules import PLAIN, RULES
from stability.training.control.batch import ROOT_LAST
from stability.training.deep.adam import BETAS, EPS, IN_PLACE, Adam


class Flat:
    """The part of `Parameters` that Adam takes."""

    def __init__(self, flat):
        self.flat = flat

    def over(self, flat):
        return Flat(flat)


def slopes(count, size, dtype):
    stream = torch.Generator().manual_seed(5)
    return [torch.randn(size, generator=stream, dtype=dtype) for _ in range(count)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_deep_steps_have_the_bits_of_the_formula(dtype):
    begin, lr, (first, second) = torch.linspace(-1, 1, 33, dtype=dtype), 0.01, BETAS
    adam, p = Adam(Flat(begin.clone()), lr), begin.clone()
    m, v = torch.zeros_like(p), torch.zeros_like(p)
    for t, g in enumerate(slopes(60, 33, dtype), start=1):
        before, given = p.clone(), g.clone()
        v = v * second + g * g * (1 - second)
        m = m * first + g * (1 - first)
        root = torch.from_numpy(np.sqrt(v.numpy())) / (1 - second**t) ** 0.5 + EPS
        p = p - m / root * (lr / (1 - first**t))
        adam.step(g)
        assert torch.equal(adam.held.flat, p), t
        assert torch.equal(adam.before.flat, before)
        assert torch.equal(g, given), "the gradient is left as it is"
    assert adam.steps == 60


@pytest.mark.parametrize("how", [PLAIN, ROOT_LAST, IN_PLACE], ids=["plain", "root last", "in place"])
def test_every_way_of_rounding_is_torchs_adam(how):
    begin = torch.linspace(-1, 1, 12, dtype=torch.float64)
    theirs = torch.nn.Parameter(begin.clone())
    optimizer = torch.optim.Adam([theirs], lr=0.02, betas=(0.8, 0.95), eps=1e-6)
    state = begin.clone(), torch.zeros_like(begin), torch.zeros_like(begin), 0
    numbers = SimpleNamespace(step=0.02, beta1=0.8, beta2=0.95, eps=1e-6)
    for g in slopes(80, 12, torch.float64):
        theirs.grad = g
        optimizer.step()
        state = RULES["adam"].move(state, g, numbers, how)
        assert torch.allclose(state[0], theirs.detach(), rtol=1e-12, atol=1e-14)
    assert state[-1] == 80


def test_controlled_steps_have_the_bits_of_the_formula():
    p, m, v = torch.linspace(-1, 1, 12, dtype=torch.float64), *torch.zeros(2, 12, dtype=torch.float64)
    state, numbers = (p, m, v, 0), SimpleNamespace(step=0.01, beta1=0.9, beta2=0.99, eps=1e-8)
    for t, g in enumerate(slopes(60, 12, torch.float64), start=1):
        m = m + (1 - 0.9) * (g - m)
        v = 0.99 * v + (1 - 0.99) * g * g
        p = p - 0.01 / (1 - 0.9**t) * m / ((v / (1 - 0.99**t)).sqrt() + 1e-8)
        state = RULES["adam"].move(state, g, numbers, ROOT_LAST)
        assert torch.equal(state[0], p), t
