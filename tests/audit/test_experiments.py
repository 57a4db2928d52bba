"""What training may and may not conclude, and what the vocabulary refuses."""

import numpy as np
import pytest

from stability import StabilityError, landscape
from stability.audit.claims import Claim
from stability.audit.landscape_statements import gradient_descent_visits, hessian_is, on
from stability.audit.measurements import Measurement, Prediction
from stability.audit.verdicts import settle
from stability.logic.records import prove
from stability.model.datasets import Dataset


@pytest.mark.parametrize(
    ("value", "status"),
    [(True, "reproduced"), (np.True_, "reproduced"), (False, "not-reproduced"), (float("nan"), "error")],
)
def test_only_a_true_measurement_reproduces(value, status):
    assert settle(Claim("a", "1", "A.", measure=lambda: Measurement(value, "Measured."))).status == status


def test_a_prediction_without_a_start_says_so():
    nowhere = Prediction("never", "abs1", lambda b, e: e.finite, relevant=lambda b: np.zeros(len(b), bool), epochs=1)
    assert nowhere.run().startswith("no run")


def test_a_wrong_prediction_is_printed_as_a_disagreement():
    wrong = Prediction("all runs reach loss 0", "abs1", lambda b, e: e.losses < 1e-6, restarts=60, epochs=1500)
    said = wrong.run()
    assert said.startswith("disagreement")
    assert "of 60 runs" in said


def test_numbers_that_are_not_finite_never_agree():
    blown = Prediction("anything", "abs1", lambda b, e: np.ones(len(b), bool), restarts=20, epochs=400, step=9.0)
    assert "disagreement: 0 of 20" in blown.run()


def test_descent_may_not_pass_a_kink():
    place = landscape("abs1", Dataset("kinked", ((1,), (-1,)), (1, -1)))
    judged = prove(gradient_descent_visits(place, 1, [[[0, 0]], [[0, 0]]]))
    assert judged.conclusion == "refuted"


def test_a_hessian_must_be_symmetric_and_of_the_right_size():
    with pytest.raises(StabilityError):
        hessian_is(on("abs1"), [["1/2", "-1/2", 0]], [[8, 1, 0], [-1, 8, 0], [0, 0, 8]])
    with pytest.raises(StabilityError):
        hessian_is(on("abs1"), [["1/2", "-1/2", 0]], [[8]])


def test_active_sets_from_the_landscape():
    place = landscape("relu2", "xor")
    found = place.active_set(on=[(0, 0), (1, 1)], off=[(0, 2), (1, 3)])
    signs = place.pattern(found.point)
    assert (signs[0][0], signs[1][1], signs[0][2], signs[1][3]) == (1, 1, -1, -1)
    impossible = place.active_set(on=[(0, 0), (0, 1)], off=[(0, 2), (0, 3)])
    assert not impossible.possible
    assert impossible.certificate.conclusion == "refuted"
    with pytest.raises(StabilityError, match="Count from 0"):
        place.active_set(on=[(2, 0)])


def test_too_many_cells_are_refused():
    place = landscape("relu3", Dataset("pair", ((1, 0), (0, 1)), (1, 1)))
    many = landscape("relu6", "xor")
    assert place.classify([[0, 0, 0]] * 3).kind == "local maximum"
    with pytest.raises(StabilityError, match="cells meet"):
        _ = many.classify([["1/2", "-1/2", 0], *[[0, 0, 0]] * 5]).flat_dimension
