"""Forward and backward passes by hand, against torch's own functions and autograd, and on networks of one unit."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

from stability.training.deep.forward_backward import (
    BATCH_EPS,
    BATCH_MOMENTUM,
    LANES,
    LayerPass,
    NormalisedPass,
    Running,
    filled,
    root,
)
from stability.training.deep.parameters import parameters
from stability.training.deep.settings import Settings

SEEDS, POINTS, TRAIN = 3, 7, 5
HOW = {"dtype": torch.float64}


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), **HOW)


def settings(method, depth=3, width=4, **more):
    return Settings(depth, width, method, dtype="float64", **more)


def random_parameters(how, inputs=2, seeds=SEEDS):
    found = parameters(how, inputs, seeds, "cpu")
    found.flat.copy_(normal(found.flat.numel(), seed=1))
    return found


def passed(how, x, seeds=SEEDS, train=TRAIN):
    """Return a pass, with running means 0 and variances 1 where it normalises."""
    if not how.normalised:
        return LayerPass(how, x, seeds, train)
    shape = how.depth, seeds, how.width, 1
    return NormalisedPass(how, x, seeds, train, Running(torch.zeros(shape, **HOW), torch.ones(shape, **HOW)))


def plain(how, p, k, x, keep=None):
    """Return z of every layer and the logits of network k, of all points, by torch's own functions."""
    zs, h = [], x
    for j, weights in enumerate(p.layers[:-1]):
        z = h @ weights[k][:, :-1].T + weights[k][:, -1]
        if how.normalised:
            mean, variance = z[:TRAIN].mean(0), z[:TRAIN].var(0, unbiased=False)
            z = (z - mean) / (variance + 1e-3).sqrt() * p.scale[j, k, :, 0] + p.shift[j, k, :, 0]
        zs.append(z)
        h = {
            "leaky": lambda z: torch.nn.functional.leaky_relu(z, how.slope),
            "crelu": lambda z: torch.cat([z.clamp(min=0), (-z).clamp(min=0)], 1),
        }.get(how.method, torch.relu)(z)
        h = h if keep is None else h * keep[j, k, :, : len(x)].T
    return zs, (h @ p.layers[-1][k][:, :-1].T + p.layers[-1][k][:, -1])[:, 0]


@pytest.mark.parametrize(
    ("method", "dropout", "penalised"),
    [*product(["relu", "leaky", "crelu", "relu-bn"], [0.0, 0.5], [False]), *product(["sep-pu"], [0.0, 0.5], [True])],
)
def test_both_passes_are_those_of_torch(method, dropout, penalised):
    how = settings(method, dropout=dropout, slope=0.25)
    p, x = random_parameters(how), normal(POINTS, 2, seed=2)
    work = passed(how, x)
    keep = None
    if dropout:
        work.keep.copy_((normal(*work.keep.shape, seed=3) > 0) * 2.0)
        keep = work.keep
    logits = torch.zeros(SEEDS, 1, filled(POINTS), **HOW)
    work.forward(p, logits, dropping=bool(dropout))

    dlogits, extra = torch.zeros(SEEDS, 1, filled(TRAIN), **HOW), torch.zeros(3, SEEDS, 4, filled(TRAIN), **HOW)
    dlogits[..., :TRAIN] = normal(SEEDS, 1, TRAIN, seed=4)
    extra[..., :TRAIN] = normal(3, SEEDS, 4, TRAIN, seed=5)
    slopes = p.over(torch.zeros_like(p.flat))
    work.backward(p, dlogits, extra if penalised else None, slopes, dropping=bool(dropout))

    leaf = p.flat.clone().requires_grad_()
    own, objective = p.over(leaf), 0.0
    for k in range(SEEDS):
        zs, out = plain(how, own, k, x, keep)
        torch.testing.assert_close(logits[k, 0, :POINTS], out.detach(), atol=1e-12, rtol=1e-12)
        for j, z in enumerate(zs):
            torch.testing.assert_close(work.z[j, k, :, :POINTS].T, z.detach(), atol=1e-12, rtol=1e-12)
            objective = objective + (penalised * extra[j, k, :, :TRAIN].T * z[:TRAIN]).sum()
        objective = objective + (dlogits[k, 0, :TRAIN] * out[:TRAIN]).sum()
    (expected,) = torch.autograd.grad(objective, leaf)
    torch.testing.assert_close(slopes.flat, expected, atol=1e-11, rtol=1e-11)
    assert work.z_train.shape == (3, SEEDS, 4, TRAIN)
    assert work.z_back.shape[-1] == filled(TRAIN)


