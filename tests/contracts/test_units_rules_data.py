"""Every unit, update rule and dataset of the tables works everywhere, and so does one that is added in one place."""

import json
from fractions import Fraction as Q

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from stability import Dataset, Unit, check, fixed_point_types, flow_limits, landscape, train, update_rule
from stability.cli.main import app
from stability.dynamics.maps.iterate import orbit
from stability.model import datasets, units, update_rules
from stability.model.update_rules import Range, RuleFamily

PARAMETER = "1/10:"
"""What stands between the name and the count of a unit that takes a parameter."""

ROWS = [[Q(1, 3), Q(-3, 4), Q(1, 7)]]


def spelled(name):
    return f"{name}1" if isinstance(units.UNITS[name], Unit) else f"{name}{PARAMETER}1"


def by_torch(place, rows):
    """Return the loss and its gradient by autograd, away from kinks."""
    unit = place.network.unit
    x = torch.tensor([[float(v) for v in row] for row in place.rows], dtype=torch.float64)
    y = torch.tensor([float(v) for v in place.data.labels], dtype=torch.float64)
    p = torch.tensor([[float(v) for v in row] for row in rows], dtype=torch.float64, requires_grad=True)
    z = x @ p.T
    out = torch.where(z > 0, float(unit.positive) * z, float(unit.negative) * z).sum(1)
    loss = ((out - y) ** 2).sum()
    loss.backward()
    return loss.item(), p.grad.numpy().ravel()


def works_as_a_unit(name):
    place = landscape(spelled(name), "xor")
    loss, gradient = by_torch(place, ROWS)
    assert float(place.loss(ROWS)) == pytest.approx(loss)
    assert [float(g) for g in place.gradient(ROWS)] == pytest.approx(list(gradient))
    atlas = place.atlas()
    assert check(atlas.record()).startswith("proved: the stationary sets")
    found = place.flow(ROWS)
    assert found.ends_on is not None
    assert flow_limits(place, np.array([[[float(v) for v in row] for row in ROWS]])).sets[0] == found.ends_on.index
    cell = place.derive("+-++")
    assert cell.gradient.shape == (3, 1)
    runs = train(
        place, "normal:0.5", update_rule("gd", step="1/50"), epochs=30, restarts=20, dtype="float64", device="cpu"
    )
    assert runs.losses.mean() < np.mean([by_torch(place, row.reshape(1, 3))[0] for row in runs.starts])


@pytest.mark.parametrize("name", units.UNITS)
def test_every_unit_works_everywhere(name):
    works_as_a_unit(name)


def test_a_unit_is_added_in_one_place(monkeypatch):
    monkeypatch.setitem(units.UNITS, "steep", Unit("steep", Q(1, 2), Q(3), Q(3)))
    works_as_a_unit("steep")


def parameters_of(name):
    given = {"step": Q(1, 50), "momentum": Q(1, 2)}
    return {key: value for key, value in given.items() if key in update_rules.RULES[name].ranges}


def works_as_a_rule(name):
    rule, place = update_rule(name, **parameters_of(name)), landscape("abs1", "xor")
    start = np.array([[[0.4, -0.6, 0.1]]])
    path = orbit(place, rule, start[0], 5)
    state = rule.start(torch.tensor([0.4, -0.6, 0.1], dtype=torch.float64))
    for k in range(5):
        gradient = by_torch(place, [state[0].tolist()])[1]
        state = rule.step(state, torch.tensor(gradient, dtype=torch.float64))
        assert np.ravel(path[k + 1]) == pytest.approx(state[0].numpy(), rel=1e-9)
    shares = place.basins("normal:0.5:0.5", 20, 0, rule=rule, max_steps=50)
    assert shares.samples == 20
    runs = train(place, "normal:0.5", rule, epochs=3, restarts=5, dtype="float64", device="cpu")
    assert np.isfinite(runs.losses).all()


@pytest.mark.parametrize("name", update_rules.RULES)
def test_every_rule_works_everywhere(name):
    works_as_a_rule(name)


def test_a_rule_is_added_in_one_place(monkeypatch):
    def move(state, g, c, how):
        p, t = state
        return how.plus(p, -c.step, g), t + 1

    added = RuleFamily("slow descent", (), {"step": Range(fraction=False)}, move)
    monkeypatch.setitem(update_rules.RULES, "slow", added)
    works_as_a_rule("slow")
    place = landscape("abs1", "xor")
    assert {each.kind for each in fixed_point_types(place, update_rule("slow", step="1/50"))} == {"sink"}


def works_as_data(name):
    spelling = datasets.EXAMPLES.get(name, name)
    found = datasets.dataset(spelling)
    assert found.name == spelling
    assert len(found.points) == len(found.labels) > 1
    assert datasets.dataset(spelling) == found
    place = landscape("relu1", spelling)
    zero = [[0] * place.width]
    assert place.loss(zero) == sum(y * y for y in found.labels)
    off = [["1/3"] * (place.width - 1) + ["1/7"]]
    shown = CliRunner().invoke(app, ["classify", "relu1", spelling, "--at", json.dumps(off)])
    assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("name", datasets.DATASETS)
def test_every_dataset_works_everywhere(name):
    works_as_data(name)


def test_a_dataset_is_added_in_one_place(monkeypatch):
    monkeypatch.setitem(datasets.DATASETS, "corner", lambda: Dataset("corner", [[0, 0], [1, 0], [0, 1]], [0, 1, 1]))
    works_as_data("corner")
