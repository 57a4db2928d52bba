"""The rows of an initialisation, drawn so that restart i is the same in every run."""

import numpy as np

from stability.arrays import Floats
from stability.errors import NumberError, StabilityError
from stability.exact.limits import require_memory
from stability.initialisation.problem import InitialisationProblem, place_of, shape_of
from stability.initialisation.random_streams import Streams
from stability.initialisation.table import parse, reads_data
from stability.model.flat_points import by_rows
from stability.model.network_loss import NetworkLoss

BLOCK = 1024
"""Restarts drawn from one random stream; the stream is keyed by the seed and the number of the block."""

COPIES = 4
"""How often starts are in memory at once, at most."""

FEWER = "Ask for fewer: the 95% interval of a share is 1% wide after 40,000."


def initial(
    spelling: str, place: InitialisationProblem, restarts: int, seed: int, *, first: int = 0, block: int = BLOCK
) -> Floats:
    """Return the starting parameters of the restarts first, ..., first + restarts - 1.

    Restart i is the same for every number of restarts and every `first`. Restarts come in blocks, each with its random
    streams; the k-th attempt of a block is one draw for all its restarts.

    Parameters
    ----------
    spelling : str
        As in `listing`: "normal:0.5", "loss-below:0.5:0.072", "hypersphere".
    place : InitialisationProblem
        Data, units, head and loss.
    restarts : int
        How many, at least 1.
    seed : int
        From 0 to 2^63 - 1.
    first : int
        The number of the first restart.
    block : int
        Restarts per block. Another size gives other draws; 1 suits a single large layer.

    Returns
    -------
    array of float64, shape (restarts, parameters)
        Flat rows, as `InitialisationProblem` lays them out.

    Raises
    ------
    StabilityError
        If the spelling or the place does not fit, or no draw out of ATTEMPTS satisfies what is asked.
    NumberError
        If numbers are drawn that no float holds.
    """
    law, choice = parse(spelling)
    if restarts < 1 or first < 0 or block < 1 or not 0 <= seed < 2**63:
        raise StabilityError(
            f"Expected at least one start, counted from 0, and a seed from 0 to 2^63 - 1; got the number {restarts}"
            f"{f', from number {first} on,' if first else ''} and the seed {seed}.",
            "Ask for 100, with the seed 0.",
        )
    sample = choice(place, law, seed)
    last = first + restarts
    rows = np.empty((restarts, place.parameters))
    for number in range(first // block, -(-last // block)):
        low, high = max(first, number * block), min(last, (number + 1) * block)
        wanted = np.arange(low, high) - number * block
        with np.errstate(over="ignore"):
            rows[low - first : high - first] = sample(Streams(seed, number, block), wanted)
    if not np.isfinite(rows).all():
        raise NumberError(f"Expected starts below 1e308; {spelling} gives larger ones.", "Use smaller numbers.")
    return rows


def starts(landscape: NetworkLoss, spelling: str, restarts: int, seed: int) -> Floats:
    """Return random starting points of a landscape, one per restart: those of `initial`, row after row.

    Data that floats do not hold are no obstacle where the initialisation does not look at them.

    Parameters
    ----------
    landscape : NetworkLoss
        Gives the shape of a point, and data and loss to those initialisations that look at them.
    spelling : str
        As in `listing`: "normal:0.5", "xavier-normal", "loss-below:0.5:0.072".
    restarts : int
        How many points, at least 1; point i is the same for every number of them.
    seed : int
        From 0 to 2^63 - 1.

    Returns
    -------
    array of float64, shape (restarts, units, d + 1)
        Rows (w_1, ..., w_d, b), with the output weight a behind b where it is trained; with an output bias c flat, of
        shape (restarts, parameters), row after row and then c.

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        As `initial` does, or if memory cannot hold so many.
    DataError
        If the initialisation looks at data that floats do not hold.

    Examples
    --------
    >>> from stability import landscape
    >>> starts(landscape("relu2", "xor"), "hypersphere", 100, seed=0).shape
    (100, 2, 3)
    """
    require_memory(restarts, landscape.parameters * COPIES * np.dtype(float).itemsize, "starts", FEWER)
    place = place_of(landscape) if reads_data(spelling) else shape_of(landscape)
    return by_rows(landscape, initial(spelling, place, restarts, seed))
