"""The table of torch functions says what torch does: units on the axis, slopes left of 0, arguments at their place."""

import inspect

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from stability.training.introspection import torch_functions as table
from stability.training.introspection.torch_functions import (
    argument,
    name_of,
    named,
    operators,
    slope_of,
    tensors_in,
)

UNITS = 5


def conv(dims, turned=False):
    weight = torch.randn(3, UNITS, *[2] * dims) if turned else torch.randn(UNITS, 3, *[2] * dims)
    return torch.randn(2, 3, *[4] * dims), weight, torch.randn(UNITS)


MADE = {
    functional.linear: (torch.randn(2, 3), torch.randn(UNITS, 3), torch.randn(UNITS)),
    functional.bilinear: (torch.randn(2, 3), torch.randn(2, 4), torch.randn(UNITS, 3, 4), torch.randn(UNITS)),
    functional.embedding: (torch.tensor([1, 0]), torch.randn(7, UNITS)),
    torch.conv1d: conv(1),
    torch.conv2d: conv(2),
    torch.conv3d: conv(3),
    torch.conv_transpose1d: conv(1, turned=True),
    torch.conv_transpose2d: conv(2, turned=True),
    torch.conv_transpose3d: conv(3, turned=True),
}
"""Arguments of affine maps with UNITS units, a batch of two examples."""


@pytest.mark.parametrize("func", MADE, ids=name_of)
def test_units_stand_on_the_axis_of_the_table(func):
    axis, least = table.AFFINE[func]
    out = func(*MADE[func])
    assert (out.shape[axis], out.ndim) == (UNITS, least)


@pytest.mark.parametrize("func", sorted(table.NAMED, key=name_of), ids=name_of)
def test_a_row_of_the_weight_makes_a_unit_where_the_table_says_so(func):
    """Without row 2 of the weight unit 2 is its bias; where units are not rows, it is column 2."""
    x, weight, bias = MADE[func]
    weight = weight.clone()
    (weight if func in table.BY_ROWS else weight.transpose(0, 1))[2] = 0
    out = func(x, weight, bias).movedim(table.AFFINE[func][0], 0)
    assert torch.allclose(out[2], bias[2].expand_as(out[2]))
    assert not torch.allclose(out[1], bias[1].expand_as(out[1]))


@pytest.mark.parametrize("func", table.NORMS, ids=name_of)
def test_normalisations_keep_units_on_their_axis(func):
    """A factor for each unit before the result, and nothing else, goes along the axis."""
    axis = table.NORMS[func]
    x = torch.randn(3, 4, 6)
    count = x.shape[axis]
    scale = torch.ones(count)
    scale[1] = 0
    out = {
        functional.batch_norm: lambda: functional.batch_norm(x, None, None, scale, training=True),
        functional.layer_norm: lambda: functional.layer_norm(x, (count,), scale),
        functional.group_norm: lambda: functional.group_norm(x, 2, scale),
        functional.instance_norm: lambda: functional.instance_norm(x, weight=scale),
    }[func]()
    rows = out.movedim(axis, 0).flatten(1)
    assert (rows == 0).all(1).nonzero().flatten().tolist() == [1]


def test_inplace_is_the_argument_at_its_place():
    for func, place in table.INPLACE.items():
        assert [*inspect.signature(func).parameters][place] == "inplace"


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_pools_change_so_many_of_the_last_axes(dims):
    x = torch.randn(2, 3, *[4] * dims)
    for kind in ("max", "avg"):
        func = getattr(functional, f"{kind}_pool{dims}d")
        assert table.POOLS[func] == dims
        assert func(x, 2).shape == (2, 3, *[2] * dims)


