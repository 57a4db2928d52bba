"""Whatever way a network is written, the ReLUs get seen with what they got, and nothing else changes."""

import copy
import io
import pickle
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import BaseTorchFunctionMode, _get_current_function_mode_stack

from stability.errors import StabilityError
from stability.training.control.leaky_slopes import LeakySlopes
from stability.training.introspection.forward_passes import Introspection, capture, switch_off
from stability.training.introspection.hooks import without_hooks
from stability.training.introspection.names import Names
from stability.training.introspection.trace_mode import ForwardTrace
from stability.training.monitoring.monitor import Monitor


class Written(nn.Module):
    """A network whose forward pass is a given function of its two linear maps."""

    def __init__(self, forward, inputs=3, units=4):
        super().__init__()
        self.a, self.b = nn.Linear(inputs, units), nn.Linear(units, units)
        self.written = forward

    def forward(self, x):
        return self.written(self, x)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    yield
    assert not _get_current_function_mode_stack()


@pytest.fixture
def x():
    return torch.randn(5, 3)


def names(found):
    return [each.name for each in found]


ONE = {
    "module": lambda m, x: nn.ReLU()(m.a(x)),
    "module in place": lambda m, x: nn.ReLU(inplace=True)(m.a(x)),
    "functional": lambda m, x: functional.relu(m.a(x)),
    "functional in place": lambda m, x: functional.relu(m.a(x), inplace=True),
    "functional in place by position": lambda m, x: functional.relu(m.a(x), True),
    "torch": lambda m, x: torch.relu(m.a(x)),
    "torch in place": lambda m, x: torch.relu_(m.a(x)),
    "method": lambda m, x: m.a(x).relu(),
    "method in place": lambda m, x: m.a(x).relu_(),
    "by name": lambda m, x: functional.relu(input=m.a(x)),
    "clamp": lambda m, x: m.a(x).clamp(min=0),
    "clamp in place": lambda m, x: m.a(x).clamp_(0),
    "clamp_min": lambda m, x: torch.clamp_min(m.a(x), 0.0),
    "clip": lambda m, x: torch.clip(m.a(x), 0),
    "threshold": lambda m, x: nn.Threshold(0, 0)(m.a(x)),
    "relu6": lambda m, x: nn.ReLU6()(m.a(x)),
    "written over later": lambda m, x: (lambda z: (z.relu(), z.add_(1))[0])(m.a(x)),
    "dropout between": lambda m, x: functional.dropout(m.a(x), 0.0, True).relu(),
    "a constant added": lambda m, x: (m.a(x) + 0.0).relu(),
    "twice": lambda m, x: (lambda z: z.relu() + z.relu())(m.a(x)),
}


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("how", ONE)
def test_every_way_to_write_a_relu(how, graph, x):
    model = Written(ONE[how])
    (found,) = capture(model, x, graph=graph)
    assert found.name == "a"
    assert found.weight is model.a.weight
    assert found.bias is model.a.bias
    assert found.slope == 0
    assert torch.equal(found.z, model.a(x))
    assert torch.equal(found.table, model.a(x)[:, :, None])
    assert found.z.requires_grad == graph


def test_graphs_reach_the_weights_even_in_place(x):
    model = Written(ONE["method in place"])
    (found,) = capture(model, x, graph=True)
    found.z.sum().backward()
    assert torch.allclose(model.a.bias.grad, torch.full((4,), 5.0))


def test_slopes(x):
    def forward(m, x):
        z = functional.leaky_relu(m.a(x), 0.2)
        return m.p(nn.LeakyReLU(inplace=True)(m.b(z)) + 0 * z)

    model = Written(forward)
    model.p = nn.PReLU()
    found = capture(model, x)
    assert [each.slope for each in found] == [0.2, 0.01, None]
    assert torch.equal(found[1].z, model.b(functional.leaky_relu(model.a(x), 0.2)))


@pytest.mark.parametrize(
    "other",
    [torch.tanh, nn.GELU(), lambda z: z.clamp(0, 1), lambda z: z.clamp(min=-1), nn.Hardtanh(), nn.Threshold(1, 0)],
)
def test_what_is_no_relu_is_not_seen(other, x):
    with pytest.raises(StabilityError, match="saw none"):
        capture(Written(lambda m, x: other(m.a(x))), x)


