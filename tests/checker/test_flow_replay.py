"""Trajectories that are solved by hand are enclosed, with their limits and events, and no other account of them is."""

from decimal import Decimal, localcontext
from fractions import Fraction as Q
from math import comb, factorial

import pytest
from hand_made import LEAKY, SIZE, data_of, meter_of, rejects

from stability.checker import flow_faces, flow_replay

BITS = 96
UNIT = 2**BITS


class Begun(flow_replay.Tube):
    """A tube whose end is not asked for."""

    def end(self, proof):
        """Leave the end open."""


def proof_of(signs, path=(), target=(), chains=(), shift=None, bits=BITS):
    shift = ["0"] * len(target) if shift is None else shift
    return {
        "bits": bits,
        "signs": signs,
        "path": list(path),
        "target": list(target),
        "shift": shift,
        "chains": list(chains),
    }


def land_of(*arguments, meter=None, **more):
    return flow_faces.Landscape("L", data_of(*arguments, **more), meter or meter_of())


UP = land_of(["0"], ["1"])
"""(|b| - 1)^2: where b > 0, b' = 2 - 2 b."""
DOWN = land_of(["0"], ["-1"])
"""(|b| + 1)^2: b falls to 0, b' = -2 - 2 b, and stays there."""
THROUGH = land_of(["0"], ["-1"], LEAKY)
"""Slopes 1/2 and 1: where b < 0, b' = -1 - b / 2."""
SLIDE = land_of(["0", "1", "-2"], ["-1", "6", "7"])
"""On b = 0 and w > 0, w' = 40 - 10 w; the kink at 0 is held until w = 2. Its limit is (29/7, 5/7) of loss 32/7."""


def begun(land, start, signs, path=(), bits=BITS):
    return Begun(land, [start.split()], proof_of([signs], path, bits=bits))


def ended(land, start, signs, path, target, chains, shift=None):
    return flow_replay.Tube(land, [start.split()], proof_of([signs], path, target.split(), chains, shift))


def exp(exponent):
    """Return e to a power with 60 digits."""
    with localcontext() as context:
        context.prec = 60
        return Q(Decimal(exponent.numerator) / Decimal(exponent.denominator)) and Q(
            (Decimal(exponent.numerator) / Decimal(exponent.denominator)).exp()
        )


def ln(number):
    with localcontext() as context:
        context.prec = 60
        return Q((Decimal(number.numerator) / Decimal(number.denominator)).ln())


def contains(tube, point):
    """Return whether a point is in the ball, whose radius is small."""
    away = sum((Q(x) - y * UNIT) ** 2 for x, y in zip(tube.point, point, strict=True))
    return away <= tube.radius**2


# Numbers


