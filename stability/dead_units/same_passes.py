"""Whether every forward pass of a network does what one of them was seen to do, as far as its code and state show.

Code of Python that takes part is read, not run: it may use torch, mathematics and what the network holds, and nothing
else from which it could hear of time, chance, files or gradients. What it may read is compared between two passes.
"""

import builtins
import functools
from collections import deque
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from stability.dead_units.known_code import (
    AT_FIRST,
    BUFFERS,
    BY_NAME,
    EVERYWHERE,
    HOLDERS,
    HOOKS,
    IN_C,
    NO_BUILTINS,
    NOT_SAME,
    OF_GRADIENTS,
    RAN,
    REGISTER,
    UNKNOWN_PARTS,
    VALUES,
    WRITTEN,
    content,
    holds_all_in_attributes,
    is_known,
    members,
    names_of,
    plain,
    steps_of,
)
from stability.training.introspection.hooks import Hook

Tensor = torch.Tensor

_INNER = frozenset(vars(nn.Module()))
"""Attributes in which every module keeps what it holds."""

KEPT = "its code reads what each forward pass changes"


class _Doubt(Exception):  # noqa: N818 - it is a reason
    """Why passes may differ."""


class PassCode:
    """What was read of a network.

    Attributes
    ----------
    why : str
        Why one pass may do other than the next; empty where nothing speaks for it.
    state : list of any
        What its code may read, all of which is the same before two passes that do the same.
    """

    def __init__(self, why: str, state: list[Any]) -> None:
        self.why, self.state = why, state

    def is_like(self, other: "PassCode") -> bool:
        """Return whether the code may read the same as at another time."""
        mine, own = self.state, other.state
        return len(mine) == len(own) and all(map(_is_same, mine, own))


def passes_of(model: nn.Module) -> PassCode:
    """Return what the code of a network does beyond calls of torch, and what it may read.

    Parameters
    ----------
    model : Module

    Examples
    --------
    >>> import time
    >>> from torch import nn
    >>> class Late(nn.Module):
    ...     def forward(self, x):
    ...         return x + time.time()
    >>> passes_of(Late()).why
    'Late.forward uses time, of which nothing is known'
    >>> passes_of(nn.Sequential(nn.Linear(2, 2), nn.ReLU())).why
    ''
    """
    names: set[str] = set()
    if any(getattr(nn.modules.module, key, None) for key in EVERYWHERE):
        return PassCode("a hook on all modules may change what passes do", [])
    while True:
        reader = _PassReader(names)
        try:
            reader.reads(model, "the network")
        except _Doubt as doubt:
            return PassCode(str(doubt), [])
        if reader.names == names:
            return PassCode("", reader.state)
        names = reader.names


def differs(before: PassCode, model: nn.Module, again: Callable[[], Any]) -> str:
    """Return why a pass may do other than the one before it; empty where nothing speaks for it.

    Parameters
    ----------
    before : PassCode
        As read before a first pass.
    model : Module
    again : callable
        Makes another pass: what the first one keeps for those after it is there from then on.
    """
    if before.why:
        return before.why
    first = passes_of(model)
    if first.why or first.is_like(before):
        return first.why
    again()
    second = passes_of(model)
    return second.why or ("" if second.is_like(first) else KEPT)


