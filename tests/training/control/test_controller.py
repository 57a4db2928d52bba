"""Does the controller decide by its rules, act as decided, write everything down, and leave the network as it was?"""

import csv
import json
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from stability.errors import FileError, NumberError, StabilityError, UnknownNameError
from stability.initialisation.sampling import initial
from stability.training.control.batch import Training, own_seed
from stability.training.control.batch_training import train_controlled
from stability.training.control.controller import POLICIES, Controller, Policy, Rule, State, decide, policy_named
from stability.training.control.escalation import Episode
from stability.training.control.interventions import INTERVENTIONS, Intervention
from stability.training.control.log import COLUMNS
from stability.training.control.policies import adapted
from stability.training.ensembles.ensemble import place_of
from stability.training.ensembles.problem import task
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import LayerReading, Reading

A, B = Intervention("revival", 0.1), Intervention("random rotation", 0.5)
ON = Intervention("separation", 0.1)
SLOPE = Intervention("leaky slope", 0.01, 30)
X = torch.tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)


def layer(name="a", tops=(1.0, 1.0, 1.0, 1.0), torque=0.5, gradient=1.0, slope=0.0):
    share = float(np.mean([t <= 0 for t in tops]))
    return LayerReading(
        name, 2, len(tops), share, 0, 0, torque, torque, gradient_norm=gradient, point_tops=tuple(tops), slope=slope
    )


def reading(step=0, *layers, loss=None, finite=True):
    return Reading(step, layers or (layer(),), loss, finite=finite)


def dead(*which, name="a", slope=0.0):
    return layer(name, [-1.0 if i in which else 1.0 for i in range(4)], slope=slope)


def follow(policy, *readings, losses=None):
    """Return the actions at each reading, as (verb, repair)."""
    state, found = State(), []
    for k, each in enumerate(readings):
        actions, state = decide(each, state, policy, None if losses is None else losses[k])
        found.append([(a.verb, a.intervention) for a in actions])
    return found


def dead_data(*levels, **more):
    kept = {k: more.pop(k) for k in ("cooldown", "max_tries", "until") if k in more}
    return Policy("own", (Rule("dead data", levels, **more),), **kept)


def plateau(*levels, **more):
    return Policy("own", (Rule("plateau", levels, 0.1, **more),))


