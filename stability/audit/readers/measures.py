"""Clauses of a block that are measured instead of proved, and how those of one block become one measure.

A new kind is one entry of MEASURES: its reader gets all clauses of its kinds in the block, in order, and returns
measures whose cost is estimated. Statements and measures do not stand in one block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stability.audit.measurements import EstimatedMeasure, Measurement
from stability.audit.readers.clauses import Clause
from stability.audit.readers.defaults import DocumentContext
from stability.audit.readers.shares import basins, probability
from stability.audit.readers.statements import Reader
from stability.audit.readers.training import training

MeasureReader = Callable[[Reader, DocumentContext, Sequence[Clause]], list[EstimatedMeasure]]
"""From the landscapes of a block, what its document defines, and clauses, to what is measured."""

MEASURES: dict[str, MeasureReader] = {
    "train": training,
    "published": training,
    "basins": basins,
    "probability": probability,
}
"""How each kind of clause that is measured is read; kinds with one reader are read together."""


@dataclass(frozen=True)
class _AllMeasures:
    """Measures that are judged together."""

    parts: Sequence[EstimatedMeasure]

    def __call__(self) -> Measurement:
        """Measure everything; one part that is not reproduced decides."""
        from stability.audit.hypothesis_tests import all_of

        return all_of(*(part.run() for part in self.parts))


def is_measured(found: Sequence[Clause]) -> bool:
    """Return whether the clauses of a claim are measured.

    Raises
    ------
    DocumentError
        If some are and some are not.
    """
    first = next((each for each in found if each.kind in MEASURES), None)
    other = next((each for each in found if each.kind not in MEASURES), None)
    if first is not None and other is not None:
        raise other.error(
            f"Expected clauses that are all measured or all proved; got {first.kind!r} and {other.kind!r}.",
            "Write two blocks, each with an id of its own.",
        )
    return first is not None


def measure(reader: Reader, context: DocumentContext, found: Sequence[Clause]) -> EstimatedMeasure:
    """Return all clauses of a claim as one measure.

    Raises
    ------
    DocumentError
        If one is malformed.
    """
    groups: dict[MeasureReader, list[Clause]] = {}
    for clause in found:
        groups.setdefault(MEASURES[clause.kind], []).append(clause)
    parts = [part for read, own in groups.items() for part in read(reader, context, own)]
    return parts[0] if len(parts) == 1 else EstimatedMeasure(_AllMeasures(parts), sum(part.seconds for part in parts))
