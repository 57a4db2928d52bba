"""Polynomials that may help to prove relations on losses of networks with trained output weights."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from stability.landscapes import Landscape

MOST_ERRORS = 12
"""Of so many examples errors are offered to proofs as polynomials whose squares may help."""

NO_LOSS = re.compile(r"\.loss\([^()]*\) (?:==|<=) 0\Z")
"""A given that every error is 0."""


def helpful_squares(formulas: Sequence[str], places: Mapping[str, Landscape]) -> list[str]:
    """Return the errors whose squares the losses in formulas add up, and the outputs.

    Parameters
    ----------
    formulas : sequence of str
        Relations as records have them.
    places : mapping
        The landscapes by name; those with fixed output weights need no help.

    Examples
    --------
    >>> from stability import landscape
    >>> helpful_squares(["L.loss([w, 0, 0, a]) >= 1"], {"L": landscape("relu1-out", "xor")})[:2]
    ['L.out([w, 0, 0, a], 0) - (1)', 'L.out([w, 0, 0, a], 0)']
    """
    return list(dict.fromkeys(each for text in formulas for each in _of_loss(text, places, with_outputs=True)))


def helpful_splits(given: Sequence[str], places: Mapping[str, Landscape]) -> list[str]:
    """Return the errors where a loss is given to be 0, so that each of them is."""
    return [each for text in given if NO_LOSS.search(text) for each in _of_loss(text, places, with_outputs=False)]


def _of_loss(formula: str, places: Mapping[str, Landscape], with_outputs: bool) -> Iterator[str]:
    if not any(place.network.trainable for place in places.values()):
        return
    for node in ast.walk(ast.parse(formula, mode="eval")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "loss":
            name, point = ast.unparse(node.func.value), ast.unparse(node.args[0])
            place = places[name]
            labels = place.data.labels if place.network.trainable and place.network.outputs == 1 else ()
            for i, y in enumerate(labels[:MOST_ERRORS]):
                yield f"{name}.out({point}, {i}) - ({y})"
                if y and with_outputs:
                    yield f"{name}.out({point}, {i})"
