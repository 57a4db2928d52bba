"""Why a statement stays open, in sentences: what was tried, where it failed, and which hints may help."""

from stability.errors import CertificateError
from stability.logic.branches import UniversalStatement
from stability.logic.instances import linear_points
from stability.logic.prover import Search, Stuck

LONGEST_POINT = 160
"""Characters of a point that is shown."""


def unsettled(
    question: UniversalStatement, search: Search | None = None, problem: CertificateError | None = None
) -> str:
    """Return why neither a proof nor a counterexample was found.

    Parameters
    ----------
    question : UniversalStatement
    search : Search, optional
        The last one.
    problem : CertificateError, optional
        How it ended.
    """
    stuck = problem if isinstance(problem, Stuck) else None
    where = _where(question, stuck)
    if search is not None and problem is not None and stuck is None:
        where = f" ({_sentence(problem.problem)} after {counted(search.branches, 'case')})"
    squares = [each for each in question.squares if ".out(" not in each]  # documents add outputs by themselves
    hints = (
        "try_at (where it fails)",
        f"squares (polynomials whose squares help, beside {_listed(squares)})"
        if squares
        else "squares (polynomials whose squares help)",
        "splits (polynomials by whose sign to distinguish cases)",
    )
    return (
        f"Neither a proof nor a counterexample was found{where}.\n"
        "  Tried: points near kinks, in every region found and on surfaces of degree 2; sums of squares, and products "
        f"of up to three facts. A hint may help: {', '.join(hints)}."
    )


def without_instance(question: UniversalStatement, search: Search) -> str:
    """Return why it is not known whether the givens, or all that values are to satisfy, can hold at all."""
    what = "the givens" if question.goals else "all conditions"
    return (
        f"Neither values that satisfy {what}, nor a contradiction between these, were found.\n"
        f"  Tried: points near kinks, in every region found and on surfaces of degree 2, and a proof by "
        f"{counted(search.branches, 'case')}. "
        f"A hint may help: try_at (values that satisfy {what})."
    )


def too_long(steps: int) -> str:
    """Return why a search within a number of steps ended without an answer."""
    return (
        f"It needs more than {steps:,} steps: neither a proof nor a counterexample was found before.\n"
        "  A proof distinguishes the signs of all pre-activations and of what stands in abs, relu, max and min, so "
        "that cases multiply with them. Try fewer variables, a smaller network or data set, conditions that fix signs, "
        "or a hint try_at (values to look at)."
    )


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _sentence(problem: str) -> str:
    return problem.rstrip(".").replace("No proof was found", "the search ended")


def _listed(texts: object) -> str:
    return ", ".join(map(str, texts)) if isinstance(texts, list | tuple) else str(texts)


def _where(question: UniversalStatement, stuck: Stuck | None) -> str:
    """Return a point of the region on which the proof failed."""
    if stuck is None or not question.names:
        return ""
    for x in linear_points(len(question.names), stuck.facts, tries=1):
        point = ", ".join(f"{name} = {c}" for name, c in zip(question.names, x, strict=True))
        if len(point) <= LONGEST_POINT:
            return f"; the proof fails in the region of {point}"
    return ""
