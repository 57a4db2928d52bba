"""What is correct means the same for atlases, ensembles, basins, claims and the checker, for any two labels."""

import json
from fractions import Fraction as Q

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stability import landscape
from stability.audit.experiments import Experiment
from stability.checker import checker
from stability.cli.flow import basins_table
from stability.cli.tables import atlas_table
from stability.errors import DataError, StatementError
from stability.geometry.atlas.statements import complete_list, every_set, number_of_sets, set_at
from stability.logic.records import prove
from stability.model.correctness import correct, correct_floats, explained, threshold
from stability.model.datasets import Dataset
from stability.training.ensembles.problem import task

NUMBERS = st.fractions(min_value=-3, max_value=3, max_denominator=4)
PEAK = Dataset("peak", [[-1], [0], [1]], [1, -1, 1])
RAMP = Dataset("ramp", [[-1], [0], [1]], [0, "1/2", 2])


def slow(outputs, labels):
    """Count outputs that are nearer to their own label; equally near ones belong to the smaller label."""
    low, high = sorted({*labels})
    return [(abs(f - high) < abs(f - low)) == (y == high) for f, y in zip(outputs, labels, strict=True)]


@given(st.lists(st.tuples(NUMBERS, st.booleans()), min_size=2, max_size=6), NUMBERS, st.fractions(min_value="1/4"))
def test_an_output_stands_for_the_nearer_label(rows, low, gap):
    outputs, labels = [f for f, _ in rows], [low + gap * upper for _, upper in rows]
    if len({*labels}) == 1:
        assert correct(outputs, labels) is correct_floats(outputs, labels) is threshold(labels) is None
        return
    assert correct(outputs, labels) == slow(outputs, labels)
    ties = [threshold(labels)] * len(labels)
    assert correct(ties, labels) == [y == min(labels) for y in labels]
    floats = np.array([[float(f) for f in outputs], [np.nan] * len(outputs)])
    clear = [abs(f - ties[0]) > Q(1, 10**9) for f in outputs]
    found = correct_floats(floats, labels)
    assert [a for a, far in zip(found[0], clear, strict=True) if far] == [
        a for a, far in zip(correct(outputs, labels), clear, strict=True) if far
    ]
    assert not found[1].any()


def test_labels_that_floats_cannot_distinguish_are_still_two():
    labels = [Q(1), Q(1) + Q(1, 10**30)]
    assert correct_floats([[0.0, 2.0], [2.0, 0.0]], labels).tolist() == [[True, True], [False, False]]


def test_the_words_name_the_threshold():
    assert explained([Q(-1), Q(1)]) == "correct: an output above 0 stands for the label 1, any other for -1"
    assert explained([Q(0), Q(1), Q(2)]) is explained([Q(5)]) is None


@pytest.mark.parametrize("data", [PEAK, Dataset("tie", [[-1], [1], [1]], [3, 3, 5])])
def test_atlas_and_training_agree_on_every_set(data):
    place, trained = landscape("relu1", data), task("relu1", data)
    for each in place.atlas().sets:
        outputs = np.array([[[float(f)] for f in each.outputs]])
        assert trained.right(outputs).sum() == each.right == sum(slow(each.outputs, data.labels))
    assert Q(4) in place.atlas().sets[0].outputs or data is PEAK  # a tie is among the cases


def test_every_output_names_the_threshold():
    place = landscape("abs1", PEAK)
    assert place.atlas().to_json()["threshold"] == "0"
    assert [each["right"] for each in place.atlas().to_json()["sets"]] == [each.right for each in place.atlas().sets]
    assert atlas_table(place.atlas())[-1] == "correct: an output above 0 stands for the label 1, any other for -1"
    found = place.basins("normal:1", 50)
    assert (found.to_json()["threshold"], basins_table(found)[-1]) == ("0", atlas_table(place.atlas())[-1])


def test_nothing_is_correct_without_two_labels():
    atlas = landscape("relu1", RAMP).atlas()
    found = atlas.to_json()
    assert found["threshold"] is None
    assert {each["right"] for each in found["sets"]} == {None}
    assert len(atlas_table(atlas)) == 1
    assert "right" not in atlas.table("csv") + json.dumps(complete_list(atlas).formal())
    found = landscape("relu1", RAMP).basins("normal:1", 50)
    assert "right" not in [column.header for column in basins_table(found)[1].columns]


@pytest.mark.parametrize("data", [RAMP, Dataset("one", [[-1], [1]], [2, 2])])
def test_claims_about_right_need_two_labels(data):
    place = landscape("relu1", data)
    for state in (
        lambda: every_set(place, [("right", ">", 0)], [("loss", ">=", 0)]),
        lambda: every_set(place, [("loss", "<", -1)], [("right", "=", 0)]),
        lambda: number_of_sets(place, [("right", "=", 3)], ">", 0),
        lambda: set_at(place, [[0, 0]], [("right", "=", 1)]),
        lambda: set_at(place, [[0, 0]], [("correct", "=", [True])]),
        lambda: number_of_sets(place, [("correct of class 2", "=", 1)], ">", 0),
    ):
        with pytest.raises(StatementError, match="two different labels"):
            state()


def test_experiments_need_two_labels(tmp_path):
    path = tmp_path / "ramp.csv"
    path.write_text("x1,y\n-1,0\n0,1/2\n1,2\n")
    with pytest.raises(DataError, match="two different labels"):
        Experiment("ramp", data=str(path)).run(10)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([(-1, 1), (Q(1, 3), Q(1, 2)), (0, 1), (5, -2)]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_the_checker_means_the_same(labels, upper):
    data = Dataset("drawn", [[-1], [0], [2]], [labels[u] for u in upper])
    found = prove(complete_list(landscape("abs1", data).atlas()))
    assert checker.check(found.record).startswith("proved")
    sets = found.record["statement"]["are"]
    assert all(("right" in each) == (len({*upper}) == 2) for each in sets)


@pytest.mark.parametrize(
    "statement",
    [
        {"every set of": "relu1", "with": [], "has": [["right", ">=", 0]]},
        {"every set of": "relu1", "with": [["loss", "<", -1]], "has": [["right", "=", 0]]},
        {"not": {"sets of": "relu1", "with": [["loss", "<", -1], ["right", "=", 0]], "number": ["=", 5]}},
    ],
)
def test_the_checker_rejects_right_without_two_labels(statement):
    record = prove(complete_list(landscape("relu1", RAMP).atlas())).record
    for conclusion in ("proved", "refuted", "vacuous"):
        forged = {**record, "statement": statement, "conclusion": conclusion}
        with pytest.raises(checker.Rejected, match="right has no meaning"):
            checker.check({**forged, "id": checker.digest({**forged, "id": ""})})
