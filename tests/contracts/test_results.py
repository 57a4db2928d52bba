"""Every result prints, shows in notebooks, becomes plain data, and is drawn or tabulated where it can be."""

import json
import re
import sys
from copy import copy
from dataclasses import is_dataclass, replace
from fractions import Fraction
from functools import cache, partial
from html import escape, unescape
from html.parser import HTMLParser
from math import inf, nan
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import stability
from stability import (
    Claim,
    Controller,
    Dataset,
    ForAll,
    Grid,
    Limits,
    Monitor,
    Policy,
    Repair,
    Writeup,
    fixed_point_types,
    flow_limits,
    landscape,
    layer_geometry,
    network,
    prove,
    recovery,
    settle_angle,
    stability_regions,
    stationary_angles,
    train,
    train_deep,
    update_rule,
)
from stability.audit.landscape_statements import landscapes
from stability.audit.run import Audited
from stability.audit.verdicts import settle
from stability.compute.sweep import Summary
from stability.dynamics.basins.basins import UnsettledRuns
from stability.dynamics.basins.loss_levels import Level, LossLevels, loss_levels
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import leaky_family
from stability.dynamics.flow.batch import FlowLimits
from stability.dynamics.maps.cycles import Cycle
from stability.dynamics.maps.point_regions import region_at
from stability.dynamics.search.fixed_points import fixed_points
from stability.errors import DataError, MissingPackageError, NumberError, PointError, StabilityError
from stability.io.printable import printable
from stability.io.results import Displayed
from stability.logic.records import Judged
from stability.studies.crosscheck import CHECKS, Compared, Comparisons
from stability.studies.interventions import PolicyOutcome
from stability.symbolic.angular import angular_loss
from stability.symbolic.phase_diagram import phase_diagram
from stability.training.control.policies import POLICIES
from stability.training.deep.datasets import given
from stability.training.monitoring.alarms import Alarm
from stability.training.start_report import LayerStart, NetworkStart

mpl.use("Agg")

HOSTILE = "<script>alert(1)</script>\u202e&\x1b[31m"
POINTS = [[1, -1], [-1, 1], [1, 1], [-1, -1]]
GD, FAST = update_rule("gd", step="1/20"), update_rule("gd", step=5)


@cache
def place(model="abs1"):
    """A landscape on XOR whose data have a name that tries to be a tag, to turn the text and to colour the terminal."""
    return landscape(model, Dataset(HOSTILE, POINTS, [1, 1, 0, 0]))


def deep_data(validation=5):
    x = np.linspace(-1, 1, 16).reshape(8, 2)
    return given(HOSTILE, x, [0, 1] * 4, x[:validation], [0, 1, 0, 1, 0][:validation])


def hostile_network():
    torch.manual_seed(0)
    model = torch.nn.Sequential()
    model.add_module("<b>first\u202e", torch.nn.Linear(2, 4))
    model.add_module("relu", torch.nn.ReLU())
    model.add_module("last", torch.nn.Linear(4, 1))
    return model


def monitored():
    model = hostile_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Monitor(model) as monitor:
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.randn(6, 2)).square().mean().backward()
            optimizer.step()
    return monitor


def unused_monitor():
    with Monitor(hostile_network()) as monitor:
        return monitor


def recoveries():
    model = hostile_network()
    torch.nn.init.constant_(getattr(model, "<b>first\u202e").bias, -9)
    return recovery(model, torch.rand(4, 2), torch.optim.SGD(model.parameters(), lr=0.1))


def idle():
    """Return a controller of a network that was not trained."""
    with Controller(hostile_network()) as controller:
        return controller


def controlled():
    model = hostile_network()
    torch.nn.init.constant_(getattr(model, "<b>first\u202e").bias, -9)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Controller(model, "revive", every=1) as controller:
        model(torch.ones(6, 2)).square().mean().backward()
        optimizer.step()
    return controller


def never_negative(relation):
    return ForAll("c", ["c > 0"], [f"relu1.loss([c, c, 0]) {relation} 0"], landscapes(relu1="relu1"))


CLAIM = Claim(
    id="c",
    where=HOSTILE,
    says=f"No loss is negative. {HOSTILE}",
    statement=ForAll("c", ["c > 0"], ["relu1.loss([c, c, 0]) < 0"], landscapes(relu1="relu1")),
    repair=Repair(
        "It is at least 0.", ForAll("c", ["c > 0"], ["relu1.loss([c, c, 0]) >= 0"], landscapes(relu1="relu1"))
    ),
)


