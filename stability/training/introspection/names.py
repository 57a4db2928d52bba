"""By what names the layers of ReLUs of a network go: that of a weight, or that of the module that calls the ReLU."""

import sys
from types import FrameType
from typing import Any

import torch
from torch import nn

from stability.training.introspection.makers import Made

Tensor = torch.Tensor

RELU_MODULES = (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.Hardtanh, nn.Threshold)
"""Modules that are a ReLU by themselves, so that their own name says which one it is."""


def names_of(model: nn.Module) -> dict[int, tuple[str, Tensor]]:
    """Return the names of modules by the ids of their parameters; the parameters are kept so that ids stay theirs."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        found.setdefault(id(parameter), (name.removesuffix("_orig").removesuffix(".weight"), parameter))
    return found


class Names:
    """The names of the parameters and modules of a network, as torch has them; they are read again where some are new.

    Parameters
    ----------
    model : Module

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> names = Names(model)
    >>> names.of(model[0].weight), names.of(torch.ones(1)), names.place(model[1]), names.place(model)
    ('0', None, '1', '')
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._parameters: dict[int, tuple[str, Tensor]] = {}
        self._modules: dict[int, tuple[str, nn.Module]] = {}
        self._taken: set[str] = set()
        self._read, self._placed = False, False

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(Names(self._model))}

    def begin(self) -> None:
        """Begin a forward pass, in which each kind is read again once at most."""
        self._read, self._placed = False, False

    def end(self) -> None:
        """Let go of tensors in the place of parameters, as in functional_call: they may hold the graph of a batch."""
        if self._read:
            self._read = False
            self._parameters = {k: each for k, each in self._parameters.items() if isinstance(each[1], nn.Parameter)}

    def of(self, tensor: Tensor) -> str | None:
        """Return the name of the module that holds a parameter as its weight, or of the parameter; None of others."""
        found = self._parameters.get(id(tensor))
        if found is None and not self._read:
            self._read, self._parameters = True, names_of(self._model)
            found = self._parameters.get(id(tensor))
        return None if found is None else found[0]

    def place(self, module: nn.Module) -> str | None:
        """Return the name of a module; empty of the network itself, None of a module that is not in it."""
        found = self._modules.get(id(module))
        if found is None and not self._placed:
            self._placed = True
            self._modules = {id(part): (name, part) for name, part in self._model.named_modules()}
            self._taken = {name for name, _ in self._model.named_modules(remove_duplicate=False)}
            self._taken |= {name for name, _ in names_of(self._model).values()}
            found = self._modules.get(id(module))
        return None if found is None else found[0]

    def is_taken(self, name: str) -> bool:
        """Return whether a module or a parameter has this name, as far as modules have been asked for."""
        return name in self._taken


class LayerNames:
    """The names of the layers of one forward pass, of which no two have the same.

    A layer goes by the weight that makes its units, as "net.2". Where no weight of the network does, it goes by the
    module that calls the ReLU: "layer2.0.act" if that is a ReLU itself, else "layer2.0.relu", and "layer2.0.relu 2" for
    the second one in layer2.0. What is used again has its number in brackets: "net.2 (2)".

    Parameters
    ----------
    names : Names

    Attributes
    ----------
    uses : dict of str to int
        How many layers go by each name.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self.uses: dict[str, int] = {}
        names.begin()

    def of_weight(self, made: Made | None) -> str:
        """Return the name of what makes a tensor; empty where that is no weight of the network."""
        if made is None:
            return ""
        own = None if made.source is None else self._names.of(made.source)
        if own is None and made.within is not None and next(made.within.parameters(), None) is not None:
            own = self._names.place(made.within)
        return own or ""

    def next(self, made: Made | None) -> str:
        """Return the name of the next layer."""
        return self._name(made)[0]

    def take(self, made: Made | None) -> str:
        """Return the name of the next layer, which no other will have."""
        name, key, count = self._name(made)
        self.uses[key] = count
        return name

    def caller(self) -> tuple[str, nn.Module | None]:
        """Return the innermost module of the network whose code is running, with its name before it."""
        frame: FrameType | None = sys._getframe().f_back
        while frame is not None:
            found = frame.f_locals.get("self")
            if isinstance(found, nn.Module):
                place = self._names.place(found)
                if place is not None:
                    return place, found
            frame = frame.f_back
        return "", None

    def _name(self, made: Made | None) -> tuple[str, str, int]:
        """Return the name of the next layer, what it is counted by, and which one of these it is."""
        name = self.of_weight(made)
        if not name:
            place, module = self.caller()
            if not place or not isinstance(module, RELU_MODULES):
                return self._numbered(f"{place}.relu" if place else "relu")
            name = place
        count = self.uses.get(name, 0) + 1
        return f"{name} ({count})" if count > 1 else name, name, count

    def _numbered(self, name: str) -> tuple[str, str, int]:
        """Return the name of the next ReLU that a module calls as a function; those of other modules stay theirs."""
        key = f"{name} "
        count = self.uses.get(key, 0) + 1
        while self._names.is_taken(numbered := f"{name} {count}" if count > 1 else name):
            count += 1
        return numbered, key, count
