"""Markdown as it is nested: no claim is passed over without a word."""

import pytest

from stability.audit.readers.documents import read_document, writeup_of
from stability.audit.readers.markdown import DEEPEST

BLOCK = "```stability\n:id: one\n:on: abs1 xor\nloss([0, 0, 0]) = 2\n```\n"


def items(depth):
    return "".join(f"{'  ' * k}- item\n" for k in range(depth))


def read(folder, text):
    path = folder / "notes.md"
    path.write_text(text)
    return read_document(path)


@pytest.mark.parametrize("above", [items(12), items(40), "> " * 60 + "quoted\n", "* + " * 20 + "item\n"])
def test_a_claim_below_deep_lists_and_quotes_is_read(tmp_path, above):
    found = read(tmp_path, f"{above}\n{BLOCK}")
    assert [each.claim.id for each in found.claims] == ["one"]
    assert not found.document.faults


@pytest.mark.parametrize("depth", [12, 40])
def test_a_claim_in_a_deep_list_is_read(tmp_path, depth):
    inside = "".join(f"{'  ' * depth}{row}\n" for row in BLOCK.splitlines())
    (found,) = read(tmp_path, f"{items(depth)}\n{inside}").claims
    assert (found.claim.id, found.block.start) == ("one", depth + 2)


@pytest.mark.parametrize("above", [items(DEEPEST // 2), items(300), "> " * DEEPEST + BLOCK])
def test_what_is_nested_deeper_than_it_is_read_is_an_error(tmp_path, above):
    read(tmp_path, f"{above}\n{BLOCK}")
    (problem, *_) = writeup_of(tmp_path / "notes.md").claims
    with pytest.raises(Exception, match="at most 50 levels"):
        problem.statement()
