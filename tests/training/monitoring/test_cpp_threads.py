"""What is shared among threads has the bits of one thread, and no more is shared than torch shares."""

import ctypes
import os
import subprocess
import sys

import pytest
import torch

from stability.compute.cpp import compiler, library
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring import one_pass
from stability.training.monitoring.cpp_source import SOURCE

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")

ASKED = 'extern "C" long threads_of(long n) { return threads_for(n); }'
LAYERS = [((600, 300), -1), ((2, 70_000), -1), ((70_001, 2), -1), ((40, 3, 35, 36), 1), ((3, 2, 150, 151), 1)]
WEIGHTS = [(300, 500), (1, 200_003), (70_000, 3), (513, 257)]


@pytest.fixture
def on_threads():
    """Return what a function returns on each of some numbers of threads."""
    before = torch.get_num_threads()

    def found(call, counts=(1, 2, 3, 7)):
        for count in counts:
            torch.set_num_threads(count)
            yield call()

    yield found
    torch.set_num_threads(before)


def made(*flags):
    return library(SOURCE + ASKED, (*one_pass.FLAGS[:-1], *flags, "-"))


@pytest.mark.skipif(sys.platform != "linux", reason="threads are shared where OpenMP is found by its name")
def test_much_is_shared_among_the_threads_of_torch(on_threads):
    if not hasattr(ctypes.CDLL(None), "GOMP_parallel"):
        pytest.skip("torch uses no OpenMP here")
    own = made()
    counts = [[own.threads_of(ctypes.c_long(n)) for n in (1, 100_000, 2**17, 2**30)] for _ in on_threads(lambda: 0)]
    assert counts == [[1, 1, k, k] for k in (1, 2, 3, 7)]


def test_without_openmp_one_thread_does_it(on_threads):
    own = made("-U__linux__")
    assert [own.threads_of(ctypes.c_long(2**30)) for _ in on_threads(lambda: 0)] == [1] * 4
    x = torch.randn(2**18)
    own.norm.restype = ctypes.c_double
    places = (ctypes.c_void_p * 1)(x.data_ptr())
    norm = own.norm(ctypes.c_long(1), places, one_pass.sizes_of((x.numel(),)))
    assert norm == one_pass.norm_of([x]) == pytest.approx(float(x.double().norm()), rel=1e-6)


@pytest.mark.parametrize(("shape", "axis"), LAYERS)
def test_extremes_of_large_layers(shape, axis, on_threads):
    torch.manual_seed(0)
    z = torch.randn(shape)
    table, points = z.movedim(axis, 0).flatten(1), z.flatten(1).max(1).values
    expected = torch.cat([table.max(1).values, table.min(1).values, points])
    for ends in on_threads(lambda: one_pass.reduced(z, axis)[1]):
        assert torch.equal(ends, expected)
    for ((_, _, found),) in on_threads(lambda: one_pass.extremes_of([TracedActivation("a", z, axis)])):
        assert torch.equal(found[0], expected)


@pytest.mark.parametrize("place", [0, 90_000, 179_999])
def test_a_nan_is_seen_by_whichever_thread(place, on_threads):
    z = torch.zeros(600, 300)
    z.view(-1)[place] = torch.nan
    assert [*on_threads(lambda: one_pass.reduced(z, -1))] == [None] * 4


@pytest.mark.parametrize("shape", WEIGHTS)
def test_norms_of_rows_of_large_weights(shape, on_threads):
    torch.manual_seed(0)
    w, g = torch.randn(shape), torch.randn(shape)
    first, *others = on_threads(lambda: one_pass.row_norms_of([w], [g]))
    assert all(torch.equal(each, first) for each in others)
    expected = torch.cat([w.double().norm(dim=1), g.double().norm(dim=1)])
    assert torch.allclose(first[0, : 2 * shape[0]].double(), expected, rtol=1e-6, atol=0)


def test_all_numbers_of_a_reading(on_threads):
    torch.manual_seed(0)
    weights, gradients = ([torch.randn(shape) for shape in WEIGHTS] for _ in range(2))
    bias, long = torch.randn(50), torch.randn(300_001)
    places = [x.data_ptr() for x in (*weights, *gradients, bias, long)]
    parts = [one_pass.Part(one_pass.COPY, 8, 50), one_pass.Part(one_pass.NORM, 9, long.numel())]
    parts += [one_pass.Part(one_pass.ROWS, k, *shape, 4 + k) for k, shape in enumerate(WEIGHTS)]
    parts += [one_pass.Part(one_pass.COPY, 9, 100, 3000)]
    norms = [one_pass.row_norms_of([w], [g])[0] for w, g in zip(weights, gradients, strict=True)]
    expected = torch.cat([bias, torch.tensor([one_pass.norm_of([long])]), *norms, long[:300_000:3000]])
    for found in on_threads(lambda: one_pass.Collected(parts)(places)):
        assert torch.equal(found, expected)


def test_the_norm_of_many_tensors(on_threads):
    torch.manual_seed(0)
    tensors = [torch.randn(n) for n in (3, 200_000, 1, 32_767, 32_768, 100_001)]
    first, *others = on_threads(lambda: one_pass.norm_of(tensors))
    assert others == [first] * 3
    assert first == pytest.approx(float(torch.cat(tensors).double().norm()), rel=1e-6)


FORKED = """
import os, sys, time, torch
from torch import nn
from stability import Monitor

torch.randn(2**20).exp()
child = os.fork()
if child == 0:
    model = nn.Sequential(*(part for _ in range(60) for part in (nn.Linear(64, 64), nn.ReLU())))
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    monitor = Monitor(model) if sys.argv[1] == "monitored" else None
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.ones(8, 64)).square().mean().backward()
        optimizer.step()
    os._exit(len(monitor.readings) if monitor else 0)
for _ in range(int(sys.argv[2])):
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
    time.sleep(0.1)
else:
    os.kill(child, 9)
print(os.waitstatus_to_exitcode(status) if done else "it waits for ever")
"""


def trained_in_a_fork(*args):
    command = [sys.executable, "-W", "ignore", "-c", FORKED, *args]
    env = os.environ | {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "1"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_that_torch_can_train_in_can_be_monitored():
    """OpenMP waits for threads that a forked process does not have; tensors as small as these torch does not share."""
    if trained_in_a_fork("bare", "50") != "0":
        pytest.skip("torch itself waits for ever here: small as they are, it shares these tensors among threads")
    assert trained_in_a_fork("monitored", "300") == "2"
