"""Which pre-activations does a network compute, and which weights make them?

Two hooks on the network switch a `TorchFunctionMode` on for as long as its forward pass lasts. The mode sees every call
of a ReLU or of an affine map, whether it comes from a module or is written as a function; nothing in the network changes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import torch
from torch import nn
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
        That of the weight which makes it, as "net.2"; "relu 3" for the third ReLU where no single weight does.
    z : tensor
        The pre-activations, of any shape (examples, ..., units) or (examples, units, ...).
    axis : int
        Which axis counts the units: -1, or 1 after convolutions.
    weight, bias : Parameter or None
        Row j of the weight makes unit j; None where no single affine map does.
    normed : bool
        Whether a normalisation stands between the affine map and the ReLU.
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
        """The pre-activations as a tensor of shape (examples, units, places); one place but for convolutions."""
        z = self.z.movedim(self.axis, 1) if self.z.ndim > 2 else self.z
        return z.reshape(len(z), z.shape[1], -1) if z.ndim > 1 else z.reshape(1, -1, 1)


@dataclass(frozen=True, eq=False)
class _Made:
    """Which affine map made a tensor; the tensor is kept so that its id stays its own."""

    tensor: Tensor
    weight: Tensor
    bias: Tensor | None
    axis: int
    normed: bool = False


AFFINE: dict[Any, int] = {
    functional.linear: -1,
    torch.conv1d: 1,
    torch.conv2d: 1,
    torch.conv3d: 1,
}
NORMS = {functional.batch_norm, functional.layer_norm, functional.group_norm, functional.instance_norm}
SUMS = {torch.add, Tensor.add, Tensor.add_, Tensor.__add__, Tensor.__radd__, Tensor.__iadd__}
NEGATIONS = {torch.neg, Tensor.neg, Tensor.__neg__, torch.negative, Tensor.negative}
CHANGED = {torch.relu_, Tensor.relu_, functional.leaky_relu_}
INPLACE = {functional.relu: 1, functional.relu6: 1, functional.leaky_relu: 2}
"""Where these take the argument `inplace`."""
RELUS = {functional.relu, torch.relu, Tensor.relu, functional.relu6, torch.relu_, Tensor.relu_}
CLAMPS = {torch.clamp, Tensor.clamp, torch.clamp_min, Tensor.clamp_min}
LEAKY = {functional.leaky_relu, functional.leaky_relu_}
ACTIVATIONS = {*RELUS, *CLAMPS, *LEAKY, functional.prelu}


class Sight(TorchFunctionMode):
    """Collects what ReLUs get while it is on.

    Parameters
    ----------
    names : dict of int to str
        The names of parameters, by the id of the parameter.
    graph : bool
        Whether pre-activations keep their graph, so that one can differentiate by them.
    """

    def __init__(self, names: dict[int, str], graph: bool = False) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self._names, self._graph = names, graph
        self._made: dict[int, _Made] = {}
        self._negated: dict[int, tuple[Tensor, Tensor]] = {}
        self._places: dict[int, int] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function; look at it if it is an activation, or takes part in making pre-activations."""
        kwargs = kwargs or {}
        if func in ACTIVATIONS:
            self._look(func, args, kwargs)
            return func(*args, **kwargs)
        out = func(*args, **kwargs)
        if func in AFFINE:
            weight, bias = _argument(args, kwargs, 1, "weight"), _argument(args, kwargs, 2, "bias")
            self._made[id(out)] = _Made(out, weight, bias, AFFINE[func])
        elif func in NORMS or func in SUMS:
            self._pass_on(func, args, kwargs, out)
        elif func in NEGATIONS:
            self._negated[id(out)] = (out, args[0])
        return out

    def _pass_on(self, func: Any, args: Any, kwargs: Any, out: Tensor) -> None:
        makers = [self._made[id(x)] for x in (*args, *kwargs.values()) if id(x) in self._made]
        if len(makers) == 1:
            self._made[id(out)] = replace(makers[0], tensor=out, normed=makers[0].normed or func in NORMS)

    def _look(self, func: Any, args: Any, kwargs: Any) -> None:
        slope = _slope(func, args, kwargs)
        if slope is None and func is not functional.prelu:
            return
        given = args[0] if args else kwargs["input"]
        z = given if self._graph else given.detach()
        made = self._made.get(id(given))
        if func in CHANGED or _argument(args, kwargs, INPLACE.get(func, 9), "inplace"):
            z = z.clone()
            self._made.pop(id(given), None)
        mirrored = self._negated.get(id(given))
        if mirrored is not None and id(mirrored[1]) in self._places:
            self._join(self._places[id(mirrored[1])], z)
            return
        self._places[id(given)] = len(self.seen)
        self.seen.append(
            Seen(f"relu {len(self.seen) + 1}", z, 1 if given.ndim > 3 else -1, slope=slope)
            if made is None
            else Seen(self._name(made), z, made.axis, made.weight, made.bias, made.normed, slope)
        )

    def _join(self, place: int, z: Tensor) -> None:
        """Add the units of relu(-z) to those of relu(z), as in concatenated ReLUs."""
        layer = self.seen[place]
        self.seen[place] = replace(layer, z=torch.cat([layer.z, z], layer.axis))

    def _name(self, made: _Made) -> str:
        name = self._names.get(id(made.weight), "weight").removesuffix(".weight")
        count = sum(each.weight is made.weight for each in self.seen)
        return f"{name} ({count + 1})" if count else name


