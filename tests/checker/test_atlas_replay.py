"""Landscapes of one or two data points, all of whose stationary sets are found by hand, and every flaw in a proof."""

import copy
from fractions import Fraction as Q
from itertools import combinations_with_replacement

import pytest
from hand_made import ALL, DOT, LEAKY, LEAKY_FITS, PAIR, RAMP, RAMP_FITS, SIZE, even, land_of, meter_of, rejects

from stability.checker import atlas_replay


def pair(proof=PAIR, slopes=SIZE, loss="sum", labels=("1", "2"), meter=None):
    return atlas_replay.Atlas(land_of(["0", "1"], labels, slopes, loss=loss, meter=meter), proof)


def dot(label, slopes, fits, units=1):
    """Return the atlas of one example at 0, where a unit is its bias."""
    return atlas_replay.Atlas(land_of(["0"], [label], slopes, units), {**DOT, "fits": fits})


def values(atlas, *names):
    return sorted(tuple(each[name] for name in names) for each in atlas.sets)


# Small things


@pytest.mark.parametrize(
    ("outputs", "labels", "right"),
    [
        ([0, 1], [0, 1], 2),
        ([1, 0], [0, 1], 0),
        ([Q(1, 2), Q(1, 2)], [0, 1], 1),  # the mean is not above the mean
        ([1, 1, 1], [0, 1, 1], 2),
        ([-3, 9], [-1, 2], 2),
        ([Q(1, 2), Q(2, 3)], [-1, 2], 2),
        ([5, 5], [1, 1], None),
        ([0, 1, 2], [0, 1, 2], None),
    ],
)
def test_how_many_outputs_are_on_the_right_side(outputs, labels, right):
    assert atlas_replay.judged(outputs, labels)["right"] == right


def test_which_outputs_are_on_the_right_side_and_of_which_label():
    assert atlas_replay.judged([1, 1, -4, Q(1, 2)], [0, 1, 0, 1]) == {
        "right": 2,
        "correct": [False, True, True, False],
        "correct of class 0": 1,
        "correct of class 1": 1,
    }
    assert atlas_replay.judged([Q(5, 12), 3], [Q(1, 2), Q(1, 3)]) == {
        "right": 0,  # 5/12 is the mean itself
        "correct": [False, False],
        "correct of class 1/3": 0,
        "correct of class 1/2": 0,
    }
    assert atlas_replay.judged([0, 1, 2], [0, 1, 2]) == {"right": None, "correct": None}


# Two points in general position, one unit


def test_the_stationary_sets_of_an_absolute_value_on_two_points():
    atlas = pair()
    assert values(atlas, "kind", "loss", "right") == sorted(
        [("global minimum", 0, 2)] * 4
        + [("saddle", 1, 2)] * 2  # outputs 0 and 2
        + [("saddle", 4, 1)] * 2  # outputs 1 and 0
        + [("local maximum", 5, 1)]
    )
    for each in atlas.sets:
        least = each["kind"] == "global minimum"
        assert each["dimension"] == 0
        assert each["isolated"]
        assert each["strict"] == each["directional"] == least
        assert each["smooth_faces"] == int(least)
        assert each["faces"] == each["orbit"] == each["autograd_faces"] == 1
        assert each["autograd_rests"]
        assert each["clarke"]


def test_a_mean_of_two_is_half_a_sum():
    assert sorted(each["loss"] for each in pair(loss="mean").sets) == [0] * 4 + [HALF, HALF, 2, 2, Q(5, 2)]


HALF = Q(1, 2)


def test_torch_rests_where_its_own_slopes_balance():
    atlas = pair(slopes=("-1", "1", "1"))
    assert {(each["kind"], each["autograd_rests"], each["autograd_faces"]) for each in atlas.sets} == {
        ("global minimum", True, 1),
        ("saddle", False, 0),
        ("local maximum", False, 0),
    }


@pytest.mark.parametrize(
    ("point", "kind", "outputs"),
    [
        ([["1", "1"]], "global minimum", [1, 2]),
        ([["-3", "1"]], "global minimum", [1, 2]),
        ([["-2", "0"]], "saddle", [0, 2]),
        ([["2", "0"]], "saddle", [0, 2]),
        ([["-1", "1"]], "saddle", [1, 0]),
        ([["0", "0"]], "local maximum", [0, 0]),
    ],
)
def test_a_stationary_point_is_located(point, kind, outputs):
    found = pair().locate(point)
    assert (found["kind"], found["outputs"]) == (kind, outputs)


@pytest.mark.parametrize("point", [[["1", "2"]], [["2", "1"]], [["-1", "0"]], [["1", "0"]], [["0", "1"]], [["5", "5"]]])
def test_other_points_of_the_same_faces_are_in_no_set(point):
    assert pair().locate(point) is None