DEAD, FINE = dead(1), layer()
TABLE = {
    "nothing is wrong": (dead_data(A), [(FINE, None)], [[]]),
    "a dead example": (dead_data(A), [(DEAD, None)], [[("repair", A)]]),
    "as many as are allowed": (dead_data(A, limit=0.25), [(DEAD, None)], [[]]),
    "a second level only at a later bad reading": (
        dead_data(A, B),
        [(DEAD, None)] * 4,
        [[("repair", A)], [("repair", B)], [("repair", B)], [("repair", B)]],
    ),
    "back to the first level": (
        dead_data(A, B),
        [(DEAD, None), (FINE, None), (DEAD, None)],
        [[("repair", A)], [], [("repair", A)]],
    ),
    "patient": (
        dead_data(A, readings=2),
        [(DEAD, None), (FINE, None), (DEAD, None), (DEAD, None)],
        [[], [], [], [("repair", A)]],
    ),
    "cooldown": (dead_data(A, cooldown=15), [(DEAD, None)] * 3, [[("repair", A)], [], [("repair", A)]]),
    "gives up once": (
        dead_data(A, max_tries=1),
        [(DEAD, None)] * 3,
        [[("repair", A)], [("give up", A)], []],
    ),
    "early readings only": (dead_data(A, until=10), [(DEAD, None)] * 2, [[("repair", A)], []]),
    "on while it lasts": (
        dead_data(ON),
        [(DEAD, None), (DEAD, None), (FINE, None), (FINE, None)],
        [[("repair", ON)], [], [("stop", ON)], []],
    ),
    "from a persistent repair to the next": (
        dead_data(ON, A),
        [(DEAD, None)] * 2,
        [[("repair", ON)], [("stop", ON), ("repair", A)]],
    ),
    "a leaky slope gets its time": (
        dead_data(SLOPE, A),
        [(DEAD, None)] * 4,
        [[("repair", SLOPE)], [], [], [("repair", A)]],
    ),
    "leaky layers are not dead": (dead_data(A), [(dead(1, slope=0.01), None)], [[]]),
    "a fitted example may be dead": (dead_data(A, level=0.1), [(DEAD, [1, 0.05, 1, 1])], [[]]),
    "a wrong one may not": (dead_data(A, level=0.1), [(DEAD, [0, 0.5, 0, 0])], [[("repair", A)]]),
    "an expert got a part of the batch, and whose losses are high is unknown": (
        dead_data(A, level=0.1),
        [(DEAD, [1.0] * 7)],
        [[]],
    ),
    "where losses do not matter a part will do": (dead_data(A), [(DEAD, [1.0] * 7)], [[("repair", A)]]),
    "a plateau needs two readings": (plateau(A), [(FINE, [1] * 4)] * 2, [[], [("repair", A)]]),
    "a falling loss is no plateau": (plateau(A), [(FINE, [1] * 4), (FINE, [0.8] * 4)], [[], []]),
    "a low loss is no plateau": (plateau(A, level=0.5), [(FINE, [0.4] * 4)] * 2, [[], []]),
    "the lowest loss counts": (
        plateau(A),
        [(FINE, [1] * 4), (FINE, [0.5] * 4), (FINE, [0.48] * 4)],
        [[], [], [("repair", A)]],
    ),
    "after a repair a plateau is unknown, not over": (
        plateau(A, B),
        [(FINE, [1] * 4)] * 4,
        [[], [("repair", A)], [], [("repair", B)]],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_is_decided(name):
    policy, seen, expected = TABLE[name]
    readings = [reading(10 * k, each) for k, (each, _) in enumerate(seen)]
    losses = [each for _, each in seen]
    assert follow(policy, *readings, losses=losses) == expected


TORQUE = Policy("own", (Rule("no torque", (A,), 0.01, gradient=0.1, level=0.2, fall=0.05),))


@pytest.mark.parametrize(
    ("torque", "gradient", "losses", "acts"),
    [
        (0.001, 1.0, (1.0, 1.0), True),
        (0.5, 1.0, (1.0, 1.0), False),
        (nan, 1.0, (1.0, 1.0), False),
        (0.001, 0.01, (1.0, 1.0), False),
        (0.001, 1.0, (1.0, 0.9), False),
        (0.001, 1.0, (0.1, 0.1), False),
        (0.001, 1.0, (None, None), True),
    ],
)
def test_low_torque_counts_with_a_gradient_and_a_loss_that_rests(torque, gradient, losses, acts):
    low = layer(torque=torque, gradient=gradient)
    _, state = decide(reading(0, FINE, loss=losses[0]), State(), TORQUE)
    actions, _ = decide(reading(10, low, loss=losses[1]), state, TORQUE)
    assert bool(actions) == acts


def test_actions_name_layer_examples_and_numbers():
    policy = dead_data(A, B, level=0.1)
    layers = (dead(0, 2, name="a"), layer("b"), dead(3, name="c"))
    actions, state = decide(reading(7, *layers), State(), policy, [1, 1, 0.05, 1])
    assert [(a.alarm.layer, a.points, a.alarm.value, a.step) for a in actions] == [
        ("a", (0,), 0.25, 7),
        ("c", (3,), 0.25, 7),
    ]
    assert state.episodes["a", "dead data"] == Episode(1, 0, 1, 7)
    assert state.episodes["b", "dead data"] == Episode()


def test_only_the_first_layer_if_so_asked():
    policy = dead_data(A, first_only=True)
    actions, _ = decide(reading(0, layer("a"), dead(1, name="b"), dead(1, name="c")), State(), policy)
    assert [a.alarm.layer for a in actions] == ["b"]


def test_nothing_is_done_about_numbers_that_are_not_finite():
    assert decide(reading(0, DEAD, finite=False), State(), dead_data(A)) == ((), State())


healthy = st.builds(
    layer,
    tops=st.lists(st.floats(1e-6, 10), min_size=1, max_size=6),
    torque=st.floats(0.01, 1),
    gradient=st.floats(0, 10),
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(POLICIES)), seen=st.lists(st.tuples(healthy, st.floats(0, 5)), max_size=6))
def test_nothing_is_done_while_nothing_is_out_of_bounds(name, seen):
    state, lowest = State(), inf
    for step, (each, loss) in enumerate(seen):
        loss = min(loss, 0.98 * lowest) if lowest < inf else loss
        lowest = loss
        actions, state = decide(reading(step, each, loss=loss), state, POLICIES[name])
        assert actions == ()


@settings(max_examples=60, deadline=None)
@given(bad=st.lists(st.booleans(), max_size=25), most=st.integers(0, 5), count=st.integers(1, 3))
def test_levels_rise_one_by_one_and_tries_are_bounded(bad, most, count):
    levels = tuple(Intervention("revival", 0.1 * (k + 1)) for k in range(count))
    policy, state, last = dead_data(*levels, max_tries=most), State(), None
    repairs = 0
    for step, out in enumerate(bad):
        actions, state = decide(reading(step, DEAD if out else FINE), state, policy)
        for action in actions:
            assert out
            if action.verb == "repair":
                assert action.escalation == (0 if last is None else min(last + 1, count - 1))
                last, repairs = action.escalation, repairs + 1
                assert action.attempt == repairs
        last = last if out else None
    assert repairs == min(most, sum(bad))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule("dead dta", (A,)),
        lambda: Rule("dead data", ()),
        lambda: Rule("dead data", (A,), readings=0),
        lambda: Policy("p", (Rule("plateau", (A,)), Rule("plateau", (B,)))),
        lambda: Policy("p", (), cooldown=-1),
        lambda: policy_named("best"),
    ],
)
def test_rules_that_make_no_sense_are_refused(make):
    with pytest.raises(StabilityError):
        make()


