"""A separation loss for any torch network: a penalty on what its ReLUs got in the latest forward pass."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from stability.errors import DataError, NumberError, StabilityError, UnknownNameError, nearest
from stability.io.closing import Closing
from stability.training.constraints.penalties import families, penalty, refuse_kind, refuse_numbers, slacks
from stability.training.introspection.forward_passes import Introspection, TracedActivation
from stability.training.introspection.stated_units import StatedUnits

Tensor = torch.Tensor
Weights = float | Sequence[float]

SCALARS = {"mean": 1e-2, "sum": 1e-4}
"""What becomes of the constraints of one layer, and the weight that goes with it by default."""


class SeparationLoss(Closing):
    """The penalty of separation constraints (separation-constraints.md, section 3) on a network as it is trained.

    Call it after the forward pass: `loss = criterion(model(x), y) + separation()`. It is

        sum over layers k of  weight_k * reduction over constraints of (rho_k * upper + (1 - rho_k) * lower) ** power

    where the slacks of a constraint are upper = max(0, 1 - largest z) and lower = max(0, 1 + smallest z) over: all
    points for each unit ("sep-u"), all units for each point ("sep-p"), both families ("sep-pu"), or everything
    ("sep-l"). Where a unit has many places (channels of a convolution, features of a sequence) its values at all
    of them count: a unit's extremes are over points and places, a point's over units and places.

    Layers whose axis of units is not certain are left out with one warning, and so are layers that got no example in
    this pass, and layers without gradients (as with reentrant checkpointing) in a pass that has gradients.

    With the mean one weight means the same for every batch size. The authors take the sum, with weights of 1e-4 for 85
    points: write `reduction="sum"` for that.

    Only the latest forward pass counts. One in eval mode counts like any other; one without gradients can only be
    evaluated without gradients. Every ReLU that is seen is constrained, leaky ones too.

    Parameters
    ----------
    model : Module
        Is left as it was found by `close`, or at the end of `with`.
    kind : str
        "sep-u", "sep-p", "sep-pu" or "sep-l".
    weight : float or sequence of float, optional
        One for all layers, or one for each (lambda_k) in the order of the computation. By default 1e-2 for the mean,
        1e-4 for the sum.
    rho : float or sequence of float
        The share of the upper slack, from 0 to 1; at 0.5 the two cancel where all pre-activations are 0.
    power : int
        1 or 2.
    reduction : str
        The "mean" over the constraints of a layer, for "sep-pu" that over units plus that over points; or their "sum",
        whose gradient grows with the batch.
    ties : str
        Who gets the slope of several largest entries: "split" all, in equal parts; "first" the first of them.
    normed : bool
        Whether layers with a normalisation before the ReLU are constrained as well, by the normalised values.
    units : mapping of str to int, optional
        Which axis of what a ReLU gets counts its units, by the name of the layer or of the module that calls the ReLU,
        where it is not known or another is meant: `units={"block.relu": 1}`.
    skip : iterable of str
        Layers to leave out, or modules with all that is in them.

    Raises
    ------
    UnknownNameError, NumberError
        If a word is unknown, or a number makes no sense.
    StabilityError
        If nothing can be seen inside this network.

    Examples
    --------
    >>> import torch
    >>> from stability import SeparationLoss
    >>> model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.ReLU())
    >>> _ = model[0].weight.data.fill_(1), model[0].bias.data.fill_(0)
    >>> with SeparationLoss(model, "sep-u", weight=1.0, rho=0.5) as separation:
    ...     _ = model(torch.tensor([[0.5], [0.25]]))
    ...     separation().item()
    0.765625
    """

    def __init__(
        self,
        model: nn.Module,
        kind: str,
        weight: Weights | None = None,
        rho: Weights = 0.5,
        power: int = 2,
        reduction: str = "mean",
        ties: str = "split",
        normed: bool = True,
        units: Mapping[str, int] | None = None,
        skip: Iterable[str] = (),
    ) -> None:
        refuse_kind(kind)
        for share in _as_list(rho, 1):
            refuse_numbers(share, power)
        if reduction not in SCALARS:
            raise UnknownNameError(f"Expected a reduction; got {reduction!r}.", nearest(str(reduction), list(SCALARS)))
        weight = SCALARS[reduction] if weight is None else weight
        if not all(0 <= each < float("inf") for each in _as_list(weight, 1)):
            raise NumberError(f"Expected finite weights of at least 0; got {weight}.", "Take 1e-2 for the mean.")
        slacks(torch.zeros(1, 1), kind, ties)
        self.kind, self.weight, self.rho, self.normed = kind, weight, rho, normed
        self._how: dict[str, Any] = {"power": power, "ties": ties, "reduction": reduction}
        self._model = model
        self._latest: list[TracedActivation] | None = None
        self._graded, self._warned = False, False
        stated = StatedUnits(model, units, skip)
        self._introspection: Introspection | None = Introspection(model, self._remember, graph=True, stated=stated)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy has, of a network that holds its penalty, say: it has seen no forward pass."""
        return {**self.__dict__, "_latest": None}

    def _remember(self, found: list[TracedActivation]) -> None:
        self._latest, self._graded = found, torch.is_grad_enabled()

    @property
    def skipped(self) -> dict[str, str]:
        """The layers that are not constrained, since they cannot be read for certain, and why."""
        return {} if self._introspection is None else dict(self._introspection.skipped)

    def layers(self) -> list[TracedActivation]:
        """Return what the constrained layers got in the latest forward pass.

        Raises
        ------
        StabilityError
            If it is closed, there was no forward pass, or no ReLU in it.
        """
        if self._introspection is None:
            raise StabilityError("Expected an open SeparationLoss; this one is closed.", "Make a new one.")
        if self._latest is None:
            raise StabilityError(
                "Expected a forward pass of the network before the penalty; saw none.",
                "Call model(x) first: the network of this loss itself, not a compiled or copied one.",
            )
        found = [each for each in self._latest if self.normed or not each.normed]
        if not found and not self._introspection.skipped:
            raise StabilityError(
                f"Expected a network with ReLUs to constrain; saw none in a forward pass of "
                f"{type(self._model).__name__}.",
                "ReLUs may be modules or functions; normed=False leaves those after a normalisation out.",
            )
        return found

    def __call__(self) -> Tensor:
        """Return the penalty of the latest forward pass, a scalar.

        Raises
        ------
        StabilityError
            If it is closed, there was no forward pass or no ReLU in it, the whole pass ran without gradients although
            they are on now, or there are not as many weights as layers.
        DataError
            If the batch was empty.
        """
        layers = self.layers()
        weights, rhos = _as_list(self.weight, len(layers)), _as_list(self.rho, len(layers))
        for name, given in (("weight", weights), ("rho", rhos)):
            if len(given) != len(layers):
                raise StabilityError(
                    f"Expected one {name}, or one for each of the {len(layers)} layers; got {len(given)}.",
                    f"The layers are {', '.join(each.name for each in layers)}.",
                )
        layers, weights, rhos = _with_examples(layers, weights, rhos)
        if torch.is_grad_enabled():
            layers, weights, rhos = self._moved(layers, weights, rhos)
        if not layers:
            return torch.zeros((), device=next(self._model.parameters()).device)
        return layers_penalty(layers, self.kind, weights, rhos, **self._how)

    def slacks(self) -> dict[str, tuple[float, float]]:
        """Return the sums of the upper and of the lower slacks of each layer in the latest forward pass, by its name.

        Raises
        ------
        StabilityError
            If it is closed, or there was no forward pass, or no ReLU in it.
        """
        totals = {}
        for each in (layer for layer in self.layers() if layer.z.numel()):
            parts = [slacks(z.detach(), family) for family, z in _tables(each, self.kind)]
            totals[each.name] = (sum(float(u.sum()) for u, _ in parts), sum(float(low.sum()) for _, low in parts))
        return totals

    def close(self) -> None:
        """Leave the network as it was found."""
        if self._introspection is not None:
            self._introspection.close()
        self._introspection = self._latest = None

    def _moved(
        self, layers: list[TracedActivation], weights: list[float], rhos: list[float]
    ) -> tuple[list[TracedActivation], list[float], list[float]]:
        """Return the layers that the penalty can move, with their numbers; warn once of those it cannot.

        Raises
        ------
        StabilityError
            If the whole forward pass ran without gradients.
        """
        if not self._graded and any(parameter.requires_grad for parameter in self._model.parameters()):
            raise StabilityError(
                "Expected a forward pass with gradients; it had none at any layer.",
                "Call it after the forward pass of training, or under torch.no_grad() for its value alone.",
            )
        lost = [e.name for e in layers if e.weight is not None and e.weight.requires_grad > e.z.requires_grad]
        if lost and not self._warned:
            self._warned = True
            warnings.warn(
                f"The penalty leaves {', '.join(lost)} of {type(self._model).__name__} out: the pre-activations have "
                "no gradients, as under torch.no_grad() or checkpointing with use_reentrant=True.",
                stacklevel=3,
            )
        kept = [k for k, each in enumerate(layers) if each.name not in lost]
        return [layers[k] for k in kept], [weights[k] for k in kept], [rhos[k] for k in kept]


