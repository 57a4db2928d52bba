"""Losses over the time of gradient descent, and the plateaus at which they hardly change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stability.arrays import Floats
from stability.errors import StabilityError
from stability.model.network_loss import NetworkLoss
from stability.training.ensembles.reference_descent import descend


@dataclass(frozen=True)
class Plateau:
    """A time in which the loss of one run hardly changes.

    Attributes
    ----------
    run : int
        Counted from 0.
    start, end : float
        In units of time: steps by their length.
    middle, loss : float
        When the loss changes least, and what it is then.
    final : bool
        Whether it lasts until the end of the run.
    """

    run: int
    start: float
    end: float
    middle: float
    loss: float
    final: bool


@dataclass(frozen=True)
class LossCurves:
    """Losses of runs of gradient descent over time.

    Attributes
    ----------
    times : array, shape (looks,)
        Steps by their length, from 0 on.
    losses : array, shape (restarts, looks)
        Of the landscape.
    points : array
        Where the runs end, in the shape of the starts.
    """

    times: Floats
    losses: Floats
    points: Floats

    def plateaus(self, rate: float = 0.02, least: float = 0.8) -> list[Plateau]:
        """Return the plateaus of all runs, in their order: the loss changes more slowly than a rate for a least time.

        Parameters
        ----------
        rate : float
            Loss per unit of time, above 0.
        least : float
            A time.

        Examples
        --------
        >>> curves = LossCurves(np.arange(5.0), np.array([[2.0, 1.01, 1.0, 0.5, 0.5]]), np.zeros((1, 1, 3)))
        >>> [(each.start, each.end, each.loss, each.final) for each in curves.plateaus()]
        [(1.0, 2.0, 1.01, False), (3.0, 4.0, 0.5, True)]
        """
        speeds = np.abs(np.diff(self.losses, axis=1)) / np.diff(self.times)
        return [
            self._plateau(run, first, last, speeds[run])
            for run, slow in enumerate(speeds < rate)
            for first, last in _spans(slow)
            if self.times[last] - self.times[first] >= least
        ]

    def _plateau(self, run: int, first: int, last: int, speeds: Floats) -> Plateau:
        slowest = first + int(speeds[first:last].argmin())
        start, end, middle = (float(self.times[k]) for k in (first, last, slowest))
        return Plateau(run, start, end, middle, float(self.losses[run, slowest]), last == len(self.times) - 1)


def _spans(slow: Floats) -> list[tuple[int, int]]:
    """Return where runs of true values begin, and where they have ended."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], slow, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def loss_curves(landscape: NetworkLoss, starts: ArrayLike, *, step: float, until: float, every: int = 10) -> LossCurves:
    """Return the losses of full-batch gradient descent in float64 over time, as `descend` computes it.

    Parameters
    ----------
    landscape : NetworkLoss
        Its loss, sum or mean, is what descends.
    starts : array
        As `descend` has them.
    step : float
        The learning rate, above 0; small, so that descent is close to gradient flow.
    until : float
        The time at which it ends: steps by their length.
    every : int
        Steps between two looks at the loss.

    Raises
    ------
    PointError
        If the starts are empty, of the wrong shape, or not finite.
    StabilityError
        If a setting makes no sense.

    Examples
    --------
    >>> from stability import landscape
    >>> found = loss_curves(landscape("abs1", "xor"), [[[0, 0, 0.1]]], step=0.01, until=3)
    >>> found.losses.shape, [round(float(x), 3) for x in found.losses[0, [0, -1]]]
    ((1, 31), [1.64, 1.0])
    """
    if every < 1 or not 0 < step * every <= until < np.inf:
        raise StabilityError(
            f"Expected every >= 1 and an end after that many steps; got every {every}, step {step} and until {until}.",
            "Write loss_curves(landscape, starts, step=0.01, until=10).",
        )
    looks = round(until / (step * every))
    ends = [descend(landscape, starts, step=step, epochs=0, device="cpu", stop_gradient=0)]
    for _ in range(looks):
        ends.append(descend(landscape, ends[-1].points, step=step, epochs=every, device="cpu", stop_gradient=0))
    return LossCurves(step * every * np.arange(looks + 1.0), np.stack([end.losses for end in ends], 1), ends[-1].points)
