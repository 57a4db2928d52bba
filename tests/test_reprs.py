"""Results print what a person looks for in some lines, whatever their size."""

from fractions import Fraction

from stability import landscape
from stability.dynamics.basins.basins import basins
from stability.model.update_rules import update_rule
from stability.symbolic.angular import angular_loss
from stability.symbolic.derive import derive
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task

ABS1 = landscape("abs1", "xor")
START = [[Fraction(1), Fraction(2), Fraction(1, 3)]]


def test_a_classification_is_a_line():
    assert repr(ABS1.classify([[0, 0, "1/2"]])) == (
        "abs1 on xor (sum of squares) at (0, 0, 1/2): strict local minimum "
        "(not decided here whether global: `stability atlas` says), loss 1"
    )
    assert repr(ABS1.classify([[0, 0, 0]])).endswith("at (0, 0, 0): saddle, loss 2")


def test_a_trajectory_names_its_end_and_whether_it_is_unique():
    found = ABS1.flow(START)
    shown = repr(found)
    assert "from (1, 2, 1/3) ends on a global minimum, set 1 of the atlas, loss 0, at (-1/2, 1/2, 0)" in shown
    assert shown.endswith("unique")
    assert found.end in shown
    assert "\n" not in shown
    several = ABS1.flow([[0, 0, 0]])
    assert not several.unique
    assert repr(several).endswith("not decided to be the only solution")


def test_basins_have_a_line_for_each_share():
    found = basins(ABS1, "normal:0.5:0.5", 200)
    lines = repr(found).splitlines()
    assert len(lines) == 1 + len(found.shares)
    assert lines[0].endswith("gradient flow from 200 starts, normal:0.5:0.5, seed 0; 0 undecided")
    assert all(f"{each.share:.2%}" in line for each, line in zip(found.shares, lines[1:], strict=True))


def test_an_ensemble_is_a_line_whatever_its_size():
    runs = train(
        task("abs1", "xor"), "normal:0.5", update_rule("gd", step="1/50"), epochs=10, restarts=500, mode="eager"
    )
    assert len(repr(runs)) < 300
    assert f"{int(runs.success.sum())} with all examples correct" in repr(runs)


def test_formulas_are_typeset_in_notebooks():
    for found in (derive(landscape("relu1", "xor"), "+-0+"), angular_loss(landscape("relu1", "xor"))):
        assert found._repr_latex_() == found.latex()
        assert found.latex().startswith(r"\begin{align*}")
