"""The settings of a deep training: network, start and optimiser."""

import math
from dataclasses import dataclass

from stability.errors import NumberError, StabilityError, UnknownNameError, nearest
from stability.model.relu_network import KINDS
from stability.training.constraints.penalties import TIES, refuse_numbers

METHODS = ("relu", "relu-bn", "leaky", "crelu", *KINDS)
"""Plain ReLU, with batch normalisation, leaky ReLU, concatenated ReLU, and ReLU with a separation penalty."""

INITS = ("glorot", "zero", "torch-default")
"""Glorot's uniform weights and zero biases; all zero; uniform weights and biases as torch.nn.Linear draws them."""

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Settings:
    """How a rectangular network is built and trained.

    Attributes
    ----------
    depth, width : int
        Hidden layers, and units in each.
    method : str
        One of `METHODS`.
    weight : float
        What the penalty is multiplied with.
    rho, power, ties : float, int, str
        See `stability.training.constraints.penalties.penalty`.
    init : str
        One of `INITS`.
    dropout : float
        The share of hidden outputs that is dropped at the first epoch; it falls to 0 along a line.
    anneal : int
        Epochs until it is 0; it stays as it is if this is 0.
    lr : float
        The step size of Adam.
    slope : float
        Of leaky ReLU below zero.
    main_loss : bool
        False to train on the penalty alone.
    dtype : str
        "float32" or "float64".
    """

    depth: int
    width: int
    method: str
    weight: float = 1e-4
    rho: float = 0.5
    power: int = 2
    ties: str = "split"
    init: str = "glorot"
    dropout: float = 0.0
    anneal: int = 1000
    lr: float = 0.01
    slope: float = 0.01
    main_loss: bool = True
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for word, known, what in (
            (self.method, METHODS, "a method"),
            (self.init, INITS, "an initialisation"),
            (self.ties, TIES, "a way with ties"),
            (self.dtype, DTYPES, "a precision"),
        ):
            if word not in known:
                raise UnknownNameError(f"Expected {what}; got {word!r}.", nearest(str(word), list(known)))
        if self.depth < 1 or self.width < 1 or self.anneal < 0:
            raise StabilityError(
                f"Expected a depth and a width of at least 1, and annealing over at least 0 epochs; got {self.depth}, "
                f"{self.width} and {self.anneal}.",
                "Take depth 50 and width 4.",
            )
        refuse_numbers(self.rho, self.power)
        sizes = {"weight": self.weight, "step size": self.lr, "slope": self.slope}
        for name, value in sizes.items():
            if not (math.isfinite(value) and value >= 0):
                raise NumberError(f"Expected a {name} of at least 0; got {value}.", "Take a finite number, as 0.01.")
        if not 0 <= self.dropout < 1 or self.slope >= 1:
            raise NumberError(
                f"Expected a dropout rate and a slope from 0 to less than 1; got {self.dropout} and {self.slope}.",
                "Take dropout 0.9 and slope 0.01.",
            )

    @property
    def kind(self) -> str | None:
        """The kind of the penalty, if there is one."""
        return self.method if self.method in KINDS else None

    @property
    def normalised(self) -> bool:
        """Whether pre-activations go through batch normalisation."""
        return self.method == "relu-bn"

    @property
    def features(self) -> int:
        """How many numbers a hidden layer hands on."""
        return 2 * self.width if self.method == "crelu" else self.width

    def rate(self, epoch: int) -> float:
        """Return the share that dropout takes in an epoch, counted from 0."""
        if self.anneal == 0:
            return self.dropout
        return self.dropout * max(0.0, 1 - epoch / self.anneal)
