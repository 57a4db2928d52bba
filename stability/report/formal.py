"""Formal statements as markup: the words of the checker with the formulas in them typeset."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stability.audit.formal_text import assumptions, formal_text, landscapes
from stability.logic.records import Judged
from stability.logic.statements import Several, Statement
from stability.report.markup import Markup, element, isolated, joined
from stability.report.mathml import formula, legend, names, number

Formal = Mapping[str, Any]

NUMBER = re.compile(r"[+-]?[0-9]+(?:/[0-9]+)?")

MOST_SHOWN = 60
"""Formulas of one statement that are typeset; of a larger one the text is read better."""

SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "in": "∈", "not in": "∉"}


def statement_markup(judged: Judged | Statement) -> Markup | None:
    """Return a statement, settled or not, typeset beside its text; None where nothing is known of it."""
    text = formal_text(judged)
    if not text:
        return None
    given = assumptions(judged)
    plain = [text, *([f"assuming {', '.join(given)}"] if given else [])]
    written = element("div", element("h5", "As text"), element("pre", isolated("\n".join(plain))), class_="plain")
    formals, texts = _formals(judged), [text, *given]
    places = landscapes(judged)
    said = [element("p", isolated(place), class_="quiet") for place in places if " is the " in place]
    typeset = [_paragraphs(formal) for formal in formals]
    if not typeset or not all(typeset) or sum(len(list(_formulas(each))) for each in formals) > MOST_SHOWN:
        return joined(element("div", written, class_="formal"), said)
    letters = legend(texts)
    below = [element("p", "; ".join(letters), class_="quiet legend")] if letters else []
    left = element("div", element("h5", "Formally"), typeset, below, class_="typeset")
    return joined(element("div", left, written, class_="formal"), said)


def _formals(judged: Judged | Statement) -> list[Formal]:
    """Return the statements of all parts, each once."""
    if isinstance(judged, Judged):
        found = [record["statement"] for record in judged.records]
    else:
        parts: Sequence[Statement] = judged.parts if isinstance(judged, Several) else [judged]
        found = [part.formal() for part in parts]
    return [each for k, each in enumerate(found) if each not in found[:k]]


def _formulas(formal: Formal) -> Iterator[str]:
    for part in formal.get("all of", ()):
        yield from _formulas(part)
    if "not" in formal:
        yield from _formulas(formal["not"])
    yield from formal.get("given", ())
    yield from formal.get("such that", ())
    for goal in formal.get("then", ()):
        yield from goal


def _paragraphs(formal: Formal) -> list[Markup]:
    """Return a statement as paragraphs; none where its kind is not known here."""
    match formal:
        case {"all of": parts}:
            found = [_paragraphs(part) for part in parts]
            return [each for part in found for each in part] if all(found) else []
        case {"not": part}:
            inner = _paragraphs(part)
            return [element("p", "It is not so that:"), element("blockquote", inner)] if inner else []
        case {"for all": variables, "given": given, "then": goals}:
            return [_universal(variables, given, goals)]
        case {"exists": variables, "such that": relations}:
            first = [element("b", "There are "), names(variables), " with "] if variables else []
            return [element("p", first, _listed(relations, ", "), class_="relations")]
        case {"sets of": name, "with": given, "number": [sign, number]}:
            return [
                element(
                    "p", "The number of stationary sets of ", _place(name), *_with(given), " is ", _amount(sign, number)
                )
            ]
        case {"every set of": name, "with": given, "has": wanted}:
            return [element("p", "Every stationary set of ", _place(name), *_with(given), " has ", _conditions(wanted))]
        case {"set of": name, "at": point, "has": wanted}:
            at = _point(point)
            return [
                element(
                    "p", "The point ", at, " of ", _place(name), " is in a stationary set with ", _conditions(wanted)
                )
            ]
    return []


def _universal(variables: Sequence[str], given: Sequence[str], goals: Sequence[Sequence[str]]) -> Markup:
    first = [element("b", "For all "), names(variables)] if variables else []
    under = [" with ", _listed(given, ", ")] if given else []
    goal = [_listed(each, " and ") for each in goals]
    claimed = (
        goal[0] if len(goal) == 1 else [joined(" or " if k else "", "(", each, ")") for k, each in enumerate(goal)]
    )
    return element("p", first, under, ": " if first or under else "", claimed, class_="relations")


def _listed(relations: Sequence[str], between: str) -> Markup:
    """Return relations one after the other, each an element that is not broken over lines."""
    return joined([joined(between if k else "", formula(each)) for k, each in enumerate(relations)])


def _place(name: str) -> Markup:
    return element("b", name)


def _with(given: Sequence[Any]) -> list[Markup | str]:
    return [" with ", _conditions(given)] if given else []


def _conditions(given: Sequence[Any]) -> Markup:
    return joined([joined(" and " if k else "", _condition(*each)) for k, each in enumerate(given)])


def _condition(name: str, sign: str, value: Any) -> Markup:
    """Return a condition on a set: numbers typeset, words as words."""
    if sign == "=" and isinstance(value, bool):
        return element("span", f"{name} = {'yes' if value else 'no'}")
    values = value if isinstance(value, list) else [value]
    if any(isinstance(each, str) and not NUMBER.fullmatch(each) for each in values):
        said = " or ".join(map(str, values))
        return element("span", f"{name} {said}" if sign in ("=", "in") else f"{name} {sign} {said}")
    shown = joined([joined(element("mo", ",") if k else "", number(each)) for k, each in enumerate(values)])
    listed = joined(element("mo", "{"), shown, element("mo", "}")) if isinstance(value, list) else shown
    return element("math", element("mrow", element("mtext", name), element("mo", SIGNS.get(sign, sign)), listed))


def _amount(sign: str, count: Any) -> Markup:
    sign = "" if sign == "=" else SIGNS.get(sign, sign)
    return element("math", element("mrow", element("mo", sign) if sign else None, number(count)))


def _point(point: Any) -> Markup:
    """Return a point, by units where there are several."""
    units = [f"[{', '.join(map(str, unit))}]" for unit in point]
    return formula(units[0] if len(units) == 1 else f"[{', '.join(units)}]")
