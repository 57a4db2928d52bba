"""Names and landscapes of a statement, and what its relations may say."""

import pytest

from stability import Dataset, StabilityError, landscape
from stability.logic.scopes import Scope, is_name, shape
from stability.logic.sizes import Shape

XOR = landscape("relu2", "xor").to_record()


def test_shapes_of_landscapes():
    """Units, parameters, examples, and the characters of the longest number."""
    assert shape("L", XOR) == Shape(2, 6, 4, 2)
    line = landscape("leaky1/10:3", Dataset("line", [[0], [1]], ["-1/1000", 1])).to_record()
    assert shape("L", line) == Shape(3, 6, 2, 7)


@pytest.mark.parametrize(
    "change",
    [
        {"units": 0}, {"units": -1}, {"units": 2.0}, {"units": "2"}, {"units": True}, {"loss": "most"}, {"loss": None},
        {"points": []}, {"points": XOR["points"][:3]}, {"points": [*XOR["points"][:3], ["1"]]}, {"labels": []},
        {"labels": [0, 1, 1, 0]}, {"labels": ["0", "1", "1", "x"]}, {"labels": ["0", "1", "1", "1/0"]},
        {"slopes": {"-": "0", "+": "1"}}, {"slopes": None}, {"points": [["1", 1.5]] * 4}, {"points": 3},
    ],
)  # fmt: skip
def test_what_is_no_landscape_is_refused(change):
    with pytest.raises(StabilityError, match="Expected landscapes by name"):
        shape("L", {**XOR, **change})


@pytest.mark.parametrize("missing", ["units", "slopes", "points", "labels", "loss"])
def test_no_part_of_a_landscape_may_miss(missing):
    with pytest.raises(StabilityError):
        shape("L", {key: value for key, value in XOR.items() if key != missing})


def test_names():
    assert all(map(is_name, ["x", "w1", "L", "alpha_2"]))
    assert not any(map(is_name, ["", "_x", "1x", "x y", "for", "x.y", "x-y", None, 3, "x\n"]))
    for wrong in ("_L", "for", "a b", 3):
        with pytest.raises(StabilityError):
            shape(wrong, XOR)


def test_relations_and_expressions():
    scope = Scope(["x", "y"], {"L": XOR})
    for text in ("x > y", "x == 1 == y", "L.generic([x, 0, 0, y, 0, 0], [1, 2, 3, 4, 5, 6])", "0 < x <= y"):
        scope.relation(text)
    for text in ("x + y", "L.loss([x, 0, 0, y, 0, 0])", "3"):
        scope.expression(text)
        with pytest.raises(StabilityError):
            scope.relation(text)
    for text in ("x > z", "L > 0", "x > L.generic([x, 0, 0, y, 0, 0], [1, 2, 3, 4, 5, 6])", "M.loss([x]) > 0"):
        with pytest.raises(StabilityError):
            scope.relation(text)
    for text in ("x > y", "z", "L.generic([x, 0, 0, y, 0, 0], [1, 2, 3, 4, 5, 6])"):
        with pytest.raises(StabilityError):
            scope.expression(text)
    for names in (["x", "x"], ["L"], ["_x"], ["for"]):
        with pytest.raises(StabilityError):
            Scope(names, {"L": XOR})
