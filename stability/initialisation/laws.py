"""From which points does training, or a flow, start?"""

from collections.abc import Callable
from math import isfinite

import numpy as np

from stability.arrays import Floats
from stability.errors import NumberError, StabilityError, UnknownNameError, nearest
from stability.exact.limits import require_memory
from stability.exact.numbers import float64, rational
from stability.model.network_loss import NetworkLoss

Law = Callable[[np.random.Generator, tuple[int, int, int]], Floats]

COPIES = 4
"""How often starts are in memory at once, at most."""

BLOCK = 1024
"""Restarts drawn from one random stream; the stream is keyed by the seed and the number of the block."""


def normal(std: float, bias_std: float = 0.0) -> Law:
    """Return the law of centred normal weights and biases with these standard deviations."""
    if std < 0 or bias_std < 0:
        raise NumberError(
            f"Expected standard deviations of at least 0; got {std:g} and {bias_std:g}.", "Write normal:0.5."
        )

    def draw(stream: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
        scale = np.full(shape[2], std)
        scale[-1] = bias_std
        drawn: Floats = stream.standard_normal(shape) * scale + 0.0
        return drawn

    return draw


def uniform(low: float, high: float | None = None) -> Law:
    """Return the law of weights and biases uniform on [low, high), or on [-low, low) if only one is given."""
    low, high = (-low, low) if high is None else (low, high)
    if not low < high:
        raise NumberError(f"Expected A < B; got uniform:{low:g}:{high:g}.", "Write uniform:1 or uniform:-1:1.")
    if isfinite(high - low):
        return lambda stream, shape: stream.uniform(low, high, shape)

    def draw(stream: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
        share = stream.random(shape)
        drawn: Floats = (1 - share) * low + share * high
        return drawn

    return draw


LAWS: dict[str, tuple[Callable[..., Law], range, str]] = {
    "normal": (normal, range(1, 3), "normal:STD or normal:STD:BIAS_STD"),
    "uniform": (uniform, range(1, 3), "uniform:A or uniform:A:B"),
}
"""Every law: its function, how many numbers it takes, and how it is spelled."""


def law(spelling: str) -> Law:
    """Return the law with this spelling: "normal:STD", "normal:STD:BIAS_STD", "uniform:A" or "uniform:A:B".

    Without BIAS_STD the biases are 0; "uniform" covers weights and biases.

    Raises
    ------
    UnknownNameError
        If there is no such law, or it takes another number of numbers.
    NumberError
        If an entry is not a number that makes sense there.
    """
    name, *entries = spelling.split(":")
    forms = [form for *_, form in LAWS.values()]
    if name not in LAWS:
        raise UnknownNameError(f"Expected a law of starts; got {spelling!r}.", nearest(spelling, forms))
    make, counts, form = LAWS[name]
    if len(entries) not in counts:
        raise UnknownNameError(f"Expected {form}; got {spelling!r}.", f"Known: {', '.join(forms)}.")
    return make(*(float64(rational(entry), spelling) for entry in entries))


FEWER = "Ask for fewer: the 95% interval of a share is 1% wide after 40,000."


def starts(landscape: NetworkLoss, spelling: str, restarts: int, seed: int) -> Floats:
    """Return random starting points, one per restart.

    Restart i is the same for every number of restarts.

    Parameters
    ----------
    landscape : NetworkLoss
        Gives the shape of a point.
    spelling : str
        The law, as `law` reads it.
    restarts : int
        How many points, at least 1.
    seed : int
        From 0 to 2^63 - 1.

    Returns
    -------
    array of float64, shape (restarts, units, d + 1)
        Rows (w_1, ..., w_d, b).
    """
    draw = law(spelling)
    if restarts < 1 or not 0 <= seed < 2**63:
        raise StabilityError(
            f"Expected at least one start and a seed from 0 to 2^63 - 1; got {restarts} and {seed}.",
            "Ask for 100, with the seed 0.",
        )
    require_memory(restarts, landscape.parameters * COPIES * np.dtype(float).itemsize, "starts", FEWER)
    shape = (BLOCK, landscape.units, landscape.width)
    streams = (np.random.Generator(np.random.Philox(key=[seed, block])) for block in range(-(-restarts // BLOCK)))
    with np.errstate(over="ignore"):
        blocks = [draw(stream, shape) for stream in streams]
    found = np.concatenate(blocks)[:restarts]
    if not np.isfinite(found).all():
        raise NumberError(f"Expected starts below 1e308; {spelling} gives larger ones.", "Use smaller numbers.")
    return found
