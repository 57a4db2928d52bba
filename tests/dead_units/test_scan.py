"""Checkpoints are read without executing anything, and their layers found by names and shapes."""

import json
import os
import pickle
import struct

import numpy as np
import pytest
import torch
from safetensors_files import safetensors_bytes, write_safetensors
from torch import nn
from typer.testing import CliRunner

from stability import recovery
from stability.checker import checker
from stability.cli.main import app
from stability.dead_units import checkpoints
from stability.dead_units.certify import FOR_EVER, UNKNOWN
from stability.dead_units.scan import read_inputs, scan_checkpoint
from stability.errors import DataError, FileError, NumberError, StabilityError, UnknownNameError

PLAIN = {"0.weight": [[1, -1], [1, 1]], "0.bias": [-3, 0], "2.weight": [[-1, -1]], "2.bias": [-1], "4.weight": [[1]]}


@pytest.fixture
def data(tmp_path):
    np.save(tmp_path / "X.npy", np.random.default_rng(0).random((20, 2)).astype(np.float32))
    return tmp_path / "X.npy"


def scanned(path, data=None, box=(), optimizer="sgd", lr=0.1, **more):
    settings = {} if lr is None else {"lr": lr}
    return scan_checkpoint(path, data, box, optimizer, settings | more.pop("settings", {}), **more)


def statuses(found):
    return [(each.layer, each.status) for each in found.units]


def test_a_safetensors_file_is_scanned(tmp_path, data):
    found = scanned(write_safetensors(tmp_path / "m.safetensors", PLAIN), data)
    assert statuses(found) == [("0", FOR_EVER), ("0", "alive"), ("2", FOR_EVER)]
    assert all(checker.check(record) for record in found.records)


def test_a_scan_agrees_with_recovery_on_the_network_and_its_optimiser(tmp_path, data):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 1))
    x = torch.from_numpy(np.load(data))
    with torch.no_grad():
        model[0].bias[:2], model[2].weight[0], model[2].bias[0] = -9.0, -1.0, -1.0
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
    torch.save({"state_dict": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "both.pt")
    torch.save(model.state_dict(), tmp_path / "model.pth")
    torch.save(optimizer.state_dict(), tmp_path / "state.pt")
    own = recovery(model, x, optimizer)
    for found in (
        scanned(tmp_path / "both.pt", data, optimizer=None, lr=None),
        scanned(tmp_path / "model.pth", data, optimizer=None, lr=None, state=tmp_path / "state.pt"),
    ):
        assert statuses(found) == statuses(own)
        assert [each.steps for each in found.units] == [each.steps for each in own.units]
        assert found.records[0]["statement"]["rule"] == own.records[0]["statement"]["rule"]


def test_names_with_numbers_stand_in_their_order(tmp_path):
    layers = {f"{k}.weight": [[1.0 * k]] for k in (10, 0, 2)}
    held = checkpoints.read_checkpoint(write_safetensors(tmp_path / "m.safetensors", layers))
    assert [*held.state] == ["0.weight", "2.weight", "10.weight"]


def test_the_reader_agrees_with_the_library(tmp_path):
    library = pytest.importorskip("safetensors.torch")
    state = {"a": torch.randn(3, 4), "b.c": torch.randn(2).bfloat16(), "n": torch.tensor(3), "e": torch.empty(0, 2)}
    library.save_file(state, tmp_path / "m.safetensors", metadata={"format": "pt"})
    found = checkpoints.read_safetensors(tmp_path / "m.safetensors")
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) and found[name].dtype == state[name].dtype for name in state)
    library.load_file(write_safetensors(tmp_path / "own.safetensors", PLAIN))


def header(**entry):
    text = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], **entry}}).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * 4


