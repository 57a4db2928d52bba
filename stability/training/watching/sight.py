"""What does one forward pass hand to its ReLUs? A mode that sees calls of torch functions, from modules or not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from stability.errors import StabilityError

Tensor = torch.Tensor


@dataclass(frozen=True, eq=False)
class Seen:
    """What one ReLU of a network got in one forward pass.

    Attributes
    ----------
    name : str
        That of the weight which makes it, as "net.2"; "relu 3" for the third ReLU where no single parameter does.
    z : tensor
        The pre-activations, of any shape (examples, ..., units) or (examples, units, ...).
    axis : int
        Which axis counts the units: -1, or 1 after convolutions.
    weight, bias : Parameter or None
        Row j of the weight makes unit j, or -z_j where the ReLU is one of -z; if both are seen, they are one layer of
        twice as many units. None where no single parameter makes it, as for a weight that is itself computed.
    normed : bool
        Whether a normalisation stands before the ReLU.
    slope : float or None
        Left of 0: 0 for a ReLU; None where it is trained.
    """

    name: str
    z: Tensor
    axis: int
    weight: Tensor | None = None
    bias: Tensor | None = None
    normed: bool = False
    slope: float | None = 0.0

    @property
    def table(self) -> Tensor:
        """The pre-activations as a tensor (examples, units, places): pixels, or steps of a sequence; else one place."""
        z = self.z.movedim(self.axis, 1)
        return z.flatten(2) if z.ndim > 2 else z.unsqueeze(-1)


@dataclass(frozen=True, eq=False)
class _Made:
    """Which affine map made a tensor; the tensor is kept so that its id stays its own."""

    tensor: Tensor
    axis: int
    weight: Tensor | None = None
    bias: Tensor | None = None
    normed: bool = False
    least: int = 2
    """The number of its axes, if there is a batch and nothing in excess."""


@dataclass(eq=False)
class _Place:
    """Where in the list a ReLU of z stands, and which of z and -z were seen."""

    tensor: Tensor
    place: int
    version: int
    signs: set[int] = field(default_factory=set)


AFFINE: dict[Any, tuple[int, int]] = {
    functional.linear: (-1, 2),
    torch.conv1d: (1, 3),
    torch.conv2d: (1, 4),
    torch.conv3d: (1, 5),
}
"""The axis of the units, and how many axes there are."""
NORMS = {functional.batch_norm: 1, functional.layer_norm: -1, functional.group_norm: 1, functional.instance_norm: 1}
SUMS = {torch.add, Tensor.add, Tensor.add_, Tensor.__add__, Tensor.__radd__, Tensor.__iadd__}
KEEPING = {
    *(getattr(functional, f"dropout{end}") for end in ("", "1d", "2d", "3d")),
    *(
        getattr(functional, f"{kind}_pool{d}d")
        for kind in ("max", "avg", "adaptive_max", "adaptive_avg")
        for d in "123"
    ),
    *(functional.alpha_dropout, functional.feature_alpha_dropout),
    *(Tensor.clone, Tensor.contiguous, Tensor.to, Tensor.float, Tensor.double, Tensor.half, Tensor.bfloat16),
}
"""After these the units are still made by the same map."""
CATS = {torch.cat, torch.concat, torch.concatenate}
NEGATIONS = {torch.neg, Tensor.neg, Tensor.__neg__, torch.negative, Tensor.negative}
INPLACE = {
    functional.relu: 1,
    functional.relu6: 1,
    functional.leaky_relu: 2,
    functional.hardtanh: 3,
    functional.threshold: 3,
}
"""Where these take the argument `inplace`."""
RELUS = {functional.relu, torch.relu, Tensor.relu, functional.relu6, torch.relu_, Tensor.relu_}
CLAMPS = {
    *(torch.clamp, Tensor.clamp, torch.clamp_, Tensor.clamp_, torch.clip, Tensor.clip, torch.clip_, Tensor.clip_),
    *(torch.clamp_min, Tensor.clamp_min, torch.clamp_min_, Tensor.clamp_min_),
}
LEAKY = {functional.leaky_relu, functional.leaky_relu_}
TRAINED = {functional.prelu, Tensor.prelu}
ACTIVATIONS = {*RELUS, *CLAMPS, *LEAKY, *TRAINED, functional.hardtanh, functional.threshold}


class Sight(TorchFunctionMode):
    """Collects what ReLUs get while it is on.

    Parameters
    ----------
    name_of : callable
        Returns the name of a parameter, None of another tensor.
    graph : bool
        Whether pre-activations keep their graph, so that one can differentiate by them.
    """

    def __init__(self, name_of: Callable[[Tensor], str | None], graph: bool = False) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.blind = False
        self._name_of, self._graph = name_of, graph
        self._versions: list[int] = []
        self._made: dict[int, _Made] = {}
        self._negated: dict[int, tuple[Tensor, Tensor]] = {}
        self._places: dict[int, _Place] = {}
        self._given: dict[int, tuple[Tensor, int]] = {}
        self._uses: dict[int, int] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function; look at it if it is an activation, or takes part in making pre-activations."""
        kwargs = kwargs or {}
        if self.blind:
            return func(*args, **kwargs)
        if func in ACTIVATIONS:
            self.look(func, args, kwargs)
        if _changes(func) and args and id(args[0]) in self._given:
            self._protect(args[0])
        out = func(*args, **kwargs)
        if func in AFFINE:
            weight, bias = _argument(args, kwargs, 1, "weight"), _argument(args, kwargs, 2, "bias")
            axis, least = AFFINE[func]
            self._made[id(out)] = _Made(out, axis, weight, bias, least=least)
        elif func in NORMS or func in SUMS or func in KEEPING:
            self._pass_on(func, (*args, *kwargs.values()), out)
        elif func in CATS:
            self._join_up(args[0] if args else kwargs["tensors"], out)
        elif func in NEGATIONS:
            self._negated[id(out)] = (out, args[0] if args else kwargs["input"])
        return out

    def finish(self) -> list[Seen]:
        """Return what was seen.

        Raises
        ------
        StabilityError
            If pre-activations were overwritten before the end of the pass in a way that could not be followed.
        """
        for each, version in zip(self.seen, self._versions, strict=True):
            if _version(each.z) != version:
                raise StabilityError(
                    f"Expected pre-activations that last; those of {each.name} were overwritten after their ReLU.",
                    "Avoid operations in place on them, such as dropout with inplace=True.",
                )
        return self.seen

    def _pass_on(self, func: Any, inputs: Iterable[Any], out: Any) -> None:
        """Tell that a sum, a normalisation or the like of something made is made by the same."""
        if not isinstance(out, Tensor):
            return
        makers = [self._made[id(x)] for x in inputs if id(x) in self._made]
        if len(makers) > 1:
            makers = [_shared(makers)]
        if not makers and func in NORMS:
            makers = [_Made(out, NORMS[func])]
        for each in makers:
            self._made[id(out)] = replace(each, tensor=out, normed=each.normed or func in NORMS)

    def _join_up(self, parts: Iterable[Tensor], out: Tensor) -> None:
        """Tell who made a concatenation: of z and -z the map that makes z, else none."""
        sources = [self._source(part) for part in parts]
        makers = [self._made[id(z)] for z, _ in sources if id(z) in self._made]
        if makers and len(makers) == len(sources):
            alike = all(z is sources[0][0] for z, _ in sources) and len({sign for _, sign in sources}) == len(sources)
            self._made[id(out)] = replace(makers[0] if alike else _shared(makers), tensor=out)

    def _source(self, given: Tensor) -> tuple[Tensor, int]:
        """Return what a tensor is the negative of, or itself, and the sign."""
        found = self._negated.get(id(given))
        return (given, 1) if found is None else (found[1], -1)

    def look(self, func: Any, args: Any, kwargs: Any) -> None:
        """Keep what a call of an activation gets, before it is made."""
        slope = _slope(func, args, kwargs)
        if slope is None and func not in TRAINED:
            return
        given = args[0] if args else kwargs["input"]
        z = given if self._graph else given.detach()
        source, sign = self._source(given)
        before = self._places.get(id(source))
        if before is None or before.version != _version(source):
            self._places[id(source)] = _Place(source, len(self.seen), _version(source), {sign})
            self._given[id(given)] = (given, len(self.seen))
            self._append(z, self._made.get(id(given)) or self._made.get(id(source)), slope)
        elif sign not in before.signs:
            before.signs.add(sign)
            layer = self.seen[before.place]
            self._set(before.place, torch.cat([layer.z, _batched(z, layer.z.ndim)], layer.axis))
        if _argument(args, kwargs, INPLACE.get(func, 9), "inplace"):
            self._protect(given)

    def _append(self, z: Tensor, made: _Made | None, slope: float | None) -> None:
        if made is None:
            made = _Made(z, 1 if z.ndim > 3 else -1)
        z = _batched(z, made.least)
        name = None if made.weight is None else self._name_of(made.weight)
        if name is None:
            seen = Seen(f"relu {len(self.seen) + 1}", z, made.axis, None, None, made.normed, slope)
        else:
            uses = self._uses.get(id(made.weight), 0)
            self._uses[id(made.weight)] = uses + 1
            name = f"{name} ({uses + 1})" if uses else name
            seen = Seen(name, z, made.axis, made.weight, made.bias, made.normed, slope)
        self.seen.append(seen)
        self._versions.append(_version(z))

    def _protect(self, given: Tensor) -> None:
        """Copy pre-activations before they are overwritten; they are nobody's any more."""
        self._made.pop(id(given), None)
        found = self._given.pop(id(given), None)
        if found is not None and _version(self.seen[found[1]].z) == self._versions[found[1]]:
            self._set(found[1], self.seen[found[1]].z.clone())

    def _set(self, place: int, z: Tensor) -> None:
        self.seen[place] = replace(self.seen[place], z=z)
        self._versions[place] = _version(z)