CRELUS = {
    "after": lambda m, x: torch.cat([m.a(x).relu(), (-m.a(x)).relu()], 1),
    "shared": lambda m, x: (lambda z: torch.cat([z.relu(), (-z).relu()], 1))(m.a(x)),
    "negative first": lambda m, x: (lambda z: torch.cat([(-z).relu(), z.relu()], 1))(m.a(x)),
    "before": lambda m, x: (lambda z: torch.cat([z, -z], 1).relu())(m.a(x)),
    "in place": lambda m, x: (lambda z: torch.cat([(-z).relu_(), z.relu_()], 1))(m.a(x)),
}


@pytest.mark.parametrize("how", [key for key in CRELUS if key != "after"])
def test_concatenated_relus_are_one_layer(how, x):
    model = Written(CRELUS[how])
    (found,) = capture(model, x)
    z = model.a(x)
    signs = (-1, 1) if how in ("negative first", "in place") else (1, -1)
    assert torch.equal(found.z, torch.cat([s * z for s in signs], 1))
    assert found.name == "a"
    assert found.weight is model.a.weight


def test_separate_calls_of_a_map_are_separate_layers(x):
    assert names(capture(Written(CRELUS["after"]), x)) == ["a", "a (2)"]


def test_an_id_that_is_used_again_joins_nothing(x):
    def forward(m, x):
        for _ in range(20):
            x = m.b((-m.b(m.b(x).relu_())).relu_())
        return x

    found = capture(Written(forward), torch.randn(5, 4))
    assert [each.z.shape for each in found] == [(5, 4)] * 40

    def renewing(m, x):
        for _ in range(20):
            x = m.b(x).relu_()
        return x

    assert len(capture(Written(renewing), torch.randn(5, 4))) == 20


def test_shared_maps_count_their_uses(x):
    model = Written(lambda m, x: m.b(m.b(m.a(x).relu()).relu()).relu())
    assert names(capture(model, x)) == ["a", "b", "b (2)"]


def test_convolutions_norms_pools_and_residual_sums():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.norm, self.conv2 = nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1)
            self.short = nn.Conv2d(2, 3, 1)

        def forward(self, x):
            h = functional.max_pool2d(self.norm(self.conv1(x)), 1).relu()
            h = (self.conv2(h) + h).relu_()
            return (self.conv2(h) + self.short(x)).relu()

    block, x = Block(), torch.randn(5, 2, 6, 7)
    first, second, third = capture(block, x)
    assert (first.name, first.normed, first.axis) == ("conv1", True, 1)
    assert (second.name, second.normed, second.weight) == ("conv2", False, block.conv2.weight)
    assert (third.name, third.weight, third.axis) == ("relu", None, 1)
    assert first.table.shape == third.table.shape == (5, 3, 42)
    assert torch.equal(first.table[1, 2], first.z[1, 2].flatten())


@pytest.mark.parametrize("unknown", [lambda m, x: m.a(x) + m.b(m.a(x)), lambda m, x: 2 * m.a(x)])
def test_a_normalisation_of_anything_is_normed(unknown, x):
    model = Written(lambda m, x: m.n(unknown(m, x)).relu())
    model.n = nn.LayerNorm(4)
    (found,) = capture(model, x)
    assert (found.name, found.normed, found.axis) == ("relu", True, -1)


def test_sequences_have_places_and_single_examples_a_batch(x):
    model = Written(ONE["method"])
    sequence = torch.randn(2, 6, 3)
    (found,) = capture(model, sequence)
    assert torch.equal(found.table, model.a(sequence).transpose(1, 2))
    assert capture(model, x[0])[0].table.shape == (1, 4, 1)
    convolution = nn.Sequential(nn.Conv1d(3, 2, 2), nn.MaxPool1d(2), nn.ReLU())
    assert capture(convolution, torch.randn(3, 9))[0].table.shape == (1, 2, 4)
    assert capture(convolution, torch.randn(5, 3, 9))[0].table.shape == (5, 2, 4)


def test_recurrent_and_transformer_layers(x):
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()
    assert names(capture(layer, torch.randn(2, 5, 4))) == ["linear1"]
    assert names(capture(nn.RNN(3, 4, nonlinearity="relu"), x)) == ["weight_ih_l0"]


