"""Does a controller fit into loops as people write them: frozen, clipped, saved, scaled, recomputed, resumed?"""

import copy
import gc
import io
import pickle
import warnings
import weakref
from functools import cache
from itertools import pairwise, product

import pytest
import torch
from some_slow import some_slow
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from stability.errors import StabilityError
from stability.training.constraints.separation_loss import SeparationLoss
from stability.training.control.controller import POLICIES, Controller, Policy, Rule
from stability.training.control.interventions import CANNOT, Intervention
from stability.training.monitoring.monitor import Monitor

SEPARATE = Policy("apart", (Rule("plateau", (Intervention("separation", 0.5),), limit=1.0),))
"""Switches a strong penalty on at the second reading."""


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def chain(*widths, dead=None):
    parts = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())][:-1]
    model = nn.Sequential(*parts)
    if dead is not None:
        model[dead].bias.data -= 9
    return model


def data(points=8, inputs=2):
    return torch.randn(points, inputs), torch.randn(points, 1)


def each_loss(y):
    return lambda out: (out - y).square().mean(1)


def step(model, optimizers, x, y):
    for each in optimizers:
        each.zero_grad()
    (model(x) - y).square().mean().backward()
    for each in optimizers:
        each.step()


def weights(model):
    return [parameter.detach().clone() for parameter in model.parameters()]


def same(a, b):
    return all(torch.equal(one, other) for one, other in zip(a, b, strict=True))


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("how", ["frozen", "held by nobody", "frozen, behind a trained layer"])
def test_what_is_not_trained_is_left_alone_and_said_once(name, how):
    front = how == "frozen, behind a trained layer"
    model = chain(2, 4, 4, 1, dead=2 if front else 0)
    layer = model[2 if front else 0]
    x, y = data()
    if how != "held by nobody":
        layer.requires_grad_(False)
    trained = [p for part in model if part is not layer for p in part.parameters()]
    before = [each.clone() for each in layer.parameters()]
    with Controller(model, name, every=1, per_example_loss=each_loss(y)) as controller:
        for _ in range(12):
            step(model, [torch.optim.SGD(trained, 0.01)], x, y)
    assert same(before, layer.parameters())
    own = [e for e in controller.log if e.action.alarm.layer == ("2" if front else "0") and e.action.verb == "repair"]
    if not own or own[0].action.intervention.lasts:
        assert name in ("separate", "constrain")
        return
    blocked = [e for e in own if e.action.intervention.kind == own[0].action.intervention.kind and not e.changed]
    assert [e.reason for e in blocked] == [
        f"{CANNOT}{'no optimiser that steps holds it' if how == 'held by nobody' else 'it is frozen'}"
    ]
    assert "cannot" in str(blocked[0])


def test_a_layer_is_repaired_once_it_is_unfrozen():
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with Controller(model, "revive", every=1, per_example_loss=each_loss(y)) as controller:
        for _ in range(15):
            step(model, [optimizer], x, y)
        assert [bool(e.reason) for e in controller.log] == [True]
        model[0].requires_grad_(True)
        step(model, [optimizer], x, y)
    assert controller.log[-1].changed


def test_of_a_layer_only_what_is_trained_moves():
    for part, policy in (("weight", "revive"), ("bias", "revive"), ("bias", "as-written")):
        model, (x, y) = chain(2, 4, 1, dead=0), data()
        frozen = getattr(model[0], part)
        frozen.requires_grad_(False)
        before = frozen.clone()
        with Controller(model, policy, every=1, per_example_loss=each_loss(y)) as controller:
            step(model, [torch.optim.SGD(model.parameters(), 1e-6)], x, y)
        assert torch.equal(frozen, before)
        if policy == "revive":
            assert controller.log[0].changed
            assert (model[0](x) > 0).any(1).all()
        else:
            assert controller.log[0].reason == "cannot: it has no bias that is trained"


