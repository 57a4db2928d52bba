"""An independent witness in float64: torch's own activations and automatic differentiation."""

from fractions import Fraction

import torch
from hypothesis import strategies as st

from stability import Landscape
from stability.model.datasets import Dataset
from stability.model.networks import Network
from stability.model.units import unit

ACTIVATIONS = {
    "relu": (["relu"], lambda unit: torch.relu),
    "abs": (["abs"], lambda unit: torch.abs),
    "leaky": (
        ["leaky1/100", "leaky-1/2", "leaky3"],
        lambda unit: lambda z: torch.nn.functional.leaky_relu(z, float(unit.negative)),
    ),
}
"""For every entry of UNITS: spellings to test, and torch's activation for a unit of that family."""

SPELLINGS = [spelling for spellings, _ in ACTIVATIONS.values() for spelling in spellings]


def activation(unit):
    family = next(name for name in ACTIVATIONS if unit.name.startswith(name))
    return ACTIVATIONS[family][1](unit)


def tensor(values):
    if isinstance(values, list | tuple):
        return torch.stack([tensor(v) for v in values])
    return torch.tensor(float(Fraction(values)), dtype=torch.float64)


def loss_function(landscape: Landscape):
    """Return the loss as a function of a (units, d + 1) tensor, written with torch alone."""
    x, y, act = (
        tensor(landscape.data.points),
        tensor(landscape.data.labels),
        activation(landscape.network.unit),
    )

    def loss(theta):
        hidden = act(x @ theta[:, :-1].T + theta[:, -1])
        squares = (hidden.sum(1) - y) ** 2
        return squares.sum() if landscape.loss_kind == "sum" else squares.mean()

    return loss


def gradient(landscape, point):
    theta = tensor(landscape.point(point)).requires_grad_()
    loss = loss_function(landscape)(theta)
    return loss.item(), torch.autograd.grad(loss, theta)[0].flatten().tolist()


def hessian(landscape, point):
    theta = tensor(landscape.point(point))
    size = theta.numel()
    return torch.autograd.functional.hessian(loss_function(landscape), theta).reshape(size, size).tolist()


def network_of(spelling, count):
    return Network(unit(spelling), count)


# Dyadic numbers: float64 represents them, and the signs of pre-activations, without rounding.
numbers = st.builds(Fraction, st.integers(-24, 24), st.sampled_from([1, 2, 4, 8]))


@st.composite
def landscapes(draw, dimensions=(1, 2, 3)):
    """Draw a landscape in 1 to 3 dimensions; few distinct numbers, so that kinks and duplicates occur."""
    dimension = draw(st.sampled_from(dimensions))
    coordinate = st.one_of(st.sampled_from([-1, 0, 1]).map(Fraction), numbers)
    points = draw(st.lists(st.tuples(*[coordinate] * dimension), min_size=1, max_size=6))
    labels = draw(st.lists(coordinate, min_size=len(points), max_size=len(points)))
    spelling, count = draw(st.sampled_from(SPELLINGS)), draw(st.integers(1, 3))
    data = Dataset("drawn", tuple(points), tuple(labels))
    return Landscape(network_of(spelling, count), data, draw(st.sampled_from(["sum", "mean"])))


@st.composite
def located(draw, **choices):
    """Draw a landscape and a point; often a bias is moved so that a data point lies on the kink."""
    landscape = draw(landscapes(**choices))
    entry = st.one_of(st.sampled_from([-1, 0, 1]).map(Fraction), numbers)
    point = [[draw(entry) for _ in range(landscape.width)] for _ in range(landscape.units)]
    for row in point:
        if draw(st.booleans()):
            x = draw(st.sampled_from(landscape.data.points))
            row[-1] = -sum(w * c for w, c in zip(row[:-1], x, strict=True))
    return landscape, point
