"""Which units of networks in torch never recover: the inputs are those of the forward pass, and training agrees."""

from math import inf, nan

import pytest
import torch
from torch import nn

import stability
from stability import recovery
from stability.checker import checker
from stability.dead_units.certify import ALIVE, BACK, FOR_EVER, UNKNOWN
from stability.dead_units.reads import roundoff_of
from stability.errors import DataError, NumberError, StabilityError


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def sgd(model, **more):
    return torch.optim.SGD(model.parameters(), lr=0.1, **more)


def statuses(found, layer):
    return [each.status for each in found.units if each.layer == layer]


def reasons(found, layer):
    return {each.reason for each in found.units if each.layer == layer}


def killed(layer, *units):
    with torch.no_grad():
        layer.bias[list(units)] = -50.0
    return layer


def mlp():
    return nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1))


def test_dead_units_of_the_first_layer_never_recover_and_training_agrees():
    model, x, y = mlp(), torch.randn(30, 2), torch.randn(30, 1)
    killed(model[0], 1, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()
    found = recovery(model, x, optimizer)
    dead = sorted(each.unit for each in found.for_ever if each.layer == "0")
    assert {1, 3} <= {*dead}
    assert all(checker.check(record).startswith("proved") for record in found.records)
    for _ in range(300):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()
        assert (model[0](x)[:, dead] <= 0).all()


def test_deeper_units_stay_dead_where_no_input_can_wake_them():
    model = mlp()
    killed(model[0], 0)
    with torch.no_grad():
        model[2].weight[0] = -model[2].weight[0].abs()
        model[2].bias[0] = -1
        model[2].weight[1] = torch.tensor([3.0, -1, -1, -1, -1])
        model[2].bias[1] = -1
        model[2].weight[2, 1] = 1
        model[2].bias[2] = -50
    found = recovery(model, torch.randn(30, 2), sgd(model))
    assert statuses(found, "2")[:3] == [FOR_EVER, FOR_EVER, BACK]
    assert "stay dead" in next(each.reason for each in found.units if (each.layer, each.unit) == ("2", 1))


def test_frozen_layers_hand_on_inputs_that_stay():
    model = mlp()
    killed(model[2], 2)
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    found = recovery(model, torch.randn(30, 2), optimizer)
    assert statuses(found, "2")[2] == FOR_EVER
    assert "points" in found.records[-1]["statement"]["inputs"]


def test_batch_normalisation_bounds_what_a_unit_gets():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(inplace=True), nn.Linear(3, 1))
    x = torch.randn(10, 2)
    with torch.no_grad():
        model[1].bias[0], model[1].bias[1] = -3.01, -2.9
        model[1].weight[:2] = 1
    before = model[1].running_mean.clone()
    found = recovery(model, x, sgd(model))
    assert statuses(found, "0") == [FOR_EVER, BACK if found.units[1].status == BACK else ALIVE, ALIVE]
    assert (model[1].running_mean == before).all()
    assert statuses(recovery(model, x, sgd(model), batch_size=12), "0")[0] != FOR_EVER
    assert "running statistics" in reasons(recovery(model.eval(), x, sgd(model)), "0").pop()


def test_a_bound_of_batch_normalisation_is_reached():
    values = torch.zeros(10)
    values[0] = 1.0
    reached = (values - values.mean()) / values.std(correction=0)
    assert reached.max() == pytest.approx(3.0)


def test_convolutions_are_units_on_patches():
    model = nn.Sequential(nn.Conv2d(1, 3, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 16, 2))
    x = torch.randn(4, 1, 8, 8)
    edge = -model[0](x).amax(dim=(0, 2, 3)).detach()
    with torch.no_grad():
        model[0].bias += edge - torch.tensor([1e-3, -1e-3, 1e-3])
    assert statuses(recovery(model, x, sgd(model)), "0") == [FOR_EVER, ALIVE, FOR_EVER]


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = (killed(nn.Linear(2, 2), 0, 1) for _ in range(4))

    def forward(self, x):
        h = self.a(x)
        skip = torch.relu(h) + h
        clamped = torch.clamp(self.b(x), min=0)
        twice = torch.relu(self.c(x)) + torch.relu(self.c(-x))
        added = self.d(x)
        added = added + x
        return skip + clamped + twice + torch.relu(added) + torch.relu(x @ self.a.weight - 50)


