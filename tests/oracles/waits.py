"""Operations for which the processor waits on a device, written down without one."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

ASKS = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.is_nonzero.default,
    torch.ops.aten.equal.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
    torch.ops.aten._unique2.default,
}
"""They hand a number, or a size that depends on numbers, to the processor."""


class Waits(TorchDispatchMode):
    """Writes down every operation that waits: numbers that are asked for, masks as indices, copies between devices.

    Attributes
    ----------
    made : list of str
        In their order. A copy from one device to another is "copy cpu to meta".
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        given = [each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        name = func.overloadpacket.__name__
        if func in ASKS:
            self.made.append(name)
        elif name in ("index", "index_put", "index_put_") and any(each.dtype == torch.bool for each in given[1:]):
            self.made.append(f"{name} by a mask")
        elif name in ("_to_copy", "copy_"):
            source, goal = given[-1].device.type, tree_leaves(out)[0].device.type
            if source != goal:
                self.made.append(f"copy {source} to {goal}")
        return out
