"""What becomes of dead units agrees with torch's own optimisers, run for a long time."""

import copy
from itertools import product

import numpy as np
import pytest
import torch
from some_slow import some_slow

from stability.checker import checker
from stability.dead_units import certify
from stability.dead_units.certify import ALIVE, BACK, FOR_EVER, STEPS, UNKNOWN, outcomes
from stability.dead_units.layers import UnitLayer
from stability.dead_units.optimisers import memory_of, name_of_rule, rule_of
from stability.dead_units.rules import RecoveryRule

STILL = np.zeros((1, 2))
HALF = 2.0**-53


def layer_of(weights, bias, points=None, rule=None, **more):
    parameters = np.array([[*weights, bias]], dtype=float)
    none = np.zeros_like(parameters)
    rows = None if points is None else np.array(points, dtype=float)
    settings = {"velocity": none, "square": none, **more}
    return UnitLayer("fc", parameters, rule=rule or RecoveryRule("sgd", 0.1), points=rows, **settings)


def only(layer, **more):
    (found,) = outcomes(layer, **more).units
    return found


OPTIMISERS = {
    "sgd": lambda p, d: torch.optim.SGD(groups(p, d), lr=0.1),
    "momentum": lambda p, d: torch.optim.SGD(groups(p, d), lr=0.1, momentum=0.9),
    "dampening": lambda p, d: torch.optim.SGD(groups(p, d), lr=0.1, momentum=0.5, dampening=0.5),
    "nesterov": lambda p, d: torch.optim.SGD(groups(p, d), lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p, d: torch.optim.Adam(groups(p, d), lr=0.01),
    "adam, short memory": lambda p, d: torch.optim.Adam(groups(p, d), lr=0.01, betas=(0.9, 0.7), eps=1e-3),
    "adamw": lambda p, d: torch.optim.AdamW(groups(p, d), lr=0.01),
}
DECAYS = [(0.0, 0.0), (0.02, 0.02), (0.02, 0.0)]
HORIZON = 500
"""Steps that are simulated; the last of these units to come back does so after 358, and none of the others by 1,000."""


def groups(parameters, decays):
    if decays[0] == decays[1]:
        return [{"params": parameters, "weight_decay": decays[0]}]
    return [{"params": [p], "weight_decay": d} for p, d in zip(parameters, decays, strict=True)]


def trained(optimiser, decays, seed):
    """Return a dead unit, its optimiser after a few steps with random gradients, and its inputs."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x = draw(6, 2)
    weight, bias = torch.nn.Parameter(draw(1, 2)), torch.nn.Parameter(draw(1))
    made = OPTIMISERS[optimiser]([weight, bias], decays)
    for _ in range(1 + seed % 5):
        weight.grad, bias.grad = draw(1, 2), draw(1)
        made.step()
    margin = 10.0 ** -(seed % 4)
    with torch.no_grad():
        if seed % 3 == 2:
            x, z = x.abs() + 0.1, None
            weight.copy_(-weight.abs())
            bias.copy_(-(x @ weight.T).max() * 0.7)
        else:
            z = (x @ weight.T).max()
            bias.copy_(-z - margin)
    return weight, bias, made, x


def step_on(weight, bias, made, x, steps):
    """Return after how many steps without gradients the unit is on at an input; None if it is not."""
    weight.grad, bias.grad = torch.zeros_like(weight), torch.zeros_like(bias)
    for t in range(steps + 1):
        with torch.no_grad():
            if (x @ weight.T + bias).max() > 1e-12:
                return t
        made.step()
    return None


@pytest.mark.parametrize(("optimiser", "decays"), some_slow(product(OPTIMISERS, DECAYS), 10))
def test_units_do_in_torch_what_their_outcomes_say(optimiser, decays):
    seen = set()
    for seed in range(4):
        weight, bias, made, x = trained(optimiser, decays, seed)
        w, b = memory_of(made, weight, (1, 2)), memory_of(made, bias, (1,))
        rule = rule_of(name_of_rule(made), w, b)
        own = np.column_stack([weight.detach().numpy(), bias.detach().numpy()])
        memory = [np.column_stack([p, q.reshape(1, 1)]) for p, q in ((w.first, b.first), (w.second, b.second))]
        layer = UnitLayer("fc", own, *memory, rule, x.numpy(), roundoff=HALF)
        found = only(layer, horizon=HORIZON)
        back = step_on(weight, bias, made, x, HORIZON)
        seen.add(found.status)
        assert found.status in (FOR_EVER, STEPS, BACK)
        if found.status == FOR_EVER:
            assert back is None
        elif found.status == STEPS:
            assert back is None or back > found.steps
            assert found.reason
    assert FOR_EVER in seen or optimiser == "adam, short memory" or (optimiser == "adam" and any(decays))


def test_a_unit_whose_velocity_points_across_comes_back():
    rule = RecoveryRule("sgd", 0.1, momentum=0.9)
    layer = layer_of([0.0], -1.0, [[1.0]], rule, velocity=np.array([[0.0, -2.0]]))
    found = only(layer)
    assert found.status == STEPS
    parameter = torch.nn.Parameter(torch.tensor([-1.0], dtype=torch.float64))
    made = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    made.state[parameter]["momentum_buffer"] = torch.tensor([-2.0], dtype=torch.float64)
    parameter.grad = torch.zeros(1, dtype=torch.float64)
    for _ in range(found.steps):
        made.step()
    assert parameter.item() <= 0
    made.step()
    assert parameter.item() > 0, "the steps are as many as possible"
    assert "velocity may carry" in found.reason


def test_a_bias_that_does_not_decay_brings_a_unit_back_after_steps_that_are_counted_exactly():
    rule = RecoveryRule("sgd", 0.5, weight_decay=0.5)
    found = only(layer_of([-4.0], 1.0, [[1.0]], rule))
    assert (found.status, found.steps) == (STEPS, 4)  # 4 (3/4)^4 = 1.27 and 4 (3/4)^5 = 0.95
    assert "does not" in found.reason
    assert only(layer_of([-4.0], -0.0, [[1.0]], rule)).status == FOR_EVER


def test_units_at_the_kink_are_dead_and_positive_ones_alive():
    assert only(layer_of([1.0], -1.0, [[1.0]])).status == FOR_EVER
    assert only(layer_of([1.0], -1.0, [[1.0]], roundoff=2.0**-24)).status == BACK
    assert "rounding" in only(layer_of([1.0], -1.0, [[1.0]], roundoff=2.0**-24)).reason
    assert only(layer_of([1.0], -1.0, [[1.0000001]])).status == ALIVE
    assert only(layer_of([0.0], 0.0, [[1.0]], roundoff=2.0**-24)).status == FOR_EVER


def test_a_box_may_be_unbounded():
    inf = float("inf")
    assert only(layer_of([-1.0, 0.0], -1.0, box=((0.0, inf), (-inf, inf)))).status == FOR_EVER
    assert only(layer_of([-1.0, 1e-9], -1.0, box=((0.0, inf), (-inf, inf)))).status == ALIVE
    moving = layer_of([1.0], -1.0, box=((0.0, inf),), premise="after a ReLU", on=np.array([False]))
    assert only(moving).status == BACK
    unseen = layer_of([1.0], -1.0, box=((0.0, inf),), premise="after a ReLU")
    assert only(unseen).status == UNKNOWN


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (RecoveryRule("adam", 0.01, 0.1, 0.1, beta1=0.9, beta2=0.999), "divides by its size"),
        (RecoveryRule("sgd", 1.0, 2.0, 2.0), "turns the signs"),
        (RecoveryRule("sgd", 0.1, 1.0, 1.0, momentum=0.9), "swing through 0"),
        (RecoveryRule("adam", 0.01, beta1=0.9, beta2=0.1), "has no bound"),
    ],
)
def test_reasons_name_what_may_bring_a_unit_back(rule, word):
    memory = {"velocity": np.array([[0.1, -0.1]]), "square": np.array([[0.01, 0.01]])}
    found = only(layer_of([1.0], -1.1, [[1.0]], rule, **memory))
    assert found.status in (BACK, STEPS)
    assert word in found.reason


def test_many_units_share_a_record_and_each_record_is_accepted():
    rng = np.random.default_rng(0)
    own = np.column_stack([rng.normal(size=(40, 3)), -5 * np.abs(rng.normal(size=40))])
    none = np.zeros_like(own)
    layer = UnitLayer("fc", own, none, none, RecoveryRule("sgd", 0.1), rng.normal(size=(30, 3)))
    found = outcomes(layer)
    assert len(found.records) == 1
    assert checker.check(found.records[0]).startswith(f"proved: {len(found.for_ever)} ReLU units")
    z = layer.points @ own[:, :-1].T + own[:, -1]
    assert found.for_ever == {*np.flatnonzero((z <= 0).all(axis=0)).tolist()}


def test_nothing_is_claimed_that_the_checker_rejects(monkeypatch):
    def reject(record):
        raise checker.Rejected("no")

    monkeypatch.setattr(certify.checker, "check", reject)
    found = outcomes(layer_of([1.0], -9.0, [[1.0]]))
    assert found.records == []
    assert found.units[0].status == BACK


def test_inputs_that_are_too_many_for_a_record_are_enclosed_in_a_box(monkeypatch):
    monkeypatch.setattr(certify, "FEW", 10)
    points = np.column_stack([np.linspace(0, 1, 20), np.linspace(1, 0, 20)])
    assert only(layer_of([1.0, 1.0], -3.0, points)).status == FOR_EVER
    found = only(layer_of([1.0, 1.0], -1.5, points))
    assert found.status == UNKNOWN
    assert "too large" in found.reason


def test_outcomes_do_not_change_the_layer():
    layer = layer_of([1.0], -9.0, [[1.0], [1.0]])
    before = copy.deepcopy(layer.parameters)
    outcomes(layer)
    assert (layer.parameters == before).all()
    assert len(layer.points) == 2
