"""How does a controller act on a network: on weights, on slopes, on the loss, and on what optimisers remember?"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import Optimizer

from stability.training.healing.leaky_slopes import LeakySlopes
from stability.training.healing.policies import Action
from stability.training.healing.repairs import KINDS, LEAKY, SEPARATIONS, Change, Repair, forget, repair
from stability.training.healing.sites import Site, sites
from stability.training.monitoring.optimisers import holds, ids
from stability.training.watching.restoring import left_as_found
from stability.training.watching.separation import SeparationLoss

Tensor = torch.Tensor
Done = tuple[dict[str, int], str]
"""How many entries of which parameters were changed; and why nothing was done, if so."""


class Effects:
    """What a controller does to one network.

    Parameters
    ----------
    model : Module
    optimizers : iterable of Optimizer
        Whose moments are cleared; those that are seen to step join them.
    seed : int
        Of random rotations.
    losses_of : callable, optional
        Gets what the network returned, and returns the loss of every example.

    Attributes
    ----------
    batch : (args, kwargs) or None
        What the network got last.
    probing : bool
        Whether a forward pass under way is this object's own.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizers: Iterable[Optimizer],
        seed: int,
        losses_of: Callable[[Any], Tensor] | None = None,
    ) -> None:
        self._losses_of = losses_of
        self.model, self.optimizers = model, list(optimizers)
        self.batch: tuple[Any, Any] | None = None
        self.probing = False
        self._slopes = LeakySlopes(model)
        self._stream = torch.Generator().manual_seed(seed)
        self._penalties: dict[tuple[str, str], Repair] = {}
        self._layers: list[Site] = []

    @property
    def busy(self) -> bool:
        """Whether a slope or a penalty is on."""
        return bool(self._slopes.active or self._penalties)

    def concerns(self, optimizer: Optimizer) -> bool:
        """Tell whether an optimiser holds parameters of the network."""
        return holds(optimizer, ids(self.model.parameters()))

    def stepped(self, optimizer: Optimizer) -> None:
        """Count a step, and remember who made it."""
        if all(optimizer is not each for each in self.optimizers):
            self.optimizers.append(optimizer)
        self._slopes.tick()
        self._layers = []

    def close(self) -> None:
        """Take slopes and penalties back."""
        self._slopes.close()
        self._penalties, self._layers, self.batch = {}, [], None

    def act(self, action: Action) -> Done:
        """Do what an action says."""
        key, what = (action.alarm.layer, action.alarm.kind), action.repair
        if action.verb != "repair":
            self._penalties.pop(key, None)
            return {}, ""
        if what.lasts:
            self._penalties[key] = what
            return {}, ""
        names = [site.name for site in self._sites(fresh=False) if key[0] in ("", site.name)]
        if not names:
            return {}, "it is not seen on this batch"
        if what.kind == LEAKY:
            for name in names:
                self._slopes.set(name, what.size, what.steps)
            return {}, ""
        return self._changed([self._repair(name, what, action.points) for name in names])

    def _repair(self, name: str, what: Repair, points: tuple[int, ...]) -> Change:
        layers = self._sites(fresh=KINDS[what.kind].looks)
        site = next(each for each in layers if each.name == name)
        change = repair(site, what, points, self._stream)
        forget(self.optimizers, change)
        if change.masks and KINDS[what.kind].looks:
            self._layers = []
        return change

    def _sites(self, fresh: bool) -> list[Site]:
        """Return the layers on the last batch; at the weights as they are now, if that is asked for."""
        if (fresh or not self._layers) and self.batch is not None:
            with self._own_pass():
                self._layers = sites(self.model, *self.batch, self._losses_of)
        return self._layers

    def _changed(self, changes: list[Change]) -> Done:
        names = {id(p): name for name, p in self.model.named_parameters()}
        found: dict[str, int] = {}
        for change in changes:
            for parameter, mask in change.masks:
                name = names.get(id(parameter), "parameter")
                found[name] = found.get(name, 0) + int(mask.sum())
        return found, "" if found else "; ".join(sorted({change.reason for change in changes}))

    def push(self, optimizer: Optimizer) -> None:
        """Add the gradients of the penalties that are on, from a forward pass of their own on the last batch."""
        if not self._penalties or self.batch is None:
            return
        trained = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
        scale = getattr(optimizer, "grad_scale", None)
        with self._own_pass(), torch.enable_grad(), left_as_found(self.model, "found"):
            slopes = torch.autograd.grad(self._penalty(), trained, allow_unused=True)
        for parameter, slope in zip(trained, slopes, strict=True):
            if slope is not None:
                slope = slope if scale is None else slope * scale
                parameter.grad = slope if parameter.grad is None else parameter.grad + slope

    def pushing(self, closure: Callable[[], Any], optimizer: Optimizer) -> Callable[[], Any]:
        """Return a closure of an optimiser that adds the gradients of the penalties."""

        def pushed() -> Any:
            loss = closure()
            self.push(optimizer)
            return loss

        return pushed

    def _penalty(self) -> Tensor:
        args, kwargs = self.batch or ((), {})
        terms = []
        for (layer, _), what in self._penalties.items():
            with SeparationLoss(self.model, SEPARATIONS[what.kind], what.size) as term:
                self.model(*args, **kwargs)
                if layer:
                    term.weight = [what.size * (each.name == layer) for each in term.layers()]
                terms.append(term())
        return torch.stack(terms).sum()

    @contextmanager
    def _own_pass(self) -> Iterator[None]:
        self.probing = True
        try:
            yield
        finally:
            self.probing = False
