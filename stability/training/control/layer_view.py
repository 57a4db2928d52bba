"""A layer as interventions see it on one batch: weights, pre-activations, inputs and gradients of the losses."""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from stability.training.control.formulas import LayerArrays
from stability.training.introspection.forward_passes import Introspection, require_relus
from stability.training.introspection.preserve_state import left_as_found
from stability.training.introspection.stated_units import StatedUnits
from stability.training.introspection.trace_mode import ACTIVATIONS, AFFINE, TracedActivation
from stability.training.introspection.unit_rows import FIRST

Tensor = torch.Tensor

NOT_HELD = "no optimiser that steps holds it"
"""Why a layer is left alone that could be trained, but is not."""


@dataclass(frozen=True, eq=False)
class Site:
    """One layer of ReLUs on one batch.

    Attributes
    ----------
    name : str
        As in `TracedActivation`.
    z : tensor (examples, units, places)
        Pre-activations; one place but for convolutions.
    weight, bias : Parameter or None
        Row j of the weight makes unit j. None where the layer has none that is trained.
    inputs : tensor (examples, inputs) or None
        What the affine map got; None for convolutions and sequences.
    descent : tensor (examples, units) or None
        Minus the gradient of the loss of an example by the unit's output there, summed over places; None where losses
        by example are not known.
    gradient : tensor or None
        By the weight, of its shape.
    obstacle : str
        Why interventions on weights cannot work here; empty if they can.
    trained : bool
        Whether its weight or its bias is trained.
    fixed : tensor or None
        A bias that is not trained.
    """

    name: str
    z: Tensor
    weight: Tensor | None
    bias: Tensor | None = None
    inputs: Tensor | None = None
    descent: Tensor | None = None
    gradient: Tensor | None = None
    obstacle: str = ""
    trained: bool = True
    fixed: Tensor | None = None

    @property
    def tops(self) -> Tensor:
        """The largest pre-activation of every unit at every example, over places; shape (examples, units)."""
        return self.z.amax(2)

    def arrays(self) -> LayerArrays:
        """Return it as a batch of one restart, for the formulas."""
        weight, gradient = (None if each is None else each.flatten(1) for each in (self.weight, self.gradient))
        found = (weight, self.bias, self.fixed, gradient, self.descent)
        weight, bias, fixed, gradient, descent = (None if each is None else each.detach()[None] for each in found)
        inputs = self.inputs if weight is None or self.inputs is None else self.inputs.to(weight)
        return LayerArrays(self.tops[None], weight, bias, fixed, gradient, inputs, descent)


class _Sources(TorchFunctionMode):
    """Remembers what every affine map got, and what the ReLU behind it returned."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[int, Tensor] = {}
        self.uses: Counter[int] = Counter()
        self.outputs: dict[int, Tensor] = {}
        self._made: dict[int, tuple[Tensor, int]] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, and note it if it is affine or an activation."""
        kwargs = kwargs or {}
        given = args[0] if args else kwargs.get("input")
        made = self._made.get(id(given)) if func in ACTIVATIONS else None
        out = func(*args, **kwargs)
        if func in AFFINE:
            weight = args[1] if len(args) > 1 else kwargs["weight"]
            self.inputs.setdefault(id(weight), given)
            self.uses[id(weight)] += 1
            self._made[id(out)] = out, id(weight)
        elif made is not None:
            self.outputs.setdefault(made[1], out)
        return out


def sites(
    model: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    losses_of: Callable[[Any], Tensor] | None = None,
    trained: Container[int] | None = None,
    stated: StatedUnits | None = None,
) -> list[Site]:
    """Return the layers of a network on a batch, at the weights as they are now.

    One forward pass is made, and a backward pass if losses are known. They leave running statistics, gradients and
    random states as they were. Where torch refuses the backward pass, as for parts that are recomputed, no
    gradient by outputs is known.

    Parameters
    ----------
    model : Module
    args, kwargs
        What the network gets.
    losses_of : callable, optional
        Gets what the network returns, and returns the loss of every example.
    trained : container of int, optional
        The ids of the parameters that may be changed; all of the network by default.
    stated : StatedUnits, optional
        What is stated of layers.

    Raises
    ------
    StabilityError
        If there is no ReLU, the batch is empty, or nothing can be seen inside.
    """
    found: list[TracedActivation] = []
    names = Counter(id(p) for _, p in model.named_parameters(remove_duplicate=False))
    with left_as_found(model, "found"), torch.set_grad_enabled(losses_of is not None):
        with Introspection(model, found.extend, stated=stated) as introspection, _Sources() as sources:
            returned = model(*args, **(kwargs or {}))
        descents = {} if losses_of is None else _descents(losses_of, returned, sources.outputs)
    layers = require_relus(model, found, introspection.skipped)
    shared = {name for name, count in (names | sources.uses).items() if count > 1}
    products = Counter(id(each) for seen in layers if seen.rows != FIRST for each in (seen.weight, seen.bias))
    shared |= {name for name, count in products.items() if count > 1}
    own = {name: trained is None or name in trained for name in names}
    return [_site(seen, sources.inputs, descents, own, shared) for seen in layers if seen.z.numel()]


def _descents(losses_of: Callable[[Any], Tensor], returned: Any, outputs: Mapping[int, Tensor]) -> dict[int, Tensor]:
    """Return minus the gradient of the summed losses by what ReLUs returned, where there is one."""
    asked = {name: out for name, out in outputs.items() if out.requires_grad}
    losses = losses_of(returned)
    if not asked or not losses.requires_grad:
        return {}
    try:
        slopes = torch.autograd.grad(losses.sum(), [*asked.values()], allow_unused=True)
    except RuntimeError:
        return {}
    return {name: -slope for name, slope in zip(asked, slopes, strict=True) if slope is not None}


def _site(
    seen: TracedActivation,
    inputs: Mapping[int, Tensor],
    descents: Mapping[int, Tensor],
    own: Mapping[int, bool],
    shared: set[int],
) -> Site:
    weight, given, descent = seen.weight, inputs.get(id(seen.weight)), descents.get(id(seen.weight))
    weight = weight if seen.rows == FIRST else None
    moves = [own.get(id(each), False) for each in (weight, seen.bias)]
    return Site(
        seen.name,
        seen.table,
        weight if moves[0] else None,
        seen.bias if moves[1] else None,
        given.detach() if given is not None and given.ndim == 2 and seen.z.ndim == 2 else None,
        None
        if descent is None or descent.shape != seen.z.shape
        else TracedActivation("", descent, seen.axis).table.sum(2),
        None if weight is None or weight.grad is None else weight.grad.detach().clone(),
        _obstacle(seen, own, shared),
        any(moves),
        None if moves[1] else seen.bias,
    )


def _obstacle(seen: TracedActivation, own: Mapping[int, bool], shared: set[int]) -> str:
    parameters = [each for each in (seen.weight, seen.bias) if each is not None]
    if seen.weight is None:
        return "no single weight makes its units"
    if id(seen.weight) not in own:
        return "its weight is computed from other parameters"
    if seen.rows != FIRST and seen.bias is None:
        return "its weight has the rows of its units along other axes, and there is no bias"
    if not any(each.requires_grad for each in parameters):
        return "it is frozen"
    if not any(own.get(id(each), False) for each in parameters):
        return NOT_HELD
    if any(id(each) in shared for each in parameters):
        return "its weight is used in several places"
    if seen.normed:
        return "a normalisation undoes what is done to its bias"
    if seen.table.shape[1] != len(seen.rows.table(seen.weight)):
        return "its units are mirrored"
    return ""