def test_shared_weights_are_left_alone():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.out = nn.Linear(2, 2), nn.Linear(2, 1)
            self.a.bias.data -= 9

        def forward(self, x):
            return self.out(self.a(self.a(x).relu()).relu())

    tied = chain(2, 2, 2, 1, dead=0)
    tied[2].weight = tied[0].weight
    for model in (Twice(), tied):
        x, y = data()
        with Controller(model, "revive", every=1, per_example_loss=each_loss(y)) as controller:
            step(model, [torch.optim.SGD(model.parameters(), 0.0)], x, y)
        assert controller.log
        assert {e.reason for e in controller.log} == {"cannot: its weight is used in several places"}


@pytest.mark.parametrize("open_one", [Controller, Monitor, lambda model: SeparationLoss(model, "sep-pu")])
def test_copies_and_files_are_those_of_the_bare_network(open_one, tmp_path):
    def size(each):
        file = io.BytesIO()
        torch.save(each, file)
        return len(file.getvalue())

    front, model = nn.Linear(3, 2), chain(2, 4, 1)
    optimizer = torch.optim.Adam([*front.parameters(), *model.parameters()])
    bare = size(model)
    with open_one(model) as one:
        model(front(torch.randn(10000, 3))).mean().backward()
        copied = torch.optim.swa_utils.AveragedModel(model)
        assert size(model) < bare + 1000
        optimizer.step()
        assert size(model) < bare + 1000
        assert same(pickle.loads(pickle.dumps(model)).parameters(), model.parameters())
        copied(torch.randn(5, 2))
        copied.update_parameters(model)
        if isinstance(one, Monitor):
            assert one.steps == 1
    assert not model._forward_hooks


def test_a_lambda_is_never_saved():
    model = chain(2, 4, 1)
    with Controller(model, every=1, per_example_loss=lambda out: out.square().mean(1)):
        step(model, [torch.optim.SGD(model.parameters(), 0.1)], *data())
        assert same(pickle.loads(pickle.dumps(copy.deepcopy(model))).parameters(), model.parameters())


@pytest.mark.parametrize("count", [1, 2, 4])
def test_slopes_last_their_steps_and_repairs_wait_for_all_optimisers(count):
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    parameters = [*model.parameters()]
    optimizers = [torch.optim.SGD(parameters[i::count], 1e-4) for i in range(count)]
    slope = Policy("slope", (Rule("dead data", (Intervention("leaky slope", 0.1, 20),)),), max_tries=1)
    with Controller(model, slope, every=1) as controller:
        lasted = 0
        for _ in range(40):
            step(model, optimizers, x, y)
            lasted += controller.busy
    assert controller.monitor.steps == len(controller.monitor.readings) == 40
    assert lasted == 20
    model, seen = chain(2, 4, 1, dead=0), []
    parameters = [*model.parameters()]
    optimizers = [torch.optim.SGD(parameters[i::count], 1e-4) for i in range(count)]
    late = Policy("late", (Rule("dead data", (Intervention("revival", 0.1),), readings=3),), max_tries=1)
    with Controller(model, late, every=1) as controller:
        for _ in range(4):
            for each in optimizers:
                each.zero_grad()
            (model(x) - y).square().mean().backward()
            for each in optimizers:
                each.step()
                seen.append(len(controller.log))
                assert controller.repaired == (len(seen) == 3 * count)
    assert seen == [0] * (3 * count - 1) + [1] * (count + 1)


def test_optimisers_inside_the_backward_pass():
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    owners = {p: torch.optim.SGD([p], 1e-4) for p in model.parameters()}

    def owned(p):
        owners[p].step()
        owners[p].zero_grad()

    for p in owners:
        p.register_post_accumulate_grad_hook(owned)
    with Controller(model, "revive", every=1, per_example_loss=each_loss(y)) as controller:
        for _ in range(5):
            (model(x) - y).square().mean().backward()
    assert controller.monitor.steps == 5
    assert controller.log[0].changed
    assert (model[0](x) > 0).any(1).all()


