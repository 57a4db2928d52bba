"""Basins of one loss have one colour, and no other loss has it, however many there are."""

from collections import defaultdict

import pytest
from matplotlib.colors import to_hex

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.model.datasets import Dataset
from stability.plot.basins import tints
from stability.plot.phase_portrait import legend

REAL = Dataset(
    "real", [["-7/5", "1/5"], [0, "9/10"], ["3/5", "-4/5"], [1, "1/2"], ["2/5", "7/5"]], [1, -2, "1/2", 3, -1]
)
SOLVED = Dataset("solved", [[0], [1], [2]], [0, 1, 0])


@pytest.mark.parametrize(
    ("model", "data"), [("relu1", REAL), ("abs1", REAL), ("relu2", SOLVED), ("relu1", "xor"), ("relu2", "xor")]
)
@pytest.mark.parametrize("wanted", [3, 6, 100])
def test_no_two_losses_share_a_colour(model, data, wanted):
    atlas = landscape(model, data).atlas()
    seen = {each.index for each in atlas.sets[:wanted]}
    found = tints(atlas, seen)
    assert set(found) == seen
    losses, words = defaultdict(set), defaultdict(set)
    for k, (colour, name) in found.items():
        losses[colour].add(atlas.sets[k].loss if name != "basins of greater losses" else None)
        words[name].add(colour)
    assert all(len(each) == 1 for each in losses.values())
    assert all(len(each) <= 2 for each in words.values())
    if any(name == "basins of greater losses" for _, name in found.values()):
        assert len({atlas.sets[k].loss for k in seen}) > 5
        named = [atlas.sets[k].loss for k, (_, name) in found.items() if name != "basins of greater losses"]
        assert max(named) <= min(atlas.sets[k].loss for k in seen if atlas.sets[k].loss not in named)


def test_legends_of_portraits_never_repeat_a_colour():
    for model, plane, origin in (("relu1", "w1,w2", [[0, 0, "1/2"]]), ("abs1", "w1,b", [[0, "1/2", 0]])):
        place = landscape(model, REAL)
        found = phase_portrait(place, named_plane(place, plane, origin), 4, pixels=24, tracks=0, arrows=2)
        shown = legend([found])
        pairs = zip(shown["labels"], shown["handles"], strict=True)
        basins = {word: patches for word, patches in pairs if word.startswith("basin")}
        colours = [to_hex(patch.get_facecolor()) for patches in basins.values() for patch in patches]
        assert len(colours) == len({*colours}) == len(found.basins.seen - {-1})


def test_names_say_right_only_where_it_means_something():
    real, labelled = landscape("relu1", REAL).atlas(), landscape("relu1", "xor").atlas()
    assert not any("right" in name for _, name in tints(real, range(len(real.sets))).values())
    assert all("of 4 right" in name for _, name in tints(labelled, range(len(labelled.sets))).values())
