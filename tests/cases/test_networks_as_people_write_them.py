"""Readings of networks and batches as people have them, against counts that are true by construction."""

import warnings

import pytest
import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn.utils.rnn import PackedSequence, pack_sequence
from torch.utils.data import DataLoader

from stability import Monitor, SeparationLoss, capture, layer_geometry


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


class Cut(nn.Module):
    def forward(self, x):
        return x[:, :, :-2].contiguous()


def test_filters_behind_a_causal_cut_are_the_units():
    net = nn.Sequential(nn.Conv1d(3, 8, 3, padding=2), Cut(), nn.ReLU(), nn.Flatten(), nn.Linear(160, 1))
    with torch.no_grad():
        net[0].bias[2] = -100
    layer = layer_geometry(net, torch.randn(16, 3, 20)).layers[0]
    assert (layer.units, layer.dead_units.tolist()) == (8, [k == 2 for k in range(8)])


def test_a_cut_does_not_change_a_penalty_on_the_same_filters():
    """The cut drops two places, which hold no extreme here, as all their inputs are 0."""
    filters, x = nn.Conv1d(3, 8, 1), torch.randn(16, 3, 20)
    x[:, :, -2:] = x[:, :, :1]
    found = []
    for net in (nn.Sequential(filters, Cut(), nn.ReLU()), nn.Sequential(filters, nn.ReLU())):
        with SeparationLoss(net, "sep-u", weight=1.0) as penalty:
            net(x)
            found.append(penalty().item())
    assert found[0] == pytest.approx(found[1])


class ChannelsLast(nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        return torch.relu(self.filters(x).permute(0, 2, 3, 1))


def test_units_are_filters_after_transposed_convolutions_and_permutations():
    up = nn.Sequential(nn.ConvTranspose1d(3, 8, 4, stride=2), nn.ReLU())
    assert [seen.table.shape[1] for seen in capture(up, torch.randn(16, 3, 20))] == [8]
    assert [seen.table.shape[1] for seen in capture(ChannelsLast(), torch.randn(2, 3, 9, 9))] == [8]


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.queries = nn.Linear(8, 8)

    def forward(self, x):
        return torch.relu(self.queries(x).view(len(x), -1, 2, 4).transpose(1, 2))


def test_units_of_attention_heads_are_those_of_the_linear_map():
    assert [seen.table.shape[1] for seen in capture(Heads(), torch.randn(3, 5, 8))] == [8]


class Mixture(nn.Module):
    """Three experts, of which the router never chooses the last."""

    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)) for _ in range(3))
        self.router = nn.Linear(2, 3)
        self.router.bias.data[2] = -50

    def forward(self, x):
        shares = self.router(x).softmax(-1)
        chosen, total = shares.argmax(-1), torch.zeros(len(x), 1)
        for k, expert in enumerate(self.experts):
            mine = (chosen == k).nonzero().flatten()
            total = total.index_add(0, mine, expert(x[mine]) * shares[mine, k : k + 1])
        return total


def test_an_expert_without_examples_stops_nothing():
    net, x = Mixture(), torch.randn(8, 2)
    with Monitor(net) as monitor, SeparationLoss(net, "sep-u") as penalty:
        (net(x).mean() + penalty()).backward()
        torch.optim.SGD(net.parameters(), 0.1).step()
    assert monitor.steps == 1
    assert sum(layer.points for layer in layer_geometry(net, x).layers) == 8


class Fused(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.first, self.last, self.weights = nn.Linear(2, 4), nn.Linear(4, 1), nn.Parameter(torch.ones(shape))

    def forward(self, x):
        return self.last(torch.relu(self.first(x))) * torch.relu(self.weights).sum()


@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_relu_of_weights_is_no_layer(shape):
    net, x = Fused(shape), torch.randn(8, 2)
    net.first.bias.data -= 9
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with Monitor(net) as monitor:
        net(x).sum().backward()
        optimizer.step()
    assert monitor.latest.dead_fraction == 1
    assert len(layer_geometry(net, x).layers) == 1
    with SeparationLoss(net, "sep-u", weight=1.0) as penalty:
        net(x)
        net.weights.grad = None
        penalty().backward()
    assert net.weights.grad is None


def small():
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))