def test_heights_of_a_point_are_not_scaled():
    """In whole numbers the points 0 and 1/2 are rows (0, 2) and (1, 2)."""
    atlas = atlas_replay.Atlas(land_of(["0", "1/2"], ["1", "2"]), {**PAIR, "rays": [[2, -1], [-1, 0], [1, 0], [-2, 1]]})
    assert atlas.locate([["2", "1"]])["loss"] == 0
    assert atlas.locate([["1", "1/2"]]) is None


def test_slopes_of_a_point_are_not_scaled():
    """In whole numbers the slopes are 1 and 2."""
    atlas = dot("1", LEAKY, LEAKY_FITS)
    assert atlas.locate([["7", "1"]])["kind"] == "global minimum"
    assert atlas.locate([["7", "2"]]) is None
    assert atlas.locate([["7", "1/2"]]) is None


def test_a_leaky_unit_has_one_minimum_where_it_meets_the_label():
    atlas = dot("1", LEAKY, LEAKY_FITS)
    assert values(atlas, "kind", "loss", "dimension", "isolated", "strict") == [("global minimum", 0, 1, False, False)]
    assert atlas.sets[0]["right"] is None


# One point


ABS_FITS = [[[], 1, [1], [], [[1, [0, 1], [2, 1]]]], [[0], 1, [1, 1], [], ALL]]


def test_the_stationary_sets_of_an_absolute_value_on_one_point():
    """|b| = 1 on two lines, and b = 0 on the line between; w is free."""
    atlas = dot("1", SIZE, ABS_FITS)
    assert values(atlas, "kind", "loss", "dimension", "orbit", "faces", "smooth_faces") == [
        ("global minimum", 0, 1, 1, 1, 1),
        ("global minimum", 0, 1, 1, 1, 1),
        ("local maximum", 1, 1, 1, 1, 0),
    ]
    assert not any(each["isolated"] or each["strict"] for each in atlas.sets)


def test_two_absolute_values_share_a_label():
    """|b1| + |b2| = 1 is one diamond of four sides and four corners, and its middle a maximum."""
    atlas = dot("1", SIZE, ABS_FITS, units=2)
    assert values(atlas, "kind", "loss", "dimension", "orbit", "faces", "smooth_faces") == [
        ("global minimum", 0, 3, 1, 8, 8),
        ("local maximum", 1, 2, 1, 1, 0),
    ]
    assert atlas.locate([["5", "1/4"], ["0", "-3/4"]])["loss"] == 0
    assert atlas.locate([["5", "0"], ["0", "-1"]])["loss"] == 0
    assert atlas.locate([["5", "1/4"], ["0", "-1/4"]]) is None
    assert atlas.locate([["5", "0"], ["0", "0"]])["loss"] == 1


def test_a_ramp_is_dead_on_one_side():
    """b < 0 is a flat minimum of loss 1, b = 0 its border, from where it only falls, and b = 1 the least."""
    atlas = dot("1", RAMP, RAMP_FITS)
    assert values(atlas, "kind", "loss", "dimension", "smooth_faces", "directional") == [
        ("global minimum", 0, 1, 1, True),
        ("local maximum", 1, 1, 0, False),
        ("local minimum", 1, 2, 1, True),
    ]


def test_two_ramps_meet_in_one_set_whatever_their_order():
    atlas = dot("1", RAMP, RAMP_FITS, units=2)
    assert values(atlas, "kind", "loss", "dimension", "faces", "orbit", "smooth_faces") == [
        ("global minimum", 0, 3, 5, 1, 5),
        ("local maximum", 1, 3, 3, 1, 0),
        ("local minimum", 1, 4, 1, 1, 1),
    ]
    assert atlas.locate([["0", "-1"], ["0", "0"]])["kind"] == "local maximum"
    assert atlas.locate([["0", "0"], ["0", "-1"]])["kind"] == "local maximum"
    assert atlas.locate([["0", "-1"], ["0", "-2"]])["kind"] == "local minimum"


def test_opposite_labels_at_one_point_cancel_on_its_kink():
    """|b| with labels 1 and -1 at the same point: b = 0 is the least, and no kink of the loss."""
    tree = [[[0]], *([[-1], [1, sign, 1, 0, 1]] for sign in (-1, 0, 1))]
    fits = [[[], 1, [1], [], [[1, [0, 1]]]], [[0], 0, [1, 1], [], []]]
    proof = {"tree": tree, "rays": [[0, -1], [0, 1]], "fits": fits}
    atlas = atlas_replay.Atlas(land_of(["0", "0"], ["1", "-1"]), proof)
    (only,) = atlas.sets
    assert (only["kind"], only["loss"], only["dimension"], only["smooth_faces"]) == ("global minimum", 2, 1, 1)


# Proofs with a flaw


