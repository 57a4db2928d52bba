"""The monitor that a controller listens to: its own, or one that was given and keeps enough."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from torch import nn
from torch.optim.optimizer import Optimizer

from stability.errors import StabilityError, require_kind
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


@contextmanager
def closed_on_errors(monitor: Monitor, owned: bool) -> Iterator[None]:
    """Close a monitor of a controller's own if what follows ends with an error."""
    try:
        yield
    except BaseException:
        if owned:
            monitor.close()
        raise


def optimizers_of(given: Optimizer | Iterable[Optimizer] | None) -> list[Optimizer]:
    """Return the optimisers that a controller is given.

    Raises
    ------
    KindError
        If it is something else.
    """
    remedy = "Write Controller(model, policy, optimizer), or leave it out."
    require_kind(given, Iterable | Optimizer | None, "an optimiser of torch, or several", remedy)
    found = [given] if isinstance(given, Optimizer) else list(given or ())
    for each in found:
        require_kind(each, Optimizer, "an optimiser of torch, or several", remedy)
    return found
