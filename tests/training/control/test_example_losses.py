"""Losses by example are one for each example, and nothing else is taken for them."""

import pytest
import torch

from stability.errors import NumberError, StabilityError
from stability.training.control.example_losses import asked, example_losses


@pytest.mark.parametrize("counts", [[], [0], [3], [0, 3], [3, 3], [2, 3], [1, 2], [3, 12]])
def test_one_loss_for_each_example(counts):
    assert example_losses(torch.tensor([1.0, 2.0, 4.0]), counts) == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (torch.tensor(1.0), []),
        (torch.tensor(1.0), [1]),
        (torch.zeros(0), []),
        (torch.zeros(3, 1), [3]),
        (torch.zeros(6), [3]),
        (torch.zeros(3), [6]),
        (torch.zeros(3), [0, 6]),
        (torch.zeros(3), [4, 6]),
        ([1.0, 2.0], [2]),
        (None, [2]),
    ],
)
def test_other_things_are_refused(found, counts):
    with pytest.raises(NumberError, match="one loss for each"):
        example_losses(found, counts)


def test_a_shape_is_called_one():
    with pytest.raises(NumberError, match=r"each of 2 examples; got a tensor of the shape \(\)\."):
        example_losses(torch.tensor(1.0), [2])


def test_an_error_says_that_it_comes_from_the_function_that_was_given():
    assert asked(lambda output: output + 1, torch.ones(2)).tolist() == [2.0, 2.0]

    def function(output):
        return output - torch.ones(3)

    with pytest.raises(StabilityError, match=r"^Expected per_example_loss to take .* it ends with: .*size") as caught:
        asked(function, torch.ones(2))
    assert isinstance(caught.value.__cause__, RuntimeError)
