"""Networks whose every pass is the same: a chain of modules of torch, of which none looks at the numbers.

The first pass on inputs of a shape is traced. After it hooks on the ReLUs show what these get, as long as no module,
parameter, hook or setting has changed; without a mode that sees every call of a torch function.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import torch
from torch import nn

from stability.training.introspection.activations import Skipped, TracedActivation, unreadable
from stability.training.introspection.hooks import Hook
from stability.training.introspection.kept_passes import Keep, KeptPass, Reduce
from stability.training.introspection.taped_calls import Tapes
from stability.training.introspection.trace_mode import OVERWRITTEN, version_of

Tensor = torch.Tensor

RELUS = (nn.ReLU, nn.LeakyReLU, nn.ReLU6)
AFFINE = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
OTHERS = (
    *(nn.Identity, nn.Flatten, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout),
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d),
    *(nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.Softplus, nn.Softmax, nn.LogSoftmax),
)
STOCK = frozenset((nn.Sequential, *RELUS, *AFFINE, *OTHERS))
"""What a chain may consist of: modules of torch that always call the same functions, in their order."""

MOST = 4
"""Of how many shapes of inputs passes are remembered."""

HOOKED = -1
"""The key of the hooks that are there for one pass: torch counts its own from 0."""


class _Structure:
    """All on which depends which weights make the units of a chain of modules, and where they stand, as it was.

    Parameters
    ----------
    modules : sequence of Module
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self._modules = [*modules]
        kinds: list[Any] = [*map(type, modules)]
        self._read = [_reader(kind, tuple(vars(each))) for kind, each in zip(kinds, modules, strict=True)]
        self._held = [dict(each) if isinstance(each, dict) else each for each in self._now()]

    def _now(self) -> list[Any]:
        found: list[Any] = []
        for module, read in zip(self._modules, self._read, strict=True):
            held = vars(module)
            own = held["_parameters"]
            found += type(module), len(held), *map(id, own.values()), *read(held)
        return found

    def is_unchanged(self) -> bool:
        """Return whether the modules still hold the same objects and settings."""
        return self._now() == self._held


HOOKS = ("_forward_hooks", "_forward_pre_hooks")
SIMPLE = (nn.Linear, nn.ReLU, nn.Identity, nn.Dropout)
"""Modules without settings that change which weights make units."""


@lru_cache(maxsize=256)
def _reader(kind: Any, names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return what reads all settings and hooks of a module of torch, of the names that it holds."""
    settings = ["_buffers", "_modules", *(name for name in names if not name.startswith("_"))]
    read: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*HOOKS, *([] if kind in SIMPLE else settings))
    return read


class _KnownPass(NamedTuple):
    """What is remembered of passes on inputs of one shape: where the ReLUs stand, and what they add to a trace.

    The entry is the first affine map; None if it gets what the network gets. In `kept` is what such a pass can be kept
    in, as soon as there was one.
    """

    structure: _Structure
    entry: nn.Module | None
    relus: list[nn.Module]
    layers: list[TracedActivation]
    kept: list[KeptPass]


class StaticNetwork:
    """Passes of a chain of modules that are remembered.

    Parameters
    ----------
    model : Module
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._known: dict[Any, _KnownPass] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model, "_known": {}}

    def again(self, args: Any, reduce: Reduce | None = None, keep: Keep | None = None) -> "StaticPass | None":
        """Return what sees the ReLUs in a pass on these inputs; None where nothing is known of such a pass."""
        if not self._known:
            return None
        known = self._known.get(_key(args))
        if known is None:
            return None
        try:
            unchanged = known.structure.is_unchanged()
        except (RuntimeError, ValueError, TypeError, KeyError):
            unchanged = False
        if not unchanged:
            self._known.clear()
            return None
        return StaticPass(known, args[0], reduce, keep)

    def remember(self, args: Any, tapes: Tapes, seen: Sequence[TracedActivation]) -> None:
        """Remember a pass that was traced, by its tape, if its network is a chain."""
        key = _key(args)
        if key is None or key in self._known or not is_chain(self._model):
            return
        modules = [*self._model.modules()]
        relus = [each for each in modules if type(each) in RELUS]
        layers = [call.seen for call in tapes.kept[-1] if call.seen is not None] if tapes.kept else []
        entry = next((each for each in modules if type(each) in AFFINE), None)
        first = next(each for each in modules if type(each) is not nn.Sequential)
        if (
            len(relus) != len(layers)
            or not relus
            or entry is None
            or [each.name for each in layers] != [each.name for each in seen]
        ):
            return
        while len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[key] = _KnownPass(_Structure(modules), None if entry is first else entry, relus, layers, [])


