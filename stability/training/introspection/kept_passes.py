"""What passes of a network that are like one before are kept in: memory of their own, which is used again."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from stability.training.introspection.activations import TracedActivation

Reduce = Callable[[Tensor, int], tuple[Tensor, Tensor] | None]
"""Gets pre-activations and the axis of their units while their numbers are at hand; returns what stands for them, of
their shape, and what is kept of them. Or None: then they are kept as they are."""


class KeptPass(list[TracedActivation], ABC):
    """What is kept of all layers of a pass like one before, in memory of its own: a list of them."""

    @abstractmethod
    def take(self, place: int, z: Tensor) -> bool:
        """Keep of what a layer got what is needed; return whether that was possible."""

    @abstractmethod
    def another(self) -> "KeptPass | None":
        """Return one of the same layers that is not in use; None where it has no memory now."""


Keep = Callable[[list[TracedActivation]], KeptPass | None]
"""Gets what a pass showed; returns what passes like it can be kept in, if they can be."""


class ShortPass(Protocol):
    """What reads passes that are like one before."""

    def enters(self, args: Any, alone: bool) -> bool:
        """Take note that a pass begins on these inputs, alone or in another; return whether it is read here."""

    def leaves(self, output: Any) -> bool:
        """Take note that a pass ends; return whether it was read to its end."""