def test_nested_names_and_computed_weights(x):
    inner = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
    old = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 2))
    model = nn.Sequential(nn.ModuleDict({"part": inner})["part"], normed, nn.ReLU(), old, nn.ReLU())
    found = capture(model, x)
    assert names(found) == ["0.0", "1", "3"]
    assert found[1].weight is not None
    assert torch.equal(found[1].weight, normed.weight)
    assert torch.equal(found[1].z, normed(inner(x)))


def test_parameters_that_came_later_have_names(x):
    model, found = nn.Sequential(nn.Linear(3, 4), nn.ReLU()), []
    with Introspection(model, found.extend):
        model[0] = nn.Linear(3, 2)
        model(x)
    assert found[0].weight is model[0].weight
    assert found[0].name == "0"


def traces(model):
    """Return all that hooks may leave behind in a network."""
    keys = ("_forward_hooks", "_forward_pre_hooks", "_forward_hooks_always_called", "_forward_hooks_with_kwargs")
    own = [{key: dict(getattr(part, key)) for key in keys} for part in model.modules()]
    return own, [sorted(part.__dict__) for part in model.modules()], [*model.state_dict()]


def test_outputs_gradients_and_the_network_are_unchanged():
    def make():
        torch.manual_seed(1)
        parts = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten(), nn.Dropout(0.3))
        return nn.Sequential(*parts, nn.Linear(64, 3), nn.LeakyReLU())

    plain, traced, x = make(), make(), torch.randn(5, 1, 6, 6)
    before, found = traces(traced), []
    introspection = Introspection(traced, found.append)
    outputs = []
    for model in (plain, traced):
        torch.manual_seed(2)
        outputs.append(model(x))
        outputs[-1].square().sum().backward()
    introspection.close()
    introspection.close()
    assert torch.equal(*outputs)
    assert all(torch.equal(a.grad, b.grad) for a, b in zip(plain.parameters(), traced.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(plain.buffers(), traced.buffers(), strict=True))
    assert traces(traced) == before
    traced(x)
    assert len(found) == 1
    assert introspection.passes == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_inside_leaves_nothing_on(error, x):
    def forward(m, x):
        if m.fails:
            raise error
        return m.a(x).relu()

    model, found = Written(forward), []
    model.fails = True
    before = traces(model)
    with pytest.raises(error), Introspection(model, found.append):
        model(x)
    assert not _get_current_function_mode_stack()
    assert traces(model) == before
    introspection = Introspection(model, found.append)
    with pytest.raises(error):
        model(x)
    model.fails = False
    model(x)
    assert not _get_current_function_mode_stack()
    assert [names(each) for each in found] == [["a"]]
    introspection.close()


@pytest.mark.parametrize("within", [False, True])
def test_a_network_that_returns_none_is_seen_and_one_that_raises_is_not(within, x):
    def forward(m, x):
        m.output = m.a(x).relu()
        if m.fails:
            raise ValueError("no output")

    def call():
        if not within:
            return model(x)
        try:
            raise KeyError
        except KeyError:
            return model(x)

    model, found = Written(forward), []
    with Introspection(model, found.append):
        model.fails = True
        with pytest.raises(ValueError, match="no output"):
            call()
        assert found == []
        model.fails = False
        assert call() is None
    assert [names(each) for each in found] == [["a"]]


def test_a_network_that_calls_itself(x):
    def forward(m, x):
        return m.b(m.a(x).relu()).relu() if x.shape[1] == 3 and x.ndim == 2 else m(x[0]).relu()

    model, found = Written(forward), []
    with Introspection(model, found.append):
        model(x[None])
    assert [names(each) for each in found] == [["a", "b"], ["a", "b", "relu"]]


def test_several_introspections_and_those_of_parts(x):
    model, found = nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), nn.Linear(4, 4), nn.ReLU()), []
    with Introspection(model, found.append), Introspection(model[0], found.append), Introspection(model, found.append):
        model(x)
    assert [names(each) for each in found] == [["0"], ["0.0", "1"], ["0.0", "1"]]


def test_only_wanted_passes_are_seen(x):
    model, found, turns = Written(ONE["method"]), [], iter([False, True, False])
    with Introspection(model, found.append, wanted=lambda: next(turns)) as introspection:
        for _ in range(3):
            model(x)
    assert len(found) == 1
    assert introspection.passes == 3


