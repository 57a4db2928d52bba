"""Starts that are chosen by their loss, and where the labels come from."""

import numpy as np
import pytest
import torch
from torch import nn

from stability import initialise_
from stability.errors import StabilityError

X = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
Y = (X[:, 0] > 0).long()
loss = nn.functional.cross_entropy


def network():
    return nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 2))


def test_the_draw_of_lowest_loss_is_kept():
    model, losses = network(), []
    report = initialise_(model, "best-of:kaiming-normal:6", data=X, loss=loss, y=Y, seed=3)
    kept = loss(model(X), Y).item()
    for k in range(6):
        seed = int(np.random.SeedSequence([3, k]).generate_state(1, np.uint64)[0] >> np.uint64(1))
        other = network()
        initialise_(other, "kaiming-normal", data=X, seed=seed)
        losses.append(loss(other(X), Y).item())
    assert kept == pytest.approx(min(losses))
    assert max(losses) > kept
    assert [each.tries for each in report.layers] == [6, 6]
    batched = network()
    initialise_(batched, "best-of:kaiming-normal:6", data=list(X.split(7)), loss=loss, y=Y, seed=3)
    assert torch.equal(batched[0].weight, model[0].weight)


@pytest.mark.parametrize("options", [{}, {"loss": loss}, {"loss": loss, "y": Y[:5]}, {"loss": loss, "y": Y.repeat(2)}])
def test_bad_input_leaves_the_weights(options):
    model = network()
    before = model[0].weight.detach().clone()
    with pytest.raises(StabilityError) as caught:
        initialise_(model, "best-of:0.5:3", data=X, **options)
    assert caught.value.remedy
    assert torch.equal(model[0].weight, before)


def losses_of(law, seed, count, *other):
    """Return the losses of draws one by one, each made by its own call."""
    found = []
    for k in range(count):
        own = int(np.random.SeedSequence([seed, k, *other]).generate_state(1, np.uint64)[0] >> np.uint64(1))
        model = network()
        initialise_(model, law, data=X, seed=own)
        found.append(loss(model(X), Y).item())
    return found


@pytest.mark.parametrize(("rule", "above"), [("loss-below", False), ("loss-above", True)])
def test_the_first_draw_beyond_a_threshold_is_kept(rule, above):
    losses = losses_of("kaiming-normal", 5, 40)
    threshold = round(sorted(losses, reverse=above)[3], 3)
    first = next(k for k, each in enumerate(losses) if (each > threshold if above else each < threshold))
    model = network()
    report = initialise_(model, f"{rule}:kaiming-normal:{threshold}", data=X, loss=loss, y=Y, seed=5)
    assert first > 0
    assert report.draws == first + 1
    assert report.loss == pytest.approx(losses[first], rel=1e-5)
    assert loss(model(X), Y).item() == pytest.approx(report.loss, rel=1e-5)
    assert (report.threshold, report.labels) == (threshold, "y=")
    assert [each.tries for each in report.layers] == [first + 1] * 2
    assert f"loss {report.loss:.4g} (threshold {threshold:.4g}) after {first + 1} draws" in str(report)
    again = network()
    initialise_(again, f"{rule}:kaiming-normal:{threshold}", data=[X[:11], X[11:]], loss=loss, y=Y, seed=5)
    assert torch.equal(again[0].weight, model[0].weight)


@pytest.mark.parametrize(("rule", "above"), [("loss-percentile", False), ("loss-above-percentile", True)])
def test_a_percentile_is_that_of_other_draws(rule, above):
    threshold = np.percentile(losses_of("kaiming-normal", 5, 12, 1), 30)
    report = initialise_(network(), f"{rule}:kaiming-normal:30:12", data=X, loss=loss, y=Y, seed=5)
    assert report.threshold == pytest.approx(threshold, rel=1e-5)
    losses = losses_of("kaiming-normal", 5, report.draws)
    beyond = [each > threshold if above else each < threshold for each in losses]
    assert beyond == [False] * (report.draws - 1) + [True]


def test_a_threshold_that_no_draw_meets_is_an_error_that_names_the_nearest():
    model = network()
    before = model[0].weight.detach().clone()
    with pytest.raises(StabilityError, match=r"loss below 0; none of 7 has one, the nearest") as caught:
        initialise_(model, "loss-below:kaiming-normal:0", data=X, loss=loss, y=Y, tries=7)
    assert f"{min(losses_of('kaiming-normal', 0, 7)):.4g}" in str(caught.value)
    assert torch.equal(model[0].weight, before)
    for tries in (0, -1, True, 2.5):
        with pytest.raises(StabilityError, match="tries="):
            initialise_(model, "loss-below:kaiming-normal:9", data=X, loss=loss, y=Y, tries=tries)


class Named(nn.Module):
    """Takes its inputs by name, and returns more than a tensor."""

    def __init__(self):
        super().__init__()
        self.inner = network()

    def forward(self, features, labels=None):
        z = self.inner(features)
        return {"logits": z, "loss": None if labels is None else loss(z, labels)}


class Examples(torch.utils.data.Dataset):
    def __len__(self):
        return len(X)

    def __getitem__(self, at):
        return X[at], Y[at]


DATA = {
    "a pair": ((X, Y), "the second entry of each batch"),
    "pairs": ([(X[:9], Y[:9]), (X[9:], Y[9:])], "the second entry of each batch"),
    "a generator": (((x, y) for x, y in zip(X.split(8), Y.split(8), strict=True)), "the second entry of each batch"),
    "a dataset": (Examples(), "the second entry of each batch"),
    "a loader": (torch.utils.data.DataLoader(Examples(), 7), "the second entry of each batch"),
    "a dict": ({"input": X, "target": Y, "weight": X}, "the entry 'target' of each batch"),
    "arrays": ((X.numpy(), Y.tolist()), "the second entry of each batch"),
}


