"""Which parts a statement may have, and which hints."""

import pytest

from stability import Dataset, ForAll, StabilityError, landscape, prove
from stability.geometry.atlas.statements import number_of_sets
from stability.logic.parts import (
    Settled,
    as_records,
    check_part,
    check_parts,
    check_witnesses,
    merged_landscapes,
    scope_of,
)
from stability.logic.statements import AllOf, Lazy

XOR = landscape("relu1", "xor")
OTHER = landscape("relu1", Dataset("two", [[0], [1]], [0, 1]))
ABOUT_X = ForAll("x", [], ["x == x"], landscapes={"L": XOR})


@pytest.mark.parametrize(
    "witness", [{"x": 1}, {"x": 1, "y": 2, "z": 3}, {"x": 1, "z": 2}, {}, ["x", "y"], "xy", None, 3]
)
def test_a_hint_gives_every_variable_and_nothing_else(witness):
    scope = scope_of("x y", {})
    check_witnesses([], scope)
    check_witnesses([{"x": 1, "y": "1/2"}, {"y": 0, "x": -1}], scope)
    with pytest.raises(StabilityError, match="Expected values of x, y in try_at"):
        check_witnesses([{"x": 1, "y": 1}, witness], scope)


def test_values_of_hints_are_exact():
    with pytest.raises(StabilityError, match="for y in try_at"):
        check_witnesses([{"x": 1, "y": 0.5}], scope_of("x y", {}))
    with pytest.raises(StabilityError, match="values of nothing in try_at"):
        check_witnesses([{"x": 1}], scope_of("", {}))


def test_variables_are_a_text():
    assert scope_of(" a  b ", {}).names == ["a", "b"]
    for wrong in (["a"], None, 3):
        with pytest.raises(StabilityError, match="Expected variables as a text"):
            scope_of(wrong, {})


def test_parts_are_statements_of_one_form():
    check_part(ABOUT_X)
    check_parts([ABOUT_X, ABOUT_X], "stability-record/1", "AllAboutSets")
    with pytest.raises(StabilityError, match="Expected a statement; got 'x > 0'"):
        check_part("x > 0")
    sets = number_of_sets(XOR, [], ">", 0)
    with pytest.raises(StabilityError, match="records of format stability-record/1") as caught:
        check_parts([ABOUT_X, sets], "stability-record/1", "AllAboutSets")
    assert caught.value.remedy == "Use AllAboutSets."
    for wrong in ([], "x", None, [ABOUT_X, None]):
        with pytest.raises(StabilityError):
            check_parts(wrong, "stability-record/1", "AllAboutSets")


def test_landscapes_of_parts_are_merged_unless_a_name_has_two_meanings():
    second = ForAll("x", [], ["x == x"], landscapes={"M": OTHER})
    both = {"L": XOR.to_record(), "M": OTHER.to_record()}
    assert merged_landscapes([ABOUT_X, second, ABOUT_X]) == both
    assert AllOf([ABOUT_X, second]).landscapes == both
    clash = ForAll("x", [], ["x == x"], landscapes={"L": OTHER})
    with pytest.raises(StabilityError, match="Two landscapes are called L"):
        AllOf([ABOUT_X, clash])


def test_landscapes_become_records():
    assert as_records({"L": XOR, "M": {"units": 1}}) == {"L": XOR.to_record(), "M": {"units": 1}}
    assert as_records("L") == "L"


def test_a_statement_with_a_procedure_of_its_own_says_what_it_was_given():
    inner = ForAll("x", ["x > 1"], ["x**2 > x"])
    lazy = Lazy(inner.formal(), {}, inner.settle)
    assert lazy.formal() == {"for all": ["x"], "given": ["x > 1"], "then": [["x**2 > x"]]}
    assert lazy.settle() == inner.settle()
    judged = prove(lazy)
    assert judged.conclusion == "proved"
    assert judged.record == prove(inner).record


def test_a_part_that_is_open_leaves_the_whole_open_with_its_reason():
    def part(conclusion, reason=""):
        return Lazy({}, {}, lambda: Settled(conclusion, {"of": conclusion}, reason))

    assert AllOf([part("proved"), part("proved")]).settle() == Settled(
        "proved", {"parts": [{"of": "proved"}, {"of": "proved"}]}
    )
    assert AllOf([part("proved"), part(None, "too long"), part(None, "later")]).settle().reason == "too long"
    assert AllOf([part("proved"), part("vacuous")]).settle().reason == "part 2 is vacuous"
    found = AllOf([part(None, "too long"), part("refuted")]).settle()
    assert (found.conclusion, found.proof) == ("refuted", {"part": 1, "proof": {"of": "refuted"}})
