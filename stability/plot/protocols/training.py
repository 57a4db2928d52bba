"""What drawings read of runs of training, of monitors, and of studies of many runs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from numpy.typing import ArrayLike

from stability.arrays import Floats, Ints


class DrawnLayerReading(Protocol):
    """What one layer of ReLUs showed at a step; nan where a number is not known."""

    @property
    def name(self) -> str:
        """That of its module."""

    @property
    def units(self) -> int:
        """How many units it has."""

    @property
    def dead_units(self) -> int:
        """Units that are off at all examples."""

    @property
    def affine_units(self) -> int:
        """Units that are on at all examples."""

    @property
    def separating_units(self) -> int:
        """All others."""

    @property
    def dead_fraction(self) -> float:
        """The share of examples that no unit lets through."""

    @property
    def torque_mean(self) -> float:
        """The mean share of the gradient that turns a unit."""

    @property
    def gradient_norm(self) -> float:
        """The length of the gradient by the weight."""

    @property
    def slack_plus(self) -> float:
        """By how much units fail to reach 1, summed over the units."""

    @property
    def slack_minus(self) -> float:
        """By how much they fail to reach -1."""

    @property
    def bias_change(self) -> float:
        """The largest change of a bias since the last reading."""

    @property
    def largest_preactivation(self) -> float:
        """The largest absolute value."""


class DrawnAlarm(Protocol):
    """An alarm, and the panels in which it is marked."""

    @property
    def kind(self) -> str:
        """As "dead data"."""

    @property
    def panels(self) -> Sequence[str]:
        """Titles of panels of the picture of a monitor."""


class DrawnReading(Protocol):
    """What a network showed at a step; nan where a number is not known."""

    @property
    def step(self) -> int:
        """How many steps were made before."""

    @property
    def layers(self) -> Sequence[DrawnLayerReading]:
        """In the order of the computation."""

    @property
    def loss(self) -> float | None:
        """None if it is not known."""

    @property
    def dead_fraction(self) -> float:
        """The share of examples that are dead at some layer."""

    @property
    def weight_norm(self) -> float:
        """Of all parameters that are trained."""

    @property
    def gradient_norm(self) -> float:
        """Of the gradient by them."""

    @property
    def alarms(self) -> Sequence[DrawnAlarm]:
        """What was out of its limit."""


class DrawnLayerGeometry(Protocol):
    """What one layer does to points."""

    @property
    def name(self) -> str:
        """What stands below its bar."""

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of dead_units, affine_units and separating_units, at least."""


class DrawnNetworkGeometry(Protocol):
    """What the layers of a network do to points."""

    @property
    def layers(self) -> Sequence[DrawnLayerGeometry]:
        """In the order of the computation."""


class DrawnDeepData(Protocol):
    """Points of classes 0 and 1."""

    @property
    def x_train(self) -> Floats:
        """The training points, shape (n, d)."""

    @property
    def y_train(self) -> Ints:
        """Their classes, shape (n,)."""


class DrawnHistory(Protocol):
    """Accuracies of S seeds over T epochs."""

    @property
    def history_epochs(self) -> Ints:
        """Shape (T,)."""

    @property
    def history(self) -> Mapping[str, Floats]:
        """train_accuracy and val_accuracy at least, each of shape (S, T)."""


class DrawnAccuracies(Protocol):
    """The accuracies of S seeds, the greatest of all epochs and the final ones; nan where there is none."""

    @property
    def train_accuracy_max(self) -> Floats:
        """Shape (S,)."""

    @property
    def train_accuracy_final(self) -> Floats:
        """Shape (S,)."""

    @property
    def val_accuracy_max(self) -> Floats:
        """Shape (S,)."""

    @property
    def val_accuracy_final(self) -> Floats:
        """Shape (S,)."""


class DrawnNetworks(Protocol):
    """Trained networks of S seeds that answer at points of the plane."""

    @property
    def data(self) -> DrawnDeepData:
        """On which they trained."""

    @property
    def train_accuracy_final(self) -> Floats:
        """Shape (S,)."""

    def answers(self, place: int, points: ArrayLike) -> Floats:
        """Return the logits of one seed, counted from 0, at points of shape (n, d), as an array of shape (n,)."""


class DrawnRates(Protocol):
    """Successes of groups of runs."""

    @property
    def runs(self) -> Ints:
        """How many runs each group has."""

    @property
    def shares(self) -> Floats:
        """The share of successes, of the same shape; nan of no runs."""

    @property
    def intervals(self) -> tuple[Floats, Floats]:
        """The ends of the 95% intervals, of the same shape; nan of no runs."""


class DrawnPolicy(Protocol):
    """What runs under one policy of a controller came to."""

    @property
    def policy(self) -> str:
        """Its name; "none" for no controller."""

    @property
    def runs(self) -> int:
        """How many."""

    @property
    def successes(self) -> int:
        """How many succeed."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of their share."""

    @property
    def healthy(self) -> int:
        """How many succeed without a controller."""

    @property
    def harmed(self) -> int:
        """How many of these fail with it."""


class DrawnPlateau(Protocol):
    """A time in which the loss of a run hardly changes."""

    @property
    def start(self) -> float:
        """When it begins."""

    @property
    def end(self) -> float:
        """When it ends."""

    @property
    def middle(self) -> float:
        """When it changes least."""

    @property
    def loss(self) -> float:
        """What it is then."""


class DrawnLossCurves(Protocol):
    """Losses of R runs at T times."""

    @property
    def times(self) -> Floats:
        """Shape (T,)."""

    @property
    def losses(self) -> Floats:
        """Shape (R, T)."""
