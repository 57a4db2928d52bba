"""Conditions on stationary sets in words: "is not strict and has dimension 2"."""

from collections.abc import Sequence
from typing import Any

from stability.geometry.atlas.conditions import CLASS, Condition
from stability.geometry.atlas.text import PLURALS

TRUTHS = {
    "isolated": ("be", "isolated"),
    "strict": ("be", "strict"),
    "clarke": ("be", "Clarke-stationary"),
    "directional": ("be", "directionally stationary"),
    "autograd_rests": ("let", "autograd rest"),
}
"""How an attribute that is true or false is said: a verb, and what follows it."""

COUNTED = {
    "faces": ("face", "faces"),
    "autograd_faces": ("face where autograd rests", "faces where autograd rests"),
    "smooth_faces": ("smooth face", "smooth faces"),
    "orbit": ("image by the order of units", "images by the order of units"),
    "right": ("correct example", "correct examples"),
}
"""What the whole numbers count, of one and of several."""

AMOUNT = {"=": "", "!=": "other than ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
COUNT = {**AMOUNT, "<": "fewer than ", ">": "more than "}
VERBS = {"be": ("is", "are"), "have": ("has", "have"), "let": ("lets", "let")}
NEGATED = {"be": ("is not", "are not"), "let": ("does not let", "do not let")}


def in_words(conditions: Sequence[Condition], several: bool = False) -> str:
    """Return checked conditions as what a set does that meets them, or what several sets do.

    Examples
    --------
    >>> in_words([("strict", "=", False), ("dimension", ">=", 2), ("right", "=", 1)])
    'is not strict, has dimension at least 2 and has 1 correct example'
    >>> in_words([("kind", "in", ["saddle", "local minimum"]), ("loss", "=", 1)], several=True)
    'are saddles or local minima and have loss 1'
    """
    *others, last = [_said(*each, several) for each in conditions]
    return f"{', '.join(others)} and {last}" if others else last


def _said(name: str, relation: str, value: Any, several: bool) -> str:
    values = value if relation == "in" else [value]
    has = VERBS["have"][several]
    if name in TRUTHS:
        verb, what = TRUTHS[name]
        found = {(wanted if relation != "!=" else not wanted) for wanted in values}
        ways = [f"{(VERBS if wanted else NEGATED)[verb][several]} {what}" for wanted in sorted(found, reverse=True)]
        return " or ".join(ways)
    if name == "kind":
        kinds = " or ".join(PLURALS[each] if several else f"a {each}" for each in values)
        return f"{(NEGATED if relation == '!=' else VERBS)['be'][several]} {kinds}"
    chosen = " or ".join(map(written, values))
    if name in COUNTED or name.startswith(CLASS):
        of_class = f" of class {name.removeprefix(CLASS)}" if name.startswith(CLASS) else ""
        noun = COUNTED["right" if of_class else name][values != [1]]
        return f"{has} {COUNT.get(relation, '')}{chosen} {noun}{of_class}"
    noun = "correctness" if name == "correct" else name
    return f"{has} {noun} {AMOUNT.get(relation, '')}{chosen}"


def written(value: Any) -> str:
    """Return a list, a truth value or a number as documents write it.

    Examples
    --------
    >>> written([True, False])
    '[yes, no]'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
