"""The losses of the examples of a batch, checked against what a reading saw of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from stability.errors import NumberError, StabilityError, require_kind


def asked(function: Callable[[Any], Any], output: Any) -> Any:
    """Return what a person's function gives for the outputs of the network.

    Raises
    ------
    StabilityError
        If the function raises anything.
    """
    try:
        return function(output)
    except Exception as error:
        ends = str(error) or type(error).__name__
        raise StabilityError(
            f"Expected per_example_loss to take what the network returned; it ends with: {ends}",
            "Let it use the labels of the batch that the network got.",
        ) from error


def example_losses(found: Any, counts: Iterable[int]) -> list[float]:
    """Return losses as numbers, one for each example.

    Parameters
    ----------
    found : tensor (examples,)
        What a person's function returned.
    counts : iterable of int
        How many examples each layer of ReLUs got: not all of them, where layers are experts that share a batch; 0
        of a layer that is no such layer, or got none.

    Raises
    ------
    NumberError
        If it is no tensor of one axis, or of another length than the batch.

    Examples
    --------
    >>> import torch
    >>> example_losses(torch.tensor([0.5, 1.0]), [2, 2])
    [0.5, 1.0]
    """
    known = {*counts} - {0}
    if not isinstance(found, Tensor) or found.ndim != 1 or not _fits(len(found), known):
        got = f"a tensor of the shape {tuple(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
        examples = f"each of {max(known)} examples" if known else "each example"
        raise NumberError(
            f"Expected per_example_loss to return one loss for {examples}; got {got}.",
            'Use reduction="none", and take the mean over all axes but the first.',
        )
    return [float(x) for x in found.tolist()]


def whole(parts: Sequence[Any]) -> Any:
    """Return the losses of the examples of all processes as one tensor; None if those of one are not known."""
    if len(parts) == 1 or any(not isinstance(each, Tensor) or each.ndim != 1 for each in parts):
        return next((each for each in parts if not isinstance(each, Tensor) or each.ndim != 1), parts[0])
    return torch.cat([each.cpu() for each in parts])


def require_losses(function: Any) -> None:
    """Refuse what cannot be called for the losses by example; None stands for none.

    Raises
    ------
    KindError
    """
    example = 'Write lambda out: cross_entropy(out, y, reduction="none").'
    require_kind(function, Callable | None, "a function as per_example_loss", example)  # type: ignore[arg-type]


def _fits(count: int, known: set[int]) -> bool:
    return count > 0 and (not known or count in known or (len(known) > 1 and count > max(known)))