def test_fractions_are_rounded_to_the_nearest_whole_number():
    for top in range(-30, 31):
        for bottom in range(1, 9):
            found = flow_replay.rounded(top, bottom)
            assert type(found) is int
            assert abs(Q(top, bottom) - found) <= Q(1, 2)
    assert [flow_replay.rounded(top, 2) for top in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


def test_a_time_is_said_whatever_its_size():
    assert flow_replay.when(Q(1, 4)) == "time 0.25"
    assert flow_replay.when(Q(2**2000)) == "a time beyond 2^1999"
    assert flow_replay.when(Q(2**2000, 2**5)) == "a time beyond 2^1994"


def test_the_least_bernstein_coefficient():
    least = begun(UP, "0 1/2", "+").least
    assert least([10, -3, 2]) == 5
    assert least([5, -3, 2]) == 3  # coefficients 5, 7/2 rounded down, 4
    assert least([4, -4, 1]) == 1
    assert least([1, -3, 3, -1]) == 0
    assert least([0, 6, -6]) == 0
    assert least([-7]) == -7


@pytest.mark.parametrize("terms", [[6, -9, 5], [-3, 8, -1, 4], [100, -260, 210, -49], [2, 0, 0, -3], [9, 1, -8, 2]])
def test_the_least_coefficient_is_below_the_polynomial_and_touches_it_at_the_ends(terms):
    values = [sum(c * Q(t, 50) ** k for k, c in enumerate(terms)) for t in range(51)]
    n = len(terms) - 1
    exact = min(sum(Q(comb(i, k), comb(n, k)) * c for k, c in enumerate(terms[: i + 1])) for i in range(n + 1))
    found = begun(UP, "0 1/2", "+").least(terms)
    assert found <= min(values)
    assert exact - n - 1 < found <= exact or found == terms[0] - sum(map(abs, terms[1:])) > 0


# Steps


@pytest.mark.parametrize("time", [Q(1, 4), Q(1), Q(1, 10**6), Q(3)])
def test_a_step_follows_the_exponential(time):
    """b = 1 - e^(-2t) / 2 and w stays."""
    tube = begun(UP, "3 1/2", "+", [str(time)])
    assert tube.time == time
    assert contains(tube, (Q(3), 1 - exp(-2 * time) / 2))
    assert 0 < tube.radius < 200


def test_a_step_of_coupled_parameters_follows_the_series():
    """Points 0 and 1 with labels 0 and 3: w' = 6 - 2 w - 2 b, b' = 6 - 2 w - 4 b."""
    tube = begun(land_of(["0", "1"], ["0", "3"]), "1 1/3", "++", ["1/3", "1/7"])
    w, b, time = Q(1), Q(1, 3), Q(1, 3) + Q(1, 7)
    point, term = [w, b], [6 - 2 * w - 2 * b, 6 - 2 * w - 4 * b]
    for k in range(1, 60):
        point = [x + y * time**k / factorial(k) for x, y in zip(point, term, strict=True)]
        term = [-2 * term[0] - 2 * term[1], -2 * term[0] - 4 * term[1]]
    assert tube.time == time
    assert contains(tube, point)
    assert tube.radius < 500


def test_the_radius_is_what_was_rounded():
    assert begun(UP, "3 1/2", "+").radius == 0
    assert begun(UP, "3 1/3", "+").radius == 2
    assert begun(UP, "3 1/3", "+").point == [3 * UNIT, (UNIT - 1) // 3]
    tube = begun(UP, "3 1/2", "+")
    terms = tube.move(Q(1, 4), spread=11)
    assert tube.radius == 2 * len(terms) + 11
    assert terms[0] == [3 * UNIT, UNIT // 2]
    assert terms[1] == [0, UNIT // 4]
    assert terms[2] == [0, -UNIT // 16]
    assert terms[-1] == [0, 0] != terms[-2]
    assert tube.point == [sum(column) for column in zip(*terms, strict=True)]


def test_a_step_goes_forward_and_has_so_many_terms(monkeypatch):
    for time in (Q(0), Q(-1, 4)):
        with rejects("time goes forward"):
            begun(UP, "3 1/2", "+").move(time)
    many = len(begun(UP, "3 1/2", "+").move(Q(1, 4)))
    monkeypatch.setattr(flow_replay, "LONGEST", many)
    begun(UP, "3 1/2", "+").move(Q(1, 4))
    monkeypatch.setattr(flow_replay, "LONGEST", many - 1)
    with rejects("a step that is too long"):
        begun(UP, "3 1/2", "+").move(Q(1, 4))


def test_the_limits_of_steps_and_passages_are_those_of_the_page():
    assert flow_replay.LONGEST == 120
    assert flow_replay.CORNERS == 4


def test_velocities_are_in_the_unit_of_lengths():
    tube = begun(UP, "3 1/4", "+")
    assert tube.speed(tube.face) == [0, Q(3, 2) * UNIT]


def test_a_form_is_bounded_from_below_on_a_ball():
    tube = begun(UP, "3 1/2", "+")
    form = flow_faces.Form([3, 4], -7, 2)  # (9 + 2 - 7) / 2 = 2 at the point, of slope 5/2
    assert tube.low(form, 0) == 2 * UNIT
    for radius in (1, 1000, UNIT):
        true = 2 * UNIT - Q(5, 2) * radius
        assert true - Q(radius, 1000) <= tube.low(form, radius) <= true


def test_a_kink_is_not_met_while_its_height_stays_positive():
    """b = 3/2 e^(-2t) - 1 is 0 at the time ln(3/2) / 2 = 0.20273..."""
    begun(DOWN, "0 1/2", "+", ["0.2"])
    begun(DOWN, "0 1/2", "+", ["0.1", "0.1"])
    for late in (["0.2028"], ["0.1", "0.1028"], ["1"]):
        with rejects(f"unit 1 may meet a kink at time {float(sum(map(Q, late)))}"):
            begun(DOWN, "0 1/2", "+", late)


def test_a_ball_that_touches_a_kink_may_meet_it():
    tube = begun(UP, "0 1/2", "+")
    terms = [[0, 1000], [0, -1]]
    tube.radius = 998
    tube.keeps(terms)
    tube.radius = 999  # 999 000 is no more than 1001 * 999
    tube.face.matrix, tube.face.force = [[0, 0], [0, 0]], [0, 0]
    with rejects("may meet a kink"):
        tube.keeps(terms)
    tube.radius = 1000
    tube.keeps([[0, 1002]])
    with rejects("may meet a kink"):
        tube.keeps([[0, 1001]])  # 1000 * 1001 is no more than 1001 * 1000


def test_a_height_that_grows_is_not_met_although_it_begins_at_0():
    land = land_of(["0", "1"], ["0", "3"])
    tube = begun(land, "1 0", "++", ["1/100"])
    assert tube.point[1] > 0
    with rejects("a start on a kink that need not be left to that side"):
        begun(land, "1 0", "-+")


def test_a_held_kink_is_left_when_a_force_ends():
    """The force to the positive side is 2 - w with w = 4 - 3 e^(-10 t): until ln(3/2) / 10 = 0.0405465..."""
    begun(SLIDE, "1 0", "0+-", ["0.0405"])
    with rejects("unit 1 may leave a kink at time 0.0406"):
        begun(SLIDE, "1 0", "0+-", ["0.0406"])


# The start


@pytest.mark.parametrize(("signs", "good"), [("+", True), ("-", False), ("0", False)])
def test_the_signs_at_the_start_are_those_of_the_heights(signs, good):
    if good:
        begun(UP, "0 1/2", signs)
    else:
        with rejects("other signs at the start"):
            begun(UP, "0 1/2", signs)


@pytest.mark.parametrize(
    ("points", "labels", "side", "good"),
    [
        (["0", "1"], ["0", "3"], "+", True),  # the force of the point at 1 is 2, that at 0 has none
        (["0", "1"], ["0", "3"], "-", False),
        (["0", "1"], ["1", "3"], "+", True),  # 2 and at worst -1
        (["0", "1"], ["-1", "3"], "+", True),
        (["0", "1"], ["2", "3"], "+", False),  # 2 and at worst -2
        (["0", "1"], ["-2", "3"], "+", False),
        (["0", "0", "1"], ["1", "1", "3"], "+", False),  # twice -1
        (["0", "1", "1"], ["3", "3", "3"], "+", True),  # twice 2, and -3
        (["0", "1"], ["0", "1"], "+", False),
        (["0", "1"], ["0", "-1"], "-", True),  # the other side
        (["0", "1"], ["0", "-1"], "+", False),
    ],
)
def test_a_kink_at_the_start_is_left_to_the_side_to_which_every_slope_leads(points, labels, side, good):
    land = land_of(points, labels)
    signs = "".join("+" if point == "1" else side for point in points)
    if good:
        begun(land, "1 0", signs)
    else:
        with rejects("need not be left to that side"):
            begun(land, "1 0", signs)


def test_every_unit_adds_to_the_output_at_the_start():
    """Unit 2 puts out 1 where unit 1 is at its kink, and 2 where unit 1 puts out 1: errors 0 and 0, or one of them."""
    for labels, good in ((["1", "6"], True), (["1", "3"], False), (["0", "6"], True), (["0", "4"], False)):
        land = land_of(["0", "1"], labels, units=2)
        start, signs = [["1", "0"], ["1", "1"]], ["++", "++"]
        if good:
            Begun(land, start, proof_of(signs))
        else:
            with rejects("need not be left to that side"):
                Begun(land, start, proof_of(signs))


# The span of the course


def test_the_span_contains_the_course_and_no_more():
    assert begun(UP, "3 1", "+").span == {}
    assert list(begun(UP, "3 1/2", "+").span.values()) == [[0, 1]]
    assert len(begun(land_of(["0", "1"], ["0", "3"]), "1 1/3", "++").span) == 2
    assert len(begun(SLIDE, "1 0", "0+-").span) == 1
    both = land_of(["-1", "1"], ["3", "3"])  # w = 0 stays 0
    assert list(begun(both, "0 1", "++").span.values()) == [[0, 1]]


# Passages


def test_a_ball_that_is_not_left_within_a_time():
    tube = begun(UP, "3 1/2", "+")  # speed 1, slope 2
    ball = tube.reach([tube.face], Q(1, 8))
    assert ball >= UNIT // 4 + 2
    assert 0 + Q(1, 8) * (UNIT + 2 * ball) < ball
    tube.radius = 10**20
    assert tube.reach([tube.face], Q(1, 8)) >= ball + 2 * 10**20
    for time in (Q(1, 2), Q(26, 100), Q(5)):
        with rejects("a passage that takes too long"):
            tube.reach([tube.face], time)


def test_velocities_on_two_faces_differ_by_the_entries_of_their_matrices():
    plus, minus = (begun(THROUGH, f"0 {b}", s).face for b, s in (("1", "+"), ("-1", "-")))
    tube = begun(THROUGH, "0 1", "+")
    assert tube.apart(plus, minus) == tube.apart(minus, plus) == Q(3, 2)
    assert tube.apart(plus, plus) == 0


def held(path=("0.2", ["0.01", [[0, 0, 0]]]), chains=(None, None), target="0 0"):
    return ended(DOWN, "0 1/2", "+", path, target, chains)


def test_a_kink_that_is_met_and_held():
    tube = held()
    (passage,) = tube.events
    assert passage.events == [["sliding begins", 0, 0]]
    assert passage.begin == Q(1, 5) < ln(Q(3, 2)) / 2 < passage.end == Q(21, 100)
    assert passage.at_once
    assert tube.signs == ["0"]
    assert tube.loss == 1
    assert tube.time == Q(21, 100)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (["0.1", ["0.01", [[0, 0, 0]]]], "a kink that may not be met in time"),
        (["0.2", ["0.002", [[0, 0, 0]]]], "a kink that may not be met in time"),
        (["0.2", ["0.5", [[0, 0, 0]]]], "a passage that takes too long"),
        (["0.2", ["0.01", [[0, 0, -1]]]], "a kink that may not be crossed"),
        (["0.2", ["0.01", [[0, 0, 1]]]], "a change that is none"),
        (["0.2", ["0.01", [[0, 0, 0], [0, 0, 0]]]], "a change that is none"),
        (["0.2", ["0.01", []]], "a passage in no time, or of nothing"),
        (["0.2", ["0", [[0, 0, 0]]]], "a passage in no time, or of nothing"),
        (["0.2", ["-0.01", [[0, 0, 0]]]], "a passage in no time, or of nothing"),
        (["0.2", ["0.01", [[0, 0, 2]]]], "a change of no form"),
        (["0.2", ["0.01", [[0, 0, False]]]], "a change of no form"),
        (["0.2", ["0.01", [[-1, 0, 0]]]], "a change of no form"),
        (["0.2", ["0.01", [[0, -1, 0]]]], "a change of no form"),
        (["0.2", ["0.01", [[1, 0, 0]]]], "a unit and an example"),
        (["0.2", ["0.01", [[0, 1, 0]]]], "a unit and an example"),
        (["0.2", ["0.01", [[0, 0, 0]]], ["0.01", [[0, 0, 1]]]], "a kink that may be left"),
    ],
)
def test_a_kink_is_met_by_no_other_passage(path, reason):
    with rejects(reason):
        held(path)


def crossed(path=("0.2", ["0.01", [[0, 0, -1]]]), target="0 -2", chain=((), ("1/2",))):
    return ended(THROUGH, "0 1/2", "+", path, target, [chain])


def test_a_kink_that_is_crossed():
    """After ln(3/2) / 2, b = 2 e^(-t / 2) - 2."""
    tube = crossed(("0.2", ["0.01", [[0, 0, -1]]], "1"))
    (passage,) = tube.events
    assert passage.events == [["crossing", 0, 0]]
    assert (passage.begin, passage.end, passage.at_once) == (Q(1, 5), Q(21, 100), True)
    assert tube.signs == ["-"]
    assert tube.loss == 0
    late = tube.time - ln(Q(3, 2)) / 2
    assert contains(tube, (Q(0), 2 * exp(-late / 2) - 2))
    assert tube.radius < UNIT // 50


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (["0.1", ["0.01", [[0, 0, -1]]]], "a kink that may not be met in time"),
        (["0.2", ["0.002", [[0, 0, -1]]]], "a kink that may not be met in time"),
        (["0.2", ["0.01", [[0, 0, 0]]]], "something else may happen"),
    ],
)
def test_a_kink_is_crossed_by_no_other_passage(path, reason):
    with rejects(reason):
        crossed(path)


def test_examples_at_one_point_cross_together_and_bear_their_numbers():
    start = "0 1/2"
    twice = land_of(["0", "0"], ["-1", "-1"], LEAKY)
    tube = begun(twice, start, "++", ["0.1", ["0.01", [[0, 1, -1]]]])
    assert tube.events[0].events == [["crossing", 0, [0, 1]]]
    assert tube.face.signs == [[-1]]


def test_two_units_in_step_cross_at_one_time_and_others_in_no_order():
    """Two equal units: b' = -2 (2 b + 1), so b = e^(-4 t) - 1/2 from 1/2, which is 0 at ln(2) / 4 = 0.17328..."""
    land = land_of(["0"], ["-1"], LEAKY, units=2)
    path = ["0.17", ["0.01", [[1, 0, -1], [0, 0, -1]]]]
    tube = Begun(land, [["0", "1/2"]] * 2, proof_of(["+", "+"], path))
    assert [passage.events for passage in tube.events] == [[["crossing", 0, 0], ["crossing", 1, 0]]]
    assert tube.events[0].at_once
    assert len(tube.span) == 1
    apart = Begun(land, [["0", "1/2"], ["0", "0.501"]], proof_of(["+", "+"], path))
    assert not apart.events[0].at_once
    assert len(apart.span) == 2
    with rejects("something else may happen"):
        Begun(land, [["0", "1/2"]] * 2, proof_of(["+", "+"], ["0.17", ["0.01", [[0, 0, -1]]]]))


def test_what_is_met_at_one_time_has_heights_that_are_multiples_of_each_other():
    land = land_of(["0"], ["-1"], LEAKY, units=2)
    kinks = [(0, 0), (1, 0)]
    assert Begun(land, [["0", "1/2"]] * 2, proof_of(["+", "+"])).together(kinks)
    assert not Begun(land, [["0", "1/2"], ["0", "1"]], proof_of(["+", "+"])).together(kinks)
    rest = land_of(["0"], ["3"], LEAKY, units=2)  # at rest, 1 and 2 are multiples of each other for ever
    assert Begun(rest, [["0", "1"], ["0", "2"]], proof_of(["+", "+"])).together(kinks)


def let_go(path=("0.04", ["0.001", [[0, 0, 1]]], "0.2", "0.3", "0.3"), target="29/7 5/7", chains=(None,) * 3):
    return ended(SLIDE, "1 0", "0+-", path, target, chains)


def test_a_kink_that_is_held_and_left():
    tube = let_go()
    (passage,) = tube.events
    assert passage.events == [["sliding ends", 0, 0]]
    assert passage.begin == Q(1, 25) < ln(Q(3, 2)) / 10 < passage.end == Q(41, 1000)
    assert passage.at_once
    assert tube.loss == Q(32, 7)
    assert tube.signs == ["++-"]
    assert tube.near < Q(1, 10)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (["0.04", ["0.001", [[0, 0, -1]]]], "something else may happen"),
        (["0.03", ["0.001", [[0, 0, 1]]]], "a kink that may be left later"),
        (["0.04", ["0.0004", [[0, 0, 1]]]], "a kink that may be left later"),
        (["0.04", ["0.001", [[0, 0, 1], [0, 1, -1]]]], "something else may happen"),
        (["0.04"], "a target that does not rest"),
    ],
)
def test_a_held_kink_is_left_by_no_other_passage(path, reason):
    with rejects(reason):
        let_go(path)


