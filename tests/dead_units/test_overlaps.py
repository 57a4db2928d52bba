"""Parameters that share memory are found, and units with them are not certified."""

import torch
from torch import nn

from stability import recovery
from stability.dead_units.certify import FOR_EVER, UNKNOWN
from stability.dead_units.overlaps import overlapping


def parameter(view):
    return nn.Parameter(view)


def test_views_of_one_memory_overlap_only_where_they_meet():
    whole = torch.zeros(4, 6)
    top, bottom, middle, other = map(parameter, (whole[:2], whole[2:], whole[1:3], torch.zeros(4, 6)))
    assert overlapping([top, bottom, other]) == set()
    assert overlapping([top, bottom, middle, other]) == {id(top), id(bottom), id(middle)}
    assert overlapping([top, top, nn.Parameter(torch.zeros(0))]) == set()
    inner, large = parameter(whole[1, :2]), parameter(whole)
    assert overlapping([large, inner, bottom]) == {id(large), id(inner), id(bottom)}


def model_with(shared):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 1))
    nn.init.constant_(model[0].bias, -5.0)
    if shared == "bias":
        model[2].bias = model[0].bias
    if shared == "memory of the bias":
        model[2].bias = parameter(model[0].bias.data)
    if shared == "memory of the weight":
        model[2].weight = parameter(model[0].weight.data.T)
    return model


def test_a_unit_is_moved_by_what_shares_its_parameters():
    x = torch.rand(8, 3)
    for shared in ("", "bias", "memory of the bias", "memory of the weight"):
        model = model_with(shared)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        found = recovery(model, x, optimizer)
        assert {each.status for each in found.units} == ({UNKNOWN} if shared else {FOR_EVER})
        before = [each.clone() for each in model[0].parameters()]
        model(x).square().mean().backward()
        optimizer.step()
        same = all(torch.equal(*pair) for pair in zip(before, model[0].parameters(), strict=True))
        assert same == (shared in ("", "memory of the weight"))  # of a layer that is dead as a whole nothing is moved


def test_the_other_parameter_may_be_elsewhere():
    model = model_with("")
    other = parameter(model[0].bias.data)
    found = recovery(model, torch.rand(8, 3), torch.optim.SGD([*model.parameters(), other], lr=0.1))
    assert {each.reason for each in found.units} == {"its weight or its bias shares its memory with another parameter"}
