"""Claims in Markdown: fenced blocks with the info string `stability`, wherever Markdown has a fence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

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
from stability.audit.readers.defaults import read_defaults

INFO = re.compile(r"(?:stability|\{stability\})(?:\s+(.*))?")
FENCE = re.compile(r"(`{3,}|~{3,})")
MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]*>", re.DOTALL)
PAIR_OPEN = re.compile(r"<!--\s*stability:")

DEEPEST = 100
"""Levels of lists and quotes, where an entry of a list has two; the parser passes over what stands deeper or behind."""


def read_markdown(path: Path) -> Document:
    """Return a Markdown document with its blocks.

    Raises
    ------
    DocumentError
        If the file cannot be read.
    """
    text = read_text(path)
    rows = [row.rstrip("\r\n") for row in lines_of(text)]
    tokens = markdown_parser().parse(plain_text(rows))
    faults: list[DocumentError] = []
    front = next((token for token in tokens if token.type == "front_matter"), None)
    defaults: dict[str, Any] = {}
    if front is not None:
        try:
            defaults = read_defaults(front.content, line=2)
        except DocumentError as problem:
            faults.append(problem)
    faults += _too_deep(tokens)
    blocks = list(_blocks(tokens, rows, 0))
    require_few(blocks)
    title = next(_headings(tokens), "") or path.stem
    return Document(path, text, str(defaults.get("title", "") or title), blocks, defaults, faults)


def markdown_parser() -> MarkdownIt:
    """Return what parses documents: CommonMark with tables and front matter."""
    return MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table").use(front_matter_plugin)


def _too_deep(tokens: Sequence[Token]) -> list[DocumentError]:
    """Return what is wrong with lists and quotes so deep in each other that claims may be passed over."""
    deep = next((each for each in tokens if each.level >= DEEPEST - 1 and each.map), None)
    if deep is None or deep.map is None:
        return []
    problem = f"Expected lists and quotes of at most {DEEPEST // 2} levels; got more."
    return [DocumentError(problem, "Write them less deep: what follows may not be read.", deep.map[0] + 1)]


def _headings(tokens: Sequence[Token]) -> Iterator[str]:
    for k, token in enumerate(tokens):
        if token.type == "heading_open":
            yield words_of(tokens[k + 1])


def text_of(token: Token) -> str:
    """Return the text of a paragraph or heading, without marks, with its line ends."""
    parts = ["\n" if each.type in ("softbreak", "hardbreak") else each.content for each in token.children or ()
             if each.type in ("text", "code_inline", "softbreak", "hardbreak")]  # fmt: skip
    return "".join(parts)


def words_of(token: Token) -> str:
    """Return the text of a paragraph or heading in one line."""
    return " ".join(text_of(token).split())


def _shown(content: str) -> str:
    """Return the text of an HTML block in one line, without tags and comments."""
    return " ".join(unescape(MARKUP.sub(" ", content)).split())


def _blocks(tokens: Sequence[Token], rows: Sequence[str], offset: int) -> Iterator[Block]:
    """Yield the blocks among tokens whose lines start so far into the file; a paragraph has the words of one block."""
    heading = paragraph = ""
    for k, token in enumerate(tokens):
        if token.type == "heading_open":
            heading, paragraph = words_of(tokens[k + 1]), ""
        elif token.type == "paragraph_open":
            paragraph = words_of(tokens[k + 1])
        elif token.type == "fence" and INFO.fullmatch(token.info.strip()) and token.map:
            yield _block(token, rows, offset, heading, paragraph)
            paragraph = ""
        elif token.type == "html_block" and token.map and not PAIR_OPEN.match(token.content.lstrip()):
            paragraph = _shown(token.content) or paragraph
            for block in _hidden(token, rows, offset):
                yield replace(block, heading=heading, paragraph=paragraph, after=offset + token.map[1])
                paragraph = ""


def _hidden(token: Token, rows: Sequence[str], offset: int) -> Iterator[Block]:
    """Yield the blocks inside an HTML comment."""
    content, start = token.content, token.content.find("<!--")
    if start < 0 or not token.map:
        return
    inside = content[:start] + content[start + 4 :].partition("-->")[0]
    if "stability" in inside:
        yield from _blocks(markdown_parser().parse(inside), rows, offset + token.map[0])


def _block(token: Token, rows: Sequence[str], offset: int, heading: str, paragraph: str) -> Block:
    assert token.map is not None
    start, stop = offset + token.map[0], offset + token.map[1]
    first = rows[start]
    fence = FENCE.search(first)
    prefix = first[: fence.start()] if fence else ""
    lines = [_line(text, rows, start + 1 + k) for k, text in enumerate(token.content.split("\n")[:-1])]
    closed = len(lines) <= stop - start - 2
    return Block(lines, start + 1, stop, re.sub(r"[^>\s]", " ", prefix), heading, paragraph, stop, closed=closed)


def _line(text: str, rows: Sequence[str], k: int) -> SourceLine:
    row = rows[k] if k < len(rows) else text
    return SourceLine(text, k + 1, max(row.find(text), 0) + 1 if text else 1)
