"""Whether hooks can see inside a network."""

from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

import torch
from torch import nn

from stability.errors import StabilityError
from stability.training.introspection.activations import Skipped


def compiled_part(where: str) -> StabilityError:
    """Return what to say of a network of which a part is compiled."""
    return StabilityError(
        f"Expected a network that hooks can see into; {where} is compiled.",
        "Give and call the network as it was before torch.compile; a compiled one holds it as ._orig_mod.",
    )


def require_visible(model: nn.Module) -> None:
    """Refuse a network whose inside hooks cannot see.

    Raises
    ------
    StabilityError
        If it is no module, or (a part of) it is compiled, scripted, or spread over threads.
    """
    if not isinstance(model, nn.Module):
        raise StabilityError(f"Expected a torch.nn.Module; got {type(model).__name__}.", "Give the network itself.")
    for name, part in model.named_modules():
        where = f"its part {name}" if name else "it"
        if "_orig_mod" in part._modules or getattr(part, "_compiled_call_impl", None) is not None:
            raise compiled_part(where)
        if isinstance(part, torch.jit.ScriptModule):
            raise StabilityError(
                f"Expected a network that hooks can see into; {where} is a ScriptModule.", "Give the network in Python."
            )
        if isinstance(part, nn.DataParallel) and len(part.device_ids) > 1:
            raise StabilityError(
                f"Expected a network that runs in one thread; {where} is a DataParallel.",
                "Give its .module, one device.",
            )


LAZY = (GeneratorType, CoroutineType, AsyncGeneratorType)


def computed_later(output: Any) -> list[Skipped]:
    """Return what a network computes only after its forward pass has ended: that of a generator.

    Examples
    --------
    >>> [each.name for each in computed_later(x for x in "ab")], computed_later(torch.ones(1))
    (['the generator'], [])
    """
    reason = "it computes after the forward pass, where no hook sees it"
    return [Skipped("the generator", reason)] if isinstance(output, LAZY) else []


class Visible:
    """Asks again and again whether hooks can see inside a network, which costs little as long as its modules stay.

    Parameters
    ----------
    model : Module

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 1))
    >>> visible = Visible(model)
    >>> visible.require(), visible.require()
    (True, False)
    >>> model[0].compile()
    >>> visible.require()
    Traceback (most recent call last):
    ...
    stability.errors.StabilityError: Expected a network that hooks can see into; its part 0 is compiled.
      Give and call the network as it was before torch.compile; a compiled one holds it as ._orig_mod.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._modules: list[nn.Module] = []
        self._ids: list[int] = []

    def __getstate__(self) -> dict[str, object]:
        return {"_model": self._model, "_modules": [], "_ids": []}

    def require(self) -> bool:
        """Refuse the network if hooks cannot see inside it now; see `require_visible`.

        Returns
        -------
        bool
            Whether modules have come, gone or moved since it was asked the last time.

        Raises
        ------
        StabilityError
        """
        compiled = [each for part in self._modules if (each := vars(part).get("_compiled_call_impl")) is not None]
        if not compiled and self._modules and self._parts() == self._ids:
            return False
        require_visible(self._model)
        self._modules = [*self._model.modules()]
        self._ids = self._parts()
        return True

    def _parts(self) -> list[int]:
        return [id(part) for module in self._modules for part in module._modules.values()]
