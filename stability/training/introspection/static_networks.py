"""Networks whose every pass is the same: a chain of modules of torch, of which none looks at the numbers.

The first pass on inputs of a shape is traced. After it hooks on the ReLUs show what these get, as long as no module,
parameter, hook or setting has changed; without a mode that sees every call of a torch function.
"""

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, NamedTuple

import torch
from torch import nn

from stability.training.introspection.activations import Skipped, TracedActivation, unreadable
from stability.training.introspection.hooks import Hook
from stability.training.introspection.tape import Tapes
from stability.training.introspection.trace_mode import OVERWRITTEN, version_of

Tensor = torch.Tensor
Reduce = Callable[[Tensor, int], tuple[Tensor, Tensor] | None]

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


class _State(NamedTuple):
    """A module, its class, and all that its object holds."""

    module: nn.Module
    kind: type
    holds: dict[str, Any]

    @classmethod
    def of(cls, module: nn.Module) -> "_State":
        """Return the state of a module now."""
        held = vars(module).items()
        return cls(module, type(module), {name: dict(x) if isinstance(x, dict) else x for name, x in held})

    def is_unchanged(self) -> bool:
        """Return whether the module still holds the same objects and settings."""
        now, before = vars(self.module), self.holds
        if type(self.module) is not self.kind or now != before:
            return False
        return all(map(is_, now["_parameters"].values(), before["_parameters"].values()))


class _KnownPass(NamedTuple):
    """What is remembered of passes on inputs of one shape: where the ReLUs stand, and what they add to a trace."""

    states: list[_State]
    entry: nn.Module
    relus: list[nn.Module]
    layers: list[TracedActivation]


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

    def again(self, args: Any, reduce: "Reduce | None" = None) -> "StaticPass | None":
        """Return what sees the ReLUs in a pass on these inputs; None where nothing is known of such a pass."""
        if not self._known:
            return None
        known = self._known.get(_key(args))
        if known is None:
            return None
        try:
            unchanged = all(each.is_unchanged() for each in known.states)
        except (RuntimeError, ValueError, TypeError):
            unchanged = False
        if not unchanged:
            self._known.clear()
            return None
        return StaticPass(known, reduce)

    def remember(self, args: Any, tapes: Tapes, seen: Sequence[TracedActivation]) -> None:
        """Remember a pass that was traced, by its tape, if its network is a chain."""
        key = _key(args)
        if key is None or key in self._known or not is_chain(self._model):
            return
        modules = [*self._model.modules()]
        relus = [each for each in modules if type(each) in RELUS]
        layers = [call.seen for call in tapes.kept[-1] if call.seen is not None] if tapes.kept else []
        entry = next((each for each in modules if type(each) in AFFINE), None)
        if (
            len(relus) != len(layers)
            or not relus
            or entry is None
            or [each.name for each in layers] != [each.name for each in seen]
        ):
            return
        while len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[key] = _KnownPass([_State.of(each) for each in modules], entry, relus, layers)


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
    reduce : callable, optional
        See `TapedTrace`.
    """

    def __init__(self, known: _KnownPass, reduce: Reduce | None = None) -> None:
        self._pass, self._reduce = known, reduce
        self._seen: list[tuple[Tensor, Tensor | None, int]] = []
        self.entry: Tensor | None = None
        self.skipped: list[Skipped] = []
        self.left_out: list[str] = []
        self.suspended = self.once = False

    def __enter__(self) -> "StaticPass":
        for relu in self._pass.relus:
            relu._forward_pre_hooks[HOOKED] = self._see
        self._pass.entry._forward_pre_hooks[HOOKED] = self._enter
        return self

    def __exit__(self, *error: object) -> None:
        for part in (*self._pass.relus, self._pass.entry):
            part._forward_pre_hooks.pop(HOOKED, None)

    def _enter(self, module: nn.Module, args: Any) -> None:
        self.entry = args[0].detach()

    def _see(self, module: nn.Module, args: Any) -> None:
        z, ends = args[0].detach(), None
        kept = None if self._reduce is None else self._reduce(z, self._pass.layers[len(self._seen)].axis)
        if kept is not None:
            z, ends = kept
        elif getattr(module, "inplace", False):
            z = z.clone()
        self._seen.append((z, ends, version_of(z)))

    def finish(self) -> list[TracedActivation]:
        """Return what was seen; what was overwritten is skipped."""
        found = []
        for own, (z, ends, version) in zip(self._pass.layers, self._seen, strict=False):
            if version_of(z) == version:
                rest = own.axis, own.weight, own.bias, own.normed, own.slope, own.centred, own.rows
                found.append(TracedActivation(own.name, z, *rest, ends))
            else:
                self.skipped.append(Skipped(own.name, OVERWRITTEN))
        return found
