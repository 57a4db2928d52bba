"""Which choices of faces are stationary, against all of them tried one by one with numpy and scipy."""

from collections import Counter
from itertools import combinations_with_replacement, islice

import numpy as np
import pytest
from scipy.optimize import linprog

from stability import Dataset, landscape
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.geometry.stationary.search import SearchShare, UnitStates, generators, parts, search

PLACES = [
    landscape("abs1", "xor"),
    landscape("relu1", "xor"),
    landscape("abs2", Dataset("two", [[0], [1]], [1, 2])),
    landscape("relu2", Dataset("three", [[0], [1], [3]], [1, 0, 2])),
    landscape("leaky-1/2:2", Dataset("three", [[0], [1], [1]], [-1, 0, 2])),
    landscape("abs1", Dataset("flat", [[0, 0], [1, 1], [2, 2]], [0, 1, 0])),
]


def whole(place):
    problem = integers(place)
    return problem, arrange(problem.rows)


def shares(place, wanted):
    problem, arrangement = whole(place)
    return parts(problem, arrangement.faces, arrangement.cells, wanted)


def bent(problem, v):
    z = np.array(problem.rows) @ np.array(v)
    return np.where(z > 0, problem.slopes[2], problem.slopes[0]) * z


def rests(problem, arrangement, choice):
    """Return whether faces hold stationary points: a fit inside their cone, and 0 in the hull of gradients around."""
    columns = [bent(problem, ray) for f in choice for ray in arrangement.faces[f].rays]
    table = np.array([c / (np.linalg.norm(c) or 1) for c in columns if c.any()]).reshape(-1, len(problem.rows)).T
    labels = np.array(problem.labels, dtype=float)
    if table.size:
        best = np.linalg.lstsq(table, labels, rcond=None)[0]
        goal = table @ best
        count = table.shape[1]
        found = linprog(  # weights t_k >= m with the outputs of the fit; inside where the greatest m is above 0
            [*[0] * count, -1],
            A_eq=np.hstack([table, np.zeros((len(labels), 1))]),
            b_eq=goal,
            A_ub=np.hstack([-np.eye(count), np.ones((count, 1))]),
            b_ub=np.zeros(count),
            bounds=[(None, None)] * count + [(None, 1)],
        )
        if found.status == 2 or -found.fun < 1e-9:
            return False
    else:
        goal = np.zeros(len(labels))
    errors = goal - labels
    rows = np.array(problem.rows, dtype=float)
    for f in set(choice):
        gradients = []
        for c in arrangement.cells_around(f):
            signs = arrangement.faces[c].signs(len(rows))
            gradients.append(rows.T @ (errors * [problem.slopes[s + 1] for s in signs]))
        hull = np.vstack([np.array(gradients).T, np.ones(len(gradients))])
        if linprog(np.zeros(len(gradients)), A_eq=hull, b_eq=[*[0] * rows.shape[1], 1]).status == 2:
            return False
    return True


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_stationary_choices_are_those_found_one_by_one(place):
    problem, arrangement = whole(place)
    (part,) = shares(place, 1)
    found = search(part)
    every = list(combinations_with_replacement(range(len(arrangement.faces)), place.units))
    assert list(part.choices()) == every
    assert found.stationary == [choice for choice in every if rests(problem, arrangement, choice)]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_is_found_says_why(place):
    """Weights fit or separate by sums of products, and directions rise in all cells around a face."""
    problem, arrangement = whole(place)
    found = search(shares(place, 1)[0])
    labels = np.array(problem.labels, dtype=object)
    assert {verdict for _, verdict, _ in found.fits} <= {0, 1, 2}
    known = {}
    for rays, verdict, (den, *weights) in found.fits:
        outs = [np.array(problem.outputs([tuple(ray)], sign)[0], dtype=object) for sign, *ray in rays]
        total = sum((w * out for w, out in zip(weights, outs, strict=True)), 0 * labels)
        assert den > 0
        if verdict == 0:
            inner = [int(total @ out) for out in outs]
            assert min(inner) >= 0 < max(inner)
            assert total @ labels <= 0
            continue
        errors = total - den * labels
        assert all(errors @ out == 0 for out in outs)
        assert verdict == 2 or all(w > 0 for w in weights)
        known[frozenset(rays)] = errors
    separated = [each for name, value in vars(found).items() if name not in ("fits", "stationary") for each in value]
    rows = np.array(problem.rows, dtype=object)
    for face, rays, direction in separated:
        errors = known[frozenset(rays)]
        for c in arrangement.cells_around(face):
            steep = np.array([problem.slopes[s + 1] for s in arrangement.faces[c].signs(len(rows))], dtype=object)
            assert (errors * steep * (rows @ np.array(direction, dtype=object))).sum() > 0
        assert not any(
            face in choice and covers(arrangement, choice, [tuple(ray) for _, *ray in rays], problem)
            for choice in found.stationary
        )


