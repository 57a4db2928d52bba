"""Which choices of faces belong together, against merging all orders of all choices one by one."""

from itertools import combinations_with_replacement, permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from slow_atlas import below, merged

from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.stationary.choices import StationaryPiece
from stability.geometry.stationary.components import below_by_faces, join

LINE = arrange(((0, 1), (1, 1), (2, 1)), certified=False)
NAMES = [tuple(face.signs(3)) for face in LINE.faces]


@st.composite
def drawn_pieces(draw, units):
    """Return pieces on some choices of few faces, with few different errors and sorts."""
    faces = sorted(draw(st.sets(st.integers(0, len(NAMES) - 1), min_size=2, max_size=5)))
    every = list(combinations_with_replacement(faces, units))
    kept = draw(st.lists(st.sampled_from([True, True, False]), min_size=len(every), max_size=len(every)))
    choices = [choice for choice, keep in zip(every, kept, strict=True) if keep] or every
    errors, sorts = st.sampled_from([((0,), 1), ((1,), 1)]), st.sampled_from(["minimum", "minimum", "saddle"])
    return [StationaryPiece(choice, draw(errors), 0, draw(sorts), False, False) for choice in choices]


def examine(pieces):
    components, number = join(pieces, below_by_faces(LINE.faces))
    piece_of = {order: piece for piece in pieces for order in permutations(piece.faces)}
    signs = {order: tuple(NAMES[f] for f in order) for order in piece_of}
    pairs = [
        (a, b)
        for a, b in permutations(piece_of, 2)
        if piece_of[a].errors == piece_of[b].errors and below(signs[a], signs[b])
    ]
    root = merged(piece_of, [(a, b) for a, b in pairs if piece_of[a].sort == piece_of[b].sort])
    parts = {}
    for order, name in root.items():
        parts.setdefault(name, set()).add(order)
    assert sorted(number) == sorted(piece.faces for piece in pieces)
    mine = {order: number[tuple(sorted(order))] for order in piece_of}
    for name, part in parts.items():
        component = components[mine[name]]
        assert {mine[order] for order in part} == {mine[name]}
        assert len(component.members) == len(set(component.members)) == len(part)
        assert {piece.faces for piece in component.pieces} == {tuple(sorted(order)) for order in part}
        copies = {other for other in parts if mine[other] == mine[name]}
        assert component.orbit == len(copies)
        assert set(component.members) in [parts[other] for other in copies]
        borders = {mine[b] for a, b in pairs if root[a] == name and mine[b] != mine[name]}
        borders |= {mine[a] for a, b in pairs if root[b] == name and mine[a] != mine[name]}
        assert component.borders == borders
    assert len(components) == len(set(mine.values()))


@settings(max_examples=60)
@given(drawn_pieces(1))
def test_faces_of_one_unit(pieces):
    examine(pieces)


@settings(max_examples=150)
@given(drawn_pieces(2))
def test_choices_of_two_units(pieces):
    examine(pieces)


@settings(max_examples=100)
@given(drawn_pieces(3))
def test_choices_of_three_units(pieces):
    examine(pieces)


@settings(max_examples=15)
@given(drawn_pieces(4))
def test_choices_of_four_units(pieces):
    examine(pieces)
