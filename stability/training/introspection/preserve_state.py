"""Running a network without leaving a trace in it."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from stability.errors import StabilityError, UnknownNameError, nearest

Tensor = torch.Tensor

MODES = ("eval", "train", "found")


@contextmanager
def left_as_found(model: nn.Module, mode: str, data: Any = None) -> Iterator[None]:
    """Run what follows in a mode; afterwards modes, buffers and random states are what they were.

    Parameters
    ----------
    model : Module
        Its buffers are replaced by copies meanwhile.
    mode : str
        "eval", "train", or "found" for leaving modes as they are.
    data : any
        A DataLoader whose own random states are kept too.

    Raises
    ------
    UnknownNameError
        If there is no such mode.
    """
    if mode not in MODES:
        raise UnknownNameError(f"Expected a mode; got {mode!r}.", nearest(str(mode), list(MODES)))
    if not isinstance(model, nn.Module):
        raise StabilityError(f"Expected a torch.nn.Module; got {type(model).__name__}.", "Give the network itself.")
    with ExitStack() as stack:
        for part in (_random_states(data), _buffers(model), _modes(model)):
            stack.enter_context(part)
        if mode != "found":
            model.train(mode == "train")
        yield


@contextmanager
def _modes(model: nn.Module) -> Iterator[None]:
    found = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in found:
            module.training = training


@contextmanager
def _buffers(model: nn.Module) -> Iterator[None]:
    found = [(module, name, b) for module in model.modules() for name, b in module._buffers.items() if b is not None]
    copies: dict[int, Tensor] = {id(buffer): buffer.detach().clone() for _, _, buffer in found}
    try:
        for module, name, buffer in found:
            module._buffers[name] = copies[id(buffer)]
        yield
    finally:
        for module, name, buffer in found:
            module._buffers[name] = buffer


@contextmanager
def _random_states(data: Any) -> Iterator[None]:
    owners = (data, getattr(data, "sampler", None), getattr(getattr(data, "batch_sampler", None), "sampler", None))
    own = [g for g in (getattr(owner, "generator", None) for owner in owners) if isinstance(g, torch.Generator)]
    states = [generator.get_state() for generator in own]
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        for generator, state in zip(own, states, strict=True):
            generator.set_state(state)
