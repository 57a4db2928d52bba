"""Reports of bifurcations in words, for families whose sets are found by hand."""

from fractions import Fraction as Q
from types import SimpleNamespace

import pytest
from flint import fmpq

from stability import Dataset, landscape
from stability.dynamics.bifurcation.events import BifurcationEvent, SetChange
from stability.dynamics.bifurcation.families import coordinate_family, identify, label_family, leaky_family
from stability.dynamics.bifurcation.snapshots import Still
from stability.dynamics.bifurcation.text import (
    described,
    event_lines,
    listed,
    loss_text,
    repeated,
    rows,
    summary,
    title,
    to_json,
)
from stability.exact.algebraic_numbers import value_at
from stability.exact.rational_functions import as_function
from stability.exact.real_roots import Root, exactly

POINT = Dataset("peak", [[0]], [1])
LABEL = landscape("abs1", POINT).bifurcation("label:1", -1, 2)
"""(|b| - y)^2: below y = 0 a minimum at the kink, above it two minima and a peak."""

SLOPE = landscape("abs1", POINT).bifurcation("slope", -1, 1)


def test_a_label_that_passes_through_0_in_a_few_lines():
    assert summary(LABEL).splitlines() == [
        "Stationary sets of 1 unit with slopes (-1, 1) on 1 point, y_1 = y (sum of squares), -1 <= y <= 2",
        "  -1 < y < 0  1 x global minimum  loss y^2  dimension 1",
        "  0 < y < 2   2 x global minimum  loss 0    dimension 1",
        "  0 < y < 2   1 x local maximum   loss y^2  dimension 1",
        "  at y = 0",
        "    branch point: before global minimum; there global minimum of dimension 1, loss 0; after "
        "2 global minima + local maximum",
        "  5 atlases agree",
    ]


def test_a_slope_that_passes_through_0_in_a_few_lines():
    assert title(SLOPE) == "Stationary sets of 1 unit with slopes (a, 1) on peak (sum of squares), -1 <= a <= 1"
    assert rows(SLOPE) == [
        ["-1 < a < 0", "1 x global minimum", "loss 0", "dimension 1"],
        ["-1 < a < 1", "1 x global minimum", "loss 0", "dimension 1"],
        ["-1 < a < 0", "1 x local maximum", "loss 1", "dimension 1"],
    ]
    (happening,) = SLOPE.events
    assert event_lines(SLOPE, happening)[1:] == [
        "escape to infinity: before global minimum; there infinity; after nothing",
        "only here: before nothing; there local minimum of dimension 2, loss 1; after nothing",
    ]


def test_what_varies_is_named():
    data = Dataset("two", [["1/2", 3], [0, 1]], [1, 0])
    place = landscape("abs2", data, "mean")
    moved = identify(coordinate_family(place, 1, 0), -1, 1)
    assert described(moved, "x") == "2 units with slopes (-1, 1) on 2 points, x_2 = (x, 1)"
    assert described(identify(label_family(place, 1), 0, 1), "y") == "2 units with slopes (-1, 1) on 2 points, y_2 = y"
    assert described(identify(leaky_family(data), 0, 1), "a") == "1 unit with slopes (a, 1) on two"

    def both(t):
        return landscape("relu1", Dataset("both", [[t, 2 * t], [0, 1]], [t * t, 1 - t]))

    words = described(identify(both, 0, 1), "t")
    assert words == "1 unit with slopes (0, 1) on 2 points, x_1 = (t, 2 t), y_1 = t^2, y_2 = -(t - 1)"


def branch(kind, **more):
    known = {"kind": kind, "orbit": 1, "dimension": 0, "low": exactly(0), "high": exactly(1), "loss": as_function(3)}
    return SimpleNamespace(**{**known, **more})


HALF = fmpq(1, 2)


def point(kind="saddle", loss=HALF, dimension=0, orbit=1):
    return Still(kind, loss, (), dimension, orbit, [], None)


