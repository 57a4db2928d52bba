"""Which claims are measured by training experiments, and how are these judged?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stability.audit.measurements import Measurement

if TYPE_CHECKING:
    from stability.audit.experiments import Experiment


@dataclass(frozen=True)
class Study:
    """A measured claim: experiments, and what their results say.

    Attributes
    ----------
    experiments : sequence of Experiment
    judge : callable
        From their results, in the same order, to a Measurement.
    """

    experiments: "Sequence[Experiment]"
    judge: Callable[..., Measurement]
