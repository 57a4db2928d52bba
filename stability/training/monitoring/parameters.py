"""The parameters that a network has now: some come later, are replaced, or are of kinds that cannot be read."""

from collections.abc import Collection, Sequence
from typing import Any
from weakref import WeakSet, ref

from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim.optimizer import Optimizer

from stability.training.introspection.activations import without_entries
from stability.training.monitoring.optimizer_hooks import holds

SETTLED = 20
"""After so many steps of optimisers it is said which parameters none of them holds."""

NO_GRADIENT = "no gradient at this step"

IDLE = "they get gradients, and no optimiser that has stepped holds them"


class NetworkParameters:
    """The parameters of a network, found anew at every reading and when an unknown optimiser steps.

    Parameters
    ----------
    model : Module

    Attributes
    ----------
    readable : list of Parameter
        Those with numbers that can be read.
    modules : dict of int to str
        The names of their modules, by their ids.
    renewed : bool
        Whether all of them were replaced since somebody set this to False.
    stepped : int
        How many steps optimisers have made that hold some of them.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Linear(2, 3))
    >>> parameters = NetworkParameters(model)
    >>> model[0] = nn.Linear(2, 1, bias=False)
    >>> [each.shape for each in parameters.find()]
    [torch.Size([1, 2])]
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._names: list[str] = []
        self._ids: frozenset[int] = frozenset()
        self._all_read, self.renewed = False, False
        self._parts: list[dict[str, Any]] = []
        self._held: list[Any] = []
        self._contents: tuple[list[int], list[int]] = ([], [])
        self._others: WeakSet[Optimizer] = WeakSet()
        self._holders: WeakSet[Optimizer] = WeakSet()
        self.stepped = 0
        self._before: list[ref[Tensor]] = []
        self._stepping: ref[Optimizer] | None = None
        self._busy: tuple[frozenset[int], int] | None = None
        self.readable: list[Tensor] = []
        self._sure, self._found = False, False
        self.modules: dict[int, str] = {}
        self._unreadable: dict[str, list[str]] = {}
        self.find()

    def __getstate__(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "_others": None,
            "_holders": None,
            "_before": [],
            "_stepping": None,
            "_parts": [],
            "_held": [],
            "_all_read": False,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _others=WeakSet(), _holders=WeakSet(), stepped=0)

    def __contains__(self, parameter: Tensor) -> bool:
        return id(parameter) in self._ids

    def now(self) -> list[Tensor]:
        """Return what `find` does, without looking where it is sure that they are as they were."""
        return self.readable if self._sure else self.find()

    def passed(self, alike: bool) -> None:
        """Take note of a forward pass.

        Parameters
        ----------
        alike : bool
            Whether it showed that all modules hold the parameters that they held at the pass before.
        """
        self._sure = alike and self._found
        self._found &= alike

    def is_settled(self, optimiser: Optimizer) -> bool:
        """Return whether these are all, can be read, have gradients, and are held by this optimiser alone."""
        known = self._sure and self._found and not self._unreadable
        return known and self._busy == (self._ids, 1) and [*self._holders] == [optimiser]

    def state(self) -> dict[str, Any]:
        """Return how many steps optimisers have made, and the names of what those hold that have stepped."""
        held = self._held_ids()
        return {"holders": (self.stepped, [name for name, p in self._model.named_parameters() if id(p) in held])}

    def load_state(self, stepped: int, held: Collection[str]) -> None:
        """Go on with what `state` returned: parameters that were held then are, as long as they are not replaced."""
        self.stepped, self._holders, self._stepping, self._busy = stepped, WeakSet(), None, None
        self._before = [ref(p) for name, p in self._model.named_parameters() if name in held]

    def find(self) -> list[Tensor]:
        """Find the parameters that the network has now; return those that can be read."""
        self._found = True
        if self._all_read and self._is_unchanged():
            return self.readable
        self._parts = [own for part in self._model.modules() for own in (part._modules, part._parameters)]
        self._held = [each for part in self._parts for each in part.values()]
        self._contents = _ids_in(self._parts)
        found = [*self._model.named_parameters()]
        ids = frozenset(id(each) for _, each in found)
        kinds = {name: reason for name, each in found if (reason := _reason(each))}
        known = [(name, each) for name, each in found if name not in kinds]
        self._names, self.readable = [name for name, _ in known], [each for _, each in known]
        self.modules = {id(each): _module_of(name) for name, each in known}
        self._all_read = not kinds
        self._unreadable = {}
        for name, each in found:
            if name in kinds and each.requires_grad:
                self._unreadable.setdefault(kinds[name], []).append(name)
        if ids != self._ids:
            self.renewed |= bool(self._ids) and not self._ids & ids
            self._ids, self._others = ids, WeakSet()
        return self.readable

    def _is_unchanged(self) -> bool:
        """Return whether every module holds what it held when they were looked at; much faster than looking."""
        return _ids_in(self._parts) == self._contents

    def held_by(self, optimiser: Optimizer) -> bool:
        """Return whether an optimiser, which is about to step, holds one of them."""
        if not self._is_held_by(optimiser):
            return False
        if self._stepping is None or self._stepping() is not optimiser:
            self._stepping = ref(optimiser)
            self._holders.add(optimiser)
        self.stepped += 1
        return True

    def _is_held_by(self, optimiser: Optimizer) -> bool:
        if holds(optimiser, self._ids):
            return True
        if optimiser in self._others:
            return False
        self.find()
        if holds(optimiser, self._ids):
            return True
        self._others.add(optimiser)
        return False

    def unread(self, slopes: Sequence[Tensor | None], known: Collection[int] = ()) -> dict[str, list[str]]:
        """Return the names of those that are trained and cannot be read now, or never step, by the reason.

        Parameters
        ----------
        slopes : sequence of (tensor or None)
            The gradients of those that can be read.
        known : collection of int
            The ids of some whose gradients were kept.
        """
        if True not in [each is None for each in slopes] and self._busy == (self._ids, len(self._holders)):
            return self._unreadable
        lacking = [
            name
            for name, each, slope in zip(self._names, self.readable, slopes, strict=True)
            if slope is None and each.requires_grad and each.numel() and id(each) not in known
        ]
        idle = self._idle() if self.stepped > SETTLED else []
        found = {NO_GRADIENT: lacking, IDLE: [f"steps of {name}" for name in idle[:1]] + idle[1:]}
        return self._unreadable | {reason: names for reason, names in found.items() if names}

    def _idle(self) -> list[str]:
        """Return the names of those with a gradient that no optimiser which has stepped holds."""
        held = self._held_ids()
        self._busy = (self._ids, len(self._holders)) if held >= self._ids else None
        if self._busy:
            return []
        named = zip(self._names, self.readable, strict=True)
        return [name for name, p in named if p.requires_grad and p.grad is not None and id(p) not in held]

    def _held_ids(self) -> set[int]:
        """Return the ids of what optimisers hold that have stepped."""
        before = {id(p) for p in (each() for each in self._before) if p is not None}
        return before | {id(p) for own in self._holders for group in own.param_groups for p in group["params"]}


def _ids_in(parts: Collection[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """Return how many things each has, and the ids of all of them."""
    return [*map(len, parts)], [id(each) for part in parts for each in part.values()]


def _reason(parameter: Tensor) -> str:
    """Return why the numbers of a parameter cannot be read; empty if they can."""
    return "it has no shape yet" if is_lazy(parameter) else without_entries(parameter)


def _module_of(name: str) -> str:
    """Return the name of the module of a parameter, which is called weight_orig where it is pruned."""
    return name.removesuffix("_orig").removesuffix(".weight").removesuffix(".bias")
