"""Runs that are done leave after each phase, and everybody's end is kept: on runs that count their own epochs."""

import torch

from stability.model.update_rules import update_rule
from stability.training.ensembles.epochs import LANES, REASONS
from stability.training.ensembles.phases import run_phases

ADAM, DESCENT = update_rule("adam", step="1/10"), update_rule("gd", step="1/10")
STOPPED = REASONS.index("loss")


class Counting:
    """Runs that add 1 to their second parameter and to their buffers each epoch, and stop at an epoch of their own.

    The first parameter says which run it is.
    """

    def __init__(self, stops):
        self.stops, self.calls = torch.tensor(stops), []
        self.start = torch.stack([torch.arange(float(len(stops))), torch.zeros(len(stops))])

    def __call__(self, batch, done, count):
        self.calls.append((done, count, batch.p.shape[1]))
        batch = batch.map(torch.clone)
        for t in range(done, done + count):
            ends = batch.alive & (self.stops[batch.p[0].long()] <= t)
            batch.reason[ends] = STOPPED
            batch.alive[ends] = False
            batch.p[1] += batch.alive
            batch.epochs[:] += batch.alive.to(batch.epochs.dtype)
            for each in batch.buffers:
                each[:, batch.alive] += 1
        return batch

    def run(self, phase, epochs, snapshots=(), rule=ADAM):
        return run_phases(self.start, rule, self, phase, epochs, snapshots)


STOPS = [7, 100, 0, 23, 8, *[3] * 200, 100, 60]


def test_every_run_ends_where_it_stopped_whoever_left_before():
    runs = Counting(STOPS)
    final, epochs, reasons, kept, buffers = runs.run(phase=10, epochs=60)
    expected = runs.stops.clamp(max=60)
    assert torch.equal(final, torch.stack([runs.start[0], expected.float()]))
    assert torch.equal(epochs, expected.int())
    assert torch.equal(reasons, torch.where(runs.stops < 60, STOPPED, REASONS.index("epochs")).int())
    assert kept == {}
    assert len(buffers) == 2
    for each in buffers:
        assert torch.equal(each, torch.where(runs.stops < 60, 0, 60).float().expand(2, -1))


def test_batches_shrink_and_are_filled_up():
    runs = Counting(STOPS)
    runs.run(phase=10, epochs=60)
    assert [(done, count) for done, count, _ in runs.calls] == [(k, 10) for k in range(0, 60, 10)]
    sizes = [size for *_, size in runs.calls]
    assert sizes == [4 * LANES, *[LANES] * 5]  # 207 runs, of which 4 are left after the first phase


def test_fewer_than_a_fifth_that_are_done_stay_in_the_batch():
    """80 runs fill two times LANES; 65 that go on are not worth copying, 64 are."""
    for gone, second in ((0, 2), (15, 2), (16, 1)):
        runs = Counting([3] * gone + [100] * (80 - gone))
        final, epochs, *_ = runs.run(phase=10, epochs=20)
        assert [size for *_, size in runs.calls] == [2 * LANES, second * LANES]
        assert epochs.tolist() == [3] * gone + [20] * (80 - gone)
        assert final[1].tolist() == epochs.tolist()


def test_snapshots_are_taken_at_their_epochs_of_all_runs():
    runs = Counting(STOPS)
    *_, kept, _ = runs.run(phase=10, epochs=30, snapshots=(0, 4, 10, 25))
    assert {t: p[1].tolist() for t, p in kept.items()} == {t: runs.stops.clamp(max=t).tolist() for t in (0, 4, 10, 25)}
    assert [(done, count) for done, count, _ in runs.calls] == [(0, 4), (4, 6), (10, 10), (20, 5), (25, 5)]


def test_when_all_have_stopped_nothing_is_computed_any_more():
    runs = Counting([2, 5, 1])
    final, epochs, reasons, kept, buffers = runs.run(phase=4, epochs=1000, snapshots=(3, 900))
    assert epochs.tolist() == final[1].tolist() == [2, 5, 1]
    assert reasons.tolist() == [STOPPED] * 3
    assert [(done, count) for done, count, _ in runs.calls] == [(0, 3), (3, 1), (4, 4)]
    assert kept[3][1].tolist() == [2, 3, 1]
    assert kept[900][1].tolist() == [2, 5, 1]
    assert all(each.abs().sum() == 0 for each in buffers)


def test_no_epoch_leaves_the_start():
    runs = Counting([5, 0])
    final, epochs, reasons, kept, buffers = runs.run(phase=4, epochs=0, snapshots=(0,))
    assert runs.calls == []
    assert torch.equal(final, runs.start)
    assert torch.equal(kept[0], runs.start)
    assert (epochs.tolist(), reasons.tolist()) == ([0, 0], [0, 0])
    assert len(buffers) == 2


def test_a_rule_without_buffers_returns_none():
    assert Counting([5, 9]).run(phase=4, epochs=6, rule=DESCENT)[-1] == []


def test_the_start_is_left_as_it_is():
    runs = Counting([5, 9])
    before = runs.start.clone()
    runs.run(phase=2, epochs=6, snapshots=(0, 3))
    assert torch.equal(runs.start, before)


def test_a_phase_beyond_the_epochs_is_cut():
    runs = Counting([50])
    assert runs.run(phase=100, epochs=7)[1].tolist() == [7]
    assert runs.calls == [(0, 7, LANES)]
