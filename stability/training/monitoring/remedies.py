"""What to try about an alarm, where that depends on what it found; the first line of each stands in docs/monitor.md."""

from typing import Any


def divide(alarm: Any) -> str:
    """Divide the weights of the layer by the number, or initialise them by `torch.nn.init.kaiming_normal_`."""
    what = f"the weights of {alarm.layer}" if alarm.layer else "the weights of the last layer"
    return f"divide {what} by about {alarm.value:.0f}, or initialise them by torch.nn.init.kaiming_normal_"


_FIRST = {
    "input": "all weights are finite: look for nan in the data, and at what is done to them before the first layer",
    "pre-activations": "all weights are finite: look for nan in the inputs of this batch, then a smaller learning rate",
    "loss": "all weights are finite: a smaller learning rate if the loss grew before; else look at inputs and labels, "
    "and at divisions and logarithms in the loss",
    "gradient": "look at roots, norms and logarithms at 0, whose slope is infinite, and at 16 bits without scaling",
}


def look(alarm: Any) -> str:
    """Reload the last finite weights; look at the data, at the loss, at roots at 0: by what is named, and when."""
    if alarm.of == "weight":
        return f"reload the last finite weights; {_before_weights(alarm)}"
    return _FIRST.get(alarm.of, "look at the data of this batch, then a smaller learning rate")


def _before_weights(alarm: Any) -> str:
    """Return what is known of what came before weights that are not finite."""
    if alarm.after is None or alarm.since is None:
        return "where they were so at the first reading, look at where they come from; else read every step (every=1)"
    if alarm.since == alarm.after + 1:
        return f"all was finite before step {alarm.after} was made: a smaller learning rate, or what wrote into weights"
    return (
        f"it began between steps {alarm.after} and {alarm.since}, and what came first, data, loss or step, is not "
        "known any more: read every step (every=1), or look for nan in the data"
    )


_STILL = {
    "learning_rates": "look at the schedule: it may have ended, or count epochs where steps are meant",
    "step_gradient_norm": "call zero_grad after the step or before the backward pass, not between the two",
}


def move(alarm: Any) -> str:
    """Look at the schedule, at where `zero_grad` is called, or at what the optimiser holds: by what is named."""
    return _STILL.get(
        alarm.of, "look at what the optimiser holds, at steps that a GradScaler skips, and at steps below rounding"
    )