def test_a_mean_of_squares_is_followed_at_its_own_speed():
    """A mean over three is three times as slow, and its loss a third."""
    land = land_of(["0", "1", "-2"], ["-1", "6", "7"], loss="mean")
    path = ["0.12", ["0.003", [[0, 0, 1]]], "0.6", "0.9", "0.9"]
    tube = ended(land, "1 0", "0+-", path, "29/7 5/7", [None] * 3)
    assert tube.loss == Q(32, 21)
    assert tube.events[0].begin == Q(3, 25)


FREES = {
    "where the loss is convex": (["-2", "-1", "12.8"], "0.01 10 0", "0++", "0.004", -1),
    "where it is concave": (["-2", "1", "11.3"], "-0.01 10 0", "0-+", "0.0095", 1),
}
"""At (0, 0) the kink is held while the forces from elsewhere are between -2 and -1; they jump below -2 when the kink
at (1, 0) is crossed, at ln(1.01) / 2 = 0.004975... and 2 ln(1.005) = 0.009975..."""


def frees(name, moves, begin=None, time="0.002"):
    labels, start, signs, early, _ = FREES[name]
    land = land_of(["0 0", "1 0", "0 1"], labels, LEAKY)
    return begun(land, start, signs, [begin or early, [time, moves]])


@pytest.mark.parametrize("name", FREES)
def test_a_kink_that_is_crossed_sets_another_free(name):
    side = FREES[name][-1]
    tube = frees(name, [[0, 1, side], [0, 0, 1]])
    (passage,) = tube.events
    assert passage.events == [["sliding ends", 0, 0], ["crossing", 0, 1]]
    assert passage.at_once
    assert passage.begin < (ln(Q(101, 100)) / 2 if side < 0 else 2 * ln(Q(1005, 1000))) < passage.end
    assert tube.face.signs == [[1, side, 1]]


