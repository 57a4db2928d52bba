"""Initialisation of a layer or a network of torch in place."""

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from typing import Any, overload

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import Dataset

from stability.arrays import Floats
from stability.errors import DataError, StabilityError
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.sampling import initial
from stability.initialisation.table import INITIALISATIONS
from stability.training.initialise_model import initialise_model, restored_on_errors
from stability.training.introspection.batches import arguments, batches
from stability.training.introspection.preserve_state import left_as_found
from stability.training.start_losses import chooses_by_loss, start_by_loss
from stability.training.start_report import NetworkStart


@overload
def initialise_(  # type: ignore[overload-overlap]
    model: torch.nn.Linear,
    data: Any,
    spelling: str = ...,
    seed: int = ...,
    labels: Any = ...,
    loss: Callable[[Floats], Floats] | None = ...,
    inputs: Callable[[Any], Any] | None = ...,
) -> torch.nn.Linear: ...


@overload
def initialise_(model: torch.nn.Linear, spelling: str, *, data: Any, **options: Any) -> torch.nn.Linear: ...


@overload
def initialise_(model: torch.nn.Module, *given: Any, **options: Any) -> NetworkStart: ...


def initialise_(model: torch.nn.Module, *given: Any, **options: Any) -> torch.nn.Linear | NetworkStart:
    """Set the weights and biases of a linear layer, or of all layers of a network, in place.

    `initialise_(model, "hypersphere", data=x)`, or `initialise_(model, x, "hypersphere")`. In a network the linear
    layers and convolutions (1d, 2d, 3d, transposed, grouped) are set one after the other in the order in which it
    calls them, each by the data as they reach it through the layers that are set already. A convolution is a linear
    map of patches: spheres are around its patches, and `d` is the number of entries of a patch. Rejection draws a
    layer again until every example (entry of the first axis) has a pre-activation above 0, or above the margin, in
    some unit and place.

    Left as they are, with the reason in the report: layers whose weight is computed (weight norm), tied to another or
    frozen; those that no example reaches; and, where spheres place units, layers without bias and the last layer if no
    ReLU or similar module follows it. Rejection draws that last layer once.

    The numbers come from the seed alone, each layer has its own; torch's random state, normalisation statistics,
    gradients and modes are left alone. Data flow in the modes that are found, without dropout. They are drawn in
    float64 and then rounded to the layer's dtype, up to which guarantees hold; if rounding makes a point dead that an
    initialisation keeps alive, there is an error. After an error all weights are as they were.

    Parameters
    ----------
    model : Module
        A linear layer, or a network, of any dtype, on any device.
    data : tensor, array or nested list, shape (n, in_features); or a batch, a Dataset, or what else yields batches
        What the layer or network is fed, all of it. Batches are read as `layer_geometry` reads them: of (x, y) the
        first entry counts; a linear layer takes of a packed sequence all its steps.
    spelling : str
        A spelling of `INITIALISATIONS`, as "hypersphere" (unless given) or "normal:0.5"; `stability train
        --list-inits` prints them.
    seed : int
        From 0 to 2^63 - 1; 0 unless given.
    labels : tensor, array or list, shape (n,), optional
        For initialisations that place units around classes. Of a network those that stand in its batches, if left out.
    loss : callable, optional
        For loss sampling. Of a linear layer: from rows (w_1, ..., w_d, b) unit by unit, shape (R, parameters), to
        losses, shape (R,). Of a network: from what it returns for a batch and the labels of that to a mean over
        examples; whole networks are drawn, by `best-of:BASE:N`, or until the loss is below or above a threshold or a
        percentile.
    y : tensor, array, list or callable, optional
        The labels that `loss` gets of a network, in the order of the data, or what returns them of a batch. If left
        out, they stand in the batches: the second of two entries, or the only one named labels, label, targets,
        target or y that the network does not take. The report says which.
    inputs : callable, optional
        Gets a batch and returns what of it the layer or network is fed, as `lambda batch: batch["x"]`.
    tries : int
        For networks: the most draws of a layer that rejects, and of a network whose loss is to be below or above
        something; 1000 unless given.
    scale : float, optional
        For networks: multiply weights and biases of every layer that is set so that its pre-activations have this
        standard deviation over all examples, units and places. Where units are 0 stays as it was drawn.

    Returns
    -------
    Linear or NetworkStart
        The layer itself; of a network a report that prints: what was done to each layer, how often it was drawn, how
        many examples are dead in it, and the scale (standard deviation) of its pre-activations. With `y`, `tries` or
        `scale` a layer counts as a network.

    Raises
    ------
    StabilityError
        If there is no layer to set, a layer has no bias where one was drawn, or cannot hold the numbers well enough;
        if no draw does what is asked; if the data are empty, not finite or of another shape; or as `initial` does.

    Examples
    --------
    >>> import torch
    >>> from stability import initialise_
    >>> layer = initialise_(torch.nn.Linear(2, 8), [[0, 1], [1, 0], [1, 1]], "hypersphere", seed=3)
    >>> bool((layer(torch.eye(2)) > 0).any(1).all())
    True
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 4), torch.nn.ReLU())
    >>> report = initialise_(model, "hypersphere", data=torch.eye(2))
    >>> [(each.name, each.dead) for each in report.layers]
    [('0', 0), ('2', 0)]
    >>> batch = torch.eye(2), torch.tensor([0, 1])
    >>> report = initialise_(model, "loss-below:kaiming-normal:1.2", data=batch, loss=torch.nn.functional.cross_entropy)
    >>> report.loss < 1.2, report.labels
    (True, 'the second entry of each batch')
    """
    if given and isinstance(given[0], str) and ("data" in options or (len(given) > 1 and not _seedlike(given[1]))):
        given = (options.pop("data"), *given) if "data" in options else (given[1], given[0], *given[2:])
    if given and isinstance(given[0], str) and given[0].split(":")[0] in INITIALISATIONS:
        raise DataError(
            f"Expected data; got the initialisation {given[0]!r} alone.",
            f"Write initialise_(model, {given[0]!r}, data=x): layers are set by the data that reach them.",
        )
    of_network = {"y", "tries", "scale"} & {*options}
    if isinstance(model, torch.nn.Linear) and isinstance(model.weight, torch.nn.Parameter) and not of_network:
        return _initialise_layer(model, *given, **options)
    return _initialise_network(model, *given, **options)


