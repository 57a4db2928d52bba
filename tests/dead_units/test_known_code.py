"""Objects hold what their attributes say only if no code that cannot be read has a part in them."""

import random
from types import SimpleNamespace

import pytest
import torch

from stability.dead_units.known_code import holds_all_in_attributes, is_known, steps_of


class Own:
    pass


@pytest.mark.parametrize("kind", [Own, SimpleNamespace, torch.distributions.Normal])
def test_objects_of_classes_of_python_hold_all_in_attributes(kind):
    assert holds_all_in_attributes(kind)


@pytest.mark.parametrize("kind", [random.Random, torch.Generator, type("Deep", (random.Random,), {}), map])
def test_objects_with_a_state_in_c_do_not(kind):
    assert not holds_all_in_attributes(kind)


def test_libraries_that_hear_of_chance_or_gradients_are_not_known():
    assert is_known("numpy")
    assert not any(map(is_known, ("numpy.random.mtrand", "torch.autograd.graph", "time", "os")))


def test_steps_are_those_of_the_code():
    assert ("LOAD_GLOBAL", "len") in steps_of((lambda x: len(x)).__code__)
