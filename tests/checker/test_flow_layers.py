"""Trajectories of networks with output layers: no changed or forged record says what is not so."""

import copy

import pytest
from checked_layers import STARTS, changed_layer_flows, flows, turned
from flow_truth import conclusion
from forged_records import broken_copies, changed, sealed, verdict

from stability.checker.parts import part


@pytest.mark.parametrize("name", STARTS)
def test_the_records_are_accepted_and_true(name):
    record = flows()[name]
    assert verdict(record) is None
    assert conclusion(record["statement"], record["landscapes"]) == "proved"
    assert verdict(changed(record, ("conclusion",), "refuted"))


@pytest.mark.parametrize("name", STARTS)
def test_no_changed_record_that_is_accepted_concludes_anything_wrong(name):
    copies = changed_layer_flows(name)
    survivors = [other for other in copies if verdict(other) is None]
    for other in survivors:
        assert conclusion(other["statement"], other["landscapes"]) in (other["conclusion"], None), other
    assert len(survivors) < len(copies) / 2


@pytest.mark.parametrize("name", STARTS)
def test_no_record_of_another_form_is_accepted(name):
    for path, value, broken in broken_copies(flows()[name], 20):
        assert verdict(broken) or (path[:2] == ("proof", "chains") and value is None), (path, value)


@pytest.mark.parametrize("name", STARTS)
def test_a_proof_is_of_no_other_network(name):
    ((key, data),) = flows()[name]["landscapes"].items()
    for other in turned(data):
        same = {**other, "output_weights": None} == {**data, "output_weights": None} and name == "no bias"
        assert verdict(changed(flows()[name], ("landscapes", key), other)) or same, other


def test_trained_output_weights_are_refused():
    ((key, data),) = flows()["below"]["landscapes"].items()
    record = changed(flows()["below"], ("landscapes", key), {**data, "output_weights": "trainable"})
    assert "expected output weights that are fixed" in verdict(record)


def test_a_pre_activation_that_is_always_0_has_no_sign():
    record = copy.deepcopy(flows()["unbiased"])
    signs = record["proof"]["signs"]
    assert signs[0][0] == "0"
    record["proof"]["signs"] = ["+" + signs[0][1:]]
    assert "an example whose pre-activations are 0 has no other sign" in verdict(sealed(record))
    record = copy.deepcopy(flows()["unbiased"])
    record["proof"]["path"].insert(0, ["1/1000", [[0, 0, 1]]])
    assert "a pre-activation that is always 0" in verdict(sealed(record))


def test_an_output_bias_moves_and_an_output_weight_scales():
    """Two data points at 1 and -1 with one unit |w|: p' is -2 sum of e_i times (-2 |x_i|, 1)."""
    land = {"units": 1, "slopes": {"-": "-1", "0": "0", "+": "1"}, "points": [["1"], ["-1"]], "labels": ["0", "3"]}
    land = {**land, "loss": "sum", "output_weights": ["-2"], "output_bias": True, "hidden_biases": False}
    faces = part("flow_faces")
    whole = faces.Landscape("L", land, part("limits").Meter(0, 0))
    face = faces.Face(whole, [[1, -1]])
    assert whole.kinks == [(0, 0), (0, 1)]
    assert face.outputs == [[-2, 1], [-2, 1]]
    rows = zip(face.matrix, face.force, strict=True)
    velocity = [(c - sum(a * x for a, x in zip(row, (1, 5), strict=True))) / face.den for row, c in rows]
    errors = [-2 + 5 - 0, -2 + 5 - 3]
    assert velocity == [-2 * sum(errors) * -2, -2 * sum(errors)]
    single = faces.Landscape("L", {**land, "points": [["1"]], "labels": ["3"]}, part("limits").Meter(0, 0))
    held = faces.Face(single, [[0]])
    assert [gap.at([0, 4]) for gap in held.gaps[0, 0]] == [-2, -2]  # above the label -2 |w| is left
    assert [gap.at([0, 2]) for gap in held.gaps[0, 0]] == [2, 2]
