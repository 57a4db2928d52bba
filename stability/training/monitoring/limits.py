"""The limits beyond which readings raise alarms: the one place where their defaults stand."""

from dataclasses import dataclass, fields
from numbers import Real

from stability.errors import NumberError, require_kind

CONDITIONS = ("gradient", "unlearned", "examples")
"""The fields of `Limits` that say when an alarm is judged at all; the others are limits of alarms."""

SMALLEST = ("torque", "bias_change", "gradient_ratio", "rest", "small_scale", "no_update")
"""The limits below which there is an alarm; of all others it is above."""


@dataclass(frozen=True, repr=False)
class Limits:
    """Beyond which numbers there is an alarm; None switches one off.

    Attributes
    ----------
    dead_fraction : float or None
        Largest share of dead examples, for each layer and the network.
    dead_units : float or None
        Largest share of dead units in a layer.
    torque : float or None
        Smallest mean torque of a layer whose gradient is longer than `gradient`.
    gradient : float
    bias_change : float or None
        Smallest change of the fastest bias of a layer between two readings, as a multiple of the learning rate where
        that is known, while the loss has not been learned.
    growth : float or None
        How often the norm of the weights, that of the gradient, or the largest pre-activation may be as large as at the
        first reading, or as 1 if it was smaller then.
    loss_growth : float or None
        The same of the loss, at two readings in a row.
    gradient_ratio : float or None
        Smallest norm of a layer's gradient, as a share of the longest of any layer.
    scale : float or None
        At the first reading, how many times larger than what the first affine map got (or than 1, if that was smaller)
        pre-activations and outputs may be.
    affine_units : float or None
        Largest share of affine units in a layer.
    dead_start : float or None
        Largest share of units of a layer that may be dead at the first reading and still are.
    update_ratio : float or None
        Largest norm of the update of all weights in one step, as a share of that of the weights.
    rest : float or None
        Smallest relative change of the outputs in a step, or spread over examples, while the loss has not been learned.
    small_scale : float or None
        At the first reading, how small the largest range of a unit over examples may be, as a multiple of the largest
        value that the first affine map got; where nothing differs at all it is not judged.
    no_update : float or None
        Smallest norm of the update of all weights in one step, as a share of that of the weights, where there is a
        gradient.
    gradient_kept : float or None
        0, so that no gradient of the step before may be in that of a step.
    unlearned : float
        A loss counts as not learned while it is above this share of that of the first reading.
    examples : float
        Alarms about units that are dead or affine on a batch are raised on batches of at least so many examples.

    Examples
    --------
    >>> from stability import Limits
    >>> Limits(dead_units=0.75, torque=None).dead_units
    0.75
    """

    dead_fraction: float | None = 0.5
    dead_units: float | None = 0.75
    torque: float | None = 0.01
    gradient: float = 1e-6
    bias_change: float | None = 1e-4
    growth: float | None = 1e3
    loss_growth: float | None = 10.0
    gradient_ratio: float | None = 1e-6
    scale: float | None = 100.0
    affine_units: float | None = 0.99
    dead_start: float | None = 0.9
    update_ratio: float | None = 0.3
    rest: float | None = 1e-5
    small_scale: float | None = 1e-6
    no_update: float | None = 1e-12
    gradient_kept: float | None = 0
    unlearned: float = 0.5
    examples: float = 8

    def __repr__(self) -> str:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        sides = dict.fromkeys(CONDITIONS, "") | dict.fromkeys(SMALLEST, "below ")
        on = [f"{name} {sides.get(name, 'above ')}{value:g}" for name, value in given.items() if value is not None]
        off = [name for name, value in given.items() if value is None]
        return "; ".join([f"alarms: {', '.join(on) or 'none'}", *([f"off: {', '.join(off)}"] if off else [])])

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            allowed = Real if field.name in CONDITIONS else Real | None
            require_kind(value, allowed, f"a number for {field.name}", "Give None to switch an alarm off.")
            if value is not None and not value >= 0:
                raise NumberError(
                    f"Expected {field.name} to be at least 0; got {value!r}.", "Give None to switch an alarm off."
                )
