"""Pictures of points: which are drawn, and where the boundary of a unit runs in them."""

import re

import pytest

from stability import Exists, ForAll, landscape, prove
from stability.logic.records import Judged
from stability.report.pictures import MOST, pictures_of

XOR = {"L": landscape("relu1", "xor")}


def captions(html):
    return re.findall("<figcaption>(.*?)</figcaption>", html or "")


def test_given_points_are_drawn_with_their_exact_loss():
    found = pictures_of(prove(ForAll("", [], ["L.loss([-1/2, 1/2, 0]) == 1", "L.loss([0, 0, -1]) == 2"], XOR)))
    assert captions(found) == ["L at (-1/2, 1/2, 0): loss 1", "L at (0, 0, -1): loss 2"]
    assert (
        found.count("<line") == found.count("<polygon") == 1
    )  # the unit with zero weights has no boundary, and is off


def test_the_mean_and_leaky_slopes_count():
    given = {"L": landscape("leaky1/2:1", "xor", loss="mean")}
    found = pictures_of(prove(ForAll("", [], ["L.loss([1, -1, 0]) == 1/2"], given)))
    assert captions(found) == ["L at (1, -1, 0): loss 5/4"]  # outputs 2, -1, 0, 0 for labels 1, 1, 0, 0


def test_a_counterexample_is_drawn():
    judged = prove(ForAll("u v b", ["u > 0"], ["L.loss([u, v, b]) > 5"], XOR, try_at=[{"u": 1, "v": 0, "b": 0}]))
    assert judged.conclusion == "refuted"
    assert captions(pictures_of(judged)) == ["L at (1, 0, 0): loss 2"]  # outputs 1, 0, 1, 0 for labels 1, 1, 0, 0


def test_the_boundary_runs_where_the_unit_is_0():
    html = pictures_of(prove(Exists("b", ["L.loss([1, 0, b]) >= 0", "b == 1/2"], XOR, try_at=[{"b": "1/2"}])))
    [(x1, y1, x2, y2)] = re.findall(r'<line x1="(.*?)" y1="(.*?)" x2="(.*?)" y2="(.*?)"', html)
    half = 2 * (0.5 + 0.45)  # the examples lie between -1 and 1
    assert x1 == x2 == f"{50 * (1 - 0.5 / half):.1f}"
    assert {y1, y2} == {"0.0", "100.0"}


@pytest.mark.parametrize(
    "judged",
    [
        None,
        Judged(None, reason="open"),
        prove(ForAll("x", [], ["x**2 >= 0"])),
        prove(ForAll("", [], ["L.loss([1, 0, 0, 0]) >= 0"], {"L": landscape("relu1", "parity:3")})),
    ],
)
def test_nothing_is_drawn_where_no_point_of_the_plane_is_named(judged):
    assert pictures_of(judged) is None


def test_few_are_drawn():
    many = [f"L.loss([{k}, 0, 0]) >= 0" for k in range(9)]
    assert len(captions(pictures_of(prove(ForAll("", [], many, XOR))))) == MOST
