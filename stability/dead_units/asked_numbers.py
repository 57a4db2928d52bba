"""What code of a forward pass asks tensors for, or does to them, that later passes may not ask or do alike."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
from torch import nn

from stability.training.introspection.torch_functions import writes

Tensor = torch.Tensor

SINGLE = frozenset(
    (
        *("__bool__", "item", "__int__", "__float__", "__index__", "__complex__", "__contains__", "__format__"),
        *("__repr__", "is_nonzero", "equal", "allclose", "__nonzero__", "__long__"),
    )
)
"""Functions that hand a number over to the code, which may branch on it."""

WHOLE = frozenset(
    (
        *("tolist", "numpy", "__array__", "__dlpack__", "__getitem__", "nonzero", "argwhere", "unique", "_unique2"),
        *("unique_consecutive", "masked_select", "bincount", "repeat_interleave", "split_with_sizes"),
    )
)
"""Functions that hand over many, or a shape that depends on them."""

CHANGES = frozenset(
    (
        *("register_hook", "register_post_accumulate_grad_hook", "requires_grad_", "backward", "set_", "detach_"),
        *("resize_", "resize_as_", "apply_", "map_", "data_ptr", "untyped_storage", "storage", "_typed_storage"),
    )
)
OWN: Any = Tensor
DATA = OWN.data.__get__
SETS = (
    *(OWN.data.__set__, OWN.requires_grad.__set__, OWN.grad.__set__, OWN.grad.__get__, OWN.grad_fn.__get__),
    *(OWN._backward_hooks.__get__, OWN._backward_hooks.__set__, OWN._version.__get__),
)
"""What gets at gradients, hooks or memory."""

LOOSE = frozenset(("from_numpy", "as_tensor", "asarray", "from_dlpack", "frombuffer"))
"""Functions whose results may be written into without any sign of it at what they got."""

WRITES = "its forward pass writes into tensors past what keeps count of it (.data, arrays)"
CONTAINER = nn.ModuleList.__module__
BETWEEN = ("torch.overrides", "torch._tensor", __name__)


class AskedNumbers:
    """Hears of calls of torch in a forward pass.

    Attributes
    ----------
    why : str
        Why later passes may do something else; empty where nothing speaks for it.
    """

    def __init__(self) -> None:
        self._why = ""
        self._loose: list[tuple[Tensor, int]] = []
        self._arrays: dict[int, Tensor] = {}

    def hear(self, func: Any, args: tuple[Any, ...], out: Any, changes: Callable[[Any], bool]) -> None:
        """Take note of a call.

        Parameters
        ----------
        func, args, out
        changes : callable
            Whether a tensor depends on chance or on what is trained.
        """
        name = getattr(func, "__name__", "")
        if func == DATA or name in LOOSE:
            self._loose.append((out, out._version))
        if name in ("numpy", "__array__", "__dlpack__"):
            self._arrays[_memory(args[0])] = args[0]
        if self._arrays and (writes(func) or name.startswith("__set")):
            given = args[0] if isinstance(args[0], tuple | list) else args[:1]
            self._why = self._why or (WRITES if any(map(self._is_array, given)) else "")
        if self._why:
            return
        if func in SETS or name in CHANGES:
            if not _caller().startswith("torch."):
                self._why = f"its forward pass looks at, or changes, more than the numbers of a tensor ({_said(func)})"
        elif name in SINGLE:
            if not _is_same_for_torch(_caller(), args[:1], changes):
                self._why = f"its forward pass asks for a number of a tensor ({name}), and may branch on it"
        elif name in WHOLE and _hands_over(name, args, changes) and not _caller().startswith("torch."):
            self._why = f"its forward pass asks for numbers that are trained or drawn ({name}), and may branch on them"

    def _is_array(self, tensor: Any) -> bool:
        return isinstance(tensor, Tensor) and _memory(tensor) in self._arrays

    @property
    def why(self) -> str:
        """Why later passes may do something else."""
        written = any(each._version != version for each, version in self._loose)
        return self._why or (WRITES if written else "")


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr() if tensor.layout == torch.strided else id(tensor)


def _hands_over(name: str, args: tuple[Any, ...], changes: Callable[[Any], bool]) -> bool:
    """Return whether numbers are handed over that are not the same for ever."""
    if name != "__getitem__":
        return any(changes(each) or each.requires_grad for each in args if isinstance(each, Tensor))
    parts = args[1] if isinstance(args[1], tuple | list) else args[1:2]
    masks = [each for each in parts if isinstance(each, Tensor) and each.dtype in (torch.bool, torch.uint8)]
    return any(map(changes, masks))


def _said(func: Any) -> str:
    name = getattr(func, "__name__", "")
    return getattr(getattr(func, "__self__", None), "__name__", name) if name in ("__get__", "__set__") else name


def _caller() -> str:
    """Return the module of the code that made a call."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and frame.f_globals.get("__name__") in BETWEEN:
        frame = frame.f_back
    return "" if frame is None else str(frame.f_globals.get("__name__"))


def _is_same_for_torch(caller: str, given: tuple[Any, ...], changes: Callable[[Any], bool]) -> bool:
    """Return whether it is torch that asks: to refuse what cannot be, or of what is not trained."""
    if not caller.startswith("torch.") or caller == CONTAINER:
        return False
    return caller.startswith("torch.distributions") or not any(map(changes, given))
