"""What reaches the layers of a network, in the order in which it calls them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from stability.errors import DataError
from stability.training.introspection.batches import arguments, batches, labels_of, taken_by_the_network
from stability.training.layer_maps import KINDS, batched

Tensor = torch.Tensor
RELUS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.GELU, nn.SiLU, nn.SELU, nn.CELU, nn.Mish)


class _Reached(Exception):  # noqa: N818
    """Ends a pass of the network at a layer whose weights are not set yet."""


class LayerInputs:
    """A network with all the data that flow through it.

    Attributes
    ----------
    model : Module
    read : list of (arguments, arguments by name)
        Of every batch.
    layers : dict of str to Module
        The linear layers and convolutions by name, in the order in which they are called first.
    uncalled : list of str
        Those that no batch reaches.
    output : str or None
        The layer called last, where no ReLU or similar module is called behind it.
    """

    def __init__(self, model: nn.Module, data: Any, inputs: Callable[[Any], Any] | None = None) -> None:
        self.model, self._inputs = model, inputs
        self._batches = list(batches(data))
        self.read = [arguments(batch, model, inputs) for batch in self._batches]
        if not self.read:
            raise DataError("Expected at least one batch; got none.", "Give the examples that are trained on.")
        given = [each for args, named in self.read for each in (*args, *named.values()) if isinstance(each, Tensor)]
        if given and not any(each.numel() for each in given):
            raise DataError("Expected at least one example; got none.", "Give the examples that are trained on.")
        named = {module: name for name, module in model.named_modules()}
        calls: list[nn.Module] = []
        with _hooked([*named], lambda module, _args, _named: calls.append(module)):
            for _ in self.passes():
                pass
        order = dict.fromkeys(module for module in calls if isinstance(module, KINDS))
        self.layers = {named[module]: module for module in order}
        self.uncalled = [name for module, name in named.items() if isinstance(module, KINDS) and module not in order]
        last = max((at for at, module in enumerate(calls) if isinstance(module, KINDS)), default=0)
        behind = any(isinstance(module, RELUS) for module in calls[last:])
        self.output = None if behind or not order else named[calls[last]]

    def passes(self) -> Iterator[Any]:
        """Yield what the network returns for every batch.

        Raises
        ------
        DataError
            If it does not take them.
        """
        for args, named in self.read:
            with taken_by_the_network():
                output = self.model(*args, **named)
            yield output

    def labels(self) -> Tensor:
        """Return the labels that stand in the batches beside the inputs, in their order.

        Raises
        ------
        DataError
            If there are none, or they are no tensors.
        """
        try:
            found = [labels_of(batch, self.model, self._inputs)[0] for batch in self._batches]
        except DataError as error:
            raise DataError(error.problem, "Give labels=, in the order of the data.") from None
        if not all(isinstance(each, Tensor) and each.ndim for each in found):
            raise DataError("Expected labels that are tensors; got others.", "Give labels=, in the order of the data.")
        return torch.cat(found)

    def reaching(self, name: str, unset: set[str]) -> list[Tensor]:
        """Return the inputs of a layer, of every call in every batch that comes before a layer of `unset`."""
        wanted, found = self.layers[name], []
        others = [self.layers[other] for other in unset if other != name]

        def note(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
            if module is not wanted:
                raise _Reached
            x = args[0] if args else named.get("input")
            if isinstance(x, Tensor) and x.numel():
                found.append(batched(module, x.detach().clone()))

        with _hooked([wanted, *others], note):
            for args, given in self.read:
                try:
                    self.model(*args, **given)
                except _Reached:
                    continue
        return found


def without_dropout(model: nn.Module) -> None:
    """Put the dropout modules of a network, and no others, into eval mode."""
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()


@contextmanager
def _hooked(modules: list[nn.Module], note: Callable[[nn.Module, Any, Any], Any]) -> Iterator[None]:
    def call(module: nn.Module, args: Any, named: Any) -> None:
        note(module, args, named)

    handles = [module.register_forward_pre_hook(call, with_kwargs=True) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
