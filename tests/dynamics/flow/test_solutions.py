"""Solutions put together by hand: their pieces, their words, and in which order solutions that leave them follow."""

from dataclasses import replace
from fractions import Fraction as Q
from math import exp
from types import SimpleNamespace

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.flow.solutions import FlowEvent, FlowPiece, OtherSolution, Solution

PLACE = landscape("abs1", Dataset("peak", [[0]], [1]))
SETS = PLACE.atlas().sets
INFINITE = float("inf")


def piece(start, end, level, terms=((0.0, 0.0),), rates=(1.0,)):
    return FlowPiece(((1,),), start, end, np.array(level), np.array(terms), np.array(rates))


def solution(**more):
    known = {
        "landscape": PLACE,
        "start": [[Q(1, 3), Q(2)]],
        "pieces": [],
        "events": [],
        "point": [[Q(1, 3), Q(1)]],
        "loss": Q(0),
        "ends_on": SETS[0],
    }
    return Solution(**{**known, **more})


def test_an_event_says_when_it_happens_and_between_which_times():
    event = FlowEvent((Q(1, 4), Q(3, 4)), "crossing", 1, 2)
    assert event.to_json() == {
        "time": 0.5,
        "between": ["1/4", "3/4"],
        "kind": "crossing",
        "unit": 1,
        "example": 2,
        "detail": "",
    }
    stop = FlowEvent((Q(3), Q(3)), "branch", detail="2 ways").to_json()
    assert (stop["time"], stop["unit"], stop["example"], stop["detail"]) == (3.0, None, None, "2 ways")


def test_motion_on_a_piece_is_a_sum_of_exponentials():
    """p(t) = (1, 2) + (3, 0) exp(-(t - 1)) + (0, -4) exp(-2 (t - 1))."""
    part = piece(1.0, 5.0, [1.0, 2.0], [[3.0, 0.0], [0.0, -4.0]], [1.0, 2.0])
    assert part.at(np.array([1.0])).tolist() == [[4, -2]]
    expected = [[1 + 3 * exp(-t), 2 - 4 * exp(-2 * t)] for t in (0, 0.5, 3)]
    assert part.at(np.array([1.0, 1.5, 4.0])) == pytest.approx(np.array(expected))


def test_points_at_times_are_those_of_the_piece_there_and_nan_beyond():
    found = solution(pieces=[piece(0.0, 1.0, [1.0, 2.0]), piece(1.0, 3.0, [5.0, 6.0])])
    points = found.at([0, 0.5, 1, 3, 3.001, -0.001])
    assert points.shape == (6, 1, 2)
    assert points[:4].tolist() == [[[1, 2]], [[1, 2]], [[5, 6]], [[5, 6]]]
    assert np.isnan(points[4:]).all()
    assert found.at([]).shape == (0, 1, 2)


def test_points_of_two_units_have_a_row_each():
    two = landscape("abs2", Dataset("peak", [[0]], [1]))
    part = FlowPiece(((1,), (1,)), 0.0, INFINITE, np.array([1.0, 2, 3, 4]), np.zeros((1, 4)), np.ones(1))
    assert solution(landscape=two, pieces=[part]).at([7.0]).tolist() == [[[1, 2], [3, 4]]]


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({}, f"a {SETS[0].kind}, set 0 of the atlas, loss 0"),
        ({"ends_on": SETS[1], "loss": Q(1, 3)}, f"a {SETS[1].kind}, set 1 of the atlas, loss 1/3"),
        ({"loss": None}, f"a {SETS[0].kind}, set 0 of the atlas"),
        ({"ends_on": None, "loss": None}, "undecided"),
        ({"ends_on": None, "loss": Q(2)}, "undecided, loss 2"),
    ],
)
def test_where_it_ends_in_words(more, end):
    assert solution(**more).end == end


def test_the_spot_marks_what_is_rounded():
    assert solution().spot == "(1/3, 1)"
    assert solution(point=[[0.123456789, Q(1)], [Q(0), 2.0]]).spot == "(~0.123457, 1); (0, ~2)"


