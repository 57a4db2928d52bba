"""The gradients of one unit around a face, against linear programs in floats and exact sums over all cells there."""

from fractions import Fraction as Q

import numpy as np
import pytest
from flint import fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from slow_atlas import ODD, below
from slow_geometry import directions, slow_cells, trend

from stability import Landscape, landscape
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.geometry.stationary.unit_balance import UnitBalance
from stability.model.datasets import Dataset
from stability.model.networks import Network, network

MODELS = ["relu1", "abs1", "leaky1/2:1", "leaky2:1", "leaky-1/3:1", "leaky1:1"]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


class Place:
    """One face of a landscape, with errors that are orthogonal to the face.

    Labels are chosen so that the errors of a point of the face are the given combination of those that may be.
    """

    def __init__(self, net, points, face, mix):
        blank = integers(Landscape(net, Dataset("blank", points, [0] * len(points))))
        faces = arrange(blank.rows, certified=False).faces
        self.face = faces[face % len(faces)]
        inside = [sum(column) for column in zip(*self.face.rays, strict=True)] or [0] * blank.rank
        outputs = [blank.activation(dot(row, inside)) for row in blank.rows]
        allowed = still(self.face, blank)
        errors = [dot(mix[: len(allowed)], column) for column in zip(*allowed, strict=True)] or [0] * len(points)
        labels = [Q(f - e) / blank.unit for f, e in zip(outputs, errors, strict=True)]
        self.place = Landscape(net, Dataset("chosen", points, labels))
        self.point = [blank.full([Q(x) for x in inside])]
        self.problem = integers(self.place)
        factor = self.problem.unit / blank.unit
        self.errors = tuple(int(factor * e) for e in errors)
        self.arrangement = arrange(self.problem.rows, certified=False)
        cells = [self.arrangement.faces[c] for c in self.arrangement.cells]
        self.unit = UnitBalance(self.problem, [(cell.plus, cell.minus) for cell in cells])
        self.around = sorted(cell for (cell,) in slow_cells(self.place, self.point))
        residuals = [e * self.problem.unit for e in self.place.residuals(self.point)]
        assert residuals == list(self.errors)

    def slope(self, signs):
        """Return the derivative of the unit's part of the loss in a cell, in whole numbers; half of it."""
        low, _, high = self.problem.slopes
        weights = [e * (high if s > 0 else low) for e, s in zip(self.errors, signs, strict=True)]
        return [dot(weights, column) for column in zip(*self.problem.rows, strict=True)]

    def walls(self, signs):
        """Return the rows that bound the directions into a cell, with their signs."""
        own = self.face.signs(len(signs))
        return [[s * x for x in row] for row, s, mine in zip(self.problem.rows, signs, own, strict=True) if not mine]

    def separating(self, signs):
        """Return how each output changes along directions into a cell."""
        low, _, high = self.problem.slopes
        return [[(high if s > 0 else low) * x for x in row] for row, s in zip(self.problem.rows, signs, strict=True)]


def still(face, problem):
    """Return errors that span all those that are orthogonal to what the unit puts out on the face."""
    outputs = [[problem.activation(dot(row, ray)) for row in problem.rows] for ray in face.rays]
    if not outputs:
        outputs = [[0] * len(problem.rows)]
    kernel, rank = fmpz_mat(outputs).nullspace()
    columns = list(zip(*kernel.tolist(), strict=True))[:rank]
    return [[int(x) for x in column] for column in columns]


@st.composite
def located(draw, most=5):
    d = draw(st.integers(1, 3))
    point = st.lists(st.sampled_from([-1, 0, 1, 2]), min_size=d, max_size=d)
    points = draw(st.lists(point, min_size=1, max_size=most))
    mix = draw(st.lists(st.sampled_from([-2, -1, 0, 1, 1, 3]), min_size=most, max_size=most))
    name = draw(st.sampled_from(MODELS + sorted(ODD)))
    net = Network(ODD[name], 1) if name in ODD else network(name)
    return Place(net, points, draw(st.integers(0, 10**6)), mix)


ORIGIN_OF = {
    "three on a line": [[0], [1], [2]],
    "a square": [[1, -1], [-1, 1], [1, 1], [-1, -1]],
    "a point twice": [[1], [1]],
    "a line in the plane": [[0, 0], [1, 1], [2, 2], [2, 2]],
    "five on a line": [[-2], [-1], [0], [1], [2]],
}


@st.composite
def crowded(draw):
    """Return places at the origin, where every row is a kink and the rows depend on each other."""
    points = ORIGIN_OF[draw(st.sampled_from(sorted(ORIGIN_OF)))]
    mix = draw(st.lists(st.integers(-3, 3), min_size=len(points), max_size=len(points)))
    net = network(draw(st.sampled_from(MODELS)))
    faces = arrange(integers(Landscape(net, Dataset("blank", points, [0] * len(points)))).rows).faces
    (origin,) = [k for k, face in enumerate(faces) if face.dimension == 0]
    return Place(net, points, origin, mix)


