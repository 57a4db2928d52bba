"""What the command `control` asks the study for, and what it says when the study ends early."""

import json

import pytest
from command_line import invoked, printed

from stability.cli.interventions import control
from stability.errors import NumberError, UnknownNameError
from stability.studies import interventions as study
from stability.studies.interventions import PolicyOutcome

MEANS = {"repairs": 0.0, "final": 1.0, "best": 1.0, "best_success": 1.0}
ASKED = ("names", "policies", "restarts", "seeds", "epochs", "seed", "workers")


def outcome(task, runs):
    return PolicyOutcome(task, "none", runs, runs, runs, 0, 0, 0, {}, MEANS)


@pytest.fixture
def asked(monkeypatch):
    """Return what the study was asked for; it has done all of it at once."""
    given = {}

    def compare(names, policies, restarts, seeds, epochs, seed, workers, progress):
        given.update(zip(ASKED, (names, policies, restarts, seeds, epochs, seed, workers), strict=True))
        yield from (outcome(name, restarts if name == "xor" else seeds[name]) for name in names)

    monkeypatch.setattr(study, "compare_policies", compare)
    return given


def test_by_default_it_is_every_task_and_policy(asked):
    report = json.loads(printed("control", "--json"))
    assert asked == {
        "names": ["xor", "moons", "digits"],
        "policies": [
            "as-written",
            "corrected",
            "revive-by-bias",
            "revive",
            "separate",
            "constrain",
            "better",
            "careful",
        ],
        "restarts": 20_000,
        "seeds": {"moons": 4, "digits": 10},
        "epochs": {"moons": 1000, "digits": 8},
        "seed": 0,
        "workers": None,
    }
    assert [(each["task"], each["runs"]) for each in report["results"]] == [
        ("xor", 20_000),
        ("moons", 4),
        ("digits", 10),
    ]


def test_every_option_reaches_the_study(asked):
    counts = "--restarts 9 --moons-seeds 2 --moons-epochs 30 --digits-seeds 3 --digits-epochs 4 --seed 5 --workers 1"
    report = json.loads(
        printed("control", "moons", "xor", "--policy", "better", "--policy", "revive", *counts.split(), "--json")
    )
    assert asked == {
        "names": ["moons", "xor"],
        "policies": ["better", "revive"],
        "restarts": 9,
        "seeds": {"moons": 2, "digits": 3},
        "epochs": {"moons": 30, "digits": 4},
        "seed": 5,
        "workers": 1,
    }
    assert report["seed"] == 5


def test_a_task_after_json_is_a_task_and_a_file_is_a_file(asked, tmp_path):
    printed("control", "--json", "digits")
    assert asked["names"] == ["digits"]
    file = tmp_path / "found.json"
    printed("control", "xor", "--json", file)
    assert asked["names"] == ["xor"]
    assert json.loads(file.read_text())["results"][0]["task"] == "xor"


def test_fewer_runs_than_wanted_are_shown_with_status_130(monkeypatch):
    monkeypatch.setattr(study, "compare_policies", lambda *given: iter([outcome("xor", 3)]))
    assert "(3 runs)" in printed("control", "xor", "--restarts", "3")
    assert "(3 runs)" in printed("control", "xor", "--restarts", "4", status=130)


def test_an_interruption_shows_what_was_done_with_status_130(monkeypatch):
    def stopped(*given):
        yield outcome("xor", 4)
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "compare_policies", stopped)
    found = invoked("control", "xor", "moons", "--restarts", "4", status=130)
    assert "(4 runs)" in found.stdout
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("control xr", UnknownNameError),
        ("control --policy bettr", UnknownNameError),
        ("control --seed -1", NumberError),
    ],
)
def test_what_makes_no_sense_asks_the_study_nothing(words, error, asked):
    with pytest.raises(error):
        printed(*words.split())
    assert asked == {}


def test_the_function_is_the_command_for_python_too(asked, capsys):
    lengths = {"moons_seeds": 1, "moons_epochs": 1, "digits_seeds": 1, "digits_epochs": 1}
    control(["xor"], ["better"], restarts=2, **lengths, seed=0, workers=None, as_json="-", table=None)
    assert json.loads(capsys.readouterr().out)["results"][0]["runs"] == 2
    assert asked["policies"] == ["better"]
