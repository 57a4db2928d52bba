"""The different outputs at stationary points are all there, each once up to symmetry."""

from fractions import Fraction

from stability import landscape


def test_fits_are_all_outputs_up_to_symmetry():
    atlas = landscape("relu2", "xor").atlas()
    found = atlas.fits()
    assert [(fit.name, fit.loss, fit.images) for fit in found] == [
        ("A", 0, 1), ("B", 1, 1), ("C", 1, 2), ("D", Fraction(4, 3), 2), ("E", 2, 1),
    ]  # fmt: skip
    labels = atlas.landscape.data.labels
    assert all(sum((f - y) ** 2 for f, y in zip(fit.outputs, labels, strict=True)) == fit.loss for fit in found)
    assert sum(s.orbit for fit in found for family in fit.families for s in family) == 17