@pytest.mark.parametrize("name", DATA)
def test_labels_stand_in_the_batches_as_in_a_training_loop(name):
    data, where = DATA[name]
    expected, model = network(), network()
    initialise_(expected, "best-of:kaiming-normal:5", data=X, loss=loss, y=Y, seed=2)
    report = initialise_(model, "best-of:kaiming-normal:5", data=data, loss=loss, seed=2)
    assert report.labels == where
    assert f"labels: {where}" in str(report)
    assert torch.equal(model[0].weight, expected[0].weight)


def test_a_network_with_names_and_outputs_of_any_kind():
    batch = {"features": X, "labels": Y, "id": torch.arange(30)}
    model = Named()
    report = initialise_(model, "best-of:kaiming-normal:5", data=batch, loss=lambda out, y: out["loss"], seed=2)
    assert report.labels == "the entry 'labels' of each batch"
    expected = network()
    initialise_(expected, "best-of:kaiming-normal:5", data=X, loss=loss, y=Y, seed=2)
    assert report.loss == pytest.approx(loss(expected(X), Y).item())
    own = initialise_(
        Named(), "best-of:0.5:2", data=batch, loss=lambda out, y: loss(out["logits"], y), y=lambda b: b["labels"]
    )
    assert own.labels == "what y= returns of each batch"


@pytest.mark.parametrize(
    ("data", "inputs"),
    [
        (X, None),
        ((X, X, Y), None),
        ({"input": X, "a": Y}, None),
        ({"input": X, "target": Y, "y": Y}, None),
        ((X, Y), lambda batch: (batch[0] + 0 * batch[1][:, None],)),
        ((X, X), lambda batch: batch[1]),
    ],
)
def test_labels_that_are_not_clear_are_asked_for(data, inputs):
    if inputs is not None and data[1] is Y:
        assert initialise_(network(), "best-of:0.5:2", data=data, loss=loss, inputs=inputs).labels
        return
    with pytest.raises(StabilityError, match="Expected batches with labels") as caught:
        initialise_(network(), "best-of:0.5:2", data=data, loss=loss, inputs=inputs)
    assert "y=" in caught.value.remedy


@pytest.mark.parametrize("which", ["linear", "convolution", "recurrent", "transformer"])
def test_networks_of_any_kind_are_chosen_by_their_loss(which):
    x = {
        "linear": X,
        "convolution": torch.randn(6, 1, 5, 5),
        "recurrent": torch.randn(6, 4, 3),
        "transformer": torch.randn(6, 4, 8),
    }[which]

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    model = {
        "linear": lambda: nn.Linear(2, 2),
        "convolution": lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2)),
        "recurrent": Last,
        "transformer": lambda: nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16), nn.Flatten(), nn.Linear(32, 2)),
    }[which]()
    y = torch.arange(len(x)) % 2
    state = torch.get_rng_state()
    report = initialise_(model, "loss-percentile:kaiming-normal:50:6", data=(x, y), loss=loss, y=y, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert report.loss < report.threshold
    assert any(each.tries for each in report.layers)
    with torch.no_grad():
        model.train()
        if which != "transformer":
            assert loss(model(x), y).item() == pytest.approx(report.loss, rel=1e-4)


def test_the_loss_is_the_mean_over_examples_of_batches_of_any_size():
    model = network()
    report = initialise_(model, "best-of:kaiming-normal:1", data=[(X[:29], Y[:29]), (X[29:], Y[29:])], loss=loss)
    assert report.loss == pytest.approx(loss(model(X), Y).item(), rel=1e-5)
    with pytest.raises(StabilityError, match="one number"):
        initialise_(model, "best-of:0.5:2", data=(X, Y), loss=lambda z, y: loss(z, y, reduction="none"))
    with pytest.raises(StabilityError, match="finite"):
        initialise_(model, "best-of:0.5:2", data=(X, Y), loss=lambda z, y: loss(z, y) * float("nan"))
    with pytest.raises(StabilityError, match="finite"):
        initialise_(model, "loss-percentile:0.5:50:3", data=(X, Y), loss=lambda z, y: loss(z, y) * float("nan"))


def test_spheres_of_classes_take_the_labels_of_batches():
    first, second = network(), network()
    initialise_(first, "class-spheres:0.3", data=X, labels=Y)
    initialise_(second, "class-spheres:0.3", data=[(X[:9], Y[:9]), (X[9:], Y[9:])])
    assert torch.equal(first[0].weight, second[0].weight)
    with pytest.raises(StabilityError, match="labels"):
        initialise_(second, "class-spheres:0.3", data=X)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"loss": "cross_entropy"}, "Expected loss="),
        ({"loss": lambda z, y: None}, "loss= of what the network returns"),
        ({"loss": lambda z, y: loss(z, y.float())}, "loss= of what the network returns"),
        ({"y": "labels"}, "labels in numbers"),
        ({"y": lambda batch: batch["labels"]}, "y= to return the labels"),
        ({"scale": -1}, "scale above 0"),
    ],
)
def test_errors_in_what_is_given_say_what_was_expected(options, words):
    model = network()
    before = model[0].weight.detach().clone()
    with pytest.raises(StabilityError, match=words) as caught:
        initialise_(model, "loss-percentile:0.5:50:3", **{"data": (X, Y), "loss": loss} | options)
    assert caught.value.remedy
    assert torch.equal(model[0].weight, before)