@pytest.mark.parametrize("policy", [POLICIES["revive"], SEPARATE])
def test_half_precision_as_the_user_has_it(policy):
    x, y = torch.rand(64, 64), torch.randint(10, (64,))
    body, head = chain(64, 64, 64), chain(64, 32, 10, dead=0)
    optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()], 1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Controller(
            head, policy, every=10, per_example_loss=lambda out: functional.cross_entropy(out, y, reduction="none")
        ) as controller:
            for _ in range(30):
                optimizer.zero_grad()
                with torch.autocast("cpu", torch.bfloat16):
                    loss = functional.cross_entropy(head(body(x)), y)
                loss.backward()
                optimizer.step()
            assert controller.busy == (policy is SEPARATE)
    assert bool(controller.log[0].changed) == (policy is not SEPARATE)
    assert not any(entry.reason.startswith(CANNOT) for entry in controller.log)
    assert (head[0](body(x)) > 0).any() == (policy is not SEPARATE)


class Noisy(nn.Module):
    """A network with running statistics and dropout, with parts that are recomputed."""

    def __init__(self, way="plain"):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(2, 6), nn.Linear(6, 6), nn.Linear(6, 1)
        self.norm, self.drop, self.way = nn.BatchNorm1d(6), nn.Dropout(0.4), way
        self.norm.bias.data -= 9

    def middle(self, h):
        return functional.relu(self.norm(self.b(h)))

    def forward(self, x):
        h = self.drop(torch.relu(self.a(x)))
        if self.way == "plain":
            return self.out(self.middle(h))
        return self.out(checkpoint(self.middle, h, use_reentrant=self.way == "reentrant"))


def trained_noisy(way, policy, steps=12):
    torch.manual_seed(1)
    model, (x, y) = Noisy(way), data(16)
    optimizer, draws, controller = torch.optim.SGD(model.parameters(), 0.01), [], None
    if policy is not None:
        controller = Controller(model, policy, every=2, per_example_loss=each_loss(y))
    for _ in range(steps):
        step(model, [optimizer], x, y)
        draws.append(torch.rand(1))
    if controller is not None:
        controller.close()
    return model, draws, controller


@pytest.mark.parametrize("way", ["plain", "reentrant", "not reentrant"])
def test_passes_of_the_controller_leave_no_trace(way):
    blocked = Policy("blocked", (Rule("dead data", (Intervention("bias warm-up", 0.1),)),))
    slight = Policy("slight", (Rule("plateau", (Intervention("separation", 1e-30),), limit=1.0),))
    for policy, reason in ((blocked, "normalisation"), (slight, "")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            alone, controlled = trained_noisy(way, None), trained_noisy(way, policy)
        assert same(alone[0].state_dict().values(), controlled[0].state_dict().values())
        assert same(alone[1], controlled[1])
        assert controlled[2].log
        assert reason in controlled[2].log[0].reason


def test_what_cannot_be_differentiated_is_said_and_training_goes_on():
    with pytest.warns(UserWarning, match="no graph at b"):
        _, _, controller = trained_noisy("reentrant", SEPARATE)
    assert any(entry.reason.startswith(CANNOT) for entry in controller.log)
    _, _, controller = trained_noisy("not reentrant", SEPARATE)
    assert not any(entry.reason for entry in controller.log)


class Recomputed(nn.Module):
    def __init__(self, inner, reentrant):
        super().__init__()
        self.inner, self.reentrant = inner, reentrant

    def forward(self, x):
        return checkpoint(self.inner, x, use_reentrant=self.reentrant)


@pytest.mark.parametrize("reentrant", [False, True])
def test_a_network_that_is_recomputed_as_a_whole_trains_on(reentrant):
    inner, (x, y) = chain(2, 4, 1), data()
    whole, optimizer = Recomputed(inner, reentrant), torch.optim.SGD(inner.parameters(), 0.01)
    x.requires_grad_()
    with Controller(inner, SEPARATE, every=1, per_example_loss=each_loss(y)) as controller:
        step(whole, [optimizer], x, y)
        step(whole, [optimizer], x, y)
        with pytest.warns(UserWarning, match="whole network is recomputed"):
            step(whole, [optimizer], x, y)
        step(whole, [optimizer], x, y)
    assert [entry.action.verb for entry in controller.log] == ["repair", "skip"]


def test_repairs_wait_for_the_end_of_a_step_with_a_closure():
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    optimizer, logged = torch.optim.LBFGS(model.parameters(), 1e-3, max_iter=4), []

    def closure():
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        logged.append(len(controller.log))
        return loss

    for every in (1, 5):
        logged.clear()
        with Controller(model, "revive", every=every, per_example_loss=each_loss(y)) as controller:
            optimizer.step(closure)
        assert len(logged) > 1
        assert logged == [0] * len(logged)
        assert controller.log[0].changed
        model[0].bias.data -= 9


def test_a_penalty_sees_the_dropout_of_the_step():
    def run(with_controller):
        torch.manual_seed(2)
        model, (x, y) = Noisy(), data(16)
        model.norm.bias.data += 9
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        policy = Policy("own", (Rule("plateau", (Intervention("separation", 1e-3),), limit=1.0),))
        term = Controller(model, policy, every=1) if with_controller else SeparationLoss(model, "sep-pu", 1e-3)
        with term:
            for k in range(8):
                optimizer.zero_grad()
                loss = (model(x) - y).square().mean()
                if with_controller:
                    term.monitor.note(loss)
                (loss if with_controller or k < 2 else loss + term()).backward()
                optimizer.step()
        return model

    first, second = run(True), run(False)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.allclose(a, b, atol=1e-7) for a, b in pairs)


