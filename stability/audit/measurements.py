"""Judgement of a claim by real training runs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from stability.errors import StatementError
from stability.logic.formulas import short
from stability.logic.validation import called, finite, positive_float, whole_number, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stability.training.ensembles.reference_descent import End


TRAINING_BUDGET = 60.0
"""Seconds that a measured claim of a document may take, if nothing else is asked for."""


@dataclass(frozen=True)
class Measurement:
    """A measured share or number, and whether it confirms the claim.

    Attributes
    ----------
    reproduced : bool or None
        Whether the measurement is compatible with the claim; None where it cannot be decided.
    says : str
        What was measured, with n and the interval, or why it cannot be decided.
    instead : str
        Where it is not reproduced, what was measured in the words of the claim, with n and the interval; "" where that
        is not said.

    Examples
    --------
    >>> Measurement(False, "19 of 20 succeed.", "success 19/20").instead
    'success 19/20'
    """

    reproduced: bool | None
    says: str
    instead: str = ""

    def __post_init__(self) -> None:
        if self.reproduced is not None and type(self.reproduced).__name__ not in ("bool", "bool_"):
            raise StatementError(
                f"Expected True, False or None (undecided) for a measurement; got {short(self.reproduced)}.",
                "Compare with something.",
            )
        words(self.says, "what a measurement says")


def with_instead(found: Measurement, instead: str) -> Measurement:
    """Return a measurement that says what was measured instead, where it does not reproduce the claim."""
    return found if found.reproduced is None or found.reproduced else replace(found, instead=instead)


@dataclass(frozen=True)
class EstimatedMeasure:
    """An experiment whose cost is known before it runs.

    Attributes
    ----------
    run : callable
        Returns the Measurement.
    seconds : float
        What it takes at a nominal speed: by its settings, not by the clock, so that no verdict depends on a machine.

    Raises
    ------
    StatementError
        If it is no function, or the seconds are no finite number.

    Examples
    --------
    >>> EstimatedMeasure(lambda: Measurement(True, "1 of 1."), seconds=0.5)()
    Measurement(reproduced=True, says='1 of 1.', instead='')
    """

    run: Callable[[], Measurement]
    seconds: float = 0.0

    def __post_init__(self) -> None:
        called(self.run, "an experiment")
        finite(self.seconds, "the seconds of an experiment")

    def __call__(self) -> Measurement:
        """Measure."""
        return self.run()

    def within(self, max_seconds: float) -> Measurement:
        """Measure, or return as undecided what takes longer than a budget of seconds."""
        if self.seconds <= max_seconds:
            return self.run()
        wanted = ceil(self.seconds)
        return Measurement(None, f"It needs about {wanted:,} s; --budget {wanted} runs it.")


@dataclass(frozen=True)
class Prediction:
    """Where gradient descent must end from each start, if a verdict is right.

    Attributes
    ----------
    says : str
        The prediction in words.
    model, data, loss : str
        The landscape, by spelling.
    starts : str
        The initialisation, as "uniform:-1:1" or "normal:0.5:0.5".
    expected : callable
        (starts, End) -> one bool per run: did it end as predicted? NaN never counts as agreement.
    relevant : callable, optional
        starts -> one bool per run: does the prediction speak about this start?
    step, epochs, restarts, seed
        Settings of plain gradient descent.

    Raises
    ------
    StatementError
        If an entry is none of these.
    UnknownNameError, DataError
        If there is no such landscape.
    """

    says: str
    model: str
    expected: "Callable[[NDArray[Any], End], NDArray[Any]]"
    relevant: "Callable[[NDArray[Any]], NDArray[Any]] | None" = None
    data: str = "xor"
    loss: str = "sum"
    starts: str = "uniform:-1:1"
    step: float = 0.02
    epochs: int = 3000
    restarts: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        from stability.initialisation.sampling import starts
        from stability.landscapes import landscape

        words(self.says, "what a prediction says")
        place = landscape(self.model, self.data, self.loss)
        words(self.starts, "the law of the starts")
        starts(place, self.starts, 1, 0)
        called(self.expected, "what is expected")
        if self.relevant is not None:
            called(self.relevant, "which starts are relevant")
        positive_float(self.step, "the step")
        whole_number(self.epochs, "epochs")
        whole_number(self.restarts, "restarts", 1)
        whole_number(self.seed, "the seed")

    def run(self) -> str:
        """Return "agreement: k of n runs", run on the device that `auto` finds."""
        from stability.initialisation.sampling import starts
        from stability.landscapes import landscape
        from stability.training.ensembles.reference_descent import descend

        place = landscape(self.model, self.data, self.loss)
        begin = starts(place, self.starts, self.restarts, self.seed)
        if self.relevant is not None:
            begin = begin[self.relevant(begin)]
        if not len(begin):
            return f"no run: none of {self.restarts} starts is one that the prediction speaks about ({self.says})"
        end = descend(place, begin, step=self.step, epochs=self.epochs)
        agreeing = int((self.expected(begin, end) & end.finite).sum())
        verb = "agreement" if agreeing == len(begin) else "disagreement"
        return f"{verb}: {agreeing} of {len(begin)} runs ({self.says}; {end.device}, seed {self.seed})"


def proportion(successes: int, runs: int) -> str:
    """Return a share with its 95% Wilson interval in words."""
    from stability.model.wilson import wilson

    low, high = wilson(successes, runs)
    return f"{successes} of {runs} ({successes / runs:.1%}, 95% interval {low:.1%} to {high:.1%})"
