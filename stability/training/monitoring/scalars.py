"""One table of names: under which each quantity of a reading is logged, whatever logs it."""

from collections import Counter
from math import isfinite

from stability.training.monitoring.alarms import ALARMS
from stability.training.monitoring.readings import LAYER, NETWORK, Reading

PREFIX = "stability"


def scalars(reading: Reading) -> dict[str, float]:
    """Return the finite numbers of a reading by the names under which they are logged.

    "stability/NAME" is a quantity of the network, "stability/layers/LAYER/NAME" one of a layer, "stability/alarms" the
    number of alarms, and "stability/alarms/KIND" that of each kind. Quantities have the names that they have in
    `Reading` and `LayerReading`, which docs/monitor.md defines; spaces become underscores.

    Parameters
    ----------
    reading : Reading

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> from stability.training.monitoring.readings import LayerReading, Reading
    >>> layer = LayerReading("0", units=4, points=8, dead_fraction=0.25, dead_units=1, affine_units=0)
    >>> found = scalars(Reading(20, (layer,), loss=0.5))
    >>> found["stability/loss"], found["stability/layers/0/dead_units"], found["stability/alarms/dead_data"]
    (0.5, 1.0, 0.0)
    """
    numbers: dict[str, object] = {f"{PREFIX}/{name}": getattr(reading, name) for name in NETWORK if name != "step"}
    for layer in reading.layers:
        numbers |= {f"{PREFIX}/layers/{layer.name}/{name}": getattr(layer, name) for name in LAYER}
    kinds = Counter(alarm.kind for alarm in reading.alarms)
    numbers[f"{PREFIX}/alarms"] = len(reading.alarms)
    numbers |= {f"{PREFIX}/alarms/{kind}": kinds[kind] for kind in ALARMS}
    plain = {name: float(value) for name, value in numbers.items() if isinstance(value, int | float)}
    return {name.replace(" ", "_"): value for name, value in plain.items() if isfinite(value)}
