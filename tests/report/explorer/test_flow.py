"""The page follows gradient flow as the library does: the same sets, ends and points, from 200 starts."""

import json
import random
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stability import landscape
from stability.report.explorer.problem_data import problem_data, sets_data

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

FOLLOW = Path(__file__).parent / "follow.mjs"
CLOSE = 1e-6

CASES = [
    ("abs1", 60),
    ("relu1", 60),
    ("relu2", 50),
    ("leaky1/10:1", 30),
]
"""Models on XOR, and how many starts of each."""

OUTPUT_LAYERS = [("relu[-1/2]", 20), ("relu[+,-]", 30), ("abs1+c", 30), ("relu[1,-1/2]+c", 30)]
"""With output weights and an output bias."""


def starts_of(place, count, seed):
    """Draw starts with simple coordinates, some of them on kinks, and others without."""
    draw = random.Random(seed)
    found = []
    for k in range(count):
        size = (2, 4, 97, 1000)[k % 4]
        found.append(
            place.by_unit([Fraction(draw.randint(-2 * size, 2 * size), size) for _ in range(place.parameters)])
        )
    return found


def times_of(track):
    """Return times between events of a trajectory, and some after the last."""
    found = []
    for piece in track.pieces:
        end = piece.end if np.isfinite(piece.end) else piece.start + (6 / piece.rates[0] if len(piece.rates) else 1)
        found += np.linspace(piece.start, end, 6)[1:-1].tolist()
    return found


def followed(atlas, starts, times, **changes):
    """Return what the page makes of starts."""
    given = {
        "problem": {**problem_data(atlas), **changes},
        "sets": sets_data(atlas),
        "starts": [[float(x) for row in start for x in row] for start in starts],
        "times": times,
    }
    run = subprocess.run([NODE, FOLLOW], input=json.dumps(given), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def differences(track, found, times):
    """Say where the page differs from the library."""
    own = np.array([float(x) for row in track.point for x in row])
    wrong = []
    if np.abs(own - np.array(found["end"])).max() > CLOSE:
        wrong.append("end")
    if len(times) and np.abs(track.at(times).reshape(len(times), -1) - np.array(found["points"])).max() > CLOSE:
        wrong.append("points")
    if (None if track.ends_on is None else track.ends_on.index) != found["set"]:
        wrong.append("set")
    if track.unique != found["unique"]:
        wrong.append("unique")
    return wrong


def compared(model, count, seed=3, data="xor", **changes):
    atlas = landscape(model, data).atlas()
    starts = starts_of(atlas.landscape, count, seed)
    tracks = [landscape(model, data).flow(start) for start in starts]
    times = [times_of(track) for track in tracks]
    triples = zip(tracks, followed(atlas, starts, times, **changes), times, strict=True)
    return tracks, [differences(*each) for each in triples]


def test_there_are_200_starts():
    assert sum(count for _, count in CASES) == 200


@pytest.mark.parametrize(("model", "count"), CASES)
def test_the_page_follows_as_the_library_does(model, count):
    tracks, wrong = compared(model, count)
    assert [each for each in wrong if each] == []
    kinds = {event.kind for track in tracks for event in track.events}
    assert "crossing" in kinds
    assert ("sliding begins" in kinds) == (model == "relu2")


@pytest.mark.parametrize(("model", "count"), OUTPUT_LAYERS)
def test_so_it_does_with_output_weights_and_an_output_bias(model, count):
    _, wrong = compared(model, count)
    assert [each for each in wrong if each] == []


@pytest.mark.parametrize(("model", "data"), [("relu2", "docs/data/conflict.csv"), ("abs1", "parity:3")])
def test_it_does_so_on_other_data(model, data):
    assert [each for each in compared(model, 20, data=data)[1] if each] == []


def test_a_wrong_slope_is_seen():
    _, wrong = compared("abs1", 20, slopes={"left": -0.98, "kink": 0.0, "right": 1.0})
    assert sum("points" in each for each in wrong) > 10
