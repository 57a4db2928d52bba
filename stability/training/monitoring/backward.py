"""The norm of gradients at the end of the backward pass, before anybody clips them or steps by them."""

import sys
import weakref
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.autograd.variable import Variable

from stability.training.introspection.activations import is_plain, without_entries
from stability.training.introspection.trace_mode import version_of
from stability.training.monitoring.kept_gradients import KeptGradients
from stability.training.monitoring.one_pass import norm_of
from stability.training.monitoring.pack import Early, Looked, early
from stability.training.monitoring.row_norms import real
from stability.training.monitoring.unclipped import UNKNOWN, Unclipped, are_untouched

Tensor = torch.Tensor
Versions = tuple[list[int], list[int]]
"""The ids of gradients, and how often each was written into."""

BEFORE_CLIPPING = "the gradient before it was clipped"


task: Callable[[], int] = torch._C._current_graph_task_id
"""Returns the number of the backward pass that is running in this thread; -1 if there is none."""


def at_the_end(call: Callable[[], None]) -> None:
    """Call a function when the backward pass that is running ends."""
    Variable._execution_engine.queue_callback(call)


class Backward:
    """Follows backward passes of a network from what it returned, and keeps what a later clipping would hide.

    Parameters
    ----------
    found : callable
        Returns the parameters that the network has; the same list as long as they are the same.
    over : callable
        Called when the outermost of the backward passes that run ends: a reentrant checkpoint runs one in another.
    always : bool
        Whether all backward passes are followed, those of loops that leave gradients alone too.

    Attributes
    ----------
    changed : dict of id to Early
        What was kept of parameters that an optimiser changed within the backward pass.
    norms : list of tensor or float
        Of the gradients after each backward pass since `clear`, as far as they are accumulated.
    kept : KeptGradients
    unclipped : Unclipped
    unread : dict of str to list of str
        The norm of gradients that were changed after a backward pass that was not followed, by why it is not known.
    skipped : bool
        Whether backward passes of this step are not followed.
    """

    def __init__(
        self, found: Callable[[], Sequence[Tensor]], over: Callable[[], None] = lambda: None, always: bool = True
    ) -> None:
        self.changed: dict[int, Early] = {}
        self.norms: list[Tensor | float] = []
        self.kept, self.unclipped = KeptGradients(), Unclipped()
        self.unread: dict[str, list[str]] = {}
        self._found, self._over, self._always = found, over, always
        self.skipped = False
        self._norm: Tensor | float | None = None
        self._of: Sequence[Tensor] = ()
        self._versions: Versions = ([], [])
        self._standing: Versions = ([], [])
        self._open: list[int] = []

    @property
    def running(self) -> bool:
        """Whether a backward pass from one of what it follows is under way."""
        return bool(self._open)

    def follow(self, returned: Iterable[Tensor]) -> None:
        """Take note when a backward pass begins at one of these, and of the gradients at its end.

        It is left alone where nobody has changed gradients for long, and none stands from before when it begins.
        """
        leaves = not self._always and self.unclipped.settled
        if leaves and self.kept.is_gone():
            self.skipped = True
            return
        own = weakref.ref(self)
        if task() < 0:
            self._open = []

        def begins(slopes: Any) -> None:
            backward = own()
            if backward is None:
                return
            if leaves and not backward.running and backward.kept.is_gone():
                backward.skipped = True
            else:
                backward._begin()

        for tensor in returned:
            node = tensor.grad_fn
            if node is not None and (is_plain(tensor) or not without_entries(tensor)):
                node.register_prehook(begins)

    def _begin(self) -> None:
        if task() not in self._open:
            if not self._open:
                self._standing = self._now()
            self._open.append(task())
            self.kept.begins()
            at_the_end(self._wait)

    def _now(self) -> Versions:
        """Return what gradients stand, of the parameters at the last end; none where that cannot be read."""
        try:
            return _versions(_gradients(self._of))
        except Exception:
            return [], []

    def _wait(self) -> None:
        """Let those go first who have something to do at the end as well: processes exchange gradients then."""
        at_the_end(self._end)

    def _end(self) -> None:
        """Take the norm of the gradients, unless this pass added nothing to those that stood when it began."""
        del self._open[-1:]
        self.kept.ends()
        try:
            parameters = self._found()
            slopes = _gradients(parameters)
            versions = _versions(slopes)
            if not slopes or versions != self._standing:
                self._of, self._versions, self._norm = parameters, versions, _norm(slopes)
                self.norms = [] if self._norm is None else [*self.norms, self._norm]
        except Exception:
            self._norm = None
        if not self._open:
            self._over()

    def keep(self, parameters: Iterable[Tensor], looked: Callable[[], Looked]) -> None:
        """Keep what a reading needs of those parameters that an optimiser is about to change in the backward pass.

        Parameters
        ----------
        parameters : iterable of tensor
        looked : callable
            Returns what is kept of the forward passes.
        """
        for each in parameters:
            if each.grad is not None:
                self.changed[id(each)] = early(each, looked())

    def before_clipping(
        self, parameters: Sequence[Tensor], slopes: Sequence[Tensor | None], scale_of: Callable[[], Any]
    ) -> Tensor | None:
        """Return the norm of the gradients at the end of the backward pass, if they were changed since; else None.

        None too if the network got other parameters since.

        Parameters
        ----------
        parameters : sequence of tensor
            Those that the network has now.
        slopes : sequence of (tensor or None)
            Their gradients.
        scale_of : callable
            Returns by what the gradients were too large then, and are no more; or None.
        """
        if self.skipped:
            untouched = are_untouched(slopes)
            self.unclipped.read(untouched and not self.changed)
            self.unread = {} if untouched else {UNKNOWN: [BEFORE_CLIPPING]}
            return None
        if self._norm is None or parameters is not self._of:
            self.unclipped.begin()
            return None
        if _versions([each for each in slopes if each is not None]) == self._versions:
            self.unclipped.read(are_untouched(slopes) and not self.changed)
            return None
        self.unclipped.read(False)
        norm = self._norm if isinstance(self._norm, Tensor) else torch.tensor(self._norm, dtype=torch.float32)
        scale = scale_of()
        return norm if scale is None else norm / scale

    def clear(self) -> None:
        """Forget the last backward pass."""
        self._norm, self._versions, self.changed, self.norms = None, ([], []), {}, []
        self.skipped, self.unread = False, {}

    def state(self, model: nn.Module) -> dict[str, Any]:
        """Return what is known of the steps before, of this network."""
        return {"unclipped": self.unclipped.readings, "kept": self.kept.state(model)}

    def load_state(self, unclipped: int, kept: Sequence[Any], model: nn.Module) -> None:
        """Go on with what `state` returned."""
        self.clear()
        self.unclipped.readings, self.kept = unclipped, KeptGradients()
        self.kept.load_state(kept, model)


def _norm(slopes: list[Tensor]) -> Tensor | float | None:
    """Return the norm of gradients together; None where it would take long."""
    quick = norm_of(slopes)
    if quick is not None:
        return quick
    if not slopes or any(each.layout != torch.strided or each.device != slopes[0].device for each in slopes):
        return None
    norms: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm([real(each.detach()) for each in slopes])))
    return norms


def _gradients(parameters: Iterable[Tensor]) -> list[Tensor]:
    return [slope for each in parameters if (slope := each.grad) is not None]


def _versions(slopes: Sequence[Tensor]) -> Versions:
    try:
        return [*map(id, slopes)], [each._version for each in slopes]
    except RuntimeError:  # of one that was made in inference mode, where torch does not count
        return [*map(id, slopes)], [*map(version_of, slopes)]


def scale_removed() -> Any:
    """Return by what a GradScaler, whose step is running, scaled the loss; None if there is none."""
    frame: FrameType | None = sys._getframe()
    for _ in range(16):
        if frame is None:
            return None
        if frame.f_code.co_name == "step" and frame.f_code.co_filename.endswith("grad_scaler.py"):
            return getattr(frame.f_locals.get("self"), "_scale", None)
        frame = frame.f_back
    return None
