"""Where several kinks meet the flow goes on, at the origin of a unit too; several solutions are not taken for one."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import arb, fmpq
from some_slow import some_slow
from wide_flow import CLOSE, case, neighbours, strays, wrong_speeds

from stability import landscape
from stability.dynamics.flow.batch import flow_limits
from stability.dynamics.flow.face_flow import field_of
from stability.dynamics.flow.filippov import (
    FlowPoint,
    fan_of,
    guards,
    kinks,
    normal_speed,
    stays_for_ever,
    tangled,
    ways,
)
from stability.dynamics.flow.linear_relations import exact_point, reduced
from stability.exact.exponential_sums import Undecided
from stability.model.datasets import Dataset

LINE = Dataset("line", [[-1], [0], [1]], [-1, -1, -1])
TURNED = Dataset("turned", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [1, 1, -1, -1])
BELOW = Dataset("below", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [0, 0, -1, -1])
SIX = Dataset("six", [[1, 3], [-1, -1], [2, -3], [-2, -2], [-1, -2], [2, 2]], [0, -1, 1, -1, 1, -1])
FIVE = Dataset("five", [[-2, 1], [-1, 0], [1, 0], [2, -2], [0, -2]], [0, 2, -1, 0, 0])
TO_THE_ORIGIN = [
    ("abs1", LINE),
    ("abs2", BELOW),
    ("abs2", TURNED),
    ("leaky1/10:2", TURNED),
    ("relu1", SIX),
    ("relu2", SIX),
    ("abs2", SIX),
]


def test_a_unit_comes_to_rest_where_all_its_kinks_meet():
    found = landscape("abs1", LINE).flow([[1, "3/10"]])
    assert found.point == [[0, 0]]
    assert found.ends_on.kind == "global minimum"
    assert found.unique
    assert [(event.kind, event.example) for event in found.events] == [
        ("sliding begins", 1),
        ("sliding begins", 0),
        ("sliding begins", 2),
        ("stop", None),
    ]


@pytest.mark.parametrize(("model", "data"), some_slow(TO_THE_ORIGIN, 4), ids=str)
def test_every_random_start_ends_on_a_set(model, data):
    place = landscape(model, data)
    starts = np.random.default_rng(0).normal(size=(60, place.units, place.width))
    found = flow_limits(place, starts[:10])
    assert (found.sets >= 0).all()
    for start in starts[:10][found.several]:
        solutions = list(place.flow(start.tolist()).solutions())
        assert len(solutions) > 1
        assert all(each.ends_on is not None for each in solutions)


def test_a_unit_that_is_torn_at_its_origin_leaves_to_either_side_or_stays():
    """Its slopes grow along two opposite rays when the other unit has moved away."""
    place = landscape("abs2", SIX)
    found = place.flow(np.random.default_rng(0).normal(size=(60, 2, 3))[10].tolist())
    stays, mirrored = found.branches
    assert stays.signs[1] == (0,) * 6
    assert mirrored.signs[1] == tuple(-s for s in found.pieces[6].signs[1])
    assert (stays.held, mirrored.held) == (False, True)
    assert stays.time == mirrored.time
    assert {stays.trajectory.loss, mirrored.trajectory.loss, found.loss} == {Q(19, 5)}


@pytest.mark.parametrize(
    ("model", "data", "start", "losses"),
    [
        ("leaky1/3:1", "xor", [[0, 0, 0]], {Q(1): 1, Q(4, 3): 2}),
        ("leaky1/3:1", "xor", [[0, 1, 1]], {Q(1): 1, Q(4, 3): 1}),
        ("relu1", FIVE, [[0, -1, 0]], {Q(265, 69): 1, Q(5): 2}),
    ],
)
def test_all_solutions_from_a_start_are_listed(model, data, start, losses):
    place = landscape(model, data)
    found = place.flow(start)
    assert not found.unique
    assert {"branch"} <= {event.kind for event in found.events}
    sets = found.ends()
    assert {loss: [s.loss for s in sets].count(loss) for loss in {s.loss for s in sets}} == losses
    near = np.array(start, dtype=float) + 1e-11 * np.random.default_rng(1).normal(size=(60, 1, place.width))
    assert set(flow_limits(place, near).sets.tolist()) <= {each.index for each in sets}
    assert "Other solutions" in found.certificate.reason


def test_a_slope_of_0_at_the_origin_of_a_unit_is_decided_by_its_derivative():
    """With both last examples on, the second unit moves along the kink of the first, and leaves it as they are fitted.

    By hand: with weights q of the kinks between 0 and 1 the velocity is -11 q1 (2, 2, 1) + (q2 (-1, 0, 1) + q3
    (2, -2, 1)) / 2, up to a factor; these six faces agree with the signs that it leads to, and no other does.
    """
    data = Dataset("graded", [[2, 2], [-1, 0], [2, -2]], [-2, "1/2", "1/2"])
    place, start = landscape("relu2", data), [[2, 3, -1], [0, 0, 0]]
    found = place.flow(start)
    faces = {way.signs[1]: way.held for way in found.branches} | {found.pieces[0].signs[1]: True}
    loose = dict.fromkeys([(-1, 1, 0), (0, 0, 1), (0, 0, 0)], False)
    assert faces == loose | dict.fromkeys([(-1, 1, -1), (-1, 1, 1), (0, -1, 1)], True)
    assert not found.unique
    solutions = list(found.solutions())
    assert {each.loss for each in solutions} == {Q(4), Q(17, 4), Q(9, 2)}
    assert max(wrong_speeds(place, each, 0) for each in solutions[:6]) < 1e-3
    sets = place.atlas().sets  # next to the origin lie dead cells, another set of the loss 9/2
    near = flow_limits(place, neighbours(place, start, 0)).sets
    assert {sets[k].loss for k in near} == {each.loss for each in solutions}


def faults(seed):
    """Return what is wrong with the solutions that are reported from a random start on kinks."""
    place, start = case(seed)
    found, near = place.flow(start), neighbours(place, start, seed)
    solutions = list(found.solutions())
    if found.ends_on is None:
        return [f"undecided: {found.reason}"]
    wrong = ["no solution"] * sum(wrong_speeds(place, each, seed) > 1e-3 for each in solutions[:6])
    if found.unique:
        wrong += ["not unique"] * int(strays(place, found, near) > CLOSE)
    elif all(each.ends_on is not None for each in solutions):
        sets = place.atlas().sets  # next to the border of dead cells lies another set with the same loss
        losses = {sets[k].loss for k in flow_limits(place, near).sets}
        wrong += ["a branch is missed"] * (not losses <= {each.loss for each in solutions})
        paths = {tuple(np.ravel(each.at([0.1, 0.5, 1.5])).round(9).tolist()) for each in solutions}
        wrong += ["one solution only"] * (len(paths) < 2 and place.units == 1 and len(solutions) < 64)
    return wrong


@pytest.mark.parametrize("seed", [0, 4, 33, 177, 482])
def test_starts_on_kinks_have_the_solutions_that_are_reported(seed):
    assert faults(seed) == []


@pytest.mark.slow
def test_a_thousand_starts_on_kinks_have_the_solutions_that_are_reported():
    assert {seed: wrong for seed in range(1000) if (wrong := faults(seed))} == {}


@pytest.mark.parametrize("most", [15, pytest.param(100, marks=pytest.mark.slow)])
def test_where_several_solutions_leave_no_certificate_concludes(most):
    """A certificate is of every solution from a start; most of those of unique ones are accepted."""
    branching, proved = 0, []
    for seed in range(1000):
        if branching == most:
            break
        place, start = case(seed)
        found = place.flow(start)
        if not found.unique:
            branching += 1
            assert found.certificate.record is None, seed
            assert found.certificate.reason
        elif len(proved) < 20:
            proved.append(found.certificate.record is not None)
            assert proved[-1] or found.certificate.reason
    assert branching == most
    assert sum(proved) >= 12


@pytest.mark.parametrize(("model", "data"), [("relu2", "xor"), ("leaky1/3:1", "xor"), ("abs1", "xor"), ("relu1", FIVE)])
def test_many_starts_at_once_have_several_solutions_where_one_start_has(model, data):
    """Rounded starts, some without a bias, lie on kinks or meet them together."""
    place = landscape(model, data)
    starts = np.random.default_rng(3).normal(size=(100, place.units, place.width)).round(1)
    starts[::3, :, -1] = 0
    starts[::5] = starts[::5].round()
    found = flow_limits(place, starts)
    for start, several, index in zip(starts, found.several, found.sets, strict=True):
        alone = place.flow(start.tolist())
        assert alone.unique != several
        assert several or alone.ends_on.index == index


def bias_place(model, label):
    """A unit on one example at x = 0, on its kink at b = 0: the loss is (s(b) - label)^2."""
    place = landscape(model, Dataset("at 0", [[0]], [label]))
    return place, FlowPoint([arb(3), arb(0)], exact_point([fmpq(3), fmpq(0)]))


SLOPES = [
    ("abs1", 1, [-2, -2]),
    ("abs1", -1, [2, 2]),
    ("abs1", 0, [0, 0]),
    ("relu1", 1, [0, -2]),
    ("relu1", -3, [0, 6]),
]


@pytest.mark.parametrize(("model", "label", "slopes"), SLOPES)
def test_guards_are_one_sided_slopes_of_the_loss(model, label, slopes):
    place, here = bias_place(model, label)
    found = guards(field_of(place, ((0,),)), 0)
    assert [guard.leaves for guard in found] == [((0, -1),), ((0, 1),)]
    assert [here.value(guard.slope) for guard in found] == slopes


@pytest.mark.parametrize(("model", "data", "start"), [("leaky1/3:1", "xor", [[0, 0, 0]]), ("abs1", LINE, [[1, 1]])])
def test_guards_are_differences_of_the_loss_along_their_rays(model, data, start):
    """The loss is a quadratic along a ray, so that 4 L(h/2) - 3 L(0) - L(h) is h times the slope."""
    place = landscape(model, data)
    flat = [fmpq(x) for row in start for x in row]
    here, signs = FlowPoint([arb(x) for x in flat], exact_point(flat)), tuple(map(tuple, place.pattern(start)))
    rays = fan_of(place, signs[0]).rays
    found = guards(field_of(place, signs), 0)
    assert len(found) == len(rays) > 0
    for ray, guard in zip(rays, found, strict=True):

        def loss(h, ray=ray):
            return place.loss([[Q(x) + h * Q(int(v.p), int(v.q)) for x, v in zip(start[0], ray.vector, strict=True)]])

        h = Q(1, 100)
        wanted = (4 * loss(h / 2) - 3 * loss(Q(0)) - loss(h)) / h
        assert float(here.value(guard.slope)) == pytest.approx(float(wanted), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "label", "wanted"),
    [
        ("abs1", 1, {(((-1,),), True), (((0,),), False), (((1,),), True)}),  # a peak: stay, or go to either side
        ("abs1", -1, {(((0,),), True)}),  # a valley
        ("abs1", 0, {(((0,),), True)}),  # fitted: nothing moves
        ("relu1", 1, {(((0,),), False), (((1,),), True)}),  # dead to the left: stay or learn
        ("relu1", -1, {(((0,),), True)}),
    ],
)
def test_ways_from_a_kink(model, label, wanted):
    place, here = bias_place(model, label)
    found = ways(place, ((0,),), here)
    assert {(way.signs, way.held) for way in found} == wanted
    assert all(way.known for way in found)


def test_a_sign_is_exact_by_equations_or_decided_by_balls():
    """Of x + y = 1 with both coordinates in balls the sum is known; x - y is only as exact as the balls."""
    here = FlowPoint([arb(0.5, 0.1), arb(0.5, 0.1)], reduced([[fmpq(1), fmpq(1), fmpq(1)]], 2))
    one, minus = fmpq(1), fmpq(-1)
    assert here.sign(([one, one], minus)) == 0
    assert here.sign(([one, one], fmpq(-2))) == -1
    assert here.sign(([one, minus], one)) == 1
    assert here.sign(([one, minus], minus)) == -1
    with pytest.raises(Undecided):
        here.sign(([one, minus], fmpq(0)))


def test_soon_is_the_sign_of_the_first_derivative_that_is_not_zero():
    """b' = 2 (1 - b) from b = 0: the height b is 0 now and positive soon, minus b negative; at b = 1 it rests."""
    place, here = bias_place("abs1", 1)
    motion = field_of(place, ((1,),))
    assert here.sign(([fmpq(0), fmpq(1)], fmpq(0))) == 0
    assert here.soon(([fmpq(0), fmpq(1)], fmpq(0)), motion) == 1
    assert here.soon(([fmpq(0), fmpq(-1)], fmpq(0)), motion) == -1
    assert here.soon(([fmpq(1), fmpq(0)], fmpq(-3)), motion) == 0, "the weight stays 3"