def test_adapting_changes_levels_readings_and_penalties():
    found = adapted(POLICIES["better"], 0.7, 5, 1e-4)
    assert {rule.level for rule in found.rules} == {0.7}
    assert {rule.alarm: rule.readings for rule in found.rules} == {"dead data": 1, "plateau": 5}
    assert [r.size for rule in found.rules for r in rule.interventions if r.lasts] == [1e-4]
    assert {r.kind for p in POLICIES.values() for rule in p.rules for r in rule.interventions} <= set(INTERVENTIONS)


class Two(nn.Module):
    """Two ReLUs, summed."""

    def __init__(self, rows):
        super().__init__()
        rows = torch.as_tensor(np.array(rows), dtype=torch.float64)
        self.units = nn.Linear(2, len(rows)).double()
        with torch.no_grad():
            self.units.weight.copy_(rows[:, :2])
            self.units.bias.copy_(rows[:, 2])

    def forward(self, x):
        return torch.relu(self.units(x)).sum(1)


Y = torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.float64)
UNSEEN = [[0.5, -0.4, 0.0], [0.3, -0.3, -0.2]]
"""No unit sees the class-1 point (-1, 1)."""


def losses(out):
    return (out - Y) ** 2


def train(model, policy, epochs=400, x=X, **more):
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with Controller(model, policy, optimizer, per_example_loss=losses, **more) as controller:
        for _ in range(epochs):
            optimizer.zero_grad()
            losses(model(x)).mean().backward()
            optimizer.step()
    return controller


def right(model):
    return bool(((model(X) > 0.5) == (Y > 0.5)).all())


def test_a_dead_wrong_point_recovers_with_a_controller_and_not_without():
    alone, helped = Two(UNSEEN), Two(UNSEEN)
    train(alone, Policy("none", ()))
    found = train(helped, "better")
    assert (right(alone), right(helped)) == (False, True)
    assert [e.action.intervention.kind for e in found.log][:1] == ["revival"]
    assert found.log[0].action.points == (1,)
    assert found.log[0].before == 0.25
    assert found.log[0].after == 0.0
    assert set(found.log[0].changed) == {"units.weight", "units.bias"}


def test_a_dry_run_writes_down_and_changes_nothing():
    for name in POLICIES:
        plain, dry = Two(UNSEEN), Two(UNSEEN)
        train(plain, Policy("none", ()), 60)
        found = train(dry, name, 60, dry_run=True)
        assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), dry.parameters(), strict=True))
        assert found.log
        assert all(entry.dry and not entry.changed for entry in found.log)


def hooks(model):
    parts = list(model.modules())
    return [len(part._forward_hooks) + len(part._forward_pre_hooks) + len(part._backward_hooks) for part in parts]


def test_the_network_is_left_as_it_was_after_an_error():
    class Failing(Two):
        fails = False

        def forward(self, x):
            if self.fails:
                raise RuntimeError("lost")
            return super().forward(x)

    model = Failing(UNSEEN)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    policy = Policy("own", (Rule("dead data", (Intervention("leaky slope", 0.3, 500),)),))

    def fail():
        with Controller(model, policy, optimizer, every=1) as controller:
            for k in range(3):
                model.fails = k == 2
                optimizer.zero_grad()
                losses(model(X)).mean().backward()
                optimizer.step()
                assert controller.busy

    with pytest.raises(RuntimeError, match="lost"):
        fail()
    assert hooks(model) == [0, 0]
    model.fails = False
    assert torch.equal(model(X), torch.relu(model.units(X)).sum(1))
    assert float(torch.relu(torch.tensor(-1.0))) == 0


