"""Formulas of pages and notebooks as MathML, which browsers draw by themselves: no script, no font, no network."""

from html import escape
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert


def mathml(text: str, display: str) -> str:
    """Return a formula in LaTeX as MathML."""
    return convert(text, display=display)


def visit_inline(self: Any, node: Any) -> None:
    """Write a formula in a line."""
    self.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_block(self: Any, node: Any) -> None:
    """Write a formula by itself; a long one scrolls."""
    self.body.append(f'<div class="math-block" tabindex="0" aria-label="{escape(node.astext())}">')
    self.body.append(mathml(node.astext(), "block") + "</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Make MathML a way of writing formulas."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