def covers(arrangement, choice, rays, problem):
    """Return whether a choice of faces has just the outputs of these rays, besides none."""

    def outs(vectors):
        return {out for out in problem.outputs(vectors) if any(out)}

    return outs([ray for f in choice for ray in arrangement.faces[f].rays]) == outs(list(rays))


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("wanted", [1, 2, 3, 7, 1000])
def test_shares_have_every_choice_once_and_find_what_one_finds(place, wanted):
    single, several = shares(place, 1), shares(place, wanted)
    count = len(whole(place)[1].faces)
    assert len(several) <= min(wanted, count)
    assert len(several) == min(wanted, count) or wanted > 3
    every = [choice for part in several for choice in part.choices()]
    assert every == list(single[0].choices())
    assert Counter(every).most_common(1)[0][1] == 1
    if wanted < 8:
        assert [c for part in several for c in search(part).stationary] == search(single[0]).stationary


def test_shares_of_several_units_have_like_numbers_of_choices():
    """Half of all pairs (i, j), i <= j < 100, have i < 29: the square of 71/100 is a half."""
    place = landscape("relu2", Dataset("five", [[k] for k in range(5)], [0, 1, 0, 1, 0]))
    count = len(whole(place)[1].faces)
    first, second = shares(place, 2)
    assert abs(first.last - count * (1 - 0.5**0.5)) <= 0.5
    assert (first.first, first.last, second.last) == (0, second.first, count)
    sizes = [len(list(part.choices())) for part in (first, second)]
    assert abs(sizes[0] - sizes[1]) < 2 * count
    assert first.faces == second.faces
    assert first.offset == second.offset == 0


def test_a_share_of_one_unit_has_only_its_own_faces():
    problem, arrangement = whole(PLACES[0])
    for part in shares(PLACES[0], 3):
        assert part.faces == arrangement.faces[part.first : part.last]
        assert part.offset == part.first
        assert list(part.choices()) == [(k,) for k in range(part.first, part.last)]
        assert part.problem == problem
        assert set(part.cells) == {(arrangement.faces[c].plus, arrangement.faces[c].minus) for c in arrangement.cells}


def test_choices_of_one_unit_are_not_listed_ahead():
    """Nothing is kept for the many faces behind a choice."""
    problem = whole(PLACES[0])[0]
    choices = SearchShare(problem, (), (), 0, 10**15, UnitStates(10**15)).choices()
    assert list(islice(choices, 3)) == [(0,), (1,), (2,)]


def test_choices_of_three_units_start_at_their_first_face():
    problem, arrangement = whole(landscape("abs3", Dataset("one", [[0]], [1])))
    part = SearchShare(problem, arrangement.faces, (), 1, 3, UnitStates(3))
    assert len(arrangement.faces) == 3
    assert list(part.choices()) == [(1, 1, 1), (1, 1, 2), (1, 2, 2), (2, 2, 2)]


def test_generators_are_outputs_that_rays_share():
    """Of |w x + b| on 0 and 1: the rays up to their sign put out (0, 1) and (1, 0), so there are two generators."""
    problem, arrangement = whole(PLACES[2])
    vectors, generated, examples = generators(problem, arrangement.faces)
    assert sorted(vectors) == [(0, 1), (1, 0)]
    for face, own in zip(arrangement.faces, generated, strict=True):
        assert {vectors[g] for g in own} == set(problem.outputs(list(face.rays)))
    assert [problem.outputs([tuple(ray)], sign)[0] for sign, *ray in examples] == vectors


def test_rays_that_put_out_nothing_generate_nothing():
    """A ReLU on one point: the ray to the left is dead."""
    problem, arrangement = whole(landscape("relu1", Dataset("one", [[0]], [1])))
    vectors, generated, examples = generators(problem, arrangement.faces)
    assert sorted(vectors) == [(0,), (1,)]
    signs = [face.signs(1)[0] for face in arrangement.faces]
    by_sign = {s: {vectors[g] for g in own} for s, own in zip(signs, generated, strict=True)}
    assert by_sign == {-1: set(), 0: set(), 1: {(1,)}}
    assert len(examples) == 2
