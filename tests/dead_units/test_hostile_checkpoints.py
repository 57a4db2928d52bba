"""Files that nobody should trust get one clear sentence: no crash, no memory that they ask for, nothing executed."""

import json
import struct

import pytest
import torch

from stability.dead_units.checkpoints import natural, read_checkpoint
from stability.dead_units.scan import scan_checkpoint
from stability.errors import StabilityError

PLACES = {"0.weight": ([2, 2], 0, 16), "0.bias": ([2], 16, 24), "2.weight": ([1, 2], 24, 32), "2.bias": ([1], 32, 36)}
NUMBERS = struct.pack("<9f", 1, 1, -1, -1, -9, -9, 1, 1, 0)


def header(**changed):
    entries = {name: (shape, begin, end) for name, (shape, begin, end) in {**PLACES, **changed}.items()}
    return {k: {"dtype": "F32", "shape": s, "data_offsets": [a, b]} for k, (s, a, b) in entries.items()}


def written(path, head, data=NUMBERS):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def scanned(path):
    return scan_checkpoint(path, None, ((0.0, 1.0),), "adam", {"lr": 1e-3})


def test_the_whole_file_is_read(tmp_path):
    assert {each.status for each in scanned(written(tmp_path / "a.safetensors", header())).units} == {"dead for ever"}


FILES = {
    "tensors share bytes": (header(**{"2.weight": ([1, 2], 0, 8)}), NUMBERS, "share bytes"),
    "a gap": (header(**{"2.bias": ([1], 36, 40)}), NUMBERS + b"1234", "gaps"),
    "bytes behind": (header(), NUMBERS + b"1234", "cut off"),
    "cut off": (header(), NUMBERS[:-4], "cut off"),
    "sizes that overflow": ({"0.weight": {"dtype": "F32", "shape": [2**60, 0], "data_offsets": [0, 0]}}, b"", "place"),
    "too many axes": (
        {"0.weight": {"dtype": "F32", "shape": [1] * 5000, "data_offsets": [0, 4]}},
        NUMBERS[:4],
        "type, shape",
    ),
    "no units": ({"0.weight": {"dtype": "F32", "shape": [0, 2], "data_offsets": [0, 0]}}, b"", "no entries"),
    "not UTF-8": (json.dumps(header()).encode("utf-16"), NUMBERS, "no JSON"),
}


@pytest.mark.parametrize(("head", "data", "wanted"), FILES.values(), ids=FILES)
def test_odd_safetensors_are_refused_in_a_sentence(tmp_path, head, data, wanted):
    with pytest.raises(StabilityError, match=wanted) as caught:
        scanned(written(tmp_path / "odd.safetensors", head, data))
    assert len(str(caught.value)) < 600


def test_a_file_that_claims_to_be_huge_is_not_read(tmp_path):
    path = written(tmp_path / "huge.safetensors", header())
    with path.open("r+b") as file:
        file.truncate(2**40)  # a hole, which takes no room
    with pytest.raises(StabilityError, match="cut off"):
        scanned(path)


def test_names_with_very_many_digits_have_an_order():
    assert natural("9" * 5000) > natural("10")
    assert natural("010.weight") == natural("10.weight")


def saved(path, value):
    torch.save(value, path)
    return path


def cyclic(key):
    held = {"0.weight": torch.ones(1, 1)} if key == "optimizer" else {}
    held[key] = held
    return held


ODD = {
    "a cycle": lambda: cyclic("state_dict"),
    "a cycle of optimisers": lambda: cyclic("optimizer"),
    "sparse": lambda: {"0.weight": torch.eye(2).to_sparse()},
    "without entries": lambda: {"0.weight": torch.ones(2, 2, device="meta")},
    "ragged": lambda: {"0.weight": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])},
    "a bias of another size": lambda: {
        "0.weight": torch.ones(2, 2),
        "0.bias": torch.ones(3),
        "2.weight": torch.ones(1, 2),
    },
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_odd_files_of_torch_are_refused_in_a_sentence(tmp_path, make):
    with pytest.raises(StabilityError, match="Expected"):
        scanned(saved(tmp_path / "odd.pt", make()))


@pytest.mark.filterwarnings("error")
def test_torch_says_nothing_beside(tmp_path):
    path = tmp_path / "four.pt"
    path.write_bytes(b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00.")
    with pytest.raises(StabilityError, match="nothing of it was executed"):
        read_checkpoint(path)


GROUP = {"params": [0, 1], "lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}


@pytest.mark.parametrize("steps", [float("nan"), 1e30, -3.0])
def test_optimisers_with_impossible_numbers_of_steps_certify_nothing(tmp_path, steps):
    state = {"0.weight": -torch.ones(2, 2), "2.weight": torch.ones(1, 2)}
    memory = {
        k: {"step": torch.tensor(steps), "exp_avg": torch.zeros_like(w), "exp_avg_sq": torch.ones_like(w)}
        for k, w in enumerate(state.values())
    }
    optimizer = {"state": memory, "param_groups": [GROUP]}
    found = scanned(saved(tmp_path / "odd.pt", {"state_dict": state, "optimizer": optimizer}))
    assert {each.status for each in found.units} == {"unknown"}
