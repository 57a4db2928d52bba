"""The state of an optimiser is that of the parameters that it was saved with, or of none."""

import pytest
import torch
from torch import nn

from stability import recovery
from stability.dead_units.kept_states import loaded
from stability.errors import DataError


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))


def stepped(model, optimizer, steps=3):
    x = torch.rand(20, 3)
    for _ in range(steps):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
    return optimizer


def again(model, optimizer, name=None, **settings):
    """Return the optimiser made of the state, of other parameters, and their names."""
    parameters = {key: nn.Parameter(value.detach().clone()) for key, value in model.named_parameters()}
    return loaded(parameters, name, settings, optimizer.state_dict()), parameters


def decays(model, optimizer, **settings):
    """Return the weight decay and what is remembered of each parameter, before and after."""
    made, parameters = again(model, optimizer, **settings)
    sides = []
    for each, own in ((optimizer, dict(model.named_parameters())), (made, parameters)):
        found = {id(p): group["weight_decay"] for group in each.param_groups for p in group["params"]}
        moments = {
            key: [x.tolist() for k, x in sorted(each.state[p].items()) if k != "step"] if p in each.state else []
            for key, p in own.items()
        }
        sides.append(({key: found[id(p)] for key, p in own.items()}, moments))
    return sides


def by_kind(model, named=False):
    parts = [[], []]
    for key, p in model.named_parameters():
        parts[key.endswith("bias")].append((key, p) if named else p)
    return [{"params": parts[0], "weight_decay": 0.1}, {"params": parts[1], "weight_decay": 0.0}]


def by_layer(model):
    return [{"params": model[k].parameters(), "weight_decay": 0.1 / (k + 1)} for k in (0, 2, 4)]


@pytest.mark.parametrize(
    ("kind", "groups", "more"),
    [
        (torch.optim.Adam, by_kind, {}),
        (torch.optim.AdamW, by_kind, {"amsgrad": True}),
        (torch.optim.SGD, by_kind, {"momentum": 0.9}),
        (torch.optim.SGD, lambda model: by_kind(model, named=True), {}),
        (torch.optim.Adam, lambda model: by_kind(model, named=True), {}),
        (torch.optim.SGD, lambda model: [{"params": model[k].parameters()} for k in (4, 2, 0)], {}),
        (torch.optim.SGD, lambda model: model.parameters(), {"momentum": 0.9, "weight_decay": 0.1}),
    ],
)
def test_groups_keep_their_parameters(kind, groups, more):
    model = network()
    before, after = decays(model, stepped(model, kind(groups(model), lr=0.01, **more)))
    assert before == after


@pytest.mark.parametrize(
    ("groups", "more"),
    [(by_kind, {}), (by_layer, {}), (by_layer, {"momentum": 0.9})],
)
def test_groups_whose_parameters_are_not_known_are_refused(groups, more):
    model = network()
    with pytest.raises(DataError, match="more than one order fits"):
        again(model, stepped(model, torch.optim.SGD(groups(model), lr=0.1, **more)))


def test_a_network_with_very_many_groups_ends_in_an_answer():
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(40)))
    optimizer = torch.optim.SGD([{"params": [p], "lr": 0.1 + k} for k, p in enumerate(model.parameters())])
    with pytest.raises(DataError, match="more than one order fits"):
        again(model, optimizer)


def test_a_unit_comes_back_when_its_groups_say_so():
    model = network()
    with torch.no_grad():
        model[0].weight[0], model[0].bias[0] = -3.0, 0.5
    x = torch.rand(40, 3) / 2 + 0.5
    kept = torch.optim.SGD(by_kind(model, named=True), lr=0.1).state_dict()
    optimizer = loaded(dict(model.named_parameters()), None, {}, kept)
    unit = recovery(model, x, optimizer).units[0]
    assert unit.status == "dead for n steps"
    for _ in range(unit.steps):
        stepped_once(model, optimizer, x)
    assert (model[0](x)[:, 0] <= 0).all()
    for _ in range(5):
        stepped_once(model, optimizer, x)
    assert (model[0](x)[:, 0] > 0).any()


