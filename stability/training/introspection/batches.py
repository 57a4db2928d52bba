"""The batches of some data, and the arguments that a network gets from one of them."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import DataLoader, Dataset

from stability.errors import DataError, StabilityError

Tensor = torch.Tensor
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
LABELS = ("labels", "label", "targets", "target", "y")
"""Under which names labels stand in a batch with names."""
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@contextmanager
def taken_by_the_network() -> Iterator[None]:
    """Say so where a network does not take the data that follow.

    Raises
    ------
    DataError
        With the first line of what torch says.
    """
    try:
        yield
    except StabilityError:
        raise
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        first = f"there is no entry {first}" if isinstance(error, KeyError) else first
        raise DataError(
            f"Expected data that the network takes; it ends with: {first}.",
            "Give one batch as the network gets it in training, or what yields such batches.",
        ) from error


def batches(data: Any, batch_size: int = 256) -> Iterator[Any]:
    """Yield the batches of some data.

    Parameters
    ----------
    data : any
        A batch: a tensor, an array, a mapping, a packed sequence, a dataclass, or a tuple whose first entry goes into
        the network. A list of batches, where all its tensors agree in all axes but the first; a list of examples
        (x, y), as a loader takes it; a list of anything else is one batch, like a tuple. A Dataset, a loader, or
        anything else that yields batches.
    batch_size : int
        Of a Dataset, and of a list of examples.

    Raises
    ------
    DataError
        If it is none of these.
    """
    if isinstance(data, DataLoader):
        yield from data
    elif isinstance(data, list):
        yield from _of_list(data, batch_size)
    elif isinstance(data, Tensor | np.ndarray | Mapping | tuple) or is_dataclass(data):
        yield data
    elif isinstance(data, Dataset):
        yield from DataLoader(data, batch_size)
    elif isinstance(data, Iterable) and not isinstance(data, str | bytes):
        yield from data
    else:
        raise DataError(
            f"Expected a batch (a tensor, an array, a tuple, a dict), a Dataset, or something that yields batches; got "
            f"{type(data).__name__}.",
            "Give torch.as_tensor(array), or a DataLoader.",
        )


def _of_list(data: list[Any], batch_size: int) -> Iterator[Any]:
    if not data:
        return
    if all(_is_example(each) for each in data):
        yield from DataLoader(data, batch_size)  # type: ignore[arg-type]
    elif _are_batches(data):
        yield from data
    else:
        yield data


def _is_example(entry: Any) -> bool:
    """Return whether this is one example with its label, rather than a batch with its labels."""
    if not isinstance(entry, tuple | list) or isinstance(entry, PackedSequence) or len(entry) < 2:
        return False
    first, second = entry[0], entry[1]
    if not isinstance(first, Tensor | np.ndarray):
        return False
    if not isinstance(second, Tensor | np.ndarray | Sequence) or isinstance(second, str):
        return True
    size = second.shape[:1] if isinstance(second, Tensor | np.ndarray) else (len(second),)
    return first.ndim < 2 or len(size) == 0 or size[0] != first.shape[0]


def _are_batches(data: list[Any]) -> bool:
    if all(isinstance(each, tuple | list | Mapping) for each in data) or any(is_dataclass(each) for each in data):
        return bool(data)
    tensors = [each for each in data if isinstance(each, Tensor | np.ndarray)]
    alike = {(each.shape[1:], each.dtype) for each in tensors}
    return len(tensors) == len(data) and len(alike) == 1 and all(each.ndim > 1 for each in tensors)


def arguments(batch: Any, model: nn.Module, inputs: Callable[[Any], Any] | None = None) -> Arguments:
    """Return the arguments of a network for a batch, positional and by name, on its device.

    Parameters
    ----------
    batch : any
        As `batches` yields it. What has names (a mapping, a named tuple, a dataclass) is given by name where the
        network takes arguments of these names, and whole where it takes none of them; of a named tuple without such
        names, as of any other tuple or list, the first entry is given.
    model : Module
    inputs : callable, optional
        Gets the batch and returns a tuple of arguments, a mapping of arguments by name, or the only argument.
    """
    args, named = _arguments(batch, model) if inputs is None else _chosen(inputs(batch))
    return _placed(tuple(args), model), _placed(named, model)


def _chosen(found: Any) -> Arguments:
    """Return what a person chose of a batch as arguments."""
    if type(found) is dict:
        return (), dict(found)
    return (found if isinstance(found, tuple) and not hasattr(found, "_fields") else (found,)), {}


def labels_of(
    batch: Any, model: nn.Module, inputs: Callable[[Any], Any] | None = None, chosen: Callable[[Any], Any] | None = None
) -> tuple[Any, str]:
    """Return the labels of a batch on the device of the network, and where they stand, in words.

    Of a batch of two entries without names the second; of one with names the only one that is called as in `LABELS`
    and that the network does not take itself, or "labels", which networks with a loss of their own take too.

    Parameters
    ----------
    batch : any
        As `batches` yields it.
    model : Module
    inputs : callable, optional
        As `arguments` takes it.
    chosen : callable, optional
        Gets the batch and returns its labels.

    Raises
    ------
    DataError
        If it is not clear what the labels are.

    Examples
    --------
    >>> x, y = torch.zeros(3, 2), torch.tensor([0, 1, 1])
    >>> labels_of((x, y), nn.Linear(2, 2))
    (tensor([0, 1, 1]), 'the second entry of each batch')
    >>> labels_of({"input": x, "target": y, "weight": x}, nn.Linear(2, 2))[1]
    "the entry 'target' of each batch"
    """
    if chosen is not None:
        return _placed(_as_tensor(chosen(batch)), model), "what y= returns of each batch"
    args, named = _arguments(batch, model) if inputs is None else _chosen(inputs(batch))
    taken = [*args, *named.values()]
    names = {} if isinstance(batch, PackedSequence) else _names(batch)
    found = [key for key in LABELS if key in names and (key == "labels" or not _holds(taken, names[key]))]
    if len(found) == 1:
        return _placed(_as_tensor(names[found[0]]), model), f"the entry {found[0]!r} of each batch"
    plain = isinstance(batch, tuple | list) and not names and not isinstance(batch, PackedSequence)
    if plain and len(batch) == 2 and not _holds(taken, batch[1]):
        return _placed(_as_tensor(batch[1]), model), "the second entry of each batch"
    if names:
        what = f"one with the names {', '.join(names)}"
    else:
        what = f"a {type(batch).__name__} of {len(batch)} entries" if plain else f"a {type(batch).__name__}"
    raise DataError(
        f"Expected batches with labels, as (x, y) or with a name as {', '.join(LABELS)}; got {what}.",
        "Give y=labels, in the order of the data, or a function: y=lambda batch: batch[2].",
    )


def _holds(values: list[Any], wanted: Any) -> bool:
    return any(each is wanted for each in values)


def _as_tensor(value: Any) -> Any:
    """Return numbers as a tensor, and anything else as it is."""
    if isinstance(value, Tensor | np.ndarray | Mapping):
        return value
    try:
        return torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        return value


def _arguments(batch: Any, model: nn.Module) -> Arguments:
    if isinstance(batch, PackedSequence):
        return _whole(batch, model)
    names = _names(batch)
    if names:
        taken, everything = _taken(model)
        found = {name: value for name, value in names.items() if everything or name in taken}
        if found:
            return (), found
    if isinstance(batch, list | tuple) and batch:
        return _arguments(batch[0], model) if not isinstance(batch[0], list | tuple) else _first(batch[0], model)
    return _whole(batch, model)


def _first(entry: Any, model: nn.Module) -> Arguments:
    """Return the arguments for a first entry that is itself a list, tuple or packed sequence: whole, unless named."""
    return _arguments(entry, model) if hasattr(entry, "_fields") else _whole(entry, model)


def _names(batch: Any) -> dict[str, Any]:
    if isinstance(batch, Mapping):
        return {str(key): value for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_asdict"):
        return dict(batch._asdict())
    if is_dataclass(batch) and not isinstance(batch, type):
        return {field.name: getattr(batch, field.name) for field in fields(batch)}
    return {}


def _taken(model: nn.Module) -> tuple[list[str], bool]:
    """Return the names of the arguments of a network, and whether it takes any name."""
    parameters = inspect.signature(model.forward).parameters.values()
    everything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    return [each.name for each in parameters if each.kind in NAMED], everything


def _whole(batch: Any, model: nn.Module) -> Arguments:
    """Return a batch as the first argument, by name where the network takes none by its place."""
    parameters = [*inspect.signature(model.forward).parameters.values()]
    if parameters and not any(
        each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.VAR_POSITIONAL) for each in parameters
    ):
        name = next((each.name for each in parameters if each.kind is each.KEYWORD_ONLY), None)
        if name is not None:
            return (), {name: batch}
    return (batch,), {}


def _placed(value: Any, model: nn.Module) -> Any:
    """Return a value with its tensors on the device of the network; arrays become tensors."""
    first = next(model.parameters(), None)

    def place(each: Any) -> Any:
        if isinstance(each, np.ndarray) and each.dtype.kind in "fiub":
            made = torch.as_tensor(each)
            wide = made.dtype == torch.float64 and first is not None and first.is_floating_point()
            each = made.to(first.dtype) if wide and first is not None else made
        if isinstance(each, Tensor | PackedSequence) and first is not None and first.device.type != "meta":
            moved: Tensor | PackedSequence = each.to(first.device)  # type: ignore[arg-type]
            return moved
        if type(each) is tuple or type(each) is list:
            return type(each)(map(place, each))
        return {key: place(part) for key, part in each.items()} if type(each) is dict else each

    return place(value)