def test_copies_are_not_traced(x):
    model, found = nn.Sequential(nn.Linear(3, 4), nn.ReLU()), []
    with Introspection(model, found.append):
        copied, file = copy.deepcopy(model), io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        assert torch.equal(copied(x), loaded(x))
        assert not found
        model(x)
    assert len(found) == 1


def test_copies_and_files_do_not_hold_the_introspection(x):
    model, found = nn.Sequential(nn.Linear(3, 4), nn.ReLU()), []

    def size(each):
        file = io.BytesIO()
        torch.save(each, file)
        return len(file.getvalue())

    bare = size(model)
    with Introspection(model, found.append), LeakySlopes(model) as slopes:
        slopes.set("0", 0.1, 5)
        copied = copy.deepcopy(copy.deepcopy(model))
        assert size(model) < bare + 1000
        assert size(copied) < bare + 1000
        assert b"stability" not in pickle.dumps(model)
        assert torch.equal(pickle.loads(pickle.dumps(copied))(x), copied(x))
        assert not torch.equal(model(x), copied(x))
    assert len(found) == 1


def test_passes_can_go_without_hooks(x):
    model, found = nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), nn.Linear(4, 1)), []
    with (
        Introspection(model, found.append),
        Introspection(model[0], found.append) as inner,
        LeakySlopes(model) as slopes,
    ):
        slopes.set("0.0", 0.1, 5)
        leaky = model(x)
        assert len(found) == 2
        with without_hooks(model), Introspection(model, found.append):
            assert torch.equal(model(x), leaky)
        assert len(found) == 3
        assert inner.passes == 1
        model(x)
    assert len(found) == 5


def test_what_cannot_be_followed_is_refused(x):
    model = Written(lambda m, x: (lambda z: (z.relu(), z.view(-1).add_(1))[0])(m.a(x)))
    with pytest.raises(StabilityError, match="overwritten"):
        capture(model, x, strict=True)
    with pytest.warns(UserWarning, match="a of Written is left out: its pre-activations were overwritten"):
        assert capture(model, x) == []
    with torch.inference_mode():
        assert names(capture(Written(ONE["method in place"]), x)) == ["a"]


def test_compiled_networks_are_refused(x):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    compiled = torch.compile(model, backend="eager")
    with pytest.raises(StabilityError, match="it is compiled"):
        capture(compiled, x)
    with pytest.raises(StabilityError, match="its part 0 is compiled"):
        capture(nn.Sequential(compiled), x)
    found = []
    with Introspection(model, found.append):
        assert torch.equal(compiled(x), model(x))
        outer = nn.Sequential(model)
    assert len(found) == 1
    with Introspection(outer, found.append):
        outer[0] = compiled
        with pytest.warns(UserWarning, match="its part 0 is compiled"):
            outer(x)
    outer = nn.Sequential(model)
    with Introspection(outer, found.append, strict=True):
        outer[0] = compiled
        with pytest.raises(StabilityError, match="its part 0 is compiled"):
            outer(x)
    assert len(found) == 1
    assert not _get_current_function_mode_stack()
    assert torch.equal(compiled(x), model(x))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_scripted_and_spread_networks_are_refused(x):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    with pytest.raises(StabilityError, match="ScriptModule"):
        capture(torch.jit.trace(model, x), x)
    spread = nn.DataParallel(model)
    assert names(capture(spread, x)) == ["module.0"] or len(spread.device_ids) > 1
    spread.device_ids = [0, 1]
    with pytest.raises(StabilityError, match="DataParallel"):
        capture(spread, x)
    with pytest.raises(StabilityError, match=r"torch\.nn\.Module"):
        capture(torch.relu, x)


def test_nothing_to_see_and_empty_batches(x):
    with pytest.raises(StabilityError, match="saw none"):
        capture(nn.Linear(3, 4), x)
    with pytest.raises(StabilityError, match="empty"):
        capture(Written(ONE["method"]), x[:0])


def test_mixed_precision(x):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    with torch.autocast("cpu", torch.bfloat16):
        (found,) = capture(model, x)
    assert found.z.dtype == torch.bfloat16
    assert found.name == "0"