@pytest.mark.parametrize("name", FREES)
def test_a_kink_is_set_free_to_one_side_and_at_that_time_only(name):
    side = FREES[name][-1]
    with rejects("a kink that may not be left"):
        frees(name, [[0, 1, side], [0, 0, -1]])
    with rejects("something else may happen"):
        frees(name, [[0, 1, side]])
    with rejects("a kink that may not be met in time"):
        frees(name, [[0, 1, side], [0, 0, 1]], time="0.0005")
    with rejects("a kink that may not be met in time"):
        frees(name, [[0, 1, side], [0, 0, 1]], begin="0.0001")


def test_the_loss_is_convex_where_the_error_and_the_bend_have_one_sign():
    time = Q(1, 100)
    for slopes, label, convex in (
        (SIZE, "-1", True),
        (SIZE, "3", False),
        (LEAKY, "-1", True),
        (LEAKY, "3", False),
        (LEAKY[::-1], "-1", False),
        (LEAKY[::-1], "3", True),
    ):
        tube = Begun(land_of(["0"], [label], slopes, 2), [["0", "1/2"], ["0", "0"]], proof_of(["+", "0"]))
        moved, met = {(0, 0): (1, -1), (1, 0): (0, 1)}, [(0, 0)]
        assert tube.bends(tube.face, tube.face, moved, met, time) == convex
        assert not tube.bends(tube.face, tube.face, {(0, 0): (1, -1)}, met, time)
    tube = begun(DOWN, "0 1/2", "+")
    assert tube.bends(tube.face, tube.face, {(0, 0): (1, 0)}, [(0, 0)], time)