@cache
def family():
    return bifurcation(leaky_family(place().data), -1, 1, verify=False)


RESULTS = {
    "start of a network": lambda: NetworkStart("hypersphere", 0, (LayerStart("0", "hypersphere", 1, 85, 2, 0.25),)),
    "atlas": lambda: place().atlas(),
    "stationary set": lambda: place().atlas().sets[0],
    "classification": lambda: place().classify([[0, 0, "1/2"]]),
    "classification elsewhere": lambda: place().classify([[1, 0, 0]]),
    "classification of an output layer": lambda: place("relu1-out").classify([[0, 0, 0, 0]]),
    "trajectory": lambda: place().flow([[1, 2, "1/3"]]),
    "trajectory at rest": lambda: place().flow([[0, 0, 0]]),
    "basins": lambda: place().basins("normal:0.5:0.5", 50),
    "basins by a rule": lambda: place().basins("normal:0.5:0.5", 20, rule=GD),
    "loss levels": lambda: loss_levels(place(), "normal:0.5:0.5", 20, GD),
    "loss levels beyond floats": lambda: LossLevels(
        place(), "normal", 2, 0, "gd", 5, [Level(inf, 2, 0, 1.0, 0.3, 1.0, nan)], 0
    ),
    "runs at no set": lambda: replace(
        place().basins("normal:0.5:0.5", 2, rule=GD),
        unsettled=[UnsettledRuns("budget", "too few steps", place().atlas().sets[0], 1, 0, inf, nan)],
    ),
    "bifurcation": family,
    "angular bifurcation": lambda: angular_bifurcation(place("relu1"), 1),
    "flow limits": lambda: flow_limits(place(), place().basins("normal:0.5", 2) and [[[1, 2, 0.3]], [[0, 0, 0]]]),
    "flow limits that are undecided": lambda: FlowLimits(
        np.array([-1]), np.full((1, 1, 3), nan), 0, np.array([False]), np.array([False])
    ),
    "stability regions": lambda: stability_regions(place(), "heavy-ball"),
    "stability regions of gd": lambda: stability_regions(place("relu1"), "gd"),
    "stability regions at kinks": lambda: stability_regions(place("abs2"), "gd"),
    "stability region": lambda: stability_regions(place(), "heavy-ball")[0],
    "stability region of gd": lambda: stability_regions(place(), "gd")[-1],
    "stability region at a point": lambda: region_at(
        landscape("relu1-out", Dataset(HOSTILE, [[0], [2]], [0, 1])), [[1, -1, 1]], "adam"
    ),
    "cycles": lambda: place().cycles(update_rule("gd", step="3/10")),
    "cycles nowhere": lambda: place("relu1").cycles(update_rule("gd", step="1/10")),
    "fixed point types": lambda: fixed_point_types(place(), GD),
    "fixed point types at kinks": lambda: fixed_point_types(place("abs2"), update_rule("adam", step="1/100")),
    "fixed point type": lambda: fixed_point_types(place(), GD)[0],
    "stationary angles": lambda: stationary_angles(place("relu1"), 1, "1/3"),
    "stationary angle": lambda: stationary_angles(place("relu1"), 1, 0)[0],
    "derivation": lambda: place().derive("+-0+"),
    "angular loss": lambda: angular_loss(place("relu1"), 1, 0),
    "phase diagram": lambda: phase_diagram(place("relu1"), 1),
    "judged": lambda: prove(never_negative(">=")),
    "judged open": lambda: Judged(None, reason="The search ended after 300 seconds."),
    "cases of an angle": lambda: settle_angle(place("relu1"), "pi/3"),
    "case of an angle": lambda: settle_angle(place("relu1"), "pi/4")[0],
    "ensemble": lambda: train(place(), "normal:0.5:0.5", GD, epochs=50, restarts=20, mode="eager"),
    "ensemble that diverges": lambda: train(place(), "normal:0.5", FAST, epochs=900, restarts=3, mode="eager"),
    "deep run": lambda: train_deep(deep_data(), 2, 3, "relu", epochs=5, seeds=2),
    "deep run without validation": lambda: train_deep(deep_data(0), 1, 2, "relu-bn", epochs=1, seeds=1),
    "network geometry": lambda: layer_geometry(hostile_network(), torch.randn(7, 2)),
    "layer geometry": lambda: layer_geometry(hostile_network(), torch.randn(7, 2)).layers[0],
    "monitor": monitored,
    "monitor without readings": unused_monitor,
    "controller": controlled,
    "controller that did nothing": idle,
    "recovery of dead units": recoveries,
    "reading": lambda: monitored().readings[0],
    "reading of a layer": lambda: monitored().readings[0].layers[0],
    "alarm": lambda: Alarm("dead data", HOSTILE, 0.75, 0.5),
    "audit": lambda: Audited([(Writeup("notes", HOSTILE, [CLAIM]), [settle(CLAIM, runs=False)])]),
    "verdict": lambda: settle(CLAIM, runs=False),
    "claim": lambda: CLAIM,
    "claim that is an opinion": lambda: Claim("taste", "3", "It is elegant.", opinion="a matter of taste"),
    "write-up": lambda: Writeup("notes", HOSTILE, [CLAIM]),
    "verdict of an error": lambda: settle(replace(CLAIM, statement=lambda: 1 / 0)),
    "grid": lambda: Grid(HOSTILE, "math:dist", {"depth": range(1000), "width": [2, 4]}, {"data": HOSTILE}),
    "summary": lambda: Summary(10, 6, 1, computed=3, deaths=1, seconds=2.5, workers=2, interrupted=True),
    "comparisons": lambda: Comparisons([Compared(each, 0.5, 12, 20) for each in CHECKS], 20, 0),
    "comparison": lambda: Compared(CHECKS[0], 0.5, 12, 20),
    "deep data": deep_data,
    "fixed points of a search": lambda: fixed_points(place(), 20),
    "fixed points of an output layer": lambda: fixed_points(place("relu1-out"), 20),
    "certified point of a search": lambda: fixed_points(place("relu2-out"), 60).certified[0],
    "fixed point of a search": lambda: fixed_points(place(), 20).points[0],
    "fixed point beyond floats": lambda: replace(fixed_points(place(), 20).points[0], loss=inf, force=nan),
    "agreement with a search": lambda: fixed_points(place(), 20).agreement(),
    "cycle": lambda: Cycle([Fraction(1, 3), Fraction(2, 3)], Fraction(1, 2)),
    "cycle of a family": lambda: Cycle([Fraction(1, 3)], None, (None, Fraction(1))),
    "policy of repairs": lambda: PolicyOutcome("xor", HOSTILE, 10, 7, 6, 1, 2, 3, {"revival": 4}, {"loss": 0.5}),
    "policy without a loss": lambda: PolicyOutcome("xor", HOSTILE, 1, 0, 0, 0, 0, 0, {}, {"loss": nan, "most": inf}),
    "network": lambda: network("leaky1/100:2"),
    "dataset": lambda: place().data,
    "landscape": place,
}
"""Every kind of result, by a small one; names of data are hostile."""