SLOPED = [
    (functional.relu, (), {}),
    (torch.relu, (), {}),
    (Tensor.relu, (), {}),
    (Tensor.relu_, (), {}),
    (functional.relu6, (), {}),
    (functional.leaky_relu, (), {}),
    (functional.leaky_relu, (0.25,), {}),
    (functional.leaky_relu, (), {"negative_slope": 0.5}),
    (functional.leaky_relu_, (0.125,), {}),
    (torch.clamp, (0,), {}),
    (torch.clamp, (), {"min": 0.0}),
    (Tensor.clamp_min, (0,), {}),
    (Tensor.clip, (), {"min": 0}),
    (functional.hardtanh, (0.0, 6.0), {}),
    (functional.threshold, (0, 0), {}),
    (functional.threshold, (), {"threshold": 0.0, "value": 0.0}),
]


@pytest.mark.parametrize(("func", "args", "more"), SLOPED)
def test_slopes_left_of_zero_are_those_of_autograd(func, args, more):
    z = torch.tensor([-1.0, 1.0], dtype=torch.float64, requires_grad=True)
    out = func(z * 1, *args, **more)
    (slope,) = torch.autograd.grad(out.sum(), z)
    assert out[1].item() == 1.0
    assert slope.tolist() == [slope_of(func, (z, *args), more), 1.0]
    assert func in table.ACTIVATIONS


@pytest.mark.parametrize(
    ("func", "args", "more"),
    [
        (torch.clamp, (), {"max": 1}),
        (torch.clamp, (-1,), {}),
        (torch.clamp, (0, 1), {}),
        (torch.clamp, (torch.zeros(2),), {}),
        (functional.hardtanh, (), {}),
        (functional.threshold, (0.1, 0), {}),
        (functional.threshold, (0, -1), {}),
        (functional.prelu, (torch.ones(1),), {}),
        (torch.tanh, (), {}),
        (functional.gelu, (), {}),
    ],
)
def test_what_is_no_relu_or_has_a_trained_slope_has_none(func, args, more):
    assert slope_of(func, (torch.zeros(2), *args), more) is None


def test_functions_are_found_wherever_torch_has_them():
    assert {torch.relu, Tensor.relu, torch.relu_, Tensor.relu_, functional.relu} <= named("relu")
    assert {torch.add, Tensor.add, Tensor.add_} <= named("add")
    assert {Tensor.__add__, Tensor.__radd__, Tensor.__iadd__} <= operators("add")
    assert named("no_such_function") == operators("no_such") == set()
    assert Tensor.add not in operators("add")


def test_tensors_are_found_one_list_deep():
    a, b, c = torch.zeros(1), torch.ones(1), torch.ones(2)
    found = tensors_in([a, 1, "text", None, [b, 2], (c, [a])])
    assert [id(each) for each in found] == [id(a), id(b), id(c)]
    assert tensors_in([]) == []


def test_an_argument_is_found_by_its_place_before_its_name():
    assert argument((1, 2), {}, 1, "dim") == 2
    assert argument((1,), {"dim": 3}, 1, "dim") == 3
    assert argument((1,), {"axis": 4}, 1, "dim", "axis") == 4
    assert argument((1, 2), {"dim": 3}, 1, "dim") == 2
    assert argument((1,), {"other": 3}, 1, "dim") is None
    assert argument((1, None), {"dim": 3}, 1, "dim") is None


@pytest.mark.parametrize(
    ("func", "name"),
    [
        (torch.relu, "relu"),
        (Tensor.relu_, "relu_"),
        (Tensor.__matmul__, "matmul"),
        (Tensor.__rmatmul__, "rmatmul"),
        (Tensor.T.__get__, "T"),
        (lambda x: x, "<lambda>"),
    ],
)
def test_functions_have_the_names_by_which_people_know_them(func, name):
    assert name_of(func) == name


def test_a_function_stands_in_one_table_of_what_it_does_to_axes():
    """Those that make units, views, reshapes, pools, reductions and products are no functions of entries."""
    apart = [table.VIEWS, table.RESHAPES, table.EXPANSIONS, {*table.POOLS}, table.CATS, table.PRODUCTS]
    apart += [{*table.AFFINE}, table.ADDED_PRODUCTS, table.SCALINGS, table.ENTRYWISE - {*table.NORMS}]
    for k, one in enumerate(apart):
        for other in apart[k + 1 :]:
            assert not one & other
