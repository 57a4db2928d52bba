"""Every number on the command line: an exact answer or one sentence, never a traceback, a warning or a long wait."""

import warnings

import pytest
from typer.testing import CliRunner

from stability import StabilityError
from stability.cli import main as cli

LONG = "9" * 5000
NUMBERS = (
    *("0", "-1", "nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "1e308", "1e-320", LONG, "1/0", "", "1e20"),
    *("99999999999999999999", "\u00b2", "1_0", "1e0000000000999999999", "1e9999999999", "x"),
)
"""What strangers may write where a number is expected."""

FAR = {
    "label": "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,-1.7976931348623157e308\n",
    "point": "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n-1.7976931348623157e308,1,0\n",
    "tiny": "x1,y\n1e-400,1\n0,0\n",
    "big": "x1,y\n1e400,1\n0,0\n",
    "labels": "x1,y\n1,1e399\n0,1e-399\n2,1/3\n",
}
"""Data that the reader accepts and floats do not hold."""

XOR = ("relu1", "xor")
SMALL = ("--restarts=5", "--epochs=5", "--init=normal:1")
DEEP = ("--data=xor", "--depth=2", "--epochs=2", "--seeds=1")
OPTIONS = [
    ("classify", *XOR, "--at=[[@,1,0]]"),
    ("flow", *XOR, "--from=[[@,1,0]]"),
    ("atlas", *XOR, "--workers=@"),
    ("atlas", *XOR, "--max-faces=@"),
    ("atlas", "leaky@:1", "xor"),
    ("atlas", "relu@", "xor"),
    ("atlas", "abs1", "parity:@"),
    ("atlas", "abs1", "moons:4:@"),
    ("bifurcation", *XOR, "--vary=slope", "--range=@,1"),
    ("bifurcation", *XOR, "--vary=slope", "--range=@"),
    ("bifurcation", *XOR, "--vary=label:1", "--range=0,@"),
    ("bifurcation", *XOR, "--vary=label:@", "--range=0,1"),
    ("bifurcation", *XOR, "--vary=coordinate:@:1", "--range=0,1"),
    ("bifurcation", *XOR, "--vary=coordinate:1:@", "--range=0,1"),
    ("bifurcation", *XOR, "--vary=ratio", "--range=0,1", "--radius=@"),
    ("basins", "abs1", "xor", "--samples=5", "--init=normal:@"),
    ("basins", "abs1", "xor", "--samples=5", "--init=normal:1", "--seed=@"),
    ("basins", "abs1", "xor", "--samples=5", "--init=normal:1", "--rule=gd", "--steps=5", "--step=@"),
    ("basins", "abs1", "xor", "--samples=5", "--init=normal:1", "--rule=heavy-ball", "--step=1/9", "--momentum=@"),
    ("basins", "abs1", "xor", "--samples=5", "--init=normal:1", "--rule=adam", "--step=1/9", "--beta2=@"),
    ("train", *XOR, *SMALL, "--lr=@"),
    ("train", *XOR, *SMALL, "--optimizer=heavy-ball", "--momentum=@"),
    ("train", *XOR, *SMALL, "--betas=0.9,@"),
    ("train", *XOR, *SMALL, "--stop-loss=@"),
    ("train", *XOR, *SMALL, "--patience=@"),
    ("train", *XOR, *SMALL, "--seed=@"),
    ("train", *XOR, *SMALL, "--epochs=@"),
    ("train", *XOR, *SMALL, "--restarts=@"),
    ("train", *XOR, *SMALL, "--init=uniform:@"),
    ("train-deep", *DEEP, "--depth=@"),
    ("train-deep", *DEEP, "--width=@"),
    ("train-deep", *DEEP, "--weight=@"),
    ("train-deep", *DEEP, "--lr=@"),
    ("train-deep", *DEEP, "--epochs=@"),
    ("train-deep", *DEEP, "--seeds=@"),
    ("train-deep", *DEEP, "--seed=@"),
    ("train-deep", *DEEP, "--every=@"),
    ("control", "moons", "--moons-seeds=@", "--moons-epochs=2", "--workers=1", "--policy=none"),
    ("sweep", "figure-1-coarse", "--status", "--workers=@"),
    ("sweep", "figure-1-coarse", "--status", "--set=depth=@"),
    ("sweep", "figure-1-coarse", "--status", "--set=depth=2:@:4"),
]
"""Commands with @ for a number that is out of the ordinary."""


def outcome(arguments):
    """Run a command; return its exit status and what it says, and refuse warnings and any other exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = CliRunner().invoke(cli.app, arguments)
    problem = result.exception
    if isinstance(problem, StabilityError):
        return 2, str(problem)
    assert problem is None or isinstance(problem, SystemExit), (arguments, repr(problem))
    return result.exit_code, result.output


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("command", OPTIONS, ids=" ".join)
def test_every_number_is_answered_or_refused(command, part, tmp_path, monkeypatch):
    """Half of the numbers, another for every other command, and the other half."""
    monkeypatch.chdir(tmp_path)
    for number in NUMBERS[(OPTIONS.index(command) + part) % 2 :: 2]:
        status, said = outcome([part.replace("@", number) for part in command])
        assert status in (0, 2), (number[:40], said[-300:])
        assert "Traceback" not in said


@pytest.mark.parametrize("name", FAR)
@pytest.mark.parametrize(
    "command",
    [
        ("atlas", "relu1", "@"),
        ("atlas", "relu1", "@", "--json", "-"),
        ("flow", "relu1", "@", "--from=[[1,0,0]]"),
        ("bifurcation", "relu1", "@", "--vary=slope", "--range=0,1"),
        ("bifurcation", "abs1", "@", "--vary=label:1", "--range=0,1", "--json"),
        ("derive", "relu1", "@"),
        ("train", "relu1", "@", *SMALL),
        ("train", "relu1", "@", *SMALL, "--dtype=float64", "--optimizer=gd"),
    ],
    ids=" ".join,
)
def test_data_beyond_float64_are_answered_or_refused(name, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{name}.csv").write_text(FAR[name])
    status, said = outcome([part.replace("@", f"{name}.csv") for part in command])
    assert status in (0, 2), said[-300:]
    if command[0] in ("atlas", "bifurcation"):
        assert status == 0


def test_losses_beyond_float64_are_shown_to_six_digits(tmp_path):
    (tmp_path / "far.csv").write_text("x1,y\n0,0\n0,1e200\n")
    status, said = outcome(["atlas", "relu1", str(tmp_path / "far.csv")])
    assert status == 0
    assert "~5e+399" in said


@pytest.mark.parametrize("data", ["x1,y\n1e-400,1\n0,0\n", "x1,y\n1,1e400\n0,0\n"])
def test_training_names_what_floats_do_not_hold(data, tmp_path):
    (tmp_path / "far.csv").write_text(data)
    status, said = outcome(["train", "relu1", str(tmp_path / "far.csv"), *SMALL])
    assert status == 2
    assert "range of float64 (2.3e-308 to 1.8e308)" in said
    assert "got 1e-400" in said or "got 1e+400" in said
    assert "Rescale" in said


def test_float32_refuses_what_float64_holds(tmp_path):
    (tmp_path / "far.csv").write_text("x1,y\n1e100,1\n0,0\n")
    status, said = outcome(["train", "relu1", str(tmp_path / "far.csv"), *SMALL])
    assert (status, "--dtype float64" in said) == (2, True)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("train", *XOR, *SMALL, f"--restarts={10**20}"), "which is what memory holds"),
        (("train", *XOR, *SMALL, f"--epochs={10**20}"), "1,000,000,000,000 epochs"),
        (("train-deep", *DEEP, f"--depth={10**20}"), "which is what memory holds"),
        (("basins", "abs1", "xor", "--init=normal:1", f"--samples={10**20}"), "which is what memory holds"),
        (("crosscheck", f"--restarts={10**20}"), "which is what memory holds"),
        (("crosscheck", "--restarts=0"), "at least 1 for --restarts"),
        (("atlas", *XOR, "--workers=100000"), "at most 256"),
        (("bifurcation", *XOR, f"--vary=label:{LONG}", "--range=0,1"), "from 1 to 4"),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else None,
)
def test_counts_that_no_machine_holds_are_refused_at_once(command, words):
    status, said = outcome(list(command))
    assert (status, words in said) == (2, True), said
    assert len(said) < 400


@pytest.mark.parametrize("option", ["--span=@", "--at=[[@,1,0]]", "--at=[[1,0,@]]"])
@pytest.mark.parametrize("number", ["1e-400", "1e-150", "1e-100", "1e-20", "1e100", "1e200", "1e308"])
def test_portraits_are_drawn_without_a_warning_or_refused(option, number, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arguments = [
            "portrait",
            "abs1",
            "xor",
            "-o",
            str(tmp_path / "p.png"),
            "--pixels=2",
            option.replace("@", number),
        ]
        problem = CliRunner().invoke(cli.app, arguments).exception
    far = number in ("1e200", "1e308") or ("span" in option and number in ("1e-400", "1e-150"))
    assert ("1e100" in str(problem)) == far, repr(problem)
    assert isinstance(problem, StabilityError) or not far


def test_long_numbers_are_shortened_in_errors(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["stability", "atlas", f"relu:{LONG}", "xor"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    said = capsys.readouterr().err
    assert "(5000 digits)" in said
    assert len(said) < 400


def test_a_range_beyond_floats_is_shown_short():
    status, said = outcome(["bifurcation", "abs1", "xor", "--vary=slope", "--range=0,1e400"])
    assert status == 0
    assert "0 <= a <= ~1e+400" in said
