"""Steps at which nothing is read are counted on a short path, as they are on the long one."""

from dataclasses import asdict

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from stability import Monitor
from stability.training.monitoring.optimizer_hooks import Steps

ACTIONS = ("forward", "evaluate", "backward", "step", "other", "both", "closure", "note", "say", "look", "resume")


class Loop:
    """A loop that does anything, in any order."""

    def __init__(self, every: int) -> None:
        torch.manual_seed(0)
        self.model, self.x = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.randn(6, 3)
        self.one = torch.optim.SGD(self.model[0].parameters(), 0.01)
        self.two = torch.optim.SGD(self.model[2].parameters(), 0.01)
        self.heard: list[str] = []
        self.options = {"every": every, "on_alarm": lambda alarm: self.heard.append(str(alarm))}
        self.monitor = Monitor(self.model, **self.options)
        self.loss: torch.Tensor | None = None

    def do(self, action: str) -> None:
        if action == "forward":
            self.loss = self.model(self.x).square().mean()
        elif action == "evaluate":
            with torch.no_grad():
                self.model(self.x)
        elif action == "backward" and self.loss is not None:
            self.loss.backward()
            self.loss = None
        elif action in ("step", "both"):
            self.one.step()
            if action == "both":
                self.two.step()
        elif action == "other":
            self.two.step()
        elif action == "closure":
            self.one.step(self.closure)
        elif action == "note":
            self.monitor.note(0.25)
        elif action == "say":
            self.monitor.step()
        elif action == "look":
            assert self.monitor.readings is not None
        elif action == "resume":
            state = self.monitor.state_dict()
            self.monitor.close()
            self.monitor = Monitor(self.model, **self.options)
            self.monitor.load_state_dict(state)

    def closure(self) -> torch.Tensor:
        self.one.zero_grad()
        loss = self.model(self.x).square().mean()
        loss.backward()
        return loss

    def said(self) -> tuple[int, list[str], list[str]]:
        with self.monitor as monitor:
            return monitor.steps, [str(asdict(each)) for each in monitor.readings], self.heard


def followed(actions, every, rests):
    with pytest.MonkeyPatch.context() as patch:
        if not rests:
            patch.setattr(Steps, "rests", lambda self, *args: False)
        loop = Loop(every)
        for action in actions:
            loop.do(action)
        return loop.said()


ONE, TWO, BOTH = (("forward", "backward", name) for name in ("step", "other", "both"))


def ends_with(*last: str) -> st.SearchStrategy:
    return st.just(("forward", "backward", *last))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None)
@example([ONE, BOTH, ONE, TWO], 6)
@example([ONE, TWO, TWO, ONE], 6)
@given(
    st.lists(
        st.one_of(
            *(ends_with(*last) for last in (("step",), ("both",), ("other",), ("closure",), ("closure", "step"))),
            st.sampled_from(ACTIONS).map(lambda action: (action,)),
        ),
        max_size=16,
    ),
    st.integers(2, 6),
)
def test_any_loop_is_counted_and_read_as_on_the_long_path(parts, every):
    actions = [action for part in parts for action in part]
    assert followed(actions, every, True) == followed(actions, every, False)


def test_most_steps_that_are_not_read_take_the_short_path(monkeypatch):
    taken, take = [], Monitor._take
    monkeypatch.setattr(Monitor, "_take", lambda self, *args: (taken.append(self.steps), take(self, *args))[1])
    steps, readings, _ = followed(["forward", "backward", "step"] * 20, 10, True)
    assert (steps, len(readings)) == (20, 2)
    assert taken == [0, 9, 10, 19]


def test_a_loss_is_let_go_at_a_step_that_is_not_read():
    loop = Loop(10)
    for action in ["forward", "backward", "step", "forward", "backward", "note"]:
        loop.do(action)
    assert loop.monitor.state_dict()["loss"] == 0.25
    loop.do("step")
    assert loop.monitor.state_dict()["loss"] is None
