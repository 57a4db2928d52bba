"""The gradient of a penalty that is added to the user's, against slopes by hand and those of torch.

One unit of weight w = 1 and bias 0 at the points 1/2 and 1/4 has z = 1/2, 1/4: the slacks over points are 1 - 1/2 and
1 + 1/4, their mean 7/8, and the penalty of units is (7/8)^2. Its slope in w is 2 (7/8) (-1/2 + 1/4) / 2 = -7/32, and in
the bias 0.
"""

from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint, create_selective_checkpoint_contexts

from stability.errors import StabilityError
from stability.training.control import penalty_gradients
from stability.training.control.interventions import Intervention
from stability.training.control.penalty_gradients import Penalties, sizes, wide

X = torch.tensor([[0.5], [0.25]], dtype=torch.float64)
UNITS = Intervention("separation of units", 1.0)
KEY = ("", "dead data")
SLOPE = -7 / 32


def one_unit(weight=1.0, bias=0.0):
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU()).double()
    nn.init.constant_(model[0].weight, weight)
    nn.init.constant_(model[0].bias, bias)
    return model


@pytest.fixture
def trained():
    """Return a function that makes a step: (model, penalties, what failed) after passes and a backward pass."""
    left = []

    def step(model, *, factor=10.0, key=KEY, what=UNITS, passes=(X,)):
        failed = []
        penalties = Penalties(model, failed.append)
        left.append((model, penalties))
        penalties.switch_on(key, what)
        sum(factor * model(x).sum() for x in passes).backward()
        return model, penalties, failed

    yield step
    for model, penalties in left:
        penalties.close()
        assert not model._forward_hooks
        assert not model._forward_pre_hooks


def grads(model):
    return [p.grad.flatten().tolist() for p in model.parameters()]


def test_the_slope_by_hand_is_added_where_the_gradient_is_not_longer_then(trained):
    """The user's gradient of 10 (z_1 + z_2) is 15/2 in w and 20 in b."""
    model, penalties, failed = trained(one_unit())
    assert grads(model) == [[7.5], [20.0]]
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model) == [[7.5 + SLOPE], [20.0]]
    assert failed == []


def test_the_size_of_the_intervention_multiplies_it(trained):
    model, penalties, _ = trained(one_unit(), what=Intervention("separation of units", 2.0))
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model)[0] == [7.5 + 2 * SLOPE]


def test_of_several_passes_before_a_step_the_mean_counts(trained):
    """At 2 X the slacks are 0, with no slope, and 3/2: the penalty (3/4)^2 has the slope 2 (3/4) (1/2) / 2 = 3/8."""
    model, penalties, _ = trained(one_unit(), passes=(X, 2 * X))
    (before,), _ = grads(model)
    penalties.norm = penalties.entry = 100.0
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model)[0] == [before + (SLOPE + 3 / 8) / 2]
    (after,), _ = grads(model)
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model)[0] == [after]


def test_the_whole_is_no_longer_than_the_users_gradient(trained):
    """The user's gradient (1/100) (3/4, 2) has norm and entries below the sum's, which is shortened to its norm."""
    model, penalties, _ = trained(one_unit(), factor=0.01)
    norm, entry = sizes([*model.parameters()]).tolist()
    assert (norm, entry) == pytest.approx((0.01 * (0.75**2 + 4) ** 0.5, 0.02))
    penalties.add([*model.parameters()], [*model.parameters()])
    (w,), (b,) = grads(model)
    whole = 0.0075 + SLOPE, 0.02
    length = (whole[0] ** 2 + whole[1] ** 2) ** 0.5
    assert b == pytest.approx(0.02 * norm / length)
    assert w == pytest.approx(max(whole[0] * norm / length, -0.02))


def test_a_longer_gradient_at_a_reading_leaves_room(trained):
    model, penalties, _ = trained(one_unit(), factor=0.01)
    other = torch.zeros(2, requires_grad=True)
    other.grad = torch.tensor([3.0, 4.0])
    penalties.observe([other])
    assert (penalties.norm, penalties.entry) == (5.0, 4.0)
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model)[0] == pytest.approx([0.0075 + SLOPE])
    other.grad = torch.tensor([torch.inf, 0.0])
    penalties.observe([other])
    assert (penalties.norm, penalties.entry) == (5.0, 4.0)


