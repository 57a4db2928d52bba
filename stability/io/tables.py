"""Tables as text: Markdown, LaTeX and CSV, typeset from the cells that people read on the screen."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from stability.errors import UnknownNameError, nearest

Cells = Sequence[str]

NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
SYMBOL = r"[A-Za-z]\d*(?![A-Za-z\d_])|(?:beta|pi|theta)(?!\w)"
TOKEN = re.compile(rf"\s+|sqrt\(|{SYMBOL}|[A-Za-z_]\w*|{NUMBER}|\+-|<=|>=|->|.", re.DOTALL)
NOT_SYMBOLS = ("s", "h")
"""Single letters that are units of time."""

ARROW = r"$\to$"
OPERATORS = {"+-": r"\pm ", "<=": r"\leq ", ">=": r"\geq ", "~": r"\approx ", "*": r"\,"}
PLAIN = {*"+-/^=<>(),", *OPERATORS}
WORDS = {"beta": r"\beta", "pi": r"\pi", "theta": r"\theta"}
ESCAPES = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def render(form: str, head: Cells, rows: Sequence[Cells]) -> str:
    r"""Return a table as Markdown, LaTeX or CSV.

    Parameters
    ----------
    form : str
        "markdown", "latex" or "csv".
    head, rows
        Texts, as many in every row as in the head.

    Raises
    ------
    UnknownNameError
        If the form has another name.

    Examples
    --------
    >>> print(render("latex", ["loss", "share"], [["~0.33", "50%"]]))
    \begin{tabular}{ll}
    \hline
    loss & share \\
    \hline
    $\approx 0.33$ & 50\% \\
    \hline
    \end{tabular}
    """
    require_form(form)
    return FORMS[form](head, rows)


def require_form(form: str | None) -> None:
    """Raise UnknownNameError if a form of tables is none of `FORMS`; None stands for the screen."""
    if form is not None and form not in FORMS:
        raise UnknownNameError(f"Expected the form of a table; got {form!r}.", nearest(form, list(FORMS)))


def latex_text(text: str) -> str:
    r"""Return a text for LaTeX: formulas and rounded numbers in math mode, everything else escaped.

    Examples
    --------
    >>> latex_text("2 minima at (-1/2, 0), loss ~4.26762, 50%")
    '2 minima at $(-1/2, 0)$, loss $\\approx 4.26762$, 50\\%'
    """
    tokens = TOKEN.findall(" ".join(text.split("\n")))
    found, k = [], 0
    while k < len(tokens):
        length = _formula(tokens[k:])
        if length:
            found.append(f"${_typeset(tokens[k : k + length])}$")
            k += length
        else:
            found.append(ARROW if tokens[k] == "->" else "".join(ESCAPES.get(c, c) for c in tokens[k]))
            k += 1
    return "".join(found)


def _formula(tokens: Sequence[str]) -> int:
    """Return how many tokens from the first on are one formula; 0 if none, or only a number or a letter."""
    end = 0
    while end < len(tokens) and _mathematical(tokens[end]):
        end += 1
    while end and not (_is_formula(tokens[:end])):
        end -= 1
    return end


def _mathematical(token: str) -> bool:
    return token.isspace() or token in PLAIN or token == "sqrt(" or token in WORDS or _operand(token)


def _operand(token: str) -> bool:
    number = re.fullmatch(NUMBER, token) is not None
    return number or (re.fullmatch(SYMBOL, token) is not None and token not in NOT_SYMBOLS)


def _is_formula(tokens: Sequence[str]) -> bool:
    solid = [token for token in tokens if not token.isspace()]
    if tokens[0].isspace() or tokens[-1].isspace() or solid[-1] in {*PLAIN} - {")"} or solid[0] in (*")/^*=,<>", "<="):
        return False
    depth = 0
    for token in solid:
        depth += (token in ("(", "sqrt(")) - (token == ")")
        if depth < 0:
            return False
    operands = [_operand(token) or token in WORDS for token in solid]
    return depth == 0 and any(operands) and len(solid) > 1 and not _juxtaposed(solid) and _has_plain_powers(tokens)


def _has_plain_powers(tokens: Sequence[str]) -> bool:
    """Return whether every power has one number or letter as its exponent; ^^ is a character in TeX."""
    solid = [token for token in tokens if not token.isspace()]
    chained = ("^", "^") in zip(solid, solid[2:], strict=False)
    return not chained and all(_operand(tokens[k + 1]) for k, token in enumerate(tokens) if token == "^")


def _juxtaposed(solid: Sequence[str]) -> bool:
    """Return whether two numbers stand side by side, as in no formula."""
    pairs = pairwise(solid)
    return any(re.fullmatch(NUMBER, b) is not None and (_operand(a) or a == ")") for a, b in pairs)


def _typeset(tokens: Sequence[str]) -> str:
    """Return a formula in LaTeX."""
    found: list[str] = []
    closing: list[str] = []
    for k, token in enumerate(tokens):
        if token == "sqrt(":
            closing.append("}")
            found.append(r"\sqrt{")
        elif token == "(":
            closing.append(")")
            found.append("(")
        elif token == ")":
            found.append(closing.pop())
        elif token.isspace():
            found.append(r" \quad " if len(token) > 1 else " ")
        elif re.fullmatch(NUMBER, token):
            found.append(_number(token, raised=k > 0 and tokens[k - 1] == "^"))
        elif re.fullmatch(r"[A-Za-z]\d+", token):
            found.append(f"{token[0]}_{{{token[1:]}}}")
        else:
            found.append(OPERATORS.get(token, WORDS.get(token, token)))
    return "".join(found)


def _number(token: str, raised: bool) -> str:
    mantissa, _, exponent = token.partition("e")
    written = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    return f"{{{written}}}" if raised else written


def _markdown(head: Cells, rows: Sequence[Cells]) -> str:
    body = [[" ".join(cell.replace("|", r"\|").split("\n")) for cell in line] for line in [head, *rows]]
    lines = [body[0], ["---"] * len(head), *body[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _latex(head: Cells, rows: Sequence[Cells]) -> str:
    body = [" & ".join(map(latex_text, line)) + r" \\" for line in [head, *rows]]
    start = [rf"\begin{{tabular}}{{{'l' * len(head)}}}", r"\hline", body[0], r"\hline"]
    return "\n".join([*start, *body[1:], r"\hline", r"\end{tabular}"])


def _csv(head: Cells, rows: Sequence[Cells]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().rstrip("\n")


FORMS: dict[str, Callable[[Cells, Sequence[Cells]], str]] = {"markdown": _markdown, "latex": _latex, "csv": _csv}
"""How a table may be written besides on the screen."""