def test_a_leaky_slope_lasts_its_steps():
    model = Two(UNSEEN)
    optimizer = torch.optim.SGD(model.parameters(), 1e-9)
    policy = Policy("own", (Rule("dead data", (Intervention("leaky slope", 0.5, 3),)),), max_tries=1)
    seen = []
    with Controller(model, policy, optimizer, every=1):
        for _ in range(7):
            optimizer.zero_grad()
            out = model(X)
            seen.append(not torch.equal(out, torch.relu(model.units(X)).sum(1)))
            losses(out).mean().backward()
            optimizer.step()
    assert seen == [False, True, True, True, False, False, False]


def test_a_penalty_acts_while_it_lasts_only():
    from stability.training.constraints.separation_loss import SeparationLoss

    model, twin = Two(UNSEEN), Two(UNSEEN)
    policy = Policy("own", (Rule("dead data", (Intervention("separation", 0.02),)),), max_tries=1)
    optimizers = [torch.optim.SGD(m.parameters(), 0.05) for m in (model, twin)]
    with Controller(model, policy, every=1) as controller, SeparationLoss(twin, "sep-pu", 0.02) as term:
        for k in range(5):
            for each, optimizer in zip((model, twin), optimizers, strict=True):
                optimizer.zero_grad()
                loss = losses(each(X)).mean()
                (loss + term() if each is twin and k else loss).backward()
                optimizer.step()
            assert controller.busy
            assert all(torch.allclose(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))
    assert not controller.busy


def test_moments_of_the_stepping_optimiser_are_cleared_though_it_was_not_named():
    model = Two(UNSEEN)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    policy = Policy("own", (Rule("dead data", (Intervention("revival by bias", 0.1),), readings=2),), max_tries=1)
    with Controller(model, policy, every=1) as controller:
        for k in range(2):
            assert not controller.log
            optimizer.zero_grad()
            losses(model(X)).mean().backward()
            optimizer.step()
            moments = optimizer.state[model.units.bias]["exp_avg"]
            assert (moments == 0).tolist() == [False, True] if k else (moments != 0).all()
    assert controller.log[0].changed == {"units.bias": 1}
    assert optimizer.state[model.units.bias]["step"] == 2


def test_a_monitor_can_be_shared_and_hears_as_before():
    model, heard = Two(UNSEEN), []
    monitor = Monitor(model, every=5, detail=True, log=heard.append)
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with Controller(monitor, "revive", per_example_loss=losses) as controller:
        for _ in range(11):
            optimizer.zero_grad()
            losses(model(X)).mean().backward()
            optimizer.step()
    assert [each.step for each in heard] == [0, 5, 10]
    assert controller.log
    assert monitor.readings == heard
    monitor.close()
    assert hooks(model) == [0, 0]


def test_a_monitor_without_detail_is_refused():
    model = Two(UNSEEN)
    with Monitor(model) as monitor, pytest.raises(StabilityError, match="detail"):
        Controller(monitor, "revive")


def test_unknown_policies_and_sizes_are_refused():
    model = Two(UNSEEN)
    with pytest.raises(UnknownNameError, match="better"):
        Controller(model, "bettr")
    with pytest.raises(NumberError, match="keep"):
        Controller(model, keep=0)
    assert hooks(model) == [0, 0]


def test_batch_normalisation_is_left_alone_and_reported():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1)).double()
    with torch.no_grad():
        model[1].bias.fill_(-9.0)
    before = model[0].weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), 0.0)
    with Controller(model, "as-written", optimizer, every=1) as controller:
        (model(X)[:, 0] - Y).square().mean().backward()
        tracked = model[1].num_batches_tracked.clone()
        optimizer.step()
    assert torch.equal(model[0].weight, before)
    assert torch.equal(model[1].num_batches_tracked, tracked)
    assert "normalisation" in controller.log[0].reason
    assert not controller.repaired


