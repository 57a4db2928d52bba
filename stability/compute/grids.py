"""The tasks of a sweep: a grid of parameters, and the key of every task."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import isfinite, prod
from textwrap import shorten
from typing import Any

from stability.compute.code_version import address_of
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.io.results import ResultTable, Tabular

Arguments = dict[str, Any]
"""The arguments of one task by name, as JSON knows values: None, bool, int, float, str, lists and dicts of them."""


FEW = 8
"""So many values of an argument are shown."""


class SweepError(StabilityError, ValueError):
    """A sweep that makes no sense, or that cannot be computed where it should be."""


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: tuples become lists, numpy's numbers become Python's.

    Raises
    ------
    SweepError
        If it is no finite plain value.
    """
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: plain(each) for name, each in value.items()}
    raise SweepError(
        f"Expected arguments that are finite numbers, texts, lists or dicts; got {value!r:.60}.",
        "Give the task a name or a number, and let it build what it needs from that.",
    )


def canonical(value: Any) -> str:
    """Return the one JSON text of a plain value: names in order, no spaces, ASCII.

    1, 1.0, True and "1" have different texts, since a task may distinguish them; the order of names does not matter.

    Raises
    ------
    SweepError
        If it is no finite plain value.
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


def key_of(address: str, arguments: Mapping[str, Any], code: str) -> str:
    """Return the key of a task: sha256 of its function, its arguments and the version of its code."""
    text = canonical({"task": address, "arguments": arguments, "code": code})
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class SweepTask:
    """One computation of a sweep.

    Attributes
    ----------
    key : str
        As `key_of` has it.
    arguments : dict
    cost : float
        How long it takes, in any unit: relative to other tasks of the grid.
    """

    key: str
    arguments: Arguments
    cost: float = 1.0


def _listed(values: Sequence[Any]) -> str:
    """Return values in a line, the middle of many left out."""
    texts = [shorten(str(value), 40) for value in values]
    return ", ".join(texts if len(texts) <= FEW else [*texts[: FEW - 2], "...", texts[-1]])


@dataclass(frozen=True, repr=False)
class Grid(Tabular):
    """All combinations of some parameters, each a call of one function.

    Attributes
    ----------
    name : str
    function : str or callable
        From arguments by name to a dict of numbers, texts and lists. Written "module:name"; a function at the top of a
        module may be given itself. Its result may depend on nothing but its arguments.
    axes : mapping of str to sequence
        The values of each parameter that varies; the last axis varies fastest.
    fixed : mapping
        The other arguments.
    choices : mapping of str to sequence, optional
        All values that make sense for an argument, where they can be listed.
    title : str
        What it shows, in a line.
    steps : str, optional
        The argument in which the time of a task is linear: its epochs.
    sizes : callable, optional
        From arguments to the sizes of the parts of one such step, each in about the same unit of time: a step takes
        some combination of them, without negative coefficients, which `plan` measures.
    group : str, optional
        The axis along which sizes cannot be compared: costs are estimated for each of its values.

    Raises
    ------
    SweepError
        If an axis is empty, has a value twice, or is fixed as well.

    Examples
    --------
    >>> from stability import Grid
    >>> grid = Grid("pairs", "builtins:dict", axes={"depth": [1, 2], "width": [3, 4, 5]}, fixed={"seed": 0})
    >>> grid.combinations()[1]
    {'depth': 1, 'width': 4, 'seed': 0}
    """

    name: str
    function: str | Callable[..., Mapping[str, Any]]
    axes: Mapping[str, Sequence[Any]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    title: str = ""
    steps: str | None = None
    sizes: Callable[[Arguments], Sequence[float]] | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        for name, values in self.axes.items():
            if isinstance(values, str) or not isinstance(values, Iterable) or not list(values):
                raise SweepError(f"Expected a list of values for {name}; got {values!r}.", "Give at least one value.")
            if name in self.fixed:
                raise SweepError(f"{name} is both an axis and fixed.", "Give it once.")
            texts = [canonical(each) for each in values]
            for place, text in enumerate(texts):
                if text in texts[:place]:
                    raise SweepError(f"The axis {name} has the value {text} twice.", "Give every value once.")
        for name, value in [(name, value) for name, values in self.axes.items() for value in values]:
            self._must_be_known(name, value)
        for name, value in self.fixed.items():
            self._must_be_known(name, value)

    def _must_be_known(self, name: str, value: Any) -> None:
        known = self.choices.get(name)
        if known is not None and value not in known:
            raise UnknownNameError(f"There is no {name} {value!r}.", nearest(str(value), [*map(str, known)]))

    @property
    def address(self) -> str:
        """The function as "module:name"."""
        return self.function if isinstance(self.function, str) else address_of(self.function)

    def _table(self) -> ResultTable:
        named = getattr(self.function, "__qualname__", "a function")
        spelled = self.function if isinstance(self.function, str) else named
        title = f", {self.title}" if self.title else ""
        count = prod(len(values) for values in self.axes.values())
        axes = [(name, str(len(values)), _listed(values)) for name, values in self.axes.items()]
        fixed = [(name, "fixed", _listed([value])) for name, value in self.fixed.items()]
        rows, finding = [*axes, *fixed], f"{count:,} tasks of {spelled}"
        return ResultTable(f"Sweep {self.name}{title}", ("argument", "values", ""), rows, finding=finding)

    def _records(self) -> list[Arguments]:
        return self.combinations()

    def to_json(self) -> dict[str, Any]:
        """Return name, function, axes and fixed arguments.

        Raises
        ------
        CodeError
            If other processes could not find the function.
        """
        axes = {name: plain([*values]) for name, values in self.axes.items()}
        return {
            "name": self.name,
            "title": self.title,
            "function": self.address,
            "axes": axes,
            "fixed": plain(self.fixed),
            "tasks": prod(map(len, axes.values())),
        }

    def combinations(self) -> list[Arguments]:
        """Return the arguments of every task, the last axis fastest."""
        fixed = {name: plain(value) for name, value in self.fixed.items()}
        values = [[plain(value) for value in values] for values in self.axes.values()]
        return [dict(zip(self.axes, row, strict=True)) | fixed for row in product(*values)]

    def size(self, arguments: Arguments) -> list[float]:
        """Return the sizes of the parts of one step; 1 where nothing is known."""
        return [1.0] if self.sizes is None else [float(each) for each in self.sizes(arguments)]

    def cost(self, arguments: Arguments) -> float:
        """Return the relative time of a task."""
        steps = 1.0 if self.steps is None else float(arguments[self.steps])
        return max(steps * sum(self.size(arguments)), 1e-9)

    def tasks(self, code: str) -> list[SweepTask]:
        """Return every task under a version of the code, in the order of `combinations`."""
        return [SweepTask(key_of(self.address, each, code), each, self.cost(each)) for each in self.combinations()]

    def set(self, **values: Sequence[Any]) -> "Grid":
        """Return the grid with other values of axes or of fixed arguments; several values of a fixed one vary it.

        Raises
        ------
        UnknownNameError
            If there is no such argument.
        SweepError
            If a list is empty, or has a value twice.
        """
        axes, fixed = dict(self.axes), dict(self.fixed)
        for name, given in values.items():
            if name not in axes and name not in fixed:
                raise UnknownNameError(
                    f"The sweep {self.name} has no argument {name!r}.", nearest(name, [*axes, *fixed])
                )
            if name in fixed and len(given) == 1:
                fixed[name] = given[0]
            else:
                fixed.pop(name, None)
                axes[name] = list(given)
        return replace(self, axes=axes, fixed=fixed)
