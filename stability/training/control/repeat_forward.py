"""A forward pass made once more exactly as it was made in training."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from stability.training.introspection.hooks import without_hooks
from stability.training.introspection.preserve_state import left_as_found

Tensor = torch.Tensor


@dataclass(frozen=True, eq=False)
class Pass:
    """What a forward pass was given, and under which circumstances it began.

    Attributes
    ----------
    args, kwargs
        What the network got, without the graph behind it.
    autocast : tuple of (device type, whether it was on, dtype)
    training : tuple of (module, bool)
        Which modules were in training mode.
    random : mapping of device to tensor
        The states of torch's generators.
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    autocast: tuple[tuple[str, bool, torch.dtype], ...]
    training: tuple[tuple[nn.Module, bool], ...]
    random: Mapping[torch.device, Tensor]


def noted(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Pass:
    """Return what is needed to repeat a forward pass that begins now."""
    devices = {parameter.device for parameter in model.parameters()}
    cuda = [device for device in devices if device.type == "cuda"]
    kinds = sorted({"cpu", *(device.type for device in devices if device.type != "meta")})
    return Pass(
        without_graph(args),
        without_graph(dict(kwargs)),
        tuple((kind, torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in kinds),
        tuple((module, module.training) for module in model.modules()),
        {torch.device("cpu"): torch.get_rng_state(), **{each: torch.cuda.get_rng_state(each) for each in cuda}},
    )


@contextmanager
def again(model: nn.Module, how: Pass) -> Iterator[None]:
    """Run what follows under the circumstances of a pass; nothing is left of it, and no earlier hook notices.

    Autocast, the modes of modules and random states are those of the pass, so dropout has the same masks. Afterwards
    modes, buffers and random states are what they were. A checkpoint does not warn that a pass has no graph.
    """
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="None of the inputs have requires_grad")
        stack.enter_context(without_hooks(model))
        stack.enter_context(left_as_found(model, "found"))
        stack.enter_context(same_precision(how))
        for module, training in how.training:
            module.training = training
        for device, state in how.random.items():
            if device.type == "cuda":
                torch.cuda.set_rng_state(state, device)
            else:
                torch.set_rng_state(state)
        yield


@contextmanager
def same_precision(how: Pass | None) -> Iterator[None]:
    """Run what follows under the autocast of a pass, if there is one."""
    with ExitStack() as stack:
        for kind, enabled, dtype in () if how is None else how.autocast:
            stack.enter_context(torch.autocast(kind, dtype, enabled, cache_enabled=False))
        yield


def without_graph(value: Any) -> Any:
    """Return a value, tuple, list or dict with tensors that hold no graph; other things as they are."""
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(without_graph, value))
    if type(value) in (tuple, list):
        return type(value)(map(without_graph, value))
    if type(value) is dict:
        return {key: without_graph(each) for key, each in value.items()}
    return value


def in_backward() -> bool:
    """Return whether this runs inside a backward pass: a recomputed part, or a hook on gradients."""
    return bool(torch._C._current_graph_task_id() != -1)


def is_checkpointed() -> bool:
    """Return whether this runs in a part of a network that the backward pass will recompute."""
    hooks = torch._C._autograd._top_saved_tensors_default_hooks(True)
    return bool(hooks) and getattr(hooks[0], "__module__", "") == "torch.utils.checkpoint"