def test_the_log_is_written_whole(tmp_path):
    found = train(Two(UNSEEN), "as-written", 60)
    found.write(tmp_path / "log.jsonl")
    found.write(tmp_path / "log.csv")
    first, *rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert first["origin"]["settings"]["policy"] == "as-written"
    assert [row["step"] for row in rows] == [entry.action.step for entry in found.log]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert json.loads((tmp_path / "log.csv.json").read_text())["settings"]["policy"] == "as-written"
    with (tmp_path / "log.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["before"]) for row in table] == [row["before"] for row in rows]
    assert [json.loads(row["changed"]) for row in table] == [row["changed"] for row in rows]
    assert "repair bias warm-up (0.01)" in str(found.log[0])
    for path in (tmp_path / "log.txt", tmp_path / "nowhere" / "log.csv"):
        with pytest.raises(FileError):
            found.write(path)


def test_closures_of_lbfgs_get_the_penalty():
    model = Two(UNSEEN)
    optimizer = torch.optim.LBFGS(model.parameters(), 0.1, max_iter=1)
    policy = Policy("own", (Rule("dead data", (Intervention("separation", 0.2),)),))

    def closure():
        optimizer.zero_grad()
        loss = losses(model(X)).mean()
        loss.backward()
        return loss

    with Controller(model, policy, every=1) as controller:
        optimizer.step(closure)
        assert controller.busy
        optimizer.step(closure)
        penalised = model.units.weight.grad.clone()
    with torch.no_grad():
        plain = losses(model(X))
    assert plain.isfinite().all()
    closure()
    assert not torch.allclose(penalised, model.units.weight.grad)


XOR = task("relu2", "xor")
STARTS = initial("normal:0.5", place_of(XOR), 400, 0).reshape(400, 2, 3)
HOW = Training(epochs=150)


def single(start, policy, place):
    """Train one network by torch's Adam with a Controller, by the stops of `Training`."""
    x, y = torch.as_tensor(XOR.points), torch.as_tensor(XOR.labels)
    model = Two(start)
    optimizer = torch.optim.Adam(model.parameters(), HOW.lr, (HOW.beta1, HOW.beta2), HOW.eps)
    best, waited, taken = inf, 0, 0
    with Controller(
        model, policy, every=HOW.every, per_example_loss=lambda out: (out - y) ** 2, seed=own_seed(5, place)
    ) as controller:
        for _ in range(HOW.epochs):
            loss = ((model(x) - y) ** 2).mean()
            waited = 0 if float(loss.detach()) < best or controller.busy else waited + 1
            best = min(best, float(loss.detach()))
            if waited >= HOW.patience or loss < HOW.stop_loss:
                break
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            taken += 1
            if controller.repaired:
                best, waited = inf, 0
    events = [(e.action.step, e.action.alarm.kind, e.action.verb, e.action.intervention) for e in controller.log]
    return events, taken, model(x).detach().numpy()


@pytest.mark.parametrize("name", POLICIES)
def test_many_restarts_at_once_do_what_a_controller_does_one_by_one(name):
    policy = replace(POLICIES[name], max_tries=3)
    many = train_controlled(XOR, STARTS, policy, HOW, seed=5)
    acted = {kind for e in many.events for kind in [e.intervention.kind]}
    assert acted >= {r.kind for rule in policy.rules for r in rule.interventions[:1] if rule.alarm == "dead data"}
    late = [int(i) for e in many.events if e.alarm != "dead data" for i in e.restarts]
    for i in dict.fromkeys([0, 3, *late[:1]]):
        events, taken, outputs = single(STARTS[i], policy, i)
        own = [(e.step, e.alarm, e.verb, e.intervention) for e in many.events if i in e.restarts]
        assert (events, taken) == (own, many.stopped[i])
        assert outputs == pytest.approx(many.outputs[i], abs=1e-6)


def test_runs_do_not_depend_on_the_others():
    policy = POLICIES["corrected"]
    whole = train_controlled(XOR, STARTS[:60], policy, HOW, 1)
    part = train_controlled(XOR, STARTS[20:60], policy, HOW, 1, first=20)
    assert np.array_equal(whole.points[20:], part.points)
    assert np.array_equal(whole.repairs[20:], part.repairs)


def test_without_a_policy_runs_are_those_of_the_trainer():
    from stability.model.update_rules import update_rule
    from stability.training.ensembles.ensemble import train as ensemble

    adam = update_rule("adam", step="1/100", beta2="99/100")
    found = ensemble(
        XOR, STARTS.reshape(400, 6), adam, epochs=800, stop_loss=1e-7, patience=11, dtype="float64", device="cpu"
    )
    own = train_controlled(XOR, STARTS, None)
    assert (own.success == found.success).mean() > 0.99
    assert (own.stopped == found.stopped).mean() > 0.9


def test_other_tasks_are_refused():
    with pytest.raises(StabilityError, match="ReLU"):
        train_controlled(task("abs1", "xor"), np.zeros((1, 1, 3)), None)
