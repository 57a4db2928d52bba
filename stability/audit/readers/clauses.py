"""Clauses of a block: what kind of claim each makes, and its parts as texts with their places.

A clause begins at a line that starts with one of `STARTS`, or with a function after a clause that is whole, and ends
where the next one begins. Its parts are separated by commas, `;` or `and` outside brackets and quotes.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches

from stability.audit.readers.blocks import DocumentError, SourceLine
from stability.errors import StabilityError
from stability.logic.formulas import LONGEST, short

STARTS = {
    "for all": "for all NAMES given RELATIONS then RELATIONS",
    "exists set": "exists set where CONDITIONS",
    "exists": "exists NAMES such that RELATIONS",
    "at": "at POINT: CONDITIONS",
    "sets": "sets where CONDITIONS: number = COUNT",
    "every set": "every set where CONDITIONS has CONDITIONS",
    "minima": "minima are [POINT, ...]",
    "flow": "flow from POINT: ends on CONDITIONS, ends at POINT, or ends within NUMBER of POINT",
    "basins": "basins INIT: share of CONDITIONS = NUMBER +- NUMBER; or basins INIT by RULE: share of ...",
    "stable": "stable for RULE at POINT iff step < NUMBER; or if, or only if",
    "cycle": "cycle of RULE with step = NUMBER through [POINT, ...]",
    "no cycle": "no cycle of gradient descent for any step",
    "probability": "probability INIT: RELATIONS = NUMBER, of the start p, as loss(p) < 1",
    "numbers": "numbers 24/50 = 48%",
    "train": "train MODEL DATA --init NAME ...",
    "published": "published success 24/50; median epochs 190 of 24",
    "instead": "instead: the claim that is true",
}
"""Words that begin a clause, and how each goes on."""

START = re.compile(rf"\s*({'|'.join(word.replace(' ', r' +') for word in STARTS)})(?![\w(\[.])(?!\s*(?:[<>=!+*/^-]))")
FACT = re.compile(r"\s*(?:[A-Za-z]\w*\.)?[a-z]\w*\(")
"""How a relation between numbers begins that is a clause by itself, unless the one before is to go on."""

GOING_ON = re.compile(r"(?:[-,;:=<>+*/(\[]|\b(?:and|or|has|where|are))\s*\Z")
WORDS = re.compile(r"([A-Za-z]+)(?:\s+[A-Za-z]+\b|\s+(?=\[)|\s*(?=[:\"']|\Z))")
"""How a text begins that is no relation between numbers: two words, or one before a point, a colon or a text."""

OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Clause:
    """One clause.

    Attributes
    ----------
    kind : str
        One of `STARTS`, or "fact" for relations between numbers.
    text : str
        What follows the word that begins it, in one line.
    line, column : int
        Where it begins in the file.
    """

    kind: str
    text: str
    line: int
    column: int

    def error(self, problem: str, remedy: str = "") -> DocumentError:
        """Return an error at the place of this clause."""
        return DocumentError(
            problem, remedy or f"Write {STARTS.get(self.kind, 'a relation: 2*x > 1')}.", self.line, self.column
        )

    @contextmanager
    def located(self) -> Iterator[None]:
        """Give errors the place of this clause, unless they have one."""
        try:
            yield
        except DocumentError:
            raise
        except StabilityError as problem:
            said = (in_notation(each, self.text) for each in (problem.problem, problem.remedy))
            raise self.error(*said) from None


CORE = {"pre": "preactivation", "out": "output", "loss": "loss"}
"""Functions of core formulas as documents call them."""


def in_notation(message: str, text: str) -> str:
    """Return an error on a core formula in the notation of the document's text from which it was made.

    Examples
    --------
    >>> in_notation("a unit of L.pre in 'L.pre(p, 7, 0) ** 2 == 0'", "preactivation(p, 7, 0)^2 = 0")
    "a unit of preactivation in 'preactivation(p, 7, 0)^2 = 0'"
    """
    if "**" not in text:
        message = re.sub(r"(?<=[\w)\]]) \*\* (?=[\w(\[-])", "^", message).replace("**", "^")
    if "==" not in text:
        message = message.replace(" == ", " = ")
    for core, word in CORE.items():
        if not re.search(rf"\.{core}\b", text):
            message = re.sub(rf"\b([A-Za-z_]\w*\.){core}\b", rf"\g<1>{word}", message)
    return message if re.search(r"\bL\.", text) else re.sub(r"\bL\.(?=[a-z])", "", message)


def clauses(body: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of a block.

    Raises
    ------
    DocumentError
        If there are none, or they are too long.
    """
    if sum(len(line.text) for line in body) > LONGEST:
        raise DocumentError(
            f"Expected a claim of at most {LONGEST:,} characters; got more.", "Split it.", body[0].number
        )
    found: list[Clause] = []
    for line in body:
        if line.text.strip():
            _read(line, found)
    return found


