"""The callback that shows nothing, and the one for parts of longer work."""

import pytest

from stability import Dataset, landscape, number_of_sets, prove
from stability.compute.notebook import reporting
from stability.compute.progress import Progress, part_of_longer_work, parts_reported, silent


def test_silence(capsys):
    callback: Progress = silent
    assert callback("search", 1, 0) is None
    assert capsys.readouterr() == ("", "")


def test_parts_of_longer_work_report_to_a_callback_of_their_own():
    seen = []
    place = landscape("relu1", Dataset("parts", [[0], [1], [3]], [0, 1, 0]))
    with parts_reported(lambda *said: seen.append(said)):
        assert prove(number_of_sets(place, [], ">=", 1)).conclusion == "proved"
    assert {stage for stage, _, _ in seen} == {"faces", "stationary points", "certificate"}
    assert seen[-1] == ("certificate", 0, 0)


def test_after_longer_work_nothing_is_reported_even_where_it_failed():
    with pytest.raises(ZeroDivisionError), parts_reported(lambda *_: 1 / 0):
        part_of_longer_work()("faces", 0, 9)
    assert part_of_longer_work() is silent


def test_a_callback_that_is_given_comes_before_that_of_longer_work():
    own, other = [], []
    with parts_reported(lambda *said: other.append(said)), reporting(lambda *said: own.append(said), "atlas") as report:
        report("faces", 1, 2)
    assert (own, other) == ([("faces", 1, 2)], [])
