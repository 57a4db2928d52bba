"""Formulas in MathML, read back by an independent reader, say what they said."""

import xml.etree.ElementTree as ET

import pytest

from stability.logic.polynomials import evaluate, ring
from stability.report.mathml import LONGEST, formula, legend, names, number

LETTERS = dict(
    zip("\u03b8\u2212\u22c5\u2062\u2265\u2264\u2260=", ["theta", "-", "*", "*", ">=", "<=", "!=", "=="], strict=True)
)


def read(node):
    """Return what is written, without any bracket that does not stand there."""
    inner = [read(each) for each in node]
    match node.tag:
        case "math" | "mrow":
            return "".join(inner)
        case "mfrac":
            return f"(({inner[0]})/({inner[1]}))"
        case "msup":
            return f"{inner[0]}**({inner[1]})"
        case "msub":
            return inner[0] + inner[1]
    return LETTERS.get(node.text, node.text)


def back(text):
    return read(ET.fromstring(formula(text)))


@pytest.mark.parametrize(
    "text",
    [
        "x + y*(x - 2)",
        "(x + y)*(x - y)",
        "x - (y - x)",
        "x - (y + x)",
        "-(x + y)",
        "-x**2",
        "(-x)**2",
        "(x + 1)**2",
        "(x*y)**3",
        "2*3*x",
        "2*x*3",
        "x*2**2",
        "x*(1/2)",
        "(x + y)/2",
        "x/2/3",
        "x/(2*3)",
        "(1/2)**2*x",
        "-1/2*x",
        "x*-y",
        "2*-3",
        "theta - -x",
        "1/2",
        "100*29",
        "2*(x/3)",
    ],
)
def test_a_typeset_expression_has_the_value_of_its_text(text):
    own = ring(["x", "y", "theta"])
    assert evaluate(back(text), own) == evaluate(text, own)


@pytest.mark.parametrize(("text", "said"), [("x >= y", "x>=y"), ("0 <= x < 2", "0<=x<2"), ("x != 1", "x!=1")])
def test_relations_keep_their_sides(text, said):
    assert back(text) == said


def test_functions_of_landscapes_name_the_landscape_and_indices():
    html = formula("relu1.pre([u, v, b], 0, 3) > 0")
    assert "<msubsup><mi>z</mi><mrow><mn>0</mn>" in html
    assert '<mtext class="landscape">relu1</mtext>' in html
    assert legend(["relu1.pre([u, v, b], 0, 3) > 0", "relu1.loss([0, 0, 0]) == 2"]) == [
        "L the loss",
        "z with indices (unit, example) a pre-activation",
    ]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "x >", "__import__('os')", "x" + " + x" * LONGEST, "(" * 100 + "x" + ")" * 100],
)
def test_what_is_no_formula_or_a_huge_one_stays_an_escaped_text(text):
    html = formula(text)
    assert html.startswith("<code>")
    assert "<script" not in html


def test_names_and_numbers():
    assert "".join(ET.fromstring(names(["w1", "x", "tau"])).itertext()) == "w1,x,\u03c4"
    assert read(ET.fromstring(number("-3/4"))) == "-((3)/(4))"
    assert number("<b>") == "<mtext>&lt;b&gt;</mtext>"
