"""Statements: what they say, and what becomes of them, by arithmetic that can be done by hand."""

import pytest

from stability import Exists, ForAll, Not, StabilityError, prove
from stability.logic.statements import AllOf


@pytest.mark.parametrize(
    ("root", "good"),
    [(("1", "2"), True), ((1, "3/2"), True), (("2", "1"), False), (("1", "1"), False), (("1",), False),
     (("1", "2", "3"), False),     (("1", 2.5), False), ("12", False)],
)  # fmt: skip
def test_a_root_lies_between_two_ends_in_order(root, good):
    def statement():
        return ForAll("t", ["t**2 == 2"], ["t > 1"], root=root)

    if good:
        assert statement().root == root
        return
    with pytest.raises(StabilityError):
        statement()


def test_a_root_needs_one_variable():
    with pytest.raises(StabilityError, match="around the only variable"):
        ForAll("s t", ["t**2 == 2"], ["t > 1"], root=("1", "2"))


def test_goals_are_one_alternative_or_several():
    assert ForAll("x", [], ["x > 0", "x < 1"]).goals == [["x > 0", "x < 1"]]
    assert ForAll("x", [], [["x > 0"], ["x <= 0", "x < 1"]]).goals == [["x > 0"], ["x <= 0", "x < 1"]]
    assert ForAll("x", ["x > 3"], [["x > 0"], ["x < 1"]]).formulas() == ["x > 3", "x > 0", "x < 1"]
    for wrong in ([], [[]], "x > 0", [["x > 0"], "x < 1"], ["x > 0", ["x < 1"]]):
        with pytest.raises(StabilityError):
            ForAll("x", [], wrong).formal()


@pytest.mark.parametrize(
    ("statement", "conclusion"),
    [
        (ForAll("x", ["x > 1"], ["x > 0"]), "proved"),
        (ForAll("x", ["x > 1"], ["x > 2"]), "refuted"),
        (ForAll("x", ["x > 1", "x < 0"], ["x > 2"]), "vacuous"),
        (ForAll("x", [], [["x > 0"], ["x < 1"]], splits=["x"]), "proved"),
        (ForAll("x", [], [["x > 0"], ["x < 0"]]), "refuted"),
        (ForAll("", [], ["1 < 2"]), "proved"),
        (ForAll("", [], ["2 < 1"]), "refuted"),
        (ForAll("x", ["x == 1000001"], ["x > 1000000"]), "proved"),
        (ForAll("x", ["3*x == 1000"], ["x > 500"]), "refuted"),
        (ForAll("x", ["x > 0"], ["x > 1"], try_at=[{"x": "1/7"}], samples=0), "refuted"),
        (ForAll("t", ["t**2 == 2"], ["t**4 == 4"], root=("1", "2")), "proved"),
        (ForAll("t", ["t**2 == 2"], ["t**3 == 3"], root=("1", "2")), "refuted"),
        (Exists("x", ["x**2 == x", "x > 0"], try_at=[{"x": 1}]), "proved"),
        (Exists("x", ["x > 0", "x < 0"]), "refuted"),
        (Not(ForAll("x", ["x > 1"], ["x > 2"])), "proved"),
        (Not(ForAll("x", ["x > 1"], ["x > 0"])), "refuted"),
        (AllOf([ForAll("x", ["x > 1"], ["x > 0"]), Not(ForAll("x", ["x > 1"], ["x > 2"]))]), "proved"),
        (AllOf([ForAll("x", ["x > 1"], ["x > 0"]), ForAll("x", ["x > 1"], ["x > 2"])]), "refuted"),
    ],
    ids=str,
)
def test_conclusions(statement, conclusion):
    assert prove(statement).conclusion == conclusion


def test_no_samples_are_a_choice_and_negative_ones_are_none():
    assert ForAll("x", [], ["x == x"], samples=0).samples == 0
    for wrong in (-1, 1.5, True, 10**9):
        with pytest.raises(StabilityError, match="samples"):
            ForAll("x", [], ["x == x"], samples=wrong)