def one_unit(method, x, weight, bias, head=(1.0, 0.0), **more):
    """Return (settings, parameters, pass, logits) of one network with one unit over points of the line."""
    how = settings(method, 1, 1, **more)
    p = parameters(how, 1, 1, "cpu")
    p.first[0, 0] = torch.tensor([weight, bias])
    p.head[0, 0] = torch.tensor([*[head[0]] * how.features, head[1]])
    p.scale.fill_(1.0)
    work = passed(how, torch.tensor([[each] for each in x], **HOW), 1, len(x))
    logits = torch.zeros(1, 1, filled(len(x)), **HOW)
    work.forward(p, logits)
    return how, p, work, logits


@pytest.mark.parametrize(
    ("method", "out", "slope"),
    [("relu", [0, 0, 2], [0, 0, 1]), ("leaky", [-0.5, 0, 2], [0.25, 0.25, 1]), ("crelu", [2, 0, 2], [-1, 0, 1])],
)
def test_one_unit_left_of_its_kink_on_it_and_right_of_it(method, out, slope):
    """z = x at -2, 0 and 2; at 0 the slope is that of autograd: 0, or the one left of it."""
    _, p, work, logits = one_unit(method, [-2.0, 0.0, 2.0], 1.0, 0.0, **({"slope": 0.25} if method == "leaky" else {}))
    assert logits[0, 0, :3].tolist() == out
    slopes, ones = p.over(torch.zeros_like(p.flat)), torch.zeros(1, 1, LANES, **HOW)
    ones[..., :3] = 1
    work.backward(p, ones, None, slopes)
    assert work.dz[0, 0, 0, :3].tolist() == slope
    assert slopes.first[0, 0].tolist() == [-2 * slope[0] + 2 * slope[2], sum(slope)]
    assert slopes.head[0, 0, -1].item() == 3


def test_normalisation_by_hand_and_its_running_means():
    """z = x at 0 and 2 has the mean 1 and the variance 1, unbiased 2: it becomes -1 and 1 up to the 1e-3."""
    _, _, work, logits = one_unit("relu-bn", [0.0, 2.0], 1.0, 5.0)
    size = (1 + BATCH_EPS) ** -0.5
    assert work.z[0, 0, 0, :2].tolist() == pytest.approx([-size, size])
    assert logits[0, 0, :2].tolist() == pytest.approx([0.0, size])
    share = BATCH_MOMENTUM
    assert work.running.mean.item() == pytest.approx(share * 6)
    assert work.running.variance.item() == pytest.approx((1 - share) + share * 2)


def test_evaluation_takes_the_running_means_and_leaves_them():
    _, p, work, logits = one_unit("relu-bn", [0.0, 2.0], 1.0, 0.0)
    work.running.mean.fill_(-1.0)
    work.running.variance.fill_(4 - BATCH_EPS)
    p.scale.fill_(3.0)
    p.shift.fill_(0.5)
    work.evaluate(p, logits)
    assert logits[0, 0, :2].tolist() == pytest.approx([0.5 + 3 * 1 / 2, 0.5 + 3 * 3 / 2])
    assert (work.running.mean.item(), work.running.variance.item()) == (-1.0, 4 - BATCH_EPS)


def test_points_that_fill_up_do_not_count():
    """What stands there, however large, leaves slopes as they are."""
    how = settings("relu")
    p, x = random_parameters(how), normal(TRAIN, 2, seed=2)
    work, logits = passed(how, x), torch.zeros(SEEDS, 1, LANES, **HOW)
    work.forward(p, logits)
    found = []
    for junk in (0.0, 1e6):
        work.h[..., :-1, TRAIN:] = junk
        dlogits = torch.zeros(SEEDS, 1, LANES, **HOW)
        dlogits[..., :TRAIN] = 1
        slopes = p.over(torch.zeros_like(p.flat))
        work.backward(p, dlogits, None, slopes)
        found.append(slopes.flat.clone())
    assert torch.equal(*found)


@pytest.mark.parametrize(("n", "full"), [(0, 0), (1, 16), (16, 16), (17, 32), (85, 96)])
def test_points_are_filled_up_to_lanes(n, full):
    assert filled(n) == full


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_roots_are_correctly_rounded_and_go_where_they_are_wanted(dtype):
    x = torch.rand(300, generator=torch.Generator().manual_seed(0), dtype=dtype) * 100
    found = root(x)
    y = found.numpy()
    below, above = (np.nextafter(y, np.array(end, y.dtype)) for end in (0, np.inf))
    for value, least, nearest, most in zip(x.tolist(), *map(np.ndarray.tolist, (below, y, above)), strict=True):
        ends = [(Fraction(nearest) + Fraction(other)) / 2 for other in (least, most)]
        assert ends[0] ** 2 < Fraction(value) < ends[1] ** 2
    out = torch.zeros_like(x)
    assert root(x, out) is out
    assert torch.equal(out, found)
    assert root(torch.zeros(0, dtype=dtype)).tolist() == []
