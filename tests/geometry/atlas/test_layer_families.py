"""Families of stationary sets have the silent units and the neighbours that points and smaller networks show."""

from fractions import Fraction
from functools import cache

import pytest

from stability import landscape
from stability.geometry.atlas.layer_families import layer_families
from stability.geometry.atlas.text import groups

MODELS = ["relu2-out+c", "abs2-out", "relu2-out", "leaky1/100:2-out"]
HALF = [Fraction(1, 2)]
OFF, ON, ZERO = [0, 0, -1, 0], [0, 0, 1, 0], [0, 0, 0, 0]
PLUS = [Fraction(4, 3), Fraction(4, 3), -2, -1]


@cache
def atlas(model):
    return landscape(model, "xor").atlas()


def family_of(model, point):
    found = atlas(model).of(point)
    return next(each for each in layer_families(atlas(model)) if found in each.sets)


@pytest.mark.parametrize("model", [*MODELS, "relu2", "relu2-linear"])
def test_families_are_those_of_the_atlas_and_touch_what_their_sets_touch(model):
    families = layer_families(atlas(model))
    key = lambda sets: [each.index for each in sets]  # noqa: E731
    assert sorted(key(each.sets) for each in families) == sorted(map(key, groups(atlas(model))))
    assert [each.loss for each in families] == sorted(each.loss for each in families)
    for k, family in enumerate(families):
        borders = {other for each in family.sets for other in each.borders}
        assert borders <= {each.index for j in family.touches for each in families[j].sets}
        for j in family.touches:
            assert k in families[j].touches
            assert (families[j].loss, families[j].kind == family.kind) == (family.loss, False)
            assert borders & {each.index for each in families[j].sets}


@pytest.mark.parametrize("model", MODELS)
def test_what_silent_units_leave_is_a_smaller_network(model):
    one = {tuple(each.outputs) for each in atlas(model.replace("2", "1")).sets}
    for family in layer_families(atlas(model)):
        for each in family.sets:
            assert not {1, 2} & {*family.silent} or tuple(each.outputs) in one
            assert (2 not in family.silent) or len(set(each.outputs)) == 1


@pytest.mark.parametrize("model", MODELS)
def test_a_saddle_of_the_smaller_network_is_one_with_a_silent_unit(model):
    """A unit whose parameters are all 0 may be added to any point at rest."""
    for small in atlas(model.replace("2", "1")).sets:
        rows = [*small.witness]
        family = family_of(model, [rows[0], ZERO, *rows[1:]])
        assert (1 + (rows[0][3] == 0)) in family.silent
        assert family.loss == small.loss


@pytest.mark.parametrize(
    ("point", "kind", "silent"),
    [
        ([OFF, OFF, HALF], "local minimum", 2),
        ([ON, ON, HALF], "local minimum", 2),
        ([ON, OFF, HALF], "local minimum", 2),
        ([ZERO, OFF, HALF], "saddle", 2),
        ([ZERO, ZERO, HALF], "saddle", 2),
        ([ZERO, [0, 0, -1, 1], HALF], "saddle", 1),
        ([OFF, PLUS, [Fraction(2, 3)]], "local minimum", 1),
        ([ZERO, PLUS, [Fraction(2, 3)]], "saddle", 1),
    ],
)
def test_points_with_silent_units_are_counted(point, kind, silent):
    family = family_of("relu2-out+c", point)
    assert family.kind == kind
    assert silent in family.silent
    assert (silent in family.escapes) == (kind == "saddle")


def test_all_points_of_the_other_sets_have_active_units_only():
    for family in layer_families(atlas("relu2-out+c")):
        assert family.silent == {1: (0, 1, 2), Fraction(2, 3): (0, 1)}.get(family.loss, (0,))
    assert {each.silent for each in layer_families(atlas("relu2"))} == {(0,)}


@pytest.mark.parametrize(
    ("rest", "count"),
    [([ZERO, HALF], 2), ([[0, 0, -1, 1], HALF], 1), ([PLUS, [Fraction(2, 3)]], 1)],
)
def test_a_silent_unit_lowers_the_loss_from_saddles(rest, count):
    place = landscape("relu2-out+c", "xor")
    family = family_of("relu2-out+c", [ZERO, *rest])
    assert count in family.escapes
    step = Fraction(1, 1000)
    assert any(
        place.loss([[x * step, y * step, -step, sign * step], *rest]) < family.loss
        for x, y in ((1, -1), (-1, 1), (1, 1), (-1, -1))
        for sign in (1, -1)
    )
