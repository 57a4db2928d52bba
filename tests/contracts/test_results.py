"""Every result prints, shows in notebooks, becomes plain data, and is drawn or tabulated where it can be."""

import json
import re
import sys
from dataclasses import is_dataclass, replace
from functools import cache
from html.parser import HTMLParser
from types import SimpleNamespace

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stability import (
    Dataset,
    ForAll,
    fixed_point_types,
    flow_limits,
    landscape,
    network,
    prove,
    stability_regions,
    stationary_angles,
    update_rule,
)
from stability.audit.landscape_statements import landscapes
from stability.dynamics.basins.loss_levels import loss_levels
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import leaky_family
from stability.errors import DataError, MissingPackageError, NumberError, PointError
from stability.logic.records import Judged
from stability.symbolic.angular import angular_loss
from stability.symbolic.phase_diagram import phase_diagram

mpl.use("Agg")

HOSTILE = "<script>alert(1)</script>\u202e&\x1b[31m"
POINTS = [[1, -1], [-1, 1], [1, 1], [-1, -1]]
GD = update_rule("gd", step="1/20")


@cache
def place(model="abs1"):
    """A landscape on XOR whose data have a name that tries to be a tag, to turn the text and to colour the terminal."""
    return landscape(model, Dataset(HOSTILE, POINTS, [1, 1, 0, 0]))


@cache
def family():
    return bifurcation(leaky_family(place().data), -1, 1, verify=False)


RESULTS = {
    "atlas": lambda: place().atlas(),
    "stationary set": lambda: place().atlas().sets[0],
    "classification": lambda: place().classify([[0, 0, "1/2"]]),
    "classification elsewhere": lambda: place().classify([[1, 0, 0]]),
    "trajectory": lambda: place().flow([[1, 2, "1/3"]]),
    "trajectory at rest": lambda: place().flow([[0, 0, 0]]),
    "basins": lambda: place().basins("normal:0.5:0.5", 50),
    "basins by a rule": lambda: place().basins("normal:0.5:0.5", 20, rule=GD),
    "loss levels": lambda: loss_levels(place(), "normal:0.5:0.5", 20, GD),
    "bifurcation": family,
    "angular bifurcation": lambda: angular_bifurcation(place("relu1"), 1),
    "flow limits": lambda: flow_limits(place(), place().basins("normal:0.5", 2) and [[[1, 2, 0.3]], [[0, 0, 0]]]),
    "stability region": lambda: stability_regions(place(), "heavy-ball")[0],
    "stability region of gd": lambda: stability_regions(place(), "gd")[-1],
    "fixed point type": lambda: fixed_point_types(place(), GD)[0],
    "stationary angle": lambda: stationary_angles(place("relu1"), 1, 0)[0],
    "derivation": lambda: place().derive("+-0+"),
    "angular loss": lambda: angular_loss(place("relu1"), 1, 0),
    "phase diagram": lambda: phase_diagram(place("relu1"), 1),
    "judged": lambda: prove(ForAll("c", ["c > 0"], ["relu1.loss([c, c, 0]) >= 0"], landscapes(relu1="relu1"))),
    "judged open": lambda: Judged(None, reason="The search ended after 300 seconds."),
    "network": lambda: network("leaky1/100:2"),
    "dataset": lambda: place().data,
    "landscape": place,
}
"""Every kind of result, by a small one; names of data are hostile."""

DRAWN = {
    *("atlas", "trajectory", "trajectory at rest", "basins", "basins by a rule", "loss levels", "bifurcation"),
    *("angular bifurcation", "flow limits", "stability region", "stability region of gd", "angular loss"),
    *("phase diagram", "dataset", "landscape"),
}
TABLES = {
    *("atlas", "basins", "basins by a rule", "loss levels", "bifurcation", "angular bifurcation", "flow limits"),
    *("angular loss", "phase diagram", "dataset"),
}

