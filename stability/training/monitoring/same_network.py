"""Whether a state is one of this network: by the names and shapes of its parameters."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import nn
from torch.nn.parameter import is_lazy

from stability.errors import StabilityError
from stability.training.monitoring.history import no_state
from stability.training.monitoring.kept_gradients import CHECKS

NAMED = 3
"""So many differences are named."""

Shapes = dict[str, tuple[int, ...] | None]


def shapes_of(model: nn.Module) -> Shapes | None:
    """Return the shape of every parameter by its name, None of one that has none yet.

    None of a network in FullyShardedDataParallel, where each process has shapes of its own.

    Examples
    --------
    >>> from torch import nn
    >>> shapes_of(nn.Linear(2, 3))
    {'weight': (3, 2), 'bias': (3,)}
    """
    found: Shapes = {name: None if is_lazy(each) else tuple(each.shape) for name, each in model.named_parameters()}
    return None if any("_fsdp_wrapped_module" in name or "_flat_param" in name for name in found) else found


class Resumed(NamedTuple):
    """What a state has behind it.

    Attributes
    ----------
    steps, following : int
        How many steps were made, and at which one the next reading is.
    unclipped : int
        What `Unclipped` counted.
    kept : tuple
        See `KeptGradients.state`.
    holders : (int, tuple of str)
        See `NetworkParameters.state`.
    """

    steps: int
    following: int
    unclipped: int
    kept: tuple[str | None, bool, int]
    holders: tuple[int, tuple[str, ...]]


def resumed(state: Any, model: nn.Module) -> Resumed:
    """Return what the state of a monitor of a network has behind it.

    States of version 0.2 hold no shapes and are taken as they are; what they do not hold begins anew.

    Raises
    ------
    StabilityError
        If it is no state, or that of another network.
    """
    try:
        steps, following, kept = int(state["steps"]), int(state["next"]), state.get("network")
        name, added, checks = state.get("kept", (None, False, CHECKS))
        stepped, held = state.get("holders", (0, ()))
        kept_gradient = None if name is None else str(name), bool(added), int(checks)
        known = Resumed(
            steps, following, int(state.get("unclipped", 0)), kept_gradient, (int(stepped), tuple(map(str, held)))
        )
        then = None if kept is None else {str(name): None if s is None else tuple(s) for name, s in kept.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise no_state(error) from error
    now = shapes_of(model)
    differences = [] if then is None or now is None else _differences(then, now)
    if differences:
        more = f", and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
        raise StabilityError(
            f"Expected the state of a monitor of this {type(model).__name__}; got that of another network: "
            f"{', '.join(differences[:NAMED])}{more}.",
            "Load it into a monitor of the network that it was taken of, or go on without it.",
        )
    return known


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in which parameters two networks differ."""
    changed = [
        f"{name} had the shape {then[name]} and has {now[name]}"
        for name in then
        if name in now and None not in (then[name], now[name]) and then[name] != now[name]
    ]
    gone = [f"there is no {name} any more" for name in then if name not in now]
    return changed + gone + [f"there was no {name}" for name in now if name not in then]