def _read(line: SourceLine, found: list[Clause]) -> None:
    """Add a line to the clauses: as a new one, or to the last."""
    match = START.match(line.text)
    if match is None and found and found[-1].kind != "instead" and not _is_fact(line.text, found[-1]):
        last = found[-1]
        found[-1] = Clause(last.kind, f"{last.text} {line.text.strip()}".strip(), last.line, last.column)
    elif match is None:
        found.append(Clause("fact", line.text.strip(), line.number, line.column))
    else:
        kind, rest = " ".join(match[1].split()), line.text[match.end() :]
        inner = rest.lstrip(" :") if kind == "instead" else rest.strip()
        found.append(Clause(kind, "" if kind == "instead" else inner, line.number, line.column + match.start(1)))
        if kind == "instead" and inner:
            _read(SourceLine(inner, line.number, line.column + len(line.text) - len(inner)), found)


def without_start(clause: Clause) -> DocumentError | None:
    """Return an error on a relation that is none, but words: with the words by which a clause may begin; else None.

    Examples
    --------
    >>> without_start(Clause("fact", "minimum are [1/2, -1/2, 0]", 1, 1)).remedy[:55]
    "Did you mean 'minima'? A clause begins with at, basins,"
    """
    match = WORDS.match(clause.text)
    if match is None:
        return None
    first, two = match[1].lower(), " ".join(match[0].lower().split())
    *others, last = sorted(STARTS)
    close = get_close_matches(two, STARTS, n=1, cutoff=0.8) or get_close_matches(first, STARTS, n=1, cutoff=0.7)
    hint = f"Did you mean {close[0]!r}? " if close and len(first) > 2 else ""
    known = f"A clause begins with {', '.join(others)} or {last}, or is a relation: loss([1, 2, 0]) < 1."
    return clause.error(f"Expected a clause, or a relation between numbers; got {short(clause.text)}.", hint + known)


def _is_fact(text: str, last: Clause) -> bool:
    """Return whether a line is a relation by itself, and the clause before it whole."""
    whole = last.kind not in ("for all", "exists", "train", "published") and not GOING_ON.search(last.text)
    depth = sum(last.text.count(c) for c in OPENING) - sum(last.text.count(c) for c in CLOSING)
    return whole and depth == 0 and FACT.match(text) is not None


def depths(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (place, character, depth of brackets) for every character outside quotes."""
    depth, quote = 0, ""
    for k, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
            continue
        if character in "\"'":
            quote = character
            continue
        if character in CLOSING:
            depth -= 1
        yield k, character, depth
        if character in OPENING:
            depth += 1


def split(text: str, separators: str = r",|;|\band\b") -> list[str]:
    """Return the parts of a text between separators outside brackets and quotes; empty parts are left out.

    Examples
    --------
    >>> split('kind = "a, b", loss([1, 2]) > 0 and x = 1')
    ['kind = "a, b"', 'loss([1, 2]) > 0', 'x = 1']
    """
    outside = {k for k, _, depth in depths(text) if depth == 0}
    parts, start = [], 0
    for match in re.finditer(separators, text):
        if outside.issuperset(range(match.start(), match.end())):
            parts.append(text[start : match.start()])
            start = match.end()
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def partition(text: str, separator: str) -> tuple[str, str, str]:
    """Return what stands before a separator outside brackets and quotes, the separator, and what follows.

    Examples
    --------
    >>> partition("[a: b]: c", ":")
    ('[a: b]', ':', 'c')
    """
    outside = {k for k, _, depth in depths(text) if depth == 0}
    for match in re.finditer(separator, text):
        if outside.issuperset(range(match.start(), match.end())):
            return text[: match.start()].strip(), match[0], text[match.end() :].strip()
    return text.strip(), "", ""


def names(text: str, clause: Clause) -> list[str]:
    """Return variables, separated by blanks or commas.

    Raises
    ------
    DocumentError
        If there are none.
    """
    found = re.split(r"[\s,]+", text.strip())
    if not found or found == [""]:
        raise clause.error(f"Expected variables after {clause.kind}; got none.")
    return found


def unquoted(text: str) -> str:
    """Return a word or a text without its quotes."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def place_of(text: str, clause: Clause, word: str) -> tuple[str, str]:
    """Return the landscape that a clause names by `of NAME` or `in NAME` at its beginning, and the rest.

    Examples
    --------
    >>> place_of("of M where loss = 0", Clause("sets", "", 1, 1), "of")
    ('M', 'where loss = 0')
    """
    match = re.match(rf"{word}\s+([A-Za-z]\w*)\b\s*(?=where\b|has\b|are\b|from\b|:|$)", text)
    return (match[1], text[match.end() :].strip()) if match else ("", text)


def expected(clause: Clause, what: str, text: str) -> DocumentError:
    """Return an error that says what a clause lacks."""
    return clause.error(f"Expected {what} in {clause.kind!r}; got {short(text)}.")
