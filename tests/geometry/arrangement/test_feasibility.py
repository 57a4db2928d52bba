"""Switching units and examples on and off, against HiGHS."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_geometry import places, with_margin

from stability import landscape
from stability.checker import checker
from stability.errors import PatternError
from stability.geometry.arrangement.feasibility import active_set
from stability.logic.records import prove


@st.composite
def requirements(draw):
    place = draw(places(models=["relu1", "abs1", "relu2"]))
    pairs = st.tuples(st.integers(0, place.units - 1), st.integers(0, len(place.rows) - 1))
    return place, draw(st.lists(pairs, max_size=3)), draw(st.lists(pairs, max_size=3))


def rows(place, on, off):
    found = []
    for j, i, s in [(j, i, 1) for j, i in on] + [(j, i, -1) for j, i in off]:
        row = [0.0] * place.parameters
        row[j * place.width : (j + 1) * place.width] = [s * float(x) for x in place.rows[i]]
        found.append(row)
    return found


@settings(deadline=None, max_examples=80)
@given(requirements())
def test_a_requirement_is_met_or_refuted_as_highs_says(case):
    place, on, off = case
    found = prove(active_set(place, on, off))
    possible = with_margin([], rows(place, on, off), place.parameters)
    assert found.conclusion == ("proved" if possible else "refuted")
    assert checker.check(found.record) == found.words
    if possible:
        flat = [found.record["proof"]["witness"][f"p{k}"] for k in range(place.parameters)]
        point = [flat[j * place.width : (j + 1) * place.width] for j in range(place.units)]
        signs = place.pattern(point)
        assert all(signs[j][i] == 1 for j, i in on)
        assert all(signs[j][i] == -1 for j, i in off)


def test_known_requirements_on_xor():
    place = landscape("relu2", "xor")
    both = [(0, 0), (0, 1)]
    assert prove(active_set(place, on=both)).conclusion == "proved"
    assert prove(active_set(place, on=both, off=[(0, 2), (0, 3)])).conclusion == "refuted"
    assert prove(active_set(place, on=[*both, (1, 2)], off=[(0, 2), (1, 0)])).conclusion == "proved"
    assert prove(active_set(place, on=[(0, 0)], off=[(0, 0)])).conclusion == "refuted"
    assert prove(active_set(place, on=[(0, 0)], off=[(1, 0)])).conclusion == "proved"
    assert prove(active_set(place)).conclusion == "proved"


@pytest.mark.parametrize("pair", [(2, 0), (-1, 0), (0, 4), (0, -1)])
def test_units_and_examples_count_from_zero(pair):
    with pytest.raises(PatternError, match=r"units 0..1 and examples 0..3"):
        active_set(landscape("relu2", "xor"), on=[pair])
    with pytest.raises(PatternError):
        active_set(landscape("relu2", "xor"), off=[pair])
