"""Weights that are no parameters: views of one, and what is computed from others, as by weight normalisation."""

import torch

from stability.training.introspection.unit_rows import UnitRows, parameter_of

Tensor = torch.Tensor


def leaf_of(weight: Tensor, rows: UnitRows, graph: bool = False) -> tuple[Tensor | None, UnitRows]:
    """Return what keeps the gradient by a weight, and which entries of it make which unit.

    Parameters
    ----------
    weight : tensor
    rows : UnitRows
        Which entries of the weight make which unit.
    graph : bool
        Whether a weight that is computed is returned itself, not a copy that gets its gradient.

    Returns
    -------
    tensor or None, UnitRows
        A parameter where the weight is one, or a permutation of one; else a copy that shares its memory and gets the
        gradient by it in `.grad`. None for a view of a parameter that cannot be followed.
    """
    found = parameter_of(weight)
    if found is not None:
        source, order = found
        if order == tuple(range(weight.ndim)):
            return source, rows
        return (None, rows) if rows.groups else (source, UnitRows(tuple(order[axis] for axis in rows.axes)))
    if graph or not weight.requires_grad or weight.is_leaf or not torch.is_grad_enabled():
        return weight, rows
    return collected(weight), rows


def collected(weight: Tensor) -> Tensor:
    """Return a copy of a computed weight, of the same memory, that gets the gradient by it in backward passes.

    Examples
    --------
    >>> import torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> copy = collected(3 * w)
    >>> copy.grad is None
    True
    """
    copy = weight.detach()

    def add(gradient: Tensor) -> None:
        slope = gradient.detach()
        copy.grad = slope.clone() if copy.grad is None else copy.grad + slope

    weight.register_hook(add)  # type: ignore[no-untyped-call]
    return copy
