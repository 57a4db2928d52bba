"""Schedules rise and fall, batches cover an epoch, and scores are those of a computation by hand."""

from itertools import islice, pairwise
from math import log

import pytest
import torch
from torch import nn

from stability.studies import small_trainings as small
from stability.studies.player_trainings import RING, Memory, balanced, fallen, fresh, moved


def test_batches_cover_an_epoch_without_repeats_and_differ_by_seed():
    first = [*islice(small.batches(0, 4, 10), 2)]
    assert len({*torch.cat(first).tolist()}) == 8
    assert [each.tolist() for each in first] == [each.tolist() for each in islice(small.batches(0, 4, 10), 2)]
    assert [each.tolist() for each in first] != [each.tolist() for each in islice(small.batches(1, 4, 10), 2)]


def test_a_schedule_rises_to_the_rate_and_falls_to_a_hundredth():
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 2.0)
    schedule = small.warmed_up(optimiser, 20, 4)
    rates = []
    for _ in range(21):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    assert rates[:5] == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0])
    assert rates[12] == pytest.approx(2 * (0.01 + 0.99 / 2))
    assert rates[20] == pytest.approx(0.02)
    assert all(a >= b for a, b in pairwise(rates[4:]))


def test_scores_are_those_by_hand_and_modes_come_back():
    model = nn.Sequential(nn.Dropout(0.9), nn.Identity())
    x = torch.eye(3)
    assert small.accuracy(model, x, torch.tensor([0, 1, 0]))() == pytest.approx(2 / 3)
    assert model.training
    assert model[0].training
    assert small.explained(model, x, x)() == 1.0
    assert small.explained(model, x.mean(0).expand(3, 3), x)() == pytest.approx(0.0)


def test_losses_of_places_are_by_example_and_place():
    out = torch.zeros(2, 3, 5)
    losses = small.entropy_losses(out, torch.zeros(2, 3, dtype=torch.long))
    assert losses.shape == (2, 3)
    assert torch.allclose(losses, torch.full((2, 3), log(5)))
    assert torch.equal(small.squared_losses(torch.ones(2, 1), torch.zeros(2, 1)), torch.ones(2, 1))


def test_a_step_clips_the_gradient_and_notes_the_loss():
    model = nn.Linear(1, 1, bias=False)
    optimiser = torch.optim.SGD(model.parameters(), 1.0)

    def data():
        return (torch.tensor([[100.0]]), torch.tensor([[-100.0]]))

    before, noted = float(model.weight), []
    run = small.supervised(model, data, small.squared_losses, optimiser, lambda: 0.0, clip=0.5)
    run.step(lambda name, loss: noted.append((name, float(loss))))
    assert noted == [("model", pytest.approx((100 * before + 100) ** 2))]
    assert before - float(model.weight) == pytest.approx(0.5, rel=1e-4)


def test_a_cart_moves_by_its_equations():
    """Compare with the equations of Barto, Sutton and Anderson written out in numbers for one state."""
    state = torch.tensor([[0.1, -0.2, 0.05, 0.3]])
    after = moved(state, torch.tensor([1]))[0]
    from math import cos, sin

    thrust = (10 + 0.1 * 0.5 * 0.3**2 * sin(0.05)) / 1.1
    bend = (9.8 * sin(0.05) - cos(0.05) * thrust) / (0.5 * (4 / 3 - 0.1 * cos(0.05) ** 2 / 1.1))
    drive = thrust - 0.1 * 0.5 * bend * cos(0.05) / 1.1
    expected = [0.1 - 0.02 * 0.2, -0.2 + 0.02 * drive, 0.05 + 0.02 * 0.3, 0.3 + 0.02 * bend]
    assert after.tolist() == pytest.approx(expected, rel=1e-5)
    assert fallen(torch.tensor([[0, 0, 0.2, 0], [0, 0, 0.22, 0], [2.5, 0, 0, 0.0]])).tolist() == [False, True, True]


def test_a_player_who_does_nothing_sensible_lets_poles_fall():
    stream = torch.Generator().manual_seed(0)
    always = balanced(lambda states: torch.ones(len(states)), stream)
    assert 5 < always < 15
    upright = balanced(lambda states: (states[:, 2] + 0.3 * states[:, 3] > 0).long(), stream)
    assert upright > 100
    assert fresh(3, stream).abs().max() <= 0.05


def test_a_memory_forgets_the_oldest():
    memory = Memory(size=2)
    for k in range(3):
        memory.add(torch.tensor([k]), torch.tensor([10 * k]))
    found = memory.drawn(20, torch.Generator().manual_seed(0))
    assert {*found[0].tolist()} == {1, 2}
    assert torch.equal(found[1], 10 * found[0])


def test_centres_stand_on_a_circle():
    assert torch.allclose(RING.norm(dim=1), torch.ones(8))
    assert torch.cdist(RING, RING).fill_diagonal_(9).min() > 0.7
