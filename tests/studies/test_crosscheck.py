"""Predictions are compared with training, and a wrong prediction is seen."""

import json
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
from device_pairs import EACH_DEVICE, assert_like
from matplotlib.figure import Figure
from typer.testing import CliRunner

from stability.cli import terminal
from stability.cli.main import app
from stability.studies import crosscheck
from stability.studies.crosscheck import CHECKS, Compared, Comparisons, trap_share_of_abs1
from stability.training.ensembles.ensemble import train

BY_ID = {check.id: check for check in CHECKS}


def compared(check, runs=400, seed=1):
    hits, count = check.measure(runs, seed)
    return Compared(check, check.predict(), hits, count)


@pytest.mark.parametrize(
    "name",
    ["abs1-fails-0.5-0.5", "abs1-never-fails-without-bias", "live-3", "alive-hypersphere", "relu2-out+c-all-minima"],
)
def test_predictions_agree(name):
    assert compared(BY_ID[name]).agrees


@pytest.mark.parametrize("name", ["gd-at-99-percent", "nesterov-at-51-percent", "gd-at-99-percent-out"])
def test_steps_beside_the_limit_stay_or_leave(name):
    found = compared(BY_ID[name], 10)
    assert found.agrees
    assert found.hits == (10 if name.endswith("51-percent") else 0)


def test_beyond_its_limit_a_point_with_trained_output_weights_is_left():
    assert compared(BY_ID["gd-at-51-percent-out"], 10).hits == 10


@pytest.mark.parametrize("name", ["abs1-fails-0.5-0.5", "live-3"])
def test_a_wrong_probability_is_seen(name):
    check = BY_ID[name]
    assert not compared(replace(check, predict=lambda: check.predict() + 0.2)).agrees
    assert not compared(replace(check, predict=lambda: 1.0)).agrees


def test_what_always_happens_must_happen_every_time():
    check = BY_ID["live-2"]
    assert Compared(check, 1.0, 400, 400).agrees
    assert not Compared(check, 1.0, 399, 400).agrees
    assert Compared(check, 0.0, 0, 400).agrees
    assert not Compared(check, 0.0, 1, 400).agrees


def test_the_closed_form_has_its_limits():
    assert trap_share_of_abs1(1, 0) == 0
    assert trap_share_of_abs1(1, 1e9) == pytest.approx(1)
    assert trap_share_of_abs1(1, 2**0.5) == pytest.approx(0.5)


def test_ids_are_unique_and_reported():
    assert len(BY_ID) == len(CHECKS)
    assert all(check.says and check.source for check in CHECKS)


def test_the_command_fails_if_one_is_off(monkeypatch):
    few = [BY_ID["live-2"], replace(BY_ID["live-3"], id="wrong", predict=lambda: 0.1)]
    monkeypatch.setattr(crosscheck, "CHECKS", few)
    found = CliRunner().invoke(app, ["crosscheck", "--restarts", "500", "--json"])
    assert found.exit_code == 1
    report = json.loads(found.stdout)["checks"]
    assert [each["agrees"] for each in report] == [True, False]
    assert report[0]["low"] <= report[0]["measured"] <= report[0]["high"]
    monkeypatch.setattr(crosscheck, "CHECKS", few[:1])
    assert CliRunner().invoke(app, ["crosscheck", "--restarts", "500"]).exit_code == 0


def test_the_command_says_how_far_it_is(monkeypatch):
    seen = []

    def compare(runs, seed, progress):
        progress("some prediction", 1, 3)
        return [replace(compared(BY_ID["live-3"], 20), hits=5)]

    @contextmanager
    def counted(label=""):
        yield lambda *report: seen.append(report)

    monkeypatch.setattr(crosscheck, "crosscheck", compare)
    monkeypatch.setattr(terminal, "shown_progress", counted)
    CliRunner().invoke(app, ["crosscheck", "--restarts", "20"])
    assert seen == [("some prediction", 1, 3)]


def test_every_prediction_is_reported_as_it_is_compared(monkeypatch):
    seen = []
    monkeypatch.setattr(crosscheck, "CHECKS", [BY_ID["live-3"], BY_ID["live-2"]])
    crosscheck.crosscheck(40, progress=lambda *report: seen.append(report))
    assert seen == [("live-3", 0, 2), ("live-2", 1, 2)]


def test_a_list_of_comparisons_draws_and_counts_what_agrees():
    found = Comparisons([Compared(BY_ID["live-2"], 0.5, 10, 20), Compared(BY_ID["live-3"], 0.75, 1, 20)], 20, 0)
    assert repr(found).startswith("Predictions and training: 1 of 2 predictions agree with training")
    drawn = found.plot(Figure().subplots())
    assert [container.get_label() for container in drawn.containers] == ["measured, agrees", "measured, does not agree"]
    (predicted,) = (line for line in drawn.lines if line.get_label() == "predicted")
    assert list(predicted.get_xdata()) == [0.5, 0.75]


@EACH_DEVICE
@pytest.mark.parametrize("name", ["abs1-fails-0.5-0.5", "gd-at-99-percent", "gd-at-51-percent-out", "relu2-live"])
def test_predictions_agree_with_training_on_every_device(monkeypatch, device, name):
    hits = []
    for each in (device, "cpu"):
        monkeypatch.setattr(crosscheck, "train", partial(train, device=each))
        found = compared(BY_ID[name])
        assert found.agrees
        hits.append((found.hits, found.runs))
    assert hits[0][1] == hits[1][1]
    assert_like(hits[0][0], *hits[1])
