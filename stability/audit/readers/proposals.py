"""Blocks that a Markdown document could have: proposed from its text, in a document of their own.

Percentages of counts and sums become `numbers`, tables of successes `train` and `published`. What of a training is
guessed waits below an `:opinion:` until somebody has completed it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

from stability.audit.claims import fit_for_id
from stability.audit.readers.blocks import MOST_BLOCKS, Document, DocumentError, SourceLine
from stability.audit.readers.clauses import clauses as clauses_of
from stability.audit.readers.defaults import DocumentContext
from stability.audit.readers.markdown import read_markdown
from stability.audit.readers.measures import measure
from stability.audit.readers.passages import read_passages
from stability.audit.readers.statements import Reader
from stability.audit.readers.written_numbers import Equation, table_equations, written_equations
from stability.audit.readers.written_trainings import WrittenTraining, training_rates, written_trainings
from stability.errors import FileError, StabilityError
from stability.io.files import require_folder, write_whole
from stability.io.printable import printable

MODEL = re.compile(
    r"\b(?:(?:abs|relu|leaky[\d/.]+:)[1-9]\d?|(?:abs|relu|leaky[\d/.]+)\[[-+\d/.,]+\])"
    r"(?:-linear|(?:-out)?(?:\+c)?(?:-nob)?)(?!\w)"
)
DATA = re.compile(r"\bparity:[2-6]\b|\bmoons:\d{1,4}:\d{1,9}\b")
LONGEST = 300
"""Characters of a sentence that is quoted."""

GUESS = "relu2 xor"
COMPLETE = "complete the options of train, then remove this line"


@dataclass(frozen=True)
class Proposal:
    """A block that a document could have.

    Attributes
    ----------
    id, where, says : str
    line : int
        Of the document, where the numbers stand.
    clauses : sequence of str
    opinion : str
        Why it is not judged yet; "" where it is.
    correction : str
        What is wrong with the numbers, in words; "" where nothing is.
    """

    id: str
    where: str
    says: str
    line: int
    clauses: Sequence[str]
    opinion: str = ""
    correction: str = ""

    @property
    def block(self) -> str:
        """The text of the block."""
        where = [f":where: {self.where}"] if self.where else []
        wait = [f":opinion: {self.opinion}"] if self.opinion else []
        rows = [f":id: {self.id}", *where, f":says: {self.says}", *wait, *self.clauses]
        return "\n".join(["```stability", *rows, "```"])

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"id": self.id, "line": self.line, "correction": self.correction or None, "block": self.block}


def proposals(document: Document) -> list[Proposal]:
    """Return the blocks that a document could have and does not."""
    passages, found = read_passages(document.text), list[Proposal]()
    taken = {match[1] for block in document.blocks for match in re.finditer(r":id:\s*(\S+)", block.text)}
    there = {" ".join(line.text.split()) for block in document.blocks for line in block.lines}
    sentences = (each for text in passages.texts for each in written_equations(text))
    tables = (each for table in passages.tables for each in (*table_equations(table), *training_rates(table)))
    equations = [*islice(sentences, MOST_BLOCKS), *islice(tables, MOST_BLOCKS)]
    known: dict[tuple[int, str], Equation] = {}
    for each in equations:
        known.setdefault((each.line, each.text), each)
    for equation in sorted(known.values(), key=lambda each: each.line):
        if f"numbers {equation.text}" not in there:
            found.append(_of_equation(equation, taken))
    trainings = (each for table in passages.tables for each in written_trainings(table))
    for training in islice(trainings, MOST_BLOCKS):
        if f"published {training.published}" not in there:
            found.append(_of_training(training, document, taken))
    return sorted(found, key=lambda each: each.line)[:MOST_BLOCKS]


def _of_equation(equation: Equation, taken: set[str]) -> Proposal:
    right, clauses = equation.correction, [f"numbers {equation.text}"]
    words = f"{equation.left} is {right}, not {equation.right}" if right else ""
    if right:
        clauses.append(f"instead: numbers {equation.left} = {right}")
    name, where = _id(f"numbers-{equation.line}", taken), _plain(equation.heading)
    return Proposal(name, where, _plain(equation.says), equation.line, clauses, correction=words)


def _of_training(training: WrittenTraining, document: Document, taken: set[str]) -> Proposal:
    setting = _defaults(document)
    sure = training.sure and setting is not None
    clauses = [f"train {setting or _guess(document)} --init {training.init}", f"published {training.published}"]
    if not _is_readable(clauses, document):
        sure, clauses = False, [f"train {GUESS} --init {training.init}", clauses[1]]
    name = _id(fit_for_id(f"train-{training.line}-{training.label.lower()[:40]}"), taken)
    says = _plain(f"{training.label}: {training.published}.")
    return Proposal(name, _plain(training.heading), says, training.line, clauses, "" if sure else COMPLETE)


def _is_readable(rows: Sequence[str], document: Document) -> bool:
    """Return whether the audit takes clauses."""
    lines = [SourceLine(row, k + 1) for k, row in enumerate(rows)]
    try:
        measure(Reader({}), DocumentContext(document.path.parent, document.defaults), clauses_of(lines))
    except StabilityError:
        return False
    return True


def _defaults(document: Document) -> str | None:
    """Return model, data and loss that the document says for all of its claims, as options of train."""
    text = str(document.defaults.get("on", ""))
    words = text.rpartition("=")[2].split()
    if len(words) not in (2, 3) or ";" in text:
        return None
    loss = words[2] if len(words) == 3 else str(document.defaults.get("loss", "sum"))
    return f"{words[0]} {words[1]}" + ("" if loss == "mean" else f" --loss {loss}")


def _guess(document: Document) -> str:
    """Return model and data that the text names first."""
    model, data = MODEL.search(document.text), DATA.search(document.text)
    usual = GUESS.split()
    return f"{model[0] if model else usual[0]} {data[0] if data else usual[1]}"


def _id(wanted: str, taken: set[str]) -> str:
    name = next(name for name in _numbered(wanted) if name not in taken)
    taken.add(name)
    return name


def _numbered(wanted: str) -> Iterator[str]:
    yield wanted
    yield from (f"{wanted[:90]}-{k}" for k in count(2))


def _plain(text: str) -> str:
    """Return a text of a document in one line."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def proposed_document(document: Document, found: Sequence[Proposal]) -> str:
    """Return proposals as a Markdown document, which the audit reads."""
    named = "data" in document.defaults and any(each.clauses[0].startswith("train ") for each in found)
    data = {"stability": {"data": document.defaults["data"]}} if named else {}
    front = f"---\n{yaml.safe_dump(data)}---\n\n" if data else ""
    head = f"{front}# Proposed claims\n\nRead from the text by `stability audit init`; copy what is meant.\n"
    return "\n".join([head, *(_section(each) for each in found)])