KINDS = ["global minimum", "local minimum", "saddle", "saddle", "global minimum"]
DIAGRAM = SimpleNamespace(
    name="t", branches=[branch(kind) for kind in KINDS], family=SimpleNamespace(low=Q(0), high=Q(5))
)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("branch point", [0], [point()], [2, 3]), "before global minimum; there saddle, loss 1/2; after 2 saddles"),
        (
            ("nonsmooth fold", [2, 1, 3], [point()], []),
            "before 2 saddles + local minimum; there saddle, loss 1/2; after nothing",
        ),
        (("escape to infinity", [], [], [1]), "before nothing; there infinity; after local minimum"),
        (("change of shape", [0], [], [0]), "global minimum"),
        (
            ("flat set", [0], [point("local minimum", fmpq(0), 2)], [4]),
            "before global minimum; there local minimum of dimension 2, loss 0; after global minimum",
        ),
        (("branch point", [1], [], [], [2]), "before local minimum; there saddle that goes on; after nothing"),
        (("branch point", [1], [], [], [2, 3]), "before local minimum; there 2 saddles that go on; after nothing"),
        (
            ("branch point", [1], [point()], [0], [2]),
            "before local minimum; there saddle, loss 1/2 + saddle that goes on; after global minimum",
        ),
    ],
)
@pytest.mark.parametrize(("at", "cut"), [(1, None), (0, "left"), (5, "right")])
def test_what_happens_in_a_line_without_the_side_outside_the_range(change, line, at, cut):
    happening = BifurcationEvent(exactly(at), [SetChange(*change)])
    parts = line.split("; ")
    if len(parts) == 3 and cut:
        parts = parts[1:] if cut == "left" else parts[:-1]
    assert event_lines(DIAGRAM, happening) == [f"{change[0]}: {'; '.join(parts)}"]


def test_changes_that_look_alike_are_one_line_with_their_number():
    change = SetChange("border collision", [2], [point()], [3])
    other = SetChange("border collision", [0], [point()], [4])
    lines = event_lines(DIAGRAM, BifurcationEvent(exactly(1), [change, other, change]))
    assert lines == [
        "border collision, 2 times: before saddle; there saddle, loss 1/2; after saddle",
        "border collision: before global minimum; there saddle, loss 1/2; after global minimum",
    ]
    assert repeated("a: b: c", 1) == "a: b: c"
    assert repeated("a: b: c", 3) == "a, 3 times: b: c"


def test_losses_are_exact_or_marked_as_rounded():
    assert loss_text(point(loss=fmpq(-3, 4))) == "-3/4"
    root = value_at(LABEL.family.labels[0], Root((-2, 0, 1), 1))
    assert loss_text(point(loss=root)) == "~1.41421356"


def test_words_with_a_plus_and_their_number():
    assert listed([]) == ""
    assert listed(["saddle"]) == "saddle"
    words = ["saddle", "global minimum", "saddle", "local minimum", "global minimum", "local maximum"]
    assert listed(words) == "2 saddles + 2 global minima + local minimum + local maximum"


def test_everything_as_plain_data():
    data = to_json(LABEL)
    assert data["family"] == "1 unit with slopes (-1, 1) on 1 point, y_1 = y"
    assert (data["loss_kind"], data["parameter"], data["low"], data["high"]) == ("sum", "y", "-1", "2")
    assert [(each["kind"], each["loss"]["formula"]) for each in data["branches"]] == [
        ("global minimum", "y^2"),
        ("global minimum", "0"),
        ("global minimum", "0"),
        ("local maximum", "y^2"),
    ]
    (happening,) = data["events"]
    (change,) = happening["changes"]
    assert (happening["value"], happening["kinds"]) == ("0", ["branch point"])
    assert event_lines(LABEL, LABEL.events[0]) in happening.values()
    assert change == {
        "kind": "branch point",
        "before": [0],
        "at": [{"kind": "global minimum", "loss": "0", "dimension": 1, "orbit": 1}],
        "after": [1, 2, 3],
        "onto": [],
    }
    assert sorted(map(Q, data["checked_by_atlases_at"])) == sorted(LABEL.checked)
    assert {Q(-1), Q(0), Q(2)} <= set(LABEL.checked)


def test_rows_count_units_in_every_order_and_points_are_called_so():
    many = SimpleNamespace(name="t", groups=lambda: [[branch("saddle", orbit=2), branch("saddle", orbit=3)]])
    assert rows(many) == [["0 < t < 1", "5 x saddle", "loss 3", "point"]]