def test_what_cannot_be_known_is_unknown_with_its_reason():
    model = Odd()
    found = recovery(model, torch.randn(6, 2), sgd(model))
    assert {each.status for each in found.units} == {UNKNOWN}
    texts = " ".join(each.reason for each in found.units)
    for reason in ("without the ReLU too", "slope at 0 is not 0", "in several places", "not by an affine map"):
        assert reason in texts


def test_dropout_before_a_layer_is_no_fixed_input():
    model = nn.Sequential(nn.Dropout(0.5), killed(nn.Linear(2, 2), 0, 1), nn.ReLU())
    assert statuses(recovery(model, torch.rand(5, 2), sgd(model)), "1") == [UNKNOWN] * 2
    assert statuses(recovery(model.eval(), torch.rand(5, 2), sgd(model)), "1") == [FOR_EVER] * 2


@pytest.mark.parametrize("axes", [2, 1])
def test_channels_are_no_inputs_of_a_map_along_another_axis(axes):
    front = nn.Conv2d(1, 4, 1) if axes == 2 else nn.BatchNorm1d(4)
    model = nn.Sequential(front, nn.ReLU(), nn.Linear(4, 1), nn.ReLU())
    killed(front, 0)
    with torch.no_grad():
        model[2].weight.copy_(torch.tensor([[5.0, -1, -1, -1]]))
        model[2].bias.fill_(-1.0)
    x = torch.rand(2, 1, 4, 4) if axes == 2 else torch.rand(2, 4, 4)
    assert FOR_EVER not in statuses(recovery(model, x, sgd(model)), "2")


@pytest.mark.parametrize("activation", [nn.Hardtanh(0, 1), nn.Threshold(0, 0), nn.ReLU6(inplace=True)])
def test_other_functions_that_are_flat_at_0_are_units_too(activation):
    model = nn.Sequential(killed(nn.Linear(2, 3), 1), activation)
    with torch.no_grad():
        model[0].bias[0] = 3.0
    assert statuses(recovery(model, torch.rand(5, 2), sgd(model)), "0")[:2] == [ALIVE, FOR_EVER]


def test_what_was_written_into_unseen_has_no_range():
    class Shifted(nn.Module):
        def __init__(self):
            super().__init__()
            self.front, self.layer = nn.Linear(2, 2), nn.Linear(2, 2)
            nn.init.constant_(self.layer.weight, -0.1)
            nn.init.constant_(self.layer.bias, -0.2)

        def forward(self, x):
            h = torch.relu(self.front(x))
            h.data.sub_(5)
            return torch.relu(self.layer(h))

    model = Shifted()
    assert statuses(recovery(model, torch.rand(5, 2), sgd(model)), "layer") == [UNKNOWN] * 2


def test_shorter_types_of_a_forward_pass_count():
    model = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    x = torch.tensor([[1.004, 0.0]])
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.004, 0.0]]))
        model[0].bias.fill_(-1.01)
    assert statuses(recovery(model, x, sgd(model)), "0") == [FOR_EVER]
    with torch.autocast("cpu", torch.bfloat16):
        assert model(x).item() > 0
        assert statuses(recovery(model, x, sgd(model)), "0") == [BACK]
        assert statuses(recovery(model, x, sgd(model), roundoff=0.0), "0") == [FOR_EVER]


def test_the_precision_of_products_counts():
    weight, out = torch.zeros(2, 3), torch.zeros(5, 2)
    assert roundoff_of(weight, out) == 2.0**-24
    assert roundoff_of(weight, out.half()) == 2.0**-10
    assert roundoff_of(weight.half(), out) == 2.0**-10
    assert roundoff_of(weight, out.to(torch.complex64)) is None
    before = torch.get_float32_matmul_precision()
    try:
        for precision, wanted in (("high", 2.0**-10), ("medium", 2.0**-7)):
            torch.set_float32_matmul_precision(precision)
            assert roundoff_of(weight, out) == wanted
            assert roundoff_of(weight.double(), out.double()) == 2.0**-53
    finally:
        torch.set_float32_matmul_precision(before)


