"""Tables as text: each form reads back as the cells, and LaTeX typesets what they say."""

import csv
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from stability.errors import UnknownNameError
from stability.io.printable import printable
from stability.io.tables import latex_text, render

SAID = {
    "~4.26762": r"$\approx 4.26762$",
    "1/4": "$1/4$",
    "2 global minima": "2 global minima",
    "46.90%, 95% interval": r"46.90\%, 95\% interval",
    "w = +-(1/2, -1/2)  b = 0": r"$w = \pm (1/2, -1/2) \quad b = 0$",
    "(9 x^2 + 24 x + 20)/(2 x^2 + 6 x + 5)": "$(9 x^{2} + 24 x + 20)/(2 x^{2} + 6 x + 5)$",
    "(-3 - sqrt(3))/3, ~-1.57735027": r"$(-3 - \sqrt{3})/3, \approx -1.57735027$",
    "-1 <= beta <= 1": r"$-1 \leq  \beta \leq  1$",
    "~1.5e-07": r"$\approx 1.5 \cdot 10^{-7}$",
    "w1 - w2": "$w_{1} - w_{2}$",
    "my_data#1 & more.csv": r"my\_data\#1 \& more.csv",
    "he-normal:0.5": "he-normal:0.5",
    "a point (w; b per unit)": "a point (w; b per unit)",
    "0.50 s": "0.50 s",
    "1 -> 2": r"1 $\to$ 2",
    r"C:\a{b}~^": r"C:\textbackslash{}a\{b\}\textasciitilde{}\textasciicircum{}",
    "": "",
}


@pytest.mark.parametrize(("cell", "typeset"), SAID.items(), ids=list(SAID))
def test_latex_typesets_what_a_cell_says(cell, typeset):
    assert latex_text(cell) == typeset


@given(st.text(st.sampled_from("ab xw1-+/^*()=~<>,.;:%_&#$\\{}e2|")))
def test_every_cell_gives_latex_that_parses(cell):
    typeset = latex_text(cell)
    formulas = re.findall(r"(?<!\\)\$(.+?)(?<!\\)\$", typeset)
    for formula in formulas:
        MathTextParser("path").parse(f"${formula.replace('quad', ';')}$")
    left = re.sub(r"(?<!\\)\$.+?(?<!\\)\$", "", typeset)
    assert not re.search(r"(?<!\\)[%&#_$]", left)
    assert "~" not in typeset


@given(st.integers(), st.integers(1))
def test_exact_numbers_keep_their_digits(a, b):
    cell = str(Fraction(a, b))
    assert latex_text(cell).strip("$") == cell


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_csv_reads_back(rows):
    assert list(csv.reader(render("csv", ["a", "b"], rows).splitlines(keepends=True))) == [["a", "b"], *rows]


def test_a_bar_and_a_line_end_do_not_break_markdown():
    assert render("markdown", ["a", "b"], [["x|y", "1\n2"]]).splitlines()[2] == r"| x\|y | 1 2 |"


def test_another_form_is_refused():
    with pytest.raises(UnknownNameError, match="latex"):
        render("latxe", ["a"], [])


@given(st.text())
def test_nothing_that_does_not_print_is_left(text):
    assert all(c.isprintable() or c in "\n\t" for c in printable(text))


def test_what_prints_stays():
    assert printable("Daten für ∑ [red]x[/red]\n") == "Daten für ∑ [red]x[/red]\n"
    assert printable("a\x1b[2J\u202eb\x07\r") == r"a\x1b[2J\u202eb\x07\r"
