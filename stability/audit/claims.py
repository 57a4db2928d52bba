"""What does a write-up claim, in our words, and what would be true instead?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stability.audit.measurements import Measurement, Prediction
from stability.audit.studies import Study
from stability.errors import StabilityError
from stability.exact.statements import Statement

Formal = Statement | Callable[[], Statement]


@dataclass(frozen=True)
class Repair:
    """The nearest true statement to a claim that is false or empty."""

    says: str
    statement: Formal


@dataclass(frozen=True)
class Claim:
    """One claim of a write-up. Exactly one of statement, measure, opinion and unsettled is given.

    Attributes
    ----------
    id : str
        Short and unique within the write-up.
    where : str
        The section.
    says : str
        The claim, in our words.
    statement : Statement or callable, optional
        What it says formally; the verdict is computed from it.
    measure : Study or callable, optional
        A training experiment; its numbers can only reproduce the claim or fail to.
    opinion : str
        Why this cannot be checked.
    unsettled : str
        Why this checkable claim stays open.
    because : str
        What a reader should know about how it fails; shown with the reason that was computed.
    repair : Repair, optional
        What is true instead.
    predicts : Prediction, optional
        Where training must go if the verdict is right; confirmed or contradicted by runs, never a proof.
    """

    id: str
    where: str
    says: str
    statement: Formal | None = None
    measure: Study | Callable[[], Measurement] | None = None
    opinion: str = ""
    unsettled: str = ""
    because: str = ""
    repair: Repair | None = None
    predicts: Prediction | None = None

    def __post_init__(self) -> None:
        grounds = [
            self.statement is not None,
            self.measure is not None,
            self.opinion != "",
            self.unsettled != "",
        ]
        if sum(grounds) != 1:
            raise StabilityError(
                f"Claim {self.id!r} gives {sum(grounds)} of statement, measure, opinion and unsettled.",
                "Give exactly one.",
            )

    @property
    def kind(self) -> str:
        """What sort of claim it is: "statement", "measurement", "opinion" or "unsettled"."""
        if self.statement is not None:
            return "statement"
        return "measurement" if self.measure is not None else "opinion" if self.opinion else "unsettled"


@dataclass(frozen=True)
class Writeup:
    """A document with the claims that it makes."""

    id: str
    title: str
    claims: Sequence[Claim]

    def __post_init__(self) -> None:
        ids = [claim.id for claim in self.claims]
        double = sorted({i for i in ids if ids.count(i) > 1})
        if double:
            raise StabilityError(f"{self.id} has several claims called {', '.join(double)}.", "Rename one.")