def test_gradients_that_are_scaled_get_a_scaled_slope(trained):
    model, penalties, _ = trained(one_unit(), factor=80.0)
    penalties.add([*model.parameters()], [*model.parameters()], scale=8.0)
    assert grads(model) == [[8 * (7.5 + SLOPE)], [8 * 20.0]]


@pytest.mark.parametrize(
    ("readings", "apart"),
    [
        ([[3, 3, 3]], True),
        ([[2, 1, 1], [1, 3, 3, 3], [4, 1, 1]], True),
        ([[3, 3, 1], [3, 3, 1]], False),
        ([[4, 3, 3, 3]], False),
        ([[3, 3, 2.99]], False),
        ([[0, 0, 0]], False),
    ],
)
def test_clipping_each_gradient_is_three_of_one_norm(readings, apart):
    penalties = Penalties(one_unit(), [].append)
    for norms in readings:
        penalties.observe([parameter(torch.full((1, 4), norm / 2)) for norm in norms])
    assert penalties.apart == apart
    assert penalties.part == max(max(norms) for norms in readings)


@pytest.mark.parametrize("scale", [None, 8.0])
def test_where_each_gradient_is_clipped_each_stays_as_short(trained, scale):
    """The user's gradient of w is 3/400 and the sum's -0.211; the longest of one parameter at a reading was 1/10."""
    factor = 1.0 if scale is None else scale
    model, penalties, _ = trained(one_unit(), factor=0.01 * factor)
    penalties.norm = penalties.entry = 100.0
    penalties.part, penalties.apart = 0.1, True
    penalties.add([*model.parameters()], [*model.parameters()], scale)
    assert grads(model) == [[pytest.approx(-0.1 * factor)], [pytest.approx(0.02 * factor)]]


@pytest.mark.parametrize("odd", [torch.nan, torch.inf])
def test_gradients_that_are_not_finite_stay_as_they_are(trained, odd):
    model, penalties, _ = trained(one_unit())
    model[0].bias.grad.fill_(odd)
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model)[0] == [7.5]


def test_a_parameter_without_a_gradient_has_none_after(trained):
    model, penalties, _ = trained(one_unit())
    model[0].weight.grad = None
    penalties.add([*model.parameters()], [*model.parameters()])
    assert model[0].weight.grad is None
    assert model[0].bias.grad.item() == 20.0