def test_gradients_per_example_go_through_a_monitor():
    net, x = small(), torch.randn(8, 2)
    weights = {name: value.detach() for name, value in net.named_parameters()}

    def loss(own, one):
        return functional_call(net, own, (one[None],)).square().mean()

    plain = vmap(grad(loss), (None, 0))(weights, x)
    with Monitor(net), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        monitored = vmap(grad(loss), (None, 0))(weights, x)
    assert all(torch.equal(plain[name], monitored[name]) for name in plain)


class Stacked(nn.Module):
    """Three networks run as one by `vmap`."""

    def __init__(self):
        super().__init__()
        values, _ = stack_module_state([small() for _ in range(3)])
        self.bases = [small().to("meta")]
        self.names, self.values = [*values], nn.ParameterList(nn.Parameter(v.detach()) for v in values.values())

    def forward(self, x):
        own = dict(zip(self.names, self.values, strict=True))
        return vmap(lambda one: functional_call(self.bases[0], one, (x,)))(own)


def test_an_ensemble_run_as_one_goes_through_a_monitor():
    net, x = Stacked(), torch.randn(8, 2)
    plain = net(x)
    with Monitor(net), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert torch.equal(net(x), plain)


@pytest.mark.filterwarnings("ignore")
def test_jagged_examples_go_through_a_monitor_and_geometry_names_the_layer_left_out():
    ragged = torch.nested.nested_tensor([torch.randn(3, 2), torch.randn(5, 2)], layout=torch.jagged)
    net = small()
    plain = net(ragged)
    with Monitor(net):
        assert torch.equal(net(ragged).values(), plain.values())
    assert len(layer_geometry(net, ragged).skipped) == 1


@pytest.mark.filterwarnings("ignore")
def test_a_quantised_network_goes_through_geometry():
    from torch.ao import quantization

    net = nn.Sequential(quantization.QuantStub(), *small(), quantization.DeQuantStub()).eval()
    net.qconfig = quantization.get_default_qconfig("fbgemm")
    x = torch.randn(8, 2)
    quantization.prepare(net, inplace=True)
    net(x)
    quantization.convert(net, inplace=True)
    plain = net(x)
    layer_geometry(net, x)
    assert torch.equal(net(x), plain)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory, self.inner, self.last = nn.GRU(2, 4), nn.Linear(4, 4), nn.Linear(4, 1)

    def forward(self, x):
        found, _ = self.memory(x)
        return self.last(torch.relu(self.inner(found.data if isinstance(found, PackedSequence) else found)))


def test_packed_sequences_stay_whole():
    net, data = Recurrent(), [3 * torch.randn(k, 2) for k in (5, 3, 1, 4, 6, 2)]
    loader = DataLoader(data, 3, collate_fn=lambda batch: pack_sequence(batch, enforce_sorted=False))
    taken, report = layer_geometry(net, loader), layer_geometry(net, loader, inputs=lambda batch: (batch,))
    assert taken.points == report.points == 21
    assert torch.equal(taken.layers[0].upper_shares, report.layers[0].upper_shares)


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(2, 4), nn.Linear(4, 1)

    def forward(self, *, x):
        return self.last(torch.relu(self.first(x)))


BATCH = torch.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize(
    ("net", "data", "points"),
    [
        (Named(), {"x": BATCH}, 4),
        (small(), [BATCH, BATCH], 8),
        (small(), [(torch.zeros(2), 0)] * 5, 5),
        (small(), (BATCH for _ in range(2)), 8),
        (small(), BATCH.numpy(), 4),
    ],
    ids=["by name", "list of batches", "list of pairs", "generator", "numpy"],
)
def test_every_way_to_hand_over_examples_counts_them_once(net, data, points):
    assert layer_geometry(net, data).points == points


def test_several_passes_before_a_step_count_all_their_points():
    """256 points inside and one on the border make one step: its reading is of 257."""
    net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    with Monitor(net) as monitor:
        for _ in range(2):
            inside = torch.rand(256, 2).requires_grad_()
            value = net(inside)
            (slope,) = torch.autograd.grad(value.sum(), inside, create_graph=True)
            ((slope.sum(1, keepdim=True) + value).square().mean() + net(torch.zeros(1, 2)).square().mean()).backward()
            optimizer.step()
            optimizer.zero_grad()
    assert [[layer.points for layer in reading.layers] for reading in monitor.readings] == [[257], [257]]
