"""Loops that leave gradients as the backward pass made them: their backward passes need not be followed each time."""

from collections.abc import Sequence

from torch import Tensor

SETTLED = 16
"""After so many readings in a row a loop is one of these; from then on one backward pass in so many is followed."""

NEVER = -(2**62)
"""The count of a loop that was one of these and changed gradients after all: it is followed from then on. One that
clips where gradients are large would be misread just there."""

UNKNOWN = "it was written into, for the first time after many readings at which nobody did so"
"""Why the norm of a gradient before it was clipped is not read."""


class Unclipped:
    """Counts readings in a row at which gradients were those that one backward pass made.

    Attributes
    ----------
    readings : int

    Examples
    --------
    >>> import torch
    >>> unclipped = Unclipped()
    >>> for _ in range(SETTLED):
    ...     unclipped.read(True)
    >>> unclipped.settled
    False
    >>> unclipped.read(True)
    >>> unclipped.settled
    True
    >>> unclipped.read(False)
    >>> unclipped.readings == NEVER
    True
    """

    def __init__(self) -> None:
        self.readings = 0

    @property
    def settled(self) -> bool:
        """Whether nothing has to be known of the next backward pass."""
        return self.readings > SETTLED and self.readings % SETTLED != 0

    def read(self, untouched: bool) -> None:
        """Take note of a reading: whether nobody wrote into the gradients, and there was one backward pass."""
        if untouched:
            self.readings += 1
        else:
            self.readings = 0 if 0 <= self.readings <= SETTLED else NEVER

    def begin(self) -> None:
        """Count anew, after a reading at which this is not known."""
        self.readings = min(self.readings, 0)


def are_untouched(slopes: Sequence[Tensor | None]) -> bool:
    """Return whether no gradient was written into since it was made, as far as torch counts it.

    Examples
    --------
    >>> import torch
    >>> weight = torch.ones(2, requires_grad=True)
    >>> weight.square().sum().backward()
    >>> are_untouched([weight.grad, None])
    True
    >>> norm = torch.nn.utils.clip_grad_norm_([weight], 0.1)
    >>> are_untouched([weight.grad])
    False
    """
    try:
        return not any(slope is not None and slope._version for slope in slopes)
    except RuntimeError:  # of one that was made in inference mode, where torch does not count
        return False
