"""What separates or balances a face is tried out on every face of two points, and generators are counted by hand."""

from fractions import Fraction as Q
from itertools import product

import pytest
from hand_made import (
    ALL,
    DOT,
    LEAKY,
    NEAR,
    PAIR,
    PAIR_RAYS,
    PAIR_TREE,
    PATTERNS,
    RAMP,
    RAMP_FITS,
    SIZE,
    even,
    land_of,
    meter_of,
    rejects,
)

from stability.checker import atlas_faces, atlas_fits

ROWS = [(0, 1), (1, 1)]
FEW = list(product((-2, 0, 1), repeat=2))
SIGNS = ["-", "0", "+"]
SLOPES = {"ramp": RAMP, "size": SIZE, "leaky": LEAKY}
STEEP = {name: {-1: Q(s[0]), 0: Q(s[1]), 1: Q(s[2])} for name, s in SLOPES.items()}


def fits_of(slopes=SIZE, fits=(), **layer):
    """Return fits of two points, none of which need be there."""
    land = land_of(["0", "1"], ["1", "2"], slopes, **layer)
    return atlas_fits.Fits(land, atlas_faces.Arrangement(land, PAIR_TREE, PAIR_RAYS), fits)


def gradient(errors, slopes):
    return [sum(e * s * row[c] for e, s, row in zip(errors, slopes, ROWS, strict=True)) for c in range(2)]


@pytest.mark.parametrize("name", SLOPES)
def test_a_direction_separates_where_the_loss_rises_in_every_cell(name):
    fits, steep = fits_of(SLOPES[name]), STEEP[name]
    seen = set()
    for face, errors, direction in product(NEAR, FEW, FEW):
        rises = []
        for cell in NEAR[face]:
            slopes = [steep[SIGNS.index(c) - 1] for c in PATTERNS[cell]]
            rises.append(sum(g * d for g, d in zip(gradient(errors, slopes), direction, strict=True)) > 0)
        seen.add(all(rises))
        assert fits.separates(face, errors, list(direction)) == all(rises)
    assert seen == {True, False}


@pytest.mark.parametrize("name", SLOPES)
def test_gradients_balance_where_their_sum_with_positive_weights_is_0(name):
    fits, steep = fits_of(SLOPES[name]), STEEP[name]
    seen = set()
    for face, errors in product(NEAR, FEW):
        for weights in product((-1, 0, 1, 2) if len(NEAR[face]) < 4 else (0, 1), repeat=len(NEAR[face])):
            total = [Q(0), Q(0)]
            for cell, weight in zip(NEAR[face], weights, strict=True):
                own = gradient(errors, [steep[SIGNS.index(c) - 1] for c in PATTERNS[cell]])
                total = [x + weight * g for x, g in zip(total, own, strict=True)]
            good = min(weights) > 0 and not any(total)
            seen.add(good)
            assert fits.balances(face, errors, list(zip(NEAR[face], weights, strict=True))) == good
    assert seen == {True, False}


# Generators: the rays put out (0, 1), (1, 0), (1, 0) and (0, 1), on the faces -0, ... of two absolute values


@pytest.mark.parametrize(
    ("layer", "vectors"),
    [
        ({}, [(1, 0), (0, 1)]),
        ({"output_weights": ["1/3"]}, [(1, 0), (0, 1)]),
        ({"output_weights": ["-2"]}, [(-1, 0), (0, -1)]),
        ({"units": 2, "output_weights": ["-2", "1"]}, [(1, 0), (0, 1), (-1, 0), (0, -1)]),
        ({"output_weights": "trainable"}, [(1, 0), (0, 1), (-1, 0), (0, -1)]),
        ({"output_bias": True}, [(1, -1), (-1, 1)]),
        ({"output_weights": "trainable", "output_bias": True}, [(1, -1), (-1, 1)]),
    ],
)
def test_generators_are_counted_over_signs_and_rays(layer, vectors):
    assert fits_of(**layer).vectors == vectors


