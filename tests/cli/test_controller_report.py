"""What `stability control` says of kept measurements of controllers, and when it measures."""

import json

import pytest
from command_line import cells, printed
from kept_results import Kept

from stability.cli.controller_report import controller_tables
from stability.errors import StabilityError
from stability.studies import harm_table, repair_table, thin_table

RUN = {"weights": "w", "acted": {}, "learned": True, "cannot": [], "seconds": 1.0, "seed": 3}
HARM = {
    "settings": {"policies": {"better": "by what rules"}},
    "runs": [
        {**RUN, "training": "a", "policy": "none", "points": 90.0},
        {**RUN, "training": "a", "policy": "better", "points": 90.0},
    ],
}
END = {"start": "s", "loss": 1.0, "interventions": 2}
REPAIRS = {
    "settings": {"start": ["s"], "remedy": ["none", "careful"], "seed": [1, 2]},
    "runs": [
        {**END, "remedy": remedy, "seed": seed, "accuracy": accuracy}
        for remedy, accuracy in (("none", 0.5), ("careful", 0.75))
        for seed in (1, 2)
    ],
}
THIN = {
    "settings": {"network": ["30 x 6"], "contender": ["plain", "careful"], "seed": [1, 2]},
    "runs": [
        {"network": "30 x 6", "contender": name, "seed": seed, "accuracy": accuracy, "loss": 0.5, "interventions": done}
        for name, accuracy, done in (("plain", 0.5, {}), ("careful", 0.9, {"revival": 3}))
        for seed in (1, 2)
    ],
}


@pytest.fixture
def kept(monkeypatch):
    found = []
    for module, study in ((harm_table, HARM), (repair_table, REPAIRS), (thin_table, THIN)):
        found.append(Kept(study, module.KEPT.rows))
        monkeypatch.setattr(module, "KEPT", found[-1])
    return found


@pytest.mark.usefixtures("kept")
def test_kept_results_are_tables():
    report = json.loads(printed("control", "--harm", "--repairs", "--thin", "--json"))
    harm, note, repairs, other, thin, last = controller_tables(report)
    assert cells(harm)[1] == [
        ["a", "better", "1", "90.0", "90.0", "+0.00", "exactly 0: the same weights", "0 of 1"],
    ]
    assert cells(repairs)[1] == [
        ["s", "none", "2", "0.500 (0.500 to 0.500)", "2.0", "+0.250 (+0.250 to +0.250)"],
        ["s", "careful", "2", "0.750 (0.750 to 0.750)", "2.0", ""],
    ]
    assert thin.title == "Deep thin networks on the two moons, 30 x 6"
    assert cells(thin)[1] == [
        ["plain", "0 of 2 (0 to 84%)", "0.500", "", "", ""],
        ["careful", "2 of 2 (16 to 100%)", "0.900", "2 : 0", "", ""],
    ]
    assert "McNemar" in last
    assert report["thin"]["rows"][1]["p_values"] == {"plain": 0.5}
    assert "paired by seed" in note
    assert "ReDo" in other
    assert {"harm", "repairs", "version"} <= {*report} | {"version"}
    assert "repairs" not in json.loads(printed("control", "--harm", "--json"))


@pytest.mark.parametrize("width", [80, 120, 150])
def test_each_row_of_thin_networks_is_a_line_of_the_screen(monkeypatch, width):
    """Of the kept measurement, and as wide as sixteen seeds make it."""
    study = thin_table.KEPT.read()
    networks, contenders = study["settings"]["network"], study["settings"]["contender"]
    twice = [{**each, "seed": each["seed"] + 1000} for each in study["runs"]]
    seeds = [each["seed"] for each in study["runs"] if (each["network"], each["contender"]) == (networks[0], "plain")]
    whole = {**study, "settings": {**study["settings"], "seed": [*seeds, *(k + 1000 for k in seeds)]}}
    monkeypatch.setattr(thin_table, "KEPT", Kept({**whole, "runs": [*study["runs"], *twice]}, thin_table.KEPT.rows))
    monkeypatch.setenv("COLUMNS", str(width))
    lines = printed("control", "--thin").split("\n")
    rows = [line for line in lines if line.startswith("│")]
    assert len(rows) == len(networks) * len(contenders)
    assert all(any(name in row for row in rows) for name in contenders)
    assert max(map(len, lines)) <= width


def test_a_measurement_is_kept_only_if_asked(tmp_path, kept):
    file = tmp_path / "runs.sqlite"
    printed("control", "--harm", "--repairs", "--measure", file)
    assert [each.measured for each in kept] == [[file], [file], []]
    assert [each.kept for each in kept] == [[], [], []]
    printed("control", "--repairs", "--thin", "--measure", file, "--keep")
    assert [each.kept for each in kept] == [[], [REPAIRS], [THIN]]


def test_an_interrupted_measurement_has_status_130(monkeypatch, tmp_path):
    monkeypatch.setattr(repair_table, "KEPT", Kept(None, None))
    printed("control", "--repairs", "--measure", tmp_path / "runs.sqlite", "--keep", status=130)
    assert repair_table.KEPT.kept == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("control xor --harm", "one at a time"),
        ("control --keep", "--harm"),
        ("control --repairs --keep", "Write stability control --repairs --measure repairs.sqlite --keep."),
        ("control --thin --harm --keep", "Write stability control --harm --thin --measure harm.sqlite --keep."),
        ("control --harm --measure runs.txt", "Write --measure runs.sqlite"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(words, hint):
    with pytest.raises(StabilityError) as problem:
        printed(*words.split())
    assert hint in str(problem.value)
