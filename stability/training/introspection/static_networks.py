"""Networks whose every pass is the same: modules of torch, and others of straight code; none looks at the numbers.

The first pass on inputs of a shape is traced. After it hooks on the ReLUs show what these get, as long as no module,
parameter, hook or setting has changed; without a mode that sees every call of a torch function.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from operator import call, itemgetter
from threading import get_ident
from typing import Any, NamedTuple

import torch
from torch import nn

from stability.training.introspection.activations import Skipped, TracedActivation, unreadable
from stability.training.introspection.hooks import Hook, NotCopied
from stability.training.introspection.kept_passes import Keep, KeptPass, Reduce
from stability.training.introspection.straight_code import CONTAINERS, Codes, codes_of
from stability.training.introspection.taped_calls import Tapes
from stability.training.introspection.torch_functions import ACTIVATIONS
from stability.training.introspection.trace_mode import OVERWRITTEN, version_of
from stability.training.introspection.unseen import UNSEEN

Tensor = torch.Tensor

RELUS = (nn.ReLU, nn.LeakyReLU, nn.ReLU6)
AFFINE = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
OTHERS = (
    *(nn.Identity, nn.Flatten, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout),
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d),
    *(nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.Softplus, nn.Softmax, nn.LogSoftmax),
)
STOCK = frozenset((*CONTAINERS, *RELUS, *AFFINE, *OTHERS))
"""Modules of torch that always call the same functions, in their order."""

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
        self._modules, held = [*modules], [vars(each) for each in modules]
        self._sized = [*held, *(each[hooks] for each in held for hooks in HOOKS)]
        self._sized += [each["_modules"] for each in held if not each["_modules"]]
        self._parameters = [each["_parameters"] for each in held]
        self._parts = [each["_modules"] for each in held if each["_modules"]]
        kinds: list[Any] = [*map(type, modules)]
        names = [SETTINGS.get(kind, _settings(tuple(each))) for kind, each in zip(kinds, held, strict=True)]
        self._vars = [each for each, own in zip(held, names, strict=True) if own]
        self._read = [_reader(own) for own in names if own]
        self._held = [dict(each) if isinstance(each, dict) else each for each in self._now()]

    def _now(self) -> list[Any]:
        return [
            *map(type, self._modules),
            *map(len, self._sized),
            *map(id, chain.from_iterable(map(dict.values, self._parameters))),
            *chain.from_iterable(self._parts),
            *chain.from_iterable(map(dict.values, self._parts)),
            *chain.from_iterable(map(call, self._read, self._vars)),
        ]

    def is_unchanged(self) -> bool:
        """Return whether the modules still hold the same objects and settings."""
        return self._now() == self._held


HOOKS = ("_forward_hooks", "_forward_pre_hooks")
CONVOLUTIONS, BATCH_NORMS = AFFINE[1:], (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
SETTINGS: dict[Any, tuple[str, ...]] = {
    **dict.fromkeys((nn.Linear, *CONVOLUTIONS, nn.Identity, nn.Dropout), ()),
    nn.ReLU: ("inplace", "training"),
    **dict.fromkeys(BATCH_NORMS, ("_buffers", "training", "track_running_stats")),
}
"""What a module holds that changes which weights make units and where they stand; of others it may be anything."""


@lru_cache(maxsize=256)
def _settings(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return under which names a module has its buffers and settings, of all that it holds."""
    return ("_buffers", *(name for name in names if not name.startswith("_")))


