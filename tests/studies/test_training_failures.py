"""Every failure raises the alarms that are made for it, every alarm has one, and a healthy training raises none."""

import pytest
import torch

from stability.studies.small_trainings import SmallRun
from stability.studies.training_failures import FAILURES, FoundFailure, TrainingFailure, found_failure
from stability.training.monitoring.alarms import ALARMS


def test_every_alarm_has_a_failure_made_for_it():
    assert {kind for each in FAILURES.values() for kind in each.alarms} == {*ALARMS}
    assert all(each.alarms and each.readings >= 1 for each in FAILURES.values())


@pytest.mark.parametrize("seed", [0, 100])
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_raises_its_alarms_in_time(name, seed):
    failure = FAILURES[name]
    found = found_failure(failure, seed)
    assert found.detected, found.first
    assert max(found.first[kind] for kind in failure.alarms) <= failure.readings
    if failure.layer:
        assert failure.layer in {each for kind in failure.alarms for each in found.layers[kind]}


def test_a_nan_is_seen_in_the_reading_of_its_step_and_not_before():
    assert found_failure(FAILURES["nan"], 0).first["not finite"] == 6


@pytest.mark.parametrize("name", ["dead layer", "affine layers", "large scale"])
def test_the_same_network_unbroken_raises_none(name):
    from stability.studies import training_failures as study

    healthy = TrainingFailure("healthy", "", FAILURES[name].alarms, 5, study._adam(1e-3))
    study_found = found_failure(healthy, 0)
    assert study_found.first == {}
    assert study_found.layers == {}


def test_what_was_not_raised_is_not_detected():
    found = FoundFailure("dead layer", 0, {"dead units": 1}, {"dead units": ["2"]})
    assert not found.detected
    assert found.to_json()["detected"] is False
    assert found.to_json()["expected"] == ["dead units", "dead from initialisation"]


def test_the_trap_is_one():
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        run: SmallRun = FAILURES["trap"].build(0)
        losses = []
        for _ in range(20):
            run.step(lambda name, loss: losses.append(float(loss)))
    assert losses == pytest.approx([0.25] * 20, abs=1e-5)
