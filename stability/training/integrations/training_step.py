"""A trainer's step of training as a module, so that all of its forward pass is seen, whichever parts it calls."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

Tensor = torch.Tensor


class TrainingStep(nn.Module):
    """Calls a function that makes the forward pass of a network; its parts and parameters are those of the network.

    What a step returns is a loss and no output of the network, so that the module shows the loss alone, behind an
    empty tensor in the place of an output.

    Parameters
    ----------
    network : Module
    call : callable
        Makes the forward pass, and returns a loss, or a mapping that has it as "loss".

    Attributes
    ----------
    returned : any
        What the function returned last, until it is taken.
    """

    def __init__(self, network: nn.Module, call: Callable[..., Any]) -> None:
        self.__dict__["network"] = network
        super().__init__()
        self.call, self.returned = call, None

    @property
    def training(self) -> bool:
        """Whether the network is in training mode."""
        return bool(self.__dict__["network"].training)

    @training.setter
    def training(self, mode: bool) -> None:
        pass

    def named_modules(self, *args: Any, **named: Any) -> Iterator[tuple[str, nn.Module]]:
        """Yield the parts of the network, by their names in it."""
        yield from self.__dict__["network"].named_modules(*args, **named)

    def forward(self, *args: Any, **named: Any) -> tuple[Tensor, Tensor] | None:
        """Make the step; None where it returns no loss."""
        self.returned = self.call(*args, **named)
        loss = loss_of(self.returned)
        return None if loss is None else (loss.new_empty(0), loss)

    def take(self) -> Any:
        """Return what the step returned, and forget it."""
        returned, self.returned = self.returned, None
        return returned


def step_of(network: nn.Module, call: Callable[..., Any]) -> TrainingStep:
    """Return a `TrainingStep` that goes by the name of its network."""
    kind = type(type(network).__name__, (TrainingStep,), {})
    made: TrainingStep = kind(network, call)
    return made


def loss_of(returned: Any) -> Tensor | None:
    """Return the loss in what a step of training returned."""
    found = returned.get("loss") if isinstance(returned, Mapping) else returned
    return found if isinstance(found, Tensor) else None