def test_examples_at_one_point_share_a_kink():
    place = landscape("relu1", Dataset("pairs", [[0], [1], [0]], [1, 1, 1]))
    assert kinks(place, (0, 0, 0)) == [[0, 2], [1]]
    assert kinks(place, (0, 1, 0)) == [[0, 2]]
    assert kinks(place, (1, 0, 1)) == [[1]]


def test_the_normal_speed_is_that_of_the_height():
    """At w = 3, b = 0 beside the kink of x = 0: b' = 2 (label - b)."""
    place, here = bias_place("abs1", 5)
    assert here.value(normal_speed(field_of(place, ((1,),)), 0, 0)) == 10
    assert here.value(normal_speed(field_of(place, ((-1,),)), 0, 0)) == -10
    assert here.value(normal_speed(field_of(place, ((0,),)), 0, 0)) == 0


def test_the_origin_of_a_unit_can_stay_whatever_the_errors_are():
    """Its gradients come in opposite pairs (absolute value), or one is 0 (ReLU); of a leaky unit neither."""
    for model, stays in (("abs1", True), ("relu1", True), ("leaky1/2:1", False)):
        place = landscape(model, "xor")
        assert stays_for_ever(field_of(place, ((0, 0, 0, 0),)), 0) is stays
        assert tangled(field_of(place, ((0, 0, 0, 0),)), 0)
        assert not tangled(field_of(place, ((0, 0, 0, 1),)), 0)
