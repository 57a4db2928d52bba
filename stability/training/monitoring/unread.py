"""What a monitor cannot read: counted at every reading, warned of once, or raised if it is strict."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from torch import nn

from stability.errors import StabilityError
from stability.io.warn import warn_user
from stability.training.monitoring.parameters import IDLE
from stability.training.monitoring.unclipped import UNKNOWN

NAMED = 3
"""So many names of one kind are given, and of the others how many there are."""


UNSEEN = (
    "no forward pass of it was seen in training mode with gradients switched on. Compiled code runs without hooks, and "
    "checkpoint_sequential calls its parts alone; else monitor the module that is called (module= of a callback)"
)
EVALUATED = "it is in evaluation mode. Call model.train() before the training"
UNCALLED = (
    "it has no forward of its own, so that it is never called: monitor the module that calls its parts, or each of them"
)
"""Why the layers of a network that trains are not read; `why_unseen` says which it is."""


class Left(NamedTuple):
    """What was not read at a reading.

    Attributes
    ----------
    texts : tuple of str
        What, and why.
    number : int
        How many things these are.
    """

    texts: tuple[str, ...] = ()
    number: int = 0


class Unread:
    """Collects what cannot be read until the next reading says so.

    Parameters
    ----------
    network : str
        Its name.
    strict : bool
        Whether to raise instead of a warning.
    before : callable
        Called before it raises.

    Attributes
    ----------
    left : dict of str to int
        What has come together, and how many things each is.

    Examples
    --------
    >>> unread = Unread("Sequential", strict=False)
    >>> unread.add(["head.weight", "head.bias"], "no gradient", quiet=True)
    >>> unread.take()
    Left(texts=('head.weight, head.bias: no gradient',), number=2)
    >>> unread.take()
    Left(texts=(), number=0)
    """

    def __init__(self, network: str, strict: bool, before: Callable[[], None] = lambda: None) -> None:
        self._network, self._strict, self._before = network, strict, before
        self._warned: set[str] = set()
        self.left: dict[str, int] = {}

    def add(self, names: Iterable[str], reason: str, quiet: bool = False) -> None:
        """Count some things that cannot be read, all for one reason.

        Parameters
        ----------
        names : iterable of str
        reason : str
        quiet : bool
            Whether this is ordinary or was said already, so that nothing is warned of or raised.

        Raises
        ------
        StabilityError
            If strict and not quiet.
        """
        given = list(dict.fromkeys(names))
        if not given:
            return
        more = f" and {len(given) - NAMED} more" if len(given) > NAMED else ""
        text = f"{', '.join(given[:NAMED])}{more}: {reason}"
        self.left[text] = len(given)
        if not quiet:
            self._say(reason, f"cannot read this and goes on without: {text}", None)

    def add_all(self, empty: Iterable[str], parameters: Mapping[str, Iterable[str]]) -> None:
        """Count layers that got no example, which is ordinary, and parameters that cannot be read, by the reason.

        Parameters that never step are no reason to raise, and a first clipping is none to warn.
        """
        for name in sorted(empty):
            self.add([name], "it got no example", quiet=True)
        for reason, names in parameters.items():
            self.add(names, reason, quiet=reason == UNKNOWN or (self._strict and reason == IDLE))

    def fail(self, what: str, error: Exception) -> None:
        """Count something that went wrong.

        Raises
        ------
        Exception
            The error itself, if strict.
        """
        said = f"{type(error).__name__}: {_first_line(error)}"
        self.left[f"{what}: {said}"] = 1
        self._say(what, f"cannot read {what} and goes on without: {said}", error)

    def say(self, what: str, error: Exception) -> None:
        """Report something that went wrong without a loss of readings.

        Raises
        ------
        Exception
            The error itself, if strict.
        """
        self._say(what, f"goes on although {what} failed: {type(error).__name__}: {_first_line(error)}", error)

    def take(self) -> Left:
        """Return what has come together, and forget it."""
        left, self.left = self.left, {}
        return Left(tuple(left), sum(left.values()))

    def state_dict(self) -> dict[str, int]:
        """Return what has come together."""
        return dict(self.left)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with this."""
        self.left = {str(text): int(count) for text, count in state.items()}

    def _say(self, key: str, text: str, error: Exception | None) -> None:
        if self._strict:
            self._before()
            raise error or StabilityError(
                f"Expected a network that can be read whole; the monitor of {self._network} {text}.",
                "Without strict=True this is left out.",
            )
        if key not in self._warned:
            self._warned.add(key)
            warn_user(f"The monitor of {self._network} {text}.")


def why_unseen(model: nn.Module) -> str:
    """Return why no forward pass of a network that trains was seen.

    Examples
    --------
    >>> from torch import nn
    >>> why_unseen(nn.Sequential(nn.ReLU()).eval())
    'it is in evaluation mode. Call model.train() before the training'
    """
    if type(model).forward is nn.Module.forward and "forward" not in vars(model):
        return UNCALLED
    return UNSEEN if model.training else EVALUATED


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].rstrip(".")
