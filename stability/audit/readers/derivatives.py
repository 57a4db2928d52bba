"""Derivatives in relations about networks with trained output weights, of which records know none."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from stability.audit.point_statements import UnstatedDerivative, differentiable_at, stationary_at
from stability.audit.readers.clauses import Clause
from stability.audit.readers.conditions import point
from stability.errors import StatementError
from stability.landscapes import Landscape
from stability.logic.formulas import FUNCTIONS
from stability.logic.landscape_functions import WORDS
from stability.logic.notation import tree
from stability.logic.sizes import OF_TRAINED
from stability.logic.statements import Statement

KNOWN = {*OF_TRAINED, "output", "preactivation"}
"""What may be asked of every network."""

ALONE = re.compile(r"(?:(\w+)\.)?(differentiable|stationary)\s*\((.*)\)", re.DOTALL)


def unstated(texts: Sequence[str], places: Mapping[str, Landscape]) -> UnstatedDerivative | None:
    """Return the statement that stays open, if relations ask for a derivative where output weights are trained.

    Parameters
    ----------
    texts : sequence of str
        Relations as they are written; what cannot be read asks for nothing.
    places : mapping
        The landscapes by name.
    """
    for text in texts:
        for name, word in _asked(text):
            place = places.get(name or (next(iter(places)) if len(places) == 1 else ""))
            asks = word not in KNOWN and (word in WORDS or word in FUNCTIONS)
            if place is not None and place.network.trainable and asks:
                called = next(each for each, own in places.items() if own is place)
                return UnstatedDerivative(place, called, word, texts)
    return None


def _asked(text: str) -> Iterator[tuple[str, str]]:
    """Yield the landscape ("" where it is not named) and the function of every call."""
    try:
        nodes = list(ast.walk(tree(text)))
    except StatementError:
        return
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=word)):
                yield "", word
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=word)):
                yield name, word


def said_of_a_point(text: str, places: Mapping[str, Landscape], clause: Clause) -> Statement | None:
    """Return what `differentiable(POINT)` or `stationary(POINT)` alone says where output weights are trained.

    Raises
    ------
    DocumentError
        If the point is none.
    """
    match = ALONE.fullmatch(text.strip())
    if match is None:
        return None
    name = match[1] or (next(iter(places)) if len(places) == 1 else "")
    place = places.get(name)
    if place is None or not place.network.trainable:
        return None
    state = stationary_at if match[2] == "stationary" else differentiable_at
    return state(place, point(place, match[3], clause), name)
