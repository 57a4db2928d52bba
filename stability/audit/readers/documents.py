"""Documents in Markdown or LaTeX as write-ups: one claim a block, malformed ones as errors of their own.

A block states something, which is proved (`statements.KINDS`), or measures something (`measures.MEASURES`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from stability.audit.claims import (
    DECISIONS,
    ID,
    WEIGHTS,
    Claim,
    Repair,
    SourcePosition,
    Writeup,
    fit_for_id,
    wrong_premises,
)
from stability.audit.readers.blocks import Block, Document, DocumentError, Options, options, stated_id
from stability.audit.readers.clauses import Clause, clauses
from stability.audit.readers.corrections import true_instead
from stability.audit.readers.defaults import DocumentContext, digest
from stability.audit.readers.latex import read_latex
from stability.audit.readers.markdown import read_markdown
from stability.audit.readers.measures import is_measured, measure
from stability.audit.readers.statements import Reader, hints
from stability.audit.verdicts import STATUSES
from stability.dynamics.flow.statements import AllAboutFlows
from stability.errors import StabilityError, nearest
from stability.geometry.atlas.statements import AllAboutSets
from stability.logic.formulas import decimals, short
from stability.logic.records import prove
from stability.logic.statements import AllOf, Several, Statement

SUFFIXES = (".md", ".markdown", ".tex")
READERS = {".tex": read_latex}
"""How documents with a certain suffix are read; all others are Markdown."""

TOGETHER: dict[str, Callable[[list[Statement]], Statement]] = {
    "stability-record/1": AllOf,
    "stability-atlas/1": AllAboutSets,
    "stability-flow/1": AllAboutFlows,
}
"""How statements of one format of records are settled together."""


@dataclass(frozen=True)
class DocumentClaim:
    """A claim of a document with what is known of its block.

    Attributes
    ----------
    claim : Claim
    block : Block
    digest : str
        Eight hexadecimal digits over block, defaults and data.
    expect : str
        The status that it must have; "" for any.
    """

    claim: Claim
    block: Block
    digest: str
    expect: str = ""


@dataclass(frozen=True)
class ReadDocument:
    """A document with its claims.

    Attributes
    ----------
    document : Document
    claims : sequence of DocumentClaim
    """

    document: Document
    claims: Sequence[DocumentClaim]

    def writeup(self) -> "DocumentWriteup":
        """Return it as a write-up, its faults outside blocks as claims that are errors.

        Raises
        ------
        DocumentError
            If it holds no claims.
        """
        path = self.document.path
        faults = [
            _failing(f"document-{k + 1}", problem, path, problem.line) for k, problem in enumerate(self.document.faults)
        ]
        found = [*faults, *self._with_premises()]
        if not found:
            raise DocumentError(
                f"{path}: expected blocks with the info string stability, or environments of LaTeX; found none.",
                "Write ```stability, :id: name and a claim; see docs/documents.md.",
            )
        return DocumentWriteup(fit_for_id(path.stem) or "document", self.document.title, found, read=self)

    def _with_premises(self) -> list[Claim]:
        """Return the claims; one whose premises are no claims raises that."""
        problems = wrong_premises([each.claim for each in self.claims])
        return [self._checked(each, problems.get(each.claim.id)) for each in self.claims]

    def _checked(self, each: DocumentClaim, problem: StabilityError | None) -> Claim:
        if problem is None:
            return each.claim
        line = options(each.block).values["uses"].number
        return _failing(each.claim.id, problem, self.document.path, line, each.block.heading, each.claim.says)


@dataclass(frozen=True, kw_only=True)
class DocumentWriteup(Writeup):
    """A write-up that stands in a document.

    Attributes
    ----------
    read : ReadDocument
        The document with its claims.
    """

    read: ReadDocument


def is_document(name: str) -> bool:
    """Return whether an argument names a file rather than a write-up."""
    return name.lower().endswith(SUFFIXES) or "/" in name


def has_claims(path: Path) -> bool:
    """Return whether a document makes claims, or cannot be read."""
    try:
        document = _parsed(path)
    except DocumentError:
        return True
    return bool(document.blocks or document.faults)


def _parsed(path: Path) -> Document:
    return READERS.get(path.suffix.lower(), read_markdown)(path)


def read_document(path: Path) -> ReadDocument:
    """Return a document with its claims; a malformed claim is one that raises.

    Raises
    ------
    DocumentError
        If the file cannot be read.
    """
    document = _parsed(path)
    context, taken = DocumentContext(path.parent, document.defaults), dict[str, int]()
    return ReadDocument(document, [_claim(block, document, context, taken) for block in document.blocks])


def writeup_of(path: Path) -> DocumentWriteup:
    """Return a document as a write-up; one that cannot be read is a write-up with one claim that is an error."""
    try:
        return read_document(path).writeup()
    except DocumentError as problem:
        return ReadDocument(Document(path, "", path.name, (), {}, (problem,)), ()).writeup()


def _claim(block: Block, document: Document, context: DocumentContext, taken: dict[str, int]) -> DocumentClaim:
    id_, words, says = "", "", block.paragraph
    context.used.clear()
    try:
        if not block.closed:
            raise DocumentError("Expected an end of the block; got none.", f"Close it by {block.ending}.", block.start)
        if block.fault is not None:
            raise block.fault
        given = options(block)
        says = given.get("says") or says
        id_ = _id(given, block, taken)
        says = says or _words(given, id_)
        words = given.get("on") or str(document.defaults.get("on", ""))
        expect = given.get("expect")
        if expect and expect not in STATUSES:
            raise DocumentError(
                f"Expected a status after :expect:; got {short(expect)}.",
                nearest(expect, list(STATUSES)),
                given.values["expect"].number,
            )
        claim = _read(given, block, document, context, id_)
        return DocumentClaim(claim, block, digest(block.text, context.fingerprint(words)), expect)
    except StabilityError as problem:
        line = getattr(problem, "line", block.start)
        name = id_ or _given_id(block, taken) or f"block-at-line-{block.start}"
        claim = _failing(name, problem, document.path, line, block.heading, says)
        return DocumentClaim(claim, block, digest(block.text, context.fingerprint(words)))


def _id(given: Options, block: Block, taken: dict[str, int]) -> str:
    found = given.get("id")
    if not found:
        raise DocumentError("Expected an id of the claim; got none.", "Write :id: one-minimum first.", block.start)
    line = given.values["id"]
    if not ID.fullmatch(found):
        raise DocumentError(
            f"Expected an id of letters, digits, . _ and -; got {short(found)}.",
            f"Write {fit_for_id(found) or 'one-minimum'}.", line.number, line.column,
        )  # fmt: skip
    if found in taken:
        raise DocumentError(
            f"Expected different ids; got {found} twice, first in line {taken[found]}.", "Rename one.", line.number
        )
    taken[found] = line.number
    return found


def _given_id(block: Block, taken: dict[str, int]) -> str:
    """Return the id of a block whose other options cannot be read; "" where it has none, or not one of its own."""
    found = stated_id(block)
    if found is None or found.text in taken or not ID.fullmatch(found.text):
        return ""
    taken[found.text] = found.number
    return found.text


def _words(given: Options, id_: str) -> str:
    """Return the words of a claim without any: its own clauses, as they are written."""
    with suppress(DocumentError):
        if given.body:
            return "; ".join(map(_written, _halves(clauses(given.body))[0]))
    return f"The claim {id_}."


def _read(given: Options, block: Block, document: Document, context: DocumentContext, id_: str) -> Claim:
    """Return the claim of a block."""
    where, says = given.get("where") or block.heading or document.title, given.get("says") or block.paragraph
    on = given.values.get("on")
    place = SourcePosition(str(document.path), block.start)
    common: dict[str, Any] = {"id": id_, "where": where, "says": says or _words(given, id_), "place": place}
    common |= {"weight": _member(given, "weight", WEIGHTS) or "detail", "uses": _ids(given)}
    common["decision"] = _member(given, "decision", DECISIONS)
    if given.get("opinion"):
        return Claim(**common, opinion=given.get("opinion"))
    if not given.body:
        raise DocumentError(
            "Expected a claim after the options; got none.", "Write one, or :opinion: why.", block.start
        )
    places = context.landscapes(on.text if on else "", on.number if on else block.start, on.column if on else 1)
    reader = Reader(places, hints(given.values.get("hint")), context.first_example)
    own, instead = _halves(clauses(given.body))
    repair = None
    if instead:
        _refuse_measured(instead)
        repair = Repair(given.get("instead") or "; ".join(map(_written, instead)), _together(reader, instead))
    common |= {"because": given.get("because"), "repair": repair}
    if is_measured(own):
        return Claim(**common, measure=measure(reader, context, own))
    read = decimals(each.text for each in own if each.kind != "numbers")  # there, digits say how exact a number is
    reader.remarks.clear()  # those of the correction
    statement = _together(reader, own)
    common["because"] = " ".join(filter(None, [given.get("because"), *reader.remarks]))
    nearest = None if repair else partial(_nearest, reader, own)
    return Claim(**common, statement=statement, decimals=read, nearest=nearest)


def _nearest(reader: Reader, own: Sequence[Clause]) -> Iterator[Repair]:
    """Yield what is true instead of clauses, as far as that is known without a search; then what is proved of it."""
    found = true_instead(reader, own)
    if found:
        yield _repair(found)
    proved = [each for each in found if len(found) > 1 and _is_proved(each[1])]
    if proved:
        yield _repair(proved)


def _is_proved(stated: Sequence[Statement]) -> bool:
    with suppress(StabilityError):
        return prove(_united(stated)).conclusion == "proved"
    return False


def _repair(found: Sequence[tuple[str, list[Statement]]]) -> Repair:
    return Repair("; ".join(text for text, _ in found), _united([each for _, stated in found for each in stated]))


def _refuse_measured(instead: Sequence[Clause]) -> None:
    if is_measured(instead):
        raise instead[0].error("Expected a statement after instead; got a measure.", "Write a block for the measure.")


def _member(given: Options, name: str, known: Sequence[str]) -> str:
    """Return the value of an option that is one of some words, "" where it is not given."""
    found = given.get(name)
    if found and found not in known:
        line = given.values[name]
        raise DocumentError(
            f"Expected {', '.join(known[:-1])} or {known[-1]} after :{name}:; got {short(found)}.",
            nearest(found, list(known)),
            line.number,
            line.column,
        )
    return found


def _ids(given: Options) -> list[str]:
    """Return the ids after `:uses:`, separated by commas or blanks."""
    return given.get("uses").replace(",", " ").split()


def _written(clause: Clause) -> str:
    return clause.text if clause.kind == "fact" else f"{clause.kind} {clause.text}"


def _halves(found: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """Return the clauses of the claim and those of the correction."""
    cut = next((k for k, each in enumerate(found) if each.kind == "instead"), len(found))
    own, instead = list(found[:cut]), list(found[cut + 1 :])
    if not own or (cut < len(found) and not instead):
        at = found[min(cut, len(found) - 1)]
        raise at.error("Expected a claim before and after instead.", "Write instead: and what is true.")
    return own, instead


def _together(reader: Reader, found: Sequence[Clause]) -> Statement:
    """Return all clauses as one statement."""
    return _united([statement for clause in found for statement in reader.statements(clause)])


def _united(statements: Sequence[Statement]) -> Statement:
    """Return several statements as one."""
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.format, []).append(statement)
    alone = groups.pop("", [])
    parts = [*(each[0] if len(each) == 1 else TOGETHER[name](each) for name, each in groups.items()), *alone]
    return parts[0] if len(parts) == 1 else Several(parts)


def _failing(name: str, problem: StabilityError, path: Path, line: int, heading: str = "", says: str = "") -> Claim:
    """Return a claim whose verdict is an error with a place, in the words of its author as far as there are some."""

    def fail() -> NoReturn:
        raise problem

    place = SourcePosition(str(path), line)
    return Claim(name, heading or "document", says or "A claim that cannot be read.", fail, place=place)
