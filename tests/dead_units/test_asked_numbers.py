"""What a forward pass asks tensors for is heard, and nothing else is."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability.dead_units.trace import CallTrace
from stability.training.introspection.names import Names

TRAINED = nn.Parameter(torch.ones(3))

ASKED = {
    "a truth": lambda x: bool(x.sum() > 0),
    "a number": lambda x: x[0].item(),
    "an index": lambda x: [1, 2, 3][(x[0] * 0).long()],
    "all numbers of what is trained": lambda x: (TRAINED * 2).tolist(),
    "a shape by what is trained": lambda x: x[TRAINED > 0],
    "a text": lambda x: f"{x.sum()}",
    "a node": lambda x: (TRAINED * 2).grad_fn,
    "its memory": lambda x: x.data_ptr(),
    "writing through data": lambda x: x.data.mul_(1),
    "writing through an array": lambda x: torch.from_numpy(x.numpy()).mul_(1),
    "other data": lambda x: setattr(x, "data", x + 0),
    "a hook": lambda x: (TRAINED * 1).register_hook(print),
}
NOT = {
    "shapes": lambda x: x.reshape(x.shape[0], -1).dim() if len(x) else x.size(0),
    "data": lambda x: x.data * 2,
    "numbers of what is given": lambda x: torch.tensor(x.tolist()),
    "entries": lambda x: x[x > 0],
    "functions": lambda x: functional.batch_norm(x[:, None], None, None, training=True),
    "writing": lambda x: x.clone().mul_(2),
}


def heard(what):
    with CallTrace(Names(nn.Identity())) as trace:
        what(torch.rand(3))
    return trace.asked.why


@pytest.mark.parametrize("what", ASKED.values(), ids=ASKED)
def test_what_a_pass_may_branch_on_is_heard(what):
    assert "its forward pass" in heard(what)


@pytest.mark.parametrize("what", NOT.values(), ids=NOT)
def test_what_it_may_not_is_not(what):
    assert heard(what) == ""