def norm(model):
    return torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]).norm().item()


@pytest.mark.parametrize("most", [0.1, 0.5, 1e9])
@pytest.mark.parametrize("by", ["norm", "value"])
@pytest.mark.parametrize("count", [1, 2])
def test_the_users_clipping_is_respected(most, by, count):
    model, (x, y) = chain(2, 8, 8, 1), data(16)
    parameters = [*model.parameters()]
    optimizers = [torch.optim.SGD(parameters[i::count], 0.01) for i in range(count)]
    largest = {False: 0.0, True: 0.0}
    with Controller(model, SEPARATE, every=2, per_example_loss=each_loss(y)) as controller:
        for _ in range(20):
            for each in optimizers:
                each.zero_grad()
            (model(x) - y).square().mean().backward()
            if by == "norm":
                nn.utils.clip_grad_norm_(parameters, most)
            else:
                nn.utils.clip_grad_value_(parameters, most)
            busy = controller.busy
            before = [p.grad.clone() for p in parameters]
            for each in optimizers:
                each.step()
            now = norm(model) if by == "norm" else max(p.grad.abs().max().item() for p in parameters)
            largest[busy] = max(largest[busy], now)
            assert busy != same(before, [p.grad for p in parameters])
    assert 0 < largest[True] <= min(most, largest[False]) * (1 + 1e-5)


@pytest.mark.parametrize("fused", [False, True])
def test_scaled_gradients_get_the_same_penalty(fused):
    def run(scaled):
        torch.manual_seed(3)
        model, (x, y) = chain(2, 8, 1), data(16)
        optimizer = torch.optim.SGD(model.parameters(), 0.05, fused=fused)
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, enabled=scaled)
        with Controller(model, SEPARATE, every=1, per_example_loss=each_loss(y)) as controller:
            for k in range(8):
                optimizer.zero_grad()
                loss = (model(x) - y).square().mean()
                if k == 4:
                    if not scaled:
                        continue
                    loss = loss * float("inf")
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
            assert controller.busy
        return model

    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(weights(run(True)), weights(run(False)), strict=True))


