"""Reading of checkpoints: safetensors files, and files of torch.save, of which nothing is executed."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import torch

from stability.errors import DataError, FileError
from stability.io.files import require_file
from stability.training.introspection.activations import without_entries

Tensor = torch.Tensor
State = dict[str, Tensor]

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
"""The types of numbers of safetensors that are read."""

LONGEST_HEADER = 100_000_000
"""Bytes, as the format allows."""

MOST_AXES, LARGEST = 64, 2**56
"""The most axes of a tensor, and the largest number of its entries or bytes, that are taken seriously."""

DEEPEST = 20
"""How deep a state dict may stand in a checkpoint."""

MODEL_KEYS = ("state_dict", "model_state_dict", "model", "net", "weights", "module")
OPTIMIZER_KEYS = ("optimizer_state_dict", "optimizer", "optim", "optimizer_states")
"""Under which a checkpoint keeps the state of a network, and of an optimiser."""

NUMPY = b"\x93NUMPY"
"""How a .npy file begins."""

RETRY = "Save it with torch.save(model.state_dict(), file), or as safetensors."


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file holds.

    Attributes
    ----------
    state : dict of str to tensor
        In the order of the file, or of its names where the file has none.
    optimizer : dict or None
        The state of the optimiser, as `Optimizer.state_dict` has it.
    ordered : bool
        Whether the order is that in which the network was made.
    """

    state: State
    optimizer: dict[str, Any] | None = None
    ordered: bool = True


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    FileError
        If there is no such file, it is cut off, or it is no checkpoint.
    DataError
        If it holds no tensors.
    """
    require_file(path, "a checkpoint", "a .safetensors, .pt or .pth file")
    if path.suffix == ".safetensors":
        return Checkpoint(read_safetensors(path), ordered=False)
    held = read_torch(path)
    state, optimizer = _model_in(held), _optimizer_in(held)
    if state is None:
        raise DataError(f"Expected a state dict of tensors in {path}; got {_kind(held)}.", RETRY)
    for name, value in state.items():
        if reason := without_entries(value):
            raise DataError(f"Expected plain tensors in {path}; {name!r:.60} cannot be read: {reason}.", RETRY)
    return Checkpoint(state, optimizer)


def read_optimizer(path: Path) -> dict[str, Any]:
    """Read the state of an optimiser.

    Raises
    ------
    FileError
        If it cannot be read.
    DataError
        If it holds none.
    """
    require_file(path, "the state of an optimiser", "a .pt or .pth file")
    found = _optimizer_in(read_torch(path))
    if found is None:
        raise DataError(
            f"Expected the state of an optimiser in {path}; got none.",
            "Save it with torch.save(optimizer.state_dict(), file).",
        )
    return found


def read_torch(path: Path) -> Any:
    """Return what torch.save wrote, if it is of plain values and tensors; code in it is refused, not executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as problem:
        if "GLOBAL" in str(problem) or "unrecognized" in str(problem):
            raise FileError(
                f"Expected tensors and plain values in {path}; it holds other objects, and nothing of it was executed.",
                RETRY,
            ) from None
        raise _no_checkpoint(path, "; nothing of it was executed") from None
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, AttributeError, IndexError, TypeError):
        raise _no_checkpoint(path) from None


def _no_checkpoint(path: Path, more: str = "") -> FileError:
    """Return an error on a file that torch cannot load."""
    try:
        with path.open("rb") as file:
            first = file.read(len(NUMPY))
    except OSError as problem:
        return FileError(
            f"Expected a checkpoint of torch; got {path}: {problem.strerror}.", "Name a file you may read."
        )
    if first == NUMPY:
        return FileError(f"Expected a checkpoint of torch; got {path}, an array of numpy.", "Name inputs by --data.")
    found = "is cut off or of another format" if first else "is empty"
    return FileError(f"Expected a checkpoint of torch; got {path}, which {found}{more}.", RETRY)


