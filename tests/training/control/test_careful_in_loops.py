"""Interventions on a whole network, in loops as people write them: precision, checkpoints, compilation, optimisers."""

import warnings
from functools import cache

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from stability.training.control.controller import POLICIES, Controller
from stability.training.control.interventions import CANNOT, Change, forget

STEPS, EVERY = 24, 4


class Net(nn.Module):
    """A network whose middle may be made once more in the backward pass."""

    def __init__(self, way="plain"):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c, self.out = nn.Linear(6, 24), nn.Linear(24, 24), nn.Linear(24, 24), nn.Linear(24, 3)
        self.way = way

    def middle(self, h):
        return self.c(functional.relu(self.b(h))).relu()

    def forward(self, x):
        h = functional.relu(self.a(x))
        return self.out(
            self.middle(h) if self.way == "plain" else checkpoint(self.middle, h, use_reentrant=self.way == "reentrant")
        )


def spoiled(model, fault):
    with torch.no_grad():
        for part in (model.a, model.b, model.c, model.out):
            part.weight.mul_({"tiny": 1e-3, "huge": 100.0}.get(fault, 1.0))
        if fault == "dead":
            model.b.bias.fill_(-50)
    return model


ANSWER = {
    "tiny": "vanishing gradient: scaling by data",
    "dead": "vanishing gradient: scaling by data",
    "huge": "large start: scaling by data",
    "step": "exploding loss: smaller step",
}
OPTIMISERS = {
    "sgd": lambda p, lr: torch.optim.SGD(p, 10 * lr, momentum=0.9),
    "adam": torch.optim.Adam,
    "fused": lambda p, lr: torch.optim.Adam(p, lr, fused=True),
    "foreach": lambda p, lr: torch.optim.AdamW(p, lr, foreach=True, amsgrad=True),
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "nadam": torch.optim.NAdam,
    "rprop": torch.optim.Rprop,
}


def batch():
    x = torch.randn(64, 6, generator=torch.Generator().manual_seed(1))
    return x, x[:, :3].argmax(1)