def _with_examples(
    layers: list[TracedActivation], weights: list[float], rhos: list[float]
) -> tuple[list[TracedActivation], list[float], list[float]]:
    """Return the layers that got examples, with their numbers.

    Raises
    ------
    DataError
        If no layer got any.
    """
    kept = [k for k, each in enumerate(layers) if each.z.numel()]
    if layers and not kept:
        raise DataError("Expected a batch of at least one example; got an empty one.", "Skip empty batches.")
    return [layers[k] for k in kept], [weights[k] for k in kept], [rhos[k] for k in kept]


def layers_penalty(
    layers: Sequence[TracedActivation],
    kind: str,
    weight: Weights,
    rho: Weights = 0.5,
    power: int = 2,
    ties: str = "split",
    reduction: str = "mean",
) -> Tensor:
    """Return the penalty on what layers got, as `SeparationLoss` has it; layers of one shape are computed at once.

    Parameters
    ----------
    layers : sequence of TracedActivation
        With their graph.
    kind, weight, rho, power, ties, reduction
        See `SeparationLoss`.
    """
    groups: dict[tuple[Any, ...], list[tuple[Tensor, float]]] = {}
    numbers = (_as_list(given, len(layers)) for given in (weight, rho))
    for seen, share, own in zip(layers, *numbers, strict=True):
        for family, z in _tables(seen, kind):
            groups.setdefault((family, own, z.shape, z.dtype, z.device), []).append((z, share))
    parts = []
    for (family, own, *_), members in groups.items():
        stacked = torch.stack([z for z, _ in members])
        terms = penalty(stacked, family, own, power, ties, reduction)
        parts.append((terms * terms.new_tensor([share for _, share in members])).sum())
    return torch.stack([part.to(parts[-1].device) for part in parts]).sum()


def _as_list(given: Weights, count: int) -> list[float]:
    try:
        return [float(given)] * count if isinstance(given, int | float) else [float(each) for each in given]
    except (TypeError, ValueError):
        what = f"Expected one number, or one for each layer; got {given!r:.60}."
        raise NumberError(what, "Take rho=0.5, and weight=1e-2 for the mean.") from None


def _tables(seen: TracedActivation, kind: str) -> list[tuple[str, Tensor]]:
    """Return kinds of constraints, each with the pre-activations whose rows are its points and columns its units."""
    z = seen.z.float() if seen.z.dtype in (torch.float16, torch.bfloat16) else seen.z
    if z.ndim == 2:
        return [(kind, z)]
    table = replace(seen, z=z).table
    by_place, by_point = table.movedim(1, 2).flatten(0, 1), table.flatten(1)
    return [(family, by_place if family == "sep-u" else by_point) for family in families(kind)]
