"""Code is straight where every pass makes the same calls, whatever the numbers; in doubt it is not."""

import math
import random

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn import functional as F  # noqa: N812
from torch.utils.checkpoint import checkpoint

from stability.training.introspection.static_networks import STOCK
from stability.training.introspection.straight_code import codes_of

OUTSIDE = {"calls": 0}


def helper(x):
    return x + 1


class Base(nn.Module):
    def __init__(self, **held):
        super().__init__()
        self.map, self.relu, self.blocks = nn.Linear(2, 2), nn.ReLU(), nn.ModuleList([nn.Linear(2, 2)])
        self.weight, self.size, self._hidden, self.act = nn.Parameter(torch.ones(2, 2)), (2, 2), 1, functional.gelu
        self.register_buffer("shift", torch.zeros(2))
        self.register_parameter("none", None)
        self.flag, self.names, self.sizes = True, ["a"], (0, 0)

    def twice(self, x):
        return self.relu(self.relu(x))

    def gated(self, x):
        return x if x.sum() > 0 else -x

    @property
    def computed(self):
        return self.map


STRAIGHT = {
    "modules": lambda self, x: self.relu(self.map(x)),
    "functions of torch": lambda self, x: torch.flatten(F.dropout(functional.linear(x, self.weight), 0.5, True), 1),
    "methods of tensors": lambda self, x: x.view(x.size(0), -1).transpose(0, 1).mean(),
    "a buffer": lambda self, x: x + self.shift,
    "its own method": lambda self, x: self.twice(x),
    "a setting": lambda self, x: x.reshape(self.size),
    "a branch on a setting": lambda self, x: self.map(x) if self.flag else x,
    "a branch on None": lambda self, x: x if self.none is None else self.map(x),
    "an entry of a list of modules": lambda self, x: self.blocks[0](x)[:, 1:],
    "the number of modules": lambda self, x: x * len(self.blocks),
    "the transpose of a weight": lambda self, x: x @ self.weight.t(),
}


def loops(self, x):
    for each in self.blocks:
        x = each(x)
    return x


def steps(self, x):
    x = self.map(x)
    return self.relu(x)


def loops_over_names(self, x):
    for each in self.sizes:
        x = self.blocks[each](x)
    return self.blocks[-1](x)[:, : x.shape[1]]


STRAIGHT["a loop over numbers that it holds"] = loops_over_names
STRAIGHT |= {"a loop over modules": loops, "one step after the other": steps}


def changes_itself(self, x):
    self.flag = not self.flag
    return x


def changes_globals(self, x):
    OUTSIDE["calls"] += 1
    return self.map(x)


def loops_over_tensor(self, x):
    for row in x:
        x = x + row
    return x


def rebinds(self, x):
    self = x
    return self.map


def guards(self, x):
    try:
        return self.map(x)
    except RuntimeError:
        return x


def without_gradient(self, x):
    with torch.no_grad():
        return self.map(x)


def calls_method_of_module(self, x):
    for each in self.blocks:
        x = each.forward(x)
    return x


def binds_index(self, x):
    for each in (0,):
        each = x.argmax()
    return self.blocks[each](x)