LISTS = {
    *("stability regions", "stability regions of gd", "stability regions at kinks", "fixed point types"),
    *("fixed point types at kinks", "stationary angles", "cases of an angle", "comparisons"),
}
"""Lists of results, which are tables as well."""

DRAWN = {
    *(
        "atlas",
        "stationary set",
        "trajectory",
        "trajectory at rest",
        "basins",
        "basins by a rule",
        "loss levels",
        "loss levels beyond floats",
        "runs at no set",
        "bifurcation",
    ),
    *(
        "angular bifurcation",
        "flow limits",
        "flow limits that are undecided",
        "stability region",
        "stability region of gd",
        "stability region at a point",
        "angular loss",
    ),
    *("phase diagram", "dataset", "landscape", "ensemble", "ensemble that diverges", "deep run"),
    *("deep run without validation", "network geometry", "monitor", "fixed point type", "comparison"),
    *("classification", "classification elsewhere", "classification of an output layer", "audit", "network"),
}
DRAWN |= LISTS
TABLES = {
    *("atlas", "basins", "basins by a rule", "loss levels", "bifurcation", "angular bifurcation", "flow limits"),
    *("loss levels beyond floats", "runs at no set", "flow limits that are undecided"),
    *("angular loss", "phase diagram", "dataset", "ensemble", "ensemble that diverges", "deep run"),
    *("deep run without validation", "network geometry", "monitor", "reading", "grid", "fixed points of a search"),
    "fixed points of an output layer",
    "cycles",
    "audit",
    "controller",
    "recovery of dead units",
}
TABLES |= LISTS
NO_ROWS = {"cycles nowhere", "controller that did nothing"}
EMPTY = {"monitor without readings"}
"""What could be drawn, but has nothing to show yet."""

