"""The monitor that a controller listens to: its own, or one that was given and keeps enough."""

from collections.abc import Iterable, Mapping

from torch import nn

from stability.errors import StabilityError
from stability.training.control.policies import Policy
from stability.training.monitoring.monitor import Monitor


def monitor_for(
    network: nn.Module | Monitor,
    policy: Policy,
    every: int,
    keep: int,
    units: Mapping[str, int] | None = None,
    skip: Iterable[str] = (),
) -> Monitor:
    """Return the monitor of a network, or the one that was given.

    Parameters
    ----------
    network : Module or Monitor
    policy : Policy
        What is to be read.
    every, keep, units, skip
        As in `Monitor`.

    Raises
    ------
    StabilityError
        If the monitor that was given keeps too little, or units and skip are stated besides.
    """
    if not isinstance(network, Monitor):
        return Monitor(network, every, detail="latest", keep=keep, passes="last", units=units, skip=skip)
    if units or skip:
        raise StabilityError("Expected units and skip with a network; got them with a monitor.", "Give them to it.")
    if any(rule.alarm == "dead data" for rule in policy.rules) and not network.settings["detail"]:
        raise StabilityError(
            "Expected a monitor that keeps the numbers of every example; this one does not.",
            "Write Monitor(model, detail=True), or give the network instead of the monitor.",
        )
    return network
