"""Names of networks: what is read, what is written, what is refused."""

from fractions import Fraction

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


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("relu[+,-]", "relu[+,-]"),
        ("relu[+,+]", "relu2"),
        ("abs[+]", "abs1"),
        ("leaky1/100[+,-]", "leaky1/100[+,-]"),
        ("relu[1, -1/2]", "relu[+,-1/2]"),
        ("relu[2,2]", "relu[2,2]"),
        ("relu3-out", "relu3-out"),
        ("leaky1/100:2-out+c", "leaky1/100:2-out+c"),
        ("relu[+,-]+c", "relu[+,-]+c"),
        ("relu2+c-nob", "relu2+c-nob"),
        ("relu3-out1", "relu3-out"),
        ("relu3-out2+c", "relu3-out2+c"),
        ("relu3-linear", "relu3-linear"),
    ],
)
def test_output_layers(spelling, name):
    net = network(spelling)
    assert net.name == name
    assert network(name) == net


def test_what_an_output_layer_is():
    net = network("relu[1,-1/2]+c-nob")
    assert (net.output_weights, net.output_bias, net.hidden_biases) == ((1, Fraction(-1, 2)), True, False)
    assert not net.is_plain
    assert network("relu2").is_plain
    head = network("relu3-linear")
    assert (head.trainable, head.one_hot, head.outputs, head.output_bias) == (True, True, 2, True)


@pytest.mark.parametrize(
    ("spelling", "said"),
    [
        ("relu[0,1]", "other than 0"),
        ("relu[]", "output weights in the brackets"),
        ("relu[+-]", "output weights in the brackets"),
        ("relu[+,-]-out", "fixed or trainable; got both"),
        ("relu0-out", "at least one unit"),
        ("relu3-out0", "one output"),
        ("relu2-linear+c", "nothing behind it"),
        ("relu2-nob+c", "a unit name and a count"),
        ("relu[1/0]", "output weights in the brackets"),
        ("leaky1/100+c", "a unit name and a count"),
        ("relu3[+,-]", "a count or an output weight for each unit; got 'relu3\\[\\+,-\\]', with 3 and 2"),
    ],
)
def test_refused_output_layers(spelling, said):
    with pytest.raises(UnknownNameError, match=said):
        network(spelling)


def test_no_unit_at_all_is_refused_with_the_name_of_one():
    with pytest.raises(UnknownNameError) as caught:
        network("leaky1/100:0")
    assert caught.value.remedy == "Write leaky1/100:1 for one unit."


def test_weights_must_fit_the_units():
    with pytest.raises(UnknownNameError, match="an output weight for each of 3 units; got 2"):
        Network(relu, 3, output_weights=(1, -1))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("RELU2-out", "relu2-out"),
        ("Relu2", "relu2"),
        ("relu2_out", "relu2-out"),
        ("relu2out+c", "relu2-out+c"),
        ("relu2linear", "relu2-linear"),
        ("Abs[+,-]_nob", "abs[+,-]-nob"),
    ],
)
def test_a_network_in_capitals_or_without_its_hyphen_is_recognised(typed, meant):
    with pytest.raises(UnknownNameError) as caught:
        network(typed)
    assert caught.value.remedy == f"Did you mean {meant}?"


@pytest.mark.parametrize("typed", ["foo", "TANH2-out", "relu0-OUT", "RELU2-sideways"])
def test_what_is_no_network_in_small_letters_either_is_no_suggestion(typed):
    with pytest.raises(UnknownNameError) as caught:
        network(typed)
    assert "Did you mean" not in caught.value.remedy