def read_safetensors(path: Path) -> State:
    """Read the tensors of a safetensors file, in the order of their names with numbers in their order.

    Raises
    ------
    FileError
        If the file is cut off, or is not of this format.
    """
    with path.open("rb") as file:
        first = file.read(8)
        length, whole = int.from_bytes(first, "little"), path.stat().st_size - 8
        if len(first) < 8 or length > min(LONGEST_HEADER, whole):
            raise _cut_off(path)
        try:
            header = json.loads(file.read(length).decode(), object_pairs_hook=_once)
        except (ValueError, RecursionError):
            raise FileError(f"Expected a safetensors file; the header of {path} is no JSON.", RETRY) from None
        if not isinstance(header, dict):
            raise FileError(f"Expected a safetensors file; the header of {path} is no object.", RETRY)
        names = sorted((name for name in header if name != "__metadata__"), key=natural)
        places = {name: _place(path, name, header[name]) for name in names}
        _require_whole(path, places, whole - length)
        data = memoryview(file.read(whole - length))
    return {name: _tensor(path, name, place, data) for name, place in places.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


class _Place(NamedTuple):
    """Where a tensor stands in the data of a safetensors file."""

    begin: int
    end: int
    shape: list[int]
    dtype: torch.dtype


def _place(path: Path, name: str, entry: Any) -> _Place:
    """Return where one tensor of a safetensors file stands."""
    wrong = FileError(f"Expected type, shape and place of the tensor {name!r:.60} in {path}; got others.", RETRY)
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= {*entry}:
        raise wrong
    shape, place = entry["shape"], entry["data_offsets"]
    numbers = [*shape, *place] if isinstance(shape, list) and isinstance(place, list) and len(place) == 2 else [None]
    if len(numbers) > MOST_AXES + 2 or not all(type(x) is int and 0 <= x <= LARGEST for x in numbers):
        raise wrong
    dtype = DTYPES.get(str(entry["dtype"]))
    if dtype is None:
        raise FileError(
            f"Expected one of the types {', '.join(DTYPES)}; {name!r:.60} in {path} has {entry['dtype']!s:.20}.",
            "Save it as float32 or bfloat16.",
        )
    begin, end = place
    if end - begin != prod(shape) * dtype.itemsize or prod(max(x, 1) for x in shape) > LARGEST:
        raise wrong
    return _Place(begin, end, shape, dtype)


def _require_whole(path: Path, places: Mapping[str, _Place], size: int) -> None:
    """Refuse a file whose tensors do not stand one behind the other, from the first to the last byte."""
    last = 0
    for place in sorted(place[:2] for place in places.values()):
        if place[0] != last:
            raise FileError(
                f"Expected tensors one behind the other in {path}; got gaps, or tensors that share bytes.",
                "Save it with the library safetensors.",
            )
        last = place[1]
    if last != size:
        raise _cut_off(path)


def _tensor(path: Path, name: str, place: _Place, data: memoryview) -> Tensor:
    """Return one tensor of a safetensors file."""
    if place.end > len(data):
        raise _cut_off(path)
    if place.begin == place.end:
        return torch.empty(place.shape, dtype=place.dtype)
    return torch.frombuffer(bytearray(data[place.begin : place.end]), dtype=place.dtype).reshape(place.shape)


def _cut_off(path: Path) -> FileError:
    return FileError(
        f"Expected a whole safetensors file; {path} is cut off, or of another format.", "Fetch or save it again."
    )


def natural(name: str) -> list[Any]:
    """Return what names are sorted by so that 2 stands before 10.

    Examples
    --------
    >>> sorted(["10.weight", "2.weight"], key=natural)
    ['2.weight', '10.weight']
    """
    parts: list[Any] = []
    word = ""
    for c in [*name, ""]:
        if word and (not c or c.isdecimal() != word[-1].isdecimal()):
            digits = word.lstrip("0")
            parts.append((0, len(digits), digits) if word.isdecimal() else (1, 0, word))
            word = ""
        word += c
    return parts


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(each, Tensor) for each in value.values())


def _model_in(held: Any, depth: int = DEEPEST) -> State | None:
    if _is_state(held):
        return {str(key): value for key, value in held.items()}
    inner = [held[key] for key in MODEL_KEYS if key in held] if isinstance(held, Mapping) and depth else []
    return next((found for each in inner if (found := _model_in(each, depth - 1)) is not None), None)


def _optimizer_in(held: Any, depth: int = DEEPEST) -> dict[str, Any] | None:
    if not isinstance(held, Mapping) or not depth:
        return None
    if {"state", "param_groups"} <= {*held}:
        return dict(held)
    inner = [held[key] for key in OPTIMIZER_KEYS if key in held]
    inner = [part for each in inner for part in (each if isinstance(each, list) else [each])]
    return next((found for each in inner if (found := _optimizer_in(each, depth - 1)) is not None), None)


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"the keys {', '.join(map(str, [*value][:6]))}" if value else "an empty dict"
    return f"the type {type(value).__name__}"