OTHER = {
    "a module chosen by numbers": lambda self, x: self.blocks[x.argmax()](x),
    "a module chosen by chance": lambda self, x: self.blocks[torch.randint(0, 1, (1,))](x),
    "modules chosen by numbers": lambda self, x: self.blocks[: x.argmax()][0](x),
    "a branch on either of two": lambda self, x: x if (x.any() if self.flag else self.flag) else self.map(x),
    "a branch on numbers": lambda self, x: x if x.mean() > 0 else self.map(x),
    "a branch on a tensor": lambda self, x: x if self.shift else self.map(x),
    "a branch on an argument": lambda self, x: x if x is None else self.map(x),
    "a method that branches": lambda self, x: self.gated(x),
    "chance": lambda self, x: x * random.random(),
    "a function of its own": lambda self, x: helper(x),
    "a function that it holds": lambda self, x: self.act(x),
    "a private attribute": lambda self, x: x * self._hidden,
    "a list that it holds": lambda self, x: self.names,
    "a property": lambda self, x: self.computed(x),
    "what is nowhere": lambda self, x: self.nowhere(x),
    "a number of a tensor": lambda self, x: x.transpose(0, x.argmax().item()),
    "a number of a tensor by int": lambda self, x: x[int(x.sum())],
    "a loop over numbers": lambda self, x: [x for _ in range(x.argmax())],
    "an inner function": lambda self, x: (lambda: self.map(x))(),
    "a checkpoint": lambda self, x: checkpoint(self.map, x),
    "a checkpoint by its path": lambda self, x: torch.utils.checkpoint.checkpoint(self.map, x),
    "another library": lambda self, x: x * math.sqrt(2),
    "a new module": lambda self, x: nn.ReLU()(x),
    "the forward of a module": lambda self, x: self.relu.forward(x),
    "an attribute of a module": lambda self, x: functional.linear(x, self.map.weight),
    "other arguments": lambda self, x, *more: self.map(x),
    "an option": lambda self, x, flag=False: self.map(x),
    "a generator": lambda self, x: (yield x),
    "hooks": lambda self, x: x.register_hook(print),
    "what hooks on a module do not see": lambda self, x: self.relu(self.map(input=x)),
    **{
        each.__name__: each
        for each in (
            *(changes_itself, changes_globals, loops_over_tensor, rebinds, guards, without_gradient),
            *(calls_method_of_module, binds_index),
        )
    },
}


def is_straight(forward, **more):
    kind = type("Own", (Base,), {"forward": forward, **more})
    return codes_of(kind().modules(), STOCK) is not None


@pytest.mark.parametrize("name", STRAIGHT)
def test_code_that_never_asks_for_numbers_is_straight(name):
    assert is_straight(STRAIGHT[name])


@pytest.mark.parametrize("name", OTHER)
def test_all_other_code_is_not(name):
    assert not is_straight(OTHER[name])


@pytest.mark.parametrize("name", ["__call__", "__getattr__", "_call_impl", "add", "__iter__", "__bool__"])
def test_classes_that_change_what_a_call_does_are_not_straight(name):
    assert is_straight(STRAIGHT["modules"], own=lambda self, x: x)
    assert not is_straight(STRAIGHT["modules"], **{name: getattr(nn.Module, name, lambda self, x: x)})


def test_code_that_a_reload_put_into_a_function_is_other_code():
    kind = type("Own", (Base,), {"forward": lambda self, x: self.relu(self.map(x))})
    codes = codes_of(kind().modules(), STOCK)
    assert codes.are_unchanged()
    kind.forward.__code__ = (lambda self, x: self.map(x)).__code__
    assert not codes.are_unchanged()


@pytest.mark.parametrize(("holder", "name"), [(nn.Linear, "forward"), (nn.Conv2d, "_conv_forward"), (F, "relu")])
def test_code_of_torch_that_is_replaced_is_seen(holder, name, monkeypatch):
    modules = [nn.Linear(2, 2), nn.Conv2d(2, 2, 1), nn.ReLU()]
    codes = codes_of(modules, STOCK)
    assert codes.are_unchanged()
    monkeypatch.setattr(holder, name, lambda *args: args[-1])
    assert not codes.are_unchanged()
    assert (codes_of(modules, STOCK) is None) is isinstance(holder, type)


def test_a_forward_that_is_no_function_of_python_is_not_straight():
    assert not is_straight(torch.relu)
    assert codes_of([nn.Module()], STOCK) is None


def test_a_module_that_holds_a_function_by_the_name_of_one_of_tensors_is_not_straight():
    net = type("Own", (Base,), {"forward": STRAIGHT["modules"]})()
    assert codes_of(net.modules(), STOCK) is not None
    net.add = helper
    assert codes_of(net.modules(), STOCK) is None
