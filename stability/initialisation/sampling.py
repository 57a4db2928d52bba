"""How are the rows of an initialisation drawn, so that restart i is the same in every run?"""

import numpy as np

from stability.arrays import Floats
from stability.errors import StabilityError
from stability.initialisation.laws import BLOCK
from stability.initialisation.problem import Place
from stability.initialisation.random_streams import Streams
from stability.initialisation.table import parse


def initial(spelling: str, place: Place, restarts: int, seed: int, *, first: int = 0, block: int = BLOCK) -> Floats:
    """Return the starting parameters of the restarts first, ..., first + restarts - 1.

    Restart i is the same for every number of restarts and every `first`. Restarts come in blocks, each with its random
    streams; the k-th attempt of a block is one draw for all its restarts.

    Parameters
    ----------
    spelling : str
        As in `listing`: "normal:0.5", "loss-below:0.5:0.072", "hypersphere".
    place : Place
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
        Flat rows, as `Place` lays them out.

    Raises
    ------
    StabilityError
        If the spelling or the place does not fit, or no draw out of ATTEMPTS satisfies what is asked.
    """
    law, choice = parse(spelling)
    if restarts < 1 or first < 0 or block < 1 or not 0 <= seed < 2**63:
        raise StabilityError(
            f"Expected at least one restart, a first restart of at least 0 and a seed from 0 to 2^63 - 1; "
            f"got {restarts}, {first} and {seed}.",
            "Ask for 100, with the seed 0.",
        )
    sample = choice(place, law, seed)
    last = first + restarts
    rows = np.empty((restarts, place.parameters))
    for number in range(first // block, -(-last // block)):
        low, high = max(first, number * block), min(last, (number + 1) * block)
        wanted = np.arange(low, high) - number * block
        rows[low - first : high - first] = sample(Streams(seed, number, block), wanted)
    return rows
