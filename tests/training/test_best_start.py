"""The start of lowest loss among several."""

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