made = cache(lambda name: RESULTS[name]())


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.names, self.attributes, self.text = [], set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.names.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", RESULTS)
def test_prints_for_a_person(name):
    found, text = made(name), repr(made(name))
    assert 0 < len(text.splitlines()) <= 25
    assert max(map(len, text.splitlines())) <= 400
    assert not text.startswith(f"{type(found).__name__}(")
    assert " object at 0x" not in text
    assert "Fraction(" not in text
    assert "array(" not in text
    assert "tensor(" not in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", RESULTS)
def test_shows_as_plain_escaped_html(name):
    html = made(name)._repr_html_()
    tags = Tags(html)
    assert tags.names <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
    assert tags.names >= {"table", "caption"}
    assert not tags.open
    assert not tags.attributes
    assert html.isprintable()


@pytest.mark.parametrize("name", RESULTS)
def test_becomes_plain_data(name):
    data = made(name).to_json()
    assert isinstance(data, dict)
    assert json.loads(json.dumps(data, allow_nan=False)).keys() == data.keys()


@pytest.mark.parametrize("name", RESULTS)
def test_is_drawn_where_there_is_something_to_see(name):
    assert hasattr(made(name), "plot") == (name in DRAWN)
    if name in DRAWN:
        ax = Figure().subplots()
        assert made(name).plot(ax) is ax
        assert ax.has_data()
        ax.figure.canvas.draw()
        new = made(name).plot()
        assert isinstance(new, Axes)
        assert new is not ax
        pyplot.close(new.figure)


@pytest.mark.parametrize("name", RESULTS)
def test_tables_become_frames(name, monkeypatch):
    assert hasattr(made(name), "to_frame") == (name in TABLES)
    if name in TABLES:
        monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
        rows = made(name).to_frame()
        assert rows
        assert all(row.keys() == rows[0].keys() for row in rows)
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingPackageError, match="pip install pandas"):
            made(name).to_frame()


def test_hostile_names_are_shown_and_do_nothing():
    for name in ("atlas", "classification", "trajectory", "basins", "derivation", "dataset", "landscape"):
        text = Tags(made(name)._repr_html_()).text
        assert "<script>alert(1)</script>\\u202e&\\x1b[31m" in text
        assert "<script>alert(1)</script>\\u202e&\\x1b[31m" in repr(made(name))


def test_derivations_are_typeset():
    found = made("derivation")
    assert found._repr_latex_().startswith(r"\begin{align*}")
    assert r"\nabla^2 L = \left[\begin{matrix}" in Tags(found._repr_html_()).text


def test_what_cannot_be_drawn_says_what_can():
    with pytest.raises(PointError, match=r"one unit in the plane.*2 units(.|\n)*\.plot_levels\(\)") as caught:
        place("abs2").atlas().plot()
    assert "derive" not in str(caught.value)
    assert place("abs2").atlas().plot_levels(Figure().subplots()).has_data()
    with pytest.raises(PointError, match="stability portrait abs2 xor"):
        landscape("abs2", "xor").plot()
    with pytest.raises(DataError, match="3 coordinates"):
        landscape("abs1", "parity:3").data.plot()
    with pytest.raises(NumberError, match="radius=1"):
        angular_loss(place("relu1")).plot()
    with pytest.raises(NumberError, match="radius=1"):
        phase_diagram(place("relu1")).plot()


def test_long_tables_are_cut_and_say_so():
    long = replace(place().data, points=[[k, 0] for k in range(100)], labels=range(100))
    assert "and 88 rows more" in repr(long)
    assert "and 40 rows more" in Tags(long._repr_html_()).text


def test_numbers_are_the_same_in_words_and_in_data():
    found = made("basins")
    shares = [float(share) / 100 for share in re.findall(r"^ +([\d.]+)%", repr(found), re.MULTILINE)]
    assert shares == pytest.approx([each["share"] for each in found.to_json()["sets"]], abs=1e-4)
    assert is_dataclass(found)