def is_chain(model: nn.Module) -> bool:
    """Return whether a network is a chain of modules of torch, each used once, with no hooks but those of the package.

    Examples
    --------
    >>> from torch import nn
    >>> is_chain(nn.Sequential(nn.Linear(2, 3), nn.ReLU())), is_chain(nn.Transformer(8, 2, 1, 1, 8))
    (True, False)
    """
    modules = [part for _, part in model.named_modules(remove_duplicate=False)]
    if type(model) is not nn.Sequential or len({id(part) for part in modules}) < len(modules):
        return False
    return all(type(part) in STOCK and "forward" not in vars(part) and _is_quiet(part, model) for part in modules)


def _is_quiet(part: nn.Module, model: nn.Module) -> bool:
    hooks = [*part._forward_pre_hooks.values(), *part._forward_hooks.values()]
    everywhere = nn.modules.module
    if everywhere._global_forward_hooks or everywhere._global_forward_pre_hooks:
        return False
    return all(part is model and isinstance(each, Hook) for each in hooks)


def _key(args: Any) -> Any:
    """Return by what inputs are known; None if they are not one plain tensor."""
    if len(args) != 1 or type(args[0]) is not Tensor or unreadable(args[0]):
        return None
    return args[0].shape, args[0].dtype


class StaticPass:
    """One pass of a chain: what its ReLUs get, as a `ForwardTrace` shows it.

    Parameters
    ----------
    known : _KnownPass
    given : tensor
        What the network gets.
    reduce : callable, optional
        See `TapedTrace`.
    keep : callable, optional
        See `Keep`.
    """

    def __init__(
        self, known: _KnownPass, given: Tensor, reduce: Reduce | None = None, keep: Keep | None = None
    ) -> None:
        self._pass, self._reduce, self._keep = known, reduce, keep
        self._kept = known.kept[0].another() if keep is not None and known.kept else None
        self._count = 0
        self._seen: dict[int, tuple[Tensor, Tensor | None, int]] = {}
        self.entry: Tensor | None = given
        self.skipped: list[Skipped] = []
        self.left_out: list[str] = []
        self.suspended = self.once = False

    def __enter__(self) -> "StaticPass":
        see = self._see
        for relu in self._pass.relus:
            relu._forward_pre_hooks[HOOKED] = see
        if self._pass.entry is not None:
            self._pass.entry._forward_pre_hooks[HOOKED] = self._enter
        return self

    def __exit__(self, *error: object) -> None:
        for relu in self._pass.relus:
            relu._forward_pre_hooks.pop(HOOKED, None)
        if self._pass.entry is not None:
            self._pass.entry._forward_pre_hooks.pop(HOOKED, None)

    def _enter(self, module: nn.Module, args: Any) -> None:
        self.entry = args[0]

    def _see(self, module: nn.Module, args: Any) -> None:
        place, self._count = self._count, self._count + 1
        if self._kept is not None and self._kept.take(place, args[0]):
            return
        z, ends = args[0].detach(), None
        reduced = None if self._reduce is None else self._reduce(z, self._pass.layers[place].axis)
        if reduced is not None:
            z, ends = reduced
        elif getattr(module, "inplace", False):
            z = z.clone()
        self._seen[place] = z, ends, version_of(z)

    def finish(self) -> list[TracedActivation]:
        """Return what was seen; what was overwritten is skipped."""
        kept = self._kept
        if kept is not None and not self._seen and self._count == len(kept):
            return kept
        found: list[TracedActivation] = []
        for place, own in enumerate(self._pass.layers[: self._count]):
            if kept is not None and place not in self._seen:
                found.append(kept[place])
                continue
            z, ends, version = self._seen[place]
            if version_of(z) == version:
                found.append(replace(own, z=z, ends=ends))
            else:
                self.skipped.append(Skipped(own.name, OVERWRITTEN))
        if kept is None and self._keep is not None and len(found) == len(self._pass.layers):
            self._pass.kept[:] = [each for each in (self._keep(found),) if each is not None]
        return found
