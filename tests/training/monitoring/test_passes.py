"""Several forward passes are read as one on all their examples, by hand."""

from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch

from stability.errors import UnknownNameError
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring import passes as module
from stability.training.monitoring.layer_outputs import LayerOutputs
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.pack import look
from stability.training.monitoring.passes import Passes, merged, tensors_of

ONE = torch.tensor([[1.0, -2.0], [0.5, -4.0]])
OTHER = torch.tensor([[-5.0, 3.0]])
BOTH = [1.0, 3.0, -5.0, -4.0, 1.0, 0.5, 3.0]
"""Units have the tops 1 and 3 and the bottoms -5 and -4; examples of both passes stand one behind the other."""


def test_a_weight_whose_memory_was_given_back_is_left_out():
    """As FSDP does it between passes: to read it would end the process."""
    weight, kept, seen = torch.ones(2, 3), torch.nn.Parameter(torch.ones(2, 3)), passes()
    layers = [TracedActivation(name, ONE, 1, w) for name, w in (("a", weight), ("b", kept), ("c", torch.ones(2, 3)))]
    seen.add(layers, None, ONE)
    assert [each.weight is None for each in seen.whole().makers] == [False, False, False]
    weight.untyped_storage().resize_(0)
    assert [each.weight is None for each in seen.whole().makers] == [True, False, False]
    assert [each.name for each in seen.whole().makers] == ["a", "b", "c"]


def passes(which="all"):
    return Passes(which, frozenset(), LayerOutputs(torch.nn.Identity(), frozenset(), None))


def seen(z, name="net.0", **more):
    return TracedActivation(name, z, 1, **more)


def added(*zs, which="all", given=None, returned=None):
    found = passes(which)
    for z in zs:
        found.add([seen(z)], given, returned)
    return found


def ends(looked):
    return [group.ends.tolist() for group in looked.extremes]


def test_extremes_of_both_passes_are_those_of_all_examples():
    whole = added(ONE, OTHER).whole()
    assert ends(whole) == [[BOTH]]
    assert ends(look([seen(torch.cat([ONE, OTHER]))])) == [[BOTH]]
    assert (whole.passes, whole.aligned) == (2, True)


def test_the_whole_is_kept_and_goes_on():
    found = added(ONE)
    assert found.whole() is found.whole()
    found.add([seen(OTHER)], None, None)
    assert ends(found.whole()) == [[BOTH]]
    found.add([seen(torch.tensor([[9.0, 9.0]]))], None, None)
    assert ends(found.whole()) == [[[9.0, 9.0, -5.0, -4.0, 1.0, 0.5, 3.0, 9.0]]]
    assert found.whole().passes == 3


def test_only_the_last_pass_counts_where_that_is_asked():
    whole = added(ONE, OTHER, which="last").whole()
    assert ends(whole) == [[[-5.0, 3.0, -5.0, 3.0, 3.0]]]
    assert whole.passes == 1


@pytest.mark.parametrize("which", ["first", "", None])
def test_other_words_are_refused(which):
    with pytest.raises(UnknownNameError, match="Expected passes to be 'all' or 'last'"):
        passes(which)


def test_at_first_and_after_clearing_there_is_none():
    found = passes()
    assert not found
    found.add([seen(ONE), seen(torch.zeros(0, 2), "net.2")], None, None)
    assert found
    assert found.empty == {"net.2"}
    found.clear()
    assert not found
    assert found.empty == set()


def test_a_layer_is_empty_only_if_no_pass_gave_it_an_example():
    found, none = passes(), torch.zeros(0, 2)
    found.add([seen(ONE, "a"), seen(none, "b"), seen(none, "c")], None, None)
    found.add([seen(none, "a"), seen(ONE, "b"), seen(none, "c")], None, None)
    assert found.empty == {"c"}
    assert [maker.name for maker in found.whole().makers] == ["a", "b"]
    assert found.whole().aligned is False


