"""Modules whose code shows that every forward pass makes the same calls: it never asks for a number of a tensor.

Their bytecode is read, and nothing of it is run. It may load what the module holds, call its modules, its own methods
and functions of torch, loop over its modules, and branch on what it holds; whatever else is in it, it is not known.
"""

import dis
from collections.abc import Iterable
from operator import attrgetter
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn import functional

LOADS = frozenset(("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"))
PAIRS = frozenset(("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "STORE_FAST_LOAD_FAST"))
"""Of two names they load the second."""
STORES = frozenset(("STORE_FAST", "STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST"))
ATTRIBUTES = frozenset(("LOAD_ATTR", "LOAD_METHOD"))
SILENT = frozenset(("CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN", "TO_BOOL"))
LOOPS = frozenset(("GET_ITER", "FOR_ITER"))
CONSTANTS = frozenset(("LOAD_CONST", "LOAD_SMALL_INT"))
PLAIN = frozenset(
    (
        *CONSTANTS,
        *("RESUME", "RETURN_CONST", "RETURN_VALUE", "POP_TOP", "COPY", "SWAP"),
        *("PRECALL", "KW_NAMES", "CALL", "CALL_KW", "BINARY_OP", "BINARY_SUBSCR", "BINARY_SLICE", "UNARY_NEGATIVE"),
        *("BUILD_TUPLE", "BUILD_LIST", "BUILD_SLICE", "UNPACK_SEQUENCE", "END_FOR", "POP_ITER"),
        *("JUMP_FORWARD", "JUMP_BACKWARD"),
    )
)
"""What neither loads, stores, nor branches."""

SETTINGS = (bool, int, float, str, type(None), torch.Size, torch.dtype)
"""What a module may hold and its code may ask for, but for modules and tensors: it is compared at every pass."""

OF_NUMBERS = frozenset(
    ("item", "tolist", "numpy", "data", "apply_", "map_", "backward", "register_hook", "requires_grad_", "grad")
)
"""Attributes of tensors that give numbers away, or change what is known of a pass."""

MODULES = (torch, nn, functional)
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
CALLS = frozenset(("_call_impl", "_wrapped_call_impl"))
"""Methods of modules that say what a call does."""

HOMES = frozenset(("torch.functional", "torch.nn.functional", "torch._jit_internal"))
BUILTINS = {"len": len}

CODE = attrgetter("__code__")

USUAL = frozenset(
    (
        *("__init__", "__module__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__constants__"),
        *("__firstlineno__", "__static_attributes__", "__annotate_func__", "__annotations_cache__", "__qualname__"),
        *("__repr__", "__str__", "__dir__", "__del__", "__init_subclass__", "__orig_bases__", "__parameters__"),
        *("__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__copy__", "__deepcopy__"),
    )
)
"""Names of a class that say nothing of how its modules are called, looped over, compared, or true."""

STOCK_METHODS = ("forward", "_conv_forward")
"""Methods of modules of torch in which they call functions."""

KEYWORD = "input"
"""By this name modules of torch get what hooks on them do not see then."""


class Codes:
    """What was read.

    Parameters
    ----------
    functions : list of (class, str, function)
        Methods that were read, and by which name their class has them.
    globals : list of (dict, str)
        From where they load what, by name.
    """

    def __init__(self, functions: list[tuple[type, str, FunctionType]], globals: list[tuple[dict[str, Any], str]]):
        self._functions = [own for _, _, own in functions]
        self._classes, self._methods = [kind for kind, _, _ in functions], [name for _, name, _ in functions]
        self._dicts, self._names = [held for held, _ in globals], [name for _, name in globals]
        self._held = self._now()

    def _now(self) -> list[Any]:
        return [
            *map(getattr, self._classes, self._methods),
            *map(CODE, self._functions),
            *map(dict.get, self._dicts, self._names),
        ]

    def are_unchanged(self) -> bool:
        """Return whether nobody put something else in the place of what was read, or into it as a reload does.

        Raises
        ------
        AttributeError
            If a class does not have some method any more.
        """
        return self._now() == self._held


def codes_of(modules: Iterable[nn.Module], stock: frozenset[type]) -> Codes | None:
    """Return the code of all modules that are no stock, if each makes the same calls in every pass; else None.

    Parameters
    ----------
    modules : iterable of Module
        All of a network.
    stock : set of type
        Modules that are known to make the same calls, and containers.

    Examples
    --------
    >>> from torch import nn
    >>> class Block(nn.Module):
    ...     def __init__(self, way):
    ...         super().__init__()
    ...         self.map, self.relu, self.way = nn.Linear(2, 2), nn.ReLU(), way
    ...     def forward(self, x):
    ...         return self.relu(self.map(x)) + (x if self.way is None else self.way(x))
    >>> stock = frozenset((nn.Linear, nn.ReLU))
    >>> codes_of(Block(nn.Linear(2, 2)).modules(), stock) is None
    False
    >>> class Gated(Block):
    ...     def forward(self, x):
    ...         return x if x.mean() > 0 else self.relu(x)
    >>> codes_of(Gated(None).modules(), stock) is None
    True
    """
    reader = _CodeReader()
    for module in modules:
        if not (reader.knows(type(module)) if type(module) in stock else reader.reads(module)):
            return None
    return Codes(reader.functions, reader.globals)


class _CodeReader:
    """Reads code, each method of a module once."""

    def __init__(self) -> None:
        self.functions: list[tuple[type, str, FunctionType]] = []
        self.globals: list[tuple[dict[str, Any], str]] = []
        self._module: nn.Module = nn.Identity()
        self._read: set[str] = set()

    def reads(self, module: nn.Module) -> bool:
        """Return whether all code of a module makes the same calls in every pass."""
        kind = type(module)
        own = {name for each in kind.__mro__ if each not in nn.Module.__mro__ for name in vars(each)}
        own |= {name for name, each in vars(module).items() if callable(each)}
        special = {name for name in own if name.startswith("__")}
        if own & CALLS or special - USUAL or any(hasattr(torch.Tensor, name) for name in own - special):
            return False
        self._module, self._read = module, set()
        forward = getattr(kind, "forward", None)
        return isinstance(forward, FunctionType) and forward.__code__.co_argcount == 2 and self._method("forward")

    def knows(self, kind: type) -> bool:
        """Return whether a class of torch does what it does in torch, and take note of where that stands."""
        for name in STOCK_METHODS:
            function = getattr(kind, name, None)
            if function is None or (kind, name, function) in self.functions:
                continue
            if not isinstance(function, FunctionType) or not function.__module__.startswith(f"{nn.__name__}.modules."):
                return False
            self.functions.append((kind, name, function))
            called, home = function.__code__.co_names, vars(functional)
            self.globals += [(home, each) for each in called if each in home]
        return True

    def _method(self, name: str) -> bool:
        """Return whether a method of the module makes the same calls in every pass."""
        if name in self._read:
            return True
        self._read.add(name)
        kind = type(self._module)
        function = getattr(kind, name, None)
        if not isinstance(function, FunctionType) or not _has_plain_arguments(function.__code__):
            return False
        if (kind, name, function) not in self.functions:
            self.functions.append((kind, name, function))
        return self._code(function)

    def _code(self, function: FunctionType) -> bool:
        steps, joins = _steps_of(function)
        own = function.__code__.co_varnames[0]
        looped: set[str] = set()
        value: Any = _UNKNOWN
        for k, step in enumerate(steps):
            name, what, before = step.opname, step.argval, _UNKNOWN if k in joins else value
            value = _UNKNOWN
            if name in STORES:
                stored = {what} if isinstance(what, str) else {*what[: 1 if name in PAIRS else 2]}
                loops = steps[k - 1].opname == "FOR_ITER"
                if own in stored or (looped & stored and not loops):
                    return False
                looped |= stored if loops else set()
            if name in LOADS or name in PAIRS:
                loaded = what[1] if name in PAIRS else what
                value = _OWN if loaded == own else _LOOPED if loaded in looped else _UNKNOWN
            elif name in STORES:
                continue
            elif name == "LOAD_GLOBAL":
                value = self._global(function.__globals__, what)
            elif name in ATTRIBUTES:
                value = self._attribute(before, what)
            elif name.startswith("POP_JUMP") or name in LOOPS:
                value = before
                if before is not _HELD and not (before is _TENSOR and name.endswith("NONE")):
                    return False
            elif name not in PLAIN or (_takes_entry(step) and not self._is_fixed(steps[:k], step, before)):
                return False
            if value is _REFUSED:
                return False
        return True

    def _is_fixed(self, steps: list[dis.Instruction], taking: dis.Instruction, index: Any) -> bool:
        """Return whether entries of modules are taken by an index that is the same in every pass."""
        if not any(isinstance(each, CONTAINERS) for each in self._module._modules.values()):
            return True
        last = steps[-1]
        if taking.opname == "BINARY_SLICE":
            return all(each.opname in CONSTANTS for each in steps[-2:])
        if last.opname == "BUILD_SLICE":
            return all(each.opname in CONSTANTS for each in steps[-1 - (last.arg or 2) : -1])
        return last.opname in CONSTANTS or last.opname == "BUILD_TUPLE" or index in (_HELD, _LOOPED)

    def _global(self, held: dict[str, Any], name: str) -> Any:
        """Return what a name stands for, if it is of torch."""
        found = _named(held, name)
        self.globals.append((held, name))
        return found if any(found is each for each in MODULES) or _is_of_torch(found) else _REFUSED

    def _attribute(self, before: Any, name: str) -> Any:
        """Return what an attribute is of what was loaded before."""
        if before is _OWN:
            return self._own(name)
        if isinstance(before, ModuleType):
            return self._global(vars(before), name)
        known = (before is _UNKNOWN or before is _TENSOR) and hasattr(torch.Tensor, name)
        return _UNKNOWN if known and name not in OF_NUMBERS and not name.startswith("_") else _REFUSED

    def _own(self, name: str) -> Any:
        """Return what an attribute of the module is: something that it holds, or one of its methods."""
        held = vars(self._module)
        for kind in ("_modules", "_parameters", "_buffers"):
            if name in held[kind]:
                return _TENSOR if isinstance(held[kind][name], torch.Tensor) else _HELD
        if name in held:
            return _HELD if not name.startswith("_") and _is_setting(held[name]) else _REFUSED
        return _UNKNOWN if self._method(name) else _REFUSED


class _Mark:
    """What is known of what stands on top of the stack: the module itself, something that it holds, ..."""


_OWN, _HELD, _TENSOR, _LOOPED, _UNKNOWN, _REFUSED = (_Mark() for _ in range(6))


def _steps_of(function: FunctionType) -> tuple[list[dis.Instruction], set[int]]:
    """Return the instructions that do something, and the places at which several ways join."""
    steps: list[dis.Instruction] = []
    joins: set[int] = set()
    for each in dis.get_instructions(function):
        if each.is_jump_target and each.opname != "FOR_ITER":
            joins.add(len(steps))
        if not _is_silent(each.opname):
            steps.append(each)
    return steps, joins


def _takes_entry(step: dis.Instruction) -> bool:
    return step.opname in ("BINARY_SUBSCR", "BINARY_SLICE") or (step.opname == "BINARY_OP" and "[" in step.argrepr)


def _is_silent(name: str) -> bool:
    return name in SILENT or name.endswith("_NULL")


def _named(held: dict[str, Any], name: str) -> Any:
    """Return what a name stands for among those of a module of Python."""
    return held.get(name, BUILTINS.get(name, _REFUSED))


def _has_plain_arguments(code: CodeType) -> bool:
    """Return whether a function takes, and gives to others, no arguments but such that hooks see."""
    flags = code.co_flags & (0x04 | 0x08 | 0x20 | 0x80 | 0x200)  # *args, **kwargs, a generator, a coroutine
    names = any(isinstance(each, tuple) and KEYWORD in each for each in code.co_consts)
    outer = code.co_freevars or code.co_cellvars
    return not (names or flags or outer or code.co_kwonlyargcount or not code.co_argcount)


def _is_setting(found: Any) -> bool:
    return isinstance(found, SETTINGS) or (type(found) is tuple and all(map(_is_setting, found)))


def _is_of_torch(found: Any) -> bool:
    """Return whether something is a function of torch on tensors, or a constant."""
    if isinstance(found, FunctionType):
        return found.__module__ in HOMES
    if isinstance(found, BuiltinFunctionType):
        return found is len or any(getattr(home, found.__name__, None) is found for home in (torch, functional))
    return isinstance(found, int | float | torch.dtype | None)
