"""Readings of a network that several processes train together: counted over all of them, reported by the first."""

from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from stability.training.monitoring.pack import Extremes, Looked, Maker
from stability.training.monitoring.passes import merged

Tensor = torch.Tensor


def bare(model: nn.Module) -> tuple[nn.Module, bool]:
    """Return the user's network within DistributedDataParallel and what torch.compile made, in any order.

    Returns
    -------
    Module, bool
        And whether it is spread over processes: whether there was a DistributedDataParallel.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Linear(1, 1)
    >>> bare(model) == (model, False)
    True
    """
    spread = False
    while True:
        if isinstance(model, DistributedDataParallel):
            model, spread = model.module, True
        elif isinstance(model, nn.Module) and "_orig_mod" in model._modules:
            model = model.get_submodule("_orig_mod")
        else:
            return model, spread


def processes(spread: bool) -> int:
    """Return how many processes train a network together, if it is spread over them."""
    return distributed.get_world_size() if spread and distributed.is_available() and distributed.is_initialized() else 1


def reports(spread: bool) -> bool:
    """Return whether this process reports: the first one, or each where a network is not spread."""
    return processes(spread) < 2 or distributed.get_rank() == 0


def inside_several() -> bool:
    """Return whether this runs in a forward pass of DistributedDataParallel that several processes make."""
    around = getattr(DistributedDataParallel, "_active_ddp_module", None)
    return processes(around is not None) > 1


def over_all(looked: Looked, loss: Tensor | float | None, spread: bool) -> tuple[Looked, Tensor | float | None]:
    """Return what all processes saw as one, with the mean of their losses; all of them have to call this.

    Parameters
    ----------
    looked : Looked
        What this process saw.
    loss : tensor or float, optional
    spread : bool
        Whether the network is spread over processes; else nothing is sent.
    """
    count = processes(spread)
    if count < 2:
        return looked, loss
    found: list[Any] = [None] * count
    distributed.all_gather_object(found, _sent(looked, loss))
    own = {each.name: each for each in looked.makers}
    device = looked.extremes[0].ends.device if looked.extremes else torch.device("cpu")
    passes = [
        looked if rank == distributed.get_rank() else _received(each, own, device) for rank, each in enumerate(found)
    ]
    losses = [each["loss"] for each in found if each["loss"] is not None]
    whole = merged(passes)._replace(passes=looked.passes, outputs=looked.outputs, examples=looked.examples)
    return whole, sum(losses) / len(losses) if losses else None


def _sent(looked: Looked, loss: Tensor | float | None) -> dict[str, Any]:
    return {
        "makers": [(each.name, each.slope) for each in looked.makers],
        "extremes": [(each.places, each.units, each.ends.cpu()) for each in looked.extremes],
        "sizes": None if looked.sizes is None else looked.sizes.cpu(),
        "aligned": looked.aligned,
        "moments": [_moved(each, "cpu") for each in looked.moments],
        "loss": None if loss is None else float(loss),
    }


def _received(sent: dict[str, Any], own: dict[str, Maker], device: Any) -> Looked:
    return Looked(
        [own.get(name, Maker(name, None, None, slope)) for name, slope in sent["makers"]],
        [Extremes(places, units, ends.to(device)) for places, units, ends in sent["extremes"]],
        None if sent["sizes"] is None else sent["sizes"].to(device),
        sent["aligned"],
        moments=[_moved(each, device) for each in sent["moments"]],
    )


def _moved(moments: Any, device: Any) -> Any:
    """Return moments of a layer on a device; None where there are none."""
    if moments is None:
        return None
    return type(moments)(*(each.to(device) if isinstance(each, Tensor) else each for each in moments))