def test_batches_are_read_one_by_one():
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    with torch.no_grad():
        model[0].weight.fill_(1)
        model[0].bias.fill_(-5)
    loader = [torch.tensor([[1.0]]), torch.tensor([[6.0]])]
    assert recovery(model, loader[:1], sgd(model)).units[0].status == FOR_EVER
    assert recovery(model, loader, sgd(model)).units[0].status == ALIVE


def test_unknown_optimisers_and_other_objects_are_refused():
    model = mlp()
    with pytest.raises(StabilityError, match="Expected an optimiser whose steps are known exactly; got RMSprop"):
        recovery(model, torch.ones(2, 2), torch.optim.RMSprop(model.parameters()))
    with pytest.raises(StabilityError, match="Expected an optimiser"):
        recovery(model, torch.ones(2, 2), None)
    with pytest.raises(StabilityError, match="at least one example"):
        recovery(model, [], sgd(model))
    linear = nn.Linear(2, 1)
    with pytest.raises(StabilityError, match="with ReLUs"):
        recovery(linear, torch.ones(2, 2), sgd(linear))


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
@pytest.mark.parametrize("rate", [nan, inf, torch.tensor(nan)])
def test_a_learning_rate_that_is_not_finite_is_refused_by_its_name(kind, rate):
    model = mlp()
    optimizer = kind(model.parameters(), lr=0.1)
    recovery(model, torch.ones(2, 2), optimizer)
    optimizer.param_groups[0]["lr"] = rate
    with pytest.raises(NumberError, match=r"lr is .*(nan|inf)"):
        recovery(model, torch.ones(2, 2), optimizer)
    optimizer.param_groups[0]["lr"] = 0.1
    optimizer.add_param_group({"params": [nn.Parameter(torch.zeros(1))], "weight_decay": nan})
    with pytest.raises(NumberError, match="weight_decay is nan in its group 2"):
        recovery(model, torch.ones(2, 2), optimizer)


def test_data_with_nan_are_unknown():
    model = mlp()
    found = recovery(model, torch.tensor([[1.0, float("nan")]]), sgd(model))
    assert "not all finite" in reasons(found, "0").pop()


def test_the_public_name_prints_a_table():
    model = killed(nn.Linear(2, 3), 0, 1, 2)
    found = stability.recovery(nn.Sequential(model, nn.ReLU()), torch.rand(4, 2), sgd(model))
    assert "3 of 3 units never recover" in repr(found)
    assert found.to_json()["counts"][FOR_EVER] == 3


def test_a_layer_that_is_never_called_is_named():
    model = mlp()
    model.more = nn.Linear(3, 3)
    model.forward = lambda x: nn.Sequential(*[model[k] for k in range(5)])(x)
    found = recovery(model, torch.rand(4, 2), sgd(model))
    assert "more: never called in a forward pass" in found.notes
    assert not [each for each in found.units if each.layer == "more"]


