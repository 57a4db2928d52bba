"""The gradient of a penalty, added to those of a training beside what the user does with them.

Its gradient is worked out right after the user's own forward pass, by the graph of that pass: with its dropout masks,
its precision and its modes, and without a pass of its own. It waits until the optimiser steps, since gradients are not
scaled any more then, and what was clipped is clipped. The sum is no larger than the user's gradients were.
"""

from collections.abc import Callable, Sequence
from math import inf

import torch
from torch import nn

from stability.errors import StabilityError
from stability.io.closing import Closing
from stability.training.constraints.separation_loss import layers_penalty
from stability.training.control.interventions import SEPARATIONS, Intervention
from stability.training.control.repeat_forward import in_backward, is_checkpointed
from stability.training.introspection.forward_passes import Introspection, TracedActivation
from stability.training.introspection.preserve_state import left_as_found
from stability.training.introspection.stated_units import StatedUnits

WHOLE = "Leave the layers with penalties out of checkpointing."

Tensor = torch.Tensor
Scale = Tensor | float | None
Key = tuple[str, str]
"""(layer, alarm); the layer is empty for the whole network."""

ALIKE, CLOSE = 3, 1e-4
"""So many parameters whose gradients are the longest and of one norm, but for this share of it: each is clipped by its
own."""

HALF = 2.0**12
"""By this the penalty is multiplied while its gradient goes through layers of half precision."""


class Penalties(Closing):
    """The penalties that are on, and their gradients.

    Parameters
    ----------
    model : Module
    failed : callable
        Gets what went wrong where a gradient cannot be worked out; no penalty is on then. And what cannot be reached.
    stated : StatedUnits, optional
        What is stated of layers.

    Attributes
    ----------
    on : dict of (layer, alarm) to Intervention
    norm, entry : float
        The longest gradient that the user's steps had at readings, and its largest entry.
    part : float
        The longest gradient by one parameter.
    apart : bool
        Whether they were seen to be clipped each by its own norm.
    """

    def __init__(
        self, model: nn.Module, failed: Callable[[Exception], None], stated: StatedUnits | None = None
    ) -> None:
        self.on: dict[Key, Intervention] = {}
        self.norm = self.entry = self.part = 0.0
        self.apart = False
        self._model, self._failed, self._stated = model, failed, stated
        self._introspection: Introspection | None = None
        self._reached = False
        self._sums: dict[int, tuple[Tensor, Tensor, int]] = {}

    def switch_on(self, key: Key, what: Intervention) -> None:
        """Let a penalty count from the next forward pass on."""
        self.on[key] = what
        self._reached = False
        if self._introspection is None:
            self._introspection = Introspection(
                self._model, self._differentiate, self._wanted, graph=True, stated=self._stated
            )

    def switch_off(self, key: Key) -> None:
        """Let it count no more."""
        self.on.pop(key, None)
        if not self.on:
            self.close()

    def close(self) -> None:
        """Leave the network as it was found."""
        self.on.clear()
        self._sums.clear()
        if self._introspection is not None:
            self._introspection.close()
            self._introspection = None

    def _wanted(self) -> bool:
        return self._model.training and torch.is_grad_enabled() and not in_backward()

    def _differentiate(self, found: list[TracedActivation]) -> None:
        """Keep the gradient of the penalties by what is trained; of several passes before a step their mean."""
        if is_checkpointed():
            return
        self._reached = True
        if self._introspection is not None and self._introspection.once:
            self.close()
            self._failed(StabilityError("the penalty would use up what is kept for one backward pass", WHOLE))
            return
        seen = [each for each in found if each.z.numel()]
        trained = [p for p in self._model.parameters() if p.requires_grad]
        try:
            scale = HALF if any(each.z.dtype == torch.float16 for each in seen) else 1.0
            total = self._total(seen) * scale
            if not total.requires_grad:
                return
            with left_as_found(self._model, "found"):  # parts of the network may be recomputed
                slopes = torch.autograd.grad(total, trained, retain_graph=True, allow_unused=True)
        except Exception as error:
            self.close()
            self._failed(error)
            return
        for parameter, slope in zip(trained, slopes, strict=True):
            if slope is not None:
                _, total, count = self._sums.get(id(parameter), (parameter, torch.zeros_like(slope), 0))
                self._sums[id(parameter)] = parameter, total + slope / scale, count + 1

    def _total(self, seen: list[TracedActivation]) -> Tensor:
        lost = [
            each.name for each in seen if each.weight is not None and each.weight.requires_grad > each.z.requires_grad
        ]
        if lost:
            self._failed(StabilityError(f"the penalty has no graph at {', '.join(lost)}, which is recomputed.", WHOLE))
        terms = []
        for (layer, _), what in self.on.items():
            chosen = [each for each in seen if layer in ("", each.name)]
            if chosen:
                terms.append(layers_penalty(chosen, SEPARATIONS[what.kind], what.size, reduction="mean"))
        return torch.stack([each.to(terms[-1].device) for each in terms]).sum() if terms else torch.zeros(())

    def observe(self, parameters: Sequence[Tensor], scale: Scale = None) -> None:
        """Take note of how large the user's gradients are at a step.

        Parameters
        ----------
        parameters : sequence of tensor
            All that is trained together.
        scale : tensor or float, optional
            By what the gradients are too large, as in mixed precision.
        """
        norm, entry = sizes(parameters, scale).tolist()
        if norm < inf:
            self.norm, self.entry = max(self.norm, norm), max(self.entry, entry)
            self._compare(sorted(lengths(_slopes(parameters), scale).tolist(), reverse=True))

    def _compare(self, norms: list[float]) -> None:
        """Look whether gradients were clipped each by its own norm, given these norms, the longest first."""
        longest, *others = norms or [0.0]
        self.part = max(self.part, longest)
        self.apart |= longest > 0 and sum(norm >= (1 - CLOSE) * longest for norm in others) >= ALIKE - 1

    def add(self, held: Sequence[Tensor], parameters: Sequence[Tensor], scale: Scale = None) -> None:
        """Add what waits for some parameters to their gradients; where there is none, nothing is changed.

        The whole gradient is shortened then, as clipping does, where it is longer than the user's ever was at a reading
        or is now; so are its entries, and each by itself where the user clips each. Nothing here waits for the device.

        Parameters
        ----------
        held : sequence of Parameter
            Those that are about to change.
        parameters, scale
            As for `observe`.
        """
        if not self._reached:
            self._failed(StabilityError("the penalty has no graph, since the whole network is recomputed", WHOLE))
        moved = [p for p in held if id(p) in self._sums and p.grad is not None and not p.grad.is_sparse]
        found = [self._sums.pop(id(p)) for p in moved]
        factor = 1.0 if scale is None else scale
        if moved:
            self._add(moved, [total * (factor / count) for _, total, count in found], parameters, factor)

    @torch.no_grad()
    def _add(
        self, moved: Sequence[Tensor], gradients: Sequence[Tensor], parameters: Sequence[Tensor], factor: Tensor | float
    ) -> None:
        """Add gradients to those of parameters, if all of both are finite."""
        norm, entry = sizes(parameters, factor)
        known = torch.stack([each.isfinite().all().to(norm.device) for each in gradients])
        finite, most, bound = (
            known.all() & (norm < inf),
            norm.clamp(min=self.norm),
            entry.clamp(min=self.entry) * factor,
        )
        users = [p.grad for p in moved if p.grad is not None]
        for parameter, user, gradient in zip(moved, users, gradients, strict=True):
            parameter.grad = user + gradient
        whole, own = sizes(parameters, factor)[0], sizes(moved, factor)[0]
        room = (most.square() - (whole.square() - own.square()).clamp(min=0)).clamp(min=0).sqrt()
        share = torch.where(whole > most, room / own, 1.0)
        for parameter, user, gradient in zip(moved, users, gradients, strict=True):
            by, end = (each.to(user) for each in (share, bound))
            short = self._clipped(((user + gradient) * by).clamp(-end, end), user, factor)
            parameter.grad = torch.where(finite.to(user.device), short, user)

    def _clipped(self, gradient: Tensor, user: Tensor, factor: Tensor | float) -> Tensor:
        """Return a gradient by one parameter no longer than any was at a reading, if the user clips each by itself."""
        if not self.apart:
            return gradient
        norm, own = (torch.linalg.vector_norm(each, dtype=wide(each)) for each in (gradient, user))
        most = (own / factor).clamp(min=self.part) * factor
        return gradient * torch.where(norm > most, most / norm, 1.0).to(gradient)