def _argument(args: Any, kwargs: Any, place: int, name: str) -> Any:
    return args[place] if len(args) > place else kwargs.get(name)


def _slope(func: Any, args: Any, kwargs: Any) -> float | None:
    """Return the slope left of 0; None of a function that is no ReLU, and of trained slopes."""
    if func in RELUS:
        return 0.0
    if func in LEAKY:
        return float(args[1] if len(args) > 1 else kwargs.get("negative_slope", 0.01))
    if func in CLAMPS:
        low, high = _argument(args, kwargs, 1, "min"), _argument(args, kwargs, 2, "max")
        return 0.0 if high is None and not isinstance(low, Tensor) and low == 0 else None
    return None


class Watch:
    """Looks at the forward passes of a network from now until it is closed.

    Parameters
    ----------
    model : Module
    look : callable
        Gets the list of what the ReLUs saw, in the order of the computation, after each forward pass that is looked at.
    wanted : callable
        Called before each forward pass: whether to look at it.
    graph : bool
        Whether pre-activations keep their graph.

    Raises
    ------
    StabilityError
        If nothing can be seen inside this network: compiled, scripted, or spread over threads.
    """

    def __init__(
        self,
        model: nn.Module,
        look: Callable[[list[Seen]], None],
        wanted: Callable[[], bool] = lambda: True,
        graph: bool = False,
    ) -> None:
        require_visible(model)
        self._look, self._wanted, self._graph = look, wanted, graph
        self._sights: list[Sight | None] = []
        self._names = {id(p): name for name, p in model.named_parameters(remove_duplicate=False)}
        self._hooks = [
            model.register_forward_pre_hook(self._enter),
            model.register_forward_hook(self._leave, always_call=True),
        ]

    def _enter(self, model: nn.Module, args: Any) -> None:
        sight = Sight(self._names, self._graph) if self._wanted() else None
        self._sights.append(sight)
        if sight is not None:
            sight.__enter__()  # type: ignore[no-untyped-call]

    def _leave(self, model: nn.Module, args: Any, output: Any) -> None:
        sight = self._sights.pop() if self._sights else None
        if sight is not None:
            sight.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            if output is not None:
                self._look(sight.seen)

    def close(self) -> None:
        """Leave the network as it was found."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def require_visible(model: nn.Module) -> None:
    """Refuse a network whose inside hooks cannot see.

    Raises
    ------
    StabilityError
        If it is no module, or (a part of) it is compiled, scripted, or spread over threads.
    """
    if not isinstance(model, nn.Module):
        raise StabilityError(f"Expected a torch.nn.Module; got {type(model).__name__}.", "Give the network itself.")
    for name, part in model.named_modules():
        where = f"its part {name}" if name else "it"
        if hasattr(part, "_orig_mod") or getattr(part, "_compiled_call_impl", None) is not None:
            raise StabilityError(
                f"Expected a network that hooks can see into; {where} is compiled.",
                "Watch the network as it was before torch.compile; a compiled one holds it as ._orig_mod.",
            )
        if isinstance(part, torch.jit.ScriptModule):
            raise StabilityError(
                f"Expected a network that hooks can see into; {where} is a ScriptModule.", "Give the network in Python."
            )
        if isinstance(part, nn.DataParallel) and len(part.device_ids) > 1:
            raise StabilityError(
                f"Expected a network that runs in one thread; {where} is a DataParallel.",
                "Give its .module, one device.",
            )


def see(model: nn.Module, *inputs: Any, graph: bool = False) -> list[Seen]:
    """Return what the ReLUs of a network get on a batch, in the mode (train or eval) it is in.

    The forward pass may change what every forward pass changes: running statistics of batch normalisation in training
    mode, and the random state where there is dropout.

    Raises
    ------
    StabilityError
        If there is no ReLU, the batch is empty, or nothing can be seen inside.
    """
    found: list[Seen] = []
    with Watch(model, found.extend, graph=graph), torch.set_grad_enabled(graph):
        model(*inputs)
    return require_relus(model, found)


def require_relus(model: nn.Module, found: Iterable[Seen]) -> list[Seen]:
    """Return what was seen, refusing nothing seen and empty batches.

    Raises
    ------
    StabilityError
        If there is no ReLU, or the batch is empty.
    """
    layers = list(found)
    if not layers:
        raise StabilityError(
            f"Expected a network with ReLUs; saw none in a forward pass of {type(model).__name__}.",
            "ReLU, leaky ReLU, PReLU and clamp(min=0) are seen, as modules and as functions.",
        )
    if not all(layer.z.numel() for layer in layers):
        raise StabilityError("Expected a batch of at least one example; got an empty one.", "Skip empty batches.")
    return layers
