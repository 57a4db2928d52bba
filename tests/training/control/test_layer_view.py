"""Are examples brought back to life by biases where the weight has the rows of its units along other axes?"""

import pytest
import torch
from torch import nn

from stability.training.control.controller import Controller

UNITS = 6


class Product(nn.Module):
    """x @ w + b, so many times, and a linear output."""

    def __init__(self, times=1, bias=True):
        super().__init__()
        self.w, self.b = nn.Parameter(torch.randn(UNITS, UNITS)), nn.Parameter(torch.full((UNITS,), -50.0))
        self.out, self.times, self.bias = nn.Linear(UNITS, 1), times, bias

    def forward(self, x):
        for _ in range(self.times):
            x = (x @ self.w + (self.b if self.bias else -50)).relu()
        return self.out(x).sum()


def transposed():
    model = nn.Sequential(nn.ConvTranspose1d(UNITS, UNITS, 3, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(42, 1))
    nn.init.constant_(model[0].bias, -50)
    return model


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def controlled(model, x):
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    with Controller(model, "revive", every=1) as controller:
        for _ in range(2):
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
    return controller


def test_examples_of_a_product_come_back():
    model, x = Product(), torch.randn(5, UNITS)
    before = model.w.detach().clone()
    controller = controlled(model, x)
    assert ((x @ model.w + model.b) > 0).any(1).all()
    assert set(controller.log[0].changed) == {"b"}
    assert torch.allclose(model.w, before, atol=1e-2)


def test_examples_of_a_transposed_convolution_come_back():
    model, x = transposed(), torch.randn(5, UNITS, 5)
    controller = controlled(model, x)
    assert (model[0](x) > 0).flatten(1).any(1).all()
    assert set(controller.log[0].changed) == {"0.bias"}


@pytest.mark.parametrize(("model", "reason"), [(Product(2), "several places"), (Product(bias=False), "no bias")])
def test_what_has_no_bias_of_its_own_is_said(model, reason):
    before = [each.detach().clone() for each in (model.w, model.b)]
    controller = controlled(model, torch.randn(5, UNITS))
    assert reason in str(controller.log[0])
    assert all(torch.equal(x, y) for x, y in zip(before, (model.w, model.b), strict=True))