def test_kinks_on_which_the_course_lies_are_no_multiples_of_others():
    tube = Begun(land_of(["0"], ["-1"], LEAKY, units=2), [["0", "1/2"]] * 2, proof_of(["+", "+"]))
    kinks, tube.span = [(0, 0), (1, 0)], {}
    for base, same in (("0 1 0 1", True), ("0 1 0 0", False), ("0 0 0 1", False), ("0 0 0 0", False)):
        tube.base = list(map(Q, base.split()))
        assert tube.together(kinks) == same


def test_a_ball_that_touches_a_form_or_a_time_just_too_short_decides_nothing():
    tube = begun(UP, "0 1/2", "+")
    tube.calm([], {}, UNIT // 4)
    tube.hits((0, 0), Q(UNIT), Q(51, 100))
    with rejects("a kink that may not be met in time"):
        tube.hits((0, 0), Q(UNIT), Q(1, 2))
    tube.point = [0, 0]
    tube.calm([], {(0, 0): (1, -1)}, 0)
    with rejects("something else may happen"):
        tube.calm([], {}, 0)


def test_few_kinks_are_crossed_at_once(monkeypatch):
    land = land_of(["0"], ["-1"], LEAKY, units=2)
    both = ["0.17", ["0.01", [[1, 0, -1], [0, 0, -1]]]]
    start = [["0", "1/2"], ["0", "0.501"]]
    monkeypatch.setattr(flow_replay, "CORNERS", 2)
    Begun(land, start, proof_of(["+", "+"], both))
    monkeypatch.setattr(flow_replay, "CORNERS", 1)
    with rejects("several things at once"):
        Begun(land, start, proof_of(["+", "+"], both))


def test_kinks_that_are_met_in_no_order_are_not_held():
    land, start = land_of(["0"], ["-1"], units=2), [["0", "1/2"], ["0", "0.501"]]
    with rejects("several things at once"):
        Begun(land, start, proof_of(["+", "+"], ["0.17", ["0.01", [[0, 0, 0], [1, 0, -1]]]]))


def test_two_kinks_are_not_left_at_once_and_none_without_two_forces():
    with rejects("several things at once"):
        Begun(
            land_of(["0"], ["-1"], units=2), [["0", "0"]] * 2, proof_of(["0", "0"], [["0.01", [[0, 0, 1], [1, 0, 1]]]])
        )
    with rejects("a kink that is left without force"):
        begun(land_of(["0"], ["-1"], ("0", "0", "1")), "0 0", "0", [["0.01", [[0, 0, 1]]]])


@pytest.mark.parametrize("w", ["2", "2.5"])
def test_a_kink_whose_force_has_ended_is_no_longer_held(w):
    with rejects("a kink that may be left otherwise"):
        begun(SLIDE, f"{w} 0", "0+-", [["0.001", [[0, 0, 1]]]])


def test_a_unit_below_its_kink_adds_its_own_slope_at_the_start():
    """Unit 2 puts out |-1 - x|: 1 at the kink of unit 1, and 2 where unit 1 puts out 1."""
    land = land_of(["0", "1"], ["1", "6"], units=2)
    Begun(land, [["1", "0"], ["-1", "-1"]], proof_of(["++", "--"]))
    land = land_of(["0", "1"], ["1", "2"], units=2)
    with rejects("need not be left to that side"):
        Begun(land, [["1", "0"], ["-1", "-1"]], proof_of(["++", "--"]))


# The end


def test_an_end_by_a_chain():
    tube = ended(UP, "3 1/2", "+", ["1/4"], "3 1", [[[], ["2"]]])
    true = exp(Q(-1, 2)) / 2
    assert tube.loss == 0
    assert tube.signs == ["+"]
    assert true <= tube.near <= true + Q(1, 2**80)
    assert tube.target == [3, 1]


def test_a_shift_brings_the_limit_nearer_but_not_along_what_never_moves():
    point = begun(UP, "3 1/2", "+", ["1/4"]).point
    shift = ["0", str(Q(point[1] - UNIT, 2 * UNIT))]
    tube = ended(UP, "3 1/2", "+", ["1/4"], "3 1", [[[], ["2"]]], shift)
    assert 0 < tube.near < Q(1, 2**80)
    tube = ended(UP, "3 1/2", "+", ["1/4"], "0 1", [[[], ["2"]]], shift)
    assert 3 <= tube.near <= 3 + Q(1, 2**80)


@pytest.mark.parametrize(
    ("target", "chains", "reason"),
    [
        ("3 9/10", [[[], ["2"]]], "a target that does not rest"),
        ("3 -1", [[[], ["2"]]], "a target that does not rest"),
        ("3", [[[], ["2"]]], "a target of the wrong length"),
        ("3 1 0", [[[], ["2"]]], "a target of the wrong length"),
        ("3 1", [], "expected 1 chains"),
        ("3 1", [[[], ["2"]]] * 2, "expected 1 chains"),
        ("9 1", [None], "something that is not known to last"),
    ],
)
def test_no_other_end_is_found(target, chains, reason):
    with rejects(reason):
        ended(UP, "3 1/2", "+", ["1/4"], target, chains)


def test_a_target_near_enough_needs_no_chain():
    assert ended(UP, "3 1/2", "+", ["1/4"], "3 1", [None]).signs == ["+"]
    assert ended(UP, "3 0.0011", "+", [], "3 1", [None]).signs == ["+"]
    with rejects("something that is not known to last"):
        ended(UP, "3 0.0009", "+", [], "3 1", [None])  # lengths are rounded up, by a thousandth


def test_a_target_lies_on_the_kinks_that_are_held():
    with rejects("a target that is not on the face"):
        held(target="0 1")
    assert held(target="0 0").signs == ["0"]


def test_a_height_that_falls_to_0_for_ever_has_no_sign_in_the_limit():
    """|b|^2: b = e^(-2t) / 2."""
    tube = ended(land_of(["0"], ["0"]), "0 1/2", "+", ["1/4"], "0 0", [[[], ["2"]]])
    assert tube.signs == ["0"]
    assert tube.loss == 0


def test_a_sign_of_the_limit_that_is_not_decided():
    """The chain shows that b stays positive, not what its limit is, and the target is too far away."""
    chain = [["1"], ["1", "1"]]
    assert ended(UP, "3 1/2", "+", ["1/4"], "3 1", [chain]).signs == ["+"]
    with rejects("a sign of the limit that is not decided"):
        ended(UP, "3 1/2", "+", ["1/4"], "9 1", [chain])


@pytest.mark.parametrize(
    ("rates", "weights", "limit"),
    [
        ([], ["2"], 2),  # f' = 2 - 2 f
        (["1"], ["2", "0"], 2),  # g = f' + f = 2 - f and g' = -2 g + 2
        (["1"], ["3/2", "1/2"], 1),  # g' = -3/2 g + f / 2 + 1
        (["1"], ["1", "1"], None),  # g' = -g + f: nothing is known of the limit
        (["1"], ["5/4", "3/4"], Q(1, 2)),
    ],
)
def test_chains_that_keep_a_height_positive(rates, weights, limit):
    tube = begun(UP, "0 1/2", "+")
    form = tube.face.heights[0, 0]
    assert tube.lasts(form, rates, weights) == limit


@pytest.mark.parametrize(
    ("rates", "weights", "reason"),
    [
        ([], ["1"], "a chain that does not close"),
        ([], ["3"], "a chain that does not close"),
        ([], ["-2"], "a chain that does not close"),
        ([], ["2", "0"], "weights of the wrong sign"),
        (["1"], ["2"], "weights of the wrong sign"),
        (["1"], ["3", "-1"], "weights of the wrong sign"),
        (["1"], ["1/2", "3/2"], "a chain that does not close"),  # it leaves -1
        (["1"], ["1", "2"], "a chain that does not close"),
        (["-2"], ["2", "0"], "something that is not yet positive"),  # f' - 2 f = 2 - 4 f is 0 at 1/2
        (["-3"], ["2", "0"], "something that is not yet positive"),
    ],
)
def test_chains_that_show_nothing(rates, weights, reason):
    tube = begun(UP, "0 1/2", "+")
    with rejects(reason):
        tube.lasts(tube.face.heights[0, 0], rates, weights)


def test_a_chain_is_no_reason_where_the_form_is_0_already():
    tube = begun(land_of(["0", "1"], ["0", "3"]), "1 0", "++")
    with rejects("something that is not yet positive"):
        tube.lasts(tube.face.heights[0, 0], [], ["2"])


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    slide, up, two = (["0", "1", "-2"], ["-1", "6", "7"]), (["0"], ["1"]), (["0"], ["-1"], LEAKY, 2)
    both = [[1, 0, -1], [0, 0, -1]]
    counted = []
    for parts, start, proof in (
        (slide, ["1 0"], (["0+-"], ["0.04", ["0.001", [[0, 0, 1]]], "0.2", "0.3", "0.3"], ["29/7", "5/7"], [None] * 3)),
        (up, ["3 1/2"], (["+"], ["1/4"], ["3", "1"], [[["1"], ["3/2", "1/2"]]])),
        (
            two,
            ["0 1/2", "0 0.501"],
            (["+", "+"], ["0.17", ["0.01", both]], ["0", "-1", "0", "-1"], [[[], ["1/2"]]] * 2),
        ),
        (slide, ["1 1/3"], (["++-"], ["0.0001"], (), (), None, 1100)),
    ):
        meter = meter_of()
        tube = flow_replay.Tube if proof[2] and len(start) == 1 else Begun
        tube(land_of(*parts, meter=meter), [each.split() for each in start], proof_of(*proof))
        counted.append(meter.total - meter.left)
    assert counted == [6872, 168, 1871, 797]