def stepped_once(model, optimizer, x):
    optimizer.zero_grad()
    model(x).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize(
    "kind",
    ["Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "ASGD"],
)
def test_states_of_other_optimisers_are_refused(kind, steps):
    model = network()
    optimizer = stepped(model, getattr(torch.optim, kind)(model.parameters(), lr=0.01), steps)
    with pytest.raises(DataError, match="whose steps are known"):
        again(model, optimizer)


def test_memory_of_another_optimiser_is_refused():
    model = network()
    optimizer = stepped(model, torch.optim.Adam(model.parameters()))
    state = optimizer.state_dict()
    for entry in state["state"].values():
        entry["exp_avg_var"] = entry.pop("exp_avg_sq")
    with pytest.raises(DataError, match="whose steps are known"):
        loaded(dict(model.named_parameters()), None, {}, state)


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), (None, None)])
def test_a_state_that_does_not_say_how_weights_decay_needs_the_name(name, kind):
    model = network()
    state = stepped(model, torch.optim.AdamW(model.parameters())).state_dict()
    for group in state["param_groups"]:
        group.pop("decoupled_weight_decay", None)
    if kind is None:
        with pytest.raises(DataError, match="--optimizer adam or --optimizer adamw"):
            loaded(dict(model.named_parameters()), name, {}, state)
    else:
        assert type(loaded(dict(model.named_parameters()), name, {}, state)) is kind


def test_names_of_other_parameters_are_refused():
    model = network()
    state = torch.optim.SGD(model.named_parameters(), lr=0.1).state_dict()
    state["param_groups"][0]["param_names"][0] = "other"
    with pytest.raises(DataError, match="of these parameters"):
        loaded(dict(model.named_parameters()), None, {}, state)


def rules(made, parameters):
    """Return what becomes of each parameter: its decay, and the settings of its group."""
    known = {id(p): key for key, p in parameters.items()}
    kept = ("lr", "weight_decay", "momentum", "betas", "eps")
    return {
        known[id(p)]: {key: group[key] for key in kept if key in group}
        for group in made.param_groups
        for p in group["params"]
    }


def test_settings_that_are_given_beside_a_state_hold_from_now_on():
    model = network()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.2)
    found = rules(*again(model, sgd, lr=0.5, bias_decay=0.0, momentum=0.5))
    assert found["0.weight"] == {"lr": 0.5, "weight_decay": 0.2, "momentum": 0.5}
    assert found["0.bias"] == {"lr": 0.5, "weight_decay": 0.0, "momentum": 0.5}
    adam = stepped(model, torch.optim.Adam(model.parameters()))
    made, parameters = again(model, adam, beta2=0.5, eps=0.1, weight_decay=0.25, momentum=0.5)
    wanted = {"lr": 1e-3, "weight_decay": 0.25, "betas": (0.9, 0.5), "eps": 0.1}
    assert {key: each == wanted for key, each in rules(made, parameters).items()} == dict.fromkeys(parameters, True)
    assert made.state[parameters["0.bias"]]["exp_avg"].equal(adam.state[model[0].bias]["exp_avg"])


@pytest.mark.parametrize(
    ("kind", "settings", "fitting"),
    [
        (torch.optim.SGD, {}, {"sgd"}),
        (torch.optim.SGD, {"momentum": 0.9}, {"sgd", "momentum"}),
        (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, {"sgd", "momentum", "nesterov"}),
        (torch.optim.Adam, {}, {"adam"}),
        (torch.optim.AdamW, {}, {"adamw"}),
    ],
)
def test_a_state_of_another_optimiser_than_is_said_is_refused(kind, settings, fitting):
    model = network()
    optimizer = kind(model.parameters(), lr=0.1, **settings)
    for name in ("sgd", "momentum", "nesterov", "adam", "adamw"):
        if name in fitting:
            again(model, optimizer, name)
        else:
            with pytest.raises(DataError, match=f"Expected the state of {name}; got that of {kind.__name__}"):
                again(model, optimizer, name)
