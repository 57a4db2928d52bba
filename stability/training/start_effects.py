"""What the layers of a network do to data."""

from math import sqrt
from typing import Any

import torch

from stability.training.layer_inputs import LayerInputs

Effect = tuple[int, int, float]


def effects(flow: LayerInputs) -> dict[str, Effect]:
    """Return, for every layer that is called, its examples, those dead in it, and the deviation of its outputs."""
    sums: dict[str, list[float]] = {}
    names = {module: name for name, module in flow.layers.items()}

    def note(module: Any, _args: Any, z: torch.Tensor) -> None:
        if not z.numel():
            return
        z = z.detach()
        z = (z if len(z.shape) != len(_bare(module)) else z[None]).cpu().double().flatten(1)
        own = sums.setdefault(names[module], [0, 0, 0, 0.0, 0.0])
        values = (len(z), int((z.amax(1) <= 0).sum()), z.numel(), float(z.sum()), float(z.square().sum()))
        sums[names[module]] = [a + b for a, b in zip(own, values, strict=True)]

    handles = [module.register_forward_hook(note) for module in names]
    try:
        for _ in flow.passes():
            pass
    finally:
        for handle in handles:
            handle.remove()
    return {name: (int(n), int(dead), _deviation(*rest)) for name, (n, dead, *rest) in sums.items()}


def _bare(module: Any) -> range:
    """Return as many entries as an output of a single example has axes."""
    return range(1 if isinstance(module, torch.nn.Linear) else module.weight.ndim - 1)


def _deviation(count: float, total: float, squares: float) -> float:
    return sqrt(max(squares / count - (total / count) ** 2, 0.0))