def _argument(args: Any, kwargs: Any, place: int, name: str) -> Any:
    return args[place] if len(args) > place else kwargs.get(name)


@lru_cache(maxsize=1024)
def _changes(func: Any) -> bool:
    """Tell whether a function writes into its first argument, by its name: add_, __iadd__."""
    name = getattr(func, "__name__", "")
    return bool(name.endswith("_")) and (not name.endswith("__") or name.startswith("__i") or name == "__setitem__")


def _version(z: Tensor) -> int:
    """Return how often a tensor was written into; 0 where torch does not count."""
    return 0 if z.is_inference() else z._version


def _batched(z: Tensor, axes: int) -> Tensor:
    """Return a tensor with an axis for examples in front, if it lacks one."""
    return z.unsqueeze(0) if z.ndim < axes else z


def _shared(makers: list[_Made]) -> _Made:
    """Return what is known of a tensor that several maps made."""
    return replace(makers[0], weight=None, bias=None, normed=any(each.normed for each in makers))


def _slope(func: Any, args: Any, kwargs: Any) -> float | None:
    """Return the slope left of 0; None of a function that is no ReLU, and of trained slopes."""
    if func in RELUS:
        return 0.0
    if func in LEAKY:
        return float(args[1] if len(args) > 1 else kwargs.get("negative_slope", 0.01))
    if func in CLAMPS:
        low, high = _argument(args, kwargs, 1, "min"), _argument(args, kwargs, 2, "max")
        return 0.0 if high is None and _is_zero(low) else None
    if func is functional.hardtanh:
        return 0.0 if _is_zero(_argument(args, kwargs, 1, "min_val")) else None
    if func is functional.threshold:
        names = ("threshold", "value")
        return 0.0 if all(_is_zero(_argument(args, kwargs, k + 1, name)) for k, name in enumerate(names)) else None
    return None


def _is_zero(number: Any) -> bool:
    return isinstance(number, int | float) and number == 0