def test_a_trace_below_the_mode_of_somebody_else_is_ended_alone():
    trace, above = ForwardTrace(Names(nn.Identity())), BaseTorchFunctionMode()
    trace.__enter__()
    with above:
        torch.relu(torch.ones(2, 2))
        switch_off(trace)
        torch.relu(torch.ones(2, 2))
        assert _get_current_function_mode_stack() == [above]
    assert len(trace.skipped) == 1
    assert _get_current_function_mode_stack() == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_passes_that_several_look_at_leave_nothing_switched_on(error):
    """Each has a mode of its own; Ctrl-C leaves all of them on, until the next pass."""

    class Stops(nn.Module):
        now = True

        def forward(self, x):
            if self.now:
                raise error
            return x

    model, seen = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), Stops()), []
    with Introspection(model, seen.append), Introspection(model, seen.append), Introspection(model, seen.append):
        for _ in range(3):
            with pytest.raises(error):
                model(torch.ones(4, 2))
        model[2].now = False
        model(torch.ones(4, 2))
        assert _get_current_function_mode_stack() == []
    assert [len(each) for each in seen] == [1, 1, 1]


def test_layers_that_are_pruned_or_normalised_as_of_old_keep_the_name_of_their_module():
    from torch.nn.utils import prune, spectral_norm

    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), spectral_norm(nn.Linear(3, 3)), nn.ReLU(), nn.Linear(3, 1))
    prune.l1_unstructured(model[0], "weight", 0.5)
    assert [seen.name for seen in capture(model, torch.ones(4, 2))] == ["0", "2"]


@pytest.mark.filterwarnings("ignore")
def test_examples_of_different_sizes_go_through_unread():
    model, seen = nn.Sequential(nn.Linear(2, 3), nn.ReLU()), []
    x = torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(3, 2)])
    with Introspection(model, seen.append):
        for _ in range(2):
            assert len(model(x).unbind()) == 2
    assert seen == [[], []]


@pytest.mark.parametrize(
    "call", [torch.ops.aten.relu, torch.ops.aten.clamp_min.default, torch.ops.aten.leaky_relu_.default]
)
def test_relus_of_torch_ops_are_left_out_with_a_warning(x, call):
    rest = {"clamp_min": (0,)}.get(str(call).split(".")[1], ())
    model = Written(lambda m, x: m.b(call(m.a(x), *rest)))
    with pytest.warns(UserWarning, match=r"relu of Written is left out: it is an operation of torch\.ops") as said:
        assert capture(model, x) == []
    assert len(said) == 1


def test_clamps_of_torch_ops_that_are_no_relus_are_not_warned_of(x):
    model = Written(lambda m, x: torch.ops.aten.clamp.default(torch.relu(m.a(x)), 0, 6))
    assert names(capture(model, x)) == ["a"]


def test_an_exported_network_is_read_as_unread(x):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.LeakyReLU(), nn.Linear(4, 1))
    exported = torch.export.export(model, (x,)).module()
    with Monitor(exported) as monitor, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            exported(x).sum().backward()
            monitor.step()
    (warning,) = said
    assert "are left out: it is an operation of torch.ops" in str(warning.message)
    assert monitor.latest.unread == 2


def lazily(m, x):
    yield torch.relu(m.a(x))


async def some_day(m, x):
    return torch.relu(m.a(x))


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("written", [lazily, some_day, lambda m, x: (torch.relu(m.a(x)) for _ in range(2))])
def test_what_a_generator_computes_is_left_out_with_a_warning(x, written):
    model = Written(written)
    looked = []
    with Introspection(model, looked.append), pytest.warns(UserWarning, match="the generator of Written is left out"):
        model(x)
    assert looked == [[]]
    with (
        Introspection(model, looked.append, strict=True),
        pytest.raises(StabilityError, match="after the forward pass"),
    ):
        model(x)


def test_a_monitor_counts_a_generator_as_unread(x):
    model = Written(lazily)
    del model.b
    with Monitor(model) as monitor:
        with pytest.warns(UserWarning, match="the generator"):
            steps = model(x)
        next(steps).sum().backward()
        monitor.step()
    assert monitor.latest.unread == 1
    assert any("after the forward pass" in each for each in monitor.latest.skipped)