class Growing(nn.Module):
    """A second ReLU where a batch has several examples."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 3), nn.Linear(3, 2)

    def forward(self, x):
        z = self.first(x).relu()
        return self.second(z).relu() if len(x) > 1 else z


@pytest.mark.parametrize("sizes", [(1, 4), (4, 1)])
def test_batches_with_other_relus_are_refused_whichever_comes_first(sizes):
    model = Growing()
    with pytest.raises(StabilityError, match="the same ReLUs"):
        recovery(model, [torch.randn(size, 2) for size in sizes], sgd(model))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (torch.ones(3, 5), r"data that the network takes; it ends with: mat1.*\n"),
        (torch.ones(0, 2), "at least one exam"),
    ],
)
def test_data_that_do_not_fit_or_have_no_example_are_refused_in_a_sentence(x, words):
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with pytest.raises(DataError, match=words):
        recovery(model, x, torch.optim.SGD(model.parameters(), 0.1))


def test_units_are_counted_from_0_in_words_as_in_numbers():
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    nn.init.constant_(model[2].weight, -1.0)
    nn.init.constant_(model[2].bias, 1.0)
    nn.init.constant_(model[2].bias[1:], -1.0)
    found = recovery(model, torch.zeros(2, 2), torch.optim.SGD(model.parameters(), 0.1))
    dead = [each.unit for each in found.units if each.layer == "2" and each.reason]
    assert any(f"2, units {', '.join(map(str, dead))}:" in line for line in found.explained())
    assert 0 not in dead


@torch.jit.script
def compiled_sigmoid(z):
    return z.sigmoid()


class Gated(nn.Module):
    """Pre-activations that go through their ReLU and through compiled code."""

    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.Linear(2, 3), nn.Linear(3, 1)
        nn.init.constant_(self.layer.bias, -2.0)
        nn.init.constant_(self.layer.weight, 0.5)
        nn.init.constant_(self.out.requires_grad_(False).weight, 1.0)

    def forward(self, x):
        z = self.layer(x)
        return self.out(torch.relu(z) + compiled_sigmoid(z))


def test_pre_activations_that_compiled_code_gets_have_gradients():
    model, x = Gated(), torch.rand(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    found = recovery(model, x, optimizer)
    assert {each.status for each in found.units} == {"unknown"}
    assert "used without the ReLU" in found.units[0].reason
    on = []
    for _ in range(50):
        optimizer.zero_grad()
        (model(x) - 3).square().mean().backward()
        optimizer.step()
        on.append(bool((model.layer(x) > 0).any()))
    assert any(on)


def test_images_without_an_axis_of_examples_are_read():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 3, 3), nn.ReLU(), nn.Flatten(0), nn.Linear(108, 1)
    )
    with torch.no_grad():
        model[2].weight[1], model[2].bias[1] = -1.0, -1.0
        model[2].bias[2] = 99.0
    found = recovery(model, [torch.rand(1, 10, 10)], torch.optim.SGD(model.parameters(), lr=0.1))
    status = {(each.layer, each.unit): each.status for each in found.units}
    assert status["2", 1] == "dead for ever"
    assert status["2", 2] == "alive"


def test_a_relu_in_place_is_the_only_use_of_its_pre_activations():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(3, 1))
    nn.init.constant_(model[0].bias, -9.0)
    found = recovery(model, torch.rand(9, 2), torch.optim.SGD(model.parameters(), lr=0.1))
    assert {each.status for each in found.units} == {"dead for ever"}


def lowered(parameter):
    parameter.grad.sub_(1)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("kind", ["weight", "bias"])
def test_hooks_that_change_gradients_bring_units_back(kind, late):
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    nn.init.constant_(model[0].bias, -3.0)
    optimizer, data = torch.optim.SGD(model.parameters(), lr=0.5), torch.rand(9, 2)
    assert {each.status for each in recovery(model, data, optimizer).units} == {"dead for ever"}
    parameter = getattr(model[0], kind)
    if late:
        handle = parameter.register_post_accumulate_grad_hook(lowered)
    else:
        handle = parameter.register_hook(lambda gradient: gradient - 1)
    found = recovery(model, data, optimizer)
    assert {each.reason for each in found.units} == {f"a hook on its {kind} may change its gradient"}
    for _ in range(30):
        optimizer.zero_grad()
        model(data).mean().backward()
        optimizer.step()
    assert (model[0](data) > 0).any()
    handle.remove()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("batch_size", x) for x in (0, -3, 1.5, "a", 10**30, True)),
        *(("horizon", x) for x in (0, -1, 2.5, inf, nan, None, "a")),
        *(("roundoff", x) for x in (-1, 1.0, nan, "a")),
    ],
)
def test_numbers_out_of_their_range_are_refused(name, value):
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    with pytest.raises(NumberError, match=f"Expected {name} "):
        recovery(model, torch.rand(9, 2), torch.optim.SGD(model.parameters(), lr=0.1), **{name: value})
