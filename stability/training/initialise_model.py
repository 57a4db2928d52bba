"""Initialisation of a whole network in place, each layer by the data that flow through those before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from torch import nn

from stability.arrays import Floats
from stability.errors import DataError, StabilityError, require_kind
from stability.initialisation.entries import number
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.sampling import initial
from stability.initialisation.table import INITIALISATIONS, parse
from stability.training.introspection.forward_passes import require_visible
from stability.training.introspection.preserve_state import left_as_found
from stability.training.layer_inputs import LayerInputs, without_dropout
from stability.training.layer_maps import fan_in, groups, rows, set_weights, units
from stability.training.start_effects import effects
from stability.training.start_report import LayerStart, NetworkStart

Tensor = torch.Tensor
STRIDE = 2**24
"""Random streams of a layer: the k-th draw of its j-th group has the number layer * STRIDE + k * groups + j."""


def initialise_model(
    model: nn.Module,
    data: Any,
    spelling: str,
    seed: int,
    labels: Any = None,
    inputs: Any = None,
    tries: int = 1000,
    scale: float | None = None,
) -> NetworkStart:
    """Set every linear layer and convolution of a network in place, in the order in which it calls them.

    As `initialise_` of a network, which says what is done.
    """
    parse(spelling)
    require_kind(seed, Integral, "a whole number as seed", "Write seed=0.")
    require_kind(scale, Real | None, "a number as scale", "Give scale=1.0, or None to leave it.")
    if scale is not None and not 0 < scale < float("inf"):
        raise StabilityError(f"Expected a scale above 0; got {scale}.", "Give scale=1.0, or None to leave it.")
    name, *entries = spelling.split(":")
    family = INITIALISATIONS[name]
    with restored_on_errors(model), left_as_found(model, "found", data), torch.no_grad():
        torch.manual_seed(seed % 2**63)
        without_dropout(model)
        flow = LayerInputs(model, data, inputs)
        law, margin = spelling, None
        if family.selects:
            law, margin = spelled(entries[0]), number(entries[1]) if len(entries) > 1 else 0.0
        draws = _Draws(flow, law, margin, spelling, seed, tries, labels, scale)
        done = {layer: _left(model, flow, layer, law, margin) for layer in flow.layers}
        unset = {layer for layer, why in done.items() if not why}
        taken: dict[str, int] = {}
        for at, layer in enumerate(list(flow.layers)):
            if layer not in unset:
                continue
            found = flow.reaching(layer, unset)
            if found:
                taken[layer] = draws.set(layer, at, found)
            else:
                done[layer] = "left: no example reaches it before a layer that is not set yet"
            unset.discard(layer)
        if not taken:
            reasons = "; ".join(f"{layer or 'the layer'} {why}" for layer, why in done.items()) or "none is called"
            raise StabilityError(
                f"Expected a network with a linear layer or a convolution to set; {reasons}.",
                "Give a network with layers as torch.nn.Linear(2, 8), before weight_norm and the like are added.",
            )
        seen = effects(flow)
    starts = [LayerStart(n, done[n] or spelling, taken.get(n, 0), *seen.get(n, ())) for n in flow.layers]
    starts = [replace(each, dead=None) if ends_without_relu(flow, each.name) else each for each in starts]
    starts += [LayerStart(n, "left: the network never calls it") for n in flow.uncalled]
    return NetworkStart(spelling, seed, tuple(starts))


def spelled(word: str) -> str:
    """Return the spelling of a BASE: a law's own name, or normal:STD."""
    return word if word in INITIALISATIONS else f"normal:{word}"


@contextmanager
def restored_on_errors(model: nn.Module) -> Iterator[None]:
    """Give the parameters their values back if what follows ends with an error."""
    require_visible(model)
    lazy = [name for name, each in model.named_parameters() if nn.parameter.is_lazy(each)]
    if lazy:
        raise StabilityError(
            f"Expected a network with its shapes known; {lazy[0]} has none yet.", "Run the network on a batch first."
        )
    found = [(each, each.detach().clone()) for each in model.parameters()]
    try:
        yield
    except BaseException:
        with torch.no_grad():
            for parameter, value in found:
                parameter.copy_(value)
        raise


def ends_without_relu(flow: LayerInputs, name: str) -> bool:
    """Return whether a layer comes last and has no ReLU behind it; a single layer counts as one of ReLUs."""
    return name == flow.output and len(flow.layers) > 1


def _left(model: nn.Module, flow: LayerInputs, name: str, law: str, margin: float | None) -> str:
    """Return why a layer is left as it is, "" if it is set."""
    layer: Any = flow.layers[name]
    family = INITIALISATIONS[law.split(":")[0]]
    if not isinstance(layer.__dict__.get("_parameters", {}).get("weight"), nn.Parameter):
        return "left: its weight is computed from others (weight norm or another parametrization)"
    if not layer.weight.is_floating_point():
        return f"left: its weights are {layer.weight.dtype}"
    if layer.bias is not None and not isinstance(layer.__dict__["_parameters"].get("bias"), nn.Parameter):
        return "left: its bias is computed from others"
    for kind in ("weight", "bias"):
        shared = [
            f"{other}.{own}" if other else own
            for other, module in model.named_modules()
            for own, each in module.named_parameters(recurse=False, remove_duplicate=False)
            if each is getattr(layer, kind) and module is not layer
        ]
        if shared:
            return f"left: its {kind} is tied to {shared[0]}"
    if not layer.weight.requires_grad:
        return "left: it is frozen"
    if layer.bias is not None and not layer.bias.requires_grad:
        return "left: its bias is frozen"
    if "biases" in family.needs and layer.bias is None:
        return "left: it has no bias that places its units"
    if "biases" in family.needs and ends_without_relu(flow, name):
        return "left: no ReLU follows the last layer"
    return ""


