"""What the page draws and lists itself agrees with the library: parts of sets, and the sets of families."""

import json
import shutil
import subprocess
from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from stability import explore, landscape
from stability.dynamics.bifurcation.questions import family
from stability.report.explorer.problem_data import sets_data

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

PICTURES = Path(__file__).parent / "pictures.mjs"
STOPS = ["-1", "-1/2", "-1/6", "0", "1/3", "1/2", "1"]


@cache
def drawn(model, plane, vary, data="xor"):
    """Return the data of an explorer, and what the page makes of them."""
    given = explore(landscape(model, data), plane, vary=list(vary), pixels=0).to_json()
    asked = {key: given[key] for key in ("problem", "plane", "space", "sets", "families")}
    text = json.dumps({**asked, "wanted": STOPS})
    run = subprocess.run([NODE, PICTURES], input=text, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return given, json.loads(run.stdout)


def outlines(parts, name="spots"):
    """Return parts as their sets, dimensions and corners, in no order."""
    corners = []
    for part in parts:
        spots = part[name] if name == "spots" else [spot for side in part[name] for spot in side]
        whole = {tuple(round(x, 6) + 0.0 for x in spot) for spot in spots}
        corners.append((part["set"], part["dimension"], tuple(sorted(whole))))
    return Counter(corners)


CASES = [("abs1", "p,b"), ("relu1", "p,b"), ("relu1", "w1,b"), ("relu2", "p@1-p@2,b@1+b@2"), ("relu2", "p@1,b@1")]
OUTPUT_LAYERS = [("relu[-2]", "p,b"), ("relu[+,-]", "p@1,b@1"), ("abs1+c", "p,c"), ("relu[2,-1]+c", "p@1-p@2,b@1+b@2")]


@pytest.mark.parametrize(("model", "plane"), CASES + OUTPUT_LAYERS)
def test_parts_in_the_plane_are_those_of_the_library(model, plane):
    given, found = drawn(model, plane, ())
    assert outlines(found["plane"]) == outlines(given["plane"]["parts"])
    assert found["plane"] or model == "relu[+,-]"


@pytest.mark.parametrize("model", ["abs1", "relu1", "relu[-2]"])
def test_parts_in_space_are_those_of_the_library(model):
    given, found = drawn(model, "p,b", ())
    assert outlines(found["space"], "sides") == outlines(given["space"]["parts"], "sides")


@pytest.mark.parametrize(
    ("model", "vary"), [("relu1", "slope"), ("relu1", "label:2"), ("relu2", "label:1"), ("abs1+c", "slope")]
)
def test_sets_of_a_family_are_those_of_the_atlas_there(model, vary):
    _, found = drawn(model, "p@1-p@2,b@1+b@2" if model == "relu2" else "p,b", (vary,))
    (stops,) = found["families"]
    assert len(stops) >= 5
    member = family(landscape(model, "xor"), vary)
    for stop in stops:
        atlas = landscape_of(member, stop["at"]).atlas()
        own = sets_data(atlas)
        assert looks(stop["sets"]) == looks(own), stop["at"]
        for each in stop["sets"]:
            (same,) = [other for other in own if other["choices"] == each["choices"]]
            assert each["values"] == pytest.approx(same["values"], abs=1e-12)
            assert each["right"] == same["right"]
            if each["witness"]:
                assert each["witness"] == same["witness"]


def landscape_of(member, text):
    place = member(Fraction(text))
    return landscape(place.network, place.data, place.loss_kind)


def looks(sets):
    return Counter((each["kind"], each["loss"], each["dimension"], *each["choices"]) for each in sets)