class _PassReader:
    """Goes through all that code can get at by the names which were read before."""

    def __init__(self, names: set[str]) -> None:
        self._known, self.names = names, set(names)
        self.state: list[Any] = []
        self._seen: dict[int, Any] = {}
        self._held: set[str] = set()

    def reads(self, value: Any, where: str) -> None:
        """Read a value, and all that is behind it."""
        if isinstance(value, VALUES):
            self.state.append(value)
            return
        if id(value) in self._seen:
            self.state.append(value)
            return
        self._seen[id(value)] = value
        self.state.append(value)
        if isinstance(value, Tensor):
            self._tensor(value, where)
        elif isinstance(value, nn.Module):
            self._module(value)
        elif isinstance(value, FunctionType):
            self._function(value, value.__qualname__.replace("<locals>.", ""))
        elif isinstance(value, MethodType):
            self.reads(value.__func__, where)
            self.reads(value.__self__, where)
        elif isinstance(value, functools.partial):
            for each in (value.func, value.args, value.keywords):
                self.reads(each, where)
        elif isinstance(value, type):
            self._class(value, where)
        elif isinstance(value, ModuleType):
            self._library(value, where)
        elif isinstance(value, IN_C):
            self._in_c(value, where)
        else:
            self._object(value, where)

    def _has(self, name: str) -> bool:
        return name in self._known or "*" in self._known

    def _tensor(self, value: Tensor, where: str) -> None:
        if type(value).__module__.partition(".")[0] != "torch":
            raise _Doubt(f"{where} uses a {type(value).__name__}, of which nothing is known")
        if torch.nn.parameter.is_lazy(value):
            return
        self.state.append(0 if value.is_inference() else value._version)
        for name, each in vars(value).items():
            if self._has(name):
                self.reads(each, where)

    def _module(self, module: nn.Module) -> None:
        kind, held = type(module), vars(module)
        if any(held.get(key) for key in OF_GRADIENTS):
            raise _Doubt(f"a hook on {kind.__name__} may change gradients")
        for hook in (each for key in HOOKS for each in held[key].values()):
            if not isinstance(hook, Hook):
                self.reads(hook, f"a hook on {kind.__name__}")
        self._held |= {*held, *held["_modules"]}
        stock = self._methods(kind, kind.__name__)
        for key in ("_modules", "_parameters", "_buffers"):
            for name, each in held[key].items():
                if key != "_buffers" or self._has(name) or not self._known.isdisjoint(BUFFERS):
                    self.state.append(name)
                    self.reads(each, f"{kind.__name__}.{name}")
        for name, each in held.items():
            own = name == "training" or name == "forward" or (not name.startswith("_") and stock)
            if own or (self._has(name) and name not in _INNER):
                self.reads(each, f"{kind.__name__}.{name}")

    def _methods(self, kind: type, where: str, made: bool = False) -> bool:
        """Read the methods of a class, and what it holds; return whether it is of a known library."""
        stock = True
        for part in kind.__mro__:
            if part in nn.Module.__mro__ or part.__module__ == "builtins":
                self._written(part)
                continue
            stock &= is_known(part.__module__)
            for name, each in vars(part).items():
                special = name.startswith("__") and name.endswith("__")
                called = name == "forward" or (made if name in AT_FIRST else special)
                if called and not isinstance(plain(each), FunctionType):
                    continue
                if called or (self._has(name) and not special):
                    for inner in members(each):
                        self.reads(inner, f"{where}.{name}")
        return stock

    def _class(self, kind: type, where: str) -> None:
        if kind.__name__ in BY_NAME:
            self.names.add("*")
        if issubclass(kind, torch.autograd.Function) or kind is torch.Generator:
            raise _Doubt(f"{where} uses {kind.__name__}, of which nothing is known")
        if is_known(kind.__module__) or issubclass(kind, BaseException):
            self._written(kind)
            return
        self._methods(kind, kind.__name__, made=True)

    def _library(self, library: ModuleType, where: str) -> None:
        if is_known(library.__name__) and library is not builtins:
            self._written(library)
            return
        if not str(getattr(library, "__file__", "")).endswith(".py"):
            raise _Doubt(f"{where} uses {library.__name__}, of which nothing is known")
        for name, each in [*vars(library).items()]:
            if self._has(name) and not (name.startswith("__") and name.endswith("__")):
                self.reads(each, f"{library.__name__}.{name}")

    def _written(self, library: Any) -> None:
        """Take note of what code may have written into a known library, or one of its classes."""
        self.state += [each for name, each in vars(library).items() if f"{WRITTEN}{name}" in self._known]

    def _in_c(self, value: Any, where: str) -> None:
        holder = getattr(value, "__self__", None)
        name = getattr(value, "__name__", "a function")
        if name in BY_NAME:
            self.names.add("*")
        if isinstance(holder, ModuleType | type | None):
            home = holder.__module__ if isinstance(holder, type) else getattr(holder, "__name__", "builtins")
            home = getattr(value, "__module__", None) or getattr(value, "__objclass__", type).__module__ or home
            if name in NOT_SAME | NO_BUILTINS or not is_known(home):
                raise _Doubt(f"{where} uses {name}, of which nothing is known")
        else:
            self.reads(holder, where)

    def _object(self, value: Any, where: str) -> None:
        kind = type(value)
        if isinstance(value, dict):
            for key, each in [*value.items()]:
                self.reads(key, where)
                self.reads(each, where)
        elif isinstance(value, HOLDERS):
            for each in value if isinstance(value, list | tuple | deque) else sorted(value, key=repr):
                self.reads(each, where)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            self.state.append(value.tobytes())
        elif isinstance(value, torch.jit.ScriptFunction):
            graph = str(value.inlined_graph)
            if any(part in graph for part in RAN):
                raise _Doubt(f"{where} uses compiled code that may take another way")
        elif not holds_all_in_attributes(kind):
            raise _Doubt(f"{where} uses a {kind.__name__}, of which nothing is known")
        if kind.__module__ == "builtins":
            return
        self._methods(kind, kind.__name__)
        for name in names_of(value):
            if self._has(name):
                self.reads(getattr(value, name, None), f"{kind.__name__}.{name}")

    def _function(self, function: FunctionType, where: str) -> None:
        home = str(function.__globals__.get("__name__"))
        if not is_known(home):
            self._code(function.__code__, function, where)
        elif home.startswith(UNKNOWN_PARTS):
            raise _Doubt(f"{where} uses {home}, of which nothing is known")
        for each in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self.reads(each, where)
        for cell in function.__closure__ or ():
            self.reads(content(cell), where)
        for name, each in vars(function).items():
            if self._has(name) and name != "__wrapped__":
                self.reads(each, where)

    def _code(self, code: CodeType, function: FunctionType, where: str) -> None:
        before, caught = "", 0
        for name, what in steps_of(code):
            if name in ("LOAD_GLOBAL", "LOAD_NAME"):
                self._global(function.__globals__, what, where)
            elif name in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"):
                own = before in code.co_varnames[:1] and what in self._held
                if (what in NOT_SAME or what.startswith(REGISTER)) and not own:
                    raise _Doubt(f"{where} uses .{what}")
                self.names |= {"*"} if what in BY_NAME else {what}
            elif name == "IMPORT_NAME" and not is_known(what):
                raise _Doubt(f"{where} uses {what}, of which nothing is known")
            elif name == "STORE_ATTR":
                self.names.add(f"{WRITTEN}{what}")
            elif name in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                raise _Doubt(f"{where} writes into {what}")
            before = what if name.startswith("LOAD_FAST") else ""
            caught += (name.endswith("_EXC_INFO") or name == "CHECK_EXC_MATCH") - (name == "WITH_EXCEPT_START")
        if caught > 0:
            raise _Doubt(f"{where} catches errors")
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                self._code(inner, function, where)

    def _global(self, held: dict[str, Any], name: str, where: str) -> None:
        if name in held:
            self.reads(held[name], where)
        elif name in NO_BUILTINS:
            raise _Doubt(f"{where} uses {name}")
        elif name in BY_NAME:
            self.names.add("*")
        elif hasattr(builtins, name):
            self.state.append(name)
        else:
            raise _Doubt(f"{where} uses {name}, of which nothing is known")


def _is_same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    alike = isinstance(one, VALUES) and type(one) is type(other)
    return alike and (one == other or repr(one) == repr(other))
