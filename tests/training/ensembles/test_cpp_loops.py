"""Loops of the C++ compiler have the bits of epochs taken step by step, whatever starts, vectors and threads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from stability.compute.cpp import compiler
from stability.errors import StabilityError
from stability.model.units import UNITS
from stability.model.update_rules import RULES, update_rule
from stability.training.ensembles import cpp_loops
from stability.training.ensembles.cpp_loops import cpp_advance
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.epochs import LANES, Stops, fresh
from stability.training.ensembles.problem import task

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")
pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]

ADAM = update_rule("adam", step="1/100", beta2="99/100")
MODELS = ["relu2", "abs1", "leaky1/10:2", "relu2-linear", "abs3-linear"]
LAYERS = ["abs[1,-1/2]+c", "leaky1/10[-,2]+c-nob", "abs2-out-nob", "relu2-out+c", "relu2-out"]
STOPS = [{}, {"stop_loss": 1e-3}, {"stop_loss": 1e-3, "patience": 5}]
ARRAYS = ("points", "losses", "outputs", "accuracies", "stopped", "reasons", "buffers")


def starts(given, count=640):
    """Return usual starts, and such as reach kinks, signed zeros, subnormal numbers, infinity and NaN."""
    rng = np.random.default_rng(4)
    special = np.array([0, -0.0, 1e-45, -1e-40, 1e-20, 1, -1, 0.5, -2, 1e15, -1e19, 3e38])
    return np.concatenate([rng.normal(size=(count, given.parameters)), rng.choice(special, (count, given.parameters))])


def same_bits(a, b):
    """Whether two arrays are equal, signs of zeros included; one NaN is like another."""
    numbers = ~np.isnan(a)
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a)[numbers], np.signbit(b)[numbers])


def assert_same(a, b, count=None):
    for name in ARRAYS:
        assert same_bits(getattr(a, name)[:count], getattr(b, name)[:count]), name
    assert all(same_bits(a.snapshots[t][:count], b.snapshots[t][:count]) for t in a.snapshots)


def both(model, each, begin=None, **how):
    given = task(model, "xor")
    how = {"epochs": 70, "snapshots": (1, 2, 3, 70), "device": "cpu", **how}
    begin = starts(given) if begin is None else begin
    compiled, eager = (train(given, begin, each, mode=mode, **how) for mode in ("compiled", "eager"))
    assert (compiled.mode, eager.mode) == ("compiled", "eager")
    return compiled, eager


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", MODELS)
def test_the_bits_are_those_of_eager_epochs(model, rule):
    dtype = ("float32", "float64")[(MODELS.index(model) + [*RULES].index(rule)) % 2]
    assert_same(*both(model, update_rule(rule, step="1/20"), dtype=dtype, **STOPS[2]))


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", MODELS + LAYERS)
def test_the_bits_are_those_of_eager_epochs_everywhere(model, rule):
    """All models with all rules; precisions and stops take turns, so that each rule meets all pairs of them."""
    turn = (MODELS + LAYERS).index(model) + [*RULES].index(rule)
    dtype, stops = ("float32", "float64")[turn % 2], STOPS[turn % 3]
    assert_same(*both(model, update_rule(rule, step="1/20"), dtype=dtype, **stops))


@pytest.mark.parametrize("model", LAYERS)
def test_the_bits_are_those_of_eager_epochs_with_every_output_layer(model):
    assert_same(*both(model, ADAM, **STOPS[1]))


@pytest.mark.parametrize("stops", STOPS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_are_those_of_eager_epochs_with_any_stops(dtype, stops):
    assert_same(*both("relu2", ADAM, dtype=dtype, **stops))


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_a_loop(unit):
    assert_same(*both(f"{unit}1/3:2" if unit == "leaky" else f"{unit}2", ADAM))


def test_the_starts_reach_what_is_special():
    found = both("relu2-linear", update_rule("gd", step="1/20"))[1]
    assert np.isinf(found.losses).any()
    assert np.isnan(found.outputs).any()
    assert (np.signbit(found.points) & (found.points == 0)).any()
    assert ((abs(found.points) > 0) & (abs(found.points) < np.finfo(np.float32).tiny)).any()


@pytest.mark.parametrize("rule", RULES)
def test_runs_that_diverge_stop_at_the_same_epoch(rule):
    compiled, eager = both("relu2", update_rule(rule, step=30), epochs=400, snapshots=(400,))
    assert_same(compiled, eager)


@pytest.mark.parametrize("stops", STOPS, ids=str)
def test_a_run_does_not_depend_on_its_company(stops):
    given, how = task("relu2", "xor"), {"seed": 7, "epochs": 150, "mode": "compiled", "device": "cpu", **stops}
    whole = train(given, "normal:0.5", ADAM, restarts=3000, **how)
    assert_same(whole, train(given, "normal:0.5", ADAM, restarts=137, **how), 137)
    assert_same(whole, train(given, "normal:0.5", ADAM, restarts=1, **how), 1)
    assert_same(whole, train(given, "normal:0.5", ADAM, restarts=3000, chunk=700, **how))
    assert not np.array_equal(
        whole.points, train(given, "normal:0.5", ADAM, restarts=3000, **{**how, "seed": 8}).points
    )


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("piece", [1, 3 * 3008, 2**25])
def test_threads_and_pieces_change_nothing(monkeypatch, threads, piece):
    how = {"epochs": 40, "restarts": 3000, "stop_loss": 1e-3, "device": "cpu"}
    eager = train(task("abs1", "xor"), "normal:0.5", ADAM, mode="eager", **how)
    monkeypatch.setattr(cpp_loops, "SHARE", LANES)
    monkeypatch.setattr(cpp_loops, "PIECE", piece)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert_same(train(task("abs1", "xor"), "normal:0.5", ADAM, mode="compiled", **how), eager)


@pytest.mark.parametrize(("size", "threads", "share"), [(64, 4, 64), (640, 3, 64), (6400, 2, 4096), (4032, 2, 4096)])
def test_shares_are_whole_vectors_and_cover_all(monkeypatch, size, threads, share):
    monkeypatch.setattr(cpp_loops, "SHARE", share)
    found = cpp_loops._shares(size, threads)
    assert [k for first, last in found for k in range(first, last)] == list(range(size))
    assert len(found) <= threads
    assert all(first % LANES == 0 and (last - first >= share or last == size) for first, last in found)


@pytest.mark.parametrize("target", ["-msse2", "-mavx2", "-mavx512f"])
def test_vectors_of_any_size_give_the_same(monkeypatch, target):
    flag = target[2:]
    known = Path("/proc/cpuinfo").read_text().split() if Path("/proc/cpuinfo").exists() else []
    if flag not in known:
        pytest.skip(f"the processor has no {flag}")
    monkeypatch.setattr(cpp_loops, "TARGETS", ((target,),))
    cpp_loops._loop.cache_clear()
    for dtype in ("float32", "float64"):
        assert_same(*both("leaky1/10:2", ADAM, dtype=dtype, stop_loss=1e-3))
    cpp_loops._loop.cache_clear()


def test_flags_matter(monkeypatch):
    """Products and sums that are rounded at once show, where the processor can do so."""
    monkeypatch.setattr(
        cpp_loops, "FLAGS", ("-ffp-contract=fast", *(f for f in cpp_loops.FLAGS if "contract" not in f))
    )
    cpp_loops._loop.cache_clear()
    compiled, eager = both("relu2", ADAM, epochs=300, snapshots=())
    cpp_loops._loop.cache_clear()
    if "fma" in Path("/proc/cpuinfo").read_text().split():
        assert not same_bits(compiled.points, eager.points)


def test_one_loop_serves_all_steps_and_stops_of_a_rule(monkeypatch):
    real, made = subprocess.run, []
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: made.append(a) or real(*a, **k))
    cpp_loops._loop.cache_clear()
    for step in ("1/10", "1/20", "1/30"):
        for stop_loss in (1e-3, 1e-4):
            both("abs1", update_rule("heavy-ball", step=step), epochs=20, snapshots=(), stop_loss=stop_loss)
    assert len(made) == 1
    both("abs1", update_rule("heavy-ball", step=step), epochs=20, snapshots=(), stop_loss=1e-3, patience=3)
    assert len(made) == 2


def test_a_patience_beyond_all_epochs_is_none():
    for dtype in ("float32", "float64"):
        patient, eager = both("abs1", ADAM, patience=2**31 + 5, dtype=dtype)[0], both("abs1", ADAM, dtype=dtype)[1]
        assert same_bits(patient.points, eager.points)


def test_batches_of_broken_vectors_are_refused():
    given = task("abs1", "xor")
    advance = cpp_advance(given, ADAM, Stops(), torch.float32)
    with pytest.raises(StabilityError, match="multiple of 64 runs; got 65"):
        advance(fresh(torch.zeros(given.parameters, 65), ADAM), 0, 1)


def test_rows_need_not_be_contiguous():
    given = task("abs1", "xor")
    columns = torch.from_numpy(starts(given)[:LANES]).T
    advance = cpp_advance(given, ADAM, Stops(), torch.float64)
    moved = [advance(fresh(x, ADAM), 0, 9).p for x in (columns.contiguous(), columns)]
    assert [x.is_contiguous() for x in moved] == [True, False]
    assert torch.equal(*moved)


def test_nothing_slow_is_loaded_and_nothing_stays_on_the_disk(tmp_path):
    """The first call of a fresh process takes no part of torch.compile, and needs no cache."""
    program = (
        "import sys\n"
        "from stability import landscape, train, update_rule\n"
        "from stability.training.ensembles.ensemble import train\n"
        "rule = update_rule('adam', step='1/100')\n"
        "runs = train(landscape('abs1', 'xor'), 'normal:0.5', rule, epochs=9, mode='compiled', device='cpu')\n"
        "print(runs.mode, 'torch._dynamo' in sys.modules, 'torch._inductor' in sys.modules)\n"
    )
    places = {"TMPDIR": str(tmp_path), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "inductor")}
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **places}, capture_output=True, text=True)
    assert done.stdout.split() == ["compiled", "False", "False"], done.stderr
    assert list(tmp_path.iterdir()) == []


def test_large_tasks_that_are_small_enough_have_the_bits_too():
    wide = task("relu12", "parity:3")
    assert wide.is_small
    begin = np.random.default_rng(0).normal(size=(70, wide.parameters))
    compiled, eager = (train(wide, begin, ADAM, epochs=30, mode=mode) for mode in ("compiled", "eager"))
    assert_same(compiled, eager)
