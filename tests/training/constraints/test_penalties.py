"""Slacks and penalties are those worked out by hand, and their slopes go where the ties rule says."""

import itertools

import numpy as np
import pytest
import torch

from stability.errors import DataError, NumberError, UnknownNameError
from stability.model.relu_network import KINDS
from stability.training.constraints.penalties import penalty, slacks
from stability.training.deep.penalty_gradient import PenaltyGradient

Z = torch.tensor([[2.0, -0.5], [0.25, -3.0], [-0.5, 0.5]], dtype=torch.float64)
"""Three points at two units. Columns: (2, -0.5), (0.5, -3); rows: (2, -0.5), (0.25, -3), (0.5, -0.5)."""

BY_HAND = {
    "sep-u": ([0, 0.5], [0.5, 0]),
    "sep-p": ([0, 0.75, 0.5], [0.5, 0, 0.5]),
    "sep-pu": ([0, 0.5, 0, 0.75, 0.5], [0.5, 0, 0.5, 0, 0.5]),
    "sep-l": ([0], [0]),
}


@pytest.mark.parametrize("ties", ["split", "first"])
@pytest.mark.parametrize("kind", KINDS)
def test_slacks_by_hand(kind, ties):
    upper, lower = slacks(Z, kind, ties)
    assert upper.tolist() == BY_HAND[kind][0]
    assert lower.tolist() == BY_HAND[kind][1]


@pytest.mark.parametrize(("rho", "power"), [(0.5, 2), (0.51, 2), (0.25, 1), (0, 2), (1, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_penalties_by_hand(kind, rho, power):
    terms = [(rho * u + (1 - rho) * v) ** power for u, v in zip(*BY_HAND[kind], strict=True)]
    assert penalty(Z, kind, rho, power, reduction="none").tolist() == pytest.approx(terms)
    assert float(penalty(Z, kind, rho, power)) == pytest.approx(sum(terms))
    parts = [terms[:2], terms[2:]] if kind == "sep-pu" else [terms]
    assert float(penalty(Z, kind, rho, power, reduction="mean")) == pytest.approx(sum(np.mean(part) for part in parts))


def test_the_power_goes_over_the_mixture_not_over_each_slack():
    z = torch.zeros(1, 1)
    assert float(penalty(z, "sep-l", 0.5, 2)) == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_layers_stand_each_for_itself(kind):
    z = torch.randn(3, 2, 5, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for i, j in itertools.product(range(3), range(2)):
        assert penalty(z, kind)[i, j] == penalty(z[i, j], kind)


def test_the_sum_of_units_and_points():
    z = torch.randn(7, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for reduction in ("sum", "mean"):
        both = penalty(z, "sep-pu", reduction=reduction)
        parts = penalty(z, "sep-u", reduction=reduction) + penalty(z, "sep-p", reduction=reduction)
        torch.testing.assert_close(both, parts)


def slope(z, kind, **how):
    z = z.clone().requires_grad_()
    penalty(z, kind, **how).sum().backward()
    return z.grad


def test_ties_are_split_or_go_to_the_first():
    z = torch.tensor([[0.5, 0.0], [0.5, 0.0]])
    up = {"rho": 1.0, "power": 1}
    assert slope(z, "sep-u", **up).tolist() == [[-0.5, -0.5], [-0.5, -0.5]]
    assert slope(z, "sep-u", ties="first", **up).tolist() == [[-1, -1], [0, 0]]
    assert slope(z, "sep-p", **up).tolist() == [[-1, 0], [-1, 0]]
    assert slope(z, "sep-l", **up).tolist() == [[-0.5, 0], [-0.5, 0]]
    assert slope(z, "sep-l", ties="first", **up).tolist() == [[-1, 0], [0, 0]]


@pytest.mark.parametrize("kind", KINDS)
def test_at_zero_the_slacks_cancel_unless_one_counts_more(kind):
    z = torch.zeros(4, 3, dtype=torch.float64)
    assert slope(z, kind, rho=0.5).abs().max() == 0
    tilted = slope(z, kind, rho=0.51)
    assert (tilted < 0).all()
    torch.testing.assert_close(tilted, torch.full_like(z, float(tilted[0, 0])))


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_slope_where_a_slack_just_vanishes(kind):
    z = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    assert slope(z, kind, power=1).abs().max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (6, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_one_point_or_one_unit(kind, shape):
    z = torch.full(shape, 0.25)
    upper, lower = slacks(z, kind)
    assert set(upper.tolist()) == {0.75}
    assert set(lower.tolist()) == {1.25}


@pytest.mark.parametrize("ties", ["split", "first"])
@pytest.mark.parametrize(("kind", "power"), [*itertools.product(KINDS, (1, 2))])
def test_the_penalty_gradient_of_stacks_is_the_slope_by_autograd(kind, power, ties):
    rng = torch.Generator().manual_seed(3)
    z = torch.randn(3, 4, 2, 9, generator=rng, dtype=torch.float64)
    z[0, 0], z[0, 1, 0], z[1, 2] = 0, 0.25, torch.randint(-2, 3, (2, 9), generator=rng).double() / 2
    wide = torch.cat([z, torch.full((3, 4, 2, 5), 9.0, dtype=torch.float64)], -1)
    gradient = PenaltyGradient(wide, 9, 12, kind, 0.3, 0.6, power, ties)
    for _ in range(2):
        found = gradient()
    expected = 0.3 * slope(z.transpose(-1, -2), kind, rho=0.6, power=power, ties=ties).transpose(-1, -2)
    torch.testing.assert_close(found[..., :9], expected, rtol=1e-13, atol=1e-15)
    assert found[..., 9:].abs().max() == 0


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (UnknownNameError, lambda: penalty(Z, "sep-x")),
        (UnknownNameError, lambda: penalty(Z, "sep-u", ties="last")),
        (UnknownNameError, lambda: penalty(Z, "sep-u", reduction="max")),
        (NumberError, lambda: penalty(Z, "sep-u", rho=1.5)),
        (NumberError, lambda: penalty(Z, "sep-u", rho=float("nan"))),
        (NumberError, lambda: penalty(Z, "sep-u", power=3)),
        (DataError, lambda: penalty(Z[:0], "sep-u")),
        (DataError, lambda: penalty(Z[0], "sep-p")),
    ],
)
def test_bad_input(error, make):
    with pytest.raises(error):
        make()


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="Did you mean 'sep-pu'"):
        penalty(Z, "sep_pu")