NOT_DRAWN = {
    "start of a network": "a few numbers for each layer, which the table lists",
    **dict.fromkeys(
        ["cycles", "cycles nowhere", "cycle", "cycle of a family"], "a few points of a line, which are listed exactly"
    ),
    **dict.fromkeys(["stationary angle", "case of an angle"], "one member of a list, which is drawn as a whole"),
    "derivation": "formulas, which are typeset",
    **dict.fromkeys(["judged", "judged open", "verdict", "verdict of an error"], "words and a proof, no numbers"),
    **dict.fromkeys(["claim", "claim that is an opinion", "write-up"], "words, on which nothing is decided yet"),
    **dict.fromkeys(["layer geometry", "reading", "reading of a layer"], "one layer or one step of what is drawn"),
    "alarm": "a number and its limit",
    **dict.fromkeys(["controller", "controller that did nothing"], "its monitor draws what it acted upon"),
    "recovery of dead units": "words and proofs; counts stand in its table",
    "grid": "what is to be computed; nothing is found yet",
    "summary": "three counts; the results are in the file of the sweep",
    "deep data": "points of any number of coordinates",
    **dict.fromkeys(["fixed points of a search", "fixed point of a search", "fixed point beyond floats"], "see atlas"),
    **dict.fromkeys(["fixed points of an output layer", "certified point of a search"], "see atlas"),
    "agreement with a search": "counts by set",
    **dict.fromkeys(["policy of repairs", "policy without a loss"], "one policy; the figure `control` compares them"),
}
"""Why there is nothing to see."""

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


def kinds_of(base):
    return {each for kind in base.__subclasses__() for each in {kind, *kinds_of(kind)}}


def test_every_kind_of_result_is_in_the_table():
    known = {type(made(name)).__name__ for name in RESULTS}
    ours = {each for each in kinds_of(Displayed) if each.__module__.startswith("stability.")}
    named = {each.__name__ for each in ours if not each.__abstractmethods__ and each.__name__[0] != "_"}
    loaded_on_demand = {"DocumentWriteup"}  # a Writeup, which other tests of this process may have loaded
    assert named - known - loaded_on_demand == {"NetworkLoss", "SeveralOutputs", "SeveralOutputsLoss", "Solution"}
    public = {each for each in map(partial(getattr, stability), stability.__all__) if isinstance(each, type)}
    assert {each.__name__ for each in public - ours} <= NO_RESULTS


NO_RESULTS = {
    *[
        "AllOf",
        "Exists",
        "Explorer",
        "ForAll",
        "Limits",
        "Not",
        "Policy",
        "Repair",
        "SeparationLoss",
        "StabilityError",
        "TrainingStopped",
        "Unit",
        "UpdateRule",
    ]
}
"""Public classes that are asked for or given, not found out."""


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
def test_shows_as_a_card_of_escaped_html(name):
    html, table = made(name)._repr_html_(), made(name)._table()
    tags = Tags(html)
    assert html.startswith('<div class="stability-card"><style>.stability-card')
    parts = {"div", "style", "table", "caption", "b", "span", "thead", "tbody", "tr", "th", "td", "p"}
    assert tags.names <= parts | MATHML
    assert tags.names >= {"table", "caption"}
    assert not tags.open
    assert tags.attributes == [("class", "stability-card")]
    assert html.isprintable()
    assert len(html) < 20_000
    assert table.caption
    assert f"<span>{escape(printable(table.finding))}</span>" in html or not table.finding


SUMS = {"fixed points of a search", "fixed points of an output layer"}
"""What has sums in its text over the rows of its card."""
MATHML = {"math", "mrow", "msup", "msub", "mi", "mn", "mo", "mtable", "mtr", "mtd", "mfrac", "msqrt"}
NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")


@pytest.mark.parametrize("name", RESULTS)
def test_a_card_has_the_numbers_of_the_text(name):
    html = made(name)._repr_html_().partition("</style>")[2]
    shown = unescape(re.sub("<[^>]*>", " ", html))
    text = re.sub(r"and \d+ rows more", "", repr(made(name)))
    assert {*NUMBER.findall(text)} <= {*NUMBER.findall(shown)} or name in SUMS