BROKEN = {
    "empty": b"",
    "a length beyond the file": struct.pack("<Q", 10**15),
    "a header cut off": safetensors_bytes(PLAIN)[:40],
    "data cut off": safetensors_bytes(PLAIN)[:-4],
    "no JSON": struct.pack("<Q", 4) + b"{{{{",
    "a list": struct.pack("<Q", 2) + b"[]",
    "a key twice": struct.pack("<Q", 14) + b'{"w":1,"w": 2}',
    "a wrong size": header(shape=[2]),
    "a negative place": header(data_offsets=[-4, 0]),
    "a huge shape": header(shape=[2**70]),
    "no shape": header(shape=None),
    "an unknown type": header(dtype="F4"),
    "nesting": struct.pack("<Q", 20000) + b"[" * 20000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_safetensors_file_is_one_sentence(content, tmp_path):
    (tmp_path / "m.safetensors").write_bytes(content)
    with pytest.raises(FileError, match=r"Expected") as caught:
        scanned(tmp_path / "m.safetensors", box=((0, 1),))
    assert len(str(caught.value).splitlines()) == 2


class Malicious:
    def __reduce__(self):
        return os.system, ("touch executed",)


def test_nothing_of_a_pickle_is_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.pt").write_bytes(pickle.dumps({"0.weight": Malicious()}))
    torch.save({"0.weight": torch.ones(1, 1), "more": Malicious()}, tmp_path / "zip.pt")
    torch.save(nn.Linear(1, 1), tmp_path / "module.pt")
    for name in ("raw.pt", "zip.pt", "module.pt"):
        with pytest.raises(FileError, match="nothing of it was executed"):
            scanned(tmp_path / name, box=((0, 1),))
    assert not (tmp_path / "executed").exists()
    np.save("objects.npy", np.array([Malicious()], dtype=object), allow_pickle=True)
    with pytest.raises(FileError, match=r"no whole \.npy file"):
        read_inputs(tmp_path / "objects.npy")
    assert not (tmp_path / "executed").exists()


def test_other_files_are_refused(tmp_path, data):
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "m.pt")
    whole = (tmp_path / "m.pt").read_bytes()
    for content in (b"", b"no checkpoint", whole[: len(whole) // 2]):
        (tmp_path / "cut.pt").write_bytes(content)
        with pytest.raises(FileError, match=r"cut off or of another format|is empty"):
            scanned(tmp_path / "cut.pt", data)
    torch.save({"epoch": 3}, tmp_path / "none.pt")
    with pytest.raises(DataError, match="the keys epoch"):
        scanned(tmp_path / "none.pt", data)
    with pytest.raises(FileError, match="there is no file"):
        scanned(tmp_path / "nowhere.pt", data)


def test_what_is_no_file_is_refused_before_it_is_read(tmp_path, data):
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "m.pt")
    (tmp_path / "model.safetensors").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for place, found in (("model.safetensors", "got the folder"), ("pipe", "a pipe or a device"), ("", "the folder")):
        for wrong in ({"path": tmp_path / place}, {"data": tmp_path / place}, {"state": tmp_path / place}):
            given = {"path": tmp_path / "m.pt", "data": data, **wrong}
            with pytest.raises(FileError, match=found) as caught:
                scanned(**given)
            assert caught.value.remedy.startswith("Name a ")


def test_what_is_no_checkpoint_is_named(tmp_path, data):
    np.save(tmp_path / "x.npy", np.ones((2, 2)))
    (tmp_path / "empty.pt").touch()
    (tmp_path / "words.pt").write_text("no checkpoint", encoding="utf-8")
    for name, found in (("x.npy", "an array of numpy"), ("empty.pt", "is empty"), ("words.pt", "of another format")):
        with pytest.raises(FileError, match=f"got .*{name}.*{found}"):
            scanned(tmp_path / name, data)


@pytest.mark.parametrize(
    ("state", "kind", "text"),
    [
        ({**PLAIN, "alpha": [1]}, DataError, "the key 'alpha'"),
        ({"0.weight": [[1, 1]], "2.weight": [[1, 1]]}, DataError, "0 has 1 units and 2 takes 2"),
        ({"0.weight": [[1, 1, 1]]}, DataError, "with 3 features"),
        ({"c.weight": [[[[1]]]]}, DataError, "two axes"),
        ({"b": [1]}, DataError, "the key 'b'"),
        ({"": [[1, 1]], ".weight": [[1, 1]]}, DataError, "the key ''"),
        ({"0.weight": [[1, 1]], ".weight": [[1]]}, DataError, "the key '.weight'"),
    ],
)
def test_checkpoints_of_other_networks_are_refused(state, kind, text, tmp_path, data):
    with pytest.raises(kind, match=text):
        scanned(write_safetensors(tmp_path / "m.safetensors", state), data)


@pytest.mark.parametrize("shared", ["weight", "bias"])
def test_what_two_layers_share_is_moved_by_the_one_that_is_alive(shared, tmp_path, data):
    """The first unit is off at all data; what it shares with a unit that is on gets a gradient there."""
    state = {"0.weight": torch.eye(2), "0.bias": torch.tensor([-5.0, 1.0])}
    state |= {"2.weight": 2 * torch.eye(2), "2.bias": torch.ones(2), "4.weight": torch.ones(1, 2)}
    torch.save(state, tmp_path / "own.pt")
    assert ("0", FOR_EVER) in statuses(scanned(tmp_path / "own.pt", data))
    state[f"2.{shared}"] = state[f"0.{shared}"]
    torch.save(state, tmp_path / "tied.pt")
    found = scanned(tmp_path / "tied.pt", data)
    assert {*statuses(found)} == {("0", UNKNOWN), ("2", UNKNOWN)}
    assert not found.records
    assert "shares its memory" in str(found)


def test_layers_are_chosen_by_name(tmp_path, data):
    path = write_safetensors(tmp_path / "m.safetensors", {**PLAIN, "alpha": [1]})
    assert statuses(scanned(path, data, layers=["0"])) == [("0", FOR_EVER), ("0", "alive")]
    with pytest.raises(UnknownNameError, match="got '1'"):
        scanned(path, data, layers=["1"])


def test_data_that_make_no_sense_are_refused(tmp_path):
    path = write_safetensors(tmp_path / "m.safetensors", PLAIN)
    for values, text in (
        ([[1, float("nan")]], "row 1 .* NaN"),
        ([["a"]], "numbers"),
        (np.empty((0, 2)), "one example"),
    ):
        np.save(tmp_path / "bad.npy", np.array(values))
        with pytest.raises((DataError, FileError), match=text):
            scanned(path, tmp_path / "bad.npy")
    with pytest.raises(FileError, match="no file"):
        scanned(path, tmp_path / "none.npy")
    for head in (b"{'descr': '<f4', 'shape': (99", b"{'descr': 3, 'fortran_order': False, 'shape': (1, 2)}"):
        (tmp_path / "head.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
        with pytest.raises(FileError, match=r"no whole .npy file"):
            scanned(path, tmp_path / "head.npy")


@pytest.mark.parametrize("kind", [">f4", "<f4", "f2", ">f8", "g", ">i2", "u8", "?"])
def test_inputs_of_every_kind_of_number_are_read(kind, tmp_path):
    table = np.asfortranarray([[0, 1, 1], [1, 0, 1]]).astype(kind)
    np.save(tmp_path / "X.npy", table)
    found = read_inputs(tmp_path / "X.npy")
    assert found.is_floating_point()
    assert found.tolist() == [[0, 1, 1], [1, 0, 1]]


def test_an_optimiser_must_be_given_and_fit(tmp_path, data):
    path = write_safetensors(tmp_path / "m.safetensors", PLAIN)
    for optimizer, lr, got in ((None, None, "neither"), ("sgd", None, "sgd without --lr"), (None, 0.1, "--lr alone")):
        with pytest.raises(NumberError, match=f"got {got}"):
            scanned(path, data, optimizer=optimizer, lr=lr)
    with pytest.raises(NumberError, match="momentum"):
        scanned(path, data, optimizer="momentum", settings={"momentum": 1.5})
    other = nn.Linear(3, 3)
    torch.save(torch.optim.Adam(other.parameters()).state_dict(), tmp_path / "other.pt")
    with pytest.raises(DataError, match="of these parameters"):
        scanned(path, data, state=tmp_path / "other.pt", optimizer=None, lr=None)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_behind_a_layer_that_is_not_finite_nothing_is_said(value, tmp_path, data):
    """Its outputs are nan, which no bound holds and which give a dead unit behind it a gradient."""
    state = {**PLAIN, "0.bias": [value, 0]}
    found = scanned(write_safetensors(tmp_path / "m.safetensors", state), data)
    assert {each.status for each in found.units} == {UNKNOWN}
    assert "a layer before it is not finite" in found.units[-1].reason
    assert not found.records


@pytest.mark.parametrize(
    "state", [{"weight": [[1, 1]]}, {"0.weight": [[1, 1]], "0.bias": [0]}, {"0.weight": [1, 1], "0.bias": [0, 0]}]
)
def test_a_checkpoint_in_which_no_relu_is_found_is_refused(state, tmp_path):
    path = write_safetensors(tmp_path / "m.safetensors", state)
    with pytest.raises(DataError, match="a layer with a ReLU after it"):
        scanned(path, box=((0, 1),))


def normed(tmp_path, names):
    first, norm, last = names
    state = {f"{first}.weight": [[1, 1], [1, 1]], f"{first}.bias": [0, -9], f"{norm}.weight": [1, 1]}
    state |= {f"{norm}.bias": [-9, 0], f"{norm}.running_mean": [0, 0], f"{norm}.running_var": [1, 1]}
    return write_safetensors(tmp_path / "m.safetensors", {**state, f"{last}.weight": [[1, 1]]})


def test_where_the_relu_stands_is_seen_by_the_numbers_of_a_sequence(tmp_path, data):
    before = scanned(normed(tmp_path, ("0", "1", "3")), data, batch_size=20)
    assert [each.status for each in before.units] == [FOR_EVER, UNKNOWN]
    assert {each.layer for each in before.units} == {"1"}
    behind = scanned(normed(tmp_path, ("0", "2", "3")), data)
    assert statuses(behind) == [("0", "alive"), ("0", FOR_EVER)]
    unknown = scanned(normed(tmp_path, ("0", "1", "3")), data)
    assert {each.status for each in unknown.units} == {UNKNOWN}
    assert "--batch-size" in unknown.units[0].reason


def saved(tmp_path, model):
    torch.save(model.state_dict(), tmp_path / "m.pt")
    return tmp_path / "m.pt"


def off_where_inputs_are_not_negative(layer):
    with torch.no_grad():
        layer.weight[0], layer.bias[0] = -1.0, 0.0


@pytest.mark.parametrize("norm", [nn.BatchNorm1d(2), nn.LayerNorm(2)], ids=["batch", "layer"])
def test_a_normalisation_of_the_inputs_puts_out_negative_numbers(norm, tmp_path, data):
    model = nn.Sequential(norm, nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    off_where_inputs_are_not_negative(model[1])
    assert (model[:2](torch.from_numpy(np.load(data)))[:, 0] > 0).any()
    found = scanned(saved(tmp_path, model), data, batch_size=20)
    assert {(each.layer, each.status) for each in found.units} == {("1", UNKNOWN)}


LEFT_BY_NORMS = {"0.weight": [[1, 1], [1, 1]], "1.weight": [1, 1], "1.bias": [-2.1, -9], "3.weight": [[1, 1]]}


@pytest.mark.parametrize(("batch_size", "first"), [(None, FOR_EVER), (5, FOR_EVER), (6, UNKNOWN)])
def test_a_normalisation_without_running_statistics_may_be_of_a_batch(batch_size, first, tmp_path, data):
    """One number of n is at most sqrt(n - 1): 1 of two units of a layer, 2 of five examples."""
    found = scanned(write_safetensors(tmp_path / "m.safetensors", LEFT_BY_NORMS), data, batch_size=batch_size)
    assert statuses(found) == [("1", first), ("1", FOR_EVER)]
    assert ("give --batch-size" in str(found)) == (batch_size is None)


def test_a_batch_reaches_what_its_size_allows():
    norm = nn.BatchNorm1d(2, track_running_stats=False, eps=1e-12).double()
    x = torch.zeros(6, 2, dtype=torch.float64)
    x[0] = 1.0
    assert norm(x)[0, 0].item() == pytest.approx(5**0.5)


def test_no_relu_stands_where_a_sequence_has_no_room_for_one(tmp_path, data):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    off_where_inputs_are_not_negative(model[1])
    assert (model[:2](torch.from_numpy(np.load(data)))[:, 0] > 0).any()
    assert {(each.layer, each.status) for each in scanned(saved(tmp_path, model), data).units} == {("1", UNKNOWN)}
    normed = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    off_where_inputs_are_not_negative(normed[2])
    found = scanned(saved(tmp_path, normed), data, batch_size=20)
    assert {(each.layer, each.status) for each in found.units} == {("2", UNKNOWN)}


def test_layers_of_a_list_have_relus_between_them(tmp_path, data):
    state = {"layers.0.weight": [[1, 1]], "layers.0.bias": [-9], "layers.1.weight": [[1]], "layers.2.weight": [[1]]}
    found = scanned(write_safetensors(tmp_path / "m.safetensors", state), data)
    assert statuses(found) == [("layers.0", FOR_EVER), ("layers.1", FOR_EVER)]


def test_a_trained_slope_is_no_normalisation(tmp_path, data):
    with pytest.raises(DataError, match="1 has 1 weight beside 3 units"):
        scanned(saved(tmp_path, nn.Sequential(nn.Linear(2, 3), nn.PReLU(), nn.Linear(3, 1))), data)


def test_the_command_writes_records_fails_on_dead_units_and_speaks_json(tmp_path, data):
    path = str(write_safetensors(tmp_path / "m.safetensors", PLAIN))
    words = ["scan", path, "--data", str(data), "--optimizer", "adam", "--lr", "0.001"]
    report = CliRunner().invoke(app, [*words, "--records", str(tmp_path / "out"), "--fail-on", "dead"])
    assert report.exit_code == 1
    assert "dead for ever" in report.stdout
    assert "--fail-on dead: 2 units certified to stay dead, so the exit status is 1." in report.stderr
    assert CliRunner().invoke(app, ["check", str(tmp_path / "out")]).exit_code == 0
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert found["counts"][FOR_EVER] == 2
    assert {f"{each}.json" for each in found["records"]} == {file.name for file in (tmp_path / "out").iterdir()}
    alive = {"0.weight": [[1, 1]], "2.weight": [[1]]}
    write_safetensors(tmp_path / "m.safetensors", alive)
    healthy = CliRunner().invoke(app, [*words, "--fail-on", "dead", "--fail-on", "for-ever"])
    assert (healthy.exit_code, healthy.stderr) == (0, "")


def test_inputs_are_given_once(tmp_path, data):
    path = str(write_safetensors(tmp_path / "m.safetensors", PLAIN))
    for words in ([], ["--data", str(data), "--box", "0", "1"]):
        report = CliRunner().invoke(app, ["scan", path, "--optimizer", "sgd", "--lr", "1", *words])
        assert isinstance(report.exception, StabilityError)


@pytest.mark.parametrize("box", [(1.0, 0.0), (float("nan"), 1.0), (0.0, float("nan"))])
def test_a_box_that_is_none_is_refused(tmp_path, box):
    with pytest.raises(NumberError, match="a box from low to high"):
        scanned(write_safetensors(tmp_path / "m.safetensors", PLAIN), box=(box,))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["lr", "weight_decay", "eps"])
def test_settings_that_are_no_numbers_are_refused(tmp_path, name, value):
    path = write_safetensors(tmp_path / "m.safetensors", PLAIN)
    with pytest.raises(NumberError, match=f"finite number for --{name.replace('_', '-')}"):
        scanned(path, box=((0.0, 1.0),), optimizer="adam", settings={name: value})


def test_inputs_without_an_example_are_refused_as_that(tmp_path):
    np.save(tmp_path / "none.npy", np.zeros((0, 3)))
    with pytest.raises(DataError, match=r"at least one example in .*; got an array of shape \(0, 3\)"):
        read_inputs(tmp_path / "none.npy")
