"""The numbers behind a reading, packed in their order: every one of them by hand."""

from math import isnan

import pytest
import torch
from torch import nn

from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring.pack import Looked, early, look, measure
from stability.training.monitoring.unread import Left

Z = torch.tensor([[1.0, -2.0], [0.5, -4.0], [-3.0, -1.0]])
"""Three examples at two units: the largest are 1 and -1, the smallest -3 and -4, by example 1, 1/2 and -1."""
ENDS = [1.0, -1.0, -3.0, -4.0, 1.0, 0.5, -1.0]


def parameter(values, slope=None):
    found = nn.Parameter(torch.tensor(values))
    found.grad = None if slope is None else torch.tensor(slope)
    return found


def layer(z=Z, weight=None, bias=None, name="net.0", axis=1, **more):
    return TracedActivation(name, z, axis, weight, bias, **more)


WEIGHT = [[3.0, 4.0], [0.0, 2.0]]
SLOPE = [[4.0, -3.0], [1.0, 5.0]]
NORMS = [5.0, 2.0, 5.0, 26**0.5, 5.0, 1.0]
"""The lengths of the rows; of the gradient by them; of its part across: (4, -3) turns all of it, (1, 5) only 1."""


def test_extremes_are_those_of_units_and_examples():
    looked = look([layer()])
    (group,) = looked.extremes
    assert (group.places, group.units) == ([0], 2)
    assert group.ends.tolist() == [ENDS]
    assert (looked.sizes, looked.aligned, looked.passes) == (None, True, 1)


def test_places_count_by_their_extremes():
    """At two places, z and z - 1: the tops stay, the bottoms are 1 lower."""
    z = torch.stack([Z, Z - 1], 2)
    (group,) = look([layer(z)]).extremes
    assert group.ends.tolist() == [[1.0, -1.0, -4.0, -5.0, 1.0, 0.5, -1.0]]
    (sequence,) = look([layer(z.transpose(1, 2), axis=2)]).extremes
    assert torch.equal(sequence.ends, group.ends)


def test_layers_of_one_shape_go_together_in_their_order():
    looked = look([layer(), layer(torch.ones(3, 4), name="b"), layer(2 * Z, name="c")])
    assert [(group.places, group.units) for group in looked.extremes] == [([0, 2], 2), ([1], 4)]
    assert looked.extremes[0].ends.tolist() == [ENDS, [2 * x for x in ENDS]]
    assert [maker.name for maker in looked.makers] == ["net.0", "b", "c"]


def test_biases_that_training_cannot_move_are_left_out():
    own, frozen = parameter([1.0, 2.0]), nn.Parameter(torch.zeros(2), requires_grad=False)
    biases = [
        look([each]).makers[0].bias
        for each in (*(layer(bias=own), layer(bias=frozen), layer(bias=own, centred=True), layer()),)
    ]
    assert biases == [own, None, None, None]


def test_nothing_seen_has_no_extremes():
    assert look([]) == Looked([], [])


def test_all_numbers_stand_in_their_order():
    weight, bias, head = parameter(WEIGHT, SLOPE), parameter([0.5, -0.5], [6.0, 7.0]), parameter([8.0], [9.0])
    looked = look([layer(weight=weight, bias=bias, slope=0.25)], torch.tensor([10.0, 11.0]))
    packed = measure(
        *(looked, [weight, bias, head], 3),
        loss=torch.tensor(12.0), scale=torch.tensor(2.0), before=torch.tensor(13.0), unread=Left(("a",), 2),
    )  # fmt: skip
    assert packed.numbers.tolist() == pytest.approx([
        *(12.0, 2.0),  # loss and scale
        *(0.5, -0.5),  # biases of layers
        *(0.5, -0.5, 8.0),  # all that makes no units
        *(6.0, 7.0, 9.0),  # the gradients by it
        *ENDS,
        *NORMS,
        *(10.0, 11.0),  # sizes
        13.0,  # the norm before clipping
    ])  # fmt: skip
    how = packed.layout
    assert (how.names, how.slopes, how.weights, how.biases) == (("net.0",), (0.25,), ((0, 0),), (2,))
    assert (how.extremes, how.rows) == ((((0,), 2, 3),), (((True,), 2, True),))
    assert (how.others, how.gradients) == (3, 3)
    assert (how.with_loss, how.scaled, how.clipped, how.sized, how.aligned) == (True, True, True, True, True)
    assert (packed.step, packed.loss, packed.scale, packed.unread) == (3, None, None, (("a",), 2))


