"""Units against torch's activations; every entry of the table has a case."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given
from torch_oracle import ACTIVATIONS, SPELLINGS, activation, numbers

from stability.errors import NumberError, UnknownNameError
from stability.model.units import UNITS, Unit, absolute, leaky_relu, relu, unit


def test_every_entry_has_a_case():
    assert set(ACTIVATIONS) == set(UNITS)


@pytest.mark.parametrize("name", list(UNITS))
def test_entry_is_spelled_by_its_name(name):
    for spelling in ACTIVATIONS[name][0]:
        found = unit(spelling)
        assert isinstance(found, Unit)
        assert found.name == spelling
        assert unit(found.name) == found


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(z=numbers)
def test_value_and_slope_are_torchs(spelling, z):
    exact = unit(spelling)
    at = torch.tensor(float(z), dtype=torch.float64, requires_grad=True)
    value = activation(exact)(at)
    value.backward()
    sign = (z > 0) - (z < 0)
    assert float(exact.value(z)) == pytest.approx(value.item(), rel=1e-14)
    assert float(exact.slope(sign)) == pytest.approx(at.grad.item(), rel=1e-14)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_kink_slope_is_what_autograd_returns_at_zero(spelling):
    exact, zero = unit(spelling), torch.zeros((), dtype=torch.float64, requires_grad=True)
    activation(exact)(zero).backward()
    assert float(exact.slope(0)) == zero.grad.item()
    assert exact.value(Fraction(0)) == 0


def test_names_and_aliases():
    assert unit("relu") is relu
    assert unit("abs") is unit("absolute") is absolute
    assert unit("leaky0.01") == unit("leaky1/100") == leaky_relu("1/100")


@pytest.mark.parametrize("spelling", ["", "rel", "ReLU", "relu ", "leaky", "swish"])
def test_unknown_unit_names_the_known(spelling):
    with pytest.raises(UnknownNameError, match=r"relu, abs, leaky1/100"):
        unit(spelling)


@pytest.mark.parametrize("slope", ["nan", "inf", "1/0", "x", float("nan"), True])
def test_leaky_slope_must_be_rational(slope):
    with pytest.raises(NumberError):
        leaky_relu(slope)
