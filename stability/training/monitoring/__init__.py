"""Which health does a torch network show while it trains?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    """Load what needs torch when it is asked for."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
