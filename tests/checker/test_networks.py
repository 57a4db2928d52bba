"""What a network of a record is, and how it is said."""

import pytest
from hand_made import RAMP, Shape, data_of, rejects

from stability.checker import grammar, networks

ONE_HOT = {"output_weights": "trainable", "output_bias": True, "one_hot": True, "outputs": 2}
SHAPES = [
    ({}, Shape(2, 3, 2), [3, 3], 6),
    ({"output_weights": ["1", "-1/2"]}, Shape(2, 3, 2), [3, 3], 6),
    ({"output_weights": "trainable"}, Shape(2, 3, 2, 1), [4, 4], 8),
    ({"output_bias": True}, Shape(2, 3, 2, 0, 1), [3, 3, 1], 7),
    ({"hidden_biases": False}, Shape(2, 2, 2), [2, 2], 4),
    ({"hidden_biases": False, "output_weights": "trainable", "output_bias": True}, Shape(2, 2, 2, 1, 1), [3, 3, 1], 7),
    (ONE_HOT, Shape(2, 3, 2, 2, 2), [5, 5, 2], 12),
]


def land(**layer):
    return data_of(["1 0", "0 0"], ["0", "1"], RAMP, 2, **layer)


@pytest.mark.parametrize(("layer", "shape", "rows", "parameters"), SHAPES)
def test_points_have_rows(layer, shape, rows, parameters):
    found = grammar.landscape(land(**layer), "here")
    assert (found, found.rows, found.parameters) == (shape, rows, parameters)
    assert found.one_hot == ("one_hot" in layer)
    point = [["1/2"] * size for size in rows]
    assert sum(map(len, grammar.point(point, "here", found))) == parameters
    for wrong in (point[1:], [*point, ["1"]], [[*point[0], "1"], *point[1:]], [*point[:-1], point[-1][1:]]):
        with rejects("expected a list of"):
            grammar.point(wrong, "here", found)


def without(*keys):
    return {key: value for key, value in ONE_HOT.items() if key not in keys}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ({"output_bias": False}, "here.output_bias: expected true, or no such field; got False"),
        ({"output_bias": 1}, "here.output_bias: expected true, or no such field; got 1"),
        ({"hidden_biases": True}, "here.hidden_biases: expected false, or no such field; got True"),
        ({"hidden_biases": 0}, "here.hidden_biases: expected false, or no such field; got 0"),
        ({"output_weights": ["1"]}, "here.output_weights: expected a list of 2; got a list of 1"),
        ({"output_weights": ["1", "0"]}, "here.output_weights[1]: expected a number other than 0; got '0'"),
        ({"output_weights": ["1", "0.0"]}, "here.output_weights[1]: expected a number other than 0; got '0.0'"),
        ({"output_weights": ["1", 1]}, "here.output_weights[1]: expected a number as text"),
        ({"output_weights": "trained"}, "here.output_weights: expected a list of 2; got 'trained'"),
        ({"output_weights": None}, "here.output_weights: expected a list of 2; got null"),
        ({"one_hot": True}, "here: expected one_hot and outputs both, or none of them"),
        ({"outputs": 2, "output_weights": "trainable"}, "here: expected one_hot and outputs both, or none of them"),
        ({**ONE_HOT, "outputs": 3}, "here.outputs: expected a whole number from 2 to 2; got 3"),
        ({**ONE_HOT, "outputs": "2"}, "here.outputs: expected a whole number from 2 to 2; got '2'"),
        ({**ONE_HOT, "one_hot": False}, "here.one_hot: expected true, or no such field; got False"),
        ({**ONE_HOT, "output_weights": ["1", "1"]}, "here.one_hot: expected trainable output weights"),
        (without("output_bias"), "here.one_hot: expected trainable output weights"),
        ({**ONE_HOT, "hidden_biases": False}, "here.one_hot: expected trainable output weights"),
        ({**ONE_HOT, "labels": ["0", "2"]}, "here.one_hot: expected the labels 0 and 1; got others"),
        ({"biases": True}, "got one called 'biases'"),
    ],
)
def test_what_is_no_network_is_rejected(layer, reason):
    with rejects(reason):
        grammar.landscape({**land(), **layer}, "here")


def test_what_a_network_has():
    plain = networks.Network(land())
    assert (plain.trained, plain.weights, plain.signs, plain.bias) == (False, [1, 1], [1, 1], False)
    assert plain.rows == [[1, 0, 1], [0, 0, 1]]
    signed = networks.Network(land(output_weights=["-1/2", "3"], hidden_biases=False))
    assert (signed.trained, signed.weights, signed.signs) == (False, [-1 / 2, 3], [-1, 1])
    assert signed.rows == [[1, 0], [0, 0]]
    both = networks.Network(land(**ONE_HOT))
    assert (both.trained, both.bias, both.one_hot) == (True, True, True)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({}, ""),
        ({"output_weights": ["1", "-0.50"]}, ", output weights 1, -0.50"),
        ({"output_weights": "trainable", "hidden_biases": False}, ", no hidden biases, trainable output weights"),
        ({"output_bias": True}, ", an output bias"),
        (ONE_HOT, ", trainable output weights, an output bias, one-hot outputs"),
    ],
)
def test_a_network_is_said(layer, words):
    start = "L is the sum of squared errors of 2 unit(s) with slopes 0 and 1"
    end = f"{words} on (1, 0): 0, (0, 0): 1"
    assert networks.said("L", land(**layer)) == f"{start} (at 0: 0){end}"
    assert networks.said("L", land(**layer), torch=False) == start + end