def altered(number, part, value):
    proof = copy.deepcopy(PAIR)
    proof["fits"][number][part] = value
    return proof


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ({**PAIR, "fits": PAIR["fits"][:-1]}, "a choice of faces without a fit"),
        ({**PAIR, "fits": PAIR["fits"][1:]}, "a choice of faces without a fit"),
        ({**PAIR, "fits": [*PAIR["fits"], PAIR["fits"][0]]}, "a fit without a denominator, or a second one"),
        (altered(3, 0, [0, 2]), "generators that are not there"),
        (altered(3, 2, [0, 1, 2]), "a fit without a denominator, or a second one"),
        (altered(3, 2, [-1, -1, -2]), "a fit without a denominator, or a second one"),
        (altered(3, 2, [1, 1, 1]), "errors that are not orthogonal to the generators"),
        (altered(3, 2, [2, 1, 2]), "errors that are not orthogonal to the generators"),
        (altered(1, 2, [1, 2]), "errors that are not orthogonal to the generators"),
        (altered(3, 1, 0), "a separator with the labels on the wrong side"),
        (altered(0, 1, 0), "a separator of nothing"),
        (altered(0, 1, 2), "a fit that is neither inside nor outside"),
        (altered(3, 1, 2), "a fit that is neither inside nor outside"),
        (altered(0, 4, []), "a unit that is neither separated nor balanced"),
        (altered(3, 4, even(0, 2, 6)), "a unit that is neither separated nor balanced"),
        (altered(0, 4, [[9, [0, 1]]]), "a face that is not there"),
        (altered(0, 3, [[9, 0, 1]]), "a face that is not there"),
        (altered(0, 3, [[4, 0, 1]]), "a direction that does not separate"),
        (altered(0, 3, [[4, 0, 0]]), "a direction that does not separate"),
        (altered(0, 4, [[4, [0, 1], [2, 1], [6, 1], [8, 2]]]), "a balance that is none"),
        (altered(0, 4, [[4, [0, 0], [8, 0]]]), "a balance that is none"),
        (altered(0, 4, [[4, [0, -1], [8, -1]]]), "a balance that is none"),
        (altered(1, 4, [[1, [0, 1], [6, 1]]]), "a cell that is not near"),
        (altered(0, 4, [[4, [4, 1]]]), "a cell that is not near"),
    ],
)
def test_a_proof_with_a_flaw_is_rejected(proof, reason):
    with rejects(reason):
        pair(proof)


def test_two_opposite_cells_balance_a_corner():
    """Around (0, 0) the gradients of ++ and -- cancel: no others are needed."""
    assert len(pair(altered(0, 4, [[4, [0, 1], [8, 1]]])).sets) == 9


def test_labels_that_are_met_by_a_weight_of_0_are_not_inside():
    """With labels 1 and 0, the second generator has the weight 0."""
    fits = [
        [[], 1, [1], [], even(4)],
        [[0], 1, [1, 1], [], even(1, 7)],
        [[1], 0, [1, 1], [], []],
        [[0, 1], 0, [1, 0, 1], [], []],
    ]
    atlas = pair({**PAIR, "fits": fits}, labels=("1", "0"))
    assert values(atlas, "kind", "loss") == [("global minimum", 0)] * 2 + [("saddle", 1)]
    fits[3] = [[0, 1], 1, [1, 1, 0], [], even(0, 2, 6, 8)]
    with rejects("a weight that is not positive"):
        pair({**PAIR, "fits": fits}, labels=("1", "0"))
    fits[3] = [[0, 1], 0, [1, 0, 0], [], []]
    with rejects("a separator that does not separate"):
        pair({**PAIR, "fits": fits}, labels=("1", "0"))
    fits[3] = [[0, 1], 0, [1, -1, 1], [], []]
    with rejects("a separator that does not separate"):
        pair({**PAIR, "fits": fits}, labels=("1", "0"))


def test_every_choice_of_faces_is_asked_for():
    atlas = dot("1", RAMP, RAMP_FITS, units=3)
    choices = set(combinations_with_replacement(range(3), 3))
    assert {choice for pieces in atlas.pieces.values() for choice in pieces.found} == choices
    assert sum(each["faces"] * each["orbit"] for each in atlas.sets) == 27


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    counted = []
    for land, proof in (
        (lambda meter: land_of(["0", "1"], ["1", "2"], meter=meter), PAIR),
        (lambda meter: land_of(["0"], ["1"], RAMP, 3, meter=meter), {**DOT, "fits": RAMP_FITS}),
    ):
        meter = meter_of()
        atlas = atlas_replay.Atlas(land(meter), proof)
        counted.append(meter.total - meter.left)
        atlas.locate([["1", "1"]] * atlas.land.count)
        atlas.fits.separates(1, (1,) * atlas.land.size, [0, 0])
        counted.append(meter.total - meter.left)
    assert counted == [519, 546, 496, 530]
