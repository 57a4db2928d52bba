"""Claims of documents as tests: `pytest --stability notes.md` has one item a claim.

Nothing is imported before a document is collected, so that pytest starts as fast as without it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stability.audit.claims import Claim
    from stability.audit.readers.documents import DocumentWriteup
    from stability.audit.verdicts import Verdict

SUFFIXES = (".md", ".markdown", ".tex")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option --stability."""
    group = parser.getgroup("stability")
    group.addoption("--stability", action="store_true", help="collect the claims of documents in Markdown and LaTeX")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ClaimDocument | None":
    """Return a document as a file of tests, where that is asked for."""
    if not parent.config.getoption("--stability") or file_path.suffix.lower() not in SUFFIXES:
        return None
    return ClaimDocument.from_parent(parent, path=file_path)


class ClaimDocument(pytest.File):
    """A document whose claims are tests."""

    def collect(self) -> Iterator["ClaimItem"]:
        """Yield the claims; a document that makes none has no tests."""
        from stability.audit.readers.documents import has_claims, writeup_of

        if not has_claims(self.path):
            return
        writeup = writeup_of(self.path)
        expected = {each.claim.id: each.expect for each in writeup.read.claims}
        for claim in writeup.claims:
            yield ClaimItem.from_parent(
                self, name=claim.id, claim=claim, writeup=writeup, expect=expected.get(claim.id, "")
            )


class ClaimItem(pytest.Item):
    """A claim as a test.

    Parameters
    ----------
    claim : Claim
    writeup : DocumentWriteup
        The document that makes it.
    expect : str
        The status that it must have; "" for any that does not fail.
    """

    def __init__(self, *, claim: "Claim", writeup: "DocumentWriteup", expect: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim, self.writeup, self.expect = claim, writeup, expect

    def runtest(self) -> None:
        """Judge the claim.

        Raises
        ------
        ClaimFailure
            If it has another status than it should.
        """
        from stability.audit.run import judge
        from stability.audit.verdicts import FAILED

        found: list[Verdict] = []
        judge(self.writeup, [self.claim], found)
        verdict = next(each for each in found if each.claim.id == self.claim.id)
        status, said = verdict.status, f"{self.claim.id} is {verdict.status}: {verdict.reason}"
        if status == "error" or (self.expect and status != self.expect):
            raise ClaimFailure(f"{said} ({self.expect} was expected.)" if self.expect else said)
        if self.expect:
            return
        if status in FAILED:
            raise ClaimFailure(said)
        if status == "open":
            pytest.xfail(said)
        if status == "opinion":
            pytest.skip(said)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return why a claim fails in one sentence with its place."""
        if isinstance(excinfo.value, ClaimFailure):
            place = self.claim.place
            return f"{self.path}:{place.line if place else 1}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the claim stands."""
        place = self.claim.place
        return self.path, place.line - 1 if place else 0, f"{self.path.name}: {self.claim.id}"


class ClaimFailure(Exception):  # noqa: N818 - no error of the code, but of what a document says
    """A claim that has another status than it should."""
