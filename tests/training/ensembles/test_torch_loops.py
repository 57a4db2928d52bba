"""Loops for GPUs, compiled for the CPU here: they have the bits of epochs that are taken step by step."""

import numpy as np
import pytest

from stability.model.update_rules import update_rule
from stability.training.ensembles import engines, torch_loops
from stability.training.ensembles.engines import has_compiler
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task
from stability.training.ensembles.torch_loops import FUSED, GRAIN, TILE, tile_size, torch_advance

ADAM = update_rule("adam", step="1/100", beta2="99/100")
needs_compiler = pytest.mark.skipif(not has_compiler("cpu"), reason="there is no C++ compiler")


@pytest.fixture
def fused(monkeypatch):
    """Let the mode compiled take the loops of torch.compile."""

    def compiled(*given):
        task, rule, stops, _, _, restarts, step_by_step = given
        return torch_advance(task, rule, stops, tile_size(restarts), step_by_step)

    monkeypatch.setattr(engines, "_compiled", compiled)


@pytest.mark.slow
@needs_compiler
@pytest.mark.usefixtures("fused")
@pytest.mark.parametrize(
    ("model", "each", "dtype"),
    [
        ("relu2", ADAM, "float32"),
        ("abs1", update_rule("gd", step="1/20"), "float64"),
        ("relu2-linear", ADAM, "float32"),
    ],
)
def test_fused_loops_have_the_bits_of_eager_ones(monkeypatch, model, each, dtype):
    monkeypatch.setattr(torch_loops, "TILE", GRAIN)  # two tiles, and the second is not full
    how = {"epochs": 151, "stop_loss": 1e-5, "patience": 11, "dtype": dtype, "restarts": 5000, "snapshots": (10, 150)}
    compiled, eager = (
        train(task(model, "xor"), "normal:0.5:0.5", each, mode=mode, device="cpu", **how)
        for mode in ("compiled", "eager")
    )
    assert (compiled.mode, eager.mode) == ("compiled", "eager")
    for name in ("points", "losses", "outputs", "stopped", "reasons"):
        assert np.array_equal(getattr(compiled, name), getattr(eager, name)), name
    assert all(np.array_equal(compiled.snapshots[t], eager.snapshots[t]) for t in (10, 150))


@pytest.mark.usefixtures("fused")
def test_epochs_too_few_to_be_fused_are_taken_step_by_step():
    given, how = task("relu2", "xor"), {"epochs": FUSED - 1, "restarts": 9, "device": "cpu"}
    compiled, eager = (train(given, "normal:0.5", ADAM, mode=mode, **how) for mode in ("compiled", "eager"))
    assert compiled.mode == "compiled"
    assert np.array_equal(compiled.points, eager.points)


@pytest.mark.parametrize("restarts", [1, GRAIN, GRAIN + 1, TILE, TILE + 1, 3 * TILE - 5, 10**6])
def test_tiles_are_few_and_nearly_full(restarts):
    size = tile_size(restarts)
    tiles = -(-restarts // size)
    assert size % GRAIN == 0
    assert size <= TILE
    assert tiles * size - restarts < tiles * GRAIN
