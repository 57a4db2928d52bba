"""The interventions on a layer: a table of them, and how one is made on the weights of a network.

An intervention is data: a kind and a size. Those on weights change them in place and say which entries they changed;
the optimiser then forgets its moments of those entries. docs/controller.md says when each helps and when it cannot.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf, pi

import torch

from stability.errors import NumberError, StabilityError, UnknownNameError, nearest
from stability.training.control.formulas import (
    Formula,
    Given,
    LayerArrays,
    ascend,
    descend,
    employ,
    revive,
    revive_by_bias,
    rotate,
    warm_up,
)
from stability.training.control.layer_view import Site

Tensor = torch.Tensor


@dataclass(frozen=True)
class Intervention:
    """An intervention as data.

    Attributes
    ----------
    kind : str
        A key of `INTERVENTIONS`.
    size : float
        What `INTERVENTIONS` says of it.
    steps : int
        How many steps a leaky slope lasts; how many an intervention is given before the next one of its rule is tried.
    """

    kind: str
    size: float
    steps: int = 0

    def __post_init__(self) -> None:
        if self.kind not in INTERVENTIONS:
            raise UnknownNameError(
                f"Expected an intervention; got {self.kind!r}.", nearest(str(self.kind), list(INTERVENTIONS))
            )
        upper = INTERVENTIONS[self.kind].upper
        if not 0 < self.size < upper or (self.kind == LEAKY and self.steps < 1):
            steps = " and at least one step" if self.kind == LEAKY else ""
            raise NumberError(
                f"Expected a size between 0 and {upper:.4g}{steps} for {self.kind}; got {self.size} and {self.steps}.",
                f"Its size is {INTERVENTIONS[self.kind].size}.",
            )

    @property
    def lasts(self) -> bool:
        """Whether it is switched on and off rather than done once."""
        return self.kind in SEPARATIONS

    def __str__(self) -> str:
        return f"{self.kind} ({self.size:g}{f' for {self.steps} steps' if self.kind == LEAKY else ''})"


@dataclass(frozen=True, eq=False)
class Change:
    """What an intervention changed.

    Attributes
    ----------
    masks : tuple of (Parameter, bool tensor)
        The changed entries; none if nothing was changed.
    reason : str
        Why nothing was changed; empty otherwise. It begins with `CANNOT` where it cannot be done at this layer.
    """

    masks: tuple[tuple[Tensor, Tensor], ...] = ()
    reason: str = ""

    @property
    def entries(self) -> int:
        """How many numbers were changed."""
        return sum(int(mask.sum()) for _, mask in self.masks)


CANNOT = "cannot: "

NO_BIAS, NO_WEIGHT = f"{CANNOT}it has no bias that is trained", f"{CANNOT}it has no weight that is trained"


@dataclass(frozen=True)
class InterventionKind:
    """A kind of intervention.

    Attributes
    ----------
    size : str
        What its size is.
    formula : callable or None
        What it does to weights; None if it does nothing to them.
    lacks : callable
        Returns what the layer lacks for it; empty if nothing.
    nothing : str
        The reason where it changes nothing.
    upper : float
        Sizes are below it.
    looks : bool
        Whether it needs pre-activations at the weights as they are now, not only weights and gradients.
    """

    size: str
    formula: Formula | None = None
    lacks: Callable[[LayerArrays], str] = lambda layer: ""
    nothing: str = ""
    upper: float = inf
    looks: bool = True


def _no_bias(layer: LayerArrays) -> str:
    return NO_BIAS if layer.bias is None else ""


def _no_weight(layer: LayerArrays) -> str:
    return NO_WEIGHT if layer.weight is None else ""


def _no_gradient(layer: LayerArrays) -> str:
    return _no_weight(layer) or ("it has no gradient" if layer.gradient is None else "")


def _no_row(layer: LayerArrays) -> str:
    return _no_bias(layer) if layer.weight is None or layer.inputs is None else ""


def _no_descent(layer: LayerArrays) -> str:
    unknown = layer.inputs is None or layer.descent is None
    return _no_weight(layer) or (f"{CANNOT}the gradient of the loss of each example is not known" if unknown else "")


LEAKY = "leaky slope"
SEPARATIONS = {"separation of points": "sep-p", "separation of units": "sep-u", "separation": "sep-pu"}
"""Repairs that add a penalty while they last, and the kind of the penalty."""

RESCALING, SMALLER_STEP = "scaling by data", "smaller step"
WHOLE = (RESCALING, SMALLER_STEP)
"""Interventions on the whole network at once; see `network_interventions`."""

ALL_ACTIVE = "every example has an active unit by now"

INTERVENTIONS: dict[str, InterventionKind] = {
    "bias warm-up": InterventionKind("how far above 0 the lowest example gets", warm_up, _no_bias, ALL_ACTIVE),
    "tangential ascent": InterventionKind(
        "the factor before the tangential gradient, which is added",
        ascend,
        _no_gradient,
        "the tangential gradient is zero",
        looks=False,
    ),
    "tangential descent": InterventionKind(
        "the factor before the tangential gradient, which is subtracted",
        descend,
        _no_gradient,
        "the tangential gradient is zero",
        looks=False,
    ),
    "random rotation": InterventionKind(
        "the angle in radians", rotate, _no_weight, "its rows cannot turn", pi, looks=False
    ),
    "revival by bias": InterventionKind(
        "the pre-activation that the nearest unit gets", revive_by_bias, _no_bias, ALL_ACTIVE
    ),
    "revival": InterventionKind("the pre-activation that the nearest unit gets", revive, _no_row, ALL_ACTIVE),
    "employment of dead units": InterventionKind(
        "the pre-activation that each of them gets at one example",
        employ,
        _no_descent,
        "the loss of no example falls with a dead unit",
    ),
    LEAKY: InterventionKind("the slope left of 0", upper=1.0),
    **{name: InterventionKind("the weight of the penalty") for name in SEPARATIONS},
    RESCALING: InterventionKind("the standard deviation that every unit gets on the batch"),
    SMALLER_STEP: InterventionKind("the factor of the learning rates", upper=1.0),
}
"""Every intervention, by name."""


def intervene(
    site: Site, what: Intervention, points: Sequence[int] = (), stream: torch.Generator | None = None
) -> Change:
    """Change the weights of a layer in place.

    Parameters
    ----------
    site : Site
    what : Intervention
    points : sequence of int
        The examples it is about, by their place in the batch; for revivals.
    stream : Generator, optional
        For random rotations.

    Returns
    -------
    Change
        Without masks where the intervention cannot be done at this layer, or has nothing to do.

    Raises
    ------
    StabilityError
        If it does nothing to weights.
    """
    kind = INTERVENTIONS[what.kind]
    if kind.formula is None:
        raise StabilityError(
            f"Expected an intervention on weights; got {what}.", "The controller switches this one on and off."
        )
    if site.obstacle:
        return Change(reason=CANNOT + site.obstacle)
    with torch.no_grad():
        layer = site.arrays()
        lacking = kind.lacks(layer)
        if lacking:
            return Change(reason=lacking)
        dead = torch.zeros(1, len(site.z), dtype=torch.bool, device=site.z.device)
        dead[0, list(points)] = True
        values = kind.formula(layer, Given(what.size, dead, lambda: _drawn(site, stream)))
        masks = [*_set(site.weight, values[0]), *_set(site.bias, values[1])]
    return Change(tuple(masks)) if masks else Change(reason=kind.nothing)


def _drawn(site: Site, stream: torch.Generator | None) -> Tensor:
    """Return standard normal numbers, one for each weight."""
    assert site.weight is not None
    drawn = torch.randn(site.weight.shape, generator=stream, dtype=torch.float64)
    return drawn.to(site.weight.detach()).flatten(1)[None]


def forget(optimizers: Iterable[torch.optim.Optimizer], change: Change) -> None:
    """Set what optimisers remember of the changed entries to what it was at first, and nothing else: step counts stay.

    Every tensor in their state that has the shape of the parameter counts. Moments and sums begin at 0, the steps of
    Rprop at the learning rate, if the group has one, and the averages of ASGD at the parameter.
    """
    for optimizer in optimizers:
        rates = {id(p): group.get("lr") for group in optimizer.param_groups for p in group["params"]}
        for parameter, mask in change.masks:
            for name, value in optimizer.state.get(parameter, {}).items():
                if isinstance(value, Tensor) and value.shape == mask.shape and value.ndim:
                    where = mask.to(value.device)
                    if name == "ax":
                        value[where] = parameter.detach().to(value)[where]
                        continue
                    rate = rates[id(parameter)] if name == "step_size" else 0
                    if rate is not None:
                        value.masked_fill_(where, float(rate))


def _set(parameter: Tensor | None, values: Tensor | None) -> list[tuple[Tensor, Tensor]]:
    """Write the values of a batch of one into a parameter; return it with the entries that changed, if any did."""
    if parameter is None or values is None:
        return []
    new = values[0].view_as(parameter)
    mask = parameter.detach() != new
    if mask.any():
        parameter.copy_(new)
    return [(parameter, mask)] if mask.any() else []