def test_a_penalty_behind_another_network_and_over_accumulated_passes():
    front, model, (x, y) = nn.Linear(3, 2), chain(2, 8, 1), data(16, 3)
    optimizer = torch.optim.SGD([*front.parameters(), *model.parameters()], 0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Controller(model, SEPARATE, every=1) as controller:
            for _ in range(6):
                optimizer.zero_grad()
                for part in (slice(8), slice(8, 16)):
                    loss = (model(front(x[part])) - y[part]).square().mean() / 2
                    controller.monitor.note(loss)
                    loss.backward()
                optimizer.step()
            assert controller.busy
    assert not any(entry.reason for entry in controller.log)


@pytest.mark.parametrize(
    "losses_of",
    [lambda out: out.square().mean(), lambda out: functional.mse_loss(out, torch.zeros(3)), lambda out: 1 / 0],
)
def test_losses_that_cannot_be_worked_out_end_no_training(losses_of):
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    before, optimizer = weights(model), torch.optim.SGD(model.parameters(), 0.0)
    with (
        warnings.catch_warnings(record=True),
        Controller(model, "revive", every=1, per_example_loss=losses_of) as controller,
    ):
        for _ in range(3):
            step(model, [optimizer], x, y)
    assert len(controller.log) == 1
    assert controller.log[0].reason.startswith(CANNOT)
    assert "\n" not in controller.log[0].reason
    row = controller.log[0].row()
    assert (row["verb"], row["alarm"]) == ("skip", "")
    for shown in (str(controller.log[0]), repr(controller)):
        assert "skip (not done: cannot: Expected per_example_loss" in shown
        assert not any(word in shown for word in ("dead data", "revival"))
    assert same(before, weights(model))


def test_nothing_of_the_batch_is_kept():
    model = chain(2, 4, 1, dead=0)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    policy = Policy("all", (*POLICIES["better"].rules, *POLICIES["as-written"].rules[1:]))
    for every in (1, 3):
        with Controller(model, policy, every=every, per_example_loss=lambda out: out.square().mean(1)):
            for _ in range(4):
                x = torch.randn(8, 2)
                kept, y = weakref.ref(x), torch.randn(8, 1)
                step(model, [optimizer], x, y)
                found = [
                    each for each in gc.get_objects() if type(each) is torch.Tensor and each.layout is torch.strided
                ]
                assert [each is x for each in found if each.untyped_storage().data_ptr() == x.data_ptr()] == [True]
                del x, found
                assert kept() is None


def test_readings_and_the_log_stay_small():
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    policy = Policy("own", (Rule("dead data", (Intervention("random rotation", 0.1),)),), max_tries=100)
    with Controller(model, policy, every=1, keep=5) as controller:
        for _ in range(40):
            step(model, [torch.optim.SGD(model.parameters(), 0.0)], x, y)
    assert len(controller.log) == 5
    assert controller.dropped == 35
    assert [each.step for each in controller.monitor.readings] == [35, 36, 37, 38, 39]
    assert [each.layers[0].tops is None for each in controller.monitor.readings] == [True] * 4 + [False]
    assert [entry.after for entry in controller.log] == [1.0] * 4 + [None]


@pytest.mark.parametrize("middle", [nn.Tanh, nn.GELU, nn.Identity])
@pytest.mark.parametrize(
    ("policy", "idle", "rest"),
    [
        (
            "careful",
            "small start, dead data, plateau",
            "It still acts on exploding loss, exploding weights, large start, vanishing gradient",
        ),
        ("constrain", "plateau", "It does nothing here"),
    ],
)
def test_without_a_relu_it_is_said_once_what_the_policy_cannot_do(middle, policy, idle, rest):
    model, (x, y) = nn.Sequential(nn.Linear(2, 4), middle(), nn.Linear(4, 1)), data()
    model.register_parameter("unused", nn.Parameter(torch.zeros(1)))
    held = [torch.optim.SGD(model.parameters(), 1e-7)]
    with (
        warnings.catch_warnings(record=True) as warned,
        Controller(model, policy, every=1, per_example_loss=each_loss(y)) as controller,
    ):
        warnings.simplefilter("always")
        for _ in range(6):
            step(model, held, x, y)
    said = f"no ReLU is seen in Sequential, so the policy cannot act on {idle}. {rest}"
    first, *others = controller.log
    assert len(controller.monitor.latest.skipped) == 1
    assert (first.action.verb, first.reason) == ("skip", f"{CANNOT}{said}")
    assert [str(each.message) for each in warned if "ReLU" in str(each.message)] == [
        f"The controller goes on without this: {said}"
    ]
    assert {each.reason for each in others} == ({f"{CANNOT}no ReLU is seen"} if policy == "constrain" else set())
    assert not controller.busy
    assert repr(controller).startswith(f"Controller of Sequential by the policy {policy}: 0 interventions\n")


def test_without_a_relu_a_step_too_large_is_answered():
    model, (x, y) = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)), data()
    with (
        warnings.catch_warnings(record=True),
        Controller(model, every=1, per_example_loss=each_loss(y)) as controller,
    ):
        held = [torch.optim.SGD(model.parameters(), 100.0)]
        for _ in range(4):
            step(model, held, x, y)
    assert "smaller step" in {each.action.intervention.kind for each in controller.log if each.changed}