class Run:
    """A training of 24 steps under a controller, which can be cut in two."""

    def __init__(self, fault, policy="careful", way="plain", optimiser="adam", count=1):
        self.model = spoiled(Net(way), fault)
        parameters = [*self.model.parameters()]
        rate = 5.0 if fault == "step" else 1e-3
        self.optimizers = [OPTIMISERS[optimiser](parameters[i::count], rate) for i in range(count)]
        self.now = []
        self.controller = policy and Controller(self.model, policy, every=EVERY, per_example_loss=self.losses)
        self.steps = 0

    def losses(self, out):
        return functional.cross_entropy(out.float(), self.now[0], reduction="none")

    def train(self, steps=STEPS, call=None, half=False, parts=1, clip=None):
        x, y = batch()
        for _ in range(steps):
            for each in self.optimizers:
                each.zero_grad()
            for given, target in zip(x.chunk(parts), y.chunk(parts), strict=True):
                self.now[:] = [target]
                with torch.autocast("cpu", torch.bfloat16, enabled=half):
                    loss = (
                        functional.cross_entropy((self.model if call is None else call)(given).float(), target) / parts
                    )
                loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(self.model.parameters(), clip)
            for each in self.optimizers:
                each.step()
        self.steps += steps
        return self

    def checked(self):
        """Return what was done, once it is sure that steps were counted once and all numbers are finite."""
        assert self.controller.monitor.steps == self.steps
        assert len(self.controller.monitor.readings) == -(-self.steps // EVERY)
        assert all(p.isfinite().all() for p in self.model.parameters())
        self.controller.close()
        return [
            f"{entry.action.alarm.kind}: {entry.action.intervention.kind}"
            for entry in self.controller.log
            if entry.action.verb == "repair" and not entry.reason
        ]

    def loss(self):
        x, y = batch()
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(functional.cross_entropy(self.model(x), y))


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*(use_reentrant|lr_scheduler|torch.jit).*")
        yield


@pytest.mark.parametrize("fault", ANSWER)
@pytest.mark.parametrize("way", ["plain", "reentrant", "not reentrant"])
@pytest.mark.parametrize("how", [{}, {"half": True}, {"half": True, "parts": 2, "clip": 1.0}])
def test_faults_are_answered_whatever_the_loop(fault, way, how):
    run = Run(fault, way=way).train(**how)
    done = run.checked()
    assert done[0] == ANSWER[fault]
    assert not any(entry.reason for entry in run.controller.log)
    assert run.loss() < 1.1


@pytest.mark.parametrize("fault", ANSWER)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("count", [1, 2])
def test_faults_are_answered_whatever_the_optimiser(fault, optimiser, count):
    run = Run(fault, optimiser=optimiser, count=count).train()
    assert run.checked()[0] == ANSWER[fault]
    assert run.loss() < 1.15
    assert not run.loss() >= Run(fault, None, optimiser=optimiser, count=count).train().loss()


@cache
def uncontrolled(way, **how):
    return Run("none", None, way).train(**how)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("way", ["plain", "reentrant", "not reentrant"])
@pytest.mark.parametrize("how", [{}, {"half": True, "parts": 2, "clip": 1.0}])
def test_a_sound_training_is_left_alone_bit_for_bit(policy, way, how):
    run, plain = Run("none", policy, way).train(**how), uncontrolled(way, **how)
    run.controller.close()
    if policy != "as-written":
        assert run.checked() == []
        assert all(torch.equal(a, b) for a, b in zip(run.model.parameters(), plain.model.parameters(), strict=True))


LOOPS = (("reentrant", {"half": True, "parts": 2, "clip": 1.0}), ("not reentrant", {}))


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("fault", ANSWER)
def test_no_policy_raises_in_a_step(policy, fault, part):
    """Every policy and every fault in both loops, but only half of the pairs in each; the other half is slow."""
    way, how = LOOPS[([*POLICIES].index(policy) + [*ANSWER].index(fault) + part) % 2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = Run(fault, policy, way).train(**how)
        assert run.controller.monitor.steps == STEPS
        run.controller.close()
        assert not run.model._forward_hooks
        assert not run.model._forward_pre_hooks


@pytest.mark.parametrize("order", ["before", "after"])
def test_what_compiled_code_hides_is_said_and_weights_that_explode_are_set_back(order):
    torch.compiler.reset()
    run = Run("step", None)
    compiled = torch.compile(run.model, backend="eager")
    run.controller = Controller(
        run.model if order == "before" else compiled, "careful", every=EVERY, per_example_loss=run.losses
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run.train(call=compiled)
    assert any("is not seen" in str(each.message) for each in said)
    assert run.checked()[0] == "exploding weights: smaller step"
    assert next(e.reason for e in run.controller.log if e.reason).startswith(f"{CANNOT}this forward pass is not seen")
    assert run.loss() < 1.1 < Run("step", None).train().loss()


@pytest.mark.parametrize("policy", ["careful", "as-written"])
def test_a_network_of_which_a_part_is_compiled_has_a_controller(policy):
    torch.compiler.reset()
    run = Run("step", None)
    run.model.b.compile(backend="eager")
    run.controller = Controller(run.model, policy, every=EVERY, per_example_loss=run.losses)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run.train()
    assert any("its part b is compiled" in str(each.message) for each in said)
    made = {e.action.intervention.kind for e in run.controller.log if not e.reason}
    assert made == ({"smaller step"} if policy == "careful" else set())


@pytest.mark.parametrize("fault", ANSWER)
@pytest.mark.parametrize("stop", [3, 6, 13])
def test_a_resumed_run_is_the_uninterrupted_one(fault, stop, tmp_path):
    whole = Run(fault).train()
    first = Run(fault).train(stop)
    kept = first.controller.state_dict()["effects"]["kept"]
    assert kept is not None
    assert {*kept[0]} == {*first.model.state_dict()}
    parts = [first.model.state_dict(), first.optimizers[0].state_dict(), first.controller.state_dict()]
    torch.save(parts, tmp_path / "run.pt")
    first.controller.close()
    second = Run("none")
    saved = torch.load(tmp_path / "run.pt", weights_only=True)
    for each, state in zip((second.model, second.optimizers[0], second.controller), saved, strict=True):
        each.load_state_dict(state)
    second.train(STEPS - stop)
    assert all(torch.equal(a, b) for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True))
    assert repr(whole.controller.log) == repr(second.controller.log)
    assert whole.optimizers[0].param_groups[0]["lr"] == second.optimizers[0].param_groups[0]["lr"]
    whole.controller.close()
    second.controller.close()


def test_what_optimisers_remember_begins_as_they_begin():
    x, y = batch()
    for make in (torch.optim.Rprop, torch.optim.ASGD, torch.optim.Adam):
        model = Net()
        optimizer = make(model.parameters(), 0.01)
        for _ in range(3):
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        mask = torch.zeros(24, 6, dtype=torch.bool)
        mask[3] = True
        own = optimizer.state[model.a.weight]
        before = {name: value.clone() for name, value in own.items() if torch.is_tensor(value) and value.ndim}
        forget([optimizer], Change(((model.a.weight, mask),)))
        first = {"step_size": torch.full((6,), 0.01), "ax": model.a.weight[3].detach()}
        for name, value in before.items():
            assert torch.equal(own[name][3], first.get(name, torch.zeros(6))), name
            assert torch.equal(own[name][~mask], value[~mask])
