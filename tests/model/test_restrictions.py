"""What is refused is refused in one sentence, with a network that can be written instead."""

import doctest

import pytest

from stability import landscape
from stability.errors import UnknownNameError
from stability.model import restrictions
from stability.model.restrictions import require_fixed, require_units_alone

FIXED = ["relu2", "relu[+,-]", "relu[1,-1/2]+c", "abs2-nob", "leaky1/100:2+c-nob"]


@pytest.mark.parametrize("model", FIXED)
def test_fixed_output_weights_are_taken(model):
    require_fixed(landscape(model, "xor"), "a test")


@pytest.mark.parametrize(
    ("model", "instead"),
    [("relu1-out", "relu[-], or relu1,"), ("relu3-out+c", "relu[+,-,+]+c, or any other signs,"),
     ("leaky1/100:2-out-nob", "leaky1/100[+,-]-nob, or any other signs,")],
)  # fmt: skip
def test_trained_ones_are_refused_with_what_to_write(model, instead):
    with pytest.raises(UnknownNameError) as caught:
        require_fixed(landscape(model, "xor"), "a test", "they move")
    assert caught.value.problem == f"Expected fixed output weights for a test: they move; got {model}."
    fixed = "for output weights that are not trained"
    assert caught.value.remedy == f"Write {instead} {fixed}, or ask for the atlas of {model}."
    for name in instead.replace(", or", "").removesuffix(",").replace(" any other signs", "").split():
        require_fixed(landscape(name, "xor"), "a test")


@pytest.mark.parametrize(("model", "instead"), [("relu[+,-]+c", "relu[+,-]"), ("abs1-nob", "abs1")])
def test_coordinates_beside_those_of_units_are_refused(model, instead):
    with pytest.raises(UnknownNameError, match="no output bias, for a test") as caught:
        require_units_alone(landscape(model, "xor"), "a test")
    assert caught.value.remedy == f"Write {instead}."
    require_units_alone(landscape(instead, "xor"), "a test")


def test_examples_in_docstrings_hold():
    assert doctest.testmod(restrictions).failed == 0