@pytest.mark.parametrize("kind", ["ReLU", "leaky", "left out", "unseen"])
def test_nothing_is_said_of_networks_with_relus(kind):
    model, (x, y) = chain(2, 4, 1), data()
    if kind == "leaky":
        model[1] = nn.LeakyReLU()
    called = torch.compile(model, backend="eager") if kind == "unseen" else model
    with (
        warnings.catch_warnings(record=True) as warned,
        Controller(model, "constrain", every=1, skip=["0"] if kind == "left out" else ()) as controller,
    ):
        warnings.simplefilter("always")
        held = [torch.optim.SGD(model.parameters(), 0.01)]
        for _ in range(2):
            step(called, held, x, y)
    assert controller.monitor.latest is not None
    assert not any("no ReLU" in str(each.message) for each in warned)
    assert not any("no ReLU" in each.reason for each in controller.log)


def test_what_was_not_made_is_not_counted():
    model, (x, y) = chain(2, 4, 1, dead=0), data()
    policy = Policy("own", (Rule("dead data", (Intervention("random rotation", 0.1),)),), max_tries=100)
    held = [torch.optim.SGD(model.parameters(), 0.0)]

    def count(controller):
        return repr(controller).split("\n")[0].split(": ")[1]

    with Controller(model, policy, every=1, keep=5) as controller:
        for _ in range(8):
            step(model, held, x, y)
        assert count(controller) == "8 interventions"
        model[0].requires_grad_(False)
        for _ in range(3):
            step(model, held, x, y)
    assert len(controller.log) + controller.dropped == 9
    assert count(controller) == "8 interventions"
    assert "not done: 1" in repr(controller)
    model[0].requires_grad_(True)
    with Controller(model, policy, every=1, keep=5) as other:
        other.load_state_dict(controller.state_dict())
        assert count(other) == "8 interventions"
        old = controller.state_dict()
        del old["made"]
        other.load_state_dict(old)
    with Controller(model, policy, every=1, dry_run=True) as dry:
        step(model, held, x, y)
    assert (count(dry), len(dry.log)) == ("0 interventions", 1)


@pytest.mark.parametrize("every", [1, 4])
def test_clipping_each_gradient_by_its_own_norm_is_respected(every):
    model, (x, y), lengths = chain(4, 8, 8, 1), data(32, 4), []
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)

    def look(*_):
        lengths.append(max(float(p.grad.norm()) for p in model.parameters()))

    with Controller(model, SEPARATE, every=every) as controller:
        optimizer.register_step_post_hook(look)
        for _ in range(40):
            optimizer.zero_grad()
            loss = (model(x) - y).square().mean()
            controller.monitor.note(loss)
            loss.backward()
            for each in model.parameters():
                nn.utils.clip_grad_norm_(each, 0.02)
            optimizer.step()
        assert controller.busy
    assert max(lengths) <= 0.02 * (1 + 1e-6)


RESUMED = {
    "better": POLICIES["better"],
    "corrected": POLICIES["corrected"],
    "separate": SEPARATE,
    "turn": Policy("turn", (Rule("dead data", (Intervention("random rotation", 0.3),)),), max_tries=100),
    "slope": Policy("slope", (Rule("dead data", (Intervention("leaky slope", 0.1, 7),)),)),
}


def resumable(count):
    """Return a network, its optimisers and its data, always from the same start."""
    torch.manual_seed(4)
    model, (x, y) = chain(2, 6, 6, 1, dead=0), data(12)
    parameters = [*model.parameters()]
    return model, [torch.optim.Adam(parameters[i::count], 0.01) for i in range(count)], x, y


def controlled(name, model, y):
    return Controller(model, RESUMED[name], every=3, per_example_loss=each_loss(y), seed=8)


@cache
def uninterrupted(name, count):
    """Return the weights after 30 steps, the log and the readings."""
    model, optimizers, x, y = resumable(count)
    with controlled(name, model, y) as controller:
        for _ in range(30):
            step(model, optimizers, x, y)
    assert controller.log
    return weights(model), repr(controller.log), repr(controller.monitor.readings)


