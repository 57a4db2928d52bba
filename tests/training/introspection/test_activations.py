"""What is kept of one ReLU: its table has examples, units and places in this order, or it is said why it has none."""

import pytest
import torch

from stability.training.introspection.activations import Skipped, TracedActivation, unreadable

UNITS = 4


def numbered(shape, axis):
    """Return a tensor in which every entry is the number of its unit."""
    sizes = [-1 if k == axis % len(shape) else 1 for k in range(len(shape))]
    return torch.arange(float(shape[axis])).view(sizes).expand(shape)


@pytest.mark.parametrize(
    ("shape", "axis", "places"),
    [
        ((3, UNITS), 1, 1),
        ((3, UNITS), -1, 1),
        ((3, 5, UNITS), -1, 5),
        ((3, UNITS, 5), 1, 5),
        ((3, UNITS, 5, 2), 1, 10),
        ((3, 5, 2, UNITS), -1, 10),
        ((0, UNITS), 1, 1),
        ((1, 1), 1, 1),
    ],
)
def test_the_table_counts_examples_units_and_places(shape, axis, places):
    table = TracedActivation("net.0", numbered(shape, axis), axis).table
    units = shape[axis]
    assert table.shape == (shape[0], units, places)
    assert torch.equal(table, torch.arange(float(units))[None, :, None].expand(table.shape))


def test_the_table_keeps_the_graph():
    z = torch.ones(2, 3, 4, requires_grad=True)
    TracedActivation("a", z, 1).table.sum().backward()
    assert torch.equal(z.grad, torch.ones(2, 3, 4))


def test_by_default_it_is_a_plain_relu_that_nothing_certain_makes():
    seen = TracedActivation("relu 1", torch.zeros(1, 1), -1)
    assert (seen.weight, seen.bias, seen.normed, seen.slope, seen.centred) == (None, None, False, 0.0, False)
    assert Skipped("relu 1", "why").module is None
    assert seen != TracedActivation("relu 1", torch.zeros(1, 1), -1)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(2, 3), (3,), (0, 3), (2, 3, 4)])
def test_tensors_of_real_numbers_are_readable(dtype, shape):
    assert unreadable(torch.zeros(shape, dtype=dtype)) == ""
    assert unreadable(torch.nn.Parameter(torch.zeros(shape))) == ""
    assert unreadable(torch.zeros(*shape, 2)[..., 0]) == ""


class Own(torch.Tensor):
    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor", "ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: torch.tensor(1.0), "one number"),
        (lambda: torch.zeros(2, 3, dtype=torch.int64), "no real floating-point numbers"),
        (lambda: torch.zeros(2, 3, dtype=torch.bool), "no real floating-point numbers"),
        (lambda: torch.zeros(2, 3, dtype=torch.complex64), "no real floating-point numbers"),
        (lambda: torch.zeros(2, 3).to_sparse(), "sparse"),
        (lambda: torch.zeros(2, 3, device="meta"), "meta"),
        (lambda: torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]), "nested"),
        (lambda: torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.quint8), "quantised"),
        (lambda: torch.zeros(2, 3).as_subclass(Own), "of a kind of its own (Own)"),
    ],
)
def test_why_a_tensor_cannot_be_read(make, word):
    assert word in unreadable(make())


def test_inside_a_transform_nothing_is_read():
    said = []

    def look(x):
        said.append(unreadable(x))
        return x

    torch.func.vmap(look)(torch.zeros(2, 3))
    assert said == ["it runs inside vmap or another transform of torch.func"]
