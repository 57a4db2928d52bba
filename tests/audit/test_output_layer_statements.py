"""The formulas of units with output weights say what numpy would."""

import pytest

from stability.audit.output_layer_statements import SLOPES, has_slope, inner, squares, unit
from stability.logic.records import prove
from stability.logic.statements import ForAll


@pytest.mark.parametrize(("slopes", "value"), [(("0", "1"), "max(0, z)"), (("-1", "1"), "abs(z)"), (("2", "2"), "2*z")])
def test_unit_covers_the_known_ones(slopes, value):
    """With the slopes of ReLU, the absolute value or a line it is that."""
    left, right = slopes
    given = [f"l == {left}", f"r == {right}"]
    assert prove(ForAll(f"{SLOPES} z", given, [f"{unit('z')} == {value}"])).conclusion == "proved"


@pytest.mark.parametrize(
    ("z", "s", "expected"), [("2", "1", True), ("2", "0", False), ("-2", "0", True), ("0", "1/3", True)]
)
def test_slopes_of_relu(z, s, expected):
    """Away from the kink there is one slope; at the kink any will do."""
    says = ForAll(SLOPES, ["l == 0", "r == 1"], [has_slope(s, z)])
    assert prove(says).conclusion == ("proved" if expected else "refuted")


def test_inner_products():
    """Sums of products, and of squares."""
    assert prove(ForAll("", [], [f"{inner(['1', '-2'], ['3', '4'])} == -5"])).conclusion == "proved"
    assert prove(ForAll("", [], [f"{squares(['1', '-2'])} == 5"])).conclusion == "proved"