@lru_cache(maxsize=256)
def _reader(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return what reads several entries of a dict."""
    read: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*names)
    return read


class KnownPass(NamedTuple):
    """What is remembered of passes on inputs of one shape: where the ReLUs stand, and what they add to a trace.

    The entry is the first affine map; None if it gets what the network gets. In `kept` is what such a pass can be kept
    in, as soon as there was one; `overwritten` are the places of layers whose numbers the network overwrites.
    """

    shape: torch.Size
    structure: _Structure
    codes: Codes
    entry: nn.Module | None
    relus: list[nn.Module]
    layers: list[TracedActivation]
    kept: list[KeptPass]
    overwritten: frozenset[int]

    def is_unchanged(self) -> bool:
        """Return whether nothing has changed on which it depends."""
        try:
            return self.structure.is_unchanged() and self.codes.are_unchanged() and not _are_hooks_everywhere()
        except (RuntimeError, ValueError, TypeError, LookupError, AttributeError):
            return False


class StaticNetwork:
    """Passes of a network that are remembered, if all of them make the same calls.

    Parameters
    ----------
    model : Module
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._known: dict[Any, KnownPass] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_model": self._model, "_known": {}}

    def again(self, args: Any, reduce: Reduce | None = None, keep: Keep | None = None) -> "StaticPass | None":
        """Return what sees the ReLUs in a pass on these inputs; None where nothing is known of such a pass."""
        if not self._known:
            return None
        known = self._known.get(_key(args))
        if known is None:
            return None
        if not known.is_unchanged():
            self._known.clear()
            return None
        return StaticPass(known, args[0], reduce, keep)

    def remember(self, args: Any, tapes: Tapes, seen: Sequence[TracedActivation]) -> None:
        """Remember a pass that was traced, by its tape, if all passes make the same calls."""
        key = _key(args)
        if key is None or key in self._known or not tapes.kept:
            return
        calls = tapes.kept[-1]
        layers = [each for each in calls if each.seen is not None]
        relus = [each.caller for each in layers]
        entry = next((each.caller for each in calls if each.enters), None)
        if (
            not relus
            or any(type(each) not in RELUS for each in relus)
            or sum(each.func in ACTIVATIONS for each in calls) != len(relus)
            or type(entry) not in AFFINE
            or [each.seen.name for each in layers if each.seen] != [each.name for each in seen]
        ):
            return
        modules = [*self._model.modules()]
        codes = static_codes(self._model)
        if codes is None:
            return
        while len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        first = next(each for each in modules if type(each) is not nn.Sequential)
        self._known[key] = KnownPass(
            args[0].shape,
            _Structure(modules),
            codes,
            None if entry is first else entry,
            [*dict.fromkeys(each for each in relus if each is not None)],
            [each.seen for each in layers if each.seen],
            [],
            frozenset(place for each in calls for place in each.protected),
        )


def static_codes(model: nn.Module) -> Codes | None:
    """Return the code of the modules of a network that are not torch's own, if all passes make the same calls.

    None if they may not, or if there are hooks but those of the package.

    Examples
    --------
    >>> from torch import nn
    >>> static_codes(nn.Sequential(nn.Linear(2, 3), nn.ReLU())) is None
    False
    >>> static_codes(nn.Transformer(8, 2, 1, 1, 8)) is None
    True
    """
    modules = [*model.modules()]
    if _are_hooks_everywhere() or not all(_is_quiet(part, model) for part in modules):
        return None
    return codes_of(modules, STOCK)


def _is_quiet(part: nn.Module, model: nn.Module) -> bool:
    """Return whether a module does what its class says, and no hook does more."""
    hooks = [*part._forward_pre_hooks.values(), *part._forward_hooks.values()]
    return "forward" not in vars(part) and all(part is model and isinstance(each, Hook) for each in hooks)


def _are_hooks_everywhere() -> bool:
    everywhere = nn.modules.module
    return bool(everywhere._global_forward_hooks or everywhere._global_forward_pre_hooks)


def _key(args: Any) -> Any:
    """Return by what inputs are known; None if they are not one plain tensor."""
    if len(args) != 1 or type(args[0]) is not Tensor or unreadable(args[0]):
        return None
    return args[0].shape, args[0].dtype


class StaticPass(NotCopied):
    """One pass of such a network: what its ReLUs get, as a `ForwardTrace` shows it.

    It is a hook itself, which copies of the network do not have, after a pass that was interrupted either.

    Parameters
    ----------
    known : KnownPass
    given : tensor
        What the network gets.
    reduce : callable, optional
        See `TapedTrace`.
    keep : callable, optional
        See `Keep`.
    """

    def __init__(
        self, known: KnownPass, given: Tensor | None, reduce: Reduce | None = None, keep: Keep | None = None
    ) -> None:
        self.known, self._reduce, self._keep = known, reduce, keep
        self._kept = known.kept[0].another() if keep is not None and known.kept else None
        self._count, self._thread = 0, get_ident()
        self._seen: dict[int, tuple[Tensor, Tensor | None, int] | None] = {}
        self.entry: Tensor | None = given
        self._entered = known.entry is None
        self.skipped: list[Skipped] = []
        self.left_out: list[str] = []
        self.suspended = self.once = False

    def go_on(self, kept: KeptPass, count: int, thread: int) -> None:
        """Go on with a pass in a thread of which so many layers were kept already."""
        self._kept, self._count, self._thread = kept, count, thread
        self.__enter__()

    def __enter__(self) -> "StaticPass":
        for relu in self.known.relus:
            relu._forward_pre_hooks[HOOKED] = self
        if self.known.entry is not None:
            self.known.entry._forward_pre_hooks[HOOKED] = self
        return self

    def __exit__(self, *error: object) -> None:
        for relu in self.known.relus:
            relu._forward_pre_hooks.pop(HOOKED, None)
        if self.known.entry is not None:
            self.known.entry._forward_pre_hooks.pop(HOOKED, None)

    def __call__(self, module: nn.Module, args: Any) -> None:
        """Keep what a ReLU, or the first affine map, is about to get in this thread."""
        if get_ident() == self._thread:
            with UNSEEN():
                self._hear(module, args)

    def _hear(self, module: nn.Module, args: Any) -> None:
        if module is self.known.entry:
            if not self._entered:
                self.entry, self._entered = args[0] if args else None, True
            return
        place, self._count = self._count, self._count + 1
        if place >= len(self.known.layers):
            return
        try:
            if self._kept is None or not self._kept.take(place, args[0]):
                self._see(place, module, args[0])
        except Exception as error:
            self._skip(place, f"reading it failed ({type(error).__name__}: {error})")

    def _see(self, place: int, module: nn.Module, given: Tensor) -> None:
        if reason := unreadable(given):
            self._skip(place, reason)
            return
        z, ends = given.detach(), None
        reduced = None if self._reduce is None else self._reduce(z, self.known.layers[place].axis)
        if reduced is not None:
            z, ends = reduced
        elif place in self.known.overwritten or getattr(module, "inplace", False):
            z = z.clone()
        self._seen[place] = z, ends, version_of(z)

    def _skip(self, place: int, reason: str) -> None:
        self._seen[place] = None
        self.skipped.append(Skipped(self.known.layers[place].name, reason))

    def finish(self) -> list[TracedActivation]:
        """Return what was seen; what was overwritten is skipped."""
        kept = self._kept
        if kept is not None and not self._seen and self._count == len(kept):
            return kept
        found: list[TracedActivation] = []
        for place, own in enumerate(self.known.layers[: self._count]):
            if kept is not None and place not in self._seen:
                found.append(kept[place])
                continue
            seen = self._seen[place]
            if seen is None:
                continue
            z, ends, version = seen
            if version_of(z) == version:
                found.append(replace(own, z=z, ends=ends))
            else:
                self.skipped.append(Skipped(own.name, OVERWRITTEN))
        if kept is None and self._keep is not None and len(found) == len(self.known.layers):
            self.known.kept[:] = [each for each in (self._keep(found),) if each is not None]
        return found
