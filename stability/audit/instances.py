"""Values that decide a statement, in the letters of documents."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

POINT = re.compile(r"(\w+)\.\w+\(\[([^\[\]]*)\]")
"""A landscape and the point at which it is asked for something."""

SLOPES = re.compile(r"\.rest\(\[[^\[\]]*\], \[([^\[\]]*)\]\)")
"""The slopes at which a point rests."""

PART = re.compile(r"(\w*[A-Za-z])_(\d+)")
"""An entry of a vector."""


def in_words(witness: Mapping[str, str], formal: Mapping[str, Any], landscapes: Mapping[str, Any]) -> str:
    """Return values of variables: points as weights w and bias b, vectors whole, all others by their names.

    Examples
    --------
    >>> in_words({"p_1": "1", "p_2": "1/2"}, {}, {})
    'p = (1, 1/2)'
    """
    texts, slopes, left = list[str](), list[str](), _in_order(witness, formal)
    for entries, point in _points(formal, landscapes, witness):
        if set(entries) <= set(left):
            texts.append(point)
            left = {name: value for name, value in left.items() if name not in entries}
    for names in SLOPES.findall(" ".join(_relations(formal))):
        entries = [each.strip() for each in names.split(",")]
        if set(entries) <= set(left):
            slopes.append(f"slopes ({', '.join(left[each] for each in entries)}) at the examples")
            left = {name: value for name, value in left.items() if name not in entries}
    return ", ".join([*texts, *_vectors(left), *slopes])


def _in_order(witness: Mapping[str, str], formal: Mapping[str, Any]) -> dict[str, str]:
    """Return values in the order in which a statement names its variables, whatever that of a kept record is."""
    order = {name: k for k, name in enumerate(_variables(formal))}
    return dict(sorted(witness.items(), key=lambda each: order.get(each[0], len(order))))


def _variables(formal: Mapping[str, Any]) -> list[str]:
    inner = [*formal.get("all of", ()), *([formal["not"]] if "not" in formal else [])]
    own = [*formal.get("for all", ()), *formal.get("exists", ())]
    return [*own, *(name for each in inner for name in _variables(each))]


def _vectors(values: Mapping[str, str]) -> list[str]:
    """Return values by name, entries p_1, p_2, ... as one vector."""
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        match = PART.fullmatch(name)
        found.setdefault(match[1] if match else name, []).append(value)
    plain = {name for name in values if not PART.fullmatch(name)}
    return [f"{name} = {each[0]}" if name in plain else f"{name} = ({', '.join(each)})" for name, each in found.items()]


def _points(
    formal: Mapping[str, Any], landscapes: Mapping[str, Any], witness: Mapping[str, str]
) -> list[tuple[list[str], str]]:
    """Return the variables that are the entries of a point of a landscape, and that point in words."""
    found: dict[str, tuple[list[str], str]] = {}
    for name, inner in POINT.findall(" ".join(_relations(formal))):
        entries = [each.strip() for each in inner.split(",")]
        place = landscapes.get(name)
        if place is None or not all(each in witness for each in entries) or len(set(entries)) < len(entries):
            continue
        if PART.fullmatch(entries[0]):
            continue
        if {"output_weights", "output_bias", "hidden_biases"} & {*place}:
            continue
        width = len(place["points"][0]) + 1
        if len(entries) == place["units"] * width and entries[0] not in ("w", "w1"):
            found.setdefault(inner, (entries, _point([witness[each] for each in entries], width)))
    return list(found.values())


def _point(values: Sequence[str], width: int) -> str:
    units = [values[k : k + width] for k in range(0, len(values), width)]
    numbers = [""] if len(units) == 1 else [str(k + 1) for k in range(len(units))]
    return ", ".join(
        f"w{number} = ({', '.join(unit[:-1])}), b{number} = {unit[-1]}"
        for number, unit in zip(numbers, units, strict=True)
    )


def _relations(formal: Mapping[str, Any]) -> list[str]:
    inner = [*formal.get("all of", ()), *([formal["not"]] if "not" in formal else [])]
    own = [
        *formal.get("given", ()),
        *formal.get("such that", ()),
        *(x for goal in formal.get("then", ()) for x in goal),
    ]
    return [*own, *(text for each in inner for text in _relations(each))]
