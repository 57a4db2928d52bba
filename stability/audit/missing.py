"""Stand-ins for definitions of a document that could not be made, and how errors are reported."""

from collections.abc import Iterator
from typing import Any

from stability.errors import StabilityError, missing_extra
from stability.io.printable import printable

LONGEST = 600
"""Characters of an error that are shown."""


def error_line(problem: BaseException) -> str:
    """Return an error as one line: what was expected, what came, what to try; or its type and what it says.

    Nothing in it moves the cursor or hides; an error that cannot say what it is has its type alone.
    """
    try:
        said = _said(problem)
    except KeyboardInterrupt:
        raise
    except BaseException:
        said = f"{type.__repr__(type(problem))[8:-2]}: it cannot be shown"
    line = printable(" ".join(said.split()))
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _said(problem: BaseException) -> str:
    problem = missing_extra(problem) or problem
    if isinstance(problem, StabilityError):
        return f"{problem.problem} {problem.remedy}"
    if isinstance(problem, SyntaxError):
        return f"The document is no Python: {problem.msg}, line {problem.lineno}."
    return f"{type(problem).__name__}: {problem}"


class Missing:
    """A definition that failed: used as a list of claims it is one claim that raises why, used otherwise it raises why.

    Attributes
    ----------
    raised : bool
        Whether something that uses it has raised why.
    """

    def __init__(self, problem: BaseException, place: Any, name: str, claim: Any) -> None:
        self.problem, self.place, self.name, self.claim = problem, place, name, claim
        self.raised = False

    def __iter__(self) -> Iterator[Any]:
        return iter([self.claim])

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__") and attribute.endswith("__"):
            raise AttributeError(attribute)
        return self._raise()

    def _raise(self, *_: Any, **__: Any) -> Any:
        self.raised = True
        where = f"line {self.place.line} of {self.place.file}"
        raise StabilityError(
            f"{self.name}, which is used here, failed in {where}: {error_line(self.problem)}", "Mend that line."
        )

    __call__ = __getitem__ = __str__ = __format__ = __add__ = __radd__ = __contains__ = _raise
    __mul__ = __rmul__ = __sub__ = __rsub__ = __neg__ = __truediv__ = __rtruediv__ = __float__ = __int__ = _raise
