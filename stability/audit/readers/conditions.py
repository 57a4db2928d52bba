"""Conditions and points as they stand in clauses, read exactly."""

import ast
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from stability.audit.readers.clauses import Clause, split, unquoted
from stability.errors import StatementError, nearest
from stability.geometry.atlas.conditions import ATTRIBUTES, CLASS, Condition, attribute, checked
from stability.landscapes import Landscape
from stability.logic.formulas import parsed, short
from stability.logic.notation import SIGNS, Notation
from stability.logic.scopes import Scope
from stability.logic.sizes import FormulaSize, constant
from stability.logic.validation import exact_number

OF_CLASS = r"correct\s+of\s+class\s+([^\s=<>!≤≥≠]+)"
CONDITION = re.compile(
    rf"({OF_CLASS}|[A-Za-z_][A-Za-z_ ]*?)\s*(==|!=|<=|>=|=|<|>|≤|≥|≠|\bin\b|\bis\b)\s*(.+)", re.DOTALL
)
RELATIONS = {"==": "=", "is": "=", **{sign: SIGNS[sign] for sign in "≤≥≠"}}
"""How conditions call relations that people write otherwise."""

NOTHING = re.compile(r"(\A|,)\s*,")
"""Where a list has a comma before an entry."""

FLAGS = {"yes": True, "no": False, "true": True, "false": False}


def conditions(text: str, clause: Clause) -> list[Condition]:
    """Return conditions on stationary sets, checked.

    Raises
    ------
    DocumentError
        If a part is no condition, or names what there is not.
    """
    parts = split(text)
    found = [_condition(part, clause) for part in parts]
    if not found:
        raise clause.error(f"Expected conditions after {clause.kind}; got none.")
    for k, part in enumerate(parts):
        if found[k] in found[:k]:
            raise clause.error(f"Expected different conditions; got {short(part)} twice.", "Leave one out.")
    with clause.located():
        return checked(found, "conditions")


def attribute_in(text: str) -> str:
    """Return what a condition is on, as it is written; "" where it is none.

    Examples
    --------
    >>> attribute_in("loss is 1/4"), attribute_in("correct of class 1 = 2")
    ('loss', 'correct of class 1')
    """
    match = CONDITION.fullmatch(text)
    return match[1].strip() if match else ""


def _condition(text: str, clause: Clause) -> Condition:
    match = CONDITION.fullmatch(text)
    if match is None:
        raise clause.error(f"Expected a condition; got {short(text)}.", 'Write kind = "saddle", or loss < 1/2.')
    name, relation = "_".join(match[1].split()), RELATIONS.get(match[3], match[3])
    if match[2]:
        name = f"{CLASS}{match[2]}"
    elif name not in ATTRIBUTES:
        remedy = nearest(name, [*ATTRIBUTES, f"{CLASS}1"])
        raise clause.error(f"Expected an attribute of a set; got {short(name)}.", remedy)
    found = value(match[4], name, clause)
    _check_values(name, relation, found, match[4], clause)
    return name, relation, found


def _check_values(name: str, relation: str, found: Any, text: str, clause: Clause) -> None:
    """Refuse values of another kind than an attribute has, in the words of documents."""
    with clause.located():
        known = attribute(name)[1]
    several = relation == "in"
    if several and relation in known.relations and (not isinstance(found, list) or not found):
        said = f"Expected a list of values of {name} after in; got {short(text)}."
        raise clause.error(said, f"Write {name} in [{known.example}].")
    for each in found if several and isinstance(found, list) else [found]:
        try:
            known.read(each, name)
        except StatementError as problem:
            if name == "kind" and isinstance(each, str):
                raise clause.error(problem.problem, problem.remedy) from None
            example = f"in [{known.example}]" if several else f"= {known.example}"
            said = f"Expected {known.wanted} for {name}; got {short(text)}."
            raise clause.error(said, f"Write {name} {example}.") from None
    if several and isinstance(found, list) and any(each in found[:k] for k, each in enumerate(found)):
        raise clause.error(f"Expected different values of {name}; got {short(text)}.", "Leave one out.")


def value(text: str, name: str, clause: Clause) -> Any:
    """Return the value of a condition: a word, yes or no, an exact number, or a list of those.

    Raises
    ------
    DocumentError
        If it is none.
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        if NOTHING.search(text[1:-1]):
            raise clause.error(f"Expected an entry between commas; got {short(text)}.", "Leave out a comma.")
        return [value(part, name, clause) for part in split(text[1:-1], ",")]
    if text[:1] in "\"'" or name == "kind":
        return unquoted(text)
    if text.lower() in FLAGS:
        return FLAGS[text.lower()]
    try:
        return number(text)
    except StatementError as problem:
        known = attribute(name)[1]
        remedy = problem.remedy if known.read is exact_number else f"Write {name} = {known.example}."
        raise clause.error(f"Expected {known.wanted} for {name}; got {short(text)}.", remedy) from None


def number(text: str) -> Fraction:
    """Return an exact number: 1/4, 0.25, 2*3.

    Raises
    ------
    StatementError
        If it is something else.
    """
    found = numbers(text)
    if len(found) != 1:
        raise StatementError(f"Expected one number; got {len(found)}.", "Write 1/4 or 0.25.")
    return found[0]


def numbers(text: str) -> list[Fraction]:
    """Return the exact numbers of a point, or of several, in one row.

    Raises
    ------
    StatementError
        If an entry is no rational number.
    """
    found = []
    for formula in Notation([], Scope([], {})).numbers(text):
        node = parsed(formula)
        if any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node)):
            raise StatementError(f"Expected a rational number; got {short(formula)}.", "Write 1/4 or 0.25.")
        FormulaSize([], {}, formula).size(node)  # before anything is computed
        found.append(constant(node))
    return found


def points(place: Landscape, text: str, clause: Clause) -> list[list[list[Fraction]]]:
    """Return points of a landscape, as its rows.

    Raises
    ------
    DocumentError
        If numbers are missing, too many, or not rational.
    """
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if not text.startswith("["):
        raise clause.error(f"Expected a point in brackets; got {short(text)}.", "Write [1/2, -1/2, 0].")
    with clause.located():
        flat = numbers(f"[{text}]")
    size = place.parameters
    if not flat or len(flat) % size:
        raise clause.error(
            f"Expected points of {size} numbers, all parameters of {place!r}; got {len(flat)} numbers.",
            f"Write {place.form}.",
        )
    return [place.by_unit(flat[k : k + size]) for k in range(0, len(flat), size)]


def point(place: Landscape, text: str, clause: Clause) -> list[list[Fraction]]:
    """Return one point of a landscape.

    Raises
    ------
    DocumentError
        If it is none, or several.
    """
    found = points(place, text, clause)
    if len(found) > 1:
        raise clause.error(f"Expected one point; got {len(found)}.", "Write one clause for each.")
    return found[0]


def wanted(pairs: Sequence[Condition], *names: str) -> bool:
    """Return whether all conditions are on attributes of these names."""
    return all(name in names for name, _, _ in pairs)


def written_value(value: Any) -> str:
    """Return the value of an attribute as documents write it.

    Examples
    --------
    >>> written_value([True, Fraction(1, 2), "saddle"])
    '[yes, 1/2, "saddle"]'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(written_value, value))}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"' if isinstance(value, str) else str(value)