class _Draws:
    """Draws of layers, again and again until they do what is asked."""

    def __init__(
        self,
        flow: LayerInputs,
        law: str,
        margin: float | None,
        spelling: str,
        seed: int,
        tries: int,
        labels: Any,
        scale: float | None,
    ) -> None:
        self.flow, self.law, self.margin, self.spelling = flow, law, margin, spelling
        self.seed, self.tries, self.labels, self.scale = seed, tries, labels, scale
        self.family = INITIALISATIONS[law.split(":")[0]]

    def set(self, name: str, at: int, found: list[Tensor]) -> int:
        """Set a layer by its inputs; return how often it was drawn.

        Raises
        ------
        StabilityError
            If no draw out of so many does what is asked, or the layer's dtype cannot hold it.
        """
        layer: Any = self.flow.layers[name]
        selects = self.margin is not None and name != self.flow.output
        try:
            if not all(x.isfinite().all() for x in found):
                raise DataError("expected finite inputs; got NaN or an infinity.", "Remove or repair those examples.")
            places = self._places(layer, found)
            for k in range(self.tries if selects else 1):
                self._draw(layer, places, at * STRIDE + k * len(places))
                if self.scale is not None:
                    _rescale(layer, found, self.scale)
                lowest = min(float(_highest(layer, x, self._everywhere(selects)).min()) for x in found)
                if not selects or lowest > (self.margin or 0):
                    break
            else:
                raise StabilityError(
                    f"expected a draw with a pre-activation above {self.margin:g} at every example; none of "
                    f"{self.tries:,} has one, the last one {lowest:.3g} at the lowest.",
                    "Ask for a smaller margin, biases that are not 0, more tries, or take hypersphere.",
                )
        except StabilityError as error:
            raise type(error)(f"{name or 'The layer'}: {error.problem}", error.remedy) from None
        if "no dead data" in self.family.guarantees and not lowest > 0:
            raise StabilityError(
                f"{name or 'The layer'}: expected a positive pre-activation at every example; "
                f"{layer.weight.dtype} rounds one to {lowest:g}.",
                "Centre the data, use a wider dtype or a larger margin.",
            )
        return k + 1

    def _everywhere(self, selects: bool) -> bool:
        return not selects and "no dead data" in self.family.guarantees

    def _draw(self, layer: Any, places: list[InitialisationProblem], first: int) -> None:
        drawn = [
            place.first(initial(self.law, place, 1, self.seed, first=first + group, block=1))[0]
            for group, place in enumerate(places)
        ]
        values = np.concatenate(drawn)
        if layer.bias is None and values[:, -1].any() and self.law != "torch-default":
            raise StabilityError(
                f"expected a layer with a bias for {self.law}; this one has none.",
                "Build it with bias=True, or take kaiming-normal.",
            )
        set_weights(layer, values)
        if not all(each.isfinite().all() for each in layer.parameters(recurse=False)):
            raise StabilityError(
                f"expected numbers that {layer.weight.dtype} holds; {self.law} on these data gives larger ones.",
                "Rescale the data, or use a wider dtype.",
            )

    def _places(self, layer: Any, found: list[Tensor]) -> list[InitialisationProblem]:
        number_of = groups(layer)
        size = units(layer) // number_of
        if "data" not in self.family.needs:
            plain = np.zeros((1, fan_in(layer)))
            return [InitialisationProblem(plain, np.zeros(1), size)] * number_of
        parts = [rows(layer, x) for x in found]
        if "two classes" in self.family.needs:
            return [self._labelled([part[g].numpy() for part in parts], found, size) for g in range(number_of)]
        return [_ball([part[g].numpy() for part in parts], size) for g in range(number_of)]

    def _labelled(self, parts: list[Floats], found: list[Tensor], size: int) -> InitialisationProblem:
        points, examples = np.concatenate(parts), sum(map(len, found))
        given = self.flow.labels() if self.labels is None else torch.as_tensor(self.labels)
        labels = np.asarray(given.cpu(), np.float64)
        if labels.shape != (examples,):
            raise DataError(
                f"expected labels= with one label for each of the {examples} examples that reach it; got the shape "
                f"{labels.shape}.",
                "Give labels of two classes, or take hypersphere.",
            )
        return InitialisationProblem(points, labels.repeat(len(points) // examples), size)


def _rescale(layer: Any, found: list[Tensor], scale: float) -> None:
    """Multiply weights and biases so that pre-activations deviate by `scale`; where all agree, leave them."""
    deviation = torch.cat([layer.forward(x).detach().cpu().double().flatten() for x in found]).std(correction=0).item()
    if deviation > 0:
        for each in layer.parameters(recurse=False):
            each.mul_(scale / deviation)


def _ball(parts: list[Floats], size: int) -> InitialisationProblem:
    """Return two points with the mean of all, at their largest distance from it: all that spheres depend on."""
    centre = sum(part.sum(axis=0) for part in parts) / sum(map(len, parts))
    radius = max(np.sqrt(np.square(part - centre).sum(axis=1)).max() for part in parts)
    step = np.zeros_like(centre)
    step[0] = radius
    return InitialisationProblem(np.stack([centre + step, centre - step]), np.zeros(2), size)


def _highest(layer: Any, x: Tensor, everywhere: bool) -> Tensor:
    """Return the largest pre-activation over units at every example, or at every place of every example."""
    z = layer.forward(x)
    axis = 1 if not isinstance(layer, nn.Linear) else -1
    highest: Tensor = z.amax(axis)
    return highest if everywhere else highest.reshape(len(z), -1).amax(1)