def hull_holds_zero(vectors):
    columns = np.array(vectors, dtype=float).T
    equal = np.vstack([columns, np.ones(columns.shape[1])])
    found = linprog(np.zeros(columns.shape[1]), A_eq=equal, b_eq=[0] * len(columns) + [1])
    assert found.status in (0, 2)
    return found.status == 0


def balance_is_right(here):
    balance = here.unit.balance(here.face, here.errors)
    slopes = {signs: here.slope(signs) for signs in here.around}
    if balance.weights is None:
        assert all(dot(balance.direction, slope) > 0 for slope in slopes.values())
    else:
        assert balance.direction is None
        names = [tuple((p >> i & 1) - (m >> i & 1) for i in range(len(here.errors))) for (p, m), _ in balance.weights]
        weights = [weight for _, weight in balance.weights]
        assert all(name in slopes for name in names)
        assert min(weights) > 0
        assert sum(weights) == 1
        assert not any(dot(weights, column) for column in zip(*(slopes[name] for name in names), strict=True))
    assert (balance.direction is None) == hull_holds_zero(list(slopes.values()))


@settings(max_examples=120)
@given(located())
def test_a_unit_is_in_balance_where_its_slopes_combine_to_zero(here):
    balance_is_right(here)


@settings(max_examples=25)
@given(crowded())
def test_balance_at_the_origin_where_all_rows_are_kinks(here):
    balance_is_right(here)


@settings(max_examples=30)
@given(located(most=4))
def test_the_cells_around_a_face_are_those_next_to_its_points(here):
    own = [tuple(here.face.signs(len(here.errors)))]
    found = [
        tuple((p >> i & 1) - (m >> i & 1) for i in range(len(here.errors))) for p, m in here.unit.around(here.face)
    ]
    assert sorted(found) == here.around
    assert all(below(own, [cell]) for cell in found)


def extremes(goal, walls, level=()):
    """Return the least and greatest value of a linear form on directions of entries up to 1 inside the walls."""
    if not any(goal):
        return [0, 0]
    found = []
    for side in (1, -1):
        best = linprog(
            [float(side * x) for x in goal],
            A_ub=[[-float(x) for x in row] for row in walls] or None,
            b_ub=[0] * len(walls) or None,
            A_eq=[[float(x) for x in row] for row in level] or None,
            b_eq=[0] * len(level) or None,
            bounds=[(-1, 1)] * len(goal),
        )
        assert best.status == 0, best.message
        found.append(side * best.fun)
    return found


def slow_reaction(here):
    """Return whether no direction descends, and whether each descends or changes no output: LPs in all cells around."""
    rises = falls = False
    for signs in here.around:
        slope, walls = here.slope(signs), here.walls(signs)
        least, most = extremes(slope, walls)
        falls, rises = falls or least < -1e-9, rises or most > 1e-9
        for direction in here.separating(signs):
            low, high = extremes(direction, walls, [slope])
            rises = rises or max(-low, high) > 1e-9
    return not falls, not rises


def reaction_is_right(here):
    least, most = here.unit.reaction(here.face, here.errors, here.arrangement.rays)
    assert (least, most) == slow_reaction(here)
    trends = {trend(here.place, here.point, d) for d in directions(here.place.parameters, 40)}
    assert not least or min(trends) >= 0
    assert not most or max(trends) <= 0
    found = here.place.classify(here.point)
    assert found.directional == least
    if found.clarke and not least:
        assert (found.kind == "local maximum") == most


@settings(max_examples=50)
@given(located(most=4))
def test_reactions_are_those_of_all_directions(here):
    reaction_is_right(here)


@settings(max_examples=8)
@given(crowded())
def test_reactions_at_the_origin_where_all_rows_are_kinks(here):
    reaction_is_right(here)


@settings(max_examples=80)
@given(located())
def test_torch_rests_where_its_gradient_is_zero(here):
    assert here.unit.autograd_rests(here.face, here.errors) == (not any(here.place.autograd_gradient(here.point)))


@pytest.mark.parametrize(
    ("labels", "balanced", "least", "most"),
    [
        ([1, 1, 1], True, False, True),  # every |z| grows towards the labels
        ([-1, -1, -1], True, True, False),  # every |z| grows away from them
        ([1, -1, 1], True, False, True),  # the middle is at most half of the ends together
        ([1, -3, 1], True, False, False),
        ([0, 0, 0], True, True, False),
    ],
)
def test_one_absolute_value_unit_at_the_origin(labels, balanced, least, most):
    """Errors are minus the labels there; the loss changes by -2 y |z| to first order."""
    problem = integers(landscape("abs1", Dataset("three", [[0], [1], [2]], labels)))
    found = arrange(problem.rows)
    unit = UnitBalance(problem, [(found.faces[c].plus, found.faces[c].minus) for c in found.cells])
    (origin,) = [face for face in found.faces if face.dimension == 0]
    errors = tuple(-y for y in problem.labels)
    assert (unit.balance(origin, errors).direction is None) == balanced
    assert unit.reaction(origin, errors, found.rays) == (least, most)


