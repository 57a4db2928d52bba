"""The optimisers under which it is decided whether a dead unit comes back."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from stability.errors import NumberError

COMMON = ("lr", "weight_decay", "bias_decay")
FIELDS = {
    "sgd": (*COMMON, "momentum", "dampening", "nesterov"),
    "adam": (*COMMON, "beta1", "beta2", "eps", "taken"),
    "adamw": (*COMMON, "beta1", "beta2", "eps", "taken"),
}
"""What each optimiser has."""


@dataclass(frozen=True)
class RecoveryRule:
    """An optimiser with torch's conventions; what one does not have is 0.

    Attributes
    ----------
    name : str
        "sgd", "adam" (weight decay is part of the gradient) or "adamw" (weight decay scales).
    lr : float
        The greatest learning rate: what is decided holds for all from 0 to this, which may change from step to step.
    weight_decay, bias_decay : float
        Of the weights, and of the biases.
    momentum, dampening : float
    nesterov : bool
    beta1, beta2, eps : float
    taken : int
        Steps that Adam took before.

    Raises
    ------
    NumberError
        If a number is out of its range.

    Examples
    --------
    >>> RecoveryRule("sgd", 0.125, momentum=0.5).to_record()["momentum"]
    '1/2'
    """

    name: str
    lr: float
    weight_decay: float = 0.0
    bias_decay: float = 0.0
    momentum: float = 0.0
    dampening: float = 0.0
    nesterov: bool = False
    beta1: float = 0.0
    beta2: float = 0.0
    eps: float = 0.0
    taken: int = 0

    def __post_init__(self) -> None:
        for key in ("lr", "weight_decay", "bias_decay", "eps"):
            _require(key, getattr(self, key), None)
        for key in ("momentum", "beta1", "beta2"):
            _require(key, getattr(self, key), 1.0)
        if not 0 <= self.dampening <= 1 or self.taken < 0:
            raise NumberError(
                f"Expected a dampening from 0 to 1 and steps of at least 0; got {self.dampening:g} and {self.taken}.",
                "Give what the optimiser has.",
            )

    @property
    def uniform(self) -> bool:
        """Whether weights and biases decay alike."""
        return self.weight_decay == self.bias_decay

    def to_record(self) -> dict[str, Any]:
        """Return it as records have it: every float as the rational number that it is."""
        own = asdict(self)
        kept = {key: own[key] for key in FIELDS[self.name]}
        whole = ("nesterov", "taken")
        return {"name": self.name, **{k: x if k in whole else str(Fraction(x)) for k, x in kept.items()}}

    def said(self) -> str:
        """Return it in words."""
        parts = [f"{key} {value:g}" for key, value in asdict(self).items() if key in FIELDS[self.name] and value]
        return f"{self.name} with {', '.join(parts)}" if parts else self.name


def _require(key: str, value: float, below: float | None) -> None:
    if not isfinite(value) or value < 0 or (below is not None and value >= below):
        upper = "" if below is None else f" and below {below:g}"
        raise NumberError(f"Expected {key} of at least 0{upper}; got {value:g}.", "Give what the optimiser has.")
