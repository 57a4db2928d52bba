"""Atlases that are too large are refused in a sentence, however large."""

import pytest

from stability import landscape
from stability.errors import TooLargeError
from stability.geometry.atlas.atlas import is_affordable, known_atlas
from stability.geometry.atlas.size import most_choices, most_points, refuse_too_large, weighed, work_of
from stability.model.datasets import Dataset


def line(count):
    """Return the landscape of a unit on so many points of a line."""
    return landscape("relu1", Dataset("line", [[k] for k in range(count)], [k % 2 for k in range(count)]))


@pytest.mark.parametrize("model", ["relu9999", "abs9999"])
def test_numbers_that_nobody_reads_are_powers_of_ten(model):
    place = landscape(model, "xor")
    with pytest.raises(TooLargeError, match=r"about 10\^[0-9]+ in all") as refused:
        place.atlas()
    assert max(map(len, str(refused.value).split())) < 60
    assert len(str(most_choices(place))) > 30
    assert "fewer units" in str(refused.value)


def test_small_numbers_are_shown_whole():
    with pytest.raises(TooLargeError, match=r"--max-faces [0-9]+, or take at most [0-9,]+ points"):
        refuse_too_large(landscape("relu3", "xor"), 20_000)


@pytest.mark.parametrize(("choices", "examples", "work"), [
    (1, 1, 1), (1000, 250, 1000), (1000, 251, 1004), (1001, 251, 1006), (1000, 500, 2000), (10**40, 1000, 4 * 10**40),
])  # fmt: skip
def test_a_choice_counts_more_often_where_there_are_many_examples(choices, examples, work):
    assert weighed(choices, examples) == work


def test_many_examples_are_refused_before_anything_is_computed_although_their_faces_are_few():
    place = line(4_000)
    assert most_choices(place) < 200_000 < work_of(place)
    assert not is_affordable(place)
    with pytest.raises(TooLargeError) as refused:
        known_atlas(place)
    said = str(refused.value)
    assert "with 4,000 examples they are the work of 256,016 with 250 (about 2 minutes)" in said
    assert f"--max-faces {work_of(place)}, or take at most 3,535 points" in said


def test_as_many_examples_as_are_said_to_fit_do():
    for most in (2_000, 20_000, 200_000):
        count = most_points(line(5_000), most)
        assert work_of(line(count)) <= most < work_of(line(count + 1))


def test_few_examples_are_allowed_what_they_were():
    place = line(250)
    assert work_of(place) == most_choices(place) == 1001