def _seedlike(value: Any) -> bool:
    return isinstance(value, int | str)


def _initialise_network(
    model: torch.nn.Module,
    data: Any,
    spelling: str = "hypersphere",
    seed: int = 0,
    labels: Any = None,
    loss: Any = None,
    inputs: Callable[[Any], Any] | None = None,
    tries: int = 1000,
    y: Any = None,
    scale: float | None = None,
) -> NetworkStart:
    def draw(flow: Any, law: str, own: int) -> NetworkStart:
        return initialise_model(model, flow, law, own, labels, inputs, tries, scale)

    data = _numbers(data, model)
    if isinstance(tries, bool) or not isinstance(tries, int) or tries < 1:
        raise StabilityError(f"Expected tries= as a whole number of at least 1; got {tries!r}.", "Leave it at 1000.")
    if chooses_by_loss(spelling):
        with restored_on_errors(model):
            own = labels if y is None else y
            return start_by_loss(model, data, spelling, seed, loss, own, inputs, tries, draw)
    if loss is not None:
        raise StabilityError(
            f"Expected no loss= for {spelling} of a network.", "Leave it out, or take best-of:BASE:N or loss-below."
        )
    return draw(data, spelling, seed)


def _numbers(data: Any, model: torch.nn.Module) -> Any:
    """Return nested lists of numbers as one tensor of the network's dtype, and anything else as it is."""
    inner = data
    while isinstance(inner, list) and inner:
        inner = inner[0]
    if not isinstance(data, list) or not isinstance(inner, int | float):
        return data
    dtype = next((each.dtype for each in model.parameters()), torch.get_default_dtype())
    return torch.from_numpy(_array(data, "data")).to(dtype)