def _section(each: Proposal) -> str:
    note = f"Line {each.line}." if not each.correction else f"Line {each.line}: {each.correction}."
    return f"{note}\n\n{each.block}\n"


def propose(path: Path, output: Path | None = None) -> tuple[Path, list[Proposal]]:
    """Write blocks that a document could have into another file; return its path and the proposals.

    Parameters
    ----------
    path : Path
        A Markdown document; it is only read.
    output : Path, optional
        notes.proposed.md beside notes.md by default. Without proposals nothing is written.

    Raises
    ------
    DocumentError
        If the document cannot be read.
    FileError
        If there is such a file already, or it cannot be written.
    """
    if path.suffix.lower() not in (".md", ".markdown"):
        if path.suffix.lower() == ".tex":
            raise DocumentError(
                f"Expected a Markdown document; got {path}: numbers are read from sentences and tables, and those of "
                "LaTeX are what its macros make of them.",
                f"Write `pandoc {path.name} -t gfm -o {path.stem}.md` and `stability audit init {path.stem}.md`, or a "
                "stability environment by hand, with a clause such as numbers 24/50 = 48%.",
            )
        raise DocumentError(f"Expected a Markdown document; got {path}.", "Write stability audit init notes.md.")
    document = read_markdown(path)
    found, place = proposals(document), output or path.with_name(f"{path.stem}.proposed.md")
    if not found:
        return place, found
    require_folder(place)
    text = proposed_document(document, found).encode()
    if place.is_file() and (place.samefile(path) or place.read_bytes() != text):
        raise FileError(f"Expected a new file for proposals; there is {place}.", "Move it away, or name one by -o.")
    write_whole(place, text)
    return place, found
