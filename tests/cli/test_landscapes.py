"""Commands that look at one landscape answer as worked out by hand on XOR, with its four points (+-1, +-1).

For abs1 the output is |w.x + b|; for relu1 it is max(w.x + b, 0). The label is 1 at (1, -1) and (-1, 1), else 0.
"""

import json
import math

import pytest
from command_line import invoked, printed
from sympy import Rational, expand, simplify, symbols, sympify

from stability.checker.checker import main as check
from stability.cli import landscapes
from stability.cli.main import app
from stability.errors import PointError, StabilityError, TooLargeError, UnknownNameError

NAMES = ("classify", "atlas", "flow", "basins", "bifurcation", "portrait", "derive")


def report(*words):
    return json.loads(printed(*words, "--json", "-"))


def test_all_are_commands_under_their_names():
    registered = {each.name: each.callback for each in app.registered_commands}
    for name in NAMES:
        assert registered[name] is getattr(landscapes, name)


def test_a_point_has_the_gradient_worked_out_by_hand():
    """At w = (1, 1/2), b = 0 the outputs are 3/2, 1/2, 1/2, 3/2: residuals 3/2, -1/2, -1/2, 3/2, loss 5.

    Each sign of a pre-activation turns its point, so the gradient in w is 2 (3/2 (1, 1) 2 - 1/2 (1, -1) 2) = (4, 8).
    """
    found = report("classify", "abs1", "xor", "--at", "[[1, 1/2, 0]]")
    assert (found["loss"], found["gradient"]) == ("5", ["4", "8", "0"])
    assert (found["differentiable"], found["clarke"]) == (True, False)
    mean = report("classify", "abs1", "xor", "--at", "[[1, 1/2, 0]]", "--loss", "mean")
    assert (mean["loss"], mean["gradient"]) == ("5/4", ["1", "2", "0"])


def test_the_origin_is_a_kink_from_which_descent_leads():
    """At 0 the outputs are 0 and the loss is 2; along b it is 2 (|b| - 1)^2 + 2 b^2, which falls both ways."""
    found = report("classify", "abs1", "xor", "--at", "[[0, 0, 0]]")
    assert (found["loss"], found["differentiable"], found["kind"]) == ("2", False, "saddle")
    assert (found["clarke"], found["directional"]) == (True, False)


def test_a_record_of_a_point_is_confirmed(tmp_path):
    record = tmp_path / "point.json"
    shown = printed("classify", "abs1", "xor", "--at", "[[1/2, -1/2, 0]]", "--record", record)
    assert "global minimum" in shown or "local minimum" in shown
    assert check([str(record)]) == 0


@pytest.mark.parametrize("at", ["[[1, 2]]", "[[1, 2, 3], [1, 2, 3]]", "[]", "[1, 2]"])
def test_a_point_has_the_shape_of_the_network(at):
    with pytest.raises(PointError):
        printed("classify", "abs1", "xor", "--at", at)


def test_flow_inside_a_cell_ends_at_its_minimum():
    """From w = (1, -1/4), b = 0 no sign of w.x ever turns: w1 + w2 falls to 0, w1 - w2 to 1."""
    found = report("flow", "abs1", "xor", "--from", "[[1, -1/4, 0]]")
    assert found["end"]["point"] == [["1/2", "-1/2", "0"]]
    assert (found["end"]["loss"], found["end"]["kind"], found["unique"]) == ("0", "global minimum", True)
    assert found["start"] == [["1", "-1/4", "0"]]


def test_flow_from_a_dead_unit_stays_with_loss_2(tmp_path):
    found = report("flow", "relu1", "xor", "--from", "[[1, 1, -3]]")
    assert (found["end"]["point"], found["end"]["loss"]) == ([["1", "1", "-3"]], "2")
    record = tmp_path / "end.json"
    printed("flow", "relu1", "xor", "--from", "[[1, 1, -3]]", "--record", record)
    assert check([str(record)]) == 0


def test_kinks_at_the_start_may_be_those_of_torch():
    """At 0 torch's slope is 0 and the start rests; the means of slopes let it leave, by more than one solution."""
    rests = report("flow", "relu1", "xor", "--from", "[[0, 0, 0]]", "--kinks", "torch")
    leaves = report("flow", "relu1", "xor", "--from", "[[0, 0, 0]]")
    assert rests["end"]["point"] == [["0", "0", "0"]]
    assert leaves["unique"] is False


def test_a_flow_without_a_certificate_has_status_1(monkeypatch, tmp_path):
    from types import SimpleNamespace

    from stability.landscapes import Landscape

    found = SimpleNamespace(to_json=dict, certificate=SimpleNamespace(record=None, reason="It is too long."))
    monkeypatch.setattr(Landscape, "flow", lambda *given: found)
    ended = invoked(
        "flow", "abs1", "xor", "--from", "[[1, 2, 3]]", "--json", "--record", tmp_path / "end.json", status=1
    )
    assert ended.stderr == "No certificate was found. It is too long.\n"
    assert not list(tmp_path.iterdir())


def test_basins_by_flow_have_the_share_of_the_angle():
    """Traps take (2 / pi) arctan(1 / sqrt 2) of the starts with one standard deviation, by the README's formula."""
    found = report("basins", "abs1", "xor", "--init", "normal:0.5:0.5", "--samples", "1000")
    traps = sum(each["count"] for each in found["sets"] if each["loss"] == "1")
    share = 2 / math.pi * math.atan(1 / math.sqrt(2))
    assert abs(traps / 1000 - share) < 4 * math.sqrt(share * (1 - share) / 1000)
    assert sum(each["count"] for each in found["sets"]) + found["undecided"] == 1000


