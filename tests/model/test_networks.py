"""Names of networks: what is read, what is written, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch_oracle import SPELLINGS, network_of

from stability import Landscape, landscape
from stability.errors import StabilityError, UnknownNameError
from stability.model.datasets import dataset
from stability.model.networks import Network, network
from stability.model.units import absolute, relu


@given(st.sampled_from(SPELLINGS), st.integers(1, 999))
def test_name_is_read_back(spelling, count):
    net = network_of(spelling, count)
    assert network(net.name) == net


def test_known_names():
    assert network("abs1") == network("absolute1") == Network(absolute, 1)
    assert network("relu12") == Network(relu, 12)
    assert network("leaky1/100:2").name == "leaky1/100:2"


@pytest.mark.parametrize(
    "spelling",
    ["", "relu", "relu0", "2relu", "relu-1", "leaky2", "leaky:2", "leaky1/9", "tanh2", "relu1.5"],
)
def test_refused_names(spelling):
    with pytest.raises(UnknownNameError):
        network(spelling)


@pytest.mark.parametrize("spelling", ["leaky1/0:2", "leakynan:1", "leakyx:1", "relu" + "9" * 5000])
def test_refused_numbers(spelling):
    with pytest.raises(StabilityError):
        network(spelling)


def test_on_makes_a_landscape():
    data = dataset("xor")
    assert landscape("abs1", data, "mean") == Landscape(Network(absolute, 1), data, "mean")
    with pytest.raises(UnknownNameError, match="Did you mean 'mean'"):
        landscape("abs1", data, "meen")
