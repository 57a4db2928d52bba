"""What a monitor is given is refused where it is of another kind, when it is given and not within a training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsFloat

from torch import Tensor, nn

from stability.errors import require_kind
from stability.training.monitoring.limits import Limits

CRITERION = "Give torch.nn.CrossEntropyLoss(), say; of a function call monitor.note(loss=loss) before the step."
KINDS = (
    ("limits", Limits, "limits", "Write Limits(dead_units=0.9)."),
    ("criterion", nn.Module, "a loss that is a module as criterion", CRITERION),
    ("log", Callable, "a function as log", "Write log=print, or log=CsvLogger(file) of stability.integrations."),
    ("on_alarm", Callable, "a function as on_alarm", "Write on_alarm=print."),
    ("stream", str | Path, "a file as stream", 'Write stream="health.jsonl".'),
)
"""The arguments by name, their kind, the kind in words, and what to write."""


def require_arguments(**given: Any) -> None:
    """Refuse arguments of a monitor that are of another kind than they must be; those that are None are left out.

    Raises
    ------
    KindError
        Of the first that is something else.

    Examples
    --------
    >>> require_arguments(criterion=nn.MSELoss(), on_alarm=print, log=None)
    >>> require_arguments(limits={"dead_units": 0.9})
    Traceback (most recent call last):
    ...
    stability.errors.KindError: Expected limits; got the dict {'dead_units': 0.9}.
      Write Limits(dead_units=0.9).
    """
    for name, kind, what, remedy in KINDS:
        if given.get(name) is not None:
            require_kind(given[name], kind, what, remedy)  # type: ignore[arg-type]


def one_loss(given: Any) -> Tensor | float:
    """Return a loss as one number: the mean of several, as of losses by example.

    Raises
    ------
    KindError
        If it is no number.

    Examples
    --------
    >>> from torch import tensor
    >>> one_loss(tensor([1.0, 2.0])), one_loss(3)
    (tensor(1.5000), 3.0)
    """
    if not isinstance(given, Tensor):
        require_kind(given, SupportsFloat, "a loss", "Give the tensor that is differentiated, or a number.")
        return float(given)
    return given.detach() if given.numel() == 1 else given.detach().float().mean()