def test_a_ray_that_puts_out_the_same_everywhere_generates_nothing_beside_an_output_bias():
    land = land_of(["0"], ["1"], SIZE, output_bias=True)
    fits = atlas_fits.Fits(land, atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"]), [])
    assert fits.vectors == []
    assert fits.generated == [set()] * 9


def test_signs_have_options_and_generators_of_their_own():
    fits = fits_of(units=2, output_weights=["-1", "5"])
    assert fits.generated[8] == {0, 1}
    assert fits.generated[9 + 8] == {2, 3}
    assert fits.groups() == [(1, list(range(9))), (1, list(range(9, 18)))]
    assert fits_of(output_weights=["-1"]).groups() == [(1, list(range(9, 18)))]
    assert fits_of(output_weights="trainable").groups() == [(1, [*range(18), 18 + 4])]
    assert fits_of(units=3, output_weights=["-1", "1", "-1/2"]).groups() == [(1, [*range(9)]), (2, [*range(9, 18)])]


@pytest.mark.parametrize(
    ("units", "layer", "number"),
    [
        (1, {}, 9),
        (3, {}, 9 * 10 * 11 // 6),
        (2, {"output_weights": ["1", "-1"]}, 81),
        (3, {"output_weights": ["1", "-1", "-1"]}, 9 * 45),
        (2, {"output_weights": "trainable"}, 19 * 20 // 2),
    ],
)
def test_every_choice_is_made_once(units, layer, number):
    fits = fits_of(units=units, **layer)
    found = [choice for choice, _ in fits.choices()]
    assert len(found) == len(set(found)) == number
    assert all(list(choice) == sorted(choice) and len(choice) == units for choice in found)
    assert all(names == set().union(*(fits.generated[o] for o in choice)) for choice, names in fits.choices())


# What is said of faces


def pair_of(*fits):
    return fits_of(fits=fits)


def test_what_is_said_of_a_face_holds_for_all_fits_with_the_same_errors():
    """Labels of two equal examples: any generators leave the same errors, and one balance is enough."""
    fits = fits_of(fits=PAIR["fits"])
    assert [e for e, _ in fits.errors] == [(-1, -2), (0, -1), (-1, 0), (0, 0)]
    assert [factor for _, factor in fits.errors] == [1, 2, 1, 0]
    assert fits.balanced == [{-1, 4}, {-1, 1, 7}, {-1, 3, 5}, {-1, 0, 2, 6, 8}]
    land = land_of(["0"], ["0"], LEAKY)
    place = atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"])
    stated = [[[], 1, [1], [], ALL], [[0], 0, [1, 1], [], []], [[1], 0, [1, 1], [], []]]
    alone = atlas_fits.Fits(land, place, stated)
    assert alone.resting() == [[((1,), set())]]
    stated[1] = [[0], 2, [1, 0], [], []]
    with rejects("a fit that is neither inside nor outside"):
        atlas_fits.Fits(land, place, stated).resting()


def test_errors_that_are_multiples_are_one():
    fits = fits_of(fits=[[[], 2, [1], [], []], [[0], 2, [1, 1], [], []]])
    assert fits.enter([], [], 5) == 0
    assert fits.enter([0], [7], 7) == 1
    assert len(fits.errors) == 2


def test_a_balance_said_with_other_generators_is_enough():
    """With slopes 0 and 1 the faces below 0 generate nothing: three sets of generators, all of whose errors are 0."""
    land = land_of(["0"], ["0"], RAMP, units=2, output_weights=["1", "-1"])
    place = atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"])
    fits = [[[], 1, [1], [], []], [[0], 0, [1, 1], [], []], [[1], 0, [1, 1], [], []], [[0, 1], 1, [1, 1, 1], [], ALL]]
    found = atlas_fits.Fits(land, place, fits)
    assert [choice for choice, _ in found.resting()[0]] == [(0, 3), (0, 4), (1, 3), (1, 4), (2, 5)]
    fits[3] = [*fits[3][:4], ALL[:2]]
    with rejects("a unit that is neither separated nor balanced"):
        atlas_fits.Fits(land, place, fits).resting()


def test_labels_are_centred_beside_an_output_bias():
    layer = {"output_bias": True}
    fits = fits_of(fits=[[[], 2, [1], [], []], [[0], 2, [2, -1], [], []]], **layer)
    assert fits.errors == [((1, -1), Q(1, 2)), ((0, 0), 0)]
    with rejects("errors that are not orthogonal to the generators"):
        fits_of(fits=[[[0], 2, [1, 1], [], []]], **layer)


def test_fits_of_verdict_0_say_nothing_of_faces():
    land = land_of(["0"], ["1"], RAMP, output_weights=["-1"])
    place = atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"])
    found = atlas_fits.Fits(land, place, [RAMP_FITS[0], [[0], 0, [1, 1], [[99, 0, 0]], [[99, [0, 1]]]]])
    assert [choice for choice, _ in found.resting()[0]] == [(3,), (4,)]


def test_the_work_that_is_counted_is_that_of_today():
    """Which records are within the limits depends on it: a change of these numbers is a change of the format."""
    counted = []
    for layer in ({}, {"output_weights": "trainable", "units": 2}):
        meter = meter_of()
        land = land_of(["0", "1"], ["1", "2"], meter=meter, **layer)
        place = atlas_faces.Arrangement(land, PAIR_TREE, PAIR_RAYS)
        before = meter.left
        fits = atlas_fits.Fits(land, place, PAIR["fits"])
        counted.append(before - meter.left)
        list(fits.choices())
        counted.append(before - meter.left)
    assert counted == [112, 125, 120, 500]


def test_even_is_over_all_cells_around():
    assert even(4) == [[4, [0, 1], [2, 1], [6, 1], [8, 1]]]
