"""Files in the format of safetensors, written from its description alone."""

import json
import struct

SIZES = {"F32": ("f", 4), "F64": ("d", 8), "I64": ("q", 8)}


def flat(value):
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


def shape_of(value):
    return [len(value), *shape_of(value[0])] if isinstance(value, list) else []


def safetensors_bytes(tensors, dtype="F32", metadata=None):
    """Return a file with tensors that are given as nested lists."""
    letter, size = SIZES[dtype]
    header, data = {} if metadata is None else {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        numbers = flat(value)
        header[name] = {
            "dtype": dtype,
            "shape": shape_of(value),
            "data_offsets": [len(data), len(data) + size * len(numbers)],
        }
        data += struct.pack(f"<{len(numbers)}{letter}", *numbers)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def write_safetensors(path, tensors, dtype="F32"):
    path.write_bytes(safetensors_bytes(tensors, dtype))
    return path
