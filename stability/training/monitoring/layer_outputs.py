"""Ranks of layers in networks without ReLUs, on request: of what they return, and of their weights."""

from math import nan
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from stability.training.introspection.activations import unreadable
from stability.training.introspection.hooks import Hook
from stability.training.monitoring.standard_quantities import effective_rank, or_nan, stable_rank

Tensor = torch.Tensor
CONVOLUTIONS = nn.modules.conv._ConvNd
KINDS = (nn.Linear, CONVOLUTIONS)
RANKS = frozenset({"effective rank", "stable rank"})


class Due(Protocol):
    """What says whether the step to come is read."""

    @property
    def due(self) -> bool:
        """Whether it is."""


class LayerOutputs:
    """Sums over what the layers of a network return in the forward passes of a step, as far as ranks are asked for.

    Units stand on the last axis, after convolutions behind the examples; places count like examples. Of several passes
    the sums are added.

    Parameters
    ----------
    model : Module
    quantities : frozenset of str
        What is measured on request.
    monitor : Monitor
        Whose step may be due; layers in training mode with gradients switched on are read then.
    """

    def __init__(self, model: nn.Module, quantities: frozenset[str], monitor: Due) -> None:
        self._quantities, self._monitor = quantities & RANKS, monitor
        named = {module: name for name, module in model.named_modules()} if self._quantities else {}
        self._names: dict[nn.Module, str] = {
            module: name for module, name in named.items() if isinstance(module, KINDS)
        }
        self._grams: dict[str, Tensor] = {}
        self._now: dict[str, Tensor] = {}

    def listen(self) -> list[Any]:
        """Return handles of hooks on the layers from now on; none unless an effective rank is asked for."""
        asked = "effective rank" in self._quantities
        return [each.register_forward_hook(Hook(self._note)) for each in self._names if asked]

    def _note(self, module: nn.Module, args: Any, z: Any) -> None:
        if not (isinstance(z, Tensor) and module.training and torch.is_grad_enabled() and self._monitor.due):
            return
        with torch.no_grad():
            if unreadable(z) or not z.numel():
                return
            whole = isinstance(module, CONVOLUTIONS) and z.ndim == len(module.kernel_size) + 2
            rows = (z.detach().movedim(1, -1) if whole else z.detach()).reshape(-1, z.shape[1 if whole else -1])
            rows = rows.float() if rows.device.type == "mps" else rows.double()
            _add(self._now, self._names[module], rows.T @ rows)

    def end_pass(self, alone: bool) -> None:
        """Say that a pass of the network is over, and whether it counts alone."""
        if alone:
            self._grams = {}
        for name, gram in self._now.items():
            _add(self._grams, name, gram)
        self._now = {}

    def clear(self) -> None:
        """Forget the passes of a step."""
        self._grams, self._now = {}, {}

    @torch.no_grad()
    def ranks(self) -> dict[str, Tensor]:
        """Return the effective and the stable rank of each layer as a tensor (2,); nan where one is not known.

        Weights that are computed are left out: spectral norm changes what it remembers when its weight is asked for.
        """
        found = {}
        for module, name in self._names.items():
            weight = None if is_parametrized(module, "weight") else module.weight
            if not isinstance(weight, Tensor) or unreadable(weight):
                continue
            pair = weight.new_full((2,), nan, dtype=torch.float32)
            if name in self._grams:
                pair[0] = or_nan(effective_rank, self._grams[name])
            if "stable rank" in self._quantities:
                pair[1] = or_nan(stable_rank, weight)
            found[name] = pair
        return found


def _add(grams: dict[str, Tensor], name: str, gram: Tensor) -> None:
    grams[name] = gram + grams[name].to(gram.device) if name in grams else gram
