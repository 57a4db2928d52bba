"""Which health does a torch network show while it trains?"""

from typing import TYPE_CHECKING

from stability.training.loading import on_demand

if TYPE_CHECKING:
    from stability.training.monitoring.monitor import Monitor
    from stability.training.monitoring.readings import Alarm, LayerReading, Limits, Reading

__all__ = [
    "Alarm",
    "LayerReading",
    "Limits",
    "Monitor",
    "Reading",
]

_HOMES = {
    "Alarm": "readings",
    "LayerReading": "readings",
    "Limits": "readings",
    "Monitor": "monitor",
    "Reading": "readings",
}
"""In which module each name is."""

__getattr__ = on_demand(__name__, _HOMES)