def test_basins_by_one_step_are_one_result_and_by_several_a_list():
    words = ["basins", "abs1", "xor", "--init", "normal:0.1", "--samples", "5", "--rule", "gd", "--max-steps", "50"]
    one = report(*words, "--step", "1/10")
    several = report(*words, "--step", "1/20,1/10")
    assert (one["samples"], one["steps"]) == (5, 50)
    assert [each["rule"] for each in several] == ["gd (step 1/20)", "gd (step 1/10)"]
    assert several[1] == one


def test_basins_without_an_atlas_are_levels_of_loss(tmp_path):
    """Two points of the line cut the plane of (w, b) by two lines into 4 cells, 4 rays and a point: 9 faces."""
    (tmp_path / "line.csv").write_text("x1,y\n1,2\n3,1\n")
    words = ["basins", "relu1", tmp_path / "line.csv", "--init", "normal:1", "--samples", "4", "--max-faces", "8"]
    with pytest.raises(TooLargeError):
        printed(*words)
    several = report(*words, "--rule", "gd", "--step", "1/10,1/20", "--max-steps", "20")
    assert [each["rule"] for each in several] == ["gd (step 1/10)", "gd (step 1/20)"]
    for found in several:
        assert (found["sets"], found["choices_of_faces"]) == ([], 9)
        assert sum(level["count"] for level in found["levels"]) == 4


def test_the_trap_of_constant_output_stays_while_the_slope_varies():
    """With w = 0, b = 1/2 every unit is on, whatever the slope left of 0: loss 4 (1/2)^2 = 1."""
    found = report("bifurcation", "relu1", "xor", "--vary", "slope", "--range=-1/2,-1/3")
    constant = [each for each in found["branches"] if each["point"] == [["0", "0", "1/2"]]]
    assert [(each["loss"]["formula"], each["kind"]) for each in constant] == [("1", "local minimum")]
    assert (found["low"], found["high"], found["parameter"]) == ("-1/2", "-1/3", "a")


def test_a_bifurcation_is_drawn_and_its_path_reported_on_stderr(tmp_path):
    picture = tmp_path / "slopes.svg"
    found = invoked("bifurcation", "relu1", "xor", "--vary", "slope", "--range=-1/2,-1/3", "-o", picture, "--json")
    assert found.stderr == f"{picture}\n"
    assert picture.read_text().lstrip().startswith("<?xml")
    assert json.loads(found.stdout)["loss_kind"] == "sum"


def test_the_loss_of_a_cell_is_the_sum_of_its_squares():
    """Where relu1 is on at all points the loss is 4 w1^2 + 4 w2^2 + 4 b^2 - 4 b + 2."""
    found = report("derive", "relu1", "xor", "--pattern", "++++")
    w1, w2, b = symbols("w_1 w_2 b")
    names = {"w_1": w1, "w_2": w2, "b": b}
    assert expand(sympify(found["loss"], names)) == 4 * w1**2 + 4 * w2**2 + 4 * b**2 - 4 * b + 2
    assert [sympify(each, names) for each in found["gradient"]] == [8 * w1, 8 * w2, 8 * b - 4]
    assert found["coordinates"] == "cartesian"


def test_the_mean_and_polar_coordinates_reach_the_derivation():
    found = report("derive", "relu1", "xor", "--pattern", "++++", "--coordinates", "polar", "--loss", "mean")
    r, b = symbols("r b", positive=True)
    value = sympify(found["loss"], {"r": r, "b": b, **{name: symbols(name) for name in ("theta", "theta_1")}})
    rest = [each for each in value.free_symbols if each not in (r, b)]
    assert simplify(value.subs(dict.fromkeys(rest, Rational(1, 3))) - (r**2 + b**2 - b + Rational(1, 2))) == 0
    assert found["coordinates"] == "polar"


def test_without_a_pattern_the_angular_loss_is_derived_and_coordinates_are_refused():
    found = report("derive", "relu1", "xor")
    assert found["regimes"][0]["pieces"][0] == {"start": "0", "end": "2*pi", "pattern": "----", "loss": "2"}
    with pytest.raises(StabilityError, match=r"--pattern '\+\+\+\+,\+\+\+\+'"):
        printed("derive", "relu2", "xor", "--coordinates", "polar")


def test_latex_is_printed_and_json_written_beside_it(tmp_path):
    shown = printed("derive", "relu1", "xor", "--pattern", "++++", "--latex", "--json", tmp_path / "cell.json")
    assert "w_{1}" in shown or "w_1" in shown
    assert "\\" in shown
    assert json.loads((tmp_path / "cell.json").read_text())["pattern"] == "++++"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("derive relu1 xor --pattern +++", StabilityError),
        ("derive relu1 xor --pattern ++++ --max-terms 1", StabilityError),
        ("derive relu1 xor --pattern ++++ --coordinates polr", UnknownNameError),
        ("basins abs1 xor --init normal:1 --rule gd", StabilityError),
        ("basins abs1 xor --init normal:1 --step 1/10", StabilityError),
        ("flow abs1 xor --from [[1,2]]", PointError),
        ("flow abs1 xor --from [[1,2,3]] --kinks trch", UnknownNameError),
        ("bifurcation relu1 xor --vary hue --range 0,1", StabilityError),
        ("atlas relu1 xor --max-faces 1", TooLargeError),
    ],
)
def test_what_makes_no_sense_is_refused(words, error):
    with pytest.raises(error):
        printed(*words.split())
