"""Formal statements as text: what is claimed, what the formula assumes, and of which landscapes it speaks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from stability.audit.verdicts import Verdict
from stability.errors import StabilityError
from stability.logic.records import Judged
from stability.logic.statements import Several, Statement

LANDSCAPES = re.compile(r"; (?=\w+ is the (?:sum|mean) of )")
"""What stands before each landscape in what the checker says."""

WORDS = re.compile(r"(?:proved|refuted|vacuous): (.*)", re.DOTALL)


def settled_or_stated(verdict: Verdict) -> Judged | Statement:
    """Return what became of the statement of a claim, or the statement itself where that is open."""
    judged, stated = verdict.judged, verdict.claim.statement
    if judged is not None and (judged.records or stated is None):
        return judged
    with suppress(StabilityError):
        found = stated() if callable(stated) else stated
        if isinstance(found, Statement):
            return found
    return judged or Judged(None)


def formal_text(judged: Judged | Statement) -> str:
    """Return what a statement, settled or not, says, without the conditions that it assumes; "" where nothing is known.

    Examples
    --------
    >>> from stability import ForAll, prove
    >>> formal_text(prove(ForAll("x", ["x > 1"], ["x**2 > x"])))
    'for all x: x**2 > x'
    """
    parts = [text for each in _all(judged) for text in _texts(_formal(each), LANDSCAPES.split(_said(each))[0]) if text]
    return "\n".join(dict.fromkeys(parts))


def assumptions(judged: Judged | Statement) -> list[str]:
    """Return the conditions under which a statement claims something: the givens of its formulas.

    Examples
    --------
    >>> from stability import ForAll, prove
    >>> assumptions(prove(ForAll("x", ["x > 1"], ["x**2 > x"])))
    ['x > 1']
    """
    return [*dict.fromkeys(given for each in _all(judged) for given in _givens(_formal(each)))]


def landscapes(judged: Judged | Statement) -> list[str]:
    """Return the landscapes of which a statement speaks, in words; their names alone where it is not settled."""
    found = [text for each in _all(judged) for text in LANDSCAPES.split(_said(each))[1:]]
    named = [name for each in _all(judged) if isinstance(each, Statement) for name in each.landscapes]
    return [*dict.fromkeys([*found, *named])]


def _all(judged: Judged | Statement) -> Sequence[Judged | Statement]:
    """Return the parts that have records of their own."""
    parts = judged.parts if isinstance(judged, Judged | Several) else ()
    return [each for part in parts for each in _all(part)] or [judged]


def _formal(judged: Judged | Statement) -> Mapping[str, Any]:
    if isinstance(judged, Statement):
        return judged.formal()
    return {} if judged.record is None else judged.record["statement"]


def _said(judged: Judged | Statement) -> str:
    if isinstance(judged, Statement):
        return ", ".join(f"{name}: {value}" for name, value in judged.formal().items())
    match = WORDS.fullmatch(judged.words)
    return match[1] if match else judged.words


def _texts(formal: Mapping[str, Any], said: str) -> Iterator[str]:
    """Yield the parts of a statement; a kind that has no formulas is as the checker says it."""
    if "all of" in formal and all(_has_formulas(part) for part in formal["all of"]):
        for part in formal["all of"]:
            yield from _texts(part, "")
    elif "for all" in formal:
        goals = [" and ".join(goal) for goal in formal["then"]]
        yield f"{_quantified('for all', formal['for all'])}{_alternatives(goals)}"
    elif "exists" in formal:
        yield f"{_quantified('there are', formal['exists'], ' with')}{', '.join(formal['such that'])}"
    elif "not" in formal and _has_formulas(formal["not"]):
        yield f"it is not so that {'; '.join(_texts(formal['not'], ''))}"
    else:
        yield said


def _has_formulas(formal: Mapping[str, Any]) -> bool:
    inner = [*formal.get("all of", ()), *([formal["not"]] if "not" in formal else [])]
    return bool({"for all", "exists"} & set(formal)) or bool(inner and all(_has_formulas(each) for each in inner))


def _quantified(word: str, names: Sequence[str], after: str = ":") -> str:
    return f"{word} {', '.join(names)}{after} " if names else ""


def _alternatives(goals: Sequence[str]) -> str:
    return goals[0] if len(goals) == 1 else " or ".join(f"({goal})" for goal in goals)


def _givens(formal: Mapping[str, Any]) -> Iterator[str]:
    for part in formal.get("all of", ()):
        yield from _givens(part)
    if "not" in formal:
        yield from _givens(formal["not"])
    yield from formal.get("given", ())
