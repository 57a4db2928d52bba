"""Connecting pieces: small things by hand; that all sets are right is tested on networks as a whole."""

from itertools import permutations, product

import pytest
from hand_made import ALL, DOT, RAMP, land_of, rejects

from stability.checker import atlas_faces, atlas_fits, atlas_pieces


@pytest.mark.parametrize("choice", [(), (1,), (1, 1), (1, 2), (1, 1, 2), (1, 2, 2), (1, 2, 3), (1, 1, 1, 2, 2)])
def test_every_order_of_a_choice_is_met_once(choice):
    found = list(atlas_pieces.arrangements(choice))
    assert len(found) == len(set(found))
    assert set(found) == set(permutations(choice))


def test_names_are_connected():
    classes = atlas_pieces.Classes()
    classes.join("abc")
    classes.join("de")
    classes.join("f")
    assert len({classes.find(x) for x in "abc"}) == len({classes.find(x) for x in "de"}) == 1
    assert len({classes.find(x) for x in "abcdefg"}) == 4
    classes.join("ea")
    assert len({classes.find(x) for x in "abcde"}) == 1
    assert len({classes.find(x) for x in "abcdefg"}) == 3


def pieces_of(fits, label="0", **layer):
    """Return the pieces of one example at 0, with the same errors for all choices."""
    land = land_of(["0"], [label], RAMP, **layer)
    found = atlas_fits.Fits(land, atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"]), fits)
    ((e, choices),) = [(e, choices) for e, choices in enumerate(found.resting()) if choices]
    return atlas_pieces.Pieces(found, found.errors[e][0], choices)


NOTHING = [[], 1, [1], [], ALL]
SIGNED = [NOTHING, [[0], 0, [1, 1], [], []], [[1], 0, [1, 1], [], []], [[0, 1], 1, [1, 1, 1], [], []]]
"""Fits of a ReLU of either sign whose label is 0: only without outputs, or with opposite ones, is it met."""


def test_silent_units_on_all_faces_are_counted_together_where_h_is_0_everywhere():
    pieces = pieces_of(SIGNED, units=2, output_weights="trainable")
    assert pieces.units.flat
    many = {choice: (piece.many, pieces.times(choice)) for choice, piece in pieces.found.items()}
    assert many == {
        (0, 0): (1, 1), (0, 1): (1, 2), (0, 3): (1, 2), (0, 4): (1, 2), (0, 7): (3, 2), (1, 1): (1, 1), (1, 3): (1, 2),
        (1, 4): (1, 2), (1, 7): (3, 2), (2, 5): (1, 2), (3, 3): (1, 1), (3, 4): (1, 2), (3, 7): (3, 2), (4, 4): (1, 1),
        (4, 7): (3, 2), (7, 7): (9, 1),
    }  # fmt: skip
    (component,) = pieces.components()
    assert (component.orbit, len(component.choices)) == (1, 16)
    assert {pieces.found[choice].sort for choice in component.choices} == {"minimum"}
    assert max(piece.dimension for piece in pieces.found.values()) == 6


def test_silent_units_at_minima_and_maxima_are_listed_elsewhere():
    """With label 1 the errors are -1: h falls to the right, so silence is least on the left, and not at 0."""
    land = land_of(["0"], ["1"], RAMP, output_weights="trainable")
    fits = [[[], 1, [1], [], ALL[:2]], [[0], 1, [1, 1], [], [[2, [2, 1]]]], [[1], 0, [1, 1], [], []]]
    found = atlas_fits.Fits(land, atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"]), fits)
    dead, best = found.resting()
    assert [choice for choice, _ in best] == [(2,)]
    pieces = atlas_pieces.Pieces(found, found.errors[0][0], dead)
    sorts = {choice: (piece.sort, piece.many, piece.dimension) for choice, piece in pieces.found.items()}
    assert sorts == {
        (0,): ("minimum", 1, 3),
        (1,): ("local maximum", 1, 2),
        (3,): ("minimum", 1, 3),
        (4,): ("minimum", 1, 2),
        (6,): ("minimum", 1, 2),
        (7,): ("saddle", 1, 1),
    }
    assert [(sorted(each.choices), each.touched) for each in pieces.components()] == [
        ([(0,), (3,), (4,), (6,)], False),
        ([(1,)], True),
        ([(7,)], True),
    ]


def test_nothing_is_a_local_maximum_beside_an_output_bias():
    fits = [[[], 1, [1], [], ALL]]
    pieces = pieces_of(fits, "1", output_bias=True)
    assert {piece.sort for piece in pieces.found.values()} == {"minimum"}


@pytest.mark.parametrize("flat", [True, False])
def test_closures_and_cells_connect_alike(flat, monkeypatch):
    """Where h is 0 everywhere, cells and corners say what closures say."""
    for layer in ({"output_weights": "trainable"}, {"output_weights": ["1", "-1"]}, {}):
        pieces = pieces_of(SIGNED, units=2, **layer) if layer else pieces_of(SIGNED[:2], units=2)
        monkeypatch.setattr(pieces.units, "flat", flat, raising=False)
        found = [(sorted(each.choices), each.orbit) for each in pieces.components()]
        assert len(found) == 1
        assert found[0][1] == 1


def test_like_units_are_permuted_among_each_other():
    pieces = pieces_of(SIGNED, units=3, output_weights=["1", "-1", "1"])
    assert pieces.orders((0, 1, 4)) == [(0, 1, 4), (1, 0, 4)]
    assert pieces.times((0, 1, 4)) == 2
    assert pieces.times((1, 1, 4)) == 1
    trained = pieces_of(SIGNED, units=3, output_weights="trainable")
    for choice in product((0, 1, 4), repeat=3):
        orders = trained.orders(tuple(sorted(choice)))
        assert len(orders) == len(set(orders)) == trained.times(tuple(sorted(choice)))


def test_orders_and_cells_are_counted_before_they_are_listed():
    many = pieces_of([NOTHING, [[0], 0, [1, 1], [], []]], units=25)
    with rejects("reached at cells around corners"):
        many.land.meter.left = 10_000
        many.components()
    fits = [[[], 1, [1], [], ALL[:2]], [[0], 1, [1, 1], [], [[2, [2, 1]]]], [[1], 0, [1, 1], [], []]]
    land = land_of(["0"], ["1"], RAMP, units=9, output_weights="trainable")
    found = atlas_fits.Fits(
        land, atlas_faces.Arrangement(land, DOT["tree"], DOT["rays"]), [*fits, [[0, 1], 2, [1, 1, 0], [], []]]
    )
    choice = (0, 0, 0, 1, 1, 1, 3, 3, 3)
    steep = atlas_pieces.Pieces(found, found.errors[0][0], [(choice, frozenset())])
    with rejects("reached at orders of the units"):
        land.meter.left = 10_000
        steep.components()
