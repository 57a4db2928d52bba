"""Blocks of a document that hold a claim each: their options, their text, and where they stand."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stability.errors import StabilityError, nearest
from stability.io.files import require_file
from stability.logic.formulas import short

OPTION = re.compile(r"\s*:([A-Za-z][A-Za-z_-]*):(?:[ \t]+(.*?)|)\s*")
OPTIONS = {
    "id": "what the claim is called",
    "on": "the landscapes: MODEL DATA LOSS, or NAME = MODEL DATA LOSS; ...",
    "says": "the claim in words; the paragraph before by default",
    "where": "the section; the heading by default",
    "expect": "the status that the claim must have under --check",
    "opinion": "why the claim cannot be checked",
    "instead": "the correction in words, where the clause `instead` states one",
    "because": "what a reader should know about why it fails or holds",
    "hint": "try_at x=1, y=2; squares ...; splits ...",
    "weight": "central, detail, notation or ours; detail by default",
    "decision": "falls, stands or none: what becomes of the conclusion if the claim fails",
    "uses": "ids of claims on which this one rests",
}
"""What may stand in front of a claim, as `:name: value`."""

LARGEST_DOCUMENT = 4 * 2**20
"""Bytes of a document."""

MOST_BLOCKS = 2_000


class DocumentError(StabilityError, ValueError):
    """A document, or a block of one, that cannot be read; with the file, the line and the column.

    Attributes
    ----------
    line, column : int
        Where, counted from 1.
    """

    def __init__(self, problem: str, remedy: str, line: int = 1, column: int = 1) -> None:
        super().__init__(problem, remedy)
        self.line, self.column = line, column


@dataclass(frozen=True)
class SourceLine:
    """One line of a block, without what a quote or a list puts before it.

    Attributes
    ----------
    text : str
    number : int
        In the file, from 1.
    column : int
        Of its first character, from 1.
    """

    text: str
    number: int
    column: int = 1


@dataclass(frozen=True)
class Block:
    """A claim as it stands in a document.

    Attributes
    ----------
    lines : sequence of SourceLine
        What stands between the fences.
    start, end : int
        The lines of the fences in the file, from 1.
    prefix : str
        What a quote or a list puts before further lines.
    heading, paragraph : str
        The heading above and the paragraph before.
    after : int
        The line after which the verdict is written: `end`, or the end of the comment that hides the block.
    info : dict
        Options that stand in the first line, as in LaTeX.
    closed : bool
        Whether the block has an end of its own.
    ending : str
        What ends it.
    fault : DocumentError or None
        What is wrong with its first line.
    """

    lines: Sequence[SourceLine]
    start: int
    end: int
    prefix: str = ""
    heading: str = ""
    paragraph: str = ""
    after: int = 0
    info: Mapping[str, str] = field(default_factory=dict)
    closed: bool = True
    ending: str = "```"
    fault: DocumentError | None = None

    @property
    def text(self) -> str:
        """The options of the first line, and what stands between the fences, with plain line ends."""
        first = (f":{name}: {value}" for name, value in self.info.items())
        return "\n".join([*first, *(line.text for line in self.lines)])


@dataclass(frozen=True)
class Document:
    """A document as it was read.

    Attributes
    ----------
    path : Path
    text : str
        As it stands in the file, line ends and byte-order mark included.
    title : str
    blocks : sequence of Block
    defaults : dict
        What the front matter says.
    faults : sequence of DocumentError
        What is wrong outside blocks.
    """

    path: Path
    text: str
    title: str
    blocks: Sequence[Block]
    defaults: Mapping[str, object] = field(default_factory=dict)
    faults: Sequence[DocumentError] = ()


@dataclass(frozen=True)
class Options:
    """The options of a block, with the lines where they stand, and the lines of the claim."""

    values: Mapping[str, SourceLine]
    body: Sequence[SourceLine]

    def get(self, name: str) -> str:
        """Return the value of an option, "" where it is not given."""
        return self.values[name].text if name in self.values else ""


def options(block: Block) -> Options:
    """Return the options of a block and what follows them.

    Raises
    ------
    DocumentError
        If an option is unknown, stands twice, or has no value.
    """
    found = {name: SourceLine(value, block.start) for name, value in block.info.items()}
    for name, line in found.items():
        _check_option(name, line, {})
    seen: dict[str, SourceLine] = {}
    for k, line in enumerate(block.lines):
        match = OPTION.fullmatch(line.text)
        if match is None:
            if line.text.strip():
                return Options({**found, **seen}, [each for each in block.lines[k:] if not _is_comment(each.text)])
            continue
        value = SourceLine((match[2] or "").strip(), line.number, line.column + max(match.start(2), 0))
        _check_option(match[1], value, {**found, **seen})
        seen[match[1]] = value
    return Options({**found, **seen}, [])


def stated_id(block: Block) -> SourceLine | None:
    """Return the first id that the options of a block state, whether or not the other options can be read."""
    if "id" in block.info:
        return SourceLine(block.info["id"], block.start)
    for line in block.lines:
        match = OPTION.fullmatch(line.text)
        if match is None and line.text.strip():
            return None
        if match is not None and match[1] == "id":
            return SourceLine((match[2] or "").strip(), line.number, line.column + max(match.start(2), 0))
    return None


def _check_option(name: str, line: SourceLine, seen: Mapping[str, SourceLine]) -> None:
    if name not in OPTIONS:
        raise DocumentError(
            f"Expected an option of a claim; got :{name}:.", nearest(name, list(OPTIONS)), line.number, line.column
        )
    if name in seen:
        raise DocumentError(f"Expected :{name}: once; got it again.", "Leave one out.", line.number, line.column)
    if not line.text:
        raise DocumentError(
            f"Expected a value after :{name}:; got none.", f"It says {OPTIONS[name]}.", line.number, line.column
        )


def _is_comment(text: str) -> bool:
    return text.lstrip().startswith(("#", "%"))


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends: LF, CRLF or CR, as Markdown has them."""
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text)


def plain_text(rows: Iterable[str]) -> str:
    """Return lines as one text with LF behind each and without a byte-order mark, as parsers take it."""
    return "".join(row.rstrip("\r\n") + "\n" for row in rows).removeprefix("\ufeff")


def require_few(blocks: Sequence[Block]) -> None:
    """Raise DocumentError if a document holds more claims than are read."""
    if len(blocks) > MOST_BLOCKS:
        raise DocumentError(f"Expected at most {MOST_BLOCKS:,} claims; got more.", "Split the document.")


def read_text(path: Path) -> str:
    """Return the text of a document, its line ends and byte-order mark kept.

    Raises
    ------
    DocumentError
        If it cannot be read, is too long, or is not UTF-8.
    """
    require_file(path, "a document", "a .md or .tex file", DocumentError)
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise DocumentError(
                f"{path}: expected at most {LARGEST_DOCUMENT // 2**20} MB; got more.", "Split the document."
            )
        raw = path.read_bytes()
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise DocumentError(
            f"{path}: expected text in UTF-8; got byte {problem.start}, which is not.", "Save it as UTF-8 text.", line
        ) from None
    except OSError as problem:
        raise DocumentError(f"{path}: {problem.strerror or problem}.", "Name a file you may read.") from None


def within(path: Path, line: int, problem: str) -> str:
    """Return a problem with the place where it is."""
    return f"{short(str(path), 200)[1:-1]}, line {line}: {problem}"
