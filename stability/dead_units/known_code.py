"""What is known of code of Python that may take part in a forward pass: libraries, names, and kinds of objects."""

import dis
import functools
import sys
from collections import deque
from collections.abc import Iterator
from enum import Enum
from types import (
    BuiltinFunctionType,
    CodeType,
    GetSetDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np
import torch

KNOWN = frozenset(
    (
        *("torch", "math", "operator", "numpy", "einops", "typing", "typing_extensions", "collections", "dataclasses"),
        *("functools", "itertools", "enum", "abc", "numbers", "contextlib", "warnings", "logging", "builtins", "types"),
    )
)
"""Libraries whose functions do the same in every pass, but for those of `NOT_SAME`."""

UNKNOWN_PARTS = ("torch.optim", "torch.autograd", "torch.utils.data", "torch.distributed", "torch.jit", "torch._dynamo")

NOT_SAME = frozenset(
    (
        *("Generator", "default_generator", "autograd", "ops", "library", "seed", "initial_seed", "get_rng_state"),
        *("random", "distributed", "optim", "hub", "compile", "grad", "grad_fn", "_grad", "_grad_fn", "backward"),
        *("_backward_hooks", "load", "fromfile", "from_file", "memmap", "default_rng"),
        *("data_ptr", "storage", "untyped_storage", "_version", "set_", "apply", "__dict__", "__setattr__", "setattr"),
        *("map_", "apply_", "load_state_dict", "zero_grad", "_storage", "memory_allocated", "_typed_storage"),
    )
)
"""Names by which code gets at chance, gradients, memory or code of others."""

NO_BUILTINS = frozenset(
    (
        *("exec", "eval", "compile", "__import__", "globals", "locals", "vars", "setattr", "delattr", "input", "open"),
        *("id", "hash", "memoryview", "breakpoint"),
    )
)
WRITTEN = "= "
"""Stands before the names of attributes that code writes."""

REGISTER = "register_"
BUFFERS = ("buffers", "named_buffers", "state_dict")
BY_NAME = frozenset(
    (
        *("getattr", "hasattr", "attrgetter", "methodcaller", "__getattribute__", "__getattr__"),
        *("get_buffer", "get_parameter", "get_submodule", "get_extra_state"),
    )
)
"""They get attributes whose names the code may not have."""

AT_FIRST = frozenset(
    (
        *("__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__", "__reduce__"),
        *("__reduce_ex__", "__repr__", "__str__", "__getstate__", "__setstate__", "__deepcopy__", "__copy__"),
        *("__del__", "__dir__", "__sizeof__", "__set_name__"),
    )
)
"""Methods that are called where an object is made, copied or printed."""

VALUES = (
    *(type(None), bool, int, float, complex, str, bytes, slice, range, type(...), type(NotImplemented), Enum),
    *(torch.dtype, torch.device, torch.layout, torch.memory_format, np.generic, np.dtype),
)
IN_C = (
    *(BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, GetSetDescriptorType, np.ufunc),
    MethodWrapperType,
)
HEAP = 1 << 9
"""The flag of classes that are made while Python runs."""

HOLDERS = (list, tuple, set, frozenset, deque)
HOOKS = ("_forward_hooks", "_forward_pre_hooks")
OF_GRADIENTS = ("_backward_hooks", "_backward_pre_hooks")
EVERYWHERE = (
    *("_global_forward_hooks", "_global_forward_pre_hooks", "_global_backward_hooks", "_global_backward_pre_hooks"),
)
RAN = ("If", "Loop", "rand", "bernoulli", "normal", "dropout", "PythonOp", "SetAttr", "item", "Int(")
"""What compiled code does not do if every call of it is the same."""


@functools.lru_cache(maxsize=1024)
def steps_of(code: CodeType) -> tuple[tuple[str, Any], ...]:
    """Return the instructions of code, each with what it is about."""
    return tuple((each.opname, each.argval) for each in dis.get_instructions(code))


def is_known(home: str) -> bool:
    """Return whether a module of Python is of a library whose functions do the same in every pass.

    Examples
    --------
    >>> is_known("torch.nn.functional"), is_known("torch.optim.sgd"), is_known("random")
    (True, False, False)
    """
    parts = home.partition(".")
    return parts[0] in KNOWN and not home.startswith(("numpy.random", *UNKNOWN_PARTS))


def holds_all_in_attributes(kind: type) -> bool:
    """Return whether objects of a class have all that they hold in attributes, as those of classes of Python do."""
    own = [part for part in kind.__mro__ if part not in (object, SimpleNamespace)]
    own = [part for part in own if part.__module__ not in ("typing", "abc", "collections.abc")]
    homes = {part.__module__ for part in own if is_known(part.__module__)}
    heap = all(part.__flags__ & HEAP and _is_of_python(part.__module__) for part in own)
    return heap and kind is not torch.Generator and all(each.startswith(("torch.", "logging")) for each in homes)


def _is_of_python(home: str) -> bool:
    """Return whether a module is written in Python, or typed into it."""
    file = getattr(sys.modules.get(home), "__file__", None)
    return home == "__main__" or str(file).endswith((".py", ".pyc"))


def names_of(value: Any) -> Iterator[str]:
    """Return the names of what an object holds."""
    yield from getattr(value, "__dict__", {})
    yield from slots_of(type(value))


def slots_of(kind: type) -> Iterator[str]:
    """Return the names for which objects of a class have a place of their own.

    Examples
    --------
    >>> class Point:
    ...     __slots__ = ("x", "y")
    >>> [*slots_of(Point)]
    ['x', 'y']
    """
    for part in kind.__mro__:
        slots = vars(part).get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


def plain(member: Any) -> Any:
    """Return the function that is behind a member of a class."""
    return getattr(member, "__func__", member)


def members(member: Any) -> tuple[Any, ...]:
    """Return what is behind a member of a class: the function that computes it, or itself."""
    if isinstance(member, property):
        return (member.fget,)
    return (getattr(member, "func", None),) if isinstance(member, functools.cached_property) else (plain(member),)


def content(cell: Any) -> Any:
    """Return what a variable of an outer function holds; None where that is nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