@pytest.mark.parametrize("kind", ["separation of points", "separation of units", "separation"])
@pytest.mark.parametrize("key", [("", "dead data"), ("2", "plateau")])
def test_slopes_are_those_of_torch_on_the_formula(trained, kind, key):
    """The mean over units or points of ((1 - largest)+ / 2 + (1 + smallest)+ / 2)^2, for both the sum of the means."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1)).double()
    x = torch.randn(6, 3, dtype=torch.float64)
    first = model[0](x)
    second = model[2](torch.relu(first))
    total = 0.0
    for z in (first, second) if key[0] == "" else (second,):
        axes = {"separation of points": [1], "separation of units": [0], "separation": [0, 1]}[kind]
        for axis in axes:
            mixed = (1 - z.max(axis).values).clamp(min=0) / 2 + (1 + z.min(axis).values).clamp(min=0) / 2
            total = total + 0.5 * (mixed**2).mean()
    expected = torch.autograd.grad(total, [*model.parameters()], allow_unused=True)
    model, penalties, failed = trained(model, factor=1e3, key=key, what=Intervention(kind, 0.5), passes=(x,))
    before = [p.grad.clone() for p in model.parameters()]
    penalties.norm = penalties.entry = 1e6
    penalties.add([*model.parameters()], [*model.parameters()])
    for p, was, slope in zip(model.parameters(), before, expected, strict=True):
        torch.testing.assert_close(p.grad - was, torch.zeros_like(p) if slope is None else slope, atol=1e-9, rtol=1e-9)
    assert failed == []


def test_only_passes_in_training_count(trained):
    model, penalties, failed = trained(one_unit().eval())
    penalties.add([*model.parameters()], [*model.parameters()])
    assert grads(model) == [[7.5], [20.0]]
    assert [type(each) for each in failed] == [StabilityError]


def test_a_penalty_that_is_switched_off_adds_nothing_and_leaves_no_hook():
    model, failed = one_unit(), []
    penalties = Penalties(model, failed.append)
    penalties.switch_on(KEY, UNITS)
    penalties.switch_on(("0", "plateau"), UNITS)
    penalties.switch_off(KEY)
    assert [*penalties.on] == [("0", "plateau")]
    assert model._forward_pre_hooks
    penalties.switch_off(("0", "plateau"))
    penalties.switch_off(KEY)
    assert penalties.on == {}
    assert not model._forward_pre_hooks
    assert not model._forward_hooks


def test_what_goes_wrong_is_reported_and_no_penalty_is_on(trained, monkeypatch):
    def broken(*_, **__):
        raise ValueError("odd")

    monkeypatch.setattr(penalty_gradients, "layers_penalty", broken)
    _, penalties, failed = trained(one_unit())
    assert [str(each) for each in failed] == ["odd"]
    assert penalties.on == {}


def test_a_network_that_is_recomputed_whole_is_reported():
    model, failed = one_unit(), []
    penalties = Penalties(model, failed.append)
    penalties.switch_on(KEY, UNITS)
    checkpoint(model, X, use_reentrant=False).sum().backward()
    penalties.add([*model.parameters()], [*model.parameters()])
    assert [each.remedy for each in failed] == [penalty_gradients.WHOLE]
    assert grads(model) == [[0.75], [2.0]]
    penalties.close()


def test_a_part_that_is_kept_for_one_backward_pass_is_left_to_it():
    contexts = partial(create_selective_checkpoint_contexts, [torch.ops.aten.addmm.default])

    class Kept(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.outer = nn.Linear(2, 3), nn.Linear(3, 3)

        def forward(self, x):
            h = checkpoint(lambda x: self.inner(x).tanh(), x, use_reentrant=False, context_fn=contexts)
            return torch.relu(self.outer(h))

    failures, model = [], Kept()
    with Penalties(model, failures.append) as penalties:
        penalties.switch_on(("", "plateau"), Intervention("separation", 0.5, 9))
        model(torch.randn(4, 2)).sum().backward()
        assert "one backward pass" in str(failures[0])
        assert not penalties.on
    assert all(p.grad is not None for p in model.parameters())


def parameter(slope):
    found = nn.Parameter(torch.zeros(slope.shape, dtype=slope.dtype))
    found.grad = slope
    return found


@pytest.mark.parametrize(
    ("slopes", "norm", "largest"),
    [
        ([], 0.0, 0.0),
        ([torch.zeros(0)], 0.0, 0.0),
        ([torch.tensor([3.0, -4.0])], 5.0, 4.0),
        ([torch.tensor([2.0]), torch.tensor([[-1.0, 2.0]])], 3.0, 2.0),
        ([torch.full((4,), 300.0, dtype=torch.float16)], 600.0, 300.0),
        ([torch.sparse_coo_tensor([[0, 0, 2]], [1.0, 2.0, 4.0], (5,), check_invariants=True)], 5.0, 4.0),
    ],
)
def test_sizes_by_hand(slopes, norm, largest):
    found = [*map(parameter, slopes), nn.Parameter(torch.zeros(2))]
    assert sizes(found).tolist() == pytest.approx([norm, largest])
    for scale in (2.0, torch.tensor(2.0)):
        assert sizes(found, scale).tolist() == pytest.approx([norm / 2, largest / 2])


def test_half_precision_is_widened_alone():
    assert [wide(torch.zeros(1, dtype=d)) for d in (torch.float16, torch.bfloat16)] == [torch.float32] * 2
    assert [wide(torch.zeros(1, dtype=d)) for d in (torch.float32, torch.float64)] == [None, None]