@pytest.mark.parametrize(
    ("model", "signs", "errors", "least", "most"),
    [
        ("relu1", [0, -1], [-1, 5], False, True),  # off twice: only switching the first on acts
        ("relu1", [0, -1], [1, 5], True, False),
        ("relu1", [0, -1], [0, 5], True, False),  # switching the first one on changes an output, not the loss
        ("relu1", [0, 1], [-1, 0], False, False),  # the second output changes along the face
        ("relu1", [0, 1], [1, 0], True, False),
        ("relu1", [0, 0], [-1, -1], False, True),
        ("relu1", [0, 0], [-1, 0], False, False),
        ("relu1", [0, 0], [-1, 1], False, False),
        ("abs1", [0, 0], [-1, -1], False, True),
        ("abs1", [0, 0], [1, 2], True, False),
        ("abs1", [0, 0], [-1, 0], False, False),
        ("abs1", [0, 0], [0, 0], True, False),
        ("leaky-1/3:1", [0, 0], [-1, -2], False, True),
        ("leaky1/2:1", [0, 0], [-1, -2], False, False),  # outputs fall below 0 on one side
    ],
)
def test_reactions_at_kinks_of_independent_rows(model, signs, errors, least, most):
    """The loss changes by 2 e s(z) to first order at each kink; no ray is needed where rows are independent."""
    problem = integers(landscape(model, Dataset("two", [[0], [1]], [0, 0])))
    (face,) = [face for face in arrange(problem.rows, certified=False).faces if face.signs(2) == signs]
    assert UnitBalance(problem, []).reaction(face, tuple(errors), []) == (least, most)


@pytest.mark.parametrize("labels", [[1], [-1], [-1, 1, 1], [0, 1, 1, 1, 1]], ids=str)
@pytest.mark.parametrize("model", ["relu1", "leaky1/2:1"])
@pytest.mark.parametrize("size", [1, 2**70])
def test_many_cells_and_rays_at_the_origin_against_sums_one_by_one(model, labels, size):
    """Machine words hold the sums of small errors, of large ones they do not."""
    dice = np.random.default_rng(5)
    points = dice.integers(-9, 10, (33, 2)).tolist()
    problem = integers(landscape(model, Dataset("many", points, (labels * 33)[:33])))
    found = arrange(problem.rows, certified=False)
    cells = [found.faces[c] for c in found.cells]
    unit = UnitBalance(problem, [(cell.plus, cell.minus) for cell in cells])
    (origin,) = [face for face in found.faces if face.dimension == 0]
    errors, (low, _, high) = tuple(-y * size for y in problem.labels), problem.slopes
    slopes = []
    for cell in cells:
        steep = [e * (high if s > 0 else low) for e, s in zip(errors, cell.signs(33), strict=True)]
        slopes.append(tuple(dot(steep, column) for column in zip(*problem.rows, strict=True)))
        assert unit.slope((cell.plus, cell.minus), errors) == slopes[-1]
    assert unit.slopes(unit.cells, errors) == slopes
    balance = unit.balance(origin, errors)
    if balance.direction is None:
        by_cell = dict(zip(unit.cells, slopes, strict=True))
        total = [
            dot([w for _, w in balance.weights], c) for c in zip(*(by_cell[c] for c, _ in balance.weights), strict=True)
        ]
        assert not any(total)
    else:
        assert all(dot(balance.direction, slope) > 0 for slope in slopes)
    outputs = [[problem.activation(dot(row, ray)) for row in problem.rows] for ray in found.rays]
    heights = [dot(errors, out) for out in outputs]
    most = all(height < 0 or (height == 0 and not any(out)) for height, out in zip(heights, outputs, strict=True))
    assert unit.reaction(origin, errors, found.rays) == (min(heights) >= 0, most)


def test_an_origin_out_of_balance_has_a_direction_uphill():
    """With labels 1 and two positive slopes, outputs below 0 are worse and outputs above 0 better."""
    place = landscape("leaky1/2:1", Dataset("two", [[0], [1]], [1, 1]))
    problem = integers(place)
    found = arrange(problem.rows)
    unit = UnitBalance(problem, [(found.faces[c].plus, found.faces[c].minus) for c in found.cells])
    (origin,) = [face for face in found.faces if face.dimension == 0]
    direction = unit.balance(origin, tuple(-y for y in problem.labels)).direction
    assert trend(place, [[0, 0]], direction) == 1
    assert not place.classify([[0, 0]]).clarke


@pytest.mark.parametrize(("errors", "smooth"), [((2, -1, 5), True), ((1, -1, 0), False), ((2, 1, 0), False)])
def test_kinks_on_one_line_count_by_the_lengths_of_their_rows(errors, smooth):
    """s(t) and s(-2t) bend at once, the second twice as much; an example at the origin bends nothing."""
    problem = integers(landscape("relu1-nob", Dataset("axis", [[1], [-2], [0]], [0, 0, 0])))
    faces = arrange(problem.rows, certified=False).faces
    (origin,) = (face for face in faces if not face.plus | face.minus)
    assert UnitBalance(problem, []).is_smooth(origin, errors) is smooth
