"""Forward passes that are under way, and what is left of those that Ctrl-C ended: torch calls no hook after them."""

from types import FrameType
from typing import NamedTuple

import torch
from torch.overrides import TorchFunctionMode, _pop_mode

from stability.training.introspection.activations import Skipped
from stability.training.introspection.frames import is_running
from stability.training.introspection.static_networks import StaticPass
from stability.training.introspection.trace_mode import ForwardTrace


class OpenPass(NamedTuple):
    """A forward pass under way.

    Attributes
    ----------
    trace : ForwardTrace, StaticPass or None
        What traces it.
    frame : frame or None
        Of the call of the network.
    hidden : Skipped or None
        Why nothing can be seen inside, if so.
    """

    trace: ForwardTrace | StaticPass | None
    frame: FrameType | None
    hidden: Skipped | None = None


def drop_interrupted(opened: list[OpenPass]) -> None:
    """Switch off what is left of passes that ended without a word, by Ctrl-C."""
    while opened and not is_running(opened[-1].frame):
        switch_off(opened.pop().trace)


def switch_off(trace: ForwardTrace | StaticPass | None) -> None:
    """Suspend what a forward pass that was interrupted left on, and end it, below other modes too."""
    if trace is None:
        return
    trace.suspended = True
    if isinstance(trace, StaticPass):
        trace.__exit__(None, None, None)
        return
    above = []
    while torch._C._len_torch_function_stack():
        mode = _pop_mode()  # type: ignore[no-untyped-call]
        if mode is trace:
            break
        above.append(mode)
    for mode in reversed(above):
        TorchFunctionMode.__enter__(mode)  # type: ignore[no-untyped-call]