def test_beyond_the_most_examples_passes_count_anew(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    assert added(ONE, OTHER).whole().passes == 2
    whole = added(ONE, OTHER, ONE).whole()
    assert (whole.passes, ends(whole)) == (1, ends(look([seen(ONE)])))


def test_layers_that_saw_other_passes_or_are_leaky_align_as_far_as_that_matters():
    first, second = look([seen(ONE, "a"), seen(ONE, "b")]), look([seen(OTHER, "a")])
    assert merged([first, second]).aligned is False
    leaky = look([seen(ONE, "a"), seen(ONE, "b", slope=0.1)])
    assert merged([leaky, second]).aligned is True
    assert merged([first, first]).aligned is True


def test_a_layer_with_another_number_of_units_is_another_one():
    whole = merged([look([seen(ONE)]), look([seen(torch.ones(2, 3))])])
    assert [(group.places, group.units) for group in whole.extremes] == [([0], 2), ([1], 3)]
    assert [maker.name for maker in whole.makers] == ["net.0", "net.0"]


def test_one_pass_is_itself_and_precisions_are_widened():
    only = look([seen(ONE)])
    assert merged([only]) is only
    (group,) = merged([look([seen(ONE.half())]), look([seen(OTHER.double())])]).extremes
    assert (group.ends.dtype, group.ends.tolist()) == (torch.float64, [BOTH])


@pytest.mark.parametrize(
    ("given", "returned", "sizes"),
    [
        (torch.tensor([[1.0, -3.0]]), torch.tensor([2.0]), [3.0, 2.0]),
        (torch.tensor([[1.0, -3.0]]), None, [3.0, -1.0]),
        (torch.tensor([[1.0, -3.0]]), "text", [3.0, -1.0]),
        (None, torch.tensor([2.0]), None),
        (None, None, None),
    ],
)
def test_the_largest_of_what_goes_in_and_comes_out(given, returned, sizes):
    found = added(ONE, given=given, returned=returned).whole().sizes
    assert (None if found is None else found.tolist()) == sizes


def test_of_several_passes_the_largest_sizes_count():
    found = passes()
    found.add([seen(ONE)], torch.tensor([1.0]), torch.tensor([-7.0]))
    found.add([seen(ONE)], torch.tensor([4.0]), torch.tensor([2.0]))
    assert found.whole().sizes.tolist() == [4.0, 7.0]


Pair = namedtuple("Pair", "left right")


@dataclass
class Output:
    logits: object
    loss: object = None


def test_tensors_of_real_numbers_are_found_in_what_networks_return():
    a, b, whole = torch.zeros(1), torch.ones(1), torch.arange(2)
    for value, found in (
        (a, [a]),
        (whole, []),
        ((a, [b], None, "c", 3), [a, b]),
        ({"x": a, "y": {"z": b}}, [a, b]),
        (Pair(a, b), [a, b]),
        (Output(a, (b,)), [a, b]),
        ([[[[a]]]], []),
        ([[[a]]], [a]),
        (None, []),
    ):
        assert [id(each) for each in tensors_of(value)] == [id(each) for each in found]


def test_what_is_returned_is_of_all_passes_that_are_alike_and_of_few():
    found = passes()
    for returned in (torch.zeros(3, 1), torch.tensor([[1.0], [2.0]]), torch.zeros(2, 5), torch.tensor(1.0), None):
        found.add([seen(ONE)], None, returned)
    assert found.whole().outputs.tolist() == [[0.0], [0.0], [0.0], [1.0], [2.0]]
    for _ in range(20):
        found.add([seen(ONE)], None, torch.ones(64, 1))
    assert len(found.whole().outputs) == module.SHOWN * 64 - 64 + 5


def test_a_network_is_not_at_rest_that_is_constant_in_one_pass_of_several():
    net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    with Monitor(net) as monitor:
        optimiser = torch.optim.SGD(net.parameters(), 0.01)
        for batch in (torch.ones(5, 2), torch.eye(2)):
            net(batch).sum().backward()
        optimiser.step()
    assert monitor.latest.output_spread > 0