def test_numbers_that_are_known_already_are_not_packed():
    weight = parameter(WEIGHT, SLOPE)
    packed = measure(look([layer(weight=weight)]), [weight], 0, loss=12.0, scale=2.0)
    assert packed.numbers.tolist() == pytest.approx([*ENDS, *NORMS])
    assert (packed.loss, packed.scale) == (12.0, 2.0)
    assert (packed.layout.with_loss, packed.layout.scaled, packed.layout.clipped) == (False, False, False)


def test_a_weight_without_a_gradient_has_no_rows_and_counts_among_the_others():
    weight = parameter(WEIGHT)
    packed = measure(look([layer(weight=weight)]), [weight], 0)
    assert packed.layout.weights == (None,)
    assert packed.layout.rows == ()
    assert packed.numbers.tolist() == [3.0, 4.0, 0.0, 2.0, *ENDS]


def test_a_frozen_weight_with_a_gradient_is_no_trained_one():
    weight = parameter(WEIGHT, SLOPE)
    weight.requires_grad_(False)
    packed = measure(look([layer(weight=weight)]), [weight], 0)
    assert packed.layout.rows == (((False,), 2, True),)
    assert packed.layout.others == 0


def test_rows_of_one_entry_cannot_turn():
    weight = parameter([[2.0], [3.0]], [[1.0], [-1.0]])
    packed = measure(look([layer(weight=weight)]), [weight], 0)
    assert packed.layout.rows == (((True,), 2, False),)
    assert packed.numbers.tolist()[-6:] == pytest.approx([2.0, 3.0, 1.0, 1.0, 0.0, 0.0], abs=1e-6)


def test_a_row_of_zeros_has_no_direction_across():
    weight = parameter([[0.0, 0.0], [0.0, 2.0]], SLOPE)
    norms = measure(look([layer(weight=weight)]), [weight], 0).numbers.tolist()[-6:]
    assert norms[:4] == pytest.approx([0.0, 2.0, 5.0, 26**0.5])
    assert isnan(norms[4])
    assert norms[5] == pytest.approx(1.0)


def test_large_parameters_are_packed_as_their_norm():
    large = nn.Parameter(torch.full((200, 100), 0.5))
    packed = measure(look([layer()]), [large], 0)
    assert packed.layout.others == 1
    assert packed.numbers.tolist() == pytest.approx([0.5 * 20_000**0.5, *ENDS])


def test_what_changed_before_the_end_counts_as_it_was():
    """The bias, the head and the weight were stepped within the backward pass: each has what was kept of it."""
    weight, bias, head = parameter(WEIGHT, SLOPE), parameter([0.5, -0.5], [6.0, 7.0]), parameter([8.0], [9.0])
    looked, parameters = look([layer(weight=weight, bias=bias)]), [weight, bias, head]
    expected = measure(looked, parameters, 0)
    kept = {id(p): early(p, looked) for p in parameters}
    with torch.no_grad():
        for p in parameters:
            p.fill_(77.0)
            p.grad = None
    found = measure(looked, parameters, 0, changed=kept)
    assert found.numbers.tolist() == pytest.approx(expected.numbers.tolist())
    assert found.layout == expected.layout


def test_what_is_kept_early_is_what_the_parameter_is_for():
    weight, bias, head = parameter(WEIGHT, SLOPE), parameter([0.5, -0.5]), parameter([8.0], [9.0])
    looked = look([layer(weight=weight, bias=bias)])
    of_weight, of_bias, of_head = (early(p, looked) for p in (weight, bias, head))
    assert of_weight.rows.tolist()[0] == pytest.approx(NORMS)
    assert (of_weight.own, of_weight.slope, of_weight.value.numel()) == ([], [], 0)
    assert (of_bias.rows, of_bias.slope, of_bias.value.tolist()) == (None, [], [0.5, -0.5])
    assert ([x.tolist() for x in of_head.own], [x.tolist() for x in of_head.slope]) == ([[8.0]], [[9.0]])
    assert (of_head.rows, of_head.value.numel()) == (None, 0)


def test_half_precision_is_packed_wider():
    packed = measure(look([layer(Z.half())]), [], 0)
    assert packed.numbers.dtype == torch.float32
    assert packed.numbers.tolist() == ENDS


def test_nothing_to_read_is_nothing():
    assert measure(Looked([], []), [], 0) is None
    assert measure(Looked([], []), [], 0, loss=1.0) is None
    assert measure(Looked([], []), [], 0, loss=torch.tensor(1.0)).numbers.tolist() == [1.0]