def sizes(parameters: Sequence[Tensor], scale: Scale = None) -> Tensor:
    """Return the norm and the largest entry of the gradients by some parameters, shape (2,), 0 of none.

    They stay on the device, in 64 bits where it has them.
    """
    slopes = _slopes(parameters)
    if not slopes:
        return torch.zeros(2)
    norm = torch.linalg.vector_norm(lengths(slopes))
    return torch.stack([norm, _joined([each.abs().amax() for each in slopes]).amax()]) / (
        1.0 if scale is None else scale
    )


def lengths(slopes: Sequence[Tensor], scale: Scale = None) -> Tensor:
    """Return the norm of each of some gradients, on the device; see `sizes`."""
    found = [torch.linalg.vector_norm(each, dtype=wide(each)) for each in slopes]
    return (_joined(found) if found else torch.zeros(0)) / (1.0 if scale is None else scale)


def _slopes(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradients by some parameters, as far as they have entries."""
    slopes = [p.grad.detach() for p in parameters if p.grad is not None]
    slopes = [each.coalesce().values() if each.is_sparse else each for each in slopes]
    return [each for each in slopes if each.numel()]


def _joined(numbers: Sequence[Tensor]) -> Tensor:
    """Return single numbers as one tensor, on the device of the first, in 64 bits where it has them."""
    device = numbers[0].device
    kind = torch.float32 if device.type == "mps" else torch.float64
    return torch.stack([each.to(device, kind) for each in numbers])


def wide(slope: Tensor) -> torch.dtype | None:
    """Return the dtype in which a gradient of half precision has a norm."""
    return torch.float32 if slope.dtype in (torch.float16, torch.bfloat16) else None