def _initialise_layer(
    layer: torch.nn.Linear,
    data: Any,
    spelling: str = "hypersphere",
    seed: int = 0,
    labels: Any = None,
    loss: Callable[[Floats], Floats] | None = None,
    inputs: Callable[[Any], Any] | None = None,
) -> torch.nn.Linear:
    _check_layer(layer)
    points = _array(_whole(data, layer, inputs), "data")
    if points.ndim != 2 or points.shape[1] != layer.in_features:
        raise DataError(
            f"Expected data of shape (n, {layer.in_features}) for this layer; got {points.shape}.",
            "Flatten each example into one row.",
        )
    given = np.zeros(len(points)) if labels is None else _array(labels, "labels")
    place = InitialisationProblem(points, given, layer.out_features, loss=loss)
    rows = place.first(initial(spelling, place, 1, seed, block=1))[0]
    weight = torch.from_numpy(rows[:, :-1]).to(layer.weight.dtype)
    bias = torch.from_numpy(rows[:, -1]).to(layer.weight.dtype)
    if not (weight.isfinite().all() and bias.isfinite().all()):
        raise StabilityError(
            f"Expected numbers that {layer.weight.dtype} holds; {spelling} on these data gives larger ones.",
            "Rescale the data, or use a wider dtype.",
        )
    rounded = torch.cat([weight, bias[:, None]], dim=1).double().numpy()
    if "no dead data" in INITIALISATIONS[spelling.split(":")[0]].guarantees:
        _check_alive(place, rounded, f"{spelling} in {layer.weight.dtype}")
    _set(layer, weight, bias, spelling)
    return layer


def _check_layer(layer: torch.nn.Linear) -> None:
    if not isinstance(layer, torch.nn.Linear) or torch.nn.parameter.is_lazy(layer.weight):
        raise StabilityError(
            f"Expected a torch.nn.Linear with its shape known; got {type(layer).__name__}.",
            "Give torch.nn.Linear(2, 8), or run a lazy layer once first.",
        )
    if not isinstance(layer.weight, torch.nn.Parameter):
        raise StabilityError(
            "Expected a layer whose weight is a parameter; this one computes it from others.",
            "Initialise it before you add weight_norm or another parametrization.",
        )
    if not layer.weight.is_floating_point():
        raise StabilityError(f"Expected a layer of floats; got {layer.weight.dtype}.", "Use float32 or float64.")


def _check_alive(place: InitialisationProblem, rows: Floats, what: str) -> None:
    lowest = place.lowest_activation(rows.reshape(1, -1))[0]
    if lowest <= 0:
        raise StabilityError(
            f"Expected a positive pre-activation at every point; {what} rounds one to {lowest:g}.",
            "Centre the data, use a wider dtype or a larger margin.",
        )


def _whole(data: Any, layer: torch.nn.Linear, inputs: Callable[[Any], Any] | None) -> Any:
    """Return data that come in batches as one tensor, with the random states of their loader left as they were."""
    if inputs is None and (isinstance(data, torch.Tensor | np.ndarray) or _is_numbers(data)):
        return data
    with left_as_found(layer, "found", data):
        parts = [_rows(*arguments(batch, layer, inputs)) for batch in batches(data)]
    if len({part.shape[1:] for part in parts}) != 1:
        shapes = ", ".join(str(tuple(part.shape)) for part in parts[:3]) or "none"
        raise DataError(f"Expected batches of shape (n, {layer.in_features}); got {shapes}.", "Give (x, y) or x.")
    return torch.cat(parts)


def _is_numbers(data: Any) -> bool:
    """Return whether this is a nested list of numbers, or nothing that a batch is."""
    if isinstance(data, np.ndarray):
        return data.ndim < 2
    if isinstance(data, list | tuple) and not hasattr(data, "_fields"):
        return not data or _is_numbers(data[0])
    return isinstance(data, str) or not (isinstance(data, Iterable | Dataset) or is_dataclass(data))


def _rows(args: tuple[Any, ...], named: dict[str, Any]) -> torch.Tensor:
    first = next(iter((*args, *named.values())), None)
    first = first.data if isinstance(first, PackedSequence) else first
    if not isinstance(first, torch.Tensor) or first.ndim < 2:
        raise DataError(f"Expected batches of tensors (n, inputs); got {type(first).__name__}.", "Give (x, y) or x.")
    return first.detach()


def _array(values: Any, what: str) -> Floats:
    try:
        tensor = torch.as_tensor(values).detach()
        if tensor.is_complex():
            raise TypeError("complex numbers")
        array: Floats = tensor.cpu().double().numpy()
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"Expected {what} as real numbers; got {error}.", "Give a tensor or an array.") from None
    return array


def _set(layer: torch.nn.Linear, weight: torch.Tensor, bias: torch.Tensor, spelling: str) -> None:
    biased = layer.bias is not None
    if not biased and spelling != "torch-default" and bias.any():
        raise StabilityError(
            f"Expected a layer with a bias for {spelling}; this one has none.",
            "Build it with bias=True, or use normal:STD or kaiming-normal.",
        )
    with torch.no_grad():
        layer.weight.copy_(weight)
        if biased:
            layer.bias.copy_(bias)
