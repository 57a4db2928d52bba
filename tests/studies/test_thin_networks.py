"""Trainings of deep thin networks: one seed is one result, the networks of a seed are the same, and remedies act."""

import pytest
import torch

from stability.studies import thin_networks
from stability.studies.deep_starts import TASKS, start_accuracies
from stability.studies.thin_networks import CONTENDERS, RECYCLE, SIZES, Contender, thin_run


@pytest.mark.parametrize("contender", list(CONTENDERS))
def test_a_seed_has_one_result_whatever_came_before(contender):
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = thin_run("30 x 6", contender, 200, 22)
    assert torch.equal(torch.get_rng_state(), state)
    thin_run("30 x 6", "recycle", 201, 12)
    torch.manual_seed(2)
    assert thin_run("30 x 6", contender, 200, 22) == first


def test_networks_of_other_seeds_are_others():
    one, other = (thin_run("30 x 6", "spheres", seed, 0)["loss"] for seed in (200, 201))
    assert one != other


@pytest.mark.parametrize(("contender", "start"), [("plain", "torch"), ("he", "he"), ("spheres", "hypersphere")])
def test_without_a_remedy_it_is_the_training_side_by_side(contender, start):
    for steps in (0, 40):
        (alone,) = start_accuracies("moons", [start], seeds=1, steps=steps, first=200)[start]
        assert thin_run("30 x 6", contender, 200, steps)["accuracy"] == pytest.approx(alone, abs=0.02)


def test_networks_have_the_layers_and_units_that_they_are_called_by(monkeypatch):
    made = []
    real = thin_networks.started_network
    monkeypatch.setattr(thin_networks, "started_network", lambda *given: made.append(real(*given)) or made[-1])
    for name in SIZES:
        thin_run(name, "plain", 200, 0)
        maps = [part for part in made[-1] if isinstance(part, torch.nn.Linear)]
        depth, width = map(int, name.split(" x "))
        assert [part.out_features for part in maps] == [*[width] * depth, 2]


def test_a_remedy_begins_from_the_network_that_it_is_compared_with():
    for name in ("recycle", "better", "careful"):
        assert thin_run("30 x 6", name, 200, 0) == thin_run("30 x 6", "plain", 200, 0)
    assert thin_run("30 x 6", "spheres, careful", 200, 0) == thin_run("30 x 6", "spheres", 200, 0)


@pytest.mark.parametrize("contender", ["careful", "better", "spheres, careful"])
def test_a_controller_scales_no_stack_so_thin_that_examples_would_be_lost(contender):
    assert thin_run("30 x 6", contender, 200, 12)["interventions"].keys() <= {"revival", "separation"}


def test_dormant_units_are_drawn_anew_nine_times(monkeypatch):
    calls = []
    monkeypatch.setattr(thin_networks, "recycle", lambda model, optimizer, x: calls.append(x.shape) or 3)
    assert thin_run("30 x 6", "recycle", 200, 20)["interventions"] == {RECYCLE: 27}
    assert calls == [(85, 2)] * 9


def test_what_is_drawn_anew_are_not_the_weights_of_the_start(monkeypatch):
    monkeypatch.setitem(thin_networks.CONTENDERS, "drawn", Contender(remedy=RECYCLE))
    drawn, first = [], []

    def draw(model, optimizer, x):
        first.append(model[0].weight.detach().clone())
        drawn.append(torch.nn.Linear(2, 6).weight.detach())
        return 0

    monkeypatch.setattr(thin_networks, "recycle", draw)
    thin_run("30 x 6", "drawn", 200, 10)
    assert not torch.allclose(drawn[0], first[0], atol=0.05)
    assert len({tuple(each.flatten().tolist()) for each in drawn}) == len(drawn)


def test_the_protocol_is_that_of_the_page():
    own = TASKS["moons"]
    assert (own.steps, own.rate, own.batch) == (1500, 1e-3, 0)