@pytest.mark.parametrize("name", RESULTS)
def test_becomes_plain_data(name):
    data = made(name).to_json()
    assert isinstance(data, dict)
    assert json.loads(json.dumps(data, allow_nan=False)).keys() == data.keys()


@pytest.mark.parametrize("name", RESULTS)
def test_is_drawn_where_there_is_something_to_see(name):
    assert hasattr(made(name), "plot") == (name in DRAWN | EMPTY) == (name not in NOT_DRAWN)
    if name in EMPTY:
        with pytest.raises(StabilityError, match="Train some steps"):
            made(name).plot()
    if name in DRAWN:
        ax = Figure().subplots()
        assert made(name).plot(ax) is ax
        assert ax.has_data() or ax.texts
        ax.figure.canvas.draw()
        new = made(name).plot()
        assert isinstance(new, Axes)
        assert new is not ax
        pyplot.close(new.figure)


@pytest.mark.parametrize("name", RESULTS)
def test_tables_become_frames(name, monkeypatch):
    assert hasattr(made(name), "to_frame") == (name in TABLES | EMPTY | NO_ROWS)
    if name in TABLES:
        monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
        rows = made(name).to_frame()
        assert rows
        assert all(row.keys() == rows[0].keys() for row in rows)
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingPackageError, match="pip install pandas"):
            made(name).to_frame()


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_of_results_are_lists(name):
    found = made(name)
    assert isinstance(found, list)
    assert found == list(found)
    assert [found[0], *found[1:]] == found
    assert sorted(found, key=id) == sorted([*found], key=id)
    assert len(found.to_json()[found.part]) == len(found._table().rows) == len(found._records()) == len(found)
    again = copy(found)
    assert (again, again.asked, repr(again)) == (found, found.asked, repr(found))


def test_hostile_names_are_shown_and_do_nothing():
    for name in ("atlas", "classification", "trajectory", "basins", "derivation", "dataset", "landscape"):
        text = Tags(made(name)._repr_html_()).text
        assert "<script>alert(1)</script>\\u202e&\\x1b[31m" in text
        assert "<script>alert(1)</script>\\u202e&\\x1b[31m" in repr(made(name))


def test_derivations_are_typeset():
    found = made("derivation")
    assert found._repr_latex_().startswith(r"\begin{align*}")
    html = found._repr_html_()
    assert html.count("<math>") == 5
    assert html.count("<mtable>") == 4
    assert "<math><mrow><msup><mrow><mo>(</mo>" in html
    assert made("angular loss")._repr_html_().count("<math>") == 4


def test_rules_and_units_print_as_they_are_spelled():
    assert repr(GD) == "gd (step 1/20)"
    assert repr(place().network.unit) == "abs: slope -1 left of 0, 1 right of it, 0 at 0"


def test_what_is_given_to_monitors_and_controllers_prints_as_words():
    assert repr(Limits(torque=None, growth=10)) == (
        "alarms: dead_fraction above 0.5, dead_units above 0.75, gradient 1e-06, bias_change below 0.0001, "
        "growth above 10, loss_growth above 10, gradient_ratio below 1e-06, scale above 100, affine_units above 0.99, "
        "dead_start above 0.9, update_ratio above 0.3, rest below 1e-05, small_scale below 1e-06, "
        "no_update below 1e-12, gradient_kept above 0, unlearned 0.5, examples 8; off: torque"
    )
    rules = POLICIES["better"].rules
    assert repr(Policy("mine", rules, cooldown=5, until=2000)).splitlines() == [
        "policy mine: at most 10 attempts, 5 steps apart, until step 2,000",
        "  dead data: revival (0.1); level 0.1",
        "  plateau: separation (0.01), then employment of dead units (0.1); limit 0.01; level 0.1; evidence collapse",
    ]
    assert "1 intervention" in repr(made("controller"))
    assert "revival (0.1)" in repr(made("controller"))


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
    assert "and 76 rows more" in Tags(long._repr_html_()).text


def test_numbers_are_the_same_in_words_and_in_data():
    found = made("basins")
    shares = [float(share) / 100 for share in re.findall(r"^ +([\d.]+)%", repr(found), re.MULTILINE)]
    assert shares == pytest.approx([each["share"] for each in found.to_json()["sets"]], abs=1e-4)
    assert is_dataclass(found)