@pytest.mark.parametrize(("name", "stop", "count"), some_slow(product(RESUMED, [5, 12, 17], [1, 2]), 16))
def test_a_resumed_run_is_the_uninterrupted_one(name, stop, count, tmp_path):
    whole, log, readings = uninterrupted(name, count)
    twin, first, x, y = resumable(count)
    with controlled(name, twin, y) as controller:
        for _ in range(stop):
            step(twin, first, x, y)
        parts = [twin.state_dict(), [each.state_dict() for each in first], controller.state_dict()]
        torch.save(parts, tmp_path / "run.pt")
    other, again, x, y = resumable(count)
    saved = torch.load(tmp_path / "run.pt", weights_only=True)
    other.load_state_dict(saved[0])
    for each, state in zip(again, saved[1], strict=True):
        each.load_state_dict(state)
    with controlled(name, other, y) as controller:
        controller.load_state_dict(saved[2])
        for _ in range(30 - stop):
            step(other, again, x, y)
    assert same(whole, weights(other))
    assert repr(controller.log) == log
    assert repr(controller.monitor.readings) == readings
    with Controller(chain(2, 4, 1), "separate") as another, pytest.raises(StabilityError, match="policy"):
        another.load_state_dict(saved[2])


def test_a_state_that_is_none_is_refused():
    with Controller(chain(2, 4, 1), "revive") as controller:
        for wrong in ({"policy": "revive"}, {}, 3):
            with pytest.raises(StabilityError, match="state of a controller"):
                controller.load_state_dict(wrong)


def noisy_labels(seed):
    torch.manual_seed(seed)
    x = torch.randn(512, 8)
    y = x[:, :4].argmax(1)
    wrong = torch.rand(512) < 0.4
    return x, torch.where(wrong, torch.randint(4, (512,)), y)


@pytest.mark.parametrize("widths", [(8, 32, 4), (8, 16, 16, 4), (8, 32, 32, 32, 4)])
def test_noisy_labels_are_no_trouble(widths):
    def run(controlled):
        x, y = noisy_labels(5)
        model, picked = chain(*widths), y
        optimizer, stream = torch.optim.Adam(model.parameters(), 3e-3), torch.Generator().manual_seed(6)

        def losses(out):
            return functional.cross_entropy(out, picked, reduction="none")

        controller = Controller(model, "better", every=5, per_example_loss=losses) if controlled else None
        for _ in range(25):
            for batch in torch.randperm(512, generator=stream).split(64):
                picked = y[batch]
                optimizer.zero_grad()
                losses(model(x[batch])).mean().backward()
                optimizer.step()
        if controller is not None:
            controller.close()
        return model, controller

    alone, (controlled, controller) = run(False)[0], run(True)
    assert controller.log == []
    assert same(weights(alone), weights(controlled))


def test_a_noisy_regression_is_no_trouble():
    model, x = chain(3, 16, 1), torch.randn(256, 3)
    y = x[:, :1] + 2 * torch.randn(256, 1)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    with Controller(model, "better", every=5, per_example_loss=each_loss(y)) as controller:
        for _ in range(300):
            step(model, [optimizer], x, y)
    assert controller.log == []


@pytest.mark.gpu
def test_on_a_gpu_with_scaled_gradients():
    model, (x, y) = chain(2, 16, 16, 1, dead=0).cuda(), data(64)
    x, y = x.cuda(), y.cuda()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    scaler = torch.amp.GradScaler("cuda")
    policy = Policy("all", (*POLICIES["better"].rules[:1], SEPARATE.rules[0]))
    with Controller(
        model, policy, every=2, per_example_loss=lambda out: (out.float() - y).square().mean(1)
    ) as controller:
        for _ in range(40):
            optimizer.zero_grad()
            with torch.autocast("cuda", torch.float16):
                loss = (model(x) - y).square().mean()
            scaler.scale(loss).backward()
            state = torch.cuda.get_rng_state()
            scaler.step(optimizer)
            assert torch.equal(state, torch.cuda.get_rng_state())
            scaler.update()
    assert controller.log[0].changed
    assert not any(entry.reason.startswith(CANNOT) for entry in controller.log)
    assert all(p.isfinite().all() for p in model.parameters())