def test_a_solution_says_whether_it_is_the_only_one():
    words = repr(solution())
    assert words.startswith("abs1 on peak (sum of squares): gradient flow from (1/3, 2) ends on a ")
    assert words.endswith(", at (1/3, 1); unique")
    doubtful = repr(solution(unique=False, reason="too many events"))
    assert doubtful.endswith(", at (1/3, 1) (too many events); not decided to be the only solution")


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({}, "yes"),
        ({"unique": False}, "not decided"),
        ({"unique": False, "branches": [None]}, "no"),
    ],
)
def test_the_table_of_a_solution(more, answer):
    events = [FlowEvent((Q(1), Q(2)), "crossing", 0, 0)]
    page = solution(events=events, reason="a sign", **more)._repr_html_()
    assert f"<th>the only solution</th><td>{answer}</td>" in page
    assert "<td>crossing at time 1.5</td>" in page
    assert "<p>a sign</p>" in page
    assert "<p>" not in solution()._repr_html_()


def test_everything_as_plain_data():
    found = solution(point=[[Q(1, 3), 0.5]], events=[FlowEvent((Q(1), Q(1)), "stop")], unique=False, reason="why")
    data = found.to_json()
    assert data["start"] == [["1/3", "2"]]
    assert [each["kind"] for each in data["events"]] == ["stop"]
    assert (data["unique"], data["branches"]) == (False, [])
    assert data["end"] == {"point": [["1/3", 0.5]], "loss": "0", "kind": SETS[0].kind, "set": 0, "reason": "why"}
    assert (data["model"], data["data"], data["loss_kind"]) == ("abs1", "peak", "sum")
    nowhere = solution(ends_on=None, loss=None).end_to_json()
    assert (nowhere["loss"], nowhere["kind"], nowhere["set"], nowhere["reason"]) == (None, None, None, "")


# Solutions that leave others


class Branch:
    """A branch that notes when it is followed."""

    def __init__(self, name, tree, followed):
        self.name, self.tree, self.followed = name, tree, followed

    @property
    def trajectory(self):
        self.followed.append(self.name)
        return named(self.name, self.tree, self.followed)


def named(name, tree, followed):
    return solution(reason=name, branches=[Branch(each, more, followed) for each, more in tree.items()])


TREE = {"a": {"aa": {}, "ab": {"aba": {}}}, "b": {}, "c": {"ca": {}}}
NEAREST_FIRST = ["root", "a", "b", "c", "aa", "ab", "ca", "aba"]


@pytest.mark.parametrize("most", range(10))
def test_solutions_that_leave_it_come_nearest_first_and_no_more_are_followed(most):
    followed = []
    assert [each.reason for each in named("root", TREE, followed).solutions(most)] == NEAREST_FIRST[:most]
    assert sorted(followed) == sorted(NEAREST_FIRST[1:most])


def test_all_solutions_unless_there_are_more_than_64():
    assert [each.reason for each in named("root", TREE, []).solutions()] == NEAREST_FIRST
    many = named("root", {str(k): {} for k in range(100)}, [])
    assert len(list(many.solutions())) == 64


def test_ends_are_named_once_in_the_order_of_the_atlas():
    ends = [SETS[2], None, SETS[0], SETS[2]]
    leaves = [SimpleNamespace(trajectory=solution(ends_on=end)) for end in ends]
    found = solution(ends_on=SETS[1], branches=leaves)
    assert [each.index for each in found.ends()] == [0, 1, 2]
    assert [each.index for each in found.ends(2)] == [1, 2]
    assert solution(ends_on=None).ends() == []


def test_what_leaves_a_peak_is_followed_and_written_down():
    """From b = 0 a solution of b' = 2 sign(b) - 2 b runs to 1, one to -1, and one stays; w is kept."""
    start = [[Q(7), Q(0)]]
    whole = PLACE.flow(start)
    found = {each.spot: each for each in whole.solutions()}
    assert set(found) == {"(7, 0)", "(7, 1)", "(7, -1)"}
    assert {str(each.loss) for each in whole.ends()} == {"0", "1"}
    branch = whole.branches[0]
    assert isinstance(branch, OtherSolution)
    data = branch.to_json()
    assert (data["time"], data["between"]) == (0.0, ["0", "0"])
    assert data["faces"] in (["+"], ["-"], ["0"])
    assert (data["held"], data["known"]) == (branch.held, branch.known)
    assert data["end"] == branch.trajectory.end_to_json()
    assert data["end"]["point"][0][1] == {"+": "1", "-": "-1", "0": "0"}[data["faces"][0]]
    later = replace(branch, time=(Q(1), Q(2)), signs=((-1, 0, 1), (1, 1, -1)))
    later.__dict__["trajectory"] = branch.trajectory
    assert (later.to_json()["time"], later.to_json()["faces"]) == (1.5, ["-0+", "++-"])
