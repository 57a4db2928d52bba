"""The norm of gradients at the end of a backward pass is kept until somebody changes them, by hand."""

import gc

import pytest
import torch
from torch import nn

from stability.training.monitoring.backward import Backward, at_the_end, scale_removed, task
from stability.training.monitoring.pack import Early


def none():
    return None


def before_clipping(found, scale_of):
    parameters = found._found()
    return found.before_clipping(parameters, [each.grad for each in parameters], scale_of)


def followed(slopes=(3.0, 4.0)):
    """Return parameters whose gradients are the slopes, and what followed their backward pass."""
    parameters = [nn.Parameter(torch.zeros(1)) for _ in slopes]
    found = Backward(lambda own=parameters: own)
    loss = sum(slope * p for slope, p in zip(slopes, parameters, strict=True))
    found.follow([loss])
    loss.backward()
    return parameters, found


def test_gradients_that_nobody_changed_need_no_second_norm():
    _, found = followed()
    assert before_clipping(found, none) is None


def test_after_clipping_the_norm_is_the_one_before():
    parameters, found = followed()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    assert parameters[0].grad.item() == pytest.approx(0.6)
    assert before_clipping(found, none).item() == 5.0


def test_a_scale_that_was_taken_out_is_taken_out_of_the_norm():
    parameters, found = followed((24.0, 32.0))
    for p in parameters:
        p.grad.div_(8)
    assert before_clipping(found, lambda: torch.tensor(8.0)).item() == 5.0


@pytest.mark.parametrize("change", ["another tensor", "none"])
def test_gradients_that_were_replaced_count_as_changed(change):
    parameters, found = followed()
    parameters[0].grad = torch.ones(1) if change == "another tensor" else None
    assert before_clipping(found, none).item() == 5.0


def test_gradients_of_several_passes_are_added_up():
    parameters, found = followed()
    again = 3.0 * parameters[0]
    found.follow([again])
    again.backward()
    parameters[0].grad.mul_(0)
    assert before_clipping(found, none).item() == pytest.approx((6.0**2 + 4.0**2) ** 0.5)


def test_gradients_that_stood_when_a_pass_began_that_added_nothing_are_not_of_it():
    parameters, found = followed()
    found.clear()
    loss = sum((p * p).sum() + 30.0 * p for p in parameters)
    found.follow([loss])
    slopes = torch.autograd.grad(loss, parameters)
    for parameter, slope in zip(parameters, slopes, strict=True):
        parameter.grad = slope
    assert found.norms == []
    assert before_clipping(found, none) is None


@pytest.mark.parametrize("clipped", ["before", "after"])
def test_a_pass_that_added_nothing_hides_no_clipping(clipped):
    """As `torch.autograd.grad` by the inputs, between the backward pass and the step."""
    parameters, found = followed()
    if clipped == "before":
        nn.utils.clip_grad_norm_(parameters, 1.0)
    x = torch.ones(1, requires_grad=True)
    loss = sum(x * p for p in parameters)
    found.follow([loss])
    torch.autograd.grad(loss, x)
    if clipped == "after":
        nn.utils.clip_grad_norm_(parameters, 1.0)
    assert len(found.norms) == 1
    assert before_clipping(found, none).item() == 5.0


def test_two_outputs_of_one_pass_make_one_norm():
    p = nn.Parameter(torch.ones(2))
    own = [p]
    found, outs = Backward(lambda: own), [3.0 * p, 4.0 * p]
    found.follow(outs)
    (outs[0][0] + outs[1][1]).backward()
    p.grad.zero_()
    assert before_clipping(found, none).item() == 5.0


def test_of_other_parameters_nothing_is_known():
    parameters, found = followed()
    found._found = lambda: [*parameters]
    parameters[0].grad.zero_()
    assert before_clipping(found, none) is None


def test_what_is_forgotten_has_no_norm():
    parameters, found = followed()
    found.changed[1] = Early([], [], None, torch.zeros(0))
    found.clear()
    parameters[0].grad.zero_()
    assert before_clipping(found, none) is None
    assert found.changed == {}


def test_a_pass_that_is_not_followed_has_none():
    p = nn.Parameter(torch.ones(1))
    found = Backward(lambda: [p])
    assert before_clipping(found, none) is None
    found.follow([torch.ones(2), p])  # neither was computed
    p.sum().backward()
    p.grad.zero_()
    assert before_clipping(found, none) is None


def test_without_gradients_or_with_sparse_ones_there_is_none():
    embedding = nn.Embedding(4, 2, sparse=True)
    for parameters in ([*embedding.parameters()], [nn.Parameter(torch.ones(1))]):
        found = Backward(lambda own=parameters: own)
        out = embedding(torch.tensor([1]))
        found.follow([out])
        out.sum().backward()
        for p in parameters:
            p.grad = None
        assert before_clipping(found, none) is None


def test_it_may_be_gone_before_the_pass_ends():
    p = nn.Parameter(torch.ones(1))
    loss = 2 * p
    Backward(lambda: [p]).follow([loss])
    gc.collect()
    loss.backward()
    assert p.grad.item() == 2.0


def test_the_end_is_after_all_gradients_and_passes_have_numbers_of_their_own():
    p, seen = nn.Parameter(torch.ones(1)), []

    def hook(slope):
        at_the_end(lambda: seen.append(("end", p.grad.item())))
        seen.append(("begun", task()))

    for _ in range(2):
        out = 3 * p
        out.register_hook(hook)
        out.backward()
    assert [what for what, _ in seen] == ["begun", "end"] * 2
    assert [value for what, value in seen if what == "end"] == [3.0, 6.0]
    numbers = [value for what, value in seen if what == "begun"]
    assert numbers[0] != numbers[1]
    assert min(numbers) >= 0
    assert task() == -1


def test_the_scale_of_a_scaler_is_known_inside_its_step_alone():
    seen = []

    class Asking(torch.optim.SGD):
        def step(self, closure=None):
            seen.append(scale_removed())
            return super().step(closure)

    p = nn.Parameter(torch.ones(1))
    optimizer, scaler = Asking([p], lr=0.1), torch.amp.GradScaler("cpu", init_scale=16.0)
    scaler.scale(2 * p.sum()).backward()
    scaler.step(optimizer)
    optimizer.step()
    assert [None if each is None else float(each) for each in seen] == [16.0, None]
    assert scale_removed() is None


def test_a_backward_pass_within_another_is_not_the_end():
    p, ends = nn.Parameter(torch.ones(1)), []
    found = Backward(lambda: [p], lambda: ends.append(p.grad.item()))

    class Nested(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, slope):
            with torch.enable_grad():
                inner = 2 * p
                found.follow([inner])
                inner.sum().backward()
            assert found.running
            return slope

    outer = Nested.apply(3 * p)
    found.follow([outer])
    outer.sum().backward()
    assert ends == [5.0]
    assert not found.running


def test_gradients_that_cannot_be_looked_at_end_no_backward_pass():
    class Unreadable:
        @property
        def grad(self):
            raise RuntimeError("gone")

    weight = nn.Parameter(torch.ones(1))
    found = Backward(lambda: [weight])
    found._of = [Unreadable()]
    loss = 2 * weight
    found.follow([loss])
    loss.backward()
    assert weight.grad.item() == 2
    assert found.norms == [2]
