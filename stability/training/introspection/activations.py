"""What is kept of one ReLU in one forward pass, or why nothing can be."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from stability.training.introspection.unit_rows import FIRST, UnitRows

Tensor = torch.Tensor
Parameter = nn.Parameter
SINGLE, STRIDED, is_wrapped = torch.float32, torch.strided, torch._C._functorch.is_functorch_wrapped_tensor


@dataclass(frozen=True, eq=False)
class TracedActivation:
    """What one ReLU of a network got in one forward pass.

    Attributes
    ----------
    name : str
        That of the weight which makes it, as "net.2"; where no single one does, of the module that calls the ReLU, as
        "block.act" or "block.relu"; see `LayerNames`.
    z : tensor
        The pre-activations, of any shape with examples first; in the order (examples, units, places) where the network
        has examples elsewhere, or units spread over several axes. There may be no example.
    axis : int
        Which axis counts the units, as -1 after linear maps or 1 after convolutions.
    weight, bias : Parameter or None
        Row j of the weight, by `rows`, makes unit j, or -z_j where the ReLU is one of -z; if both are seen, they are
        one layer of twice as many units. None where no single weight makes it. Of a weight that is itself computed, as
        by weight normalisation, it is a copy, which gets the gradient by it in each backward pass.
    normed : bool
        Whether a normalisation stands before the ReLU.
    slope : float or None
        Left of 0: 0 for a ReLU; None where it is trained.
    centred : bool
        Whether a normalisation over examples or places takes the bias out again.
    rows : UnitRows
        Which entries of the weight are its row j.
    ends : tensor or None
        What somebody kept of z in its place; then z has a shape and no numbers.
    """

    name: str
    z: Tensor
    axis: int
    weight: Tensor | None = None
    bias: Tensor | None = None
    normed: bool = False
    slope: float | None = 0.0
    centred: bool = False
    rows: UnitRows = FIRST
    ends: Tensor | None = None

    @property
    def table(self) -> Tensor:
        """The pre-activations as a tensor (examples, units, places): pixels, or steps of a sequence; else one place."""
        z = self.z.movedim(self.axis, 1)
        return z.flatten(2) if z.ndim > 2 else z.unsqueeze(-1)


@dataclass(frozen=True)
class Skipped:
    """A ReLU whose units are not certain, or whose tensor is of no kind that can be read.

    Attributes
    ----------
    name : str
        As in `TracedActivation`.
    reason : str
    module : Module or None
        In which the ReLU is called, the first time.
    """

    name: str
    reason: str
    module: nn.Module | None = None


def is_plain(tensor: Tensor) -> bool:
    """Return whether the entries of a tensor are 32-bit numbers in the memory of the CPU, one after the other."""
    kind = type(tensor)
    return (
        (kind is Tensor or kind is Parameter)
        and not is_wrapped(tensor)
        and tensor.dtype is SINGLE
        and tensor.is_cpu
        and tensor.layout is STRIDED
        and not tensor.is_nested
        and tensor.is_contiguous()
        and not tensor.is_neg()
    )


def are_plain(tensors: Iterable[Tensor]) -> bool:
    """Return whether `is_plain` holds of all of some tensors."""
    return all(map(is_plain, tensors))


def unreadable(z: Tensor) -> str:
    """Return why the entries of pre-activations cannot be read; empty if they can."""
    if z.ndim and is_plain(z):
        return ""
    special = without_entries(z)
    if special:
        return special
    if not z.is_floating_point():
        return f"its entries are no real floating-point numbers ({z.dtype})"
    return "" if z.ndim else "it is one number, without units or examples"


def without_entries(z: Tensor) -> str:
    """Return why a tensor is no plain table of numbers that are there; empty if it is."""
    if torch._C._functorch.is_functorch_wrapped_tensor(z):
        return "it runs inside vmap or another transform of torch.func"
    if z.is_nested:
        return "its examples have different sizes (a nested tensor)"
    if z.is_quantized:
        return "it is quantised"
    if z.layout != torch.strided:
        return f"its tensor is sparse ({z.layout})"
    if z.device.type == "meta":
        return "its tensor is on the device meta and has no entries"
    if type(z).__torch_dispatch__ is not Tensor.__torch_dispatch__:
        return f"its tensor is of a kind of its own ({type(z).__name__})"
    return ""
