"""Runs of the controller as it is written: whether it keeps training out of bad ends, and whom it harms.

Source: prototype-surface-control, sections 5 and 7. The write-up names no thresholds; these are those of `as-written`.
"""

from collections.abc import Sequence

from stability.audit.counts import Counted
from stability.studies.interventions import PolicyOutcome, compare_on_runs, compare_on_xor

POLICY = "as-written"


def controlled_xor(restarts: int, init: str = "normal:0.5") -> list[Counted]:
    """Count the runs of two ReLUs on XOR that the controller rescues, and those that it harms."""
    return _counts(compare_on_xor(restarts, [POLICY], init=init))


def controlled_moons(seeds: int, epochs: int = 600) -> list[Counted]:
    """Count the same for networks of 50 layers of 4 units on the two moons."""
    return _counts(compare_on_runs("moons", seeds, epochs, [POLICY], workers=1))


def _counts(found: Sequence[PolicyOutcome]) -> list[Counted]:
    alone, controlled = found
    return [
        Counted("succeed alone", alone.successes, alone.runs),
        Counted("succeed with the controller", controlled.successes, controlled.runs),
        Counted("of those that fail alone, succeed with it", controlled.rescued, alone.runs - alone.successes),
        Counted("of those that succeed alone, fail with it", controlled.harmed, controlled.healthy),
        Counted("of those that succeed alone, are repaired all the same", controlled.alarmed, controlled.healthy),
    ]
