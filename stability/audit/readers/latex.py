r"""Claims in LaTeX: environments `stability`, wherever TeX would reach them.

    \begin{stability}[id=two-minima, on={abs1 xor mean}]
    sets where kind = "global minimum": number = 2
    \end{stability}

What is commented out, verbatim, or in a branch of `\iffalse` is no claim. One pass from macro to macro finds them, in
time proportional to the text: the tree of pylatexenc is recursive, guesses where a brace is missing, and knows no
conditionals. What stands around claims is turned into words by pylatexenc.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text

from stability.audit.readers.blocks import (
    Block,
    Document,
    DocumentError,
    SourceLine,
    lines_of,
    plain_text,
    read_text,
    require_few,
)
from stability.audit.readers.clauses import split
from stability.audit.readers.defaults import read_defaults

CLAIM, DEFAULTS = "stability", "stabilitydefaults"
"""The environments of claims, and of what front matter is in Markdown."""

LITERAL = ("verbatim", "verbatim*", "Verbatim", "Verbatim*", "BVerbatim", "LVerbatim", "SaveVerbatim", "alltt",
           "comment", "filecontents", "filecontents*", "lstlisting", "minted", "tcblisting", "listing")  # fmt: skip
"""Environments whose contents are not read as LaTeX."""

INLINE = ("verb", "lstinline", "mintinline", "Verb")
"""Macros whose argument stands between two equal characters."""

HEADINGS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph", "title")

NOT_CONDITIONAL = re.compile(
    r"iff|ifthenelse|if(?:cs|str|def|undef|bool|toggle|blank|num|dim|in|char|language)[a-z]*|if(?:pdf|xe|lua)tex.+"
)
"""Names that begin as conditionals do but take arguments in braces instead of a closing macro."""

BRANCHES = {"iffalse": (False, True), "iftrue": (True, False)}
"""Whether TeX reads the first branch of a conditional, and the second; for all others both may be read."""

ENVIRONMENT = re.compile(r"\\(begin|end)[ \t]*\{([\w* ._-]+)\}")
ANCHOR = re.compile(r"[\\%]")
MACRO = re.compile(r"\\([A-Za-z@]+)")
MARKS = re.compile(
    r"\\(?:begin|end)[ \t]*\{[^{}]*\}(?:\[[^\[\]]*\])?|\\(?:label|index|maketitle|item|noindent)\b(?:\{[^{}]*\})?"
)
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
BLANK = re.compile(r"\n[ \t]*\n")
LONGEST_PARAGRAPH = 1_500
"""Characters of a heading or paragraph that are turned into words."""

MOST_HEADINGS = 10_000


def read_latex(path: Path) -> Document:
    """Return a LaTeX document with its blocks.

    Raises
    ------
    DocumentError
        If the file cannot be read.
    """
    text = read_text(path)
    reading = _Reading(plain_text(lines_of(text)))
    reading.run()
    title = str(reading.defaults.get("title", "") or reading.title or path.stem)
    return Document(path, text, title, reading.blocks, reading.defaults, reading.faults)


@dataclass
class _Reading:
    """One pass over the text of a document, from its first character to its last."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)
    faults: list[DocumentError] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    unread: int = 0  # how many of these branches TeX does not read
    headings: int = 0
    begun: int = 0  # where the text since the last heading or block begins
    open_ifs: list[tuple[bool, bool]] = field(default_factory=list)  # whether TeX may read this branch, and the other

    def __post_init__(self) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def run(self) -> None:
        """Read the document."""
        at = 0
        while match := ANCHOR.search(self.text, at):
            at = self._at(match.start())

    @property
    def live(self) -> bool:
        """Whether TeX reads what stands here."""
        return self.unread == 0

    def _enter(self, branches: tuple[bool, bool]) -> None:
        self.open_ifs.append(branches)
        self.unread += not branches[0]

    def _leave(self) -> tuple[bool, bool]:
        branches = self.open_ifs.pop()
        self.unread -= not branches[0]
        return branches

    def line(self, at: int) -> int:
        """Return the number of a line, from 1."""
        return bisect_right(self.starts, at)

    def _at(self, at: int) -> int:
        r"""Read a comment or what begins with a backslash; return where it ends."""
        if self.text[at] == "%":
            return self.text.find("\n", at)
        match = ENVIRONMENT.match(self.text, at)
        if match:
            return self._begins(match[2], match) if match[1] == "begin" else self._ends(match)
        macro = MACRO.match(self.text, at)
        return self._macro(macro[1], macro.end()) if macro else at + 2

    def _ends(self, match: re.Match[str]) -> int:
        return len(self.text) if match[2] == "document" and self.live else match.end()

    def _macro(self, name: str, end: int) -> int:
        """Read a macro; return where reading goes on."""
        if name in ("newif", "let"):
            return self._name_after(end)
        if name.startswith("if") and not NOT_CONDITIONAL.fullmatch(name):
            self._enter(BRANCHES.get(name, (True, True)))
        elif name == "fi" and self.open_ifs:
            self._leave()
        elif name == "else" and self.open_ifs:
            self._enter(self._leave()[::-1])
        elif self.live and name in INLINE:
            return self._inline(name, end)
        elif self.live and name in HEADINGS:
            return self._headed(name, end)
        return end

    def _name_after(self, end: int) -> int:
        match = re.compile(r"\s*\\[A-Za-z@]+").match(self.text, end)
        return match.end() if match else end

    def _inline(self, name: str, end: int) -> int:
        """Return where a verbatim argument ends: at the next character equal to its first, in this line."""
        match = re.compile(r"\*?(?:\[[^\]\n]*\])?(?:\{[^}\n]*\})?" if name != "verb" else r"\*?").match(self.text, end)
        start = match.end() if match else end
        if self.text[start] in "\n{":
            return end
        stop = self.text.find(self.text[start], start + 1, start + LONGEST_PARAGRAPH)
        return end if stop < 0 or "\n" in self.text[start:stop] else stop + 1

    def _headed(self, name: str, end: int) -> int:
        match = re.compile(r"\*?[ \t]*(?:\[[^\]]{0,500}\])?\s*\{").match(self.text, end)
        if match is None:
            return end
        self.headings += 1
        if self.headings > MOST_HEADINGS:
            raise DocumentError(f"Expected at most {MOST_HEADINGS:,} headings; got more.", "Split the document.")
        stop = _closing_brace(self.text, match.end())
        if stop is None:
            return end
        found = words(self.text[match.end() : stop])
        if name == "title":
            self.title = self.title or found
        else:
            self.title, self.heading = self.title or found, found
        self.begun = stop + 1
        return stop + 1

    def _begins(self, name: str, match: re.Match[str]) -> int:
        """Read an environment that is verbatim, or holds a claim or defaults; return where reading goes on."""
        if not self.live:
            return match.end()
        if name in LITERAL:
            stop = self.text.find(f"\\end{{{name}}}", match.end())
            return len(self.text) if stop < 0 else stop
        if name == "document":
            self.begun = match.end()
        if name not in (CLAIM, DEFAULTS):
            return match.end()
        return self._claim(name, match)

    def _claim(self, name: str, match: re.Match[str]) -> int:
        start, end = self.line(match.start()), f"\\end{{{name}}}"
        mark = re.compile(rf"\\(begin|end)[ \t]*\{{{name}\}}").search(self.text, match.end())
        closed = mark is not None and mark[1] == "end"
        bound, after = mark.span() if mark is not None and closed else (match.end(), match.end())
        try:
            info, inside = self._options(match.end(), bound)
            fault = None
        except DocumentError as problem:
            info, inside, fault = {}, match.end(), problem
        lines = list(self._lines(inside, bound))
        last = self.line(bound)
        if name == DEFAULTS:
            self._set_defaults(lines, start, closed, fault)
        else:
            block = Block(lines, start, last, "", self.heading, self._paragraph(match.start()), last, info, closed, end)
            self.blocks.append(replace(block, fault=fault))
            require_few(self.blocks)
        self.begun = after
        return after

    def _set_defaults(self, lines: list[SourceLine], start: int, closed: bool, fault: DocumentError | None) -> None:
        try:
            if fault is not None:
                raise fault
            if not closed:
                raise DocumentError("Expected an end of the defaults; got none.", f"Write \\end{{{DEFAULTS}}}.", start)
            own = "\n ".join(["stability:", *(each.text for each in lines)])
            self.defaults = read_defaults(own, lines[0].number - 1 if lines else start)
        except DocumentError as problem:
            self.faults.append(problem)

    def _options(self, at: int, bound: int) -> tuple[dict[str, str], int]:
        """Return the options in brackets, and where they end."""
        match = re.compile(r"[ \t]*(?:%[^\n]*\n[ \t]*)*\[").match(self.text, at)
        if match is None or match.end() > bound:
            return {}, at
        depth, k = 0, match.end()
        while k < bound and (depth or self.text[k] != "]"):
            depth += (self.text[k] == "{") - (self.text[k] == "}")
            k += 1
        if k >= bound:
            raise DocumentError(
                "Expected ] after the options of a claim; got none.", "Write [id=one-minimum].", self.line(at)
            )
        inside = re.sub(r"(?<!\\)%[^\n]*\n\s*", "", self.text[match.end() : k])
        found: dict[str, str] = {}
        for part in split(inside, ","):
            name, equals, value = part.partition("=")
            name, value = name.strip(), " ".join(value.split())
            if not equals or name in found:
                problem = (
                    f"Expected {name} once; got it again." if name in found else f"Expected name=value; got {name}."
                )
                raise DocumentError(problem, "Write [id=one-minimum, on={abs1 xor}].", self.line(at))
            found[name] = value[1:-1].strip() if value.startswith("{") and value.endswith("}") else value
        if argument := re.search(r"#+[1-9]", " ".join(found.values())):
            raise DocumentError(
                f"Expected options that are written out; got {argument[0]}, the argument of a macro.",
                "Write the environment at each claim: no macro is expanded.",
                self.line(at),
            )
        return found, k + 1

    def _lines(self, start: int, stop: int) -> Iterator[SourceLine]:
        """Yield the lines between two places; the first and the last one only if they say something."""
        at = start
        while at < stop:
            end = self.text.find("\n", at, stop)
            end = stop if end < 0 else end
            text, number = self.text[at:end], self.line(at)
            if text.strip() or (at > start and end < stop):
                yield SourceLine(text, number, at - self.starts[number - 1] + 1)
            at = end + 1

    def _paragraph(self, stop: int) -> str:
        """Return the last paragraph before a place and after the last heading or block."""
        before = self.text[max(self.begun, stop - LONGEST_PARAGRAPH) : stop]
        parts = [part for part in BLANK.split(re.sub(r"(?<!\\)%[^\n]*", "", before)) if part.strip()]
        return next((found for part in reversed(parts) if (found := words(part))), "")


def _closing_brace(text: str, at: int) -> int | None:
    """Return where the group that begins before a place ends, if it does soon."""
    depth = 1
    for match in BRACE.finditer(text, at, at + LONGEST_PARAGRAPH):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0:
            return match.start()
    return None


@cache
def _converter() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text")


def words(text: str) -> str:
    r"""Return what a piece of LaTeX says, without macros, in one line.

    Examples
    --------
    >>> words(r"\textbf{Theorem 1.} The minima are $\pm(1/2, -1/2, 0)$\label{one}.")
    'Theorem 1. The minima are ±(1/2, -1/2, 0).'
    """
    plain = MARKS.sub(" ", text[:LONGEST_PARAGRAPH])
    try:
        plain = _converter().latex_to_text(plain, tolerant_parsing=True)
    except Exception:  # a heading that pylatexenc cannot read is shown as it stands
        plain = re.sub(r"[\\{}$]", " ", plain)
    return " ".join(plain.split())
